"""Benchmarking in a real browser: the demonstration's owner compares, takes files, objects; the operator answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from maturity.accounts.models import User
from maturity.clock import SystemClock
from maturity.demo.service import OWNER
from maturity.tenancy.models import Membership
from maturity.tenancy.service import PLATFORM, ensure_platform
from tests.browser.conftest import Live, NewPage
from tests.browser.page import check_page
from tests.factories.people import make_user

pytestmark = pytest.mark.browser
VISITS = [(1280, "zh"), (390, "en")]
PUBLIC = (
    "/benchmarks",
    "/benchmarks?measure=erp",
    "/benchmarks?measure=levels",
    "/benchmarks/rules",
    "/benchmarks/definitions",
    "/benchmarks/objections",
)
TEXT = "数控化率的中位数与行业协会公布的数据相差很大，请核对。"
ANSWER = "经核对冻结数据，中位数计算无误；行业协会只统计规模以上企业，口径不同。"


@dataclass(frozen=True, slots=True)
class Sides:
    owner: int
    staff: int
    address: str


@pytest.fixture
def sides(live: Live) -> Sides:
    clock: Any = SystemClock()
    with live.session() as session:
        ensure_platform(session, clock)
        staff = make_user(session, name="赵敏", locale="zh_CN")
        session.add(Membership(tenant_id=PLATFORM, user_id=staff.id, role="owner", created_at=clock.now()))
        owner = session.scalars(select(User).where(User.email == OWNER)).one()
        tenant_id = session.scalars(select(Membership.tenant_id).where(Membership.user_id == owner.id)).one()
        return Sides(owner.id, staff.id, f"/t/{tenant_id}/benchmarks")


@pytest.mark.parametrize(("width", "lang"), VISITS)
@pytest.mark.parametrize("address", PUBLIC)
def test_the_pages_for_everybody(new_page: NewPage, width: int, lang: str, address: str) -> None:
    page = new_page(width=width, lang=lang)
    page.goto(address)
    check_page(page)


@pytest.mark.parametrize(("width", "lang"), VISITS)
def test_the_pages_of_the_enterprise(new_page: NewPage, sides: Sides, width: int, lang: str) -> None:
    page = new_page(width=width, lang=lang, user=sides.owner)
    for address in (sides.address, f"{sides.address}?group=~~", f"{sides.address}/data", f"{sides.address}/objections"):
        page.goto(address)
        check_page(page)


def test_another_group_is_chosen_and_said(new_page: NewPage, sides: Sides) -> None:
    page = new_page(user=sides.owner)
    page.goto(sides.address)
    page.get_by_label("比较对象").select_option("~~")
    page.get_by_role("button", name="对比").click()
    expect(page.get_by_text("这是您选择的群体")).to_be_visible()
    expect(page.locator(".standing__with")).to_contain_text("与全国约")


@pytest.mark.parametrize(("width", "lang"), VISITS)
def test_every_chart_is_picture_table_and_figure(new_page: NewPage, sides: Sides, width: int, lang: str) -> None:
    page = new_page(width=width, lang=lang, user=sides.owner)
    page.goto(f"{sides.address}?group=~~")
    charts = page.locator("[data-chart]")
    assert charts.count() == 6
    for chart in charts.all():
        picture = chart.locator("img")
        picture.scroll_into_view_if_needed()
        expect(picture).to_have_js_property("complete", value=True)
        assert picture.evaluate("image => image.naturalWidth") > 0
        chart.locator("summary").first.click()
        expect(chart.get_by_role("table")).to_be_visible()
        chart.locator("[data-explore]").click()
        expect(chart.locator(".main-svg").first).to_be_visible()
    check_page(page)


@pytest.mark.parametrize("name", ["Excel", "CSV"])
def test_the_files_are_taken_along(new_page: NewPage, sides: Sides, name: str) -> None:
    page = new_page(user=sides.owner)
    page.goto(sides.address)
    with page.expect_download() as download:
        page.get_by_role("link", name=name, exact=True).first.click()
    assert download.value.suggested_filename.startswith("lianghua-2025-")


@pytest.mark.parametrize("width", [1280, 390])
def test_an_objection_goes_to_the_desk_and_comes_back(new_page: NewPage, sides: Sides, width: int, faults: Any) -> None:
    faults.expect("422")
    owner = new_page(user=sides.owner, width=width)
    owner.goto(f"{sides.address}?group=~~")
    owner.locator("section", has=owner.locator("#rates")).get_by_role("link", name="对数据提出异议").click()
    owner.get_by_role("button", name="提交异议").click()
    expect(owner.locator("#error-summary")).to_be_focused()
    check_page(owner)
    owner.get_by_label("哪个数据").select_option("cnc_rate")
    owner.get_by_label("哪里不对，应该是怎样").fill(f"{TEXT}（{width}）")
    owner.get_by_role("button", name="提交异议").click()
    expect(owner.get_by_text(f"{TEXT}（{width}）")).to_be_visible()

    staff = new_page(user=sides.staff, width=width)
    staff.goto(f"/t/{PLATFORM}/operation/objections")
    check_page(staff)
    staff.locator("tbody th a").last.click()
    expect(staff.get_by_text(f"{TEXT}（{width}）")).to_be_visible()
    check_page(staff)
    staff.get_by_label("不成立").check()
    staff.get_by_label("理由").fill(ANSWER)
    staff.get_by_role("button", name="发送答复").click()
    expect(staff.get_by_text("答复已记录")).to_be_visible()

    owner.reload()
    expect(owner.get_by_text(ANSWER).first).to_be_visible()
    check_page(owner)
