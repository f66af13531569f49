"""The only way between a regulator's list and the enterprises on it; it goes through the worker.

One way goes the call: a claimed enterprise whose code is on the list of a running campaign gets a row of its own, with
who invites it to what and until when. The other way go two moments: when it started and when it submitted. Nothing else
is read, and of nobody who is not on the list or whose place lies outside the campaign's. The worker looks across
tenants only to find out what changed; it writes as the regulator and as the enterprise, so that the walls hold.
"""

from __future__ import annotations

import threading
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Flask
from sqlalchemy import exists, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, aliased

from maturity.assessments.models import Assessment, Submission
from maturity.audit.service import record
from maturity.campaigns.models import Campaign, CampaignCall, CampaignInvitee, Regulator, RegulatorPark
from maturity.campaigns.places import PARK, Park, reaches
from maturity.clock import Clock
from maturity.db import every_tenant, for_tenant, writing
from maturity.extensions import db
from maturity.organisations.models import Enterprise
from maturity.tenancy.models import Tenant

SWEEP_SECONDS = 5.0
MOST_CALLS = 200  # a round; the next one goes on
MOST_STEPS = 500  # a transaction
RUNNING = ("open", "extended")


@dataclass(frozen=True, slots=True)
class Step:
    """How far somebody on the list is by now."""

    regulator_id: uuid.UUID
    invitee_id: uuid.UUID
    started_at: datetime | None
    submitted_at: datetime | None


@dataclass(frozen=True, slots=True)
class Call:
    """An enterprise to be called, and what it is told."""

    enterprise_id: uuid.UUID  # its tenant
    campaign_id: uuid.UUID
    regulator: str
    title: str
    framework: str
    period: int
    closes_at: datetime


def sweep_campaigns(app: Flask) -> int:
    """Call who is to be called, take back what is over, gather who has gone further; how many things changed."""
    session, clock = db.session(), app.extensions["clock"]
    calls, over = calls_to_make(session), calls_that_are_over(session)
    for call in calls:
        make_call(session, call, clock)
    for enterprise_id, call_id in over:
        take_back(session, enterprise_id, call_id)
    return len(calls) + len(over) + gather_steps(session)


def sweep_for_ever(app: Flask) -> None:
    pause = threading.Event()
    while True:
        try:
            with app.app_context():
                sweep_campaigns(app)
        except Exception:
            app.logger.exception("the campaigns could not be swept; it is tried again")
        pause.wait(SWEEP_SECONDS)


def gather_steps(session: Session, campaign_id: uuid.UUID | None = None) -> int:
    """Write down for the regulators who started and who submitted since; how many moved."""
    found = steps_taken(session, campaign_id)
    for regulator_id in dict.fromkeys(step.regulator_id for step in found):
        own = [step for step in found if step.regulator_id == regulator_id]
        for start in range(0, len(own), MOST_STEPS):
            _write_steps(session, regulator_id, own[start : start + MOST_STEPS])
    return len(found)


def _write_steps(session: Session, regulator_id: uuid.UUID, steps: Sequence[Step]) -> None:
    writing.set(True)
    with for_tenant(session, regulator_id):
        wanted = {step.invitee_id: step for step in steps}
        query = select(CampaignInvitee).where(CampaignInvitee.id.in_(wanted)).order_by(CampaignInvitee.id)
        for invitee in session.scalars(query.with_for_update()):
            _move(invitee, wanted[invitee.id])
        session.commit()
    writing.set(False)


def _move(invitee: CampaignInvitee, step: Step) -> None:
    """A correction of what was submitted leaves its day; a level that was settled early is no submission."""
    if invitee.state == "reviewed":
        return
    invitee.started_at = invitee.started_at or step.started_at
    invitee.submitted_at = (invitee.submitted_at or step.submitted_at) if step.submitted_at else None
    invitee.state = "submitted" if invitee.submitted_at else "started" if invitee.started_at else "invited"


def steps_taken(session: Session, campaign_id: uuid.UUID | None = None) -> list[Step]:
    """Who on the list of a running campaign stands elsewhere than the list says. Only two moments are read."""
    of_the_enterprise = (
        Assessment.tenant_id == Enterprise.tenant_id,
        Assessment.enterprise_id == Enterprise.id,
        Assessment.framework == Campaign.framework,
        Assessment.period == Campaign.period,
    )
    started = (
        select(Assessment.started_at)
        .where(*of_the_enterprise, Assessment.started_at < Campaign.closes_at)
        .order_by(Assessment.started_at)
        .limit(1)
        .scalar_subquery()
    )
    submitted = (
        select(Submission.submitted_at)
        .join(Assessment, Assessment.id == Submission.assessment_id)
        .where(
            *of_the_enterprise,
            Assessment.status == "submitted",
            Submission.capability_most.is_(None),
            Submission.submitted_at < Campaign.closes_at,
        )
        .limit(1)
        .scalar_subquery()
    )
    row = CampaignInvitee
    elsewhere = or_(
        row.started_at.is_(None) & started.is_not(None),
        row.submitted_at.is_(None) & submitted.is_not(None),
        (row.state == "submitted") & submitted.is_(None),
    )
    query = _on_the_list(select(row.tenant_id, row.id, started, submitted, Campaign.region, Enterprise.region))
    query = query.where(elsewhere)
    if campaign_id is not None:
        query = query.where(Campaign.id == campaign_id)
    with _looking(session):
        parks = _parks(session)
        found = session.execute(query).all()
    return [
        Step(regulator_id, invitee_id, first, last)
        for regulator_id, invitee_id, first, last, place, city in found
        if reaches(place, city, parks)
    ]


