"""Stripe as the site meets it in these tests, and who buys."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy.orm import Session

from maturity.accounts.models import User
from maturity.billing.catalogue import sync_catalogue
from maturity.billing.stripe_gateway import StripeGateway
from maturity.clock import FixedClock
from maturity.plans.loader import price_list
from maturity.tenancy.models import Tenant
from maturity.tenancy.service import ensure_platform
from tests.conftest import Browser
from tests.factories.billing import VERSION
from tests.factories.enterprises import make_enterprise
from tests.factories.people import make_user, sign_in
from tests.stripe_server import StripeServer, running_stripe


@pytest.fixture
def server(app: Any, clock: FixedClock) -> Iterator[StripeServer]:
    """Stripe, with what is sold in place; its clock is not the site's, hence the site's follows it."""
    with running_stripe(clock.now()) as found:
        yield found


@pytest.fixture
def gateway(app: Any, server: StripeServer) -> Iterator[StripeGateway]:
    before = app.extensions["billing"]
    made = StripeGateway(server.key, server.url, retries=0)
    list(sync_catalogue(made.catalogue, price_list(VERSION)))
    app.extensions["billing"] = made
    yield made
    app.extensions["billing"] = before


@pytest.fixture
def owner(session: Session, clock: FixedClock) -> User:
    ensure_platform(session, clock)  # every installation has its operator
    return make_user(session)


@pytest.fixture
def enterprise(session: Session, owner: User, clock: FixedClock) -> Tenant:
    return make_enterprise(session, owner, clock)


@pytest.fixture
def at(session: Session, browser: Browser, owner: User, enterprise: Tenant) -> str:
    """The address of the enterprise's billing, its owner signed in."""
    session.commit()
    sign_in(browser.client, owner)
    return f"/t/{enterprise.id}/billing"
