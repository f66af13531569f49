"""Where an enterprise stands: against whom, in which words, and why not."""

from __future__ import annotations

import csv
import io
import re
import uuid

import pytest
from openpyxl import load_workbook
from sqlalchemy import select
from sqlalchemy.orm import Session

from maturity.assessments.models import Submission
from maturity.benchmarks.cells import Quantiles, percentile
from maturity.benchmarks.models import BenchmarkCell
from maturity.clock import FixedClock
from maturity.tenancy.models import Tenant
from tests.conftest import Browser
from tests.factories.assessments import answer_all, make_assessment, make_result
from tests.factories.enterprises import make_enterprise
from tests.factories.people import make_user
from tests.functional.standing.conftest import FAR, NEAR, OWN, release
from tests.page import Page


def test_nobody_is_compared_before_anything_is_submitted(browser: Browser, tenant: Tenant, base: str) -> None:
    assert "No result to compare yet" in browser.get(base).text


def test_an_enterprise_that_is_not_claimed_is_not_compared(
    browser: Browser, session: Session, tenant: Tenant, base: str, clock: FixedClock
) -> None:
    make_result(session, tenant, clock)
    release(session, clock, [(OWN, 60)])
    assert "Prove first that the enterprise is yours" in browser.get(base).text


@pytest.mark.usefixtures("submitted")
def test_without_a_release_there_is_no_place(browser: Browser, base: str) -> None:
    assert "No benchmarks are released yet" in browser.get(base).text


def test_a_settled_level_has_no_place(
    browser: Browser, session: Session, submitted: uuid.UUID, base: str, clock: FixedClock
) -> None:
    release(session, clock, [(OWN, 60)])
    found = session.scalars(select(Submission).where(Submission.assessment_id == submitted)).one()
    found.capability_most = found.capability + 1
    session.commit()
    assert "The score is a range" in browser.get(base).text


@pytest.mark.usefixtures("submitted")
def test_the_own_group_is_shown_where_it_is_large_enough(
    browser: Browser, session: Session, base: str, clock: FixedClock
) -> None:
    release(session, clock, [(OWN, 140), (NEAR, 60)])
    page = browser.get(base).text
    assert "Compared with about 140 medium-sized enterprises in general-purpose machinery, Shandong" in page
    assert "This is your own group" in page
    assert "is not published" not in page


@pytest.mark.usefixtures("submitted")
def test_a_wider_group_stands_in_for_one_that_is_too_small_and_says_so(
    browser: Browser, session: Session, base: str, clock: FixedClock
) -> None:
    release(session, clock, [(OWN, 6), (NEAR, 100)])
    page = browser.get(base).text
    assert "medium-sized enterprises in general-purpose machinery, East of China" in page
    assert "medium-sized enterprises in general-purpose machinery, Shandong, is not published" in page
    assert "too small to be shown without anybody being recognised" in page


@pytest.mark.usefixtures("submitted")
def test_only_released_groups_of_the_enterprise_are_offered(
    browser: Browser, session: Session, base: str, clock: FixedClock
) -> None:
    release(session, clock, [(OWN, 6), (NEAR, 100), (FAR, 80)])
    options = set(re.findall(r'<option value="([^"]*)"', browser.get(base).html))
    assert "34~east~medium" in options
    assert "~~" in options
    assert not {"34~370000~medium", "39~440000~small", "34~320000~medium"} & options


@pytest.mark.usefixtures("submitted")
def test_another_released_group_may_be_chosen_and_none_that_is_not_the_enterprises(
    browser: Browser, session: Session, base: str, clock: FixedClock
) -> None:
    release(session, clock, [(OWN, 140), (FAR, 200)])
    assert "You chose this group" in browser.get(f"{base}?group=~~").text
    assert "You chose this group" not in browser.get(f"{base}?group=39~440000~small").text
    assert "You chose this group" not in browser.get(f"{base}?group=nonsense").text


@pytest.mark.usefixtures("submitted")
def test_every_chart_is_picture_figure_and_table(
    browser: Browser, session: Session, base: str, clock: FixedClock
) -> None:
    for period in (2024, 2025):
        release(session, clock, [(OWN, 140), (NEAR, 60)], period=period)
    names = _charts(browser.get(base))
    assert names == ["position", "levels", "profile", "rates", "criteria", "trend"]
    for name in names:
        assert browser.client.get(f"{base}/charts/{name}.svg?narrow=1").data.startswith(b"<svg")
        assert browser.client.get(f"{base}/charts/{name}.json").json["data"]
        assert "lianghua-2025-" in browser.client.get(f"{base}/charts/{name}.csv").text or name == "trend"
    assert browser.client.get(f"{base}/charts/unknown.svg").status_code == 404


@pytest.mark.usefixtures("submitted")
def test_a_small_group_shows_no_levels_and_no_criteria(
    browser: Browser, session: Session, base: str, clock: FixedClock
) -> None:
    release(session, clock, [(OWN, 30), (NEAR, 60)])
    assert not {"levels", "criteria"} & set(_charts(browser.get(base)))
    assert browser.client.get(f"{base}/charts/levels.svg").status_code == 404


def test_a_draft_changes_nothing_on_the_page(
    browser: Browser, session: Session, submitted: uuid.UUID, tenant: Tenant, base: str, clock: FixedClock
) -> None:
    release(session, clock, [(OWN, 140)])
    before = browser.get(base).text
    draft = make_assessment(session, tenant, clock, 2026)
    answer_all(session, draft, clock)
    session.commit()
    assert browser.get(base).text == before


