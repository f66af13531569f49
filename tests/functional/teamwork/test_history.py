"""The history of answers: who, when, from, to, and how the answer came."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from maturity.assessments.answering import save_answer
from maturity.assessments.models import Assessment
from maturity.clock import FixedClock
from maturity.editions.service import framework_by_hash
from maturity.teamwork.history import PAGE
from tests.factories.assessments import answer_all, submit
from tests.functional.teamwork.conftest import Colleague, Hire


def test_a_question_tells_who_changed_it_when_from_what_to_what(
    owner: Colleague, hire: Hire, clock: FixedClock
) -> None:
    owner.save("it_staff", {"it_staff": "6"})
    clock.at += timedelta(minutes=5)
    hire("editor", "王芳").save("it_staff", {"it_staff": "9"}, version=1)
    text = owner.at("/questions/it_staff/history").text
    assert "2026-11-24 10:05 王芳 6 persons 9 persons typed" in text
    assert "2026-11-24 10:00 李明 no answer 6 persons typed" in text


def test_answers_are_worded_as_the_report_words_them(owner: Colleague) -> None:
    counts = {"key_processes_controlled": "9", "key_processes_total": "16"}
    owner.save("cnc_key_processes", counts)
    assert "56.2 % (9 of 16" in owner.at("/questions/cnc_key_processes/history").text


def test_a_skipped_question_says_so(owner: Colleague) -> None:
    owner.save("it_staff", {"skip.it_staff": "1"})
    assert "skipped for now" in owner.at("/questions/it_staff/history").text


@pytest.mark.parametrize(
    ("source", "said"), [("excel", "Excel"), ("api", "interface"), ("carried_over", "carried over")]
)
def test_an_answer_says_how_it_came(
    owner: Colleague, session: Session, draft: Assessment, clock: FixedClock, source: str, said: str
) -> None:
    framework = framework_by_hash(session, draft.edition_sha256)
    how: dict[str, Any] = {"seen_version": 0, "skip": False, "actor_id": None, "clock": clock, "source": source}
    save_answer(session, draft, framework, "it_staff", {"it_staff": "6"}, **how)
    session.commit()
    assert f"6 persons {said}" in owner.at("/questions/it_staff/history").text


def test_the_answers_of_a_correction_are_carried_over(
    owner: Colleague, session: Session, draft: Assessment, clock: FixedClock
) -> None:
    answer_all(session, draft, clock)
    submit(session, draft, clock)
    session.commit()
    revision = owner.press("/revise").path.partition("/review")[0]
    assert "carried over" in owner.browser.get(f"{revision}/questions/it_staff/history").text


def test_the_whole_history_is_filtered_by_section_and_person(owner: Colleague, hire: Hire) -> None:
    colleague = hire("editor", "王芳")
    owner.save("it_staff", {"it_staff": "6"})
    colleague.save("design_tools", {"design_tools": "manual"})
    assert "2 changes" in owner.at("/history").text
    page = owner.at("/history?section=governance")
    assert "1 change" in page.text
    assert not [link for link in page.links if "design_tools" in link]
    page = owner.at(f"/history?person={colleague.user_id}")
    assert not [link for link in page.links if "/it_staff/" in link]


def test_a_long_history_has_pages(owner: Colleague, session: Session, draft: Assessment, clock: FixedClock) -> None:
    answer_all(session, draft, clock)
    session.commit()
    first = owner.at("/history")
    rest = owner.at("/history?page=2")
    assert "Page 1 of 2" in first.text
    asked = {link for link in first.links + rest.links if link.endswith("/history") and "/questions/" in link}
    assert len([link for link in first.links if "/questions/" in link]) == PAGE
    assert len(asked) > PAGE


def test_the_history_is_reached_from_each_question(owner: Colleague) -> None:
    assert f"{owner.base}/questions/it_staff/history" in owner.open("governance").links
