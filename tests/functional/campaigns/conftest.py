"""A regulator of Shandong with somebody who runs campaigns."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy.orm import Session

from maturity.accounts.models import User
from maturity.clock import FixedClock
from maturity.tenancy.models import Tenant
from tests.conftest import Browser
from tests.factories.campaigns import make_regulator
from tests.factories.people import make_user, sign_in


@pytest.fixture
def official(session: Session) -> User:
    return make_user(session, name="孙处长")


@pytest.fixture
def regulator(session: Session, official: User, clock: FixedClock) -> Tenant:
    return make_regulator(session, clock, owner=official)


@pytest.fixture
def desk(app: Any, session: Session, official: User, regulator: Tenant) -> Browser:
    """The official's browser."""
    browser = Browser(app.test_client())
    sign_in(browser.client, session.get_one(User, official.id))
    session.expunge_all()
    return browser


@pytest.fixture
def url(regulator: Tenant) -> str:
    return f"/t/{regulator.id}/campaigns"
