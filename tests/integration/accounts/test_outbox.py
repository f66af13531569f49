"""The outbox: written with its cause, sent after it, tried again, and plainly kept where nothing is configured."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from maturity.clock import FixedClock
from maturity.messages.gateways import NotEver, NotNow, Outgoing
from maturity.messages.models import Message
from maturity.messages.sending import send_waiting, sweep
from maturity.messages.service import LEASE, PAUSES, post_message


@dataclass
class Recorder:
    """Takes everything, or fails as told."""

    failures: list[Exception] = field(default_factory=list)
    taken: list[Outgoing] = field(default_factory=list)
    is_on: bool = True

    def send(self, message: Outgoing) -> None:
        if self.failures:
            raise self.failures.pop(0)
        self.taken.append(message)


@pytest.fixture
def recorder(app: Any, monkeypatch: pytest.MonkeyPatch) -> Recorder:
    found = Recorder()
    monkeypatch.setitem(app.extensions["gateways"], "mail", found)
    return found


@pytest.fixture
def waiting(app: Any, session: Session, clock: FixedClock) -> Message:
    message = post_message(
        session, "mail", "jane@example.com", subject="Subject", body="Body", locale="en", clock=clock
    )
    session.commit()
    return message


def state_of(session: Session) -> tuple[Any, ...]:
    row = session.execute(select(Message.state, Message.attempts, Message.note, Message.body)).one()
    session.rollback()
    return tuple(row)


def test_a_message_of_a_cause_that_failed_is_never_sent(
    app: Any, session: Session, clock: FixedClock, recorder: Recorder
) -> None:
    post_message(session, "mail", "jane@example.com", subject="", body="", locale="en", clock=clock)
    session.rollback()
    assert send_waiting(app) == 0
    assert not recorder.taken


def test_committing_wakes_the_worker_and_rolling_back_does_not(
    app: Any, session: Session, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    woken: list[str] = []
    monkeypatch.setitem(app.extensions, "send_messages", lambda: woken.append("now"))
    post_message(session, "mail", "jane@example.com", subject="", body="", locale="en", clock=clock)
    session.rollback()
    assert not woken
    with session.begin_nested():
        post_message(session, "mail", "jane@example.com", subject="", body="", locale="en", clock=clock)
    assert not woken
    session.commit()
    assert woken == ["now"]


def test_a_sent_message_is_sent_once_and_emptied(
    app: Any, waiting: Message, session: Session, recorder: Recorder
) -> None:
    assert send_waiting(app) == 1
    assert send_waiting(app) == 0
    assert [(message.recipient, message.subject, message.body) for message in recorder.taken] == [
        ("jane@example.com", "Subject", "Body")
    ]
    assert state_of(session) == ("sent", 1, None, "")


def test_without_a_gateway_the_message_is_kept_and_says_so(app: Any, waiting: Message, session: Session) -> None:
    assert send_waiting(app) == 0
    assert state_of(session) == ("kept", 0, "no_gateway", "Body")


def test_what_fails_for_now_is_tried_five_times(
    app: Any, waiting: Message, session: Session, clock: FixedClock, recorder: Recorder
) -> None:
    recorder.failures = [NotNow("unreachable") for _number in range(5)]
    for number, pause in enumerate(PAUSES, start=1):
        send_waiting(app)
        assert state_of(session) == ("waiting", number, "unreachable", "Body")
        clock.at += pause - timedelta(seconds=1)
        assert send_waiting(app) == 0
        assert len(recorder.failures) == 5 - number
        clock.at += timedelta(seconds=1)
    send_waiting(app)
    assert state_of(session) == ("failed", 5, "unreachable", "Body")


def test_what_is_refused_for_good_is_not_tried_again(
    app: Any, waiting: Message, session: Session, recorder: Recorder
) -> None:
    recorder.failures = [NotEver("refused")]
    send_waiting(app)
    assert state_of(session)[:3] == ("failed", 1, "refused")


def test_a_worker_that_dies_while_sending_loses_no_message(
    app: Any, waiting: Message, session: Session, clock: FixedClock, recorder: Recorder
) -> None:
    recorder.failures = [KeyboardInterrupt()]  # type: ignore[list-item]
    with pytest.raises(KeyboardInterrupt):
        send_waiting(app)
    assert state_of(session)[0] == "sending"
    assert send_waiting(app) == 0
    clock.at += LEASE
    assert send_waiting(app) == 1


def test_one_message_that_fails_does_not_hold_up_the_others(
    app: Any, waiting: Message, session: Session, clock: FixedClock, recorder: Recorder
) -> None:
    post_message(session, "mail", "ming@example.com", subject="", body="", locale="en", clock=clock)
    session.commit()
    recorder.failures = [NotNow("unreachable")]
    assert send_waiting(app) == 1


def test_no_write_transaction_is_open_while_a_message_is_sent(
    app: Any, waiting: Message, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another connection takes SQLite's only write lock meanwhile."""
    from maturity.db import writing
    from maturity.extensions import db

    def send(_self: Any, _message: Outgoing) -> None:
        writing.set(True)
        with db.engine.begin() as connection:
            connection.exec_driver_sql("update outbox set note = 'written meanwhile'")

    monkeypatch.setattr(Recorder, "send", send)
    monkeypatch.setitem(app.extensions["gateways"], "mail", Recorder())
    assert send_waiting(app) == 1


def test_messages_are_forgotten_after_a_month(app: Any, waiting: Message, session: Session, clock: FixedClock) -> None:
    sweep(app)
    assert session.scalars(select(Message.id)).all()
    session.rollback()
    clock.at += timedelta(days=31)
    sweep(app)
    assert not session.scalars(select(Message.id)).all()


def test_no_address_and_no_text_is_logged(
    app: Any, waiting: Message, recorder: Recorder, caplog: pytest.LogCaptureFixture
) -> None:
    recorder.failures = [NotNow("unreachable")]
    send_waiting(app)
    assert "was not sent: unreachable" in caplog.text
    assert "jane@example.com" not in caplog.text
    assert "Body" not in caplog.text
