"""The minutes of a review: who, when, where and by which plan; what was asked for and by which seed; what was found,
what remains of the result, and who stands for it. Written from the rows of the case, so that nobody has to write them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from maturity.certification.assignments import declarations_of
from maturity.certification.cases import assignments_of, findings_of, steps_of
from maturity.certification.models import CertificationCase
from maturity.certification.process import the_process
from maturity.clock import Clock
from maturity.errors import Conflict
from maturity.reports.pdf import MissingGlyph, render_pdf
from maturity.reports.typesetting import typeset
from maturity.reviewing import words
from maturity.reviewing.opened import Submitted, items_of, progress_of, submitted_of
from maturity.reviewing.rescoring import Changes, changes_between, document_of
from maturity.web.filters import clock_time, day, fact_words, industry_name
from maturity.web.filters import words as text_words


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with a part in the review, with what they declared."""

    name: str
    part: str
    since: str
    until: str
    declared: str
    text: str


@dataclass(frozen=True, slots=True)
class Line:
    """One answer of the sample."""

    number: int
    question: str
    why: str
    weight: str
    declared: str
    verdict: str
    found: str
    note: str
    by: str


@dataclass(frozen=True, slots=True)
class Found:
    """One finding with its answer and how it was closed."""

    number: int
    grade: str
    state: str
    text: str
    due: str
    answer: str
    closing: str


@dataclass(frozen=True, slots=True)
class Minutes:
    """Everything the page prints, in words of one language."""

    case: CertificationCase
    title: str
    framework: str
    industry: str
    state: str
    place: str
    span: str
    people: tuple[Person, ...]
    steps: tuple[tuple[str, str, str], ...]
    lines: tuple[Line, ...]
    counts: tuple[tuple[str, int], ...]
    findings: tuple[Found, ...]
    changes: Changes
    weight: Decimal
    recommendation: str
    note: str
    is_final: bool
    made: str
    levels: Mapping[int, str]


def minutes_of(session: Session, case: CertificationCase, clock: Clock) -> Minutes:
    """The minutes as they stand, in the language of the moment."""
    submitted = submitted_of(session, case)
    items = items_of(session, case, submitted.framework)
    after = document_of(submitted, items.values(), case)
    steps = steps_of(session, case)
    recommended = next((step for step in reversed(steps) if step.event == "recommend"), None)
    progress = progress_of(items.values())
    process = the_process()
    return Minutes(
        case=case,
        title=_("Minutes of the review"),
        framework=_edition(text_words(submitted.framework.edition.title), case.edition),
        industry=industry_name(case.industry),
        state=text_words(process.states[case.state].words),
        place=str(words.PLACES[case.place]) if case.place in words.PLACES else "—",
        span=f"{day(case.review_from)} – {day(case.review_until)}",
        people=_people(session, case),
        steps=tuple(
            (
                f"{day(step.at)} {clock_time(step.at)}",
                text_words(process.events[step.event].words),
                step.actor_name or "",
            )
            for step in steps
            if step.event in process.events
        ),
        lines=_lines(submitted, items),
        counts=tuple((str(said), progress.verdicts.get(code, 0)) for code, said in words.VERDICTS.items()),
        findings=_findings(session, case),
        changes=changes_between(submitted.framework, submitted.document, after),
        weight=Decimal(after["review"]["weight_reviewed"]),
        recommendation=_recommended(case),
        note=recommended.note if recommended else "",
        is_final=case.recommended_at is not None,
        made=f"{day(clock.now())} {clock_time(clock.now())}",
        levels={level: text_words(submitted.framework.level_title(level)) for level in range(10)},
    )


def _edition(title: str, edition: str) -> str:
    """The framework with its edition, which some titles name already."""
    return title if edition in title else f"{title} {edition}"


def _recommended(case: CertificationCase) -> str:
    reasons = the_process().reasons["recommendation"]
    return text_words(reasons[case.recommendation].words) if case.recommendation else _("not yet made")


def _people(session: Session, case: CertificationCase) -> tuple[Person, ...]:
    declared = {row.assignment_id: row for row in declarations_of(session, case)}
    found = []
    for row in assignments_of(session, case):
        said = declared.get(row.id)
        found.append(
            Person(
                row.user_name,
                str(words.PARTS[row.part]),
                day(row.assigned_at),
                day(row.ended_at) if row.ended_at else "",
                _moment(said.at) if said else _("not declared"),
                said.text if said else "",
            )
        )
    return tuple(found)


def _moment(at: datetime) -> str:
    return f"{day(at)} {clock_time(at)}"


def _lines(submitted: Submitted, items: Mapping[str, Any]) -> tuple[Line, ...]:
    questions = submitted.framework.edition.questions
    declared: Mapping[str, Any] = submitted.document["facts"]
    return tuple(
        Line(
            number,
            text_words(questions[name].wording),
            str(words.REASONS[item.reason]) + (f"{_(': ')}{item.chosen_because}" if item.chosen_because else ""),
            f"{item.weight:.2f}",
            _said(submitted, name, declared),
            str(words.VERDICTS[item.verdict]) if item.verdict else _("not judged"),
            _said(submitted, name, item.facts) if item.facts else "",
            item.note,
            item.judged_name or "",
        )
        for number, (name, item) in enumerate(items.items(), 1)
    )


def _said(submitted: Submitted, question_id: str, facts: Mapping[str, Any]) -> str:
    edition = submitted.framework.edition
    names = [name for name in edition.questions[question_id].facts if name in facts]
    parts = [
        (text_words(edition.facts[name].label), fact_words(facts[name], edition.facts[name], edition)) for name in names
    ]
    if len(parts) == 1:
        return parts[0][1]
    return _("; ").join(f"{label}{_(': ')}{text}" for label, text in parts)


def _findings(session: Session, case: CertificationCase) -> tuple[Found, ...]:
    return tuple(
        Found(
            row.number,
            str(words.GRADES[row.grade]),
            str(words.FINDING_STATES[row.state]),
            row.text,
            day(row.due_on) if row.due_on else "—",
            row.answer,
            row.closing,
        )
        for row in findings_of(session, case, drafts=True)
    )


def minutes_html(session: Session, case: CertificationCase, locale: str, clock: Clock) -> str:
    with force_locale(locale):
        return typeset(
            "reviewing/minutes.html", locale, minutes=minutes_of(session, case, clock), signature=_signature()
        )


def _signature() -> tuple[str, ...]:
    return (_("Lead reviewer"), _("Reviewers"), _("For the enterprise"), _("Date"))


def minutes_pdf(session: Session, case: CertificationCase, locale: str, clock: Clock) -> bytes:
    """The same rows on the same day give the same file."""
    html = minutes_html(session, case, locale, clock)
    try:
        return render_pdf(html, f"review-minutes {case.id} {locale}")
    except MissingGlyph as error:
        raise Conflict("minutes_glyph", str(error)) from error
