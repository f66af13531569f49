"""Columns of a population as the builder of a release needs them: codes of cells, groups, and what coalitions know.

Everything here is counting, done for all cells of a table at once, so that a release of a million rows is possible.
Groups of one company, which are most, are counted by cell alone; only the companies of larger groups are paired.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from maturity.benchmarks.cells import CellKey
from maturity.benchmarks.lattice import (
    GROUP,
    PARK,
    Table,
    nested_tables,
    place_groups,
    sector_of,
)
from maturity.benchmarks.population import Population, UnfitPopulation
from maturity.reference.regions import macro_region_of, regions

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Cells:
    """The cells of one table and, for each row of the population, which of them it lies in; -1 for none."""

    table: Table
    keys: tuple[CellKey, ...]
    codes: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.keys)

    @property
    def name(self) -> tuple[Table, str]:
        """What tells the table apart from all others: a named group is a table of one cell."""
        return self.table, self.keys[0].region if self.table.region == "group" else ""


def factorise(column: NDArray[np.str_]) -> tuple[list[str], Ints]:
    """The distinct values, sorted, and the number of its value for each row.

    >>> factorise(np.array(["b", "a", "b"]))[0], factorise(np.array(["b", "a", "b"]))[1].tolist()
    (['a', 'b'], [1, 0, 1])
    """
    width = column.dtype.itemsize // 4
    if len(column) and 0 < width <= 7:
        # Short codes are compared as numbers: sorting a million texts takes seconds.
        letters = np.ascontiguousarray(column).view(np.uint32).reshape(len(column), width)
        if int(letters.max(initial=0)) < 256:
            packed = np.zeros(len(column), dtype=np.int64)
            for position in range(width):
                packed = packed * 256 + letters[:, position]
            _, first, number = np.unique(packed, return_index=True, return_inverse=True)
            return [str(value) for value in column[first]], number.astype(np.int64)
    values, number = np.unique(column, return_inverse=True)
    return [str(value) for value in values], number.astype(np.int64)


def tables_of(population: Population) -> tuple[Cells, ...]:
    """Every table of the lattice over a population: the nested ones in order, then cities, named groups and parks."""
    divisions, division = factorise(population.industry)
    cities, city = factorise(population.city)
    sizes, size = factorise(population.size)
    unknown = [code for code in cities if code not in regions()]
    if unknown:
        raise UnfitPopulation(f"no places: {unknown}")
    provinces = [f"{code[:2]}0000" for code in cities]
    steps = {
        "": ([""], np.zeros(len(population), dtype=np.int64)),
        "sector": _mapped([sector_of(code) or None for code in divisions], division),
        "division": _mapped(divisions, division),
        "macro": _mapped([macro_region_of(code) for code in cities], city),
        "province": _mapped(provinces, city),
        "city": _mapped([None if code == whole else code for code, whole in zip(cities, provinces, strict=True)], city),
        "size": _mapped(sizes, size),
        "park": _parks(population.park),
    }
    found = [_table(table, steps) for table in nested_tables()]
    found.append(_table(Table("", "city", ""), steps))
    for group in place_groups().values():
        steps["group"] = _mapped([f"{GROUP}{group.id}" if group.holds(code) else None for code in cities], city)
        found.append(_table(Table("", "group", ""), steps))
    found.append(_table(Table("", "park", ""), steps))
    return tuple(cells for cells in found if len(cells))


def _mapped(names: Sequence[str | None], number: Ints) -> tuple[list[str], Ints]:
    """Codes of the names that values are mapped to; None puts a row outside the table."""
    known = sorted({name for name in names if name is not None})
    place = {name: at for at, name in enumerate(known)}
    return known, np.array([-1 if name is None else place[name] for name in names], dtype=np.int64)[number]


def _parks(column: NDArray[np.str_]) -> tuple[list[str], Ints]:
    values, number = factorise(column)
    return _mapped([f"{PARK}{value}" if value else None for value in values], number)


def _table(table: Table, steps: dict[str, tuple[list[str], Ints]]) -> Cells:
    """Number the cells that have a member, in the order of their keys."""
    (industries, i), (places, r), (sizes, s) = (steps[step] for step in (table.industry, table.region, table.size))
    wide = len(places) * len(sizes)
    combined = np.where((i < 0) | (r < 0) | (s < 0), -1, i * wide + r * len(sizes) + s)
    count = np.bincount(combined[combined >= 0], minlength=len(industries) * wide)
    present = np.flatnonzero(count)
    number = np.full(len(count) + 1, -1, dtype=np.int32)
    number[present] = np.arange(len(present))
    keys = tuple(
        CellKey(industries[code // wide], places[code // len(sizes) % len(places)], sizes[code % len(sizes)])
        for code in present.tolist()
    )
    return Cells(table, keys, number[combined])


class Members:
    """Rows with their ultimate group and the coalitions that know them: what sets of contributors are counted by."""

    def __init__(self, group: Ints, coalitions: Sequence[Ints]) -> None:
        count = len(group)
        self.group = group
        self.groups = int(group.max(initial=-1)) + 1
        size = np.bincount(group, minlength=self.groups)
        self.is_single: Bools = size[group] == 1
        self.multiple: Ints = np.flatnonzero(~self.is_single)
        known = [np.unique(rows) for rows in coalitions if len(rows)]
        row = np.concatenate([*known, np.zeros(0, dtype=np.int64)]).astype(np.int64)
        coalition = np.repeat(np.arange(len(known)), [len(rows) for rows in known])
        order = np.argsort(row, kind="stable")
        self._coalition = coalition[order]
        self._degree = np.bincount(row, minlength=count)
        self._start = np.concatenate([[0], np.cumsum(self._degree)])
        #: the most groups that one coalition knows a company of
        self.most_known = max((len(np.unique(group[rows])) for rows in known), default=0)

    def distinct(self, cell: NDArray[Any], row: Ints, cells: int) -> Ints:
        """How many distinct groups each cell has among these rows; a row may stand in several cells."""
        single = self.is_single[row]
        found = np.bincount(cell[single], minlength=cells)
        if not single.all():
            pair = np.unique(cell[~single].astype(np.int64) * self.groups + self.group[row[~single]])
            found = found + np.bincount(pair // self.groups, minlength=cells)
        return found

    def outside(self, cell: NDArray[Any], row: Ints, groups: Ints) -> tuple[Ints, Ints]:
        """For each cell and each coalition that knows all of some group in it: the cell, and how many groups have a
        company in it that the coalition does not know. `groups` counts those of each cell."""
        degree = self._degree[row]
        if not degree.any():
            return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
        _, pair, size = np.unique(
            cell.astype(np.int64) * self.groups + self.group[row], return_inverse=True, return_counts=True
        )
        entry = np.repeat(np.arange(len(row)), degree)
        offset = np.arange(len(entry)) - np.repeat(np.cumsum(degree) - degree, degree)
        coalition = self._coalition[self._start[row[entry]] + offset]
        known, first, times = np.unique(coalition * len(size) + pair[entry], return_index=True, return_counts=True)
        whole = times == size[known % len(size)]  # every company of the group that is in the cell
        at = coalition[first[whole]] * len(groups) + cell[entry[first[whole]]]
        touched, inside = np.unique(at, return_counts=True)
        where = touched % len(groups)
        return where, groups[where] - inside


class Pairs:
    """The companies of larger groups, paired with the cells of one table: how many of a group each cell holds."""

    def __init__(self, members: Members, codes: NDArray[np.int32], mask: Bools | None) -> None:
        rows = members.multiple if mask is None else members.multiple[mask[members.multiple]]
        rows = rows[codes[rows] >= 0]
        code = codes[rows].astype(np.int64)
        found, first, number, count = np.unique(
            code * max(members.groups, 1) + members.group[rows],
            return_index=True,
            return_inverse=True,
            return_counts=True,
        )
        self.cell: Ints = code[first]
        self.count: Ints = count
        #: the companies, those of a pair together, and where those of each pair begin
        self.rows: Ints = rows[np.argsort(number, kind="stable")]
        self.start: Ints = np.cumsum(count) - count

    def __len__(self) -> int:
        return len(self.cell)

    def number(self) -> Ints:
        """The pair of each company."""
        return np.repeat(np.arange(len(self)), self.count)

    def any(self, chosen: Bools) -> Bools:
        """For each pair whether one of its companies is chosen."""
        found: Bools = np.logical_or.reduceat(chosen[self.rows], self.start) if len(self) else np.zeros(0, np.bool_)
        return found


class Units:
    """The smallest sets of enterprises that no table tells apart, so that cells are compared without their rows."""

    def __init__(self, population: Population, tables: Sequence[Cells]) -> None:
        number = np.zeros(len(population), dtype=np.int64)
        for column in (population.industry, population.city, population.size, population.park):
            values, code = factorise(column)
            number = np.unique(number * max(len(values), 1) + code, return_inverse=True)[1].astype(np.int64)
        self.of_row: Ints = number
        self.count = int(number.max(initial=-1)) + 1
        example = np.zeros(self.count, dtype=np.int64)
        example[number] = np.arange(len(number))
        self.codes = [cells.codes[example] for cells in tables]


class Frame:
    """The cells of every table over the rows to which a figure applies: enterprises, groups, the largest group."""

    def __init__(self, tables: Sequence[Cells], members: Members, units: Units, mask: Bools | None) -> None:
        self.tables = tables
        self.members = members
        self.mask = mask
        self.enterprises: list[Ints] = []
        self.groups: list[Ints] = []
        self.largest: list[Ints] = []
        self.alone: list[Ints] = []  # groups of one company
        self.pairs: list[Pairs] = []
        singles = members.is_single if mask is None else members.is_single & mask
        everyone = units.of_row if mask is None else units.of_row[mask]
        self.unit_codes = units.codes
        self.unit_size = np.bincount(everyone, minlength=units.count)
        self.unit_alone = np.bincount(units.of_row[singles], minlength=units.count)
        for cells in tables:
            size = len(cells)
            pairs = Pairs(members, cells.codes, mask)
            code = cells.codes[singles & (cells.codes >= 0)]
            alone = np.bincount(code, minlength=size)
            self.alone.append(alone)
            self.enterprises.append(alone + np.bincount(pairs.cell, weights=pairs.count, minlength=size).astype(int))
            self.groups.append(alone + np.bincount(pairs.cell, minlength=size))
            largest = (alone > 0).astype(np.int64)
            np.maximum.at(largest, pairs.cell, pairs.count)
            self.largest.append(largest)
            self.pairs.append(pairs)

    @cached_property
    def _orders(self) -> dict[int, tuple[Ints, Ints]]:
        return {}

    def rows_of(self, table: int, code: int) -> Ints:
        """The rows of one cell."""
        if table not in self._orders:
            codes = self.tables[table].codes
            codes = codes if self.mask is None else np.where(self.mask, codes, -1)
            order = np.argsort(codes, kind="stable")
            self._orders[table] = order, np.searchsorted(codes[order], np.arange(len(self.tables[table]) + 1))
        order, start = self._orders[table]
        return order[start[code] : start[code + 1]]
