"""Scoring one enterprise without the site, against a bare weighted sum of the same indicator values."""

from __future__ import annotations

import argparse
import itertools
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from maturity.adaptive.evaluation import Evaluation, evaluate, explain_evaluation, period_end
from maturity.adaptive.framework import Framework, load_framework
from maturity.demo.columns import facts_of_row
from maturity.demo.population import build_population
from maturity.questionnaires.model import Facts, Profile
from maturity.scoring.engine import effective_weights, prepare
from perf.measure import Comparison, compare, show

EDITION, PERIOD = "lianghua/2026.1", 2025
ENTERPRISES = 400  # all different, so that little of one is left in a cache for the next
FLOOR = "one exact sum of weight x value over the same indicators"
CPU_MS = 5


@dataclass(frozen=True, slots=True)
class Case:
    profile: dict[str, Any]
    facts: Facts
    evaluation: Evaluation
    weighed: tuple[tuple[Fraction, Fraction], ...]


def cases_of(framework: Framework) -> list[Case]:
    """Enterprises of the synthetic population with the answers on their path."""
    population = build_population(framework, PERIOD, ENTERPRISES)
    cases = []
    for row, profile in enumerate(population.profiles):
        facts = facts_of_row(framework, population.columns, row)
        evaluation = evaluate(framework, profile, facts, period_end(PERIOD))
        cases.append(Case(profile, facts, evaluation, _weighed(framework, profile, evaluation)))
    return cases


def _weighed(framework: Framework, profile: Profile, evaluation: Evaluation) -> tuple[tuple[Fraction, Fraction], ...]:
    """The capability indicators that apply, each with its share of the total and its value."""
    score = evaluation.score
    prepared = prepare(framework.scoring, period_end(PERIOD), profile["production_type"])
    weights = effective_weights(prepared, score.applicable)
    return tuple(
        (weights.dimension[dimension.id] * weights.group[group.id] * weights.indicator[item.id], value)
        for dimension in framework.scoring.dimensions
        if dimension.role == "capability"
        for group in dimension.groups
        for item in group.indicators
        if item.id in score.applicable and (value := score.values[item.id]) is not None
    )


def bare_sum(case: Case) -> Fraction:
    return 100 * sum((weight * value for weight, value in case.weighed), Fraction(0))


def measure(rounds: int, repeats: int) -> list[Comparison]:
    framework = load_framework(EDITION)
    cases = cases_of(framework)
    wrong = [case for case in cases if bare_sum(case) != case.evaluation.score.capability]
    if wrong:
        raise RuntimeError(f"the floor does not compute the same score for {len(wrong)} enterprises")
    on = period_end(PERIOD)

    def scored(case: Case) -> None:
        evaluate(framework, case.profile, case.facts, on)

    def explained(case: Case) -> None:
        explain_evaluation(framework, case.profile, evaluate(framework, case.profile, case.facts, on), on)

    parts: tuple[tuple[str, Callable[[Case], object], float | None], ...] = (
        ("score and explain", explained, CPU_MS),
        ("path, score, findings", scored, None),
    )
    return [
        compare(
            name,
            FLOOR,
            _each(work, cases),
            _each(bare_sum, cases),
            rounds=rounds,
            repeats=repeats,
            cpu_target_ms=target,
        )
        for name, work, target in parts
    ]


def _each(work: Callable[[Case], object], cases: Sequence[Case]) -> Callable[[], object]:
    turns = itertools.cycle(cases)
    return lambda: work(next(turns))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--repeats", type=int, default=50)
    options = parser.parse_args()
    show(measure(options.rounds, options.repeats))
    return 0


if __name__ == "__main__":
    sys.exit(main())
