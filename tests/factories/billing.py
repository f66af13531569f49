"""What the tests of billing start from."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from maturity.billing.models import BillingCustomer, Checkout, Order, Subscription
from maturity.billing.settings import ensure_settings
from maturity.clock import Clock, FixedClock
from maturity.db import for_tenant
from maturity.entitlements.service import Given, set_term
from maturity.tenancy.models import Tenant
from maturity.tenancy.service import PLATFORM, ensure_platform

VERSION = "2026.1"


def make_seller(session: Session, clock: FixedClock, **values: Any) -> None:
    """The installation sells, and takes bank transfers unless told otherwise."""
    ensure_platform(session, clock)
    row = ensure_settings(session)
    given: dict[str, Any] = {
        "seller": "齐鲁数智科技有限公司",
        "bank": "中国工商银行济南分行",
        "account": "1602 0000 1234 5678 901",
    }
    with for_tenant(session, PLATFORM):
        for name, value in (given | values).items():
            setattr(row, name, value)
        session.flush()


def make_subscription(session: Session, tenant: Tenant, clock: FixedClock, **values: Any) -> Subscription:
    """One as it was fetched last, with the term that it gives; nothing of it stands at Stripe."""
    now = clock.now()
    plan = "pro" if tenant.kind == "enterprise" else "consultancy"
    given: dict[str, Any] = {
        "stripe_id": f"sub_{uuid.uuid4().hex}",
        "plan": plan,
        "version": VERSION,
        "interval": "year",
        "seats": 1,
        "currency": "cny",
        "status": "active",
        "started_at": now - timedelta(days=20),
        "period_ends_at": now + timedelta(days=345),
        "fetched_at": now,
    }
    row = Subscription(id=uuid.uuid4(), tenant_id=tenant.id, **given | values)
    with for_tenant(session, tenant.id):
        session.add(row)
        ends_at = (row.period_ends_at or now) + timedelta(days=7)
        set_term(
            session,
            tenant.id,
            "subscription",
            row.stripe_id,
            Given(row.plan, VERSION, row.seats, row.started_at, row.ends_at or ends_at),
            clock,
        )
    return row


def make_customer(session: Session, tenant: Tenant, clock: FixedClock, **values: Any) -> BillingCustomer:
    row = BillingCustomer(id=uuid.uuid4(), tenant_id=tenant.id, changed_at=clock.now(), **values)
    with for_tenant(session, tenant.id):
        session.add(row)
        session.flush()
    return row


def make_checkout(session: Session, tenant: Tenant, clock: FixedClock, **values: Any) -> Checkout:
    """A way to Stripe's page that is over, unless told otherwise; nothing of it stands at Stripe."""
    given: dict[str, Any] = {
        "plan": "pro",
        "version": VERSION,
        "interval": "year",
        "seats": 1,
        "currency": "cny",
        "state": "expired",
    }
    begun: dict[str, Any] = {"begun_at": clock.now(), "expires_at": clock.now() + timedelta(hours=2)}
    row = Checkout(id=uuid.uuid4(), tenant_id=tenant.id, **given | begun | values)
    with for_tenant(session, tenant.id):
        session.add(row)
        session.flush()
    return row


def make_order(session: Session, tenant: Tenant, clock: FixedClock, **values: Any) -> Order:
    """An open order of a year by bank transfer, written past the use case that places orders."""
    amounts: dict[str, Any] = {"unit_minor": 298000, "net_minor": 281132, "tax_minor": 16868, "total_minor": 298000}
    given: dict[str, Any] = {"item": "plan", "plan": "pro", "version": VERSION, "method": "transfer", "currency": "cny"}
    when: dict[str, Any] = {"created_at": clock.now(), "due_on": clock.today() + timedelta(days=30)}
    number = f"PI-2026-{uuid.uuid4().hex[:6]}"
    row = Order(id=uuid.uuid4(), tenant_id=tenant.id, number=number, parties={}, **given | amounts | when | values)
    with for_tenant(session, tenant.id):
        session.add(row)
        session.flush()
    return row


def on_plan(
    session: Session, tenant: Tenant, plan: str, clock: Clock, *, seats: int = 1, days: int | None = None
) -> None:
    """A plan from now on, given by the operator; for some days or without an end. A negative number of days: over."""
    now = clock.now()
    starts_at = now if days is None or days > 0 else now - timedelta(days=400)
    ends_at = None if days is None else now + timedelta(days=days)
    with for_tenant(session, tenant.id):
        given = Given(plan, VERSION, seats, starts_at, ends_at)
        set_term(session, tenant.id, "operator", uuid.uuid4().hex, given, clock)
