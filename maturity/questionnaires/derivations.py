"""What one framework's answers say about another's facts: derivations, each with the reason a person reads.

A derivation is content: conditions over known facts, decided in three values, so that nothing is concluded from what
is not known. It reads answers, never what was derived itself, so that two facts may follow from each other. What comes
out is a proposal; somebody of the enterprise confirms it before it counts (design decision 1).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from pathlib import Path
from typing import Any

from maturity.content import ContentError, Problem, Reader, nearest, read_yaml
from maturity.questionnaires.condition_parsing import EVERY, parse_condition
from maturity.questionnaires.conditions import UPWARD_OPERATORS, Condition, Leaf, holds
from maturity.questionnaires.loader import LIBRARY, read_facts
from maturity.questionnaires.model import Fact, Facts, FactValue, Profile, Text
from maturity.questionnaires.parsing import parse_fact
from maturity.questionnaires.values import InvalidValue, parse, parse_number

FOLDER = "derivations"
NOBODY: Profile = {}
_RATIO_TESTS = ("at_least", "more_than", "at_most", "less_than")
_HUNDRED = 100


@dataclass(frozen=True, slots=True)
class RatioTest:
    """100 × numerator ÷ denominator against a number of per cent; unknown where the denominator is zero."""

    numerator: str
    denominator: str
    op: str
    per_cent: Fraction


@dataclass(frozen=True, slots=True)
class AllOf:
    parts: tuple[Test, ...]


@dataclass(frozen=True, slots=True)
class OneOf:
    parts: tuple[Test, ...]


@dataclass(frozen=True, slots=True)
class NotSo:
    part: Test


Test = Leaf | RatioTest | AllOf | OneOf | NotSo


@dataclass(frozen=True, slots=True)
class Case:
    """A value and when it is the one; without a test, what is left when no case before holds."""

    test: Test | None
    value: FactValue


@dataclass(frozen=True, slots=True)
class Derivation:
    """How the value of `fact` follows from other facts: by cases, option by option, or as the same quantity."""

    fact: Fact
    cases: tuple[Case, ...]
    options: Mapping[str, Test]
    same: str | None
    note: Text
    provenance: str

    def sources(self) -> frozenset[str]:
        """The facts it reads."""
        tests = [case.test for case in self.cases if case.test is not None]
        named = {name for test in (*tests, *self.options.values()) for name in _names(test)}
        return frozenset(named | ({self.same} if self.same else set()))

    def derive(self, facts: Facts, gone: Set[str] = frozenset(), profile: Profile = NOBODY) -> FactValue | None:
        """The value, or None where something it depends on is not known.

        `gone` are facts known not to exist, because what they build on is not there.
        """
        if self.same is not None:
            return facts.get(self.same)
        if self.options:
            return self._chosen(facts, gone, profile)
        for case in self.cases:
            verdict = True if case.test is None else decide(case.test, facts, gone, profile)
            if verdict is None:
                return None
            if verdict:
                return case.value
        return None

    def _chosen(self, facts: Facts, gone: Set[str], profile: Profile) -> FactValue | None:
        verdicts = {option: decide(test, facts, gone, profile) for option, test in self.options.items()}
        if None in verdicts.values():
            return None
        chosen = frozenset(option for option, verdict in verdicts.items() if verdict)
        if chosen:
            return chosen
        return frozenset({self.fact.exclusive}) if self.fact.exclusive else None


def decide(test: Test, facts: Facts, gone: Set[str] = frozenset(), profile: Profile = NOBODY) -> bool | None:
    """Whether a test holds, in three values: None where the facts do not tell."""
    match test:
        case AllOf(parts):
            return _all(decide(part, facts, gone, profile) for part in parts)
        case OneOf(parts):
            opposite = _all(_not(decide(part, facts, gone, profile)) for part in parts)
            return _not(opposite)
        case NotSo(part):
            return _not(decide(part, facts, gone, profile))
        case RatioTest():
            return _ratio_holds(test, facts, gone)
        case Leaf(source="profile", name=name):
            return holds(test, profile, {}) if name in profile else None
        case Leaf(name=name):
            if name in facts:
                return holds(test, {}, facts)
            return False if name in gone and test.op in UPWARD_OPERATORS else None


def _all(verdicts: Iterable[bool | None]) -> bool | None:
    """
    >>> _all([True, None]), _all([None, False]), _all([True, True])
    (None, False, True)
    """
    found = list(verdicts)
    if False in found:
        return False
    return None if None in found else True


def _not(verdict: bool | None) -> bool | None:
    return None if verdict is None else not verdict


def _ratio_holds(test: RatioTest, facts: Facts, gone: Set[str]) -> bool | None:
    numerator, denominator = facts.get(test.numerator), facts.get(test.denominator)
    if not isinstance(numerator, Fraction) or not isinstance(denominator, Fraction):
        missing = {test.numerator, test.denominator} - set(facts)
        return False if missing & gone and test.op in UPWARD_OPERATORS else None
    if not denominator:
        return None
    value = _HUNDRED * numerator / denominator
    match test.op:
        case "at_least":
            return value >= test.per_cent
        case "more_than":
            return value > test.per_cent
        case "at_most":
            return value <= test.per_cent
        case _:
            return value < test.per_cent


def _names(test: Test) -> Iterator[str]:
    match test:
        case AllOf(parts) | OneOf(parts):
            for part in parts:
                yield from _names(part)
        case NotSo(part):
            yield from _names(part)
        case RatioTest(numerator=numerator, denominator=denominator):
            yield from (numerator, denominator)
        case Leaf(source="fact", name=name):
            yield name


# ---- reading


@lru_cache(maxsize=8)
def load_derivations(library: Path = LIBRARY) -> Mapping[str, Derivation]:
    """Every derivation of the library by its fact; a `ContentError` lists what is refused."""
    problems: list[Problem] = []
    facts = {name: parse_fact(name, data, problems) for name, data in sorted(read_facts(library, problems).items())}
    found: dict[str, Derivation] = {}
    for path in sorted((library / FOLDER).glob("*.yaml")):
        shown = f"{FOLDER}/{path.name}"
        for index, item in enumerate(read_yaml(path, shown) or []):
            reader = Reader.of(item, shown, f"[{index}]", problems)
            derivation = _derivation(reader, facts)
            if derivation is None:
                continue
            if derivation.fact.id in found:
                reader.refuse("fact", f"{derivation.fact.id} is derived twice.", "keep one of the two.")
            found[derivation.fact.id] = derivation
    if problems:
        raise ContentError(problems)
    return found


def _derivation(reader: Reader, facts: Mapping[str, Fact]) -> Derivation | None:
    name = reader.string("fact")
    note, provenance = Text.of(reader.text("note")), reader.string("provenance")
    same = reader.string("same") if reader.has("same") else None
    fact = facts.get(name)
    if fact is None:
        reader.refuse("fact", f"{name!r} is not defined.{nearest(name, facts)}", "name a fact of the library.")
        return None
    cases = _cases(reader, fact, facts) if reader.has("cases") else ()
    options = _options(reader, fact, facts) if reader.has("options") else {}
    if sum((bool(cases), bool(options), same is not None)) != 1:
        reader.refuse("", "needs one of cases, options, same.", "say in one way how the value follows.")
    if same is not None and (same not in facts or facts[same].type != fact.type):
        reader.refuse("same", f"{same!r} is no fact of the same type.", "name a fact of the library.")
    reader.finish()
    derivation = Derivation(fact, cases, options, same, note, provenance)
    if fact.id in derivation.sources():
        reader.refuse("fact", f"{fact.id} follows from itself.", "read other facts.")
    return derivation


def _cases(reader: Reader, fact: Fact, facts: Mapping[str, Fact]) -> tuple[Case, ...]:
    cases = []
    items = reader.items("cases")
    if fact.type not in ("choice", "yesno"):
        reader.refuse("cases", f"do not fit {fact.id} ({fact.type}).", "use cases for a choice or a yes/no.")
        return ()
    for index, item in enumerate(items):
        part = Reader.of(item, reader.file, f"{reader.key}.cases[{index}]", reader.problems)
        test = _test(part, "when", facts) if part.has("when") else None
        if test is None and index != len(items) - 1:
            part.refuse("when", "is missing.", "only the last case may do without.")
        value = _value(part, fact)
        part.finish()
        if value is not None:
            cases.append(Case(test, value))
    return tuple(cases)


def _value(reader: Reader, fact: Fact) -> FactValue | None:
    try:
        value = parse(fact, reader.require("value"))
    except InvalidValue as error:
        reader.refuse("value", error.text().en, f"write a value of {fact.id}.")
        return None
    if value is None:
        reader.refuse("value", "is empty.", f"write a value of {fact.id}.")
    return value


def _options(reader: Reader, fact: Fact, facts: Mapping[str, Fact]) -> dict[str, Test]:
    if fact.type != "multi":
        reader.refuse("options", f"do not fit {fact.id} ({fact.type}).", "use options for a multiple choice.")
        return {}
    part = Reader.of(reader.require("options"), reader.file, f"{reader.key}.options", reader.problems)
    wanted = [option for option in fact.option_ids() if option != fact.exclusive]
    found = {}
    for option in wanted:
        if not part.has(option):
            part.refuse(option, "is missing.", "say of every option when it is chosen, or leave the fact to be asked.")
            continue
        found[option] = _test(part, option, facts)
    part.finish()
    return found


def _test(reader: Reader, key: str, facts: Mapping[str, Fact]) -> Test:
    return _parsed(reader, reader.require(key), key, facts)


def _parsed(reader: Reader, data: Any, key: str, facts: Mapping[str, Fact]) -> Test:
    part = Reader.of(data, reader.file, f"{reader.key}.{key}".strip("."), reader.problems)
    if part.has("all") or part.has("any"):
        word = "all" if part.has("all") else "any"
        made = AllOf if word == "all" else OneOf
        parts = tuple(_parsed(part, item, f"{word}[{index}]", facts) for index, item in enumerate(part.items(word)))
        part.finish()
        return made(parts)
    if part.has("not"):
        inner = _parsed(part, part.take("not"), "not", facts)
        part.finish()
        return NotSo(inner)
    if part.has("ratio"):
        return _ratio(part, facts)
    return _leaf(parse_condition(reader, data, key, facts, profile=True, operators=EVERY))


def _leaf(condition: Condition) -> Leaf:
    if isinstance(condition, Leaf):
        return condition
    raise AssertionError(f"all, any and not have been taken: {type(condition).__name__}")


def _ratio(reader: Reader, facts: Mapping[str, Fact]) -> RatioTest:
    part = Reader.of(reader.take("ratio"), reader.file, f"{reader.key}.ratio", reader.problems)
    names = {role: part.string(role) for role in ("numerator", "denominator")}
    for role, name in names.items():
        if name not in facts or facts[name].type not in ("number", "money"):
            part.refuse(role, f"{name!r} is no number.{nearest(name, facts)}", "name a count or an amount.")
    part.finish()
    present = [op for op in _RATIO_TESTS if reader.has(op)]
    op = present[0] if present else ""
    per_cent = parse_number(reader.take(op)) if op else None
    if per_cent is None:
        reader.refuse("ratio", "is compared with nothing.", f"write one of {', '.join(_RATIO_TESTS)} with a number.")
    reader.finish()
    return RatioTest(names["numerator"], names["denominator"], op or _RATIO_TESTS[0], per_cent or Fraction(0))
