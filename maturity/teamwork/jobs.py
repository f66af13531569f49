"""The worker's part: the letter about mentions, and the reminders of the calendar. Both may be tried again unharmed."""

from __future__ import annotations

import uuid
from datetime import date

from flask import Flask, url_for
from sqlalchemy.orm import Session

from maturity.accounts.models import User
from maturity.assessments.answering import evaluate_assessment, load_sheet
from maturity.assessments.opened import Opened
from maturity.assessments.reach import EVERY_SECTION
from maturity.assessments.service import get_assessment
from maturity.clock import Clock
from maturity.editions.service import framework_by_hash
from maturity.extensions import db
from maturity.jobs.models import Job
from maturity.jobs.worker import Progress, begin_writing
from maturity.people.service import members_of
from maturity.teamwork.comments import untold_mentions
from maturity.teamwork.letters import somebody, write
from maturity.teamwork.reminders import people_due, remind


def tell_mentions(app: Flask, job: Job, _progress: Progress) -> None:
    """One letter with every comment that names the person and that no letter has told of yet."""
    session, clock, user_id, site = _begin(app, job)
    with app.test_request_context(base_url=site):
        if user_id in {member.user_id for member in members_of(session, job.tenant_id)}:
            _write_digest(session, session.get_one(User, user_id), clock)
    session.flush()


def _begin(app: Flask, job: Job) -> tuple[Session, Clock, int, str]:
    session = db.session()
    user_id, site = int(job.payload.get("user_id", 0)), str(job.payload["site"])
    begin_writing(session)
    return session, app.extensions["clock"], user_id, site


def _write_digest(session: Session, user: User, clock: Clock) -> None:
    parts, link = [], ""
    for mention, comment, assessment, author in untold_mentions(session, user.id):
        mention.told_at = clock.now()
        framework = framework_by_hash(session, assessment.edition_sha256)
        wording = framework.edition.questions[comment.question_id].wording.to(user.locale)
        link = url_for(
            "teamwork.thread",
            tenant_id=assessment.tenant_id,
            assessment_id=assessment.id,
            question_id=comment.question_id,
            _external=True,
        )
        parts.append(f"{wording}\n{somebody(author, user.locale)}: {comment.body}\n{link}")
    if parts:
        write(session, user, "mentioned", clock, list="\n\n".join(parts), link=link)


def remind_by_calendar(app: Flask, job: Job, _progress: Progress) -> None:
    """Write to those whose sections are due on the day of the job, if it is still agreed and anything is open."""
    session, clock, _user_id, site = _begin(app, job)
    assessment = get_assessment(session, uuid.UUID(job.payload["assessment_id"]))
    if not assessment.is_draft:
        return
    framework = framework_by_hash(session, assessment.edition_sha256)
    sheet = load_sheet(session, assessment, framework)
    evaluation = evaluate_assessment(framework, assessment, sheet.facts)
    opened = Opened(assessment, framework, sheet, evaluation, EVERY_SECTION)
    people = people_due(session, assessment.id, date.fromisoformat(job.payload["due_on"]))
    with app.test_request_context(base_url=site):
        link = url_for(
            "assessments.resume", tenant_id=assessment.tenant_id, assessment_id=assessment.id, _external=True
        )
        remind(session, opened, people, actor_id=None, clock=clock, link=link)
