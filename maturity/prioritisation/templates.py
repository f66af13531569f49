"""The tables to fill in: one row for each area, in the words of the page, with what was brought before."""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import gettext as _

from maturity.prioritisation.areas import BANDS, Area
from maturity.prioritisation.models import SuppliedTable
from maturity.prioritisation.sheets import Row
from maturity.prioritisation.tables import FIXED, LANGUAGES

COLUMNS_TO_BEGIN_WITH = 3


def template_rows(kind: str, areas: Sequence[Area], locale: str, table: SuppliedTable | None) -> list[Row]:
    """The rows of the file; without a table of before, its cells are blank."""
    rows = table.content["rows"] if table else {}
    found: list[Row] = []
    if kind == "descriptors":
        found.append((*FIXED, "band", *LANGUAGES))
        for area in areas:
            found += [(area.id, area.title.to(locale), band, *_texts(rows, area.id, band)) for band in BANDS]
        return found
    columns = ["band"] if kind == "best" else table.content["columns"] if table else _headings(kind)
    found.append((*FIXED, *columns))
    for area in areas:
        cells = rows.get(area.id, [""] * len(columns))
        found.append((area.id, area.title.to(locale), *_numbers([cells] if kind == "best" and table else cells)))
    return found


def _numbers(cells: Sequence[str]) -> list[str | float]:
    """Numbers for a spreadsheet to calculate with."""
    return [float(cell) if cell else "" for cell in cells]


def _texts(rows: dict[str, dict[str, dict[str, str]]], area: str, band: int) -> list[str]:
    texts = rows.get(area, {}).get(str(band), {})
    return [texts.get(language, "") for language in LANGUAGES]


def _headings(kind: str) -> list[str]:
    """Headings to be written over."""
    numbers = range(1, COLUMNS_TO_BEGIN_WITH + 1)
    if kind == "cost":
        return [_("Cost category %(number)s", number=number) for number in numbers]
    return [_("KPI %(number)s", number=number) for number in numbers]
