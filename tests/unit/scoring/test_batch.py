"""Each rule over a column gives, row by row, what the exact rule gives; where they might part, the row is named."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from itertools import product
from typing import Any

import numpy as np
import pytest

from maturity.adaptive.evaluation import evaluate, period_end
from maturity.adaptive.framework import Framework
from maturity.demo.columns import facts_of_row, path_masks
from maturity.demo.population import build_population
from maturity.scoring import batch, rules
from maturity.scoring.engine import prepare
from maturity.scoring.model import Indicator, Shape

HALF, TENTH = Fraction(1, 2), Fraction(1, 10)
CHOICE = Shape("choice", ("none", "some", "most", "all"))
MULTI = Shape("multi", ("a", "b", "c", "none"), exclusive="none")
MATRIX = Shape("matrix", rows=("x", "y"), columns=("no", "part", "yes"))
NUMBERS = (0, 1, 3, 7, 49, 50, 100, 250)


def indicator(rule: str, facts: Mapping[str, str], shape: Shape | None = None, **settings: Any) -> Indicator:
    shapes = {"answer": shape} if shape else {}
    return Indicator("i", "g", 1, rule, facts, shapes, {}, settings, None)


def assert_same(
    subject: Indicator, exact_rows: list[dict[str, Any]], columns: dict[str, Any], numbers: dict[str, Fraction]
) -> None:
    with np.errstate(divide="ignore", invalid="ignore"):
        found = batch.RULES[subject.rule](subject, columns, {role: float(value) for role, value in numbers.items()})
    expected = [rules.RULES[subject.rule].compute(subject, row, numbers) for row in exact_rows]
    for value, exact in zip(found, expected, strict=True):
        assert np.isnan(value) if exact is None else value == pytest.approx(float(exact), abs=1e-12)


def test_every_rule_has_its_column_twin() -> None:
    assert set(batch.RULES) == set(rules.RULES)


@pytest.mark.parametrize("points", [None, {"none": Fraction(0), "some": TENTH, "most": HALF, "all": Fraction(1)}])
def test_a_choice(points: dict[str, Fraction] | None) -> None:
    subject = indicator("choice@1", {"answer": "f"}, CHOICE, **({"points": points} if points else {}))
    rows = [{"answer": option} for option in CHOICE.options]
    assert_same(subject, rows, {"answer": np.arange(4)}, {})


def test_a_yes_and_a_no() -> None:
    columns = {"answer": np.array([True, False])}
    assert_same(indicator("yesno@1", {"answer": "f"}), [{"answer": True}, {"answer": False}], columns, {})


@pytest.mark.parametrize("points", [None, {"a": HALF, "b": HALF, "c": HALF, "none": Fraction(0)}])
def test_several_options_up_to_the_full_mark(points: dict[str, Fraction] | None) -> None:
    subject = indicator("multi@1", {"answer": "f"}, MULTI, **({"points": points} if points else {}))
    chosen = [row for row in product([True, False], repeat=3) if any(row)]
    table = np.array([[*row, False] for row in chosen] + [[False, False, False, True]])
    rows = [{"answer": frozenset(o for o, on in zip(MULTI.options, row, strict=True) if on)} for row in table]
    assert_same(subject, rows, {"answer": table}, {})


@pytest.mark.parametrize("weights", [None, {"x": 3, "y": 1}])
def test_a_matrix(weights: dict[str, int] | None) -> None:
    subject = indicator("matrix@1", {"answer": "f"}, MATRIX, **({"row_weights": weights} if weights else {}))
    table = np.array(list(product(range(3), repeat=2)))
    rows = [{"answer": {"x": MATRIX.columns[x], "y": MATRIX.columns[y]}} for x, y in table]
    assert_same(subject, rows, {"answer": table}, {})


def test_a_ratio_and_one_without_a_denominator() -> None:
    pairs = list(product(NUMBERS, repeat=2))
    rows = [{"numerator": Fraction(n), "denominator": Fraction(d)} for n, d in pairs]
    columns = {role: np.array([pair[i] for pair in pairs], dtype=float) for i, role in enumerate(rows[0])}
    subject = indicator("ratio@1", {"numerator": "n", "denominator": "d"})
    assert_same(subject, rows, columns, {"full": Fraction(80)})


@pytest.mark.parametrize(
    ("rule", "numbers"),
    [("amount@1", {"full": Fraction(60)}), ("amount_down@1", {"best": Fraction(3), "worst": Fraction(50)})],
)
def test_an_amount_either_way(rule: str, numbers: dict[str, Fraction]) -> None:
    rows = [{"amount": Fraction(n)} for n in NUMBERS]
    columns = {"amount": np.array(NUMBERS, dtype=float)}
    assert_same(indicator(rule, {"amount": "f"}), rows, columns, numbers)


@pytest.mark.parametrize("direction", ["up", "down"])
@pytest.mark.parametrize("improvement", ["relative", "points"])
@pytest.mark.parametrize("marks", ["level", "improvement", "both"])
def test_an_outcome_with_and_without_a_year_before(direction: str, improvement: str, marks: str) -> None:
    levels = (
        {"full_level": Fraction(90)} if direction == "up" else {"best_level": Fraction(3), "worst_level": Fraction(60)}
    )
    gain = {"full_improvement": Fraction(15)}
    numbers = {"level": levels, "improvement": gain, "both": levels | gain}[marks]
    given = list(product((-5, *NUMBERS), (None, -5, *NUMBERS)))
    rows = [{"pair": (Fraction(now), None if then is None else Fraction(then))} for now, then in given]
    table = np.array([[now, np.nan if then is None else then] for now, then in given], dtype=float)
    subject = indicator("outcome@1", {"pair": "f"}, direction=direction, improvement=improvement)
    assert_same(subject, rows, {"pair": table}, numbers)


BANDS = ((Fraction(1), Fraction(0)), (Fraction(50), TENTH), (Fraction(100), HALF), (None, Fraction(1)))


@pytest.mark.parametrize("closed", ["upper", "lower"])
def test_bands_of_a_share_and_of_an_amount(closed: str) -> None:
    """The edges 1, 50 and 100 are among the numbers, as shares of 100 and as amounts."""
    pairs = list(product(NUMBERS, repeat=2))
    rows = [{"numerator": Fraction(n), "denominator": Fraction(d)} for n, d in pairs]
    columns = {role: np.array([pair[i] for pair in pairs], dtype=float) for i, role in enumerate(rows[0])}
    share = indicator("ratio_bands@1", {"numerator": "n", "denominator": "d"}, bands=BANDS, closed=closed)
    assert_same(share, rows, columns, {})
    amounts = [{"amount": Fraction(n)} for n in NUMBERS]
    subject = indicator("amount_bands@1", {"amount": "f"}, bands=BANDS, closed=closed)
    assert_same(subject, amounts, {"amount": np.array(NUMBERS, dtype=float)}, {})


@pytest.mark.parametrize("direction", ["up", "down"])
def test_a_trend(direction: str) -> None:
    given = list(product((-5, *NUMBERS), (None, -5, *NUMBERS)))
    rows = [{"pair": (Fraction(now), None if then is None else Fraction(then))} for now, then in given]
    table = np.array([[now, np.nan if then is None else then] for now, then in given], dtype=float)
    assert_same(indicator("trend@1", {"pair": "f"}, direction=direction), rows, {"pair": table}, {})


@pytest.mark.parametrize("row", MATRIX.rows)
@pytest.mark.parametrize("points", [None, {"no": Fraction(0), "part": TENTH, "yes": Fraction(1)}])
def test_one_row_of_a_matrix(row: str, points: dict[str, Fraction] | None) -> None:
    subject = indicator("row@1", {"answer": "f"}, MATRIX, row=row, **({"points": points} if points else {}))
    table = np.array(list(product(range(3), repeat=2)))
    rows = [{"answer": {"x": MATRIX.columns[x], "y": MATRIX.columns[y]}} for x, y in table]
    assert_same(subject, rows, {"answer": table}, {})


@pytest.mark.parametrize("period", [2023, 2025])
def test_every_indicator_of_the_demonstration_is_worth_what_the_exact_engine_says(
    framework: Framework, period: int
) -> None:
    population = build_population(framework, period, 80)
    applies, exists = path_masks(framework, population.profiles, population.columns)
    kinds = np.array([profile["production_type"] for profile in population.profiles])
    for kind in sorted(set(kinds)):
        rows = np.flatnonzero(kinds == kind)
        score = batch.score_columns(
            prepare(framework.scoring, period_end(period), kind),
            *({name: column[rows] for name, column in part.items()} for part in (population.columns, exists, applies)),
            len(rows),
        )
        for place, row in enumerate(rows):
            facts = facts_of_row(framework, population.columns, int(row))
            exact = evaluate(framework, population.profiles[row], facts, period_end(period)).score
            for name, value in exact.values.items():
                found = score.values[name][place]
                assert np.isnan(found) if value is None else found == pytest.approx(float(value), abs=1e-12), name
            assert score.level[place] == exact.level or score.doubtful[place]
