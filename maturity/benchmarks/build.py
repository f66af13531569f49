"""Building a release: every figure of every cell of the lattice that the rules of disclosure control let out.

The same population, parameters, earlier vintages and secret give the same release, byte for byte. Cells are judged
first (size, dominance, coalitions, earlier vintages, other frameworks), then from the whole to the finest against every
other published cell that they share a contributor with; then each figure among those to whom it applies.

The figures do not depend on each other. They are worked on through a function like `map`, which may do so elsewhere.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property, lru_cache, partial
from hashlib import blake2b
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from maturity.benchmarks import disclosure
from maturity.benchmarks.additive import INTERIOR, TREES, WHOLE, Additive, Figure, Moves, knowledge
from maturity.benchmarks.cells import CellKey, LevelShare, Quantiles
from maturity.benchmarks.columns import Bools, Cells, Frame, Ints, Members, Pairs, Units, tables_of
from maturity.benchmarks.lattice import Table
from maturity.benchmarks.parameters import Parameters
from maturity.benchmarks.population import MOST, Population

LEAST_SECRET = 16
#: rules by the number that a withheld cell carries while a release is built
RULES = ("", "R3", "R12b", "R8", "R8b", "R7")
_R3, _R12B, _R8, _R8B, _R7 = range(1, 6)
REVIEWED = "reviewed"
Status = NDArray[np.int8]
Figures = Mapping[str, NDArray[np.int32]]


class Earlier(NamedTuple):
    """A release that readers already have: its population and the cells it published."""

    population: Population
    published: frozenset[CellKey]


@dataclass(frozen=True, slots=True)
class BuiltCell:
    """A published cell. `contributors` counts groups, rounded; `reviewed` and shares are in percent."""

    key: CellKey
    contributors: int
    reviewed: int | None
    quantiles: Mapping[str, Quantiles]
    shares: Mapping[str, int]
    levels: tuple[LevelShare, ...]
    means: Mapping[str, Decimal]


@dataclass(frozen=True, slots=True, order=True)
class Withheld:
    """A cell that a rule keeps back, or of a published cell one figure, a `mean …`, or all `quantiles` or `shares`."""

    key: CellKey
    rule: str
    what: str


@dataclass(frozen=True, slots=True)
class Built:
    """Everything a release says, and for its reviewers what it does not say and why."""

    cells: tuple[BuiltCell, ...]
    withheld: tuple[Withheld, ...]
    population: int

    @property
    def published(self) -> frozenset[CellKey]:
        return frozenset(cell.key for cell in self.cells)


class Task(NamedTuple):
    """One figure to be worked on: the `quantiles` of a value, the `share` of a criterion, or `levels`."""

    kind: str
    name: str


@dataclass(frozen=True, slots=True)
class Made:
    """What the work on one figure gave: what may be shown by table and cell, its means, and what is withheld."""

    cells: list[dict[int, Any]]
    means: dict[Table, dict[int, Decimal]]
    withheld: list[Withheld]


class Source(Protocol):
    """Where a population lies, for those who work on a figure elsewhere: it is compared, hashed and sent to them."""

    def __hash__(self) -> int: ...

    def structure(self) -> Population:
        """The population without its values and criteria."""

    def figure(self, name: str) -> NDArray[np.int32]:
        """One figure as in `figures_of`."""


LEVELS = Task("levels", "levels")
Work = Callable[[Task], Made]
#: Carries the work out and returns what it gave in the order of the tasks, as `map` does.
Run = Callable[[Work, Sequence[Task]], Iterable[Made]]


def build_release(
    population: Population,
    parameters: Parameters,
    *,
    earlier: Sequence[Earlier] = (),
    others: Sequence[Earlier] = (),
    secret: bytes,
    run: Run = map,
    source: Source | None = None,
) -> Built:
    """Build the release of a population against `earlier` vintages and the releases of `others`, the other frameworks.

    `secret` decides which way counts are rounded; whoever knows it can undo the rounding of counts, and nothing else.
    `run` carries out the work on the figures. With a `source` it may do so in other processes, on other machines: the
    work then holds what was judged, and reads the population there. The secret is never part of it.
    """
    if len(secret) < LEAST_SECRET:
        raise ValueError(f"the secret has fewer than {LEAST_SECRET} bytes")
    population.check()
    if not len(population):
        return Built((), (), 0)  # nothing could be said, whatever was said before
    return _Builder(Ground(population), parameters, figures_of(population)).build(earlier, others, secret, run, source)


def figures_of(population: Population) -> dict[str, NDArray[np.int32]]:
    """Every figure by enterprise as a whole number, -1 where it does not apply: values in hundredths of a point."""
    found: dict[str, NDArray[np.int32]] = {}
    for name, value in sorted(population.values.items()):
        found[name] = in_hundredths(value)
    for name, met in sorted(population.criteria.items()):
        found[name] = met.astype(np.int32)
    found["levels"] = population.level.astype(np.int32)
    found["reviewed"] = population.reviewed.astype(np.int32)
    return found


def in_hundredths(value: NDArray[np.float64]) -> NDArray[np.int32]:
    """
    >>> in_hundredths(np.array([47.25, np.nan])).tolist()
    [4725, -1]
    """
    return np.where(np.isnan(value), -1, np.rint(np.nan_to_num(value) * 100)).astype(np.int32)


class Ground:
    """A population in cells and groups: what the work on every figure stands on."""

    def __init__(self, population: Population) -> None:
        self.population = population
        self.tables = tables_of(population)
        self.members = Members(population.group, population.coalitions)
        self.units = Units(population, self.tables)
        self.whole = Frame(self.tables, self.members, self.units, None)
        self._frames: dict[bytes, Frame] = {b"": self.whole}

    def frame(self, key: bytes, mask: Bools) -> Frame:
        """The cells over the rows of a mask; `key` stands for it."""
        if key not in self._frames:
            self._frames[key] = Frame(self.tables, self.members, self.units, mask)
        return self._frames[key]


@dataclass(frozen=True, slots=True)
class Judged:
    """What is decided before any figure is worked on, small beside the population: by table and cell which rule keeps
    a cell back, and which a figure of it; the counts as they are shown; who entered, left or changed."""

    rules: Parameters
    status: list[Status]
    unsafe: Mapping[str, list[Status]]
    counts: list[dict[int, int]]
    moves: tuple[Moves, ...]


@dataclass(frozen=True, slots=True)
class _There:
    """The work on a figure where the population is not at hand, in whatever process it is called."""

    source: Source
    judged: Judged

    def __call__(self, task: Task) -> Made:
        builder = _Builder(ground_of(self.source), self.judged.rules, {task.name: self.source.figure(task.name)})
        builder.take(self.judged)
        return builder.made(task)


@lru_cache(maxsize=1)
def ground_of(source: Source) -> Ground:
    """Kept in the process from one figure to the next."""
    return Ground(source.structure())


class _Builder:
    """Holds what all steps of one build read."""

    def __init__(self, ground: Ground, rules: Parameters, figures: Figures) -> None:
        self.ground = ground
        self.population = ground.population
        self.rules = rules
        self.tables, self.members, self.units, self.whole = ground.tables, ground.members, ground.units, ground.whole
        self.figures = figures
        self.frames: dict[bytes, tuple[Frame, list[Status]]] = {}
        self.unsafe: dict[str, list[Status]] = {}
        self.moves: list[Moves] = []

    def build(
        self, earlier: Sequence[Earlier], others: Sequence[Earlier], secret: bytes, run: Run, source: Source | None
    ) -> Built:
        status = self._base(self.whole)
        nothing = [np.zeros(len(cells), dtype=np.int8) for cells in self.tables]
        self.unsafe = {name: [part.copy() for part in nothing] for name in self.figures}
        for rule, releases in ((_R8, earlier), (_R8B, others)):
            for release in releases:
                changes = _Changes(self, release, rule)
                found = changes.find()
                self.moves += [changes.moves()] if rule == _R8 else []
                for name, parts in found.items():
                    _join(status if name == "" else self.unsafe[name], parts)
        status = self._apart(self.whole, status)
        judged = Judged(self.rules, status, self.unsafe, self._counts(status, secret), tuple(self.moves))
        self.take(judged)
        tasks = self._tasks()
        work = self.made if source is None else _There(source, judged)
        return self._assemble(dict(zip(tasks, run(work, tasks), strict=True)))

    def take(self, judged: Judged) -> None:
        """Go on from what was judged, here or by another process over the same population."""
        self.status, self.unsafe, self.counts = judged.status, dict(judged.unsafe), judged.counts
        self.moves = list(judged.moves)

    # what cells may stand

    def _base(self, frame: Frame) -> list[Status]:
        """R3 and R12b for every cell."""
        found = []
        for table, cells in enumerate(self.tables):
            status = np.zeros(len(cells), dtype=np.int8)
            groups, rules = frame.groups[table], self.rules
            status[~self._leaves_enough(frame, table)] = _R12B
            is_cell = disclosure.has_enough_groups(groups, rules)
            is_cell &= disclosure.is_led_by_none(frame.largest[table], frame.enterprises[table], rules)
            status[~is_cell] = _R3
            found.append(status)
        return found

    def _leaves_enough(self, frame: Frame, table: int) -> Bools:
        groups, codes = frame.groups[table], self.tables[table].codes
        close = np.flatnonzero(groups < self.rules.least_outside_coalition + self.members.most_known)
        is_close = np.zeros(len(groups) + 1, dtype=np.bool_)
        is_close[close] = True
        row = np.flatnonzero(is_close[codes] if frame.mask is None else is_close[codes] & frame.mask)
        where, outside = self.members.outside(codes[row], row, groups)
        found = np.ones(len(groups), dtype=np.bool_)
        found[where[~disclosure.leaves_enough_outside(outside, self.rules)]] = False
        return found

    def _apart(self, frame: Frame, status: list[Status]) -> list[Status]:
        """R7, table after table: every cell against all cells published before it that share a contributor with it."""
        for child in range(len(self.tables)):
            for other in range(child):
                self._against(frame, status, child, other)
        return status

    def _against(self, frame: Frame, status: list[Status], child: int, other: int) -> None:
        """What is in one of two cells and not in both must be of no group, or of many: nested or lying across."""
        mine, theirs = frame.unit_codes[child], frame.unit_codes[other]
        open_here, open_there = np.append(status[child] == 0, False), np.append(status[other] == 0, False)
        unit = np.flatnonzero(open_here[mine] & open_there[theirs] & (frame.unit_size > 0))
        if not len(unit):
            return
        wide = len(self.tables[other])
        pair, number = np.unique(mine[unit].astype(np.int64) * wide + theirs[unit], return_inverse=True)
        alone = np.bincount(number, weights=frame.unit_alone[unit]).astype(np.int64)
        here, there = pair // wide, pair % wide
        # Groups of one company are counted by cell; only where they do not suffice is anybody looked at.
        at_least = frame.alone[child][here] + frame.alone[other][there] - 2 * alone
        size = np.bincount(number, weights=frame.unit_size[unit]).astype(np.int64)
        is_same = (frame.enterprises[child][here] == size) & (frame.enterprises[other][there] == size)
        close = np.flatnonzero((at_least < self._close_to_a_few) & ~is_same)
        row_here, row_there = self.tables[child].codes, self.tables[other].codes
        sets = []
        for at in close:
            a, b = frame.rows_of(child, int(here[at])), frame.rows_of(other, int(there[at]))
            sets.append(np.concatenate([a[row_there[a] != there[at]], b[row_here[b] != here[at]]]))
        status[child][here[close[~self._is_safe(sets)]]] = _R7

    @property
    def _close_to_a_few(self) -> int:
        """From so many groups on no coalition can be left with a few."""
        return self.rules.least_difference + self.members.most_known

    def _is_safe(self, sets: Sequence[Ints]) -> Bools:
        """For each set of rows: R7 by its groups, and by what each coalition is left with."""
        found = np.ones(len(sets), dtype=np.bool_)
        if not len(sets):
            return found
        row = np.concatenate(sets)
        cell = np.repeat(np.arange(len(sets)), [len(rows) for rows in sets])
        groups = self.members.distinct(cell, row, len(sets))
        found &= disclosure.is_safe_nested_difference(groups, self.rules)
        where, outside = self.members.outside(cell, row, groups)
        found[where[~disclosure.is_safe_outside_coalition(outside, self.rules)]] = False
        return found

    # figures

    def frame_of(self, name: str) -> tuple[Frame, list[Status]]:
        """The cells among those to whom a figure applies, judged like cells of their own."""
        mask = self.figures[name] >= 0
        key = b"" if mask.all() else np.packbits(mask).tobytes()
        if key not in self.frames:
            if key:
                frame = self.ground.frame(key, mask)
                status = self._base(frame)
                for part, whole in zip(status, self.status, strict=True):
                    part[whole != 0] = whole[whole != 0]
                self.frames[key] = frame, self._apart(frame, status)
            else:
                self.frames[key] = self.whole, self.status
        return self.frames[key]

    def judged(self, name: str, table: int) -> Status:
        """Which cells may show the figure as far as R3, R7, R8 and R12b go."""
        found = self.frame_of(name)[1][table].copy()
        unsafe = self.unsafe[name][table]
        found[found == 0] = unsafe[found == 0]
        return found

    def _tasks(self) -> list[Task]:
        values = [Task("quantiles", name) for name in sorted(self.population.values)]
        return [*values, *(Task("share", name) for name in (*sorted(self.population.criteria), REVIEWED)), LEVELS]

    def made(self, task: Task) -> Made:
        """One figure over every table, and its means."""
        withheld: list[Withheld] = []
        metric = _KINDS[task.kind](self, task.name)
        cells = [metric.of(table, withheld) for table in range(len(self.tables))]
        if task.name == REVIEWED:
            withheld.clear()  # how many were reviewed is said with a cell, and not missed where it is not
        return Made(cells, self._means(task, cells, withheld), withheld)

    def _assemble(self, made: Mapping[Task, Made]) -> Built:
        cells: list[BuiltCell] = []
        withheld = [item for one in made.values() for item in one.withheld]
        grids = {task.name: one.cells for task, one in made.items() if task.kind == "quantiles"}
        shares = {task.name: one.cells for task, one in made.items() if task.kind == "share" and task.name != REVIEWED}
        averaged = {task.name: one.means for task, one in made.items()}
        means = {name: averaged[name] for name in self.rules.means if averaged.get(name)}
        levels, reviewed, counts = made[LEVELS].cells, made[Task("share", REVIEWED)].cells, self.counts
        for table, part in enumerate(self.tables):
            distribution, seen = levels[table], reviewed[table]
            for at, key in enumerate(part.keys):
                if self.status[table][at]:
                    withheld.append(Withheld(key, RULES[self.status[table][at]], ""))
                    continue
                found = {name: grid[table][at] for name, grid in grids.items() if at in grid[table]}
                parts = {name: share[table][at] for name, share in shares.items() if at in share[table]}
                exact = {name: mean[part.table][at] for name, mean in means.items() if at in mean.get(part.table, {})}
                count, classes = counts[table][at], distribution.get(at, ())
                cells.append(BuiltCell(key, count, seen.get(at), found, parts, classes, exact))
            self._sum_up(table, withheld)
        cells.sort(key=lambda cell: cell.key)
        population = next((cell.contributors for cell in cells if cell.key == CellKey("", "", "")), 0)
        return Built(tuple(cells), tuple(sorted(set(withheld))), population)

    def _means(
        self, task: Task, cells: list[dict[int, Any]], withheld: list[Withheld]
    ) -> dict[Table, dict[int, Decimal]]:
        """R9: means of a figure that the parameters name, in the tables of the two trees; `cells` are known besides."""
        name, number = task.name, {cells.table: at for at, cells in enumerate(self.tables)}
        if name not in self.rules.means or self.members.groups < max(self.rules.least_in_release_for_means, 1):
            return {}
        known, is_criterion = cells[number[INTERIOR]], task.kind == "share"
        grids, shares = ({}, known) if is_criterion else (known, {})
        bounds = knowledge(len(self.tables[number[INTERIOR]]), grids, shares, self.rules)
        values = np.where(self.figures[name] > 0, WHOLE, self.figures[name]) if is_criterion else self.figures[name]
        may = {table: self.judged(name, number[table]) == 0 for tree in TREES for table in tree if table in number}
        made = self._trees.publish(Figure(name, values, is_criterion, may, *bounds, moves=tuple(self.moves)))
        withheld += [
            Withheld(self.tables[number[table]].keys[at], rule, f"mean {name}")
            for table, at, rule in made.withheld
            if not self.status[number[table]][at]
        ]
        return made.published

    @cached_property
    def _trees(self) -> Additive:
        return Additive(self.tables, self.members, self.rules)

    def _sum_up(self, table: int, withheld: list[Withheld]) -> None:
        """Cells too small for a kind of figure at all are told once for the kind."""
        groups, rules = self.whole.groups[table], self.rules
        kinds = (("R4", "quantiles", rules.least_for_quartiles), ("R6b", "shares", rules.least_for_shares))
        for rule, what, least in kinds:
            for at in np.flatnonzero((self.status[table] == 0) & (groups < least)):
                withheld.append(Withheld(self.tables[table].keys[at], rule, what))

    def _counts(self, status: list[Status], secret: bytes) -> list[dict[int, int]]:
        """R5 for every published cell: the count of groups as it is shown."""
        lanes = _fingerprints(self.population, secret)
        found = []
        for table, cells in enumerate(self.tables):
            inside = cells.codes >= 0
            sums = np.zeros((2, len(cells)), dtype=np.uint64)
            for lane, total in zip(lanes, sums, strict=True):
                np.add.at(total, cells.codes[inside], lane[inside])
            groups = self.whole.groups[table]
            found.append(
                {
                    int(at): disclosure.rounded_count(
                        int(groups[at]), sums[:, at].astype(">u8").tobytes(), secret, self.rules
                    )
                    for at in np.flatnonzero(status[table] == 0)
                }
            )
        return found


def _fingerprints(population: Population, secret: bytes) -> NDArray[np.uint64]:
    """Two keyed numbers for each enterprise; their sums stand for a set of members, whatever its order (R5)."""
    key = blake2b(secret, digest_size=32).digest()
    joined = b"".join(
        blake2b(name.encode("utf-8"), digest_size=16, key=key).digest() for name in population.enterprise.tolist()
    )
    return np.frombuffer(joined, dtype=">u8").astype(np.uint64).reshape(-1, 2).T


def _join(known: list[Status], more: list[Status]) -> None:
    """What is withheld already keeps its rule."""
    for part, found in zip(known, more, strict=True):
        part[part == 0] = found[part == 0]


class _Changes:
    """R8 and R8b: a population against that of a release that readers already have."""

    def __init__(self, builder: _Builder, release: Earlier, rule: int) -> None:
        self.builder = builder
        self.rule = rule
        self.published = release.published
        new, old = builder.population, release.population
        self.count = len(new)
        # Both are sorted by the id of the enterprise: `place` is where a row of one stands in the other.
        place = np.searchsorted(old.enterprise, new.enterprise)
        is_known = place < len(old)
        is_known[is_known] = old.enterprise[place[is_known]] == new.enterprise[is_known]
        gone = np.ones(len(old), dtype=np.bool_)
        gone[place[is_known]] = False
        #: row of the old population for each of the union: those of today first, then who left; -1 for who entered
        self.old_row = np.concatenate([np.where(is_known, place, -1), np.flatnonzero(gone)])
        self.is_new = np.arange(len(self.old_row)) < self.count
        self.is_old: Bools = self.old_row >= 0
        self.members = Members(*self._groups(new, old))
        self.old_tables = {cells.name: cells for cells in tables_of(old)}
        self.old_figures = figures_of(old)
        self.codes = [self._both(cells) for cells in builder.tables]

    def _groups(self, new: Population, old: Population) -> tuple[Ints, tuple[Ints, ...]]:
        """Groups of the union as they are today; who left stands with the companies of its group that stayed."""
        stayed = np.flatnonzero(self.is_new & self.is_old)
        today = np.full(int(old.group.max(initial=-1)) + 1, -1, dtype=np.int64)
        today[old.group[self.old_row[stayed]]] = new.group[stayed]
        left = old.group[self.old_row[self.count :]]
        beyond = int(new.group.max(initial=-1)) + 1
        group = np.concatenate([new.group, np.where(today[left] >= 0, today[left], beyond + left)])
        place = np.full(len(old), -1, dtype=np.int64)
        place[self.old_row[self.is_old]] = np.flatnonzero(self.is_old)
        return group, (*new.coalitions, *(place[rows] for rows in old.coalitions))

    def find(self) -> dict[str, list[Status]]:
        """By figure, and under '' for whole cells: the rule where a few are left by subtracting."""
        everyone = np.ones(len(self.old_row), dtype=np.bool_)
        whole = self._record_changed() if self.rule == _R8 else ~everyone
        known: dict[bytes, list[Status]] = {}
        found = {"": self._judged(whole, everyone, everyone, known)}
        for name, today in self.builder.figures.items():
            if name in self.old_figures:
                new, old = self._values(today, self.old_figures[name])
                changed = whole
                if self.rule == _R8B or name == "reviewed":
                    changed = whole | ((new != old) & self.is_new & self.is_old)
                found[name] = self._judged(changed, new >= 0, old >= 0, known)
        return found

    def moves(self) -> Moves:
        """Cells of the interior in which somebody entered, left or reported anew, and the group that did."""
        cells = next(cells for cells in self.builder.tables if cells.table == INTERIOR)
        old = self.old_tables[cells.name]
        now = np.concatenate([cells.codes, np.full(len(self.old_row) - self.count, -1, dtype=np.int32)])
        number = {key: at for at, key in enumerate(cells.keys)}
        near = {part: at for at, key in enumerate(cells.keys) for part in (key.industry, key.region)}
        # Whose cell is empty today is counted in its division and in its province: both sums had it.
        places = [
            [number[key]] if key in number else [near[part] for part in (key.industry, key.region) if part in near]
            for key in old.keys
        ]
        then = np.where(self.is_old, old.codes[self.old_row], -1)
        was = np.array([number.get(key, -2) for key in old.keys] + [-1])[then]
        moved = (now != was) | self._record_changed()
        entered, left = np.flatnonzero((now >= 0) & moved), np.flatnonzero((then >= 0) & (now != was))
        gone = [(at, row) for row in left for at in places[then[row]]]
        cell = np.concatenate([now[entered], np.array([at for at, _ in gone], dtype=np.int64)])
        row = np.concatenate([entered, np.array([row for _, row in gone], dtype=np.int64)])
        return Moves(cell, self.members.group[row])

    def _record_changed(self) -> Bools:
        """Who reported anything anew. An onlooker can know who did, and does not know in which figure: those are the
        ones whom the change of any figure may be put down to."""
        found = np.zeros(len(self.old_row), dtype=np.bool_)
        for name, today in self.builder.figures.items():
            if name in self.old_figures and name != "reviewed":
                new, old = self._values(today, self.old_figures[name])
                found |= (new != old) & self.is_new & self.is_old
        return found

    def _judged(self, changed: Bools, applies: Bools, applied: Bools, known: dict[bytes, list[Status]]) -> list[Status]:
        """Every table; figures that apply to the same enterprises are judged once."""
        applies, applied = applies & self.is_new, applied & self.is_old
        key = b"".join(np.packbits(mask).tobytes() for mask in (changed, applies, applied))
        if key not in known:
            known[key] = [self._judge(*both, changed, applies, applied) for both in self.codes]
        return known[key]

    def _values(self, new: NDArray[np.int32], old: NDArray[np.int32]) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        left = np.full(len(self.old_row) - self.count, -1, dtype=np.int32)
        return np.concatenate([new, left]), np.where(self.is_old, old[self.old_row], -1).astype(np.int32)

    def _both(self, cells: Cells) -> tuple[int, NDArray[np.int32], NDArray[np.int32]]:
        """The cell of each row today and then, in today's numbers; of those only that were published then."""
        number = {key: at for at, key in enumerate(cells.keys) if key in self.published}
        shown = np.full(len(cells) + 1, -1, dtype=np.int32)
        shown[list(number.values())] = list(number.values())
        today = np.concatenate([shown[cells.codes], np.full(len(self.old_row) - self.count, -1, dtype=np.int32)])
        then = np.full(len(self.old_row), -1, dtype=np.int32)
        old = self.old_tables.get(cells.name)
        if old is not None:
            mapped = np.array([number.get(key, -1) for key in old.keys] + [-1], dtype=np.int32)
            then = np.where(self.is_old, mapped[old.codes[self.old_row]], -1).astype(np.int32)
        return len(cells), today, then

    def _judge(
        self,
        cells: int,
        today: NDArray[np.int32],
        then: NDArray[np.int32],
        changed: Bools,
        applies: Bools,
        applied: Bools,
    ) -> Status:
        """Who entered, left or changed in each cell, by groups, and by what each coalition is left with."""
        now, before = np.where(applies, today, -1), np.where(applied, then, -1)
        row, gone = (
            np.flatnonzero((now >= 0) & ((now != before) | changed)),
            np.flatnonzero((before >= 0) & (now != before)),
        )
        row, cell = np.concatenate([row, gone]), np.concatenate([now[row], before[gone]])
        rules, members = self.builder.rules, self.members
        groups = members.distinct(cell, row, cells)
        judge = disclosure.is_safe_period_difference if self.rule == _R8 else disclosure.is_safe_framework_difference
        is_safe = judge(groups, rules)
        close = groups < rules.least_difference + members.most_known
        kept = close[cell]
        where, outside = members.outside(cell[kept], row[kept], groups)
        is_safe[where[~disclosure.is_safe_outside_coalition(outside, rules)]] = False
        return np.where(is_safe, 0, self.rule).astype(np.int8)


