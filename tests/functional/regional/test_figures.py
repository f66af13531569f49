"""Figures over HTTP: the overview with what is missing, sheets, files, and what a release gives or withholds."""

from __future__ import annotations

import io
from typing import Any
from uuid import UUID

import pytest
from openpyxl import load_workbook
from sqlalchemy import select
from sqlalchemy.orm import Session

from maturity.benchmarks.models import AggregateRead
from maturity.clock import FixedClock
from maturity.regional.models import IndexValue
from tests.conftest import Browser
from tests.factories.people import keep
from tests.factories.regional import SOURCE, document, make_model, make_release

HEADING = "indicator\tregion\tyear\tvalue\tcomparator\tsource\tprovenance"


def rows(session: Session, year: int = 2024) -> dict[tuple[str, str], tuple[str | None, str, str, str]]:
    session.rollback()
    found = session.scalars(select(IndexValue).where(IndexValue.year == year))
    kept = {(row.indicator, row.region): (row.value, row.comparator, row.source, row.provenance) for row in found}
    session.rollback()
    return kept


def test_what_is_missing_is_marked(editor: Browser, base: str, model_id: UUID) -> None:
    page = editor.get(f"{base}/{model_id}/values?year=2024")
    assert "3 / 31" in page.text
    assert "28 regions" in page.text
    assert "✕" in page.text
    assert "all regions" in editor.get(f"{base}/{model_id}/values?year=2020").text


def test_a_sheet_keeps_sources_row_by_row(editor: Browser, base: str, model_id: UUID, session: Session) -> None:
    """Only what changes takes the source above; what is emptied goes."""
    sheet = f"{base}/{model_id}/values/a?year=2024"
    given = {
        "source": "江苏统计年鉴 2025", "provenance": "Q2", "value-370000": "20", "value-320000": "1,234.5",
        "comparator-320000": "≥", "value-nation": "10", "value-340000": "",
    }  # fmt: skip
    assert "1 figures new or changed, 1 removed" in editor.post(sheet, given).text
    found = rows(session)
    assert found["a", "370000"] == ("20", "", SOURCE, "Q")
    assert found["a", "320000"] == ("1234.5", "≥", "江苏统计年鉴 2025", "Q2")
    assert ("a", "340000") not in found


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"value-370000": "twelve"}, "“twelve” is no number."),
        ({"value-370000": "1e5"}, "“1e5” is no number."),
        ({"value-370000": "13", "comparator-370000": "~"}, "“~” is no comparator."),
        ({"value-370000": "13", "source": ""}, "Say where the figure is from"),
        ({"value-370000": "13", "source": "s" * 201}, "Say where the figure is from"),
        ({"value-370000": "13", "provenance": "X"}, "Choose where this is from"),
    ],
)
def test_a_wrong_entry_is_told_at_its_field_and_nothing_is_saved(
    editor: Browser, base: str, model_id: UUID, session: Session, given: dict[str, str], message: str
) -> None:
    before = rows(session)
    page = editor.post(f"{base}/{model_id}/values/a?year=2024", {"source": SOURCE, "provenance": "Q"} | given, 422)
    assert message in page.text
    assert f'value="{given["value-370000"]}"' in page.html
    assert rows(session) == before


def test_two_people_at_one_sheet_do_not_undo_each_other(
    editor: Browser, base: str, model_id: UUID, session: Session
) -> None:
    """What one did not touch stays as the other left it; where both typed, the second is told."""
    sheet = f"{base}/{model_id}/values/a?year=2024"
    given = {"source": SOURCE, "provenance": "Q"}
    seen = {"was-370000": "20", "was-320000": "30"}
    editor.post(sheet, given | seen | {"value-370000": "21", "value-320000": "30"})
    page = editor.post(sheet, given | seen | {"value-370000": "20", "value-320000": "31"})
    assert "1 figures new or changed" in page.text
    assert (rows(session)["a", "370000"][0], rows(session)["a", "320000"][0]) == ("21", "31")
    page = editor.post(sheet, given | seen | {"value-370000": "22", "value-320000": "31"}, status=422)
    assert "Somebody else set this to 21 meanwhile." in page.text
    assert 'name="was-370000" value="21"' in page.html
    assert 'value="22"' in page.html


@pytest.mark.parametrize("year", ["abc", "24", "1900", "2024.5"])
def test_a_year_that_is_none_is_told(editor: Browser, base: str, model_id: UUID, year: str) -> None:
    assert f"“{year}” is no year from 1978 to 2100." in editor.get(f"{base}/{model_id}/values?year={year}").text


@pytest.mark.parametrize("address", ["values/nothing?year=2024", "values/A"])
def test_a_sheet_of_no_indicator_is_not_there(editor: Browser, base: str, model_id: UUID, address: str) -> None:
    editor.get(f"{base}/{model_id}/{address}", status=404)


