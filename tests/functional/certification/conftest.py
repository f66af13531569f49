"""People of an enterprise, a certification body and the operator, each in a browser of their own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy.orm import Session

from maturity.accounts.models import User
from maturity.certification.cases import Actor
from maturity.clock import FixedClock
from maturity.tenancy.models import Tenant
from maturity.tenancy.service import PLATFORM, ensure_platform
from tests.conftest import Browser
from tests.factories.certification import Made, make_case
from tests.factories.enterprises import add_member
from tests.factories.people import keep, make_user, sign_in

As = Callable[[Actor | int], Browser]
Case = Callable[..., Made]


@pytest.fixture
def as_(app: Any, session: Session) -> As:
    """A browser in which somebody has signed in."""

    def opened(who: Actor | int) -> Browser:
        client = app.test_client()
        user_id = who if isinstance(who, int) else who.user_id or 0
        sign_in(client, session.get_one(User, user_id))
        keep(session)
        return Browser(client)

    return opened


@pytest.fixture
def case_at(session: Session, clock: FixedClock) -> Case:
    """A case that has come as far as a state."""

    def made(state: str = "applied", **values: Any) -> Made:
        found = make_case(session, clock, state, **values)
        keep(session)
        return found

    return made


@pytest.fixture
def operator(session: Session, clock: FixedClock) -> int:
    """Somebody of the operator's staff."""
    ensure_platform(session, clock)
    user = make_user(session, name="平台值班")
    add_member(session, session.get_one(Tenant, PLATFORM), user, "owner", clock)
    found = user.id
    keep(session)
    return found


def member(session: Session, tenant_id: Any, role: str, clock: FixedClock, **values: Any) -> int:
    """Somebody with a role in a tenant."""
    user = make_user(session, **values)
    add_member(session, session.get_one(Tenant, tenant_id), user, role, clock)
    found = user.id
    keep(session)
    return found
