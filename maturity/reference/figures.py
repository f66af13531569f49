"""Published reference figures with year, population and source. What is from memory is not shown as fact."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import yaml

from maturity.questionnaires.model import Text

DATA = Path(__file__).parent / "data" / "figures.yaml"
VERIFIED = ("Q", "QD")
BASES: Mapping[str, Text] = {
    "designated": Text("规模以上工业企业", "Industrial enterprises above designated size"),
    "key": Text("重点工业企业", "Key industrial enterprises"),
    "platform": Text("2025 年新平台", "New platform of 2025"),
}


class NotComparable(ValueError):
    """The two points stand on different bases, or outside the series."""


@dataclass(frozen=True, slots=True)
class Point:
    """One published value; `period` is a year or year-month."""

    period: str
    value: Decimal
    provenance: str
    source: str
    basis: str
    note: str
    comparator: str

    @property
    def is_verified(self) -> bool:
        return self.provenance in VERIFIED

    @property
    def year(self) -> Decimal:
        """The period as a point on a time axis, in years.

        >>> Point("2025-03", Decimal(1), "Q", "", "key", "", "").year
        Decimal('2025.25')
        """
        year, _, month = self.period.partition("-")
        return Decimal(year) + (Decimal(month) / 12 if month else 0)


@dataclass(frozen=True, slots=True)
class Series:
    id: str
    title: Text
    unit: str
    kind: str  # "mean" of an enterprise rate, or "share" of enterprises meeting a criterion
    definition: Text
    population: Text
    all_points: tuple[Point, ...]
    targets: tuple[Point, ...]

    def points(self, *, include_unverified: bool = False) -> tuple[Point, ...]:
        return tuple(point for point in self.all_points if include_unverified or point.is_verified)

    def segments(self) -> tuple[tuple[Point, ...], ...]:
        """The verified points, cut wherever the basis changes: lines are never drawn across a cut."""
        parts: list[list[Point]] = []
        for point in self.points():
            if not parts or parts[-1][-1].basis != point.basis:
                parts.append([])
            parts[-1].append(point)
        return tuple(tuple(part) for part in parts)

    def latest(self) -> Point | None:
        points = self.points()
        return points[-1] if points else None


@cache
def _data() -> Mapping[str, Any]:
    loaded: Mapping[str, Any] = yaml.safe_load(DATA.read_text(encoding="utf-8"))
    return loaded


def version() -> str:
    """Identifies this state of the figures; reports carry it.

    >>> len(version())
    12
    """
    return sha256(DATA.read_bytes()).hexdigest()[:12]


def sources() -> Mapping[str, str]:
    return {str(key): str(value) for key, value in _data()["sources"].items()}


@cache
def series_list() -> tuple[Series, ...]:
    return tuple(_series(row) for row in _data()["series"])


def series(series_id: str) -> Series:
    return next(item for item in series_list() if item.id == series_id)


def _series(row: Mapping[str, Any]) -> Series:
    return Series(
        row["id"],
        Text.of(row["title"]),
        row["unit"],
        row["kind"],
        Text.of(row["definition"]),
        Text.of(row["population"]),
        tuple(_point(point) for point in row["points"]),
        tuple(_point({"basis": "designated", **point}) for point in row["targets"]),
    )


def _point(row: Mapping[str, Any]) -> Point:
    optional = {key: str(row.get(key, "")) for key in ("source", "note", "comparator")}
    return Point(str(row["period"]), Decimal(row["value"]), row["provenance"], basis=row["basis"], **optional)


def interpolate(of: Series, year: Decimal) -> Decimal:
    """The value at a time between two verified points of one basis; never beyond them, never across a break."""
    for segment in of.segments():
        for before, after in zip(segment, segment[1:], strict=False):
            if before.year <= year <= after.year:
                share = (year - before.year) / (after.year - before.year)
                return before.value + share * (after.value - before.value)
    raise NotComparable(f"{of.id} has no two points of one basis around {year}")
