"""What of the trend over the releases the plan opens. Years that were submitted while a plan ran stay open."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from maturity.assessments.models import FRAMEWORK, Assessment
from maturity.clock import Clock
from maturity.entitlements.service import opens
from maturity.plans.model import Feature
from maturity.standing.place import Place
from maturity.tenancy.models import Tenant


def within_plan(session: Session, tenant: Tenant, place: Place, clock: Clock) -> Place:
    """The place with the years that are open, and how many are not."""
    if opens(session, tenant, Feature.TRENDS, clock):
        return place
    last = _last_open_period(session, tenant, clock)
    kept = tuple(year for year in place.years if last is not None and year.period <= last)
    return replace(place, years=kept, locked_years=len(place.years) - len(kept))


def _last_open_period(session: Session, tenant: Tenant, clock: Clock) -> int | None:
    """The latest year whose result was submitted before a plan ended that opens the trend."""
    query = (
        select(Assessment)
        .where(Assessment.framework == FRAMEWORK, Assessment.submitted_at.is_not(None))
        .order_by(Assessment.period.desc(), Assessment.submitted_at)
    )
    found = (
        assessment.period
        for assessment in session.scalars(query)
        if opens(session, tenant, Feature.TRENDS, clock, since=assessment.submitted_at)
    )
    return next(found, None)
