"""The figures a report may show, frozen when it is drafted: cells of published releases, reference figures, rules.

A release never changes, so a copy of its cells is as good as the release itself and needs no second reading. What is
asked of the book and was withheld is known to be withheld; what was never asked for is not in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any, Self

from maturity.benchmarks.basis import basis_break
from maturity.benchmarks.cells import CellKey, Quantiles
from maturity.questionnaires.model import Text
from maturity.yearly.tokens import BelowRef, FigureRef, NamedRef, PublishedRef, Reference, code_of, key_of_code

QUANTILES = ("p10", "q1", "median", "q3", "p90")
FINE, COARSE, FINE_FROM, SHARE_STEP, MEAN_STEP = (Decimal(step) for step in ("1", "2", "100", "5", "0.1"))
#: How a figure stands in a text.
PERCENT, POINTS, COUNT = "percent", "points", "count"
CellId = tuple[int, str]  # period and code


@dataclass(frozen=True, slots=True)
class Vintage:
    """A published release as a report cites it."""

    period: int
    release_id: int
    sha256: str
    is_synthetic: bool
    cut_off_on: str
    published_on: str
    population: int
    rules_version: str
    input_sha256: str = ""
    edition: str | None = None


@dataclass(frozen=True, slots=True)
class BookCell:
    """A published cell as the release has it."""

    contributors: int
    reviewed: int | None
    quantiles: Mapping[str, Quantiles]
    shares: Mapping[str, int]
    levels: tuple[tuple[tuple[int, ...], int], ...]
    means: Mapping[str, str]

    def as_json(self) -> dict[str, Any]:
        return {
            "contributors": self.contributors,
            "reviewed": self.reviewed,
            "quantiles": {name: grid.as_json() for name, grid in self.quantiles.items()},
            "shares": dict(self.shares),
            "levels": [[list(levels), share] for levels, share in self.levels],
            "means": dict(self.means),
        }

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Self:
        return cls(
            data["contributors"],
            data["reviewed"],
            {name: Quantiles(**grid) for name, grid in data["quantiles"].items()},
            dict(data["shares"]),
            tuple((tuple(levels), share) for levels, share in data["levels"]),
            dict(data["means"]),
        )


@dataclass(frozen=True, slots=True)
class Indicator:
    """What a figure is called and means. `kind`: "score", "rate" of an enterprise, "criterion" that is met or not."""

    id: str
    kind: str
    title: Text
    definition: Text


@dataclass(frozen=True, slots=True)
class Gate:
    """The score a dimension must reach for a level."""

    id: str
    level: int
    dimension: str
    value: Decimal


@dataclass(frozen=True, slots=True)
class Rule:
    """A parameter of disclosure control."""

    id: str
    rule: str
    value: int
    title: Text
    why: Text


@dataclass(frozen=True, slots=True)
class PublishedPoint:
    """A reference figure or target, as it was published."""

    period: str
    value: str
    basis: str
    source: str
    standing: Text
    comparator: Text
    note: Text


@dataclass(frozen=True, slots=True)
class PublishedSeries:
    id: str
    title: Text
    unit: str
    definition: Text
    population: Text
    points: tuple[PublishedPoint, ...]
    targets: tuple[PublishedPoint, ...]


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure found: its value, the step it is rounded to, how it stands in a text, and where it comes from."""

    reference: Reference
    value: Decimal
    step: Decimal
    unit: str

    @property
    def number(self) -> str:
        return format(self.value, ",f")

    @property
    def text(self) -> str:
        return f"{self.number}%" if self.unit == PERCENT else self.number


