"""What the operator sees of everybody's subscriptions, of the news about them, and of what a comparison found."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from maturity.audit.service import record
from maturity.billing.models import BillingFinding, Payment, StripeEvent, StripeInvoice, Subscription
from maturity.clock import Clock
from maturity.db import every_tenant
from maturity.errors import Conflict, NotFound
from maturity.tenancy.models import Tenant

Line = TypeVar("Line")
PAGE, MOST_EVENTS = 50, 100
#: The tabs over the subscriptions, by Stripe's own words.
GROUPS = {
    "running": ("trialing", "active"),
    "troubled": ("past_due", "unpaid", "paused", "incomplete"),
    "over": ("canceled", "incomplete_expired"),
}
FINDINGS = ("open", "settled", "repaired")


@dataclass(frozen=True, slots=True)
class SubscriptionLine:
    id: uuid.UUID
    tenant: str
    plan: str
    version: str
    seats: int
    status: str
    period_ends_at: datetime | None
    ends_at: datetime | None
    fetched_at: datetime


@dataclass(frozen=True, slots=True)
class FindingLine:
    id: uuid.UUID
    code: str
    object_id: str
    tenant: str
    ours: str
    theirs: str
    state: str
    found_at: datetime
    settled_at: datetime | None
    note: str


@dataclass(frozen=True, slots=True)
class Page(Generic[Line]):
    lines: Sequence[Line]
    counts: Mapping[str, int]
    state: str
    page: int
    pages: int


@dataclass(frozen=True, slots=True)
class Particulars:
    """One subscription with everything that is kept about it."""

    row: Subscription
    tenant: str
    events: Sequence[StripeEvent]
    invoices: Sequence[StripeInvoice]
    movements: Sequence[Payment]


_COLUMNS = (
    Subscription.id,
    Tenant.name,
    Subscription.plan,
    Subscription.version,
    Subscription.seats,
    Subscription.status,
    Subscription.period_ends_at,
    Subscription.ends_at,
    Subscription.fetched_at,
)


def subscriptions_page(session: Session, *, group: str, text: str, page: int) -> Page[SubscriptionLine]:
    """Those of one group, what ends next first; with a text, of tenants whose name holds it."""
    group = group if group in GROUPS else "running"
    named = Tenant.name.contains(text, autoescape=True)
    with every_tenant(session, "operate"):
        joined = select(Subscription.status, func.count()).join(Tenant, Tenant.id == Subscription.tenant_id)
        by_status = dict(session.execute(joined.where(named).group_by(Subscription.status)).tuples().all())
        counts = {name: sum(by_status.get(status, 0) for status in GROUPS[name]) for name in GROUPS}
        page, pages = _within(page, counts[group])
        query = select(*_COLUMNS).join(Tenant, Tenant.id == Subscription.tenant_id).where(named)
        query = query.where(Subscription.status.in_(GROUPS[group])).order_by(Subscription.period_ends_at)
        rows = session.execute(query.order_by(Subscription.id).limit(PAGE).offset(PAGE * (page - 1))).tuples().all()
    return Page([SubscriptionLine(*row) for row in rows], counts, group, page, pages)


def _within(page: int, count: int) -> tuple[int, int]:
    pages = max(1, -(-count // PAGE))
    return min(max(page, 1), pages), pages


def particulars(session: Session, subscription_id: uuid.UUID) -> Particulars:
    """`NotFound` where there is none."""
    with every_tenant(session, "operate"):
        query = select(Subscription, Tenant.name).join(Tenant, Tenant.id == Subscription.tenant_id)
        found = session.execute(query.where(Subscription.id == subscription_id)).one_or_none()
        if found is None:
            raise NotFound("subscription")
        row, tenant = found._tuple()
        mine = StripeInvoice.subscription_id == row.stripe_id
        invoices = session.scalars(select(StripeInvoice).where(mine).order_by(StripeInvoice.created_at.desc())).all()
        of_invoices = Payment.invoice_id.in_([invoice.stripe_id for invoice in invoices])
        movements = session.scalars(select(Payment).where(of_invoices).order_by(Payment.at.desc())).all()
    return Particulars(row, tenant, _events(session, row.stripe_id), invoices, movements)


def _events(session: Session, stripe_id: str) -> Sequence[StripeEvent]:
    """The latest news about it, which the operator's own tenant reads."""
    about = or_(StripeEvent.subscription_id == stripe_id, StripeEvent.object_id == stripe_id)
    query = select(StripeEvent).where(about).order_by(StripeEvent.created_at.desc(), StripeEvent.id)
    return session.scalars(query.limit(MOST_EVENTS)).all()


# Findings


def findings_page(session: Session, *, state: str, page: int) -> Page[FindingLine]:
    """What was found, the latest first."""
    state = state if state in FINDINGS else "open"
    counted = select(BillingFinding.state, func.count()).group_by(BillingFinding.state)
    counts = dict(session.execute(counted).tuples().all())
    page, pages = _within(page, counts.get(state, 0))
    query = select(BillingFinding).where(BillingFinding.state == state).order_by(BillingFinding.found_at.desc())
    rows = session.scalars(query.order_by(BillingFinding.id).limit(PAGE).offset(PAGE * (page - 1))).all()
    names = _names(session, rows)
    return Page([_line(row, names) for row in rows], counts, state, page, pages)


def open_findings(session: Session) -> int:
    query = select(func.count()).select_from(BillingFinding).where(BillingFinding.state == "open")
    return session.scalar(query) or 0


def finding_line(session: Session, finding_id: uuid.UUID) -> FindingLine:
    """`NotFound` where there is none."""
    row = session.get(BillingFinding, finding_id)
    if row is None:
        raise NotFound("finding")
    return _line(row, _names(session, [row]))


def _names(session: Session, rows: Sequence[BillingFinding]) -> dict[uuid.UUID, str]:
    wanted = {row.tenant_id for row in rows if row.tenant_id is not None}
    with every_tenant(session, "operate"):
        return dict(session.execute(select(Tenant.id, Tenant.name).where(Tenant.id.in_(wanted))).tuples().all())


def _line(row: BillingFinding, names: Mapping[uuid.UUID, str]) -> FindingLine:
    tenant = names.get(row.tenant_id, "") if row.tenant_id is not None else ""
    said = (row.ours, row.theirs, row.state, row.found_at, row.settled_at, row.note)
    return FindingLine(row.id, row.code, row.object_id, tenant, *said)


def settle_finding(
    session: Session, operator_id: uuid.UUID, finding_id: uuid.UUID, note: str, *, actor_id: int, clock: Clock
) -> None:
    """A person has seen to it, and says how; `Conflict` where somebody had before."""
    row = session.scalar(select(BillingFinding).where(BillingFinding.id == finding_id).with_for_update())
    if row is None:
        raise NotFound("finding")
    if row.state != "open":
        raise Conflict("finding_settled")
    row.state, row.note, row.settled_by, row.settled_at = "settled", note, actor_id, clock.now()
    record(session, clock, "billing.finding_settled", actor_id, operator_id, object=row.object_id, note=note)
    session.flush()
