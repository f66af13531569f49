"""Published tables that are no national time series: regional index, level distribution, targets of a province."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from maturity.questionnaires.model import Text

DATA = Path(__file__).parent / "data" / "tables.yaml"


@dataclass(frozen=True, slots=True)
class Column:
    id: str
    title: Text
    unit: Text


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a table; a value is None where nothing was published. `region` is empty for what is no province."""

    label: Text
    values: tuple[Decimal | None, ...]
    units: tuple[Text, ...]
    provenance: str
    comparator: str
    source: str
    region: str


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
def _data() -> Mapping[str, Any]:
    loaded: Mapping[str, Any] = yaml.safe_load(DATA.read_text(encoding="utf-8"))
    return loaded


def sources() -> Mapping[str, str]:
    return {str(key): str(value) for key, value in _data()["sources"].items()}


@cache
def tables() -> tuple[Table, ...]:
    return tuple(_table(row) for row in _data()["tables"])


def table(table_id: str) -> Table:
    """The table by id; `KeyError` for an unknown one."""
    return {item.id: item for item in tables()}[table_id]


def _table(data: Mapping[str, Any]) -> Table:
    columns = tuple(
        Column(item["id"], Text.of(item["title"]), _unit(item.get("unit", data["unit"]))) for item in data["columns"]
    )
    rows = tuple(_row(item, data, columns) for item in data["rows"])
    return Table(data["id"], Text.of(data["title"]), Text.of(data["caution"]), columns, rows)


def _row(item: Mapping[str, Any], data: Mapping[str, Any], columns: tuple[Column, ...]) -> Row:
    own = _unit(item["unit"]) if "unit" in item else None
    return Row(
        Text.of(item["label"]),
        tuple(None if value is None else Decimal(value) for value in item["values"]),
        tuple(own or column.unit for column in columns),
        item.get("provenance", data["provenance"]),
        item.get("comparator", data.get("comparator", "")),
        item["source"],
        item.get("region", ""),
    )


def _unit(given: str | Mapping[str, str]) -> Text:
    return Text(given, given) if isinstance(given, str) else Text.of(given)
