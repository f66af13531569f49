"""Two people on one answer: both values are shown, one is chosen, and neither is lost."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import select

from maturity.assessments.models import AnswerVersion
from tests.browser.answering import block_of, wait_until_saved
from tests.browser.conftest import Draft, Live, NewPage
from tests.browser.page import Faults, check_page

pytestmark = pytest.mark.browser
QUESTION = "it_staff"


@pytest.fixture
def tabs(new_page: NewPage, draft: Draft, faults: Faults) -> tuple[Page, Page]:
    """The owner's page and the colleague's, open at once; the owner has just answered 6, the colleague types 9."""
    faults.expect("409")
    owner, colleague = new_page(user=draft.owner), new_page(user=draft.colleague)
    for page in (owner, colleague):
        page.goto(f"{draft.address}/sections/governance")
    _type(owner, "6")
    wait_until_saved(block_of(owner, QUESTION))
    _type(colleague, "9")
    return owner, colleague


def test_a_conflict_shows_both_answers_and_who_was_faster(tabs: tuple[Page, Page]) -> None:
    conflict = _conflict(tabs[1])
    expect(conflict).to_contain_text("李明在")
    expect(conflict).to_contain_text("改成了：6 人")
    expect(conflict).to_contain_text("您的答案：信息化专职人员 9 人")
    check_page(tabs[1])


def test_nothing_is_written_before_somebody_chooses(tabs: tuple[Page, Page], live: Live, draft: Draft) -> None:
    expect(_conflict(tabs[1])).to_be_visible()
    assert _history(live, draft) == ["6"]


def test_keeping_my_answer_replaces_the_other_and_keeps_its_history(
    tabs: tuple[Page, Page], live: Live, draft: Draft
) -> None:
    _conflict(tabs[1]).get_by_role("button", name="保留我的答案").click()
    wait_until_saved(block_of(tabs[1], QUESTION))
    assert _history(live, draft) == ["6", "9"]
    tabs[0].reload()
    expect(tabs[0].locator(f'[name="{QUESTION}"]')).to_have_value("9")


def test_taking_the_other_answer_puts_it_into_the_field(tabs: tuple[Page, Page], live: Live, draft: Draft) -> None:
    _conflict(tabs[1]).get_by_role("button", name="采用对方的答案").click()
    expect(tabs[1].locator(f'[name="{QUESTION}"]')).to_have_value("6")
    _type(tabs[1], "7")  # the two are at one again: the next change is saved without a question
    wait_until_saved(block_of(tabs[1], QUESTION))
    assert _history(live, draft) == ["6", "7"]


def _type(page: Page, value: str) -> None:
    field = page.locator(f'[name="{QUESTION}"]')
    field.fill(value)
    field.press("Tab")


def _conflict(page: Page) -> Locator:
    return block_of(page, QUESTION).locator("[data-conflict]")


def _history(live: Live, draft: Draft) -> list[str]:
    with live.session() as session:
        query = select(AnswerVersion).where(
            AnswerVersion.assessment_id == draft.id, AnswerVersion.question_id == QUESTION
        )
        return [row.facts[QUESTION] for row in session.scalars(query.order_by(AnswerVersion.version))]
