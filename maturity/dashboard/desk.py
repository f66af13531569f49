"""The releases a reader may look into, and which of their cells there are.

That a cell is published is no secret; what it says is read through `maturity.benchmarks.queries` alone and noted there.
A cell that is withheld and one that never was are the same here: there is nothing to tell them apart by.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy.orm import Session

from maturity.benchmarks.cells import CellKey
from maturity.benchmarks.lattice import fallbacks
from maturity.benchmarks.models import BenchmarkRelease
from maturity.benchmarks.parameters import Parameters
from maturity.benchmarks.queries import Cell, Reader, published, published_figures, read_cells
from maturity.dashboard.indicators import rules_of

#: releases of which it is kept what there is in the process: a published release never changes
KEPT = 24
Figures = Mapping[CellKey, frozenset[str]]
_figures: OrderedDict[tuple[int, str], Figures] = OrderedDict()
_lock = threading.Lock()


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
        name = (release.id, str(release.sha256))
        with _lock:
            if name in _figures:
                _figures.move_to_end(name)
                return _figures[name]
        found = published_figures(self.session, release)
        with _lock:
            _figures[name] = found
            while len(_figures) > KEPT:
                _figures.popitem(last=False)
        return found

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
