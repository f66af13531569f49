"""Work of campaigns in the background: letters by the thousand, the end at the deadline, the report as PDF."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from maturity.accounts.contacts import Contact, contact_of
from maturity.audit.service import record
from maturity.campaigns.letters import write_invitation, write_reminder
from maturity.campaigns.models import Campaign, CampaignInvitee
from maturity.campaigns.participation import gather_steps
from maturity.campaigns.regulators import office_of
from maturity.campaigns.report import campaign_paper, report_html
from maturity.campaigns.service import has_address, is_lagging
from maturity.claims.codes import issue_code
from maturity.clock import Clock
from maturity.db import writing
from maturity.errors import NotFound
from maturity.extensions import db
from maturity.jobs.models import Job
from maturity.jobs.worker import JobFailure, Progress, begin_writing
from maturity.reports.jobs import Steps, print_and_keep

BATCH = 50
PAGES = 6


def send_letters(app: Flask, job: Job, progress: Progress) -> None:
    """Invite those who were not written to, or remind those who lag. Whoever was written to is not again."""
    session, clock = db.session(), app.extensions["clock"]
    payload = dict(job.payload)
    campaign = session.scalar(select(Campaign).where(Campaign.id == uuid.UUID(payload["campaign_id"])))
    if campaign is None or not _is_meant(campaign, payload, clock):
        return
    campaign_id = campaign.id
    if payload["what"] == "remind":
        _note_reminder(session, campaign_id, clock)
    waiting = _waiting(session, campaign_id, payload["what"], clock)
    for start in range(0, len(waiting), BATCH):
        begin_writing(session)
        with app.test_request_context():
            _write(session, campaign_id, waiting[start : start + BATCH], payload, clock)
        session.commit()
        writing.set(False)
        progress(min(start + BATCH, len(waiting)), len(waiting))


def _is_meant(campaign: Campaign, payload: dict[str, str], clock: Clock) -> bool:
    """A reminder planned for a deadline that has moved since is not: the new one has reminders of its own."""
    if not campaign.is_running or campaign.closes_at <= clock.now():
        return False
    moved = campaign.closes_at != datetime.fromisoformat(payload["closes_at"])
    return not (payload["what"] == "remind" and moved)


def _note_reminder(session: Session, campaign_id: uuid.UUID, clock: Clock) -> None:
    begin_writing(session)
    session.scalars(select(Campaign).where(Campaign.id == campaign_id)).one().reminded_on = clock.today()
    session.commit()
    writing.set(False)


def _waiting(session: Session, campaign_id: uuid.UUID, what: str, clock: Clock) -> Sequence[uuid.UUID]:
    campaign = session.scalars(select(Campaign).where(Campaign.id == campaign_id)).one()
    row = CampaignInvitee
    if what == "invite":
        who = (row.campaign_id == campaign_id, row.written_at.is_(None))
    else:
        today = clock.today()
        who = (*is_lagging(campaign), row.written_at.is_not(None), row.reminded_on.is_distinct_from(today))
    return session.scalars(select(row.id).where(*who, *has_address()).order_by(row.id)).all()


def _write(
    session: Session, campaign_id: uuid.UUID, ids: Sequence[uuid.UUID], payload: dict[str, str], clock: Clock
) -> None:
    campaign = session.scalars(select(Campaign).where(Campaign.id == campaign_id)).one()
    regulator = office_of(session, campaign.tenant_id)
    query = select(CampaignInvitee).where(CampaignInvitee.id.in_(ids)).order_by(CampaignInvitee.id)
    how = {"regulator": regulator, "link": payload["link"], "locale": payload["locale"]}
    for invitee in session.scalars(query.with_for_update()):
        contact = contact_of(invitee.email or invitee.mobile)
        if payload["what"] == "invite":
            code = _code(session, campaign, invitee, contact, clock)
            names = {"enterprise": invitee.name, "uscc": invitee.uscc, "code": code}
            write_invitation(session, contact, campaign, **names, **how, clock=clock)
            invitee.written_at = clock.now()
        else:
            run_out = invitee.state == "invited" and (invitee.code_until is None or invitee.code_until <= clock.now())
            code = _code(session, campaign, invitee, contact, clock) if run_out else ""
            has_started = invitee.state == "started"
            names = {"enterprise": invitee.name, "code": code}
            write_reminder(session, contact, campaign, has_started=has_started, **names, **how, clock=clock)
            invitee.reminded_on = clock.today()


def _code(session: Session, campaign: Campaign, invitee: CampaignInvitee, contact: Contact, clock: Clock) -> str:
    row, code = issue_code(
        session, campaign.tenant_id, invitee.uscc, contact.value, actor_id=campaign.created_by, clock=clock
    )
    invitee.code_until = row.expires_at
    return code


def close_campaign(app: Flask, job: Job, _progress: Progress) -> None:
    """At the deadline: count once more what came in time, and close. A deadline that was moved is left alone."""
    session, clock = db.session(), app.extensions["clock"]
    campaign_id = uuid.UUID(job.payload["campaign_id"])
    campaign = session.scalar(select(Campaign).where(Campaign.id == campaign_id))
    if campaign is None or not campaign.is_running or campaign.closes_at > clock.now():
        return
    gather_steps(session, campaign_id)
    begin_writing(session)
    campaign = session.scalars(select(Campaign).where(Campaign.id == campaign_id).with_for_update()).one()
    if not campaign.is_running or campaign.closes_at > clock.now():  # extended at this very moment
        return
    campaign.state, campaign.closed_at = "closed", clock.now()
    details = {"campaign_id": str(campaign.id), "title": campaign.title}
    record(session, clock, "campaign.closed", None, campaign.tenant_id, **details)
    session.flush()


def make_campaign_report(app: Flask, job: Job, progress: Progress) -> None:
    """The closing report as it is printed; it may be tried again."""
    print_and_keep(app, job, Steps(progress, PAGES), lambda: _report(app, job))


def _report(app: Flask, job: Job) -> tuple[str, str]:
    session, clock = db.session(), app.extensions["clock"]
    try:
        campaign = session.scalars(select(Campaign).where(Campaign.id == uuid.UUID(job.payload["campaign_id"]))).one()
    except NotFound as error:
        raise JobFailure("campaign") from error
    with app.test_request_context():
        paper = campaign_paper(session, campaign, job.payload["locale"], clock)
        return paper.key, report_html(paper)
