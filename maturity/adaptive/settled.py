"""When the level can no longer change: interval bounds over every way the open questions may still be answered.

The bounds follow from two aggregations, of the lowest and of the highest indicator values, with gates and branches
included; they may be wide but are never wrong, so that a level on which both agree is settled (design decision 6b;
curtailment, Finkelman et al. 2012, Smits et al. 2016; methods A.2). No statistics are in them. The order in which open
questions are recommended is a guess, and only makes the wait shorter.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache

from maturity.adaptive.evaluation import applicable_indicators, period_end
from maturity.adaptive.framework import Framework
from maturity.questionnaires.conditions import leaves
from maturity.questionnaires.model import Facts, FactValue, Profile, Question
from maturity.questionnaires.path import Path, Standing, find_path
from maturity.scoring.bounds import NOTHING, Interval, ends
from maturity.scoring.engine import (
    Prepared,
    aggregate,
    effective_weights,
    indicator_value,
    of_stage,
    prepare,
    rounded,
)
from maturity.scoring.model import Gate, GateResult, Indicator, Score

ZERO = Fraction(0)
_ABSENT, _OPEN = Standing.ABSENT, Standing.OPEN


@dataclass(frozen=True, slots=True)
class Bounds:
    """What is still possible: the score if everything open is answered at its worst, and at its best."""

    path: Path
    values: Mapping[str, Interval]  # of every applicable indicator, 0..1
    low: Score
    high: Score

    @property
    def is_settled(self) -> bool:
        """Whether no completion changes the level."""
        return self.low.level == self.high.level

    @property
    def levels(self) -> tuple[int, int]:
        """The lowest and the highest level that can still be reached."""
        return self.low.level, self.high.level

    @property
    def capability(self) -> Interval:
        return Interval(self.low.capability, self.high.capability)

    def dimension(self, dimension_id: str) -> Interval:
        """The reachable scores of a dimension, 0..100."""
        return Interval(self.low.dimensions.get(dimension_id, ZERO), self.high.dimensions.get(dimension_id, ZERO))

    def shown(self, dimension_id: str) -> tuple[Decimal, Decimal]:
        """The reachable scores to one place; none below a gate shows as the gate."""
        limits = self.low.limits("dimension", dimension_id)
        low, high = self.dimension(dimension_id)
        return rounded(low, limits, 1), rounded(high, limits, 1)

    def undecided(self) -> tuple[GateResult, ...]:
        """The gates on which the level still hangs, as they come out at the worst."""
        lowest, highest = self.levels
        return tuple(
            worst
            for worst, best in zip(self.low.gates, self.high.gates, strict=True)
            if lowest < worst.level <= highest and best.passed and not worst.passed
        )


def find_bounds(framework: Framework, profile: Profile, facts: Facts, on: date) -> Bounds:
    """The bounds for one enterprise's profile and answers so far, on a date."""
    return bounds_of_path(framework, profile, find_path(framework.edition, profile, facts), on)


def bounds_of_path(framework: Framework, profile: Profile, path: Path, on: date) -> Bounds:
    """The same where the path is known already."""
    prepared = prepare(framework.scoring, on, profile["production_type"])
    applicable = applicable_indicators(framework, profile)
    indicators = framework.scoring.indicators
    values = {name: _interval(framework, prepared, indicators[name], path) for name in indicators if name in applicable}
    low = aggregate(prepared, {name: interval.low for name, interval in values.items()}, applicable)
    high = aggregate(prepared, {name: interval.high for name, interval in values.items()}, applicable)
    return Bounds(path, values, low, high)


def _interval(framework: Framework, prepared: Prepared, indicator: Indicator, path: Path) -> Interval:
    """The values one indicator can still have; one point where all its facts are answered."""
    asked_by, facts, steps = framework.edition.asked_by, path.facts, path.steps
    may_be_absent = False
    is_open = False
    for fact in indicator.facts.values():
        if fact in facts:
            continue
        standing = steps[asked_by[fact]].standing
        if standing is _ABSENT:
            return NOTHING
        is_open = True
        may_be_absent = may_be_absent or standing is _OPEN
    if not is_open:
        value = indicator_value(prepared, indicator, facts) or ZERO
        return Interval(value, value)
    known = {role: facts[fact] for role, fact in indicator.facts.items() if fact in facts}
    return ends(indicator, known, may_be_absent)


# ---- the order in which to ask


