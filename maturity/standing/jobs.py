"""The worker's part: the operator's people are told of an objection, and again before its day."""

from __future__ import annotations

import uuid

from flask import Flask
from sqlalchemy import select

from maturity.accounts.models import User
from maturity.db import every_tenant
from maturity.extensions import db
from maturity.jobs.models import Job
from maturity.jobs.worker import Progress, begin_writing
from maturity.organisations.models import Enterprise
from maturity.standing.letters import write_to_operator
from maturity.standing.models import Objection
from maturity.tenancy.models import Membership
from maturity.tenancy.service import PLATFORM


def tell_operator(app: Flask, job: Job, _progress: Progress) -> None:
    """Nobody is told of an objection that is over."""
    session, clock = db.session(), app.extensions["clock"]
    begin_writing(session)
    objection = session.scalar(select(Objection).where(Objection.id == uuid.UUID(job.payload["objection_id"])))
    if objection is None or objection.state != "open":
        return
    enterprise = session.scalars(select(Enterprise.name)).one()
    staff = (
        select(User)
        .join(Membership, Membership.user_id == User.id)
        .where(Membership.tenant_id == PLATFORM, Membership.ended_at.is_(None), User.active)
        .order_by(User.id)
    )
    with every_tenant(session):
        people = list(session.scalars(staff))
    for user in people:
        write_to_operator(session, user, enterprise, objection, clock)
