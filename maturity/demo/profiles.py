"""The synthetic enterprises: industry, region, size, production type, and how capable each is, from one seed.

The shares and shifts are ours: they give the population the shape that published surveys describe (large before
small, electronics and cars before wood and metal goods, east before west) without naming figures those do not give.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from maturity.reference.industries import is_energy_intensive
from maturity.reference.regions import children, macro_region_of
from maturity.reference.size import size_class

SEED = 20261124
PERIODS = (2023, 2024, 2025)
SIZE = 10_400  # enterprises, each present in every year
#: division -> (share of enterprises, shift of capability, production type shares mass/batch/process/mixed)
INDUSTRIES: Mapping[str, tuple[int, float, tuple[int, int, int, int]]] = {
    "13": (5, -0.25, (0, 0, 3, 7)), "14": (5, 0.0, (0, 0, 3, 7)), "15": (3, 0.15, (0, 0, 6, 4)),
    "17": (5, -0.2, (2, 0, 2, 6)), "18": (5, -0.15, (7, 3, 0, 0)), "21": (3, -0.2, (6, 4, 0, 0)),
    "22": (3, -0.1, (0, 0, 6, 4)), "25": (2, 0.4, (0, 0, 10, 0)), "26": (7, 0.15, (0, 0, 9, 1)),
    "27": (4, 0.3, (0, 0, 5, 5)), "29": (6, -0.1, (6, 1, 1, 2)), "30": (7, -0.25, (1, 0, 8, 1)),
    "31": (2, 0.25, (0, 0, 9, 1)), "32": (3, 0.1, (0, 0, 8, 2)), "33": (8, -0.25, (5, 5, 0, 0)),
    "34": (8, 0.0, (4, 6, 0, 0)), "35": (7, 0.1, (2, 8, 0, 0)), "36": (6, 0.35, (9, 1, 0, 0)),
    "37": (2, 0.25, (3, 7, 0, 0)), "38": (8, 0.25, (7, 3, 0, 0)), "39": (7, 0.45, (9, 1, 0, 0)),
    "40": (3, 0.25, (4, 6, 0, 0)),
}  # fmt: skip
PROVINCES: Mapping[str, int] = {
    "320000": 16, "330000": 13, "440000": 15, "370000": 10, "310000": 3, "350000": 5, "130000": 4, "120000": 2,
    "110000": 2, "410000": 6, "420000": 5, "430000": 5, "340000": 6, "360000": 4, "140000": 2, "510000": 5,
    "500000": 3, "610000": 3, "450000": 2, "520000": 1, "530000": 1, "210000": 2, "220000": 1, "230000": 1,
}  # fmt: skip
SIZES = ("micro", "small", "medium", "large")
SIZE_SHARES = (0.06, 0.62, 0.25, 0.07)
#: size -> (fewest and most people, least revenue in 10,000 yuan that still makes it that size)
SIZE_RANGES: Mapping[str, tuple[int, int, int]] = {
    "micro": (5, 19, 60), "small": (20, 299, 300), "medium": (300, 999, 2000), "large": (1000, 9000, 40000),
}  # fmt: skip
MACRO_SHIFT = {"east": 0.1, "central": -0.05, "west": -0.12, "northeast": -0.12}
SIZE_SHIFT = {"micro": -0.75, "small": -0.2, "medium": 0.2, "large": 0.55}
INDUSTRY_WEIGHT = 0.7
OWN_SPREAD, DRIFT_SPREAD = 0.34, 0.04
#: what raises a share of two thirds by the points a year by which the national CNC rate has been rising
YEAR_SHIFT: Mapping[int, float] = {2023: -0.16, 2024: -0.08, 2025: 0.0}
TYPES = ("discrete_mass", "discrete_small_batch", "process", "mixed")
Floats = NDArray[np.float64]
Profiles = tuple[dict[str, Any], ...]


def draws(seed: int, name: str, period: int = 0) -> np.random.Generator:
    """A stream of its own for every name, and year where it is given: one more question leaves all others as they are.

    >>> float(draws(1, "a").random()) == float(draws(1, "a").random()) != float(draws(1, "b").random())
    True
    """
    return np.random.default_rng([seed, crc32(name.encode()), period])


def build_profiles(count: int, seed: int = SEED) -> Profiles:
    """The enterprises; the same for every year, and the first of many are the first of few."""
    codes, shares = list(INDUSTRIES), np.array([row[0] for row in INDUSTRIES.values()], dtype=float)
    industry = draws(seed, "industry").choice(codes, count, p=shares / shares.sum())
    places, weights = list(PROVINCES), np.array(list(PROVINCES.values()), dtype=float)
    province = draws(seed, "province").choice(places, count, p=weights / weights.sum())
    size = draws(seed, "size").choice(SIZES, count, p=SIZE_SHARES)
    chances = draws(seed, "particulars").random((count, 7))
    return tuple(_profile(*row) for row in zip(industry, province, size, chances, strict=True))


def _profile(industry: str, province: str, size: str, chance: Floats) -> dict[str, Any]:
    shares = np.cumsum(INDUSTRIES[industry][2]) / sum(INDUSTRIES[industry][2])
    kind = TYPES[int(np.searchsorted(shares, chance[0], side="right"))]
    cities = children(province)
    low, high, floor = SIZE_RANGES[size]
    headcount = int(low * (high / low) ** chance[1])
    revenue = max(int(headcount * (40 + 120 * chance[2])), floor)
    return {
        "production_type": kind,
        "size": size_class(headcount, Decimal(revenue)),
        "industry": str(industry),
        "region": cities[int(chance[3] * len(cities))].code,
        "energy_intensive": is_energy_intensive(str(industry)),
        "headcount": headcount,
        "revenue": str(revenue),
        "is_group": bool(size == "large" and chance[4] < 0.5),
        "designs_products": bool(chance[5] < 0.85),
        "exports": bool(chance[6] < 0.4),
    }


def capability_of(profiles: Profiles, period: int, seed: int) -> Floats:
    """How capable each enterprise is that year: an enterprise keeps its own level over the years and drifts slowly."""
    count = len(profiles)
    own = draws(seed, "own").normal(0, OWN_SPREAD, count)
    drift = draws(seed, "drift", period).normal(0, DRIFT_SPREAD, count)
    shift = [
        SIZE_SHIFT[p["size"]]
        + INDUSTRY_WEIGHT * INDUSTRIES[p["industry"]][1]
        + MACRO_SHIFT[macro_region_of(p["region"])]
        for p in profiles
    ]
    capability: Floats = own + drift + np.array(shift) + YEAR_SHIFT[period]
    return capability
