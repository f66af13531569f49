"""Means are published where nothing that must not be known follows from them."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from maturity.benchmarks import additive
from maturity.benchmarks.additive import Weight, is_wide_enough, may_show_mean, rounded_mean
from maturity.benchmarks.build import Built, Earlier, build_release
from maturity.benchmarks.cells import CellKey
from maturity.benchmarks.parameters import load_parameters
from maturity.benchmarks.population import Population

RULES = replace(load_parameters(), least_in_release_for_means=0)
SECRET = b"a secret of the tests"
WHOLE = Weight(100, 100, 1, 1, 500_000, 500_000, 18_000, 18_000)


def population(*sizes: tuple[str, str, int], value: float | None = None) -> Population:
    """So many of an industry in a city, each a group of its own."""
    count = sum(many for _, _, many in sizes)
    random = np.random.default_rng(4)
    scores = np.round(random.uniform(20, 80, count), 2)
    return Population(
        enterprise=np.array([f"{row:05}" for row in range(count)]),
        group=np.arange(count),
        industry=np.repeat([industry for industry, _, _ in sizes], [many for _, _, many in sizes]),
        city=np.repeat([city for _, city, _ in sizes], [many for _, _, many in sizes]),
        park=np.array([""] * count),
        size=np.array(["small"] * count),
        level=np.ones(count, dtype=np.int8),
        values={"capability": scores if value is None else np.full(count, value)},
        criteria={"erp": (random.random(count) < 0.5).astype(np.int8)},
        reviewed=np.zeros(count, dtype=np.bool_),
    )


def build(of: Population, **known: Any) -> Built:
    return build_release(of, RULES, secret=SECRET, **known)


def means(built: Built, name: str = "capability") -> dict[tuple[str, str], Decimal]:
    return {(cell.key.industry, cell.key.region): cell.means[name] for cell in built.cells if name in cell.means}


EAST = [("34", "370100", 60), ("35", "370100", 50), ("34", "320500", 70), ("35", "320500", 60)]


def test_a_mean_is_the_mean_to_one_place() -> None:
    of = population(*EAST)
    found = means(build(of))
    shandong = of.values["capability"][of.city == "370100"]
    assert found["", "370000"] == Decimal(str(round(float(shandong.mean()) + 1e-9, 1)))
    assert set(found) == {("", ""), ("", "east"), ("", "370000"), ("", "320000"), ("s:equipment", ""), ("34", ""),
                          ("35", "")}  # fmt: skip
    share = means(build(of), "erp")["35", ""]
    assert share == rounded_mean(10_000 * int(of.criteria["erp"][of.industry == "35"].sum()), 110, RULES)


@pytest.mark.parametrize(
    ("weight", "may"),
    [
        (WHOLE, True),
        (WHOLE._replace(groups=19), False),  # too few groups
        (WHOLE._replace(largest=26, second=1), False),  # one has more than a quarter
        (WHOLE._replace(largest=25, second=26), False),  # two have more than half
        (WHOLE._replace(total=18_900), False),  # near nought: without the two largest 9 points are left
        (WHOLE._replace(total=19_000, total_of_two=18_000), True),
        (WHOLE._replace(room=18_900), False),  # near a hundred
    ],
)
def test_a_mean_needs_groups_none_of_which_is_large_and_room_to_be_wrong(weight: Weight, may: bool) -> None:
    assert may_show_mean(weight, RULES) is may


@pytest.mark.parametrize(
    ("up", "down", "is_criterion", "enough"),
    [(600, 400, False, True), (500, 400, False, False), (600, 400, True, False), (10_000, 0, True, True)],
)
def test_what_can_be_bounded_to_ten_points_or_to_one_enterprise_is_known(
    up: float, down: float, is_criterion: bool, enough: bool
) -> None:
    assert is_wide_enough(up, down, 1, is_criterion=is_criterion, rules=RULES) is enough


def test_a_province_too_small_for_a_mean_takes_another_one_with_it() -> None:
    """Tibet's five would follow from the West less Sichuan and Shaanxi."""
    built = build(population(*EAST, ("34", "510100", 60), ("35", "610100", 50), ("34", "540100", 5)))
    found = means(built)
    assert ("", "west") in found
    assert ("", "540000") not in found
    assert {("", "510000"), ("", "610000")} & set(found) == {("", "510000")}
    taken = {(item.key, item.rule) for item in built.withheld if item.what == "mean capability"}
    assert (CellKey("", "610000", ""), "R9b") in taken