def _on_the_list(query: Any) -> Any:
    """Claimed enterprises on the list of a running campaign. The demonstration stays among itself."""
    regulator, enterprise = aliased(Tenant, name="regulator"), aliased(Tenant, name="invited")
    return (
        query.select_from(CampaignInvitee)
        .join(
            Campaign,
            (Campaign.tenant_id == CampaignInvitee.tenant_id) & (Campaign.id == CampaignInvitee.campaign_id),
        )
        .join(Enterprise, (Enterprise.uscc == CampaignInvitee.uscc) & Enterprise.claimed_at.is_not(None))
        .join(regulator, regulator.id == Campaign.tenant_id)
        .join(enterprise, enterprise.id == Enterprise.tenant_id)
        .where(
            Campaign.state.in_(RUNNING),
            regulator.suspended_at.is_(None),
            regulator.is_synthetic == enterprise.is_synthetic,
        )
    )


def _looking(session: Session) -> Any:
    return _Looking(session)


class _Looking:
    """Across tenants, to look only; the reading transaction ends with it."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.across = every_tenant(session)

    def __enter__(self) -> None:
        self.session.rollback()
        writing.set(False)
        self.across.__enter__()

    def __exit__(self, *error: Any) -> None:
        self.session.rollback()
        self.across.__exit__(*error)


def _parks(session: Session) -> tuple[Park, ...]:
    rows = session.execute(select(RegulatorPark.id, RegulatorPark.name, RegulatorPark.city))
    return tuple(Park(f"{PARK}{park_id}", name, city) for park_id, name, city in rows)


def calls_to_make(session: Session) -> list[Call]:
    """Who is on a list and has not been told, or was told another deadline or title."""
    row = CampaignCall
    on = (row.tenant_id == Enterprise.tenant_id) & (row.campaign_id == Campaign.id)
    columns = (
        Enterprise.tenant_id,
        Campaign.id,
        Regulator.office,
        Tenant.name,
        Campaign.title,
        Campaign.framework,
        Campaign.period,
        Campaign.closes_at,
        Campaign.region,
        Enterprise.region,
    )
    query = (
        _on_the_list(select(*columns))
        .join(Tenant, Tenant.id == Campaign.tenant_id)
        .outerjoin(Regulator, Regulator.tenant_id == Campaign.tenant_id)
        .outerjoin(row, on)
        .where(or_(row.id.is_(None), row.closes_at != Campaign.closes_at, row.title != Campaign.title))
    )
    with _looking(session):
        parks = _parks(session)
        found = session.execute(query).all()
    return list(_calls(found, parks))[:MOST_CALLS]


def _calls(rows: Sequence[Any], parks: Sequence[Park]) -> Iterator[Call]:
    for enterprise_id, campaign_id, office, name, title, framework, period, closes_at, place, city in rows:
        if reaches(place, city, parks):
            yield Call(enterprise_id, campaign_id, office or name, title, framework, period, closes_at)


def make_call(session: Session, call: Call, clock: Clock) -> None:
    """Write the call into the enterprise's own rows, and into its log that its participation will be seen."""
    writing.set(True)
    try:
        with for_tenant(session, call.enterprise_id):
            row = session.scalar(select(CampaignCall).where(CampaignCall.campaign_id == call.campaign_id))
            if row is None:
                row = CampaignCall(tenant_id=call.enterprise_id, campaign_id=call.campaign_id, called_at=clock.now())
                session.add(row)
                details = {"regulator": call.regulator, "title": call.title}
                record(session, clock, "campaign.called", None, call.enterprise_id, **details)
            row.regulator, row.title, row.closes_at = call.regulator, call.title, call.closes_at
            row.framework, row.period = call.framework, call.period
            session.commit()
    except IntegrityError:  # another worker was first
        session.rollback()
    finally:
        writing.set(False)


def calls_that_are_over(session: Session) -> list[tuple[uuid.UUID, uuid.UUID]]:
    """Calls of campaigns that have ended, or that the enterprise is no longer invited to or no longer claimed for."""
    held = exists().where(
        Enterprise.tenant_id == CampaignCall.tenant_id,
        Enterprise.claimed_at.is_not(None),
        CampaignInvitee.uscc == Enterprise.uscc,
        CampaignInvitee.campaign_id == CampaignCall.campaign_id,
        Campaign.id == CampaignInvitee.campaign_id,
        Campaign.state.in_(RUNNING),
    )
    query = select(CampaignCall.tenant_id, CampaignCall.id).where(~held).limit(MOST_CALLS)
    with _looking(session):
        return [(tenant_id, call_id) for tenant_id, call_id in session.execute(query)]


def take_back(session: Session, enterprise_id: uuid.UUID, call_id: uuid.UUID) -> None:
    writing.set(True)
    with for_tenant(session, enterprise_id):
        row = session.scalar(select(CampaignCall).where(CampaignCall.id == call_id))
        if row is not None:
            session.delete(row)
        session.commit()
    writing.set(False)
