"""Plausibility rules across questions: data, evaluated over the facts on the path."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction

from maturity.questionnaires.conditions import Condition, holds
from maturity.questionnaires.model import Edition, Facts, FactValue, Pair, Profile, Text
from maturity.questionnaires.values import decimal_text


@dataclass(frozen=True, slots=True)
class Term:
    """A linear expression: constant + Σ factor × fact; `part` picks one year of a pair."""

    constant: Fraction
    parts: tuple[tuple[Fraction, str, str], ...]  # (factor, fact id, "value" | "current" | "prior")
    #: most terms are one fact and nothing else: its id and part, for which there is nothing to compute
    single: tuple[str, str] | None = field(init=False, repr=False, compare=False, default=None)

    def __post_init__(self) -> None:
        if len(self.parts) == 1 and self.parts[0][0] == 1 and not self.constant:
            object.__setattr__(self, "single", self.parts[0][1:])


@dataclass(frozen=True, slots=True)
class Comparison:
    left: Term
    op: str
    right: Term


@dataclass(frozen=True, slots=True)
class Rule:
    """`holds` must be true, or `refuses` must be false, wherever `when` is true."""

    id: str
    severity: str  # "error" stops submission, "query" asks kindly and may be confirmed
    facts: tuple[str, ...]
    comparison: Comparison | None
    refuses: Condition | None
    when: Condition | None
    message: Text


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule that fired, with its message filled in."""

    rule: str
    severity: str
    facts: tuple[str, ...]
    message: Text


OPERATORS: dict[str, Callable[[Fraction, Fraction], bool]] = {
    "le": lambda a, b: a <= b,
    "lt": lambda a, b: a < b,
    "ge": lambda a, b: a >= b,
    "gt": lambda a, b: a > b,
    "eq": lambda a, b: a == b,
}


def find_implausible(edition: Edition, profile: Profile, facts: Facts) -> tuple[Finding, ...]:
    """The rules that fire on these facts, in the edition's order; `facts` are those on the path."""
    return tuple(_finding(edition, rule, facts) for rule in edition.plausibility if _fires(rule, profile, facts))


def _fires(rule: Rule, profile: Profile, facts: Facts) -> bool:
    if rule.when is not None and not holds(rule.when, profile, facts):
        return False
    if rule.refuses is not None:
        return holds(rule.refuses, profile, facts)
    comparison = rule.comparison
    if comparison is None:
        return False
    left, right = _amount(comparison.left, facts), _amount(comparison.right, facts)
    if left is None or right is None:
        return False
    return not OPERATORS[comparison.op](left, right)


def _amount(term: Term, facts: Facts) -> Fraction | None:
    if term.single is not None:
        fact_id, part = term.single
        return _part(facts.get(fact_id), part)
    total = term.constant
    for factor, fact_id, part in term.parts:
        number = _part(facts.get(fact_id), part)
        if number is None:
            return None
        total += factor * number
    return total


def _part(value: FactValue | None, part: str) -> Fraction | None:
    if isinstance(value, Pair):
        return value.prior if part == "prior" else value.current
    return value if isinstance(value, Fraction) else None


def _finding(edition: Edition, rule: Rule, facts: Facts) -> Finding:
    def fill(template: str, locale: str) -> str:
        shown = {fact_id: show(edition, fact_id, facts.get(fact_id), locale) for fact_id in rule.facts}
        return template.format_map(shown)

    message = Text(fill(rule.message.zh, "zh"), fill(rule.message.en, "en"))
    return Finding(rule.id, rule.severity, rule.facts, message)


def show(edition: Edition, fact_id: str, value: FactValue | None, locale: str) -> str:
    """A fact value in a person's words, without its unit."""
    if value is None:
        return "—"
    if isinstance(value, Fraction):
        return decimal_text(value)
    fact = edition.facts[fact_id]
    labels = {option.id: option.label.to(locale) for option in (*fact.options, *fact.columns)}
    rows = {row.id: row.label.to(locale) for row in fact.rows}
    joiner = "、" if locale.startswith("zh") else ", "
    match value:
        case bool():
            return Text("是", "Yes").to(locale) if value else Text("否", "No").to(locale)
        case Pair(current, prior):
            earlier = "—" if prior is None else decimal_text(prior)
            return Text("{}（上年 {}）", "{} (prior year {})").to(locale).format(decimal_text(current), earlier)
        case str():
            return labels.get(value, value)
        case frozenset():
            return joiner.join(labels[option.id] for option in fact.options if option.id in value)
        case _ if hasattr(value, "isoformat"):
            return value.isoformat()
        case _:
            separator = "：" if locale.startswith("zh") else ": "
            ends = "；" if locale.startswith("zh") else "; "
            return ends.join(f"{rows[row]}{separator}{labels[column]}" for row, column in dict(value).items())
