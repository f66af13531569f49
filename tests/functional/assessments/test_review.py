"""Plausibility while answering, and the review page before submitting."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from maturity.assessments.models import Assessment
from maturity.clock import FixedClock
from tests.factories.assessments import DECLARATION, answer, answer_all
from tests.functional.assessments.desk import Desk

TOO_MANY = {"key_processes_controlled": "20", "key_processes_total": "16"}
CONTRADICTION = (
    "Key processes under control (20) cannot exceed all key processes (16). "
    "Please check both against the process plans; leave subcontracted ones out of both."
)
CHANGED_MUCH = {"first_pass_yield.current": "60", "first_pass_yield.prior": "95"}


@pytest.fixture
def answered(session: Session, draft: Assessment, clock: FixedClock) -> None:
    answer_all(session, draft, clock)
    session.commit()


def test_a_contradiction_is_told_in_the_reply_to_the_save(desk: Desk) -> None:
    findings = desk.save("cnc_key_processes", TOO_MANY).json["findings"]
    assert findings == [
        {
            "severity": "error",
            "facts": ["key_processes_controlled", "key_processes_total"],
            "message": CONTRADICTION,
        }
    ]


def test_a_contradiction_is_told_in_the_persons_language(desk: Desk) -> None:
    desk.browser.get("/?lang=zh")
    message = desk.save("cnc_key_processes", TOO_MANY).json["findings"][0]["message"]
    assert "20" in message
    assert "关键工序" in message


def test_a_contradiction_between_two_pages_stands_at_both_questions(desk: Desk) -> None:
    desk.save("it_staff", {"it_staff": "500"})
    desk.save("office_computers", {"computers": "10", "staff_total": "420"})
    for section in ("infrastructure", "governance"):
        assert "Full-time IT staff (500) cannot exceed all staff at year-end (420)." in desk.open(section).text


def test_a_finding_goes_when_the_answer_is_mended(desk: Desk) -> None:
    desk.save("cnc_key_processes", TOO_MANY)
    reply = desk.save("cnc_key_processes", TOO_MANY | {"key_processes_controlled": "16"}, version=1)
    assert reply.json["findings"] == []


def test_an_implausible_answer_is_saved_all_the_same(desk: Desk) -> None:
    assert desk.save("cnc_key_processes", TOO_MANY).json["state"] == "answered"


def test_the_review_lists_what_is_missing_with_links(desk: Desk) -> None:
    page = desk.review()
    assert "Before you can submit" in page.text
    assert f"{desk.base}/sections/governance?page=1#q-it_department" in page.links
    assert f"{desk.base}/sections/rd?page=2#q-bom_integration" in page.links


def test_a_link_of_the_review_leads_to_the_page_with_the_question(desk: Desk) -> None:
    link = next(link for link in desk.review().links if link.endswith("#q-bom_integration"))
    page = desk.browser.get(link.partition("#")[0])
    assert "q-bom_integration" in page.ids


def test_the_review_does_not_miss_what_is_not_asked(desk: Desk) -> None:
    links = desk.review().links
    assert not [link for link in links if link.endswith(("#q-design_3d_share", "#q-formula_management"))]


def test_the_review_lists_contradictions_with_links(desk: Desk) -> None:
    desk.save("cnc_key_processes", TOO_MANY)
    page = desk.review()
    assert CONTRADICTION in page.text
    assert "contradictions 1." in page.text
    assert f"{desk.base}/sections/production?page=1#q-cnc_key_processes" in page.links


def test_an_unusual_answer_is_worth_a_second_look(desk: Desk, answered: None) -> None:
    desk.save("first_pass_yield", CHANGED_MUCH, version=1)
    page = desk.review()
    assert "First-pass yield fell by more than 10 points: 60 (prior year 95)" in page.text
    assert f"{desk.base}/sections/outcomes?page=1#q-first_pass_yield" in page.links
    assert "We have checked the remarks above; the answers are right." in page.text


def test_nothing_to_confirm_offers_nothing_to_tick(desk: Desk, answered: None) -> None:
    page = desk.review()
    assert "Everything is answered." in page.text
    assert "We have checked the remarks" not in page.text


def test_missing_answers_stop_the_submission_and_say_where(desk: Desk, stored: object) -> None:
    page = desk.submit(422, **DECLARATION)
    assert "Some questions are not answered yet." in page.text
    assert 'value="王建国"' in page.html
    assert f"{desk.base}/sections/governance?page=1#q-it_department" in page.links


def test_a_contradiction_stops_the_submission_even_when_confirmed(desk: Desk, answered: None) -> None:
    desk.save("cnc_key_processes", TOO_MANY, version=1)
    page = desk.submit(422, **DECLARATION, queries_confirmed="y")
    assert "Some answers contradict each other" in page.text
    assert CONTRADICTION in page.text


def test_an_unusual_answer_stops_the_submission_until_it_is_confirmed(desk: Desk, answered: None) -> None:
    desk.save("first_pass_yield", CHANGED_MUCH, version=1)
    page = desk.submit(422, **DECLARATION)
    assert "Check the remarks and tick that the answers are right." in page.text
    assert "#queries_confirmed" in page.links
    assert desk.submit(**DECLARATION, queries_confirmed="y").path.endswith("/result")


def test_a_contradiction_off_the_path_stops_nothing(
    desk: Desk, session: Session, draft: Assessment, clock: FixedClock, answered: None
) -> None:
    answer(session, draft, "design_3d_share", clock, designs_3d="100", designs_new="80")
    answer(session, draft, "design_tools", clock, design_tools="manual")
    session.commit()
    assert "No answers contradict each other." in desk.review().text


def test_a_reload_after_a_refused_declaration_leads_back_to_the_review(desk: Desk) -> None:
    desk.submit(422)
    assert desk.browser.get(f"{desk.base}/submit").path == f"{desk.base}/review"
