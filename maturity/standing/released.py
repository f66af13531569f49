"""Released figures as everybody may read them: the nation and the provinces, measure by measure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from maturity.adaptive.framework import Framework
from maturity.assessments.models import FRAMEWORK
from maturity.benchmarks.basis import edition_words
from maturity.benchmarks.models import BenchmarkRelease
from maturity.benchmarks.queries import Cell, published, read_cells
from maturity.benchmarks.words import CONTRIBUTORS
from maturity.clock import LOCAL
from maturity.editions.service import current_edition, framework_by_hash
from maturity.questionnaires.model import Text
from maturity.reference.regions import provinces
from maturity.standing.files import Value
from maturity.standing.measures import CRITERION, Described, catalogue
from maturity.standing.peer_groups import region_words
from maturity.standing.sources import SYNTHETIC, number_of

NATION = ""


@dataclass(frozen=True, slots=True)
class Line:
    """A place with its cell; None where it is withheld."""

    region: str
    title: Text
    cell: Cell | None


@dataclass(frozen=True, slots=True)
class Released:
    """One release for everybody: the nation first, then the provinces in the order of their codes."""

    release: BenchmarkRelease
    lines: tuple[Line, ...]
    framework: Framework

    @property
    def nation(self) -> Cell | None:
        return self.lines[0].cell


def framework_of(session: Session) -> Framework:
    return framework_by_hash(session, current_edition(session, FRAMEWORK))


def released(session: Session, release_id: int | None = None) -> Released | None:
    """The release asked for, or the latest; real ones before synthetic ones."""
    found = [one for one in published(session) if one.framework == FRAMEWORK]
    found.sort(key=lambda one: (one.is_synthetic, -one.period, -one.id))
    release = next((one for one in found if one.id == release_id), found[0] if found else None)
    if release is None:
        return None
    places = (NATION, *(place.code for place in provinces()))
    cells = {
        cell.key.region: cell for cell in read_cells(session, release, None, industry=("",), region=places, size=("",))
    }
    lines = tuple(Line(place, _title(place), cells.get(place)) for place in places)
    return Released(release, lines, framework_of(session))


def _title(place: str) -> Text:
    return region_words(place) if place else Text("全国", "China")


def release_label(release: BenchmarkRelease) -> str:
    """As people choose it from a list."""
    label = _("%(period)s, release %(number)s", period=release.period, number=number_of(release))
    if not release.is_synthetic:
        return label
    return _("%(release)s, synthetic", release=label)


def figure_choices(session: Session, locale: str) -> list[tuple[str, str]]:
    """Every measure of a release by its id, as an objection can be about it."""
    measures = catalogue(framework_of(session))
    named = [(item.id, item.title.to(locale)) for item in measures]
    return [("", _("Choose")), ("contributors", _("Number of enterprises")), ("levels", _("Shares of stages")), *named]


HEADER = (
    Text("区域", "Region"),
    Text("区域代码", "Code of the region"),
    CONTRIBUTORS,
    Text("经过审核（约，%）", "Reviewed (about, %)"),
    Text("指标", "Measure"),
    Text("单位", "Unit"),
    Text("P10", "P10"),
    Text("下四分位", "Lower quartile"),
    Text("中位数", "Median"),
    Text("上四分位", "Upper quartile"),
    Text("P90", "P90"),
    Text("平均值", "Mean"),
    Text("达标比例（%）", "Share of enterprises (%)"),
)


def rows_of(found: Released, locale: str) -> list[tuple[Value, ...]]:
    """One row a place and measure; what is withheld is no row."""
    measures = catalogue(found.framework)
    header = tuple(text.to(locale) for text in HEADER)
    made: list[tuple[Value, ...]] = [header]
    for line in found.lines:
        made += [
            _row(line, line.cell, measure, locale) for measure in measures if line.cell and _has(line.cell, measure)
        ]
        made += _levels(found, line, locale) if line.cell else []
    return [*made, (), *cited(found.release, locale)]


def _has(cell: Cell, measure: Described) -> bool:
    return measure.id in cell.quantiles or measure.id in cell.shares or measure.id in cell.means


def _head(line: Line, locale: str) -> tuple[Value, ...]:
    cell = line.cell
    count = None if cell is None else cell.contributors
    return (line.title.to(locale), line.region or "000000", count, None if cell is None else cell.reviewed)


def _row(line: Line, cell: Cell, measure: Described, locale: str) -> tuple[Value, ...]:
    grid = cell.quantiles.get(measure.id)
    published_grid = (grid.p10, grid.q1, grid.median, grid.q3, grid.p90) if grid else (None,) * 5
    unit = Text("分", "points") if measure.kind == "score" else Text("%", "%")
    mean = cell.means.get(measure.id)
    return (
        *_head(line, locale),
        measure.title.to(locale),
        unit.to(locale),
        *published_grid,
        None if mean is None else float(mean),
        cell.shares.get(measure.id) if measure.kind == CRITERION else None,
    )


def _levels(found: Released, line: Line, locale: str) -> list[tuple[Value, ...]]:
    blank: Sequence[Value] = (None,) * 6
    return [
        (*_head(line, locale), level_words(found.framework, levels).to(locale), "%", *blank, share)
        for levels, share in (line.cell.levels if line.cell else ())
    ]


def level_words(framework: Framework, levels: Sequence[int]) -> Text:
    titles = [framework.level_title(level) for level in levels]
    return Text("、".join(title.zh for title in titles), " or ".join(title.en for title in titles))


def cited(release: BenchmarkRelease, locale: str) -> list[tuple[Value, ...]]:
    """What the figures are cited by."""
    facts: list[tuple[Text, Value]] = [
        (Text("发布编号", "Release"), number_of(release)),
        (
            Text("发布日期", "Published"),
            release.published_at.astimezone(LOCAL).date().isoformat() if release.published_at else "",
        ),
        (Text("发布内容哈希（SHA-256）", "Hash of the release (SHA-256)"), release.sha256),
        (Text("数据年份", "Period"), release.period),
        (Text("数据截止", "Cut-off"), release.cut_off_on.isoformat()),
        (CONTRIBUTORS, release.population),
        (Text("评估模型版本", "Edition of the framework"), edition_words(release.edition).to(locale)),
        (Text("规则版本", "Version of the rules"), release.rules_version),
    ]
    if release.is_synthetic:
        facts.append((Text("注意", "Note"), SYNTHETIC.to(locale)))
    return [(title.to(locale), value) for title, value in facts]
