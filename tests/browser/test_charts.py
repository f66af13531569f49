"""Charts: a picture at once, Plotly only when somebody asks, and nothing from anywhere else."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, Request, expect

from tests.browser.page import check_page

pytestmark = pytest.mark.browser


@pytest.fixture
def asked(page: Page) -> list[str]:
    """The addresses asked for, in order, on a demonstration result."""
    seen: list[str] = []

    def note(request: Request) -> None:
        seen.append(request.url)

    page.on("request", note)
    page.goto("/demonstration")
    page.locator("tbody th a").first.click()
    page.wait_for_url("**/result")
    return seen


def test_plotly_is_not_loaded_before_somebody_asks(page: Page, asked: list[str]) -> None:
    page.locator("[data-chart]").last.scroll_into_view_if_needed()
    page.wait_for_load_state("networkidle")
    assert not [url for url in asked if "plotly" in url]


def test_the_figure_replaces_the_picture(page: Page, asked: list[str]) -> None:
    chart = page.locator("[data-chart]").first
    chart.get_by_role("button", name="交互查看").click()
    expect(chart.locator(".main-svg").first).to_be_visible()
    expect(chart.locator("[data-static]")).to_be_hidden()
    expect(chart).to_contain_text("中间一半同行")


def test_every_chart_can_be_explored_and_the_library_comes_once(page: Page, asked: list[str]) -> None:
    charts = page.locator("[data-chart]")
    for chart in charts.all():
        chart.get_by_role("button", name="交互查看").click()
        expect(chart.locator(".main-svg").first).to_be_visible()
    assert len([url for url in asked if "plotly.js" in url]) == 1
    assert len([url for url in asked if url.endswith(".json")]) == charts.count()


def test_every_chart_has_its_figures_as_a_table(page: Page, asked: list[str]) -> None:
    for chart in page.locator("[data-chart]").all():
        chart.locator("summary").click()
        expect(chart.get_by_role("table")).to_be_visible()
    check_page(page)
