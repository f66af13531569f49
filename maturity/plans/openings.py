"""What to buy for something that is not open: the plan, how many seats of it, and its prices."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from maturity.plans.model import CURRENCIES, INTERVALS, Feature, Plan, PriceList, Tax
from maturity.plans.pricing import Quote, quote_plan

LIMIT = "limit:"


@dataclass(frozen=True, slots=True)
class Price:
    """What one term costs, with the tax that is in it or comes on top."""

    interval: str
    quote: Quote
    tax: Tax


@dataclass(frozen=True, slots=True)
class Opening:
    """The cheapest plan on sale that would do, with as many seats of it as are needed."""

    plan: Plan
    seats: int
    prices: tuple[Price, ...]


def opening_for(prices: PriceList, kind: str, subject: str, needed: int) -> Opening | None:
    """What opens a feature, or gives a limit room for `needed` in all; None where nothing on sale does.

    >>> from maturity.plans.loader import price_list
    >>> found = opening_for(price_list("2026.1"), "consultancy", "limit:clients", 31)
    >>> found.plan.code, found.seats
    ('consultancy', 4)
    """
    for plan in sorted(prices.sold_to(kind), key=lambda plan: plan.rank):
        seats = _seats(plan, subject, needed)
        if seats is not None:
            return Opening(plan, seats, tuple(_prices(prices, plan, seats)))
    return None


def _seats(plan: Plan, subject: str, needed: int) -> int | None:
    """The fewest seats with which a plan opens the subject."""
    if not subject.startswith(LIMIT):
        return plan.least_seats if Feature(subject) in plan.features else None
    return next(
        (seats for seats in range(plan.least_seats, plan.most_seats + 1) if _holds(plan, seats, subject, needed)), None
    )


def _holds(plan: Plan, seats: int, subject: str, needed: int) -> bool:
    limit = plan.limits_for(seats)[subject.removeprefix(LIMIT)]
    return limit is None or limit >= needed


def _prices(prices: PriceList, plan: Plan, seats: int) -> Iterator[Price]:
    for interval in INTERVALS:
        if interval in plan.prices:
            for currency in CURRENCIES:
                yield Price(interval, quote_plan(prices, plan, interval, currency, seats), prices.taxes[currency])
