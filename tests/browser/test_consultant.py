"""A consultant's day in a real browser: who needs me, a client on one page, plan, compare, remind, invite."""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import pytest
from docx import Document
from playwright.sync_api import Page, expect

from maturity.clock import SystemClock
from tests.browser.conftest import Live, NewPage
from tests.browser.page import Faults, check_page
from tests.factories.assessments import answer_all, make_assessment, make_result
from tests.factories.people import make_user
from tests.factories.portfolios import keep, make_client, make_consultancy, sweep

pytestmark = pytest.mark.browser
VISITS = [(1280, "zh"), (390, "en")]
NAMES = ("青岛海岳数控机床有限公司", "潍坊恒昌精细化工有限公司", "郑州禾丰食品有限公司")


@dataclass(frozen=True, slots=True)
class Day:
    """A consultancy with three clients: a result and a ready draft, a result, nothing yet."""

    adviser: int
    address: str
    clients: tuple[uuid.UUID, ...]


@pytest.fixture
def day(live: Live) -> Day:
    clock: Any = SystemClock()
    year = clock.today().year
    with live.session() as session:
        session.expire_on_commit = False
        adviser = make_user(session, name="陈静", locale="zh_CN")
        keep(session)
        consultancy = make_consultancy(session, adviser, clock)
        clients = [make_client(session, consultancy, clock, name=name)[0] for name in NAMES]
        for tenant in clients[:2]:
            make_result(session, tenant, clock, year - 1)
        answer_all(session, make_assessment(session, clients[0], clock, year), clock)
        keep(session)
        found = Day(adviser.id, f"/t/{consultancy.id}", tuple(tenant.id for tenant in clients))
    sweep(live.app)  # the site's own worker looks every five seconds; the test does not wait for it
    return found


@pytest.mark.parametrize(("width", "lang"), VISITS)
def test_the_pages_of_a_consultancy_have_no_barriers(new_page: NewPage, day: Day, width: int, lang: str) -> None:
    page = new_page(width=width, lang=lang, user=day.adviser)
    chosen = "&".join(f"client={client}" for client in day.clients)
    client = f"{day.address}/clients/{day.clients[0]}"
    for path in (
        f"{day.address}/clients",
        f"{day.address}/clients?view=all&sort=-capability&columns=stage&columns=region&columns=until",
        client,
        f"{day.address}/tasks",
        f"{day.address}/clients/compare?{chosen}",
        f"{day.address}/clients/remind?{chosen}",
        f"{day.address}/clients/invite",
        f"{client}/plan",
        f"{day.address}/brand",
    ):
        page.goto(path)
        page.evaluate("document.querySelectorAll('main details').forEach((part) => { part.open = true; })")
        check_page(page)


def test_the_list_is_walked_by_keyboard(new_page: NewPage, day: Day) -> None:
    page = new_page(lang="en", user=day.adviser)
    page.goto(f"{day.address}/clients?view=all")
    links = page.locator("tbody th a")
    links.first.focus()
    page.keyboard.press("ArrowDown")
    expect(links.nth(1)).to_be_focused()
    page.keyboard.press("x")
    expect(page.locator("tbody input").nth(1)).to_be_checked()
    expect(page.locator("[data-count]")).to_have_text("1 ticked")
    page.keyboard.press("ArrowUp")
    expect(links.first).to_be_focused()
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile(r"/clients/[0-9a-f-]{36}$"))


@pytest.mark.parametrize("scripts", [True, False])
def test_a_day(new_page: NewPage, faults: Faults, day: Day, scripts: bool) -> None:
    page = new_page(lang="en", user=day.adviser, scripts=scripts)
    page.goto(f"{day.address}/clients")
    expect(page.locator("tbody tr").first).to_contain_text("ready to submit")
    page.get_by_role("link", name=NAMES[0], exact=True).click()
    _note_and_task(page)
    _plan(page)
    page.goto(f"{day.address}/clients?view=all")
    for name in NAMES[:2]:
        page.get_by_label(f"Tick {name}").check()
    page.get_by_role("button", name="Compare", exact=True).click()
    expect(page.locator("figure img")).to_be_visible()
    page.go_back()
    page.get_by_role("link", name="Capability (0–100)").click()
    expect(page.locator('th[aria-sort="ascending"]')).to_contain_text("Capability")
    _remind(page)
    faults.expect("422")
    _invite(page, day)


def _note_and_task(page: Page) -> None:
    page.get_by_label("Note", exact=True).fill("Begin with the network of the workshop.")
    page.get_by_label("The client, too").check()
    page.get_by_role("button", name="Save the note").click()
    expect(page.get_by_role("status")).to_contain_text("the client sees it, too")
    page.get_by_label("What is to be done").fill("Check the list of equipment")
    page.get_by_role("button", name="Add the task").click()
    expect(page.locator("#tasks + .table-scroll")).to_contain_text("Check the list of equipment")


def _plan(page: Page) -> None:
    page.get_by_role("button", name="Draw up a plan").click()
    page.get_by_label("Owner").first.fill("Workshop 2")
    page.get_by_label("Cost (10,000 yuan)").first.fill("12.5")
    page.get_by_role("button", name="Save the plan").click()
    expect(page.get_by_role("status")).to_contain_text("Version 2 of the plan is saved.")
    with page.expect_download() as waiting:
        page.get_by_role("link", name="Word", exact=True).click()
    document = Document(BytesIO(waiting.value.path().read_bytes()))
    assert any("Workshop 2" in cell.text for table in document.tables for row in table.rows for cell in row.cells)


def _remind(page: Page) -> None:
    page.get_by_label(f"Tick {NAMES[2]}").check()
    page.get_by_role("button", name="Remind", exact=True).click()
    page.get_by_label("Your words").fill("Please begin this week.")
    page.get_by_role("button", name="Send the letters").click()
    expect(page.get_by_role("status")).to_contain_text("One client is written to.")


def _invite(page: Page, day: Day) -> None:
    page.goto(f"{day.address}/clients/invite")
    page.get_by_label("Paste the list").fill("91370200264574251E,甲厂,a@example.com\n123,乙厂,b@example.com")
    page.get_by_role("button", name="Check the rows").click()
    expect(page.get_by_role("alert")).to_contain_text("1 row has a mistake.")
    page.get_by_role("button", name="Send 1 letter").click()
    expect(page.get_by_role("status")).to_contain_text("One letter is on its way.")
