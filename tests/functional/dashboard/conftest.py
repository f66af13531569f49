"""A regulator of Shandong before two released years of a small synthetic population."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy.orm import Session

from maturity.accounts.models import User
from maturity.benchmarks.models import BenchmarkRelease
from maturity.clock import FixedClock
from maturity.tenancy.models import Tenant
from tests.conftest import Browser
from tests.factories.campaigns import make_regulator
from tests.factories.dashboard import YEARS, publish_year
from tests.factories.people import keep, make_user, sign_in


@pytest.fixture
def official(session: Session) -> User:
    user = make_user(session, name="孙处长", locale="en")
    keep(session)
    return user


@pytest.fixture
def regulator(session: Session, official: User, clock: FixedClock) -> Tenant:
    return make_regulator(session, clock, owner=official)


@pytest.fixture
def releases(session: Session, clock: FixedClock) -> dict[int, BenchmarkRelease]:
    return {year: publish_year(session, clock, year) for year in YEARS}


@pytest.fixture
def desk(app: Any, session: Session, official: User, regulator: Tenant) -> Browser:
    """The official's browser, in English."""
    browser = Browser(app.test_client())
    sign_in(browser.client, session.get_one(User, official.id))
    session.expunge_all()
    return browser


@pytest.fixture
def url(regulator: Tenant) -> str:
    return f"/t/{regulator.id}/dashboard"
