"""A signed-in owner at a fresh assessment, and a colleague at the same one."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from maturity.accounts.models import User
from maturity.assessments.models import Answer, AnswerVersion, Assessment
from maturity.clock import FixedClock
from maturity.tenancy.models import Tenant
from tests.conftest import Browser
from tests.factories.assessments import make_assessment
from tests.factories.enterprises import add_member, make_enterprise
from tests.factories.people import make_user, sign_in
from tests.functional.assessments.desk import Desk


@pytest.fixture
def owner(browser: Browser, session: Session) -> User:
    user = make_user(session)
    session.commit()
    sign_in(browser.client, user)
    return user


@pytest.fixture
def tenant(session: Session, clock: FixedClock, owner: User) -> Tenant:
    tenant = make_enterprise(session, owner, clock)
    session.commit()
    return tenant


@pytest.fixture
def draft(session: Session, clock: FixedClock, tenant: Tenant) -> Assessment:
    assessment = make_assessment(session, tenant, clock)
    session.commit()
    return assessment


@pytest.fixture
def desk(browser: Browser, session: Session, draft: Assessment) -> Desk:
    desk = Desk(browser, f"/t/{draft.tenant_id}/assessments/{draft.id}")
    session.rollback()
    return desk


@pytest.fixture
def colleague(app: Any, session: Session, clock: FixedClock, tenant: Tenant, desk: Desk) -> Desk:
    """Somebody else of the enterprise at the same assessment."""
    user = make_user(session, name="李梅")
    add_member(session, tenant, user, "editor", clock)
    session.commit()
    browser = Browser(app.test_client())
    sign_in(browser.client, user)
    session.rollback()
    return Desk(browser, desk.base)


class Stored:
    """What the database holds; reading never keeps a lock."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def answer(self, question_id: str) -> dict[str, Any] | None:
        row = self.session.execute(select(Answer.facts).where(Answer.question_id == question_id)).scalar()
        self.session.rollback()
        return row

    def history(self, question_id: str) -> list[dict[str, Any]]:
        query = select(AnswerVersion.facts).where(AnswerVersion.question_id == question_id)
        rows = list(self.session.scalars(query.order_by(AnswerVersion.version)))
        self.session.rollback()
        return rows


@pytest.fixture
def stored(session: Session) -> Stored:
    return Stored(session)
