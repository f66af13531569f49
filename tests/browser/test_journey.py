"""From the landing page to the report, in both languages, with every page met free of barriers."""

from __future__ import annotations

import re
import subprocess
from io import BytesIO
from pathlib import Path

import pytest
from openpyxl import load_workbook
from playwright.sync_api import Page, expect

from tests.browser.answering import block_of, wait_until_answered
from tests.browser.conftest import NewPage
from tests.browser.journey import Journey
from tests.browser.page import Faults

pytestmark = pytest.mark.browser
SKIPPED = "cio_level"
CHARTS = 5
CAPABILITY = 4  # the first dimensions listed; the others are outcomes, which add nothing to it


def test_a_manufacturer_gets_from_registration_to_the_report_in_chinese(
    page: Page, faults: Faults, tmp_path: Path
) -> None:
    journey = Journey(page, faults, "zh")
    journey.register()
    journey.register_enterprise(industry=("数控", "C342 金属加工机械制造"), region=("青岛", "山东 青岛市"))
    expect(page.locator(".facts")).to_contain_text("中型")
    journey.start()
    _watch_a_ratio_and_its_saving(page)
    _go_back_and_forth(journey)
    journey.skip(SKIPPED)
    journey.answer_everything(leave_out=frozenset({SKIPPED}))
    _the_range_of_questions_left_is_honest(journey)
    _contradict(journey)
    _mend_what_the_review_lists(journey)
    journey.submit()
    _read_the_result(page)
    _find_an_answer_in_excel(journey.download(journey.link("Answers in Excel")), 36000)
    assert "青岛海岳数控机床有限公司" in _text_of(journey.make_report(), tmp_path)


def test_a_manufacturer_gets_from_registration_to_the_report_in_english_on_a_phone(
    new_page: NewPage, faults: Faults, tmp_path: Path
) -> None:
    journey = Journey(new_page(width=390, lang="en"), faults, "en")
    journey.register()
    journey.register_enterprise(
        industry=("machine", "C342 Metalworking machinery"), region=("Qingdao", "Qingdao, Shandong")
    )
    journey.start()
    assert journey.answer_everything() >= 50
    journey.meet("Review and submit")
    journey.submit()
    expect(journey.page.locator("h1")).to_have_text(
        re.compile(r": .+ is \d+\.\d+ points short of |: the highest stage")
    )
    assert "Metalworking machinery" in _text_of(journey.make_report(), tmp_path)


def _watch_a_ratio_and_its_saving(page: Page) -> None:
    block = block_of(page, "it_investment")
    page.locator('[name="it_investment"]').fill("420")
    page.locator('[name="operating_revenue"]').fill("36000")
    expect(block.locator("[data-ratio] output")).to_have_text("1.2")
    expect(block.locator("[data-reads-as]").last).to_have_text("即 3.6 亿元")
    wait_until_answered(block)
    expect(block.locator("[data-state]")).to_have_text(re.compile(r"^已保存 \d\d:\d\d$"))


def _go_back_and_forth(journey: Journey) -> None:
    journey.answer_here()
    journey.go_on()
    journey.leave(journey.link("Back"))
    expect(journey.page.locator('[name="operating_revenue"]')).to_have_value("36000")
    journey.go_on()


def _the_range_of_questions_left_is_honest(journey: Journey) -> None:
    """It is a range at the start, and no answer ever raises the most that can be left."""
    most = [upper for _lower, upper in journey.left]
    assert most == sorted(most, reverse=True)
    assert journey.left[0][0] < journey.left[0][1]
    assert journey.left[-1] == (1, 1), str(journey.left[-12:])


def _contradict(journey: Journey) -> None:
    """More controlled key processes than key processes: questioned at once, saved all the same."""
    page = journey.page
    journey.leave(page.locator(".side-nav").get_by_role("link", name=re.compile("^数控化与生产制造")))
    journey.type_figure("key_processes_controlled", "25")
    finding = block_of(page, "cnc_key_processes").locator(".finding.is-error")
    expect(finding).to_have_text(
        "受控关键工序（25 道）不能多于关键工序（16 道），请对照工艺文件检查两个数；外协工序两边都不计。"
    )
    journey.meet()


def _mend_what_the_review_lists(journey: Journey) -> None:
    page = journey.page
    journey.review()
    expect(page.locator("#missing")).to_contain_text("已跳过")
    journey.leave(page.locator("#contradictions a"))
    journey.type_figure("key_processes_controlled", "9")
    journey.review()
    expect(page.locator("#contradictions")).to_contain_text("没有相互矛盾的答案")
    journey.leave(page.locator("#missing a"))
    journey.answer_here()
    journey.review()
    expect(page.locator(".page-header")).to_contain_text("已全部答完")


def _read_the_result(page: Page) -> None:
    """The level in words, the ladder of gates, every chart drawn, and the points behind the score."""
    expect(page.locator("h1")).to_have_text(
        re.compile(r"^(起步建设|单项覆盖|集成提升)：“.+”还差 \d+\.\d 分达到|^创新突破：")
    )
    expect(page.locator(".rung")).to_have_count(4)
    expect(page.locator(".rung.is-current")).to_contain_text("您在这里")
    pictures = page.locator("[data-chart] img")
    expect(pictures).to_have_count(CHARTS)
    for picture in pictures.all():
        picture.scroll_into_view_if_needed()
        expect(picture).to_have_js_property("complete", True)
        assert picture.evaluate("(image) => image.naturalWidth") > 300
    _points_add_up(page)
    _drill_down_to_an_answer(page)


def _points_add_up(page: Page) -> None:
    score = float(page.locator(".figure", has_text="水平与能力").locator("dd .num").inner_text())
    added = [re.search(r"贡献 ([\d.]+)", text) for text in page.locator(".dimension > summary").all_inner_texts()]
    assert sum(float(found[1]) for found in added[:CAPABILITY] if found) == pytest.approx(score, abs=0.07)


def _drill_down_to_an_answer(page: Page) -> None:
    page.locator(".dimension > summary").first.click()
    indicator = page.locator(".dimension").first.locator(".tree-indicator").first
    indicator.locator("summary").click()
    expect(indicator.locator(".answers")).to_contain_text("420 万元")


def _find_an_answer_in_excel(content: bytes, answer: int) -> None:
    sheet = load_workbook(BytesIO(content)).active
    assert sheet is not None
    assert answer in [cell.value for row in sheet.iter_rows() for cell in row]


def _text_of(pdf: bytes, folder: Path) -> str:
    path = folder / "report.pdf"
    path.write_bytes(pdf)
    return subprocess.run(["pdftotext", path, "-"], capture_output=True, check=True, text=True).stdout
