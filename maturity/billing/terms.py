"""From a subscription at Stripe to the term of a plan: pure, so that what is stored can be computed anew."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from maturity.billing.gateway import SubscriptionFacts
from maturity.entitlements.service import Given
from maturity.plans.loader import price_lists

#: Stripe's words for a subscription that gives its plan.
LIVE = ("trialing", "active", "past_due")
#: It was never paid, so that it never gave anything.
NEVER_BEGAN = ("incomplete", "incomplete_expired")
#: After the end of a period the plan stays open this long, for the news of the next one may be late.
GRACE = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Sold:
    """What a price at Stripe is the price of."""

    plan: str
    interval: str
    currency: str
    version: str


def sold_as(price: str) -> Sold | None:
    """What a lookup key says, such as maturity:pro:year:cny:2026.1; None where no price list of ours has it."""
    parts = price.split(":")
    if len(parts) != 5 or parts[0] != "maturity":
        return None
    sold = Sold(*parts[1:])
    prices = price_lists().get(sold.version)
    plan = prices.plans.get(sold.plan) if prices is not None else None
    return sold if plan is not None and sold.currency in plan.prices.get(sold.interval, {}) else None


def term_of(facts: SubscriptionFacts, sold: Sold, now: datetime) -> Given | None:
    """The term that it gives, or gave until it was over; None where it gives none and its end is not known.

    Where nothing was paid at last (`unpaid`, `paused`) Stripe does not say since when: the caller ends what runs.
    """
    ends_at = _end(facts, now)
    if ends_at is None:
        return None
    return Given(sold.plan, sold.version, facts.seats, facts.started_at, max(ends_at, facts.started_at))


def _end(facts: SubscriptionFacts, now: datetime) -> datetime | None:
    period_end = facts.period_ends_at or now
    if facts.status in ("trialing", "active"):
        return facts.ends_at or period_end + GRACE
    if facts.status == "past_due":  # Stripe moved the period on already, although it is not paid
        return min(facts.ends_at or period_end, period_end)
    if facts.status == "canceled":
        return facts.ends_at or now
    return None
