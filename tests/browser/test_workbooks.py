"""The questionnaire as a workbook in a real browser: downloaded, filled in, uploaded, looked at, saved."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Draft, NewPage
from tests.browser.page import Faults, check_page
from tests.browser.test_consultant import Day, day
from tests.functional.workbooks.conftest import Sheets
from tests.functional.workbooks.test_many import Register

pytestmark = pytest.mark.browser
VISITS = [(1280, "zh"), (390, "en"), (390, "zh"), (1280, "en")]
__all__ = ["day"]  # the fixture of the consultant's pages


def shoot(page: Page, name: str) -> None:
    """A picture for whoever looks at the pages: into the folder that the variable names, nowhere without it."""
    folder = os.environ.get("MATURITY_PICTURES")
    if folder:
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)


def downloaded(page: Page, name: str) -> bytes:
    with page.expect_download() as downloading:
        page.get_by_role("link", name=name, exact=True).click()
    return Path(downloading.value.path()).read_bytes()


def upload(page: Page, tmp_path: Path, content: bytes, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    page.locator("#file").set_input_files(path)


WORDS = {
    "zh": {
        "download": "下载中文工作簿",
        "show": "查看变化",
        "save": "保存这些变化",
        "said": "已从工作簿写入 2 个答案。",
    },
    "en": {
        "download": "Workbook in English",
        "show": "Show the changes",
        "save": "Save these changes",
        "said": "2 answers saved from the workbook.",
    },
}


@pytest.mark.parametrize(("width", "lang"), VISITS)
def test_a_workbook_there_and_back(
    new_page: NewPage, draft: Draft, faults: Faults, tmp_path: Path, width: int, lang: str
) -> None:
    faults.expect("422")
    page, words = new_page(width=width, lang=lang, user=draft.owner), WORDS[lang]
    page.goto(f"{draft.address}/workbook")
    check_page(page)
    shoot(page, f"show-{width}-{lang}")
    content = downloaded(page, words["download"])
    upload(page, tmp_path, b"no workbook", "答案.xlsx")
    page.get_by_role("button", name=words["show"]).click()
    expect(page.locator("#error-summary")).to_be_visible()
    check_page(page)
    shoot(page, f"refused-{width}-{lang}")
    bad = Sheets(content).fill(it_investment="很多", operating_revenue=36000, computers="85%", staff_total=40)
    upload(page, tmp_path, bad.content(), "答案.xlsx")
    page.get_by_role("button", name=words["show"]).click()
    expect(page.locator(".workbook-problems")).to_contain_text(bad.place("it_investment"))
    check_page(page)
    shoot(page, f"errors-{width}-{lang}")
    page.goto(f"{draft.address}/workbook")
    good = Sheets(content).fill(it_investment=480, operating_revenue=36000, computers=30, staff_total=40, designs_3d=3)
    good.cell("it_investment", "note").value = "2025 年审计报告第 12 页"
    upload(page, tmp_path, good.content(), "答案.xlsx")
    page.get_by_role("button", name=words["show"]).click()
    check_page(page)
    shoot(page, f"preview-{width}-{lang}")
    page.get_by_role("button", name=words["save"]).click()
    expect(page.locator("body")).to_contain_text(words["said"])
    page.goto(f"{draft.address}/sections/infrastructure")
    expect(page.locator('[name="operating_revenue"]')).to_have_value("36000")


def test_a_conflict_is_shown_with_both_answers(new_page: NewPage, draft: Draft, tmp_path: Path) -> None:
    page = new_page(user=draft.owner)
    page.goto(f"{draft.address}/workbook")
    content = downloaded(page, WORDS["zh"]["download"])
    colleague = new_page(user=draft.colleague)
    colleague.goto(f"{draft.address}/sections/infrastructure")
    for name in ("it_investment", "operating_revenue"):
        with colleague.expect_response(lambda reply: "/answers/" in reply.url):
            colleague.locator(f'[name="{name}"]').fill("5")
            colleague.locator(f'[name="{name}"]').blur()
    upload(page, tmp_path, Sheets(content).fill(it_investment=480, operating_revenue=36000).content(), "答案.xlsx")
    page.get_by_role("button", name=WORDS["zh"]["show"]).click()
    expect(page.locator(".workbook-clashes")).to_contain_text("王芳")
    check_page(page)
    shoot(page, "conflict-1280-zh")


@pytest.mark.parametrize(("width", "lang"), [(1280, "zh"), (390, "en")])
def test_a_register_of_many_clients(new_page: NewPage, day: Day, tmp_path: Path, width: int, lang: str) -> None:
    page = new_page(width=width, lang=lang, user=day.adviser)
    page.goto(f"{day.address}/clients/workbooks")
    check_page(page)
    shoot(page, f"many-{width}-{lang}")
    with page.expect_download() as downloading:
        page.get_by_role("button", name="下载登记表" if lang == "zh" else "Download the register").click()
    register: Any = Register(Path(downloading.value.path()).read_bytes())
    rows = list(range(6, 6 + len(day.clients)))
    register.sheet.cell(rows[0], register.keys["it_investment"]).value = "很多"
    register.sheet.cell(rows[-1] + 1, 1).value = "91330000000000000X"
    upload(page, tmp_path, register.content(), "客户登记表.xlsx")
    page.get_by_role("button", name="上传" if lang == "zh" else "Upload", exact=True).click()
    expect(page.locator(".bulk-lines")).to_be_visible()
    expect(page.get_by_role("link", name="下载结果工作簿" if lang == "zh" else "Result as a workbook")).to_be_visible()
    check_page(page)
    shoot(page, f"bulk-{width}-{lang}")
    page.goto(f"{day.address}/clients/workbooks")
    check_page(page)
    shoot(page, f"many-after-{width}-{lang}")
