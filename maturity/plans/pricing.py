"""What something costs, in whole minor units. Tax is rounded half up to the minor unit, as invoices are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from maturity.plans.model import Coupon, Fee, Plan, PriceList, Tax

_HUNDRED = Decimal(100)


class NotPriced(ValueError):
    """It is not sold like this; `code` says why, for the page."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Quote:
    """`list_minor` is price times quantity; after the discount `tax_minor` of it is tax. `total_minor` is paid,
    `net_minor` is that without tax."""

    currency: str
    unit_minor: int
    quantity: int
    list_minor: int
    discount_minor: int
    net_minor: int
    tax_minor: int
    total_minor: int


def quote_plan(
    prices: PriceList, plan: Plan, interval: str, currency: str, seats: int = 1, coupon: Coupon | None = None
) -> Quote:
    """The price of one term of a plan. `NotPriced` where it is not on sale like this."""
    if currency not in prices.taxes:
        raise NotPriced("currency_unknown")
    if interval not in plan.prices:
        raise NotPriced("plan_not_sold")
    if not plan.least_seats <= seats <= plan.most_seats:
        raise NotPriced("seats_out_of_range")
    unit = plan.prices[interval][currency]
    discount = discount_of(coupon, unit * seats, currency) if coupon else 0
    return _quote(prices.taxes[currency], currency, unit, seats, discount)


def quote_fee(prices: PriceList, fee: Fee, currency: str) -> Quote:
    if currency not in prices.taxes:
        raise NotPriced("currency_unknown")
    return _quote(prices.taxes[currency], currency, fee.prices[currency], 1, 0)


def _quote(tax: Tax, currency: str, unit: int, quantity: int, discount: int) -> Quote:
    listed = unit * quantity
    net, taxed, total = taxed_amounts(tax, listed - discount)
    return Quote(currency, unit, quantity, listed, discount, net, taxed, total)


def taxed_amounts(tax: Tax, amount: int) -> tuple[int, int, int]:
    """Net, tax and total of an amount as the price list writes it, with or without the tax in it.

    >>> from maturity.questionnaires.model import Text
    >>> taxed_amounts(Tax(Decimal(6), True, Text("", "")), 298000)
    (281132, 16868, 298000)
    >>> taxed_amounts(Tax(Decimal(6), False, Text("", "")), 100)
    (100, 6, 106)
    """
    if tax.inclusive:
        taxed = _rounded(amount * tax.rate / (_HUNDRED + tax.rate))
        return amount - taxed, taxed, amount
    taxed = _rounded(amount * tax.rate / _HUNDRED)
    return amount, taxed, amount + taxed


def discount_of(coupon: Coupon, amount: int, currency: str) -> int:
    """What a coupon takes off, never more than there is."""
    if coupon.percent is not None:
        return _rounded(Decimal(amount) * coupon.percent / _HUNDRED)
    return min(amount, (coupon.amount or {}).get(currency, 0))


def _rounded(value: Decimal) -> int:
    return int(value.quantize(Decimal(1), ROUND_HALF_UP))


def coupon_for(prices: PriceList, typed: str, plan: Plan, interval: str, on: date) -> Coupon:
    """The coupon that somebody typed, if it can be used for this; `NotPriced` says why not."""
    coupon = prices.coupons.get(typed.strip().upper())
    if coupon is None:
        raise NotPriced("coupon_unknown")
    if coupon.until < on:
        raise NotPriced("coupon_over")
    if plan.code not in coupon.plans or interval not in coupon.intervals:
        raise NotPriced("coupon_elsewhere")
    return coupon


def written(amount_minor: int) -> str:
    """An amount as people read it, without currency.

    >>> written(298000), written(5), written(-123456789)
    ('2,980.00', '0.05', '-1,234,567.89')
    """
    whole, rest = divmod(abs(amount_minor), 100)
    return f"{'-' if amount_minor < 0 else ''}{whole:,}.{rest:02d}"


def read_amount(typed: str) -> int:
    """Minor units of what somebody typed, such as 2,980.00; `ValueError` where it is no amount above zero.

    >>> read_amount("2,980"), read_amount("¥ 2 980.5"), read_amount("１２.50")
    (298000, 298050, 1250)
    """
    text = typed.translate(_PLAIN).replace(",", "").replace(" ", "").lstrip("¥$￥")
    whole, _point, rest = text.partition(".")
    if not whole.isdecimal() or not (rest.isdecimal() or not rest) or len(rest) > 2 or len(whole) > 12:
        raise ValueError(typed)
    amount = int(whole) * 100 + int(rest.ljust(2, "0"))
    if amount == 0:
        raise ValueError(typed)
    return amount


_PLAIN = str.maketrans("０１２３４５６７８９．，\u3000\u00a0", "0123456789.,  ")
