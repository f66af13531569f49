"""Evidence as a person adds it: chosen beside the question, seen as a picture, opened large, refused with a reason."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Draft, NewPage
from tests.browser.page import check_page
from tests.factories import files

pytestmark = pytest.mark.browser
QUESTION = "it_investment"


@pytest.fixture
def documents(tmp_path: Path) -> dict[str, Path]:
    contents = {
        "ledger": ("投入台账.pdf", files.pdf("Ledger 2025")),
        "photo": ("机房.jpg", files.picture("JPEG", (900, 600))),
        "macros": ("预算.docm", files.office("docx", {"word/vbaProject.bin": b""})),
    }
    for name, content in contents.values():
        (tmp_path / name).write_bytes(content)
    return {key: tmp_path / name for key, (name, _content) in contents.items()}


@pytest.fixture
def page(new_page: NewPage, draft: Draft) -> Page:
    page = new_page(user=draft.owner)
    page.goto(f"{draft.address}/sections/infrastructure")
    return page


def is_drawn(page: Page, selector: str) -> None:
    """The picture has arrived and can be drawn."""
    page.wait_for_function("(selector) => document.querySelector(selector)?.naturalWidth > 0", arg=selector)


def test_a_file_is_added_beside_its_question_and_looked_at(page: Page, documents: dict[str, Path]) -> None:
    beside = page.locator(f'[data-evidence="{QUESTION}"]')
    beside.locator("[data-files]").set_input_files([documents["ledger"], documents["photo"]])
    expect(beside.locator(".uploads .is-done")).to_have_text(["已添加“投入台账.pdf”。", "已添加“机房.jpg”。"])
    expect(beside.locator('[data-stage="unscanned"]')).to_have_count(2)
    beside.scroll_into_view_if_needed()
    is_drawn(page, f'[data-evidence="{QUESTION}"] .file__picture')
    check_page(page)
    beside.get_by_role("link", name="投入台账.pdf", exact=True).click()
    is_drawn(page, ".viewer__picture img")
    check_page(page)
    with page.expect_download() as downloading:
        page.locator(".page-header").get_by_role("link", name="下载").click()
    assert downloading.value.suggested_filename == "投入台账.pdf"
    assert Path(downloading.value.path()).read_bytes() == documents["ledger"].read_bytes()


def test_a_refused_file_says_why_and_stops_no_other(page: Page, documents: dict[str, Path], faults: object) -> None:
    faults.expect("422")  # type: ignore[attr-defined]  # the fixture's own class
    beside = page.locator(f'[data-evidence="{QUESTION}"]')
    beside.locator("[data-files]").set_input_files([documents["macros"], documents["photo"]])
    expect(beside.locator(".uploads .is-wrong")).to_contain_text("“预算.docm”含有宏")
    expect(beside.locator(".file__name")).to_have_text(["机房.jpg"])


def test_choosing_a_file_saves_no_answer(page: Page, draft: Draft, documents: dict[str, Path]) -> None:
    """The field for files stands inside the form of the answers, which must take no notice of it."""
    saved: list[str] = []
    page.on("request", lambda request: saved.append(request.url) if "/answers/" in request.url else None)
    beside = page.locator(f'[data-evidence="{QUESTION}"]')
    beside.locator("[data-files]").set_input_files([documents["photo"]])
    expect(beside.locator(".uploads .is-done")).to_have_count(1)
    assert saved == []


def test_files_are_dropped_on_the_question(page: Page) -> None:
    beside = page.locator(f'[data-evidence="{QUESTION}"]')
    content = files.picture("PNG", (60, 40)).hex()
    transfer = page.evaluate_handle(
        """(hex) => {
          const bytes = Uint8Array.from(hex.match(/../g), (byte) => parseInt(byte, 16));
          const transfer = new DataTransfer();
          transfer.items.add(new File([bytes], "dropped.png"));
          return transfer;
        }""",
        content,
    )
    beside.dispatch_event("drop", {"dataTransfer": transfer})
    expect(beside.locator(".file__name")).to_have_text(["dropped.png"])


@pytest.mark.parametrize("width", [1280, 390])
def test_without_scripts_the_plain_form_does_it(
    new_page: NewPage, draft: Draft, documents: dict[str, Path], width: int
) -> None:
    page = new_page(user=draft.owner, scripts=False, width=width)
    page.goto(f"{draft.address}/sections/infrastructure")
    with page.context.expect_page() as opening:
        page.get_by_role("link", name="添加文件（在新标签页打开）").first.click()
    form = opening.value
    form.locator("#files").set_input_files([documents["photo"]])
    form.get_by_role("button", name="上传").click()
    expect(form.locator(".file__name")).to_have_text(["机房.jpg"])
