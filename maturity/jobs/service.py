"""Asking for a job, leasing it, reporting progress and ending it.

A lease is the job's id with the number of the attempt: whoever lost it can no longer change the row.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, event, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from maturity.clock import Clock
from maturity.jobs.models import Job

LEASE = timedelta(seconds=30)
MAX_ATTEMPTS = 3
SWEEP_BATCH = 20  # the oldest first, so that a long queue is not filled with the same messages again and again
Wake = Callable[[uuid.UUID], None]
_TO_WAKE = "jobs_to_wake"
_logger = logging.getLogger(__name__)


class LeaseLost(RuntimeError):
    """Another worker has the job by now; what this one did must not count."""


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to work on a job, until the lease runs out and somebody else takes the next attempt."""

    job_id: uuid.UUID
    tenant_id: uuid.UUID
    attempt: int


def ask_for_job(
    session: Session,
    tenant_id: uuid.UUID,
    kind: str,
    key: str,
    payload: Mapping[str, Any],
    *,
    actor_id: int | None,
    clock: Clock,
    due_at: datetime | None = None,
) -> Job:
    """The job of this kind and key, made now if there is none; one that is over is queued afresh.

    Whoever asks for a job that is done does so because its result is not there any more. Nobody works on it before
    `due_at`; the sweep sees to it then.
    """
    job = _find_job(session, tenant_id, kind, key) or _add_job(
        session,
        Job(
            tenant_id=tenant_id,
            kind=kind,
            key=key,
            payload=dict(payload),
            state="queued",
            created_by=actor_id,
            created_at=clock.now(),
            due_at=due_at,
        ),
    )
    if job.is_over:
        job.state, job.error, job.attempts, job.finished_at = "queued", None, 0, None
        job.progress_done = job.progress_total = 0
        job.due_at = due_at
    session.flush()
    if job.state == "queued" and (job.due_at is None or job.due_at <= clock.now()):
        session.info.setdefault(_TO_WAKE, []).append(job.id)
    return job


def _find_job(session: Session, tenant_id: uuid.UUID, kind: str, key: str) -> Job | None:
    return session.scalar(select(Job).where(Job.tenant_id == tenant_id, Job.kind == kind, Job.key == key))


def _add_job(session: Session, job: Job) -> Job:
    """The job added, or the one that somebody else added at the same moment."""
    tenant_id, kind, key = job.tenant_id, job.kind, job.key
    try:
        with session.begin_nested():
            session.add(job)
    except IntegrityError:
        found = _find_job(session, tenant_id, kind, key)
        if found is None:
            raise
        return found
    return job


def wake_after_commit(session_factory: Any, wake: Wake) -> None:
    """Wake a worker for every job asked for, once its row is committed; a rollback forgets them.

    A queue that cannot be reached spoils nothing: the sweep finds the row.
    """

    @event.listens_for(session_factory, "after_commit")
    def _committed(session: Session) -> None:
        if session.in_nested_transaction():
            return  # a savepoint: the row may still be rolled back
        for job_id in session.info.pop(_TO_WAKE, []):
            try:
                wake(job_id)
            except Exception:
                _logger.warning("the queue could not be reached; the sweep will find job %s", job_id, exc_info=True)

    @event.listens_for(session_factory, "after_rollback")
    def _rolled_back(session: Session) -> None:
        session.info.pop(_TO_WAKE, None)


def lease_job(session: Session, job_id: uuid.UUID, clock: Clock) -> Lease | None:
    """Take the job if it waits or its worker fell silent; None when somebody else has it or it is over."""
    now = clock.now()
    free = or_(_waits(now), (Job.state == "running") & (Job.lease_until < now))
    taken: Any = session.execute(
        update(Job)
        .where(Job.id == job_id, Job.attempts < MAX_ATTEMPTS, free)
        .values(state="running", lease_until=now + LEASE, attempts=Job.attempts + 1)
        .execution_options(synchronize_session=False)
    )
    if taken.rowcount != 1:
        return None
    tenant_id, attempt = session.execute(select(Job.tenant_id, Job.attempts).where(Job.id == job_id)).one()
    return Lease(job_id, tenant_id, attempt)