def test_the_template_comes_back_as_it_went(editor: Browser, base: str, model_id: UUID, session: Session) -> None:
    before = rows(session)
    for name in ("values.xlsx", "values.csv"):
        content = editor.client.get(f"{base}/{model_id}/{name}?year=2024").data
        reply = _upload(editor, f"{base}/{model_id}/upload?year=2024", content, name)
        assert "0 figures new or changed, 14 as before" in reply.text
    assert rows(session) == before


def _upload(editor: Browser, address: str, content: bytes, name: str) -> Any:
    return editor.client.post(address, data={"file": (io.BytesIO(content), name)}, follow_redirects=True)


def test_a_filled_template_is_taken(editor: Browser, base: str, model_id: UUID, session: Session) -> None:
    book = load_workbook(io.BytesIO(editor.client.get(f"{base}/{model_id}/values.xlsx?year=2024").data))
    sheet = book.worksheets[0]
    for line in sheet.iter_rows(min_row=2):
        if line[0].value == "c" and line[1].value == "440000" and line[2].value == 2024:
            line[3].value, line[5].value, line[6].value = 0.1, "广东统计年鉴", "Q"
    buffer = io.BytesIO()
    book.save(buffer)
    assert "1 figures new or changed" in _upload(editor, f"{base}/{model_id}/upload", buffer.getvalue(), "x.xlsx").text
    assert rows(session)["c", "440000"] == ("0.1", "", "广东统计年鉴", "Q")


def test_pasted_rows_may_name_regions_and_indicators(
    editor: Browser, base: str, model_id: UUID, session: Session
) -> None:
    lines = (
        "Indicator a\t广东省\t2024\t8\t≈\t年鉴\tQ",
        "指标b\tGuangdong\t2024\t9\t\t年鉴\tQ",
        "a\t全国\t2024\t7\t\t年鉴\tQ",
    )
    text = "\n".join([HEADING, *lines])
    editor.post(f"{base}/{model_id}/upload", {"text": text})
    found = rows(session)
    assert (found["a", "440000"][:2], found["b", "440000"][0], found["a", ""][0]) == (("8", "≈"), "9", "7")


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("z\t370000\t2024\t8\t\ts\tQ", "Row 2, column “indicator”: “z” is no indicator of this model."),
        ("a\t440100\t2024\t8\t\ts\tQ", "Row 2, column “region”: “440100” is no region of this model."),
        ("a\t370000\t24\t8\t\ts\tQ", "Row 2, column “year”: “24” is no year"),
        ("a\t370000\t2024\teight\t\ts\tQ", "Row 2, column “value”: “eight” is no number."),
        ("a\t370000\t2024\t8\t=\ts\tQ", "Row 2, column “comparator”: “=” is no comparator."),
        ("a\t370000\t2024\t8\t\t\tQ", "Row 2, column “source”: Say where the figure is from"),
        ("a\t370000\t2024\t8\t\ts\tgood", "Row 2, column “provenance”: “good” is no provenance."),
        (
            "a\t370000\t2024\t8\t\ts\tQ\na\t山东\t2024\t8\t\ts\tQ",
            "Row 3: This indicator, region and year stand in an earlier",
        ),
        ("a\t370000\t2024\t\t\ts\tQ", "Nothing is filled in."),
    ],
)
def test_a_wrong_row_is_told_and_nothing_is_taken(
    editor: Browser, base: str, model_id: UUID, session: Session, row: str, message: str
) -> None:
    before = rows(session)
    page = editor.post(f"{base}/{model_id}/upload", {"text": f"{HEADING}\n{row}"}, status=422)
    assert message in page.text
    assert row.split("\n")[0] in page.html
    assert rows(session) == before


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"PK\x03\x04 no workbook", "This cannot be read."),
        (b"\xff\xfe\x00\x00", "This cannot be read."),
        (b"region,value\n1,2", "The first row must read: indicator, region, year"),
        (b"  \n ", "Nothing is filled in."),
        ((HEADING + "\nx" * 20_001).encode(), "The table has more than 20,000 rows."),
    ],
    ids=["no workbook", "no text", "another table", "blank", "too long"],
)
def test_what_is_no_table_is_refused(editor: Browser, base: str, model_id: UUID, content: bytes, message: str) -> None:
    assert message in _upload(editor, f"{base}/{model_id}/upload", content, "x.csv").text


def test_nothing_chosen_is_told(editor: Browser, base: str, model_id: UUID) -> None:
    assert "Choose a file or paste the table." in editor.post(f"{base}/{model_id}/upload", status=422).text


# ---- releases


