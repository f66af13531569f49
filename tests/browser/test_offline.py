"""The network fails while somebody types: the page says so, keeps what was typed, and sends it when it can."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.browser.answering import block_of, wait_until_saved
from tests.browser.conftest import Draft, NewPage
from tests.browser.page import Faults, check_page

pytestmark = pytest.mark.browser
QUESTION, FIELD = "it_staff", '[name="it_staff"]'


@pytest.fixture
def page(new_page: NewPage, draft: Draft, faults: Faults) -> Page:
    faults.expect("ERR_INTERNET_DISCONNECTED")
    faults.expect("503")
    page = new_page(user=draft.owner)
    page.goto(f"{draft.address}/sections/governance")
    return page


def test_what_was_typed_without_a_network_is_saved_after_it_is_back(page: Page) -> None:
    page.context.set_offline(True)
    _type(page, "6")
    expect(_state(page)).to_have_text("离线，将重试")
    check_page(page)
    page.context.set_offline(False)
    wait_until_saved(block_of(page, QUESTION))
    page.reload()
    expect(page.locator(FIELD)).to_have_value("6")


def test_what_was_typed_without_a_network_survives_closing_the_page(page: Page, draft: Draft) -> None:
    page.context.set_offline(True)
    _type(page, "6")
    expect(_state(page)).to_have_text("离线，将重试")
    page.close()
    page.context.set_offline(False)
    again = page.context.new_page()
    again.goto(f"{draft.address}/sections/governance")
    wait_until_saved(block_of(again, QUESTION))
    again.reload()
    expect(again.locator(FIELD)).to_have_value("6")


def test_going_on_without_a_network_stays_on_the_page_and_says_why(page: Page) -> None:
    page.context.set_offline(True)
    _type(page, "6")
    page.get_by_role("button", name="保存并继续").click()
    expect(page.locator("[data-staying]")).to_contain_text("网络不通")
    expect(page.locator(FIELD)).to_have_value("6")
    page.context.set_offline(False)
    wait_until_saved(block_of(page, QUESTION))
    page.get_by_role("button", name="保存并继续").click()
    page.wait_for_url(re.compile("/sections/rd"))


def test_a_busy_server_is_asked_again(page: Page) -> None:
    replies = iter([503])

    def busy_once(route: Route) -> None:
        status = next(replies, None)
        if status:
            route.fulfill(status=status, json={"message": "busy"})
        else:
            route.continue_()

    page.route("**/answers/*", busy_once)
    _type(page, "6")
    expect(_state(page)).to_have_text("系统繁忙，将自动重试")
    wait_until_saved(block_of(page, QUESTION))
    assert next(replies, None) is None


def _type(page: Page, value: str) -> None:
    page.locator(FIELD).fill(value)
    page.locator(FIELD).press("Tab")


def _state(page: Page) -> Locator:
    return block_of(page, QUESTION).locator("[data-state]")
