"""Answers that need not be given again: proposed from other assessments of the enterprise, and confirmed page by page.

What is true of the enterprise in the period under one framework is true under every other; what was true a year ago is
often true still. Both are put forward with where they come from, and count for nothing until somebody confirms them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from maturity.adaptive.crosswalk import Known, facts_gone, known_facts
from maturity.adaptive.framework import Framework
from maturity.assessments.answering import Saved, load_sheet, save_answer
from maturity.assessments.models import Answer, AnswerVersion, Assessment, Submission
from maturity.assessments.reach import EVERY_SECTION, Reach
from maturity.assessments.service import require_draft
from maturity.audit.service import record
from maturity.clock import Clock
from maturity.editions.service import edition_hash, framework_by_hash
from maturity.questionnaires.derivations import load_derivations
from maturity.questionnaires.model import FactValue, Question, Text
from maturity.questionnaires.path import find_path
from maturity.questionnaires.values import from_json, to_json

#: facts that belong to one year only: an amount or a year-on-year figure of last year is not this year's
_YEARLY = ("money", "pair")


@dataclass(frozen=True, slots=True)
class Told:
    """What one assessment tells: its facts on the path, those known not to exist, and where they come from."""

    assessment: Assessment
    framework: Framework
    facts: Mapping[str, FactValue]
    gone: frozenset[str]

    @property
    def origin(self) -> str:
        return origin_of(self.framework, self.assessment.period)


def origin_of(framework: Framework, period: int) -> str:
    """Where an answer comes from, as it is stored with it.

    >>> read_origin("lianghua/2026.1@2025")
    ('lianghua/2026.1', 2025)
    """
    return f"{framework.edition.slug}@{period}"


def read_origin(origin: str) -> tuple[str, int]:
    slug, _, period = origin.rpartition("@")
    return slug, int(period)


def told_by(session: Session, assessment: Assessment, document: str) -> Told:
    """What a submitted assessment tells, from its frozen document."""
    framework = framework_by_hash(session, assessment.edition_sha256)
    known = framework.edition.facts
    facts = {name: from_json(known[name], data) for name, data in json.loads(document)["facts"].items()}
    path = find_path(framework.edition, assessment.profile, facts)
    return Told(assessment, framework, path.facts, facts_gone(path))


def other_sources(session: Session, target: Assessment) -> list[Told]:
    """The enterprise's submitted assessments that tell something here: those of the same period under other frameworks,
    then that of the nearest earlier period under the same one."""
    query = (
        select(Assessment, Submission.document)
        .join(Submission, Submission.assessment_id == Assessment.id)
        .where(
            Assessment.enterprise_id == target.enterprise_id,
            Assessment.status == "submitted",
            Assessment.period <= target.period,
            Assessment.id != target.id,
        )
        .order_by(Assessment.period.desc(), Assessment.framework)
    )
    found = [(assessment, document) for assessment, document in session.execute(query)]
    same_period = [pair for pair in found if pair[0].period == target.period and pair[0].framework != target.framework]
    earlier = [pair for pair in found if pair[0].period < target.period and pair[0].framework == target.framework]
    return [told_by(session, *pair) for pair in (*same_period, *earlier[:1])]


@dataclass(slots=True)
class Proposal:
    """The facts proposed for one question, how they came, and from where."""

    question: Question
    facts: dict[str, FactValue] = field(default_factory=dict)
    source: str = "carried_over"
    origin: str = ""


def proposals_for(framework: Framework, target: Assessment, sources: Sequence[Told]) -> Iterator[Proposal]:
    """For every question of the target all of whose facts are told: the first source that tells a fact is taken."""
    derivations = load_derivations()
    known: dict[str, tuple[Known, str]] = {}
    for told in sources:
        found = known_facts(framework, told.facts, derivations, told.gone, told.assessment.profile)
        for name, item in found.items():
            is_old = told.assessment.period < target.period
            if not (is_old and framework.edition.facts[name].type in _YEARLY):
                known.setdefault(name, (item, told.origin))
    for question in framework.edition.questions.values():
        if all(name in known for name in question.facts):
            parts = {name: known[name] for name in question.facts}
            derived = any(item.is_derived for item, _ in parts.values())
            yield Proposal(
                question,
                {name: item.value for name, (item, _) in parts.items()},
                "derived" if derived else "carried_over",
                next(iter(parts.values()))[1],
            )


def propose_answers(session: Session, assessment: Assessment, *, actor_id: int | None, clock: Clock) -> int:
    """Put every answer forward that other assessments of the enterprise tell; how many. What stands is left alone."""
    require_draft(assessment)
    framework = framework_by_hash(session, assessment.edition_sha256)
    standing = load_sheet(session, assessment, framework).answers
    count = 0
    for proposal in proposals_for(framework, assessment, other_sources(session, assessment)):
        if proposal.question.id in standing:
            continue
        row = {
            "tenant_id": assessment.tenant_id,
            "assessment_id": assessment.id,
            "question_id": proposal.question.id,
            "facts": {name: to_json(value) for name, value in proposal.facts.items()},
            "state": "proposed",
            "version": 1,
            "source": proposal.source,
            "saved_by": actor_id,
            "saved_at": clock.now(),
        }
        session.add_all([Answer(**row, origin=proposal.origin), AnswerVersion(**row)])
        count += 1
    if count:
        what: dict[str, Any] = {"assessment_id": str(assessment.id), "answers": count}
        record(session, clock, "answers.proposed", actor_id, assessment.tenant_id, **what)
    session.flush()
    return count


def confirm_proposals(
    session: Session,
    assessment: Assessment,
    framework: Framework,
    question_ids: Sequence[str],
    *,
    actor_id: int | None,
    clock: Clock,
    reach: Reach = EVERY_SECTION,
) -> list[Saved]:
    """Confirm what is proposed for these questions, in their order, so that one may bring the next onto the path.

    A question that is not asked, or for which nothing is proposed, is left as it is.
    """
    saved: list[Saved] = []
    for question_id in question_ids:
        sheet = load_sheet(session, assessment, framework)
        if not sheet.is_proposed(question_id):
            continue
        path = find_path(framework.edition, assessment.profile, sheet.facts)
        if not path.steps[question_id].is_asked:
            continue
        stored = sheet.answers[question_id]
        row = session.get_one(Answer, (assessment.id, question_id))
        source = row.source
        saved.append(
            save_answer(
                session,
                assessment,
                framework,
                question_id,
                stored.facts,
                seen_version=stored.version,
                skip=False,
                actor_id=actor_id,
                clock=clock,
                reach=reach,
                source=source,
            )
        )
    return saved


@dataclass(frozen=True, slots=True)
class Origin:
    """Where an answer came from: the framework and its period, and why it follows where it was derived."""

    framework: Text
    period: int
    notes: tuple[Text, ...]


def origins_of(session: Session, assessment: Assessment) -> dict[str, Origin]:
    """The origin of every answer that came from another assessment, by question."""
    query = select(Answer.question_id, Answer.source, Answer.origin).where(
        Answer.assessment_id == assessment.id,
        Answer.origin.is_not(None),
        Answer.source.in_(("carried_over", "derived")),
    )
    found = [(question_id, source, *read_origin(origin)) for question_id, source, origin in session.execute(query)]
    titles = {slug: _title(session, slug) for slug in {slug for _, _, slug, _ in found}}
    framework = framework_by_hash(session, assessment.edition_sha256)
    return {
        question_id: Origin(titles[slug], period, _notes(framework, question_id) if source == "derived" else ())
        for question_id, source, slug, period in found
    }


def _title(session: Session, slug: str) -> Text:
    """The title of an edition, as it is stored."""
    name, _, edition = slug.partition("/")
    return framework_by_hash(session, edition_hash(session, name, edition)).edition.title


def _notes(framework: Framework, question_id: str) -> tuple[Text, ...]:
    derivations = load_derivations()
    facts = framework.edition.questions[question_id].facts
    return tuple(derivations[name].note for name in facts if name in derivations)
