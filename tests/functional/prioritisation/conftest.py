"""An enterprise with a submitted assessment in bands, its owner signed in, and people of other roles."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy.orm import Session

from maturity.clock import FixedClock
from maturity.tenancy.models import Tenant
from tests.conftest import Browser
from tests.factories.enterprises import add_member, make_enterprise
from tests.factories.people import keep, make_user, sign_in
from tests.factories.prioritisation import make_rating

Sign = Callable[[str], Browser]


@pytest.fixture
def tenant(session: Session, clock: FixedClock) -> Tenant:
    return make_enterprise(session, make_user(session), clock)


@pytest.fixture
def assessment_id(session: Session, clock: FixedClock, tenant: Tenant) -> uuid.UUID:
    """Automation of the shop floor is furthest behind."""
    made = make_rating(session, tenant, clock, band_shop_floor_automation=0, band_collaboration=5)
    found = made.id
    session.commit()
    return found


@pytest.fixture
def sign(app: Any, session: Session, clock: FixedClock, tenant: Tenant) -> Sign:
    """Somebody with a role in the enterprise, signed in."""

    def as_role(role: str) -> Browser:
        user = make_user(session)
        add_member(session, tenant, user, role, clock)
        session.commit()
        browser = Browser(app.test_client())
        sign_in(browser.client, user)
        return browser

    return as_role


@pytest.fixture
def owner(sign: Sign) -> Browser:
    return sign("owner")


@pytest.fixture
def base(tenant: Tenant, session: Session) -> str:
    address = f"/t/{tenant.id}"
    keep(session)
    return address
