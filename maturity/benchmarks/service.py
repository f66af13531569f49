"""Releasing a population's cells and finding the cell an enterprise is compared with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from maturity.benchmarks.cells import CellKey, Quantiles, build_cells, fallbacks, percentile, published_count
from maturity.benchmarks.models import BenchmarkCell, BenchmarkRelease
from maturity.clock import Clock
from maturity.editions.service import canonical, digest


@dataclass(frozen=True, slots=True)
class Comparison:
    """An enterprise against one released cell; `is_closest` tells whether it is its own industry, region and size."""

    release: BenchmarkRelease
    cell: CellKey
    contributors: int
    is_closest: bool
    metrics: Mapping[str, Quantiles]

    def percentile(self, metric: str, value: Decimal) -> int | None:
        grid = self.metrics.get(metric)
        return None if grid is None else percentile(grid, value)


def release_population(
    session: Session,
    framework: str,
    period: int,
    keys: Sequence[CellKey],
    metrics: Mapping[str, Sequence[float]],
    *,
    is_synthetic: bool,
    clock: Clock,
) -> BenchmarkRelease:
    """Compute every cell once and keep it; the hash covers them and what they are said to be."""
    cells = build_cells(keys, metrics)
    rows = [
        {
            "industry": key.industry,
            "region": key.region,
            "size": key.size,
            "contributors": published_count(count),
            "metrics": {name: grid.as_json() for name, grid in found.items()},
        }
        for key, (count, found) in cells.items()
    ]
    about = {"framework": framework, "period": period, "is_synthetic": is_synthetic}
    release = BenchmarkRelease(
        **about,
        population=published_count(len(keys)),
        sha256=digest(canonical(about | {"cells": rows})),
        created_at=clock.now(),
    )
    session.add(release)
    session.flush()
    session.add_all([BenchmarkCell(release_id=release.id, **row) for row in rows])
    session.flush()
    return release


def compare(session: Session, framework: str, period: int, key: CellKey) -> Comparison | None:
    """The closest published cell of the release that stands for the period; None without one."""
    release = session.scalar(_standing_for(framework, period, BenchmarkRelease))
    if release is None:
        return None
    cells = {
        CellKey(cell.industry, cell.region, cell.size): cell
        for cell in session.scalars(
            select(BenchmarkCell).where(
                BenchmarkCell.release_id == release.id,
                BenchmarkCell.industry.in_((key.industry, "")),
                BenchmarkCell.region.in_((key.region, "")),
                BenchmarkCell.size.in_((key.size, "")),
            )
        )
    }
    found = next((candidate for candidate in fallbacks(key) if candidate in cells), None)
    if found is None:
        return None
    cell = cells[found]
    metrics = {name: Quantiles(**grid) for name, grid in cell.metrics.items()}
    return Comparison(release, found, cell.contributors, found == key, metrics)


def latest_release_hash(session: Session, framework: str, period: int) -> str | None:
    """The hash of the release that `compare` would use."""
    return session.scalar(_standing_for(framework, period, BenchmarkRelease.sha256))


def _standing_for(framework: str, period: int, wanted: Any) -> Select[Any]:
    """The newest release of the period or the latest earlier one; a synthetic one only until there are real ones."""
    query = select(wanted).where(BenchmarkRelease.framework == framework, BenchmarkRelease.period <= period)
    order = (BenchmarkRelease.is_synthetic, BenchmarkRelease.period.desc(), BenchmarkRelease.id.desc())
    return query.order_by(*order).limit(1)
