"""A tenant with a log, written and damaged by hand."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, select
from sqlalchemy.orm import Session

from maturity.accounts.models import User
from maturity.audit.models import AuditSeal
from maturity.audit.sealer import seal_pending
from maturity.audit.service import record
from maturity.audit.verification import Verification, verify_log
from maturity.clock import FixedClock
from maturity.extensions import db
from maturity.tenancy.models import Tenant
from tests.audit import unguarded
from tests.factories.enterprises import make_enterprise
from tests.factories.people import make_user


@pytest.fixture
def actor(session: Session) -> User:
    user = make_user(session)
    session.commit()
    return user


@pytest.fixture
def tenant(session: Session, clock: FixedClock, actor: User) -> Tenant:
    tenant = make_enterprise(session, actor, clock)
    session.commit()
    return tenant


@dataclass(slots=True)
class Log:
    """Records, seals, damages and verifies; every step its own transaction. The tenant's registration is event 1."""

    app: Any
    session: Session
    clock: FixedClock
    tenant_id: uuid.UUID
    actor_id: int

    def note(self, *periods: int) -> None:
        """Record an event for each period, a second apart, and commit."""
        for period in periods:
            self.clock.at += timedelta(seconds=1)
            what: dict[str, Any] = {"assessment_id": "1", "period": period}
            record(self.session, self.clock, "assessment.started", self.actor_id, self.tenant_id, **what)
        self.session.commit()

    def seal(self) -> int:
        return seal_pending(self.app)

    def seals(self) -> list[AuditSeal]:
        self.session.rollback()
        return list(self.session.scalars(select(AuditSeal).order_by(AuditSeal.position)))

    def verify(self, **expected: Any) -> Verification:
        self.session.rollback()
        found = verify_log(self.session, **expected)
        self.session.rollback()
        return found

    def places(self) -> list[tuple[int, str]]:
        return [(finding.position, finding.kind) for finding in self.verify().findings]

    @contextmanager
    def as_intruder(self) -> Iterator[Connection]:
        """With the run of the database: past the program and without the triggers."""
        self.session.rollback()
        with db.engine.begin() as connection, unguarded(connection):
            yield connection


@pytest.fixture
def log(app: Any, session: Session, clock: FixedClock, tenant: Tenant, actor: User) -> Log:
    return Log(app, session, clock, tenant.id, actor.id)


@pytest.fixture
def on_postgresql(session: Session) -> None:
    if session.get_bind().dialect.name != "postgresql":
        pytest.skip("SQLite has one writer at a time")
