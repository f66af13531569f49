"""What an enterprise is, from what is known of it: computed where it can be, refused with every mistake at once."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from maturity.adaptive.profile import MOST_PEOPLE, MOST_REVENUE_WAN, InvalidProfile, build_profile
from maturity.organisations import forms

ENTERPRISE: dict[str, Any] = {
    "industry": "36",
    "region": "330200",
    "headcount": 350,
    "revenue": 24000,
    "production_type": "discrete_mass",
}


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        (24000, "24000"), ("24,000", "24000"), (Decimal("36000.0000"), "36000"), (Decimal("0.5000"), "0.5"),
        ("8870", "8870"), (0, "0"), (10**8, "100000000"),
    ],
)  # fmt: skip
def test_revenue_is_kept_as_a_plain_decimal(given: Any, kept: str) -> None:
    """Never in powers of ten: conditions compare it as a number."""
    assert build_profile(ENTERPRISE | {"revenue": given})["revenue"] == kept


def test_size_and_energy_intensity_are_computed() -> None:
    profile = build_profile(ENTERPRISE | {"industry": "30", "headcount": 1000, "revenue": 40000})
    assert (profile["size"], profile["energy_intensive"]) == ("large", True)


def test_what_is_not_said_is_no() -> None:
    profile = build_profile(ENTERPRISE)
    assert not any(profile[flag] for flag in ("is_group", "designs_products", "exports"))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("headcount", -1), ("headcount", 3.5), ("headcount", "50%"), ("headcount", None), ("headcount", True),
        ("headcount", MOST_PEOPLE + 1), ("headcount", [3]), ("headcount", "1e999999"), ("revenue", "NaN"),
        ("revenue", MOST_REVENUE_WAN + 1), ("industry", "99"), ("industry", ""), ("industry", 3), ("region", "xx"),
        ("region", "320583"), ("production_type", "batch"), ("production_type", []), ("exports", "yes"),
        ("is_group", 1),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_by_name_in_both_languages(field: str, value: Any) -> None:
    with pytest.raises(InvalidProfile) as refused:
        build_profile(ENTERPRISE | {field: value})
    (problem,) = refused.value.problems
    assert problem.field == field
    for text in (problem.message, problem.mend):
        assert text.zh
        assert text.en


def test_every_mistake_is_named_at_once() -> None:
    with pytest.raises(InvalidProfile) as refused:
        build_profile({})
    fields = [problem.field for problem in refused.value.problems]
    assert fields == ["headcount", "revenue", "industry", "region", "production_type"]


def test_the_form_of_the_site_takes_no_more_than_a_profile_does() -> None:
    assert forms.MOST_PEOPLE <= MOST_PEOPLE
    assert forms.MOST_REVENUE_WAN <= MOST_REVENUE_WAN
