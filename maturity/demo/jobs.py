"""Filling a new installation, as its operator chose at set-up, and what follows once the worker runs."""

from __future__ import annotations

from flask import Flask

from maturity.db import every_tenant, for_tenant
from maturity.demo.certification import plan_standings, stand_apart
from maturity.demo.service import IncompleteDemonstration, seed_everything
from maturity.extensions import db
from maturity.jobs.models import Job
from maturity.jobs.worker import JobFailure, Progress, begin_writing


def make_demonstration(app: Flask, job: Job, _progress: Progress) -> None:
    """Store the editions and as much of the demonstration as the job says, in the transaction that ends the job."""
    extent, small = str(job.payload["extent"]), app.config["TESTING"]
    session = db.session()
    begin_writing(session)
    try:
        with every_tenant(session):
            seed_everything(session, app.extensions["clock"], small=small, tell=app.logger.info, extent=extent)
    except IncompleteDemonstration as error:
        raise JobFailure("demonstration_incomplete") from error


#: How often to look whether the certificates are made; after half an hour they stand as they are.
MOST_ATTEMPTS = 60


def set_standings(app: Flask, job: Job, _progress: Progress) -> None:
    """Suspend and withdraw certificates of the demonstration when all are made; until then, look again later."""
    session, clock = db.session(), app.extensions["clock"]
    body_id, attempt = job.tenant_id, int(job.payload["attempt"])
    begin_writing(session)
    with every_tenant(session), app.test_request_context():
        if stand_apart(session, clock) or attempt >= MOST_ATTEMPTS:
            return
        session.flush()
        with for_tenant(session, body_id):
            plan_standings(session, body_id, attempt + 1, clock)
