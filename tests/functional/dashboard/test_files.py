"""What is taken away: pictures and tables that stand alone, and the interactive figure."""

from __future__ import annotations

import csv
import io
from urllib.parse import unquote
from xml.etree import ElementTree

import pytest

from maturity.benchmarks.models import BenchmarkRelease
from maturity.dashboard.asked import PAGES
from tests.conftest import Browser
from tests.functional.dashboard.test_pages import finding, rows_of

pytestmark = pytest.mark.xdist_group("dashboard")
Releases = dict[int, BenchmarkRelease]
MARK = "Synthetic demonstration data, no real enterprises"


@pytest.mark.parametrize("page", PAGES)
def test_the_csv_is_the_table_of_the_page(desk: Browser, url: str, releases: Releases, page: str) -> None:
    shown = desk.get(f"{url}/{page}")
    answer = desk.client.get(f"{url}/{page}.csv")
    assert answer.data.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"))))
    end = rows.index([])
    assert rows[:end] == rows_of(shown)
    below = [row[0] for row in rows[end + 1 :]]
    assert below[0] == finding(shown)
    assert MARK in below


@pytest.mark.parametrize("page", PAGES)
def test_the_svg_stands_alone(desk: Browser, url: str, releases: Releases, page: str) -> None:
    answer = desk.client.get(f"{url}/{page}.svg")
    root = ElementTree.fromstring(answer.text)  # noqa: S314  # our own picture
    assert root.get("role") == "img"
    drawn = " ".join("".join(node.itertext()) for node in root.iter("{http://www.w3.org/2000/svg}text"))
    assert MARK in drawn
    assert str(releases[2025].sha256)[:12].upper() in drawn.replace("\n", "")


@pytest.mark.parametrize("page", PAGES)
def test_the_png_is_a_picture_and_the_same_for_the_same_question(
    desk: Browser, url: str, releases: Releases, page: str
) -> None:
    answer = desk.client.get(f"{url}/{page}.png")
    assert answer.data.startswith(b"\x89PNG")
    again = desk.client.get(f"{url}/{page}.png", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304


@pytest.mark.parametrize("page", PAGES)
def test_the_figure_has_traces_and_the_mark(desk: Browser, url: str, releases: Releases, page: str) -> None:
    figure = desk.client.get(f"{url}/{page}.json").get_json()
    assert figure["data"]
    assert MARK in [note["text"] for note in figure["layout"]["annotations"]]


def test_a_file_is_called_after_what_is_in_it(desk: Browser, url: str, releases: Releases) -> None:
    with desk.client.session_transaction() as kept:
        kept["locale"] = "zh_CN"
    answer = desk.client.get(f"{url}/compare.csv?indicator=cnc_rate&by=sector&region=370000&year=2025")
    name = unquote(answer.headers["Content-Disposition"])
    assert "山东关键工序数控化率按大类行业-2025-合成数据.csv" in name


def test_a_file_of_nothing_is_not_found(desk: Browser, url: str) -> None:
    for ending in ("csv", "svg", "png", "json"):
        assert desk.client.get(f"{url}/profile.{ending}").status_code == 404