@dataclass(frozen=True, slots=True)
class Recommendation:
    """The open questions that are asked now, the one that probably settles the level soonest first.

    `idle` are those that cannot change the level whatever is answered elsewhere: no undecided gate depends on them or
    on what they open.
    """

    questions: tuple[Question, ...]
    idle: frozenset[str]


def recommend(framework: Framework, profile: Profile, bounds: Bounds, on: date) -> Recommendation:
    """Order the unanswered questions.

    The level that is expected is guessed from the answers so far. To prove it, every gate up to it must be passed at
    the worst and one gate above it failed at the best; a question is worth what it is expected to move these gates by,
    relative to what is missing. Ties stand in the order of the edition.
    """
    prepared = prepare(framework.scoring, on, profile["production_type"])
    unanswered = bounds.path.unanswered()
    if bounds.is_settled:
        return Recommendation(unanswered, frozenset(question.id for question in unanswered))
    reach = _Reach(framework, prepared, bounds)
    worth = {question.id: reach.worth(question) for question in unanswered}
    order = {question.id: place for place, question in enumerate(unanswered)}
    ranked = sorted(unanswered, key=lambda question: (-worth[question.id], order[question.id]))
    idle = frozenset(question.id for question in unanswered if not reach.touches(question))
    return Recommendation(tuple(ranked), idle)


#: how many indicators of weight one the guess of one half counts as, before answers are known
_PRIOR = 3.0


@dataclass(frozen=True, slots=True)
class _Goal:
    """A gate to be proved passed or failed, and how many points are missing for the proof."""

    gate: Gate
    pass_it: bool
    missing: float


class _Reach:
    """What each open indicator can do to the gates that matter; floats suffice for an order."""

    def __init__(self, framework: Framework, prepared: Prepared, bounds: Bounds) -> None:
        self.framework = framework
        self.prepared = prepared
        self.bounds = bounds
        self.applicable = bounds.low.applicable
        self.by_question = indicators_by_question(framework)
        self.expected = self._expect()
        undecided = {id(result.gate): result for result in bounds.undecided()}
        self.weights = {key: self._weights(result.gate) for key, result in undecided.items()}
        self.goals = self._goals()

    def _expect(self) -> dict[str, float]:
        """The value expected of what is open in each dimension: that of what is answered, drawn towards one half."""
        weights = effective_weights(self.prepared, self.applicable)
        expected = {}
        for dimension in self.framework.scoring.dimensions:
            seen = total = 0.0
            for group in dimension.groups:
                for item in group.indicators:
                    interval = self.bounds.values.get(item.id)
                    if interval is not None and interval.is_point:
                        weight = float(weights.group[group.id] * weights.indicator[item.id]) * 20
                        seen += weight * float(interval.low)
                        total += weight
            expected[dimension.id] = (_PRIOR / 2 + seen) / (_PRIOR + total)
        return expected

    def _weights(self, gate: Gate) -> Mapping[str, float]:
        """By how much the full mark of each open indicator moves what the gate measures."""
        return {
            name: weight
            for name, weight in _moving(self.prepared, gate, self.applicable).items()
            if not self.bounds.values[name].is_point
        }

    def _goals(self) -> list[tuple[_Goal, Mapping[str, float]]]:
        """The gates of the levels that are expected to be reached, and of the next the one easiest to fail."""
        goals: list[tuple[_Goal, Mapping[str, float]]] = []
        by_level: dict[int, list[GateResult]] = defaultdict(list)
        for result in self.bounds.undecided():
            by_level[result.level].append(result)
        best = {id(result.gate): result for result in self.bounds.high.gates}
        for level in sorted(by_level):
            failing: list[tuple[float, _Goal, Mapping[str, float]]] = []
            passing: list[tuple[_Goal, Mapping[str, float]]] = []
            for result in by_level[level]:
                weights = self.weights[id(result.gate)]
                lowest, threshold = float(result.actual), float(result.threshold)
                highest = float(best[id(result.gate)].actual)
                likely = lowest + sum(weight * self._value(name) for name, weight in weights.items())
                passing.append((_Goal(result.gate, True, max(threshold - lowest, 1e-9)), weights))
                fall = sum(weight * (1 - self._value(name)) for name, weight in weights.items())
                if likely < threshold and fall:
                    needed = max(highest - threshold, 1e-9)
                    failing.append((needed / fall, _Goal(result.gate, False, needed), weights))
            if failing:
                _, goal, weights = min(failing, key=lambda item: item[0])
                return [*goals, (goal, weights)]
            goals += passing
        return goals

    def _value(self, indicator: str) -> float:
        return self.expected[_dimension_of(self.framework)[indicator]]

    def worth(self, question: Question) -> float:
        """What answering is expected to do for the goals, each goal counted as the share of what is missing."""
        total = 0.0
        for goal, weights in self.goals:
            moved = 0.0
            for name in self.by_question[question.id]:
                if name in weights:
                    value = self._value(name)
                    moved += weights[name] * (value if goal.pass_it else 1 - value)
            opened = sum(weights.get(name, 0.0) * (1 - self._value(name)) for name in self._opened(question))
            moved += opened * (0.1 if goal.pass_it else 0.5)
            total += min(moved / goal.missing, 1.0)
        return total

    def touches(self, question: Question) -> bool:
        """Whether an undecided gate depends on the question or on one it may open."""
        names = {*self.by_question[question.id], *self._opened(question)}
        return any(name in weights for weights in self.weights.values() for name in names)

    def _opened(self, question: Question) -> Iterator[str]:
        """The open indicators of the questions that build on this one, directly or not."""
        for child in _built_on(self.framework)[question.id]:
            if self.bounds.path.steps[child].standing is _OPEN:
                yield from self.by_question[child]


