"""What a reviewer is qualified for: the industry, the framework, the level and the day, all four."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maturity.certification.conflicts import first_free_day, looked_back_to
from maturity.certification.reviewers import Qualification

LAST = date(2027, 6, 30)
MACHINERY = Qualification(("34", "35"), ("lianghua", "smart"), 3, "PSY-2026-0001", LAST)


def test_a_division_covers_every_industry_below_it() -> None:
    assert MACHINERY.covers("342", "lianghua", 3, LAST)
    assert MACHINERY.covers("3511", "lianghua", 3, LAST)


@pytest.mark.parametrize(
    ("industry", "framework", "level", "on"),
    [
        ("361", "lianghua", 3, LAST),
        ("342", "sme", 3, LAST),
        ("342", "lianghua", 4, LAST),
        ("342", "lianghua", 3, LAST + timedelta(days=1)),
    ],
    ids=["industry", "framework", "level", "expiry"],
)
def test_each_of_the_four_can_be_what_is_missing(industry: str, framework: str, level: int, on: date) -> None:
    assert not MACHINERY.covers(industry, framework, level, on)


def test_a_lower_level_is_covered() -> None:
    assert MACHINERY.covers("342", "smart", 1, LAST)


@given(st.dates(date(2000, 1, 1), date(2060, 1, 1)))
def test_the_first_free_day_is_the_first_that_does_not_look_back_to_the_last_day(last: date) -> None:
    free = first_free_day(last)
    assert looked_back_to(free) > last >= looked_back_to(free - timedelta(days=1))