def test_a_result_of_somebody_else_changes_nothing_on_the_page(
    browser: Browser, session: Session, submitted: uuid.UUID, base: str, clock: FixedClock
) -> None:
    release(session, clock, [(OWN, 140)])
    before = browser.get(base).text
    other = make_enterprise(session, make_user(session), clock, name="济南另一家机床厂", uscc="91370100MA3C0ABC1X")
    make_result(session, other, clock)
    session.commit()
    assert browser.get(base).text == before


@pytest.mark.usefixtures("submitted")
def test_a_synthetic_release_says_so_and_gives_way_to_a_real_one(
    browser: Browser, session: Session, base: str, clock: FixedClock
) -> None:
    release(session, clock, [(OWN, 140)], is_synthetic=True)
    assert "synthetic demonstration data" in browser.get(base).text
    release(session, clock, [(OWN, 120)])
    assert "synthetic demonstration data" not in browser.get(base).text


@pytest.mark.usefixtures("submitted")
def test_an_earlier_release_stands_in_and_says_so(
    browser: Browser, session: Session, base: str, clock: FixedClock
) -> None:
    release(session, clock, [(OWN, 140)], period=2024)
    assert "Your result is of 2025, the release of 2024" in browser.get(base).text


@pytest.mark.usefixtures("submitted")
def test_the_files_hold_what_the_page_shows(browser: Browser, session: Session, base: str, clock: FixedClock) -> None:
    release(session, clock, [(OWN, 140), (NEAR, 60)])
    rows = list(csv.reader(io.StringIO(browser.client.get(f"{base}/export.csv").text.removeprefix("\ufeff"))))
    capability = next(row for row in rows if row[1:2] == ["Capability score"])
    book = load_workbook(io.BytesIO(browser.client.get(f"{base}/export.xlsx").data))
    sheet = book["Benchmarks"]
    kept = next(row for row in sheet.iter_rows(values_only=True) if row[1] == "Capability score")
    assert [str(value) if value is not None else "" for value in kept][:10] == capability[:10]
    assert capability[6] in browser.get(base).text
    assert any(row[0] == "Release" and row[1].startswith("lianghua-2025-") for row in rows if row)


@pytest.mark.usefixtures("submitted")
def test_the_trend_is_cut_where_the_rules_change(
    browser: Browser, session: Session, base: str, clock: FixedClock
) -> None:
    release(session, clock, [(OWN, 140)], period=2023, rules_version="2020.1")
    release(session, clock, [(OWN, 140)], period=2024)
    release(session, clock, [(OWN, 140)], period=2025)
    rows = list(csv.reader(io.StringIO(browser.client.get(f"{base}/charts/trend.csv").text.removeprefix("\ufeff"))))
    assert [(row[0], row[-1]) for row in rows[1:4]] == [("2023", ""), ("2024", "changed"), ("2025", "")]


@pytest.mark.usefixtures("submitted")
def test_the_trend_is_cut_where_the_edition_changes_and_says_so(
    browser: Browser, session: Session, base: str, clock: FixedClock
) -> None:
    release(session, clock, [(OWN, 140)], period=2024, edition="2024.1")
    release(session, clock, [(OWN, 140)], period=2025, edition="2026.1")
    said = "The basis changes between 2024 and 2025 (the edition of the framework changed from 2024.1 to 2026.1)"
    assert said in browser.get(base).text
    for file in ("charts/trend.csv", "export.csv"):
        assert said in browser.client.get(f"{base}/{file}").text
    figure = browser.client.get(f"{base}/charts/trend.json").get_json()
    assert [trace["x"] for trace in figure["data"] if trace.get("mode") == "lines+markers"] == [[2024], [2025]]


@pytest.mark.usefixtures("submitted")
def test_own_rates_and_criteria_are_those_of_the_frozen_facts(
    browser: Browser, session: Session, base: str, clock: FixedClock
) -> None:
    """Nine of sixteen key processes, two workshops of four with MES; sales and supply are connected in part."""
    release(session, clock, [(OWN, 140), (NEAR, 60)])
    rates = _rows(browser, f"{base}/charts/rates.csv")
    assert rates["CNC rate of key processes"][1] == "56.2"
    assert rates["Online share of purchases"][1] == "20.0"
    criteria = _rows(browser, f"{base}/charts/criteria.csv")
    assert criteria["Enterprises with MES in use"][2] == "met"
    assert criteria["Smart-manufacturing readiness"][2] == "not met"


@pytest.mark.usefixtures("submitted")
def test_the_share_ahead_of_is_read_off_the_published_grid(
    browser: Browser, session: Session, base: str, clock: FixedClock
) -> None:
    number = release(session, clock, [(OWN, 140), (NEAR, 60)])
    place = {"industry": OWN.industry, "region": OWN.region, "size": OWN.size}
    cell = session.scalars(select(BenchmarkCell).filter_by(release_id=number, **place)).one()
    grid, capability = Quantiles(**cell.metrics["capability"]), session.scalars(select(Submission.capability)).one()
    session.rollback()
    expected = percentile(grid, capability)
    assert f"Capability is ahead of about {expected} % of them" in browser.get(base).text
    assert _rows(browser, f"{base}/charts/position.csv")["Capability score"][-1] == str(expected)


def _rows(browser: Browser, address: str) -> dict[str, list[str]]:
    text = browser.client.get(address).text.removeprefix("\ufeff")
    return {row[0]: row for row in csv.reader(io.StringIO(text)) if row}


def _charts(page: Page) -> list[str]:
    return re.findall(r'data-figure-url="[^"]*/charts/(\w+)\.json', page.html)
