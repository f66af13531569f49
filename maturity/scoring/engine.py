"""From facts to a score: indicator values first, then one aggregation for every caller.

The two stages are the interface: interval bounds aggregate the lowest and the highest indicator values, the batch
aggregates many columns, other frameworks bring their own tree. Weights of indicators that do not apply are
redistributed among their siblings; an absent value counts zero and keeps its weight (design decisions 4 and 6a).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Any

from maturity.scoring.model import GateResult, Indicator, Inputs, Score, ScoringModel
from maturity.scoring.rules import RULES

ZERO = Fraction(0)
ENGINE_VERSION = "1"
AGGREGATION = "weighted_mean@1"
LEVEL_RULE = "sequential_gates@1"
Values = Mapping[str, Fraction | None]


@dataclass(frozen=True, slots=True, eq=False)
class Prepared:
    """A model with its parameters looked up for one date and one variant."""

    model: ScoringModel
    on: date
    variant: str
    numbers: Mapping[str, Mapping[str, Fraction]]  # indicator id -> role -> value
    thresholds: Mapping[str, Fraction]  # gate parameter id -> value
    weights: Mapping[str, Fraction]  # id of indicator, group or dimension -> its weight among its siblings


@lru_cache(maxsize=256)
def prepare(model: ScoringModel, on: date, variant: str) -> Prepared:
    """Look every parameter up once; raises `NoParameterValue` where one is missing on that date."""
    parameters = model.parameters
    numbers = {
        indicator.id: {role: parameters[name].value_on(on, variant) for role, name in indicator.parameters.items()}
        for indicator in model.indicators.values()
    }
    thresholds = {
        gate.parameter: parameters[gate.parameter].value_on(on, variant)
        for level in model.levels
        for gate in level.gates
    }
    weighed = {indicator.id: indicator.weight for indicator in model.indicators.values()}
    for dimension in model.dimensions:
        weighed |= {dimension.id: dimension.weight} | {group.id: group.weight for group in dimension.groups}
    weights = {name: weight.value_on(on, variant) for name, weight in weighed.items()}
    return Prepared(model, on, variant, numbers, thresholds, weights)


def indicator_value(prepared: Prepared, indicator: Indicator, facts: Inputs) -> Fraction | None:
    """The value of one indicator in [0, 1], None when a fact it needs does not exist."""
    inputs = []
    for fact_id in indicator.facts.values():
        if fact_id not in facts:
            return None
        value = facts[fact_id]
        inputs.append(_Matrix(value.items()) if isinstance(value, dict) else value)
    return _computed(prepared, indicator, tuple(inputs))


class _Matrix(tuple[tuple[str, str], ...]):
    """The rows of a matrix as a key of the cache; a class of its own, because a pair is a tuple too."""

    __slots__ = ()


@lru_cache(maxsize=16384)
def _computed(prepared: Prepared, indicator: Indicator, inputs: tuple[Any, ...]) -> Fraction | None:
    """The rule's value, kept: rules are pure, and from one save to the next all answers but one stay the same."""
    given = {
        role: dict(value) if isinstance(value, _Matrix) else value
        for role, value in zip(indicator.facts, inputs, strict=True)
    }
    return RULES[indicator.rule].compute(indicator, given, prepared.numbers[indicator.id])


def indicator_values(prepared: Prepared, facts: Inputs, applicable: frozenset[str]) -> Values:
    """The value of every applicable indicator."""
    indicators = prepared.model.indicators
    return {name: indicator_value(prepared, indicators[name], facts) for name in indicators if name in applicable}


@dataclass(frozen=True, slots=True, eq=False)
class Weights:
    """Effective weights for one set of applicable indicators; each level sums to one."""

    dimension: Mapping[str, Fraction]  # share within its role (capability or outcome)
    group: Mapping[str, Fraction]  # share within its dimension
    indicator: Mapping[str, Fraction]  # share within its group


@lru_cache(maxsize=512)
def effective_weights(prepared: Prepared, applicable: frozenset[str]) -> Weights:
    """Redistribute the weight of what does not apply among its siblings, level by level."""
    indicators: dict[str, Fraction] = {}
    groups: dict[str, Fraction] = {}
    live: dict[str, dict[str, Fraction]] = {"capability": {}, "outcome": {}}
    stated = prepared.weights
    for dimension in prepared.model.dimensions:
        weights = {}
        for group in dimension.groups:
            present = {item.id: stated[item.id] for item in group.indicators if item.id in applicable}
            indicators |= _shares(present)
            if present:
                weights[group.id] = stated[group.id]
        groups |= _shares(weights)
        if weights:
            live[dimension.role][dimension.id] = stated[dimension.id]
    return Weights(_shares(live["capability"]) | _shares(live["outcome"]), groups, indicators)


