"""Formatters for templates: plain functions registered from one list."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from flask import Flask
from flask_babel import gettext
from flask_babel import lazy_gettext as _
from jinja2 import StrictUndefined
from markupsafe import Markup

from maturity.clock import LOCAL
from maturity.questionnaires.model import Edition, Fact, Pair, Text
from maturity.questionnaires.plausibility import show
from maturity.questionnaires.values import InvalidValue, from_json
from maturity.reference.industries import industry
from maturity.reference.regions import full_name, region
from maturity.reference.size import size_class
from maturity.web.locale import current_locale
from maturity.web.messages import message_for


def words(text: Text | None) -> str:
    """A two-language text in the language of the page."""
    return "" if text is None else text.to(current_locale())


def points(value: Decimal | Fraction | str | float | None, places: int = 1) -> str:
    """A score or percentage for tables.

    >>> points("56.25"), points(None)
    ('56.2', '—')
    """
    if value is None:
        return "—"
    exact = Fraction(value)
    return format(Decimal(round(exact * 10**places)).scaleb(-places), "f")


def grouped(value: Any) -> str:
    """
    >>> grouped(Decimal("24000.5000"))
    '24,000.5'
    """
    number = Decimal(str(value))
    text = format(number, ",f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def fact_words(data: Any, fact: Fact, edition: Edition) -> str:
    """A stored fact in a person's words, with its unit and numbers grouped; of a pair the reporting year's.

    Empty where the edition has no such value, as with an option that only an earlier edition had.
    """
    try:
        value = from_json(fact, data) if data is not None else None
    except InvalidValue:
        return ""
    if value is None:
        return ""
    if isinstance(value, Pair):
        value = value.current
    shown = show(edition, fact.id, value, current_locale())
    return with_unit(grouped(shown) if isinstance(value, Fraction) else shown, words(fact.unit))


def with_unit(number: str, unit: str) -> str:
    """A number and its unit; a unit that begins with a number is multiplied by.

    >>> with_unit("15,770", "10,000 CNY"), with_unit("3", "units"), with_unit("A", "")
    ('15,770 × 10,000 CNY', '3 units', 'A')
    """
    return f"{number} × {unit}" if unit[:1].isdigit() else f"{number} {unit}".rstrip()


def day(value: datetime | date | None) -> str:
    """A date in a table."""
    if value is None:
        return "—"
    return (value.astimezone(LOCAL).date() if isinstance(value, datetime) else value).isoformat()


def day_prose(value: datetime | date) -> str:
    """A date in a sentence."""
    moment = value.astimezone(LOCAL).date() if isinstance(value, datetime) else value
    if current_locale().startswith("zh"):
        return f"{moment.year}年{moment.month}月{moment.day}日"
    return f"{moment.day} {moment:%B %Y}"


def clock_time(value: datetime) -> str:
    return f"{value.astimezone(LOCAL):%H:%M}"


def industry_name(code: str) -> str:
    found = industry(code)
    return found.label(current_locale()) if found else code


def region_name(code: str) -> str:
    return full_name(code, current_locale()) if region(code) else code


def size_name(enterprise: Any) -> str:
    """The official size class of an enterprise (or of anything with headcount and revenue)."""
    return str(SIZE_NAMES[size_class(enterprise.headcount, enterprise.revenue_wan)])


def production_type_name(value: str) -> str:
    return str(PRODUCTION_TYPE_NAMES.get(value, value))


def money(wan: Decimal) -> Markup:
    """An amount kept in 10,000 yuan, in the unit people would say it in; the exact value is the title."""
    exact = gettext("%(amount)s ×10,000 yuan", amount=grouped(wan))
    if current_locale().startswith("zh"):
        said = f"{grouped(round(wan / 10_000, 2))} 亿元" if wan >= 10_000 else f"{grouped(wan)} 万元"
    else:
        said = f"CNY {grouped(round(wan / 100, 2))} million"
    return Markup('<span title="{}">{}</span>').format(exact, said)


def job_error(code: str | None) -> str:
    """Why a job failed, in words, with what follows the code: the character that cannot be printed."""
    name, _, detail = (code or "job_failed").partition(":")
    return message_for(name) + (gettext(" (%(note)s)", note=detail) if detail else "")


SIZE_NAMES = {"large": _("Large"), "medium": _("Medium-sized"), "small": _("Small"), "micro": _("Micro")}
PRODUCTION_TYPE_NAMES = {
    "discrete_mass": _("Discrete, mass or series"),
    "discrete_small_batch": _("Discrete, small batch or single"),
    "process": _("Process"),
    "mixed": _("Mixed"),
}
FILTERS = (
    words,
    points,
    grouped,
    fact_words,
    day,
    day_prose,
    clock_time,
    industry_name,
    region_name,
    size_name,
    production_type_name,
    money,
    job_error,
)


def configure(app: Flask) -> None:
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.add_extension("jinja2.ext.do")
    for function in FILTERS:
        app.add_template_filter(function)
