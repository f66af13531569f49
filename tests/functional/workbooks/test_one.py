"""One assessment as a workbook and back: shown first, saved whole or not at all."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from maturity.clock import FixedClock
from maturity.tenancy.models import Tenant
from tests.conftest import Browser
from tests.factories.assessments import make_result
from tests.functional.workbooks.conftest import Desk, Sheets, Stored

SECTION = "infrastructure"


def save(desk: Desk, question: str, version: int = 0, **fields: Any) -> None:
    data = {f"version.{question}": version, **fields}
    base = desk.base.removesuffix("/workbook")
    response = desk.browser.client.post(f"{base}/answers/{question}", data=data, headers={"Accept": "application/json"})
    assert response.status_code == 200, response.text


def test_answers_come_in_after_a_look_at_them(desk: Desk, stored: Stored) -> None:
    sheets = desk.download().fill(it_investment=480, operating_revenue=36000)
    preview = desk.upload(sheets)
    assert sheets.place("it_investment") in preview.text
    assert stored.answer("it_investment") is None
    said = desk.apply(preview)
    assert "1 answer saved from the workbook." in said.text
    assert stored.answer("it_investment") == {"it_investment": "480", "operating_revenue": "36000"}
    assert stored.sources("it_investment") == ["excel"]


def test_the_preview_outlives_the_page(desk: Desk) -> None:
    preview = desk.upload(desk.download().fill(it_investment=480, operating_revenue=36000))
    assert "answers.xlsx" in desk.page().text
    assert "36,000" in desk.browser.get(preview.path).text


def test_an_error_is_told_with_its_cell_and_nothing_is_saved(desk: Desk, stored: Stored) -> None:
    sheets = desk.download().fill(it_investment="a lot", operating_revenue=36000, computers=10, staff_total=20)
    preview = desk.upload(sheets)
    assert f"{sheets.place('it_investment')}" in preview.text
    assert "must be a number; you typed “a lot”" in preview.text
    desk.browser.post(f"{preview.path}/apply", {"seen": ""}, 409)
    assert stored.count() == 0


def test_an_answer_changed_on_the_site_meanwhile_stays(desk: Desk, stored: Stored) -> None:
    save(desk, "it_planning", it_planning="none")
    sheets = desk.download()
    options = sheets.cell("it_planning", "unit").value.split(" / ")
    save(desk, "it_planning", 1, it_planning="dedicated")
    sheets.fill(it_planning=options[-1], it_investment=480, operating_revenue=36000)
    preview = desk.upload(sheets)
    assert "王建国 changed this answer" in preview.text
    said = desk.apply(preview)
    assert "1 stays as it is on the site." in said.text
    assert stored.answer("it_planning") == {"it_planning": "dedicated"}


def test_an_answer_that_the_workbook_left_alone_is_no_conflict(desk: Desk, stored: Stored) -> None:
    save(desk, "it_planning", it_planning="none")
    sheets = desk.download()
    save(desk, "it_planning", 1, it_planning="dedicated")
    preview = desk.upload(sheets)
    assert "nothing new to save" in preview.text
    assert stored.answer("it_planning") == {"it_planning": "dedicated"}


def test_what_changes_after_the_preview_is_shown_before_it_is_saved(desk: Desk, stored: Stored) -> None:
    preview = desk.upload(desk.download().fill(it_investment=480, operating_revenue=36000))
    save(desk, "it_investment", it_investment="1", operating_revenue="2")
    again = desk.apply(preview, 409)
    assert "Something changed meanwhile" in again.text
    assert "In the workbook: " in again.text
    assert stored.answer("it_investment") == {"it_investment": "1", "operating_revenue": "2"}


def test_an_emptied_cell_takes_the_answer_away(desk: Desk, stored: Stored) -> None:
    save(desk, "it_investment", it_investment="1", operating_revenue="2")
    desk.apply(desk.upload(desk.download().fill(it_investment=None, operating_revenue=None)))
    assert stored.answer("it_investment") == {}


def test_an_answer_that_is_not_asked_is_left_out(desk: Desk, stored: Stored) -> None:
    preview = desk.upload(desk.download().fill(designs_3d=3, designs_new=5, it_investment=1, operating_revenue=2))
    assert "Filled in, but not asked" in preview.text
    desk.apply(preview)
    assert stored.answer("designs_3d") is None
    assert stored.count() == 1


def test_one_answer_of_the_workbook_brings_another_onto_the_path(desk: Desk, stored: Stored) -> None:
    sheets = desk.download()
    tools = sheets.cell("design_tools", "unit").value.split(" / ")
    desk.apply(desk.upload(sheets.fill(design_tools=tools[-1], designs_3d=3, designs_new=5)))
    assert stored.count() == 2


def test_a_discarded_workbook_saves_nothing_and_is_gone(desk: Desk, stored: Stored) -> None:
    preview = desk.upload(desk.download().fill(it_investment=480, operating_revenue=36000))
    desk.browser.post(f"{preview.path}/cancel")
    desk.browser.get(preview.path, 409)
    assert stored.count() == 0


def test_a_workbook_is_applied_once(desk: Desk) -> None:
    preview = desk.upload(desk.download().fill(it_investment=480, operating_revenue=36000))
    desk.apply(preview)
    assert "saved already" in desk.browser.post(f"{preview.path}/apply", {"seen": "x"}, 409).text


def test_nobody_else_sees_an_uploaded_workbook(desk: Desk, colleague: Desk) -> None:
    preview = desk.upload(desk.download().fill(it_investment=480, operating_revenue=36000))
    colleague.browser.get(preview.path, 404)
    assert "answers.xlsx" not in colleague.page().text


def test_where_evidence_lies_comes_in_and_goes_out_again(desk: Desk, stored: Stored, session: Session) -> None:
    sheets = desk.download()
    sheets.cell("it_investment", "note").value = "2025 年审计报告第 12 页"
    preview = desk.upload(sheets)
    assert "2025 年审计报告第 12 页" in preview.text
    desk.apply(preview)
    again = desk.download()
    assert again.cell("it_investment", "note").value == "2025 年审计报告第 12 页"
    again.cell("it_investment", "note").value = None
    desk.apply(desk.upload(again))
    assert desk.download().cell("it_investment", "note").value is None


def test_the_other_language_comes_in_as_well(desk: Desk, stored: Stored) -> None:
    sheets = desk.download("zh_CN")
    tools = sheets.cell("design_tools", "unit").value.split(" / ")
    desk.apply(desk.upload(sheets.fill(design_tools=tools[-1])))
    assert stored.answer("design_tools") == {"design_tools": "mbd"}


def test_a_blank_workbook_fits_every_assessment_of_its_edition(desk: Desk, stored: Stored, browser: Browser) -> None:
    response = browser.client.get("/workbooks/lianghua/2026.1.xlsx?language=en")
    sheets = Sheets(response.data).fill(it_investment=480, operating_revenue=36000)
    desk.apply(desk.upload(sheets))
    assert stored.answer("it_investment") == {"it_investment": "480", "operating_revenue": "36000"}


def test_an_assessment_under_another_framework_comes_and_goes_as_a_workbook(
    browser: Browser, session: Session, clock: FixedClock, tenant: Tenant, stored: Stored
) -> None:
    source = make_result(session, tenant, clock)
    session.commit()
    address = f"/t/{tenant.id}/assessments/{source.id}/frameworks/sme"
    session.rollback()
    begun = browser.post(address, {})
    desk = Desk(browser, begun.path.split("/sections")[0] + "/workbook")
    sheets = desk.download()
    choices = sheets.cell("digital_commitment", "unit").value.split(" / ")
    said = desk.apply(desk.upload(sheets.fill(digital_commitment=choices[1])))
    assert "1 answer saved from the workbook." in said.text
    assert stored.sources("digital_commitment") == ["excel"]
    assert stored.sources("scene_marketing") == ["derived"]  # what waits to be confirmed still waits


def test_what_waits_to_be_confirmed_is_in_the_workbook_and_waits_on(
    browser: Browser, session: Session, clock: FixedClock, tenant: Tenant, stored: Stored
) -> None:
    source = make_result(session, tenant, clock)
    session.commit()
    address = f"/t/{tenant.id}/assessments/{source.id}/frameworks/sme"
    session.rollback()
    desk = Desk(browser, browser.post(address, {}).path.split("/sections")[0] + "/workbook")
    sheets = desk.download()
    cell = sheets.cell("scene_marketing")
    assert cell.value
    assert "counts once confirmed" in sheets.cell("scene_marketing", "origin").value
    choices = sheets.cell("scene_marketing", "unit").value.split(" / ")
    other = next(choice for choice in choices if choice != cell.value)
    sheets.cell("scene_purchasing").value = None
    desk.apply(desk.upload(sheets.fill(scene_marketing=other)))
    assert stored.sources("scene_marketing") == ["derived", "excel"]
    assert stored.sources("scene_purchasing") == ["derived"]
