"""The dashboard in a browser: every chart, wide and narrow, without barriers, explored, and without scripts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import expect

from maturity.campaigns.regulators import set_profile
from maturity.clock import SystemClock
from maturity.dashboard.asked import PAGES
from maturity.db import for_tenant
from maturity.tenancy.service import create_tenant
from tests.browser.conftest import Live, NewPage
from tests.browser.page import check_page
from tests.factories.people import make_user

pytestmark = pytest.mark.browser
#: The demonstration's small release has sectors and sizes of the nation, and some provinces.
ADDRESSES = {
    "profile": "profile?region=",
    "levels": "levels?region=&by=size",
    "compare": "compare?region=&by=sector&indicator=capability",
    "map": "map?region=&indicator=capability",
    "change": "change?region=&by=sector&indicator=capability",
    "trend": "trend?region=&indicator=capability",
    "panels": "panels?region=&by=sector&indicator=capability",
    "targets": "targets?region=&indicator=cnc_rate",
}


@dataclass(frozen=True, slots=True)
class Office:
    owner: int
    address: str


@pytest.fixture(scope="module")
def office(live: Live) -> Office:
    clock: Any = SystemClock()
    with live.session() as session:
        owner = make_user(session, name="孙处长", locale="zh_CN")
        tenant = create_tenant(session, "regulator", "工业和信息化部", owner.id, clock)
        with for_tenant(session, tenant.id):
            set_profile(session, tenant.id, "", releases=False, office="", actor_id=None, clock=clock)
        return Office(owner.id, f"/t/{tenant.id}/dashboard")


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("page", PAGES)
def test_every_chart_is_there_for_everybody(new_page: NewPage, office: Office, page: str, width: int) -> None:
    tab = new_page(width=width, user=office.owner)
    tab.goto(f"{office.address}/{ADDRESSES[page]}")
    picture = tab.locator("[data-static] img")
    expect(picture).to_be_visible()
    assert picture.evaluate("image => image.complete && image.naturalWidth > 100")
    figure = tab.locator("figure.board")
    assert figure.get_attribute("aria-label") == figure.locator("h2").inner_text()
    expect(tab.get_by_role("table")).to_be_visible()
    check_page(tab)


@pytest.mark.parametrize("page", PAGES)
def test_every_chart_can_be_explored(new_page: NewPage, office: Office, page: str) -> None:
    tab = new_page(user=office.owner)
    tab.goto(f"{office.address}/{ADDRESSES[page]}")
    tab.get_by_role("button", name="交互查看").click()
    expect(tab.locator("[data-live] .main-svg").first).to_be_visible()
    expect(tab.locator("[data-live]")).to_contain_text("合成演示数据" if page != "targets" else "规模以上工业企业")
    check_page(tab)


@pytest.mark.parametrize("width", [1280, 390])
def test_a_question_leads_to_its_answer_and_the_answer_is_kept(new_page: NewPage, office: Office, width: int) -> None:
    tab = new_page(width=width, user=office.owner)
    tab.goto(office.address)
    check_page(tab)
    tab.get_by_role("link", name="各大类行业历年走势如何？").click()
    tab.locator("summary", has_text="保存这个视图").click()
    tab.get_by_label("视图名称").fill(f"走势 {width}")
    tab.get_by_role("button", name="保存视图").click()
    expect(tab.get_by_text("视图已保存")).to_be_visible()
    tab.get_by_role("link", name="概览").click()
    tab.get_by_role("link", name=f"走势 {width}").click()
    expect(tab.locator("figure.board")).to_be_visible()


def test_filters_work_without_scripts_and_what_is_not_published_cannot_be_chosen(
    new_page: NewPage, office: Office
) -> None:
    tab = new_page(user=office.owner, scripts=False)
    tab.goto(f"{office.address}/{ADDRESSES['compare']}")
    expect(tab.locator("#industry option[value='s:utilities']")).to_be_disabled()
    tab.locator("#by").select_option("size")
    tab.get_by_role("button", name="显示").click()
    expect(tab.locator("figure.board h2")).to_contain_text("规模")
