"""Who answers which section by when: giving, taking back, and the board that shows it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from maturity.accounts.models import User
from maturity.assessments.models import Assessment, SectionAssignment
from maturity.assessments.opened import Opened
from maturity.assessments.pages import SectionProgress, progress_of
from maturity.assessments.service import require_draft
from maturity.audit.service import record
from maturity.audit.vocabulary import Personal, subject_of_user
from maturity.clock import Clock
from maturity.errors import Invalid, NotFound
from maturity.people.service import Member, members_of
from maturity.questionnaires.model import Question, Section
from maturity.teamwork.letters import section_lines, somebody, write
from maturity.teamwork.models import Reminder
from maturity.teamwork.team import those_who_answer


@dataclass(frozen=True, slots=True)
class Share:
    """A section given to a person. `name` is there after the person has left, too."""

    section: str
    user_id: int
    name: str
    due_on: date | None
    is_overdue: bool


@dataclass(frozen=True, slots=True)
class Row:
    """A section with its progress and those who answer it."""

    progress: SectionProgress
    shares: tuple[Share, ...]


@dataclass(frozen=True, slots=True)
class Load:
    """A person with what is still to be answered, the nearest day, and when they were last reminded."""

    user_id: int
    name: str
    sections: int
    open_questions: int
    due_on: date | None
    is_overdue: bool
    reminded_on: date | None


@dataclass(frozen=True, slots=True)
class Board:
    rows: tuple[Row, ...]
    loads: tuple[Load, ...]
    candidates: tuple[Member, ...]

    @property
    def is_empty(self) -> bool:
        return not any(row.shares for row in self.rows)

    @property
    def overdue(self) -> tuple[Load, ...]:
        return tuple(load for load in self.loads if load.is_overdue)


def board_of(session: Session, opened: Opened, today: date) -> Board:
    open_in = open_questions(opened)
    shares = _shares(session, opened, open_in, today)
    query = (
        select(Reminder.user_id, func.max(Reminder.day).label("day"))
        .where(Reminder.assessment_id == opened.assessment.id)
        .group_by(Reminder.user_id)
    )
    reminded = {row.user_id: row.day for row in session.execute(query)}
    rows = tuple(
        Row(item, tuple(share for share in shares if share.section == item.section.id))
        for item in progress_of(opened.framework, opened.evaluation).sections
    )
    candidates = tuple(those_who_answer(members_of(session, opened.assessment.tenant_id)))
    return Board(rows, _loads(shares, open_in, reminded), candidates)


def open_questions(opened: Opened) -> Mapping[str, Sequence[Question]]:
    """The unanswered questions of each section that has any."""
    found: dict[str, list[Question]] = {}
    for question in opened.evaluation.path.unanswered():
        found.setdefault(question.section, []).append(question)
    return found


def _shares(session: Session, opened: Opened, open_in: Mapping[str, Any], today: date) -> list[Share]:
    query = (
        select(SectionAssignment, User.name)
        .outerjoin(User, User.id == SectionAssignment.user_id)
        .where(SectionAssignment.assessment_id == opened.assessment.id)
        .order_by(User.name, SectionAssignment.user_id)
    )
    return [
        Share(
            item.section,
            item.user_id,
            name or "",
            item.due_on,
            item.due_on is not None and item.due_on < today and item.section in open_in,
        )
        for item, name in session.execute(query)
    ]


def _loads(
    shares: Sequence[Share], open_in: Mapping[str, Sequence[Question]], reminded: Mapping[int, date]
) -> tuple[Load, ...]:
    loads = []
    for user_id in dict.fromkeys(share.user_id for share in shares):
        own = [share for share in shares if share.user_id == user_id]
        waiting = [share for share in own if share.section in open_in]
        loads.append(
            Load(
                user_id=user_id,
                name=own[0].name,
                sections=len(own),
                open_questions=sum(len(open_in[share.section]) for share in waiting),
                due_on=min((share.due_on for share in waiting if share.due_on), default=None),
                is_overdue=any(share.is_overdue for share in own),
                reminded_on=reminded.get(user_id),
            )
        )
    return tuple(loads)


def assign_sections(
    session: Session,
    opened: Opened,
    sections: Iterable[str],
    people: Iterable[int],
    due_on: date | None,
    *,
    actor: tuple[int, str],
    clock: Clock,
    link: str,
) -> None:
    """Give every section to every one of the people, and write to those who did not have it.

    Raises `Invalid` for a day that has passed, `NotFound` for a section that asks nothing or a person who cannot
    answer. Who has the section already gets the new day.
    """
    assessment = opened.assessment
    require_draft(assessment)
    if due_on is not None and due_on < clock.today():
        raise Invalid("due_day_has_passed")
    asked = {item.section.id: item.section for item in progress_of(opened.framework, opened.evaluation).sections}
    able = {member.user_id: member for member in those_who_answer(members_of(session, assessment.tenant_id))}
    wanted, chosen = list(dict.fromkeys(sections)), list(dict.fromkeys(people))
    if not set(wanted) <= set(asked):
        raise NotFound("question")
    if not set(chosen) <= set(able):
        raise NotFound("member")
    for user_id in chosen:
        given = _give(session, assessment, [asked[name] for name in wanted], able[user_id], due_on, actor[0], clock)
        if given and user_id != actor[0]:
            _tell(session, assessment, user_id, given, due_on, actor[1], link, clock)


def _give(
    session: Session,
    assessment: Assessment,
    sections: Sequence[Section],
    member: Member,
    due_on: date | None,
    actor_id: int,
    clock: Clock,
) -> list[Section]:
    """The sections that the person did not have before."""
    key = {"tenant_id": assessment.tenant_id, "assessment_id": assessment.id, "user_id": member.user_id}
    given = []
    for section in sections:
        held = session.get(SectionAssignment, (assessment.id, section.id, member.user_id))
        if held is not None:
            held.due_on = due_on
            continue
        row = {"section": section.id, "due_on": due_on, "assigned_by": actor_id, "assigned_at": clock.now()}
        session.add(SectionAssignment(**key, **row))
        details: dict[str, Any] = {
            "assessment_id": str(assessment.id),
            "section": f"{section.title.zh} {section.title.en}",
            "user_id": str(member.user_id),
            "name": Personal(subject_of_user(member.user_id), member.name),
        }
        record(session, clock, "section.assigned", actor_id, assessment.tenant_id, **details)
        given.append(section)
    session.flush()
    return given


def _tell(
    session: Session,
    assessment: Assessment,
    user_id: int,
    given: Sequence[Section],
    due_on: date | None,
    who: str,
    link: str,
    clock: Clock,
) -> None:
    user = session.get_one(User, user_id)
    details = {"period": str(assessment.period), "who": somebody(who, user.locale), "link": link}
    write(session, user, "assigned", clock, list=section_lines(given, due_on, user.locale), **details)


def take_back(session: Session, assessment: Assessment, section: str, user_id: int) -> None:
    """The person no longer answers the section; what they answered stays."""
    require_draft(assessment)
    held = session.get(SectionAssignment, (assessment.id, section, user_id))
    if held is None:
        raise NotFound("assignment")
    session.delete(held)
    session.flush()
