"""Saving a whole page as one form, which carries every field of the page, touched or not.

A field that still holds what its editor was shown is not an answer of theirs: sent back, it must neither overwrite
what a colleague saved meanwhile nor quarrel with it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from maturity.adaptive.framework import Framework
from maturity.assessments.answering import (
    AnswerConflict,
    InvalidAnswer,
    QuestionNotAsked,
    Raw,
    StoredAnswer,
    blank_answer,
    parse_answer,
    save_answer,
)
from maturity.assessments.models import AnswerVersion, Assessment
from maturity.assessments.reach import EVERY_SECTION, Reach
from maturity.clock import Clock
from maturity.errors import NotFound
from maturity.questionnaires.model import Text
from maturity.questionnaires.values import to_json


@dataclass(frozen=True, slots=True)
class Sent:
    """One question as the form sent it."""

    question_id: str
    raw: Raw
    seen_version: int
    skip: bool


@dataclass(slots=True)
class Refused:
    """What of the page was not saved, and why; everything else was."""

    invalid: dict[str, Text] = field(default_factory=dict)  # fact id -> message
    conflicts: dict[str, StoredAnswer] = field(default_factory=dict)  # question id -> what stands now
    not_asked: list[str] = field(default_factory=list)  # questions that left the path meanwhile
    sent: dict[str, Sent] = field(default_factory=dict)  # the refused input by question id, to be shown again


def save_page(
    session: Session,
    assessment: Assessment,
    framework: Framework,
    sent: Sequence[Sent],
    *,
    actor_id: int | None,
    clock: Clock,
    reach: Reach = EVERY_SECTION,
) -> Refused:
    """Save what was changed on a page, each answer by itself; `Conflict` when the assessment is submitted.

    A question outside the reach is `NotFound`, and nothing of the page is saved then.
    """
    for item in sent:
        if not reach.holds(framework.edition.questions[item.question_id].section):
            raise NotFound("question", item.question_id)
    refused = Refused()
    for item in sent:
        skip = _skips(session, assessment, framework, item)
        if skip is None:
            continue
        try:
            save_answer(
                session,
                assessment,
                framework,
                item.question_id,
                item.raw,
                seen_version=item.seen_version,
                skip=skip,
                actor_id=actor_id,
                clock=clock,
                reach=reach,
            )
        except InvalidAnswer as error:
            refused.invalid |= error.problems
            refused.sent[item.question_id] = item
        except AnswerConflict as error:
            refused.conflicts[item.question_id] = error.current
            refused.sent[item.question_id] = item
        except QuestionNotAsked:
            refused.not_asked.append(item.question_id)
    return refused


def _skips(session: Session, assessment: Assessment, framework: Framework, item: Sent) -> bool | None:
    """Whether the question is skipped, None where its editor changed nothing.

    What is newly typed counts more than a tick left from an earlier visit.
    """
    seen = _seen(session, assessment, item)
    try:
        values = parse_answer(framework, framework.edition.questions[item.question_id], item.raw)
    except InvalidAnswer:
        return False
    typed = {fact_id: to_json(value) for fact_id, value in values.items()}
    changed = typed != seen.facts
    skip = item.skip and not (changed and typed)
    return None if not changed and skip == (seen.state == "skipped") else skip


def _seen(session: Session, assessment: Assessment, item: Sent) -> StoredAnswer:
    """The answer that the page showed when it was loaded."""
    columns = (
        AnswerVersion.question_id,
        AnswerVersion.facts,
        AnswerVersion.state,
        AnswerVersion.version,
        AnswerVersion.saved_by,
        AnswerVersion.saved_at,
    )
    query = select(*columns).where(
        AnswerVersion.assessment_id == assessment.id,
        AnswerVersion.question_id == item.question_id,
        AnswerVersion.version == item.seen_version,
    )
    row = session.execute(query).one_or_none()
    return StoredAnswer(*row) if row else blank_answer(item.question_id)
