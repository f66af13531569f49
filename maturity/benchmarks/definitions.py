"""What a release speaks of: figures with their definition (口径) as versioned data, and the rules of the criteria.

A criterion is met, not met, or does not apply to an enterprise, because it is not asked for what the criterion reads.
A fact that an enterprise could have been asked for and did not reach on its path counts as not met.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import Any

from maturity.adaptive.framework import Framework
from maturity.benchmarks.parameters import FOLDER
from maturity.content import ContentError, Problem, Reader, parse_yaml
from maturity.questionnaires.condition_parsing import EVERY, parse_condition
from maturity.questionnaires.conditions import Leaf, holds
from maturity.questionnaires.model import Edition, Facts, Profile, Text

QUANTILES, SHARE = "quantiles", "share"
_WORDS = ("all", "any", "first")


@dataclass(frozen=True, slots=True)
class Rate:
    """A part of a whole, both numbers of the enterprise, in percent."""

    part: str
    whole: str

    def of(self, facts: Facts) -> Fraction | None:
        """The rate of an enterprise from 0 to 100; None where it has no such whole."""
        part, whole = facts.get(self.part), facts.get(self.whole)
        if not isinstance(part, Fraction) or not isinstance(whole, Fraction) or whole == 0:
            return None
        return min(100 * part / whole, Fraction(100))


@dataclass(frozen=True, slots=True)
class AtLeast:
    """A rate that is reached."""

    rate: Rate
    least: Fraction


@dataclass(frozen=True, slots=True)
class Several:
    """Rules taken together: `all` of them, `any` of those that apply, or the `first` that applies."""

    word: str
    parts: tuple[Rule, ...]


Rule = Leaf | AtLeast | Several


@dataclass(frozen=True, slots=True)
class Definition:
    """A figure of a release: what it is called, what it counts, and from what it comes.

    `rule` is that of a share; a value of the enterprise is a `rate`, or a `score` of the whole or of a dimension.
    """

    id: str
    kind: str
    unit: str
    title: Text
    definition: Text
    rate: Rate | None = None
    score: str = ""
    rule: Rule | None = None


@cache
def definitions(framework: Framework) -> Mapping[str, Definition]:
    """The figures of a framework, by id; those of its dimensions follow from it. None without a file of definitions."""
    path = FOLDER / f"{framework.edition.framework}.yaml"
    if not path.is_file():
        return {}
    problems: list[Problem] = []
    data = parse_yaml(path.read_text(encoding="utf-8"), path.name)
    found = {}
    for number, row in enumerate(data["metrics"]):
        reader = Reader.of(row, path.name, f"metrics[{number}]", problems)
        made = _definition(reader, framework.edition)
        if made.id in found:
            reader.refuse("id", f"{made.id!r} stands twice.", "define a figure once.")
        found[made.id] = made
    if problems:
        raise ContentError(problems)
    for dimension in framework.scoring.dimensions:
        words = framework.parts[dimension.id]
        found[dimension.id] = Definition(
            dimension.id, QUANTILES, "0–100", words.title, words.body or words.title, score=dimension.id
        )
    return found


def criteria(framework: Framework) -> Mapping[str, Rule]:
    """The rules of the framework's criteria by id."""
    return {name: item.rule for name, item in definitions(framework).items() if item.rule is not None}


def rates(framework: Framework) -> Mapping[str, Rate]:
    """The rates of enterprises by id."""
    return {name: item.rate for name, item in definitions(framework).items() if item.rate is not None}


def scores(framework: Framework) -> tuple[str, ...]:
    """The scores that a release has quantiles of: the totals by role, and the dimensions."""
    return tuple(item.score for item in definitions(framework).values() if item.score)


def _definition(reader: Reader, edition: Edition) -> Definition:
    name, kind = reader.identifier("id"), reader.one_of("kind", (QUANTILES, SHARE))
    unit, title = reader.string("unit"), Text(**reader.text("title"))
    definition = Text(**reader.text("definition"))
    rate, score, rule = None, "", None
    if kind == SHARE:
        rule = _rule(reader.require("rule"), reader, "rule", edition)
    else:
        source = Reader.of(reader.require("source"), reader.file, f"{reader.key}.source", reader.problems)
        if source.has("rate"):
            rate = _rate(source, "rate", edition)
        else:
            score = source.one_of("total", ("capability", "outcome"))
        source.finish()
    reader.finish()
    return Definition(name, kind, unit, title, definition, rate, score, rule)


def _rate(reader: Reader, key: str, edition: Edition) -> Rate:
    given = Reader.of(reader.take(key), reader.file, f"{reader.key}.{key}", reader.problems)
    names = given.string("of"), given.string("in")
    for name in names:
        if name not in edition.facts or edition.facts[name].type not in ("number", "money"):
            given.refuse("", f"{name!r} is no number of this framework.", "use facts that are numbers or money.")
    given.finish()
    return Rate(*names)


def _rule(data: Any, above: Reader, key: str, edition: Edition) -> Rule:
    reader = Reader.of(data, above.file, f"{above.key}.{key}", above.problems)
    for word in _WORDS:
        if reader.has(word):
            parts = tuple(_rule(part, reader, f"{word}[{at}]", edition) for at, part in enumerate(reader.items(word)))
            reader.finish()
            return Several(word, parts)
    if reader.has("ratio"):
        found = AtLeast(_rate(reader, "ratio", edition), Fraction(reader.string("at_least")))
        reader.finish()
        return found
    condition = parse_condition(above, data, key, edition.facts, profile=False, operators=EVERY)
    assert isinstance(condition, Leaf)  # noqa: S101  # `all` and `any` are taken above, `not` needs a profile
    return condition


def names_read(rule: Rule) -> Iterator[str]:
    """Every fact that a rule reads."""
    match rule:
        case Several(parts=parts):
            for part in parts:
                yield from names_read(part)
        case AtLeast(rate=rate):
            yield from (rate.part, rate.whole)
        case Leaf(name=name):
            yield name


def is_met(rule: Rule, edition: Edition, profile: Profile, facts: Facts) -> bool | None:
    """Whether an enterprise meets a criterion; None where it does not apply to it."""
    match rule:
        case Several(word=word, parts=parts):
            found = [is_met(part, edition, profile, facts) for part in parts]
            applying = [part for part in found if part is not None]
            if not applying or (word == "all" and len(applying) < len(found)):
                return None
            return {"all": all(applying), "any": any(applying), "first": applying[0]}[word]
        case AtLeast(rate=rate, least=least):
            if not all(_is_asked(edition, name, profile) for name in names_read(rule)):
                return None
            value = rate.of(facts)
            return value is not None and value >= least
        case Leaf(name=name):
            return holds(rule, profile, facts) if _is_asked(edition, name, profile) else None


def _is_asked(edition: Edition, fact: str, profile: Profile) -> bool:
    return holds(edition.questions[edition.asked_by[fact]].applies, profile, {})


def criteria_of(framework: Framework, profile: Profile, facts: Facts) -> dict[str, int]:
    """Every criterion for one enterprise, as a population has it: 1 met, 0 not, -1 does not apply."""
    found = {name: is_met(rule, framework.edition, profile, facts) for name, rule in criteria(framework).items()}
    return {name: -1 if met is None else int(met) for name, met in found.items()}
