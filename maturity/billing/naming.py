"""What our things are called at Stripe, so that they are found there again. Pure."""

from __future__ import annotations


def product_name(plan: str) -> str:
    return f"maturity-{plan}"


def price_name(plan: str, interval: str, currency: str, version: str) -> str:
    """The lookup key of a price, which `terms.sold_as` reads.

    >>> price_name("pro", "year", "cny", "2026.1")
    'maturity:pro:year:cny:2026.1'
    """
    return f"maturity:{plan}:{interval}:{currency}:{version}"


def tax_name(currency: str, version: str) -> str:
    return f"tax:{currency}:{version}"


def coupon_name(coupon: str, currency: str, version: str) -> str:
    """Ids at Stripe hold neither colons nor dots.

    >>> coupon_name("WELCOME20", "cny", "2026.1")
    'maturity-WELCOME20-cny-2026-1'
    """
    return f"maturity-{coupon}-{currency}-{version.replace('.', '-')}"
