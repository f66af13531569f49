"""Sealing: committed events become links of the chain, in a process of its own, so that no writer waits for another.

A batch takes what is visible, and only what is committed is visible. So an event of an earlier batch was committed
before any of a later one could be seen: the order of batches is the order of commits. Within a batch, which spans half
a second, events stand in the order of writing. A transaction that is still under way is not waited for; its events
come into the batch after its commit. One sealer works at a time: SQLite has one writer, PostgreSQL gives an advisory
lock to one, and were both to fail, the chain's primary key would refuse the second.
"""

from __future__ import annotations

import threading
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from flask import Flask
from sqlalchemy import ColumnElement, delete, func, or_, select
from sqlalchemy.orm import Session

from maturity.audit.chain import GENESIS, instant, link_hash
from maturity.audit.models import AccountEvent, AuditEvent, AuditSeal, UnsealedEvent
from maturity.clock import Clock
from maturity.db import every_tenant, writing
from maturity.extensions import db

SEAL_SECONDS = 0.5
BATCH = 500
EVENT_MODELS: tuple[type[AuditEvent] | type[AccountEvent], ...] = (AuditEvent, AccountEvent)
LOCK = 0x5EA1  # the number of our advisory lock; nothing else takes one


def content_of(row: AuditEvent | AccountEvent) -> dict[str, Any]:
    """The event as it is hashed and exported."""
    tenant_id = row.tenant_id if isinstance(row, AuditEvent) else None
    return {
        "id": str(row.id),
        "tenant_id": str(tenant_id) if tenant_id else None,
        "event": row.event,
        "actor_id": row.actor_id,
        "details": row.details,
        "at": instant(row.at),
    }


def seal_batch(session: Session, clock: Clock, limit: int = BATCH) -> int:
    """Seal up to `limit` events in the current transaction; how many. 0 also while another sealer is at work."""
    if not _is_only_sealer(session):
        return 0
    waiting = session.execute(
        select(UnsealedEvent.id, UnsealedEvent.event_id).where(is_there()).order_by(UnsealedEvent.id).limit(limit)
    ).all()
    if not waiting:
        return 0
    events = _events(session, [event_id for _number, event_id in waiting])
    position, previous = head(session)
    now = clock.now()
    for _number, event_id in waiting:
        position += 1
        link = link_hash(position, previous, instant(now), content_of(events[event_id]))
        session.add(AuditSeal(position=position, event_id=event_id, previous=previous, hash=link, sealed_at=now))
        previous = link
    session.flush()
    session.execute(delete(UnsealedEvent).where(UnsealedEvent.id.in_([number for number, _event_id in waiting])))
    return len(waiting)


def head(session: Session) -> tuple[int, str]:
    """Position and hash of the last link; (0, GENESIS) of an empty chain."""
    last = select(AuditSeal.position, AuditSeal.hash).order_by(AuditSeal.position.desc()).limit(1)
    row = session.execute(last).one_or_none()
    return (row[0], row[1]) if row else (0, GENESIS)


def is_there() -> ColumnElement[bool]:
    """Whether the event on the list exists; one that was done away with stays on the list, as the trace of it."""
    return or_(*(select(model.id).where(model.id == UnsealedEvent.event_id).exists() for model in EVENT_MODELS))


def _is_only_sealer(session: Session) -> bool:
    """The lock goes with the transaction, however it ends."""
    if session.get_bind().dialect.name != "postgresql":
        return True
    return bool(session.scalar(select(func.pg_try_advisory_xact_lock(LOCK))))


def _events(session: Session, ids: Sequence[uuid.UUID]) -> Mapping[uuid.UUID, AuditEvent | AccountEvent]:
    """The rows as they stand in the database, whatever the session remembers of them."""
    found: dict[uuid.UUID, AuditEvent | AccountEvent] = {}
    for model in EVENT_MODELS:
        rows: Any = session.scalars(select(model).where(model.id.in_(ids)).execution_options(populate_existing=True))
        found.update((row.id, row) for row in rows)
    return found


def seal_pending(app: Flask) -> int:
    """Seal everything that waits, batch by batch, each its own short transaction; how many."""
    session, total = db.session(), 0
    with every_tenant(session):
        while _is_anything_waiting(session):
            count = seal_batch(session, app.extensions["clock"])
            session.commit()
            total += count
            if count == 0:
                break
    return total


def _is_anything_waiting(session: Session) -> bool:
    """Looked up in a transaction that only reads: on SQLite every other one would hold up the writers."""
    writing.set(False)
    found = session.scalar(select(UnsealedEvent.id).limit(1)) is not None
    session.rollback()
    writing.set(True)
    return found


def keep_sealing(app: Flask, stop: threading.Event) -> None:
    """Seal twice a second until told to stop; a failure is logged and the next round tries again."""
    while not stop.wait(SEAL_SECONDS):
        try:
            with app.app_context():
                seal_pending(app)
        except Exception:
            app.logger.exception("sealing the audit log failed; it is tried again")
