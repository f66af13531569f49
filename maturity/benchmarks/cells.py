"""Cells of a release and a position among them: pure arithmetic over published figures.

A cell carries quantiles only, each from at least twenty contributors, as the mean of the five order statistics around
its rank, rounded to a whole point (two points below a hundred). The own percentile is a function of the published
grid alone (methods B.2, R3, R4, R10). Until real releases exist the population is synthetic and marked so.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

LEAST = 20
LEAST_FOR_DECILES = 50
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
    """Published quantiles of one metric, p10 and p90 only from fifty contributors on."""

    q1: int
    median: int
    q3: int
    p10: int | None
    p90: int | None

    def as_json(self) -> dict[str, int | None]:
        return {"p10": self.p10, "q1": self.q1, "median": self.median, "q3": self.q3, "p90": self.p90}


def quantiles(values: Sequence[float]) -> Quantiles | None:
    """The publishable quantiles of the values, None with too few contributors."""
    count = len(values)
    if count < LEAST:
        return None
    ordered = sorted(values)
    step = 1 if count >= 100 else 2
    found = {name: _smoothed(ordered, level, step) for name, level in LEVELS.items()}
    deciles = {
        name: _smoothed(ordered, level, step) if count >= LEAST_FOR_DECILES else None for name, level in DECILES.items()
    }
    return Quantiles(found["q1"], found["median"], found["q3"], deciles["p10"], deciles["p90"])


def _smoothed(ordered: Sequence[float], level: int, step: int) -> int:
    rank = int(level / 100 * (len(ordered) - 1) + 0.5)
    low = min(max(rank - 2, 0), len(ordered) - 5)
    mean = sum(ordered[low : low + 5]) / 5
    return int(mean / step + 0.5) * step


def percentile(grid: Quantiles, value: Decimal) -> int:
    """Where the value stands in the published grid: piecewise linear, rounded to 5, within 5 and 95.

    >>> percentile(Quantiles(40, 50, 60, 30, 70), Decimal(55))
    65
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