def test_a_remainder_that_one_party_knows_most_of_is_no_remainder() -> None:
    """Tibet's and Qinghai's twelve each are enough together, unless a consultancy knows eight of each."""
    of = population(*EAST, ("34", "510100", 60), ("35", "610100", 50), ("34", "540100", 12), ("35", "630100", 12))
    known = np.concatenate([np.flatnonzero(of.city == city)[:8] for city in ("540100", "630100")])
    plain, wary = means(build(of)), means(build(replace(of, coalitions=(known,))))
    assert {("", "west"), ("", "510000"), ("", "610000")} <= set(plain)
    assert ("", "610000") not in wary


def test_without_the_country_there_is_no_mean_at_all() -> None:
    built = build(population(*EAST, value=0.0))
    assert means(built) == {}
    assert {item.rule for item in built.withheld if item.what == "mean capability"} == {"R9"}


def test_an_audit_that_no_province_can_satisfy_ends_with_no_mean(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(additive, "is_wide_enough", lambda *_, **__: False)
    built = build(population(*EAST, ("34", "540100", 5), ("35", "510100", 50)))
    assert means(built) == {}
    assert "R9b" in {item.rule for item in built.withheld}


def test_a_solver_in_trouble_protects(monkeypatch: pytest.MonkeyPatch) -> None:
    import scipy.optimize

    class Failed:
        success = False

    monkeypatch.setattr(scipy.optimize, "linprog", lambda *_, **__: Failed())
    across = [("39", "540100", 45), ("34", "540100", 3), ("39", "630100", 40), ("34", "630100", 3)]
    found = means(build(population(*EAST, *across, ("34", "510100", 90))))
    assert not {("", "540000"), ("", "630000")} <= set(found) or ("39", "") not in found


def test_the_solver_finds_what_two_provinces_have_beyond_an_industry_of_theirs() -> None:
    across = [("39", "540100", 45), ("34", "540100", 3), ("39", "630100", 40), ("34", "630100", 3)]
    found = means(build(population(*EAST, *across, ("34", "510100", 90), ("35", "610100", 60))))
    assert ("", "") in found
    known = {("", "540000"), ("", "630000"), ("39", "")}
    assert not known <= set(found) or ("s:electronics", "") not in found
    assert not (known - {("39", "")} | {("s:electronics", "")}) <= set(found)


def test_a_company_that_leaves_takes_the_means_it_was_in_with_it() -> None:
    of = population(*EAST, ("34", "510100", 60), ("35", "510100", 60))
    first = build(of)
    kept = np.arange(len(of)) != 5
    second = build(of.rows(kept), earlier=[Earlier(of, first.published)])
    assert ("", "370000") in means(first)
    assert means(second) == {}, "the country has changed by one, and with it everything"


def test_what_is_left_of_a_sum_changes_by_none_or_by_many() -> None:
    """Eleven report anew in Sichuan and one in Tibet: of the West twelve did, so the one would be left over."""
    of = population(*EAST, ("34", "510100", 60), ("34", "540100", 30), ("35", "510100", 60), ("35", "540100", 30))
    first = build(of)
    assert ("", "540000") in means(first)
    anew = np.concatenate([np.flatnonzero(of.city == "510100")[:11], np.flatnonzero(of.city == "540100")[:1]])
    scores = of.values["capability"].copy()
    scores[anew] += 7
    today = replace(of, values={"capability": scores})
    second = build(today, earlier=[Earlier(of, first.published)])
    found = means(second)
    assert ("", "540000") not in found
    assert ("", "510000") not in found or ("", "west") not in found


def test_who_left_the_last_of_its_kind_still_counts_as_a_change() -> None:
    of = population(*EAST, ("34", "510100", 60), ("31", "510100", 1))
    first = build(of)
    second = build(of.rows(of.industry != "31"), earlier=[Earlier(of, first.published)])
    assert ("", "510000") in means(first)
    assert ("", "510000") not in means(second)


def test_a_release_of_nobody_says_nothing() -> None:
    of = population(*EAST)
    built = build(of.rows(np.zeros(len(of), dtype=np.bool_)))
    assert built.cells == ()
    assert built.population == 0
