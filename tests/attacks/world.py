"""A country to attack: industries, provinces and sizes of different weight, groups with strongholds, consultancies.

The shape is that of the methods (B.1): finest cells from a handful to hundreds, larger groups with three to twenty-five
companies, some of which hold nearly all of a cell, and a year later four fifths report anew and one in twelve has left.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache

import numpy as np

from maturity.benchmarks.build import Built, Earlier, build_release
from maturity.benchmarks.parameters import load_parameters
from maturity.benchmarks.population import Population
from maturity.reference.regions import children

SEED, SIZE = 7, 6000
SECRET = b"a secret of the attacked country"
INDUSTRIES = ("13", "14", "17", "25", "26", "30", "31", "34", "35", "36", "38", "39", "19")
PROVINCES = ("320000", "330000", "440000", "370000", "310000", "410000", "420000", "510000", "610000", "210000",
             "630000", "540000")  # fmt: skip
SIZES = ("small", "medium", "large")
LEVELS = (38, 52, 66)
GROUPS, STRONGHOLDS, CONSULTANCIES, CLIENTS = 90, 25, 30, 40
FEW_OF_INDUSTRY = 5  # enterprises of the last industry; those of the last two provinces are 16 and 4


@dataclass(frozen=True)
class World:
    """Two years of contributors, and the releases of both under the rules."""

    before: Population
    today: Population
    first: Built
    second: Built

    @property
    def earlier(self) -> Earlier:
        return Earlier(self.before, self.first.published)


@cache
def world() -> World:
    rules = load_parameters()
    before = country(SEED)
    today = a_year_on(before, SEED)
    first = build_release(before, rules, secret=SECRET)
    second = build_release(today, rules, earlier=[Earlier(before, first.published)], secret=SECRET)
    return World(before, today, first, second)


def country(seed: int, count: int = SIZE) -> Population:
    random = np.random.default_rng(seed)
    industry = random.choice(len(INDUSTRIES) - 1, count, p=_shares(random, len(INDUSTRIES) - 1))
    province = random.choice(len(PROVINCES) - 2, count, p=_shares(random, len(PROVINCES) - 2))
    industry[:FEW_OF_INDUSTRY] = len(INDUSTRIES) - 1
    province[10:26], province[26:30] = len(PROVINCES) - 2, len(PROVINCES) - 1
    size = random.choice(len(SIZES), count, p=(0.62, 0.28, 0.1))
    place = random.random(count)
    shift = random.normal(0, 4, len(INDUSTRIES))[industry] + random.normal(0, 3, len(PROVINCES))[province] + 4 * size
    capability = np.round(np.clip(44 + shift + random.normal(0, 12, count), 0, 100), 2)
    cities = [[place.code for place in children(code)] for code in PROVINCES]
    group = _groups(random, industry, province)
    return Population(
        enterprise=np.array([f"{row:06}" for row in range(count)]),
        group=group,
        industry=np.array(INDUSTRIES)[industry],
        city=np.array([cities[p][int(at * at * len(cities[p]))] for p, at in zip(province, place, strict=True)]),
        park=np.array([""] * count),
        size=np.array(SIZES)[size],
        level=(1 + np.searchsorted(LEVELS, capability, side="right")).astype(np.int8),
        values={"capability": capability,
                "cnc_rate": np.round(np.clip(capability + random.normal(15, 15, count), 0, 100), 2)},
        criteria={name: (random.random(count) < capability / 100 + tilt).astype(np.int8)
                  for name, tilt in (("erp", 0.1), ("smart_ready", -0.35))},
        reviewed=random.random(count) < 0.3,
        coalitions=_coalitions(random, group),
    )  # fmt: skip


def _shares(random: np.random.Generator, count: int) -> np.ndarray:
    weight = np.exp(random.normal(0, 1.1, count))
    return weight / weight.sum()


def _groups(random: np.random.Generator, industry: np.ndarray, province: np.ndarray) -> np.ndarray:
    """Holdings over the country, and strongholds that hold all but two of an industry in a province."""
    count = len(industry)
    group = np.arange(count)
    for holding in range(GROUPS):
        group[random.choice(count, int(random.integers(3, 26)), replace=False)] = count + holding
    cells = industry * len(PROVINCES) + province
    found, size = np.unique(cells, return_counts=True)
    for number, cell in enumerate(random.permutation(found[(size >= 10) & (size <= 30)])[:STRONGHOLDS]):
        group[np.flatnonzero(cells == cell)[2:]] = count + GROUPS + number
    return np.unique(group, return_inverse=True)[1].astype(np.int64)


def _coalitions(random: np.random.Generator, group: np.ndarray) -> tuple[np.ndarray, ...]:
    clients = [np.sort(random.choice(len(group), CLIENTS, replace=False)) for _ in range(CONSULTANCIES)]
    companies = [np.flatnonzero(group == number) for number in np.flatnonzero(np.bincount(group) > 1)]
    return (*clients, *companies)


def a_year_on(population: Population, seed: int) -> Population:
    """Four fifths report anew, one in twelve has left."""
    random = np.random.default_rng([seed, 1])
    count = len(population)
    anew = random.random(count) < 0.8
    capability = np.round(np.clip(population.values["capability"] + random.normal(1, 2, count), 0, 100), 2)
    values = {name: np.where(anew, capability if name == "capability" else column, column)
              for name, column in population.values.items()}  # fmt: skip
    level = (1 + np.searchsorted(LEVELS, values["capability"], side="right")).astype(np.int8)
    return replace(population, values=values, level=level).rows(random.random(count) > 1 / 12)
