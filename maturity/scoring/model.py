"""The scoring side of an edition as frozen values: dimensions, indicators, gates; and what scoring yields.

Scoring knows facts as plain values by id. It does not know questions, paths or profiles: the caller says which
indicators apply and passes only the facts that exist.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Any

from maturity.scoring.parameters import Parameter

#: fact id -> Fraction | str | bool | frozenset[str] | Mapping[str, str] | (current, prior)
Inputs = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Shape:
    """What a rule must know of a fact: its options or rows and columns, low to high, and the exclusive option."""

    type: str
    options: tuple[str, ...] = ()
    exclusive: str | None = None
    rows: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Indicator:
    """A value in [0, 1] computed from facts by a versioned rule."""

    id: str
    parent: str
    weight: Parameter
    rule: str
    facts: Mapping[str, str]  # role -> fact id
    shapes: Mapping[str, Shape]  # role -> shape of that fact
    parameters: Mapping[str, str]  # role -> parameter id
    settings: Mapping[str, Any]  # points, row_weights, direction, improvement, bands, closed
    waiver: str | None
    stage: int = 0  # the level whose requirement this is; 0 in a model without stages


@dataclass(frozen=True, slots=True, eq=False)
class Group:
    """A sub-dimension: indicators weighed against each other, or of which the lowest counts."""

    id: str
    weight: Parameter
    indicators: tuple[Indicator, ...]
    combine: str = "mean"  # or "minimum"


@dataclass(frozen=True, slots=True, eq=False)
class Element:
    """A part of the whole above the dimensions: what does not apply is redistributed within it first."""

    id: str
    weight: Parameter


@dataclass(frozen=True, slots=True, eq=False)
class Dimension:
    id: str
    role: str  # "capability", "outcome", or "counted": rated and counted by gates, but in no total
    weight: Parameter
    groups: tuple[Group, ...]
    combine: str = "mean"  # or "minimum"
    element: str | None = None


@dataclass(frozen=True, slots=True)
class Gate:
    """A condition that admits to a level: the measured score or number must reach (or exceed) the threshold.

    `kind` says what is measured and `of` which one: a `dimension` (0..100), the `total` (0..100), a `stage` (0..100),
    an `indicator` (0..100), or the `count` of a set's indicators whose value, 0..1, is at least `value`.
    """

    kind: str
    of: str
    parameter: str
    exceed: bool = False  # the threshold itself does not pass: bands that are closed above
    value: str | None = None  # parameter of the least value that counts


@dataclass(frozen=True, slots=True)
class IndicatorSet:
    """Indicators that gates count together."""

    id: str
    indicators: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Level:
    level: int
    id: str
    gates: tuple[Gate, ...]


@dataclass(frozen=True, slots=True, eq=False)
class ScoringModel:
    """A way to score facts; compared by identity, so that what is computed from it can be cached."""

    dimensions: tuple[Dimension, ...]
    levels: tuple[Level, ...]  # ascending; the first has no gates; empty where a framework knows none
    parameters: Mapping[str, Parameter]
    indicators: Mapping[str, Indicator] = field(default_factory=dict)
    total: str = "weighted_mean@1"  # or "staged_sum@1"
    elements: tuple[Element, ...] = ()
    sets: Mapping[str, IndicatorSet] = field(default_factory=dict)

    @property
    def stages(self) -> tuple[int, ...]:
        """The stages requirements belong to, ascending; none in a model whose total is a weighted mean."""
        return tuple(sorted({indicator.stage for indicator in self.indicators.values()} - {0}))

    @property
    def roles(self) -> tuple[str, ...]:
        """The roles of its dimensions, totals first."""
        used = {dimension.role for dimension in self.dimensions}
        return ("capability", "outcome", *(("counted",) if "counted" in used else ()))

    def first_day(self) -> date:
        """The first day on which every parameter and every indicator's weight has a value."""
        numbers = (*self.parameters.values(), *(indicator.weight for indicator in self.indicators.values()))
        return max((parameter.values[0][0] for parameter in numbers), default=date.min)

    def dimension(self, dimension_id: str) -> Dimension:
        return next(dimension for dimension in self.dimensions if dimension.id == dimension_id)


@dataclass(frozen=True, slots=True)
class GateResult:
    """How one gate came out; `gap` is what is missing in points (of a count: how many), 0 when passed."""

    level: int
    gate: Gate
    threshold: Fraction
    actual: Fraction
    passed: bool

    @property
    def of(self) -> str:
        """What was measured, by id."""
        return self.gate.of

    @property
    def gap(self) -> Fraction:
        return max(self.threshold - self.actual, Fraction(0))


@dataclass(frozen=True, slots=True)
class Score:
    """An exact result. Scores are on 0..100, indicator values on 0..1; None means absent."""

    capability: Fraction  # L, 水平与能力
    outcome: Fraction  # E, 效能与效益
    dimensions: Mapping[str, Fraction]
    groups: Mapping[str, Fraction]
    values: Mapping[str, Fraction | None]
    applicable: frozenset[str]
    level: int
    gates: tuple[GateResult, ...]
    stages: Mapping[int, Fraction] = field(default_factory=dict)  # the score of each stage's requirements, 0..100

    def limits(self, kind: str, of: str) -> tuple[Fraction, ...]:
        """The thresholds a score is held against: below one of them it must not show as the threshold."""
        return tuple(result.threshold for result in self.gates if (result.gate.kind, result.gate.of) == (kind, of))

    def blocking(self) -> tuple[GateResult, ...]:
        """The gates of the next level that are not reached; empty at the highest level."""
        return tuple(gate for gate in self.gates if gate.level == self.level + 1 and not gate.passed)
