"""Answer once, be scored everywhere; stop when the level is settled; the three-minute check."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from maturity.clock import SystemClock
from tests.browser.conftest import Live, NewPage
from tests.browser.page import Faults
from tests.factories.assessments import make_result
from tests.factories.billing import on_plan
from tests.factories.enterprises import make_enterprise
from tests.factories.people import make_user

pytestmark = pytest.mark.browser


@pytest.fixture
def assessed(live: Live) -> tuple[int, str]:
    """An owner and the address of a submitted assessment."""
    with live.session() as session:
        owner = make_user(session)
        tenant = make_enterprise(session, owner, SystemClock())
        on_plan(session, tenant, "pro", SystemClock())
        assessment = make_result(session, tenant, SystemClock())
        session.flush()
        return owner.id, f"/t/{tenant.id}/assessments/{assessment.id}"


def open_fields(page: Page) -> None:
    """Answer what stands open on a page at its lowest, and leave what is proposed as it is."""
    for block in page.locator("section.question:has([data-version])").all():
        options = block.locator("input[type=radio], input[type=checkbox]:not([data-skip])")
        if options.count() and not block.locator("input:checked:not([data-skip])").count():
            last_resort = block.locator('.options[data-exclusive] input[type="checkbox"]')
            (last_resort.last if last_resort.count() else options.first).check()
        for field in block.locator("input.number").all():
            if not field.input_value():
                field.fill("10")


def go_on(page: Page) -> None:
    expect(page.locator("[data-state].is-saving")).to_have_count(0)
    confirm = page.locator("button[name=confirm]")
    button = confirm if confirm.count() else page.locator(".page-foot button[type=submit]").first
    with page.expect_navigation():
        button.click()


def test_the_answers_of_one_framework_begin_another_which_settles_before_its_end(
    new_page: NewPage, assessed: tuple[int, str]
) -> None:
    owner, address = assessed
    page = new_page(user=owner)
    page.goto(f"{address}/result")
    page.get_by_role("link", name="看其他评估模型").click()
    expect(page.locator("h1")).to_have_text("一次填报，多模型评估")
    expect(page.locator(".offer")).to_have_count(5)
    sme = page.locator(".offer").filter(has_text="中小企业数字化水平评测")
    expect(sme).to_contain_text(re.compile(r"再答 \d+"))
    sme.get_by_role("button", name="用这些答案开始").click()
    expect(page.locator(".proposed").first).to_contain_text("待确认")
    address = re.sub(r"/sections/.*", "", page.url)
    for _ in range(8):
        page.goto(f"{address}/shortest")
        if "等级已定" in (page.locator(".lead").text_content() or ""):
            break
        open_fields(page)
        go_on(page)
    expect(page.locator("[data-reachable]")).to_contain_text(re.compile(r"剩下 \d+( 至 \d+)? 题不会改变您的等级。"))
    page.locator("[data-reachable]").get_by_role("link", name="按已定等级提交").click()
    page.locator('[name="name"]').fill("王建国")
    page.locator('[name="title"]').fill("总经理")
    for box in page.locator("#declaration form input[type=checkbox]").all():
        box.check()
    page.get_by_role("button", name="按已定等级提交").click()
    expect(page.locator("h1")).to_contain_text("级")
    expect(page.locator("main")).to_contain_text("提交时等级已定")
    page.get_by_role("button", name="答完其余题目").click()
    expect(page.locator(".reading h1")).to_be_visible()


def test_what_can_still_be_reached_follows_each_answer(new_page: NewPage, draft) -> None:
    page = new_page(user=draft.owner)
    page.goto(f"{draft.address}/sections/infrastructure")
    panel = page.locator("[data-reachable]")
    panel.get_by_text("各维度可达得分").click()
    before = panel.locator("tr", has_text="基础建设").locator("td").text_content()
    page.locator("[data-question=network_coverage] input[type=radio]").first.check()
    expect(panel.locator("tr", has_text="基础建设").locator("td")).not_to_have_text(before or "")
    expect(panel.locator("details")).to_have_attribute("open", "")


def test_the_three_minute_check_needs_no_account(new_page: NewPage, faults: Faults) -> None:
    faults.expect("422")  # the check that is sent empty
    page = new_page(width=390)
    page.goto("/")
    page.goto("/check")
    page.get_by_role("button", name="查看结果").click()
    expect(page.get_by_role("alert")).to_contain_text("还有题目没有选")
    for block in page.locator("form.express fieldset").all():
        block.locator("input").last.check()
    page.get_by_role("button", name="查看结果").click()
    expect(page.locator(".express-result")).to_contain_text(re.compile(r"\d+ 分（满分 12 分）"))
