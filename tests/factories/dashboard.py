"""Releases of a small synthetic population, built once and stored as often as wanted."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any

from sqlalchemy.orm import Session

from maturity.adaptive.framework import load_framework
from maturity.benchmarks.build import Built, Earlier, build_release
from maturity.benchmarks.models import BenchmarkRelease
from maturity.benchmarks.parameters import load_parameters
from maturity.benchmarks.service import ask_for_release, publish, store_built
from maturity.clock import FixedClock
from maturity.demo.contributors import contributors
from maturity.demo.population import build_population
from tests.factories.people import keep
from tests.factories.releases import SECRET

YEARS = (2024, 2025)
COUNT = 2400  # enough for cities of Shandong, few enough for a second or two a year


@cache
def built_years() -> Mapping[int, Built]:
    """What is published of each year; the later year is judged against the earlier one, as always."""
    framework, before, found = load_framework("lianghua/2026.1"), None, {}
    for year in YEARS:
        population = contributors(framework, build_population(framework, year, COUNT))
        found[year] = build_release(population, load_parameters(), earlier=[before] if before else [], secret=SECRET)
        before = Earlier(population, found[year].published)
    return found


def publish_year(
    session: Session,
    clock: FixedClock,
    year: int,
    *,
    period: int | None = None,
    is_published: bool = True,
    edition: str | None = None,
    **about: Any,
) -> BenchmarkRelease:
    """A published release of the year's cells, for another period too; synthetic unless said otherwise."""
    given = {"rules_version": load_parameters().version, "is_synthetic": True, **about}
    at = datetime((period or year) + 1, 6, 30, 16, tzinfo=UTC)
    release = ask_for_release(session, "lianghua", period or year, cut_off_at=at, clock=clock, **given)
    store_built(session, release, built_years()[year], "0" * 64, edition)
    if is_published:
        publish(session, release, clock)
    keep(session)
    return release
