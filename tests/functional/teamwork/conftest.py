"""A draft of an enterprise with an owner, and colleagues of any role at it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from maturity.accounts.models import User
from maturity.assessments.models import Assessment
from maturity.audit.models import AuditEvent
from maturity.clock import FixedClock
from maturity.extensions import db
from maturity.jobs.routes import HANDLERS
from maturity.jobs.worker import run_one, sweep
from maturity.messages.models import Message
from maturity.tenancy.models import Tenant
from tests.conftest import Browser
from tests.factories.assessments import make_assessment
from tests.factories.enterprises import add_member, make_enterprise
from tests.factories.people import make_user, sign_in
from tests.functional.assessments.desk import Desk
from tests.page import Page


@dataclass(slots=True)
class Colleague(Desk):
    """A person at the draft."""

    user_id: int
    name: str
    email: str

    def assign(self, sections: list[str], *people: Colleague, due: date | None = None, status: int = 200) -> Page:
        data = {"sections": sections, "people": [person.user_id for person in people], "due_on": due or ""}
        return self.browser.post(f"{self.base}/assignments", data, status)

    def comment(self, question: str, text: str, status: int = 200) -> Page:
        data = {f"comment.{question}": text}
        return self.browser.post(f"{self.base}/questions/{question}/comments", data, status)

    def at(self, address: str, status: int = 200) -> Page:
        return self.browser.get(f"{self.base}{address}", status)

    def press(self, address: str, status: int = 200, **data: Any) -> Page:
        return self.browser.post(f"{self.base}{address}", data, status)


Hire = Callable[..., Colleague]


@pytest.fixture
def owner_account(session: Session) -> User:
    user = make_user(session, name="李明", email="li@example.com")
    session.commit()
    return user


@pytest.fixture
def tenant(session: Session, clock: FixedClock, owner_account: User) -> Tenant:
    tenant = make_enterprise(session, owner_account, clock)
    session.commit()
    return tenant


@pytest.fixture
def draft(session: Session, clock: FixedClock, tenant: Tenant) -> Assessment:
    assessment = make_assessment(session, tenant, clock)
    session.commit()
    return assessment


def seat(app: Any, session: Session, draft: Assessment, user: User) -> Colleague:
    browser = Browser(app.test_client())
    sign_in(browser.client, user)
    session.rollback()
    base = f"/t/{draft.tenant_id}/assessments/{draft.id}"
    return Colleague(browser, base, int(user.id), user.name, str(user.email))


@pytest.fixture
def owner(app: Any, session: Session, draft: Assessment, owner_account: User) -> Colleague:
    return seat(app, session, draft, owner_account)


@pytest.fixture
def hire(app: Any, session: Session, clock: FixedClock, tenant: Tenant, draft: Assessment) -> Hire:
    """`hire(role, name)`: one more person of the enterprise, signed in."""

    def hired(role: str, name: str, locale: str = "en") -> Colleague:
        user = make_user(session, name=name, locale=locale)
        add_member(session, tenant, user, role, clock)
        session.commit()
        return seat(app, session, draft, user)

    return hired


class Post:
    """The letters that wait in the outbox."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def to(self, person: Colleague) -> list[Message]:
        query = select(Message).where(Message.recipient == person.email).order_by(Message.created_at)
        found = list(self.session.scalars(query))
        self.session.expunge_all()  # to be read later without a transaction, which locks SQLite
        self.session.rollback()
        return found


@pytest.fixture
def post(session: Session) -> Post:
    return Post(session)


@pytest.fixture
def work(app: Any) -> Callable[[], int]:
    """What the worker does in one round: every job that is due; how many there were."""

    def worked() -> int:
        with app.app_context():
            found = sweep(app)
            for job_id in found:
                assert run_one(app, job_id, HANDLERS)
            db.session.remove()
        return len(found)

    return worked


@pytest.fixture
def recorded(session: Session) -> Callable[[str], list[AuditEvent]]:
    """The events of a name in the audit log."""

    def found(name: str) -> list[AuditEvent]:
        rows = list(session.scalars(select(AuditEvent).where(AuditEvent.event == name).order_by(AuditEvent.at)))
        session.expunge_all()
        session.rollback()
        return rows

    return found
