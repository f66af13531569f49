"""Each rule switched off lets a named attack succeed: the attacks are known to bite, and every rule to be needed.

A mutant replaces the one function that states the rule. The same attack on the same contributors finds nothing where
the rule stands.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest

from maturity.benchmarks import additive, disclosure
from maturity.benchmarks import cells as published
from maturity.benchmarks.build import Built, Earlier, build_release
from maturity.benchmarks.cells import CellKey
from maturity.benchmarks.parameters import load_parameters
from maturity.benchmarks.population import Population
from tests.attacks import attacks
from tests.attacks.cells import Referee, Rows
from tests.factories.populations import moved, random_population

SECRET = b"a secret of the tests"
RULES = replace(load_parameters(), least_in_release_for_means=0)
Patch = Callable[[pytest.MonkeyPatch], None]


def allow(module: Any, *names: str) -> Patch:
    """A rule that lets everything pass."""

    def always(first: Any, *_: Any, **__: Any) -> Any:
        return np.ones(len(first), dtype=np.bool_) if isinstance(first, np.ndarray) else True

    return lambda patch: [patch.setattr(module, name, always) for name in names] and None


def build(population: Population, **known: Any) -> Built:
    return build_release(population, RULES, secret=SECRET, **known)


def people(seed: int = 5, count: int = 700, **more: Any) -> Population:
    return random_population(seed, count, **more)


# R0, R1


def by_group() -> int:
    population = with_stronghold(people())
    return attacks.small_cells(Referee(population), build(unit_of(population)).published)


def unit_of(population: Population) -> Population:
    """R0: a contributor is the ultimate group."""
    return population


def every_company(population: Population) -> Population:
    return replace(population, group=np.arange(len(population)), coalitions=())


def with_stronghold(population: Population) -> Population:
    """One group holds most of a small cell, and another the rest."""
    group = population.group.copy()
    held = np.flatnonzero((population.industry == "31") & (population.size == "small"))[:24]
    group[held] = group.max() + 1
    only = np.flatnonzero((population.size == "large") & (population.industry == "35"))
    group[only[::2]], group[only[1::2]] = group.max() + 1, group.max() + 2
    return replace(population, group=np.unique(group, return_inverse=True)[1].astype(np.int64))


def answer(population: Population, referee: Referee, rows: Rows) -> float | None:
    """R1: only cells of the lattice are answered."""
    key = next((key for key, held in referee.cells.items() if held == rows), None)
    return None if key is None else free_answer(population, referee, rows)


def free_answer(population: Population, referee: Referee, rows: Rows) -> float | None:
    """Any set is, from twenty members on, smoothed and rounded as R4 has it."""
    values = np.rint(population.values["capability"][list(rows)] * 100).astype(int).tolist()
    return attacks.quantiles_of(values, len(values) // 5 * 5)[1] if len(rows) >= 20 else None


def by_filters() -> int:
    population = people(groups=0, coalitions=0)
    referee = Referee(population)
    targets = np.random.default_rng(1).choice(len(population), 20, replace=False).tolist()
    ask = globals()["answer"]
    return round(20 * attacks.bracket(referee, lambda rows: ask(population, referee, rows), targets, 400, 2))


# R3 to R6b


def by_small_cells() -> int:
    population = people(coalitions=0)
    return attacks.small_cells(Referee(population), build(population).published)


def by_dominance() -> int:
    population = people(9, coalitions=0, groups=0)
    group, held = population.group.copy(), np.flatnonzero((population.industry == "31") & (population.size == "small"))
    group[held[: len(held) // 2 + 4]] = len(group)
    population = replace(population, group=np.unique(group, return_inverse=True)[1].astype(np.int64))
    return attacks.dominated_cells(Referee(population), build(population).published)


def by_tails() -> int:
    population = people()
    return attacks.lonely_quantiles(Referee(population), build(population))


def by_asking_again() -> int:
    """Whoever sees 60 and 65 knows that it is neither."""
    population = people(3, 63, groups=0, coalitions=0)
    return len({build(population).population for _ in range(8)}) - 1


DRAWS = np.random.default_rng(1)


def fresh(count: int, members: bytes, secret: bytes, rules: Any) -> int:
    return int(max(count // 5 * 5 + 5 * (DRAWS.random() < count % 5 / 5), 10))


def by_rare_levels() -> int:
    population = people()
    return attacks.lonely_levels(Referee(population), build(population))


def every_level(groups: int, enterprises: tuple[int, ...], groups_of: Any, rules: Any) -> Any:
    shares = [((at, at), disclosure.rounded_share(held, sum(enterprises), rules)) for at, held in
              enumerate(enterprises, 1)]  # fmt: skip
    return tuple(shares) if groups >= 50 else ()


def by_rare_criteria() -> int:
    population = people()
    rare = (np.arange(len(population)) % 90 == 0).astype(np.int8)
    population = replace(population, criteria={"rare": rare})
    return attacks.told_criteria(Referee(population), build(population))


# R7, R8, R10, R12b


def by_nesting() -> int:
    population = people(coalitions=0)
    return attacks.nested_differences(Referee(population), build(population).published)[0]


def by_waiting() -> int:
    first = people(coalitions=0)
    earlier = Earlier(first, build(first).published)
    today = moved(first, 1, changed=0.03, gone=0.01)
    keys = build(today, earlier=[earlier]).published
    return attacks.vintage_differences(Referee(today), keys, earlier)[0]


def by_frameworks() -> int:
    first = people(coalitions=0)
    other = Earlier(first, build(first).published)
    today = moved(first, 1, changed=0, gone=0.02)
    return attacks.framework_differences(Referee(today), build(today, others=[other]).published, other)


def by_probing() -> int:
    population = people(groups=0, coalitions=0)
    rows = sorted(Referee(population).cells[CellKey("", "", "large")])
    cell = next(cell for cell in build(population).cells if cell.key == CellKey("", "", "large"))
    members = population.values["capability"][rows].tolist()
    return int(attacks.probe(members, attacks.own_percentile(cell.quantiles["capability"])) > 0.3)


def live_percentile(_: Any, value: Any) -> int:
    """Among the members themselves."""
    population = people(groups=0, coalitions=0)
    rows = population.size == "large"
    return int(np.sum(population.values["capability"][rows] < float(value)))


def by_coalition(*, pairs: bool) -> Callable[[], int]:
    def attack() -> int:
        population = people(12, 500)
        known = np.flatnonzero((population.industry == "31") & (population.city == "370100"))
        more = tuple(np.sort(np.append(rows, known)) for rows in population.coalitions)
        population = replace(population, coalitions=tuple(np.unique(rows) for rows in more))
        return attacks.coalition_differences(Referee(population), build(population).published, pairs=pairs)

    return attack


# R9


def provinces(*sizes: tuple[str, str, int]) -> Population:
    """So many enterprises, each a group of its own, of one industry in one city each."""
    industry = np.repeat([industry for industry, _, _ in sizes], [count for _, _, count in sizes])
    city = np.repeat([city for _, city, _ in sizes], [count for _, _, count in sizes])
    count = len(city)
    random = np.random.default_rng(4)
    return Population(
        np.array([f"{row:05}" for row in range(count)]), np.arange(count), industry, city, np.array([""] * count),
        np.array(["small"] * count), np.ones(count, dtype=np.int8),
        {"capability": np.round(random.uniform(20, 80, count), 2)}, {}, np.zeros(count, dtype=np.bool_),
    )  # fmt: skip


#: Tibet and Qinghai lack the groups for a mean; the other western provinces have them
WEST = [("34", "510100", 60), ("35", "510100", 30), ("34", "610100", 50), ("35", "610100", 30), ("34", "540100", 5),
        ("35", "370100", 60), ("34", "370100", 60), ("31", "320500", 60), ("26", "320500", 60)]  # fmt: skip


def by_subtracting_means() -> int:
    population = provinces(*WEST)
    return attacks.sums_left(Referee(population), build(population), "capability")


def by_subtracting_across() -> int:
    """An industry that stands in two provinces alone, with a few of others beside it: both less the industry."""
    population = provinces(
        ("39", "540100", 45), ("34", "540100", 3), ("39", "630100", 40), ("34", "630100", 3), ("34", "510100", 90),
        ("35", "370100", 90), ("34", "370100", 40), ("31", "510100", 60),
    )  # fmt: skip
    return attacks.sums_left(Referee(population), build(population), "capability")


@dataclass(frozen=True)
class Mutant:
    rule: str
    attack: Callable[[], int]
    patch: Patch


MUTANTS = [
    Mutant("R0", by_group, lambda patch: patch.setitem(globals(), "unit_of", every_company)),
    Mutant("R1", by_filters, lambda patch: patch.setitem(globals(), "answer", free_answer)),
    Mutant("R3 size", by_small_cells, allow(disclosure, "has_enough_groups")),
    Mutant("R3 dominance", by_dominance, allow(disclosure, "is_led_by_none")),
    Mutant("R4", by_tails, allow(disclosure, "may_show_quantile")),
    Mutant("R5", by_asking_again, lambda patch: patch.setattr(disclosure, "rounded_count", fresh)),
    Mutant("R6", by_rare_levels, lambda patch: patch.setattr(disclosure, "merged_levels", every_level)),
    Mutant("R6b", by_rare_criteria, allow(disclosure, "may_show_share")),
    Mutant("R7", by_nesting, allow(disclosure, "is_safe_nested_difference")),
    Mutant("R8", by_waiting, allow(disclosure, "is_safe_period_difference")),
    Mutant("R8b", by_frameworks, allow(disclosure, "is_safe_framework_difference")),
    Mutant("R9 primary", by_subtracting_means, allow(additive, "may_show_mean")),
    Mutant("R9 complementary", by_subtracting_means, allow(additive, "is_safe_atom", "is_wide_enough")),
    Mutant("R9 audit", by_subtracting_across, allow(additive, "is_wide_enough")),
    Mutant("R10", by_probing, lambda patch: patch.setattr(published, "percentile", live_percentile)),
    Mutant("R12b cells", by_coalition(pairs=False), allow(disclosure, "leaves_enough_outside")),
    Mutant("R12b differences", by_coalition(pairs=True), allow(disclosure, "is_safe_outside_coalition")),
]


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.rule)
def test_without_the_rule_the_attack_succeeds_and_with_it_it_does_not(
    mutant: Mutant, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert mutant.attack() == 0
    mutant.patch(monkeypatch)
    assert mutant.attack() > 0
