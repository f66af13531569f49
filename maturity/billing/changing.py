"""Changing a subscription: another period or number of seats with a preview, ending it with its period, going on.

The preview is of an instant, and the change is made as of the same instant, so that the charge is what was shown. One
that is older than ten minutes, or to which something else came in between, is shown anew.
"""

from __future__ import annotations

import logging
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from maturity.audit.service import record
from maturity.billing.choosing import live_subscription
from maturity.billing.customers import customer_of
from maturity.billing.gateway import Gateway, Gone, NotInPlace, Preview, StripeRefused, SubscriptionFacts, SwitchedOff
from maturity.billing.models import Subscription
from maturity.billing.naming import price_name
from maturity.billing.terms import LIVE, sold_as
from maturity.billing.transactions import end_reading, one_transaction
from maturity.billing.usages import require_seats_hold
from maturity.clock import Clock
from maturity.errors import Conflict, Invalid, Unavailable
from maturity.plans.loader import price_list
from maturity.plans.pricing import NotPriced, quote_plan
from maturity.tenancy.models import Tenant

#: How long a preview can be confirmed.
PREVIEW_LASTS = timedelta(minutes=10)
#: Stripe's words for a charge that the customer's bank wants to be confirmed, or declines.
_DECLINED = {
    "card_declined",
    "insufficient_funds",
    "expired_card",
    "generic_decline",
    "do_not_honor",
}
_TO_CONFIRM = {"authentication_required", "subscription_payment_intent_requires_action"}
_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Wanted:
    interval: str
    seats: int


@dataclass(frozen=True, slots=True)
class Shown:
    """What was shown to whoever confirms."""

    at: datetime
    due_minor: int


def running_subscription(session: Session) -> Subscription:
    """The tenant's; `Conflict` where there is none that could be changed."""
    found = live_subscription(session)
    if found is None or found.status not in LIVE:
        raise Conflict("no_subscription")
    return found


def preview_change(gateway: Gateway, tenant_id: uuid.UUID, wanted: Wanted, clock: Clock) -> Preview:
    """What it would charge now. `Invalid` and `Conflict` where it cannot be changed like this."""
    subscription_id, price = _changeable(tenant_id, wanted, clock)
    _require_on(gateway)
    at = clock.now().replace(microsecond=0)
    return _preview(gateway, gateway.subscription(subscription_id), price, wanted, at)


def confirm_change(
    gateway: Gateway, tenant_id: uuid.UUID, wanted: Wanted, shown: Shown, actor_id: int, clock: Clock
) -> str:
    """Make the change that was shown; the subscription's id at Stripe, to be brought in.

    `Conflict("preview_stale")` where what was shown does not hold any more; nothing is changed then, and nothing is
    changed where the charge fails.
    """
    _require_on(gateway)
    if not timedelta(0) <= clock.now() - shown.at <= PREVIEW_LASTS:
        raise Conflict("preview_stale")
    subscription_id, price = _changeable(tenant_id, wanted, clock)
    facts = gateway.subscription(subscription_id)
    if _is_already(facts, price, wanted):  # made before, and the answer was lost
        return subscription_id
    if _preview(gateway, facts, price, wanted, shown.at).due_now_minor != shown.due_minor:
        raise Conflict("preview_stale")
    with one_transaction() as session:
        details: dict[str, Any] = {"plan": _plan_of(price), "interval": wanted.interval, "seats": wanted.seats}
        record(session, clock, "billing.change_asked", actor_id, tenant_id, **details)
    key = f"change-{subscription_id}-{price}-{wanted.seats}-{int(shown.at.timestamp())}"
    try:
        gateway.change(facts, price, wanted.seats, shown.at, key=key)
    except StripeRefused as error:
        raise told(error) from error
    return subscription_id


def _plan_of(price: str) -> str:
    sold = sold_as(price)
    return sold.plan if sold is not None else ""


def cancel_with_period(gateway: Gateway, tenant_id: uuid.UUID, actor_id: int, clock: Clock) -> str:
    """Let it end with its period; the subscription's id at Stripe."""
    return _set_end(gateway, tenant_id, actor_id, clock, cancel=True)


