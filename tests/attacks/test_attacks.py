"""What attacks on a release achieve, in figures; `pytest -s` and `python -m tests.attacks` print the table."""

from __future__ import annotations

import numpy as np
import pytest

from maturity.benchmarks.build import build_release
from tests.attacks import attacks
from tests.attacks.cells import Referee
from tests.attacks.report import Line, lines, table
from tests.attacks.world import SECRET
from tests.factories.populations import random_population

GUESSING = 0.05  # a success this little above guessing is none


@pytest.fixture(scope="module")
def found() -> dict[str, Line]:
    return lines()


def test_the_table_is_printed(found: dict[str, Line]) -> None:
    print("\n" + table())  # noqa: T201  # to be read with `pytest -s`
    assert len(found) >= 20


@pytest.mark.parametrize("number", ["1", "2e", "3", "4", "8", "2a", "2b", "2c", "2d means"])
def test_under_the_rules_the_attack_finds_nothing(found: dict[str, Line], number: str) -> None:
    assert found[number].after == 0
    assert (found[number].before or 0) > 0, "an attack that never succeeds proves nothing"


@pytest.mark.parametrize("number", ["2d", "7", "5"])
def test_under_the_rules_the_attack_is_no_better_than_guessing(found: dict[str, Line], number: str) -> None:
    line = found[number]
    assert line.after is not None
    assert line.baseline is not None
    assert line.after <= line.baseline + GUESSING
    assert line.before == 1


def test_who_knows_one_score_cannot_tell_members(found: dict[str, Line]) -> None:
    assert 0.4 < (found["6d"].after or 0) <= 0.60


@pytest.mark.parametrize("number", ["6a 20–50", "6a 50–100", "6a 100–300"])
def test_who_knows_all_others_gains_less_than_without_rules_but_gains(found: dict[str, Line], number: str) -> None:
    """The residual risk that docs/disclosure.md states: this is no differential privacy."""
    assert found[number].before == 1
    assert 0.05 < (found[number].after or 0) < 0.75


@pytest.mark.parametrize("number", ["6b 20–50", "6b 50–100", "6c 50–100", "6c 100–300"])
def test_what_such_an_attacker_learns_of_a_figure_is_less_than_without_rules(
    found: dict[str, Line], number: str
) -> None:
    assert (found[number].after or 0) < (found[number].before or 0)


def test_the_attacks_on_single_cells_see_what_the_builder_publishes() -> None:
    """6a, 6b and 6d use a short form of R4: it is the builder's, where everyone is a group of its own."""
    population = random_population(2, 1500, groups=0, coalitions=0)
    column, members = population.values["capability"], Referee(population).cells
    seen = 0
    for cell in build_release(population, attacks.RULES, secret=SECRET).cells:
        if "capability" in cell.quantiles and cell.key in members:
            grid = cell.quantiles["capability"]
            values = np.rint(column[sorted(members[cell.key])] * 100).astype(int).tolist()
            told = grid.q1, grid.median, grid.q3, grid.p10, grid.p90
            assert attacks.quantiles_of(values, cell.contributors) == told
            seen += 1
    assert seen > 50
