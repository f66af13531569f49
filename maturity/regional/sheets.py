"""Figures as tables: a file or pasted rows into entries with every fault by its row, and entries into a file."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from openpyxl import Workbook, load_workbook
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

from maturity.errors import Invalid
from maturity.reference.regions import official_name, region
from maturity.regional.figures import COMPARATORS, LONGEST_SOURCE, Entry
from maturity.regional.index import Datum, Values
from maturity.regional.model import NATION, PROVENANCES, IndexModel, number_of, shown

HEADING = ("indicator", "region", "year", "value", "comparator", "source", "provenance")
#: ids of what the template says besides, for people; read past when it comes back
BESIDE = ("indicator_name", "region_name", "unit")
NATION_WORDS = ("", "全国", "nation", "100000", "000000")
MOST_ROWS, MOST_FAULTS, MOST_CELLS = 20_000, 30, 20
MOST_UNPACKED = 60 * 1024 * 1024
EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_YEAR = re.compile(r"(19[789]\d|20\d\d|2100)(\.0)?")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
Cell = str | int | float
Rows = Sequence[Sequence[Cell]]


@dataclass(frozen=True, slots=True)
class RowFault:
    """One thing to mend: the row (0: the whole table), the heading of the column, what is wrong, what stood there."""

    row: int
    column: str
    code: str
    value: str = ""


class TableRefused(Invalid):
    """The table cannot be taken; `faults` says where and why, all at once, as far as they are worth telling."""

    def __init__(self, faults: Sequence[RowFault]) -> None:
        super().__init__("index_table_refused")
        self.faults = tuple(faults)[:MOST_FAULTS]
        self.more = max(len(faults) - MOST_FAULTS, 0)


def rows_of_file(content: bytes) -> list[list[str]]:
    """Rows of an Excel workbook's first sheet, or of text in UTF-8 or GB 18030."""
    if content[:2] == b"PK":
        return _rows_of_workbook(content)
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return rows_of_text(content.decode(encoding))
        except UnicodeDecodeError:
            continue
    raise TableRefused([RowFault(0, "", "unreadable")])


def rows_of_text(text: str) -> list[list[str]]:
    """Rows as a spreadsheet writes or copies them: by tab, comma or semicolon."""
    if "\0" in text:
        raise TableRefused([RowFault(0, "", "unreadable")])
    text = text.strip("\ufeff\r\n")
    first = text.split("\n", 1)[0]
    try:
        return list(csv.reader(io.StringIO(text), delimiter=max("\t,;", key=first.count)))
    except csv.Error as error:
        raise TableRefused([RowFault(0, "", "unreadable")]) from error


def _rows_of_workbook(content: bytes) -> list[list[str]]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if sum(item.file_size for item in archive.infolist()) > MOST_UNPACKED:
                raise TableRefused([RowFault(0, "", "unreadable")])
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
        sheet = book.worksheets[0]
        limits = {"max_row": MOST_ROWS + 2, "max_col": MOST_CELLS}
        return [[_text(cell) for cell in row] for row in sheet.iter_rows(values_only=True, **limits)]
    except Exception as error:  # openpyxl raises whatever it stumbles over in a file that is none of its own
        raise TableRefused([RowFault(0, "", "unreadable")]) from error


def _text(cell: object) -> str:
    """A cell as it is shown; a number keeps the fifteen digits that Excel keeps.

    >>> _text(0.1), _text(3.0), _text(None)
    ('0.1', '3', '')
    """
    if cell is None:
        return ""
    return format(cell, ".15g") if isinstance(cell, float) else str(cell).strip()


def read_entries(rows: Sequence[Sequence[str]], model: IndexModel, values: Values) -> list[Entry]:
    """The figures of a table, or `TableRefused` with what is wrong row by row; a row without a value is passed over."""
    columns = _columns(rows)
    faults: list[RowFault] = []
    names = _names(model)
    found: dict[tuple[str, str, int], Entry] = {}
    for number, row in enumerate(rows[1:], 2):
        cells = {name: row[at].strip() if at < len(row) else "" for name, at in columns.items()}
        entry = _entry(cells, names, number, faults) if cells["value"] else None
        if entry is None:
            continue
        key = (entry.indicator, entry.region, entry.year)
        standing = values.get(key)
        if key in found:
            faults.append(RowFault(number, "", "twice"))
        elif standing is None or not standing.release:
            found[key] = entry
        elif standing.value is None or shown(standing.value) != entry.value:  # an export comes back as it was
            faults.append(RowFault(number, "value", "released"))
    if faults:
        raise TableRefused(faults)
    if not found:
        raise TableRefused([RowFault(0, "", "empty")])
    return list(found.values())


def _columns(rows: Sequence[Sequence[str]]) -> dict[str, int]:
    """Where each column stands; whatever else the table has is read past."""
    if not any(any(cell.strip() for cell in row) for row in rows):
        raise TableRefused([RowFault(0, "", "empty")])
    if len(rows) > MOST_ROWS + 1:
        raise TableRefused([RowFault(0, "", "long")])
    heading = [cell.strip().casefold() for cell in rows[0]]
    if any(name not in heading for name in HEADING):
        raise TableRefused([RowFault(1, "", "heading")])
    return {name: heading.index(name) for name in HEADING}


@dataclass(frozen=True, slots=True)
class _Names:
    indicators: Mapping[str, str]
    regions: Mapping[str, str]


