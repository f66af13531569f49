"""Where the marks of a line stand on paper: results joined within one population alone, targets never joined."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from maturity.reference.figures import Line, Point, indicator

WIDTH, HEIGHT = 400, 220
AXIS, LEFT, RIGHT, TOP, BOTTOM = 40, 62, 352, 16, 190
MOST_LABELS = 6
FEWEST_MARKS = 2


@dataclass(frozen=True, slots=True)
class Mark:
    x: float
    y: float
    label: str
    is_labelled: bool


@dataclass(frozen=True, slots=True)
class Drawing:
    """Coordinates in a picture of WIDTH × HEIGHT. `breaks` stand between two populations."""

    paths: tuple[str, ...]
    points: tuple[Mark, ...]
    targets: tuple[Mark, ...]
    breaks: tuple[float, ...]
    y_ticks: tuple[Mark, ...]
    x_ticks: tuple[Mark, ...]


def drawing(of: Line) -> Drawing | None:
    """The picture of a line; None where there are too few marks for one.

    >>> from maturity.reference.figures import line
    >>> picture = drawing(line("cnc_rate"))
    >>> picture and (len(picture.paths), len(picture.breaks), len(picture.targets))
    (2, 1, 1)
    >>> drawing(line("customisation")) is None
    True
    """
    marks = (*of.points, *of.targets)
    if not of.points or len({mark.period for mark in marks}) < FEWEST_MARKS:
        return None
    first, last = min(mark.year for mark in marks), max(mark.year for mark in marks)
    unit = indicator(of.indicator.id).unit
    most = _top(max(mark.value for mark in marks), unit)

    def at(point: Point, *, is_labelled: bool) -> Mark:
        x = LEFT + float((point.year - first) / (last - first)) * (RIGHT - LEFT)
        return Mark(round(x, 1), _height(point.value, most), f"{point.value:,f}", is_labelled)

    segments = of.segments()
    drawn = [[at(point, is_labelled=point in (part[0], part[-1])) for point in part] for part in segments]
    return Drawing(
        paths=tuple(" ".join(f"{mark.x},{mark.y}" for mark in part) for part in drawn if len(part) > 1),
        points=tuple(mark for part in drawn for mark in part),
        targets=tuple(at(target, is_labelled=True) for target in of.targets),
        breaks=tuple(
            round((before[-1].x + after[0].x) / 2, 1) for before, after in zip(drawn, drawn[1:], strict=False)
        ),
        y_ticks=tuple(
            Mark(AXIS, _height(value, most), f"{value:,f}{'%' if unit == '%' else ''}", is_labelled=True)
            for value in _steps(most)
        ),
        x_ticks=_years(first, last),
    )


def _height(value: Decimal, most: Decimal) -> float:
    return round(BOTTOM - float(value / most) * (BOTTOM - TOP), 1)


def _top(most: Decimal, unit: str) -> Decimal:
    """The upper end of the scale, which begins at nought: 100 for percentages, else the next round number.

    >>> _top(Decimal(62), "%"), _top(Decimal(105), "—"), _top(Decimal(9), "items"), _top(Decimal(0), "items")
    (Decimal('100'), Decimal('120'), Decimal('10'), Decimal('4'))
    """
    if unit in ("%", "score") and most <= 100:
        return Decimal(100)
    size = Decimal(1)
    while size * 10 < most:
        size *= 10
    for factor in ("1", "1.2", "1.6", "2", "4", "6", "8", "10"):
        if most <= size * Decimal(factor):
            return max(size * Decimal(factor), Decimal(4)).quantize(Decimal(1))
    return size * 10


def _steps(most: Decimal) -> tuple[Decimal, ...]:
    return tuple((most * part / 4).normalize() for part in range(5))


def _years(first: Decimal, last: Decimal) -> tuple[Mark, ...]:
    """Whole years of the span, so many that their labels do not touch."""
    begin, end = -int(-first // 1), int(last)
    step = 1
    while (end - begin) // step + 1 > MOST_LABELS:
        step += 1
    span = float(last - first)
    return tuple(
        Mark(round(LEFT + (year - float(first)) / span * (RIGHT - LEFT), 1), BOTTOM, str(year), is_labelled=True)
        for year in range(begin, end + 1, step)
    )
