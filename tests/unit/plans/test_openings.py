"""What to buy for something that is not open."""

from __future__ import annotations

from dataclasses import replace

import pytest

from maturity.plans.loader import price_list
from maturity.plans.openings import opening_for

PRICES = price_list("2026.1")


@pytest.mark.parametrize("subject", ["crosswalk", "trends", "limit:history_periods", "limit:evidence_bytes"])
def test_pro_opens_what_an_enterprise_lacks(subject: str) -> None:
    found = opening_for(PRICES, "enterprise", subject, 3)
    assert found is not None
    assert (found.plan.code, found.seats) == ("pro", 1)
    said = [(price.interval, price.quote.currency, price.quote.total_minor) for price in found.prices]
    assert said == [("month", "cny", 29800), ("month", "usd", 4500), ("year", "cny", 298000), ("year", "usd", 45000)]
    assert [price.tax.inclusive for price in found.prices[:2]] == [True, False]


@pytest.mark.parametrize(
    ("subject", "needed", "seats"),
    [("limit:members", 3, 3), ("limit:clients", 4, 1), ("limit:clients", 11, 2), ("limit:clients", 2000, 200)],
)
def test_as_many_seats_are_named_as_are_needed(subject: str, needed: int, seats: int) -> None:
    found = opening_for(PRICES, "consultancy", subject, needed)
    assert found is not None
    assert (found.plan.code, found.seats) == ("consultancy", seats)


@pytest.mark.parametrize(
    ("kind", "subject", "needed"),
    [
        ("consultancy", "limit:clients", 2001),
        ("consultancy", "crosswalk", 1),
        ("enterprise", "limit:evidence_bytes", 2**40),
        ("regulator", "crosswalk", 1),
    ],
)
def test_where_nothing_on_sale_does_nothing_is_named(kind: str, subject: str, needed: int) -> None:
    assert opening_for(PRICES, kind, subject, needed) is None


def test_a_plan_without_a_monthly_price_is_offered_by_the_year() -> None:
    pro = PRICES.plans["pro"]
    yearly = replace(PRICES, plans={"pro": replace(pro, prices={"year": pro.prices["year"]})})
    found = opening_for(yearly, "enterprise", "trends", 1)
    assert found is not None
    assert {price.interval for price in found.prices} == {"year"}
