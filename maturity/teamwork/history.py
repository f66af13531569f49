"""How the answers of an assessment became what they are: each save with who, when, from, to, and how it came."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, aliased

from maturity.accounts.models import User
from maturity.assessments.models import AnswerVersion
from maturity.assessments.opened import Opened

PAGE = 50


@dataclass(frozen=True, slots=True)
class State:
    """An answer at one time: JSON facts, and whether it was answered, skipped or empty."""

    facts: Mapping[str, Any]
    state: str


NOTHING = State({}, "empty")


@dataclass(frozen=True, slots=True)
class Change:
    question_id: str
    saved_by: int | None
    who: str | None
    at: datetime
    before: State
    after: State
    source: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """A part of the history: of one question, one section, one person, or all of it."""

    question_id: str | None = None
    section: str | None = None
    user_id: int | None = None
    page: int = 1


@dataclass(frozen=True, slots=True)
class History:
    """One page of changes, the newest first."""

    changes: tuple[Change, ...]
    page: int
    pages: int
    total: int


def history_of(session: Session, opened: Opened, wanted: Wanted) -> History:
    terms = _terms(opened, wanted)
    total = session.scalar(select(func.count(AnswerVersion.version)).where(*terms)) or 0
    pages = max(1, -(-total // PAGE))
    page = min(max(wanted.page, 1), pages)
    earlier = aliased(AnswerVersion)
    columns = (AnswerVersion, earlier.facts, earlier.state, User.name)
    query = (
        select(*columns)
        .outerjoin(
            earlier,
            (earlier.assessment_id == AnswerVersion.assessment_id)
            & (earlier.question_id == AnswerVersion.question_id)
            & (earlier.version == AnswerVersion.version - 1),
        )
        .outerjoin(User, User.id == AnswerVersion.saved_by)
        .where(*terms)
        .order_by(AnswerVersion.saved_at.desc(), AnswerVersion.question_id, AnswerVersion.version.desc())
        .limit(PAGE)
        .offset((page - 1) * PAGE)
    )
    changes = tuple(_change(*row) for row in session.execute(query))
    return History(changes, page, pages, total)


def _change(saved: AnswerVersion, facts: Mapping[str, Any] | None, state: str | None, who: str | None) -> Change:
    before = State(facts or {}, state) if state is not None else NOTHING
    after = State(saved.facts, saved.state)
    return Change(saved.question_id, saved.saved_by, who, saved.saved_at, before, after, saved.source)


def _terms(opened: Opened, wanted: Wanted) -> list[Any]:
    questions = opened.framework.edition.questions.values()
    terms: list[Any] = [AnswerVersion.assessment_id == opened.assessment.id]
    if wanted.question_id is not None:
        terms.append(AnswerVersion.question_id == wanted.question_id)
    if wanted.section is not None or not opened.reach.is_everything:
        shown = [
            question.id
            for question in questions
            if opened.reach.holds(question.section) and wanted.section in (None, question.section)
        ]
        terms.append(AnswerVersion.question_id.in_(shown))
    if wanted.user_id is not None:
        terms.append(AnswerVersion.saved_by == wanted.user_id)
    return terms


def savers_of(session: Session, opened: Opened) -> list[tuple[int, str]]:
    """Who has saved anything, by name: what the history can be filtered by."""
    query = (
        select(User.id, User.name)
        .where(User.id.in_(select(AnswerVersion.saved_by).where(*_terms(opened, Wanted()))))
        .order_by(User.name, User.id)
    )
    return [row._tuple() for row in session.execute(query)]
