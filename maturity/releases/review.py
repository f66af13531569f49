"""What reviewers look at before they sign: what would be published, what is withheld by rule, what moved."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from maturity.benchmarks.cells import CellKey
from maturity.benchmarks.lattice import GROUP, PARK, SECTOR, Table
from maturity.benchmarks.models import BenchmarkCell, BenchmarkRelease, WithheldCell
from maturity.reference.regions import MACRO_REGIONS

T = TypeVar("T")
#: a median that moved by more is shown to the reviewers, in points
LARGE_CHANGE = 8
PAGE = 50
MOST_CHANGES = 60
#: the rules in the order in which they are explained
RULES = ("R3", "R12b", "R8", "R8b", "R7", "R4", "R6", "R6b", "R9")


@dataclass(frozen=True, slots=True)
class TableLine:
    """One table of the lattice: how many of its cells are published whole or in part, and how many are withheld."""

    table: Table
    published: int
    withheld: int


@dataclass(frozen=True, slots=True)
class Change:
    """A median that moved since the release before."""

    key: CellKey
    metric: str
    before: int
    after: int

    @property
    def points(self) -> int:
        return self.after - self.before


@dataclass(frozen=True, slots=True)
class Changes:
    """Against the release before: medians that moved far, cells that are gone, cells that are new."""

    before: BenchmarkRelease
    moved: tuple[Change, ...]
    moved_count: int
    gone: tuple[CellKey, ...]
    new: int


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    lines: tuple[T, ...]
    number: int
    pages: int
    count: int


def table_of(key: CellKey) -> Table:
    """Which table of the lattice a cell stands in.

    >>> table_of(CellKey("s:equipment", "370000", "medium"))
    Table(industry='sector', region='province', size='size')
    >>> table_of(CellKey("", "370100", "")).region, table_of(CellKey("", "g:yangtze", "")).region
    ('city', 'group')
    """
    industry = "" if not key.industry else "sector" if key.industry.startswith(SECTOR) else "division"
    return Table(industry, _region_step(key.region), "size" if key.size else "")


def _region_step(region: str) -> str:
    if not region:
        return ""
    if region in MACRO_REGIONS:
        return "macro"
    if region.startswith(GROUP):
        return "group"
    if region.startswith(PARK):
        return "park"
    return "province" if region.endswith("0000") else "city"


def summary(session: Session, release: BenchmarkRelease) -> tuple[TableLine, ...]:
    """Every table with the number of its cells, the widest first. Never how many enterprises are in a withheld one."""
    published = Counter(table_of(key) for key in _keys(session, BenchmarkCell, release))
    withheld = Counter(table_of(key) for key in _keys(session, WithheldCell, release, WithheldCell.what == ""))
    tables = sorted(published.keys() | withheld.keys(), key=_width)
    return tuple(TableLine(table, published[table], withheld[table]) for table in tables)


_STEPS = ("", "sector", "division", "macro", "province", "group", "city", "park", "size")


def _width(table: Table) -> tuple[int, ...]:
    steps = tuple(_STEPS.index(step) for step in (table.industry, table.region, table.size))
    return (sum(1 for step in steps if step), *steps)


def _keys(session: Session, model: Any, release: BenchmarkRelease, *more: Any) -> list[CellKey]:
    query = select(model.industry, model.region, model.size).where(model.release_id == release.id, *more)
    return [CellKey(*row) for row in session.execute(query)]


def withheld_by_rule(session: Session, release: BenchmarkRelease) -> Mapping[str, tuple[int, int]]:
    """For each rule how many cells it keeps back whole, and how many single figures of published ones."""
    found: dict[str, list[int]] = {}
    rows = session.execute(select(WithheldCell.rule, WithheldCell.what).where(WithheldCell.release_id == release.id))
    for rule, what in rows:
        found.setdefault(rule, [0, 0])[1 if what else 0] += 1
    order = [*RULES, *sorted(found.keys() - set(RULES))]
    return {rule: (found[rule][0], found[rule][1]) for rule in order if rule in found}


def withheld_page(session: Session, release: BenchmarkRelease, rule: str, number: int) -> Page[WithheldCell]:
    """The withheld cells, of one rule or all of them."""
    query = select(WithheldCell).where(WithheldCell.release_id == release.id)
    if rule:
        query = query.where(WithheldCell.rule == rule)
    order = (WithheldCell.industry, WithheldCell.region, WithheldCell.size, WithheldCell.rule, WithheldCell.what)
    return _page(list(session.scalars(query.order_by(*order, WithheldCell.id))), number)


def cells_page(session: Session, release: BenchmarkRelease, wanted: CellKey, number: int) -> Page[BenchmarkCell]:
    """The cells as they would be published; '*' leaves industry, region or size open."""
    query = select(BenchmarkCell).where(BenchmarkCell.release_id == release.id)
    for name in ("industry", "region", "size"):
        value = getattr(wanted, name)
        if value != "*":
            query = query.where(getattr(BenchmarkCell, name) == value)
    order = (BenchmarkCell.industry, BenchmarkCell.region, BenchmarkCell.size)
    return _page(list(session.scalars(query.order_by(*order))), number)


def choices_of(session: Session, release: BenchmarkRelease) -> Mapping[str, tuple[str, ...]]:
    """The industries, regions and sizes that the release has cells of, the total first."""
    found = {}
    for name in ("industry", "region", "size"):
        column = getattr(BenchmarkCell, name)
        query = select(column).where(BenchmarkCell.release_id == release.id).distinct()
        found[name] = tuple(sorted(session.scalars(query)))
    return found


def _page(rows: list[T], number: int) -> Page[T]:
    pages = max(1, -(-len(rows) // PAGE))
    number = min(max(1, number), pages)
    return Page(tuple(rows[(number - 1) * PAGE : number * PAGE]), number, pages, len(rows))


def changes(session: Session, release: BenchmarkRelease) -> Changes | None:
    """Against what it replaces, or the published release of the framework before it; None where there is none."""
    before = _before(session, release)
    if before is None:
        return None
    old, new = _medians(session, before), _medians(session, release)
    moved = [
        Change(key, metric, old[key][metric], after)
        for key, metrics in new.items()
        if key in old
        for metric, after in metrics.items()
        if metric in old[key] and abs(after - old[key][metric]) > LARGE_CHANGE
    ]
    moved.sort(key=lambda change: (-abs(change.points), change.key, change.metric))
    gone = sorted(old.keys() - new.keys())
    return Changes(before, tuple(moved[:MOST_CHANGES]), len(moved), tuple(gone), len(new.keys() - old.keys()))


def _before(session: Session, release: BenchmarkRelease) -> BenchmarkRelease | None:
    if release.replaces_id is not None:
        return session.get(BenchmarkRelease, release.replaces_id)
    query = select(BenchmarkRelease).where(
        BenchmarkRelease.framework == release.framework,
        BenchmarkRelease.state == "published",
        BenchmarkRelease.is_synthetic == release.is_synthetic,
        BenchmarkRelease.id < release.id,  # a correction comes after what it corrects, and is no measure of it
        BenchmarkRelease.period <= release.period,
    )
    return session.scalar(query.order_by(BenchmarkRelease.period.desc(), BenchmarkRelease.id.desc()).limit(1))


def _medians(session: Session, release: BenchmarkRelease) -> dict[CellKey, dict[str, int]]:
    columns = (BenchmarkCell.industry, BenchmarkCell.region, BenchmarkCell.size, BenchmarkCell.metrics)
    rows: Iterable[tuple[str, str, str, dict[str, dict[str, int]]]] = session.execute(
        select(*columns).where(BenchmarkCell.release_id == release.id)
    ).tuples()
    return {
        CellKey(industry, region, size): {name: grid["median"] for name, grid in metrics.items()}
        for industry, region, size, metrics in rows
    }
