"""Releasing a population's cells and finding the cell an enterprise is compared with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from maturity.benchmarks.cells import CellKey, Quantiles, build_cells, fallbacks, percentile
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
    """Compute every cell once and keep it; the hash covers all of them."""
    cells = build_cells(keys, metrics)
    rows = [
        {
            "industry": key.industry,
            "region": key.region,
            "size": key.size,
            "contributors": count // 5 * 5,  # the exact count is not published
            "metrics": {name: grid.as_json() for name, grid in found.items()},
        }
        for key, (count, found) in cells.items()
    ]
    release = BenchmarkRelease(
        framework=framework,
        period=period,
        is_synthetic=is_synthetic,
        population=len(keys),
        sha256=digest(canonical(rows)),
        created_at=clock.now(),
    )
    session.add(release)
    session.flush()
    session.add_all([BenchmarkCell(release_id=release.id, **row) for row in rows])
    session.flush()
    return release


def compare(session: Session, framework: str, period: int, key: CellKey) -> Comparison | None:
    """The closest published cell of the period's newest release, or of the latest earlier period; None without one."""
    query = select(BenchmarkRelease).where(BenchmarkRelease.framework == framework, BenchmarkRelease.period <= period)
    release = session.scalar(query.order_by(BenchmarkRelease.period.desc(), BenchmarkRelease.id.desc()).limit(1))
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
    query = select(BenchmarkRelease.sha256).where(
        BenchmarkRelease.framework == framework, BenchmarkRelease.period <= period
    )
    return session.scalar(query.order_by(BenchmarkRelease.period.desc(), BenchmarkRelease.id.desc()).limit(1))
