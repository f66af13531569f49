"""Looking a published figure up and citing it, with scripts and without."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import NewPage
from tests.browser.page import check_page

pytestmark = pytest.mark.browser


def test_a_figure_is_found_by_filters_and_its_citation_copied(new_page: NewPage) -> None:
    page = new_page(lang="en")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto("/reference-figures")
    page.get_by_label("Place", exact=True).select_option("370000")
    page.get_by_text("More filters").click()
    page.get_by_label("Actual or target").select_option("target")
    page.get_by_label("Search").fill("CNC")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_role("heading", name="1 figure")).to_be_visible()
    page.get_by_role("link", name="CNC rate of key processes").click()
    check_page(page)
    page.get_by_role("button", name="Copy").last.click()
    expect(page.get_by_role("status").last).to_have_text("Copied")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith("CNC rate of key processes, Shandong, 2018: to reach 45% (Target;")
    assert copied.endswith("/reference-figures/shandong-2018-cnc-target")


@pytest.mark.parametrize("width", [1280, 390])
def test_figures_are_browsed_and_cited_without_scripts(new_page: NewPage, width: int) -> None:
    page = new_page(width=width, lang="zh", scripts=False)
    page.goto("/reference-figures")
    page.get_by_label("指标").select_option("cnc_rate")
    page.get_by_text("更多条件").click()
    page.get_by_label("实际值或目标").select_option("target")
    page.get_by_role("button", name="显示").click()
    page.get_by_role("link", name="关键工序数控化率").first.click()
    expect(page.get_by_text("关键工序数控化率，全国，2025 年：达到 68%（目标；")).to_be_visible()
    expect(page.get_by_role("button", name="复制")).to_have_count(0)


def test_a_line_is_cut_where_the_population_changes(new_page: NewPage) -> None:
    page = new_page(lang="en")
    page.goto("/reference-figures/indicators/cnc_rate")
    picture = page.get_by_role("img", name="CNC rate of key processes, China, over time")
    expect(picture).to_be_visible()
    gap = picture.locator(".line__break").bounding_box()
    paths = [path.bounding_box() for path in picture.locator(".line__path").all()]
    assert gap is not None
    assert len(paths) == 2
    before, after = (box for box in paths if box is not None)
    assert before["x"] + before["width"] < gap["x"] < after["x"]
