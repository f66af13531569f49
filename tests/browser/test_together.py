"""Two people at one section: they see each other, their conflict is shown, and they talk beside the question."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.answering import block_of, wait_until_saved
from tests.browser.conftest import Draft, NewPage
from tests.browser.page import Faults, check_page

pytestmark = pytest.mark.browser
QUESTION = "it_staff"


@pytest.fixture
def two(new_page: NewPage, draft: Draft) -> tuple[Page, Page]:
    """The owner's page and the colleague's at the same section."""
    owner, colleague = new_page(user=draft.owner), new_page(user=draft.colleague)
    for page in (owner, colleague):
        page.goto(f"{draft.address}/sections/governance")
    return owner, colleague


def field(page: Page) -> Locator:
    return page.locator(f'[name="{QUESTION}"]')


def thread(page: Page) -> Locator:
    return page.locator(f'[data-thread="{QUESTION}"]')


def test_two_editors_see_each_other_and_their_conflict(two: tuple[Page, Page], faults: Faults) -> None:
    faults.expect("409")
    owner, colleague = two
    with owner.expect_response("**/presence"):
        field(owner).focus()
    field(colleague).focus()
    expect(thread(colleague).locator("[data-there]")).to_have_text("李明正在填写此题")
    expect(colleague.locator('[data-there-section="governance"]')).to_have_text("李明")
    field(owner).fill("6")
    field(owner).press("Tab")
    wait_until_saved(block_of(owner, QUESTION))
    field(colleague).fill("9")
    field(colleague).press("Tab")
    expect(block_of(colleague, QUESTION).locator("[data-conflict]")).to_contain_text("改成了：6 人")
    expect(thread(colleague).locator("[data-there]")).to_have_text("李明正在填写此题")
    check_page(colleague)


def test_who_leaves_the_page_is_seen_no_more(two: tuple[Page, Page]) -> None:
    owner, colleague = two
    with owner.expect_response("**/presence"):
        field(owner).focus()
    assert there(colleague) == ["李明"]
    owner.goto("/")
    for _ in range(50):  # the beacon of a page that is left arrives when it likes
        if not there(colleague):
            break
        colleague.wait_for_timeout(100)
    assert there(colleague) == []


def there(page: Page) -> list[str]:
    """Who the server says is there, beside the person of the page."""
    names: list[str] = page.evaluate(
        """() => fetch(document.querySelector("[data-answers]").dataset.presenceUrl)
        .then((reply) => reply.json()).then((list) => list.map((item) => item.name))"""
    )
    return names


def test_a_comment_is_written_beside_the_question_with_a_name_chosen_from_the_list(two: tuple[Page, Page]) -> None:
    owner, colleague = two
    box = thread(owner).get_by_label("您的意见")
    thread(owner).locator("summary").first.click()
    box.type("请看一下 @王")
    expect(thread(owner).get_by_role("option")).to_have_text(["王芳"])
    check_page(owner)
    box.press("Enter")
    expect(box).to_have_value("请看一下 @王芳 ")
    field(owner).fill("6")  # what is typed beside it is neither lost nor saved twice
    thread(owner).get_by_role("button", name="发表意见").click()
    expect(thread(owner).locator(".said")).to_contain_text("请看一下 @王芳")
    wait_until_saved(block_of(owner, QUESTION))
    colleague.reload()
    expect(thread(colleague).locator("[data-tally]")).to_have_text("1")
    thread(colleague).locator("summary").first.click()
    thread(colleague).get_by_role("button", name="标为已了结").click()
    expect(thread(colleague)).to_contain_text("王芳于")
    check_page(colleague)


def test_a_refused_comment_says_why_and_keeps_the_answer(two: tuple[Page, Page], faults: Faults) -> None:
    faults.expect("422")
    owner, _colleague = two
    thread(owner).locator("summary").first.click()
    thread(owner).get_by_role("button", name="发表意见").click()
    expect(thread(owner).locator(".field__error")).to_have_text("请先写点内容。")


def test_without_scripts_a_comment_is_sent_all_the_same(new_page: NewPage, draft: Draft) -> None:
    page = new_page(user=draft.owner, scripts=False)
    page.goto(f"{draft.address}/sections/governance")
    thread(page).locator("summary").first.click()
    thread(page).get_by_label("您的意见").fill("请 @王芳 核对")
    thread(page).get_by_role("button", name="发表意见").click()
    expect(page).to_have_url(f"{page.url.partition('/t/')[0]}{draft.address}/questions/{QUESTION}/comments")
    expect(page.locator(".said")).to_contain_text("请 @王芳 核对")
