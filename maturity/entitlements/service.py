"""Asking what a tenant may use, and giving it plans."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from maturity.clock import Clock
from maturity.db import for_tenant
from maturity.entitlements.models import PlanTerm
from maturity.errors import MaturityError
from maturity.plans.entitlements import Entitlements, Term, entitlements, opened_since
from maturity.plans.loader import current_price_list
from maturity.plans.model import Feature
from maturity.plans.usage import Usage
from maturity.tenancy.models import Tenant


class PlanRequired(MaturityError):
    """The plan does not open this, or its limit is reached. The page says which plan does, why, and the price.

    `subject` names the feature (`crosswalk`) or the limit (`limit:clients`).
    """

    status = 402

    def __init__(self, subject: str, usage: Usage | None = None) -> None:
        super().__init__("plan_required", subject)
        self.usage = usage


@dataclass(frozen=True, slots=True)
class Given:
    """A term of a plan as it is to be from now on."""

    plan: str
    version: str
    seats: int
    starts_at: datetime
    ends_at: datetime | None


def entitlements_of(session: Session, tenant: Tenant, clock: Clock) -> Entitlements:
    """What is open to a tenant now. The session works for it; synthetic tenants are shown with everything."""
    prices = current_price_list(clock.today())
    if tenant.is_synthetic:
        return Entitlements(None, None, frozenset(Feature), {})
    return entitlements(prices, tenant.kind, terms_of(session, tenant.id), clock.now())


def terms_of(session: Session, tenant_id: uuid.UUID) -> list[Term]:
    """Every plan that the tenant has or had, by its beginning."""
    query = select(PlanTerm).where(PlanTerm.tenant_id == tenant_id).order_by(PlanTerm.starts_at, PlanTerm.id)
    return [row.term for row in session.scalars(query)]


def opens(session: Session, tenant: Tenant, feature: Feature, clock: Clock, *, since: datetime | None = None) -> bool:
    """Whether a feature is open; for something that began at `since` also where it was open at any time after that."""
    if entitlements_of(session, tenant, clock).opens(feature):
        return True
    return since is not None and opened_since(terms_of(session, tenant.id), feature, since, clock.now())


def require(session: Session, tenant: Tenant, feature: Feature, clock: Clock, *, since: datetime | None = None) -> None:
    """`PlanRequired` unless the feature `opens`."""
    if not opens(session, tenant, feature, clock, since=since):
        raise PlanRequired(feature.value)


def usage(session: Session, tenant: Tenant, limit: str, used: int, clock: Clock) -> Usage:
    """How much of a limit is in use, as counted by whoever asks."""
    return Usage(used, entitlements_of(session, tenant, clock).limit(limit))


def require_room(session: Session, tenant: Tenant, limit: str, used: int, clock: Clock, *, more: int = 1) -> None:
    """`PlanRequired` where `more` do not fit. What is in use already stays in use, also above a limit."""
    found = usage(session, tenant, limit, used, clock)
    if not found.has_room_for(more):
        raise PlanRequired(f"limit:{limit}", found)


@contextmanager
def room_held(session: Session, tenant_id: uuid.UUID) -> Iterator[Tenant]:
    """The tenant, for which the session works meanwhile, held until the transaction ends, so that two who add
    something at once cannot pass a limit together. The lock does not hold up rows that refer to the tenant."""
    query = select(Tenant).where(Tenant.id == tenant_id).with_for_update(key_share=True)
    with for_tenant(session, tenant_id):
        yield session.scalars(query).one()


def set_term(
    session: Session,
    tenant_id: uuid.UUID,
    source: str,
    source_id: str,
    given: Given,
    clock: Clock,
    *,
    note: str = "",
    given_by: int | None = None,
) -> PlanTerm:
    """The term that a source gives, made or brought up to date; saying the same twice changes nothing."""
    row = find_term(session, tenant_id, source, source_id)
    if row is None:
        row = PlanTerm(id=uuid.uuid4(), tenant_id=tenant_id, source=source, source_id=source_id)
        row.given_by, row.note = given_by, note
        session.add(row)
    elif row.term == Term(given.plan, given.version, given.seats, given.starts_at, given.ends_at):
        return row
    row.plan, row.version, row.seats = given.plan, given.version, given.seats
    row.starts_at, row.ends_at, row.changed_at = given.starts_at, given.ends_at, clock.now()
    session.flush()
    return row


def end_term(
    session: Session, tenant_id: uuid.UUID, source: str, source_id: str, at: datetime, clock: Clock
) -> PlanTerm | None:
    """End a term at a moment, unless it ended before; None where the source gave none."""
    row = find_term(session, tenant_id, source, source_id)
    if row is not None and (row.ends_at is None or row.ends_at > at):
        row.ends_at, row.changed_at = max(at, row.starts_at), clock.now()
        session.flush()
    return row


def find_term(session: Session, tenant_id: uuid.UUID, source: str, source_id: str) -> PlanTerm | None:
    query = select(PlanTerm).where(PlanTerm.source == source, PlanTerm.source_id == source_id)
    return session.scalar(query.where(PlanTerm.tenant_id == tenant_id))


def rows_of(session: Session, tenant_id: uuid.UUID) -> Sequence[PlanTerm]:
    """The terms as they are kept, the latest first, for the pages that show where each comes from."""
    query = select(PlanTerm).where(PlanTerm.tenant_id == tenant_id)
    return session.scalars(query.order_by(PlanTerm.starts_at.desc(), PlanTerm.id)).all()
