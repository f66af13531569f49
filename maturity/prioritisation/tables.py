"""The tables an enterprise brings: degrees of relevance to costs and KPIs, best bands, descriptors; read and refused.

What comes out is plain JSON with numbers as decimal text, so that it is kept exactly.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from maturity.errors import Invalid
from maturity.prioritisation.areas import BANDS, Area

KINDS = ("cost", "kpi", "best", "descriptors")
#: the tables a ranking needs; descriptors are only shown
NEEDED = ("cost", "kpi", "best")
MOST_COLUMNS, LONGEST_HEADING, LONGEST_DESCRIPTOR = 30, 60, 2000
MOST_ROWS = 200
MOST_FAULTS = 20
FIXED = ("area", "name")
LANGUAGES = ("zh", "en")
_NUMBER = re.compile(r"\d{1,9}(\.\d{1,9})?")
Rows = Sequence[Sequence[str]]
Content = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing to mend: the row (0: the whole file), the heading of the column, what is wrong and what stood there."""

    row: int
    column: str
    code: str
    value: str = ""


class TableRefused(Invalid):
    """The file is no such table; `faults` says where and why, all at once."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("table_refused")
        self.faults = tuple(faults)


def read_table(kind: str, rows: Rows, areas: Sequence[Area]) -> Content:
    """The content of one kind of table, or `TableRefused` with everything that is wrong with it."""
    faults: list[Fault] = []
    if not rows:
        raise TableRefused([Fault(0, "", "empty")])
    if len(rows) > MOST_ROWS:
        raise TableRefused([Fault(0, "", "long")])
    heading = [cell.strip() for cell in rows[0]]
    if [cell.lower() for cell in heading[:2]] != list(FIXED):
        raise TableRefused([Fault(1, "", "heading")])
    body = [
        (number, [cell.strip() for cell in row] + [""] * (len(heading) - len(row)))
        for number, row in enumerate(rows[1:], 2)
        if any(cell.strip() for cell in row)
    ]
    content = _READERS[kind](heading, body, areas, faults)
    if faults:
        raise TableRefused(faults[:MOST_FAULTS])
    return content


Body = Sequence[tuple[int, list[str]]]


def _relevance(heading: list[str], body: Body, areas: Sequence[Area], faults: list[Fault]) -> Content:
    columns = heading[2:]
    while columns and not columns[-1]:
        columns.pop()
    _check_columns(columns, faults)
    found: dict[str, list[str]] = {}
    for number, cells, area in _by_area(body, areas, faults):
        if any(cells[2 + len(columns) :]):
            faults.append(Fault(number, "", "beyond"))
        found[area] = [_amount(number, column, cells[2 + index], faults) for index, column in enumerate(columns)]
    _check_missing(found, areas, faults)
    if not faults and not any(Fraction(cell) for row in found.values() for cell in row):
        faults.append(Fault(0, "", "all_zero"))
    return {"columns": columns, "rows": found}


def _check_columns(columns: list[str], faults: list[Fault]) -> None:
    if not columns:
        faults.append(Fault(1, "", "no_columns"))
    if len(columns) > MOST_COLUMNS:
        faults.append(Fault(1, "", "many_columns"))
    for position, column in enumerate(columns):
        if not column:
            faults.append(Fault(1, "", "blank_heading", str(position + 3)))
        elif len(column) > LONGEST_HEADING:
            faults.append(Fault(1, column[:20], "long_heading"))
        elif column[0] in "=+-@":  # what a spreadsheet would take for a formula
            faults.append(Fault(1, column[:20], "formula"))
        elif column in columns[:position]:
            faults.append(Fault(1, column, "column_twice"))


def _best(heading: list[str], body: Body, areas: Sequence[Area], faults: list[Fault]) -> Content:
    if len(heading) < 3 or heading[2].lower() != "band" or any(heading[3:]):
        faults.append(Fault(1, "", "heading_best"))
        return {}
    found = {}
    for number, cells, area in _by_area(body, areas, faults):
        band = _amount(number, "band", cells[2], faults)
        if Fraction(band) > BANDS[-1]:
            faults.append(Fault(number, "band", "band_range", cells[2]))
        found[area] = band
    _check_missing(found, areas, faults)
    return {"rows": found}


def _descriptors(heading: list[str], body: Body, areas: Sequence[Area], faults: list[Fault]) -> Content:
    if [cell.lower() for cell in heading[2:5]] != ["band", *LANGUAGES] or any(heading[5:]):
        faults.append(Fault(1, "", "heading_descriptors"))
        return {}
    names = _names(areas)
    found: dict[str, dict[str, dict[str, str]]] = {}
    for number, cells in body:
        area, band = names.get(cells[0].casefold()), cells[2].removesuffix(".0")
        texts = {language: cells[3 + index] for index, language in enumerate(LANGUAGES)}
        if not any(texts.values()):
            continue  # an unfilled row of the template
        if area is None:
            faults.append(Fault(number, "area", "area_unknown", cells[0]))
        elif band not in map(str, BANDS):
            faults.append(Fault(number, "band", "band_unknown", cells[2]))
        elif band in found.get(area, {}):
            faults.append(Fault(number, "band", "band_twice", band))
        elif any(len(text) > LONGEST_DESCRIPTOR for text in texts.values()):
            faults.append(Fault(number, "", "long_text"))
        else:
            found.setdefault(area, {})[band] = texts
    if not found and not faults:
        faults.append(Fault(0, "", "empty"))
    return {"rows": found}


_READERS = {"cost": _relevance, "kpi": _relevance, "best": _best, "descriptors": _descriptors}


def _names(areas: Sequence[Area]) -> dict[str, str]:
    """An area may be written by its id or by its name in either language."""
    return {word.casefold(): area.id for area in areas for word in (area.id, area.title.zh, area.title.en)}


def _by_area(body: Body, areas: Sequence[Area], faults: list[Fault]) -> list[tuple[int, list[str], str]]:
    """The rows of known areas, each once."""
    names = _names(areas)
    found: list[tuple[int, list[str], str]] = []
    seen: set[str] = set()
    for number, cells in body:
        area = names.get(cells[0].casefold())
        if area is None:
            faults.append(Fault(number, "area", "area_unknown" if cells[0] else "area_blank", cells[0]))
        elif area in seen:
            faults.append(Fault(number, "area", "area_twice", cells[0]))
        else:
            seen.add(area)
            found.append((number, cells, area))
    return found


def _check_missing(found: Mapping[str, Any], areas: Sequence[Area], faults: list[Fault]) -> None:
    if any(fault.code.startswith("area_") for fault in faults):
        return  # a misspelt area is missing, too: it is told once
    faults.extend(Fault(0, "area", "area_missing", area.id) for area in areas if area.id not in found)


def _amount(row: int, column: str, text: str, faults: list[Fault]) -> str:
    """A number from 0 on, as decimal text; what is none is told and counts as 0 meanwhile."""
    if _NUMBER.fullmatch(text):
        return text
    code = "blank" if not text else "negative" if _NUMBER.fullmatch(text.removeprefix("-")) else "not_a_number"
    faults.append(Fault(row, column, code, text[:20]))
    return "0"
