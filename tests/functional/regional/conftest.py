"""A regulator with people of every role and a model in force with figures of two years."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from maturity.clock import FixedClock
from maturity.tenancy.models import Tenant
from tests.conftest import Browser
from tests.factories.enterprises import add_member
from tests.factories.people import keep, make_user, sign_in
from tests.factories.regional import enter, make_model, make_regulator

Sign = Callable[..., Browser]
#: Shandong and Jiangsu can be compared; Anhui has no figure of one class; the others have none.
FIGURES = {
    "": {"a": "10", "b": "10", "c": "10"},
    "370000": {"a": "20", "b": "5", "c": "30"},
    "320000": {"a": "30", "b": "10", "c": "10"},
    "340000": {"a": "10", "b": "10"},
}


@pytest.fixture
def tenant(session: Session, clock: FixedClock) -> Tenant:
    return make_regulator(session, make_user(session), clock)


@pytest.fixture
def sign(app: Any, session: Session, clock: FixedClock, tenant: Tenant) -> Sign:
    """Somebody with a role at the regulator, signed in."""

    def as_role(role: str, locale: str = "en", at: Tenant = tenant) -> Browser:
        user = make_user(session, locale=locale)
        add_member(session, at, user, role, clock)
        session.commit()
        browser = Browser(app.test_client())
        sign_in(browser.client, user)
        return browser

    return as_role


@pytest.fixture
def model_id(session: Session, clock: FixedClock, tenant: Tenant) -> UUID:
    made: UUID = make_model(session, tenant, clock)
    enter(session, tenant, clock, made, FIGURES)
    enter(session, tenant, clock, made, {"370000": {"a": "10", "b": "10", "c": "10"}}, 2023)
    session.commit()
    return made


@pytest.fixture
def editor(sign: Sign) -> Browser:
    return sign("editor")


@pytest.fixture
def base(tenant: Tenant, session: Session) -> str:
    address = f"/t/{tenant.id}/regional"
    keep(session)
    return address
