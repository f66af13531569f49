"""Recording events, in the transaction of what they record."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from maturity.audit.keys import protect
from maturity.audit.models import AccountEvent, AuditEvent
from maturity.audit.vocabulary import (
    Details,
    Personal,
    UnknownEvent,
    belongs_to_account,
    check,
    is_typed,
    subject_of_tenant,
    subject_of_user,
)
from maturity.clock import Clock


def record(
    session: Session,
    clock: Clock,
    event: str,
    actor_id: int | None,
    tenant_id: uuid.UUID,
    **details: str | int | date | Personal,
) -> None:
    """Append an event of a tenant in the current transaction; anything outside the vocabulary is refused.

    Without an actor it is the system that acted.
    """
    if belongs_to_account(event):
        raise UnknownEvent(f"{event} belongs to no tenant")
    event_id = uuid.uuid4()
    stored = _details(session, clock, event_id, event, details, subject_of_tenant(tenant_id))
    session.add(
        AuditEvent(id=event_id, tenant_id=tenant_id, event=event, actor_id=actor_id, details=stored, at=clock.now())
    )


def record_for_account(
    session: Session, clock: Clock, event: str, user_id: int, **details: str | int | date | Personal
) -> None:
    """Append what a person did with the account, which is no tenant's business."""
    if not belongs_to_account(event):
        raise UnknownEvent(f"{event} belongs to a tenant")
    event_id = uuid.uuid4()
    stored = _details(session, clock, event_id, event, details, subject_of_user(user_id))
    session.add(AccountEvent(id=event_id, event=event, actor_id=user_id, details=stored, at=clock.now()))


def _details(
    session: Session, clock: Clock, event_id: uuid.UUID, event: str, details: Details, whose: str
) -> dict[str, Any]:
    """As they are stored; what was typed stands under the key of `whose` log it is."""
    stored: dict[str, Any] = {}
    for name, given in check(event, details).items():
        value = Personal(whose, given) if isinstance(given, str) and is_typed(event, name) else given
        stored[name] = protect(session, clock, event_id, name, value) if isinstance(value, Personal) else value
    return stored
