from fractions import Fraction
from typing import Any

import pytest

from maturity.scoring.model import Indicator, Shape
from maturity.scoring.rules import RULES

OPTIONS = Shape("choice", ("none", "some", "most", "all"))
MEASURES = Shape("multi", ("a", "b", "none"), exclusive="none")
GRID = Shape("matrix", rows=("x", "y"), columns=("none", "half", "full"))


def value(rule: str, inputs: dict[str, Any], shape: Shape | None = None, **more: Any) -> Fraction | None:
    numbers = {key: Fraction(number) for key, number in more.pop("numbers", {}).items()}
    shapes = {"answer": shape} if shape else {}
    indicator = Indicator("i", "p", 1, rule, {}, shapes, {}, more, None)
    return RULES[rule].compute(indicator, inputs, numbers)


@pytest.mark.parametrize(
    ("option", "expected"), [("none", 0), ("some", Fraction(1, 3)), ("most", Fraction(2, 3)), ("all", 1)]
)
def test_ordered_options_score_at_equal_steps(option: str, expected: Fraction) -> None:
    assert value("choice@1", {"answer": option}, OPTIONS) == expected


def test_points_replace_equal_steps_where_they_are_set() -> None:
    points = {"none": Fraction(0), "some": Fraction(1, 10), "most": Fraction(1, 2), "all": Fraction(1)}
    assert value("choice@1", {"answer": "some"}, OPTIONS, points=points) == Fraction(1, 10)


def test_measures_add_up_to_one_at_most_and_none_is_nothing() -> None:
    assert value("multi@1", {"answer": frozenset(["a"])}, MEASURES) == Fraction(1, 2)
    assert (
        value("multi@1", {"answer": frozenset(["a", "b"])}, MEASURES, points={"a": Fraction(3, 4), "b": Fraction(3, 4)})
        == 1
    )
    assert value("multi@1", {"answer": frozenset(["none"])}, MEASURES) == 0


def test_a_matrix_is_the_weighted_mean_of_its_rows() -> None:
    assert value("matrix@1", {"answer": {"x": "full", "y": "none"}}, GRID) == Fraction(1, 2)
    assert value("matrix@1", {"answer": {"x": "full", "y": "none"}}, GRID, row_weights={"x": 3}) == Fraction(3, 4)


def test_yes_is_the_full_mark() -> None:
    assert (value("yesno@1", {"answer": True}), value("yesno@1", {"answer": False})) == (1, 0)


@pytest.mark.parametrize(
    ("numerator", "denominator", "expected"),
    [(45, 100, Fraction(1, 2)), (90, 100, 1), (100, 100, 1), (0, 7, 0), (3, 0, None)],
)
def test_a_ratio_scores_in_proportion_to_its_full_mark(
    numerator: int, denominator: int, expected: Fraction | None
) -> None:
    inputs = {"numerator": Fraction(numerator), "denominator": Fraction(denominator)}
    assert value("ratio@1", inputs, numbers={"full": 90}) == expected


def test_amounts_score_up_to_a_full_mark_or_down_from_a_worst() -> None:
    assert value("amount@1", {"amount": Fraction(3)}, numbers={"full": 4}) == Fraction(3, 4)
    limits = {"best": 3, "worst": 15}
    scores = [value("amount_down@1", {"amount": Fraction(days)}, numbers=limits) for days in (2, 3, 9, 15, 20)]
    assert scores == [1, 1, Fraction(1, 2), 0, 0]


UP = {"direction": "up", "improvement": "points", "numbers": {"full_level": 100, "full_improvement": 4}}
DOWN = {
    "direction": "down",
    "improvement": "relative",
    "numbers": {"best_level": 0, "worst_level": 10, "full_improvement": 20},
}


