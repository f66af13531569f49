"""Claims: the operator's staff, codes, domains, and enterprises that are claimed or about to be."""

from __future__ import annotations

from contextvars import Context
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from maturity.accounts.models import User
from maturity.claims.codes import issue_code
from maturity.claims.domains import record_domain
from maturity.claims.models import Claim
from maturity.claims.service import claim_by_code
from maturity.clock import FixedClock
from maturity.db import for_tenant
from maturity.extensions import db
from maturity.jobs.models import Job
from maturity.jobs.routes import HANDLERS
from maturity.jobs.worker import run_one
from maturity.organisations.models import Enterprise
from maturity.tenancy.models import Membership, Tenant
from maturity.tenancy.service import PLATFORM, ensure_platform
from tests.factories.enterprises import USCC, make_enterprise
from tests.factories.people import keep, make_user

ANOTHER = "91350100M000100Y43"


def make_staff(session: Session, clock: FixedClock, role: str = "owner") -> User:
    """Somebody of the operator."""
    ensure_platform(session, clock)
    user = make_user(session, name="赵敏")
    session.add(Membership(tenant_id=PLATFORM, user_id=user.id, role=role, created_at=clock.now()))
    keep(session)
    return user


def make_code(session: Session, clock: FixedClock, uscc: str = USCC) -> str:
    ensure_platform(session, clock)
    with for_tenant(session, PLATFORM):
        _row, code = issue_code(session, PLATFORM, uscc, "某厂办公室", actor_id=None, clock=clock)
    keep(session)
    return code


def make_domain(session: Session, clock: FixedClock, domain: str, uscc: str = USCC) -> None:
    ensure_platform(session, clock)
    with for_tenant(session, PLATFORM):
        record_domain(session, PLATFORM, uscc, domain, "ICP 备案", actor_id=None, clock=clock)  # type: ignore[arg-type]  # nobody
    keep(session)


def make_claimed(session: Session, clock: FixedClock, owner: User | None = None, **values: Any) -> Tenant:
    """An enterprise that is claimed, without the way there."""
    tenant = make_enterprise(session, owner or make_user(session), clock, **values)
    session.scalars(select(Enterprise).where(Enterprise.tenant_id == tenant.id)).one().claimed_at = clock.now()
    keep(session)
    return tenant


def make_proof(session: Session, clock: FixedClock, owner: User, tenant: Tenant, uscc: str = USCC) -> Claim:
    """A claim that is proved by a code."""
    code = make_code(session, clock, uscc)
    with for_tenant(session, tenant.id):
        claim = claim_by_code(session, code, owner, clock)
    keep(session)
    return claim


def work_off(app: Any, session: Session, clock: FixedClock) -> None:
    """Everything the worker has to do by now, as `flask worker` does it: with sessions of its own."""
    for _ in range(10):
        session.rollback()
        query = select(Job.id).where(Job.state == "queued", Job.due_at.is_(None) | (Job.due_at <= clock.now()))
        waiting = list(session.scalars(query.order_by(Job.due_at, Job.created_at, Job.id)))
        session.rollback()
        if not waiting:
            return
        for job_id in waiting:
            Context().run(_run, app, job_id)
    raise AssertionError("jobs without end")


def _run(app: Any, job_id: Any) -> None:
    with app.app_context():
        try:
            run_one(app, job_id, HANDLERS)
        finally:
            db.session.remove()
