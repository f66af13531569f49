"""The projection: what the portfolio shows of a client, gathered by the worker and kept in the consultancy's rows.

The worker looks across tenants only to find out where something changed. It then reads as the client and writes as the
consultancy, so that the walls hold for it, too. Every step is a short transaction of its own; whatever a crash leaves
undone is found by the next round.
"""

from __future__ import annotations

import json
import threading
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from flask import Flask
from sqlalchemy import delete, exists, func, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from maturity.assessments.models import AnswerVersion, Assessment, SectionAssignment, Submission
from maturity.assessments.overview import Overview, home_overview
from maturity.audit.models import AuditEvent
from maturity.clock import LOCAL, Clock
from maturity.db import every_tenant, for_tenant, writing
from maturity.extensions import db
from maturity.organisations.service import enterprise_of
from maturity.portfolios.models import PortfolioClient
from maturity.reference.size import size_class
from maturity.scoring.engine import rounded
from maturity.tenancy.models import Grant

SWEEP_SECONDS = 5.0
BATCH = 50
#: A save may be committed so long after the moment it is dated: what happened shortly before a reading counts as new.
OVERLAP = timedelta(seconds=15)
#: A client whose rows could not be read is left alone for so long, so that the others get their turn.
PAUSE = timedelta(minutes=5)
Figures = Mapping[str, Any]  # the columns of PortfolioClient but for the three ids and `seen_at`


@dataclass(frozen=True, slots=True)
class Held:
    """A live grant: which consultancy sees which client."""

    grant_id: uuid.UUID
    consultancy_id: uuid.UUID
    client_id: uuid.UUID


def sweep_portfolios(app: Flask, resting: dict[uuid.UUID, datetime] | None = None) -> int:
    """Delete what has no live grant any more, gather what changed; how many clients were gathered.

    `resting` remembers until when a client that could not be read is left alone.
    """
    resting = {} if resting is None else resting
    session, clock = db.session(), app.extensions["clock"]
    count = 0
    prune(session, clock)
    for held in stale(session, clock, without=[key for key, until in resting.items() if until > clock.now()]):
        try:
            refresh(session, held, clock)
            count += 1
        except Exception:
            session.rollback()
            resting[held.grant_id] = clock.now() + PAUSE
            app.logger.exception("the figures of a client could not be gathered; grant %s", held.grant_id)
    return count


def sweep_for_ever(app: Flask) -> None:
    pause = threading.Event()
    resting: dict[uuid.UUID, datetime] = {}
    while True:
        try:
            with app.app_context():
                sweep_portfolios(app, resting)
        except Exception:
            app.logger.exception("the portfolios could not be swept; it is tried again")
        pause.wait(SWEEP_SECONDS)


def rebuild(app: Flask) -> int:
    """Throw the projection away and gather every client afresh; how many there are."""
    session, clock = db.session(), app.extensions["clock"]
    writing.set(True)
    with every_tenant(session):
        session.execute(delete(PortfolioClient).execution_options(synchronize_session=False))
        session.commit()
    every = stale(session, clock, limit=None)
    for held in every:
        refresh(session, held, clock)
    return len(every)


def _is_live(clock: Clock) -> Any:
    return Grant.revoked_at.is_(None) & (Grant.until >= clock.today())


def prune(session: Session, clock: Clock) -> None:
    """Delete the rows of grants that were taken back or have run out. Nobody sees them by then."""
    dead = ~exists().where(Grant.id == PortfolioClient.grant_id, _is_live(clock))
    writing.set(False)
    with every_tenant(session):
        found = session.scalars(select(PortfolioClient.grant_id).where(dead)).all()
        session.rollback()
        if found:
            writing.set(True)
            doomed = delete(PortfolioClient).where(PortfolioClient.grant_id.in_(found), dead)
            session.execute(doomed.execution_options(synchronize_session=False))
            session.commit()
    writing.set(False)


def stale(
    session: Session, clock: Clock, *, without: Sequence[uuid.UUID] = (), limit: int | None = BATCH
) -> list[Held]:
    """Live grants without a row, or whose client changed since the row was gathered; those seen longest ago first.

    Whatever happens in a tenant leaves an event in its log, and every save leaves its version; both are found by index.
    """
    row = PortfolioClient
    happened = exists().where(AuditEvent.tenant_id == Grant.tenant_id, AuditEvent.at > row.seen_at)
    saved = exists().where(
        Assessment.tenant_id == Grant.tenant_id,
        Assessment.status == "draft",
        AnswerVersion.assessment_id == Assessment.id,
        AnswerVersion.saved_at > row.seen_at,
    )
    query = (
        select(Grant.id, Grant.consultancy_id, Grant.tenant_id)
        .outerjoin(row, row.grant_id == Grant.id)
        .where(_is_live(clock), or_(row.grant_id.is_(None), happened, saved), Grant.id.not_in(without))
        .order_by(row.seen_at.is_not(None), row.seen_at, Grant.given_at)
        .limit(limit)
    )
    writing.set(False)
    with every_tenant(session):
        found = [Held(*found) for found in session.execute(query)]
        session.rollback()
    return found


