"""Published tables that are no national time series: regional index, level distribution, targets of a province."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from maturity.content import read_yaml
from maturity.questionnaires.model import Text
from maturity.reference.figures import Figure, figures, sources, units

__all__ = ["Column", "Row", "Table", "sources", "table", "tables"]

DATA = Path(__file__).parent / "data" / "tables.yaml"
#: From strong to weak; a row is called by its weakest figure.
_STANDINGS = ("Q", "QD", "Q2")


@dataclass(frozen=True, slots=True)
class Column:
    id: str
    title: Text


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a table; a cell is None where nothing was published or may be shown."""

    label: Text
    cells: tuple[Figure | None, ...]

    @property
    def known(self) -> tuple[Figure, ...]:
        return tuple(cell for cell in self.cells if cell is not None)

    @property
    def values(self) -> tuple[Decimal | None, ...]:
        return tuple(cell.value if cell else None for cell in self.cells)

    @property
    def units(self) -> tuple[Text | None, ...]:
        return tuple(units()[cell.unit] if cell else None for cell in self.cells)

    @property
    def region(self) -> str:
        return self.known[0].region

    @property
    def provenance(self) -> str:
        return max((cell.provenance for cell in self.known), key=_STANDINGS.index)

    @property
    def source(self) -> str:
        return self.known[0].source


@dataclass(frozen=True, slots=True)
class Table:
    """`caution` says what the figures must not be taken for; it belongs beside them wherever they are shown."""

    id: str
    title: Text
    caution: Text
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]

    def value(self, row: Row, column_id: str) -> Decimal | None:
        """
        >>> provinces = table("regional_index_2015")
        >>> provinces.value(provinces.rows[0], "total")
        Decimal('98.8')
        """
        return dict(zip((column.id for column in self.columns), row.values, strict=True))[column_id]


@cache
def tables() -> tuple[Table, ...]:
    loaded: Mapping[str, Any] = read_yaml(DATA, "tables.yaml")
    return tuple(_table(row) for row in loaded["tables"])


def table(table_id: str) -> Table:
    """The table by id; `KeyError` for an unknown one."""
    return {item.id: item for item in tables()}[table_id]


def _table(data: Mapping[str, Any]) -> Table:
    columns = tuple(Column(item["id"], Text.of(item["title"])) for item in data["columns"])
    rows = tuple(
        Row(
            Text.of(item["label"]),
            tuple(_cell({**data["ask"], **item["ask"], **column["ask"]}) for column in data["columns"]),
        )
        for item in data["rows"]
    )
    return Table(data["id"], Text.of(data["title"]), Text.of(data["caution"]), columns, rows)


def _cell(ask: Mapping[str, Any]) -> Figure | None:
    found = figures(**ask)
    if len(found) > 1:
        raise ValueError(f"More than one figure answers {ask}.")
    return found[0] if found else None
