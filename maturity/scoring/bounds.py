"""The lowest and the highest value an indicator can still have while facts of it are open.

Every rule is monotone in its facts (ADR 0004), so that its two ends are its values at the worst and at the best
answer. Where a known fact restricts the value further and we do not use it, the interval is wide but never wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any, NamedTuple

from maturity.scoring.model import Indicator
from maturity.scoring.rules import equidistant

ZERO, ONE = Fraction(0), Fraction(1)


class Interval(NamedTuple):
    """The values from `low` to `high`, both possible or beyond what is possible."""

    low: Fraction
    high: Fraction

    @property
    def is_point(self) -> bool:
        return self.low == self.high


ANYTHING = Interval(ZERO, ONE)
NOTHING = Interval(ZERO, ZERO)


def ends(indicator: Indicator, known: Mapping[str, Any], may_be_absent: bool) -> Interval:
    """The interval of an indicator of which at least one fact is open.

    `known` holds the values of the roles that are answered; `may_be_absent` says that an open question may still turn
    out not to be asked, so that the indicator counts zero.
    """
    interval = _ENDS[indicator.rule](indicator, known)
    return Interval(ZERO, interval.high) if may_be_absent else interval


def _of_points(indicator: Indicator, options: tuple[str, ...]) -> Interval:
    points = indicator.settings.get("points") or equidistant(options)
    values = [points[option] for option in options if option in points]
    return Interval(min(values, default=ZERO), max(values, default=ZERO))


def _choice(indicator: Indicator, _known: Mapping[str, Any]) -> Interval:
    return _of_points(indicator, indicator.shapes["answer"].options)


def _columns(indicator: Indicator, _known: Mapping[str, Any]) -> Interval:
    return _of_points(indicator, indicator.shapes["answer"].columns)


def _multi(indicator: Indicator, _known: Mapping[str, Any]) -> Interval:
    points = indicator.settings.get("points")
    return ANYTHING if points is None else Interval(ZERO, min(sum(points.values(), ZERO), ONE))


def _whole(_indicator: Indicator, _known: Mapping[str, Any]) -> Interval:
    return ANYTHING


def _ratio(_indicator: Indicator, known: Mapping[str, Any]) -> Interval:
    """Nothing of anything is nothing, and anything of nothing is absent."""
    return NOTHING if any(value == 0 for value in known.values()) else ANYTHING


def _ratio_bands(indicator: Indicator, known: Mapping[str, Any]) -> Interval:
    if known.get("denominator") == 0:
        return NOTHING
    return Interval(ZERO, indicator.settings["bands"][-1][1])


def _amount_bands(indicator: Indicator, _known: Mapping[str, Any]) -> Interval:
    bands = indicator.settings["bands"]
    return Interval(bands[0][1], bands[-1][1])


_ENDS: Mapping[str, Callable[[Indicator, Mapping[str, Any]], Interval]] = {
    "choice@1": _choice,
    "yesno@1": _whole,
    "multi@1": _multi,
    "matrix@1": _columns,
    "row@1": _columns,
    "ratio@1": _ratio,
    "ratio_bands@1": _ratio_bands,
    "amount@1": _whole,
    "amount_down@1": _whole,
    "amount_bands@1": _amount_bands,
    "outcome@1": _whole,
    "trend@1": _whole,
}
