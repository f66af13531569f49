"""The log as a file: CSV for people and their spreadsheets, JSON lines for programs."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator

from flask_babel import gettext

from maturity.audit.log import Entry

#: Excel takes UTF-8 for what it is only behind this mark.
BYTE_ORDER_MARK = "\ufeff"
#: A cell that begins so is a formula to a spreadsheet, whoever typed it.
RISKY = ("=", "+", "-", "@", "\t", "\r", "\n")


def as_csv(entries: Iterable[Entry]) -> Iterator[str]:
    """One row an entry, in the language of the page."""
    header = (
        gettext("Position in the chain"),
        gettext("Time"),
        gettext("Person"),
        gettext("Event"),
        gettext("What happened"),
        gettext("Hash of the seal"),
    )
    yield BYTE_ORDER_MARK + _line(header)
    for entry in entries:
        position, link = (str(entry.seal.position), entry.seal.hash) if entry.seal else ("", "")
        yield _line((position, entry.local_time, entry.actor, entry.row.event, entry.sentence, link))


def _line(cells: Iterable[str]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer).writerow([harmless(cell) for cell in cells])
    return buffer.getvalue()


def harmless(cell: str) -> str:
    """The cell with an apostrophe before what would be a formula.

    >>> harmless("=1+1"), harmless("2026-11-24")
    ("'=1+1", '2026-11-24')
    """
    return f"'{cell}" if cell.lstrip(" ").startswith(RISKY) else cell


def as_json_lines(entries: Iterable[Entry]) -> Iterator[str]:
    """One object a line: `event` exactly as it is hashed, `seal`, and `read`, what a person reads."""
    for entry in entries:
        yield json.dumps(entry.as_data(), ensure_ascii=False) + "\n"
