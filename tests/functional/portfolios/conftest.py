"""A consultancy with its owner signed in, and one client."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy.orm import Session

from maturity.accounts.models import User
from maturity.clock import FixedClock
from maturity.tenancy.models import Tenant
from tests.conftest import Browser
from tests.factories.people import make_user, sign_in
from tests.factories.portfolios import keep, make_client, make_consultancy


@pytest.fixture
def adviser(session: Session) -> User:
    user = make_user(session, name="陈静")
    keep(session)
    return user


@pytest.fixture
def consultancy(session: Session, clock: FixedClock, adviser: User) -> Tenant:
    return make_consultancy(session, adviser, clock)


@pytest.fixture
def consultant(app: Any, adviser: User, consultancy: Tenant) -> Browser:
    browser = Browser(app.test_client())
    sign_in(browser.client, adviser)
    return browser


@pytest.fixture
def customer(session: Session, clock: FixedClock, consultancy: Tenant) -> Tenant:
    """The client."""
    return make_client(session, consultancy, clock)[0]
