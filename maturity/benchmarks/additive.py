"""Additive statistics (R9): means and exact shares, which can be subtracted from each other.

They are published at few places only: the country, macro-regions and provinces over all industries; sectors and
divisions over all regions. These are two trees over one table of division × province, and whoever has them can add and
subtract: what a published node has beyond the published nodes under it is known exactly (an atom). Three rules:

* primary: a mean stands on enough groups, none of which is a large part of it, and no group that takes itself out of
  the sum comes near the largest other one. Scores end at 0 and at 100, so what can dominate is not a value but the
  number of companies, and a sum near either end leaves no room to be wrong in;
* complementary: every atom is empty or could be published itself, else the node under it with the fewest enterprises is
  withheld, too;
* audit: with every published mean taken as exact, every count as known, and the bounds that published quantiles and
  shares of the table's cells give, no group of cells that could not be published itself can be bounded more tightly
  than to `least_interval` points. A rectangle of the table that can be shifted proves it; where none does, linear
  programming decides.

Sums are in hundredths of a point, whole numbers; a criterion counts 0 or 100 points.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from functools import partial
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from maturity.benchmarks import disclosure
from maturity.benchmarks.cells import Quantiles
from maturity.benchmarks.columns import Bools, Cells, Ints, Members
from maturity.benchmarks.lattice import Table
from maturity.benchmarks.parameters import Parameters

Floats = NDArray[np.float64]
#: the labels of the atoms of a tree, and for each cell of the interior the number of its label
Numbered = tuple[Ints, Ints]
WHOLE = 10_000  # hundredths of a point: the most an enterprise can add
INTERIOR = Table("division", "province", "")
TREES = (
    (Table("", "", ""), Table("", "macro", ""), Table("", "province", "")),
    (Table("", "", ""), Table("sector", "", ""), Table("division", "", "")),
)
#: a table that needs more linear programs than this for one figure is too thin for means, and shows none of it
MOST_PROGRAMS = 40
#: part of the largest group that the two largest may have together
_TWO = 2


class Weight(NamedTuple):
    """What a set of enterprises brings to a sum: how many they are, of how many groups, and the largest of these."""

    enterprises: int
    groups: int
    largest: int
    second: int
    total: int
    room: int  # what the sum lacks to its most
    total_of_two: int  # the most that two groups bring to the sum
    room_of_two: int  # the most that two groups could still bring


def may_show_mean(weight: Weight, rules: Parameters) -> bool:
    """R9, primary: whether a mean over these enterprises may be published.

    Dominance: one group has at most `largest_for_means` percent of the enterprises, two at most twice that. The p% rule
    for scores with ends: without the two groups that matter most, the rest could be lower and higher by at least
    `least_interval` points for each company of the largest group.
    """
    if weight.groups < rules.least_for_means:
        return False
    part = rules.largest_for_means * weight.enterprises
    if 100 * weight.largest > part or 100 * (weight.largest + weight.second) > _TWO * part:
        return False
    left = min(weight.total - weight.total_of_two, weight.room - weight.room_of_two)
    return left >= 100 * rules.least_interval * weight.largest


def is_safe_atom(may_stand: bool, is_empty: bool) -> bool:
    """R9, complementary: what is left of a published sum is nothing, or could be published itself."""
    return is_empty or may_stand


def is_wide_enough(up: float, down: float, enterprises: int, *, is_criterion: bool, rules: Parameters) -> bool:
    """R9, audit: a sum that can be so much higher and lower is not known. Of a criterion, whose sum is a whole number
    of enterprises, one more or one fewer must be possible besides."""
    if is_criterion and max(up, down) < WHOLE * (1 - 1e-6):
        return False
    return up + down >= 100 * rules.least_interval * enterprises * (1 - 1e-6)


def bounds_by_quantiles(grid: Quantiles, step: int) -> tuple[float, float]:
    """Between what a mean must lie, in points, given published quantiles: each part of the values at its lower and at
    its upper end, and the rounding undone by a step.

    >>> bounds_by_quantiles(Quantiles(40, 50, 60, None, None), 2)
    (36.0, 64.0)
    """
    points = [(0, 0.0)]
    known = ((10, grid.p10), (25, grid.q1), (50, grid.median), (75, grid.q3), (90, grid.p90))
    points += [(level, float(value)) for level, value in known if value is not None]
    points.append((100, 100.0))
    low = high = 0.0
    for (before, floor), (after, ceiling) in zip(points, points[1:], strict=False):
        low += (after - before) / 100 * max(floor - step, 0.0)
        high += (after - before) / 100 * min(ceiling + step, 100.0)
    return round(low, 6), round(high, 6)


def rounded_mean(total: int, enterprises: int, rules: Parameters) -> Decimal:
    """The mean in points, rounded half up.

    >>> rules = __import__("maturity.benchmarks.parameters", fromlist=["_"]).load_parameters()
    >>> str(rounded_mean(123450, 20, rules))
    '61.7'
    """
    exact = Decimal(total) / (100 * enterprises)
    return exact.quantize(Decimal(1).scaleb(-rules.mean_places), ROUND_HALF_UP)


class Moves:
    """Cells of the interior in which somebody entered, left or reported anew, each with the group that did."""

    def __init__(self, cell: Ints, group: Ints) -> None:
        pairs = np.unique(np.stack([cell, group]), axis=1) if len(cell) else np.zeros((2, 0), dtype=np.int64)
        self.cell, self.group = pairs

    def groups(self, cells: Ints, enough: int) -> int:
        """How many distinct groups did in these cells; where one cell alone has enough of them, only that."""
        start, end = np.searchsorted(self.cell, cells), np.searchsorted(self.cell, cells, side="right")
        most = int((end - start).max(initial=0))
        if most >= enough:
            return most
        return len(np.unique(np.concatenate([self.group[a:b] for a, b in zip(start, end, strict=True)])))


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure to publish means of: values by enterprise in hundredths, -1 where it does not apply; which nodes the
    other rules let out, by table; and between what the sum of each cell of the interior must lie, by published cells.

    `moves` are, for each earlier release, who entered, left or reported anew.
    """

    name: str
    values: NDArray[np.int32]
    is_criterion: bool
    may: Mapping[Table, Bools]
    low: Floats
    high: Floats
    moves: tuple[Moves, ...] = field(default=())


