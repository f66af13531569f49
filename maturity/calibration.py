"""Calibration: the synthetic population under an edition's weights and gates, and what a change of each would move.

The published anchor is the share of enterprises at the two upper stages: 14.6 % in 2016, of a broad sample assessed
under the national scheme. Cut-offs were never published, so ours are set to land between that and a quarter.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from maturity.adaptive.evaluation import period_end
from maturity.adaptive.framework import Framework
from maturity.demo.columns import path_masks
from maturity.demo.population import Population, build_population
from maturity.demo.profiles import PERIODS, SEED, SIZE, TYPES
from maturity.scoring.batch import score_columns
from maturity.scoring.engine import prepare
from maturity.scoring.sensitivity import Cohort, Effect, gate_effects, weight_effects

ANCHOR = (Fraction(14, 100), Fraction(25, 100))


@dataclass(frozen=True, slots=True)
class Calibration:
    """How the population falls under the edition as it is, and what each weight and gate decides."""

    period: int
    enterprises: int
    seed: int
    levels: Mapping[int, int]  # stage -> enterprises
    dimensions: Mapping[str, tuple[float, float, float]]  # lower quartile, median, upper quartile, in points
    weights: tuple[Effect, ...]  # most enterprises moved first
    gates: tuple[Effect, ...]

    @property
    def upper_share(self) -> Fraction:
        """The share of enterprises at the two upper stages."""
        highest = max(self.levels)
        return Fraction(self.levels[highest] + self.levels[highest - 1], self.enterprises)

    @property
    def is_within_anchor(self) -> bool:
        return ANCHOR[0] <= self.upper_share <= ANCHOR[1]


def calibrate(framework: Framework, period: int = PERIODS[-1], count: int = SIZE, seed: int = SEED) -> Calibration:
    """Score the population once, then under every single change of a weight or a gate."""
    population = build_population(framework, period, count, seed)
    cohorts = cohorts_of(framework, population)
    stages = [level.level for level in framework.scoring.levels]
    return Calibration(
        period,
        count,
        seed,
        {stage: int(np.count_nonzero(population.scores.level == stage)) for stage in stages},
        {name: _quartiles(column / 100) for name, column in population.scores.dimensions.items()},
        _by_effect(list(weight_effects(cohorts))),
        tuple(gate_effects(cohorts)),
    )


def cohorts_of(framework: Framework, population: Population) -> list[Cohort]:
    """The population by production type, since weights and full marks may depend on it."""
    applies, exists = path_masks(framework, population.profiles, population.columns)
    kinds = np.array([profile["production_type"] for profile in population.profiles])
    cohorts = []
    for kind in TYPES:
        rows = np.flatnonzero(kinds == kind)
        prepared = prepare(framework.scoring, period_end(population.period), kind)
        columns, there, live = (
            {name: column[rows] for name, column in given.items()} for given in (population.columns, exists, applies)
        )
        scored = score_columns(prepared, columns, there, live, len(rows))
        cohorts.append(Cohort(prepared, scored.values, live, len(rows)))
    return cohorts


def _quartiles(column: np.ndarray) -> tuple[float, float, float]:
    low, middle, high = (float(value) for value in np.quantile(column, (0.25, 0.5, 0.75)))
    return low, middle, high


def _by_effect(effects: Sequence[Effect]) -> tuple[Effect, ...]:
    return tuple(sorted(effects, key=lambda effect: (-effect.moved, effect.name, effect.change)))
