"""Making and measuring calibrations of express on the synthetic population, each from seeds of its own."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from maturity.adaptive.calibrations import Measured, Stored
from maturity.adaptive.evaluation import evaluate, period_end
from maturity.adaptive.express import Calibration, Estimate, Floats, calibrate_values, estimate
from maturity.adaptive.framework import Framework
from maturity.demo.columns import facts_of_row, path_masks
from maturity.demo.population import Population, build_population
from maturity.demo.profiles import PERIODS, TYPES
from maturity.questionnaires.model import Facts, FactValue, Profile
from maturity.questionnaires.path import find_path
from maturity.scoring.batch import score_columns
from maturity.scoring.engine import prepare

#: The two populations share no enterprise: what is measured was not learnt from.
CALIBRATION_SEED, HELD_OUT_SEED = 1001, 2002
CALIBRATION_SIZE, HELD_OUT_SIZE = 5000, 3000
#: Chosen on the calibration population: with 0.98 the level agrees less often than 98 in 100.
SURENESS = 0.99
SOURCE = "synthetic population of the demonstration"


def make_calibration(
    framework: Framework, edition_sha256: str, made_on: date, *, count: int = CALIBRATION_SIZE, held_out: int
) -> Stored:
    """Calibrate an edition on one population and measure it on another of `held_out` enterprises."""
    period = PERIODS[-1]
    population = build_population(framework, period, count, CALIBRATION_SEED)
    mean, covariance = calibrate_values(indicator_values(framework, population))
    found = Calibration(
        edition_sha256=edition_sha256,
        framework=framework.edition.slug,
        source=SOURCE,
        size=count,
        period=period,
        made_on=made_on,
        sureness=SURENESS,
        indicators=tuple(framework.scoring.indicators),
        mean=mean,
        covariance=covariance,
    )
    return Stored(found, CALIBRATION_SEED, measure(framework, found, held_out))


def indicator_values(framework: Framework, population: Population) -> Floats:
    """Rows: enterprises; columns: indicators, 0..1, absent as 0, nan where one does not apply."""
    applies, exists = path_masks(framework, population.profiles, population.columns)
    kinds = np.array([profile["production_type"] for profile in population.profiles])
    found = np.full((len(population), len(framework.scoring.indicators)), np.nan)
    for kind in TYPES:
        rows = np.flatnonzero(kinds == kind)
        prepared = prepare(framework.scoring, period_end(population.period), kind)
        columns, there, live = (_at(part, rows) for part in (population.columns, exists, applies))
        scored = score_columns(prepared, columns, there, live, len(rows))
        for number, name in enumerate(framework.scoring.indicators):
            found[rows, number] = np.where(live[name], np.nan_to_num(scored.values[name]), np.nan)
    return found


def _at(columns: Mapping[str, NDArray[Any]], rows: NDArray[np.int64]) -> dict[str, NDArray[Any]]:
    return {name: column[rows] for name, column in columns.items()}


def measure(framework: Framework, calibration: Calibration, count: int, seed: int = HELD_OUT_SEED) -> Measured:
    """Answer as each of `count` enterprises of a held-out population would, and compare with the full questionnaire."""
    period = calibration.period
    population = build_population(framework, period, count, seed)
    on = period_end(period)
    asked, whole, agreed, above, stated = [], [], 0, 0, []
    for row in range(count):
        profile, sheet = population.profiles[row], facts_of_row(framework, population.columns, row)
        level = evaluate(framework, profile, sheet, on).score.level
        found = answer_all(framework, calibration, profile, sheet, on)
        asked.append(found.answered)
        whole.append(len(find_path(framework.edition, profile, sheet).asked()))
        agreed += found.level == level
        above += found.level > level
        stated.append(found.probability)
    return Measured(
        population=count,
        seed=seed,
        questions=float(np.mean(asked)),
        asked=float(np.mean(asked) / np.mean(whole)),
        agreed=agreed / count,
        above=above / count,
        stated=float(np.mean(stated)),
    )


def answer_all(framework: Framework, calibration: Calibration, profile: Profile, sheet: Facts, on: date) -> Estimate:
    """Answer from a whole sheet whatever express asks, until it stops."""
    given: dict[str, FactValue] = {}
    while True:
        found = estimate(framework, calibration, profile, given, on)
        if found.question is None:
            return found
        given |= {fact: sheet[fact] for fact in found.question.facts}
