"""The editor of the yearly report in a browser: text with live figures, refused numbers, approval by somebody else."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from maturity.benchmarks.models import BenchmarkCell
from maturity.benchmarks.queries import latest
from maturity.clock import SystemClock
from maturity.db import for_tenant
from maturity.tenancy.models import Tenant
from maturity.yearly.models import YearlyReport
from tests.browser.conftest import Live, NewPage
from tests.browser.page import Faults, check_page
from tests.factories.campaigns import join, make_regulator
from tests.factories.people import keep, make_user
from tests.factories.yearly import make_report

pytestmark = pytest.mark.browser
VISITS = [(1280, "zh"), (390, "en")]
DRAFTED_WITHIN = 120
EDITED = "统计范围内 ERP 普及率为 {{erp.share@all}}，依据 {{=2025}} 年度发布。"


@dataclass(frozen=True, slots=True)
class Office:
    """A regulator with an owner who edits and a reviewer, a drafted report, and a share published for the nation."""

    editor: int
    reviewer: int
    address: str
    report: str
    erp: int


@pytest.fixture
def office(live: Live) -> Office:
    clock: Any = SystemClock()
    with live.session() as session:
        session.expire_on_commit = False
        owner = make_user(session, name="钱处长", locale="zh_CN")
        regulator = make_regulator(session, clock, owner=owner)
        tenant_id, editor = regulator.id, owner.id
        reviewer = join(session, regulator, clock, "reviewer").id
        release = latest(session, "lianghua")
        assert release is not None
        whole = {"release_id": release.id, "industry": "", "region": "", "size": ""}
        erp = session.scalars(select(BenchmarkCell).filter_by(**whole)).one().shares["erp"]
        with for_tenant(session, tenant_id):
            report_id = make_report(session, session.get_one(Tenant, tenant_id), release, clock).id
        keep(session)
    _wait_for_draft(live, report_id)
    address = f"/t/{tenant_id}/yearly-reports"
    return Office(editor, reviewer, address, f"{address}/{report_id}", erp)


def _wait_for_draft(live: Live, report_id: Any) -> None:
    """The worker of the site drafts it."""
    deadline = time.monotonic() + DRAFTED_WITHIN
    while time.monotonic() < deadline:
        with live.session() as session:
            if session.scalar(select(YearlyReport.state).where(YearlyReport.id == report_id)) == "draft":
                return
        time.sleep(0.3)
    pytest.fail("the report was not drafted in time")


def edit(page: Page, text: str) -> None:
    """Write into the first paragraph of the section and save."""
    block = page.locator(".yearly-block").first
    block.locator("summary").click()
    block.locator("textarea").fill(text)
    page.locator(".yearly-editor button[type=submit]").click()


def test_a_paragraph_shows_its_figures_and_somebody_else_approves(
    new_page: NewPage, office: Office, faults: Faults
) -> None:
    page = new_page(user=office.editor)
    page.goto(f"{office.report}/sections/summary")
    faults.expect("422")
    edit(page, "统计范围内 63% 的企业使用 ERP。")
    expect(page.get_by_role("alert")).to_contain_text("“63”查不到依据")
    field = page.locator("#text-0")
    expect(field).to_have_value("统计范围内 63% 的企业使用 ERP。")
    expect(field).to_have_attribute("aria-invalid", "true")
    field.fill(EDITED)
    page.locator(".yearly-editor button[type=submit]").click()
    figure = page.locator(".yearly-block").first.locator(".traced").first
    expect(figure).to_have_text(f"{office.erp}%")
    expect(figure).to_have_attribute("title", re.compile("ERP 普及率"))
    page.goto(office.report)
    expect(page.get_by_text("须由他人批准")).to_be_visible()
    expect(page.get_by_role("button", name="批准报告")).to_have_count(0)

    other = new_page(user=office.reviewer)
    other.goto(f"{office.report}/sections/summary")
    expect(other.get_by_text(f"统计范围内 ERP 普及率为 {office.erp}%")).to_be_visible()
    expect(other.locator(".yearly-editor")).to_have_count(0)
    other.goto(office.report)
    other.get_by_role("button", name="批准报告").click()
    expect(other.get_by_text("已批准").first).to_be_visible()

    page.goto(f"{office.report}/sections/summary")
    edit(page, EDITED.replace("统计范围内", "全国"))
    page.goto(office.report)
    expect(page.get_by_text("草稿").first).to_be_visible()  # an edit takes the approval away


@pytest.mark.parametrize(("width", "lang"), VISITS)
def test_the_pages_of_the_report_have_no_barriers(
    new_page: NewPage, office: Office, faults: Faults, width: int, lang: str
) -> None:
    page = new_page(width=width, lang=lang, user=office.editor)
    for path in (
        office.address,
        f"{office.address}/new",
        office.report,
        f"{office.report}/sections/summary",
        f"{office.report}/sections/trend",
        f"{office.report}/sections/disclosure",
    ):
        page.goto(path)
        page.evaluate("for (const fold of document.querySelectorAll('main details')) fold.open = true")
        check_page(page)
    page.goto(f"{office.report}/sections/summary")
    faults.expect("422")
    edit(page, "63 %")
    expect(page.get_by_role("alert")).to_be_visible()
    check_page(page)
    reader = new_page(width=width, lang=lang, user=office.reviewer)
    reader.goto(office.report)
    check_page(reader)
