"""Each rule by itself, at its edges."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from maturity.benchmarks import disclosure
from maturity.benchmarks.build import build_release
from maturity.benchmarks.disclosure import Standing
from maturity.benchmarks.parameters import CURRENT, FOLDER, load_parameters, parse_parameters
from maturity.benchmarks.population import Population, UnfitPopulation
from maturity.content import ContentError
from tests.factories.populations import random_population

RULES = load_parameters()
GOOD = Standing(True, True, False, False, True, False)


def ints(*numbers: int) -> np.ndarray:
    return np.array(numbers, dtype=np.int64)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({}, None),
        ({"is_submitted": False}, "draft"),
        ({"is_whole_path": False}, "express"),
        ({"is_settled_early": True}, "settled_early"),
        ({"has_open_errors": True}, "open_errors"),
        ({"is_claimed": False}, "unclaimed"),
        ({"is_demonstration": True}, "demonstration"),
    ],
)
def test_only_a_whole_result_of_a_real_enterprise_contributes(change: dict[str, bool], reason: str | None) -> None:
    assert disclosure.reason_against(replace(GOOD, **change)) == reason


def test_a_synthetic_release_holds_the_demonstration_and_nothing_else() -> None:
    assert disclosure.reason_against(GOOD, is_synthetic=True) == "demonstration"
    assert disclosure.reason_against(replace(GOOD, is_demonstration=True), is_synthetic=True) is None


def test_a_cell_begins_at_ten_groups_none_of_which_has_more_than_half() -> None:
    assert disclosure.has_enough_groups(ints(9, 10), RULES).tolist() == [False, True]
    assert disclosure.is_led_by_none(ints(10, 11), ints(20, 21), RULES).tolist() == [True, False]
    assert disclosure.leaves_enough_outside(ints(0, 9, 10), RULES).tolist() == [False, False, True]


@pytest.mark.parametrize(
    "rule",
    [
        disclosure.is_safe_nested_difference,
        disclosure.is_safe_period_difference,
        disclosure.is_safe_framework_difference,
        disclosure.is_safe_outside_coalition,
    ],
)
def test_a_difference_is_of_nobody_or_of_ten(rule: object) -> None:
    assert rule(ints(0, 1, 9, 10), RULES).tolist() == [True, False, False, True]  # type: ignore[operator]


@pytest.mark.parametrize(
    ("groups", "below", "above", "may"), [(20, 5, 5, True), (19, 5, 5, False), (20, 4, 5, False), (20, 5, 4, False)]
)
def test_a_quantile_has_five_groups_on_each_side(groups: int, below: int, above: int, may: bool) -> None:
    assert disclosure.may_show_quantile(ints(groups), ints(below), ints(above), 20, RULES)[0] == may


def test_the_step_is_chosen_by_what_is_published() -> None:
    assert disclosure.step_of(ints(95, 100), RULES).tolist() == [2, 1]


@pytest.mark.parametrize(
    ("counts", "classes"),
    [
        ((30, 24, 5, 1), (((1, 1), 50), ((2, 2), 40), ((3, 4), 10))),
        ((2, 30, 28, 0), (((1, 2), 55), ((3, 4), 45))),
        ((2, 1, 30, 30), (((1, 3), 50), ((4, 4), 50))),  # too few at the bottom, twice
        ((30, 2, 2, 30), (((1, 1), 45), ((2, 4), 55))),  # too few in the middle go up
        ((57, 3, 0, 0), ()),  # the rest is too few for a class
        ((55, 5, 0, 0), ()),  # more than nine tenths at one level
        ((54, 6, 0, 0), (((1, 1), 90), ((2, 4), 10))),
        ((25, 24, 0, 0), ()),  # fewer than fifty
    ],
)
def test_levels_are_merged_until_every_class_holds_five(counts: tuple[int, ...], classes: object) -> None:
    found = disclosure.merged_levels(sum(counts), counts, lambda low, high: sum(counts[low - 1 : high]), RULES)
    assert found == classes


def test_a_last_class_that_becomes_too_small_goes_down() -> None:
    """Levels held by enough enterprises, of which one group holds all at the top: it counts once."""
    groups = {(1, 1): 20, (2, 2): 20, (3, 3): 1, (2, 3): 20, (1, 3): 40, (1, 2): 40}
    found = disclosure.merged_levels(50, (30, 30, 10), lambda low, high: groups[low, high], RULES)
    assert found == (((1, 1), 45), ((2, 3), 55))


def test_a_class_in_the_middle_without_neighbours_enough_takes_all() -> None:
    found = disclosure.merged_levels(60, (60, 0, 0, 0), lambda low, high: 60 if low == 1 else 0, RULES)
    assert found == ()


@pytest.mark.parametrize(
    ("groups", "meeting", "missing", "may"),
    [(50, 5, 45, True), (49, 20, 29, False), (50, 4, 46, False), (50, 46, 4, False)],
)
def test_a_share_needs_fifty_and_five_on_each_side(groups: int, meeting: int, missing: int, may: bool) -> None:
    assert disclosure.may_show_share(ints(groups), ints(meeting), ints(missing), RULES)[0] == may


def test_a_rounded_count_is_up_as_often_as_the_rest_says() -> None:
    shown = [disclosure.rounded_count(23, number.to_bytes(4, "big"), b"secret", RULES) for number in range(4000)]
    assert np.mean([value == 25 for value in shown]) == pytest.approx(0.6, abs=0.03)
    assert disclosure.rounded_count(8, b"few", b"secret", RULES) == 10


# Parameters


def text() -> str:
    return (FOLDER / f"{CURRENT}.yaml").read_text(encoding="utf-8")


def test_every_threshold_is_told_with_its_reason_in_both_languages() -> None:
    assert {item.id for item in RULES.described} >= {"least_groups", "least_difference", "least_interval"}
    first = RULES.described[0]
    assert (first.title("zh"), first.title("en")) == ("单元最少集团数", "Fewest groups in a cell")
    assert first.why("zh") != first.why("en")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("id: least_groups", "id: fewest_groups", "is no threshold of the rules"),
        ("id: largest_share", "id: least_groups", "stands twice"),
        ("rule: R3\n  value: 10", "rule: R3\n  value: none", "whole number"),
        ("  unit: groups\n  title: {zh: 单元最少", "  title: {zh: 单元最少", "other keys"),
        ("title: {zh: 单元最少集团数, en: Fewest groups in a cell}", "title: {zh: 单元最少集团数}", "lacks a text"),
        ("rule: R4\n  value: 20", "rule: R4\n  value: 19", "lower quartile"),
    ],
)  # fmt: skip
def test_a_file_of_parameters_is_refused_with_what_is_wrong(old: str, new: str, message: str) -> None:
    assert old in text()
    with pytest.raises(ContentError, match=message):
        parse_parameters(text().replace(old, new, 1), "changed.yaml")


def test_a_threshold_that_is_missing_is_missed() -> None:
    start, end = text().index("- id: mean_places"), text().index("# What means are")
    with pytest.raises(ContentError, match="mean_places: is missing"):
        parse_parameters(text()[:start] + text()[end:], "changed.yaml")


# Populations


def bad(**changes: object) -> Population:
    return replace(random_population(1, 30), **changes)


@pytest.mark.parametrize(
    ("population", "message"),
    [
        (bad(size=np.array(["small"])), "lengths"),
        (bad(enterprise=np.array(["a"] * 30)), "not sorted"),
        (bad(values={"capability": np.full(30, 101.0)}), "capability is not between"),
        (bad(values={"capability": np.full(30, -1.0)}), "capability is not between"),
        (bad(criteria={"erp": np.full(30, 2)}), "erp is neither"),
        (bad(city=np.array(["999999"] * 30)), "no places"),
    ],
)
def test_a_population_that_cannot_be_is_refused(population: Population, message: str) -> None:
    with pytest.raises(UnfitPopulation, match=message):
        build_release(population, RULES, secret=b"a secret of the tests")


def test_a_release_without_a_secret_worth_the_name_is_refused() -> None:
    with pytest.raises(ValueError, match="secret"):
        build_release(random_population(1, 30), RULES, secret=b"short")


def test_a_fingerprint_is_of_every_column() -> None:
    one = random_population(1, 60)
    assert one.fingerprint() == random_population(1, 60).fingerprint()
    others = [
        replace(one, group=one.group[::-1]),
        replace(one, reviewed=~one.reviewed),
        replace(one, values=dict(one.values) | {"capability": one.values["partly"]}),
        replace(one, coalitions=()),
        replace(one, size=one.size[::-1]),
    ]
    assert len({item.fingerprint() for item in (one, *others)}) == 6
