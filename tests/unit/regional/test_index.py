"""Computing an index: normalising, weighing, what is missing, ranks and growth."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maturity.questionnaires.model import Text
from maturity.regional.charts import trend_chart
from maturity.regional.index import (
    EMPTY_CLASS,
    LAST_YEAR,
    MISSING,
    NO_BASE,
    OBSERVED,
    PEER_MEDIAN,
    TOO_MUCH_MISSING,
    UNUSABLE,
    WITHHELD,
    Datum,
    Outcome,
    RegionIndex,
    compute,
    growth,
    normalise,
    ranks,
)
from maturity.regional.model import PeerGroup
from maturity.regional.result import Point, frozen_document, frozen_result, live
from tests.factories.regional import document, model, values

SHANDONG, JIANGSU, ZHEJIANG, ANHUI = "370000", "320000", "330000", "340000"
FULL = {"a": "20", "b": "5", "c": "30"}


def only(outcome: Outcome, region: str = SHANDONG) -> RegionIndex:
    found = outcome.of(region)
    assert found is not None
    return found


def how(one: RegionIndex) -> dict[str, str]:
    return {part.indicator: part.how for part in one.parts}


def test_an_index_is_the_weighted_mean_of_its_classes() -> None:
    """a: 50·2, b (less is better): 50·2, c: 50·log₂ 4; hence 0.4·100 + 0.6·100."""
    one = only(compute(model(), 2024, values({SHANDONG: FULL})))
    assert one.total == 100
    assert [part.value for part in one.classes] == [100, 100]
    assert sum(part.contribution or 0 for part in one.parts) == one.total


def test_the_reference_s_figure_of_the_base_year_is_the_base() -> None:
    data = document()
    data["classes"][1]["indicators"][0]["base"] = "reference"
    made = model(classes=data["classes"])
    known = values({SHANDONG: FULL}) | values({"": {"c": "30"}}, 2010)
    assert only(compute(made, 2024, known)).classes[1].value == 50


@pytest.mark.parametrize("base", [None, "0", "-3"])
def test_without_a_base_that_can_be_used_an_indicator_is_left_out(base: str | None) -> None:
    data = document()
    data["classes"][0]["indicators"][0]["base"] = "reference"
    known = values({SHANDONG: FULL}) | (values({"": {"a": base}}, 2010) if base else {})
    one = only(compute(model(classes=data["classes"]), 2024, known))
    assert how(one)["a"] == NO_BASE
    assert one.left_out == Fraction(1, 5)
    assert one.classes[0].value == 100  # what b alone gives


@pytest.mark.parametrize(("value", "direction"), [("0", "down"), ("-1", "down")])
def test_a_figure_outside_the_formula_is_left_out_and_told(value: str, direction: str) -> None:
    one = only(compute(model(), 2024, values({SHANDONG: FULL | {"b": value}})))
    assert how(one)["b"] == UNUSABLE


def test_a_ratio_may_fall_below_nought() -> None:
    """A loss is a figure like any other."""
    assert only(compute(model(), 2024, values({SHANDONG: FULL | {"a": "-10"}}))).classes[0].value == 25


def test_a_missing_figure_gives_its_weight_to_the_others_of_its_class() -> None:
    one = only(compute(model(), 2024, values({SHANDONG: {"a": "20", "c": "10"}})))
    assert how(one) == {"a": OBSERVED, "b": MISSING, "c": OBSERVED}
    assert [part.weight for part in one.parts] == [Fraction(2, 5), 0, Fraction(3, 5)]
    assert (one.total, one.left_out, one.imputed) == (70, Fraction(1, 5), 0)


def test_a_class_without_any_figure_leaves_no_index() -> None:
    one = only(compute(model(), 2024, values({SHANDONG: {"a": "20", "b": "5"}})))
    assert (one.total, one.reason) == (None, EMPTY_CLASS)


def test_too_much_missing_leaves_no_index() -> None:
    strict = model(missing={"order": [], "most": "0.19"})
    exact = model(missing={"order": [], "most": "0.2"})
    known = values({SHANDONG: {"a": "20", "c": "10"}})
    assert only(compute(strict, 2024, known)).reason == TOO_MUCH_MISSING
    assert only(compute(exact, 2024, known)).total == 70


def test_last_year_s_figure_stands_in_and_is_marked() -> None:
    made = model(missing={"order": ["last_year"], "most": "0.5"})
    known = values({SHANDONG: {"a": "20", "c": "30"}}) | values({SHANDONG: {"b": "5"}}, 2023)
    one = only(compute(made, 2024, known))
    assert how(one)["b"] == LAST_YEAR
    assert (one.total, one.imputed, one.left_out) == (100, Fraction(1, 5), 0)


def test_what_stands_in_is_never_itself_a_stand_in() -> None:
    """A figure of two years ago does not creep forward."""
    made = model(missing={"order": ["last_year"], "most": "0.5"})
    known = values({SHANDONG: {"a": "20", "c": "30"}}) | values({SHANDONG: {"b": "5"}}, 2022)
    assert how(only(compute(made, 2024, known)))["b"] == MISSING


def test_the_median_of_the_peers_needs_three_of_them() -> None:
    made = model(missing={"order": ["peer_median"], "most": "0.5"})
    two = values({SHANDONG: {"a": "20", "c": "30"}, JIANGSU: {"b": "4"}, ZHEJIANG: {"b": "6"}})
    assert how(only(compute(made, 2024, two)))["b"] == MISSING
    three = two | values({ANHUI: {"b": "5"}})
    one = only(compute(made, 2024, three))
    assert how(one)["b"] == PEER_MEDIAN
    assert one.parts[1].datum == Datum(Fraction(5))


def test_ways_of_standing_in_are_tried_in_the_order_of_the_model() -> None:
    known = values({SHANDONG: {"a": "20", "c": "30"}} | {code: {"b": "5"} for code in (JIANGSU, ZHEJIANG, ANHUI)})
    known |= values({SHANDONG: {"b": "9"}}, 2023)
    for order, expected in ((["last_year", "peer_median"], LAST_YEAR), (["peer_median", "last_year"], PEER_MEDIAN)):
        made = model(missing={"order": order, "most": "0.5"})
        assert how(only(compute(made, 2024, known)))["b"] == expected


def test_what_a_release_withholds_is_told_apart_from_what_nobody_entered() -> None:
    known = values({SHANDONG: {"a": "20", "c": "30"}})
    known["b", SHANDONG, 2024] = Datum(None, release="abc")
    assert how(only(compute(model(), 2024, known)))["b"] == WITHHELD


def test_goalposts_hold_on_both_sides() -> None:
    data = document()
    data["classes"][1]["indicators"][0] |= {"normalisation": "range", "base": "", "low": "20", "high": "40"}
    made = model(classes=data["classes"])
    for value, score in (("10", 0), ("20", 0), ("25", 25), ("40", 100), ("99", 100)):
        assert only(compute(made, 2024, values({SHANDONG: FULL | {"c": value}}))).classes[1].value == score


def test_goalposts_can_be_turned_round() -> None:
    data = document()
    data["classes"][1]["indicators"][0] |= {"normalisation": "range", "low": "20", "high": "40", "direction": "down"}
    made = model(classes=data["classes"])
    assert only(compute(made, 2024, values({SHANDONG: FULL | {"c": "25"}}))).classes[1].value == 75


positive = st.fractions(min_value=Fraction(1, 1000), max_value=10**6)


@given(low=positive, more=positive, base=positive, name=st.sampled_from(["a", "b", "c"]))
def test_a_better_figure_never_gives_a_lower_score(low: Fraction, more: Fraction, base: Fraction, name: str) -> None:
    indicator = next(one for one in model().indicators if one.id == name)
    worse, better = (low + more, low) if indicator.direction == "down" else (low, low + more)
    scores = [normalise(indicator, value, base, Fraction(50)) for value in (worse, better)]
    assert scores[0] is not None
    assert scores[1] is not None
    assert scores[0] < scores[1] or (indicator.normalisation == "log" and scores[0] <= scores[1])


@given(st.dictionaries(st.sampled_from("abc"), st.integers(1, 100).map(str)))
def test_contributions_always_add_up(given_figures: dict[str, str]) -> None:
    one = only(compute(model(missing={"order": [], "most": "1"}), 2024, values({SHANDONG: given_figures})))
    if one.total is not None:
        assert sum((part.contribution or Fraction(0) for part in one.parts), Fraction(0)) == one.total
        assert sum((part.weight for part in one.parts), Fraction(0)) == 1
    else:
        assert one.reason == EMPTY_CLASS


@given(
    st.dictionaries(
        st.sampled_from([SHANDONG, JIANGSU, ZHEJIANG]),
        st.fixed_dictionaries({n: st.integers(1, 99).map(str) for n in "abc"}),
    )
)
def test_a_frozen_index_reads_back_as_it_was(figures: dict[str, dict[str, str]]) -> None:
    result = live(model(), document(), 3, 2024, values(figures))
    data: Any = frozen_document(result, line="x", model_sha256="y")
    back = frozen_result(data)
    assert (back.outcome, back.before, back.version) == (result.outcome, result.before, 3)
    assert frozen_document(back, line="x", model_sha256="y") == data


GROUP = PeerGroup("g", Text("组", "group"), ("a", "b", "c", "d", "e"))


def test_regions_that_print_alike_share_a_rank_and_the_next_is_skipped() -> None:
    totals = {"a": Fraction("70.04"), "b": Fraction("69.96"), "c": Fraction("69.94"), "d": None, "e": Fraction(10)}
    found = ranks(totals, GROUP, 1)
    assert {code: one.rank for code, one in found.items()} == {"a": 1, "b": 1, "c": 3, "e": 4}
    assert {one.n for one in found.values()} == {4}
    assert {one.of for one in found.values()} == {5}


@given(st.dictionaries(st.sampled_from("abcdexyz"), st.none() | st.fractions(0, 200)))
def test_a_rank_counts_those_that_print_higher(totals: dict[str, Fraction | None]) -> None:
    found = ranks(totals, GROUP, 1)
    for code, one in found.items():
        mine = round((totals[code] or 0) * 10)
        assert one.rank == 1 + sum(round((totals[other] or 0) * 10) > mine for other in found)


@pytest.mark.parametrize(("first", "last", "years"), [("0", "5", 3), ("5", "0", 3), ("5", "6", 0), ("-1", "6", 2)])
def test_there_is_no_growth_from_nothing(first: str, last: str, years: int) -> None:
    assert growth(Fraction(first), Fraction(last), years) is None


def test_growth_of_nothing_is_nought() -> None:
    assert growth(Fraction(60), Fraction(60), 4) == Decimal("0.00")


def test_a_series_is_cut_where_the_version_changes_and_tells_no_growth_across() -> None:
    points = [
        Point(year, Decimal(value), basis) for year, value, basis in ((2022, 60, "1"), (2023, 63, "1"), (2024, 80, "2"))
    ]
    chart = trend_chart(points, "", "s", "en")
    assert chart is not None
    assert [(basis, len(part)) for basis, part in chart.segments] == [
        ("version 1 of the model", 2),
        ("version 2 of the model", 1),
    ]
    assert "%" not in chart.title
    same = trend_chart(points[:2], "", "s", "en")
    assert same is not None
    assert "5.00 % a year" in same.title
