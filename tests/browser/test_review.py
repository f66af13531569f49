"""Reviewing on site, on a phone: one thumb, a photo, and a network that comes and goes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import select

from maturity.certification.models import CaseItem
from maturity.certification.reviewers import Interest, declare_interest
from maturity.clock import SystemClock
from maturity.db import for_tenant
from tests.browser.conftest import Live, NewPage
from tests.browser.page import Faults, check_page
from tests.factories import files
from tests.factories.certification_review import Review, make_review

pytestmark = pytest.mark.browser
OFFLINE = "没有网络。已保存在本机，恢复后自动发送。"
PHONE = 390


@pytest.fixture
def review(live: Live) -> Review:
    clock: Any = SystemClock()
    with live.session() as session:
        session.expire_on_commit = False
        made = make_review(session, clock, locale="zh_CN")
        session.commit()
        session.expunge_all()
    return made


def address(review: Review, *parts: str) -> str:
    return "/".join((f"/t/{review.client_id}/review/{review.case_id}", *parts))


@pytest.fixture
def page(new_page: NewPage, review: Review) -> Page:
    page = new_page(width=PHONE, user=review.lead.id)
    page.goto(address(review))
    return page


def answers(page: Page) -> Locator:
    return page.locator("[data-item]")


def choose(item: Locator, verdict: str) -> None:
    item.locator(f".judging__choice--{verdict}").click()


def state(item: Locator) -> Locator:
    return item.locator("[data-state]")


def kept(live: Live, review: Review) -> dict[str, tuple[str | None, str]]:
    with live.session() as session:
        rows = session.scalars(select(CaseItem).where(CaseItem.case_id == review.case_id))
        return {row.question_id: (row.verdict, row.note) for row in rows}


def test_a_confirmation_is_one_tap_and_kept_at_once(page: Page, live: Live, review: Review) -> None:
    first = answers(page).first
    choose(first, "confirmed")
    expect(state(first)).to_contain_text("已保存")
    expect(first.locator("[data-verdict-badge]")).to_have_text("已确认")
    expect(page.locator("[data-progress-line]")).to_contain_text("已核实 1 个答案")
    name = first.get_attribute("data-item")
    assert kept(live, review)[str(name)] == ("confirmed", "")
    check_page(page)


def test_a_verdict_against_the_answer_asks_what_was_seen(page: Page, faults: Faults) -> None:
    faults.expect("422")
    first = answers(page).first
    choose(first, "not_evidenced")
    first.get_by_role("button", name="保存结论").click()
    expect(first.locator("[data-problem]")).to_contain_text("请说明看到了什么")
    first.locator("textarea").fill("没有看到台账")
    first.get_by_role("button", name="保存结论").click()
    expect(state(first)).to_contain_text("已保存")
    expect(first.locator("[data-verdict-badge]")).to_have_text("无证据")


def test_a_verdict_without_a_network_is_kept_and_sent_when_it_is_back(
    page: Page, faults: Faults, live: Live, review: Review
) -> None:
    faults.expect("ERR_INTERNET_DISCONNECTED")
    first, second = answers(page).nth(0), answers(page).nth(1)
    page.context.set_offline(True)
    choose(first, "not_evidenced")
    first.locator("textarea").fill("机房里没有这台设备")
    first.get_by_role("button", name="保存结论").click()
    expect(state(first)).to_have_text(OFFLINE)
    choose(second, "confirmed")
    expect(page.locator("[data-waiting]")).to_have_text("2 个核实结论等待网络恢复")
    check_page(page)
    assert {verdict for verdict, _note in kept(live, review).values()} == {None}
    page.context.set_offline(False)
    for item in (first, second):
        expect(state(item)).to_contain_text("已保存")
    expect(page.locator("[data-waiting]")).to_be_empty()
    name = str(first.get_attribute("data-item"))
    assert kept(live, review)[name] == ("not_evidenced", "机房里没有这台设备")
    page.reload()
    expect(answers(page).first.locator("[data-verdict-badge]")).to_have_text("无证据")


def test_a_verdict_without_a_network_survives_closing_the_page(
    page: Page, faults: Faults, live: Live, review: Review
) -> None:
    faults.expect("ERR_INTERNET_DISCONNECTED")
    page.context.set_offline(True)
    choose(answers(page).first, "not_evidenced")
    answers(page).first.locator("textarea").fill("没有看到台账")
    answers(page).first.get_by_role("button", name="保存结论").click()
    expect(state(answers(page).first)).to_have_text(OFFLINE)
    page.close()
    page.context.set_offline(False)
    again = page.context.new_page()
    again.goto(address(review))
    expect(state(answers(again).first)).to_contain_text("已保存")
    name = str(answers(again).first.get_attribute("data-item"))
    assert kept(live, review)[name] == ("not_evidenced", "没有看到台账")


def test_two_reviewers_at_one_answer_are_shown_both_verdicts(
    page: Page, new_page: NewPage, faults: Faults, live: Live, review: Review
) -> None:
    faults.expect("409")
    other = new_page(user=review.reviewer.id)
    other.goto(address(review))
    choose(answers(other).first, "confirmed")
    expect(state(answers(other).first)).to_contain_text("已保存")
    mine = answers(page).first
    choose(mine, "not_evidenced")
    mine.locator("textarea").fill("没有看到台账")
    mine.get_by_role("button", name="保存结论").click()
    expect(mine.locator("[data-conflict-message]")).to_contain_text("钱评审")
    expect(mine.locator("textarea")).to_have_value("没有看到台账")
    check_page(page)
    mine.get_by_role("button", name="保留我的结论").click()
    expect(state(mine)).to_contain_text("已保存")
    name = str(mine.get_attribute("data-item"))
    assert kept(live, review)[name][0] == "not_evidenced"


def test_a_photo_taken_on_site_stands_beside_the_answer(page: Page, tmp_path: Path) -> None:
    photo = tmp_path / "设备铭牌.jpg"
    photo.write_bytes(files.picture("JPEG", (900, 600)))
    first = answers(page).first
    first.locator("[data-files]").set_input_files(photo)
    expect(first.locator(".uploads .is-done")).to_have_text("已添加“设备铭牌.jpg”。")
    expect(first.locator(".file__caption")).to_contain_text("齐鲁认证中心")


def test_a_photo_without_a_network_is_sent_when_it_is_back(page: Page, faults: Faults, tmp_path: Path) -> None:
    faults.expect("ERR_INTERNET_DISCONNECTED")
    photo = tmp_path / "车间.jpg"
    photo.write_bytes(files.picture("JPEG", (900, 600)))
    first = answers(page).first
    page.context.set_offline(True)
    first.locator("[data-files]").set_input_files(photo)
    expect(first.locator(".uploads")).to_contain_text("等待网络恢复后自动发送")
    page.context.set_offline(False)
    expect(first.locator(".uploads .is-done")).to_have_text("已添加“车间.jpg”。")


def test_without_scripts_a_verdict_is_kept_by_the_form(new_page: NewPage, review: Review) -> None:
    page = new_page(width=PHONE, user=review.lead.id, scripts=False)
    page.goto(address(review))
    first = answers(page).first
    choose(first, "confirmed")
    first.get_by_role("button", name="保存结论").click()
    expect(page.locator(".flash, .notice, [role=status]").filter(has_text="核实结论已保存").first).to_be_visible()
    expect(answers(page).first.locator("[data-verdict-badge]")).to_have_text("已确认")


@pytest.mark.parametrize(("width", "lang"), [(1280, "zh"), (PHONE, "en")])
def test_every_page_of_reviewing_has_no_barrier(
    live: Live, new_page: NewPage, review: Review, width: int, lang: str
) -> None:
    clock: Any = SystemClock()
    page = new_page(width=width, lang=lang, user=review.lead.id)
    for name in ("", "/result", "/letter", "/recommendation"):
        page.goto(address(review) + name)
        check_page(page)
    body = f"/t/{review.body_id}"
    page = new_page(width=width, lang=lang, user=review.manager.id)
    with live.session() as session, for_tenant(session, review.body_id):
        tied = Interest(review.lead.id, "91370200MA3C0LQ14E", "别家公司", "family")
        declare_interest(session, review.body_id, tied, actor_id=review.lead.id, clock=clock)
    here = (f"cases/{review.case_id}/review", "reviewers", f"reviewers/{review.lead.id}", "reviews")
    for part in here:
        page.goto(f"{body}/{part}")
        check_page(page)
