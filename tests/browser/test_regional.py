"""The regional index in a browser: from a copied model to a frozen ranking, on a desk and on a phone."""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from maturity.clock import SystemClock
from tests.browser.conftest import Live, NewPage
from tests.browser.page import Faults, check_page
from tests.factories.enterprises import add_member
from tests.factories.people import make_user
from tests.factories.regional import ccid_copy, enter, make_model, make_regulator, spread

pytestmark = pytest.mark.browser
VISITS = [(1280, "zh"), (390, "en")]
#: Shandong stands in with last year's figure, Henan lacks one, Tibet so much that it has no index
LACKING = frozenset(
    {("370000", "patents"), ("410000", "sme_platforms")}
    | {("540000", name) for name in ("erp", "mes", "plm", "scm", "cnc_rate", "internet")}
)


@dataclass(frozen=True, slots=True)
class Desk:
    """A regulator with a model in force and figures of three years, and a draft with a fault."""

    editor: int
    address: str
    model_id: uuid.UUID
    draft_id: uuid.UUID


@pytest.fixture
def desk(live: Live) -> Desk:
    clock: Any = SystemClock()
    with live.session() as session:
        editor = make_user(session, name="赵敏", locale="zh_CN")
        tenant = make_regulator(session, make_user(session), clock)
        add_member(session, tenant, editor, "editor", clock)
        document = ccid_copy()
        model_id = make_model(session, tenant, clock, **document)
        draft_id = make_model(session, tenant, clock, in_force=False, title={"zh": "草稿", "en": "Draft model"})
        for year in (2010, 2023, 2024):
            without = LACKING if year == 2024 else frozenset()
            enter(session, tenant, clock, model_id, spread(document, year, without=without), year)
        return Desk(editor.id, f"/t/{tenant.id}/regional", model_id, draft_id)


def unfold(page: Page) -> None:
    page.evaluate("for (const fold of document.querySelectorAll('main details')) fold.open = true")


@pytest.mark.parametrize(("width", "lang"), VISITS)
def test_the_pages_of_the_index_have_no_barriers(new_page: NewPage, desk: Desk, width: int, lang: str) -> None:
    page = new_page(width=width, lang=lang, user=desk.editor)
    model = f"{desk.address}/{desk.model_id}"
    page.goto(desk.address)
    published = page.get_by_role("link", name=re.compile("2015")).get_attribute("href")
    for path in (
        desk.address,
        model,
        f"{model}/values?year=2024",
        f"{model}/values/erp?year=2024",
        f"{model}/result?year=2024",
        f"{model}/result?year=2024&group=macro-northeast",
        f"{model}/regions/370000?year=2024&of=live",
        f"{model}/regions/nation?year=2024&of=live",
        f"{desk.address}/{desk.draft_id}/edit",
        str(published),
    ):
        page.goto(path)
        unfold(page)
        check_page(page)


@pytest.mark.parametrize(("width", "lang"), VISITS)
def test_each_chart_can_be_explored_and_has_its_table(new_page: NewPage, desk: Desk, width: int, lang: str) -> None:
    page = new_page(width=width, lang=lang, user=desk.editor)
    for path in ("result?year=2024", "regions/370000?year=2024&of=live"):
        page.goto(f"{desk.address}/{desk.model_id}/{path}")
        charts = page.locator("[data-chart]")
        assert charts.count() == 2
        for index in range(2):
            chart = charts.nth(index)
            chart.scroll_into_view_if_needed()
            image = chart.locator("img")
            expect(image).to_have_js_property("complete", True)
            assert image.evaluate("picture => picture.naturalWidth") > 0
            chart.locator("[data-explore]").click()
            expect(chart.locator(".js-plotly-plot .main-svg").first).to_be_visible()
            chart.locator("summary").click()
            expect(chart.locator("tbody tr").first).to_be_visible()


def test_from_a_copy_to_a_frozen_ranking(new_page: NewPage, desk: Desk, faults: Faults) -> None:
    faults.expect("422")
    page = new_page(lang="en", user=desk.editor)
    page.goto(f"{desk.address}/{desk.model_id}")
    page.get_by_label("Title in Chinese").fill("试点指数")
    page.get_by_label("Title in English").fill("Pilot index")
    page.get_by_role("button", name="Copy").click()
    page.locator("#classes-0-weight").fill("0.30")
    page.get_by_role("button", name="Save the draft").click()
    summary = page.locator("#error-summary")
    expect(summary).to_contain_text("The weights of the classes come to 1.05.")
    check_page(page)
    page.locator("#classes-2-weight").fill("0.20")
    page.get_by_role("button", name="Save the draft").click()
    expect(summary).to_have_count(0)
    page.get_by_role("button", name="Put in force").click()
    expect(page.get_by_role("main")).to_contain_text("Fed by")
    page.goto(f"{desk.address}/{desk.model_id}/values/patents?year=2024")
    page.locator("#value-370000").fill("many")
    page.get_by_role("button", name="Save the figures").click()
    expect(page.locator("#value-370000-error")).to_contain_text("“many” is no number.")
    check_page(page)
    page.locator("#value-370000").fill("96.5")
    page.get_by_label("Where the figures are from").fill("Statistical yearbook 2025")
    page.get_by_role("button", name="Save the figures").click()
    page.goto(f"{desk.address}/{desk.model_id}/result?year=2024")
    page.get_by_role("button", name="Freeze the index of 2024").click()
    expect(page.get_by_role("main")).to_contain_text("Frozen on")
    check_page(page)
