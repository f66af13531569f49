"""The printed questionnaire as data: numbered questions in chapters, for a production type or for one enterprise.

`variant_booklet` holds every question that any enterprise of a production type can be asked, with words for whom it is
and what it builds on. `enterprise_booklet` holds what one enterprise is asked, blank or with its answers. No HTML here.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby

from maturity.adaptive.framework import Framework
from maturity.questionnaires.conditions import Condition, leaves
from maturity.questionnaires.model import Edition, Fact, Facts, FactValue, Profile, Question, Section, Text
from maturity.questionnaires.path import Path, Standing
from maturity.reference.industries import industry
from maturity.reports.booklet_words import (
    Builder,
    for_whom,
    industries_of,
    letter_of,
    narrowed,
    numbers_text,
    parts_of,
)

NUMBERS = ("number", "money", "pair")
#: Attributes of the profile that are computed of others, and so are no line to fill in.
COMPUTED = {"energy_intensive": "industry"}


@dataclass(frozen=True, slots=True)
class Field:
    """One fact to fill in; `letter` tells the figures of a question apart, empty where there is one."""

    fact: Fact
    letter: str
    value: FactValue | None


@dataclass(frozen=True, slots=True)
class Entry:
    """One printed question. `state` is blank, answered, unanswered or skipped."""

    number: int
    question: Question
    fields: tuple[Field, ...]
    audience: tuple[Text, ...] = ()  # who answers it; empty for everybody
    route: Text | None = None  # after which earlier answers, and where to go on otherwise
    opens: Text | None = None  # the printed numbers of the questions that build on it
    state: str = "blank"

    @property
    def figures(self) -> tuple[Field, ...]:
        """The fields that take numbers, set as one table."""
        return tuple(item for item in self.fields if item.fact.type in NUMBERS)

    @property
    def ratio(self) -> tuple[Field, Field] | None:
        """Numerator and denominator, where the two are measured alike and so make a percentage."""
        if self.question.ratio is None:
            return None
        by_id = {item.fact.id: item for item in self.fields}
        top, bottom = by_id[self.question.ratio.numerator], by_id[self.question.ratio.denominator]
        return (top, bottom) if top.fact.unit == bottom.fact.unit else None


@dataclass(frozen=True, slots=True)
class Chapter:
    """Questions under one heading; `codes` are the industries of a supplement."""

    id: str
    title: Text
    lede: Text | None
    entries: tuple[Entry, ...]
    codes: tuple[str, ...] = ()

    @property
    def numbers(self) -> Text:
        return numbers_text([entry.number for entry in self.entries])


@dataclass(frozen=True, slots=True)
class Booklet:
    """`decides`: attribute of the profile → the printed numbers of the questions it decides."""

    framework: Framework
    production_type: str
    chapters: tuple[Chapter, ...]
    supplements: tuple[Chapter, ...] = ()
    decides: Mapping[str, Text] = field(default_factory=dict)

    @property
    def edition(self) -> Edition:
        return self.framework.edition

    def entries(self) -> Iterator[Entry]:
        """Every question as printed, in the order of its numbers."""
        for chapter in (*self.chapters, *self.supplements):
            yield from chapter.entries

    def count(self, state: str) -> int:
        return sum(entry.state == state for entry in self.entries())


@dataclass(frozen=True, slots=True)
class _Asked:
    """A question with what is left of its condition once the production type is known."""

    question: Question
    conditions: tuple[Condition, ...]

    @property
    def industries(self) -> tuple[str, ...]:
        return next((codes for part in self.conditions if (codes := industries_of(part))), ())


def variant_booklet(framework: Framework, production_type: str) -> Booklet:
    """Everything the production type can be asked; questions of single industries in a part of their own."""
    edition = framework.edition
    asked = _asked(edition, production_type)
    general = [_general(section, asked) for section in edition.sections]
    special = _by_industry(edition, asked)
    order = [item.question for _, items in (*general, *special) for item in items]
    numbers = {question.id: number for number, question in enumerate(order, start=1)}
    printed = _Printed(Builder(edition, numbers), numbers)
    chapters = tuple(
        Chapter(section.id, section.title, section.purpose, printed.entries(items))
        for section, items in general
        if items
    )
    supplements = _supplements(special, printed)
    return Booklet(framework, production_type, *_routed(printed, chapters, supplements), _decides(asked, numbers))


def enterprise_booklet(framework: Framework, profile: Profile, path: Path, skipped: Collection[str] | None) -> Booklet:
    """What one enterprise is asked, in the order of its path.

    `skipped` None: blank, with all that can still come, and words for what builds on what. Otherwise filled: only what
    is asked now, with the answers; `skipped` are the questions put off.
    """
    edition = framework.edition
    shown = [
        step.question
        for step in path.steps.values()
        if (step.is_asked if skipped is not None else step.standing is not Standing.NOT_APPLICABLE)
    ]
    numbers = {question.id: number for number, question in enumerate(shown, start=1)}
    chapters = []
    for section in edition.sections:
        questions = [edition.questions[name] for name in section.questions if name in numbers]
        made = [Entry(numbers[question.id], question, fields_of(edition, question, {})) for question in questions]
        if skipped is not None:
            made = [_answered(edition, entry, path, skipped) for entry in made]
        if made:
            chapters.append(Chapter(section.id, section.title, section.purpose, tuple(made)))
    booklet = Booklet(framework, str(profile["production_type"]), tuple(chapters))
    if skipped is not None:
        return booklet
    routed, _ = _routed(_Printed(Builder(edition, numbers), numbers), booklet.chapters, ())
    return replace(booklet, chapters=routed)


def fields_of(edition: Edition, question: Question, facts: Facts) -> tuple[Field, ...]:
    """The facts of a question with the values there are; several are told apart by letters."""
    several = len(question.facts) > 1
    return tuple(
        Field(edition.facts[name], letter_of(index).lower() if several else "", facts.get(name))
        for index, name in enumerate(question.facts)
    )


def _answered(edition: Edition, entry: Entry, path: Path, skipped: Collection[str]) -> Entry:
    question = entry.question
    state = "answered" if path.steps[question.id].answered else "unanswered"
    if state == "unanswered" and question.id in skipped:
        state = "skipped"
    return replace(entry, fields=fields_of(edition, question, path.facts), state=state)


def _asked(edition: Edition, production_type: str) -> Mapping[str, _Asked]:
    """The questions the production type leaves possible, by id."""
    known = {"production_type": production_type}
    left = {name: narrowed(edition.questions[name].applies, known) for name in edition.order}
    return {
        name: _Asked(edition.questions[name], parts_of(condition))
        for name, condition in left.items()
        if condition is not False
    }


_Named = tuple[Section, list[_Asked]]


def _general(section: Section, asked: Mapping[str, _Asked]) -> _Named:
    items = [asked[name] for name in section.questions if name in asked]
    return section, [item for item in items if not item.industries]


def _by_industry(edition: Edition, asked: Mapping[str, _Asked]) -> list[tuple[tuple[str, ...], list[_Asked]]]:
    """The questions of single industries, those of the same ones together, in the order of the classification."""
    special = [asked[name] for name in edition.order if name in asked and asked[name].industries]
    codes = sorted({item.industries for item in special})
    return [(key, [item for item in special if item.industries == key]) for key in codes]


@dataclass(frozen=True, slots=True)
class _Printed:
    """Makes entries once every question has its number."""

    builder: Builder
    numbers: Mapping[str, int]

    def entries(self, items: Sequence[_Asked]) -> tuple[Entry, ...]:
        edition = self.builder.edition
        return tuple(
            Entry(
                self.numbers[item.question.id],
                item.question,
                fields_of(edition, item.question, {}),
                audience=tuple(for_whom(part) for part in item.conditions if not industries_of(part)),
            )
            for item in items
        )

    def opens(self, question: Question) -> Text | None:
        """The numbers of the questions that build on this one."""
        edition = self.builder.edition
        later = [
            number
            for name, number in self.numbers.items()
            if any(leaf.name in question.facts for leaf in leaves(edition.questions[name].requires))
        ]
        return numbers_text(sorted(later)) if later else None


def _routed(
    printed: _Printed, chapters: Sequence[Chapter], supplements: Sequence[Chapter]
) -> tuple[tuple[Chapter, ...], tuple[Chapter, ...]]:
    """The chapters with words at each question that builds on an earlier one.

    The general chapters are read through; each supplement ends by itself.
    """
    routes = _routes(printed, [entry for chapter in chapters for entry in chapter.entries])
    for chapter in supplements:
        routes |= _routes(printed, chapter.entries)

    def with_words(chapter: Chapter) -> Chapter:
        entries = tuple(
            replace(entry, route=routes.get(entry.number), opens=printed.opens(entry.question))
            for entry in chapter.entries
        )
        return replace(chapter, entries=entries)

    return tuple(map(with_words, chapters)), tuple(map(with_words, supplements))


def _routes(printed: _Printed, entries: Sequence[Entry]) -> dict[int, Text]:
    """Printed number → words. Neighbours that build on the same share one instruction, at the first of them."""
    runs = [list(run) for _, run in groupby(entries, key=lambda entry: entry.question.requires)]
    routes: dict[int, Text] = {}
    for index, run in enumerate(runs):
        requires = run[0].question.requires
        if requires is None:
            continue
        after = runs[index + 1][0].number if index + 1 < len(runs) else None
        said = printed.builder.said(requires)
        routes[run[0].number] = _fork(said, [entry.number for entry in run], after)
        when = _when(said)
        routes |= {entry.number: Text(f"{when}填写。", f"Only if {said.en}.") for entry in run[1:]}
    return routes


def _fork(said: Text, run: Sequence[int], after: int | None) -> Text:
    many = f"{run[0]}–{run[-1]}"
    zh = f"{_when(said)}填写" + ("本题" if len(run) == 1 else f"第 {many} 题")
    en = f"Answer {'this question' if len(run) == 1 else f'questions {many}'} only if {said.en}"
    if after is None:
        return Text(f"{zh}，否则不填。", f"{en}; otherwise leave it out.")
    return Text(f"{zh}，否则转到第 {after} 题。", f"{en}; otherwise go on to question {after}.")


def _when(said: Text) -> str:
    """The condition in Chinese with its 时, set off from a letter or a number."""
    return f"{said.zh} 时" if said.zh[-1].isascii() else f"{said.zh}时"


def _supplements(special: Sequence[tuple[tuple[str, ...], list[_Asked]]], printed: _Printed) -> tuple[Chapter, ...]:
    made: list[Chapter] = []
    for codes, items in special:
        wider = [
            chapter for chapter in made if all(any(code.startswith(outer) for outer in chapter.codes) for code in codes)
        ]
        made.append(Chapter(f"industry-{'-'.join(codes)}", _names(codes), _also(wider), printed.entries(items), codes))
    return tuple(made)


def _names(codes: Sequence[str]) -> Text:
    """The industries with their codes, as the classification names them."""
    found = [industry(code) for code in codes]
    zh = "；".join(item.label("zh") if item else code for code, item in zip(codes, found, strict=True))
    return Text(zh, "; ".join(item.label("en") if item else code for code, item in zip(codes, found, strict=True)))


def _also(wider: Sequence[Chapter]) -> Text | None:
    """An industry within another answers both supplements."""
    if not wider:
        return None
    numbers = numbers_text([entry.number for chapter in wider for entry in chapter.entries])
    return Text(f"还应填写第 {numbers.zh} 题。", f"Answer questions {numbers.en}, too.")


def _decides(asked: Mapping[str, _Asked], numbers: Mapping[str, int]) -> Mapping[str, Text]:
    deciding: dict[str, list[int]] = {}
    for item in asked.values():
        names = {leaf.name for part in item.conditions for leaf in leaves(part)}
        for name in {COMPUTED.get(name, name) for name in names}:
            deciding.setdefault(name, []).append(numbers[item.question.id])
    return {name: numbers_text(sorted(found)) for name, found in deciding.items()}
