"""Saving one answer: parsed, checked against the version the editor saw, kept with its history, and evaluated."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple

from sqlalchemy import Text, bindparam, cast, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from maturity.adaptive.evaluation import Evaluation, evaluate, evaluate_path, period_end
from maturity.adaptive.framework import Framework
from maturity.assessments.models import Answer, AnswerVersion, Assessment
from maturity.assessments.reach import EVERY_SECTION, Reach
from maturity.assessments.service import require_draft
from maturity.clock import Clock
from maturity.db import KEPT
from maturity.errors import Conflict, Invalid, NotFound
from maturity.questionnaires.model import FactValue, Question
from maturity.questionnaires.path import Path, change_path, find_path
from maturity.questionnaires.values import InvalidValue, from_json, parse, to_json

Raw = Mapping[str, Any]  # fact id -> what was typed


class AnswerConflict(Conflict):
    """Somebody else saved this answer meanwhile; `current` is what stands now."""

    def __init__(self, current: StoredAnswer) -> None:
        super().__init__("answer_changed_meanwhile")
        self.current = current


class InvalidAnswer(Invalid):
    """Some of the input cannot be used; `problems` gives the message of each field by fact id."""

    def __init__(self, problems: list[InvalidValue]) -> None:
        super().__init__("answer_invalid")
        self.found = tuple(problems)
        self.problems = {problem.fact.id: problem.text() for problem in problems}


class QuestionNotAsked(Conflict):
    """The question is not on the path any more; nothing was saved."""

    def __init__(self, question_id: str) -> None:
        super().__init__("question_not_asked")
        self.question_id = question_id


class StoredAnswer(NamedTuple):
    """An answer as stored: JSON facts, state, version, who and when. A tuple, because a sheet has so many."""

    question_id: str
    facts: Mapping[str, Any]
    state: str
    version: int
    saved_by: int | None
    saved_at: datetime | None


@dataclass(frozen=True, slots=True)
class Sheet:
    """All stored answers of an assessment with their fact values; what is off the path is still in here."""

    answers: Mapping[str, StoredAnswer]
    facts: Mapping[str, FactValue]
    proposed: Mapping[str, FactValue]  # facts that came from elsewhere and count only once they are confirmed

    def is_proposed(self, question_id: str) -> bool:
        stored = self.answers.get(question_id)
        return stored is not None and stored.state == "proposed"

    def version(self, question_id: str) -> int:
        stored = self.answers.get(question_id)
        return stored.version if stored else 0

    def is_skipped(self, question_id: str) -> bool:
        stored = self.answers.get(question_id)
        return stored is not None and stored.state == "skipped"


@dataclass(frozen=True, slots=True)
class Saved:
    """What a save led to: the new answer, the path before it and the assessment after it."""

    answer: StoredAnswer
    before: Path
    after: Evaluation

    def moved(self) -> tuple[str, ...]:
        """The questions whose standing this save changed."""
        steps = self.before.steps
        return tuple(name for name, step in self.after.path.steps.items() if step.standing != steps[name].standing)


def load_sheet(session: Session, assessment: Assessment, framework: Framework) -> Sheet:
    """Read every stored answer in one query, as columns: sixty entities would cost more than the scoring.

    Who saved them and when is left out; `reload_answer` reads it where it is shown.
    """
    answers: dict[str, StoredAnswer] = {}
    values: dict[str, FactValue] = {}
    proposed: dict[str, FactValue] = {}
    for question_id, stored, state, version in session.execute(_SHEET, {"assessment_id": assessment.id}):
        facts, known = _read(framework, stored)
        answers[question_id] = StoredAnswer(question_id, facts, state, version, None, None)
        if state == "proposed":
            proposed |= known
        else:
            values |= known
    return Sheet(answers, values, proposed)


#: Made once: it is the statement of every save.
_SHEET = (
    select(Answer.question_id, cast(Answer.facts, Text), Answer.state, Answer.version)
    .where(Answer.assessment_id == bindparam("assessment_id"))
    .execution_options(**{KEPT: True})
)


@lru_cache(maxsize=16384)
def _read(framework: Framework, stored: str) -> tuple[Mapping[str, Any], Mapping[str, FactValue]]:
    """A stored answer as JSON facts and as values. Kept: from one save to the next all answers but one are the same."""
    facts: dict[str, Any] = json.loads(stored)
    known = framework.edition.facts
    return facts, {name: from_json(known[name], data) for name, data in facts.items() if name in known}


def evaluate_assessment(framework: Framework, assessment: Assessment, facts: Mapping[str, FactValue]) -> Evaluation:
    """The evaluation of an assessment's answers under its frozen profile."""
    return evaluate(framework, assessment.profile, facts, period_end(assessment.period))


