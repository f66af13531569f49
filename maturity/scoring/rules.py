"""The closed table of scoring rules, each released once and never edited, only joined by a new version.

Every rule maps the facts of one indicator to an exact value in [0, 1], or to None when the value is absent. It is
monotone in each fact in the declared direction: +1 more is better, -1 less is better, 0 declared by the indicator.
That is the contract interval bounds and other frameworks rely on (ADR 0004). One point stands outside it: where a
denominator, or the prior year of a relative improvement, is zero, there is nothing to divide by and the value is
absent, though it is near its best just above zero.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from maturity.scoring.model import Indicator

Numbers = Mapping[str, Fraction]  # role -> parameter value
ZERO, ONE = Fraction(0), Fraction(1)


@dataclass(frozen=True, slots=True)
class Rule:
    """A released rule: its roles with their directions, the parameters it needs and may take, and the function."""

    name: str
    roles: Mapping[str, int]
    parameters: tuple[str, ...]
    optional_parameters: tuple[str, ...]
    settings: tuple[str, ...]
    fact_types: Mapping[str, tuple[str, ...]]
    compute: Callable[[Indicator, Mapping[str, Any], Numbers], Fraction | None]


def clamp(value: Fraction) -> Fraction:
    """
    >>> clamp(Fraction(3, 2)), clamp(Fraction(-1))
    (Fraction(1, 1), Fraction(0, 1))
    """
    return min(max(value, ZERO), ONE)


def equidistant(options: tuple[str, ...]) -> dict[str, Fraction]:
    """Ordered options, low to high, at equal distances from 0 to 1.

    >>> equidistant(("none", "some", "all"))
    {'none': Fraction(0, 1), 'some': Fraction(1, 2), 'all': Fraction(1, 1)}
    """
    steps = max(len(options) - 1, 1)
    return {option: Fraction(index, steps) for index, option in enumerate(options)}


def _points(indicator: Indicator, default: Mapping[str, Fraction]) -> Mapping[str, Fraction]:
    points: Mapping[str, Fraction] | None = indicator.settings.get("points")
    return default if points is None else points


def choice(indicator: Indicator, inputs: Mapping[str, Any], _: Numbers) -> Fraction | None:
    """The points of the chosen option; equidistant unless the indicator sets them (digest 1.4)."""
    return _points(indicator, equidistant(indicator.shapes["answer"].options))[inputs["answer"]]


def yesno(_indicator: Indicator, inputs: Mapping[str, Any], _: Numbers) -> Fraction | None:
    """Yes is the full mark, no is zero."""
    return ONE if inputs["answer"] else ZERO


def multi(indicator: Indicator, inputs: Mapping[str, Any], _: Numbers) -> Fraction | None:
    """The sum of the chosen options' points, one at most; the exclusive option is worth nothing (digest 1.4)."""
    shape = indicator.shapes["answer"]
    real = [option for option in shape.options if option != shape.exclusive]
    points = _points(indicator, dict.fromkeys(real, Fraction(1, len(real))))
    return min(sum((points.get(option, ZERO) for option in inputs["answer"]), ZERO), ONE)


def matrix(indicator: Indicator, inputs: Mapping[str, Any], _: Numbers) -> Fraction | None:
    """The weighted mean over the rows of the chosen column's points, columns equidistant."""
    shape = indicator.shapes["answer"]
    points = _points(indicator, equidistant(shape.columns))
    weights = indicator.settings.get("row_weights") or {}
    total = sum(weights.get(row, 1) for row in shape.rows)
    earned = sum((weights.get(row, 1) * points[inputs["answer"][row]] for row in shape.rows), ZERO)
    return Fraction(earned, total)


def ratio(_indicator: Indicator, inputs: Mapping[str, Any], numbers: Numbers) -> Fraction | None:
    """min(100 × numerator ÷ denominator ÷ full mark, 1); absent when the denominator is zero (digest 1.4)."""
    if not inputs["denominator"]:
        return None
    return clamp(100 * inputs["numerator"] / inputs["denominator"] / numbers["full"])


def amount(_indicator: Indicator, inputs: Mapping[str, Any], numbers: Numbers) -> Fraction | None:
    """min(amount ÷ full mark, 1)."""
    return clamp(inputs["amount"] / numbers["full"])


def amount_down(_indicator: Indicator, inputs: Mapping[str, Any], numbers: Numbers) -> Fraction | None:
    """Less is better: 1 at `best` and below, 0 at `worst` and above, straight between (digest 1.4)."""
    best, worst = numbers["best"], numbers["worst"]
    return clamp((worst - inputs["amount"]) / (worst - best))


