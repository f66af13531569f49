from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maturity.reference.size import SIZES, explain_size, is_above_scale, size_class

HEADCOUNTS = {0: 0, 19: 0, 20: 1, 299: 1, 300: 2, 999: 2, 1000: 3, 2_000_000: 3}
REVENUES = {
    "0": 0, "299.99": 0, "300": 1, "1999.99": 1, "2000": 2, "39999.99": 2, "40000": 3, "1000000000": 3,
}  # fmt: skip


@pytest.mark.parametrize("headcount", HEADCOUNTS)
@pytest.mark.parametrize("revenue", REVENUES)
def test_the_lower_of_both_limits_decides_at_every_boundary(headcount: int, revenue: str) -> None:
    expected = SIZES[min(HEADCOUNTS[headcount], REVENUES[revenue])]
    assert size_class(headcount, Decimal(revenue)) == expected


@given(st.integers(0, 5000), st.decimals(0, 100_000, places=2), st.integers(0, 500), st.decimals(0, 5000, places=2))
def test_growing_never_lowers_the_class(people: int, revenue: Decimal, hired: int, earned: Decimal) -> None:
    before, after = size_class(people, revenue), size_class(people + hired, revenue + earned)
    assert SIZES.index(after) >= SIZES.index(before)


def test_the_reasons_run_from_large_to_small() -> None:
    assert [reason.size for reason in explain_size(50, Decimal(500))] == ["large", "medium", "small"]


def test_a_reason_names_the_limit_that_was_missed() -> None:
    large = explain_size(1200, Decimal(39999))[0]
    assert (large.headcount_met, large.revenue_met) == (True, False)
    assert (large.least_headcount, large.least_revenue_wan) == (1000, Decimal(40000))


def test_many_people_and_little_revenue_make_a_micro_enterprise() -> None:
    assert size_class(5000, Decimal(299)) == "micro"


@pytest.mark.parametrize(("revenue", "above"), [("1999.99", False), ("2000", True), ("2000.01", True)])
def test_above_scale_begins_at_twenty_million_yuan(revenue: str, above: bool) -> None:
    assert is_above_scale(Decimal(revenue)) == above
