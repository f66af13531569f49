"""What a release's cells are made of, told without the product's code: sets of rows by key.

The attacker's referee: it knows the population and says how many groups a published difference holds.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from itertools import combinations
from typing import Any

from maturity.benchmarks.cells import CellKey
from maturity.benchmarks.lattice import place_groups, sectors
from maturity.benchmarks.population import Population
from maturity.reference.regions import macro_region_of

Rows = frozenset[int]
FAR = 400


class Referee:
    """Members of every cell of the lattice."""

    def __init__(self, population: Population) -> None:
        self.population = population
        self.group: list[int] = population.group.tolist()
        held = {division: f"s:{sector.id}" for sector in sectors().values() for division in sector.divisions}
        found: dict[CellKey, set[int]] = {}
        columns = (population.industry, population.city, population.size)
        for row, (industry, city, size) in enumerate(zip(*(column.tolist() for column in columns), strict=True)):
            for key in keys_of(industry, city, size, held.get(industry)):
                found.setdefault(key, set()).add(row)
            if population.park[row]:
                found.setdefault(CellKey("", f"p:{population.park[row]}", ""), set()).add(row)
        self.cells: dict[CellKey, Rows] = {key: frozenset(rows) for key, rows in found.items()}

    def groups(self, rows: Any) -> int:
        return len({self.group[row] for row in rows})


@cache
def keys_of(industry: str, city: str, size: str, sector: str | None) -> tuple[CellKey, ...]:
    return tuple(_keys(industry, city, size, sector))


def _keys(industry: str, city: str, size: str, sector: str | None) -> Iterator[CellKey]:
    for i in ("", sector, industry):
        for r in ("", macro_region_of(city), f"{city[:2]}0000"):
            for s in ("", size):
                if i is not None:
                    yield CellKey(i, r, s)
    yield CellKey("", city, "")
    for group in place_groups().values():
        if {city, f"{city[:2]}0000"} & set(group.places):
            yield CellKey("", f"g:{group.id}", "")


def overlaps(referee: Referee, keys: frozenset[CellKey]) -> Iterator[tuple[CellKey, CellKey, Rows]]:
    """Pairs of published cells that share a member, and what is not in both; far larger ones than the other aside, of
    which nobody can subtract it."""
    holding: dict[int, list[CellKey]] = {}
    for key in keys:
        for row in referee.cells[key]:
            holding.setdefault(row, []).append(key)
    pairs = {pair for held in holding.values() for pair in combinations(sorted(held), 2)}
    for one, other in pairs:
        a, b = referee.cells[one], referee.cells[other]
        if abs(len(a) - len(b)) < FAR:
            yield one, other, a ^ b