def _shares(weights: Mapping[str, Fraction]) -> dict[str, Fraction]:
    total = sum(weights.values())
    return {name: weight / total for name, weight in weights.items()}


def aggregate(prepared: Prepared, values: Values, applicable: frozenset[str]) -> Score:
    """Weighted means up the tree and sequential gates; `values` of indicators that do not apply are ignored."""
    model = prepared.model
    weights = effective_weights(prepared, applicable)
    groups: dict[str, Fraction] = {}
    dimensions: dict[str, Fraction] = {}
    for dimension in model.dimensions:
        for group in dimension.groups:
            if group.id in weights.group:
                parts = [(weights.indicator[i.id], values[i.id]) for i in group.indicators if i.id in applicable]
                groups[group.id] = _weighted_sum(parts, times=100)
        if dimension.id in weights.dimension:
            shares = [(weights.group[g.id], groups[g.id]) for g in dimension.groups if g.id in weights.group]
            dimensions[dimension.id] = _weighted_sum(shares)
    totals = {"capability": ZERO, "outcome": ZERO}
    for dimension in model.dimensions:
        if dimension.id in dimensions:
            totals[dimension.role] += weights.dimension[dimension.id] * dimensions[dimension.id]
    gates = _gates(prepared, dimensions)
    level = _level(model, gates)
    return Score(totals["capability"], totals["outcome"], dimensions, groups, values, applicable, level, gates)


def _weighted_sum(parts: Sequence[tuple[Fraction, Fraction | None]], times: int = 1) -> Fraction:
    """Σ weight × value, exactly; in whole numbers, because a sum of Fractions reduces at every step.

    >>> _weighted_sum([(Fraction(1, 3), Fraction(1, 2)), (Fraction(1, 3), None), (Fraction(1, 3), Fraction(1))])
    Fraction(1, 2)
    """
    numerator, denominator = 0, 1
    for weight, value in parts:
        if not value:
            continue
        below = weight.denominator * value.denominator
        numerator = numerator * below + weight.numerator * value.numerator * denominator
        denominator *= below
    return Fraction(times * numerator, denominator)


def _gates(prepared: Prepared, dimensions: Mapping[str, Fraction]) -> tuple[GateResult, ...]:
    results = []
    for level in prepared.model.levels:
        for gate in level.gates:
            threshold = prepared.thresholds[gate.parameter]
            actual = dimensions.get(gate.dimension, ZERO)
            results.append(GateResult(level.level, gate.dimension, threshold, actual, actual >= threshold))
    return tuple(results)


def _level(model: ScoringModel, gates: tuple[GateResult, ...]) -> int:
    """Sequential: a level counts only when every level below it is reached too."""
    failed = {gate.level for gate in gates if not gate.passed}
    reached = 0
    for level in model.levels:
        if level.level in failed:
            break
        reached = level.level
    return reached


def score(prepared: Prepared, facts: Inputs, applicable: frozenset[str]) -> Score:
    """Score the facts that exist; answers off the path must not be among them."""
    return aggregate(prepared, indicator_values(prepared, facts, applicable), applicable)


def rounded(value: Fraction, gates: tuple[Fraction, ...] = (), places: int = 2) -> Decimal:
    """Half-even to `places`; a value below a gate never displays as the gate.

    >>> rounded(Fraction(2, 3)), rounded(Fraction(4999999, 100000)), rounded(Fraction(4999999, 100000), (Fraction(50),))
    (Decimal('0.67'), Decimal('50.00'), Decimal('49.99'))
    >>> rounded(Fraction("58.452"), places=1), rounded(Fraction("49.996"), (Fraction(50),), 1)
    (Decimal('58.5'), Decimal('49.9'))
    """
    scaled = value * 10**places  # in integers: a Decimal division could itself round onto the tie
    nearest = Decimal(round(scaled)).scaleb(-places)
    if any(value < gate <= Fraction(nearest) for gate in gates):
        return Decimal(scaled.numerator // scaled.denominator).scaleb(-places)
    return nearest
