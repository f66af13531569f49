"""The own results of several reporting years side by side, read from the frozen documents."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import select
from sqlalchemy.orm import Session

from maturity.assessments.models import FRAMEWORK, Assessment, Submission
from maturity.clock import Clock
from maturity.editions.service import framework_by_hash
from maturity.entitlements.service import usage
from maturity.plans.usage import Usage
from maturity.questionnaires.model import Text
from maturity.results.charts import Chart, Table, number
from maturity.results.view import Result, result_of
from maturity.tenancy.models import Tenant


@dataclass(frozen=True, slots=True)
class Years:
    """`shown` are compared, the earliest first; `alone` are the years that the plan does not compare, each of which can
    be opened by itself."""

    shown: tuple[tuple[Assessment, Result], ...]
    alone: tuple[Assessment, ...]
    usage: Usage

    @property
    def breaks(self) -> tuple[int, ...]:
        """The years from which another edition of the framework counts, so that scores are not quite comparable."""
        pairs = zip(self.shown, self.shown[1:], strict=False)
        return tuple(after.period for (before, _), (after, _) in pairs if before.edition_sha256 != after.edition_sha256)

    def titles(self) -> dict[str, Text]:
        """The dimensions of all years by id, as the latest year that has them calls them."""
        return {item.id: item.title for _, result in self.shown for item in result.dimensions}

    def score(self, result: Result, dimension: str) -> str:
        return number(next((item.score for item in result.dimensions if item.id == dimension), None))


def years_of(session: Session, tenant: Tenant, clock: Clock) -> Years:
    """The results that stand of every year, as far as the plan compares them: the latest ones first."""
    query = (
        select(Assessment, Submission)
        .join(Submission, Submission.assessment_id == Assessment.id)
        .where(Assessment.framework == FRAMEWORK, Assessment.status == "submitted")
        .order_by(Assessment.period.desc(), Assessment.revision.desc())
    )
    latest: dict[int, tuple[Assessment, Submission]] = {}
    for assessment, submission in session.execute(query).tuples():
        latest.setdefault(assessment.period, (assessment, submission))
    found = list(latest.values())
    counted = usage(session, tenant, "history_periods", len(found), clock)
    shown = [(one, _read(session, one, submission)) for one, submission in reversed(found[: counted.limit])]
    alone = [assessment for assessment, _ in found[len(shown) :]]
    return Years(tuple(shown), tuple(alone), counted)


def _read(session: Session, assessment: Assessment, submission: Submission) -> Result:
    return result_of(session, framework_by_hash(session, assessment.edition_sha256), submission)


@dataclass(frozen=True, slots=True)
class Course(Chart):
    """Scores from 0 to 100 over the years; a line joins neighbouring years of one edition. `breaks` are the years from
    which it is another."""

    years: tuple[int, ...]
    values: tuple[float, ...]
    breaks: tuple[int, ...]
    value_label: str
    break_label: str


_CAPABILITY = Text("水平与能力（0–100）", "Capability (0–100)")


def course_chart(years: Years, locale: str) -> Course | None:
    """The capability over the years; None where there are fewer than two exact scores."""
    exact = [(assessment, result) for assessment, result in years.shown if not result.is_settled]
    if len(exact) < 2:
        return None
    (first, begun), (last, reached) = exact[0], exact[-1]
    by = reached.capability - begun.capability
    title = Text(
        f"{first.period} 至 {last.period} 年，水平与能力{_moved(by).zh}，现为 {number(reached.capability)} 分",
        f"From {first.period} to {last.period} the capability {_moved(by).en}; it is {number(reached.capability)} now",
    )
    header = (Text("年份", "Year").to(locale), _CAPABILITY.to(locale), Text("阶段", "Stage").to(locale))
    rows = tuple((str(a.period), number(r.capability), r.level_title.to(locale)) for a, r in exact)
    return Course(
        "years",
        title.to(locale),
        Text("本企业各年已提交的自评结果", "Results that this enterprise submitted, self-declared").to(locale),
        Table(header, rows),
        tuple(assessment.period for assessment, _ in exact),
        tuple(float(result.capability) for _, result in exact),
        years.breaks,
        _CAPABILITY.to(locale),
        Text("评估版本改变", "another edition").to(locale),
    )


def _moved(by: Decimal) -> Text:
    points = number(abs(by))
    if by == 0:
        return Text("持平", "has not changed")
    if by > 0:
        return Text(f"上升 {points} 分", f"has risen by {points}")
    return Text(f"下降 {points} 分", f"has fallen by {points}")


def table_of(years: Years, locale: str) -> Sequence[Sequence[str]]:
    """A row for each figure and a column for each year, for a spreadsheet."""
    results = [result for _, result in years.shown]
    head = [Text("指标", "Measure").to(locale), *(str(assessment.period) for assessment, _ in years.shown)]
    rows = [
        [Text("阶段", "Stage").to(locale), *(result.level_title.to(locale) for result in results)],
        [_CAPABILITY.to(locale), *(span(result) for result in results)],
    ]
    rows += [[t.to(locale), *(years.score(result, name) for result in results)] for name, t in years.titles().items()]
    return [head, *rows]


def span(result: Result) -> str:
    """The capability; of a settled level from its lowest to its highest."""
    low = number(result.capability)
    return low if result.most is None or result.most == result.capability else f"{low}–{number(result.most)}"
