"""Reading everything a report may show, once, on the regulator's behalf: the reading goes into the ledger."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from decimal import Decimal
from fractions import Fraction

from sqlalchemy.orm import Session

from maturity.adaptive.evaluation import period_end
from maturity.adaptive.framework import Framework
from maturity.benchmarks.cells import CellKey
from maturity.benchmarks.definitions import definitions
from maturity.benchmarks.models import BenchmarkRelease
from maturity.benchmarks.parameters import CURRENT, FOLDER, load_parameters
from maturity.benchmarks.queries import Cell, Reader, published, read_cells
from maturity.clock import LOCAL
from maturity.editions.service import current_edition, framework_by_hash
from maturity.questionnaires.model import Text
from maturity.reference.figures import BASES, COMPARATORS, STANDINGS, Point, Series, series_list, sources
from maturity.reference.figures import version as figures_version
from maturity.yearly.book import (
    Book,
    BookCell,
    CellId,
    Gate,
    Indicator,
    PublishedPoint,
    PublishedSeries,
    Rule,
    Vintage,
    key_of,
)
from maturity.yearly.scope import Scope
from maturity.yearly.tokens import code_of

PURPOSE = "yearly report"
#: How many releases a report looks back on, its own among them.
VINTAGES = 5
_NOTHING = Text("", "")
#: Gates are the same for every type of production; a parameter wants to know one.
ANY_TYPE = "discrete_mass"


def releases_for(session: Session, release: BenchmarkRelease) -> list[BenchmarkRelease]:
    """The release and those of earlier periods of its framework, real with real and synthetic with synthetic.

    Of a period that was corrected the correction counts.
    """
    found: dict[int, BenchmarkRelease] = {release.period: release}
    for other in published(session, release.framework):
        if other.is_synthetic == release.is_synthetic and other.period < release.period:
            found.setdefault(other.period, other)
    return [found[period] for period in sorted(found)[-VINTAGES:]]


def gather(session: Session, release: BenchmarkRelease, scope: Scope, reader: Reader) -> Book:
    """Everything for a first draft."""
    releases = releases_for(session, release)
    framework = framework_by_hash(session, current_edition(session, release.framework))
    book = _empty(framework, release, releases)
    keys = list(scope.keys())
    return with_cells(session, book, [(one.period, code_of(key)) for one in releases for key in keys], reader)


def with_cells(session: Session, book: Book, wanted: Sequence[CellId], reader: Reader) -> Book:
    """The book with these cells read, each release's in as few readings as their shape allows."""
    found: dict[CellId, BookCell] = {}
    for period in sorted({period for period, _code in wanted}):
        release = session.get_one(BenchmarkRelease, book.vintages[period].release_id)
        keys = [key_of(cell) for cell in wanted if cell[0] == period]
        for industry, region, size in _blocks(keys):
            for cell in read_cells(session, release, reader, industry=industry, region=region, size=size):
                if cell.key in keys:
                    found[period, code_of(cell.key)] = _cell(cell)
    return book.with_cells(wanted, found)


def _blocks(keys: Iterable[CellKey]) -> list[tuple[frozenset[str], frozenset[str], frozenset[str]]]:
    """Products of industries, regions and sizes that cover the keys and little else."""
    by_rest: dict[tuple[str, frozenset[str]], set[str]] = defaultdict(set)
    sizes: dict[tuple[str, str], set[str]] = defaultdict(set)
    for key in keys:
        sizes[key.industry, key.region].add(key.size)
    for (industry, region), found in sizes.items():
        by_rest[industry, frozenset(found)].add(region)
    by_regions: dict[tuple[frozenset[str], frozenset[str]], set[str]] = defaultdict(set)
    for (industry, found_sizes), regions in by_rest.items():
        by_regions[frozenset(regions), found_sizes].add(industry)
    return [(frozenset(industries), regions, found) for (regions, found), industries in by_regions.items()]


def _cell(cell: Cell) -> BookCell:
    return BookCell(cell.contributors, cell.reviewed, cell.quantiles, cell.shares, cell.levels, cell.means)


def _empty(framework: Framework, release: BenchmarkRelease, releases: Sequence[BenchmarkRelease]) -> Book:
    return Book(
        framework=release.framework,
        period=release.period,
        vintages={one.period: _vintage(one) for one in releases},
        cells={},
        asked=frozenset(),
        indicators=_indicators(framework),
        levels={level: words.title for level, words in framework.levels.items()},
        gates=_gates(framework, release.period),
        rules=_rules(release.rules_version),
        series={item.id: _series(item) for item in series_list()},
        bases=dict(BASES),
        sources=dict(sources()),
        figures_version=figures_version(),
    )


def _vintage(release: BenchmarkRelease) -> Vintage:
    published_at = release.published_at or release.created_at
    return Vintage(
        period=release.period,
        release_id=release.id,
        sha256=release.sha256 or "",
        is_synthetic=release.is_synthetic,
        cut_off_on=release.cut_off_on.isoformat(),
        published_on=published_at.astimezone(LOCAL).date().isoformat(),
        population=release.population,
        rules_version=release.rules_version,
        input_sha256=release.input_sha256 or "",
        edition=release.edition,
    )


def _indicators(framework: Framework) -> dict[str, Indicator]:
    found = {}
    for item in definitions(framework).values():
        kind = "criterion" if item.rule is not None else "rate" if item.rate is not None else "score"
        found[item.id] = Indicator(item.id, kind, item.title, item.definition)
    return found


def _gates(framework: Framework, period: int) -> dict[str, Gate]:
    """The gates on dimensions, at the values that hold at the end of the period."""
    parameters, day = framework.scoring.parameters, period_end(period)
    return {
        gate.parameter: Gate(
            gate.parameter, level.level, gate.of, _decimal(parameters[gate.parameter].value_on(day, ANY_TYPE))
        )
        for level in framework.scoring.levels
        for gate in level.gates
        if gate.kind == "dimension"
    }


def _decimal(exact: Fraction) -> Decimal:
    return Decimal(exact.numerator) / Decimal(exact.denominator)


def _rules(version: str) -> dict[str, Rule]:
    """The parameters the release was made under; those of today where it was made before they were data."""
    known = version if (FOLDER / f"{version}.yaml").is_file() else CURRENT
    return {
        item.id: Rule(
            item.id,
            item.rule,
            item.value,
            Text(item.title("zh"), item.title("en")),
            Text(item.why("zh"), item.why("en")),
        )
        for item in load_parameters(known).described
    }


def _series(item: Series) -> PublishedSeries:
    """What is verified of a series; what is from memory is never in a report."""
    points, targets = (tuple(_point(point) for point in part) for part in (item.points(), item.targets))
    return PublishedSeries(item.id, item.title, item.unit, item.definition, item.population, points, targets)


def _point(point: Point) -> PublishedPoint:
    return PublishedPoint(
        period=point.period,
        value=str(point.value),
        basis=point.basis,
        source=point.source,
        standing=STANDINGS[point.provenance],
        comparator=COMPARATORS[point.comparator],
        note=point.note or _NOTHING,
    )
