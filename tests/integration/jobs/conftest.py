"""A tenant that jobs can belong to, and sessions of other workers."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from maturity.clock import FixedClock
from maturity.jobs.models import Job
from maturity.jobs.service import ask_for_job
from maturity.tenancy.models import Tenant
from tests.factories.enterprises import make_enterprise
from tests.factories.people import make_user


@pytest.fixture
def tenant(session: Session, clock: FixedClock) -> Tenant:
    tenant = make_enterprise(session, make_user(session), clock)
    session.commit()
    return tenant


@dataclass(slots=True)
class Board:
    """Puts jobs up and looks at them, without ever keeping a lock."""

    session: Session
    tenant_id: uuid.UUID
    clock: FixedClock
    woken: list[uuid.UUID] = field(default_factory=list)

    def put_up(self, key: str = "k", **payload: Any) -> uuid.UUID:
        job = ask_for_job(self.session, self.tenant_id, "test", key, payload, actor_id=None, clock=self.clock)
        job_id = job.id
        self.session.commit()
        return job_id

    def job(self, job_id: uuid.UUID) -> Job:
        self.session.rollback()
        job = self.session.scalars(select(Job).where(Job.id == job_id).execution_options(populate_existing=True)).one()
        self.session.expunge(job)
        self.session.rollback()
        return job


@pytest.fixture
def board(app: Any, session: Session, tenant: Tenant, clock: FixedClock, monkeypatch: pytest.MonkeyPatch) -> Board:
    board = Board(session, tenant.id, clock)
    monkeypatch.setitem(app.extensions, "wake", board.woken.append)
    session.rollback()
    return board


Handled = Callable[..., None]
