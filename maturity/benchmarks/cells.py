"""Cells of a release and a position among them: pure arithmetic over published figures.

A cell carries quantiles only, each from at least twenty contributors of whom at least five lie strictly below it and
five strictly above, as the mean of the five order statistics around its rank, rounded to a whole point (two points
below a hundred contributors). The own percentile is a function of the published grid alone (methods B.2, R3, R4,
R10). Until real releases exist the population is synthetic and marked so.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

LEAST = 20
LEAST_FOR_DECILES = 50
LEAST_FOR_WHOLE_POINTS = 100
LEAST_BESIDE = 5  # contributors strictly below a quantile, and strictly above it
COUNT_BASE = 5
SMOOTHED = 5  # order statistics in the mean
LEVELS = {"q1": 25, "median": 50, "q3": 75}
DECILES = {"p10": 10, "p90": 90}


@dataclass(frozen=True, slots=True)
class CellKey:
    """'' stands for all; `region` is a macro-region."""

    industry: str
    region: str
    size: str


@dataclass(frozen=True, slots=True)
class Quantiles:
    """Published quantiles of one metric; p10 and p90 from fifty contributors on, and where the tails allow them."""

    q1: int
    median: int
    q3: int
    p10: int | None
    p90: int | None

    def as_json(self) -> dict[str, int | None]:
        return {"p10": self.p10, "q1": self.q1, "median": self.median, "q3": self.q3, "p90": self.p90}


def published_count(count: int) -> int:
    """The number of contributors as it is published: down to the next five, so that one more or less shows nothing.

    >>> published_count(24), published_count(25), published_count(143)
    (20, 25, 140)
    """
    return count // COUNT_BASE * COUNT_BASE


def quantiles(values: Sequence[float]) -> Quantiles | None:
    """The publishable quantiles of the values; None with too few contributors, or when one of the quartiles may not
    be published: two of them would draw a box of nothing.

    >>> quantiles(range(20))
    Quantiles(q1=6, median=10, q3=14, p10=None, p90=None)
    >>> quantiles([0] * 15 + list(range(30)))  # a third stand at nought: nobody is below the lower quartile
    """
    count = len(values)
    if count < LEAST:
        return None
    ordered = sorted(values)
    step = 1 if published_count(count) >= LEAST_FOR_WHOLE_POINTS else 2
    q1, median, q3 = (_quantile(ordered, level, step) for level in LEVELS.values())
    if q1 is None or median is None or q3 is None:
        return None
    p10, p90 = (_quantile(ordered, level, step) if count >= LEAST_FOR_DECILES else None for level in DECILES.values())
    return Quantiles(q1, median, q3, p10, p90)


def _quantile(ordered: Sequence[float], level: int, step: int) -> int | None:
    """The smoothed and rounded quantile, None when fewer than five lie strictly on one of its sides."""
    rank = (level * (len(ordered) - 1) + 50) // 100
    exact = ordered[rank]
    if min(bisect_left(ordered, exact), len(ordered) - bisect_right(ordered, exact)) < LEAST_BESIDE:
        return None
    low = rank - SMOOTHED // 2
    # As they are written: the float nearest to 44.45 lies below it and would round another way.
    mean = sum((Decimal(str(value)) for value in ordered[low : low + SMOOTHED]), Decimal(0)) / SMOOTHED
    return int(mean / step + Decimal("0.5")) * step


def percentile(grid: Quantiles, value: Decimal) -> int:
    """Where the value stands in the published grid: piecewise linear, rounded half up to 5, within 5 and 95.

    >>> grid = Quantiles(40, 50, 60, 30, 70)
    >>> [percentile(grid, Decimal(value)) for value in (0, 30, 45, 50, 55, 70, 100)]
    [5, 10, 40, 50, 65, 90, 95]
    """
    points: list[tuple[Decimal, int]] = [(Decimal(0), 0)]
    for name, level in sorted((LEVELS | DECILES).items(), key=lambda item: item[1]):
        known = getattr(grid, name)
        if known is not None:
            points.append((Decimal(known), level))
    points.append((Decimal(100), 100))
    raw = Decimal(100) if value >= 100 else _between(points, value)
    rounded = int(raw / 5 + Decimal("0.5")) * 5
    return min(max(rounded, 5), 95)


def _between(points: list[tuple[Decimal, int]], value: Decimal) -> Decimal:
    """The level at a value; where several levels share one value, the highest of them."""
    for (x0, y0), (x1, y1) in zip(points, points[1:], strict=False):
        if x0 <= value < x1:
            return y0 + (value - x0) * (y1 - y0) / (x1 - x0)
    return Decimal(0)


def lattice(key: CellKey) -> Iterator[CellKey]:
    """Every published population the enterprise belongs to."""
    for industry in (key.industry, ""):
        for region in (key.region, ""):
            for size in (key.size, ""):
                yield CellKey(industry, region, size)


def fallbacks(key: CellKey) -> Iterator[CellKey]:
    """From the closest population to the widest: region widens first, then size, then industry (R11)."""
    for industry, size in ((key.industry, key.size), (key.industry, ""), ("", key.size), ("", "")):
        for region in (key.region, ""):
            yield CellKey(industry, region, size)


def build_cells(
    keys: Sequence[CellKey], metrics: Mapping[str, Sequence[float]]
) -> dict[CellKey, tuple[int, dict[str, Quantiles]]]:
    """Group the contributors over the lattice; a cell with fewer than twenty is not published."""
    members: dict[CellKey, list[int]] = {}
    for row, key in enumerate(keys):
        for cell in lattice(key):
            members.setdefault(cell, []).append(row)
    cells = {}
    for cell, rows in sorted(members.items(), key=lambda item: (item[0].industry, item[0].region, item[0].size)):
        if len(rows) >= LEAST:
            found = {name: quantiles([column[row] for row in rows]) for name, column in metrics.items()}
            cells[cell] = (len(rows), {name: grid for name, grid in found.items() if grid})
    return cells