class _Quantiles:
    """R4 for one metric over every table."""

    def __init__(self, builder: _Builder, name: str) -> None:
        self.builder = builder
        self.name = name
        self.counts = builder.counts
        self.values = builder.figures[name]
        applying = np.flatnonzero(self.values >= 0)
        #: rows in the order of their values: sorted once, then kept apart by cell for each table
        self.order = applying[np.argsort(self.values[applying].astype(np.uint16), kind="stable")]

    def of(self, table: int, withheld: list[Withheld]) -> dict[int, Quantiles]:
        builder, rules = self.builder, self.builder.rules
        cells, frame = builder.tables[table], builder.frame_of(self.name)[0]
        status = builder.judged(self.name, table)
        groups, count = frame.groups[table], frame.enterprises[table]
        eligible = (status == 0) & (groups >= rules.least_for_quartiles) & (count >= disclosure.SMOOTHED)
        found: dict[int, Quantiles] = {}
        if eligible.any():
            found = self._grids(table, frame, np.flatnonzero(eligible))
        told = (builder.status[table] == 0) & (builder.whole.groups[table] >= rules.least_for_quartiles)
        for at in np.flatnonzero(told):
            if at not in found:
                withheld.append(Withheld(cells.keys[at], RULES[status[at]] or "R4", self.name))
        return found

    def _grids(self, table: int, frame: Frame, chosen: Ints) -> dict[int, Quantiles]:
        builder, rules = self.builder, self.builder.rules
        cells = builder.tables[table]
        wanted = np.zeros(len(cells) + 1, dtype=np.bool_)
        wanted[chosen] = True
        row = self.order[wanted[cells.codes[self.order]]]
        code = cells.codes[row]
        by_cell = np.argsort(code.astype(np.uint16) if len(cells) < 2**16 else code, kind="stable")
        values = self.values[row[by_cell]].astype(np.int64)
        key = code[by_cell].astype(np.int64) * (MOST + 1) + values
        count, groups = frame.enterprises[table][chosen], frame.groups[table][chosen]
        start = np.searchsorted(key, chosen * (MOST + 1))
        sums = np.concatenate([[0], np.cumsum(values)])
        shown = np.array([self.counts[table][int(at)] for at in chosen])
        # How many a figure applies to is not told, so that it may not choose the step either.
        step = disclosure.step_of(shown if frame.mask is None else np.zeros_like(shown), rules)
        companies = _Companies(frame.pairs[table], self.values, chosen, len(cells))
        result: dict[str, tuple[Ints, Bools]] = {}
        kinds = ((disclosure.QUARTILES, rules.least_for_quartiles), (disclosure.DECILES, rules.least_for_deciles))
        for levels, least in kinds:
            for name, level in levels.items():
                rank = start + disclosure.quantile_rank(level, count)
                exact = values[rank]
                below = np.searchsorted(key, chosen * (MOST + 1) + exact) - start
                above = start + count - np.searchsorted(key, chosen * (MOST + 1) + exact, side="right")
                below, above = companies.beside(exact, below, above)
                may = disclosure.may_show_quantile(groups, below, above, least, rules)
                low = np.clip(rank - disclosure.SMOOTHED // 2, start, start + count - disclosure.SMOOTHED)
                result[name] = disclosure.rounded_quantile(sums[low + disclosure.SMOOTHED] - sums[low], step), may
        may = np.logical_and.reduce([result[name][1] for name in disclosure.QUARTILES])
        return {int(chosen[at]): _grid(result, at) for at in np.flatnonzero(may).tolist()}


def _grid(result: Mapping[str, tuple[Ints, Bools]], at: int) -> Quantiles:
    """The quartiles, and each decile where it may be shown."""
    value = {name: int(values[at]) if may[at] else None for name, (values, may) in result.items()}
    q1, median, q3 = (int(result[name][0][at]) for name in disclosure.QUARTILES)
    return Quantiles(q1, median, q3, value["p10"], value["p90"])


class _Companies:
    """Corrects numbers of enterprises beside a value to numbers of groups, for the groups with several companies."""

    def __init__(self, pairs: Pairs, values: NDArray[np.int32], chosen: Ints, cells: int) -> None:
        self.chosen = chosen
        self.cells = cells
        wanted = np.zeros(cells, dtype=np.bool_)
        wanted[chosen] = True
        pair = wanted[pairs.cell]
        row = np.repeat(pair, pairs.count)
        found = values[pairs.rows]
        self.pair_cell, self.cell = pairs.cell[pair], np.repeat(pairs.cell, pairs.count)[row]
        self.value = found[row]
        self.least, self.most = (ends.reduceat(found, pairs.start)[pair] if len(pairs) else found
                                 for ends in (np.minimum, np.maximum))  # fmt: skip

    def beside(self, exact: Ints, below: Ints, above: Ints) -> tuple[Ints, Ints]:
        """How many groups lie strictly below and above, of so many enterprises."""
        if not len(self.value):
            return below, above
        at = np.zeros(self.cells, dtype=np.int64)
        at[self.chosen] = exact
        row, pair = at[self.cell], at[self.pair_cell]
        lower = self._more(self.value < row, self.least < pair)
        higher = self._more(self.value > row, self.most > pair)
        return below - lower, above - higher

    def _more(self, rows: Bools, pairs: Bools) -> Ints:
        """How many more enterprises than groups."""
        many = np.bincount(self.cell[rows], minlength=self.cells)
        return (many - np.bincount(self.pair_cell[pairs], minlength=self.cells))[self.chosen]


class _Shares:
    """R6b for one criterion, or for whether answers were reviewed, over every table."""

    def __init__(self, builder: _Builder, name: str) -> None:
        self.builder = builder
        self.name = name

    def of(self, table: int, withheld: list[Withheld]) -> dict[int, int]:
        builder, rules = self.builder, self.builder.rules
        cells, frame = builder.tables[table], builder.frame_of(self.name)[0]
        figure, codes = builder.figures[self.name], cells.codes
        status = builder.judged(self.name, table)
        pairs, alone = frame.pairs[table], builder.members.is_single
        meeting, missing = (
            np.bincount(codes[(figure == wanted) & alone & (codes >= 0)], minlength=len(cells))
            + np.bincount(pairs.cell[pairs.any(figure == wanted)], minlength=len(cells))
            for wanted in (1, 0)
        )
        part = np.bincount(codes[(figure == 1) & (codes >= 0)], minlength=len(cells))
        may = (status == 0) & disclosure.may_show_share(frame.groups[table], meeting, missing, rules)
        told = (builder.status[table] == 0) & (builder.whole.groups[table] >= rules.least_for_shares) & ~may
        for at in np.flatnonzero(told):
            withheld.append(Withheld(cells.keys[at], RULES[status[at]] or "R6b", self.name))
        chosen = np.flatnonzero(may)
        share = disclosure.rounded_share(part[chosen], frame.enterprises[table][chosen], rules)
        return dict(zip(chosen.tolist(), share.tolist(), strict=True))


class _Levels:
    """R6 over every table."""

    def __init__(self, builder: _Builder, name: str) -> None:
        self.builder = builder
        self.name = name
        self.level = builder.population.level.astype(np.int64)
        self.most = int(self.level.max(initial=1))

    def of(self, table: int, withheld: list[Withheld]) -> dict[int, tuple[LevelShare, ...]]:
        builder, rules = self.builder, self.builder.rules
        cells, groups = builder.tables[table], builder.whole.groups[table]
        status = builder.judged(self.name, table)
        chosen = np.flatnonzero((builder.status[table] == 0) & (groups >= rules.least_for_levels))
        found: dict[int, tuple[LevelShare, ...]] = {}
        count, held = self._count(table)
        for at in chosen.tolist():
            classes: disclosure.Classes = ()
            if not status[at]:
                classes = disclosure.merged_levels(int(groups[at]), tuple(count[at].tolist()), partial(held, at), rules)
            if classes:
                found[at] = tuple(LevelShare(tuple(range(low, high + 1)), share) for (low, high), share in classes)
            else:
                withheld.append(Withheld(cells.keys[at], RULES[status[at]] or "R6", "levels"))
        return found

    def _count(self, table: int) -> tuple[Ints, Callable[[int, int, int], int]]:
        """Enterprises by cell and level, and a function that counts groups between two levels of a cell."""
        builder, most = self.builder, self.most
        cells, members = builder.tables[table], builder.members
        inside = cells.codes >= 0
        at = cells.codes[inside].astype(np.int64) * most + self.level[inside] - 1
        shape = (len(cells), most)
        count = np.bincount(at, minlength=len(cells) * most).reshape(shape)
        alone = np.bincount(at[members.is_single[inside]], minlength=len(cells) * most).reshape(shape)
        pairs = builder.whole.pairs[table]
        has = np.zeros((len(pairs.cell), most), dtype=np.bool_)
        has[pairs.number(), self.level[pairs.rows] - 1] = True
        order = np.argsort(pairs.cell, kind="stable")
        start = np.searchsorted(pairs.cell[order], np.arange(len(cells) + 1))

        def held(cell: int, low: int, high: int) -> int:
            mine = has[order[start[cell] : start[cell + 1]], low - 1 : high]
            return int(alone[cell, low - 1 : high].sum() + mine.any(axis=1).sum())

        return count, held


class _Kind(Protocol):
    def of(self, table: int, withheld: list[Withheld]) -> dict[int, Any]: ...


_KINDS: Mapping[str, Callable[[_Builder, str], _Kind]] = {"quantiles": _Quantiles, "share": _Shares, "levels": _Levels}
