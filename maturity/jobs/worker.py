"""The worker: woken by the queue, working from the rows. A killed worker loses nothing but time."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from flask import Flask
from huey import RedisHuey, SqliteHuey
from huey.api import Huey

from maturity.db import every_tenant, for_tenant, writing
from maturity.extensions import db
from maturity.jobs.models import Job
from maturity.jobs.service import fail_job, finish_job, lease_job, report_progress, waiting_jobs

SWEEP_SECONDS = 5
Progress = Callable[[int, int], None]
Handler = Callable[[Flask, Job, Progress], None]


class JobFailure(Exception):
    """A job that cannot be done as asked; `code` has words on the page."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


def make_queue(app: Flask) -> Huey:
    """SQLite in the data folder, or Redis beyond one machine."""
    if app.config["REDIS_URL"]:
        return RedisHuey("maturity", url=app.config["REDIS_URL"])
    return SqliteHuey("maturity", filename=str(app.config["DATA_DIR"] / "queue.db"))


def run_one(app: Flask, job_id: uuid.UUID, handlers: dict[str, Handler]) -> bool:
    """Lease and carry out one job; whether it was ours to do. Every step is its own short transaction."""
    writing.set(True)
    session = db.session()
    clock = app.clock  # type: ignore[attr-defined]  # Site
    with every_tenant(session):
        job = lease_job(session, job_id, clock)
    session.commit()
    if job is None:
        return False
    with for_tenant(session, job.tenant_id):
        try:
            handlers[job.kind](app, job, lambda done, total: _tell(job, done, total, clock))
        except Exception as error:
            session.rollback()
            code = error.code if isinstance(error, JobFailure) else "job_failed"
            app.logger.exception("job %s %s failed: %s", job.kind, job_id, code)
            fail_job(session, job, code, clock)
        else:
            finish_job(session, job, clock)
        session.commit()
    return True


def _tell(job: Job, done: int, total: int, clock: Any) -> None:
    report_progress(db.session(), job, done, total, clock)
    db.session.commit()


def sweep(app: Flask) -> list[uuid.UUID]:
    """The jobs nobody is working on: woken again after a crash or a lost message."""
    with every_tenant(db.session()):
        found = waiting_jobs(db.session(), app.clock)  # type: ignore[attr-defined]  # Site
    db.session.rollback()
    return found


def run_worker(app: Flask) -> None:
    """Work until a signal comes."""
    queue: Huey = app.extensions["queue"]
    consumer = queue.create_consumer(workers=1, periodic=False, initial_delay=0.05, max_delay=1.0, backoff=1.2)
    consumer.run()
