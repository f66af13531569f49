"""How soon the level settles in the recommended order, and what one step of it takes; parsing all editions besides.

`--enterprises` of the synthetic population are answered question by question in the recommended order. Each is checked:
the level at which it settled must be that of its whole sheet, and of twenty other ways to answer the rest.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random
from statistics import mean, median, quantiles

from maturity.adaptive.evaluation import evaluate, period_end
from maturity.adaptive.framework import Framework, load_framework, parse_framework
from maturity.adaptive.settled import walk
from maturity.demo.columns import facts_of_row
from maturity.demo.population import build_population
from maturity.editions.service import canonical, digest
from maturity.questionnaires.loader import editions, read_bundle
from maturity.questionnaires.model import Facts, Profile
from perf.measure import Comparison, compare, show
from perf.scoring import EDITION, PERIOD
from tests.answers import random_value

SHARE_TARGET = 0.65
STEP_P95_MS = 20
PARSE_TARGET_S = 1.5
OTHER_WAYS = 20
ON = period_end(PERIOD)


@dataclass(frozen=True, slots=True)
class Walk:
    """One enterprise: questions answered when its level settled, of all that it is asked, and how it went."""

    settled: int
    asked: int
    level: int
    wrong: int  # completions, the enterprise's own included, whose level is another one
    steps_ms: tuple[float, ...]  # processor time of bounds and next question, by step

    @property
    def share(self) -> float:
        return self.settled / self.asked


def timed_walk(framework: Framework, profile: Profile, sheet: Facts, random: Random) -> Walk:
    """Each step of the walk holds the bounds after an answer and the choice of the question before it."""
    whole = evaluate(framework, profile, sheet, ON)
    steps, timings = walk(framework, profile, sheet, PERIOD), []
    while True:
        began = time.process_time()
        step = next(steps)
        timings.append(1000 * (time.process_time() - began))
        if step.bounds.is_settled:
            break
    level = step.bounds.low.level
    completions = [sheet, *_other_ways(framework, step.given, random)]
    wrong = sum(evaluate(framework, profile, facts, ON).score.level != level for facts in completions)
    return Walk(step.answered, whole.path.answered_count(), level, wrong, tuple(timings))


def _other_ways(framework: Framework, given: Facts, random: Random) -> Iterator[Facts]:
    for _ in range(OTHER_WAYS):
        yield {**{name: random_value(fact, random) for name, fact in framework.edition.facts.items()}, **given}


def walks(enterprises: int, seed: int = 5) -> list[Walk]:
    framework = load_framework(EDITION)
    population = build_population(framework, PERIOD)
    random = Random(seed)
    rows = random.sample(range(len(population)), enterprises)
    return [
        timed_walk(framework, population.profiles[row], facts_of_row(framework, population.columns, row), random)
        for row in rows
    ]


def print_walks(found: Sequence[Walk]) -> bool:
    """Every figure with its target; whether all are met."""
    steps = [step for one in found for step in one.steps_ms]
    p95 = quantiles(steps, n=20)[-1]
    share, wrong = mean(one.share for one in found), sum(one.wrong for one in found)
    print(f"{len(found)} enterprises: settled after {100 * share:.1f} % of their questions (target {SHARE_TARGET:.0%})")
    print(f"  {mean(one.settled for one in found):.1f} of {mean(one.asked for one in found):.1f} questions")
    for level in sorted({one.level for one in found}):
        members = [one for one in found if one.level == level]
        print(f"  level {level}: {len(members)} enterprises, {100 * mean(one.share for one in members):.1f} %")
    print(f"  {wrong} of {len(found) * (1 + OTHER_WAYS)} completions at another level (target 0)")
    print(f"  bounds and next question: median {median(steps):.2f} ms, p95 {p95:.2f} ms CPU (target {STEP_P95_MS} ms)")
    return share <= SHARE_TARGET and not wrong and p95 <= STEP_P95_MS


def parse_and_freeze() -> None:
    """Every edition from its files to a framework and to the bytes that are stored."""
    for slug in editions():
        bundle = read_bundle(slug)
        parse_framework(bundle)
        digest(canonical(bundle))


def read_only() -> None:
    for slug in editions():
        read_bundle(slug)


def measure(rounds: int) -> list[Comparison]:
    """Parsing and freezing all editions, against reading their files."""
    floor = "reading the same files as YAML"
    name = f"parse and freeze {len(editions())} editions"
    target = 1000 * PARSE_TARGET_S
    return [compare(name, floor, parse_and_freeze, read_only, rounds=rounds, repeats=1, cpu_target_ms=target)]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--enterprises", type=int, default=300)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    held = print_walks(walks(options.enterprises))
    show(measure(options.rounds))
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main())