@dataclass(frozen=True, slots=True)
class Book:
    """`period` is that of the release the report is about; earlier vintages stand beside it."""

    framework: str
    period: int
    vintages: Mapping[int, Vintage]
    cells: Mapping[CellId, BookCell]
    asked: frozenset[CellId]
    indicators: Mapping[str, Indicator]
    levels: Mapping[int, Text]
    gates: Mapping[str, Gate]
    rules: Mapping[str, Rule]
    series: Mapping[str, PublishedSeries]
    bases: Mapping[str, Text]
    sources: Mapping[str, str]
    figures_version: str
    parks: Mapping[str, str] = field(default_factory=dict)

    @property
    def release(self) -> Vintage:
        return self.vintages[self.period]

    @property
    def is_synthetic(self) -> bool:
        return any(vintage.is_synthetic for vintage in self.vintages.values())

    @property
    def periods(self) -> tuple[int, ...]:
        """From the earliest to the report's own."""
        return tuple(sorted(self.vintages))

    @property
    def breaks(self) -> tuple[tuple[int, int, Text], ...]:
        """Neighbouring periods that do not stand on one basis, and why."""
        pairs = zip(self.periods, self.periods[1:], strict=False)
        found = ((one, two, basis_break(self.vintages[one], self.vintages[two])) for one, two in pairs)
        return tuple((one, two, broken) for one, two, broken in found if broken)

    @property
    def comparable(self) -> tuple[int, ...]:
        """The periods since the last break, to the report's own."""
        since = self.breaks[-1][1] if self.breaks else self.periods[0]
        return tuple(period for period in self.periods if period >= since)

    def cell(self, key: CellKey, period: int = 0) -> BookCell | None:
        return self.cells.get((period or self.period, code_of(key)))

    def figure(self, reference: Reference) -> Figure | None:
        """None where it is withheld, or is not in the book."""
        match reference:
            case FigureRef():
                return self._of_cell(reference)
            case PublishedRef(kind, series, period):
                found = self.point(kind, series, period)
                unit = PERCENT if found and self.series[series].unit == "%" else POINTS
                return Figure(reference, Decimal(found.value), Decimal(0), unit) if found else None
            case NamedRef("rule", name):
                rule = self.rules.get(name)
                return Figure(reference, Decimal(rule.value), Decimal(0), POINTS) if rule else None
            case NamedRef("gate", name):
                gate = self.gates.get(name)
                return Figure(reference, gate.value, Decimal(0), POINTS) if gate else None
        return None

    def point(self, kind: str, series: str, period: str) -> PublishedPoint | None:
        known = self.series.get(series)
        if known is None:
            return None
        points = known.points if kind == "ref" else known.targets
        return next((point for point in points if point.period == period), None)

    def _of_cell(self, reference: FigureRef) -> Figure | None:
        cell = self.cell(reference.key, reference.period)
        found = None if cell is None else _statistic(cell, reference.name, reference.statistic)
        if found is None:
            return None
        value, step = found
        is_score = reference.name in self.indicators and self.indicators[reference.name].kind == "score"
        unit = POINTS if is_score else PERCENT
        return Figure(reference, value, step, COUNT if reference.statistic == "contributors" else unit)

    def knows(self, reference: Reference) -> bool:
        """Whether the reference means anything here, be it withheld: not a word that no release has."""
        match reference:
            case FigureRef(name, statistic, _key, period):
                is_known = name in ("cell", "levels") or name in self.indicators
                return is_known and _may_be(name, statistic) and (period or self.period) in self.vintages
            case BelowRef(gate):
                return gate in self.gates
            case NamedRef(kind, name):
                known = {
                    "def": self.indicators,
                    "pub": self.series,
                    "src": self.sources,
                    "rule": self.rules,
                    "why": self.rules,
                }
                return name in known.get(kind, self.gates)
            case _:
                return self.figure(reference) is not None

    def lacking(self, wanted: Iterable[Reference]) -> list[CellId]:
        """The cells that references name and that nobody has asked the release for yet."""
        wanted = list(wanted)
        ids = {
            (one.period or self.period, code_of(one.key))
            for one in wanted
            if isinstance(one, FigureRef) and (one.period or self.period) in self.vintages
        }
        ids |= {(self.period, code_of(one.key)) for one in wanted if isinstance(one, BelowRef)}
        return sorted(ids - self.asked)

    def with_cells(self, asked: Iterable[CellId], found: Mapping[CellId, BookCell]) -> Book:
        return replace(self, asked=self.asked | set(asked), cells={**self.cells, **found})

    def as_json(self) -> dict[str, Any]:
        return {
            "framework": self.framework,
            "period": self.period,
            "vintages": [_plain(item) for item in self.vintages.values()],
            "cells": [[period, code, cell.as_json()] for (period, code), cell in sorted(self.cells.items())],
            "asked": [list(item) for item in sorted(self.asked)],
            "indicators": [_plain(item) for item in self.indicators.values()],
            "levels": [[level, _plain(title)] for level, title in self.levels.items()],
            "gates": [_plain(item) for item in self.gates.values()],
            "rules": [_plain(item) for item in self.rules.values()],
            "series": [_plain(item) for item in self.series.values()],
            "bases": {name: _plain(title) for name, title in self.bases.items()},
            "sources": dict(self.sources),
            "figures_version": self.figures_version,
            "parks": dict(self.parks),
        }

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Self:
        return cls(
            framework=data["framework"],
            period=data["period"],
            vintages={item["period"]: Vintage(**item) for item in data["vintages"]},
            cells={(period, code): BookCell.of(cell) for period, code, cell in data["cells"]},
            asked=frozenset((period, code) for period, code in data["asked"]),
            indicators={
                item["id"]: Indicator(item["id"], item["kind"], Text(**item["title"]), Text(**item["definition"]))
                for item in data["indicators"]
            },
            levels={level: Text(**title) for level, title in data["levels"]},
            gates={item["id"]: Gate(**{**item, "value": Decimal(item["value"])}) for item in data["gates"]},
            rules={
                item["id"]: Rule(**{**item, "title": Text(**item["title"]), "why": Text(**item["why"])})
                for item in data["rules"]
            },
            series={item["id"]: _series(item) for item in data["series"]},
            bases={name: Text(**title) for name, title in data["bases"].items()},
            sources=dict(data["sources"]),
            figures_version=data["figures_version"],
            parks=dict(data["parks"]),
        )


