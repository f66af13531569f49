"""The releases a reader may look into, and which of their cells there are.

That a cell is published is no secret; what it says is read through `maturity.benchmarks.queries` alone and noted there.
A cell that is withheld and one that never was are the same here: there is nothing to tell them apart by.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy.orm import Session

from maturity.benchmarks.cells import CellKey
from maturity.benchmarks.kept import Kept
from maturity.benchmarks.lattice import fallbacks
from maturity.benchmarks.models import BenchmarkRelease
from maturity.benchmarks.parameters import Parameters
from maturity.benchmarks.queries import Cell, Reader, published, published_figures, read_cells
from maturity.dashboard.indicators import rules_of

#: releases of which it is kept in the process what there is
MOST_RELEASES = 24
Figures = Mapping[CellKey, frozenset[str]]


@dataclass(frozen=True, slots=True)
class Contents:
    """What there is to read in a release, and the provinces, by their two figures, of which a city is in it."""

    figures: Figures
    with_cities: frozenset[str]


_contents: Kept[Contents] = Kept(MOST_RELEASES, lambda _: 1)


@dataclass(frozen=True, slots=True)
class Desk:
    """`releases` holds the one that stands for each period, the latest first."""

    session: Session
    reader: Reader
    framework: str
    frameworks: tuple[str, ...]
    releases: tuple[BenchmarkRelease, ...]

    @property
    def years(self) -> tuple[int, ...]:
        return tuple(release.period for release in self.releases)

    def release_of(self, year: int | None) -> BenchmarkRelease | None:
        """The release of a period, of the latest one where none is named or it has none.

        The latest is that of real enterprises, where there is one.
        """
        for release in self.releases:
            if release.period == year:
                return release
        real = [release for release in self.releases if not release.is_synthetic]
        return next(iter(real or self.releases), None)

    def before(self, release: BenchmarkRelease) -> BenchmarkRelease | None:
        return next((other for other in self.releases if other.period < release.period), None)

    def figures(self, release: BenchmarkRelease) -> Figures:
        """Which figures of which cells there are to read."""
        return self._contents(release).figures

    def with_cities(self, release: BenchmarkRelease) -> frozenset[str]:
        """The first two figures of the provinces of which a city is published."""
        return self._contents(release).with_cities

    def _contents(self, release: BenchmarkRelease) -> Contents:
        def make() -> Contents:
            figures = published_figures(self.session, release)
            places = {key.region for key in figures}
            cities = {place[:2] for place in places if place.isdigit() and not place.endswith("0000")}
            return Contents(figures, frozenset(cities))

        return _contents.of((release.id, release.sha256), make)

    def has(self, release: BenchmarkRelease, key: CellKey, what: str = "") -> bool:
        """Whether the figure of the cell is published; any figure of it where none is named."""
        found = self.figures(release).get(key, frozenset())
        return what in found if what else bool(found)

    def read(self, release: BenchmarkRelease, wanted: Iterable[CellKey]) -> Mapping[CellKey, Cell]:
        """The published cells among those wanted, in one query."""
        asked = set(wanted) & self.figures(release).keys()
        if not asked:
            return {}
        parts: Mapping[str, Collection[str]] = {
            name: {getattr(key, name) for key in asked} for name in ("industry", "region", "size")
        }
        found = read_cells(self.session, release, self.reader, **parts)
        return {cell.key: cell for cell in found if cell.key in asked}

    def nearest(self, release: BenchmarkRelease, key: CellKey, what: str = "") -> CellKey | None:
        """The published cell that holds the one asked for most closely; None in an empty release."""
        return next((other for other in (key, *fallbacks(key)) if self.has(release, other, what)), None)

    def rules(self, release: BenchmarkRelease) -> Parameters:
        return rules_of(release.rules_version)


def open_desk(session: Session, reader: Reader, framework: str, preferred: str) -> Desk:
    """The desk for a framework; for the preferred one, or any that has releases, where none is named."""
    everything = published(session)
    frameworks = tuple(dict.fromkeys(release.framework for release in everything))
    known = [name for name in (framework, preferred, *frameworks) if name in frameworks]
    chosen = known[0] if known else preferred
    standing: dict[int, BenchmarkRelease] = {}
    for release in everything:
        if release.framework == chosen:
            standing.setdefault(release.period, release)  # corrections and real ones come first
    return Desk(session, reader, chosen, frameworks, tuple(standing.values()))