@lru_cache(maxsize=2048)
def _moving(prepared: Prepared, gate: Gate, applicable: frozenset[str]) -> Mapping[str, float]:
    """By how much the full mark of each applicable indicator moves what the gate measures; 0 is left out."""
    model = prepared.model
    if gate.kind == "indicator":
        return {gate.of: 100.0}
    if gate.kind == "count":
        return {name: 1.0 for name in model.sets[gate.of].indicators if name in applicable}
    live = of_stage(model, applicable, int(gate.of)) if gate.kind == "stage" else applicable
    weights = effective_weights(prepared, live)
    moving = {}
    for dimension in model.dimensions:
        if dimension.id not in weights.dimension or (gate.kind == "dimension" and dimension.id != gate.of):
            continue
        if gate.kind != "dimension" and dimension.role != "capability":
            continue
        share = 1.0 if gate.kind == "dimension" else float(weights.dimension[dimension.id])
        for group in dimension.groups:
            for item in group.indicators:
                if item.id in live:
                    moving[item.id] = 100 * share * float(weights.group[group.id] * weights.indicator[item.id])
    return moving


@lru_cache(maxsize=64)
def indicators_by_question(framework: Framework) -> Mapping[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {name: [] for name in framework.edition.questions}
    for indicator in framework.scoring.indicators.values():
        for question in dict.fromkeys(framework.edition.asked_by[fact] for fact in indicator.facts.values()):
            found[question].append(indicator.id)
    return {name: tuple(indicators) for name, indicators in found.items()}


@lru_cache(maxsize=64)
def _dimension_of(framework: Framework) -> Mapping[str, str]:
    return {
        item.id: dimension.id
        for dimension in framework.scoring.dimensions
        for group in dimension.groups
        for item in group.indicators
    }


@lru_cache(maxsize=64)
def _built_on(framework: Framework) -> Mapping[str, tuple[str, ...]]:
    """For every question those that build on it, directly or through others."""
    edition = framework.edition
    direct: dict[str, set[str]] = {name: set() for name in edition.questions}
    for question in edition.questions.values():
        for leaf in leaves(question.requires):
            direct[edition.asked_by[leaf.name]].add(question.id)
    found: dict[str, tuple[str, ...]] = {}
    for name in reversed(edition.order):  # what a question builds on always stands before it
        children = dict.fromkeys(sorted(direct[name]))
        for child in sorted(direct[name]):
            children.update(dict.fromkeys(found.get(child, ())))
        found[name] = tuple(children)
    return found


@dataclass(frozen=True, slots=True)
class Step:
    """One answer on the way: what has been given so far, to how many questions, and what is still possible."""

    answered: int
    given: Facts
    bounds: Bounds


def walk(framework: Framework, profile: Profile, facts: Facts, period: int) -> Iterator[Step]:
    """Answer in the recommended order from a whole sheet until nothing is left, yielding the bounds after each."""
    on = period_end(period)
    given: dict[str, FactValue] = {}
    answered = 0
    while True:
        bounds = find_bounds(framework, profile, given, on)
        yield Step(answered, dict(given), bounds)
        questions = recommend(framework, profile, bounds, on).questions
        if not questions:
            return
        given |= {fact: facts[fact] for fact in questions[0].facts}
        answered += 1
