"""The questionnaire as one Excel sheet: numbers are numbers, choices are offered, and nothing becomes a formula."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from typing import Any

import pytest
from openpyxl import load_workbook
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet
from sqlalchemy.orm import Session

from maturity.adaptive.framework import Framework
from maturity.assessments.models import Assessment
from maturity.clock import FixedClock
from maturity.reports.excel import questionnaire_workbook
from maturity.tenancy.models import Tenant
from tests.conftest import Browser
from tests.factories.assessments import answer, make_assessment

HEAD, FIRST = 3, 4
COLUMNS = ("section", "number", "question", "item", "answer", "unit", "after", "definition", "evidence", "id")


def sheet_of(content: bytes) -> Worksheet:
    book = load_workbook(io.BytesIO(content))
    assert len(book.sheetnames) == 1
    return book[book.sheetnames[0]]


def fetch(browser: Browser, url: str) -> Worksheet:
    reply = browser.client.get(url)
    assert (reply.status_code, reply.mimetype.rpartition(".")[2]) == (200, "sheet")
    return sheet_of(reply.data)


def rows(sheet: Worksheet) -> dict[str, dict[str, Any]]:
    """The rows by id, each cell's value under the name of its column."""
    found = {}
    for cells in sheet.iter_rows(min_row=FIRST, max_col=len(COLUMNS)):
        row = dict(zip(COLUMNS, (cell.value for cell in cells), strict=True))
        if row["id"]:
            found[row["id"]] = row | {"cell": cells[COLUMNS.index("answer")]}
    return found


@pytest.fixture
def blank(browser: Browser, base: str) -> Worksheet:
    return fetch(browser, f"{base}/questionnaire.xlsx")


@pytest.fixture
def filled(browser: Browser, base: str) -> Worksheet:
    return fetch(browser, f"{base}/answers.xlsx")


def test_every_cell_to_fill_has_an_id_of_its_own(blank: Worksheet, framework: Framework) -> None:
    ids = list(rows(blank))
    assert len(ids) > 100
    assert {name.partition(".")[0] for name in ids} <= set(framework.edition.facts)
    assert not [row for row in rows(blank).values() if row["answer"] is not None]


def test_the_heading_stays_in_sight_and_repeats_on_paper(blank: Worksheet) -> None:
    assert blank.freeze_panes == f"E{FIRST}"
    assert blank.print_title_rows == f"${HEAD}:${HEAD}"
    assert blank.auto_filter.ref == f"A{HEAD}:J{HEAD + len(rows(blank))}"


def test_it_prints_on_a4_across_one_page_with_page_numbers(blank: Worksheet) -> None:
    assert (blank.page_setup.orientation, int(blank.page_setup.paperSize)) == ("landscape", 9)
    assert (blank.page_setup.fitToWidth, blank.page_setup.fitToHeight) == (1, 0)
    assert blank.sheet_properties.pageSetUpPr.fitToPage
    assert blank.oddFooter.right.text == "Page &P of &N"
    assert blank.print_area.replace("$", "").endswith(f"A1:J{HEAD + len(rows(blank))}")


def test_counts_amounts_and_pairs_are_numbers(filled: Worksheet) -> None:
    found = rows(filled)
    assert found["operating_revenue"]["answer"] == 36000
    assert found["first_pass_yield.current"]["answer"] == 96.5
    assert found["first_pass_yield.prior"]["answer"] == 95
    assert found["operating_revenue"]["cell"].data_type == "n"
    assert found["it_staff"]["cell"].number_format == "#,##0"


def test_choices_are_words(filled: Worksheet, framework: Framework) -> None:
    found = rows(filled)
    facts = framework.edition.facts
    assert found["cio_level"]["answer"] == facts["cio_level"].options[2].label.en
    assert found["master_data.material"]["answer"] == facts["master_data"].columns[2].label.en
    assert [found[f"cloud_use.{option}"]["answer"] for option in ("office", "none")] == ["Yes", "No"]


def offers(sheet: Worksheet) -> dict[str, list[str]]:
    """What each answer cell offers, by its coordinate; the list itself stands in a hidden column."""
    found = {}
    for rule in (rule for rule in sheet.data_validations.dataValidation if rule.type == "list"):
        _, column, _, _, last = rule.formula1.split("$")
        assert sheet.column_dimensions[column].hidden
        words = [sheet[f"{column}{row}"].value for row in range(1, int(last) + 1)]
        for area in rule.sqref.ranges:
            found |= {f"{get_column_letter(column)}{row}": words for row, column in area.cells}
    return found