@pytest.mark.parametrize(
    ("pair", "settings", "expected"),
    [
        ((Fraction(90), Fraction(80)), UP, 1),  # ten points gained where four are the full mark
        ((Fraction(90), Fraction(89)), UP, Fraction(9, 10)),  # the level counts more than the improvement
        ((Fraction(90), None), UP, Fraction(9, 10)),  # without a prior year the level alone
        ((Fraction(8), Fraction(10)), DOWN, 1),  # a fifth less
        ((Fraction(9), Fraction(10)), DOWN, Fraction(1, 2)),
        ((Fraction(0), Fraction(0)), DOWN, 1),  # nothing to improve on: the level
        ((Fraction(20), Fraction(10)), DOWN, 0),
        ((Fraction(5), None), {"direction": "up", "improvement": "relative", "numbers": {"full_improvement": 5}}, None),
        (
            (Fraction(5), None),
            {"direction": "down", "improvement": "relative", "numbers": {"full_improvement": 5}},
            None,
        ),
    ],
)
def test_an_outcome_is_the_better_of_level_and_improvement(
    pair: Any, settings: dict, expected: Fraction | None
) -> None:
    assert value("outcome@1", {"pair": pair}, **dict(settings)) == expected


QUARTERS = (
    (Fraction(10), Fraction(0)),
    (Fraction(20), Fraction(1, 4)),
    (Fraction(60), Fraction(1, 2)),
    (None, Fraction(1)),
)


@pytest.mark.parametrize(
    ("per_mille", "upper", "lower"),
    [
        (0, 0, 0),
        (99, 0, 0),
        (100, 0, Fraction(1, 4)),  # an edge belongs to the band it closes, or to the one it opens
        (101, Fraction(1, 4), Fraction(1, 4)),
        (200, Fraction(1, 4), Fraction(1, 2)),
        (201, Fraction(1, 2), Fraction(1, 2)),
        (600, Fraction(1, 2), 1),
        (601, 1, 1),
        (1000, 1, 1),
        (5000, 1, 1),
    ],
)
def test_a_share_earns_the_points_of_its_band(per_mille: int, upper: Fraction, lower: Fraction) -> None:
    inputs = {"numerator": Fraction(per_mille), "denominator": Fraction(1000)}
    amount = {"amount": Fraction(per_mille, 10)}
    for closed, expected in (("upper", upper), ("lower", lower)):
        assert value("ratio_bands@1", inputs, bands=QUARTERS, closed=closed) == expected
        assert value("amount_bands@1", amount, bands=QUARTERS, closed=closed) == expected


def test_a_share_of_nothing_is_in_no_band() -> None:
    inputs = {"numerator": Fraction(3), "denominator": Fraction(0)}
    assert value("ratio_bands@1", inputs, bands=QUARTERS, closed="upper") is None


@pytest.mark.parametrize(
    ("pair", "up", "down"),
    [
        ((Fraction(51), Fraction(50)), 1, 0),
        ((Fraction(50), Fraction(50)), Fraction(1, 2), Fraction(1, 2)),
        ((Fraction(49), Fraction(50)), 0, 1),
        ((Fraction("50.0001"), Fraction(50)), 1, 0),  # however little
        ((Fraction(1), Fraction(0)), 1, 0),  # nothing is divided by the year before, so it may be zero
        ((Fraction(-2), Fraction(-3)), 1, 0),
        ((Fraction(50), None), None, None),
    ],
)
def test_a_trend_is_better_unchanged_or_worse(pair: Any, up: Fraction | None, down: Fraction | None) -> None:
    assert value("trend@1", {"pair": pair}, direction="up") == up
    assert value("trend@1", {"pair": pair}, direction="down") == down


def test_one_row_of_a_matrix_scores_by_its_own_column() -> None:
    answer = {"answer": {"x": "half", "y": "full"}}
    assert [value("row@1", answer, GRID, row=row) for row in ("x", "y")] == [Fraction(1, 2), 1]
    points = {"none": Fraction(0), "half": Fraction(0), "full": Fraction(1)}
    assert [value("row@1", answer, GRID, row=row, points=points) for row in ("x", "y")] == [0, 1]
