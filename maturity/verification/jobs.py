"""Work of verification in the background: figures of bodies every night, and letters about re-checks."""

from __future__ import annotations

import uuid
from datetime import time as time_of_day

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from maturity.audit.service import record
from maturity.clock import LOCAL, Clock
from maturity.db import every_tenant
from maturity.extensions import db
from maturity.jobs.models import Job
from maturity.jobs.nightly import ask_for_night
from maturity.jobs.worker import Progress, begin_writing
from maturity.tenancy.models import Tenant
from maturity.verification.figures import count_figures
from maturity.verification.letters import readers_of, write_about
from maturity.verification.models import SpotCheck

FIGURES = "body_figures"
AT_NIGHT = time_of_day(3, 0, tzinfo=LOCAL)


def plan_figures(session: Session, clock: Clock) -> None:
    """One job a night, however often it is asked for. The session works across tenants."""
    ask_for_night(session, FIGURES, AT_NIGHT, clock)


def publish_figures(app: Flask, _job: Job, _progress: Progress) -> None:
    """Count the figures of every body, and plan the next night."""
    session, clock = db.session(), app.extensions["clock"]
    begin_writing(session)
    with every_tenant(session):
        count_figures(session, clock)
        plan_figures(session, clock)
        session.flush()


def write_spot_check_letters(app: Flask, job: Job, _progress: Progress) -> None:
    """Write to body and enterprise, and into the log of each. Whoever was written to is not again: it is one step."""
    session, clock = db.session(), app.extensions["clock"]
    payload = dict(job.payload)
    begin_writing(session)
    with every_tenant(session), app.test_request_context():
        check = session.scalar(select(SpotCheck).where(SpotCheck.id == uuid.UUID(payload["check_id"])))
        if check is None:
            return
        for tenant_id, path in ((check.body_id, "re-checks"), (check.client_id, "certification/re-checks")):
            _tell(session, check, payload["what"], tenant_id, f"{payload['site']}/t/{tenant_id}/{path}", clock)
        session.flush()


def _tell(session: Session, check: SpotCheck, what: str, tenant_id: uuid.UUID, link: str, clock: Clock) -> None:
    if session.get(Tenant, tenant_id) is None:  # erased meanwhile; the certificate outlives its holder
        return
    for reader in readers_of(session, tenant_id):
        write_about(session, check, what, reader, link, clock)
    details = {"due": check.due_on} if what == "asked" and check.due_on else {"result": check.state}
    record(
        session, clock, f"spot_check.{what}", None, tenant_id, check_id=str(check.id), number=check.number, **details
    )
