"""What holds of every release, whoever contributes: nobody can be subtracted out of it (methods B, properties to test).

"Recoverable" is meant so: a release with an enterprise and one without it may differ only in figures of cells that the
enterprise lies in, and those it differs in tell of at least ten groups each time two of them are held together.
"""

from __future__ import annotations

import os
from dataclasses import replace
from decimal import Decimal
from typing import Any

import numpy as np
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from maturity.benchmarks import disclosure
from maturity.benchmarks.build import Built, Earlier, build_release
from maturity.benchmarks.cells import CellKey, percentile
from maturity.benchmarks.parameters import load_parameters
from maturity.benchmarks.population import Population
from tests.attacks.attacks import lonely_levels, lonely_quantiles, sums_left, told_criteria, vintage_differences
from tests.attacks.cells import Referee
from tests.factories.populations import moved, random_population

SECRET = b"a secret of the tests"
RULES = replace(load_parameters(), least_in_release_for_means=0)
#: A release is a large example: few of them, none shrunk; `MATURITY_SEARCH=1` looks further.
SEARCH = settings(deadline=None, max_examples=100, derandomize=False)
GATE = settings(deadline=None, max_examples=4, phases=(Phase.explicit, Phase.generate))
RELEASES = settings(
    SEARCH if os.environ.get("MATURITY_SEARCH") else GATE, suppress_health_check=(HealthCheck.too_slow,)
)


@st.composite
def populations(draw: st.DrawFn) -> Population:
    return random_population(
        draw(st.integers(0, 10**6)),
        draw(st.integers(12, 500)),
        groups=draw(st.sampled_from([0.0, 0.2, 0.6])),
        coalitions=draw(st.integers(0, 4)),
    )


def build(population: Population, **known: Any) -> Built:
    return build_release(population, RULES, secret=SECRET, **known)


@RELEASES
@given(populations())
def test_any_two_published_cells_that_share_a_member_differ_by_no_group_or_by_ten(population: Population) -> None:
    referee, keys = Referee(population), sorted(build(population).published)
    for at, one in enumerate(keys):
        for other in keys[at + 1 :]:
            a, b = referee.cells[one], referee.cells[other]
            if a & b:
                groups = referee.groups(a ^ b)
                assert groups == 0 or groups >= RULES.least_difference, (one, other)


@RELEASES
@given(populations())
def test_whatever_is_published_stands_on_enough_groups(population: Population) -> None:
    referee, built = Referee(population), build(population)
    assert all(referee.groups(referee.cells[cell.key]) >= RULES.least_groups for cell in built.cells)
    assert lonely_quantiles(referee, built) == lonely_levels(referee, built) == told_criteria(referee, built) == 0
    assert sum(sums_left(referee, built, name) for name in RULES.means) == 0


@RELEASES
@given(populations(), st.randoms(use_true_random=False))
def test_two_builds_are_the_same_to_the_byte_whatever_numbers_groups_have(population: Population, random: Any) -> None:
    names = list(range(int(population.group.max()) + 1))
    random.shuffle(names)
    renamed = replace(
        population,
        group=np.array(names, dtype=np.int64)[population.group],
        coalitions=tuple(random.sample(population.coalitions, len(population.coalitions))),
    )
    assert repr(build(population)) == repr(build(population)) == repr(build(renamed))


@RELEASES
@given(populations(), st.integers(0, 10**6))
def test_with_or_without_one_enterprise_nothing_is_recoverable(population: Population, number: int) -> None:
    """Published one after the other, the cells that the enterprise lies in are withheld or as they were."""
    target = number % len(population)
    kept = np.arange(len(population)) != target
    first = build(population)
    second = build(population.rows(kept), earlier=[Earlier(population, first.published)])
    referee = Referee(population)
    holding = {key for key, rows in referee.cells.items() if target in rows}
    assert not holding & first.published & second.published
    few, _ = vintage_differences(Referee(population.rows(kept)), second.published, Earlier(population, first.published))
    assert few == 0


@RELEASES
@given(populations(), st.integers(0, 10**6), st.sampled_from([0.02, 0.3, 1.0]), st.sampled_from([0.0, 0.03]))
def test_a_vintage_never_differs_from_the_last_by_a_few(
    population: Population, seed: int, changed: float, gone: float
) -> None:
    earlier = Earlier(population, build(population).published)
    today = moved(population, seed, changed=changed, gone=gone)
    few, _ = vintage_differences(Referee(today), build(today, earlier=[earlier]).published, earlier)
    assert few == 0


@RELEASES
@given(populations(), st.decimals(0, 100, places=1))
def test_the_own_percentile_does_not_move_with_live_data(population: Population, value: Decimal) -> None:
    built = build(population)
    before = [percentile(grid, value) for cell in built.cells for grid in cell.quantiles.values()]
    population.values["capability"][:] = 1.0  # everybody reports anew after the cut-off
    assert [percentile(grid, value) for cell in built.cells for grid in cell.quantiles.values()] == before


@RELEASES
@given(populations())
def test_cells_of_the_same_members_say_the_same(population: Population) -> None:
    """Whatever a set is called, its count is rounded the same way: two names are not two answers."""
    referee, cells = Referee(population), {cell.key: cell for cell in build(population).cells}
    by_rows: dict[frozenset[int], list[CellKey]] = {}
    for key in cells:
        by_rows.setdefault(referee.cells[key], []).append(key)
    for keys in by_rows.values():
        assert len({repr(replace(cells[key], key=keys[0], means={})) for key in keys}) == 1


@given(st.lists(st.integers(0, 60), min_size=2, max_size=6))
def test_merged_levels_leave_no_small_class_and_lose_nobody(counts: list[int]) -> None:
    def held(low: int, high: int) -> int:
        return sum(counts[low - 1 : high])

    classes = disclosure.merged_levels(sum(counts), tuple(counts), held, RULES)
    if classes:
        spans = [span for span, _ in classes]
        assert [level for low, high in spans for level in range(low, high + 1)] == list(range(1, len(counts) + 1))
        assert all(held(*span) >= RULES.least_in_class for span in spans)
        assert max(held(*span) for span in spans) * 10 <= 9 * sum(counts)
        assert len(spans) >= 2


@given(st.integers(10, 5000), st.binary(min_size=1, max_size=16), st.binary(min_size=16, max_size=32))
def test_a_rounded_count_is_near_and_always_the_same(count: int, members: bytes, secret: bytes) -> None:
    found = disclosure.rounded_count(count, members, secret, RULES)
    assert found == disclosure.rounded_count(count, members, secret, RULES)
    assert found % RULES.count_base == 0
    assert abs(found - count) < RULES.count_base
    assert found >= RULES.least_groups
