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
from maturity.benchmarks.lattice import fallbacks
from maturity.benchmarks.models import AggregateRead, BenchmarkCell, BenchmarkRelease
from maturity.clock import Clock


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
    query = select(BenchmarkCell).where(BenchmarkCell.release_id == release.id)
    for name, values in wanted.items():
        if values is not None:
            query = query.where(getattr(BenchmarkCell, name).in_(sorted(values)))
    order = (BenchmarkCell.industry, BenchmarkCell.region, BenchmarkCell.size)
    found = [_cell(row) for row in session.scalars(query.order_by(*order))]
    if reader and reader.is_noted:
        asked = {name: None if values is None else sorted(values) for name, values in wanted.items()}
        _note(session, release, reader, asked, len(found))
    return found


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


def _cell(row: BenchmarkCell) -> Cell:
    return Cell(
        CellKey(row.industry, row.region, row.size),
        row.contributors,
        row.reviewed,
        {name: Quantiles(**grid) for name, grid in row.metrics.items()},
        dict(row.shares),
        tuple((tuple(levels), share) for levels, share in row.levels),
        dict(row.means),
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
