"""The outbox as the operator sees it: where messages stand and why. Never their subject, text, links or codes."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from maturity.audit.service import record
from maturity.clock import Clock
from maturity.db import every_tenant, for_tenant
from maturity.errors import Conflict
from maturity.messages.models import Message
from maturity.messages.service import retry_message

PAGE = 50
STATES = ("waiting", "failed", "kept", "sent")
#: A message on its way waits, too.
_MEMBERS = {"waiting": ("waiting", "sending"), "failed": ("failed",), "kept": ("kept",), "sent": ("sent",)}


@dataclass(frozen=True, slots=True)
class LetterLine:
    id: uuid.UUID
    kind: str
    recipient: str  # masked
    state: str
    attempts: int
    note: str | None
    created_at: datetime
    due_at: datetime
    sent_at: datetime | None


@dataclass(frozen=True, slots=True)
class LetterPage:
    lines: tuple[LetterLine, ...]
    counts: Mapping[str, int]
    state: str
    page: int
    pages: int


_COLUMNS = (
    Message.id,
    Message.kind,
    Message.recipient,
    Message.state,
    Message.attempts,
    Message.note,
    Message.created_at,
    Message.due_at,
    Message.sent_at,
)


def masked(recipient: str) -> str:
    """Enough to recognise a recipient who asks, and no more.

    >>> masked("wang.fang@example.com"), masked("+8613800138000")
    ('w…@example.com', '138…8000')
    """
    if "@" in recipient:
        return f"{recipient[:1]}…@{recipient.rpartition('@')[2]}"
    number = recipient.removeprefix("+86")
    return f"{number[:3]}…{number[-4:]}"


def letters_page(session: Session, *, state: str, page: int) -> LetterPage:
    """Messages in one state, the latest first."""
    state = state if state in STATES else "waiting"
    with every_tenant(session, "operate"):
        counted = session.execute(select(Message.state, func.count(Message.id)).group_by(Message.state)).tuples()
        found = dict(counted.all())
        counts = {name: sum(found.get(member, 0) for member in members) for name, members in _MEMBERS.items()}
        pages = max(1, -(-counts[state] // PAGE))
        page = min(max(page, 1), pages)
        query = select(*_COLUMNS).where(Message.state.in_(_MEMBERS[state])).order_by(Message.created_at.desc())
        rows = session.execute(query.limit(PAGE).offset(PAGE * (page - 1))).tuples().all()
    return LetterPage(tuple(_line(*row) for row in rows), counts, state, page, pages)


def letter_line(session: Session, message_id: uuid.UUID) -> LetterLine | None:
    """Where one message stands."""
    with every_tenant(session, "operate"):
        row = session.execute(select(*_COLUMNS).where(Message.id == message_id)).one_or_none()
    return None if row is None else _line(*row)


def _line(number: uuid.UUID, kind: str, recipient: str, *rest: object) -> LetterLine:
    return LetterLine(number, kind, masked(recipient), *rest)  # type: ignore[arg-type]  # in the order of the columns


def send_again(session: Session, operator_id: uuid.UUID, message_id: uuid.UUID, *, actor_id: int, clock: Clock) -> None:
    """Send a message that failed once more; `Conflict` when it has not failed."""
    with every_tenant(session, "operate"):
        if not retry_message(session, message_id, clock):
            raise Conflict("letter_state")
    with for_tenant(session, operator_id):
        record(session, clock, "operation.letter_retried", actor_id, operator_id, message_id=str(message_id))
        session.flush()
