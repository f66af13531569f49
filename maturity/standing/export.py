"""What the page shows as one table, for a spreadsheet: CSV and Excel hold the same rows."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from decimal import Decimal

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from maturity.audit.export import RISKY
from maturity.benchmarks.basis import edition_words
from maturity.benchmarks.words import CONTRIBUTORS
from maturity.questionnaires.model import Text
from maturity.results.charts import Chart
from maturity.standing.charts import BREAK, Trend, break_notes
from maturity.standing.files import Value, csv_text
from maturity.standing.measures import Measure
from maturity.standing.peer_groups import group_words
from maturity.standing.place import Place
from maturity.standing.sources import SYNTHETIC, number_of

HEADER = (
    Text("类别", "Kind"),
    Text("指标", "Measure"),
    Text("单位", "Unit"),
    Text("本企业", "This enterprise"),
    Text("P10", "P10"),
    Text("下四分位", "Lower quartile"),
    Text("中位数", "Median"),
    Text("上四分位", "Upper quartile"),
    Text("P90", "P90"),
    Text("高于约（%）", "Ahead of about (%)"),
    Text("同行达到或处于的比例（%）", "Share of peers that meet it or are there (%)"),
    Text("口径", "Definition"),
)
_KINDS = {
    "score": Text("得分", "Score"),
    "rate": Text("企业比率", "Enterprise rate"),
    "criterion": Text("达标比例", "Share of enterprises"),
    "level": Text("阶段分布", "Stages"),
    "trend": Text("历年", "Over the years"),
}
_LOCKED = Text("其余年份不在当前套餐内。", "The other years are not part of the plan.")
_SCORE, _PERCENT = Text("分", "points"), Text("%", "%")


def rows_of(place: Place, locale: str) -> list[tuple[Value, ...]]:
    """One row a figure; a figure that is withheld is no row."""
    made = [_quantiles(place, measure, locale) for measure in place.measures.values() if _has_grid(place, measure)]
    made += [_share(place, m, locale) for m in place.of_kind("criterion") if m.id in place.shown.shares]
    made += [_class(place, levels, share, locale) for levels, share in place.shown.levels]
    return made + _years(place, locale)


def _has_grid(place: Place, measure: Measure) -> bool:
    return measure.id in place.shown.quantiles


def _number(value: Decimal | None) -> float | None:
    return None if value is None else float(value)


def _quantiles(place: Place, measure: Measure, locale: str) -> tuple[Value, ...]:
    grid = place.shown.quantiles[measure.id]
    unit = _SCORE if measure.kind == "score" else _PERCENT
    return (
        _KINDS[measure.kind].to(locale),
        measure.title.to(locale),
        unit.to(locale),
        _number(measure.own),
        *(grid.p10, grid.q1, grid.median, grid.q3, grid.p90),
        place.percentile(measure),
        None,
        measure.definition.to(locale),
    )


def _share(place: Place, measure: Measure, locale: str) -> tuple[Value, ...]:
    own = {True: Text("是", "yes"), False: Text("否", "no"), None: Text("不适用", "does not apply")}[measure.is_met]
    blank: tuple[Value, ...] = (None,) * 6
    return (
        _KINDS["criterion"].to(locale),
        measure.title.to(locale),
        _PERCENT.to(locale),
        own.to(locale),
        *blank,
        place.shown.shares[measure.id],
        measure.definition.to(locale),
    )


def _class(place: Place, levels: Sequence[int], share: int, locale: str) -> tuple[Value, ...]:
    titles = [place.result.framework.level_title(level).to(locale) for level in levels]
    own = Text("是", "yes").to(locale) if place.level in levels else None
    blank: tuple[Value, ...] = (None,) * 6
    name = Text("、", " or ").to(locale).join(titles)
    return (_KINDS["level"].to(locale), name, _PERCENT.to(locale), own, *blank, share, None)


def _years(place: Place, locale: str) -> list[tuple[Value, ...]]:
    title = place.measures["capability"].title.to(locale)
    made: list[tuple[Value, ...]] = []
    for year in place.years:
        grid = year.grid
        published = (grid.p10, grid.q1, grid.median, grid.q3, grid.p90) if grid else (None,) * 5
        named = f"{title} {year.period}"
        made.append(
            (
                _KINDS["trend"].to(locale),
                named,
                _SCORE.to(locale),
                _number(year.own),
                *published,
                None,
                None,
                year.release,
            )
        )
    return made


def about_of(place: Place, locale: str) -> list[tuple[Value, ...]]:
    """What the figures are of, and what they are cited by."""
    release, cell = place.release, place.shown
    facts: list[tuple[Text, Value]] = [
        (Text("发布编号", "Release"), number_of(release)),
        (Text("发布内容哈希", "Hash of the release"), release.sha256),
        (Text("年份", "Period"), release.period),
        (Text("数据截止", "Cut-off"), release.cut_off_on.isoformat()),
        (Text("同行", "Peers"), group_words(cell.key).to(locale)),
        (CONTRIBUTORS, cell.contributors),
        (Text("经过审核（约，%）", "Reviewed (about, %)"), cell.reviewed),
        (Text("评估模型版本", "Edition of the framework"), edition_words(release.edition).to(locale)),
        (Text("规则版本", "Version of the rules"), release.rules_version),
        (Text("本企业结果", "Result of this enterprise"), place.result.submission.sha256),
    ]
    facts += [(BREAK, note.to(locale)) for note in break_notes(place.years)]
    if place.is_trend_locked:
        facts.append((_KINDS["trend"], _LOCKED.to(locale)))
    if release.is_synthetic:
        facts.append((Text("注意", "Note"), SYNTHETIC.to(locale)))
    return [(title.to(locale), value) for title, value in facts]


def as_csv(place: Place, locale: str) -> str:
    header = tuple(text.to(locale) for text in HEADER)
    return csv_text((header, *rows_of(place, locale), (), *about_of(place, locale)))


def chart_csv(chart: Chart) -> str:
    """The table of one chart, with its finding and its source."""
    notes = chart.notes if isinstance(chart, Trend) else ()
    about = (chart.title, chart.source, *notes)
    return csv_text((chart.table.header, *chart.table.rows, (), *((line,) for line in about)))


def as_workbook(place: Place, locale: str) -> bytes:
    """Two sheets: the figures, and what they are of."""
    book = Workbook()
    figures = book.active
    figures.title = Text("对标", "Benchmarks").to(locale)
    _fill(figures, [tuple(text.to(locale) for text in HEADER), *rows_of(place, locale)])
    for row in figures.iter_rows(min_row=1, max_row=1):
        for cell in row:
            cell.font = Font(bold=True)
    for column, width in enumerate((14, 30, 8, 14, 8, 12, 10, 12, 8, 14, 20, 60), start=1):
        figures.column_dimensions[get_column_letter(column)].width = width
    figures.freeze_panes = "C2"
    about = book.create_sheet(Text("说明", "About").to(locale))
    _fill(about, about_of(place, locale))
    about.column_dimensions["A"].width, about.column_dimensions["B"].width = 28, 72
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def _fill(sheet: Worksheet, rows: Iterable[Sequence[Value]]) -> None:
    """Numbers are numbers, and nothing can become a formula."""
    for number, row in enumerate(rows, start=1):
        for column, value in enumerate(row, start=1):
            cell = sheet.cell(number, column)
            if isinstance(value, str):
                text = ILLEGAL_CHARACTERS_RE.sub("", value)
                cell.value = f"'{text}" if text.startswith(RISKY) else text
                cell.alignment = Alignment(vertical="top", wrap_text=column == len(HEADER))
            else:
                cell.value = value
