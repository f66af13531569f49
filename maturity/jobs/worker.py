"""The worker: woken by the queue, working from the rows. A killed worker loses nothing but time."""

from __future__ import annotations

import threading
import traceback
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from flask import Flask
from huey import RedisHuey, SqliteHuey
from huey.api import Huey
from sqlalchemy import select
from sqlalchemy.orm import Session

from maturity.audit.sealer import keep_sealing
from maturity.clock import Clock
from maturity.db import every_tenant, for_tenant, writing
from maturity.extensions import db
from maturity.installation.service import WORKER, note_life, secrets_of, sight_keys
from maturity.jobs.models import Job
from maturity.jobs.service import (
    Lease,
    LeaseLost,
    fail_job,
    finish_job,
    give_up_on,
    keep_lease,
    lease_job,
    report_progress,
    waiting_jobs,
)

SWEEP_SECONDS = 5.0
BEAT_SECONDS = 8.0  # well within the lease
LIFE_SECONDS = 30.0
MOST_BEATS = 75  # ten minutes; a job that hangs longer falls to the sweep
Progress = Callable[[int, int], None]
Handler = Callable[[Flask, Job, Progress], None]


class JobFailure(Exception):
    """A job that cannot be done as asked, however often it is tried; `code` has words on the page."""

    def __init__(self, code: str, detail: str = "") -> None:
        self.code = f"{code}:{detail}" if detail else code
        super().__init__(self.code)


def make_queue(app: Flask) -> Huey:
    """SQLite in the data folder, or Redis beyond one machine."""
    if app.config["REDIS_URL"]:
        return RedisHuey("maturity", url=app.config["REDIS_URL"])
    return SqliteHuey("maturity", filename=str(app.config["DATA_DIR"] / "queue.db"))


def begin_writing(session: Session) -> None:
    """What a handler calls when its long work is over and its result is to be written.

    Until then its transactions only read: one that may write would hold SQLite's lock all the while.
    """
    session.rollback()
    writing.set(True)


def run_one(app: Flask, job_id: uuid.UUID, handlers: Mapping[str, Handler]) -> bool:
    """Lease and carry out one job; whether it was ours to end. Every step is its own short transaction."""
    writing.set(True)
    session = db.session()
    clock: Clock = app.extensions["clock"]
    with every_tenant(session):
        lease = lease_job(session, job_id, clock)
    session.commit()
    if lease is None:
        return False
    with for_tenant(session, lease.tenant_id), _beating(app, lease):
        try:
            _carry_out(app, session, lease, handlers)
            return True
        except LeaseLost:
            session.rollback()
            app.logger.warning("job %s was taken over by another worker", job_id)
            return False


def _carry_out(app: Flask, session: Session, lease: Lease, handlers: Mapping[str, Handler]) -> None:
    clock: Clock = app.extensions["clock"]

    def tell(done: int, total: int) -> None:
        begin_writing(session)
        report_progress(session, lease, done, total, clock)
        session.commit()
        writing.set(False)

    try:
        writing.set(False)
        job = session.scalars(select(Job).where(Job.id == lease.job_id)).one()
        handlers[job.kind](app, job, tell)
        if not writing.get():
            begin_writing(session)
        finish_job(session, lease, clock)
    except LeaseLost:
        raise
    except Exception as error:
        begin_writing(session)
        code = error.code if isinstance(error, JobFailure) else "job_failed"
        app.logger.error("job %s failed, %s, attempt %s\n%s", lease.job_id, code, lease.attempt, _place_of(error))
        fail_job(session, lease, code, clock, for_good=isinstance(error, JobFailure))
    session.commit()


def _place_of(error: BaseException) -> str:
    """Where it happened and of what kind, without the message: that may quote an answer or an address."""
    lines = traceback.format_tb(error.__traceback__)
    return "".join(lines) + type(error).__qualname__


@contextmanager
def _beating(app: Flask, lease: Lease) -> Iterator[None]:
    """Keep the lease from a thread of its own: laying out a long document may take longer than a lease."""
    over = threading.Event()
    thread = threading.Thread(target=_beat, args=(app, lease, over), daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _beat(app: Flask, lease: Lease, over: threading.Event) -> None:
    for _ in range(MOST_BEATS):
        if over.wait(BEAT_SECONDS):
            return
        try:
            with app.app_context(), every_tenant(db.session()):
                keep_lease(db.session(), lease, app.extensions["clock"])
                db.session.commit()
        except LeaseLost:
            return
        except Exception:
            app.logger.warning("a heartbeat of job %s failed; the next one may not", lease.job_id, exc_info=True)


def sweep(app: Flask) -> list[uuid.UUID]:
    """The jobs nobody is working on: woken again after a crash or a lost message."""
    session = db.session()
    with every_tenant(session):
        given_up = give_up_on(session, app.extensions["clock"])
        found = waiting_jobs(session, app.extensions["clock"])
    session.commit()
    if given_up:
        app.logger.error("%s jobs ended their last attempt without a word and are given up", given_up)
    return found


def show_life(app: Flask, stop: threading.Event) -> None:
    """Twice a minute, so that the operator's page says when no worker is there; and since when each key is in use."""
    while True:
        try:
            with app.app_context():
                writing.set(True)
                note_worker(app)
        except Exception:
            app.logger.exception("the sign of life failed; the next one may not")
        if stop.wait(LIFE_SECONDS):
            return


def note_worker(app: Flask) -> None:
    """One sign of life."""
    session, clock = db.session(), app.extensions["clock"]
    with every_tenant(session):
        note_life(session, WORKER, clock)
        sight_keys(session, secrets_of(app.config), clock)
        session.commit()


def run_worker(app: Flask) -> None:
    """Work until a signal comes; beside the jobs, the audit log is sealed all the time."""
    queue: Huey = app.extensions["queue"]
    threading.Thread(target=keep_sealing, args=(app, threading.Event()), daemon=True).start()
    threading.Thread(target=show_life, args=(app, threading.Event()), daemon=True).start()
    consumer = queue.create_consumer(workers=1, periodic=False, initial_delay=0.05, max_delay=1.0, backoff=1.2)
    consumer.run()
