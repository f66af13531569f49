"""Tables from outside: what is taken, and that everything wrong is told at once with its place."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from maturity.adaptive.framework import load_framework
from maturity.prioritisation.areas import Area, areas_of
from maturity.prioritisation.sheets import csv_of, rows_of_file, workbook_of
from maturity.prioritisation.tables import MOST_FAULTS, Fault, TableRefused, read_table
from tests.factories.files import office
from tests.factories.prioritisation import Rows, best_rows, cost_rows

AREAS: tuple[Area, ...] = areas_of(load_framework("siri_style/2026.1"))
FIRST, LAST = AREAS[0].id, AREAS[-1].id


def faults_of(kind: str, rows: Rows) -> list[Fault]:
    with pytest.raises(TableRefused) as refused:
        read_table(kind, rows, AREAS)
    return list(refused.value.faults)


def codes(kind: str, rows: Rows) -> set[str]:
    return {fault.code for fault in faults_of(kind, rows)}


def test_the_areas_are_the_sixteen_in_the_order_they_are_asked() -> None:
    assert len(AREAS) == 16
    assert [area.id for area in AREAS] == list(load_framework("siri_style/2026.1").edition.order)
    assert {len(area.bands) for area in AREAS} == {6}


def test_a_table_keeps_its_numbers_as_they_are_written() -> None:
    content = read_table("cost", cost_rows(AREAS, **{FIRST: ("0.10", "12")}), AREAS)
    assert content["columns"] == ["人工", "能源"]
    assert content["rows"][FIRST] == ["0.10", "12"]
    assert len(content["rows"]) == 16


@pytest.mark.parametrize("word", [AREAS[0].id.upper(), AREAS[0].title.zh, AREAS[0].title.en.lower()])
def test_an_area_may_be_written_by_its_id_or_its_name(word: str) -> None:
    rows = cost_rows(AREAS)
    rows[1][0] = word
    assert FIRST in read_table("cost", rows, AREAS)["rows"]


@pytest.mark.parametrize("pack", [csv_of, lambda rows: workbook_of(rows, "成本")])
def test_csv_and_excel_come_to_the_same(pack: Callable[[Any], bytes]) -> None:
    rows = cost_rows(AREAS, **{FIRST: ("0.1", "7")})
    assert read_table("cost", rows_of_file(pack(rows)), AREAS) == read_table("cost", rows, AREAS)


def test_a_file_of_chinese_windows_is_read() -> None:
    text = csv_of(cost_rows(AREAS)).decode("utf-8-sig")
    assert read_table("cost", rows_of_file(text.encode("gb18030")), AREAS)["columns"] == ["人工", "能源"]


@pytest.mark.parametrize("content", [b"PK\x03\x04 no archive", b"\x00\x01\x02", b"\xff\xff\xff", office("docx")])
def test_what_is_no_table_is_refused(content: bytes) -> None:
    with pytest.raises(TableRefused) as refused:
        rows_of_file(content)
    assert refused.value.faults[0].code == "unreadable"


@pytest.mark.parametrize(
    ("typed", "code"),
    [("", "blank"), ("-1", "negative"), ("50%", "not_a_number"), ("1e3", "not_a_number"), ("nan", "not_a_number")],
)
def test_a_cell_that_is_no_number_is_told_with_row_column_and_value(typed: str, code: str) -> None:
    assert faults_of("cost", cost_rows(AREAS, **{FIRST: ("1", typed)})) == [Fault(2, "能源", code, typed)]


def test_everything_wrong_is_told_at_once_and_not_without_end() -> None:
    rows = cost_rows(AREAS, **{FIRST: ("x", "-1")})
    rows[2][0] = "band_nowhere"
    rows[3][0] = FIRST
    assert codes("cost", rows) == {"not_a_number", "negative", "area_unknown", "area_twice"}
    assert len(faults_of("cost", cost_rows(AREAS, **{area.id: ("x", "x") for area in AREAS}))) == MOST_FAULTS


def test_an_area_without_a_row_is_missing_and_not_zero() -> None:
    assert faults_of("cost", cost_rows(AREAS)[:-1]) == [Fault(0, "area", "area_missing", LAST)]


@pytest.mark.parametrize(
    ("head", "code"),
    [
        (["area", "name"], "no_columns"),
        (["name", "area", "x"], "heading"),
        (["area", "name", "", "x"], "blank_heading"),
        (["area", "name", "x", "x"], "column_twice"),
        (["area", "name", "=1+1", "x"], "formula"),
        (["area", "name", "x" * 61, "y"], "long_heading"),
        (["area", "name", *(f"c{number}" for number in range(31))], "many_columns"),
    ],
)
def test_a_wrong_heading_is_refused(head: list[str], code: str) -> None:
    rows = [head, *([area.id, "", *["1"] * (len(head) - 2)] for area in AREAS)]
    assert code in codes("kpi", rows)


def test_a_table_of_zeros_puts_nothing_in_order() -> None:
    assert codes("cost", cost_rows(AREAS, **{area.id: ("0", "0") for area in AREAS})) == {"all_zero"}


def test_nothing_and_too_much_are_refused() -> None:
    assert codes("cost", []) == {"empty"}
    assert codes("cost", cost_rows(AREAS) * 20) == {"long"}


@pytest.mark.parametrize(("band", "code"), [("5.5", "band_range"), ("six", "not_a_number")])
def test_a_best_band_is_at_most_five(band: str, code: str) -> None:
    assert codes("best", best_rows(AREAS, **{FIRST: band})) == {code}


def test_best_bands_may_lie_between_two_bands() -> None:
    assert read_table("best", best_rows(AREAS, **{FIRST: "3.5"}), AREAS)["rows"][FIRST] == "3.5"


HEAD = ["area", "name", "band", "zh", "en"]


def test_descriptors_may_be_partial_and_in_one_language() -> None:
    rows = [HEAD, [FIRST, "", "0", "无", ""], [FIRST, "", "5", "", "all of it"], [LAST, "", "2", "", ""]]
    assert read_table("descriptors", rows, AREAS)["rows"] == {
        FIRST: {"0": {"zh": "无", "en": ""}, "5": {"zh": "", "en": "all of it"}}
    }


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ([FIRST, "", "6", "x", ""], "band_unknown"),
        ([FIRST, "", "0", "again", ""], "band_twice"),
        (["elsewhere", "", "0", "x", ""], "area_unknown"),
        ([FIRST, "", "1", "x" * 2001, ""], "long_text"),
    ],
)
def test_a_wrong_descriptor_is_refused(row: list[str], code: str) -> None:
    assert codes("descriptors", [HEAD, [FIRST, "", "0", "x", ""], row]) == {code}


def test_an_unfilled_template_of_descriptors_is_refused() -> None:
    assert codes("descriptors", [HEAD, [FIRST, "", "0", "", ""]]) == {"empty"}