def refresh(session: Session, held: Held, clock: Clock) -> None:
    """Gather the client's figures and write them for the consultancy, in a transaction each."""
    seen_at = clock.now() - OVERLAP
    writing.set(False)
    with for_tenant(session, held.client_id):
        figures = gather(session, clock)
        session.rollback()
    writing.set(True)
    try:
        with for_tenant(session, held.consultancy_id):
            _write(session, held, {**figures, "seen_at": seen_at})
            session.commit()
    except IntegrityError:  # another worker was first, or an earlier grant's row is still there; the next round looks
        session.rollback()
    finally:
        writing.set(False)


def _write(session: Session, held: Held, values: Figures) -> None:
    earlier = PortfolioClient.client_id == held.client_id
    row = session.scalar(select(PortfolioClient).where(earlier).with_for_update())
    if row is not None and row.grant_id != held.grant_id:
        session.delete(row)
        session.flush()
        row = None
    if row is None:
        row = PortfolioClient(tenant_id=held.consultancy_id, grant_id=held.grant_id, client_id=held.client_id)
        session.add(row)
    for name, value in values.items():
        setattr(row, name, value)


def gather(session: Session, clock: Clock) -> Figures:
    """The figures of the enterprise the session works for."""
    enterprise = enterprise_of(session)
    overview = home_overview(session, enterprise, clock.today())
    return {
        "name": enterprise.name,
        "uscc": enterprise.uscc,
        "industry": enterprise.industry,
        "region": enterprise.region,
        "size": size_class(enterprise.headcount, enterprise.revenue_wan),
        "last_active_at": _last_active(session, overview),
        **_result(overview),
        **_draft(session, overview),
    }


def _result(overview: Overview) -> Figures:
    lines = [
        (line.assessment, line.submission)
        for line in overview.lines
        if line.submission is not None and line.assessment.status == "submitted"
    ]
    whole = [line for line in lines if line[1].capability_most is None]  # of a settled level the score is a range
    if not lines:
        names = ("result_id", "period", "level", "capability", "outcome", "change", "submitted_at")
        return {**dict.fromkeys(names), "results": []}
    exact = {assessment.period: Fraction(submission.capability_exact) for assessment, submission in whole}
    assessment, newest = lines[0]
    is_whole = newest.capability_most is None
    return {
        "result_id": assessment.id,
        "period": assessment.period,
        "level": newest.level,
        "capability": newest.capability if is_whole else None,
        "outcome": newest.outcome if is_whole else None,
        "change": change_since(exact, assessment.period) if is_whole else None,
        "submitted_at": newest.submitted_at,
        "results": [_year(*line, change_since(exact, line[0].period)) for line in whole],
    }


def change_since(exact: Mapping[int, Fraction], period: int) -> Decimal | None:
    """The capability of a period less that of the year before, in points; None where there is none.

    >>> change_since({2025: Fraction(61, 2), 2024: Fraction(30)}, 2025), change_since({2025: Fraction(30)}, 2025)
    (Decimal('0.50'), None)
    """
    before = exact.get(period - 1)
    return None if before is None else rounded(exact[period] - before)


def _year(assessment: Assessment, submission: Submission, change: Decimal | None) -> dict[str, Any]:
    dimensions = json.loads(submission.document)["score"]["dimensions"]
    return {
        "period": assessment.period,
        "revision": assessment.revision,
        "assessment_id": str(assessment.id),
        "edition": assessment.edition_sha256,
        "level": submission.level,
        "capability": str(submission.capability),
        "outcome": str(submission.outcome),
        "change": None if change is None else str(change),
        "dimensions": {name: found["rounded"] if found else None for name, found in dimensions.items()},
        "submitted_at": submission.submitted_at.isoformat(),
        "submitted_on": submission.submitted_at.astimezone(LOCAL).date().isoformat(),
    }


def _draft(session: Session, overview: Overview) -> Figures:
    draft, progress = overview.draft, overview.progress
    if draft is None or progress is None:
        names = ("draft_id", "draft_period", "answered", "fewest_left", "most_left", "section_due_on")
        return dict.fromkeys(names)
    still_open = [item.section.id for item in progress.sections if item.answered < item.asked]
    return {
        "draft_id": draft.id,
        "draft_period": draft.period,
        "answered": progress.answered,
        "fewest_left": progress.fewest_left,
        "most_left": progress.most_left,
        "section_due_on": _section_due(session, draft, still_open),
    }


def _section_due(session: Session, draft: Assessment, sections: Sequence[str]) -> date | None:
    query = select(func.min(SectionAssignment.due_on)).where(
        SectionAssignment.assessment_id == draft.id, SectionAssignment.section.in_(sections)
    )
    return session.scalar(query)


def _last_active(session: Session, overview: Overview) -> datetime | None:
    """When somebody last saved, started or submitted."""
    moments = [line.submission.submitted_at for line in overview.lines if line.submission]
    if overview.draft is not None:
        newest = select(func.max(AnswerVersion.saved_at)).where(AnswerVersion.assessment_id == overview.draft.id)
        moments += [moment for moment in (overview.draft.started_at, session.scalar(newest)) if moment is not None]
    return max(moments, default=None)
