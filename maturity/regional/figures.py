"""The figures an index is computed from: typed for a sheet, taken from a file, or taken from a release."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from maturity.audit.service import record
from maturity.benchmarks.cells import CellKey
from maturity.benchmarks.models import BenchmarkRelease
from maturity.benchmarks.queries import Cell, Reader, latest, read_cells
from maturity.errors import Conflict, Invalid
from maturity.regional.index import Datum, Values
from maturity.regional.model import PROVENANCES, IndexModel, Indicator, number_of
from maturity.regional.models import IndexValue
from maturity.regional.service import Found, Who

#: The framework whose releases surveyed indicators are fed from.
FRAMEWORK = "lianghua"
COMPARATORS = ("", ">", "≥", "≈", "<", "≤")
LONGEST_SOURCE = 200
MOST_VALUES = 100_000
#: stands for a figure of a release, which is quoted from it
RELEASED = "Q"


@dataclass(frozen=True, slots=True)
class Entry:
    """One figure as it was typed or read; an empty value says that there is none."""

    indicator: str
    region: str
    year: int
    value: str
    comparator: str
    source: str
    provenance: str


@dataclass(frozen=True, slots=True)
class Taken:
    """What came of taking figures: how many were new or changed, removed, left as they were."""

    saved: int
    removed: int
    kept: int


@dataclass(frozen=True, slots=True)
class Surveyed:
    """What came of reading a release: figures taken, and those it withholds."""

    release: BenchmarkRelease
    taken: int
    withheld: int


def rows_of(session: Session, line: uuid.UUID) -> list[IndexValue]:
    query = select(IndexValue).where(IndexValue.line == line)
    return list(session.scalars(query.order_by(IndexValue.year, IndexValue.indicator, IndexValue.region)))


def values_of(rows: Iterable[IndexValue]) -> Values:
    return {(row.indicator, row.region, row.year): _datum(row) for row in rows}


def _datum(row: IndexValue) -> Datum:
    value = None if row.value is None else Fraction(row.value)
    return Datum(value, row.comparator, row.source, row.provenance, row.release)


def years_of(rows: Iterable[IndexValue], model: IndexModel) -> list[int]:
    """The years with a figure of some region that is ranked, the latest first."""
    ranked = set(model.regions)
    return sorted({row.year for row in rows if row.region in ranked}, reverse=True)


def keep_entries(session: Session, found: Found, entries: Sequence[Entry], who: Who) -> Taken:
    """Take what was typed or read: a value in place of the one before, an empty one removes it.

    A figure of a release is not typed over, and one that stands as it is keeps its source.
    """
    try:
        with session.begin_nested():
            taken = _keep(session, found, entries, who)
    except IntegrityError as error:  # somebody entered the same figure at this very moment
        raise Conflict("index_values_meanwhile") from error
    if taken.saved or taken.removed:
        _log(session, "index.values_entered", found, who, saved=taken.saved, removed=taken.removed)
    session.flush()
    return taken


def _keep(session: Session, found: Found, entries: Sequence[Entry], who: Who) -> Taken:
    rows = {(row.indicator, row.region, row.year): row for row in rows_of(session, found.line)}
    saved = removed = kept = 0
    for entry in entries:
        key = (entry.indicator, entry.region, entry.year)
        row = rows.get(key)
        if row is not None and row.release:
            raise Conflict("index_value_released")
        if not entry.value:
            if row is not None:
                session.delete(rows.pop(key))
                removed += 1
        elif row is not None and _same(row, entry):
            kept += 1
        else:
            rows[key] = _write(session, found, row, entry, who)
            saved += 1
    if len(rows) > MOST_VALUES:
        raise Invalid("index_values_many")
    return Taken(saved, removed, kept)


def _log(session: Session, event: str, found: Found, who: Who, **numbers: int) -> None:
    details: dict[str, str | int] = {"title": found.title("zh")[:LONGEST_SOURCE], **numbers}
    record(session, who.clock, event, who.actor_id, who.tenant.id, **details)


def _same(row: IndexValue, entry: Entry) -> bool:
    return (row.value, row.comparator) == (entry.value, entry.comparator) and (
        not entry.source or (row.source, row.provenance) == (entry.source, entry.provenance)
    )


def _write(session: Session, found: Found, row: IndexValue | None, entry: Entry, who: Who) -> IndexValue:
    if row is None:
        row = IndexValue(
            tenant_id=who.tenant.id, line=found.line, indicator=entry.indicator, region=entry.region, year=entry.year
        )
    is_new = row not in session
    row.value, row.comparator, row.source, row.provenance = (
        entry.value, entry.comparator, entry.source, entry.provenance,
    )  # fmt: skip
    row.release, row.entered_by, row.entered_at = "", who.actor_id, who.clock.now()
    if is_new:
        session.add(row)
    return row


def is_sound(entry: Entry) -> bool:
    """Whether an entry can be kept; the forms tell what is wrong before it comes to this."""
    return (
        (not entry.value or number_of(entry.value) is not None)
        and entry.comparator in COMPARATORS
        and entry.provenance in PROVENANCES
        and 0 < len(entry.source) <= LONGEST_SOURCE
    )


# ---- from a release


def take_released(session: Session, found: Found, model: IndexModel, year: int, who: Who) -> Surveyed:
    """Feed the surveyed indicators of a year from the published release of that very period, and from no other.

    What the release withholds is kept as withheld, so that it is known to be missing and why. The reading goes into
    the ledger that contributors see.
    """
    fed = [indicator for indicator in model.indicators if indicator.cell]
    if not fed:
        raise Conflict("index_no_survey")
    release = latest(session, FRAMEWORK, year)
    if release is None or release.period != year:
        raise Conflict("index_no_release")
    wanted = (*model.regions, model.reference)
    reader = Reader(who.tenant.id, who.tenant.name, who.tenant.kind, "regional index", who.clock)
    cells = read_cells(session, release, reader, industry=("",), region=wanted, size=("",))
    by_region = {cell.key.region: cell for cell in cells if cell.key == CellKey("", cell.key.region, "")}
    rows = {(row.indicator, row.region): row for row in rows_of(session, found.line) if row.year == year}
    taken = withheld = 0
    for indicator in fed:
        for region in dict.fromkeys(wanted):
            value = released_figure(indicator, by_region.get(region))
            row = rows.get((indicator.id, region))
            _feed(session, found, row, indicator, (region, year), value, release, who)
            taken, withheld = taken + (value is not None), withheld + (value is None)
    _log(session, "index.released_taken", found, who, period=year, taken=taken, withheld=withheld)
    session.flush()
    return Surveyed(release, taken, withheld)


def _feed(
    session: Session,
    found: Found,
    row: IndexValue | None,
    indicator: Indicator,
    place: tuple[str, int],
    value: str | None,
    release: BenchmarkRelease,
    who: Who,
) -> None:
    if row is None:
        region, year = place
        row = IndexValue(tenant_id=who.tenant.id, line=found.line, indicator=indicator.id, region=region, year=year)
        session.add(row)
    mark = "synthetic release" if release.is_synthetic else "release"
    row.value, row.comparator, row.provenance = value, "", RELEASED
    row.source, row.release = f"{mark} {release.framework} {release.period} {indicator.cell}", str(release.sha256)
    row.entered_by, row.entered_at = who.actor_id, who.clock.now()


def released_figure(indicator: Indicator, cell: Cell | None) -> str | None:
    """The published figure of a region's cell that the indicator names; None where it is withheld."""
    if cell is None:
        return None
    kind, _, name = indicator.cell.partition(":")
    if kind == "median":
        grid = cell.quantiles.get(name)
        return None if grid is None else str(grid.median)
    figures: Mapping[str, object] = cell.shares if kind == "share" else cell.means
    return str(figures[name]) if name in figures else None


def drop_released(session: Session, found: Found, year: int, who: Who) -> int:
    """Take the figures of a release out again, so that others can be typed."""
    rows = [row for row in rows_of(session, found.line) if row.year == year and row.release]
    for row in rows:
        session.delete(row)
    if rows:
        _log(session, "index.values_entered", found, who, saved=0, removed=len(rows))
    session.flush()
    return len(rows)