def _statistic(cell: BookCell, name: str, statistic: str) -> tuple[Decimal, Decimal] | None:
    """The value and the step it is rounded to."""
    if name == "cell":
        counted = {"contributors": cell.contributors, "reviewed": cell.reviewed}.get(statistic)
        return None if counted is None else (Decimal(counted), SHARE_STEP)
    if name == "levels":
        wanted = tuple(int(level) for level in statistic.split("-") if level.isdecimal())
        share = next((share for levels, share in cell.levels if levels == wanted), None)
        return None if share is None else (Decimal(share), SHARE_STEP)
    if statistic == "share":
        return (Decimal(cell.shares[name]), SHARE_STEP) if name in cell.shares else None
    if statistic == "mean":
        return (Decimal(cell.means[name]), MEAN_STEP) if name in cell.means else None
    grid = cell.quantiles.get(name)
    value = getattr(grid, statistic, None) if grid and statistic in QUANTILES else None
    return None if value is None else (Decimal(value), FINE if cell.contributors >= FINE_FROM else COARSE)


def _may_be(name: str, statistic: str) -> bool:
    if name == "cell":
        return statistic in ("contributors", "reviewed")
    if name == "levels":
        return all(part.isdecimal() for part in statistic.split("-"))
    return statistic in (*QUANTILES, "share", "mean")


def key_of(cell: CellId) -> CellKey:
    return key_of_code(cell[1])


def _plain(item: Any) -> Any:
    """A frozen record as JSON."""
    if isinstance(item, Decimal):
        return str(item)
    if isinstance(item, date):
        return item.isoformat()
    if isinstance(item, tuple):
        return [_plain(part) for part in item]
    names = getattr(type(item), "__dataclass_fields__", None)
    return {name: _plain(getattr(item, name)) for name in names} if names else item


def _point(data: Mapping[str, Any]) -> PublishedPoint:
    texts = {name: Text(**data[name]) for name in ("standing", "comparator", "note")}
    return PublishedPoint(data["period"], data["value"], data["basis"], data["source"], **texts)


def _series(data: Mapping[str, Any]) -> PublishedSeries:
    texts = {name: Text(**data[name]) for name in ("title", "definition", "population")}
    points, targets = (tuple(_point(item) for item in data[name]) for name in ("points", "targets"))
    return PublishedSeries(id=data["id"], unit=data["unit"], points=points, targets=targets, **texts)
