"""Ranks, layouts and verdicts, apart from any database."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maturity.benchmarks.cells import CellKey
from maturity.dashboard.asked import BREAKDOWNS, PAGES, Asked, saved, to_save
from maturity.dashboard.breakdown import broken_down, leaders, ranks
from maturity.dashboard.goals import verdict
from maturity.dashboard.indicators import Value
from maturity.dashboard.places import classes
from maturity.dashboard.svg import class_of, lines_of
from maturity.dashboard.tiles import city_tiles, layout_faults, province_tiles
from maturity.reference.figures import Point
from maturity.reference.regions import children, provinces

VALUES = st.lists(st.builds(Value, st.integers(0, 100), st.sampled_from((1, 2, 5))), min_size=1, max_size=12)


@given(VALUES)
def test_no_value_is_ranked_before_one_that_rounding_does_not_tell_from_it(values: list[Value]) -> None:
    found = ranks(values)
    for value, rank in zip(values, found, strict=True):
        assert 1 <= rank.best <= rank.worst <= len(values)
        for other, place in zip(values, found, strict=True):
            if value.is_same(other):
                assert rank.best <= place.worst
            elif other.value > value.value:
                assert place.best < rank.worst


@given(VALUES)
def test_nobody_is_above_a_leader(values: list[Value]) -> None:
    assert all(not values[place].is_below(other) for place in leaders(values) for other in values)


def test_every_place_has_one_tile_and_no_two_share_one() -> None:
    assert layout_faults() == []
    for tiles in (province_tiles(), *(city_tiles(place.code) for place in provinces())):
        assert len(set(tiles.values())) == len(tiles)
    for province in provinces():
        assert set(city_tiles(province.code)) == {place.code for place in children(province.code)}


@given(st.lists(st.integers(0, 100), min_size=1, max_size=34))
def test_every_value_of_a_map_has_a_class_that_holds_it(values: list[int]) -> None:
    edges = classes(values)
    assert 1 <= len(edges) <= 6
    for value in values:
        assert class_of(value, edges) is not None
        assert edges[0] <= value


@pytest.mark.parametrize("by", BREAKDOWNS)
def test_parts_are_narrower_than_their_whole(by: str) -> None:
    found = broken_down(Asked(region="370000"), by, "370000")
    assert found.whole not in found.parts
    assert len(set(found.parts)) == len(found.parts)


def test_cities_and_groups_stand_over_all_industries_and_sizes() -> None:
    for by in ("city", "group"):
        found = broken_down(Asked(industry="34", size="small", region="370000"), by, "370000")
        assert {(key.industry, key.size) for key in found.parts} == {("", "")}


def test_somebody_in_a_city_is_marked_among_its_neighbours() -> None:
    found = broken_down(Asked(region="370200"), "city", "")
    assert (found.whole, found.own) == (CellKey("", "370000", ""), CellKey("", "370200", ""))


@pytest.mark.parametrize("page", PAGES)
def test_a_saved_address_asks_the_same(page: str) -> None:
    asked = Asked("lianghua", 2025, "34", "370000", "small", "erp", "size", "place")
    again = Asked.of(saved(to_save(page, asked)), {"erp"})
    assert again.address(page) == asked.address(page)
    assert not again.wrong


def point(period: str, value: str, basis: str = "key", comparator: str = "") -> Point:
    return Point(period, Decimal(value), "Q", "S1", basis, comparator=comparator)


@pytest.mark.parametrize(
    ("goal", "actual", "words"),
    [
        (point("2025", "68", comparator="reach"), point("2025", "68"), "met (2025: 68)"),
        (point("2025", "68", comparator="above"), point("2025", "68"), "missed by 0 (2025)"),
        (point("2025", "68", comparator="at_least"), point("2024", "66.2"), "1.8 to go (2024)"),
        (point("2025", "68", comparator="reach"), point("2026", "66"), "missed by 2 (2026)"),
    ],
)
def test_a_target_is_judged_as_it_is_meant(goal: Point, actual: Point, words: str) -> None:
    judged = verdict(goal, (actual,))
    assert judged is not None
    assert judged.en == words


def test_a_target_is_not_judged_by_another_population_or_by_a_bound() -> None:
    goal = point("2025", "68", "designated", "reach")
    assert verdict(goal, (point("2025", "70", "key"),)) is None
    assert verdict(goal, (point("2025", "70", "designated", "above"),)) is None


@given(st.text("的行业数控化率，。abc 12", min_size=1, max_size=60), st.integers(4, 20))
def test_lines_of_a_file_lose_no_letter(text: str, ems: int) -> None:
    assert "".join(lines_of(text, ems)).replace(" ", "") == text.replace(" ", "")
