"""From the cells of a workbook to fact values: what cannot be used is told with its cell.

A workbook has ways of its own to be wrong: a formula, a percentage that Excel turned into a fraction, a figure that it
turned into a date, a number typed as text. All of them are found here; the rest is the site's own rules.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from maturity.questionnaires.model import Edition, Fact, FactValue, Question, Text
from maturity.questionnaires.values import InvalidValue, parse
from maturity.workbooks.layout import Slot, find_option, slots_of

Cell = Mapping[str, Any]  # as `reading.read_cell` tells it, with its address

_FAULTS = {
    "formula": Text(
        "“{zh}”这一格是公式，请改为直接填写的值（复制后选择性粘贴为数值）。",
        "The cell of “{en}” holds a formula. Put the value itself there (copy, then paste as values).",
    ),
    "fault": Text(
        "“{zh}”这一格是错误值 {typed}，请重新填写。", "The cell of “{en}” holds the error {typed}. Fill it in again."
    ),
    "percent": Text(
        "“{zh}”这一格是百分比格式（{typed}%）。请填不带百分号的数字，单元格格式改为“数值”。",
        "The cell of “{en}” is formatted as a percentage ({typed}%). Type the number without a percent sign and set "
        "the format of the cell to number.",
    ),
    "day_for_number": Text(
        "“{zh}”这一格被 Excel 变成了日期 {typed}。请把单元格格式改为“数值”，再填一次。",
        "Excel turned the cell of “{en}” into the date {typed}. Set the format of the cell to number and type it "
        "again.",
    ),
    "number_for_day": Text(
        "“{zh}”须为日期，这一格是数字 {typed}。请写成 2025-12-31。",
        "“{en}” must be a date, and the cell holds the number {typed}. Write it as 2025-12-31.",
    ),
    "truth_for_number": Text(
        "“{zh}”须为数字，这一格是 {typed}。请只填数字。",
        "“{en}” must be a number, and the cell holds {typed}. Use digits only.",
    ),
    "decimal_comma": Text(
        "“{zh}”须为数字，您填的是“{typed}”。小数点请用“.”，如 12.5；千位分隔如 1,200。",
        "“{en}” must be a number; you typed “{typed}”. Use a point for decimals, such as 12.5; thousands are 1,200.",
    ),
    "option": Text(
        "“{zh}”没有“{typed}”这个选项，请从下拉列表中选择。",
        "“{en}” has no option “{typed}”; choose from the list of the cell.",
    ),
    "none_chosen": Text(
        "“{zh}”各项都是“否”。请至少选一项，没有的请在“以上均无”处选“是”。",
        "Every option of “{en}” is “No”. Choose at least one; where none applies, set “none of these” to “Yes”.",
    ),
}


class BadCell(ValueError):
    """A cell that cannot be used; `cell` is its address in its sheet."""

    def __init__(self, cell: str, text: Text) -> None:
        self.cell, self.text = cell, text
        super().__init__(f"{cell}: {text.en}")


@dataclass(frozen=True, slots=True)
class Given:
    """What the workbook says of one question: its values, and what is wrong with its cells."""

    values: Mapping[str, FactValue]
    problems: tuple[BadCell, ...]
    cells: tuple[str, ...]  # the addresses, for the preview

    @property
    def is_good(self) -> bool:
        return not self.problems


def read_question(edition: Edition, question: Question, cells: Mapping[str, Cell]) -> Given:
    """The values of a question; every cell's problem is told at once."""
    values: dict[str, FactValue] = {}
    problems: list[BadCell] = []
    for fact_id in question.facts:
        fact = edition.facts[fact_id]
        try:
            value = _read_fact(fact, cells, problems)
        except BadCell as error:
            problems.append(error)
            continue
        if value is not None:
            values[fact_id] = value
    places = [
        cells[slot.id]["cell"] for name in question.facts for slot in slots_of(edition.facts[name]) if slot.id in cells
    ]
    return Given(values, tuple(problems), tuple(places))


def _read_fact(fact: Fact, cells: Mapping[str, Cell], problems: list[BadCell]) -> FactValue | None:
    """The value of a fact, None where nothing is given; a fact with a bad cell has none."""
    raw: dict[str, Any] = {}
    before = len(problems)
    for slot in slots_of(fact):
        cell = cells.get(slot.id, {"kind": "empty", "cell": ""})
        try:
            raw[slot.part] = _read_cell(slot, cell)
        except BadCell as error:
            problems.append(error)
    if len(problems) > before:
        return None
    return _whole(fact, raw, cells)


