"""The other language on the same place."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Draft, NewPage
from tests.browser.journey import words_of

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(
    ("path", "heading"),
    [
        ("/sections/rd?page=2", "Digital R&D and design"),
        ("/review", "Review and submit"),
    ],
)
def test_switching_the_language_keeps_the_page(new_page: NewPage, draft: Draft, path: str, heading: str) -> None:
    page = new_page(user=draft.owner)
    page.goto(draft.address + path)
    _switch(page, "English")
    assert page.url.endswith(draft.address + path)
    expect(page.locator("h1")).to_have_text(heading)


def test_switching_the_language_keeps_the_filters(page: Page) -> None:
    page.goto("/demonstration?period=2024&level=1")
    _switch(page, "English")
    expect(page.locator("#period")).to_have_value("2024")
    expect(page.locator("#level")).to_have_value("1")
    _switch(page, "中文")
    expect(page.locator("h1")).to_have_text(words_of("zh")("Demonstration enterprises"))
    expect(page.locator("#period")).to_have_value("2024")


def _switch(page: Page, name: str) -> None:
    page.get_by_role("link", name=name, exact=True).click()
    page.wait_for_function(
        "(lang) => document.documentElement.lang === lang", arg="en" if name == "English" else "zh-CN"
    )
