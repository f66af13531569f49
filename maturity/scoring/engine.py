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

from maturity.scoring.model import Dimension, Gate, GateResult, Group, Indicator, Inputs, Score, ScoringModel
from maturity.scoring.rules import RULES

ZERO = Fraction(0)
ENGINE_VERSION = "1"
AGGREGATION = "weighted_mean@1"
STAGED = "staged_sum@1"
MINIMUM = "minimum@1"
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
    weights: Mapping[str, Fraction]  # id of indicator, group, dimension or element -> its weight among its siblings


@lru_cache(maxsize=256)
def prepare(model: ScoringModel, on: date, variant: str) -> Prepared:
    """Look every parameter up once; raises `NoParameterValue` where one is missing on that date."""
    parameters = model.parameters
    numbers = {
        indicator.id: {role: parameters[name].value_on(on, variant) for role, name in indicator.parameters.items()}
        for indicator in model.indicators.values()
    }
    gates = [gate for level in model.levels for gate in level.gates]
    named = [name for gate in gates for name in (gate.parameter, gate.value) if name is not None]
    thresholds = {name: parameters[name].value_on(on, variant) for name in named}
    weighed = {indicator.id: indicator.weight for indicator in model.indicators.values()}
    weighed |= {element.id: element.weight for element in model.elements}
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
    live: dict[str, list[Dimension]] = {role: [] for role in prepared.model.roles}
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
            live[dimension.role].append(dimension)
    dimensions: dict[str, Fraction] = {}
    for members in live.values():
        dimensions |= _dimension_shares(stated, members)
    return Weights(dimensions, groups, indicators)


def _dimension_shares(stated: Mapping[str, Fraction], live: Sequence[Dimension]) -> dict[str, Fraction]:
    """Each dimension's share of its role; where there are elements, within its element, which has its own share."""
    parts: dict[str, dict[str, Fraction]] = {}
    for dimension in live:
        parts.setdefault(dimension.element or "", {})[dimension.id] = stated[dimension.id]
    if set(parts) <= {""}:
        return _shares(parts.get("", {}))
    elements = _shares({element: stated[element] for element in parts})
    return {
        name: elements[element] * share
        for element, weights in parts.items()
        for name, share in _shares(weights).items()
    }


def _shares(weights: Mapping[str, Fraction]) -> dict[str, Fraction]:
    total = sum(weights.values())
    return {name: weight / total for name, weight in weights.items()}


def aggregate(prepared: Prepared, values: Values, applicable: frozenset[str]) -> Score:
    """Combine values up the tree, then sequential gates; `values` of indicators that do not apply are ignored."""
    model = prepared.model
    if model.total == STAGED:
        tree, stages = _staged_tree(prepared, values, applicable)
    else:
        tree, stages = _tree(prepared, values, applicable), {}
    gates = _gates(prepared, tree, stages, values, applicable)
    level = _level(model, gates)
    capability = _staged_sum(model, stages, gates) if stages else tree.totals["capability"]
    outcome = tree.totals["outcome"]
    return Score(capability, outcome, tree.dimensions, tree.groups, values, applicable, level, gates, stages)


@dataclass(frozen=True, slots=True, eq=False)
class _Tree:
    """Scores 0..100 of what applies."""

    groups: Mapping[str, Fraction]
    dimensions: Mapping[str, Fraction]
    totals: Mapping[str, Fraction]  # by role


def _tree(prepared: Prepared, values: Values, applicable: frozenset[str]) -> _Tree:
    model = prepared.model
    weights = effective_weights(prepared, applicable)
    groups: dict[str, Fraction] = {}
    dimensions: dict[str, Fraction] = {}
    totals = dict.fromkeys(model.roles, ZERO)
    for dimension in model.dimensions:
        for group in dimension.groups:
            if group.id in weights.group:
                parts = [(weights.indicator[i.id], values[i.id]) for i in group.indicators if i.id in applicable]
                groups[group.id] = _combined(group, parts, times=100)
        if dimension.id in weights.dimension:
            shares = [(weights.group[g.id], groups[g.id]) for g in dimension.groups if g.id in weights.group]
            dimensions[dimension.id] = _combined(dimension, shares)
            totals[dimension.role] += weights.dimension[dimension.id] * dimensions[dimension.id]
    return _Tree(groups, dimensions, totals)


