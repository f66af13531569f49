"""Making a register: one row for each enterprise, one column for each thing to fill in."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Any

from xlsxwriter.worksheet import Worksheet

from maturity.adaptive.framework import Framework
from maturity.questionnaires.model import FactValue, Text
from maturity.workbooks.layout import (
    LISTS_SHEET,
    MOST_ENTERPRISES,
    NAME,
    REGISTER_FIRST_ROW,
    REGISTER_MARK,
    SEAL,
    TOKEN_SHEET,
    USCC,
    Slot,
    question_slots,
    shown_in,
)
from maturity.workbooks.writing import (
    ACCENT,
    FILL,
    GREY,
    LINE,
    MUTED,
    PAPER,
    Book,
    Lists,
    Styles,
    number_of,
    plain_text,
    rule_for,
    unit_text,
)

SHEET = Text("企业登记表", "Register")
_TITLE_ROW, _QUESTION_ROW, _ITEM_ROW, _UNIT_ROW = 2, 3, 4, 5
_HEAD = ((USCC, Text("统一社会信用代码", "Unified social credit code"), 24), (NAME, Text("企业名称", "Enterprise"), 30))
HOW_TO = Text(
    "每家企业一行，靠统一社会信用代码识别。空白的单元格不改动原有答案；灰色单元格是该企业不适用的题目。不要删除隐藏的第一行和最后一列。",
    "One row for each enterprise, known by its credit code. A blank cell leaves the answer as it is; grey cells do not "
    "apply to that enterprise. Do not delete the hidden first row and last column.",
)


@dataclass(frozen=True, slots=True)
class Row:
    """One enterprise of the register: its answers, which of its questions apply, and the seal of what is shown."""

    uscc: str
    name: str
    seal: str
    facts: Mapping[str, FactValue] = field(default_factory=dict)
    applicable: frozenset[str] = frozenset()  # question ids


def make_register(framework: Framework, rows: Sequence[Row], sealed: str, locale: str, title: str) -> bytes:
    """The register with the questions that apply to one of its enterprises at least; to all, where it has none."""
    buffer = io.BytesIO()
    book = Book(buffer, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    styles, sheet = Styles(book), book.add_worksheet(SHEET.to(locale))
    lists = Lists(book.add_worksheet(LISTS_SHEET), locale)
    wanted = frozenset().union(*(row.applicable for row in rows)) if rows else frozenset(framework.edition.order)
    columns = [
        (name, slot)
        for name in framework.edition.order
        if name in wanted
        for slot in question_slots(framework.edition, name)
    ]
    _write_head(sheet, styles, framework, columns, locale, title)
    for number, row in enumerate(rows, start=REGISTER_FIRST_ROW):
        _write_row(sheet, styles, columns, number, row, locale)
    last = REGISTER_FIRST_ROW + MOST_ENTERPRISES - 1
    for column, (_name, slot) in enumerate(columns, start=len(_HEAD)):
        rule = rule_for(slot, lists, locale)
        rule.pop("input_title", None)
        rule.pop("input_message", None)
        sheet.data_validation(REGISTER_FIRST_ROW - 1, column, last - 1, column, rule)
    sheet.freeze_panes(REGISTER_FIRST_ROW - 1, len(_HEAD))
    sheet.set_landscape()
    sheet.set_paper(8)
    token = book.add_worksheet(TOKEN_SHEET)
    token.write_string(0, 0, sealed)
    for hidden in (lists.sheet, token):
        hidden.protect("")
        hidden.very_hidden()
    book.close()
    return buffer.getvalue()


def _write_head(
    sheet: Worksheet,
    styles: Styles,
    framework: Framework,
    columns: Sequence[tuple[str, Slot]],
    locale: str,
    title: str,
) -> None:
    strong = styles.of(bold=True, font_color=PAPER, bg_color=ACCENT, border=1, border_color=LINE)
    plain = styles.of(font_color=MUTED, border=1, border_color=LINE)
    heading = styles.of(bold=True, font_size=14, font_color=ACCENT, text_wrap=False)
    sheet.write_string(_TITLE_ROW - 1, 0, f"{title} — {HOW_TO.to(locale)}", heading)
    for index, (key, label, width) in enumerate(_HEAD):
        sheet.set_column(index, index, width, styles.of(locked=False, num_format="@"))
        sheet.write_string(0, index, key)
        for row in (_QUESTION_ROW, _ITEM_ROW, _UNIT_ROW):
            sheet.write_string(row - 1, index, label.to(locale) if row == _ITEM_ROW else "", strong)
    before = None
    for index, (question_id, slot) in enumerate(columns, start=len(_HEAD)):
        wording = framework.edition.questions[question_id].wording.to(locale)
        sheet.set_column(index, index, 22, styles.of(locked=False, num_format=number_format(slot)))
        sheet.write_string(0, index, slot.id)
        sheet.write_string(_QUESTION_ROW - 1, index, wording if question_id != before else "", strong)
        sheet.write_string(_ITEM_ROW - 1, index, slot.label.to(locale), strong)
        sheet.write_string(_UNIT_ROW - 1, index, unit_text(slot, locale), plain)
        before = question_id
    end = len(_HEAD) + len(columns)
    sheet.write_string(0, end, SEAL)
    sheet.write_string(0, end + 1, REGISTER_MARK)
    sheet.set_column(end, end + 1, None, None, {"hidden": True})
    sheet.set_row(0, None, None, {"hidden": True})
    sheet.set_row(_TITLE_ROW - 1, 24)
    sheet.set_row(_QUESTION_ROW - 1, 46)
    sheet.set_row(_ITEM_ROW - 1, 46)
    sheet.set_row(_UNIT_ROW - 1, 46)


def number_format(slot: Slot) -> str:
    if slot.kind == "number":
        return "#,##0" if slot.fact.integer else "#,##0.######"
    return "yyyy-mm-dd" if slot.kind == "date" else "General" if slot.choices else "@"


def _write_row(
    sheet: Worksheet, styles: Styles, columns: Sequence[tuple[str, Slot]], number: int, row: Row, locale: str
) -> None:
    known = styles.of(bold=True, locked=False, num_format="@")
    sheet.write_string(number - 1, 0, row.uscc, known)
    sheet.write_string(number - 1, 1, plain_text(row.name), known)
    for index, (question_id, slot) in enumerate(columns, start=len(_HEAD)):
        applies = question_id in row.applicable
        colour = FILL if applies else GREY
        style = styles.of(
            bg_color=colour, locked=False, num_format=number_format(slot), text_wrap=False, bottom=1, bottom_color=LINE
        )
        shown: Any = shown_in(slot, row.facts.get(slot.fact.id), locale) if applies else None
        match shown:
            case None:
                sheet.write_blank(number - 1, index, None, style)
            case Fraction():
                sheet.write_number(number - 1, index, number_of(shown), style)
            case date():
                sheet.write_datetime(number - 1, index, shown, style)
            case _:
                sheet.write_string(number - 1, index, plain_text(shown), style)
    sheet.write_string(number - 1, len(_HEAD) + len(columns), row.seal)
