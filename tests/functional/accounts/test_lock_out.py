"""After ten failures the next try waits, longer each time, for accounts that exist and for those that do not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from maturity.accounts.attempts import FIRST_DELAY, blocked_until, by_account, by_network, note_failures
from maturity.accounts.models import FailedAttempts, User
from maturity.clock import FixedClock
from tests.conftest import Browser
from tests.functional.accounts.conftest import NEW_PASSWORD, Letters, pass_time, sign_in_as

WAIT = "Too many failed attempts."


def fail(session: Session, clock: FixedClock, contact: str, times: int) -> None:
    """Failures without the cost of hashing; that signing in counts them is tested by itself."""
    for _number in range(times):
        note_failures(session, [by_account(contact)], clock)
    session.commit()


@pytest.mark.parametrize("contact", ["jane@example.com", "nobody@example.com", "what is this"])
def test_a_failed_sign_in_is_counted_for_account_and_network(
    visit: Callable[[], Browser], person: User, session: Session, contact: str
) -> None:
    sign_in_as(visit(), contact, "not the password")
    counted = dict(session.execute(select(FailedAttempts.key, FailedAttempts.failures)).tuples().all())
    assert counted == {by_account(contact).key: 1, by_network("127.0.0.1").key: 1}


@pytest.mark.parametrize("contact", ["jane@example.com", "nobody@example.com"])
def test_the_tenth_failure_makes_even_the_right_password_wait(
    visit: Callable[[], Browser], person: User, session: Session, clock: FixedClock, contact: str
) -> None:
    fail(session, clock, contact, 9)
    assert WAIT in sign_in_as(visit(), contact, "not the password").text
    page = sign_in_as(visit(), contact)
    assert f"{WAIT} Try again in 1 min" in page.text
    assert page.path == "/sign-in"


def test_time_unlocks(visit: Callable[[], Browser], person: User, session: Session, clock: FixedClock) -> None:
    fail(session, clock, person.email, 10)
    pass_time(clock, seconds=FIRST_DELAY.total_seconds())
    assert sign_in_as(visit(), "jane@example.com").path == "/enterprises/new"
    assert session.scalar(select(FailedAttempts.failures).where(FailedAttempts.key == by_account("x").key)) is None


def test_a_reset_unlocks(
    visit: Callable[[], Browser], person: User, session: Session, clock: FixedClock, letters: Letters
) -> None:
    fail(session, clock, person.email, 12)
    browser = visit()
    browser.post("/reset", {"email": "jane@example.com"})
    token = letters.link("jane@example.com", "Choose a new password").partition("token=")[2]
    browser.post("/reset/link", {"token": token, "password": NEW_PASSWORD})
    assert sign_in_as(browser, "jane@example.com", NEW_PASSWORD).path == "/enterprises/new"


def test_every_further_failure_doubles_the_wait_up_to_half_an_hour(session: Session, clock: FixedClock) -> None:
    waits = []
    for _number in range(18):
        note_failures(session, [by_account("x")], clock)
        until = blocked_until(session, [by_account("x")], clock)
        waits.append((until - clock.now()).total_seconds() if until else 0)
    assert waits == [0] * 9 + [30, 60, 120, 240, 480, 960, 1800, 1800, 1800]


def test_failures_are_forgotten_after_a_quarter_of_an_hour(session: Session, clock: FixedClock) -> None:
    fail(session, clock, "x", 9)
    pass_time(clock, minutes=16)
    assert not note_failures(session, [by_account("x")], clock)
    assert session.scalar(select(FailedAttempts.failures)) == 1


def test_the_right_password_forgets_the_failures(
    visit: Callable[[], Browser], person: User, session: Session, clock: FixedClock
) -> None:
    fail(session, clock, person.email, 9)
    sign_in_as(visit(), "jane@example.com")
    assert session.scalar(select(FailedAttempts.failures)) is None


def test_a_whole_network_is_slowed_down_later(session: Session, clock: FixedClock) -> None:
    network = by_network("203.0.113.9")
    assert [note_failures(session, [network], clock) for _number in range(50)] == [False] * 49 + [True]
    assert blocked_until(session, [by_network("203.0.113.200")], clock)
    assert not blocked_until(session, [by_network("203.0.114.9")], clock)


def test_no_entry_is_kept_readable(visit: Callable[[], Browser], session: Session, app: Any) -> None:
    sign_in_as(visit(), "nobody@example.com", "a password typed into the wrong field")
    assert all(len(key) == 64 and key.isalnum() for key in session.scalars(select(FailedAttempts.key)))
