"""A published figure in the language of the page: its words, its citation, and its row in a file."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from babel.dates import format_date
from flask import url_for
from flask_babel import force_locale, gettext

from maturity.audit.export import BYTE_ORDER_MARK, harmless
from maturity.reference.figures import (
    KEPT,
    KINDS,
    SIGNS,
    STANDINGS,
    Figure,
    Indicator,
    amount,
    comparator_words,
    indicators,
    place,
    populations,
    source_list,
    units,
    version,
)
from maturity.web.addresses import site_url

#: Chinese counts by ten thousand and by hundred million; in English such a value is written out.
SCALES = {
    "yi": (10**8, "yuan"),
    "wan": (10**4, "yuan"),
    "wan_people": (10**4, "people"),
    "wan_users": (10**4, "users"),
    "wan_units": (10**4, "units"),
    "wan_items": (10**4, "records"),
    "yi_visits": (10**8, "visits"),
    "yi_searches": (10**8, "searches"),
    "yi_records": (10**8, "records"),
}
LARGE = ((10**12, "trillion"), (10**9, "billion"), (10**6, "million"))
BADGES = {"actual": "neutral", "target": "accent", "estimate": "caution", "rule": "neutral"}


@dataclass(frozen=True, slots=True)
class View:
    """All that stands beside a figure wherever it is shown."""

    figure: Figure
    indicator: Indicator
    title: str
    value: str
    sign: str
    comparator: str
    region: str
    period: str
    population: str
    kind: str
    badge: str
    standing: str
    source: str
    url: str
    indicator_url: str


def view(item: Figure, locale: str) -> View:
    about = indicators()[item.indicator]
    return View(
        figure=item,
        indicator=about,
        title=about.title.to(locale),
        value=value_words(item, locale),
        sign=SIGNS.get(item.comparator, ""),
        comparator=comparator_words(item, locale),
        region=place(item.region).to(locale),
        period=period_words(item, locale),
        population=populations()[item.population].to(locale),
        kind=KINDS[item.kind].to(locale),
        badge=BADGES[item.kind],
        standing=STANDINGS[item.provenance].to(locale),
        source=source_words(item, locale),
        url=url_for("public.figure_page", code=item.id),
        indicator_url=url_for("public.indicator_page", name=item.indicator),
    )


def value_words(item: Figure, locale: str) -> str:
    """The value with sign and unit, as people write them in that language."""
    number, zh = amount(item, locale), locale.startswith("zh")
    if item.unit in SCALES and not zh and item.value is not None:
        return _written_out(item)
    if item.value is None or item.unit in ("—", "score"):
        return number
    if item.unit == "%":
        return f"{number}%"
    unit = units()[item.unit].to(locale)
    if item.unit == "rank":
        return f"第 {number} 名" if zh else f"no. {number}"
    if item.unit == "level":
        return f"{number} 级" if zh else f"level {number}"
    return f"{number} {unit}"


def _written_out(item: Figure) -> str:
    """
    >>> from maturity.reference.figures import figure
    >>> _written_out(figure("shandong-2018-ecommerce-target")), _written_out(figure("feiyue-2001-investment"))
    ('>\\u202f2.6 trillion yuan', '5.2 million yuan')
    """
    scale, unit = SCALES[item.unit]
    value = (item.value or Decimal(0)) * scale
    size, word = next(((size, f" {word}") for size, word in LARGE if value >= size), (1, ""))
    sign = SIGNS.get(item.comparator)
    number = f"{value / size:,f}"
    number = number.rstrip("0").rstrip(".") if "." in number else number
    return f"{f'{sign}{chr(0x202F)}' if sign else ''}{number}{word} {unit}"


def period_words(item: Figure, locale: str) -> str:
    """What the source says of the time, else year or month."""
    if item.when is not None:
        return item.when.to(locale)
    year, _, month = item.period.partition("-")
    if not month:
        return f"{year} 年" if locale.startswith("zh") else year
    if locale.startswith("zh"):
        return f"{year} 年 {int(month)} 月"
    return format_date(item.ends_on, "MMMM y", locale="en")


def source_words(item: Figure, locale: str) -> str:
    """The source by code, title and line."""
    title = f"{item.source} {source_list()[item.source].title.to(locale)}"
    if item.line is None:
        return title
    return f"{title}，第 {item.line} 行" if locale.startswith("zh") else f"{title}, line {item.line}"


def citation(item: Figure, locale: str) -> str:
    """One sentence to be copied, in either language whatever the page is in."""
    shown = view(item, locale)
    is_worded = not shown.sign and item.value is not None and shown.comparator
    with force_locale(locale):
        return gettext(
            "%(title)s, %(region)s, %(period)s: %(meant)s%(value)s (%(kind)s; %(population)s; %(standing)s). "
            "Source: %(source)s. In: Integration Maturity, reference figures, %(id)s, version %(version)s, %(url)s",
            title=shown.title,
            region=shown.region,
            period=shown.period,
            meant=f"{shown.comparator} " if is_worded else "",
            value=shown.value,
            kind=shown.kind,
            population=shown.population,
            standing=shown.standing,
            source=shown.source,
            id=item.id,
            version=version(),
            url=site_url("public.figure_page", code=item.id),
        )


def as_csv(items: Iterable[Figure], locale: str) -> str:
    """One row a figure, in the language of the page, for people and their spreadsheets."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(_header())
    for item in items:
        writer.writerow([harmless(cell) for cell in _cells(item, locale)])
    return BYTE_ORDER_MARK + buffer.getvalue()


