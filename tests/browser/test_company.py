"""An owner sets up the company's identity provider; a colleague comes in through it, and is asked for what is asked."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from maturity.accounts.contacts import Contact
from maturity.accounts.models import SignIn
from maturity.clock import SystemClock
from maturity.db import for_tenant
from maturity.people.service import invite
from tests.browser.conftest import Live, NewPage
from tests.browser.page import Faults, check_page
from tests.factories.enterprises import make_enterprise
from tests.factories.people import make_user
from tests.provider import Provider, running_provider

pytestmark = pytest.mark.browser


@dataclass(frozen=True, slots=True)
class Company:
    tenant_id: uuid.UUID
    owner: int
    domain: str

    @property
    def settings(self) -> str:
        return f"/t/{self.tenant_id}/settings"


@pytest.fixture
def provider(faults: Faults) -> Iterator[Provider]:
    with running_provider() as found:
        faults.elsewhere = found.issuer
        yield found


@pytest.fixture
def company(live: Live, provider: Provider) -> Company:
    """An enterprise whose owner has an address at its domain, and who has invited a colleague."""
    domain, clock = f"{uuid.uuid4().hex[:8]}.cn", _clock()
    with live.session() as session:
        owner = make_user(session, name="陈静", email=f"chen@{domain}", locale="zh_CN")
        tenant = make_enterprise(session, owner, clock)
        found = Company(tenant.id, int(owner.id), domain)
        with for_tenant(session, tenant.id):
            invite(session, tenant.id, Contact("email", f"li@{domain}"), "editor", actor_id=found.owner, clock=clock)
    provider.knows("li", email=f"li@{domain}", email_verified=True, name="李明")
    return found


def _clock() -> Any:
    return SystemClock()


def _with_second_factor(live: Live, company: Company) -> None:
    with live.session() as session:
        for row in session.scalars(select(SignIn).where(SignIn.user_id == company.owner)):
            row.second_factor = True


def set_up(page: Page, company: Company, provider: Provider) -> None:
    page.goto(f"{company.settings}/provider")
    page.get_by_label("Issuer address").fill(provider.issuer)
    page.get_by_label("Client ID").fill("maturity")
    page.get_by_label("Client secret").fill("s3cret")
    page.get_by_label("Domains of your e-mail addresses").fill(company.domain)
    page.get_by_role("button", name="Ask the provider and save").click()
    expect(page.get_by_text("The identity provider is saved. It answered.")).to_be_visible()


def go_through(page: Page, subject: str) -> None:
    page.get_by_role("link", name="Go to my company's sign-in").click()
    page.locator("input[name=sub]").fill(subject)
    page.get_by_role("button", name="Authorize").click()


@pytest.mark.parametrize("width", [1280, 390])
def test_a_colleague_comes_in_through_the_provider_that_the_owner_has_set_up(
    live: Live, new_page: NewPage, company: Company, provider: Provider, faults: Faults, width: int
) -> None:
    page = new_page(width=width, lang="en", user=company.owner)
    page.goto(company.settings)
    check_page(page)
    page.locator("main li", has_text="Identity provider").get_by_role("link", name="Manage").click()
    check_page(page)
    faults.expect("422")
    page.get_by_label("Issuer address").fill(f"{provider.issuer}/nothing")
    page.get_by_label("Client ID").fill("maturity")
    page.get_by_label("Client secret").fill("s3cret")
    page.get_by_label("Domains of your e-mail addresses").fill(company.domain)
    page.get_by_role("button", name="Ask the provider and save").click()
    expect(page.locator("#error-summary")).to_contain_text("no OpenID Connect description")
    check_page(page)
    set_up(page, company, provider)

    theirs = new_page(width=width, lang="en")
    theirs.goto(f"/sign-in/company/{company.tenant_id}")
    check_page(theirs)
    go_through(theirs, "li")
    expect(theirs.get_by_role("heading", name=re.compile("^The first time through"))).to_be_visible()
    check_page(theirs)
    theirs.get_by_label("I have read the privacy policy and agree to it").check()
    theirs.get_by_role("button", name="Begin").click()
    expect(theirs).to_have_url(re.compile(f"/t/{company.tenant_id}/$"))
    expect(theirs.get_by_text("You are signed in through your company.")).to_be_visible()
    theirs.goto("/account")
    expect(theirs.get_by_role("heading", name="This needs your own sign-in")).to_be_visible()
    check_page(theirs)


def test_a_policy_leads_to_a_second_factor_and_back(
    live: Live, new_page: NewPage, company: Company, faults: Faults
) -> None:
    page = new_page(lang="en", user=company.owner)
    page.goto(f"{company.settings}/sign-in")
    check_page(page)
    faults.expect("422")
    page.get_by_label("Everybody needs a second factor").check()
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#error-summary")).to_contain_text("Set up a second factor for yourself")
    _with_second_factor(live, company)
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("The sign-in policy is saved.")).to_be_visible()
    elsewhere = new_page(lang="en", user=company.owner)
    elsewhere.goto(f"/t/{company.tenant_id}/people")
    expect(elsewhere.get_by_role("heading", name="Set up a second factor")).to_be_visible()
    check_page(elsewhere)
