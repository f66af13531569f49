"""Who is answering where: said by the browser, gone by itself, and never an obstacle."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from maturity.clock import FixedClock
from maturity.teamwork.models import Presence
from tests.functional.teamwork.conftest import Colleague, Hire


@pytest.fixture
def editor(hire: Hire) -> Colleague:
    return hire("editor", "王芳")


def at(person: Colleague, question: str) -> Any:
    return person.browser.client.post(f"{person.base}/presence", data={"question": question})


def seen(person: Colleague) -> list[str]:
    return [item["text"] for item in person.browser.client.get(f"{person.base}/presence").json]


def test_two_who_answer_see_each_other(owner: Colleague, editor: Colleague) -> None:
    assert at(owner, "it_staff").json == []
    assert at(editor, "design_tools").json == [
        {"question": "it_staff", "section": "governance", "name": "李明", "text": "李明 is answering here"}
    ]
    assert seen(owner) == ["王芳 is answering here"]


def test_who_has_not_been_heard_of_for_a_while_is_gone(owner: Colleague, editor: Colleague, clock: FixedClock) -> None:
    at(owner, "it_staff")
    clock.at += timedelta(seconds=49)
    assert seen(editor) == ["李明 is answering here"]
    clock.at += timedelta(seconds=1)
    assert seen(editor) == []


def test_who_leaves_says_so(owner: Colleague, editor: Colleague) -> None:
    at(owner, "it_staff")
    assert at(owner, "").status_code == 204
    assert seen(editor) == []


def test_a_person_is_at_one_question_and_has_one_row(owner: Colleague, editor: Colleague, session: Session) -> None:
    at(owner, "it_staff")
    at(owner, "design_tools")
    assert [item["question"] for item in at(editor, "it_staff").json] == ["design_tools"]
    at(owner, "it_staff")
    assert session.scalar(select(func.count(Presence.user_id)).where(Presence.user_id == owner.user_id)) == 1
    session.rollback()


def test_a_contributor_sees_who_is_in_the_own_sections(owner: Colleague, hire: Hire) -> None:
    contributor = hire("contributor", "周工")
    owner.assign(["rd"], contributor)
    at(owner, "it_staff")
    assert seen(contributor) == []
    at(owner, "design_tools")
    assert seen(contributor) == ["李明 is answering here"]