@dataclass(slots=True)
class Means:
    """Published means by table and cell, and what is withheld: by a rule, of a table's cell."""

    published: dict[Table, dict[int, Decimal]]
    withheld: list[tuple[Table, int, str]]


class Additive:
    """The two trees over the interior of a population, and what of any part of it may be published."""

    def __init__(self, tables: Sequence[Cells], members: Members, rules: Parameters) -> None:
        self.rules = rules
        self.members = members
        self.tables = {cells.table: cells for cells in tables}
        self.interior = self.tables[INTERIOR]
        codes = self.interior.codes
        self.order: Ints = np.argsort(codes, kind="stable")
        self.start: Ints = np.searchsorted(codes[self.order], np.arange(len(self.interior) + 1))
        example = self.order[self.start[:-1]]
        #: the node of each table that a cell of the interior lies in; -1 for none
        self.node = {
            table: self.tables[table].codes[example].astype(np.int64)
            if table in self.tables
            else np.full(len(self.interior), -1)
            for tree in TREES
            for table in tree
        }

    def publish(self, figure: Figure) -> Means:
        """The means of one figure under all three rules."""
        return _Publication(self, figure).run()


class _Parts:
    """What each cell of the interior brings to a sum: groups of one company by cell, the others one by one."""

    def __init__(self, additive: Additive, figure: Figure) -> None:
        codes, members, count = additive.interior.codes, additive.members, len(additive.interior)
        applies = (figure.values >= 0) & (codes >= 0)
        row = np.flatnonzero(applies & members.is_single)
        row = row[np.argsort(figure.values[row].astype(np.uint16), kind="stable")]
        cell = codes[row]
        by_cell = np.argsort(cell.astype(np.uint16) if count < 2**16 else cell, kind="stable")
        value = np.concatenate([figure.values[row[by_cell]].astype(np.int64), [0]])
        self.alone = np.bincount(cell, minlength=count)
        self.total = np.bincount(cell, weights=figure.values[row], minlength=count).astype(np.int64)
        end = np.cumsum(self.alone)
        start = end - self.alone
        #: of the groups of one company the two highest scores of each cell, and the two with the most room above
        self.highest = np.stack([np.where(self.alone > n, value[end - 1 - n], 0) for n in (0, 1)])
        self.lowest = np.stack([np.where(self.alone > n, WHOLE - value[np.minimum(start + n, len(row))], 0)
                                for n in (0, 1)])  # fmt: skip
        several = np.flatnonzero(applies & ~members.is_single)
        several = several[np.argsort(codes[several], kind="stable")]
        self.start = np.searchsorted(codes[several], np.arange(count + 1))
        self.group = np.unique(members.group[several], return_inverse=True)[1]
        self.value = figure.values[several].astype(np.int64)

    def weight(self, cells: Ints) -> Weight:
        """What a set of cells brings to a sum."""
        at = np.concatenate([np.arange(self.start[cell], self.start[cell + 1]) for cell in cells])
        group, value = self.group[at], self.value[at]
        size = np.bincount(group)
        total = np.bincount(group, weights=value).astype(np.int64)[size > 0]
        size = size[size > 0]
        room = WHOLE * size - total
        alone, whole = int(self.alone[cells].sum()), int(self.total[cells].sum() + total.sum())
        ones = np.ones(min(alone, _TWO), dtype=np.int64)
        second, largest = np.sort(np.concatenate([[0, 0], ones, size]))[-2:]
        enterprises = alone + len(at)
        return Weight(
            enterprises,
            alone + len(size),
            int(largest),
            int(second),
            whole,
            WHOLE * enterprises - whole,
            _two(self.highest[:, cells], total),
            _two(self.lowest[:, cells], room),
        )


