"""The index of a year: computed, ranked among peers, looked into, frozen and corrected."""

from __future__ import annotations

import hashlib
import io
import json
from uuid import UUID

import pytest
from openpyxl import load_workbook

from tests.conftest import Browser
from tests.factories.regional import SOURCE
from tests.functional.regional.conftest import Sign

# Shandong: ground (100 + 100) / 2, use 50·log2(4) = 100; Jiangsu: ground (150 + 50) / 2, use 50
SHANDONG, JIANGSU, NATION = "100.0", "70.0", "50.0"


def test_the_published_index_is_there_on_the_first_start(editor: Browser, base: str) -> None:
    page = editor.get(base)
    assert "Published index of 2015" in page.text
    shown = editor.get(next(link for link in page.links if "of=published" in link))
    for words in ("Guangdong", "98.8", "Guangxi", "72.6", "17 of 31 regions", "S10", "within rounding"):
        assert words in shown.text
    assert "Published values, not computed here" in shown.text


@pytest.mark.parametrize(("year", "total"), [(2013, "61.95"), (2014, "66.14"), (2015, "72.7")])
def test_each_published_year_can_be_opened(editor: Browser, base: str, year: int, total: str) -> None:
    link = next(link for link in editor.get(base).links if "of=published" in link)
    assert total in editor.get(f"{link}&year={year}").text


def test_a_ranking_says_its_peers_and_how_many_they_are(editor: Browser, base: str, model_id: UUID) -> None:
    page = editor.get(f"{base}/{model_id}/result?year=2024")
    assert "Ranking among all provinces, regions and municipalities" in page.text
    assert "2 of 31 regions in this group have an index" in page.text
    for value in (SHANDONG, JIANGSU, NATION, "+50.0"):
        assert value in page.text
    assert "29 regions without an index" in page.text
    assert "No index: a class has no figure at all." in page.text


def test_another_group_of_peers_gives_another_rank(editor: Browser, base: str, model_id: UUID) -> None:
    page = editor.get(f"{base}/{model_id}/result?year=2024&group=macro-central")
    assert "Ranking among Centre" in page.text
    assert "0 of 6 regions in this group have an index" in page.text


def test_a_region_shows_what_each_indicator_did(editor: Browser, base: str, model_id: UUID) -> None:
    page = editor.get(f"{base}/{model_id}/regions/370000?year=2024&of=live")
    for words in ("100.0", "1 of 2", "among East", "own figure", SOURCE, "60.00", "20.00"):
        assert words in page.text
    page = editor.get(f"{base}/{model_id}/regions/340000?year=2024&of=live")
    assert "missing, left out" in page.text


@pytest.mark.parametrize("region", ["440100", "x", "710000"])
def test_a_region_outside_the_model_is_not_there(editor: Browser, base: str, model_id: UUID, region: str) -> None:
    editor.get(f"{base}/{model_id}/regions/{region}?year=2024", status=404)


@pytest.mark.parametrize("chart", ["ranking", "trend", "profile"])
def test_every_chart_has_picture_figure_and_table(editor: Browser, base: str, model_id: UUID, chart: str) -> None:
    at = f"{base}/{model_id}/charts/{chart}"
    query = "?year=2024&of=live&region=370000"
    svg = editor.client.get(f"{at}.svg{query}")
    assert svg.mimetype == "image/svg+xml"
    assert b"<title>" in svg.data
    assert editor.client.get(f"{at}.png{query}").data.startswith(b"\x89PNG")
    assert "data" in editor.client.get(f"{at}.json{query}").json
    assert editor.client.get(f"{at}.csv{query}").data.startswith("\ufeff".encode())


def test_an_unknown_chart_is_not_there(editor: Browser, base: str, model_id: UUID) -> None:
    editor.get(f"{base}/{model_id}/charts/nothing.svg?year=2024", status=404)


def test_a_file_keeps_peers_and_n_beside_every_rank(editor: Browser, base: str, model_id: UUID) -> None:
    reply = editor.client.get(f"{base}/{model_id}/result.csv?year=2024")
    lines = reply.data.decode("utf-8-sig").splitlines()
    assert lines[1].startswith("1,370000,Shandong,100.0")
    assert lines[1].endswith('regions and municipalities",2,31,2024,1')
    book = load_workbook(io.BytesIO(editor.client.get(f"{base}/{model_id}/result.xlsx?year=2024").data))
    assert len(book.worksheets) == 2
    assert book.worksheets[0]["D2"].value == 100
    assert book.worksheets[1].max_row == 1 + 32 * 3


