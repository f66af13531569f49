"""Plausibility rules from content."""

from __future__ import annotations

import string
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from maturity.content import Problem, Reader, nearest
from maturity.questionnaires import condition_parsing as conditions
from maturity.questionnaires.model import Fact, Text
from maturity.questionnaires.plausibility import OPERATORS, Comparison, Rule, Term
from maturity.questionnaires.values import parse_number


def parse_rule(rule_id: str, data: Any, facts: Mapping[str, Fact], problems: list[Problem]) -> Rule:
    reader = Reader.of(data, "plausibility", rule_id, problems)
    reader.identifier("id")
    names = tuple(str(name) for name in reader.items("facts"))
    for name in names:
        _check_fact(reader, name, facts)
    rule = Rule(
        id=rule_id,
        severity=reader.one_of("severity", ("error", "query")),
        facts=names,
        comparison=_comparison(reader, facts) if reader.has("holds") else None,
        refuses=conditions.parse(reader, "refuses", facts, profile=True, operators=conditions.EVERY),
        when=conditions.parse(reader, "when", facts, profile=True, operators=conditions.EVERY),
        message=Text.of(reader.text("message")),
    )
    if (rule.comparison is None) == (rule.refuses is None):
        reader.refuse("", "needs exactly one of holds and refuses.", "state the rule once.")
    _check_placeholders(reader, rule)
    reader.finish()
    return rule


def _check_fact(reader: Reader, name: str, facts: Mapping[str, Fact]) -> None:
    if name not in facts:
        hint = nearest(name, facts)
        reader.refuse("facts", f"the fact {name!r} is not asked in this edition.{hint}", "correct the name.")


def _check_placeholders(reader: Reader, rule: Rule) -> None:
    for language, text in (("zh", rule.message.zh), ("en", rule.message.en)):
        for _, name, _, _ in string.Formatter().parse(text):
            if name is not None and name not in rule.facts:
                mend = f"use only {', '.join(rule.facts)}."
                reader.refuse(f"message.{language}", f"the placeholder {{{name}}} is not a fact of the rule.", mend)


def _comparison(reader: Reader, facts: Mapping[str, Fact]) -> Comparison:
    part = Reader.of(reader.take("holds"), reader.file, f"{reader.key}.holds", reader.problems)
    comparison = Comparison(
        _term(part, "left", part.require("left"), facts),
        part.one_of("op", OPERATORS),
        _term(part, "right", part.require("right"), facts),
    )
    part.finish()
    return comparison


def _term(reader: Reader, key: str, data: Any, facts: Mapping[str, Fact]) -> Term:
    number = parse_number(data) if isinstance(data, int | str) else None
    if number is not None:
        return Term(number, ())
    match data:
        case str():
            _check_fact(reader, data, facts)
            return Term(Fraction(0), ((Fraction(1), data, "value"),))
        case {"current": str(name)} | {"prior": str(name)} if len(data) == 1:
            _check_fact(reader, name, facts)
            return Term(Fraction(0), ((Fraction(1), name, next(iter(data))),))
        case {"sum": list(items)} if len(data) == 1:
            return _add([_term(reader, key, item, facts) for item in items])
        case {"times": [factor, item]} if len(data) == 1 and parse_number(factor) is not None:
            return _scale(parse_number(factor) or Fraction(0), _term(reader, key, item, facts))
    mend = "write a fact, a number, {sum: […]}, {times: [number, …]}, {current: fact} or {prior: fact}."
    reader.refuse(key, "is not an expression.", mend)
    return Term(Fraction(0), ())


def _add(terms: list[Term]) -> Term:
    constant = sum((term.constant for term in terms), Fraction(0))
    return Term(constant, tuple(part for term in terms for part in term.parts))


def _scale(factor: Fraction, term: Term) -> Term:
    return Term(factor * term.constant, tuple((factor * f, name, part) for f, name, part in term.parts))
