"""Reading published figures: the one way in which pages, exports, programs and documents come to them.

What a regulator reads goes into the ledger that those counted can see, in the same transaction. Without a reader it
is those whom the figures are about who read, or everybody.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from maturity.benchmarks.cells import CellKey, Quantiles
from maturity.benchmarks.kept import Kept
from maturity.benchmarks.lattice import fallbacks
from maturity.benchmarks.models import AggregateRead, BenchmarkCell, BenchmarkRelease
from maturity.clock import Clock

#: cells that a process keeps of what was asked before, some kilobytes each; who asks is noted all the same
MOST_CELLS = 4000
_COLUMNS = tuple(
    getattr(BenchmarkCell, name)
    for name in ("industry", "region", "size", "contributors", "reviewed", "metrics", "shares", "levels", "means")
)


@dataclass(frozen=True, slots=True)
class Reader:
    """On whose behalf figures are read; those of a regulator are told to the contributors."""

    tenant_id: uuid.UUID
    name: str
    kind: str
    purpose: str
    clock: Clock

    @property
    def is_noted(self) -> bool:
        return self.kind == "regulator"


@dataclass(frozen=True, slots=True)
class Cell:
    """A published cell. `levels` pairs the levels that stand together with their share in percent."""

    key: CellKey
    contributors: int
    reviewed: int | None
    quantiles: Mapping[str, Quantiles]
    shares: Mapping[str, int]
    levels: tuple[tuple[tuple[int, ...], int], ...]
    means: Mapping[str, str]


KEPT_CELLS: Kept[tuple[Cell, ...]] = Kept(MOST_CELLS, len)


def latest(session: Session, framework: str, period: int | None = None) -> BenchmarkRelease | None:
    """The release that stands for a period, or for the latest one: see `standing_for`."""
    return session.scalar(standing_for(framework, period, BenchmarkRelease))


def standing_for(framework: str, period: int | None, wanted: Any) -> Select[Any]:
    """The newest published one of the period or the latest earlier one; synthetic only until there are real ones."""
    query = select(wanted).where(BenchmarkRelease.framework == framework, BenchmarkRelease.state == "published")
    if period is not None:
        query = query.where(BenchmarkRelease.period <= period)
    order = (BenchmarkRelease.is_synthetic, BenchmarkRelease.period.desc(), BenchmarkRelease.id.desc())
    return query.order_by(*order).limit(1)


def published(session: Session, framework: str | None = None) -> list[BenchmarkRelease]:
    """All published releases, the latest period first, corrections before what they replace."""
    query = select(BenchmarkRelease).where(BenchmarkRelease.state == "published")
    if framework is not None:
        query = query.where(BenchmarkRelease.framework == framework)
    order = (BenchmarkRelease.period.desc(), BenchmarkRelease.is_synthetic, BenchmarkRelease.id.desc())
    return list(session.scalars(query.order_by(*order)))


def read_cell(session: Session, release: BenchmarkRelease, key: CellKey, reader: Reader | None) -> Cell | None:
    """The cell, None where it is withheld."""
    wanted = {"industry": (key.industry,), "region": (key.region,), "size": (key.size,)}
    found = read_cells(session, release, reader, **wanted)
    return found[0] if found else None


def read_cells(
    session: Session,
    release: BenchmarkRelease,
    reader: Reader | None,
    *,
    industry: Collection[str] | None = None,
    region: Collection[str] | None = None,
    size: Collection[str] | None = None,
) -> list[Cell]:
    """The published cells whose industry, region and size are among those given; None leaves one open.

    `ValueError` for a release that is not published.
    """
    if release.state != "published":
        raise ValueError(f"release {release.id} is not published")
    wanted = {"industry": industry, "region": region, "size": size}
    asked = {name: None if values is None else sorted(values) for name, values in wanted.items()}
    name = (release.id, release.sha256, tuple(None if values is None else tuple(values) for values in asked.values()))
    found = KEPT_CELLS.of(name, lambda: _select(session, release, asked))
    if reader and reader.is_noted:
        _note(session, release, reader, asked, len(found))
    return list(found)


def _select(session: Session, release: BenchmarkRelease, asked: Mapping[str, list[str] | None]) -> tuple[Cell, ...]:
    query = select(*_COLUMNS).where(BenchmarkCell.release_id == release.id)
    for name, values in asked.items():
        if values is not None:
            query = query.where(getattr(BenchmarkCell, name).in_(values))
    order = (BenchmarkCell.industry, BenchmarkCell.region, BenchmarkCell.size)
    with session.no_autoflush:  # what was noted of other releases goes with the commit, all of it at once
        return tuple(_cell(*row) for row in session.execute(query.order_by(*order)))


def published_figures(session: Session, release: BenchmarkRelease) -> dict[CellKey, frozenset[str]]:
    """What there is to read in a published release: of each cell the ids of its figures, and `levels`.

    That a figure is there is no figure, and is not noted.
    """
    if release.state != "published":
        raise ValueError(f"release {release.id} is not published")
    table = BenchmarkCell
    query = select(table.industry, table.region, table.size, table.metrics, table.shares, table.levels, table.means)
    return {
        CellKey(industry, region, size): frozenset((*metrics, *shares, *means, *(("levels",) if levels else ())))
        for industry, region, size, metrics, shares, levels, means in session.execute(
            query.where(table.release_id == release.id)
        )
    }


def closest(
    session: Session, release: BenchmarkRelease, key: CellKey, reader: Reader | None, metric: str = "capability"
) -> tuple[Cell, bool] | None:
    """The cell nearest to a place among its ancestors (R11) that has quantiles of the metric, and whether it is the
    very one.

    `key` names a division, a province and a size.
    """
    keys = tuple(fallbacks(key))
    found = {
        cell.key: cell
        for cell in read_cells(
            session,
            release,
            reader,
            industry={one.industry for one in keys},
            region={one.region for one in keys},
            size={one.size for one in keys},
        )
        if metric in cell.quantiles
    }
    return next(((found[one], one == key) for one in keys if one in found), None)


def _cell(
    industry: str,
    region: str,
    size: str,
    contributors: int,
    reviewed: int | None,
    metrics: Mapping[str, Mapping[str, Any]],
    shares: Mapping[str, int],
    levels: Sequence[tuple[Sequence[int], int]],
    means: Mapping[str, str],
) -> Cell:
    return Cell(
        CellKey(industry, region, size),
        contributors,
        reviewed,
        {name: Quantiles(**grid) for name, grid in metrics.items()},
        shares,
        tuple((tuple(together), share) for together, share in levels),
        means,
    )


def _note(session: Session, release: BenchmarkRelease, reader: Reader, asked: Mapping[str, Any], cells: int) -> None:
    session.add(
        AggregateRead(
            release_id=release.id,
            reader_id=reader.tenant_id,
            reader_name=reader.name,
            purpose=reader.purpose,
            asked=dict(asked),
            cells=cells,
            at=reader.clock.now(),
        )
    )


def ledger_of(session: Session, release_ids: Sequence[int], limit: int = 200) -> list[AggregateRead]:
    """Who read these releases, the latest first."""
    query = select(AggregateRead).where(AggregateRead.release_id.in_(release_ids))
    return list(session.scalars(query.order_by(AggregateRead.at.desc(), AggregateRead.id).limit(limit)))