def _staged_tree(
    prepared: Prepared, values: Values, applicable: frozenset[str]
) -> tuple[_Tree, Mapping[int, Fraction]]:
    """Each stage's requirements weighed on their own; a group or dimension shows its mean over the stages it has."""
    model = prepared.model
    trees = {stage: _tree(prepared, values, of_stage(model, applicable, stage)) for stage in model.stages}
    groups = _means([tree.groups for tree in trees.values()])
    dimensions = _means([tree.dimensions for tree in trees.values()])
    totals = dict.fromkeys(model.roles, ZERO)
    return _Tree(groups, dimensions, totals), {stage: tree.totals["capability"] for stage, tree in trees.items()}


@lru_cache(maxsize=2048)
def of_stage(model: ScoringModel, applicable: frozenset[str], stage: int) -> frozenset[str]:
    """The applicable requirements of one stage."""
    return frozenset(name for name in applicable if model.indicators[name].stage == stage)


def _means(scores: Sequence[Mapping[str, Fraction]]) -> dict[str, Fraction]:
    found: dict[str, list[Fraction]] = {}
    for by_name in scores:
        for name, value in by_name.items():
            found.setdefault(name, []).append(value)
    return {name: sum(values, ZERO) / len(values) for name, values in found.items()}


def _staged_sum(model: ScoringModel, stages: Mapping[int, Fraction], gates: Sequence[GateResult]) -> Fraction:
    """Stages that are passed count whole, the first that is not by its score, those above not at all (digest 5.1)."""
    return sum((factor * stages[stage] for stage, factor in stage_factors(model, stages, gates).items()), ZERO)


def stage_factors(
    model: ScoringModel, stages: Mapping[int, Fraction], gates: Sequence[GateResult]
) -> dict[int, Fraction]:
    """What one point of a stage is worth in the total of 0..100; a passed stage counts as if it had all points."""
    passed = {int(result.gate.of): result.passed for result in gates if result.gate.kind == "stage"}
    each = Fraction(1, len(stages))
    factors = dict.fromkeys(stages, ZERO)
    for stage in model.stages:
        if not passed[stage]:
            factors[stage] = each
            break
        factors[stage] = each * 100 / stages[stage] if stages[stage] else ZERO
    return factors


def _combined(part: Group | Dimension, parts: Sequence[tuple[Fraction, Fraction | None]], times: int = 1) -> Fraction:
    if part.combine == "minimum":
        return times * min(value or ZERO for _, value in parts)
    return _weighted_sum(parts, times)


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


def _gates(
    prepared: Prepared, tree: _Tree, stages: Mapping[int, Fraction], values: Values, applicable: frozenset[str]
) -> tuple[GateResult, ...]:
    results = []
    for level in prepared.model.levels:
        for gate in level.gates:
            threshold = prepared.thresholds[gate.parameter]
            actual = _measured(prepared, gate, tree, stages, values, applicable)
            passed = actual > threshold if gate.exceed else actual >= threshold
            results.append(GateResult(level.level, gate, threshold, actual, passed))
    return tuple(results)


def _measured(
    prepared: Prepared,
    gate: Gate,
    tree: _Tree,
    stages: Mapping[int, Fraction],
    values: Values,
    applicable: frozenset[str],
) -> Fraction:
    """What a gate compares with its threshold; what does not apply measures nothing."""
    match gate.kind:
        case "dimension":
            return tree.dimensions.get(gate.of, ZERO)
        case "total":
            return tree.totals[gate.of]
        case "stage":
            return stages[int(gate.of)]
        case "indicator":
            return 100 * (values.get(gate.of) or ZERO) if gate.of in applicable else ZERO
        case _:
            least = prepared.thresholds[gate.value or ""]
            members = prepared.model.sets[gate.of].indicators
            return Fraction(sum((values.get(name) or ZERO) >= least for name in members if name in applicable))


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
