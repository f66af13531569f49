"""Whether a tenant can buy what somebody chose, and what it would cost."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from maturity.billing.coupons import require_unused
from maturity.billing.customers import customer_of
from maturity.billing.models import Subscription
from maturity.billing.terms import LIVE
from maturity.billing.usages import require_seats_hold
from maturity.clock import Clock
from maturity.entitlements.models import PlanTerm
from maturity.errors import Conflict, Invalid
from maturity.plans.loader import current_price_list
from maturity.plans.model import Coupon, Plan, PriceList
from maturity.plans.pricing import NotPriced, Quote, coupon_for, quote_plan
from maturity.tenancy.models import Tenant

#: Which field of the form is to be mended, by what is wrong with a choice.
_FIELDS = {
    "currency_unknown": "currency",
    "plan_not_sold": "plan",
    "seats_out_of_range": "seats",
    "coupon_unknown": "coupon",
    "coupon_over": "coupon",
    "coupon_elsewhere": "coupon",
}
#: Of a subscription that is not over, paid or not.
STANDING = (*LIVE, "incomplete", "unpaid", "paused")


@dataclass(frozen=True, slots=True)
class Choice:
    """What somebody wants to buy. `trial`: first without payment, for as many days as the plan gives."""

    plan: str
    interval: str
    seats: int
    currency: str
    coupon: str = ""
    trial: bool = False


@dataclass(frozen=True, slots=True)
class Checked:
    """A choice that can be bought, with what it costs."""

    prices: PriceList
    plan: Plan
    quote: Quote
    coupon: Coupon | None
    trial_days: int


def live_subscription(session: Session) -> Subscription | None:
    """The one that gives the tenant its plan, or would once it is paid."""
    query = select(Subscription).where(Subscription.status.in_(STANDING))
    return session.scalars(query.order_by(Subscription.started_at.desc(), Subscription.id)).first()


def is_charged_on(session: Session, tenant_id: uuid.UUID) -> bool:
    """Whether a subscription of the tenant goes on charging, with no end settled."""
    charging = Subscription.status.in_(STANDING) & Subscription.ends_at.is_(None)
    query = select(Subscription.id).where(Subscription.tenant_id == tenant_id, charging)
    return session.scalar(query.limit(1)) is not None


def paid_until(session: Session, clock: Clock) -> datetime | None:
    """Until when a year is paid by an order; None where none runs."""
    query = select(PlanTerm.ends_at).where(PlanTerm.source == "order", PlanTerm.ends_at > clock.now())
    return session.scalars(query.order_by(PlanTerm.ends_at.desc())).first()


def may_try(session: Session) -> bool:
    """Whether a trial is still open to the tenant: to whoever never had a plan by paying or trying."""
    had = select(PlanTerm.id).where(PlanTerm.source.in_(("subscription", "order", "trial")))
    return session.scalars(had).first() is None and session.scalars(select(Subscription.id)).first() is None


def check_subscription(session: Session, tenant: Tenant, choice: Choice, clock: Clock) -> Checked:
    """`Invalid` with the field that is wrong, `Conflict` where the tenant has a plan already."""
    checked = check_choice(session, tenant, choice, clock)
    if paid_until(session, clock) is not None:
        raise Conflict("paid_by_order")
    if choice.trial and not (checked.plan.trial_days and may_try(session)):
        raise Invalid("trial_used", "way")
    if choice.trial and checked.coupon is not None:
        raise Invalid("coupon_with_trial", "coupon")
    return checked


def check_year(session: Session, tenant: Tenant, choice: Choice, clock: Clock) -> Checked:
    """The same of a year paid once."""
    if choice.interval != "year":
        raise Invalid("once_is_a_year", "interval")
    checked = check_choice(session, tenant, choice, clock)
    if checked.quote.total_minor <= 0:
        raise Invalid("amount_zero", "coupon")
    return checked


def check_choice(session: Session, tenant: Tenant, choice: Choice, clock: Clock) -> Checked:
    """What holds however it is paid."""
    prices = current_price_list(clock.today())
    plan = prices.plans.get(choice.plan)
    if plan is None or plan.kind != tenant.kind or not plan.is_sold:
        raise Invalid("plan_not_sold", "plan")
    try:
        coupon = coupon_for(prices, choice.coupon, plan, choice.interval, clock.today()) if choice.coupon else None
        quote = quote_plan(prices, plan, choice.interval, choice.currency, choice.seats, coupon)
    except NotPriced as error:
        raise Invalid(error.code, _FIELDS.get(error.code, "plan")) from error
    _check_tenant(session, tenant, choice, clock)
    require_seats_hold(session, tenant, plan, choice.seats, clock)
    if coupon is not None:
        require_unused(session, tenant.id, coupon)
    return Checked(prices, plan, quote, coupon, plan.trial_days if choice.trial else 0)


def _check_tenant(session: Session, tenant: Tenant, choice: Choice, clock: Clock) -> None:
    customer = customer_of(session)
    if customer is not None and customer.currency not in (None, choice.currency):
        raise Invalid("currency_fixed", "currency")
    if live_subscription(session) is not None:
        raise Conflict("subscribed_already")
    if tenant.deletion_due is not None:
        raise Conflict("deletion_stands")
    if tenant.suspended_at is not None or tenant.is_synthetic:
        raise Conflict("tenant_suspended")
