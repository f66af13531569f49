"""Groups: an enterprise that others let in as their head, and the tree that these affiliations make."""

from __future__ import annotations

import uuid

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from maturity.clock import Clock
from maturity.errors import Conflict
from maturity.tenancy.models import Grant
from maturity.tenancy.outside import outside

_LOCK = 20_270_013


def require_tree(session: Session, tenant_id: uuid.UUID, head_id: uuid.UUID, clock: Clock) -> None:
    """That the enterprise is none of the heads above its head, so that no group heads itself; `Conflict` otherwise.

    One affiliation of the installation at a time: two that close a ring together would not see each other.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("select pg_advisory_xact_lock(:key)"), {"key": _LOCK})
    above: uuid.UUID | None = head_id
    with outside(session):
        while above is not None:
            if above == tenant_id:
                raise Conflict("group_ring")
            above = session.scalar(
                select(Grant.consultancy_id).where(
                    Grant.tenant_id == above,
                    Grant.kind == "affiliation",
                    Grant.revoked_at.is_(None),
                    Grant.until >= clock.today(),
                )
            )
