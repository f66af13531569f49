"""The published figures for everybody: browse, look up one, cite it, take the list away."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from io import BytesIO

from flask import render_template, request, send_file
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from maturity.errors import Invalid, NotFound
from maturity.public import figure_filters
from maturity.public.blueprint import bp
from maturity.public.figure_chart import HEIGHT, WIDTH, Drawing, drawing
from maturity.public.figure_filters import CHINA, Filters
from maturity.public.figure_views import View, as_csv, as_json, citation, view
from maturity.reference.figures import (
    KEPT,
    NATION,
    Figure,
    figure,
    figures,
    indicator,
    line,
    place,
    series_list,
    topics,
    version,
    withheld,
)
from maturity.web.access import public
from maturity.web.locale import LOCALES, current_locale

BASE = "/reference-figures"
ON_A_PAGE = 25
PLAIN = ("kind", "population", "source", "provenance")


@dataclass(frozen=True, slots=True)
class Part:
    """The figures of an indicator in one region, with a picture where there is one to draw."""

    region: str
    title: str
    rows: tuple[tuple[bool, View], ...]
    picture: Drawing | None


@bp.get(BASE)
@public
def reference_figures() -> ResponseReturnValue:
    filters, number, locale = Filters.of(request.args), _page(), current_locale()
    wrong = filters.wrong()
    found = () if wrong else filters.matches()
    pages = max(1, -(-len(found) // ON_A_PAGE))
    if number > pages:
        raise NotFound("http_404")
    first = (number - 1) * ON_A_PAGE
    memory, uncertain = withheld()
    page = render_template(
        "public/figures.html",
        filters=filters,
        wrong=wrong,
        views=[view(item, locale) for item in found[first : first + ON_A_PAGE]],
        count=len(found),
        total=len(figure_filters.in_order()),
        first=first + 1,
        number=number,
        pages=pages,
        memory=memory,
        uncertain=uncertain,
        series=[item for item in series_list() if item.points()],
        options=_options(locale),
        china=CHINA,
    )
    return page, 422 if wrong else 200


@bp.get(f"{BASE}/indicators/<name>")
@public
def indicator_page(name: str) -> ResponseReturnValue:
    found = figures(indicator=name)
    if not found:
        raise NotFound("http_404")
    locale, about = current_locale(), indicator(name)
    drawn, rest = _parts(found, locale)
    return render_template(
        "public/indicator.html",
        about=about,
        topic=topics()[about.topic].to(locale),
        parts=drawn,
        rest=rest,
        populations=len({item.population for item in found}),
        width=WIDTH,
        height=HEIGHT,
    )


@bp.get(f"{BASE}/<code>")
@public
def figure_page(code: str) -> ResponseReturnValue:
    """A figure that is kept back has no page: it would be read as a fact."""
    try:
        item = figure(code)
    except KeyError:
        raise NotFound("http_404") from None
    if not item.is_verified:
        raise NotFound("http_404")
    locale = current_locale()
    return render_template(
        "public/figure.html",
        item=item,
        shown=view(item, locale),
        kept=KEPT[item.kept].to(locale),
        citations={language: citation(item, language) for language in LOCALES},
        others=[view(other, locale) for other in figures(indicator=item.indicator) if other.id != item.id],
        version=version(),
    )


@bp.get(f"{BASE}.csv")
@public
def figures_csv() -> ResponseReturnValue:
    filters = _filters()
    content = as_csv(filters.matches(), current_locale()).encode()
    return send_file(BytesIO(content), "text/csv", as_attachment=True, download_name=_name("csv"))


@bp.get(f"{BASE}.json")
@public
def figures_json() -> ResponseReturnValue:
    filters = _filters()
    content = as_json(filters.matches(), filters.asked()).encode()
    return send_file(BytesIO(content), "application/json", as_attachment=True, download_name=_name("json"))


def _name(ending: str) -> str:
    """The file says which state of the figures it holds."""
    name = gettext("reference-figures")
    return f"{name}-{version()}.{ending}"


def _filters() -> Filters:
    filters = Filters.of(request.args)
    if filters.wrong():
        raise Invalid("http_400")  # the page offers no such address
    return filters


def _page() -> int:
    text = request.args.get("page", "1")
    if not (text.isascii() and text.isdecimal() and 0 < len(text) < 5 and int(text) > 0):
        raise NotFound("http_404")
    return int(text)


def _options(locale: str) -> dict[str, object]:
    """What the filters offer, in the language of the page."""
    return {
        "indicators": [
            (name, topics()[name].to(locale), [(item, indicator(item).title.to(locale)) for item in items])
            for name, items in figure_filters.indicator_choices()
        ],
        "regions": [
            (group, [(code, figure_filters.region_title(code, locale)) for code in codes])
            for group, codes in figure_filters.region_choices()
        ],
        "years": figure_filters.years(),
        **{name: figure_filters.choices(name, locale) for name in PLAIN},
    }


def _parts(found: tuple[Figure, ...], locale: str) -> tuple[list[Part], list[View]]:
    """Regions with a picture, the nation first; and the figures of all the others."""
    by_region: dict[str, list[Figure]] = defaultdict(list)
    for item in found:
        by_region[item.region].append(item)
    drawn: list[Part] = []
    rest: list[View] = []
    for region in sorted(by_region):
        picture = drawing(line(found[0].indicator, region))
        if picture is None and region != NATION:
            rest += [view(item, locale) for item in by_region[region]]
        else:
            drawn.append(Part(region, place(region).to(locale), _rows(by_region[region], locale), picture))
    return drawn, rest


def _rows(items: list[Figure], locale: str) -> tuple[tuple[bool, View], ...]:
    """Results in the order of time, then what was to be reached; True before a change of population."""
    ordered = sorted(items, key=lambda item: (item.kind in ("target", "rule"), item.ends_on, item.is_apart))
    rows: list[tuple[bool, View]] = []
    before: Figure | None = None
    for item in ordered:
        is_break = before is not None and item.kind == "actual" and before.population != item.population
        rows.append((is_break, view(item, locale)))
        before = item
    return tuple(rows)
