"""What stands in a workbook from outside: sheets, columns and cells as they are, without judging the answers.

Runs apart from the site, in `confined`; what it gives back is plain JSON.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

from openpyxl import load_workbook
from openpyxl.utils import get_column_letter
from openpyxl.utils.cell import range_boundaries

from maturity.evidence.contents import Refused, ending_of, examine
from maturity.workbooks.layout import ANSWER, FIRST_ROW, ID, KEY_ROW, NOTE, SHEET_MARK, TOKEN_SHEET

EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOST_SHEETS, MOST_ROWS, MOST_COLUMNS = 80, 5_000, 64
LONGEST_TEXT = 3_000  # more than any answer may have, so that what is too long is seen to be
MOST_NAMED = 20  # stray cells and merged ranges that are told; beyond that there are too many to read
Cells = dict[str, dict[str, Any]]


def read_workbook(path: Path, name: str) -> dict[str, Any]:
    """The sheets of a workbook of ours, or `Refused` with why it is none."""
    refuse_what_is_no_workbook(path, name)
    book = open_workbook(path)
    try:
        sheets = [sheet for sheet in book.worksheets if sheet.title != TOKEN_SHEET]
        if len(book.worksheets) > MOST_SHEETS:
            raise Refused("too_demanding")
        sealed = book[TOKEN_SHEET]["A1"].value if TOKEN_SHEET in book.sheetnames else None
        merged = _merged(path)
        read = [
            _sheet(sheet, merged.get(sheet._worksheet_path.lstrip("/"), [])) for sheet in sheets
        ]  # the only name of the part
        return {"seal": str(sealed) if sealed else None, "sheets": [sheet for sheet in read if sheet]}
    finally:
        book.close()


def refuse_what_is_no_workbook(path: Path, name: str) -> None:
    """`examine` tells encrypted, old, swollen and damaged files and macros apart; other documents are left."""
    if ending_of(name) == ".csv":
        raise Refused("csv")
    if examine(path) != EXCEL:
        raise Refused("unknown")


def open_workbook(path: Path) -> Any:
    """Read as a stream, formulas as formulas; whatever breaks the reader is damaged."""
    try:
        # as a stream: by its name, a file that waits on the disk is no workbook to openpyxl
        return load_workbook(io.BytesIO(path.read_bytes()), read_only=True, data_only=False, keep_links=False)
    except Exception as error:  # openpyxl raises what its parts raise
        raise Refused("damaged") from error


def _sheet(sheet: Any, merged: list[str]) -> dict[str, Any] | None:
    """A sheet by its hidden first row; None for one that is not ours, such as the instructions."""
    rows = sheet.iter_rows(max_row=MOST_ROWS, max_col=MOST_COLUMNS)
    keys = [cell.value for cell in next(rows, ())]
    mark = next((key for key in keys if isinstance(key, str) and key.startswith(SHEET_MARK)), None)
    columns = {key: index for index, key in enumerate(keys) if isinstance(key, str) and not key.startswith(SHEET_MARK)}
    if mark is None:
        # without the first row nothing can be told, except that a sheet of this name was ours once
        return {
            "name": sheet.title,
            "section": None,
            "columns": [],
            "answers": {},
            "notes": {},
            "strays": [],
            "merged": [],
        }
    answers, notes, strays = _answers(rows, columns)
    return {
        "name": sheet.title,
        "section": mark.removeprefix(SHEET_MARK),
        "columns": sorted(columns),
        "answers": answers,
        "notes": notes,
        "strays": strays[:MOST_NAMED],
        "merged": _over_answers(merged, columns),
    }


def _answers(rows: Iterator[Any], columns: Mapping[str, int]) -> tuple[Cells, Cells, list[str]]:
    """Answers and notes by the id of their row, and the filled cells that have none."""
    answers: Cells = {}
    notes: Cells = {}
    strays = []
    for number, row in enumerate(rows, start=KEY_ROW + 1):
        if number < FIRST_ROW:
            continue
        slot = _at(row, columns.get(ID))
        answer, note = _at(row, columns.get(ANSWER)), _at(row, columns.get(NOTE))
        slot_id = slot.value if slot is not None and isinstance(slot.value, str) else None
        if slot_id is None or slot_id in answers:
            strays += [cell.coordinate for cell in (answer, note) if _is_filled(cell)]
            continue
        where = f"{get_column_letter(columns[ANSWER] + 1)}{number}" if ANSWER in columns else ""
        answers[slot_id] = {"cell": where, **read_cell(answer)}
        if _is_filled(note):
            notes[slot_id] = {"cell": note.coordinate, **read_cell(note)}
    return answers, notes, strays


def _at(row: Any, index: int | None) -> Any:
    return row[index] if index is not None and index < len(row) else None


def _is_filled(cell: Any) -> bool:
    return cell is not None and cell.value is not None and str(cell.value).strip() != ""


def read_cell(cell: Any) -> dict[str, Any]:
    """What a cell holds: its kind and its value as JSON. A number keeps the fifteen digits that Excel keeps."""
    if cell is None or cell.value is None:
        return {"kind": "empty"}
    value = cell.value
    if cell.data_type == "f" or value.__class__.__name__ in ("ArrayFormula", "DataTableFormula"):
        return {"kind": "formula"}
    if cell.data_type == "e":
        return {"kind": "fault", "value": str(value)}
    match value:
        case bool():
            return {"kind": "truth", "value": value}
        case datetime() | date():
            day = value.date() if isinstance(value, datetime) else value
            return {
                "kind": "day",
                "value": day.isoformat(),
                "has_time": isinstance(value, datetime) and value.time() != time(),
            }
        case time():
            return {"kind": "fault", "value": str(value)}
        case int() | float():
            told = value if isinstance(value, int) else format(value, ".15g")
            return {"kind": "number", "value": str(told), "percent": "%" in str(cell.number_format)}
        case _:
            text = str(value)
            return {"kind": "text", "value": text[:LONGEST_TEXT]} if text.strip() else {"kind": "empty"}


_MERGED = re.compile(rb'<(?:\w+:)?mergeCell\s[^>]*?ref="([A-Z]{1,3}\d{1,7}:[A-Z]{1,3}\d{1,7})"')


def _merged(path: Path) -> dict[str, list[str]]:
    """The merged ranges by the part of their sheet, which reading as a stream passes over."""
    with zipfile.ZipFile(path) as archive:
        parts = [name for name in archive.namelist() if name.startswith("xl/worksheets/") and name.endswith(".xml")]
        return {name: [found.decode() for found in _MERGED.findall(archive.read(name))] for name in parts}


def _over_answers(merged: list[str], columns: Mapping[str, int]) -> list[str]:
    """The merged ranges that hide answer cells; elsewhere they do no harm."""
    if ANSWER not in columns:
        return []
    column = columns[ANSWER] + 1
    found = []
    for area in merged:
        first_column, _first, last_column, last = range_boundaries(area)
        if first_column <= column <= last_column and last >= FIRST_ROW:
            found.append(area)
    return found[:MOST_NAMED]
