"""Filling a new installation, as its operator chose at set-up."""

from __future__ import annotations

from flask import Flask

from maturity.db import every_tenant
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
