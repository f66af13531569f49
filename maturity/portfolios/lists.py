"""A list of enterprises to invite, pasted or uploaded: read into rows, every row checked, nothing sent."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from openpyxl import load_workbook

from maturity.accounts.contacts import read_contact
from maturity.errors import Invalid
from maturity.reference.uscc import UsccError, validate

MOST_ROWS = 200
MOST_NAME = 120
#: An uploaded workbook is a ZIP file: what it unpacks to is measured before it is read.
MOST_UNPACKED = 20 * 1024 * 1024
HEADINGS = {
    "uscc": (
        "统一社会信用代码",
        "社会信用代码",
        "信用代码",
        "code",
        "credit code",
        "unified social credit code",
        "uscc",
    ),
    "name": ("企业名称", "单位名称", "名称", "企业", "name", "enterprise", "company"),
    "email": ("邮箱", "电子邮箱", "电子邮件", "email", "e-mail", "mail", "e-mail address"),
}
ORDER = ("uscc", "name", "email")


class UnreadableList(Invalid):
    """The file is no list that can be read."""

    def __init__(self, code: str = "list_unreadable") -> None:
        super().__init__(code)


@dataclass(frozen=True, slots=True)
class Line:
    """One row as typed, put right where it could be; `problems` are codes with the field they belong to."""

    number: int
    uscc: str
    name: str
    email: str
    problems: tuple[tuple[str, str | UsccError], ...]

    @property
    def is_good(self) -> bool:
        return not self.problems


def rows_of_text(text: str) -> list[list[str]]:
    """Rows of what was pasted: cells between tabs, as from a spreadsheet, or between commas or semicolons.

    >>> rows_of_text("91370200MA3CQ0000X\\tHaiyue\\ta@example.com")
    [['91370200MA3CQ0000X', 'Haiyue', 'a@example.com']]
    """
    text = text.removeprefix("\ufeff").replace("\0", "")
    first = next((line for line in text.splitlines() if line.strip()), "")
    separator = max("\t,;，；", key=lambda mark: (first.count(mark), mark == "\t"))
    try:
        rows = list(csv.reader(io.StringIO(text), delimiter=separator))
    except csv.Error as error:
        raise UnreadableList from error
    return [[cell.strip() for cell in row] for row in rows if any(cell.strip() for cell in row)]


def rows_of_file(content: bytes) -> list[list[str]]:
    """Rows of an Excel file or of text in UTF-8 or GB 18030, whatever the name of the file says."""
    if content[:2] == b"PK":
        return _rows_of_workbook(content)
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return rows_of_text(content.decode(encoding))
        except UnicodeDecodeError:
            continue
    raise UnreadableList


def _rows_of_workbook(content: bytes) -> list[list[str]]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if sum(item.file_size for item in archive.infolist()) > MOST_UNPACKED:
                raise UnreadableList
        workbook = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        sheet = workbook.worksheets[0]
        rows = [
            ["" if cell is None else str(cell).strip() for cell in row]
            for row in sheet.iter_rows(max_row=MOST_ROWS + 2, max_col=20, values_only=True)
        ]
    except Exception as error:  # openpyxl raises whatever it stumbles over in a file that is none of its own
        raise UnreadableList from error
    return [row for row in rows if any(row)]


def check_rows(rows: Sequence[Sequence[str]], known: Mapping[str, str]) -> tuple[Line, ...]:
    """Every row with what is wrong with it; a first row of headings says which column is which.

    `known` gives, by credit code, what the consultancy itself knows of it already: `client` or `invited`.
    """
    if not rows:
        raise UnreadableList("list_empty")
    columns = _columns(rows[0])
    body = rows[1:] if columns else rows
    places = columns or {name: index for index, name in enumerate(ORDER)}
    if not body:
        raise UnreadableList("list_empty")
    if len(body) > MOST_ROWS:
        raise UnreadableList("list_too_long")
    first = 2 if columns else 1
    cells = [{name: row[index] if index < len(row) else "" for name, index in places.items()} for row in body]
    return tuple(_lines(cells, first, known))


def _columns(row: Sequence[str]) -> dict[str, int] | None:
    """Where the three columns stand, if the row is one of headings."""
    words = [cell.strip().lower() for cell in row]
    found = {name: words.index(word) for name, known in HEADINGS.items() for word in known[::-1] if word in words}
    return found if len(found) == len(HEADINGS) else None


def _lines(cells: Iterable[Mapping[str, str]], first: int, known: Mapping[str, str]) -> Iterable[Line]:
    seen: dict[str, int] = {}
    for number, cell in enumerate(cells, start=first):
        problems: list[tuple[str, str | UsccError]] = []
        uscc, name, email = cell.get("uscc", ""), " ".join(cell.get("name", "").split()), cell.get("email", "")
        try:
            uscc = validate(uscc)
        except UsccError as error:
            problems.append(("uscc", error))
        else:
            if uscc in seen:
                problems.append(("uscc", f"twice:{seen[uscc]}"))
            elif uscc in known:
                problems.append(("uscc", known[uscc]))
            seen.setdefault(uscc, number)
        if not name or len(name) > MOST_NAME:
            problems.append(("name", "name_missing" if not name else "name_too_long"))
        contact = read_contact(email)
        if contact is None or contact.kind != "email":
            problems.append(("email", "email_wrong"))
        else:
            email = contact.value
        yield Line(number, uscc[:40], name[:MOST_NAME], email[:120], tuple(problems))
