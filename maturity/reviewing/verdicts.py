"""Judging an answer: confirmed, corrected or not evidenced. Written only over the version that the reviewer saw."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from maturity.assessments.answering import InvalidAnswer, parse_answer
from maturity.certification.cases import Actor
from maturity.certification.models import VERDICTS, CaseItem
from maturity.clock import Clock
from maturity.errors import Conflict, Invalid
from maturity.questionnaires.model import Question
from maturity.questionnaires.values import to_json
from maturity.reviewing.drawing import forget_result, write_log
from maturity.reviewing.opened import ReviewFile, hold

LONGEST_NOTE = 2000


class ItemChanged(Conflict):
    """Somebody else judged this answer meanwhile; `current` is what stands now."""

    def __init__(self, current: CaseItem) -> None:
        super().__init__("item_changed_meanwhile")
        self.current = current


class InvalidVerdict(Invalid):
    """What was sent is no verdict; `code` says what is missing: a verdict, a reason, a correction that differs."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a reviewer sent: the verdict, the reason, the fields of the correction as typed, and the version seen."""

    verdict: str
    note: str
    raw: Mapping[str, Any]
    seen_version: int


def judge(
    session: Session, opened: ReviewFile, question_id: str, given: Verdict, actor: Actor, clock: Clock
) -> CaseItem:
    """Keep a verdict. The same one again, after a lost reply, changes nothing and is acknowledged."""
    hold(session, opened)
    item = opened.item(question_id)
    question = opened.framework.edition.questions[question_id]
    note = given.note.strip()
    facts = _checked(opened, question, given, note)
    if (item.verdict, item.facts, item.note) == (given.verdict, facts, note):
        return item
    if item.version != given.seen_version:
        raise ItemChanged(item)
    _write(session, opened, item, given.verdict, facts, note, actor, clock)
    forget_result(opened.case)
    case = opened.case
    write_log(
        session,
        case,
        case.body_id,
        "review.judged",
        actor.user_id,
        clock,
        other=case.client_name,
        question=question_id,
        verdict=given.verdict,
    )
    return item


def _checked(opened: ReviewFile, question: Question, given: Verdict, note: str) -> dict[str, Any] | None:
    """The corrected facts as JSON, of a correction; a refusal names the field."""
    if given.verdict not in VERDICTS:
        raise InvalidVerdict("verdict_missing")
    if len(note) > LONGEST_NOTE:
        raise InvalidVerdict("verdict_note_long")
    facts = _corrected(opened, question, given.raw) if given.verdict == "corrected" else None
    if given.verdict != "confirmed" and not note:
        raise InvalidVerdict("verdict_note")
    return facts


def _corrected(opened: ReviewFile, question: Question, raw: Mapping[str, Any]) -> dict[str, Any]:
    values = parse_answer(opened.framework, question, raw)
    if len(values) < len(question.facts):
        raise InvalidVerdict("correction_incomplete")
    facts = {name: to_json(value) for name, value in values.items()}
    declared = opened.submitted.document["facts"]
    if all(declared.get(name) == value for name, value in facts.items()):
        raise InvalidVerdict("correction_same")
    return facts


def _write(
    session: Session,
    opened: ReviewFile,
    item: CaseItem,
    verdict: str,
    facts: dict[str, Any] | None,
    note: str,
    actor: Actor,
    clock: Clock,
) -> None:
    """The version is in the statement: of two reviewers who saw the same one, the second is told of the first."""
    statement = (
        update(CaseItem)
        .where(
            CaseItem.case_id == item.case_id,
            CaseItem.client_id == opened.case.client_id,
            CaseItem.question_id == item.question_id,
            CaseItem.version == item.version,
        )
        .values(
            verdict=verdict,
            facts=facts,
            note=note,
            version=item.version + 1,
            judged_by=actor.user_id,
            judged_name=actor.name,
            judged_at=clock.now(),
        )
        .execution_options(synchronize_session=False)
    )
    written: Any = session.execute(statement)
    session.refresh(item)
    if written.rowcount != 1:
        raise ItemChanged(item)


__all__ = ["InvalidAnswer", "InvalidVerdict", "ItemChanged", "Verdict", "judge"]