def _header() -> tuple[str, ...]:
    return (
        gettext("Figure number"),
        gettext("Indicator"),
        gettext("Place"),
        gettext("Code of the place"),
        gettext("Time"),
        gettext("Actual or target"),
        gettext("Comparator"),
        gettext("Value"),
        gettext("Upper end"),
        gettext("Unit"),
        gettext("As printed"),
        gettext("Population"),
        gettext("Source"),
        gettext("Quote"),
        gettext("What was kept"),
        gettext("Provenance"),
        gettext("Why a decimal point was put back"),
        gettext("Note"),
        gettext("Web address"),
    )


def _cells(item: Figure, locale: str) -> tuple[str, ...]:
    shown = view(item, locale)
    return (
        item.id,
        shown.title,
        shown.region,
        item.region,
        shown.period,
        shown.kind,
        shown.comparator,
        _plain(item.value),
        _plain(item.upper),
        units()[item.unit].to(locale),
        item.printed,
        shown.population,
        shown.source,
        item.quote,
        KEPT[item.kept].to(locale),
        f"{item.provenance} {shown.standing}",
        item.decimal.to(locale) if item.decimal else "",
        item.note.to(locale) if item.note else "",
        site_url("public.figure_page", code=item.id),
    )


def _plain(value: object) -> str:
    return "" if value is None else str(value)


def as_json(items: Iterable[Figure], asked: dict[str, str]) -> str:
    """Every field of each figure, texts in both languages, for programs; values are texts so that no digit is lost."""
    rows = [_record(item) for item in items]
    data = {"version": version(), "filters": asked, "count": len(rows), "figures": rows}
    return json.dumps(data, ensure_ascii=False, indent=1) + "\n"


def _record(item: Figure) -> dict[str, Any]:
    def both(text: Any) -> dict[str, str] | None:
        return {"zh": text.zh, "en": text.en} if text else None

    return {
        "id": item.id,
        "indicator": {"id": item.indicator, "title": both(indicators()[item.indicator].title)},
        "printed": item.printed,
        "value": None if item.value is None else str(item.value),
        "upper": None if item.upper is None else str(item.upper),
        "comparator": item.comparator or "equal",
        "unit": both(units()[item.unit]),
        "population": {"id": item.population, "title": both(populations()[item.population])},
        "region": {"code": item.region or "CN", "title": both(place(item.region))},
        "period": item.period,
        "when": both(item.when),
        "kind": item.kind,
        "source": {"id": item.source, "title": both(source_list()[item.source].title), "line": item.line},
        "quote": item.quote,
        "kept": item.kept,
        "provenance": item.provenance,
        "verified": item.is_verified,
        "decimal_restored": both(item.decimal),
        "note": both(item.note),
        "address": site_url("public.figure_page", code=item.id),
    }
