"""The questionnaire as one sheet for Excel: what to fill, in which unit, with what help."""

from __future__ import annotations

import io

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from maturity.adaptive.framework import Framework
from maturity.assessments.models import Assessment
from maturity.questionnaires.model import Fact, Facts, Option, Text
from maturity.questionnaires.path import Standing, find_path
from maturity.questionnaires.plausibility import show

HEADINGS = (
    Text("部分", "Section"), Text("题目", "Question"), Text("填写项", "Item"), Text("答案", "Answer"),
    Text("单位或选项", "Unit or options"), Text("口径", "Definition"), Text("可证明的材料", "Evidence"),
    Text("编号", "Id"),
)  # fmt: skip
WIDTHS = (14, 42, 30, 22, 40, 60, 36, 28)
HEADING_FILL = PatternFill("solid", fgColor="0F5BB5")
ANSWER_FILL = PatternFill("solid", fgColor="FFF8E1")
LONGEST_LIST = 250  # Excel's limit on an in-cell list


def questionnaire_workbook(framework: Framework, assessment: Assessment, facts: Facts, locale: str) -> bytes:
    """One row for each thing to fill in; `facts` is empty for a blank sheet."""
    book = Workbook()
    sheet = book.active or book.create_sheet()
    sheet.title = Text("评估问卷", "Questionnaire").to(locale)
    sheet.append([heading.to(locale) for heading in HEADINGS])
    path = find_path(framework.edition, assessment.profile, facts)
    for section in framework.edition.sections:
        for name in section.questions:
            step = path.steps[name]
            if step.standing is Standing.NOT_APPLICABLE:
                continue
            for fact_id in step.question.facts:
                fact = framework.edition.facts[fact_id]
                for label, answer, hint, row_id in _rows(framework, fact, facts, locale):
                    wording, definition = step.question.wording.to(locale), step.question.definition.to(locale)
                    evidence = step.question.evidence.to(locale)
                    sheet.append([section.title.to(locale), wording, label, answer, hint, definition, evidence, row_id])
                    _offer(sheet, fact, locale)
    _style(sheet)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def _rows(framework: Framework, fact: Fact, facts: Facts, locale: str) -> list[tuple[str, str, str, str]]:
    """(label, answer, hint, id) for each cell of the fact."""
    value = facts.get(fact.id)
    label = fact.label.to(locale)
    if fact.type == "matrix":
        given = value if isinstance(value, dict) else {}
        columns = {option.id: option.label.to(locale) for option in fact.columns}
        hint = _listed(fact.columns, locale)
        return [
            (f"{label}：{row.label.to(locale)}", columns.get(given.get(row.id, ""), ""), hint, f"{fact.id}.{row.id}")
            for row in fact.rows
        ]
    if fact.type == "pair":
        parts = (("current", Text("报告期", "reporting year")), ("prior", Text("上年", "prior year")))
        unit = fact.unit.to(locale) if fact.unit else ""
        return [
            (f"{label}（{text.to(locale)}）", _pair_part(value, part), unit, f"{fact.id}.{part}")
            for part, text in parts
        ]
    answer = "" if value is None else show(framework.edition, fact.id, value, locale)
    hint = fact.unit.to(locale) if fact.unit else _listed(fact.options, locale)
    return [(label, answer, hint, fact.id)]


def _pair_part(value: object, part: str) -> str:
    number = getattr(value, part, None)
    return "" if number is None else str(float(number)).removesuffix(".0")


def _listed(options: tuple[Option, ...], locale: str) -> str:
    return " / ".join(option.label.to(locale) for option in options)


def _offer(sheet: Worksheet, fact: Fact, locale: str) -> None:
    """A drop-down in the answer cell, where Excel can hold the list."""
    options = fact.options if fact.type == "choice" else fact.columns
    labels = [option.label.to(locale).replace(",", "，").replace('"', "”") for option in options]
    formula = '"' + ",".join(labels) + '"'
    if labels and len(formula) <= LONGEST_LIST:
        rule = DataValidation(type="list", formula1=formula, allow_blank=True)
        rule.add(f"D{sheet.max_row}")
        sheet.add_data_validation(rule)


def _style(sheet: Worksheet) -> None:
    for index, width in enumerate(WIDTHS, start=1):
        sheet.column_dimensions[get_column_letter(index)].width = width
    for cell in sheet[1]:
        cell.font, cell.fill = Font(bold=True, color="FFFFFF"), HEADING_FILL
    for row in sheet.iter_rows(min_row=2):
        for cell in row:
            cell.alignment = Alignment(wrap_text=True, vertical="top")
        row[3].fill = ANSWER_FILL
    sheet.freeze_panes = "D2"
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.print_title_rows = "1:1"
