"""Starting, correcting and finding assessments."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from maturity.assessments.models import FRAMEWORK, Answer, AnswerVersion, Assessment, SectionAssignment, Submission
from maturity.audit.service import record
from maturity.clock import Clock
from maturity.db import KEPT
from maturity.editions.service import current_edition
from maturity.errors import Conflict, Invalid, NotFound

OLDEST_PERIOD = 2020


def periods_on(today: date) -> tuple[int, ...]:
    """The reporting periods that can be started: the current year and the two complete ones before it.

    >>> periods_on(date(2026, 11, 24))
    (2025, 2026, 2024)
    """
    return (today.year - 1, today.year, today.year - 2)


def start_assessment(
    session: Session,
    enterprise_id: uuid.UUID,
    tenant_id: uuid.UUID,
    profile: Mapping[str, Any],
    period: int,
    *,
    actor_id: int | None,
    clock: Clock,
    framework: str = FRAMEWORK,
) -> Assessment:
    """Open a draft for the period under the newest edition of the framework, its profile frozen now.

    A period has one line of revisions in each framework: where one exists already, `Conflict` says so.
    """
    if period not in periods_on(clock.today()):
        raise Invalid("period_not_open")
    if latest_revision(session, enterprise_id, period, framework) is not None:
        raise Conflict("period_already_started")
    assessment = Assessment(
        tenant_id=tenant_id,
        enterprise_id=enterprise_id,
        framework=framework,
        edition_sha256=current_edition(session, framework),
        period=period,
        profile=dict(profile),
        status="draft",
        started_by=actor_id,
        started_at=clock.now(),
    )
    _open(session, assessment, "period_already_started")
    record(session, clock, "assessment.started", actor_id, tenant_id, assessment_id=str(assessment.id), period=period)
    return assessment


def _open(session: Session, assessment: Assessment, otherwise: str) -> None:
    """Insert the draft; where a colleague was first by a moment, the database refuses it and `Conflict` says so."""
    enterprise_id, period, revision = assessment.enterprise_id, assessment.period, assessment.revision or 1
    framework = assessment.framework
    try:
        with session.begin_nested():
            session.add(assessment)
    except IntegrityError as error:
        latest = latest_revision(session, enterprise_id, period, framework)
        if latest is None or latest.revision < revision:
            raise
        raise Conflict(otherwise) from error


def latest_revision(
    session: Session, enterprise_id: uuid.UUID, period: int, framework: str = FRAMEWORK
) -> Assessment | None:
    query = select(Assessment).where(
        Assessment.enterprise_id == enterprise_id, Assessment.framework == framework, Assessment.period == period
    )
    return session.scalar(query.order_by(Assessment.revision.desc()).limit(1))


def assessments_of(session: Session, enterprise_id: uuid.UUID) -> list[Assessment]:
    """Every assessment of the enterprise, newest period and revision first."""
    query = select(Assessment).where(Assessment.enterprise_id == enterprise_id)
    return list(session.scalars(query.order_by(Assessment.period.desc(), Assessment.revision.desc())))


def get_assessment(session: Session, assessment_id: uuid.UUID, *, hold: str = "") -> Assessment:
    """The assessment if the session's tenant has it, else `NotFound`.

    `hold` keeps its status until the transaction ends: "shared" beside other savers, "alone" to submit or revise. An
    answer can then never be acknowledged after the submission it is not in. SQLite has one writer anyway.
    """
    assessment = session.scalar(_ASSESSMENT[hold], {"assessment_id": assessment_id})
    if assessment is None:
        raise NotFound("assessment", str(assessment_id))
    return assessment


_ONE = select(Assessment).where(Assessment.id == bindparam("assessment_id")).execution_options(**{KEPT: True})
_ASSESSMENT = {"": _ONE, "shared": _ONE.with_for_update(read=True), "alone": _ONE.with_for_update()}


def require_draft(assessment: Assessment) -> None:
    """`Conflict` where nothing can be changed any more: submitted, or replaced by a newer revision."""
    if assessment.status == "superseded":
        raise Conflict("assessment_revised_already")
    if not assessment.is_draft:
        raise Conflict("assessment_submitted")


def revise_assessment(
    session: Session, assessment: Assessment, profile: Mapping[str, Any], *, actor_id: int | None, clock: Clock
) -> Assessment:
    """Open a new revision with the same answers and today's profile; the old one is kept as it is.

    A submitted assessment is corrected this way and stands until the correction is submitted; a draft is moved to a
    changed profile and closed. Only the latest can be revised.
    """
    latest = latest_revision(session, assessment.enterprise_id, assessment.period, assessment.framework)
    if latest is None or latest.id != assessment.id:
        raise Conflict("assessment_revised_already")
    revision = Assessment(
        tenant_id=assessment.tenant_id,
        enterprise_id=assessment.enterprise_id,
        framework=assessment.framework,
        edition_sha256=assessment.edition_sha256,
        period=assessment.period,
        revision=assessment.revision + 1,
        previous_id=assessment.id,
        profile=dict(profile),
        status="draft",
        started_by=actor_id,
        started_at=clock.now(),
    )
    _open(session, revision, "assessment_revised_already")
    _copy_answers(session, assessment, revision)
    _copy_assignments(session, assessment, revision)
    if assessment.is_draft:
        assessment.status = "superseded"
    ids = {"assessment_id": str(revision.id), "previous_id": str(assessment.id)}
    record(session, clock, "assessment.revised", actor_id, assessment.tenant_id, **ids, period=assessment.period)
    session.flush()
    return revision


def _copy_answers(session: Session, source: Assessment, target: Assessment) -> None:
    for answer in session.scalars(select(Answer).where(Answer.assessment_id == source.id)):
        copied = {
            "tenant_id": target.tenant_id,
            "assessment_id": target.id,
            "question_id": answer.question_id,
            "facts": answer.facts,
            "state": answer.state,
            "version": 1,
            "source": "carried_over",
            "saved_by": answer.saved_by,
            "saved_at": answer.saved_at,
        }
        session.add_all([Answer(**copied, origin=answer.origin), AnswerVersion(**copied)])


def _copy_assignments(session: Session, source: Assessment, target: Assessment) -> None:
    """Who answers what stays as it is; the days that were agreed belong to the earlier revision."""
    for item in session.scalars(select(SectionAssignment).where(SectionAssignment.assessment_id == source.id)):
        session.add(
            SectionAssignment(
                tenant_id=target.tenant_id,
                assessment_id=target.id,
                section=item.section,
                user_id=item.user_id,
                due_on=item.due_on if source.is_draft else None,
                assigned_by=item.assigned_by,
                assigned_at=item.assigned_at,
            )
        )


def earlier_facts(session: Session, assessment: Assessment) -> dict[str, Any]:
    """The facts of the enterprise's submitted assessment of the nearest earlier period in the same framework, as JSON
    values by fact id."""
    query = (
        select(Submission.document)
        .join(Assessment, Assessment.id == Submission.assessment_id)
        .where(
            Assessment.enterprise_id == assessment.enterprise_id,
            Assessment.framework == assessment.framework,
            Assessment.period < assessment.period,
            Assessment.status == "submitted",
        )
    )
    document = session.scalar(query.order_by(Assessment.period.desc()).limit(1))
    return dict(json.loads(document)["facts"]) if document else {}
