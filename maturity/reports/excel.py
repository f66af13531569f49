"""The questionnaire as one sheet for Excel: what to fill, in which unit, with what help.

Every answer has a cell and every cell an id: the fact's, or `fact.row`, `fact.option`, `fact.current`. Numbers are
numbers and nothing anybody typed can become a formula.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Any

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, Cell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from maturity.adaptive.framework import Framework
from maturity.assessments.models import Assessment
from maturity.assessments.pages import builds_on
from maturity.questionnaires.model import Fact, Facts, FactValue, Option, Pair, Text
from maturity.questionnaires.path import Standing, find_path

HEADINGS = (
    Text("部分", "Section"), Text("序号", "No."), Text("题目", "Question"), Text("填写项", "Item"),
    Text("答案", "Answer"), Text("单位或选项", "Unit or options"), Text("何时填写", "Only after"),
    Text("口径", "Definition"), Text("可证明的材料", "Evidence"), Text("编号", "Id"),
)  # fmt: skip
WIDTHS = (14, 6, 38, 30, 22, 34, 24, 52, 34, 30)
QUESTION, ANSWER = 3, 5  # columns
ONCE = (7, 8, 9)  # help that stands beside a question's first cell only
LISTS = len(HEADINGS) + 2  # the first of the hidden columns with the options
FIRST_ROW = 4
YES, NO = Text("是", "Yes"), Text("否", "No")
CURRENT, PRIOR = Text("报告期", "reporting year"), Text("上年", "prior year")
HOW_TO = Text(
    "只填黄色单元格；有下拉列表的请从列表中选择。金额和数量填数字，不带单位。“何时填写”有内容的题目，前面的答案满足时才填。",
    "Fill the yellow cells only; choose from the list where there is one. Amounts and counts are plain numbers without "
    "a unit. Where “Only after” names a question, answer only if that answer allows it.",
)
INK, ACCENT, PAPER = "1F2733", "0A4488", "FFFFFF"
ANSWER_FILL = PatternFill("solid", fgColor="FFF8E1")
HEADING_FILL = PatternFill("solid", fgColor=ACCENT)
LINE = Border(bottom=Side("thin", color="CFD6E1"))
STRONGER_LINE = Border(top=Side("thin", color="4A5565"), bottom=Side("thin", color="CFD6E1"))
RISKY = ("=", "+", "-", "@")


@dataclass(frozen=True, slots=True)
class Slot:
    """One cell to fill: its id, label, value, hint, what it may be chosen from."""

    id: str
    label: str
    value: object
    hint: str
    choices: tuple[str, ...] = ()
    number: Fact | None = None


@dataclass(slots=True)
class Filling:
    """The sheet being filled, its next row, and the hidden columns with the options; each list is written once."""

    sheet: Worksheet
    locale: str
    row: int = FIRST_ROW
    rules: dict[tuple[str, ...], DataValidation] = field(default_factory=dict)

    def rule_for(self, choices: tuple[str, ...]) -> DataValidation:
        if choices not in self.rules:
            column = LISTS + len(self.rules)
            for row, choice in enumerate(choices, start=1):
                _write(self.sheet.cell(row, column), choice)
            letter = get_column_letter(column)
            self.sheet.column_dimensions[letter].hidden = True
            rule = DataValidation(type="list", formula1=f"${letter}$1:${letter}${len(choices)}", allow_blank=True)
            self.sheet.add_data_validation(rule)
            self.rules[choices] = rule
        return self.rules[choices]


def questionnaire_workbook(
    framework: Framework, assessment: Assessment, facts: Facts, locale: str, *, enterprise: str
) -> bytes:
    """One row for each thing to fill in; `facts` is empty for a blank sheet."""
    book = Workbook()
    sheet = book.active or book.create_sheet()
    sheet.title = Text("评估问卷", "Questionnaire").to(locale)
    _head(sheet, framework, assessment, locale, enterprise)
    filling = Filling(sheet, locale)
    path = find_path(framework.edition, assessment.profile, facts)
    number = 0
    for section in framework.edition.sections:
        for step in (path.steps[name] for name in section.questions):
            if step.standing is Standing.NOT_APPLICABLE:
                continue
            number += 1
            question = step.question
            before = [framework.edition.questions[name].wording.to(locale) for name in builds_on(framework, question)]
            texts = [text.to(locale) for text in (question.wording, question.definition, question.evidence)]
            for name in question.facts:
                for slot in _slots(framework.edition.facts[name], facts.get(name), locale):
                    row = (section.title.to(locale), number, texts[0], slot.label, slot.value, slot.hint)
                    _append(filling, (*row, "\n".join(before), *texts[1:], slot.id), slot)
    _finish(filling)
    book.properties.title = str(sheet["A1"].value)
    book.properties.creator = _plain(enterprise)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def _slots(fact: Fact, value: FactValue | None, locale: str) -> Iterator[Slot]:
    """The cells of one fact: one, or one for each row, option or year."""
    label, colon = fact.label.to(locale), Text("：", ": ").to(locale)
    yes_no = (YES.to(locale), NO.to(locale))
    match fact.type:
        case "matrix":
            given = value if isinstance(value, Mapping) else {}
            columns = {option.id: option.label.to(locale) for option in fact.columns}
            for row in fact.rows:
                chosen = columns.get(given.get(row.id, ""))
                title = f"{label}{colon}{row.label.to(locale)}"
                yield Slot(f"{fact.id}.{row.id}", title, chosen, _listed(fact.columns, locale), tuple(columns.values()))
        case "multi":
            for option in fact.options:
                chosen = yes_no[option.id not in value] if isinstance(value, frozenset) else None
                title = f"{label}{colon}{option.label.to(locale)}"
                yield Slot(f"{fact.id}.{option.id}", title, chosen, " / ".join(yes_no), yes_no)
        case "pair":
            for part, words in (("current", CURRENT), ("prior", PRIOR)):
                amount = getattr(value, part) if isinstance(value, Pair) else None
                title = Text(f"{label}（{words.zh}）", f"{label} ({words.en})").to(locale)
                yield Slot(f"{fact.id}.{part}", title, amount, _unit(fact, locale), number=fact)
        case "choice":
            labels = {option.id: option.label.to(locale) for option in fact.options}
            hint = _listed(fact.options, locale)
            yield Slot(fact.id, label, labels.get(str(value)) if value else None, hint, tuple(labels.values()))
        case "yesno":
            chosen = yes_no[not value] if isinstance(value, bool) else None
            yield Slot(fact.id, label, chosen, " / ".join(yes_no), yes_no)
        case "number" | "money":
            yield Slot(fact.id, label, value, _unit(fact, locale), number=fact)
        case _:
            yield Slot(fact.id, label, value, "")


def _unit(fact: Fact, locale: str) -> str:
    return fact.unit.to(locale) if fact.unit else ""


def _listed(options: tuple[Option, ...], locale: str) -> str:
    return " / ".join(option.label.to(locale) for option in options)


def _append(filling: Filling, values: tuple[object, ...], slot: Slot) -> None:
    sheet, row = filling.sheet, filling.row
    opens = sheet.cell(row - 1, QUESTION).value != values[QUESTION - 1]
    for column, value in enumerate(values, start=1):
        cell = sheet.cell(row, column)
        _write(cell, value if opens or column not in ONCE else None)
        cell.border = STRONGER_LINE if opens else LINE
        cell.alignment = Alignment(wrap_text=True, vertical="top", horizontal=_side(cell))
    answer = sheet.cell(row, ANSWER)
    answer.fill = ANSWER_FILL
    if slot.choices:
        filling.rule_for(slot.choices).add(answer.coordinate)
    elif slot.number is not None:
        answer.number_format = "#,##0" if slot.number.integer else "#,##0.######"
        _bound(sheet, answer, slot.number, filling.locale)
    filling.row += 1


def _side(cell: Cell) -> str:
    return "right" if isinstance(cell.value, int | float) else "left"


def _bound(sheet: Worksheet, cell: Cell, fact: Fact, locale: str) -> None:
    """Excel itself refuses what the site would refuse: words, broken counts, values out of bounds."""
    low, high = fact.minimum, fact.maximum
    rule = DataValidation(
        type="whole" if fact.integer else "decimal",
        operator="between",
        formula1=str(_number(low)) if low is not None else "-999999999999",
        formula2=str(_number(high)) if high is not None else "999999999999",
        allow_blank=True,
        showErrorMessage=True,
        errorTitle=Text("请检查", "Please check").to(locale),
        error=Text("请填写范围内的数字，不带单位。", "Enter a number within bounds, without a unit.").to(locale),
    )
    rule.add(cell.coordinate)
    sheet.add_data_validation(rule)


def _write(cell: Cell | Any, value: object) -> None:
    """A number as a number; any text as text, whatever it begins with."""
    match value:
        case Fraction():
            cell.value = _number(value)
        case None | int() | date():
            cell.value = value
        case _:
            text = _plain(str(value))
            cell.value = text
            if text:
                cell.data_type = "s"
                cell.quotePrefix = text.startswith(RISKY)


def _plain(text: str) -> str:
    """Without the control characters that a workbook cannot hold."""
    return str(ILLEGAL_CHARACTERS_RE.sub("", text))


def _number(value: Fraction) -> int | float:
    return value.numerator if value.denominator == 1 else float(value)


def _head(sheet: Worksheet, framework: Framework, assessment: Assessment, locale: str, enterprise: str) -> None:
    title = Text(
        f"{enterprise} · {framework.edition.title.zh} · {assessment.period} 报告期",
        f"{enterprise} · {framework.edition.title.en} · reporting year {assessment.period}",
    )
    _write(sheet["A1"], title.to(locale))
    _write(sheet["A2"], HOW_TO.to(locale))
    sheet["A1"].font = Font(bold=True, size=14, color=ACCENT)
    for row, height in ((1, 24), (2, 34)):
        sheet.merge_cells(start_row=row, start_column=1, end_row=row, end_column=len(HEADINGS))
        sheet.cell(row, 1).alignment = Alignment(wrap_text=True, vertical="center")
        sheet.row_dimensions[row].height = height
    for column, heading in enumerate(HEADINGS, start=1):
        cell = sheet.cell(FIRST_ROW - 1, column)
        _write(cell, heading.to(locale))
        cell.font, cell.fill = Font(bold=True, color=PAPER), HEADING_FILL
        cell.alignment = Alignment(wrap_text=True, vertical="center")


def _finish(filling: Filling) -> None:
    sheet, end = filling.sheet, filling.row - 1
    for index, width in enumerate(WIDTHS, start=1):
        sheet.column_dimensions[get_column_letter(index)].width = width
    last = get_column_letter(len(HEADINGS))
    sheet.freeze_panes = f"{get_column_letter(ANSWER)}{FIRST_ROW}"
    sheet.auto_filter.ref = f"A{FIRST_ROW - 1}:{last}{end}"
    sheet.print_area = f"A1:{last}{end}"
    sheet.print_title_rows = f"{FIRST_ROW - 1}:{FIRST_ROW - 1}"
    sheet.page_setup.orientation, sheet.page_setup.paperSize = "landscape", sheet.PAPERSIZE_A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.oddFooter.right.text = Text("第 &P 页，共 &N 页", "Page &P of &N").to(filling.locale)
