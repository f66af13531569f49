"""Pages outside the two journeys: free of barriers and no wider than the window, on a desk and on a phone."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Draft, NewPage
from tests.browser.page import Faults, check_page

pytestmark = pytest.mark.browser
VISITS = [(1280, "zh"), (390, "en")]
PUBLIC = (
    "/methodology",
    "/reference-figures",
    "/reference-figures?kind=target&page=2",
    "/reference-figures/indicators/cnc_rate",
    "/reference-figures/tianjin-2010-internet",
    "/demonstration",
    "/demonstration?level=4&industry=16",
    "/privacy",
    "/status",
)


@pytest.mark.parametrize(("width", "lang"), VISITS)
def test_the_public_pages_have_no_barriers(new_page: NewPage, width: int, lang: str) -> None:
    page = new_page(width=width, lang=lang)
    for path in PUBLIC:
        page.goto(path)
        _unfold(page)
        check_page(page)


@pytest.mark.parametrize(("width", "lang"), VISITS)
def test_the_pages_of_an_enterprise_have_no_barriers(new_page: NewPage, draft: Draft, width: int, lang: str) -> None:
    page = new_page(width=width, lang=lang, user=draft.owner)
    home = draft.address.partition("/assessments/")[0]
    for path in (f"{home}/", f"{home}/enterprise", f"{draft.address}/review", "/account", "/account/password"):
        page.goto(path)
        check_page(page)


@pytest.mark.parametrize(("width", "lang"), VISITS)
def test_a_result_unfolded_to_its_last_answer_has_no_barriers(new_page: NewPage, width: int, lang: str) -> None:
    page = new_page(width=width, lang=lang)
    page.goto("/demonstration")
    page.locator("tbody th a").last.click()
    page.wait_for_url("**/result")
    _unfold(page)
    check_page(page)


@pytest.mark.parametrize(("width", "lang"), VISITS)
def test_a_page_that_does_not_exist_says_where_to_go(new_page: NewPage, faults: Faults, width: int, lang: str) -> None:
    faults.expect("404")
    page = new_page(width=width, lang=lang)
    page.goto("/nothing-here")
    expect(page.get_by_role("main").get_by_role("link").first).to_have_attribute("href", "/")
    check_page(page)


def test_the_sections_open_and_close_on_a_phone(new_page: NewPage, draft: Draft) -> None:
    page = new_page(width=390, user=draft.owner)
    page.goto(f"{draft.address}/sections/outcomes")
    sections = page.locator("#sections")
    expect(sections).to_be_hidden()
    page.mouse.wheel(0, 1200)
    page.get_by_role("button", name="章节").click()
    expect(sections.get_by_role("link", name="检查并提交")).to_be_in_viewport()
    check_page(page)


def _unfold(page: Page) -> None:
    page.evaluate("document.querySelectorAll('main details').forEach((part) => { part.open = true; })")
