"""Jobs of all tenants as the operator sees them: what waits, runs and failed; trying again and stopping."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from maturity.audit.service import record
from maturity.clock import Clock
from maturity.db import every_tenant, for_tenant
from maturity.errors import Conflict, Invalid, NotFound
from maturity.jobs.models import Job
from maturity.jobs.service import cancel_job, retry_job
from maturity.tenancy.models import Tenant

PAGE = 50
STATES = ("queued", "running", "failed", "done")
SHORTEST_REASON, LONGEST_REASON = 5, 300


@dataclass(frozen=True, slots=True)
class JobLine:
    id: uuid.UUID
    kind: str
    state: str
    tenant: str
    done: int
    total: int
    attempts: int
    error: str | None
    created_at: datetime
    due_at: datetime | None
    finished_at: datetime | None

    @property
    def can_be_stopped(self) -> bool:
        return self.state in ("queued", "running")


@dataclass(frozen=True, slots=True)
class JobPage:
    lines: tuple[JobLine, ...]
    counts: Mapping[str, int]
    state: str
    page: int
    pages: int


_COLUMNS = (
    Job.id,
    Job.kind,
    Job.state,
    Tenant.name,
    Job.progress_done,
    Job.progress_total,
    Job.attempts,
    Job.error,
    Job.created_at,
    Job.due_at,
    Job.finished_at,
)


def jobs_page(session: Session, *, state: str, page: int) -> JobPage:
    """Jobs in one state, those that wait oldest first and the others newest first."""
    state = state if state in STATES else "queued"
    with every_tenant(session, "operate"):
        counted = session.execute(select(Job.state, func.count(Job.id)).group_by(Job.state)).tuples()
        counts = dict(counted.all())
        pages = max(1, -(-counts.get(state, 0) // PAGE))
        page = min(max(page, 1), pages)
        order = Job.created_at if state in ("queued", "running") else Job.created_at.desc()
        query = select(*_COLUMNS).join(Tenant, Tenant.id == Job.tenant_id).where(Job.state == state)
        rows = session.execute(query.order_by(order, Job.id).limit(PAGE).offset(PAGE * (page - 1))).tuples().all()
    return JobPage(tuple(JobLine(*row) for row in rows), counts, state, page, pages)


def job_line(session: Session, job_id: uuid.UUID) -> JobLine:
    """One job; `NotFound` where there is none."""
    with every_tenant(session, "operate"):
        query = select(*_COLUMNS).join(Tenant, Tenant.id == Job.tenant_id).where(Job.id == job_id)
        row = session.execute(query).one_or_none()
    if row is None:
        raise NotFound("job")
    return JobLine(*row)


def _tenant_of(session: Session, job_id: uuid.UUID) -> uuid.UUID:
    with every_tenant(session, "operate"):
        found = session.scalar(select(Job.tenant_id).where(Job.id == job_id))
    if found is None:
        raise NotFound("job")
    return found


def retry(session: Session, operator_id: uuid.UUID, job_id: uuid.UUID, *, actor_id: int, clock: Clock) -> None:
    """Have a failed job done again; `Conflict` when it has not failed."""
    with for_tenant(session, _tenant_of(session, job_id)):
        if not retry_job(session, job_id, clock):
            raise Conflict("job_state")
    _record(session, clock, "operation.job_retried", actor_id, operator_id, job_id=str(job_id))


def cancel(
    session: Session, operator_id: uuid.UUID, job_id: uuid.UUID, reason: str, *, actor_id: int, clock: Clock
) -> None:
    """Stop a job that waits or runs, with a reason that its tenant reads in its log."""
    reason = " ".join(reason.split())
    if not SHORTEST_REASON <= len(reason) <= LONGEST_REASON:
        raise Invalid("staff_reason")
    tenant_id = _tenant_of(session, job_id)
    with for_tenant(session, tenant_id):
        if not cancel_job(session, job_id, clock):
            raise Conflict("job_state")
        if tenant_id != operator_id:
            record(session, clock, "job.cancelled", actor_id, tenant_id, reason=reason)
        session.flush()
    _record(session, clock, "operation.job_cancelled", actor_id, operator_id, job_id=str(job_id), reason=reason)


def _record(session: Session, clock: Clock, event: str, actor_id: int, operator_id: uuid.UUID, **details: Any) -> None:
    with for_tenant(session, operator_id):
        record(session, clock, event, actor_id, operator_id, **details)
        session.flush()
