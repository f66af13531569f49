"""The published figures that the population is held to, each looked up where its source is kept."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from maturity.reference.figures import Point, series

#: the series that a year's population is held to, and how far it may stray from the figure, in points
TOLERANCES = {"cnc_rate": 0.5, "rd_tool_rate": 0.5, "management_rate": 0.5}
#: the share of enterprises at the two upper stages: 14.6 % in 2016, and growing since
UPPER_STAGES = (14.0, 25.0)
STEPS = 40


def published(series_id: str, period: int) -> float:
    """The figure at a year's end: between verified points of the newest basis, or on the way to the target.

    >>> published("cnc_rate", 2023), round(published("cnc_rate", 2024), 2), published("cnc_rate", 2025)
    (62.9, 65.55, 68.0)
    >>> round(published("management_rate", 2024), 2)
    77.55
    """
    known, day = series(series_id), date(period, 12, 31)
    points = [*known.segments()[-1], *known.targets]
    for before, after in zip(points, points[1:], strict=False):
        if before.ends_on <= day <= after.ends_on:
            return _between(before, after, day)
    raise LookupError(f"nothing is published about {series_id} around {day}")


def _between(before: Point, after: Point, day: date) -> float:
    passed, whole = (day - before.ends_on).days, (after.ends_on - before.ends_on).days
    return float(before.value) + float(after.value - before.value) * passed / whole


def solve(measure: Callable[[float], float], wanted: float, low: float = -4.0, high: float = 4.0) -> float:
    """The shift at which a measure that rises with it reaches what is wanted, by halving: the same for the same data.

    >>> round(solve(lambda shift: 10 * shift, 25.0), 6)
    2.5
    """
    for _ in range(STEPS):
        middle = (low + high) / 2
        low, high = (middle, high) if measure(middle) < wanted else (low, middle)
    return (low + high) / 2
