"""What a workbook is made of: locked but for its answers, grey where nothing is asked, and no formula of anybody's."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from typing import Any

import pytest
from openpyxl import load_workbook
from openpyxl.workbook import Workbook

from maturity.adaptive.framework import Framework, load_framework
from maturity.questionnaires.conditions import leaves
from maturity.questionnaires.loader import editions
from maturity.workbooks.layout import LISTS_SHEET, TOKEN_SHEET, sheet_names
from maturity.workbooks.writing import Content, make_workbook
from tests.answers import profile

RISKY = ['=HYPERLINK("http://evil.example")', "+1+1", "-2+3", "@SUM(A1)", "\t=1", "=1\x0b2"]


def made(framework: Framework, locale: str = "en", **content: Any) -> bytes:
    known = {"title": "x", "lines": (), "profile": profile()} | content
    return make_workbook(framework, Content(**known), "sealed", locale)


def opened(content: bytes, *, values: bool = False) -> Workbook:
    return load_workbook(io.BytesIO(content), data_only=values)


def cells(book: Workbook, key: str = "answer") -> dict[str, Any]:
    found = {}
    for sheet in book.worksheets:
        keys = {cell.value: cell.column for cell in sheet[1]}
        if "id" in keys:
            for row in range(5, sheet.max_row + 1):
                found[sheet.cell(row, keys["id"]).value] = sheet.cell(row, keys[key])
    return found


def test_only_answers_and_evidence_can_be_changed(framework: Framework) -> None:
    book = opened(made(framework))
    assert book.security.lockStructure
    for sheet in book.worksheets:
        assert sheet.protection.sheet, sheet.title
        open_columns = {
            sheet.cell(1, cell.column).value for row in sheet.iter_rows() for cell in row if not cell.protection.locked
        }
        assert open_columns <= {"answer", "note"}


def test_the_seal_and_the_lists_are_hidden_for_good(framework: Framework) -> None:
    book = opened(made(framework))
    assert {name: book[name].sheet_state for name in (TOKEN_SHEET, LISTS_SHEET)} == {
        TOKEN_SHEET: "veryHidden",
        LISTS_SHEET: "veryHidden",
    }


def test_choices_are_offered_and_numbers_bounded(framework: Framework) -> None:
    book = opened(made(framework))
    found = cells(book)
    rules = {
        (sheet.title, str(area)): rule
        for sheet in book.worksheets
        for rule in sheet.data_validations.dataValidation
        for area in rule.sqref.ranges
    }

    def rule(slot: str) -> Any:
        return rules[found[slot].parent.title, found[slot].coordinate]

    assert (rule("it_staff").type, rule("it_staff").formula1) == ("whole", "0")
    share = rule("on_time_delivery.current")
    assert (share.type, share.formula1, share.formula2) == ("decimal", "0", "100")
    assert "unit: %" in share.prompt
    assert rule("cio_level").type == "list"
    column = rule("cio_level").formula1.split("$")[1]
    offered = [cell.value for cell in book[LISTS_SHEET][column] if cell.value]
    assert offered == [option.label.en for option in framework.edition.facts["cio_level"].options]


def test_what_is_not_asked_is_grey_by_a_formula_with_its_result(framework: Framework) -> None:
    content = made(framework, facts={"design_tools": "cad_2d"})
    formulas, shown = cells(opened(content), "state"), cells(opened(content, values=True), "state")
    tools = cells(opened(content))["design_tools"]
    assert tools.coordinate.replace("D", "$D$") in formulas["designs_3d"].value
    assert (shown["design_tools"].value, shown["designs_3d"].value) == (1, 0)
    sheet = tools.parent
    grey = [rule for area in sheet.conditional_formatting for rule in area.rules]
    assert [rule.formula for rule in grey] == [["$M5=0"]]


def test_last_year_and_carried_over_answers_stand_beside(framework: Framework) -> None:
    book = opened(
        made(
            framework,
            earlier={"it_investment": "1200.5", "cio_level": "nonsense"},
            carried_over=frozenset(["cio_level"]),
        )
    )
    assert cells(book, "earlier")["it_investment"].value == "1200.5"
    assert cells(book, "earlier")["cio_level"].value is None
    assert cells(book, "origin")["cio_level"].value == "carried over"


@pytest.mark.parametrize("text", RISKY)
def test_no_text_becomes_a_formula(framework: Framework, text: str) -> None:
    facts = framework.edition.facts
    asked = replace(facts["cio_level"], type="text", options=())
    asking = replace(framework, edition=replace(framework.edition, facts={**facts, "cio_level": asked}))
    content = made(asking, title=text, lines=(text,), facts={"cio_level": text}, notes={"cio_level": text})
    book = opened(content)
    guide = book.worksheets[0]
    found = [guide["B1"], guide["B2"], cells(book)["cio_level"], cells(book, "note")["cio_level"]]
    assert [cell.data_type for cell in found] == ["s"] * 4
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert "<f>" not in archive.read("xl/worksheets/sheet1.xml").decode()


def test_what_does_not_apply_to_the_enterprise_is_left_out(framework: Framework) -> None:
    ids = cells(opened(made(framework, profile=profile(designs_products=False))))
    assert "designs_new" not in ids
    assert "cio_level" in ids


@pytest.mark.parametrize("slug", editions())
def test_every_edition_has_sheets_that_excel_can_name(slug: str) -> None:
    framework = load_framework(slug)
    for locale in ("zh_CN", "en"):
        names = list(sheet_names(framework.edition.sections, locale).values())
        assert len({name.casefold() for name in names}) == len(names)
        assert all(0 < len(name) <= 31 and not set(name) & set("[]:*?/\\") for name in names)


def test_a_workbook_without_the_sheet_that_decides_says_so(framework: Framework) -> None:
    """A contributor's workbook has some sections; what the others decide stands as it was when it was made."""
    edition = framework.edition
    needed = {
        name: {edition.asked_by[leaf.name] for leaf in leaves(q.requires)} for name, q in edition.questions.items()
    }
    across = [
        name
        for name, before in needed.items()
        if {edition.questions[other].section for other in before} - {edition.questions[name].section}
    ]
    assert across
    for name in across:
        section = edition.questions[name].section
        book = opened(made(framework, sections=(section,)))
        if edition.questions[name].facts[0] in cells(book, "when"):
            assert "the site decides" in cells(book, "when")[edition.questions[name].facts[0]].value