def save_answer(
    session: Session,
    assessment: Assessment,
    framework: Framework,
    question_id: str,
    raw: Raw,
    *,
    seen_version: int,
    skip: bool,
    actor_id: int | None,
    clock: Clock,
    reach: Reach = EVERY_SECTION,
    source: str = "typed",
) -> Saved:
    """Save one answer and evaluate the assessment with it.

    `raw` may hold some of the question's facts only; an incomplete answer is kept and does not count as answered.
    Raises `InvalidAnswer`, `AnswerConflict`, `QuestionNotAsked`, `NotFound` for a question outside the reach, or
    `Conflict` when the assessment is submitted. `source` is one of `SOURCES`.
    """
    require_draft(assessment)
    question = framework.edition.questions.get(question_id)
    if question is None or not reach.holds(question.section):
        raise NotFound("question", question_id)
    sheet = load_sheet(session, assessment, framework)
    before = find_path(framework.edition, assessment.profile, sheet.facts)
    if not before.steps[question_id].is_asked:
        raise QuestionNotAsked(question_id)
    values = {} if skip else parse_answer(framework, question, raw)
    data = {fact_id: to_json(value) for fact_id, value in values.items()}
    state = "skipped" if skip else "answered" if len(values) == len(question.facts) else "empty"
    stored = sheet.answers.get(question_id) or blank_answer(question_id)
    if stored.facts == data and stored.state == state:
        # the same save again after a lost reply, or nothing over nothing
        stored = reload_answer(session, assessment, question_id)
        return Saved(stored, before, evaluate_assessment(framework, assessment, sheet.facts))
    if stored.version != seen_version:
        raise AnswerConflict(reload_answer(session, assessment, question_id))
    answer = StoredAnswer(question_id, data, state, seen_version + 1, actor_id, clock.now())
    _write(session, assessment, answer, source)
    facts = {name: value for name, value in sheet.facts.items() if name not in question.facts} | values
    path = change_path(framework.edition, assessment.profile, before, facts, question_id)
    return Saved(answer, before, evaluate_path(framework, assessment.profile, path, period_end(assessment.period)))


def blank_answer(question_id: str) -> StoredAnswer:
    """What stands where nobody has saved anything."""
    return StoredAnswer(question_id, {}, "empty", 0, None, None)


def parse_answer(framework: Framework, question: Question, raw: Raw) -> dict[str, FactValue]:
    """The values typed for a question; every field's problem is raised at once."""
    values: dict[str, FactValue] = {}
    problems = []
    for fact_id in question.facts:
        try:
            value = parse(framework.edition.facts[fact_id], raw.get(fact_id))
        except InvalidValue as error:
            problems.append(error)
            continue
        if value is not None:
            values[fact_id] = value
    if problems:
        raise InvalidAnswer(problems)
    return values


def _write(session: Session, assessment: Assessment, answer: StoredAnswer, source: str) -> None:
    """Write the answer only over the version the editor saw, and append it to the history.

    The version is in the statement, not only in our reading: two savers that read the same version cannot both win.
    """
    key = {"assessment_id": assessment.id, "question_id": answer.question_id}
    row = {
        "facts": dict(answer.facts),
        "state": answer.state,
        "version": answer.version,
        "source": source,
        "saved_by": answer.saved_by,
        "saved_at": answer.saved_at,
    }
    written: Any
    if answer.version == 1:
        first = _FIRST[session.get_bind(Answer).dialect.name]
        written = session.execute(first, {"tenant_id": assessment.tenant_id, **key, **row})
    else:
        seen = {"of_assessment": assessment.id, "of_question": answer.question_id, "seen": answer.version - 1}
        written = session.execute(_CHANGE, seen | {f"new_{name}": value for name, value in row.items()})
    if written.rowcount != 1:
        raise AnswerConflict(reload_answer(session, assessment, answer.question_id))
    session.add(AnswerVersion(tenant_id=assessment.tenant_id, **key, **row))
    session.flush()


def _first(insert: Any) -> Any:
    """The first of two savers wins, without a savepoint around every first answer."""
    # A plain insert without the ORM's additions, and psycopg is asked how many rows it wrote.
    options = {KEPT: True, "dml_strategy": "raw", "preserve_rowcount": True}
    return insert(Answer).on_conflict_do_nothing().execution_options(**options)


_FIRST: Mapping[str, Any] = {"sqlite": _first(sqlite.insert), "postgresql": _first(postgresql.insert)}
_CHANGE = (
    update(Answer)
    .where(
        Answer.assessment_id == bindparam("of_assessment"),
        Answer.question_id == bindparam("of_question"),
        Answer.version == bindparam("seen"),
    )
    .values(
        {name: bindparam(f"new_{name}") for name in ("facts", "state", "version", "source", "saved_by", "saved_at")}
    )
    .execution_options(**{KEPT: True, "synchronize_session": False})
)


def reload_answer(session: Session, assessment: Assessment, question_id: str) -> StoredAnswer:
    """What stands in the database now."""
    columns = (Answer.question_id, Answer.facts, Answer.state, Answer.version, Answer.saved_by, Answer.saved_at)
    query = select(*columns).where(Answer.assessment_id == assessment.id, Answer.question_id == question_id)
    row = session.execute(query).one_or_none()
    return StoredAnswer(*row) if row else blank_answer(question_id)


