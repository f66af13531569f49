"""Formatters for templates: plain functions registered from one list."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from flask import Flask
from jinja2 import StrictUndefined

from maturity.clock import LOCAL
from maturity.questionnaires.model import Text
from maturity.web.locale import current_locale


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


FILTERS = (words, points, grouped, day, day_prose, clock_time)


def configure(app: Flask) -> None:
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.add_extension("jinja2.ext.do")
    for function in FILTERS:
        app.add_template_filter(function)
