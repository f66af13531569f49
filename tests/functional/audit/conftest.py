"""An enterprise with an owner who reads its log, and people who may not."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy.orm import Session

from maturity.accounts.models import User
from maturity.audit.sealer import seal_pending
from maturity.clock import FixedClock
from maturity.tenancy.models import Tenant
from tests.conftest import Browser
from tests.factories.enterprises import make_enterprise
from tests.factories.people import make_user, sign_in


@pytest.fixture
def owner(session: Session) -> User:
    return make_user(session, name="王建国")


@pytest.fixture
def tenant(browser: Browser, session: Session, clock: FixedClock, owner: User) -> Tenant:
    """Its registration is sealed; the owner is signed in."""
    tenant = make_enterprise(session, owner, clock)
    session.commit()
    sign_in(browser.client, owner)
    return tenant


@pytest.fixture
def sealed(app: Any, session: Session, tenant: Tenant) -> Tenant:
    seal_pending(app)
    session.rollback()
    return tenant
