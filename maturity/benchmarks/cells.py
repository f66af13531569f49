"""A cell of a release as it is published, and a position among its published figures.

How the figures come about is in `build`, under the rules of `disclosure`. The own percentile is a function of the
published grid alone (R10): whoever tries answer after answer learns what the grid says, and no more.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

LEVELS = {"q1": 25, "median": 50, "q3": 75}
DECILES = {"p10": 10, "p90": 90}


@dataclass(frozen=True, slots=True, order=True)
class CellKey:
    """Industry, region and size of a cell; '' stands for all."""

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


@dataclass(frozen=True, slots=True)
class LevelShare:
    """Levels that are shown together, and the share of enterprises at them in percent."""

    levels: tuple[int, ...]
    share: int


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