def test_what_is_frozen_stays_whatever_happens_to_the_figures(editor: Browser, base: str, model_id: UUID) -> None:
    frozen = editor.post(f"{base}/{model_id}/result?year=2024&of=live")
    assert "The index of 2024 is frozen under its hash." in frozen.text
    document = editor.client.get(next(link for link in frozen.links if "result.json" in link)).data
    assert hashlib.sha256(document).hexdigest() in frozen.text
    assert json.loads(document)["ranks"]["provinces"]["370000"] == {"n": 2, "of": 31, "rank": 1, "tied": False}
    sheet = f"{base}/{model_id}/values/c?year=2024"
    editor.post(sheet, {"source": SOURCE, "provenance": "Q", "value-370000": "10", "value-320000": "10"})
    live = editor.get(f"{base}/{model_id}/result?year=2024&of=live").text
    assert "1= Shandong 70.0" in live
    assert "1= Jiangsu 70.0" in live
    again = editor.get(next(link for link in frozen.links if "of=" in link and "/regions/370000" in link))
    assert SHANDONG in again.text


def test_a_correction_needs_a_reason_and_names_what_it_replaces(editor: Browser, base: str, model_id: UUID) -> None:
    live = f"{base}/{model_id}/result?year=2024&of=live"
    editor.post(live)
    assert (
        "Nothing has changed since the index was frozen."
        in editor.post(live, {"replaces": _current(editor, live), "reason": "again"}, status=409).text
    )
    editor.post(f"{base}/{model_id}/values/c?year=2024", {"source": "新年鉴", "provenance": "Q", "value-370000": "20"})
    page = editor.post(live, {"replaces": _current(editor, live), "reason": " "}, status=422)
    assert "Say in at most 200 characters why the frozen index is corrected." in page.text
    page = editor.post(live, {"replaces": _current(editor, live), "reason": "年鉴更正"})
    assert "Correction: 年鉴更正" in page.text
    overview = editor.get(base).text
    assert "corrected since" in overview
    assert "correction" in overview


def _current(editor: Browser, live: str) -> str:
    html = editor.get(live).html
    return html.split('name="replaces" value="')[1][:36]


def test_two_people_freezing_at_once_make_one_result(editor: Browser, base: str, model_id: UUID) -> None:
    """The second one saw no frozen result on the page and is told to look again."""
    live = f"{base}/{model_id}/result?year=2024&of=live"
    editor.post(live)
    editor.post(f"{base}/{model_id}/values/c?year=2024", {"source": SOURCE, "provenance": "Q", "value-370000": "7"})
    page = editor.post(live, {"reason": "seen nothing"}, status=409)
    assert "Somebody else froze this index meanwhile" in page.text


def test_a_viewer_sees_and_changes_nothing(sign: Sign, base: str, model_id: UUID) -> None:
    viewer = sign("viewer")
    page = viewer.get(f"{base}/{model_id}/result?year=2024")
    assert "Freeze" not in page.text
    assert "Open the sheet" not in viewer.get(f"{base}/{model_id}/values?year=2024").text
    for address in ("copy", "version", "remove", "in-force", "edit", "upload", "released", "result", "values/a"):
        viewer.post(f"{base}/{model_id}/{address}", status=403)


def test_without_figures_the_page_says_what_to_do(editor: Browser, base: str, model_id: UUID) -> None:
    draft = editor.post(f"{base}/{model_id}/copy", {"title-zh": "新模型", "title-en": "New model"})
    new = draft.path.split("/")[-2]
    assert "There is nothing to compute from" in editor.get(f"{base}/{new}/result").text


def test_the_pages_are_chinese_for_those_who_read_chinese(sign: Sign, base: str, model_id: UUID) -> None:
    reader = sign("viewer", "zh_CN")
    assert "区域指数" in reader.get(base).text
    page = reader.get(f"{base}/{model_id}/result?year=2024")
    assert "2024 年" in page.text
    assert "山东" in page.text
