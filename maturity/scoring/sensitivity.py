"""Which weights and gates decide: a population scored again under each change, and who crosses a gate by it.

Indicator values do not depend on weights or gates, so each change costs one aggregation over columns.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from maturity.scoring.batch import Bools, Floats, aggregate_columns
from maturity.scoring.engine import Prepared

DOUBLED, HALVED = Fraction(2), Fraction(1, 2)
GATE_STEPS = (Fraction(-5), Fraction(-2), Fraction(2), Fraction(5))  # points
Levels = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Cohort:
    """Enterprises that share one variant, with the indicator values of each."""

    prepared: Prepared
    values: Mapping[str, Floats]
    applicable: Mapping[str, Bools]
    count: int


@dataclass(frozen=True, slots=True)
class Effect:
    """What one change does: how many enterprises rise, fall, and reach the two upper stages under it."""

    name: str  # id of the weight or of the gate's parameter
    kind: str  # "weight" or "gate"
    change: Fraction  # factor on a weight, points added to a gate
    up: int
    down: int
    upper: int

    @property
    def moved(self) -> int:
        return self.up + self.down


def levels_of(cohorts: Sequence[Cohort]) -> Levels:
    """The stage of every enterprise, cohort after cohort."""
    found = [aggregate_columns(c.prepared, c.values, c.applicable, c.count).level for c in cohorts]
    return np.concatenate(found)


def share_of_upper(levels: Levels, highest: int) -> Fraction:
    """The share of enterprises at the two upper stages."""
    return Fraction(int(np.count_nonzero(levels >= highest - 1)), len(levels))


def weight_effects(cohorts: Sequence[Cohort]) -> Iterator[Effect]:
    """Every weight doubled and halved, one at a time, the others as they are."""
    before = levels_of(cohorts)
    for name in cohorts[0].prepared.weights:
        for factor in (DOUBLED, HALVED):
            yield _effect(cohorts, before, name, "weight", factor, _scaled(name, factor))


def gate_effects(cohorts: Sequence[Cohort]) -> Iterator[Effect]:
    """Every gate moved by each of `GATE_STEPS`, one at a time."""
    before = levels_of(cohorts)
    for name in cohorts[0].prepared.thresholds:
        for step in GATE_STEPS:
            yield _effect(cohorts, before, name, "gate", step, _moved(name, step))


def _scaled(name: str, factor: Fraction) -> Callable[[Prepared], Prepared]:
    return lambda p: replace(p, weights={**p.weights, name: p.weights[name] * factor})


def _moved(name: str, step: Fraction) -> Callable[[Prepared], Prepared]:
    return lambda p: replace(p, thresholds={**p.thresholds, name: p.thresholds[name] + step})


def _effect(
    cohorts: Sequence[Cohort],
    before: Levels,
    name: str,
    kind: str,
    change: Fraction,
    apply: Callable[[Prepared], Prepared],
) -> Effect:
    after = levels_of([replace(cohort, prepared=apply(cohort.prepared)) for cohort in cohorts])
    highest = cohorts[0].prepared.model.levels[-1].level
    return Effect(
        name,
        kind,
        change,
        up=int(np.count_nonzero(after > before)),
        down=int(np.count_nonzero(after < before)),
        upper=int(np.count_nonzero(after >= highest - 1)),
    )
