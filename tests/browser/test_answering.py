"""What the answering page does while one answers."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from maturity.clock import SystemClock
from tests.browser.answering import block_of, wait_until_answered
from tests.browser.conftest import Draft, Live, NewPage
from tests.factories.assessments import make_assessment, make_result
from tests.factories.enterprises import make_enterprise
from tests.factories.people import make_user

pytestmark = pytest.mark.browser


@pytest.fixture
def second_year(live: Live, new_page: NewPage) -> Page:
    """The page of somebody whose enterprise has a result of the year before."""
    clock: Any = SystemClock()
    with live.session() as session:
        owner = make_user(session, name="李明", locale="zh_CN")
        tenant = make_enterprise(session, owner, clock)
        make_result(session, tenant, clock, clock.today().year - 2)
        started = make_assessment(session, tenant, clock, clock.today().year - 1)
        user, address = owner.id, f"/t/{tenant.id}/assessments/{started.id}"
    page = new_page(user=user)
    page.goto(f"{address}/sections/infrastructure")
    return page


def test_a_question_brought_by_the_last_answer_is_not_passed_by(new_page: NewPage, draft: Draft) -> None:
    page = new_page(user=draft.owner)
    page.goto(f"{draft.address}/sections/ecommerce")
    held: list[Route] = []
    pressed = False
    page.route("**/answers/*", lambda route: route.continue_() if pressed else held.append(route))
    page.locator('[name="purchase_online"]').fill("3000")
    page.locator('[name="purchase_total"]').fill("15000")
    page.get_by_role("button", name="保存并继续").click()
    pressed = True
    for route in held:  # the answer is under way when the button is pressed, however slow the machine
        route.continue_()
    expect(block_of(page, "purchase_channels")).to_be_focused()
    expect(page.locator("[data-staying]")).to_contain_text("本页多了需要回答的题目")
    assert page.url.endswith("/sections/ecommerce")


def test_none_of_these_excludes_the_others(new_page: NewPage, draft: Draft) -> None:
    page = new_page(user=draft.owner)
    page.goto(f"{draft.address}/sections/infrastructure")
    block = block_of(page, "cloud_use")
    block.locator('[value="office"]').check()
    block.locator('[value="none"]').check()
    expect(block.locator('[value="office"]')).not_to_be_checked()
    wait_until_answered(block)


@pytest.mark.parametrize("question", ["office_computers", "network_coverage", "master_data", "cloud_use"])
def test_last_years_answer_is_taken_over_with_a_click(second_year: Page, question: str) -> None:
    """Whatever its shape: numbers, one choice, a matrix, several choices."""
    block = block_of(second_year, question)
    for button in block.get_by_role("button", name="与上期相同").all():
        button.click()
    wait_until_answered(block)
    second_year.reload()
    inputs = block.locator("input:not([type=hidden], [data-skip])")
    given = inputs.evaluate_all("(all) => all.filter((one) => (one.type === 'text' ? one.value : one.checked)).length")
    assert given == {"office_computers": 2, "network_coverage": 1, "master_data": 5, "cloud_use": 2}[question]


def test_an_amount_is_read_back_in_the_unit_people_say(second_year: Page) -> None:
    revenue = second_year.locator(".field", has=second_year.locator('[name="operating_revenue"]'))
    revenue.locator("input").fill("360000")
    expect(revenue.locator("[data-reads-as]")).to_have_text("即 36 亿元")
