"""Storing what was built as a release, publishing it, and comparing an enterprise with the nearest cell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import delete
from sqlalchemy.orm import Session

from maturity.benchmarks.build import Built, BuiltCell
from maturity.benchmarks.cells import CellKey, Quantiles, percentile
from maturity.benchmarks.models import BenchmarkCell, BenchmarkRelease, WithheldCell
from maturity.benchmarks.queries import closest, latest, standing_for
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


def ask_for_release(
    session: Session,
    framework: str,
    period: int,
    *,
    cut_off_at: datetime,
    rules_version: str,
    is_synthetic: bool,
    clock: Clock,
    actor_id: int | None = None,
    replaces: BenchmarkRelease | None = None,
    notice: Mapping[str, str] | None = None,
) -> BenchmarkRelease:
    """A release that has yet to be computed."""
    release = BenchmarkRelease(
        framework=framework,
        period=period,
        state="computing",
        is_synthetic=is_synthetic,
        population=0,
        cut_off_at=cut_off_at,
        rules_version=rules_version,
        replaces_id=replaces.id if replaces else None,
        notice=dict(notice) if notice else None,
        requested_by=actor_id,
        created_at=clock.now(),
    )
    session.add(release)
    session.flush()
    return release


def store_built(
    session: Session, release: BenchmarkRelease, built: Built, input_sha256: str, edition: str | None = None
) -> None:
    """Keep what was computed, for review; the hash covers the cells and what they are said to be."""
    for table in (BenchmarkCell, WithheldCell):
        session.execute(delete(table).where(table.release_id == release.id))
    rows = [row_of(cell) for cell in built.cells]
    release.population = built.population
    release.input_sha256, release.edition = input_sha256, edition
    release.sha256 = digest(canonical(about(release) | {"cells": rows}))
    release.state = "review"
    session.add_all([BenchmarkCell(release_id=release.id, **row) for row in rows])
    session.add_all(
        [
            WithheldCell(release_id=release.id, rule=item.rule, what=item.what, **place_of(item.key))
            for item in built.withheld
        ]
    )
    session.flush()


def publish(session: Session, release: BenchmarkRelease, clock: Clock) -> None:
    """For good: a published release never changes."""
    release.state, release.published_at = "published", clock.now()
    session.flush()


def about(release: BenchmarkRelease) -> dict[str, Any]:
    """What the hash covers besides the cells."""
    noted = {"edition": release.edition} if release.edition else {}  # older releases keep their hash
    return noted | {
        "framework": release.framework,
        "period": release.period,
        "is_synthetic": release.is_synthetic,
        "rules": release.rules_version,
        "cut_off_at": release.cut_off_at.isoformat(),
        "input_sha256": release.input_sha256,
        "population": release.population,
    }


def place_of(key: CellKey) -> dict[str, str]:
    return {"industry": key.industry, "region": key.region, "size": key.size}


def row_of(cell: BuiltCell) -> dict[str, Any]:
    """A cell as it is stored and hashed."""
    return place_of(cell.key) | {
        "contributors": cell.contributors,
        "reviewed": cell.reviewed,
        "metrics": {name: grid.as_json() for name, grid in sorted(cell.quantiles.items())},
        "shares": dict(sorted(cell.shares.items())),
        "levels": [[list(item.levels), item.share] for item in cell.levels],
        "means": {name: str(mean) for name, mean in sorted(cell.means.items())},
    }


def compare(session: Session, framework: str, period: int, key: CellKey) -> Comparison | None:
    """An enterprise's own place: the closest published cell of the release that stands for the period, or None."""
    release = latest(session, framework, period)
    found = closest(session, release, key, None) if release else None
    if release is None or found is None:
        return None
    cell, is_closest = found
    return Comparison(release, cell.key, cell.contributors, is_closest, cell.quantiles)


def latest_release_hash(session: Session, framework: str, period: int) -> str | None:
    """The hash of the release that `compare` would use."""
    return session.scalar(standing_for(framework, period, BenchmarkRelease.sha256))
