"""What the answering pages show, computed once per request from the sheet and its evaluation. No HTML here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Any

from maturity.adaptive.evaluation import Evaluation
from maturity.adaptive.framework import Framework
from maturity.assessments.answering import Sheet
from maturity.assessments.reach import EVERY_SECTION, Reach
from maturity.questionnaires.conditions import leaves
from maturity.questionnaires.model import Fact, Pair, Question, Section, Text
from maturity.questionnaires.path import Standing, Step
from maturity.questionnaires.plausibility import Finding
from maturity.questionnaires.values import decimal_text, parse_number, to_json

SHORTEST_PAGE = 5  # of the questions that settle the level soonest: the order changes with every answer
LARGEST_PAGE = 8  # five to eight questions a page, as far as a section has them


@dataclass(frozen=True, slots=True)
class SectionProgress:
    """One line of the side navigation: answered of asked, and whether the section has anything to ask."""

    section: Section
    answered: int
    asked: int

    @property
    def is_done(self) -> bool:
        return self.asked == self.answered


@dataclass(frozen=True, slots=True)
class Progress:
    """The honest progress line: answered so far and the range still to come."""

    answered: int
    fewest_left: int
    most_left: int
    sections: tuple[SectionProgress, ...]

    @property
    def percent(self) -> int:
        """Of the longest path still possible, so that it never falls when questions appear."""
        total = self.answered + self.most_left
        return 100 if not total else 100 * self.answered // total


@dataclass(frozen=True, slots=True)
class QuestionView:
    """One question as shown: its inputs' texts, its version, and what was said about it."""

    question: Question
    facts: tuple[Fact, ...]
    standing: Standing
    answered: bool
    skipped: bool
    version: int
    shown: Mapping[str, Any]  # fact id -> what the input shows
    earlier: Mapping[str, Any]  # fact id -> last period's value in the same form
    errors: Mapping[str, Text]
    findings: tuple[Finding, ...]
    builds_on: tuple[str, ...]  # the questions whose answers decide whether it is asked
    proposed: bool = False  # what is shown came from elsewhere and waits to be confirmed

    @property
    def ratio_percent(self) -> str | None:
        """The percentage computed from what the inputs show, to one place; None while it cannot be."""
        ratio = self.question.ratio
        if ratio is None:
            return None
        numerator = parse_number(self.shown.get(ratio.numerator) or "")
        denominator = parse_number(self.shown.get(ratio.denominator) or "")
        if numerator is None or not denominator:
            return None
        return format(round(float(100 * numerator / denominator), 1), ".1f")


@dataclass(frozen=True, slots=True)
class SectionPage:
    section: Section
    number: int
    count: int
    questions: tuple[QuestionView, ...]


@dataclass(frozen=True, slots=True)
class Drafted:
    """Input that could not be saved, shown again with its messages."""

    raw: Mapping[str, Any] = field(default_factory=dict)  # fact id -> what was typed
    errors: Mapping[str, Text] = field(default_factory=dict)  # fact id -> message
    versions: Mapping[str, int] = field(default_factory=dict)  # question id -> the version its editor saw


def progress_of(framework: Framework, evaluation: Evaluation, reach: Reach = EVERY_SECTION) -> Progress:
    """How far the sections within reach are."""
    path = evaluation.path
    sections = []
    for section in reach.sections_of(framework.edition):
        steps = [path.steps[question_id] for question_id in section.questions]
        asked = [step for step in steps if step.is_asked]
        if any(step.standing is not Standing.NOT_APPLICABLE for step in steps):
            sections.append(SectionProgress(section, sum(step.answered for step in asked), len(asked)))
    if reach.is_everything:
        return Progress(path.answered_count(), *path.remaining(), tuple(sections))
    steps = [step for step in path.steps.values() if reach.holds(step.question.section)]
    fewest = sum(step.is_asked and not step.answered for step in steps)
    still_open = sum(step.standing is Standing.OPEN for step in steps)
    answered = sum(step.is_asked and step.answered for step in steps)
    return Progress(answered, fewest, fewest + still_open, tuple(sections))


