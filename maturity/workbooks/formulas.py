"""Conditions as formulas of Excel, so that the sheet itself greys what is not asked.

A formula says what `maturity.questionnaires.conditions` says: a comparison with what is missing is false, and what an
answer off the path says does not count, for which every comparison asks whether its question applies.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from maturity.questionnaires.conditions import All, AnyOf, Condition, Leaf, Not, holds
from maturity.questionnaires.model import Edition, Fact, Profile
from maturity.questionnaires.values import decimal_text
from maturity.workbooks.layout import YES_NO, label_of, slots_of

LONGEST = 8000  # Excel takes 8,192 characters
_SIGNS = {"at_least": ">=", "at_most": "<=", "more_than": ">", "less_than": "<"}


class NotExpressible(Exception):
    """Excel cannot say this; the sheet then says so instead."""


@dataclass(frozen=True, slots=True)
class Formulas:
    """What is needed to write a condition: where each cell and each question's state stands, and the language."""

    edition: Edition
    profile: Profile | None  # None in a workbook for any enterprise
    locale: str
    cells: Mapping[str, str]  # slot id -> address with its sheet
    states: Mapping[str, str]  # question id -> address of 1 or 0
    applicable: frozenset[str]  # the questions that the profile allows, whether their sheet is here or not

    def of(self, condition: Condition | None) -> str:
        """The formula without its equals sign, which gives true or false; `NotExpressible` where there is none."""
        if condition is None:
            return "TRUE"
        formula = self._of(condition)
        if len(formula) > LONGEST:
            raise NotExpressible
        return formula

    def _of(self, condition: Condition) -> str:
        match condition:
            case All(parts):
                return _call("AND", [self._of(part) for part in parts])
            case AnyOf(parts):
                return _call("OR", [self._of(part) for part in parts])
            case Not(part):
                return f"NOT({self._of(part)})"
            case Leaf(source="profile"):
                return self._of_profile(condition)
            case Leaf():
                return self._of_fact(condition)

    def _of_profile(self, leaf: Leaf) -> str:
        """The profile is frozen: what it says is known when the workbook is made."""
        if self.profile is None:
            raise NotExpressible
        return str(holds(leaf, self.profile, {})).upper()

    def _of_fact(self, leaf: Leaf) -> str:
        question = self.edition.asked_by[leaf.name]
        if question not in self.applicable:
            return "FALSE"  # a question that does not apply to the enterprise has no facts
        if question not in self.states:
            raise NotExpressible  # its sheet is not in this workbook
        comparison = _COMPARISONS[self.edition.facts[leaf.name].type](self, self.edition.facts[leaf.name], leaf)
        return f"AND({self.states[question]}=1,{comparison})"

    def cell(self, slot_id: str) -> str:
        return self.cells[slot_id]

    def yes(self) -> str:
        return quoted(YES_NO[0].label.to(self.locale))


def quoted(text: str) -> str:
    """A text inside a formula, where it may have 255 characters."""
    if len(text) > 255:
        raise NotExpressible
    return '"' + text.replace('"', '""') + '"'


def _call(name: str, parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{name}({','.join(parts)})"


def _is_one_of(cell: str, labels: list[str]) -> str:
    return _call("OR", [f"{cell}={quoted(label)}" for label in labels]) if labels else "FALSE"


def _choice(formulas: Formulas, fact: Fact, leaf: Leaf) -> str:
    cell = formulas.cell(fact.id)
    if leaf.op == "answered":
        return f'{cell}<>""'
    wanted = leaf.allowed if leaf.allowed is not None and leaf.op in _SIGNS else {leaf.value}
    if leaf.op != "equals" and leaf.op not in _SIGNS:
        raise NotExpressible
    return _is_one_of(cell, [option.label.to(formulas.locale) for option in fact.options if option.id in wanted])


def _yesno(formulas: Formulas, fact: Fact, leaf: Leaf) -> str:
    cell = formulas.cell(fact.id)
    if leaf.op == "answered":
        return f'{cell}<>""'
    if leaf.op != "equals" or not isinstance(leaf.value, bool):
        raise NotExpressible
    return f"{cell}={quoted(YES_NO[not leaf.value].label.to(formulas.locale))}"


def _number(formulas: Formulas, fact: Fact, leaf: Leaf) -> str:
    """The current year is what a year-on-year figure is compared by."""
    cell = formulas.cell(f"{fact.id}.current" if fact.type == "pair" else fact.id)
    if leaf.op == "answered":
        return f"ISNUMBER({cell})"
    if leaf.op not in _SIGNS:
        raise NotExpressible
    return f"AND(ISNUMBER({cell}),{cell}{_SIGNS[leaf.op]}{decimal_text(Fraction(str(leaf.value)))})"


def _multi(formulas: Formulas, fact: Fact, leaf: Leaf) -> str:
    cells = {slot.part: formulas.cell(slot.id) for slot in slots_of(fact)}
    is_answered = _call("OR", [f"{cell}={formulas.yes()}" for cell in cells.values()])
    wanted = leaf.value if isinstance(leaf.value, list | tuple) else [leaf.value]
    found = _call("OR", [f"{cells[option]}={formulas.yes()}" for option in wanted if option in cells] or ["FALSE"])
    match leaf.op:
        case "answered":
            return is_answered
        case "includes" | "includes_any":
            return found
        case "not_includes":
            return f"AND({is_answered},NOT({found}))"
        case _:
            raise NotExpressible


def _matrix(formulas: Formulas, fact: Fact, leaf: Leaf) -> str:
    """Of a table that is half filled in there is no value yet."""
    cells = {slot.part: formulas.cell(slot.id) for slot in slots_of(fact)}
    is_answered = _call("AND", [f'{cell}<>""' for cell in cells.values()])
    if leaf.op == "answered":
        return is_answered
    if leaf.op not in _SIGNS:
        raise NotExpressible
    labels = _columns_allowed(formulas, fact, leaf)
    return f"AND({is_answered},{_is_one_of(cells[leaf.value['row']], labels)})"


def _columns_allowed(formulas: Formulas, fact: Fact, leaf: Leaf) -> list[str]:
    ids = fact.column_ids()
    wanted = ids.index(leaf.value["column"])
    tests: Mapping[str, Callable[[int], bool]] = {
        "at_least": lambda rank: rank >= wanted,
        "at_most": lambda rank: rank <= wanted,
        "more_than": lambda rank: rank > wanted,
        "less_than": lambda rank: rank < wanted,
    }
    labels = [label_of(fact.columns, name, formulas.locale) for rank, name in enumerate(ids) if tests[leaf.op](rank)]
    return [label for label in labels if label is not None]


def _text(formulas: Formulas, fact: Fact, leaf: Leaf) -> str:
    if leaf.op != "answered":
        raise NotExpressible
    return f'{formulas.cell(fact.id)}<>""'


_COMPARISONS: Mapping[str, Callable[[Formulas, Fact, Leaf], Any]] = {
    "choice": _choice,
    "yesno": _yesno,
    "number": _number,
    "money": _number,
    "pair": _number,
    "multi": _multi,
    "matrix": _matrix,
    "date": _text,
    "text": _text,
}
