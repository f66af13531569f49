"""What stands in a register of enterprises: one row each, one column for each thing to fill in.

Runs apart from the site, in `confined`.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from openpyxl.utils import get_column_letter

from maturity.evidence.contents import Refused
from maturity.workbooks.layout import KEY_ROW, MOST_ENTERPRISES, REGISTER_FIRST_ROW, REGISTER_MARK, TOKEN_SHEET
from maturity.workbooks.reading import open_workbook, read_cell, refuse_what_is_no_workbook

MOST_COLUMNS = 1_200


def read_register(path: Path, name: str) -> dict[str, Any]:
    """The rows of a register of ours, or `Refused` with why it is none."""
    refuse_what_is_no_workbook(path, name)
    book = open_workbook(path)
    try:
        sealed = book[TOKEN_SHEET]["A1"].value if TOKEN_SHEET in book.sheetnames else None
        for sheet in book.worksheets:
            rows = sheet.iter_rows(max_row=MOST_ENTERPRISES + REGISTER_FIRST_ROW, max_col=MOST_COLUMNS)
            keys = [cell.value for cell in next(rows, ())]
            if REGISTER_MARK in keys:
                told = _rows(rows, keys)
                return {
                    "seal": str(sealed) if sealed else None,
                    "sheet": sheet.title,
                    "keys": _texts(keys),
                    "rows": told,
                }
        return {"seal": str(sealed) if sealed else None, "sheet": None, "keys": [], "rows": []}
    finally:
        book.close()


def _texts(keys: list[Any]) -> list[str]:
    return [key for key in keys if isinstance(key, str)]


def _rows(rows: Any, keys: list[Any]) -> list[dict[str, Any]]:
    columns = {key: index for index, key in enumerate(keys) if isinstance(key, str)}
    letters = {key: get_column_letter(index + 1) for key, index in columns.items()}
    told: list[dict[str, Any]] = []
    for number, row in enumerate(rows, start=KEY_ROW + 1):
        if number < REGISTER_FIRST_ROW or not any(cell.value is not None for cell in row):
            continue
        if len(told) == MOST_ENTERPRISES:
            raise Refused("too_many")
        told.append(_row(row, number, columns, letters))
    return told


def _row(row: Any, number: int, columns: Mapping[str, int], letters: Mapping[str, str]) -> dict[str, Any]:
    cells = {}
    for key, index in columns.items():
        if index >= len(row) or row[index].value is None:
            continue
        cell = read_cell(row[index])
        if cell["kind"] != "empty":
            cells[key] = {"cell": f"{letters[key]}{number}", **cell}
    return {"number": number, "cells": cells}
