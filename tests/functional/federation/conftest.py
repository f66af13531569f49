"""A tenant whose owner has set up a real provider, and browsers that go there and come back."""

from __future__ import annotations

import html
import re
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from maturity.accounts.models import SignIn, User
from maturity.clock import FixedClock
from maturity.federation.sealed import seal
from maturity.tenancy.models import IdentityProvider
from tests.conftest import Browser
from tests.factories.enterprises import make_enterprise
from tests.factories.people import keep, make_user, sign_in
from tests.provider import Provider, running_provider

DOMAIN = "haiyue.cn"


@pytest.fixture
def provider(clock: FixedClock, app: Any) -> Iterator[Provider]:
    """The provider's clock is the machine's, hence the site's is set by it."""
    clock.at = datetime.now(UTC)
    app.config["OIDC_ALLOW_PRIVATE"] = True
    with running_provider() as found:
        yield found
    app.config["OIDC_ALLOW_PRIVATE"] = False


@dataclass(frozen=True, slots=True)
class Company:
    """A tenant with a provider, and its owner, who has an address of its domain."""

    tenant_id: uuid.UUID
    owner_id: int
    provider_id: uuid.UUID

    @property
    def home(self) -> str:
        return f"/t/{self.tenant_id}/"

    @property
    def settings(self) -> str:
        return f"/t/{self.tenant_id}/settings"

    @property
    def way_in(self) -> str:
        return f"/sign-in/company/{self.tenant_id}"


def make_company(
    app: Any, session: Session, clock: FixedClock, issuer: str, *, domain: str = DOMAIN, **terms: Any
) -> Company:
    owner = make_user(session, name="陈静", email=f"owner@{domain}")
    tenant = make_enterprise(session, owner, clock, name=f"海岳{domain}有限公司")
    row = uuid.uuid4()
    found = {
        "client_id": "maturity",
        "client_secret": seal(app.config["TOTP_SECRETS"], row, "s3cret"),
        "domains": [domain],
        "arrivals": "invited",
        "default_role": "viewer",
        "is_trusted": False,
    }
    moments = {"secret_set_at": clock.now(), "created_at": clock.now()}
    session.add(IdentityProvider(id=row, tenant_id=tenant.id, issuer=issuer, **moments, **(found | terms)))
    company = Company(tenant.id, int(owner.id), row)
    keep(session)
    return company


@pytest.fixture
def company(app: Any, session: Session, clock: FixedClock, provider: Provider) -> Company:
    return make_company(app, session, clock, provider.issuer)


@pytest.fixture
def visit(app: Any) -> Callable[[], Browser]:
    """A browser of its own, reading English."""

    def open_browser() -> Browser:
        browser = Browser(app.test_client())
        browser.get("/?lang=en")
        return browser

    return open_browser


@pytest.fixture
def as_user(session: Session, visit: Callable[[], Browser]) -> Callable[..., Browser]:
    """Somebody signed in with the account itself; `second_factor` as though one had been used."""

    def signed_in(user_id: int, *, second_factor: bool = False) -> Browser:
        browser = visit()
        session.rollback()
        sign_in(browser.client, session.get_one(User, user_id))
        if second_factor:
            newest = session.scalars(select(SignIn).where(SignIn.user_id == user_id).order_by(SignIn.created_at)).all()
            for row in newest:
                row.second_factor = True
        keep(session)
        return browser

    return signed_in


def go(browser: Browser, company: Company, leads_to: str = "") -> str:
    """From the company's address to the provider: the provider's address that the browser is sent to."""
    page = browser.get(company.way_in + (f"?next={leads_to}" if leads_to else ""))
    found = re.search(r'href="([^"]+/go\?[^"]+)"', page.html)
    assert found, page.html
    answer = browser.client.get(html.unescape(found[1]))
    assert answer.status_code == 302, answer.text
    return str(answer.location)


def come(
    browser: Browser, company: Company, provider: Provider, subject: str, leads_to: str = "", status: int = 200
) -> Any:
    """All the way: to the provider, signing in there, and back; the page it ends at."""
    back = provider.sign_in(go(browser, company, leads_to), subject)
    return browser.get(path_of(back), status)


def path_of(url: str) -> str:
    return "/" + url.partition("://")[2].partition("/")[2]


def stored(session: Session, table: Any, *terms: Any) -> list[Any]:
    """Rows as they are now; the test's session holds no lock afterwards."""
    session.rollback()
    rows = list(session.scalars(select(table).where(*terms)))
    session.expunge_all()
    session.rollback()
    return rows


def client_of(browser: Browser) -> FlaskClient:
    return browser.client
