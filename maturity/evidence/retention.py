"""How long evidence is kept, and when the sweep has to look again."""

from __future__ import annotations

import uuid
from datetime import date, datetime, time, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from maturity.assessments.models import Assessment
from maturity.audit.service import record
from maturity.clock import LOCAL, Clock
from maturity.errors import Invalid
from maturity.evidence.models import MOST_YEARS, RETENTION_YEARS, EvidenceFile, EvidenceLink, EvidenceSettings
from maturity.jobs.service import ask_for_job

#: A file that proves nothing is kept this long, so that it can be chosen again.
UNUSED_DAYS = 30
SWEEP = "evidence_retention"  # kind of job
_AT_NIGHT = time(3, 0, tzinfo=LOCAL)


def retention_years(session: Session) -> int:
    """Of the session's tenant."""
    return session.scalar(select(EvidenceSettings.retention_years)) or RETENTION_YEARS


def set_retention(session: Session, tenant_id: uuid.UUID, years: int, *, actor_id: int | None, clock: Clock) -> None:
    if not 1 <= years <= MOST_YEARS:
        raise Invalid("evidence_years")
    settings = session.get(EvidenceSettings, tenant_id)
    if settings is None:
        settings = EvidenceSettings(tenant_id=tenant_id)
        session.add(settings)
    settings.retention_years = years
    record(session, clock, "settings.changed", actor_id, tenant_id, setting="retention", value=str(years))
    session.flush()
    plan_sweep(session, tenant_id, clock)


def kept_until(period: int, years: int) -> date:
    """The last day on which evidence of a period is kept.

    >>> kept_until(2025, 6)
    datetime.date(2031, 12, 31)
    """
    return date(period + years, 12, 31)


def erasure_days(session: Session) -> dict[uuid.UUID, tuple[date, str]]:
    """For each file that is kept the first day on which the sweep erases it, and why: the latest year it proves counts.

    Links that were taken away count, too: the result of their revision rests on them.
    """
    years = retention_years(session)
    latest = (
        select(EvidenceLink.file_id, func.max(Assessment.period).label("period"))
        .join(Assessment, Assessment.id == EvidenceLink.assessment_id)
        .group_by(EvidenceLink.file_id)
        .subquery()
    )
    query = (
        select(EvidenceFile.id, EvidenceFile.unused_since, latest.c.period)
        .outerjoin(latest, latest.c.file_id == EvidenceFile.id)
        .where(EvidenceFile.erasure_asked_at.is_(None))
    )
    found = {}
    for file_id, unused_since, period in session.execute(query):
        if period is not None:
            found[file_id] = (kept_until(period, years) + timedelta(days=1), "expired")
        elif unused_since is not None:
            found[file_id] = (unused_since.astimezone(LOCAL).date() + timedelta(days=UNUSED_DAYS), "unused")
    return found


def plan_sweep(session: Session, tenant_id: uuid.UUID, clock: Clock) -> None:
    """Have the worker look on the night on which the first file is due; one job a night, however often it is asked."""
    days = [day for day, _reason in erasure_days(session).values()]
    if not days:
        return
    night = max(min(days), clock.today())
    due_at = datetime.combine(night, _AT_NIGHT)
    ask_for_job(session, tenant_id, SWEEP, night.isoformat(), {}, actor_id=None, clock=clock, due_at=due_at)
