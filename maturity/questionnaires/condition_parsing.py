"""Conditions from content: the closed table of operators, checked against the facts and the profile."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from maturity.content import Reader, nearest
from maturity.questionnaires.conditions import (
    FACT_OPERATORS,
    PROFILE_OPERATORS,
    SIZES,
    UPWARD_OPERATORS,
    All,
    AnyOf,
    Condition,
    Leaf,
    Not,
)
from maturity.questionnaires.model import Fact
from maturity.questionnaires.values import parse_number

UPWARD = UPWARD_OPERATORS
EVERY = FACT_OPERATORS
PRODUCTION_TYPES = ("discrete_mass", "discrete_small_batch", "process", "mixed")
#: profile attribute -> its possible values, or the kind of value
PROFILE: Mapping[str, tuple[str, ...] | type] = {
    "production_type": PRODUCTION_TYPES,
    "size": SIZES,
    "industry": str,
    "region": str,
    "is_group": bool,
    "designs_products": bool,
    "exports": bool,
    "energy_intensive": bool,
    "headcount": int,
    "revenue": int,
}
_LIST_OPERATORS = ("in", "not_in", "under", "includes_any")


def parse(
    reader: Reader, key: str, facts: Mapping[str, Fact], *, profile: bool, operators: tuple[str, ...]
) -> Condition | None:
    """The condition under `key`, or None; `profile` allows profile comparisons, `operators` those over facts."""
    data = reader.take(key)
    if data is None:
        return None
    return parse_condition(reader, data, key, facts, profile=profile, operators=operators)


def parse_condition(
    reader: Reader, data: Any, key: str, facts: Mapping[str, Fact], *, profile: bool, operators: tuple[str, ...]
) -> Condition:
    """The condition that `data` holds; `key` says where it stands."""
    return _Parser(reader, facts, profile, operators).parse(data, key)


class _Parser:
    """Holds what every level of a condition is checked against."""

    def __init__(self, reader: Reader, facts: Mapping[str, Fact], profile: bool, operators: tuple[str, ...]) -> None:
        self.reader = reader
        self.facts = facts
        self.profile = profile
        self.operators = operators

    def parse(self, data: Any, key: str) -> Condition:
        reader = Reader.of(data, self.reader.file, f"{self.reader.key}.{key}".strip("."), self.reader.problems)
        for word, made in (("all", All), ("any", AnyOf)):
            if reader.has(word):
                parts = tuple(self.parse(part, f"{key}.{word}[{i}]") for i, part in enumerate(reader.items(word)))
                reader.finish()
                return made(parts)
        if reader.has("not"):
            part = self.parse(reader.take("not"), f"{key}.not")
            if not isinstance(part, Leaf) or part.source != "profile":
                reader.refuse("not", "may only turn round a profile comparison.", "say it positively.")
            reader.finish()
            return Not(part)
        leaf = self._leaf(reader)
        reader.finish()
        return leaf

    def _leaf(self, reader: Reader) -> Leaf:
        source = "profile" if reader.has("profile") else "fact"
        name = reader.string(source)
        allowed = PROFILE_OPERATORS if source == "profile" else self.operators
        present = [op for op in (*PROFILE_OPERATORS, *FACT_OPERATORS) if reader.has(op)]
        op = present[0] if present else ""
        value = reader.take(op) if op else None
        if not op or op not in allowed:
            listed = ", ".join(allowed) or "none over facts here"
            unknown = sorted(set(reader.data) - {"profile", "fact"})
            shown = f"{unknown[0]!r} " if unknown else ""
            reader.refuse("", f"the operator {shown}is not allowed.", f"operators allowed: {listed}.")
            return Leaf(source, name, "answered", True)
        if source == "profile":
            self._check_profile(reader, name, op, value)
            return Leaf(source, name, op, value, SIZES if name == "size" else ())
        return self._fact_leaf(reader, name, op, value)

    def _check_profile(self, reader: Reader, name: str, op: str, value: Any) -> None:
        if not self.profile:
            reader.refuse("profile", "is not allowed here.", "put profile conditions under `applies`.")
        if name not in PROFILE:
            mend = f"use one of {', '.join(PROFILE)}."
            reader.refuse("profile", f"{name!r} is not part of the profile.{nearest(name, PROFILE)}", mend)
            return
        if (op in _LIST_OPERATORS) != isinstance(value, list):
            reader.refuse(op, "has the wrong shape.", "in, not_in and under take a list, the others one value.")
            return
        kind = PROFILE[name]
        for item in value if isinstance(value, list) else [value]:
            if isinstance(kind, tuple) and item not in kind:
                mend = f"use one of {', '.join(kind)}."
                reader.refuse(op, f"{item!r} is no value of {name}.{nearest(str(item), kind)}", mend)
            elif isinstance(kind, type) and not isinstance(item, kind):
                reader.refuse(op, f"{item!r} does not fit {name}.", f"write a value of type {kind.__name__}.")

    def _fact_leaf(self, reader: Reader, name: str, op: str, value: Any) -> Leaf:
        fact = self.facts.get(name)
        if fact is None:
            mend = "use a fact asked in this edition."
            reader.refuse("fact", f"the fact {name!r} is not defined.{nearest(name, self.facts)}", mend)
            return Leaf("fact", name, "answered", True)
        if not _fits(fact, op, value):
            mend = "compare with an option id, a number, or {row, column} as the type of the fact asks."
            reader.refuse(op, f"{value!r} does not fit {name} ({fact.type}).", mend)
            return Leaf("fact", name, "answered", True)
        return Leaf("fact", name, op, value, fact.column_ids() if fact.type == "matrix" else fact.option_ids())


def _fits(fact: Fact, op: str, value: Any) -> bool:
    if op == "answered":
        return value is True
    if op in ("includes", "not_includes"):
        return fact.type == "multi" and value in fact.option_ids()
    if op == "includes_any":
        return fact.type == "multi" and isinstance(value, list) and set(value) <= set(fact.option_ids())
    if op == "equals":
        return (fact.type == "yesno" and value is True) or (fact.type == "choice" and value in fact.option_ids())
    if fact.type == "choice":
        return fact.ordered and value in fact.option_ids() and op in ("at_least", "at_most")
    if fact.type == "matrix":
        known = isinstance(value, dict) and value.get("row") in fact.row_ids()
        return known and value.get("column") in fact.column_ids() and op in ("at_least", "at_most")
    return fact.type in ("number", "money", "pair") and parse_number(value) is not None
