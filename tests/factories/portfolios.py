"""Consultancies, their clients, and the worker's round that gathers figures."""

from __future__ import annotations

from contextvars import Context
from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from maturity.accounts.models import User
from maturity.clock import FixedClock
from maturity.consulting.service import give_grant, register_consultancy
from maturity.extensions import db
from maturity.portfolios.projection import sweep_portfolios
from maturity.tenancy.models import Grant, Tenant
from tests.factories.billing import on_plan
from tests.factories.enterprises import make_enterprise
from tests.factories.people import keep, make_user


def make_consultancy(session: Session, adviser: User, clock: FixedClock, name: str = "海岳咨询") -> Tenant:
    """With room for more people and clients than any test has."""
    tenant = register_consultancy(session, name, owner_id=adviser.id, clock=clock)
    on_plan(session, tenant, "consultancy", clock, seats=50)
    keep(session)
    return tenant


def make_client(
    session: Session, consultancy: Tenant, clock: FixedClock, *, scope: str = "answer", days: int = 300, **more: Any
) -> tuple[Tenant, Grant]:
    """An enterprise with an owner of its own, and the grant it gave."""
    tenant = make_enterprise(session, make_user(session), clock, **more)
    return tenant, give(session, tenant, consultancy, clock, scope=scope, days=days)


def give(
    session: Session, client: Tenant, consultancy: Tenant, clock: FixedClock, *, scope: str = "answer", days: int = 300
) -> Grant:
    until = clock.today() + timedelta(days=days)
    grant = give_grant(session, client, consultancy, scope, until, actor_id=None, clock=clock)
    keep(session)
    return grant


def sweep(app: Any) -> int:
    """One round of the worker, in a process's place: with a session and a context of its own."""

    def run() -> int:
        with app.app_context():
            try:
                return sweep_portfolios(app)
            finally:
                db.session.remove()

    return Context().run(run)
