"""The chosen clients as an Excel sheet: numbers are numbers, and nothing anybody typed can become a formula."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import date

from flask_babel import gettext as _
from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, Cell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from maturity.audit.export import RISKY
from maturity.portfolios.clients import Client
from maturity.portfolios.words import COLUMN_WORDS, DUE_WORDS, REASON_WORDS, SIZE_WORDS
from maturity.web.filters import industry_name, region_name

Value = str | int | float | date | None


def clients_workbook(clients: Sequence[Client], scopes: dict[str, str]) -> bytes:
    """One row a client, in the language that is set."""
    book = Workbook()
    sheet = book.active
    sheet.title = _("Clients")
    for column, heading in enumerate(_headings(), start=1):
        cell = sheet.cell(1, column)
        _write(cell, heading)
        cell.font = Font(bold=True)
        sheet.column_dimensions[get_column_letter(column)].width = 34 if column == 1 else 18
    for row, client in enumerate(clients, start=2):
        for column, value in enumerate(_values(client, scopes), start=1):
            _write(sheet.cell(row, column), value)
    sheet.freeze_panes = "B2"
    sheet.auto_filter.ref = sheet.dimensions
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def _headings() -> tuple[str, ...]:
    words = {name: str(text) for name, text in COLUMN_WORDS.items()}
    return (
        _("Client"),
        _("Unified social credit code"),
        *(words[name] for name in ("industry", "region", "size")),
        _("Reporting year"),
        *(words[name] for name in ("stage", "capability", "outcome", "change")),
        _("Year being answered"),
        _("Answered"),
        _("Fewest left"),
        _("Most left"),
        _("Next due"),
        _("Due for"),
        *(words[name] for name in ("tasks", "scope", "until", "reasons")),
    )


def _values(client: Client, scopes: dict[str, str]) -> tuple[Value, ...]:
    row, (due, what) = client.row, client.due
    figures: tuple[Value, ...] = (None,) * 12
    if row is not None:
        scores = (None if value is None else float(value) for value in (row.capability, row.outcome, row.change))
        figures = (
            row.uscc,
            industry_name(row.industry),
            region_name(row.region),
            str(SIZE_WORDS[row.size]),
            row.period,
            row.level,
            *scores,
            row.draft_period,
            row.answered,
            row.fewest_left,
        )
    reasons = "; ".join(str(REASON_WORDS[name][0]) for name in client.reasons)
    most = row.most_left if row is not None else None
    told = (client.open_tasks, scopes[client.grant.scope], client.grant.until, reasons)
    return (client.name, *figures, most, due, str(DUE_WORDS[what]), *told)


def _write(cell: Cell, value: Value) -> None:
    """A text is a text whatever it begins with: it is marked as one, and so shown by every spreadsheet."""
    cell.value = ILLEGAL_CHARACTERS_RE.sub("", value) if isinstance(value, str) else value
    if isinstance(value, str):
        cell.data_type = "s"
        if value.lstrip(" ").startswith(RISKY):
            cell.quotePrefix = True


def file_name(today: date) -> str:
    return f"clients-{today.isoformat()}.xlsx"
