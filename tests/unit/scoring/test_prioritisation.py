"""Prioritisation: the published worked vectors, and what must hold for any tables."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maturity.scoring.prioritisation import HORIZONS, Priority, begin_with, prioritise, raw_values

F = Fraction
BLOCKS = {"one": "process", "two": "technology", "three": "organisation"}
# digest T8 and T9: three areas, each strong in one of cost, KPI and proximity
VECTOR = {"one": (F(90), F(4), F(6)), "two": (F(4), F(90), F(4)), "three": (F(6), F(6), F(90))}
Raws = dict[str, tuple[Fraction, Fraction, Fraction]]


def order(horizon: str) -> list[str]:
    return [item.area for item in prioritise(BLOCKS, VECTOR, HORIZONS[horizon])]


def by_area(priorities: tuple[Priority, ...]) -> dict[str, Fraction]:
    return {item.area: item.impact for item in priorities}


def test_the_tactical_vector_comes_out_exactly() -> None:
    impacts = by_area(prioritise(BLOCKS, VECTOR, HORIZONS["tactical"]))
    # 0.45·0.90 + 0.30·0.04 + 0.25·0.06; 0.45·0.04 + 0.30·0.90 + 0.25·0.04; 0.45·0.06 + 0.30·0.06 + 0.25·0.90
    assert impacts == {"one": F("0.432"), "two": F("0.298"), "three": F("0.270")}
    assert order("tactical") == ["one", "two", "three"]


def test_another_horizon_puts_other_areas_first() -> None:
    assert order("strategic") == ["two", "three", "one"]
    assert order("operational") == ["one", "three", "two"]


def test_raw_sums_multiply_relevance_with_shares_and_importance() -> None:
    raw = raw_values(
        assessed={"one": F(2), "two": F(4)},
        best={"one": F(5), "two": F(3)},
        cost={"one": {"labour": F(3), "energy": F(1)}, "two": {"labour": F(0), "energy": F(2)}},
        kpi={"one": {"quality": F(1)}, "two": {"quality": F(2)}},
        cost_shares={"labour": F(70), "energy": F(30)},
        importances={"quality": F(5)},
    )
    assert raw["one"].values == (F(3 * 70 + 1 * 30), F(5), F(3))
    assert raw["two"].values == (F(60), F(10), F(0))  # above the best: nothing to catch up


def test_a_table_that_lacks_a_row_is_not_taken_for_zero() -> None:
    with pytest.raises(KeyError):
        raw_values({"one": F(2)}, {"one": F(5)}, {}, {"one": {}}, {"labour": F(1)}, {})


def test_the_selection_has_one_of_every_block_even_where_all_the_best_are_in_one() -> None:
    blocks = {"a": "technology", "b": "technology", "c": "process", "d": "organisation"}
    raw = {name: (F(value), F(value), F(value)) for name, value in (("a", 9), ("b", 8), ("c", 2), ("d", 1))}
    priorities = prioritise(blocks, raw, HORIZONS["tactical"])
    assert [item.area for item in begin_with(priorities, 3)] == ["a", "c", "d"]
    assert [item.area for item in begin_with(priorities, 4)] == ["a", "b", "c", "d"]
    assert [item.area for item in begin_with(priorities, 1)] == ["a", "c", "d"]  # never fewer than the blocks


amounts = st.fractions(min_value=0, max_value=1000, max_denominator=50)
names = st.lists(st.sampled_from([f"area{i}" for i in range(16)]), min_size=1, max_size=16, unique=True)


@st.composite
def tables(draw: st.DrawFn) -> tuple[dict[str, str], Raws]:
    areas = draw(names)
    blocks = {name: draw(st.sampled_from(["process", "technology", "organisation"])) for name in areas}
    return blocks, {name: (draw(amounts), draw(amounts), draw(amounts)) for name in areas}


horizons = st.sampled_from(sorted(HORIZONS))


@given(tables(), horizons)
def test_impacts_lie_between_zero_and_one_and_add_up_to_the_weights_that_count(
    given_tables: tuple[dict[str, str], Raws], horizon: str
) -> None:
    blocks, raw = given_tables
    weights = HORIZONS[horizon]
    impacts = [item.impact for item in prioritise(blocks, raw, weights)]
    assert all(0 <= impact <= 1 for impact in impacts)
    weighed = (weights.cost, weights.kpi, weights.proximity)
    counting = [weighed[index] for index in range(3) if any(row[index] for row in raw.values())]
    assert sum(impacts) == sum(counting)


@given(tables(), horizons, st.fractions(min_value=F(1, 100), max_value=100))
def test_the_unit_of_cost_changes_nothing(
    given_tables: tuple[dict[str, str], Raws], horizon: str, scale: Fraction
) -> None:
    blocks, raw = given_tables
    scaled = {name: (scale * cost, kpi, proximity) for name, (cost, kpi, proximity) in raw.items()}
    before = [(item.area, item.impact) for item in prioritise(blocks, raw, HORIZONS[horizon])]
    assert [(item.area, item.impact) for item in prioritise(blocks, scaled, HORIZONS[horizon])] == before


@given(tables(), horizons, st.integers(min_value=0, max_value=16))
def test_every_block_is_selected_and_the_rest_by_impact(
    given_tables: tuple[dict[str, str], Raws], horizon: str, count: int
) -> None:
    blocks, raw = given_tables
    priorities = prioritise(blocks, raw, HORIZONS[horizon])
    chosen = begin_with(priorities, count)
    assert {item.block for item in chosen} == set(blocks.values())
    assert len(chosen) == min(max(count, len(set(blocks.values()))), len(blocks))
    assert [item.rank for item in chosen] == sorted(item.rank for item in chosen)


def test_the_weights_of_every_horizon_add_up_to_one() -> None:
    assert all(weights.cost + weights.kpi + weights.proximity == 1 for weights in HORIZONS.values())
