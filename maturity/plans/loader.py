"""Reading price lists. A faulty one is refused with the place of the fault; the site does not start with it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from maturity.plans.model import CURRENCIES, INTERVALS, LIMITS, Coupon, Feature, Fee, Plan, PriceList, Tax
from maturity.questionnaires.model import Text

EDITIONS = Path(__file__).with_name("editions")
FORMAT = "maturity-plans/1"
KINDS = ("enterprise", "consultancy", "regulator", "certification_body")


class FaultyPriceList(ValueError):
    """A price list cannot be used; the message names the file and the entry."""


@cache
def price_lists() -> Mapping[str, PriceList]:
    """Every price list by its version."""
    found = [_read(path) for path in sorted(EDITIONS.glob("*.yaml"))]
    return {item.version: item for item in found}


def price_list(version: str) -> PriceList:
    """The one under which something was bought, whatever is in force now."""
    return price_lists()[version]


def current_price_list(on: date) -> PriceList:
    """The one in force on a day: the latest that had begun; before the first of all, the first."""
    known = sorted(price_lists().values(), key=lambda item: item.in_force_from)
    return next((item for item in reversed(known) if item.in_force_from <= on), known[0])


def _read(path: Path) -> PriceList:
    return parse_price_list(yaml.safe_load(path.read_text("utf-8")), path.name)


def parse_price_list(data: Mapping[str, Any], name: str) -> PriceList:
    """What the YAML says, checked."""
    _require(data.get("format") == FORMAT, f"{name}: format is not {FORMAT}")
    try:
        found = PriceList(
            version=str(data["version"]),
            in_force_from=data["in_force_from"],
            taxes={code: _tax(item) for code, item in data["taxes"].items()},
            plans={code: _plan(code, item) for code, item in data["plans"].items()},
            fees={code: Fee(code, _text(item["name"]), item["prices"]) for code, item in data["fees"].items()},
            coupons={code: _coupon(code, item) for code, item in data["coupons"].items()},
        )
    except (KeyError, TypeError, ValueError, InvalidOperation) as error:
        raise FaultyPriceList(f"{name}: {error!r}") from error
    _check(found, name)
    return found


def _text(item: Mapping[str, str]) -> Text:
    return Text(item["zh"], item["en"])


def _tax(item: Mapping[str, Any]) -> Tax:
    return Tax(Decimal(item["rate"]), item["inclusive"], _text(item["name"]))


def _plan(code: str, item: Mapping[str, Any]) -> Plan:
    seats = item.get("seats", {"least": 1, "most": 1})
    return Plan(
        code=code,
        kind=item["kind"],
        rank=item["rank"],
        name=_text(item["name"]),
        summary=_text(item["summary"]),
        features=frozenset(Feature(name) for name in item["features"]),
        limits=item["limits"],
        per_seat_limits=item.get("per_seat_limits", {}),
        prices=item.get("prices", {}),
        per_seat=item.get("per_seat", False),
        least_seats=seats["least"],
        most_seats=seats["most"],
        trial_days=item.get("trial_days", 0),
    )


def _coupon(code: str, item: Mapping[str, Any]) -> Coupon:
    return Coupon(
        code=code,
        name=_text(item["name"]),
        plans=frozenset(item["plans"]),
        intervals=frozenset(item.get("intervals", INTERVALS)),
        until=item["until"],
        most=item["most"],
        percent=item.get("percent"),
        amount=item.get("amount"),
    )


def _check(found: PriceList, name: str) -> None:
    _require(set(found.taxes) == set(CURRENCIES), f"{name}: taxes must name each of {', '.join(CURRENCIES)}")
    for plan in found.plans.values():
        _check_plan(plan, f"{name}: plan {plan.code}")
    for kind in {plan.kind for plan in found.plans.values()}:
        basic = [plan for plan in found.plans.values() if plan.kind == kind and plan.is_basic]
        _require(len(basic) == 1 and not basic[0].is_sold, f"{name}: {kind} needs one plan of rank 0, without price")
    for fee in found.fees.values():
        _check_prices(fee.prices, f"{name}: fee {fee.code}")
    for coupon in found.coupons.values():
        _check_coupon(found, coupon, f"{name}: coupon {coupon.code}")


def _check_plan(plan: Plan, where: str) -> None:
    _require(plan.kind in KINDS, f"{where}: kind {plan.kind!r}")
    _require({*plan.limits, *plan.per_seat_limits} <= set(LIMITS), f"{where}: limits are of {', '.join(LIMITS)}")
    _require(set(plan.prices) <= set(INTERVALS), f"{where}: intervals are {', '.join(INTERVALS)}")
    _require(1 <= plan.least_seats <= plan.most_seats, f"{where}: seats")
    for prices in plan.prices.values():
        _check_prices(prices, where)


def _check_prices(prices: Mapping[str, int], where: str) -> None:
    """Nothing costs nothing: what is free has no price."""
    _require(set(prices) == set(CURRENCIES), f"{where}: prices must name each of {', '.join(CURRENCIES)}")
    whole = all(type(amount) is int and amount > 0 for amount in prices.values())
    _require(whole, f"{where}: prices are whole numbers above 0, in minor units")


def _check_coupon(found: PriceList, coupon: Coupon, where: str) -> None:
    _require((coupon.percent is None) != (coupon.amount is None), f"{where}: either percent or amount")
    _require(coupon.percent is None or 1 <= coupon.percent <= 100, f"{where}: percent is from 1 to 100")
    if coupon.amount is not None:
        _check_prices(coupon.amount, where)
    _require(all(found.plans[code].is_sold for code in coupon.plans), f"{where}: plans must be on sale")


def _require(holds: bool, message: str) -> None:
    if not holds:
        raise FaultyPriceList(message)
