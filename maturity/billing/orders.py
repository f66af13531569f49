"""What is paid once: placing an order, settling it when the money came, and giving it up.

What it was sold under is copied into the order. Settling does its work once however often it is called: ledger, term,
receipt, log.
"""

from __future__ import annotations

import uuid
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from maturity.audit.service import record
from maturity.billing.coupons import release_coupon, take_coupon
from maturity.billing.ledger import Movement, write_movement
from maturity.billing.models import BillingCustomer, Order
from maturity.billing.numbers import PRO_FORMA, RECEIPT, next_number
from maturity.billing.settings import settings_of
from maturity.clock import LOCAL, Clock
from maturity.entitlements.models import PlanTerm
from maturity.entitlements.service import Given, end_term, set_term
from maturity.errors import Conflict, Invalid
from maturity.plans.loader import current_price_list
from maturity.plans.model import Coupon
from maturity.plans.pricing import NotPriced, Quote, quote_plan
from maturity.tenancy.models import Tenant

SOURCE = "order"
#: What of the customer and of the seller stands on the papers.
PARTICULARS = ("title", "tax_number", "address", "phone", "bank", "account", "email")
SELLER = ("seller", "tax_number", "address", "phone", "bank", "account", "swift")


def place_order(
    session: Session,
    tenant: Tenant,
    item: str,
    *,
    method: str,
    currency: str,
    plan: str = "",
    seats: int = 1,
    coupon: Coupon | None = None,
    subject_id: uuid.UUID | None = None,
    actor_id: int | None,
    clock: Clock,
) -> Order:
    """An open order of a year of a plan, with its number. `Invalid` where it is not sold like this."""
    prices = current_price_list(clock.today())
    if item != "plan" or plan not in prices.plans:
        raise Invalid("plan_not_sold")
    try:
        quote = quote_plan(prices, prices.plans[plan], "year", currency, seats, coupon)
    except NotPriced as error:
        raise Invalid(error.code) from error
    if quote.total_minor <= 0:
        raise Invalid("amount_zero")
    tenant_id, order_id = tenant.id, uuid.uuid4()
    if coupon is not None:
        take_coupon(session, tenant_id, coupon, order_id, clock)
    order = Order(
        id=order_id,
        tenant_id=tenant_id,
        number=next_number(session, PRO_FORMA, clock),
        item=item,
        plan=plan,
        seats=seats,
        version=prices.version,
        subject_id=subject_id,
        method=method,
        coupon=coupon.code if coupon is not None else "",
        parties=_parties(session, tenant),
        created_by=actor_id,
        created_at=clock.now(),
        due_on=clock.today() + timedelta(days=settings_of(session).transfer_days),
        **_amounts(quote),
    )
    session.add(order)
    record(session, clock, "billing.order_placed", actor_id, tenant_id, number=order.number)
    session.flush()
    return order


def _amounts(quote: Quote) -> dict[str, Any]:
    names = ("currency", "unit_minor", "discount_minor", "net_minor", "tax_minor", "total_minor")
    return {name: getattr(quote, name) for name in names}


def _parties(session: Session, tenant: Tenant) -> dict[str, Any]:
    settings = settings_of(session)
    customer = session.scalar(select(BillingCustomer).where(BillingCustomer.tenant_id == tenant.id))
    said = {name: getattr(customer, name) if customer is not None else "" for name in PARTICULARS}
    return {
        "seller": {name: getattr(settings, name) for name in SELLER},
        "customer": said | {"title": said["title"] or tenant.name},
    }


def settle_order(session: Session, order: Order, *, paid_at: datetime, movement: Movement, clock: Clock) -> bool:
    """The money came: ledger, term, receipt and log, once; whether it was now. The session works for the tenant.

    `Conflict` where the amount or the currency is not that of the order, or it was given up.
    """
    order = session.scalars(
        select(Order).where(Order.id == order.id).with_for_update().execution_options(populate_existing=True)
    ).one()
    if order.state in ("paid", "refunded"):
        return False
    if order.state in ("cancelled", "expired"):
        raise Conflict("order_not_open")
    if (movement.amount_minor, movement.currency) != (order.total_minor, order.currency):
        raise Conflict("order_amount")
    tenant_id, number = order.tenant_id, order.number
    write_movement(session, tenant_id, movement, clock)
    starts_at = _start(session, order, paid_at)
    order.starts_at, order.ends_at = starts_at, year_later(starts_at)
    order.state, order.paid_at = "paid", paid_at
    order.receipt = next_number(session, RECEIPT, clock)
    if movement.source == "stripe":
        order.payment_intent = movement.external_id
    given = Given(order.plan, order.version, order.seats, order.starts_at, order.ends_at)
    set_term(session, tenant_id, SOURCE, str(order.id), given, clock)
    record(session, clock, "billing.order_paid", None, tenant_id, number=number)
    session.flush()
    return True


def _start(session: Session, order: Order, paid_at: datetime) -> datetime:
    """At once, or where a year of the same plan runs by an order, at its end: nobody loses days by paying early."""
    query = select(PlanTerm).where(PlanTerm.tenant_id == order.tenant_id, PlanTerm.source == SOURCE)
    ends = [row.ends_at for row in session.scalars(query.where(PlanTerm.plan == order.plan)) if row.ends_at]
    return max([paid_at, *ends])


def year_later(at: datetime) -> datetime:
    """The same day and time of the next year; of 29 February the first of March.

    >>> from datetime import UTC
    >>> year_later(datetime(2028, 2, 29, 4, 0, tzinfo=UTC)).date()
    datetime.date(2029, 3, 1)
    """
    local = at.astimezone(LOCAL)
    try:
        later = local.replace(year=local.year + 1)
    except ValueError:
        later = local.replace(year=local.year + 1, month=3, day=1)
    return later.astimezone(at.tzinfo)


def cancel_order(
    session: Session, order: Order, *, actor_id: int | None, clock: Clock, state: str = "cancelled"
) -> None:
    """Give up an order that nobody paid. `Conflict` where it is too late."""
    if order.state != "open":
        raise Conflict("order_not_open")
    order.state = state
    release_coupon(session, order.id)
    record(session, clock, "billing.order_cancelled", actor_id, order.tenant_id, number=order.number)
    session.flush()


def note_refunded(session: Session, order: Order, refunded_minor: int, at: datetime, clock: Clock) -> None:
    """What of an order went back in all; once it is everything, its term ends."""
    order.refunded_minor = refunded_minor
    if refunded_minor == order.total_minor and order.state == "paid":
        order.state = "refunded"
        end_term(session, order.tenant_id, SOURCE, str(order.id), at, clock)
    session.flush()


def expire_orders(session: Session, today: date, clock: Clock) -> int:
    """Close the open orders that were due a month ago; how many. The session works across tenants."""
    query = select(Order).where(Order.state == "open", Order.due_on < today - timedelta(days=30))
    found = session.scalars(query).all()
    for order in found:
        cancel_order(session, order, actor_id=None, clock=clock, state="expired")
    return len(found)