def _names(model: IndexModel) -> _Names:
    """An indicator or a region may be written by its id or by its name in either language."""
    indicators = {w.casefold(): i.id for i in model.indicators for w in (i.id, i.title.zh, i.title.en)}
    regions = dict.fromkeys((word.casefold() for word in NATION_WORDS), NATION)
    for code in dict.fromkeys((*model.regions, model.reference)):
        if (place := region(code)) is not None:
            regions |= {word.casefold(): code for word in (code, place.zh, place.en, official_name(place))}
    return _Names(indicators, regions)


def region_codes(text: str, model_regions: Iterable[str]) -> list[str]:
    """Codes of the places written in a list; what is no place stays as it was written.

    >>> region_codes("山东、江苏省, 440000 nowhere", ("370000", "320000", "440000"))
    ['370000', '320000', '440000', 'nowhere']
    """
    known: dict[str, str] = {}
    for code in model_regions:
        place = region(code)
        if place is not None:
            known |= {word.casefold(): code for word in (code, place.zh, place.en, official_name(place))}
    words = [word.strip() for word in re.split(r"[,，、;；\n]", text) if word.strip()]
    found: list[str] = []
    for word in words:
        if word.casefold() in known:
            found.append(known[word.casefold()])
        else:
            found += [known.get(part.casefold(), part) for part in word.split()]
    return found


def _entry(cells: Mapping[str, str], names: _Names, number: int, faults: list[RowFault]) -> Entry | None:
    before = len(faults)
    indicator = names.indicators.get(cells["indicator"].casefold())
    place = names.regions.get(cells["region"].removesuffix(".0").casefold())
    if indicator is None:
        faults.append(RowFault(number, "indicator", "indicator", cells["indicator"][:40]))
    if place is None:
        faults.append(RowFault(number, "region", "region", cells["region"][:40]))
    if not _YEAR.fullmatch(cells["year"]):
        faults.append(RowFault(number, "year", "year", cells["year"][:20]))
    value, comparator = cells["value"], cells["comparator"]
    if number_of(value) is None:
        faults.append(RowFault(number, "value", "value", value[:20]))
    if comparator not in COMPARATORS:
        faults.append(RowFault(number, "comparator", "comparator", comparator[:20]))
    if not 0 < len(cells["source"]) <= LONGEST_SOURCE:
        faults.append(RowFault(number, "source", "source"))
    if cells["provenance"] not in PROVENANCES:
        faults.append(RowFault(number, "provenance", "provenance", cells["provenance"][:20]))
    if len(faults) > before or indicator is None or place is None:
        return None
    year = int(cells["year"].removesuffix(".0"))
    return Entry(indicator, place, year, value, comparator, cells["source"], cells["provenance"])


# ---- out


def table_of(model: IndexModel, years: Sequence[int], values: Values, locale: str) -> list[list[Cell]]:
    """Every figure of these years and of the base year as it stands; a missing one is a row to be filled in."""
    rows: list[list[Cell]] = [[*HEADING, *BESIDE]]
    for year in sorted({*years, model.base_year}):
        for indicator in model.indicators:
            places = (model.reference, *model.regions) if year != model.base_year else (model.reference,)
            for code in dict.fromkeys(places):
                datum = values.get((indicator.id, code, year), Datum(None))
                place = region(code)
                value = "" if datum.value is None else shown(datum.value)
                name = place.title(locale) if place else ("全国" if locale.startswith("zh") else "Nation")
                rows.append(
                    [
                        indicator.id, code or "nation", year, value, datum.comparator, datum.source,
                        datum.provenance, indicator.title.to(locale), name, indicator.unit,
                    ]
                )  # fmt: skip
    return rows


def csv_of(rows: Rows) -> bytes:
    """With a byte-order mark, so that Excel reads the Chinese; what it would take for a formula is kept a text."""
    buffer = io.StringIO()
    csv.writer(buffer).writerows([[_harmless(cell) for cell in row] for row in rows])
    return ("\ufeff" + buffer.getvalue()).encode()


def _harmless(cell: Cell) -> Cell:
    """
    >>> _harmless("=1+1"), _harmless("-3.5"), _harmless("山东")
    ("'=1+1", '-3.5', '山东')
    """
    if isinstance(cell, str) and cell.startswith(_FORMULA) and number_of(cell) is None:
        return "'" + cell
    return cell


def workbook_of(sheets: Mapping[str, Rows]) -> bytes:
    """One sheet for each table, headings in view; texts stay texts, and numbers become numbers."""
    book = Workbook()
    book.remove(book.worksheets[0])
    for title, rows in sheets.items():
        sheet = book.create_sheet(re.sub(r"[\[\]:*?/\\]", " ", title)[:31])
        widths: dict[int, int] = {}
        for number, row in enumerate(rows, 1):
            for column, value in enumerate(row, 1):
                cell = sheet.cell(number, column)
                number_like = isinstance(value, str) and re.fullmatch(r"-?\d{1,12}(\.\d{1,9})?", value)
                cell.value = float(value) if number_like and not _is_code(rows[0], column) else value
                if isinstance(cell.value, str):
                    cell.data_type = "s"
                cell.font = Font(bold=number == 1)
                cell.alignment = Alignment(vertical="top")
                widths[column] = max(widths.get(column, 8), min(len(str(value)) * 2, 46))
        for column, width in widths.items():
            sheet.column_dimensions[get_column_letter(column)].width = width
        sheet.freeze_panes = "C2"
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def _is_code(heading: Sequence[Cell], column: int) -> bool:
    """A region's code is a name and no number."""
    return heading[column - 1] in ("region", "code")
