"""The finished HTML of the printed questionnaire; needs neither site nor database."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from maturity.adaptive.framework import Framework
from maturity.reference.industries import industry
from maturity.reference.size import LIMITS, SIZES
from maturity.reports.answers import money_words
from maturity.reports.booklet import Booklet, variant_booklet
from maturity.reports.booklet_words import SIZE_NAMES, region_name
from maturity.reports.typesetting import typeset

TEMPLATE = "reports/booklet.html"


def variant_html(framework: Framework, production_type: str, locale: str) -> str:
    """The blank booklet of a production type: everything its enterprises can be asked."""
    booklet = variant_booklet(framework, production_type)
    return _html(booklet, locale, enterprise=None, period=None, profile=None, filled=False)


def enterprise_html(
    booklet: Booklet, locale: str, *, enterprise: str, period: int, profile: Mapping[str, Any], filled: bool
) -> str:
    """The booklet of one enterprise, blank or with its answers."""
    shown = shown_profile(profile, locale)
    return _html(booklet, locale, enterprise=enterprise, period=period, profile=shown, filled=filled)


def _html(booklet: Booklet, locale: str, **values: Any) -> str:
    limits = [(SIZE_NAMES[size], *_limits(size, locale)) for size in reversed(SIZES)]
    return typeset(TEMPLATE, locale, booklet=booklet, limits=limits, **values)


def _limits(size: str, locale: str) -> tuple[int | None, str]:
    """The least staff and revenue of a size class; none for what falls below all of them."""
    if size not in LIMITS:
        return None, ""
    persons, revenue = LIMITS[size]
    return persons, money_words(Fraction(revenue), locale)


def shown_profile(profile: Mapping[str, Any], locale: str) -> Mapping[str, Any]:
    """The profile in words where it holds codes."""
    found = industry(profile["industry"])
    return {
        **profile,
        "industry": found.label(locale) if found else profile["industry"],
        "region": region_name(profile["region"]).to(locale),
        "revenue": money_words(Fraction(profile["revenue"]), locale),
        "size": SIZE_NAMES[profile["size"]].to(locale),
    }
