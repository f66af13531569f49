"""The batch gives the levels and the rounded scores of the exact engine, wherever it does not ask to be redone."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction
from random import Random
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maturity.adaptive.evaluation import applicable_indicators
from maturity.adaptive.framework import Framework
from maturity.questionnaires.condition_parsing import PRODUCTION_TYPES
from maturity.questionnaires.model import Fact, Facts, Pair, Profile
from maturity.questionnaires.path import find_path
from maturity.scoring.batch import BatchScore, score_columns
from maturity.scoring.engine import Prepared, prepare, rounded, score
from maturity.scoring.model import Dimension, Gate, Group, Indicator, Level, Score, ScoringModel
from maturity.scoring.parameters import Parameter
from tests.answers import random_facts
from tests.conftest import EDITION
from tests.content.golden import read_scenario, scenario_files
from tests.properties.strategies import ON, SHEETS, profiles

Row = tuple[Profile, Facts]


def column(fact: Fact, rows: list[Facts]) -> np.ndarray:
    """The fact over the rows; what does not exist is filled with nothing in particular."""
    given = [facts.get(fact.id) for facts in rows]
    match fact.type:
        case "choice":
            return np.array([0 if value is None else fact.option_ids().index(str(value)) for value in given])
        case "yesno":
            return np.array([bool(value) for value in given])
        case "multi":
            return np.array([[option in (value or ()) for option in fact.option_ids()] for value in given])
        case "matrix":
            columns = fact.column_ids()
            return np.array([[columns.index(value[row]) if value else 0 for row in fact.row_ids()] for value in given])
        case "pair":
            return np.array([[float(value.current), prior(value)] if value else [0.0, 0.0] for value in given])
        case _:
            return np.array([float(value or 0) for value in given])


def prior(pair: Pair) -> float:
    return float("nan") if pair.prior is None else float(pair.prior)


def batch_of(framework: Framework, rows: list[Row]) -> BatchScore:
    """The rows share one production type."""
    sheets = [find_path(framework.edition, who, facts).facts for who, facts in rows]
    applicable = [applicable_indicators(framework, who) for who, _ in rows]
    facts = framework.edition.facts
    return score_columns(
        prepare(framework.scoring, ON, rows[0][0]["production_type"]),
        {name: column(fact, sheets) for name, fact in facts.items()},
        {name: np.array([name in sheet for sheet in sheets]) for name in facts},
        {name: np.array([name in live for live in applicable]) for name in framework.scoring.indicators},
        len(rows),
    )


def sometimes_zero(framework: Framework, facts: Facts, seed: int) -> Facts:
    """Counts and prior years of nothing, where a division must not happen."""
    random, zero, changed = Random(seed), Fraction(0), dict(facts)
    for name, value in facts.items():
        if random.random() < 0.2 and framework.edition.facts[name].minimum == 0:
            changed[name] = Pair(value.current, zero) if isinstance(value, Pair) else zero
    return changed


def exact_of(framework: Framework, row: Row) -> Score:
    who, facts = row
    path = find_path(framework.edition, who, facts)
    prepared = prepare(framework.scoring, ON, who["production_type"])
    return score(prepared, path.facts, applicable_indicators(framework, who))


def shown(value: Fraction | float, exact: Score, dimension: str = "") -> Decimal:
    gates = exact.limits("dimension", dimension)
    return rounded(Fraction(value), gates)


def assert_same(batch: BatchScore, row: int, exact: Score) -> None:
    """Level and rounded scores agree, or the row is marked to be redone; raw figures are near in any case."""
    for name, value in exact.values.items():
        assert (
            np.isnan(batch.values[name][row])
            if value is None
            else batch.values[name][row] == pytest.approx(float(value))
        ), name
    assert batch.capability[row] == pytest.approx(float(exact.capability), abs=1e-9)
    if batch.doubtful[row]:
        return
    assert batch.level[row] == exact.level
    assert shown(float(batch.capability[row]), exact) == shown(exact.capability, exact)
    assert shown(float(batch.outcome[row]), exact) == shown(exact.outcome, exact)
    for name, value in exact.dimensions.items():
        assert shown(float(batch.dimensions[name][row]), exact, name) == shown(value, exact, name)


@pytest.mark.parametrize("kind", PRODUCTION_TYPES)
@settings(SHEETS, max_examples=4)
@given(whose=st.lists(profiles(), min_size=20, max_size=20), seed=st.integers(0, 10**6))
def test_random_rows_score_as_in_the_exact_engine(
    framework: Framework, kind: str, whose: list[dict[str, Any]], seed: int
) -> None:
    rows: list[Row] = [
        (who | {"production_type": kind}, sometimes_zero(framework, random_facts(framework, seed + step, 0.9), seed))
        for step, who in enumerate(whose)
    ]
    batch = batch_of(framework, rows)
    assert batch.doubtful.sum() < len(rows) / 2  # redoing everything would be no batch
    for index, row in enumerate(rows):
        assert_same(batch, index, exact_of(framework, row))


MAIN = [path for path in scenario_files() if read_scenario(path).slug == EDITION]


@pytest.mark.parametrize("path", MAIN, ids=lambda path: path.stem)
def test_the_golden_scenarios_score_as_by_hand(framework: Framework, path: Any) -> None:
    scenario = read_scenario(path)
    row = (scenario.profile(), scenario.facts(framework.edition))
    exact = exact_of(framework, row)
    batch = batch_of(framework, [row])
    assert_same(batch, 0, exact)
    on_a_gate = any(gate.gap == 0 and gate.actual == gate.threshold for gate in exact.gates)
    assert batch.doubtful[0] or not on_a_gate


GATES = {"B": (40,), "S": (50, 60), "G": (50, 60), "X": (50,)}
#: how far from a gate, or from a tie of rounding: on it, within the tolerance, just outside it, at the next cent
OFFSETS = [Fraction(sign, 10**power) for power in (3, 6, 8, 10, 12, 15) for sign in (-1, 1)] + [Fraction(0)]


def small_model() -> ScoringModel:
    """Four dimensions of three indicators each, so that a row can be placed anywhere exactly."""
    day = date(2020, 1, 1)
    parameters = {"full": Parameter("full", "points", ((day, Fraction(100)),))}
    parameters |= {str(mark): Parameter(str(mark), "score", ((day, Fraction(mark)),)) for mark in (40, 50, 60)}
    dimensions = tuple(
        Dimension(name, "capability", a_weight(weight), (Group(f"{name}.g", a_weight(1), tuple(indicators_of(name))),))
        for name, weight in (("B", 20), ("S", 30), ("G", 30), ("X", 20))
    )
    levels = (
        Level(1, "one", ()),
        Level(2, "two", (Gate("dimension", "B", "40"), Gate("dimension", "S", "50"))),
        Level(3, "three", (Gate("dimension", "S", "60"), Gate("dimension", "G", "50"))),
        Level(4, "four", (Gate("dimension", "S", "60"), Gate("dimension", "G", "60"), Gate("dimension", "X", "50"))),
    )
    indicators = {item.id: item for d in dimensions for group in d.groups for item in group.indicators}
    return ScoringModel(dimensions, levels, parameters, indicators)


def indicators_of(dimension: str) -> list[Indicator]:
    return [
        Indicator(
            f"{dimension}{n}",
            f"{dimension}.g",
            a_weight(n),
            "amount@1",
            {"amount": f"{dimension}{n}"},
            {},
            {"full": "full"},
            {},
            None,
        )
        for n in (1, 2, 3)
    ]


def a_weight(n: int) -> Parameter:
    return Parameter("weight", "weight", ((date.min, Fraction(n)),))


PREPARED: Prepared = prepare(small_model(), date(2025, 12, 31), "mixed")
EVERY = frozenset(PREPARED.model.indicators)


@st.composite
def placed(draw: st.DrawFn) -> dict[str, Fraction]:
    """Amounts that put every dimension on a gate, on a tie, or a little off: the first two drawn, the third solved."""
    amounts: dict[str, Fraction] = {}
    for name, gates in GATES.items():
        tie = Fraction(draw(st.integers(20, 9000)), 100) + Fraction(1, 200)
        aim = draw(st.sampled_from([Fraction(gate) for gate in gates] + [tie])) + draw(st.sampled_from(OFFSETS))
        spread = Fraction(draw(st.integers(-100, 100)), 7)
        spread = spread if 0 <= aim + 2 * spread <= 100 and 0 <= aim - spread <= 100 else Fraction(0)
        amounts |= {f"{name}1": aim + 2 * spread, f"{name}2": aim - spread, f"{name}3": aim}
    return amounts


@settings(SHEETS, max_examples=60)
@given(st.lists(placed(), min_size=1, max_size=10))
def test_rows_on_and_beside_gates_and_ties_agree_or_are_redone(rows: list[dict[str, Fraction]]) -> None:
    ones = dict.fromkeys(EVERY, np.ones(len(rows), dtype=bool))
    columns = {name: np.array([float(row[name]) for row in rows]) for name in EVERY}
    batch = score_columns(PREPARED, columns, ones, ones, len(rows))
    for index, row in enumerate(rows):
        exact = score(PREPARED, row, EVERY)
        assert_same(batch, index, exact)
        near = [abs(gate.actual - gate.threshold) for gate in exact.gates]
        assert batch.doubtful[index] or min(near) > Fraction(5, 10**10)


def test_a_row_far_from_gates_and_ties_is_not_redone() -> None:
    """Else marking every row doubtful would satisfy the properties above."""
    row = dict.fromkeys(EVERY, 33.333)
    columns = {name: np.array([value]) for name, value in row.items()}
    ones = dict.fromkeys(EVERY, np.ones(1, dtype=bool))
    assert not score_columns(PREPARED, columns, ones, ones, 1).doubtful.any()
