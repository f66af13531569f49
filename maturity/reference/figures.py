"""Published reference figures with year, population and source. What is from memory is not shown as fact."""

from __future__ import annotations

import calendar
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import yaml

from maturity.questionnaires.model import Text

DATA = Path(__file__).parent / "data" / "figures.yaml"
#: Provenance that may be shown, and the words to show it with; the tags of memory, M and M?, are not among them.
STANDINGS: Mapping[str, Text] = {
    "Q": Text("引用", "quoted"),
    "QD": Text("由引用数据推算", "derived from quoted figures"),
    "Q2": Text("转引", "quoted at second hand"),
}
VERIFIED = tuple(STANDINGS)
BASES: Mapping[str, Text] = {
    "designated": Text("规模以上工业企业", "Industrial enterprises above designated size"),
    "key": Text("重点工业企业", "Key industrial enterprises"),
    "smart": Text("智能制造平台样本", "Users of the smart-manufacturing platform"),
    "platform": Text("2025 年新平台", "New platform of 2025"),
}
COMPARATORS: Mapping[str, Text] = {
    "": Text("", ""),
    "reach": Text("达到", "to reach"),
    "above": Text("超过", "above"),
    "at_least": Text("不低于", "at least"),
}


class NotComparable(ValueError):
    """The two points stand on different bases, or outside the series."""


@dataclass(frozen=True, slots=True)
class Point:
    """One published value; `period` is a year, meaning its end, or a year-month."""

    period: str
    value: Decimal
    provenance: str
    source: str
    basis: str
    note: Text | None = None
    comparator: str = ""
    enabled: bool = True

    @property
    def is_verified(self) -> bool:
        return self.enabled and self.provenance in VERIFIED

    @property
    def year(self) -> Decimal:
        """The period on an axis where every year's end stands at its number, so that months fall before it.

        >>> [Point(period, Decimal(1), "Q", "", "key").year for period in ("2024", "2025-03", "2025-12")]
        [Decimal('2024'), Decimal('2024.25'), Decimal('2025')]
        """
        year, _, month = self.period.partition("-")
        return Decimal(year) - 1 + Decimal(month) / 12 if month else Decimal(year)

    @property
    def ends_on(self) -> date:
        """
        >>> Point("2025-03", Decimal(1), "Q", "", "key").ends_on
        datetime.date(2025, 3, 31)
        """
        year, _, month = self.period.partition("-")
        last = int(month or 12)
        return date(int(year), last, calendar.monthrange(int(year), last)[1])


@dataclass(frozen=True, slots=True)
class Display:
    """All that must stand beside a figure wherever it is shown, in one language."""

    title: str
    value: str
    unit: str
    period: str
    comparator: str
    population: str
    basis: str
    standing: str
    source: str
    note: str


@dataclass(frozen=True, slots=True)
class Series:
    """One indicator over time.

    `kind`: "mean" of an enterprise rate, "share" of enterprises meeting a criterion, or "index", without a scale.
    """

    id: str
    title: Text
    unit: str
    kind: str
    definition: Text
    population: Text
    all_points: tuple[Point, ...]
    all_targets: tuple[Point, ...]

    def points(self, *, include_unverified: bool = False) -> tuple[Point, ...]:
        return tuple(point for point in self.all_points if include_unverified or point.is_verified)

    @property
    def targets(self) -> tuple[Point, ...]:
        return tuple(target for target in self.all_targets if target.is_verified)

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

    def display(self, point: Point, locale: str) -> Display:
        """
        >>> shown = series("cnc_rate").display(series("cnc_rate").targets[0], "en")
        >>> shown.comparator, shown.value, shown.unit, shown.period, shown.source[:3]
        ('to reach', '68', '%', '2025', 'S11')
        """
        if not point.is_verified:
            raise ValueError(f"{self.id} {point.period} is from memory and is not shown.")
        return Display(
            title=self.title.to(locale),
            value=str(point.value),
            unit=self.unit,
            period=point.period,
            comparator=COMPARATORS[point.comparator].to(locale),
            population=self.population.to(locale),
            basis=BASES[point.basis].to(locale),
            standing=STANDINGS[point.provenance].to(locale),
            source=f"{point.source} {sources()[point.source]}",
            note=point.note.to(locale) if point.note else "",
        )


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
    """The series by id; `KeyError` for an unknown one."""
    return {item.id: item for item in series_list()}[series_id]


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
    return Point(
        str(row["period"]),
        Decimal(row["value"]),
        row["provenance"],
        row.get("source", ""),
        row["basis"],
        Text.of(row["note"]) if "note" in row else None,
        row.get("comparator", ""),
        row.get("enabled", True),
    )


def interpolate(of: Series, day: date) -> Fraction:
    """The value on a day between two verified points of one basis; never beyond them, never across a break.

    >>> interpolate(series("cnc_rate"), date(2021, 12, 31))
    Fraction(553, 10)
    """
    for segment in of.segments():
        for before, after in zip(segment, segment[1:], strict=False):
            if before.ends_on <= day <= after.ends_on:
                share = Fraction((day - before.ends_on).days, (after.ends_on - before.ends_on).days)
                return Fraction(before.value) + share * Fraction(after.value - before.value)
    raise NotComparable(f"{of.id} has no two points of one basis around {day}")