def _waits(now: datetime) -> ColumnElement[bool]:
    return (Job.state == "queued") & or_(Job.due_at.is_(None), Job.due_at <= now)


def keep_lease(session: Session, lease: Lease, clock: Clock) -> None:
    """The heartbeat: the worker is alive."""
    _change(session, lease, lease_until=clock.now() + LEASE)


def report_progress(session: Session, lease: Lease, done: int, total: int, clock: Clock) -> None:
    """Show how far the job is; this is a heartbeat, too."""
    _change(session, lease, progress_done=min(done, total), progress_total=total, lease_until=clock.now() + LEASE)


def finish_job(session: Session, lease: Lease, clock: Clock) -> None:
    over = {"state": "done", "error": None, "finished_at": clock.now(), "lease_until": None}
    _change(session, lease, progress_done=Job.progress_total, **over)


def fail_job(session: Session, lease: Lease, code: str, clock: Clock, *, for_good: bool) -> None:
    """Queue the job again while it has tries left; otherwise it failed, with a code that the page has words for."""
    if for_good or lease.attempt >= MAX_ATTEMPTS:
        _change(session, lease, state="failed", error=code, finished_at=clock.now(), lease_until=None)
    else:
        _change(session, lease, state="queued", error=code, lease_until=None)


def _change(session: Session, lease: Lease, **values: Any) -> None:
    """Change the row while the lease is ours; `LeaseLost` when it is not."""
    held = (Job.id == lease.job_id) & (Job.attempts == lease.attempt) & (Job.state == "running")
    changed: Any = session.execute(
        update(Job).where(held).values(**values).execution_options(synchronize_session=False)
    )
    if changed.rowcount != 1:
        raise LeaseLost(str(lease.job_id))


def give_up_on(session: Session, clock: Clock) -> int:
    """Fail the jobs whose last attempt fell silent, too: what kills every worker must not be tried for ever."""
    worn_out = (Job.state == "running") & (Job.lease_until < clock.now()) & (Job.attempts >= MAX_ATTEMPTS)
    if session.scalar(select(Job.id).where(worn_out).limit(1)) is None:
        return 0
    failed: Any = session.execute(
        update(Job)
        .where(worn_out)
        .values(state="failed", error="job_failed", finished_at=clock.now(), lease_until=None)
        .execution_options(synchronize_session=False)
    )
    return int(failed.rowcount)


def retry_job(session: Session, job_id: uuid.UUID, clock: Clock) -> bool:
    """Queue a failed job afresh, with all its tries; whether it had failed. The session works for its tenant."""
    afresh = {"state": "queued", "error": None, "attempts": 0, "due_at": None, "finished_at": None}
    if not _moved(session, job_id, ("failed",), progress_done=0, progress_total=0, lease_until=None, **afresh):
        return False
    session.info.setdefault(_TO_WAKE, []).append(job_id)
    return True


def cancel_job(session: Session, job_id: uuid.UUID, clock: Clock) -> bool:
    """Fail a job that waits or runs; whether it did. Its worker finds the lease gone, and what it did is void."""
    over = {"state": "failed", "error": "job_cancelled", "finished_at": clock.now(), "lease_until": None}
    return _moved(session, job_id, ("queued", "running"), **over)


def _moved(session: Session, job_id: uuid.UUID, states: tuple[str, ...], **values: Any) -> bool:
    moved: Any = session.execute(
        update(Job)
        .where(Job.id == job_id, Job.state.in_(states))
        .values(**values)
        .execution_options(synchronize_session=False)
    )
    return bool(moved.rowcount == 1)


def waiting_jobs(session: Session, clock: Clock) -> list[uuid.UUID]:
    """Jobs that wait, or whose worker fell silent: what the sweep wakes again, the oldest first."""
    silent = (Job.state == "running") & (Job.lease_until < clock.now()) & (Job.attempts < MAX_ATTEMPTS)
    query = select(Job.id).where(or_(_waits(clock.now()), silent)).order_by(Job.created_at).limit(SWEEP_BATCH)
    return list(session.scalars(query))
