"""The blueprint of the feature, its addresses, and what its views share."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, request
from flask_login import current_user

from maturity.errors import NotFound
from maturity.extensions import db
from maturity.regional.figures import rows_of, values_of, years_of
from maturity.regional.index import Values, compute_one, printed
from maturity.regional.model import NATION, IndexModel, ModelRefused, PeerGroup, model_of
from maturity.regional.models import IndexResult
from maturity.regional.result import (
    FROZEN,
    LIVE,
    PUBLISHED,
    Point,
    Result,
    published,
    published_series,
    published_years,
)
from maturity.regional.service import (
    BUILT_IN_LINE,
    Found,
    Who,
    compute_now,
    find_model,
    find_result,
    read_result,
    replaced_ids,
    results_of,
)
from maturity.tenancy.service import Access
from maturity.web.site import site_clock

bp = Blueprint("regional", __name__)
URL = "/t/<uuid:tenant_id>/regional"
MODEL_URL = f"{URL}/<uuid:model_id>"
#: as far back as a series is drawn
MOST_YEARS = 15


def who(access: Access) -> Who:
    return Who(access.tenant, current_user.id if current_user.is_authenticated else None, site_clock())


def load(model_id: uuid.UUID) -> Found:
    return find_model(db.session(), model_id)


def sound(found: Found) -> IndexModel | None:
    """The model; None of a draft that cannot be used yet."""
    try:
        return model_of(dict(found.document))
    except ModelRefused:
        return None


def asked_year() -> int | None:
    typed = request.args.get("year", "")
    return int(typed) if typed.isascii() and typed.isdecimal() and len(typed) == 4 else None


@dataclass(frozen=True, slots=True)
class Asked:
    """The result that an address asks for, and how to ask for it again."""

    found: Found
    result: Result
    of: str
    years: tuple[int, ...]
    group: PeerGroup
    row: IndexResult | None

    @property
    def again(self) -> dict[str, Any]:
        here: dict[str, Any] = {"model_id": self.found.id, "of": self.of, "group": self.group.id}
        return here if self.row is not None else here | {"year": self.result.year}


def asked(model_id: uuid.UUID) -> Asked | None:
    """The result of the address; None where nothing can be computed yet."""
    found = load(model_id)
    of = request.args.get("of", "")
    if not of:
        of = LIVE if found.line != BUILT_IN_LINE or years_now(found) else PUBLISHED
    if of == PUBLISHED:
        return _published(found)
    if of == LIVE:
        return _live(found)
    return _frozen(found, of)


def _published(found: Found) -> Asked:
    year = asked_year() or max(published_years())
    if found.line != BUILT_IN_LINE or year not in published_years():
        raise NotFound("index_result")
    return _asked(found, published(year), PUBLISHED, published_years(), None)


def _live(found: Found) -> Asked | None:
    model = sound(found)
    years = years_now(found)
    year = asked_year() or (years[0] if years else None)
    if model is None or year is None:
        return None
    return _asked(found, compute_now(found, year, values_now(found)), LIVE, tuple(years), None)


def _frozen(found: Found, of: str) -> Asked:
    try:
        row = find_result(db.session(), uuid.UUID(of))
    except ValueError:
        raise NotFound("index_result") from None
    if row.line != found.line:
        raise NotFound("index_result")
    return _asked(found, read_result(row), of, (row.year,), row)


def _asked(found: Found, result: Result, of: str, years: tuple[int, ...], row: IndexResult | None) -> Asked:
    group = result.group(request.args.get("group", ""))
    return Asked(found, result, of, years, group, row)


def values_now(found: Found) -> Values:
    return values_of(rows_of(db.session(), found.line))


def years_now(found: Found) -> list[int]:
    model = sound(found)
    return [] if model is None else years_of(rows_of(db.session(), found.line), model)


def series_of(asked: Asked, code: str) -> tuple[Point, ...]:
    """The totals of a region by year, from the same kind of result; frozen ones of every version of the line."""
    kind = asked.result.kind
    if kind == PUBLISHED:
        return published_series() if code == NATION else ()
    if kind == FROZEN:
        rows = results_of(db.session(), asked.found.line)
        replaced = replaced_ids(rows)
        results = [read_result(row) for row in rows if row.id not in replaced]
    else:
        return _live_series(asked, code)
    points = []
    for result in results:
        one = result.of(code)
        if one is not None and one.total is not None:
            points.append(Point(result.year, printed(one.total, result.places), str(result.version)))
    return tuple(sorted(points, key=lambda point: point.year))


def _live_series(asked: Asked, code: str) -> tuple[Point, ...]:
    model, version, values = asked.result.model, str(asked.result.version), values_now(asked.found)
    points = []
    for year in sorted(asked.years[:MOST_YEARS]):
        total = compute_one(model, code, year, values).total
        if total is not None:
            points.append(Point(year, printed(total, model.places), version))
    return tuple(points)
