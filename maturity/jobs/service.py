"""Asking for a job, leasing it, reporting progress and ending it."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import event, or_, select, update
from sqlalchemy.orm import Session

from maturity.clock import Clock
from maturity.jobs.models import Job

LEASE = timedelta(seconds=60)
MAX_ATTEMPTS = 3
Wake = Callable[[uuid.UUID], None]
_TO_WAKE = "jobs_to_wake"


def ask_for_job(
    session: Session,
    tenant_id: uuid.UUID,
    kind: str,
    key: str,
    payload: Mapping[str, Any],
    *,
    actor_id: int | None,
    clock: Clock,
) -> Job:
    """The job of this kind and key, made now if there is none; a failed one is queued afresh."""
    job = session.scalar(select(Job).where(Job.tenant_id == tenant_id, Job.kind == kind, Job.key == key))
    if job is None:
        job = Job(
            tenant_id=tenant_id,
            kind=kind,
            key=key,
            payload=dict(payload),
            created_by=actor_id,
            created_at=clock.now(),
        )
        session.add(job)
    elif job.state == "failed":
        job.state, job.error, job.attempts, job.progress_done, job.finished_at = "queued", None, 0, 0, None
    session.flush()
    if job.state == "queued":
        session.info.setdefault(_TO_WAKE, []).append(job.id)
    return job


def wake_after_commit(session_factory: Any, wake: Wake) -> None:
    """Wake a worker for every job asked for, once its row is committed; a rollback forgets them."""

    @event.listens_for(session_factory, "after_commit")
    def _committed(session: Session) -> None:
        for job_id in session.info.pop(_TO_WAKE, []):
            wake(job_id)

    @event.listens_for(session_factory, "after_rollback")
    def _rolled_back(session: Session) -> None:
        session.info.pop(_TO_WAKE, None)


def lease_job(session: Session, job_id: uuid.UUID, clock: Clock) -> Job | None:
    """Take the job if it waits or its worker fell silent; None when somebody else has it or it is over."""
    now = clock.now()
    free = or_(Job.state == "queued", (Job.state == "running") & (Job.lease_until < now))
    taken: Any = session.execute(
        update(Job)
        .where(Job.id == job_id, free)
        .values(state="running", lease_until=now + LEASE, attempts=Job.attempts + 1)
        .execution_options(synchronize_session=False)
    )
    session.flush()
    if taken.rowcount != 1:
        return None
    return session.scalar(select(Job).where(Job.id == job_id).execution_options(populate_existing=True))


def report_progress(session: Session, job: Job, done: int, total: int, clock: Clock) -> None:
    """Show how far the job is and keep its lease: this is the heartbeat."""
    job.progress_done, job.progress_total = min(done, total), total
    job.lease_until = clock.now() + LEASE
    session.flush()


def finish_job(session: Session, job: Job, clock: Clock) -> None:
    job.state, job.finished_at, job.lease_until = "done", clock.now(), None
    job.progress_done = job.progress_total
    session.flush()


def fail_job(session: Session, job: Job, code: str, clock: Clock) -> None:
    """Queue the job again while it has tries left; otherwise it failed, with a code that the page has words for."""
    job.error, job.lease_until = code, None
    if job.attempts >= MAX_ATTEMPTS:
        job.state, job.finished_at = "failed", clock.now()
    else:
        job.state = "queued"
    session.flush()


def waiting_jobs(session: Session, clock: Clock) -> list[uuid.UUID]:
    """Jobs that wait, or whose worker fell silent: what the sweep wakes again."""
    silent = (Job.state == "running") & (Job.lease_until < clock.now())
    query = select(Job.id).where(or_(Job.state == "queued", silent)).order_by(Job.created_at)
    return list(session.scalars(query))
