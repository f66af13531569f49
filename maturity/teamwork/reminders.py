"""Reminding people of the questions that wait for them: when somebody presses the button, and by the calendar."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from maturity.accounts.models import User
from maturity.assessments.models import Assessment, SectionAssignment
from maturity.assessments.opened import Opened
from maturity.assessments.service import require_draft
from maturity.clock import LOCAL, Clock
from maturity.jobs.service import ask_for_job
from maturity.people.service import members_of
from maturity.questionnaires.model import Question, Section
from maturity.teamwork.assignments import open_questions
from maturity.teamwork.letters import question_lines, write
from maturity.teamwork.models import Reminder

#: Days before the due day on which the worker reminds, and the hour of the local day.
BEFORE = (3, 0)
AT = time(8)


@dataclass(frozen=True, slots=True)
class Reminded:
    """The ids of those who are written to, who were already today, and for whom nothing is open."""

    told: tuple[int, ...]
    already: tuple[int, ...]
    done: tuple[int, ...]


def remind(
    session: Session,
    opened: Opened,
    people: Iterable[int],
    *,
    actor_id: int | None,
    clock: Clock,
    link: str,
) -> Reminded:
    """Write to each of the people about the open questions of their sections, once a day at most.

    Who has no section, or does not belong to the tenant any more, counts as done.
    """
    require_draft(opened.assessment)
    waiting = _waiting(session, opened)
    members = {member.user_id for member in members_of(session, opened.assessment.tenant_id)}
    told, already, done = [], [], []
    for user_id in dict.fromkeys(people):
        if user_id not in waiting or user_id not in members:
            done.append(user_id)
        elif not _note(session, opened.assessment, user_id, actor_id, clock.today()):
            already.append(user_id)
        else:
            user = session.get_one(User, user_id)
            details = {"period": str(opened.assessment.period), "link": link}
            write(session, user, "reminded", clock, list=question_lines(waiting[user_id], user.locale), **details)
            told.append(user_id)
    return Reminded(tuple(told), tuple(already), tuple(done))


def _waiting(session: Session, opened: Opened) -> Mapping[int, list[tuple[Section, date | None, Sequence[Question]]]]:
    """What waits for whom: sections in order, with their day and their open questions."""
    open_in = open_questions(opened)
    query = select(SectionAssignment).where(SectionAssignment.assessment_id == opened.assessment.id)
    held = list(session.scalars(query))
    found: dict[int, list[tuple[Section, date | None, Sequence[Question]]]] = {}
    for section in opened.framework.edition.sections:
        for item in held:
            if item.section == section.id and section.id in open_in:
                found.setdefault(item.user_id, []).append((section, item.due_on, open_in[section.id]))
    return found


def _note(session: Session, assessment: Assessment, user_id: int, actor_id: int | None, day: date) -> bool:
    """Whether this is the first reminder of the day; two at once cannot both be."""
    key = {"tenant_id": assessment.tenant_id, "assessment_id": assessment.id, "user_id": user_id, "day": day}
    try:
        with session.begin_nested():
            session.add(Reminder(**key, sent_by=actor_id))
    except IntegrityError:
        return False
    return True


def plan_reminders(session: Session, assessment: Assessment, due_on: date, *, clock: Clock, site: str) -> None:
    """Jobs for the days on which the worker reminds of what is due on a day; those that have passed are left out."""
    for days in BEFORE:
        at = datetime.combine(due_on - timedelta(days=days), AT, LOCAL)
        if at.date() >= clock.today():
            payload = {"assessment_id": str(assessment.id), "due_on": due_on.isoformat(), "site": site}
            key = f"{assessment.id}:{due_on.isoformat()}:{days}"
            ask_for_job(session, assessment.tenant_id, "reminder", key, payload, actor_id=None, clock=clock, due_at=at)


def people_due(session: Session, assessment_id: uuid.UUID, due_on: date) -> list[int]:
    """Who has a section due on the day, as it is agreed now."""
    query = select(SectionAssignment.user_id).where(
        SectionAssignment.assessment_id == assessment_id, SectionAssignment.due_on == due_on
    )
    return sorted(set(session.scalars(query)))
