"""Files of a campaign: the template of the list, its rows with mistakes, those invited, the report's figures."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from flask_babel import gettext as _
from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, Cell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from maturity.accounts.contacts import shown
from maturity.audit.export import RISKY
from maturity.campaigns.lists import FIELDS, Line
from maturity.campaigns.models import CampaignInvitee
from maturity.campaigns.report import ReportView
from maturity.campaigns.words import FIELD_WORDS, STEP_WORDS, place, told
from maturity.questionnaires.model import Text
from maturity.web.filters import SIZE_NAMES, day, industry_name
from maturity.web.locale import current_locale

EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
Value = str | int | float | None
#: The headings of the template; `lists.HEADINGS` knows them.
_HEADINGS = {
    "uscc": Text("统一社会信用代码（必填）", "Unified social credit code (required)"),
    "name": Text("企业名称（必填）", "Name (required)"),
    "city": Text("所在市区县（必填）", "City or county (required)"),
    "industry": Text("行业（必填）", "Industry (required)"),
    "size": Text("规模", "Size"),
    "email": Text("电子邮箱", "E-mail address"),
    "mobile": Text("手机", "Mobile number"),
}
_WIDTHS = {"uscc": 30, "name": 36, "city": 26, "industry": 26, "size": 12, "email": 28, "mobile": 18}
_SIZES = Text("大型,中型,小型,微型", "large,medium,small,micro")


def template_workbook() -> bytes:
    """An empty list with its headings; the columns are text, so that no code becomes a number."""
    locale = current_locale()
    book, sheet = _book(_("Enterprises"))
    for column, name in enumerate(FIELDS, start=1):
        cell = sheet.cell(1, column)
        _write(cell, _HEADINGS[name].to(locale))
        _head(cell)
        letter = get_column_letter(column)
        sheet.column_dimensions[letter].width = _WIDTHS[name]
        for row in range(2, 502):
            sheet.cell(row, column).number_format = "@"
    choice = DataValidation(type="list", formula1=f'"{_SIZES.to(locale)}"', allow_blank=True)
    letter = get_column_letter(FIELDS.index("size") + 1)
    choice.add(f"{letter}2:{letter}20001")
    sheet.add_data_validation(choice)
    sheet.freeze_panes = "C2"
    notes = book.create_sheet(_("How to fill in"))
    notes.column_dimensions["A"].width = 110
    for row, line in enumerate(_how_to(), start=1):
        _write(notes.cell(row, 1), line)
        notes.cell(row, 1).alignment = Alignment(wrap_text=True, vertical="top")
    return _saved(book)


def _how_to() -> tuple[str, ...]:
    return (
        _("One row for each enterprise, on the first sheet. The order of the columns does not matter."),
        _("Unified social credit code: 18 characters as on the licence; its check digits are checked."),
        _("City or county: the name or the code of six digits, such as 青岛市, 黄岛区 or 370211."),
        _("Industry: the division or group of GB/T 4754, by code or name, such as C34, 342 or 通用设备制造业."),
        _("Size, e-mail address and mobile number may stay empty. Without an address no letter is sent."),
        _("Uploading again adds and changes; an empty cell leaves what is there. Nothing is sent before you see it."),
    )


def template_csv() -> str:
    return _csv([[_HEADINGS[name].to(current_locale()) for name in FIELDS]])


def mistakes_workbook(lines: Sequence[Line]) -> bytes:
    """The rows that were not taken in, as typed, with what to mend; mended, the file can be uploaded as it is."""
    locale = current_locale()
    book, sheet = _book(_("To be mended"))
    headings = [*(_HEADINGS[name].to(locale) for name in FIELDS), _("Row in your file"), _("What to mend")]
    for column, heading in enumerate(headings, start=1):
        _write(sheet.cell(1, column), heading)
        _head(sheet.cell(1, column))
        sheet.column_dimensions[get_column_letter(column)].width = 30
    wrong = PatternFill("solid", fgColor="FDF3F2")
    for row, line in enumerate(lines, start=2):
        for column, name in enumerate(FIELDS, start=1):
            cell = sheet.cell(row, column)
            _write(cell, _as_typed(line, name))
            cell.number_format = "@"
            if any(problem.field in (name, "county" if name == "city" else name) for problem in line.problems):
                cell.fill = wrong
        _write(sheet.cell(row, len(FIELDS) + 1), line.number)
        _write(sheet.cell(row, len(FIELDS) + 2), "\n".join(_mends(line)))
    sheet.freeze_panes = "C2"
    return _saved(book)


def _as_typed(line: Line, name: str) -> str:
    """City and county share a column of the template."""
    parts = (
        (line.typed.get("city", ""), line.typed.get("county", "")) if name == "city" else (line.typed.get(name, ""),)
    )
    return "".join(part for part in parts if part)


def _mends(line: Line) -> list[str]:
    return [f"{FIELD_WORDS[problem.field]}: {told(problem)}" for problem in line.problems]


def invitee_rows(invitees: Iterable[CampaignInvitee]) -> list[list[Value]]:
    """Headings and rows of those invited."""
    names = ("uscc", "name", "city", "industry", "size", "email", "mobile")
    headings: list[Value] = [str(FIELD_WORDS[name]) for name in names]
    headings += [_("State"), _("Invited on"), _("Started on"), _("Submitted on"), _("Reviewed on")]
    rows: list[list[Value]] = [headings]
    for invitee in invitees:
        moments = (invitee.written_at, invitee.started_at, invitee.submitted_at, invitee.reviewed_at)
        rows.append(
            [
                invitee.uscc,
                invitee.name,
                place(invitee.county or invitee.city),
                industry_name(invitee.industry),
                str(SIZE_NAMES[invitee.size]) if invitee.size else "",
                invitee.email,
                shown(invitee.mobile),
                str(STEP_WORDS[invitee.state][0]),
                *("" if moment is None else day(moment) for moment in moments),
            ]
        )
    return rows


def invitees_workbook(invitees: Iterable[CampaignInvitee]) -> bytes:
    book, sheet = _book(_("Invited"))
    for number, row in enumerate(invitee_rows(invitees), start=1):
        for column, value in enumerate(row, start=1):
            _write(sheet.cell(number, column), value)
            if number == 1:
                _head(sheet.cell(1, column))
                sheet.column_dimensions[get_column_letter(column)].width = 34 if column == 2 else 20
    sheet.freeze_panes = "C2"
    sheet.auto_filter.ref = sheet.dimensions
    return _saved(book)


def invitees_csv(invitees: Iterable[CampaignInvitee]) -> str:
    return _csv(invitee_rows(invitees))


def report_csv(view: ReportView) -> str:
    """Every table of the report, one under the other."""
    rows: list[Sequence[Value]] = [(view.title,), (view.asof,)]
    for title, table in view.tables:
        rows += [(), (title,), table.header, *table.rows]
    if view.time is not None:
        rows += [(), (view.time.title,), view.time.table.header, *view.time.table.rows]
    return _csv([*rows, (), *((line,) for line in view.method)])


def _csv(rows: Iterable[Sequence[Value]]) -> str:
    """With a byte-order mark, so that Excel reads the Chinese; nothing typed can become a formula."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    for row in rows:
        writer.writerow(
            [f"'{cell}" if isinstance(cell, str) and cell.lstrip(" ").startswith(RISKY) else cell for cell in row]
        )
    return "\ufeff" + buffer.getvalue()


def _book(title: str) -> tuple[Workbook, Worksheet]:
    book = Workbook()
    sheet: Worksheet = book.worksheets[0]
    sheet.title = title
    return book, sheet


def _head(cell: Cell) -> None:
    cell.font = Font(bold=True, color="FFFFFF")
    cell.fill = PatternFill("solid", fgColor="0A4488")
    cell.alignment = Alignment(wrap_text=True, vertical="center")


def _write(cell: Cell, value: Value) -> None:
    """A text is a text whatever it begins with: it is marked as one, and so shown by every spreadsheet."""
    cell.value = ILLEGAL_CHARACTERS_RE.sub("", value) if isinstance(value, str) else value
    if isinstance(value, str):
        cell.data_type = "s"
        if value.lstrip(" ").startswith(RISKY):
            cell.quotePrefix = True


def _saved(book: Workbook) -> bytes:
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()
