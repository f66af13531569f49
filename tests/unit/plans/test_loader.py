"""A price list with a fault is refused with the place of the fault."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from maturity.plans.loader import FaultyPriceList, current_price_list, parse_price_list, price_list, price_lists
from maturity.plans.model import Feature

CNY_ALONE = {"year": {"cny": 1}}


def spoil(data: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    """The data with something else at a path such as plans/pro/kind; without a value it is taken out."""
    *way, last = path.split("/")
    at = data
    for part in way:
        at = at[part]
    if value is None:
        del at[last]
    else:
        at[last] = value
    return data


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        ("format", "maturity-plans/9", "x.yaml: format is not maturity-plans/1"),
        ("version", None, "KeyError('version')"),
        ("taxes/cny/rate", "six", "InvalidOperation"),
        ("plans/pro/name", "Pro", "TypeError"),
        ("plans/pro/features", ["teleport"], "'teleport' is not a valid Feature"),
        ("taxes/usd", None, "taxes must name each of cny, usd"),
        ("plans/pro/kind", "shop", "plan pro: kind 'shop'"),
        ("plans/pro/limits", {"biscuits": 3}, "plan pro: limits are of evidence_bytes"),
        ("plans/consultancy/per_seat_limits", {"biscuits": 3}, "plan consultancy: limits are of evidence_bytes"),
        ("plans/pro/prices", {"week": {"cny": 1, "usd": 1}}, "plan pro: intervals are month, year"),
        ("plans/consultancy/seats", {"least": 5, "most": 2}, "plan consultancy: seats"),
        ("plans/consultancy/seats", {"least": 0, "most": 2}, "plan consultancy: seats"),
        ("plans/pro/prices", CNY_ALONE, "plan pro: prices must name each of cny, usd"),
        ("plans/pro/prices/year/cny", 0, "plan pro: prices are whole numbers above 0"),
        ("plans/pro/prices/year/cny", 12.5, "plan pro: prices are whole numbers above 0"),
        ("plans/pro/prices/year/cny", True, "plan pro: prices are whole numbers above 0"),
        ("plans/pro/rank", 0, "enterprise needs one plan of rank 0, without price"),
        ("plans/free/rank", 3, "enterprise needs one plan of rank 0, without price"),
        ("plans/free/prices", {"year": {"cny": 1, "usd": 1}}, "enterprise needs one plan of rank 0"),
        ("fees/certification/prices", {"cny": 1}, "fee certification: prices must name each"),
        ("coupons/WELCOME20/percent", 101, "coupon WELCOME20: percent is from 1 to 100"),
        ("coupons/WELCOME20/percent", 0, "coupon WELCOME20: percent is from 1 to 100"),
        ("coupons/WELCOME20/percent", None, "coupon WELCOME20: either percent or amount"),
        ("coupons/COUNTY500/percent", 5, "coupon COUNTY500: either percent or amount"),
        ("coupons/COUNTY500/amount", {"cny": 5}, "coupon COUNTY500: prices must name each"),
        ("coupons/COUNTY500/plans", ["free"], "coupon COUNTY500: plans must be on sale"),
    ],
)
def test_a_fault_is_named(written_list: dict[str, Any], path: str, value: Any, said: str) -> None:
    with pytest.raises(FaultyPriceList) as raised:
        parse_price_list(spoil(written_list, path, value), "x.yaml")
    assert said in str(raised.value)
    assert str(raised.value).startswith("x.yaml: ")


def test_what_is_not_written_has_its_usual_value(written_list: dict[str, Any]) -> None:
    pro = parse_price_list(written_list, "x.yaml").plans["pro"]
    assert (pro.per_seat, pro.least_seats, pro.most_seats, dict(pro.per_seat_limits)) == (False, 1, 1, {})


def test_the_price_list_of_a_day_is_the_latest_that_had_begun() -> None:
    assert current_price_list(date(2030, 1, 1)).version == max(price_lists())
    assert current_price_list(date(2026, 11, 1)).version == "2026.1"


def test_before_the_first_price_list_the_first_counts() -> None:
    assert current_price_list(date(2020, 1, 1)).version == "2026.1"


def test_a_later_list_takes_over_on_its_day(monkeypatch: pytest.MonkeyPatch, written_list: dict[str, Any]) -> None:
    later = parse_price_list(written_list | {"version": "2028.1", "in_force_from": date(2028, 1, 1)}, "y.yaml")
    both = {"2028.1": later, "2026.1": price_list("2026.1")}
    monkeypatch.setattr("maturity.plans.loader.price_lists", lambda: both)
    assert current_price_list(date(2027, 12, 31)).version == "2026.1"
    assert current_price_list(date(2028, 1, 1)).version == "2028.1"


def test_each_kind_of_tenant_has_one_plan_that_costs_nothing() -> None:
    prices = price_list("2026.1")
    assert [prices.basic(kind).code for kind in ("enterprise", "consultancy", "regulator")] == [  # type: ignore[union-attr]  # each has one
        "free",
        "consultancy_free",
        "contract",
    ]
    assert prices.basic("certification_body") is None


def test_the_cheapest_plan_that_opens_a_feature_is_found() -> None:
    prices = price_list("2026.1")
    assert [plan.code for plan in prices.sold_to("enterprise")] == ["pro"]
    assert {prices.opening(feature).code for feature in Feature} == {"pro"}  # type: ignore[union-attr]  # each is sold