def _whole(fact: Fact, raw: Mapping[str, Any], cells: Mapping[str, Cell]) -> FactValue | None:
    slots = slots_of(fact)
    first = _address(cells, slots[0])
    match fact.type:
        case "multi":
            if not any(answer is not None for answer in raw.values()):
                return None
            chosen = [part for part, answer in raw.items() if answer == "true"]
            if not chosen:
                raise BadCell(first, _said("none_chosen", slots[0], label=fact.label))
            given: Any = chosen
        case "matrix" | "pair":
            given = dict(raw)
        case _:
            given = raw[""]
    try:
        return parse(fact, given)
    except InvalidValue as error:
        raise BadCell(_place_of(error, fact, raw, cells) or first, error.text()) from error


def _place_of(error: InvalidValue, fact: Fact, raw: Mapping[str, Any], cells: Mapping[str, Cell]) -> str:
    """The cell that is meant: of a figure of two years the wrong one, of a table the empty row."""
    for slot in slots_of(fact):
        if fact.type == "pair" and error.code != "current_missing" and _is_wrong(fact, raw.get(slot.part)):
            return _address(cells, slot)
        if fact.type == "matrix" and raw.get(slot.part) is None:
            return _address(cells, slot)
    return ""


def _is_wrong(fact: Fact, typed: Any) -> bool:
    try:
        parse(replace(fact, type="number"), typed)
    except InvalidValue:
        return True
    return False


def _address(cells: Mapping[str, Cell], slot: Slot) -> str:
    return str(cells[slot.id]["cell"]) if slot.id in cells else ""


def _read_cell(slot: Slot, cell: Cell) -> Any:
    """What the site's own fields would have sent; a choice as its id, a number exactly."""
    kind = cell["kind"]
    if kind == "empty":
        return None
    if kind in ("formula", "fault"):
        raise BadCell(cell["cell"], _said(kind, slot, cell))
    return _READERS[slot.kind](slot, cell)


def _read_choice(slot: Slot, cell: Cell) -> str:
    typed = str(cell["value"])
    found = find_option(slot.choices, typed)
    if found is None:
        raise BadCell(cell["cell"], _said("option", slot, cell))
    return found


def _read_number(slot: Slot, cell: Cell) -> Any:
    match cell["kind"]:
        case "day":
            raise BadCell(cell["cell"], _said("day_for_number", slot, cell))
        case "truth":
            raise BadCell(cell["cell"], _said("truth_for_number", slot, cell))
        case "number" if cell.get("percent"):
            percent = format((Decimal(cell["value"]) * 100).normalize(), "f")
            raise BadCell(cell["cell"], _said("percent", slot, {**cell, "value": percent}))
        case "number":
            return Decimal(cell["value"])
    typed = str(cell["value"])
    if _has_decimal_comma(typed):
        raise BadCell(cell["cell"], _said("decimal_comma", slot, cell))
    return typed


def _has_decimal_comma(typed: str) -> bool:
    """
    >>> _has_decimal_comma("12,5"), _has_decimal_comma("1,200"), _has_decimal_comma("12.5"), _has_decimal_comma("a,b")
    (True, False, False, False)
    """
    whole, comma, part = typed.strip().replace("，", ",").rpartition(",")
    return bool(comma) and whole.lstrip("+-").isdigit() and part.isdigit() and len(part) != 3  # thousands


def _read_day(slot: Slot, cell: Cell) -> str:
    if cell["kind"] in ("number", "truth"):
        raise BadCell(cell["cell"], _said("number_for_day", slot, cell))
    return str(cell["value"])


def _read_text(_slot: Slot, cell: Cell) -> str:
    return str(cell["value"])


_READERS = {"choice": _read_choice, "number": _read_number, "date": _read_day, "text": _read_text}


def _said(code: str, slot: Slot, cell: Cell | None = None, *, label: Text | None = None) -> Text:
    named = label or slot.label
    typed = str((cell or {}).get("value", ""))[:40]
    template = _FAULTS[code]
    return Text(template.zh.format(zh=named.zh, typed=typed), template.en.format(en=named.en, typed=typed))
