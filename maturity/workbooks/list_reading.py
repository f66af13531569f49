"""What stands in a plain list from outside, Excel or text with separators: rows of cells as they are.

Runs apart from the site, in `confined`.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from maturity.evidence.contents import LARGEST_FILE, Refused, ending_of
from maturity.workbooks.reading import open_workbook, read_cell, refuse_what_is_no_workbook

MOST_ROWS, MOST_COLUMNS = 20_000, 30
LONGEST_CELL = 300  # more than any of them may have, so that what is too long is seen to be
_TEXT_ENDINGS = (".csv", ".txt", ".tsv")
Row = tuple[int, list[dict[str, Any]]]


def read_list(path: Path, name: str) -> dict[str, Any]:
    """The rows that hold anything, with their numbers, or `Refused`; of a workbook those of its first filled sheet."""
    is_text = ending_of(name) in _TEXT_ENDINGS
    rows = list(_text_rows(path) if is_text else _workbook_rows(path, name))
    if not rows:
        raise Refused("empty")
    return {"rows": rows}


def _text_rows(path: Path) -> Iterator[Row]:
    if path.stat().st_size > LARGEST_FILE:
        raise Refused("too_large")
    text = _decoded(path.read_bytes())
    first = next((line for line in text.splitlines() if line.strip()), "")
    separator = max("\t,;，；", key=lambda mark: (first.count(mark), mark == "\t"))
    try:
        for number, row in enumerate(csv.reader(io.StringIO(text), delimiter=separator), start=1):
            cells = [{"kind": "text", "value": cell.strip()[:LONGEST_CELL]} for cell in row[:MOST_COLUMNS]]
            yield from _filled(number, cells)
    except csv.Error as error:
        raise Refused("damaged") from error


def _decoded(content: bytes) -> str:
    """UTF-8, or GB 18030 as Excel in China writes it."""
    if b"\0" in content and not content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise Refused("unknown")
    encodings = ("utf-16",) if content.startswith((b"\xff\xfe", b"\xfe\xff")) else ("utf-8-sig", "gb18030")
    for encoding in encodings:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Refused("unknown")


def _workbook_rows(path: Path, name: str) -> Iterator[Row]:
    refuse_what_is_no_workbook(path, name)
    book = open_workbook(path)
    try:
        for sheet in book.worksheets:
            rows = list(_sheet_rows(sheet.iter_rows(max_row=MOST_ROWS + 100, max_col=MOST_COLUMNS)))
            if rows:
                yield from rows
                return
    finally:
        book.close()


def _sheet_rows(rows: Iterable[Any]) -> Iterator[Row]:
    for number, row in enumerate(rows, start=1):
        yield from _filled(number, [_told(cell) for cell in row])


def _told(cell: Any) -> dict[str, Any]:
    told = read_cell(cell)
    if "value" in told:
        told["value"] = str(told["value"]).strip()[:LONGEST_CELL]
    return told


def _filled(number: int, cells: list[dict[str, Any]]) -> Iterator[Row]:
    if number > MOST_ROWS + 100:
        raise Refused("too_many")
    if any(cell.get("value") or cell["kind"] == "formula" for cell in cells):
        yield number, cells
