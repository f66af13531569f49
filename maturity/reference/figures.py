"""Published reference figures with year, population and source. What is from memory is not shown as fact."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cache

from maturity.questionnaires.model import Text
from maturity.reference import figure_store
from maturity.reference.figure_store import (
    COMPARATORS,
    KEPT,
    KINDS,
    NATION,
    SIGNS,
    STANDINGS,
    VERIFIED,
    Figure,
    Indicator,
    Source,
    end_of,
    every_figure,
    indicators,
    place,
    populations,
    source_list,
    topics,
    units,
)

__all__ = [
    "BASES",
    "COMPARATORS",
    "KEPT",
    "KINDS",
    "NATION",
    "SIGNS",
    "STANDINGS",
    "VERIFIED",
    "Display",
    "Figure",
    "Indicator",
    "Line",
    "NotComparable",
    "Point",
    "Series",
    "Source",
    "amount",
    "comparator_words",
    "cut",
    "figure",
    "figures",
    "indicator",
    "indicators",
    "interpolate",
    "line",
    "place",
    "populations",
    "series",
    "series_list",
    "source_list",
    "sources",
    "target_of",
    "topics",
    "units",
    "version",
    "withheld",
]
#: Of whom a figure speaks; the points of one series may stand on several, and no line goes from one to the other.
BASES: Mapping[str, Text] = populations()


class NotComparable(ValueError):
    """The two points stand on different bases, or outside the series."""


@dataclass(frozen=True, slots=True)
class Point:
    """One published value of a series; `period` is a year, meaning its end, or a year-month."""

    period: str
    value: Decimal
    provenance: str
    source: str
    basis: str
    note: Text | None = None
    comparator: str = ""
    enabled: bool = True
    figure: str = ""

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
        return end_of(self.period)


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
    """One indicator of the nation over time.

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
        return cut(self.points())

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


@dataclass(frozen=True, slots=True)
class Line:
    """What may be drawn of one indicator in one region: results cut at every change of population, targets apart."""

    indicator: Indicator
    region: str
    points: tuple[Point, ...]
    targets: tuple[Point, ...]

    def segments(self) -> tuple[tuple[Point, ...], ...]:
        return cut(self.points)


def cut(points: Iterable[Point]) -> tuple[tuple[Point, ...], ...]:
    """Points in the order of time, cut wherever the population changes: no line goes from one to another."""
    parts: list[list[Point]] = []
    for point in points:
        if not parts or parts[-1][-1].basis != point.basis:
            parts.append([])
        parts[-1].append(point)
    return tuple(tuple(part) for part in parts)


def version() -> str:
    """Identifies this state of the figures; reports carry it.

    >>> len(version())
    12
    """
    return figure_store.version()


def sources(locale: str = "zh_CN") -> Mapping[str, str]:
    return {key: source.title.to(locale) for key, source in source_list().items()}


def figures(
    *,
    region: str | None = None,
    indicator: str | None = None,
    kind: str | None = None,
    period: str | None = None,
    population: str | None = None,
    include_unverified: bool = False,
) -> tuple[Figure, ...]:
    """The figures that may be shown, narrowed down; region "" is the nation, None any.

    >>> [item.id for item in figures(region="370000", indicator="cnc_rate")]
    ['shandong-2018-cnc-target']
    """
    asked = {"region": region, "indicator": indicator, "kind": kind, "period": period, "population": population}
    wanted = {name: value for name, value in asked.items() if value is not None}
    return tuple(
        item
        for item in every_figure().values()
        if (include_unverified or item.is_verified)
        and all(getattr(item, name) == value for name, value in wanted.items())
    )


def figure(figure_id: str) -> Figure:
    """The figure by id, whether it may be shown or not; `KeyError` for an unknown one."""
    return every_figure()[figure_id]


def indicator(indicator_id: str) -> Indicator:
    """The indicator by id; `KeyError` for an unknown one."""
    return indicators()[indicator_id]


def target_of(indicator: str, region: str, year: str | int) -> Figure | None:
    """What was to be reached in that region by the end of that year, or None; its comparator says how it is meant.

    >>> found = target_of("cnc_rate", "", 2025)
    >>> found and (found.value, found.comparator, found.source)
    (Decimal('68'), 'reach', 'S11')
    >>> target_of("cnc_rate", "", 2024) is None
    True
    """
    found = [item for item in figures(region=region, indicator=indicator, kind="target") if item.year == str(year)]
    return found[-1] if found else None


def withheld() -> tuple[int, int]:
    """How many figures are kept back: those from memory, and those quoted whose value is not certain."""
    hidden = [item for item in every_figure().values() if not item.is_verified]
    memory = sum(item.is_from_memory for item in hidden)
    return memory, len(hidden) - memory


def line(indicator_id: str, region: str = NATION) -> Line:
    """What may be drawn of the indicator in that region."""
    found = figures(region=region, indicator=indicator_id)
    points = sorted((item for item in found if item.is_point), key=lambda item: item.ends_on)
    targets = [item for item in found if item.kind == "target" and item.value is not None and item.period]
    return Line(
        indicator(indicator_id),
        region,
        tuple(_point(item) for item in points),
        tuple(_point(item) for item in sorted(targets, key=lambda item: item.ends_on)),
    )


def amount(item: Figure, locale: str) -> str:
    """The value as it is read, with the sign of an open-ended one and without its unit; in words where there is none.

    >>> [amount(figure(name), "en") for name in ("sample-2019-06", "yangzhou-2023-tier", "zhejiang-2007-degree")]
    ['>\\u202f140,000', '100–120', '≥\\u202f50']
    >>> amount(figure("ningbo-2007-website"), "en")
    'common'
    """
    if item.value is None:
        return item.reading.to(locale) if item.reading else item.printed
    number = f"{item.value:,f}"
    if item.upper is not None:
        number = f"{number}–{item.upper:,f}"
    sign = SIGNS.get(item.comparator)
    return f"{sign}\u202f{number}" if sign else number


def comparator_words(item: Figure, locale: str) -> str:
    """How the value is meant, in words; a result that "reached" a value is not one that is "to reach" it."""
    if item.comparator == "reach" and item.kind != "target":
        return Text("达到", "reached").to(locale)
    return COMPARATORS[item.comparator].to(locale)


@cache
def series_list() -> tuple[Series, ...]:
    return tuple(_series(row) for row in indicators().values() if row.is_series)


def series(series_id: str) -> Series:
    """The series by id; `KeyError` for an unknown one."""
    return {item.id: item for item in series_list()}[series_id]


def _series(row: Indicator) -> Series:
    if row.definition is None or row.population is None:
        raise ValueError(f"{row.id}: a series needs a definition and a population.")
    held = [
        item
        for item in figures(indicator=row.id, region=NATION, include_unverified=True)
        if not item.is_apart and item.value is not None
    ]
    held.sort(key=lambda item: item.ends_on)
    return Series(
        row.id,
        row.title,
        units()[row.unit].en,
        row.measure,
        row.definition,
        row.population,
        tuple(_point(item) for item in held if item.kind == "actual"),
        tuple(_point(item) for item in held if item.kind == "target"),
    )


def _point(item: Figure) -> Point:
    if item.value is None:
        raise ValueError(f"{item.id} has no number.")
    return Point(
        item.period,
        item.value,
        item.provenance,
        item.source,
        item.population,
        item.note,
        item.comparator,
        item.held_back is None,
        item.id,
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
