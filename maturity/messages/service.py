"""Writing messages into the outbox, taking them out one at a time, and noting what became of them."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, event, or_, select, update
from sqlalchemy.orm import Session

from maturity.clock import Clock
from maturity.messages.gateways import Outgoing
from maturity.messages.models import Message

LEASE = timedelta(minutes=2)
#: How long to wait after each try that failed; after the last one the message has failed.
PAUSES = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=15), timedelta(hours=1))
KEPT_FOR = timedelta(days=30)
_WAITING = "messages_waiting"
_logger = logging.getLogger(__name__)


def post_message(
    session: Session, kind: str, recipient: str, *, subject: str, body: str, locale: str, clock: Clock
) -> Message:
    """Put a message into the outbox; it leaves once the present transaction is committed."""
    now = clock.now()
    message = Message(
        kind=kind, recipient=recipient, subject=subject, body=body, locale=locale, created_at=now, due_at=now
    )
    session.add(message)
    session.flush()
    session.info[_WAITING] = True
    return message


def wake_after_commit(session_factory: Any, wake: Callable[[], None]) -> None:
    """Wake the worker once a message is committed. A queue that cannot be reached spoils nothing: the sweep looks."""

    @event.listens_for(session_factory, "after_commit")
    def _committed(session: Session) -> None:
        if session.in_nested_transaction() or not session.info.pop(_WAITING, False):
            return
        try:
            wake()
        except Exception:
            _logger.warning("the queue could not be reached; the sweep will send what waits", exc_info=True)

    @event.listens_for(session_factory, "after_rollback")
    def _rolled_back(session: Session) -> None:
        session.info.pop(_WAITING, None)


def take_message(session: Session, clock: Clock) -> tuple[str, Outgoing] | None:
    """Lease the message that has waited longest: its kind and what is to be sent; None when nothing is due."""
    now = clock.now()
    for message_id in session.scalars(_due(now).limit(10)).all():
        taken: Any = session.execute(
            update(Message)
            .where(Message.id == message_id, *_due_terms(now))
            .values(state="sending", attempts=Message.attempts + 1, due_at=now + LEASE)
            .execution_options(synchronize_session=False)
        )
        if taken.rowcount == 1:
            row = session.execute(
                select(Message.kind, Message.recipient, Message.subject, Message.body).where(Message.id == message_id)
            ).one()
            return row.kind, Outgoing(str(message_id), row.recipient, row.subject, row.body)
    return None


def is_anything_due(session: Session, clock: Clock) -> bool:
    return session.scalar(_due(clock.now()).limit(1)) is not None


def _due(now: datetime) -> Any:
    return select(Message.id).where(*_due_terms(now)).order_by(Message.due_at)


def _due_terms(now: datetime) -> tuple[Any, ...]:
    """Waiting and due, or taken by a worker that fell silent: then it may go out twice, but never not at all."""
    return or_(Message.state == "waiting", Message.state == "sending"), Message.due_at <= now


def note_sent(session: Session, message_id: str, clock: Clock) -> None:
    _change(session, message_id, state="sent", sent_at=clock.now(), body="", note=None)


def note_failure(session: Session, message_id: str, note: str, clock: Clock, *, for_good: bool) -> None:
    """Try again later while there are tries left; otherwise the message has failed."""
    attempts = session.scalar(select(Message.attempts).where(Message.id == uuid.UUID(message_id))) or 0
    if for_good or attempts > len(PAUSES):
        _change(session, message_id, state="failed", note=note)
    else:
        _change(session, message_id, state="waiting", note=note, due_at=clock.now() + PAUSES[attempts - 1])


def note_kept(session: Session, message_id: str) -> None:
    _change(session, message_id, state="kept", note="no_gateway", attempts=0)


def _change(session: Session, message_id: str, **values: Any) -> None:
    session.execute(
        update(Message)
        .where(Message.id == uuid.UUID(message_id), Message.state == "sending")
        .values(**values)
        .execution_options(synchronize_session=False)
    )


def retry_message(session: Session, message_id: uuid.UUID, clock: Clock) -> bool:
    """Send a message that failed once more, with all its tries; whether it had failed."""
    moved: Any = session.execute(
        update(Message)
        .where(Message.id == message_id, Message.state == "failed")
        .values(state="waiting", attempts=0, note=None, due_at=clock.now())
        .execution_options(synchronize_session=False)
    )
    session.info[_WAITING] = True
    return bool(moved.rowcount == 1)


def forget_old_messages(session: Session, clock: Clock) -> None:
    """Messages say who uses the site; a month is enough to find out why one did not arrive."""
    old = clock.now() - KEPT_FOR
    if session.scalar(select(Message.id).where(Message.created_at < old).limit(1)) is not None:
        session.execute(delete(Message).where(Message.created_at < old))


def latest_messages(session: Session, count: int = 50) -> list[Message]:
    return list(session.scalars(select(Message).order_by(Message.created_at.desc(), Message.id).limit(count)))
