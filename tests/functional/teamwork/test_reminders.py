"""Reminders by mail: by the button, and by the calendar; once a day for a person."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest
from sqlalchemy.orm import Session

from maturity.assessments.models import Assessment
from maturity.clock import FixedClock
from tests.factories.assessments import answer_all
from tests.functional.teamwork.conftest import Colleague, Hire, Post

DUE = date(2026, 12, 4)
SUBJECT = "Questions of the assessment for 2025 wait for your answer"


@pytest.fixture
def contributor(hire: Hire) -> Colleague:
    return hire("contributor", "王芳")


def reminders(post: Post, person: Colleague) -> list[str]:
    return [letter.body for letter in post.to(person) if letter.subject == SUBJECT]


def morning(day: int, month: int = 12) -> datetime:
    """A minute past eight in China."""
    return datetime(2026, month, day, 0, 1, tzinfo=UTC)


def test_the_button_writes_to_a_person_what_is_open_and_where(
    owner: Colleague, contributor: Colleague, session: Session, draft: Assessment, clock: FixedClock, post: Post
) -> None:
    owner.assign(["governance"], contributor, due=DUE)
    answer_all(session, draft, clock, but=["it_staff", "design_tools"])
    session.commit()
    page = owner.press("/assignments/remind", user_id=contributor.user_id)
    assert "1 person is reminded." in page.text
    (body,) = reminders(post, contributor)
    assert body.count("\n- ") == 1  # of the own section only
    assert "due on 4 December 2026" in body
    assert f"http://localhost{owner.base}" in body


def test_nobody_is_reminded_twice_a_day(
    owner: Colleague, contributor: Colleague, clock: FixedClock, post: Post
) -> None:
    owner.assign(["governance"], contributor)
    owner.press("/assignments/remind", user_id=contributor.user_id)
    page = owner.press("/assignments/remind", user_id=contributor.user_id)
    assert "once a day is enough" in page.text
    assert len(reminders(post, contributor)) == 1
    clock.at = morning(25, 11)
    owner.press("/assignments/remind", user_id=contributor.user_id)
    assert len(reminders(post, contributor)) == 2


def test_all_who_are_overdue_are_reminded_and_nobody_else(
    owner: Colleague, contributor: Colleague, hire: Hire, clock: FixedClock, post: Post
) -> None:
    in_time = hire("contributor", "周工")
    owner.assign(["governance"], contributor, due=clock.today())
    owner.assign(["rd"], in_time, due=DUE)
    clock.at = morning(30, 11)
    assert "1 person is reminded." in owner.press("/assignments/remind").text
    assert (len(reminders(post, contributor)), reminders(post, in_time)) == (1, [])


def test_who_has_answered_everything_is_not_reminded(
    owner: Colleague, contributor: Colleague, session: Session, draft: Assessment, clock: FixedClock, post: Post
) -> None:
    owner.assign(["governance"], contributor)
    answer_all(session, draft, clock)
    session.commit()
    page = owner.press("/assignments/remind", user_id=contributor.user_id)
    assert "Nothing is open there, so nobody is reminded." in page.text
    assert reminders(post, contributor) == []


def test_the_worker_reminds_three_days_before_and_on_the_day(
    owner: Colleague, contributor: Colleague, clock: FixedClock, post: Post, work: Callable[[], int]
) -> None:
    owner.assign(["governance"], contributor, due=DUE)
    told = []
    for day in (1, 2, 3, 4, 5):
        clock.at = morning(day)
        work()
        work()
        told.append(len(reminders(post, contributor)))
    assert told == [1, 1, 1, 2, 2]


def test_before_eight_the_worker_waits(
    owner: Colleague, contributor: Colleague, clock: FixedClock, work: Callable[[], int]
) -> None:
    owner.assign(["governance"], contributor, due=DUE)
    clock.at = datetime(2026, 11, 30, 23, 59, tzinfo=UTC)
    assert work() == 0


def test_a_day_put_off_is_not_reminded_of_on_the_old_one(
    owner: Colleague, contributor: Colleague, clock: FixedClock, post: Post, work: Callable[[], int]
) -> None:
    owner.assign(["governance"], contributor, due=DUE)
    owner.assign(["governance"], contributor, due=date(2026, 12, 20))
    clock.at = morning(4)
    work()
    assert reminders(post, contributor) == []


def test_the_worker_does_not_repeat_what_the_button_said_that_day(
    owner: Colleague, contributor: Colleague, clock: FixedClock, post: Post, work: Callable[[], int]
) -> None:
    owner.assign(["governance"], contributor, due=DUE)
    clock.at = datetime(2026, 11, 30, 16, 30, tzinfo=UTC)  # already the first of December in China
    owner.press("/assignments/remind", user_id=contributor.user_id)
    clock.at = morning(1)
    work()
    assert len(reminders(post, contributor)) == 1


def test_nobody_is_reminded_of_what_is_submitted(
    owner: Colleague,
    contributor: Colleague,
    session: Session,
    draft: Assessment,
    clock: FixedClock,
    post: Post,
    work: Callable[[], int],
) -> None:
    owner.assign(["governance"], contributor, due=DUE)
    draft.status, draft.submitted_at = "submitted", clock.now()
    session.add(draft)
    session.commit()
    clock.at = morning(1)
    work()
    assert reminders(post, contributor) == []
    owner.press("/assignments/remind", 409, user_id=contributor.user_id)
