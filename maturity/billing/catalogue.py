"""Putting at Stripe what the price lists sell: made where it lacks, checked where it is there, never changed.

A price that stands at Stripe with another amount or currency than in our list is refused by name: somebody may have
bought under it. A changed price is a new price list.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from maturity.billing.naming import coupon_name, price_name, product_name, tax_name
from maturity.billing.stripe_catalogue import PORTAL, CouponAtStripe, PriceAtStripe, StripeCatalogue
from maturity.plans.model import CURRENCIES, Coupon, Plan, PriceList


class Different(Exception):
    """Something of this name stands at Stripe and is not what our price list says; nothing was changed there."""

    def __init__(self, name: str, theirs: str, ours: str) -> None:
        super().__init__(f"{name}: Stripe has {theirs}, the price list says {ours}")
        self.name = name


def sync_catalogue(catalogue: StripeCatalogue, prices: PriceList) -> Iterator[str]:
    """Make what lacks; a line for each that was made. `Different` stops before anything is made of that kind."""
    yield from _sync_prices(catalogue, prices)
    yield from _sync_taxes(catalogue, prices)
    yield from _sync_coupons(catalogue, prices)
    if catalogue.find_portal() is None:
        catalogue.make_portal()
        yield PORTAL
    catalogue.forget()


def _sync_prices(catalogue: StripeCatalogue, prices: PriceList) -> Iterator[str]:
    wanted = _wanted(prices)
    found = catalogue.find_prices(wanted)
    for name in found:
        _compare(name, found[name], wanted[name][1])
    for plan in {plan.code: plan for plan, _price in wanted.values()}.values():
        catalogue.make_product(product_name(plan.code), f"{plan.name.zh} {plan.name.en}")
    for name in [name for name in wanted if name not in found]:
        plan, price = wanted[name]
        inclusive = prices.taxes[price.currency].inclusive
        product = product_name(plan.code)
        catalogue.make_price(name, product, price.currency, price.amount_minor, price.interval, inclusive=inclusive)
        yield name


def _wanted(prices: PriceList) -> dict[str, tuple[Plan, PriceAtStripe]]:
    """By lookup key."""
    return {
        price_name(plan.code, interval, currency, prices.version): (plan, PriceAtStripe("", currency, amount, interval))
        for plan in prices.plans.values()
        for interval, amounts in plan.prices.items()
        for currency, amount in amounts.items()
    }


def _compare(name: str, theirs: PriceAtStripe, ours: PriceAtStripe) -> None:
    if (theirs.currency, theirs.amount_minor, theirs.interval) != (ours.currency, ours.amount_minor, ours.interval):
        raise Different(name, _words(theirs), _words(ours))


def _words(price: PriceAtStripe) -> str:
    return f"{price.amount_minor} {price.currency} each {price.interval}"


def _sync_taxes(catalogue: StripeCatalogue, prices: PriceList) -> Iterator[str]:
    for currency, tax in prices.taxes.items():
        name = tax_name(currency, prices.version)
        if tax.rate and catalogue.find_tax(name) is None:
            catalogue.make_tax(name, f"{tax.name.zh} {tax.name.en}", tax.rate, inclusive=tax.inclusive)
            yield name


def _sync_coupons(catalogue: StripeCatalogue, prices: PriceList) -> Iterator[str]:
    for coupon in prices.coupons.values():
        for currency in CURRENCIES:
            name, ours = coupon_name(coupon.code, currency, prices.version), _coupon(coupon, currency)
            theirs = catalogue.find_coupon(name)
            if theirs is None:
                catalogue.make_coupon(name, f"{coupon.name.zh} {coupon.name.en}", ours)
                yield name
            elif theirs != ours:
                raise Different(name, str(theirs), str(ours))


def _coupon(coupon: Coupon, currency: str) -> CouponAtStripe:
    if coupon.percent is not None:
        return CouponAtStripe(Decimal(coupon.percent), None, None)
    return CouponAtStripe(None, (coupon.amount or {})[currency], currency)
