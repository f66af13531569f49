"""A release says what the rules say, counted at once or one by one."""

from __future__ import annotations

from collections import Counter

import pytest

from maturity.benchmarks.build import Built, Earlier, Withheld, build_release
from maturity.benchmarks.parameters import load_parameters
from tests.factories.populations import moved, random_population
from tests.unit.benchmarks.slow import build_slowly

SECRET = b"a secret of the tests"
RULES = load_parameters()


def told(built: Built) -> tuple[object, ...]:
    return tuple((cell.key, cell.contributors, cell.reviewed, dict(cell.quantiles), dict(cell.shares), cell.levels)
                 for cell in built.cells)  # fmt: skip


def kept_back(built: Built) -> set[Withheld]:
    """Means have tests of their own."""
    return {item for item in built.withheld if not item.what.startswith("mean ")}


@pytest.mark.parametrize("seed", range(3))
def test_a_release_is_that_of_the_rules_applied_one_by_one(seed: int) -> None:
    population = random_population(seed, 450)
    built = build_release(population, RULES, secret=SECRET)
    slow = build_slowly(population, RULES, built)
    assert told(built) == told(slow)
    assert kept_back(built) == kept_back(slow)
    assert {item.rule for item in built.withheld} >= {"R3", "R7", "R12b"}


@pytest.mark.parametrize(("seed", "changed", "gone"), [(1, 0.08, 0.0), (2, 0.6, 0.05), (3, 0.0, 0.02), (4, 1.0, 0.1)])
def test_so_is_a_release_against_those_before_it(seed: int, changed: float, gone: float) -> None:
    first = random_population(seed, 300)
    before = build_release(first, RULES, secret=SECRET)
    today = moved(first, seed, changed=changed, gone=gone)
    for name in ("earlier", "others"):
        known = {name: [Earlier(first, before.published)]}
        built = build_release(today, RULES, secret=SECRET, **known)
        slow = build_slowly(today, RULES, built, **known)
        assert told(built) == told(slow)
        assert kept_back(built) == kept_back(slow)
    assert Counter(item.rule for item in built.withheld)["R8b"] > 0
