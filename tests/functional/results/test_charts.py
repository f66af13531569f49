"""Each chart as picture, as figure and as table: the same figures in the person's language."""

from __future__ import annotations

import csv
import io
from typing import Any
from xml.etree import ElementTree

import pytest
from sqlalchemy.orm import Session

from maturity.assessments.models import Assessment, Submission
from maturity.assessments.submission import submission_of
from maturity.results.charts import CHARTS
from tests.conftest import Browser

JSON = {"Accept": "application/json"}
SVG = "{http://www.w3.org/2000/svg}"
pytestmark = pytest.mark.usefixtures("peers")


def table(browser: Browser, base: str, name: str) -> list[list[str]]:
    reply = browser.client.get(f"{base}/charts/{name}.csv")
    return list(csv.reader(io.StringIO(reply.data.decode("utf-8-sig"))))


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("name", CHARTS)
def test_every_chart_is_a_picture_with_its_finding_and_source_as_text(
    browser: Browser, base: str, name: str, language: str
) -> None:
    browser.get(f"/?lang={language}")
    reply = browser.client.get(f"{base}/charts/{name}.svg")
    assert reply.mimetype == "image/svg+xml"
    root = ElementTree.fromstring(reply.data)  # noqa: S314  # our own picture
    title, description = root.findtext(f"{SVG}title"), root.findtext(f"{SVG}desc")
    rows = table(browser, base, name)
    assert [title] in rows
    assert [description] in rows


def test_a_picture_is_kept_by_the_browser_and_by_nobody_between(browser: Browser, base: str) -> None:
    headers = browser.client.get(f"{base}/charts/national.svg").headers
    assert headers["Cache-Control"] == "private, max-age=300"
    assert "Cookie" in headers["Vary"]


def test_a_narrow_picture_is_drawn_for_a_narrow_screen(browser: Browser, base: str) -> None:
    def width(query: str) -> float:
        reply = browser.client.get(f"{base}/charts/peers.svg{query}")
        return float(ElementTree.fromstring(reply.data).get("width", "0pt")[:-2])  # noqa: S314  # our own picture

    assert width("?narrow=1") < 0.6 * width("")


def test_the_same_figures_give_the_same_picture(browser: Browser, base: str) -> None:
    first, second = (browser.client.get(f"{base}/charts/national.svg").data for _ in range(2))
    assert first == second


@pytest.mark.parametrize("name", CHARTS)
def test_every_chart_is_a_figure_to_explore(browser: Browser, base: str, name: str) -> None:
    figure = browser.client.get(f"{base}/charts/{name}.json").json
    assert figure["data"]
    assert all(trace.get("name") or trace.get("type") == "waterfall" for trace in figure["data"])


@pytest.mark.parametrize("name", CHARTS)
def test_every_chart_is_a_table_that_excel_reads(browser: Browser, base: str, name: str) -> None:
    reply = browser.client.get(f"{base}/charts/{name}.csv")
    assert reply.mimetype == "text/csv"
    assert reply.data.startswith(b"\xef\xbb\xbf")
    assert f'filename="{name}.csv"' in reply.headers["Content-Disposition"]


@pytest.mark.parametrize("name", CHARTS)
def test_a_table_has_a_heading_rows_and_at_its_end_finding_and_source(browser: Browser, base: str, name: str) -> None:
    header, *rows = table(browser, base, name)
    *rows, blank, title, source = rows
    assert len(rows) >= 4
    assert {len(row) for row in rows} == {len(header)}
    assert (blank, len(title), len(source)) == ([], 1, 1)


@pytest.fixture
def submission(session: Session, submitted: Assessment) -> Submission:
    found = submission_of(session, submitted)
    session.rollback()
    assert found is not None
    return found


def test_the_contributions_in_the_table_sum_to_the_score(browser: Browser, base: str, submission: Submission) -> None:
    rows = [row for row in table(browser, base, "contributions")[1:] if len(row) == 3]
    assert abs(sum(float(earned) for _, earned, _ in rows) - float(submission.capability)) < 0.005 * len(rows)
    assert abs(sum(float(a) + float(b) for _, a, b in rows) - 100) < 0.01 * len(rows)


def test_the_peers_in_figure_and_table_are_the_same(browser: Browser, base: str) -> None:
    rows = [row for row in table(browser, base, "peers")[1:] if len(row) == 7]
    figure = browser.client.get(f"{base}/charts/peers.json").json
    medians = next(trace for trace in figure["data"] if trace["name"] == "Median")
    assert [float(row[4]) for row in rows] == medians["x"]
    assert [row[0] for row in rows] == medians["y"]


def test_the_figure_of_the_nation_is_cut_where_the_basis_changes(browser: Browser, base: str) -> None:
    figure = browser.client.get(f"{base}/charts/national.json").json
    lines: list[Any] = [trace for trace in figure["data"] if len(trace["x"]) > 1]
    assert len(lines) == 2
    assert max(lines[0]["x"]) < 2023 <= min(lines[1]["x"])


@pytest.mark.parametrize("kind", ["svg", "json", "csv"])
def test_a_chart_that_does_not_exist_is_told_in_words(browser: Browser, base: str, kind: str) -> None:
    reply = browser.client.get(f"{base}/charts/horoscope.{kind}", headers=JSON)
    assert reply.status_code == 404
    assert reply.json["message"] == "There is no such chart of this result. The result page shows those there are."


def test_a_kind_of_chart_that_does_not_exist_is_not_found(browser: Browser, base: str) -> None:
    browser.get(f"{base}/charts/peers.xls", status=404)


def test_the_library_that_draws_comes_from_this_site(browser: Browser) -> None:
    with browser.client.get("/assets/plotly.js") as reply:
        assert reply.mimetype == "text/javascript"
        assert reply.headers["Cache-Control"].startswith("public")
        assert b"newPlot" in reply.data
