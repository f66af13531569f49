"""Every step without a mouse, and always in sight."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Draft, NewPage

pytestmark = pytest.mark.browser
MOST_STOPS = 120
#: Where the focus is, and whether a person would see it there: marked, in the window, and not under something else.
FOCUSED = """() => {
  const element = document.activeElement;
  const style = getComputedStyle(element);
  const box = element.getBoundingClientRect();
  const within = box.bottom > 0 && box.top < innerHeight && box.width > 0;
  const top = document.elementFromPoint(
    Math.min(Math.max(box.left + box.width / 2, 0), innerWidth - 1),
    Math.min(Math.max(box.top + box.height / 2, 0), innerHeight - 1));
  return {
    tag: element.tagName, type: element.type ?? "", name: element.name ?? "", value: element.value ?? "",
    skip: element.matches("[data-skip]"), checked: Boolean(element.checked), text: element.textContent.trim(),
    marked: (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2) || style.boxShadow !== "none",
    visible: within && (top === element || element.contains(top) || top?.contains(element)),
  };
}"""


@pytest.mark.parametrize("width", [1280, 390])
def test_a_section_is_answered_and_sent_without_a_mouse(new_page: NewPage, draft: Draft, width: int) -> None:
    page = new_page(user=draft.owner, width=width)
    page.goto(f"{draft.address}/sections/governance")
    for _ in range(MOST_STOPS):
        page.keyboard.press("Tab")
        stop = _focused(page)
        if stop["type"] == "submit" and stop["text"] == "保存并继续":
            page.keyboard.press("Enter")
            break
        _answer(page, stop)
    page.wait_for_url("**/sections/rd**")
    done = page.locator('[data-count="governance"]')
    expect(done).to_have_text("6/6")


def test_the_skip_link_comes_first_and_leads_past_the_navigation(new_page: NewPage, draft: Draft) -> None:
    page = new_page(user=draft.owner)
    page.goto(f"{draft.address}/sections/governance")
    page.keyboard.press("Tab")
    assert _focused(page)["text"] == "跳到正文"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.querySelector('main').contains(document.activeElement)")


def test_an_industry_is_found_and_chosen_with_the_arrow_keys(new_page: NewPage, draft: Draft) -> None:
    page = new_page(user=draft.owner)
    page.goto("/enterprises/new")
    page.locator("#industry").focus()
    page.keyboard.type("数控")
    expect(page.get_by_role("option")).to_have_count(2)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("option").nth(1)).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Enter")
    expect(page.locator("#industry")).to_have_value("C342 金属加工机械制造")


def test_escape_closes_the_menu_and_gives_the_focus_back(new_page: NewPage, draft: Draft) -> None:
    page = new_page(user=draft.owner)
    page.goto("/account")
    menu = page.locator("details.menu")
    menu.locator("summary").focus()
    page.keyboard.press("Enter")
    expect(menu.get_by_role("button", name="退出登录")).to_be_visible()
    page.keyboard.press("Escape")
    expect(menu.get_by_role("button", name="退出登录")).to_be_hidden()
    expect(menu.locator("summary")).to_be_focused()


def _focused(page: Page) -> dict[str, Any]:
    stop: dict[str, Any] = page.evaluate(FOCUSED)
    assert stop["marked"], f"the focus cannot be seen on {stop}"
    assert stop["visible"], f"the focus is out of sight on {stop}"
    return stop


def _answer(page: Page, stop: dict[str, Any]) -> None:
    """What a person presses on an input; everything else is passed by."""
    if stop["skip"] or stop["tag"] != "INPUT" or stop["checked"]:
        return
    if stop["type"] in ("radio", "checkbox"):
        page.keyboard.press("Space")
    elif stop["type"] == "text":
        page.keyboard.type({"staff_relevant": "210", "staff_trained": "150"}.get(stop["name"], "6"))