def answer_history(session: Session, assessment_id: uuid.UUID, question_id: str) -> list[AnswerVersion]:
    """Every version of an answer, newest first."""
    query = select(AnswerVersion).where(
        AnswerVersion.assessment_id == assessment_id, AnswerVersion.question_id == question_id
    )
    return list(session.scalars(query.order_by(AnswerVersion.version.desc())))


class Given(NamedTuple):
    """One answer among several that are saved together, and the version its editor saw."""

    question_id: str
    raw: Raw
    seen_version: int


def save_answers(
    session: Session,
    assessment: Assessment,
    framework: Framework,
    given: Sequence[Given],
    *,
    actor_id: int | None,
    clock: Clock,
    reach: Reach = EVERY_SECTION,
    source: str = "excel",
) -> Path:
    """Save many answers by the rules of `save_answer`, all of them or none; the path they lead to.

    A question need not be asked yet, if the others bring it onto the path. What does not differ is not written.
    """
    require_draft(assessment)
    for item in given:
        question = framework.edition.questions.get(item.question_id)
        if question is None or not reach.holds(question.section):
            raise NotFound("question", item.question_id)
    sheet = load_sheet(session, assessment, framework)
    values = _parse_all(framework, given)
    facts = {**sheet.facts}
    for question_id, parsed in values.items():
        for fact_id in framework.edition.questions[question_id].facts:
            facts.pop(fact_id, None)
        facts |= parsed
    path = find_path(framework.edition, assessment.profile, facts)
    written = []
    for item in given:
        if not path.steps[item.question_id].is_asked:
            raise QuestionNotAsked(item.question_id)
        answer = _next_answer(framework, sheet, item, values[item.question_id], actor_id, clock)
        if answer is None:
            continue
        if sheet.version(item.question_id) != item.seen_version:
            raise AnswerConflict(reload_answer(session, assessment, item.question_id))
        written.append(answer)
    _write_all(session, assessment, written, source)
    return path


def _parse_all(framework: Framework, given: Sequence[Given]) -> dict[str, dict[str, FactValue]]:
    values: dict[str, dict[str, FactValue]] = {}
    problems: list[InvalidValue] = []
    for item in given:
        try:
            values[item.question_id] = parse_answer(framework, framework.edition.questions[item.question_id], item.raw)
        except InvalidAnswer as error:
            problems += error.found
    if problems:
        raise InvalidAnswer(problems)
    return values


def _next_answer(
    framework: Framework,
    sheet: Sheet,
    item: Given,
    values: Mapping[str, FactValue],
    actor_id: int | None,
    clock: Clock,
) -> StoredAnswer | None:
    """What is to be written, None where the same stands already."""
    data = {fact_id: to_json(value) for fact_id, value in values.items()}
    state = "answered" if len(values) == len(framework.edition.questions[item.question_id].facts) else "empty"
    stored = sheet.answers.get(item.question_id) or blank_answer(item.question_id)
    if stored.facts == data and stored.state == state:
        return None
    return StoredAnswer(item.question_id, data, state, item.seen_version + 1, actor_id, clock.now())


def _write_all(session: Session, assessment: Assessment, answers: Sequence[StoredAnswer], source: str) -> None:
    """As `_write`, in three statements however many answers there are."""
    key = {"tenant_id": assessment.tenant_id, "assessment_id": assessment.id}
    rows = [{**key, **answer._asdict(), "facts": dict(answer.facts), "source": source} for answer in answers]
    first = [row for row in rows if row["version"] == 1]
    again = [row for row in rows if row["version"] > 1]
    if first:
        written: Any = session.execute(_FIRST[session.get_bind(Answer).dialect.name], first)
        _require_all_written(session, assessment, first, written.rowcount)
    if again:
        names = ("facts", "state", "version", "source", "saved_by", "saved_at")
        changed = [
            {"of_assessment": assessment.id, "of_question": row["question_id"], "seen": row["version"] - 1}
            | {f"new_{name}": row[name] for name in names}
            for row in again
        ]
        _require_all_written(session, assessment, again, _change_all(session, changed))
    if rows:
        session.execute(_HISTORY, rows)
        session.flush()


def _change_all(session: Session, changed: Sequence[Mapping[str, Any]]) -> int:
    """One by one: an update of many rows at once does not say how many it found."""
    total = 0
    for item in changed:
        written: Any = session.execute(_CHANGE, dict(item))
        total += written.rowcount
    return total


def _require_all_written(
    session: Session, assessment: Assessment, rows: Sequence[Mapping[str, Any]], count: int
) -> None:
    """Somebody who was faster by a moment is found by the version that stands there now."""
    if count == len(rows):
        return
    for row in rows:
        current = reload_answer(session, assessment, row["question_id"])
        if current.version != row["version"] or current.facts != row["facts"]:
            raise AnswerConflict(current)
    raise AnswerConflict(reload_answer(session, assessment, rows[0]["question_id"]))


_HISTORY = insert(AnswerVersion).execution_options(dml_strategy="raw")
