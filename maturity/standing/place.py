"""Where an enterprise stands: its latest frozen result against one cell of one published release.

Nothing here reads a row of another enterprise, nor a draft of this one: the place is a function of the published grid
and of the submitted result (methods R10), so that trying answers out tells nobody anything.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum

from sqlalchemy import select
from sqlalchemy.orm import Session

from maturity.assessments.models import FRAMEWORK, Assessment, Submission
from maturity.benchmarks.basis import basis_break
from maturity.benchmarks.cells import CellKey, Quantiles, percentile
from maturity.benchmarks.models import BenchmarkRelease
from maturity.benchmarks.queries import Cell, closest, latest, published, read_cells
from maturity.editions.service import framework_by_hash
from maturity.organisations.models import Enterprise
from maturity.organisations.service import is_claimed
from maturity.questionnaires.model import Text
from maturity.results.view import Result, result_of
from maturity.standing.measures import Measure, Measures, measures_of
from maturity.standing.peer_groups import groups_of
from maturity.standing.sources import number_of


class NoPlace(Enum):
    """Why there is no place among peers."""

    NOTHING_SUBMITTED = "nothing_submitted"
    OTHER_FRAMEWORK = "other_framework"
    SETTLED = "settled"
    UNCLAIMED = "unclaimed"
    NOTHING_RELEASED = "nothing_released"


@dataclass(frozen=True, slots=True)
class Year:
    """One period of the trend; `broken` says why it does not stand on the basis of the year before."""

    period: int
    own: Decimal | None
    grid: Quantiles | None
    contributors: int | None
    release: str
    broken: Text | None


@dataclass(frozen=True, slots=True)
class Place:
    """`shown` is the cell compared with: the nearest that is published, or another of `offered` that was chosen."""

    assessment: Assessment
    result: Result
    release: BenchmarkRelease
    wanted: CellKey
    nearest: Cell
    shown: Cell
    offered: tuple[Cell, ...]
    measures: Measures
    years: tuple[Year, ...]
    #: How many years of the trend the plan does not open; they are not among `years`.
    locked_years: int = 0

    @property
    def is_trend_locked(self) -> bool:
        """Whether there is a trend of which something is not open."""
        return self.locked_years > 0 and self.locked_years + len(self.years) > 1

    @property
    def is_own_group(self) -> bool:
        return self.shown.key == self.wanted

    @property
    def is_chosen(self) -> bool:
        """Whether the reader chose another group than the nearest."""
        return self.shown.key != self.nearest.key

    @property
    def fuller(self) -> Cell | None:
        """The nearest group of which everything is published, levels and criteria too."""
        return next((cell for cell in self.offered if cell.levels and cell.shares), None)

    @property
    def level(self) -> int:
        return self.result.level

    @property
    def dimensions(self) -> tuple[str, ...]:
        return tuple(item.id for item in self.result.dimensions)

    def of_kind(self, kind: str) -> list[Measure]:
        return [measure for measure in self.measures.values() if measure.kind == kind]

    def gap(self, measure: Measure) -> Decimal | None:
        """How far above the peers' median; None where either is not there."""
        grid = self.shown.quantiles.get(measure.id)
        return None if grid is None or measure.own is None else measure.own - grid.median

    def percentile(self, measure: Measure) -> int | None:
        """The place in the published grid."""
        grid = self.shown.quantiles.get(measure.id)
        return None if grid is None or measure.exact is None else percentile(grid, measure.exact)


def place_of(session: Session, enterprise: Enterprise, chosen: CellKey | None = None) -> Place | NoPlace:
    """The place of the session's tenant, against the group chosen where that is published and the enterprise's."""
    found = _latest_result(session, enterprise)
    if isinstance(found, NoPlace):
        return found
    assessment, result = found
    if not is_claimed(enterprise):
        return NoPlace.UNCLAIMED
    release = latest(session, FRAMEWORK, result.period)
    if release is None:
        return NoPlace.NOTHING_RELEASED
    profile = result.profile
    keys = groups_of(profile["industry"], profile["region"], profile["size"])
    near = closest(session, release, keys[0], None)
    if near is None:
        return NoPlace.NOTHING_RELEASED
    offered = _offered(session, release, keys)
    shown = next((cell for cell in offered if cell.key == chosen), near[0])
    measures = measures_of(result)
    years = _years(session, enterprise, release, shown.key)
    return Place(assessment, result, release, keys[0], near[0], shown, offered, measures, years)


def _latest_result(session: Session, enterprise: Enterprise) -> tuple[Assessment, Result] | NoPlace:
    """The latest result of the main framework in which everything was answered."""
    rows = _submissions(session, enterprise)
    of_framework = [row for row in rows if row[0].framework == FRAMEWORK]
    complete = [row for row in of_framework if row[1].capability_most is None]
    if not complete:
        if of_framework:
            return NoPlace.SETTLED
        return NoPlace.OTHER_FRAMEWORK if rows else NoPlace.NOTHING_SUBMITTED
    assessment, submission = complete[0]
    return assessment, result_of(session, framework_by_hash(session, assessment.edition_sha256), submission)


def _submissions(session: Session, enterprise: Enterprise) -> Sequence[tuple[Assessment, Submission]]:
    """Results that stand, the latest period first."""
    query = (
        select(Assessment, Submission)
        .join(Submission, Submission.assessment_id == Assessment.id)
        .where(Assessment.enterprise_id == enterprise.id, Assessment.status == "submitted")
        .order_by(Assessment.period.desc(), Assessment.revision.desc())
    )
    return session.execute(query).tuples().all()


def _offered(session: Session, release: BenchmarkRelease, keys: Sequence[CellKey]) -> tuple[Cell, ...]:
    """The published cells among the enterprise's groups, in their order."""
    cells = read_cells(
        session,
        release,
        None,
        industry={key.industry for key in keys},
        region={key.region for key in keys},
        size={key.size for key in keys},
    )
    found = {cell.key: cell for cell in cells}
    return tuple(found[key] for key in keys if key in found)


def _years(session: Session, enterprise: Enterprise, release: BenchmarkRelease, key: CellKey) -> tuple[Year, ...]:
    """The same group in the release that stands for each period up to the one shown."""
    own = {
        assessment.period: submission.capability
        for assessment, submission in reversed(_submissions(session, enterprise))
        if assessment.framework == FRAMEWORK and submission.capability_most is None
    }
    releases = releases_by_period(session, release)
    pairs = zip([None, *releases], releases, strict=False)
    return tuple(_year(session, before, one, key, own.get(one.period)) for before, one in pairs)


def _year(
    session: Session, before: BenchmarkRelease | None, release: BenchmarkRelease, key: CellKey, own: Decimal | None
) -> Year:
    wanted = {"industry": (key.industry,), "region": (key.region,), "size": (key.size,)}
    cell = next(iter(read_cells(session, release, None, **wanted)), None)
    return Year(
        release.period,
        own,
        cell.quantiles.get("capability") if cell else None,
        cell.contributors if cell else None,
        number_of(release),
        basis_break(before, release) if before else None,
    )


def releases_by_period(session: Session, shown: BenchmarkRelease) -> list[BenchmarkRelease]:
    """Of each period up to the one shown the release that stands for it, the earliest first; synthetic and real ones
    are not mixed."""
    found: dict[int, BenchmarkRelease] = {}
    for release in published(session, shown.framework):
        if release.is_synthetic == shown.is_synthetic and release.period <= shown.period:
            found.setdefault(release.period, release)
    return [found[period] for period in sorted(found)]
