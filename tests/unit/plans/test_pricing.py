"""Amounts in minor units: tax in and on top, seats, coupons, and what is not sold like this."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maturity.plans.loader import price_list
from maturity.plans.model import Coupon, Tax
from maturity.plans.pricing import (
    NotPriced,
    coupon_for,
    discount_of,
    quote_fee,
    quote_plan,
    read_amount,
    taxed_amounts,
    written,
)
from maturity.questionnaires.model import Text

PRICES = price_list("2026.1")
PRO, SEATS = PRICES.plans["pro"], PRICES.plans["consultancy"]
NAME = Text("", "")


def test_a_year_of_pro_contains_its_tax() -> None:
    quote = quote_plan(PRICES, PRO, "year", "cny")
    assert (quote.total_minor, quote.net_minor, quote.tax_minor) == (298000, 281132, 16868)


def test_seats_multiply_the_price() -> None:
    quote = quote_plan(PRICES, SEATS, "month", "usd", 5)
    assert (quote.unit_minor, quote.quantity, quote.list_minor, quote.total_minor) == (2900, 5, 14500, 14500)


def test_a_fee_has_a_quote() -> None:
    assert quote_fee(PRICES, PRICES.fees["certification"], "cny").total_minor == 600000


def test_tax_on_top_is_added() -> None:
    quote = quote_plan(replace(PRICES, taxes={"usd": Tax(Decimal(6), False, NAME)}), PRO, "year", "usd")
    assert (quote.net_minor, quote.tax_minor, quote.total_minor) == (45000, 2700, 47700)


@pytest.mark.parametrize(
    ("plan", "interval", "currency", "seats", "code"),
    [
        ("pro", "year", "eur", 1, "currency_unknown"),
        ("free", "year", "cny", 1, "plan_not_sold"),
        ("pro", "week", "cny", 1, "plan_not_sold"),
        ("pro", "year", "cny", 2, "seats_out_of_range"),
        ("consultancy", "year", "cny", 0, "seats_out_of_range"),
        ("consultancy", "year", "cny", 201, "seats_out_of_range"),
    ],
)
def test_what_is_not_sold_like_this_has_no_price(
    plan: str, interval: str, currency: str, seats: int, code: str
) -> None:
    with pytest.raises(NotPriced) as raised:
        quote_plan(PRICES, PRICES.plans[plan], interval, currency, seats)
    assert raised.value.code == code


def test_a_fee_in_an_unknown_currency_has_no_price() -> None:
    with pytest.raises(NotPriced, match="currency_unknown"):
        quote_fee(PRICES, PRICES.fees["certification"], "eur")


def test_a_coupon_takes_its_part_off_before_tax() -> None:
    coupon = coupon_for(PRICES, " welcome20 ", PRO, "year", date(2027, 1, 1))
    quote = quote_plan(PRICES, PRO, "year", "cny", coupon=coupon)
    assert (quote.list_minor, quote.discount_minor, quote.total_minor) == (298000, 59600, 238400)


def test_a_coupon_of_an_amount_takes_off_no_more_than_there_is() -> None:
    coupon = PRICES.coupons["COUNTY500"]
    assert (discount_of(coupon, 298000, "cny"), discount_of(coupon, 300, "cny")) == (50000, 300)
    assert discount_of(Coupon("A", NAME, frozenset(), frozenset(), date.max, 1), 300, "cny") == 0


@pytest.mark.parametrize(
    ("typed", "plan", "interval", "day", "code"),
    [
        ("NOSUCH", "pro", "year", date(2027, 1, 1), "coupon_unknown"),
        ("WELCOME20", "pro", "year", date(2028, 1, 1), "coupon_over"),
        ("COUNTY500", "consultancy", "year", date(2027, 1, 1), "coupon_elsewhere"),
        ("COUNTY500", "pro", "month", date(2027, 1, 1), "coupon_elsewhere"),
    ],
)
def test_a_coupon_that_does_not_fit_says_why(typed: str, plan: str, interval: str, day: date, code: str) -> None:
    with pytest.raises(NotPriced) as raised:
        coupon_for(PRICES, typed, PRICES.plans[plan], interval, day)
    assert raised.value.code == code


def test_a_coupon_holds_on_its_last_day() -> None:
    assert coupon_for(PRICES, "COUNTY500", PRO, "year", date(2027, 6, 30)).code == "COUNTY500"


@given(amount=st.integers(1, 10**12), rate=st.decimals(0, 30, places=2), inclusive=st.booleans())
def test_net_and_tax_add_up_to_the_total(amount: int, rate: Decimal, inclusive: bool) -> None:
    net, tax, total = taxed_amounts(Tax(rate, inclusive, NAME), amount)
    assert net + tax == total
    assert min(net, tax) >= 0
    assert (total if inclusive else net) == amount


@given(amount=st.integers(1, 10**13))
def test_what_is_written_is_read_again(amount: int) -> None:
    assert read_amount(written(amount)) == amount


@pytest.mark.parametrize("typed", ["", "0", "0.00", "-5", "1.234", "abc", "1.2.3", "9" * 13, "1e3"])
def test_what_is_no_amount_above_zero_is_refused(typed: str) -> None:
    with pytest.raises(ValueError, match="^"):
        read_amount(typed)
