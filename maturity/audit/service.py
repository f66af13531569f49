"""Recording events: a closed vocabulary with the details each must carry."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import UTC, datetime

from sqlalchemy.orm import Session

from maturity.audit.models import AuditEvent

EVENTS: Mapping[str, frozenset[str]] = {
    "enterprise.registered": frozenset({"enterprise_id"}),
    "enterprise.changed": frozenset({"enterprise_id"}),
    "assessment.started": frozenset({"assessment_id"}),
    "assessment.revised": frozenset({"assessment_id", "previous_id"}),
    "assessment.submitted": frozenset({"assessment_id"}),
    "report.requested": frozenset({"submission_id", "locale"}),
}


class UnknownEvent(LookupError):
    """The event, or one of its details, is not in the vocabulary."""


def record(session: Session, event: str, actor_id: int | None, tenant_id: uuid.UUID, **details: str) -> None:
    """Append an event in the current transaction; anything outside the vocabulary is refused."""
    if EVENTS.get(event) != frozenset(details):
        raise UnknownEvent(f"{event} {sorted(details)}")
    session.add(AuditEvent(tenant_id=tenant_id, event=event, actor_id=actor_id, details=details, at=datetime.now(UTC)))
