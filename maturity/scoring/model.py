"""The scoring side of an edition as frozen values: dimensions, indicators, gates; and what scoring yields.

Scoring knows facts as plain values by id. It does not know questions, paths or profiles: the caller says which
indicators apply and passes only the facts that exist.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
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
    settings: Mapping[str, Any]  # points, row_weights, direction, improvement
    waiver: str | None


@dataclass(frozen=True, slots=True, eq=False)
class Group:
    """A sub-dimension: indicators weighed against each other."""

    id: str
    weight: Parameter
    indicators: tuple[Indicator, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Dimension:
    id: str
    role: str  # "capability" or "outcome"
    weight: Parameter
    groups: tuple[Group, ...]


@dataclass(frozen=True, slots=True)
class Gate:
    """A condition that admits to a level: the dimension's score must reach the threshold."""

    dimension: str
    parameter: str


@dataclass(frozen=True, slots=True)
class Level:
    level: int
    id: str
    gates: tuple[Gate, ...]


@dataclass(frozen=True, slots=True, eq=False)
class ScoringModel:
    """A way to score facts; compared by identity, so that what is computed from it can be cached."""

    dimensions: tuple[Dimension, ...]
    levels: tuple[Level, ...]  # ascending; the first has no gates
    parameters: Mapping[str, Parameter]
    indicators: Mapping[str, Indicator] = field(default_factory=dict)

    def dimension(self, dimension_id: str) -> Dimension:
        return next(dimension for dimension in self.dimensions if dimension.id == dimension_id)


@dataclass(frozen=True, slots=True)
class GateResult:
    """How one gate came out; `gap` is what is missing in points, 0 when passed."""

    level: int
    dimension: str
    threshold: Fraction
    actual: Fraction
    passed: bool

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

    def blocking(self) -> tuple[GateResult, ...]:
        """The gates of the next level that are not reached; empty at the highest level."""
        return tuple(gate for gate in self.gates if gate.level == self.level + 1 and not gate.passed)