def test_choices_are_offered_in_the_cell(blank: Worksheet) -> None:
    offered = offers(blank)
    chosen = {name: row for name, row in rows(blank).items() if " / " in row["unit"]}
    assert len(chosen) == len(offered) > 60
    for row in chosen.values():
        assert row["unit"] == " / ".join(offered[row["cell"].coordinate])


def test_excel_refuses_what_the_site_would_refuse(blank: Worksheet) -> None:
    found = rows(blank)
    rules = {str(rule.sqref): rule for rule in blank.data_validations.dataValidation if rule.type != "list"}
    whole, share = (rules[found[name]["cell"].coordinate] for name in ("it_staff", "on_time_delivery.current"))
    assert (whole.type, whole.formula1) == ("whole", "0")
    assert (share.type, share.formula1, share.formula2) == ("decimal", "0", "100")


def test_help_stands_beside_the_first_cell_of_a_question(blank: Worksheet, framework: Framework) -> None:
    question = framework.edition.questions["master_data"]
    first, second = (rows(blank)[f"master_data.{row}"] for row in ("material", "bom"))
    assert (first["definition"], first["evidence"]) == (question.definition.en, question.evidence.en)
    assert (second["definition"], second["question"]) == (None, question.wording.en)


def test_a_question_that_builds_on_another_says_so(blank: Worksheet, framework: Framework) -> None:
    before = framework.edition.questions["mes_coverage"].wording.en
    assert rows(blank)["mes_functions.dispatch"]["after"] == before


def test_in_chinese_all_of_it_is_chinese(browser: Browser, base: str) -> None:
    browser.get("/?lang=zh")
    sheet = fetch(browser, f"{base}/answers.xlsx")
    assert sheet.title == "评估问卷"
    assert [cell.value for cell in sheet[HEAD]][:5] == ["部分", "序号", "题目", "填写项", "答案"]
    assert rows(sheet)["cloud_use.office"]["answer"] == "是"
    assert rows(sheet)["operating_revenue"]["unit"] == "万元"


def test_what_does_not_apply_is_left_out(
    session: Session, clock: FixedClock, tenant: Tenant, framework: Framework
) -> None:
    draft = make_assessment(session, tenant, clock)
    draft.profile = draft.profile | {"designs_products": False}
    ids = rows(sheet_of(questionnaire_workbook(framework, draft, {}, "en", enterprise="x")))
    assert "designs_new" not in ids
    assert "cio_level" in ids


RISKY = ['=HYPERLINK("http://evil.example")', "+1+1", "-2+3", "@SUM(A1)", "\t=1", "=1\x0b2"]


@pytest.mark.parametrize("name", RISKY)
def test_a_name_never_becomes_a_formula(
    session: Session, clock: FixedClock, tenant: Tenant, framework: Framework, name: str
) -> None:
    draft = make_assessment(session, tenant, clock)
    content = questionnaire_workbook(framework, draft, {}, "en", enterprise=name)
    assert "<f>" not in zipfile.ZipFile(io.BytesIO(content)).read("xl/worksheets/sheet1.xml").decode()
    cell = sheet_of(content)["A1"]
    assert cell.data_type == "s"
    assert cell.quotePrefix or not str(cell.value).startswith(("=", "+", "-", "@"))


def test_a_typed_text_never_becomes_a_formula(
    session: Session, clock: FixedClock, tenant: Tenant, framework: Framework
) -> None:
    """As an edition with a question for free text would have it."""
    facts = framework.edition.facts
    text = replace(facts["cio_level"], type="text", options=())
    asking = replace(framework, edition=replace(framework.edition, facts={**facts, "cio_level": text}))
    draft = make_assessment(session, tenant, clock)
    content = questionnaire_workbook(asking, draft, {"cio_level": "=1+1"}, "en", enterprise="x")
    cell = rows(sheet_of(content))["cio_level"]["cell"]
    assert (cell.value, cell.data_type, cell.quotePrefix) == ("=1+1", "s", True)


def test_unfinished_answers_are_in_the_filled_sheet(
    browser: Browser, session: Session, clock: FixedClock, tenant: Tenant
) -> None:
    draft = make_assessment(session, tenant, clock)
    answer(session, draft, "it_staff", clock, it_staff="0")
    session.commit()
    found = rows(fetch(browser, f"/t/{tenant.id}/assessments/{draft.id}/answers.xlsx"))
    assert found["it_staff"]["answer"] == 0
    assert found["cio_level"]["answer"] is None


def test_the_download_is_named_for_what_it_is(browser: Browser, base: str, submitted: Assessment) -> None:
    said = browser.client.get(f"{base}/answers.xlsx").headers["Content-Disposition"]
    assert "answers-2025-r1-en.xlsx" in said
