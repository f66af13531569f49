"""A price list that was ever in force is never edited: what somebody bought under it stays what it was."""

from __future__ import annotations

import hashlib

import pytest

from maturity.plans.loader import EDITIONS, price_lists

#: The content of each file without comments and blank lines, which may be mended.
FROZEN = {"2026.1": "b82ad29a3038f0d1b69a8aa4427b672714093035218d30a5d7c6e3128da5f733"}


def content(version: str) -> str:
    lines = (EDITIONS / f"{version}.yaml").read_text("utf-8").splitlines()
    kept = [line.rstrip() for line in lines if line.strip() and not line.lstrip().startswith("#")]
    return hashlib.sha256("\n".join(kept).encode()).hexdigest()


def test_every_price_list_is_frozen() -> None:
    assert set(FROZEN) == set(price_lists()), "Add the hash of a new price list; take none away."


@pytest.mark.parametrize("version", FROZEN)
def test_a_price_list_is_what_it_was(version: str) -> None:
    assert content(version) == FROZEN[version], "Make a new file with a later day instead."


def test_every_name_is_in_both_languages() -> None:
    for prices in price_lists().values():
        things = (*prices.plans.values(), *prices.fees.values(), *prices.coupons.values(), *prices.taxes.values())
        assert all(thing.name.zh and thing.name.en for thing in things)
