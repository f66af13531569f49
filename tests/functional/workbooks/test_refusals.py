"""What is no workbook of ours, or not the right one, or was taken apart: each refused with its own words."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import pytest
from openpyxl import Workbook
from openpyxl.styles.numbers import FORMAT_PERCENTAGE
from sqlalchemy.orm import Session

from maturity.clock import FixedClock
from maturity.tenancy.models import Tenant
from tests.factories.assessments import make_assessment
from tests.functional.workbooks.conftest import Desk, Sheets, Stored

QUESTION = {"it_investment": 480, "operating_revenue": 36000}


def repacked(content: bytes, **parts: bytes) -> bytes:
    """The workbook with parts replaced or added; `__` stands for a slash and `_DOT_` for the dot."""
    buffer = io.BytesIO()
    changed = {name.replace("__", "/").replace("_DOT_", "."): data for name, data in parts.items()}
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as new:
        for name in [*old.namelist(), *(name for name in changed if name not in old.namelist())]:
            new.writestr(name, changed.get(name) if name in changed else old.read(name))
    return buffer.getvalue()


def ole(stream: str) -> bytes:
    return bytes.fromhex("d0cf11e0a1b11ae1") + bytes(504) + stream.encode("utf-16-le") + bytes(512)


def foreign() -> bytes:
    buffer = io.BytesIO()
    Workbook().save(buffer)
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        (b"", "a.xlsx", "is empty"),
        (b"hello", "a.xlsx", "is no Excel workbook by its content"),
        (b"a,b\n1,2\n", "a.csv", "is a CSV file"),
        (ole("Workbook"), "a.xls", "workbook of the old kind, .xls"),
        (ole("EncryptedPackage"), "a.xlsx", "protected by a password"),
        (b"PK\x03\x04" + b"x" * 200, "a.xlsx", "is damaged or not complete"),
        (foreign(), "a.xlsx", "was not downloaded here"),
    ],
)
def test_what_is_no_workbook_is_refused(desk: Desk, content: bytes, name: str, words: str) -> None:
    assert words in desk.upload(content, name, 422).text


def test_macros_are_refused(desk: Desk) -> None:
    content = repacked(desk.download().content(), xl__vbaProject_DOT_bin=b"x")
    assert "contains macros (.xlsm)" in desk.upload(content, "a.xlsm", 422).text


def test_a_bomb_is_not_opened(desk: Desk) -> None:
    content = repacked(desk.download().content(), xl__bomb_DOT_xml=b"0" * (60 * 1024**2))
    assert "unpacks to far more than its size" in desk.upload(content, status=422).text


def test_entities_that_grow_without_end_are_not_followed(desk: Desk) -> None:
    """Nine levels of ten entities each; read without limits they would be a billion."""
    levels = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    bomb = f'<!DOCTYPE x [<!ENTITY l0 "lol">{levels}]><worksheet><sheetData><row r="1"><c t="inlineStr"><is><t>&l9;</t>'
    content = repacked(desk.download().content(), xl__worksheets__sheet2_DOT_xml=bomb.encode())
    refused = desk.upload(content, status=422)
    assert "is damaged or not complete" in refused.text or "with reasonable effort" in refused.text


def test_a_file_of_60_mb_is_refused(desk: Desk) -> None:
    assert "larger than 20 MB" in desk.upload(b"x" * (60 * 1024**2), status=413).text


def test_a_file_just_above_the_limit_is_refused(desk: Desk) -> None:
    assert "larger than 20 MB" in desk.upload(b"x" * (20 * 1024**2 + 10), status=422).text


def test_no_file_is_told_so(desk: Desk) -> None:
    assert "Choose the workbook first." in desk.browser.post(desk.base, {}, 422).text


def test_the_workbook_of_another_year_is_refused(
    desk: Desk, session: Session, clock: FixedClock, tenant: Tenant
) -> None:
    other = make_assessment(session, tenant, clock, period=2024)
    session.commit()
    base = f"/t/{tenant.id}/assessments/{other.id}/workbook"
    session.rollback()
    content = desk.download().content()
    assert "belongs to another assessment" in Desk(desk.browser, base).upload(content, status=422).text


def test_a_workbook_of_another_edition_is_refused(desk: Desk, app: Any) -> None:
    from maturity.workbooks.layout import TOKEN_SHEET
    from maturity.workbooks.seals import Label, seal

    sheets = desk.download()
    other = seal(Label("blank", "0" * 64, "en"), app.config["SECRET_KEY"])
    sheets.book[TOKEN_SHEET]["A1"].value = other
    assert "belongs to another edition" in desk.upload(sheets, status=422).text


def test_a_broken_seal_is_refused(desk: Desk) -> None:
    from maturity.workbooks.layout import TOKEN_SHEET

    sheets = desk.download()
    cell = sheets.book[TOKEN_SHEET]["A1"]
    cell.value = cell.value[:-3] + ("AAA" if cell.value[-3:] != "AAA" else "BBB")
    assert "hidden mark of this workbook was changed" in desk.upload(sheets, status=422).text


def told(desk: Desk, sheets: Sheets, *words: str) -> None:
    """The preview says every one of these, and saves nothing."""
    preview = desk.upload(sheets)
    for word in words:
        assert word in preview.text, preview.text
    desk.browser.post(f"{preview.path}/apply", {"seen": ""}, 409)


def sheet_of(sheets: Sheets, slot: str = "it_investment") -> Any:
    return sheets.cell(slot).parent


def test_a_renamed_sheet_is_told_by_both_names(desk: Desk) -> None:
    sheets = desk.download()
    sheet = sheet_of(sheets)
    before, sheet.title = sheet.title, "Sheet3"
    told(desk, sheets, "Sheet3", f"This sheet was called “{before}”")


def test_a_deleted_sheet_is_told(desk: Desk) -> None:
    sheets = desk.download()
    sheet = sheet_of(sheets)
    sheets.book.remove(sheet)
    told(desk, sheets, sheet.title, "This sheet is missing")


def test_a_deleted_answer_column_is_told(desk: Desk) -> None:
    sheets = desk.download()
    sheet_of(sheets).delete_cols(sheets.cell("it_investment").column)
    told(desk, sheets, "The column “Answer” or the hidden column “Id” was deleted")


def test_a_deleted_help_column_does_no_harm(desk: Desk, stored: Stored) -> None:
    sheets = desk.download()
    sheet_of(sheets).delete_cols(1)
    desk.apply(desk.upload(sheets.fill(**QUESTION)))
    assert stored.answer("it_investment") == {"it_investment": "480", "operating_revenue": "36000"}


def test_a_deleted_hidden_row_is_told(desk: Desk) -> None:
    sheets = desk.download()
    sheet_of(sheets).delete_rows(1)
    told(desk, sheets, "The hidden first row of this sheet was deleted")


def test_a_deleted_row_is_told(desk: Desk) -> None:
    sheets = desk.download()
    sheet_of(sheets).delete_rows(sheets.cell("it_investment").row)
    told(desk, sheets, "The row of “", "was deleted")


def test_inserted_rows_do_no_harm_and_what_stands_in_them_is_told(desk: Desk, stored: Stored) -> None:
    sheets = desk.download()
    sheet_of(sheets).insert_rows(6, 2)
    sheets.fill(**QUESTION)
    sheet_of(sheets)["D6"] = "a remark"
    preview = desk.upload(sheets)
    assert f"{sheet_of(sheets).title}!D6" in preview.text
    desk.apply(preview)
    assert stored.count() == 1


def test_merged_answer_cells_are_told(desk: Desk) -> None:
    sheets = desk.download()
    row = sheets.cell("it_investment").row
    sheet_of(sheets).merge_cells(start_row=row, end_row=row + 1, start_column=4, end_column=4)
    told(desk, sheets, f"!D{row}:D{row + 1}", "Answer cells were merged")


def test_merged_help_cells_do_no_harm(desk: Desk, stored: Stored) -> None:
    sheets = desk.download().fill(**QUESTION)
    sheet_of(sheets).merge_cells("B5:C6")
    desk.apply(desk.upload(sheets))
    assert stored.count() == 1


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("=1+1", "holds a formula"),
        ("12,5", "Use a point for decimals"),
        ("85%", "without a percent sign"),
        ("lots", "must be a number"),
        (True, "must be a number, and the cell holds True"),
        (-1, "cannot be less than"),
        ("1" * 16, "too many digits"),
    ],
)
def test_a_figure_that_cannot_be_used_is_told(desk: Desk, value: Any, words: str) -> None:
    sheets = desk.download().fill(it_investment=value, operating_revenue=5)
    told(desk, sheets, sheets.place("it_investment"), words)


def test_a_percentage_that_excel_made_a_fraction_is_told(desk: Desk) -> None:
    sheets = desk.download().fill(it_investment=0.85)
    sheets.cell("it_investment").number_format = FORMAT_PERCENTAGE
    told(desk, sheets, "formatted as a percentage (85%)")


def test_a_figure_that_excel_made_a_day_is_told(desk: Desk) -> None:
    from datetime import date

    sheets = desk.download().fill(it_investment=date(2026, 3, 4))
    told(desk, sheets, "Excel turned the cell of", "2026-03-04")


@pytest.mark.parametrize("value", ["４８０", "480 ", "480.0", 480.0, "+480"])
def test_a_number_typed_as_text_or_in_full_width_is_the_number(desk: Desk, stored: Stored, value: Any) -> None:
    desk.apply(desk.upload(desk.download().fill(it_investment=value, operating_revenue="３６，０００")))
    assert stored.answer("it_investment") == {"it_investment": "480", "operating_revenue": "36000"}


def test_an_option_that_is_none_is_told(desk: Desk) -> None:
    sheets = desk.download().fill(it_planning="perhaps")
    told(desk, sheets, sheets.place("it_planning"), "has no option “perhaps”")


def test_a_formula_in_an_evidence_cell_is_told(desk: Desk) -> None:
    sheets = desk.download()
    sheets.cell("it_investment", "note").value = '=HYPERLINK("http://x")'
    told(desk, sheets, "The evidence cell holds a formula")


def test_every_option_no_is_told(desk: Desk) -> None:
    sheets = desk.download()
    slots = [f"cloud_use.{name}" for name in ("none",)]
    sheets.fill(**{slot.replace(".", "__"): "No" for slot in slots})
    told(desk, sheets, "Every option of")
