"""Published releases over made-up contributors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from sqlalchemy.orm import Session

from maturity.benchmarks.build import build_release
from maturity.benchmarks.cells import CellKey
from maturity.benchmarks.models import BenchmarkRelease
from maturity.benchmarks.parameters import load_parameters
from maturity.benchmarks.population import Population
from maturity.benchmarks.service import ask_for_release, publish, store_built
from maturity.clock import FixedClock
from maturity.reference.regions import children

SECRET = b"a secret of the tests"


def make_population(
    groups: Sequence[tuple[CellKey, int]], values: Mapping[str, Sequence[float]] | None = None, level: int = 2
) -> Population:
    """So many contributors of each finest key, every one a group of its own, in one place of its province.

    Without values the capability and S of those of one key are spread evenly from 0 to 100.
    """
    keys = [key for key, count in groups for _ in range(count)]
    spread = [100 * n / max(count - 1, 1) for _, count in groups for n in range(count)]
    columns = values or {"capability": spread, "S": spread}
    count = len(keys)
    return Population(
        enterprise=np.array([f"{n:06}" for n in range(count)]),
        group=np.arange(count),
        industry=np.array([key.industry for key in keys]),
        city=np.array([children(key.region)[0].code for key in keys]),
        park=np.array([""] * count),
        size=np.array([key.size for key in keys]),
        level=np.full(count, level, dtype=np.int8),
        values={name: np.round(np.array(column, dtype=float), 2) for name, column in columns.items()},
        criteria={},
        reviewed=np.zeros(count, dtype=np.bool_),
    )


def publish_population(
    session: Session,
    clock: FixedClock,
    population: Population,
    *,
    framework: str = "lianghua",
    period: int = 2025,
    is_synthetic: bool = True,
    is_published: bool = True,
    **more: Any,
) -> BenchmarkRelease:
    """Built under the present rules, stored and published without the two people who would look through it."""
    parameters = load_parameters()
    release = ask_for_release(
        session,
        framework,
        period,
        cut_off_at=clock.now(),
        rules_version=parameters.version,
        is_synthetic=is_synthetic,
        clock=clock,
        **more,
    )
    store_built(session, release, build_release(population, parameters, secret=SECRET), "0" * 64)
    if is_published:
        publish(session, release, clock)
    return release
