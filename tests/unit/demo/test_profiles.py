"""The synthetic enterprises are the same for everybody and spread over industries, regions and sizes as declared."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from random import Random

import pytest

from maturity.adaptive.profile import build_profile
from maturity.demo.names import enterprise_name
from maturity.demo.profiles import (
    INDUSTRIES,
    MACRO_SHIFT,
    PROVINCES,
    SIZE,
    SIZE_SHARES,
    SIZES,
    TYPES,
    build_profiles,
)
from maturity.demo.service import BROWSABLE
from maturity.reference.regions import macro_region_of
from maturity.reference.size import size_class
from maturity.reference.uscc import is_synthetic, synthetic, validate

PROFILES = build_profiles(SIZE)
SHOWN = PROFILES[:BROWSABLE]


def test_there_are_more_than_ten_thousand_and_more_than_four_hundred_can_be_browsed() -> None:
    assert len(PROFILES) > 10_000
    assert BROWSABLE >= 400


def test_the_first_of_many_are_the_first_of_few() -> None:
    assert build_profiles(50) == PROFILES[:50]


def test_another_seed_makes_other_enterprises() -> None:
    assert build_profiles(50, seed=1) != PROFILES[:50]


def test_every_profile_is_one_the_site_would_have_made() -> None:
    for profile in SHOWN:
        assert build_profile(profile) == profile


@pytest.mark.parametrize("attribute", ["industry", "size", "production_type"])
def test_every_kind_of_enterprise_can_be_browsed(attribute: str) -> None:
    expected = {"industry": set(INDUSTRIES), "size": set(SIZES), "production_type": set(TYPES)}
    assert {profile[attribute] for profile in SHOWN} == expected[attribute]


def test_every_macro_region_can_be_browsed() -> None:
    assert {macro_region_of(profile["region"]) for profile in SHOWN} == set(MACRO_SHIFT)


def test_shares_of_size_industry_and_province_are_the_declared_ones() -> None:
    sizes = Counter(profile["size"] for profile in PROFILES)
    for size, share in zip(SIZES, SIZE_SHARES, strict=True):
        assert sizes[size] / SIZE == pytest.approx(share, abs=0.015)
    for attribute, declared, digits in (
        ("industry", {code: row[0] for code, row in INDUSTRIES.items()}, 2),
        ("region", PROVINCES, 2),
    ):
        found = Counter(profile[attribute][:digits] for profile in PROFILES)
        for code, share in declared.items():
            assert found[code[:digits]] / SIZE == pytest.approx(share / sum(declared.values()), abs=0.012), code


def test_production_types_are_those_of_the_industry() -> None:
    for profile in PROFILES:
        shares = INDUSTRIES[profile["industry"]][2]
        assert shares[TYPES.index(profile["production_type"])] > 0


def test_the_size_is_what_the_official_rule_makes_of_people_and_revenue() -> None:
    for profile in PROFILES:
        assert profile["size"] == size_class(profile["headcount"], Decimal(profile["revenue"]))


def test_only_large_enterprises_are_groups_and_about_half_of_them() -> None:
    groups = Counter(profile["size"] for profile in PROFILES if profile["is_group"])
    assert set(groups) == {"large"}
    assert groups["large"] / sum(profile["size"] == "large" for profile in PROFILES) == pytest.approx(0.5, abs=0.06)


def test_names_are_told_apart_and_say_that_they_are_made_up() -> None:
    names = [enterprise_name(Random(3), profile, number) for number, profile in enumerate(SHOWN)]
    assert len(set(names)) == len(names)
    assert all("（演示" in name for name in names)


def test_credit_codes_are_valid_different_and_recognisably_made_up() -> None:
    random = Random(3)
    codes = [synthetic(random, profile["region"]) for profile in SHOWN]
    assert len(set(codes)) == len(codes)
    for code in codes:
        assert validate(code) == code
        assert is_synthetic(code)
