"""What a release may say of its contributors, and where an enterprise stands in it."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maturity.benchmarks.build import Built, build_release
from maturity.benchmarks.cells import CellKey, Quantiles, percentile
from maturity.benchmarks.lattice import ancestors, fallbacks
from maturity.benchmarks.parameters import load_parameters
from maturity.benchmarks.population import Population

GRID = Quantiles(q1=40, median=52, q3=60, p10=30, p90=75)
LEAST = load_parameters().least_for_quartiles
SOME = settings(deadline=None, max_examples=15)


@st.composite
def scores(draw: st.DrawFn) -> list[float]:
    """Twenty to a hundred and sixty scores, on a scale so fine that none occurs twice or so coarse that many do."""
    random, scale = Random(draw(st.integers(0, 10**6))), draw(st.sampled_from([3, 10, 40, 10_000]))
    return [round(random.randint(0, scale) * 100 / scale, 2) for _ in range(draw(st.integers(LEAST, 160)))]


def at(count: int) -> list[float]:
    """As many contributors, each with a value of its own."""
    return [n / 2 for n in range(count)]


def release(**metrics: list[float]) -> Built:
    """Contributors of one industry, city and size, each a group of its own."""
    count = len(next(iter(metrics.values())))
    alike = {"industry": "34", "city": "370100", "park": "", "size": "medium"}
    population = Population(
        enterprise=np.array([f"{row:05}" for row in range(count)]),
        group=np.arange(count),
        level=np.ones(count, dtype=np.int8),
        values={name: np.array(values, dtype=float) for name, values in metrics.items()},
        criteria={},
        reviewed=np.zeros(count, dtype=np.bool_),
        **{name: np.array([value] * count) for name, value in alike.items()},
    )
    return build_release(population, load_parameters(), secret=b"a secret of the tests")


def quantiles(values: list[float]) -> Quantiles | None:
    """Of the finest cell."""
    cells = {cell.key: cell for cell in release(capability=values).cells} if values else {}
    cell = cells.get(CellKey("34", "370000", "medium"))
    return cell.quantiles.get("capability") if cell else None


# Quantiles


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        # 20 contributors 0..19, steps of 2. Ranks floor(q x 19 + .5): 5, 10, 14. Means of five around them: 5, 10, 14.
        # 5 lies between 4 and 6 and rounds half up to 6.
        (list(range(20)), Quantiles(6, 10, 14, None, None)),
        # 50 contributors 0, 2, …, 98. Ranks 12, 25, 37 and for the deciles 5, 44: 24, 50, 74 and 10, 88.
        ([2 * n for n in range(50)], Quantiles(24, 50, 74, 10, 88)),
        # 101 contributors 0..100, whole points. Ranks 25, 50, 75, 10, 90.
        (list(range(101)), Quantiles(25, 50, 75, 10, 90)),
        # 100 contributors 0, .5, …, 49.5. Ranks 25, 50, 74, 10, 89: 12.5, 25, 37, 5, 44.5 round half up.
        ([n / 2 for n in range(100)], Quantiles(13, 25, 37, 5, 45)),
    ],
)
def test_quantiles_are_those_worked_out_by_hand(values: list[float], expected: Quantiles) -> None:
    assert quantiles(values) == expected


def test_the_order_of_the_contributors_does_not_matter() -> None:
    values = at(143)
    Random(1).shuffle(values)
    assert quantiles(values) == quantiles(at(143))


@pytest.mark.parametrize("count", [0, 1, 10, LEAST - 1])
def test_fewer_than_twenty_have_no_quantiles(count: int) -> None:
    assert quantiles(at(count)) is None
    assert quantiles(at(LEAST)) is not None


def test_the_deciles_begin_at_fifty() -> None:
    few, enough = quantiles(at(49)), quantiles(at(50))
    assert few is not None
    assert enough is not None
    assert (few.p10, few.p90) == (None, None)
    assert None not in (enough.p10, enough.p90)


@pytest.mark.parametrize(("count", "step"), [(20, 2), (94, 2), (100, 1), (143, 1)])
def test_values_are_rounded_to_two_points_below_a_hundred_contributors(count: int, step: int) -> None:
    found = {
        value % step for shift in range(10) for value in shown([round(n * 0.6 + shift * 0.3, 2) for n in range(count)])
    }
    assert found == {0}
    odd = {value % 2 for shift in range(10) for value in shown([round(n * 0.6 + shift * 0.3, 2) for n in range(count)])}
    assert odd == ({0} if step == 2 else {0, 1})


def shown(values: list[float]) -> list[int]:
    grid = quantiles(values)
    return [value for value in grid.as_json().values() if value is not None] if grid else []


def test_a_tie_is_rounded_up_as_it_is_written_and_not_as_a_float_lies() -> None:
    """The five around the median are 44.47 to 44.53, whose mean is 44.5 exactly; as floats their sum falls short."""
    around = [44.47, 44.48, 44.5, 44.52, 44.53]
    grid = quantiles([0.0 + n / 100 for n in range(50)] + around + [90.0 + n / 100 for n in range(50)])
    assert grid is not None
    assert grid.median == 45


@pytest.mark.parametrize(
    ("below", "equal", "above", "is_published"),
    [(5, 15, 5, True), (4, 16, 5, False), (5, 16, 4, False), (10, 0, 0, False)],
)
def test_a_quantile_needs_five_strictly_on_either_side(below: int, equal: int, above: int, is_published: bool) -> None:
    values = [10.0] * below + [50.0] * equal + [90.0] * above
    spread = [value + n / 100 if value != 50 else value for n, value in enumerate(values)]
    assert (quantiles(spread) is not None) == is_published


def test_a_decile_whose_tail_is_one_value_is_left_out_alone() -> None:
    grid = quantiles([0.0] * 8 + [10.0 + n for n in range(60)])
    assert grid is not None
    assert grid.p10 is None
    assert grid.p90 is not None


@SOME
@given(scores())
def test_whatever_is_published_leaves_five_contributors_strictly_on_either_side(values: list[float]) -> None:
    grid = quantiles(values)
    if grid is None:
        return
    ordered = sorted(values)
    for name, level in (("p10", 10), ("q1", 25), ("median", 50), ("q3", 75), ("p90", 90)):
        if getattr(grid, name) is not None:
            exact = ordered[int(Fraction(level, 100) * (len(ordered) - 1) + Fraction(1, 2))]
            assert sum(value < exact for value in values) >= 5
            assert sum(value > exact for value in values) >= 5


@SOME
@given(scores())
def test_quantiles_rise_and_lie_within_the_values(values: list[float]) -> None:
    found = shown(values)
    assert found == sorted(found)
    assert all(min(values) - 2 <= value <= max(values) + 2 for value in found)


@SOME
@given(scores(), st.integers(0, 50))
def test_the_best_and_the_worst_contributor_never_show(values: list[float], more: float) -> None:
    """However far they move away from the rest, no published figure moves."""
    ordered = sorted(set(values))
    if len(ordered) >= LEAST:
        moved = [max(ordered[0] - more, 0), *ordered[1:-1], min(ordered[-1] + more, 100)]
        assert quantiles(moved) == quantiles(ordered)


# Cells


def test_a_metric_that_cannot_be_published_is_left_out_of_its_cell_alone() -> None:
    built = release(capability=at(30), flat=[50.0] * 30)
    assert {name for cell in built.cells for name in cell.quantiles} == {"capability"}
    assert {item.rule for item in built.withheld if item.what == "flat"} == {"R4"}


# Fallbacks


def test_the_closest_population_comes_first_then_region_then_size_then_industry_widens() -> None:
    found = [(key.industry, key.region, key.size) for key in fallbacks(CellKey("34", "370000", "medium"))]
    assert found == [
        (industry, region, size)
        for industry in ("34", "s:equipment", "")
        for size in ("medium", "")
        for region in ("370000", "east", "")
    ]


def test_a_city_a_named_group_and_a_park_have_no_industry_and_no_size() -> None:
    assert set(ancestors(CellKey("", "370100", ""))) == {
        CellKey("", "370000", ""), CellKey("", "east", ""), CellKey("", "", ""),
    }  # fmt: skip
    assert list(ancestors(CellKey("", "g:yangtze", ""))) == [CellKey("", "", "")]
    assert list(ancestors(CellKey("", "p:1", ""))) == [CellKey("", "", "")]
    assert CellKey("34", "370100", "") not in set(fallbacks(CellKey("34", "370100", "medium")))


# The own percentile


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("0", 5), ("15", 5), ("30", 10), ("35", 20), ("40", 25), ("46", 40), ("52", 50), ("56", 65), ("60", 75),
        ("75", 90), ("87.5", 95), ("100", 95),
    ],
)  # fmt: skip
def test_the_percentile_is_read_off_the_published_grid(value: str, expected: int) -> None:
    """46 lies half-way from 40 (25) to 52 (50): 37.5 rounds half up to 40. 56 lies half-way from 50 to 75: 62.5, 65."""
    assert percentile(GRID, Decimal(value)) == expected


def test_without_deciles_the_line_runs_from_nought_to_the_lower_quartile() -> None:
    grid = Quantiles(q1=40, median=52, q3=60, p10=None, p90=None)
    assert percentile(grid, Decimal(20)) == 15  # half of 25 is 12.5
    assert percentile(grid, Decimal(80)) == 90  # half-way from 75 to 100 is 87.5


def test_where_quantiles_coincide_the_highest_counts() -> None:
    assert percentile(Quantiles(50, 50, 50, 50, 50), Decimal(50)) == 90
    assert percentile(Quantiles(0, 0, 0, 0, 0), Decimal(0)) == 90
    assert percentile(Quantiles(100, 100, 100, 100, 100), Decimal(100)) == 95


GRIDS = st.lists(st.integers(0, 100), min_size=5, max_size=5).map(sorted)


@given(GRIDS, st.booleans(), st.lists(st.decimals(0, 100, places=2), min_size=2, max_size=2).map(sorted))
def test_a_better_value_never_stands_lower_and_always_within_5_and_95(
    marks: list[int], with_deciles: bool, values: list[Decimal]
) -> None:
    p10, q1, median, q3, p90 = marks
    grid = Quantiles(q1, median, q3, p10 if with_deciles else None, p90 if with_deciles else None)
    lower, higher = (percentile(grid, value) for value in values)
    assert 5 <= lower <= higher <= 95
    assert lower % 5 == higher % 5 == 0
