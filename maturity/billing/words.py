"""How amounts, states and ways of paying are called on the pages."""

from __future__ import annotations

from datetime import datetime

from flask_babel import gettext
from flask_babel import lazy_gettext as _

from maturity.billing.gateway import PreviewLine
from maturity.plans.model import Plan, PriceList, Tax
from maturity.plans.pricing import written
from maturity.plans.usage import GIGABYTE, MEGABYTE
from maturity.web.filters import words

#: With a space that does not break, so that no line ends between sign and number.
SIGNS = {"cny": "¥\u00a0", "usd": "US$\u00a0"}
CURRENCIES = {"cny": _("Chinese yuan (CNY)"), "usd": _("US dollars (USD)")}
INTERVALS = {"month": _("monthly"), "year": _("yearly")}
EACH = {"month": _("a month"), "year": _("a year")}
#: What gives a plan.
SOURCES = {
    "subscription": _("a subscription paid by card"),
    "order": _("a year paid in advance"),
    "operator": _("assigned by the operator"),
    "trial": _("a free trial"),
}
LIMITS = {
    "evidence_bytes": _("Space for evidence"),
    "members": _("People"),
    "clients": _("Clients"),
    "history_periods": _("Reporting periods compared"),
}
METHODS = {
    "card": _("Card"),
    "alipay": _("Alipay"),
    "wechat_pay": _("WeChat Pay"),
    "transfer": _("Bank transfer"),
}
#: Of invoices at Stripe: name and kind of badge.
INVOICES = {
    "draft": (_("in preparation"), "neutral"),
    "open": (_("not paid yet"), "caution"),
    "paid": (_("paid"), "good"),
    "uncollectible": (_("given up"), "danger"),
    "void": (_("void"), "neutral"),
}
#: Of subscriptions, in Stripe's own words: name and kind of badge.
SUBSCRIPTIONS = {
    "trialing": (_("free trial"), "accent"),
    "active": (_("active"), "good"),
    "past_due": (_("payment overdue"), "danger"),
    "unpaid": (_("not paid"), "danger"),
    "paused": (_("paused"), "caution"),
    "incomplete": (_("waits for the first payment"), "caution"),
    "incomplete_expired": (_("never began"), "neutral"),
    "canceled": (_("ended"), "neutral"),
}


def amount(minor: int, currency: str) -> str:
    """An amount with the sign of its currency.

    >>> amount(298000, "cny"), amount(-5, "usd")
    ('¥\\xa02,980.00', '−US$\\xa00.05')
    """
    return f"{'−' if minor < 0 else ''}{SIGNS[currency]}{written(abs(minor))}"


def limit_words(limit: str, value: int | None) -> str:
    """How much a limit allows, or is in use: 20 GB, 10 people, any number."""
    if value is None:
        return gettext("no limit")
    return size(value) if limit == "evidence_bytes" else str(value)


def size(number: int) -> str:
    """Bytes as people read them.

    >>> size(21474836480), size(1536 * 1024), size(0)
    ('20 GB', '1.5 MB', '0 MB')
    """
    unit, name = (GIGABYTE, "GB") if number >= GIGABYTE else (MEGABYTE, "MB")
    return f"{number / unit:.1f}".removesuffix(".0") + f" {name}"


def tax_words(tax: Tax) -> str:
    """Whether the prices hold tax, and how much."""
    if not tax.rate:
        return gettext("No tax is charged.")
    if tax.inclusive:
        return gettext("Prices include %(rate)s %% VAT.", rate=f"{tax.rate:f}")
    return gettext("Plus %(rate)s %% VAT.", rate=f"{tax.rate:f}")


def line_words(line: PreviewLine) -> str:
    """What a line of a preview is for, in the language of the page: Stripe says it in its own."""
    if not line.is_proration:
        return gettext("The new period")
    if line.amount_minor < 0:
        return gettext("Credit for what is paid and not used yet")
    return gettext("What is changed, for the rest of the period")


def plan_name(prices: PriceList, code: str) -> str:
    """In the language of the page; of a plan that is not sold any more its code."""
    plan: Plan | None = prices.plans.get(code)
    return words(plan.name) if plan is not None else code


def is_past(value: datetime | None, now: datetime) -> bool:
    return value is not None and value <= now
