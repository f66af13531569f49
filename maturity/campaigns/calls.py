"""What an invited enterprise sees of campaigns: who calls it to what, how far it is, and what counts."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from maturity.assessments.models import Assessment
from maturity.assessments.service import latest_revision, start_assessment
from maturity.assessments.submission import submission_of
from maturity.campaigns.models import CampaignCall
from maturity.clock import Clock
from maturity.errors import Conflict, NotFound
from maturity.organisations.service import enterprise_of, is_claimed, profile_of, require_claimed


@dataclass(frozen=True, slots=True)
class Called:
    """A call with the enterprise's own assessment for it, which the regulator does not see."""

    call: CampaignCall
    assessment: Assessment | None
    state: str  # invited, started, submitted, or settled: submitted early, which does not count


def calls_of(session: Session, clock: Clock) -> list[Called]:
    """The calls of the session's enterprise that still run, the next deadline first."""
    query = select(CampaignCall).where(CampaignCall.closes_at > clock.now())
    calls = list(session.scalars(query.order_by(CampaignCall.closes_at, CampaignCall.id)))
    if not calls:
        return []
    enterprise = enterprise_of(session)
    if not is_claimed(enterprise):
        return []
    return [_called(session, call, enterprise.id) for call in calls]


def _called(session: Session, call: CampaignCall, enterprise_id: uuid.UUID) -> Called:
    latest = latest_revision(session, enterprise_id, call.period, call.framework)
    if latest is None:
        return Called(call, None, "invited")
    standing = session.scalar(
        select(Assessment).where(
            Assessment.enterprise_id == enterprise_id,
            Assessment.framework == call.framework,
            Assessment.period == call.period,
            Assessment.status == "submitted",
        )
    )
    submission = submission_of(session, standing) if standing is not None else None
    if submission is None:
        return Called(call, latest, "started")
    return Called(call, latest, "submitted" if submission.capability_most is None else "settled")


def answer_call(session: Session, call_id: uuid.UUID, *, actor_id: int | None, clock: Clock) -> Assessment:
    """The assessment that the call asks for, begun now if there is none."""
    call = session.scalar(select(CampaignCall).where(CampaignCall.id == call_id))
    if call is None:
        raise NotFound("campaign_call")
    enterprise = require_claimed(session)
    found = latest_revision(session, enterprise.id, call.period, call.framework)
    if found is not None:
        return found
    if call.closes_at <= clock.now():
        raise Conflict("campaign_closed")
    return start_assessment(
        session,
        enterprise.id,
        enterprise.tenant_id,
        profile_of(enterprise),
        call.period,
        actor_id=actor_id,
        clock=clock,
        framework=call.framework,
    )
