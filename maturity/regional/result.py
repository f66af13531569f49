"""An index as it is shown, exported and frozen: computed now, read from a frozen document, or as it was published."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Any

from maturity.reference.tables import Row, Table, table
from maturity.regional.index import (
    Check,
    ClassIndex,
    Datum,
    Outcome,
    Part,
    RegionIndex,
    Standing,
    Values,
    check_total,
    compute,
    growth,
    printed,
    ranks,
)
from maturity.regional.model import NATION, IndexModel, PeerGroup, built_in_document, model_of

LIVE, FROZEN, PUBLISHED = "live", "frozen", "published"
#: the published tables that the built-in structure explains
PUBLISHED_NATION, PUBLISHED_PROVINCES = "regional_index_nation", "regional_index_2015"
#: a part that is the difference of two printed figures may be off by a whole unit of its last place
_DERIVED_SLACK = Fraction(1, 100)
Totals = Mapping[str, Fraction | None]


@dataclass(frozen=True, slots=True)
class Result:
    """The index of one year under one model. `before` holds the totals of the year before, under the same model."""

    kind: str
    model: IndexModel
    document: Mapping[str, Any]
    version: int
    outcome: Outcome
    before: Totals
    places: int
    sources: tuple[str, ...] = ()
    #: of published values, by region: QD where the parts are derived from other published ones
    provenance: Mapping[str, str] = field(default_factory=dict)

    @property
    def year(self) -> int:
        return self.outcome.year

    @property
    def totals(self) -> dict[str, Fraction | None]:
        return {one.region: one.total for one in self.outcome.regions}

    def standings(self, group: PeerGroup) -> dict[str, Standing]:
        """Who has an index, best first, each with the rank among the group."""
        return ranks(self.totals, group, self.places)

    def group(self, group_id: str) -> PeerGroup:
        """The group of peers by its id, or the model's first."""
        return self.model.group(group_id) or self.model.groups[0]

    def of(self, region: str) -> RegionIndex | None:
        return self.outcome.of(region)

    def change(self, region: str) -> Fraction | None:
        """Points since the year before, of exact values."""
        now, before = self.of(region), self.before.get(region)
        return now.total - before if now is not None and now.total is not None and before is not None else None

    @property
    def releases(self) -> tuple[str, ...]:
        """The hashes of the releases that figures were taken from."""
        every = (*self.outcome.regions, self.outcome.reference)
        return tuple(sorted({p.datum.release for one in every for p in one.parts if p.datum and p.datum.release}))

    def checks(self) -> dict[str, Check]:
        """Of a published index: whether the printed parts give the printed totals."""
        return {one.region: found for one in self._every() if (found := self._check(one)) is not None}

    def _every(self) -> Iterator[RegionIndex]:
        yield self.outcome.reference
        yield from self.outcome.regions

    def _check(self, one: RegionIndex) -> Check | None:
        if self.kind != PUBLISHED or one.total is None or any(part.value is None for part in one.classes):
            return None
        parts = {part.id: printed(part.value, self.places) for part in one.classes if part.value is not None}
        slack = _DERIVED_SLACK if self.provenance.get(one.region) == "QD" else None
        return check_total(self.model, parts, printed(one.total, self.places), slack=slack)


def live(model: IndexModel, document: Mapping[str, Any], version: int, year: int, values: Values) -> Result:
    """Computed from the figures as they stand."""
    outcome = compute(model, year, values)
    earlier = compute(model, year - 1, values)
    before = {one.region: one.total for one in (*earlier.regions, earlier.reference)}
    return Result(LIVE, model, document, version, outcome, before, model.places)


# ---- frozen


def frozen_document(result: Result, *, line: str, model_sha256: str) -> dict[str, Any]:
    """Everything the index rests on and says: the model, each figure and its part, totals, ranks with their peers."""
    return {
        "format": 1,
        "line": line,
        "version": result.version,
        "model": dict(result.document),
        "model_sha256": model_sha256,
        "year": result.year,
        "regions": [_region_data(one, result.places) for one in result.outcome.regions],
        "reference": _region_data(result.outcome.reference, result.places),
        "before": {code: None if value is None else str(value) for code, value in sorted(result.before.items())},
        "ranks": {
            group.id: {
                code: {"rank": one.rank, "tied": one.is_tied, "n": one.n, "of": one.of}
                for code, one in sorted(result.standings(group).items())
            }
            for group in result.model.groups
        },
        "releases": list(result.releases),
    }


def _region_data(one: RegionIndex, places: int) -> dict[str, Any]:
    return {
        "region": one.region,
        "total": _exact(one.total),
        "printed": None if one.total is None else str(printed(one.total, places)),
        "imputed": str(one.imputed),
        "left_out": str(one.left_out),
        "reason": one.reason,
        "classes": [
            {"id": part.id, "value": _exact(part.value), "parts": [_part_data(item) for item in part.parts]}
            for part in one.classes
        ],
    }


