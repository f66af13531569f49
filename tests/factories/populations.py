"""Made-up contributors: of any shape, drawn from a seed, small enough to be counted one by one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from maturity.benchmarks.population import Population

CITIES = ("370100", "370200", "320500", "330100", "420100", "440100", "440300", "110105")
INDUSTRIES = ("34", "35", "39", "26", "31")
SIZES = ("small", "medium", "large")


def random_population(seed: int, count: int, *, groups: float = 0.3, coalitions: int = 3) -> Population:
    """Contributors over a few industries and cities; `groups` is the part of them that belongs to larger groups."""
    random = np.random.default_rng(seed)
    group = np.arange(count)
    joined = np.flatnonzero(random.random(count) < groups)
    group[joined] = random.choice(max(count // 6, 1), len(joined))
    group = np.unique(group, return_inverse=True)[1]
    capability = np.clip(np.round(random.normal(50, 14, count), 2), 0, 100)
    partly = np.where(random.random(count) < 0.8, np.round(random.random(count) * 100, 2), np.nan)
    place = random.choice(len(CITIES), count, p=_shares(random, len(CITIES)))
    return Population(
        enterprise=np.array([f"{row:05}" for row in range(count)]),
        group=group.astype(np.int64),
        industry=random.choice(INDUSTRIES, count, p=_shares(random, len(INDUSTRIES))),
        city=np.array(CITIES)[place],
        park=np.where((place < 2) & (random.random(count) < 0.5), "north", ""),
        size=random.choice(SIZES, count, p=(0.6, 0.3, 0.1)),
        level=(1 + np.searchsorted([45, 58, 72], capability)).astype(np.int8),
        values={"capability": capability, "partly": partly},
        criteria={
            "erp": (random.random(count) < capability / 100).astype(np.int8),
            "plm": np.where(random.random(count) < 0.7, random.random(count) < 0.4, -1).astype(np.int8),
        },
        reviewed=random.random(count) < 0.3,
        coalitions=tuple(np.sort(random.choice(count, min(count // 12 + 1, 30), False)) for _ in range(coalitions)),
    )


def _shares(random: np.random.Generator, count: int) -> Any:
    weight = random.random(count) ** 2 + 0.02
    return weight / weight.sum()


def moved(population: Population, seed: int, *, changed: float, gone: float) -> Population:
    """The same contributors a year on: a part of them reports anew, a part has left."""
    random = np.random.default_rng(seed)
    report = random.random(len(population)) < changed
    capability = population.values["capability"]
    values = dict(population.values) | {
        "capability": np.where(report, np.round(np.clip(capability + random.normal(0, 3, len(report)), 0, 100), 2),
                               capability)
    }  # fmt: skip
    return replace(population, values=values).rows(random.random(len(population)) >= gone)
