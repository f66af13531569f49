"""What a tenant has: its plan and what gives it, what is in use, what is open to be paid."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from maturity.billing.buying import open_checkout
from maturity.billing.choosing import live_subscription, may_try
from maturity.billing.customers import customer_of
from maturity.billing.models import BillingCustomer, BillingSettings, Checkout, Order, StripeInvoice, Subscription
from maturity.billing.settings import settings_of
from maturity.billing.usages import Used, used_limits
from maturity.clock import Clock
from maturity.entitlements.models import PlanTerm
from maturity.entitlements.service import entitlements_of, rows_of
from maturity.plans.entitlements import Entitlements
from maturity.plans.loader import current_price_list
from maturity.plans.model import Plan, PriceList
from maturity.tenancy.models import Tenant


@dataclass(frozen=True, slots=True)
class Overview:
    """`given_by` is the term that gives the plan; None of the free one."""

    prices: PriceList
    now: datetime
    entitlements: Entitlements
    given_by: PlanTerm | None
    later: Sequence[PlanTerm]
    subscription: Subscription | None
    customer: BillingCustomer | None
    used: Sequence[Used]
    checkout: Checkout | None
    orders: Sequence[Order]
    sold: Sequence[Plan]
    settings: BillingSettings
    may_try: bool

    @property
    def over(self) -> list[Used]:
        """Of what more is in use than the plan holds."""
        return [used for used in self.used if used.usage.is_over]

    @property
    def grace_ends_at(self) -> datetime | None:
        """Until when the plan stays open although the payment is overdue."""
        is_due = self.subscription is not None and self.subscription.status == "past_due"
        return self.given_by.ends_at if is_due and self.given_by is not None else None


def overview_of(session: Session, tenant: Tenant, clock: Clock) -> Overview:
    """The session works for the tenant and only reads."""
    prices, found = current_price_list(clock.today()), entitlements_of(session, tenant, clock)
    rows = rows_of(session, tenant.id)
    return Overview(
        prices=prices,
        now=clock.now(),
        entitlements=found,
        given_by=next((row for row in rows if found.term is not None and row.term == found.term), None),
        later=[row for row in rows if row.starts_at > clock.now()],
        subscription=live_subscription(session),
        customer=customer_of(session),
        used=used_limits(session, tenant, clock),
        checkout=open_checkout(session),
        orders=open_orders(session),
        sold=prices.sold_to(tenant.kind),
        settings=settings_of(session),
        may_try=may_try(session),
    )


def open_orders(session: Session) -> Sequence[Order]:
    """Those that wait for their money, the latest first."""
    query = select(Order).where(Order.state.in_(("open", "marked")))
    return session.scalars(query.order_by(Order.created_at.desc(), Order.id)).all()


def invoices_of(session: Session) -> Sequence[StripeInvoice]:
    """Those of the tenant at Stripe, as they were fetched last, the latest first; drafts are nothing to anybody yet."""
    query = select(StripeInvoice).where(StripeInvoice.status != "draft")
    return session.scalars(query.order_by(StripeInvoice.created_at.desc(), StripeInvoice.id)).all()


def paid_orders(session: Session) -> Sequence[Order]:
    query = select(Order).where(Order.state.in_(("paid", "refunded")))
    return session.scalars(query.order_by(Order.paid_at.desc(), Order.id)).all()