def go_on(gateway: Gateway, tenant_id: uuid.UUID, actor_id: int, clock: Clock) -> str:
    """Let one that was to end go on."""
    return _set_end(gateway, tenant_id, actor_id, clock, cancel=False)


def _set_end(gateway: Gateway, tenant_id: uuid.UUID, actor_id: int, clock: Clock, *, cancel: bool) -> str:
    with one_transaction() as session:
        subscription_id = running_subscription(session).stripe_id
        _require_on(gateway)
        record(session, clock, "billing.end_asked" if cancel else "billing.going_on_asked", actor_id, tenant_id)
    try:
        gateway.cancel_at_end(subscription_id, cancel)
    except StripeRefused as error:
        raise told(error) from error
    return subscription_id


def open_portal(gateway: Gateway, return_url: str, locale: str) -> str:
    """Where the customer changes the card, at Stripe."""
    with one_transaction() as session:
        customer = customer_of(session)
        if customer is None or customer.stripe_id is None:
            raise Conflict("no_customer")
        stripe_id = customer.stripe_id
    _require_on(gateway)
    try:
        return gateway.open_portal(stripe_id, return_url, "en" if locale == "en" else "zh")
    except StripeRefused as error:
        raise told(error) from error


def told(error: StripeRefused) -> Unavailable | Conflict:
    """What the customer is told; the operator finds Stripe's own word in the log."""
    if isinstance(error, NotInPlace):
        _logger.error("nothing can be changed: %s is not at Stripe; run flask billing catalogue", error.message)
        return Unavailable("not_in_place")
    if isinstance(error, Gone):  # of what is asked here only the card can be missing
        return Conflict("no_card")
    if error.code in _TO_CONFIRM:
        return Conflict("charge_to_confirm")
    if error.code in _DECLINED:
        return Conflict("charge_declined")
    _logger.error("stripe refused a change: %s %s", error.code, error.message)
    return Conflict("stripe_refused")


# What can be changed


def _changeable(tenant_id: uuid.UUID, wanted: Wanted, clock: Clock) -> tuple[str, str]:
    """The subscription's id and the price it is to have, at Stripe."""
    with one_transaction() as session:
        row = running_subscription(session)
        if row.status == "past_due":
            raise Conflict("pay_first")
        if row.ends_at is not None:
            raise Conflict("ends_already")
        _check(session, session.get_one(Tenant, tenant_id), row, wanted, clock)
        found = row.stripe_id, price_name(row.plan, wanted.interval, row.currency, row.version)
    end_reading()
    return found


def _check(session: Session, tenant: Tenant, row: Subscription, wanted: Wanted, clock: Clock) -> None:
    prices = price_list(row.version)
    plan = prices.plans[row.plan]
    if (wanted.interval, wanted.seats) == (row.interval, row.seats):
        raise Invalid("nothing_changes", "interval")
    try:
        quote_plan(prices, plan, wanted.interval, row.currency, wanted.seats)
    except NotPriced as error:
        raise Invalid(error.code, "seats" if error.code == "seats_out_of_range" else "interval") from error
    if wanted.seats < row.seats:
        require_seats_hold(session, tenant, plan, wanted.seats, clock)


def _is_already(facts: SubscriptionFacts, price: str, wanted: Wanted) -> bool:
    return (facts.price, facts.seats) == (price, wanted.seats)


def _preview(gateway: Gateway, facts: SubscriptionFacts, price: str, wanted: Wanted, at: datetime) -> Preview:
    try:
        return gateway.preview(facts, price, wanted.seats, at)
    except StripeRefused as error:
        raise told(error) from error


def _require_on(gateway: Gateway) -> None:
    if not gateway.is_on:
        raise SwitchedOff


def read_instant(typed: str) -> datetime:
    """The instant of a preview as the form carries it; one that is none counts as long ago.

    >>> read_instant("1767225600"), read_instant("soon").year
    (datetime.datetime(2026, 1, 1, 0, 0, tzinfo=datetime.timezone.utc), 1970)
    """
    seconds = int(typed) if typed.isdecimal() and len(typed) <= 11 else 0
    return datetime.fromtimestamp(seconds, UTC)
