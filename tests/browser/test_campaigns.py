"""A regulator in a real browser: plan, list, board and report; and the invited enterprise's home page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from maturity.campaigns.models import CampaignInvitee
from maturity.clock import SystemClock
from maturity.organisations.models import Enterprise
from maturity.tenancy.models import Tenant
from tests.browser.conftest import Live, NewPage
from tests.browser.page import Faults, check_page
from tests.factories.campaigns import HEADINGS, excel, join, make_campaign, make_regulator, sweep
from tests.factories.claims import make_claimed
from tests.factories.enterprises import USCC
from tests.factories.people import keep, make_user

pytestmark = pytest.mark.browser
VISITS = [(1280, "zh"), (390, "en")]
EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True, slots=True)
class Office:
    """A regulator with a campaign half-way through, and the owner of an enterprise that it invites."""

    official: int
    owner: int
    address: str
    campaign: str
    enterprise: str


@pytest.fixture
def office(live: Live) -> Iterator[Office]:
    clock: Any = SystemClock()
    with live.session() as session:
        session.expire_on_commit = False
        official = make_user(session, name="孙处长", locale="zh_CN")
        keep(session)
        regulator = make_regulator(session, clock, owner=official)
        year = clock.today().year - 1
        campaign = make_campaign(session, regulator, clock, invited=40, period=year)
        mine = select(CampaignInvitee).where(CampaignInvitee.campaign_id == campaign.id)
        for place, row in enumerate(session.scalars(mine.order_by(CampaignInvitee.uscc))):
            if row.uscc != USCC and place % 3:
                row.started_at, row.state = clock.now() - timedelta(days=place % 7), "started"
                if place % 3 == 2:
                    row.submitted_at, row.state = clock.now(), "submitted"
        keep(session)
        tenant = make_claimed(session, clock)
        owner = join(session, session.get_one(Tenant, tenant.id), clock, "owner")
        found = Office(official.id, owner.id, f"/t/{regulator.id}/campaigns", str(campaign.id), f"/t/{tenant.id}/")
        keep(session)
    sweep(live.app)  # the site's own worker looks every five seconds; the test does not wait for it
    yield found
    with live.session() as session:  # the code is free again for the next test
        for enterprise in session.scalars(select(Enterprise).where(Enterprise.uscc == USCC)):
            enterprise.claimed_at = None


@pytest.mark.parametrize(("width", "lang"), VISITS)
def test_the_pages_of_a_campaign_have_no_barriers(new_page: NewPage, office: Office, width: int, lang: str) -> None:
    page = new_page(width=width, lang=lang, user=office.official)
    here = f"{office.address}/{office.campaign}"
    for path in (
        office.address,
        f"{office.address}/new",
        f"{office.address}/parks",
        here,
        f"{here}/enterprises",
        f"{here}/enterprises?state=lagging",
        f"{here}/list",
        f"{here}/quotas",
        f"{here}/report",
        f"{here}/end",
    ):
        page.goto(path)
        page.evaluate("document.querySelectorAll('main details').forEach((part) => { part.open = true; })")
        check_page(page)


@pytest.mark.parametrize(("width", "lang"), VISITS)
def test_a_list_with_mistakes_is_mended_before_anything_happens(
    new_page: NewPage, office: Office, width: int, lang: str
) -> None:
    page = new_page(width=width, lang=lang, user=office.official)
    page.goto(f"{office.address}/{office.campaign}/list")
    good = ("91370200264574251E", "青岛新厂", "青岛市", "C34", "", "", "")
    content = excel(good, ("123", "乙厂", "济南市", "13", "", "", ""), headings=HEADINGS)
    page.set_input_files("#file", {"name": "list.xlsx", "mimeType": EXCEL, "buffer": content})
    page.locator("form[enctype] button[type=submit]").click()
    expect(page).to_have_url(re.compile(r"/list/[0-9a-f-]{36}$"))
    expect(page.locator(".mistakes tbody tr")).to_have_count(1)
    check_page(page)
    page.locator("main .actions form button").first.click()
    expect(page.locator(".mistakes tbody tr")).to_have_count(1)
    check_page(page)


@pytest.mark.parametrize(("width", "lang"), VISITS)
def test_a_wrong_plan_keeps_what_was_typed(
    new_page: NewPage, faults: Faults, office: Office, width: int, lang: str
) -> None:
    page = new_page(width=width, lang=lang, user=office.official)
    page.goto(f"{office.address}/new")
    page.fill("#title", "年度评估")
    page.fill("#deadline", "soon")
    faults.expect("422")
    page.locator("main form button[type=submit]").click()
    expect(page.locator("#error-summary")).to_be_visible()
    expect(page.locator("#title")).to_have_value("年度评估")
    check_page(page)


def test_the_invited_enterprise_begins_from_its_home_page(new_page: NewPage, office: Office) -> None:
    page = new_page(user=office.owner)
    page.goto(office.enterprise)
    expect(page.locator("main")).to_contain_text("邀请您参加")
    check_page(page)
    page.locator("form[action*='campaign-calls'] button").first.click()
    expect(page).to_have_url(re.compile("/assessments/"))