def _two(alone: Ints, several: Ints) -> int:
    """The sum of the two largest."""
    return int(np.sort(np.concatenate([[0, 0], alone.ravel(), several]))[-2:].sum())


class _Publication:
    """Withholds one node after the other until nothing can be subtracted that must not be known."""

    def __init__(self, additive: Additive, figure: Figure) -> None:
        self.additive = additive
        self.figure = figure
        self.rules = additive.rules
        applies = figure.values >= 0
        codes = additive.interior.codes
        count = len(additive.interior)
        inside = applies & (codes >= 0)
        self.count = np.bincount(codes[inside], minlength=count)
        self.total = np.bincount(codes[inside], weights=figure.values[inside], minlength=count)
        self.low = np.minimum(figure.low * self.count, self.total)
        self.high = np.maximum(figure.high * self.count, self.total)
        self.parts = _Parts(additive, figure)
        self.programs = 0
        self.known: dict[bytes, bool] = {}
        self.published = {table: np.zeros(0, dtype=np.bool_) for tree in TREES for table in tree}
        self.withheld: list[tuple[Table, int, str]] = []

    def run(self) -> Means:
        self._primary()
        while self.published[TREES[0][0]].any():
            unsafe = self._unsafe_atom() or self._known_too_well()
            if unsafe is None:
                break
            self._withhold(*unsafe)
        return Means({table: self._means(table) for table in self.published}, self.withheld)

    def rows(self, cells: Ints) -> Ints:
        """The enterprises of cells of the interior to which the figure applies."""
        start, order = self.additive.start, self.additive.order
        found = np.concatenate([order[start[at] : start[at + 1]] for at in cells] or [np.zeros(0, dtype=np.int64)])
        kept: Ints = found[self.figure.values[found] >= 0]
        return kept

    # primary

    def may_stand(self, cells: Ints) -> bool:
        """Whether the mean over these cells of the interior could be published, also against every coalition."""
        key = np.sort(cells).astype(np.int64).tobytes()
        if key not in self.known:
            self.known[key] = bool(self.count[cells].sum()) and self._may_stand(cells)
        return self.known[key]

    def _may_stand(self, cells: Ints) -> bool:
        weight = self.parts.weight(cells)
        return may_show_mean(weight, self.rules) and self._is_spared(cells, weight.groups) and self._is_steady(cells)

    def _is_spared(self, cells: Ints, groups: int) -> bool:
        """R12b: every coalition leaves enough groups that it does not know."""
        members = self.additive.members
        if groups >= self.rules.least_outside_coalition + members.most_known:
            return True
        rows = self.rows(cells)
        outside = members.outside(np.zeros(len(rows), dtype=np.int64), rows, np.array([groups]))[1]
        return bool(disclosure.leaves_enough_outside(outside, self.rules).all())

    def _is_steady(self, cells: Ints) -> bool:
        """R8 for a sum, from which that of an earlier vintage can be subtracted."""
        groups = np.array(
            [move.groups(cells, self.rules.least_difference) for move in self.figure.moves], dtype=np.int64
        )
        return bool(disclosure.is_safe_period_difference(groups, self.rules).all())

    def _primary(self) -> None:
        for tree in TREES:
            for table in tree:
                may = self.figure.may.get(table, np.zeros(0, dtype=np.bool_))
                found = may.copy()
                for code in np.flatnonzero(may):
                    found[code] = self.may_stand(np.flatnonzero(self.additive.node[table] == code))
                    if not found[code]:
                        self.withheld.append((table, int(code), "R9"))
                self.published[table] = found
        if not self.published[TREES[0][0]].any():  # without the whole there is nothing to hold the rest together
            for table, found in self.published.items():
                self.withheld += [(table, int(code), "R9") for code in np.flatnonzero(found)]
                found[:] = False
        self.withheld = list(dict.fromkeys(self.withheld))

    # complementary

    def labels(self, tree: tuple[Table, ...]) -> Ints:
        """The atom of each cell of the interior: the finest published node that holds it."""
        found = np.zeros(len(self.count), dtype=np.int64)
        beyond = 1
        for table in tree[1:]:
            node, published = self.additive.node[table], self.published[table]
            shown = (node >= 0) & np.append(published, False)[node]
            found[shown] = beyond + node[shown]
            beyond += len(published)
        return found

    def _unsafe_atom(self) -> tuple[Table, int] | None:
        """Of an atom that must not be known, the published node next under it that has the fewest enterprises."""
        for tree in TREES:
            labels = self.labels(tree)
            for label in np.unique(labels).tolist():
                cells = np.flatnonzero((labels == label) & (self.count > 0))
                if not is_safe_atom(len(cells) > 0 and self.may_stand(cells), len(cells) == 0):
                    return min(self._under(tree, label), default=(0, *self._node(tree, label)))[1:]
        return None

    def _under(self, tree: tuple[Table, ...], label: int) -> list[tuple[int, Table, int]]:
        """The published nodes that stand next under the node of an atom, with their enterprises."""
        above = np.zeros(len(self.count), dtype=np.int64)
        found, beyond = [], 1
        for table in tree[1:]:
            node, published = self.additive.node[table], self.published[table]
            for code in np.flatnonzero(published).tolist():
                if above[np.argmax(node == code)] == label:
                    found.append((self._size((table, code)), table, code))
            shown = (node >= 0) & np.append(published, False)[node]
            above[shown] = beyond + node[shown]
            beyond += len(published)
        return found

    def _node(self, tree: tuple[Table, ...], label: int) -> tuple[Table, int]:
        beyond = 1
        for table in tree[1:]:
            if beyond <= label < beyond + len(self.published[table]):
                return table, label - beyond
            beyond += len(self.published[table])
        return tree[0], 0

    def _size(self, node: tuple[Table, int]) -> int:
        return int(self.count[self.additive.node[node[0]] == node[1]].sum())

    def _withhold(self, table: Table, code: int) -> None:
        """Withhold a node, and with it as many next to it as its atom needs to be hidden among."""
        if table == TREES[0][0]:  # nothing below the whole helps: then no mean of this figure at all
            for each, shown in self.published.items():
                self.withheld += [(each, int(at), "R9b") for at in np.flatnonzero(shown)]
                shown[:] = False
            self.withheld = list(dict.fromkeys(self.withheld))
            return
        tree = next(tree for tree in TREES if table in tree)
        inside = self.additive.node[table] == code
        before = self.labels(tree)
        own = (before == before[np.argmax(inside)]) & inside & (self.count > 0)
        self.published[table][code] = False
        self.withheld.append((table, code, "R9b"))
        labels = self.labels(tree)
        label = int(labels[np.argmax(inside)])
        if np.array_equal((labels == label) & (self.count > 0), own):
            # Whoever subtracts the others still has it: another one goes, or else what is above them.
            self._withhold(*min(self._under(tree, label), default=(0, *self._node(tree, label)))[1:])

    # audit

    def _known_too_well(self) -> tuple[Table, int] | None:
        """The node to withhold because what must not be known can be bounded too tightly; None where nothing can."""
        rows, columns = (np.unique(self.labels(tree), return_inverse=True)[:2] for tree in TREES)
        shift = _Shift(self, rows[1], columns[1])
        for cells, beside in self._targets(rows, columns):
            enterprises = int(self.count[cells].sum())
            is_wide = partial(
                is_wide_enough, enterprises=enterprises, is_criterion=self.figure.is_criterion, rules=self.rules
            )
            if len(cells) == 1 and is_wide(*shift.of(int(cells[0]))):
                continue
            self.programs += 1
            if self.programs > MOST_PROGRAMS:
                return TREES[0][0], 0
            if not is_wide(*self.limits(cells, rows[1], columns[1])):
                nodes = [beside] + [
                    self._node(tree, int(names[at]))
                    for tree, (names, numbers) in zip(TREES, (rows, columns), strict=True)
                    for at in np.unique(numbers[cells])
                ]
                return min(nodes, key=lambda node: (node[0] == TREES[0][0], self._size(node), node))
        return None

    def _targets(self, rows: Numbered, columns: Numbered) -> list[tuple[Ints, tuple[Table, int]]]:
        """What must not be known, and a node that it could be known by: cells of the interior, withheld nodes, what an
        atom of one tree has beyond one of the other, and all that it touches there beyond itself, where these could not
        be published themselves."""
        filled, whole = self.count > 0, (TREES[0][0], 0)
        found = [(np.array([at]), whole) for at in np.flatnonzero(filled)]
        for tree in TREES:
            for table in tree[1:]:
                for code in np.flatnonzero(~self.published[table]):
                    found.append((np.flatnonzero((self.additive.node[table] == code) & filled), whole))
        for tree, (names, mine), (_, theirs) in ((TREES[0], rows, columns), (TREES[1], columns, rows)):
            for number, label in enumerate(names.tolist()):
                held, node = mine == number, self._node(tree, label)
                touched = np.unique(theirs[held & filled])
                found.append((np.flatnonzero(np.isin(theirs, touched) & ~held & filled), node))
                found += [(np.flatnonzero((theirs == other) & ~held & filled), node) for other in touched]
        return [(cells, node) for cells, node in found if len(cells) and not self.may_stand(cells)]

    def limits(self, cells: Ints, row: Ints, column: Ints) -> tuple[float, float]:
        """By linear programming, how much higher and lower the sum of some cells can be, given what is published."""
        # Loading it takes half a second, which only a release needs.
        from scipy.optimize import linprog
        from scipy.sparse import csr_array, vstack

        count = len(self.count)
        at = np.arange(count)
        equal = vstack([csr_array((np.ones(count), (labels, at)), shape=(labels.max() + 1, count))
                        for labels in (row, column)])  # fmt: skip
        # In units of one enterprise at its most, so that the solver's tolerance is far below a point.
        total, low, high = self.total / WHOLE, self.low / WHOLE, self.high / WHOLE
        wanted = np.zeros(count)
        wanted[cells] = 1.0
        ends = []
        for sign in (-1.0, 1.0):
            found = linprog(sign * wanted, A_eq=equal, b_eq=equal @ total, bounds=np.stack([low, high], axis=1),
                            method="highs")  # fmt: skip
            if not found.success:  # the true table is a solution, so this is the solver's trouble: protect
                return 0.0, 0.0
            ends.append(abs(float(found.fun) * sign - float(total[cells].sum())) * WHOLE)
        return ends[0], ends[1]

    def _means(self, table: Table) -> dict[int, Decimal]:
        found = {}
        for code in np.flatnonzero(self.published[table]):
            cells = np.flatnonzero(self.additive.node[table] == code)
            found[int(code)] = rounded_mean(int(self.total[cells].sum()), int(self.count[cells].sum()), self.rules)
        return found


