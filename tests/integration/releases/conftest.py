"""Bodies that prepare and review releases, and contributors in the database."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from contextvars import Context
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from maturity.benchmarks.models import BenchmarkRelease
from maturity.clock import FixedClock
from maturity.extensions import db
from maturity.jobs.models import Job
from maturity.jobs.routes import HANDLERS
from maturity.jobs.worker import run_one
from maturity.releases.service import Request, ask, sign
from maturity.tenancy.models import Tenant
from maturity.tenancy.service import PLATFORM, ensure_platform
from tests.factories.contributors import make_contributors
from tests.factories.enterprises import add_member
from tests.factories.people import make_user

COUNT = 320


@dataclass(slots=True)
class Desk:
    """The operator with three people of its staff: one asks, two sign."""

    session: Session
    asker: int
    first: int
    second: int
    clock: FixedClock
    run: Callable[[], int]

    @property
    def tenant(self) -> Tenant:
        return self.session.get_one(Tenant, PLATFORM)

    def ask(self, period: int = 2025, **more: Any) -> int:
        request = Request("lianghua", period, self.clock.today(), **more)
        number = ask(self.session, self.tenant, request, actor_id=self.asker, clock=self.clock).id
        self.session.commit()
        return number

    def computed(self, period: int = 2025, **more: Any) -> int:
        number = self.ask(period, **more)
        self.run()
        return number

    def sign(self, number: int, user_id: int) -> bool:
        published = sign(self.session, self.tenant, number, actor_id=user_id, clock=self.clock)
        self.session.commit()
        return published

    def published(self, period: int = 2025, **more: Any) -> int:
        number = self.computed(period, **more)
        self.sign(number, self.first)
        self.sign(number, self.second)
        self.run()
        return number

    def release(self, number: int) -> BenchmarkRelease:
        self.session.rollback()
        found = self.session.get_one(BenchmarkRelease, number, populate_existing=True)
        self.session.rollback()
        return found


@pytest.fixture
def run(app: Any, session: Session) -> Callable[[], int]:
    """Do what waits, as the worker would; how many jobs that were."""

    def work(job_id: uuid.UUID) -> None:
        with app.app_context():
            try:
                run_one(app, job_id, HANDLERS)
            finally:
                db.session.remove()

    def run_all() -> int:
        session.rollback()
        kinds = ("release", "release_receipts")
        found = list(session.scalars(select(Job.id).where(Job.state == "queued", Job.kind.in_(kinds))))
        session.rollback()
        for job_id in found:
            Context().run(work, job_id)
        return len(found)

    return run_all


@pytest.fixture
def desk(session: Session, clock: FixedClock, run: Callable[[], int]) -> Desk:
    ensure_platform(session, clock)
    tenant = session.get_one(Tenant, PLATFORM)
    people = [make_user(session) for _ in range(3)]
    for person in people:
        add_member(session, tenant, person, "owner", clock)
    numbers = [person.id for person in people]
    session.commit()
    return Desk(session, *numbers, clock, run)


@pytest.fixture
def contributors(session: Session, clock: FixedClock) -> list[uuid.UUID]:
    clock.at += timedelta(days=1)
    made = make_contributors(session, clock, COUNT)
    session.commit()
    return made