def outcome(indicator: Indicator, inputs: Mapping[str, Any], numbers: Numbers) -> Fraction | None:
    """The better of level against full mark and improvement against full mark (design decision 4).

    Without a prior year, or with a prior year of zero where the improvement is relative, the level alone counts;
    an indicator without a level mark is then absent.
    """
    current, prior = inputs["pair"]
    down = indicator.settings["direction"] == "down"
    parts = (_level(current, numbers, down), _improved(indicator, current, prior, numbers, down))
    known = [part for part in parts if part is not None]
    return max(known) if known else None


def _level(current: Fraction, numbers: Numbers, down: bool) -> Fraction | None:
    if down:
        if "best_level" not in numbers:
            return None
        best, worst = numbers["best_level"], numbers["worst_level"]
        return clamp((worst - current) / (worst - best))
    return clamp(current / numbers["full_level"]) if "full_level" in numbers else None


def _improved(
    indicator: Indicator, current: Fraction, prior: Fraction | None, numbers: Numbers, down: bool
) -> Fraction | None:
    if prior is None or "full_improvement" not in numbers:
        return None
    gained = prior - current if down else current - prior
    if indicator.settings["improvement"] == "relative":
        if prior <= 0:
            return None
        gained = 100 * gained / prior
    return clamp(gained / numbers["full_improvement"])


def _band(indicator: Indicator, value: Fraction) -> Fraction:
    """The points of the band the value lies in; bands ascend, and `closed` says which end of a band belongs to it."""
    upper = indicator.settings["closed"] == "upper"
    for edge, points in indicator.settings["bands"]:
        if edge is None or value < edge or (upper and value == edge):
            earned: Fraction = points
            return earned
    raise AssertionError("the last band has no upper edge")


def ratio_bands(indicator: Indicator, inputs: Mapping[str, Any], _: Numbers) -> Fraction | None:
    """The points of the band of 100 × numerator ÷ denominator; absent when the denominator is zero (digest 5.2)."""
    if not inputs["denominator"]:
        return None
    return _band(indicator, 100 * inputs["numerator"] / inputs["denominator"])


def amount_bands(indicator: Indicator, inputs: Mapping[str, Any], _: Numbers) -> Fraction | None:
    """The points of the band of the amount."""
    return _band(indicator, inputs["amount"])


def trend(indicator: Indicator, inputs: Mapping[str, Any], _: Numbers) -> Fraction | None:
    """Better than the year before is the full mark, unchanged half of it, worse nothing; absent without a prior year
    (digest 5.2, R1 to R4)."""
    current, prior = inputs["pair"]
    if prior is None:
        return None
    gained = prior - current if indicator.settings["direction"] == "down" else current - prior
    return Fraction(1, 2) if not gained else ONE if gained > 0 else ZERO


def row(indicator: Indicator, inputs: Mapping[str, Any], _: Numbers) -> Fraction | None:
    """The points of the column chosen in one row of a matrix; columns equidistant unless the indicator sets them."""
    points = _points(indicator, equidistant(indicator.shapes["answer"].columns))
    return points[inputs["answer"][indicator.settings["row"]]]


_NUMBER = ("number", "money")
RULES: Mapping[str, Rule] = {
    rule.name: rule
    for rule in (
        Rule("choice@1", {"answer": 1}, (), (), ("points",), {"answer": ("choice",)}, choice),
        Rule("yesno@1", {"answer": 1}, (), (), (), {"answer": ("yesno",)}, yesno),
        Rule("multi@1", {"answer": 1}, (), (), ("points",), {"answer": ("multi",)}, multi),
        Rule("matrix@1", {"answer": 1}, (), (), ("points", "row_weights"), {"answer": ("matrix",)}, matrix),
        Rule(
            "ratio@1",
            {"numerator": 1, "denominator": -1},
            ("full",),
            (),
            (),
            {"numerator": _NUMBER, "denominator": _NUMBER},
            ratio,
        ),
        Rule("amount@1", {"amount": 1}, ("full",), (), (), {"amount": _NUMBER}, amount),
        Rule("amount_down@1", {"amount": -1}, ("best", "worst"), (), (), {"amount": _NUMBER}, amount_down),
        Rule(
            "outcome@1",
            {"pair": 0},
            (),
            ("full_level", "best_level", "worst_level", "full_improvement"),
            ("direction", "improvement"),
            {"pair": ("pair",)},
            outcome,
        ),
        Rule(
            "ratio_bands@1",
            {"numerator": 1, "denominator": -1},
            (),
            (),
            ("bands",),
            {"numerator": _NUMBER, "denominator": _NUMBER},
            ratio_bands,
        ),
        Rule("amount_bands@1", {"amount": 1}, (), (), ("bands",), {"amount": _NUMBER}, amount_bands),
        Rule("trend@1", {"pair": 0}, (), (), ("direction",), {"pair": ("pair",)}, trend),
        Rule("row@1", {"answer": 1}, (), (), ("points", "row"), {"answer": ("matrix",)}, row),
    )
}