class _Shift:
    """How far a cell of the interior can be moved by shifting a rectangle: where it suffices, a proof without a solver.

    Atoms of both trees cut the interior into blocks. A cell can rise by what others of its block can fall, and by a
    rectangle of blocks of which two fall and one rises; the true table shows that each of these is possible.
    """

    def __init__(self, publication: _Publication, row: Ints, column: Ints) -> None:
        self.row, self.column = row, column
        shape = (int(row.max(initial=-1)) + 1, int(column.max(initial=-1)) + 1)
        self.fall_of, self.rise_of = publication.total - publication.low, publication.high - publication.total
        self.fall, self.rise = np.zeros(shape), np.zeros(shape)
        np.add.at(self.fall, (row, column), self.fall_of)
        np.add.at(self.rise, (row, column), self.rise_of)
        self.known: dict[tuple[int, int], tuple[float, float]] = {}

    def of(self, cell: int) -> tuple[float, float]:
        a, b = int(self.row[cell]), int(self.column[cell])
        if (a, b) not in self.known:
            self.known[a, b] = self._best(a, b, self.fall, self.rise), self._best(a, b, self.rise, self.fall)
        up, down = self.known[a, b]
        rise, fall = float(self.rise_of[cell]), float(self.fall_of[cell])
        return (
            min(rise, float(self.fall[a, b]) - fall + up),
            min(fall, float(self.rise[a, b]) - rise + down),
        )

    def _best(self, a: int, b: int, fall: Floats, rise: Floats) -> float:
        """The best rectangle through a block that rises: its neighbours in the row and the column fall."""
        beside = np.delete(fall[a], b)[None, :]
        above = np.delete(fall[:, b], a)[:, None]
        across = np.delete(np.delete(rise, a, axis=0), b, axis=1)
        return float(np.minimum(np.minimum(beside, above), across).max(initial=0.0))


def knowledge(
    cells: int, grids: Mapping[int, Quantiles], shares: Mapping[int, int], rules: Parameters
) -> tuple[Floats, Floats]:
    """Between what the mean of each cell must lie, in hundredths of a point, by its published quantiles or share."""
    low, high = np.zeros(cells), np.full(cells, float(WHOLE))
    for at, grid in grids.items():
        low[at], high[at] = (100 * end for end in bounds_by_quantiles(grid, rules.coarse_step))
    for at, share in shares.items():
        low[at] = 100 * max(share - rules.share_base / 2, 0)
        high[at] = 100 * min(share + rules.share_base / 2, 100)
    return low, high
