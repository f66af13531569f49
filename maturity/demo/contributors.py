"""The synthetic population as contributors to a release: groups, consultancies, criteria and values in columns.

A holding owns two to eight of the others, each consultancy knows some forty clients. Both are drawn from the seed, the
same in every year, so that the rules of disclosure control have something to hold against in the demonstration too.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from maturity.adaptive.framework import Framework
from maturity.benchmarks import population as columns_of
from maturity.benchmarks.definitions import AtLeast, Rule, Several, criteria, names_read, rates, scores
from maturity.demo.columns import holds_over, path_masks
from maturity.demo.facts import Columns, applies_to
from maturity.demo.population import Population
from maturity.demo.profiles import SEED, SIZE, Profiles, draws
from maturity.questionnaires.conditions import Leaf
from maturity.reference.industries import division_of

OWNED = (2, 8)  # companies of a group besides the one at its head
CONSULTANCIES, CLIENTS = 60, 40
#: of how many a consultancy's clients are, where there are fewer than the whole population
REVIEWED = 0.35


def contributors(framework: Framework, population: Population, seed: int = SEED) -> columns_of.Population:
    """One year's contributors; the row of an enterprise is the same in every year."""
    profiles, found, count = population.profiles, population.scores, len(population)
    group = groups_of(profiles, seed)
    values = {name: (found.totals.get(name, found.dimensions.get(name))) for name in scores(framework)}
    applies, exists = path_masks(framework, profiles, population.columns)
    applying = {
        dimension.id: np.logical_or.reduce([applies[item.id] for part in dimension.groups for item in part.indicators])
        for dimension in framework.scoring.dimensions
    }
    return columns_of.Population(
        enterprise=np.array([f"synthetic-{row:06}" for row in range(count)]),
        group=group,
        industry=np.array([division_of(profile["industry"]) for profile in profiles]),
        city=np.array([profile["region"] for profile in profiles]),
        park=np.array([""] * count),
        size=np.array([profile["size"] for profile in profiles]),
        level=found.level.astype(np.int8),
        values={
            name: np.where(applying.get(name, True), column / 100, np.nan)
            for name, column in values.items()
            if column is not None
        }
        | {name: population.rate(name) for name in rates(framework)},
        criteria={
            name: met_over(framework, rule, profiles, population.columns, exists)
            for name, rule in criteria(framework).items()
        },
        reviewed=draws(seed, "reviewed", population.period).random(count) < REVIEWED,
        coalitions=coalitions_of(group, seed),
    )


def groups_of(profiles: Profiles, seed: int) -> NDArray[np.int64]:
    """The ultimate group of each enterprise: heads of groups own others of their province first, each is owned once."""
    count = len(profiles)
    group = np.arange(count)
    order = draws(seed, "owned").permutation(count)
    wanted = draws(seed, "owns").integers(OWNED[0], OWNED[1] + 1, count)
    free = {int(row) for row in order if not profiles[row]["is_group"]}
    by_province: dict[str, list[int]] = {}
    for row in order.tolist():
        if row in free:
            by_province.setdefault(profiles[row]["region"][:2], []).append(row)
    for head in range(count):
        if profiles[head]["is_group"]:
            near = by_province.get(profiles[head]["region"][:2], [])
            owned, near[: wanted[head]] = near[: wanted[head]], []
            group[owned] = head
    return np.unique(group, return_inverse=True)[1].astype(np.int64)


def coalitions_of(group: NDArray[np.int64], seed: int) -> tuple[NDArray[np.int64], ...]:
    """Who knows whom: each consultancy its clients, each group of several companies its own."""
    count = len(group)
    clients = max(CLIENTS * count // SIZE, 3)
    random = draws(seed, "consultancies")
    known = [np.sort(random.choice(count, clients, replace=False)) for _ in range(CONSULTANCIES)]
    order = np.argsort(group, kind="stable")
    companies = np.split(order, np.flatnonzero(np.diff(group[order])) + 1)
    return (*known, *(rows for rows in companies if len(rows) > 1))


def met_over(
    framework: Framework, rule: Rule, profiles: Profiles, columns: Columns, exists: dict[str, NDArray[np.bool_]]
) -> NDArray[np.int8]:
    """A criterion over columns, as `definitions.is_met` says it of one enterprise: 1 met, 0 not, -1 does not apply."""
    edition, count = framework.edition, len(profiles)
    match rule:
        case Several(word=word, parts=parts):
            found = np.stack([met_over(framework, part, profiles, columns, exists) for part in parts])
            if word == "all":
                return np.where((found < 0).any(axis=0), -1, found.min(axis=0)).astype(np.int8)
            if word == "any":
                return found.max(axis=0)
            first: NDArray[np.int8] = np.take_along_axis(found, (found >= 0).argmax(axis=0)[None], axis=0)[0]
            return first
        case AtLeast(rate=rate, least=least):
            part, whole = columns[rate.part], columns[rate.whole]
            met = exists[rate.part] & exists[rate.whole] & (whole > 0) & (100 * part >= float(least) * whole)
        case Leaf():
            met = holds_over(framework, rule, columns, exists, count)
    asked = [applies_to(edition.questions[edition.asked_by[name]].applies, profiles) for name in names_read(rule)]
    return np.where(np.logical_and.reduce(asked), met, -1).astype(np.int8)
