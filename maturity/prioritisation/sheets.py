"""Files into rows of text and back: CSV and Excel, as spreadsheets write them."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Sequence

from openpyxl import Workbook, load_workbook
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

from maturity.prioritisation.tables import LONGEST_DESCRIPTOR, MOST_COLUMNS, MOST_ROWS, Fault, TableRefused

#: An uploaded workbook is a ZIP file: what it unpacks to is measured before it is read.
MOST_UNPACKED = 20 * 1024 * 1024
EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
WIDE, NARROW = 40, 14
Row = Sequence[str | int | float]


def rows_of_file(content: bytes) -> list[list[str]]:
    """Rows of an Excel file or of CSV in UTF-8 or GB 18030, whatever the name of the file says."""
    if content[:2] == b"PK":
        return _rows_of_workbook(content)
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return _rows_of_text(content.decode(encoding))
        except UnicodeDecodeError:
            continue
    raise TableRefused([Fault(0, "", "unreadable")])


def _rows_of_text(text: str) -> list[list[str]]:
    if "\0" in text:
        raise TableRefused([Fault(0, "", "unreadable")])
    first = text.split("\n", 1)[0]
    separator = max(",;\t", key=first.count)
    try:
        return list(csv.reader(io.StringIO(text), delimiter=separator))
    except csv.Error as error:
        raise TableRefused([Fault(0, "", "unreadable")]) from error


def _rows_of_workbook(content: bytes) -> list[list[str]]:
    """The first sheet. One row and one column more than are allowed, so that what is too much is seen to be."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if sum(item.file_size for item in archive.infolist()) > MOST_UNPACKED:
                raise TableRefused([Fault(0, "", "unreadable")])
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
        sheet = book.worksheets[0]
        rows = [
            [_text(cell) for cell in row]
            for row in sheet.iter_rows(max_row=MOST_ROWS + 1, max_col=MOST_COLUMNS + 3, values_only=True)
        ]
    except Exception as error:  # openpyxl raises whatever it stumbles over in a file that is none of its own
        raise TableRefused([Fault(0, "", "unreadable")]) from error
    trimmed = [_trimmed(row) for row in rows]
    while trimmed and not trimmed[-1]:
        trimmed.pop()
    return trimmed


def _trimmed(row: list[str]) -> list[str]:
    """Without the blank cells at its end, which a sheet has as many of as one asks for.

    >>> _trimmed(["a", "", "b", "", ""])
    ['a', '', 'b']
    """
    while row and not row[-1]:
        row.pop()
    return row


def _text(cell: object) -> str:
    """A cell as it is shown; a number keeps the fifteen digits that Excel keeps.

    >>> _text(0.1), _text(3.0), _text(None)
    ('0.1', '3', '')
    """
    if cell is None:
        return ""
    if isinstance(cell, float):
        return format(cell, ".15g")
    return str(cell).strip()[: LONGEST_DESCRIPTOR + 1]


def csv_of(rows: Sequence[Row]) -> bytes:
    """With a byte-order mark, so that Excel reads the Chinese."""
    buffer = io.StringIO()
    csv.writer(buffer).writerows(rows)
    return ("\ufeff" + buffer.getvalue()).encode()


def workbook_of(rows: Sequence[Row], title: str) -> bytes:
    """One sheet with its headings in view; texts stay texts, whatever they begin with."""
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = title[:31]
    for number, row in enumerate(rows, 1):
        for column, value in enumerate(row, 1):
            cell = sheet.cell(number, column, value)
            if isinstance(value, str):
                cell.data_type = "s"
            cell.alignment = Alignment(vertical="top", wrap_text=True)
            cell.font = Font(bold=number == 1)
    for column in range(1, len(rows[0]) + 1):
        width = WIDE if rows[0][column - 1] in ("area", "name", "zh", "en") else NARROW
        sheet.column_dimensions[get_column_letter(column)].width = width
    sheet.freeze_panes = "C2"
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()
