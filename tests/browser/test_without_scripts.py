"""Where no script runs, the form does the work."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Draft, NewPage
from tests.browser.page import Faults

pytestmark = pytest.mark.browser


@pytest.fixture
def page(new_page: NewPage, draft: Draft, faults: Faults) -> Page:
    faults.expect("422")
    page = new_page(user=draft.owner, scripts=False)
    page.goto(f"{draft.address}/sections/governance")
    return page


def test_a_section_is_filled_and_saved(page: Page) -> None:
    for name, value in (("it_department", "own"), ("cio_level", "executive"), ("it_planning", "dedicated")):
        page.locator(f'[name="{name}"][value="{value}"]').check()
    page.locator('[name="it_staff"]').fill("6")
    page.get_by_label("还不确定，暂时跳过").last.check()
    _send(page)
    page.wait_for_url("**/sections/rd**")
    page.get_by_role("link", name="返回").click()
    expect(page.locator('[name="it_department"][value="own"]')).to_be_checked()
    expect(page.locator('[name="it_staff"]')).to_have_value("6")
    expect(page.locator('[data-count="governance"]')).to_have_text("4/6")


def test_what_cannot_be_saved_stays_with_its_message_and_the_rest_is_saved(page: Page) -> None:
    page.locator('[name="it_staff"]').fill("six")
    page.locator('[name="cio_level"][value="executive"]').check()
    _send(page)
    summary = page.locator(".error-summary")
    expect(summary).to_contain_text("须为数字")
    expect(page.locator('[name="it_staff"]')).to_have_value("six")
    expect(page.locator('[data-count="governance"]')).to_have_text("1/6")
    summary.get_by_role("link").click()
    assert page.url.endswith("#it_staff")


def test_the_sections_are_listed_and_lead_on(page: Page) -> None:
    page.locator("#sections").get_by_role("link").nth(2).click()
    expect(page.locator("h1")).to_have_text("数字化研发设计")


def _send(page: Page) -> None:
    page.get_by_role("button", name="保存并继续").click()