def _part_data(part: Part) -> dict[str, Any]:
    datum = part.datum
    return {
        "indicator": part.indicator,
        "how": part.how,
        "figure": None
        if datum is None
        else {
            "value": _exact(datum.value),
            "comparator": datum.comparator,
            "source": datum.source,
            "provenance": datum.provenance,
            "release": datum.release,
        },
        "score": _exact(part.score),
        "weight": str(part.weight),
        "base": _exact(part.base),
    }


def _exact(value: Fraction | None) -> str | None:
    return None if value is None else str(value)


def frozen_result(document: Mapping[str, Any]) -> Result:
    """Read back what was frozen; nothing is computed again."""
    model = model_of(document["model"])
    outcome = Outcome(
        document["year"], tuple(_region(one) for one in document["regions"]), _region(document["reference"])
    )
    before = {code: _fraction(value) for code, value in document["before"].items()}
    return Result(FROZEN, model, document["model"], document["version"], outcome, before, model.places)


def _region(data: Mapping[str, Any]) -> RegionIndex:
    classes = tuple(
        ClassIndex(one["id"], _fraction(one["value"]), tuple(_part(item) for item in one["parts"]))
        for one in data["classes"]
    )
    shares = Fraction(data["imputed"]), Fraction(data["left_out"])
    return RegionIndex(data["region"], _fraction(data["total"]), classes, *shares, data["reason"])


def _part(data: Mapping[str, Any]) -> Part:
    figure = data["figure"]
    datum = None
    if figure is not None:
        said = (figure[name] for name in ("comparator", "source", "provenance", "release"))
        datum = Datum(_fraction(figure["value"]), *said)
    score, weight, base = _fraction(data["score"]), Fraction(data["weight"]), _fraction(data["base"])
    return Part(data["indicator"], data["how"], datum, score, weight, base)


def _fraction(text: str | None) -> Fraction | None:
    return None if text is None else Fraction(text)


# ---- as published


@dataclass(frozen=True, slots=True)
class Point:
    """One value of a series as printed; `basis` names what must not be joined with another basis by a line."""

    year: int
    value: Decimal
    basis: str


def published_years() -> tuple[int, ...]:
    """The years of which parts were published; of earlier ones there is the nation's total alone."""
    return tuple(year for year, row in _nation_rows().items() if row.values[1] is not None)


def published(year: int) -> Result:
    """The published index of a year: the nation, and of 2015 the provinces that were seen; `KeyError` of another."""
    model = model_of(built_in_document())
    nation = table(PUBLISHED_NATION)
    row = _nation_rows()[year]
    reference = _published_region(nation, row, NATION)
    found: dict[str, RegionIndex] = {}
    sources, provenance = {row.source}, {NATION: row.provenance}
    places = _places(nation.value(row, "total"))
    if year == 2015:
        provinces = table(PUBLISHED_PROVINCES)
        found = {one.region: _published_region(provinces, one, one.region) for one in provinces.rows}
        sources |= {one.source for one in provinces.rows}
        provenance |= {one.region: one.provenance for one in provinces.rows}
    none = RegionIndex("", None, (), Fraction(0), Fraction(0), "")
    regions = tuple(found.get(code) or _renamed(none, code) for code in model.regions)
    earlier = _nation_rows().get(year - 1)
    before: Totals = {NATION: Fraction(nation.value(earlier, "total") or 0)} if earlier else {}
    outcome = Outcome(year, regions, reference)
    told = tuple(sorted(sources))
    return Result(PUBLISHED, model, built_in_document(), 1, outcome, before, places, told, provenance)


def published_series() -> tuple[Point, ...]:
    """The nation's totals as printed; the method is one, the printed places are not."""
    nation = table(PUBLISHED_NATION)
    totals = ((year, nation.value(row, "total")) for year, row in _nation_rows().items())
    return tuple(Point(year, value, PUBLISHED) for year, value in totals if value is not None)


def _nation_rows() -> dict[int, Row]:
    return {int(row.label.en): row for row in table(PUBLISHED_NATION).rows}


def _published_region(source: Table, row: Row, code: str) -> RegionIndex:
    """Parts and total as printed."""
    names = ("environment", "application", "benefit")
    parts = ((name, source.value(row, name)) for name in names)
    classes = tuple(ClassIndex(name, None if value is None else Fraction(value), ()) for name, value in parts)
    total = source.value(row, "total")
    return RegionIndex(code, None if total is None else Fraction(total), classes, Fraction(0), Fraction(0), "")


def _renamed(one: RegionIndex, code: str) -> RegionIndex:
    return RegionIndex(code, one.total, one.classes, one.imputed, one.left_out, one.reason)


def _places(value: Decimal | None) -> int:
    return 1 if value is None else max(-int(value.as_tuple().exponent), 0)


def growth_of(points: tuple[Point, ...]) -> Decimal | None:
    """Compound growth from the first to the last of these, in per cent a year; None across a change of basis."""
    if len(points) < 2 or len({point.basis for point in points}) > 1:
        return None
    first, last = points[0], points[-1]
    return growth(Fraction(first.value), Fraction(last.value), last.year - first.year)
