"""Printed pages without the site: the same templates and catalogue, for command line and jobs alike."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

from babel.support import NullTranslations, Translations
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from maturity.questionnaires.model import Text
from maturity.reports.answers import grouped

ROOT = Path(__file__).resolve().parents[2]
CATALOGUES = ROOT / "maturity" / "translations"
CHINESE = "zh_Hans_CN"


class MissingTranslations(RuntimeError):
    """The Chinese catalogue is not compiled; set-up does that."""


def typeset(template: str, locale: str, **values: Any) -> str:
    """The finished HTML of a template of `templates/` in a language of ours."""
    return _environment(locale).get_template(template).render(report_locale=locale, **values)


@cache
def _environment(locale: str) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(ROOT / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    i18n: Any = environment
    i18n.install_gettext_translations(_translations(locale), newstyle=True)

    def words(text: Text | None) -> str:
        return "" if text is None else text.to(locale)

    environment.filters |= {"words": words, "figure": grouped, "percent": percent, "sentence": sentence}
    return environment


def percent(share: Fraction) -> str:
    """To one place.

    >>> percent(Fraction(200, 3))
    '66.7'
    """
    return format(Decimal(round(share * 10)).scaleb(-1), "f")


def sentence(text: str) -> str:
    """Beginning like a sentence; a first letter that is none stays.

    >>> sentence("from medium size"), sentence("中型企业")
    ('From medium size', '中型企业')
    """
    return text[:1].upper() + text[1:]


def _translations(locale: str) -> NullTranslations:
    if not locale.startswith("zh"):
        return NullTranslations()
    if not (CATALOGUES / CHINESE / "LC_MESSAGES" / "messages.mo").is_file():
        raise MissingTranslations(f"{CHINESE} is not compiled; run ./run or ./check once")
    return Translations.load(CATALOGUES, [CHINESE])