@pytest.fixture
def fed_id(session: Session, clock: FixedClock, tenant: Any) -> UUID:
    """A model with one indicator of each kind that a release can feed."""
    data = document()
    (a, b), (c,) = (part["indicators"] for part in data["classes"])
    a |= {"source": "survey", "cell": "share:erp"}
    b |= {"source": "survey", "cell": "median:online_sales_rate", "direction": "up"}
    c |= {"source": "survey", "cell": "mean:cnc_rate"}
    made: UUID = make_model(session, tenant, clock, classes=data["classes"])
    session.commit()
    return made


def cells(session: Session, clock: FixedClock, **more: Any) -> None:
    """Shandong says everything, Jiangsu no mean, and nobody else anything."""
    grid = {"q1": 10, "median": 30, "q3": 50, "p10": None, "p90": None}
    whole = {"shares": {"erp": 64}, "metrics": {"online_sales_rate": grid}, "means": {"cnc_rate": "55.3"}}
    make_release(session, clock, 2025, {"": whole, "370000": whole, "320000": whole | {"means": {}}}, **more)
    session.commit()


def test_a_release_feeds_what_it_publishes_and_marks_what_it_withholds(
    editor: Browser, base: str, fed_id: UUID, session: Session, clock: FixedClock
) -> None:
    cells(session, clock)
    page = editor.post(f"{base}/{fed_id}/released?year=2025")
    assert "8 figures are taken from the release, 88 are withheld and stay missing." in page.text
    found = rows(session, 2025)
    assert [found[name, "370000"][0] for name in "abc"] == ["64", "30", "55.3"]
    assert found["c", "320000"][0] is None
    assert "▨" in page.text
    result = editor.get(f"{base}/{fed_id}/regions/320000?year=2025&of=live")
    assert "withheld by the release, left out" in result.text


def test_reading_a_release_is_told_to_those_counted_in_it(
    editor: Browser, base: str, fed_id: UUID, session: Session, clock: FixedClock
) -> None:
    cells(session, clock)
    editor.post(f"{base}/{fed_id}/released?year=2025")
    session.rollback()
    read = session.scalars(select(AggregateRead)).one()
    told = (read.purpose, read.cells, "370000" in read.asked["region"])
    session.rollback()
    assert told == ("regional index", 3, True)


def test_a_figure_of_a_release_is_not_typed_over(
    editor: Browser, base: str, fed_id: UUID, session: Session, clock: FixedClock
) -> None:
    cells(session, clock)
    editor.post(f"{base}/{fed_id}/released?year=2025")
    for name, region in (("a", "370000"), ("c", "320000")):
        editor.post(
            f"{base}/{fed_id}/values/{name}?year=2025", {f"value-{region}": "99", "source": "s", "provenance": "Q"}
        )
    assert rows(session, 2025)["a", "370000"][0] == "64"
    assert rows(session, 2025)["c", "320000"][0] is None
    text = f"{HEADING}\nc\t320000\t2025\t99\t\ts\tQ"
    page = editor.post(f"{base}/{fed_id}/upload", {"text": text}, status=422)
    assert "This figure is taken from a release and cannot be typed over." in page.text
    assert "96 figures of the release are taken out." in editor.post(f"{base}/{fed_id}/released/remove?year=2025").text
    assert rows(session, 2025) == {}


@pytest.mark.parametrize("year", ["2024", "2026"])
def test_figures_of_another_year_are_not_taken_instead(
    editor: Browser, base: str, fed_id: UUID, session: Session, clock: FixedClock, year: str
) -> None:
    cells(session, clock)
    page = editor.post(f"{base}/{fed_id}/released?year={year}", status=409)
    assert "No release of this year is published yet." in page.text


@pytest.mark.parametrize("state", ["computing", "review", "withdrawn"])
def test_a_release_that_is_not_published_gives_nothing(
    editor: Browser, base: str, fed_id: UUID, session: Session, clock: FixedClock, state: str
) -> None:
    cells(session, clock, state=state, published_at=None)
    editor.post(f"{base}/{fed_id}/released?year=2025", status=409)


def test_made_up_figures_are_marked_in_the_index(
    editor: Browser, base: str, fed_id: UUID, session: Session, clock: FixedClock
) -> None:
    cells(session, clock, is_synthetic=True)
    editor.post(f"{base}/{fed_id}/released?year=2025")
    assert "Synthetic data" in editor.get(f"{base}/{fed_id}/result?year=2025").text


def test_a_model_of_statistics_alone_has_nothing_to_take(
    editor: Browser, base: str, model_id: UUID, session: Session
) -> None:
    keep(session)
    assert (
        "no indicator that is fed by a release" in editor.post(f"{base}/{model_id}/released?year=2025", status=409).text
    )