def section_pages(section: Section, evaluation: Evaluation) -> list[list[str]]:
    """The section's questions in pages. Only the profile decides, so that no answer moves a question to another
    page."""
    steps = evaluation.path.steps
    applicable = [name for name in section.questions if steps[name].standing is not Standing.NOT_APPLICABLE]
    count = max(1, -(-len(applicable) // LARGEST_PAGE))
    size, larger = divmod(len(applicable), count)
    sizes = [size + 1] * larger + [size] * (count - larger)
    starts = accumulate(sizes, initial=0)
    return [applicable[start : start + length] for start, length in zip(starts, sizes, strict=False)]


def section_page(
    framework: Framework,
    section: Section,
    number: int,
    sheet: Sheet,
    evaluation: Evaluation,
    earlier: Mapping[str, Any],
    drafted: Drafted | None = None,
) -> SectionPage:
    """The page `number` (from 1; clamped) of a section."""
    pages = section_pages(section, evaluation)
    number = min(max(number, 1), len(pages))
    views = tuple(
        question_view(framework, name, sheet, evaluation, earlier, drafted or Drafted()) for name in pages[number - 1]
    )
    return SectionPage(section, number, len(pages), views)


def question_view(
    framework: Framework,
    question_id: str,
    sheet: Sheet,
    evaluation: Evaluation,
    earlier: Mapping[str, Any],
    drafted: Drafted,
) -> QuestionView:
    step: Step = evaluation.path.steps[question_id]
    question = step.question
    facts = tuple(framework.edition.facts[name] for name in question.facts)
    shown = {fact.id: input_value(sheet.facts.get(fact.id, sheet.proposed.get(fact.id))) for fact in facts}
    shown |= {name: raw for name, raw in drafted.raw.items() if name in shown}
    return QuestionView(
        question=question,
        facts=facts,
        standing=step.standing,
        answered=step.answered,
        skipped=sheet.is_skipped(question_id),
        version=drafted.versions.get(question_id, sheet.version(question_id)),
        shown=shown,
        earlier={fact.id: earlier[fact.id] for fact in facts if fact.id in earlier},
        errors={name: text for name, text in drafted.errors.items() if name in question.facts},
        findings=tuple(f for f in evaluation.findings if set(f.facts) & set(question.facts)),
        builds_on=builds_on(framework, question),
        proposed=sheet.is_proposed(question_id),
    )


def builds_on(framework: Framework, question: Question) -> tuple[str, ...]:
    """The questions whose answers the question builds on, in the order they are asked."""
    needed = {framework.edition.asked_by[leaf.name] for leaf in leaves(question.requires)}
    return tuple(name for name in framework.edition.order if name in needed)


def input_value(value: Any) -> Any:
    """A fact value in the form an input shows it."""
    if value is None:
        return None
    if isinstance(value, Pair):
        return {
            "current": decimal_text(value.current),
            "prior": "" if value.prior is None else decimal_text(value.prior),
        }
    return to_json(value)


def raw_from_form(question: Question, facts: Mapping[str, Fact], form: Any) -> dict[str, Any]:
    """The raw input of one question out of a submitted form (a MultiDict). Names are `fact`, `fact.row`,
    `fact.current`."""
    return {name: _raw(facts[name], form) for name in question.facts}


def _raw(fact: Fact, form: Any) -> Any:
    if fact.type == "multi":
        return form.getlist(fact.id)
    if fact.type == "pair":
        return {part: form.get(f"{fact.id}.{part}", "") for part in ("current", "prior")}
    if fact.type == "matrix":
        return {row: form[key] for row in fact.row_ids() if (key := f"{fact.id}.{row}") in form}
    return form.get(fact.id)


def next_stop(
    framework: Framework,
    evaluation: Evaluation,
    after: tuple[str, int] | None = None,
    reach: Reach = EVERY_SECTION,
) -> tuple[str, int] | None:
    """Where to go on: the first page with an unanswered question, or the page following `after`; None at the end."""
    stops = [
        (section.id, number + 1, page)
        for section in reach.sections_of(framework.edition)
        for number, page in enumerate(section_pages(section, evaluation))
        if page
    ]
    if after is not None:
        places = [(section, number) for section, number, _ in stops]
        following = places[places.index(after) + 1 :] if after in places else places
        return following[0] if following else None
    missing = {question.id for question in evaluation.path.unanswered()}
    return next(((section, number) for section, number, page in stops if missing & set(page)), None)


def newly_asked(before: Evaluation, after: Evaluation, section: Section, number: int) -> str | None:
    """The first question of a page that the answers have just brought onto the path."""
    pages = section_pages(section, after)
    page = pages[number - 1] if 0 < number <= len(pages) else []
    was, now = before.path.steps, after.path.steps
    return next((name for name in page if now[name].is_asked and not (was[name].is_asked or now[name].answered)), None)


def page_before(
    framework: Framework, evaluation: Evaluation, here: tuple[str, int], reach: Reach = EVERY_SECTION
) -> tuple[str, int] | None:
    """The page before `here`; None on the first."""
    places = [
        (section.id, number + 1)
        for section in reach.sections_of(framework.edition)
        for number, page in enumerate(section_pages(section, evaluation))
        if page
    ]
    index = places.index(here) if here in places else 0
    return places[index - 1] if index else None


def place_of(framework: Framework, evaluation: Evaluation, question_id: str) -> tuple[str, int]:
    """The section and page on which a question stands."""
    section = framework.edition.section(framework.edition.questions[question_id].section)
    pages: Sequence[Sequence[str]] = section_pages(section, evaluation)
    return section.id, next((n + 1 for n, page in enumerate(pages) if question_id in page), 1)


def changes_since(framework: Framework, evaluation: Evaluation, earlier: Mapping[str, Any]) -> tuple[str, ...]:
    """The questions answered otherwise than in the earlier period, in order; nothing where there is no earlier one."""
    now = {name: to_json(value) for name, value in evaluation.path.facts.items()}
    changed = {name for name, value in now.items() if name in earlier and earlier[name] != value}
    questions = framework.edition.questions
    return tuple(name for name in framework.edition.order if changed & set(questions[name].facts))
