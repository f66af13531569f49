"""The own results of several years side by side: two for everybody, all of them on a plan that says so."""

from __future__ import annotations

import csv
import io
import re
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy.orm import Session

from maturity.accounts.models import User
from maturity.clock import FixedClock
from maturity.plans.usage import Usage
from maturity.questionnaires.model import Text
from maturity.results.years import Years, course_chart, span
from maturity.tenancy.models import Tenant
from tests.conftest import Browser
from tests.factories.assessments import answer_all, make_assessment, make_result, submit
from tests.factories.billing import on_plan
from tests.factories.enterprises import make_enterprise
from tests.factories.people import keep, make_user, sign_in


@pytest.fixture
def owner(browser: Browser, session: Session) -> User:
    user = make_user(session)
    session.commit()
    sign_in(browser.client, user)
    return user


@pytest.fixture
def tenant(session: Session, clock: FixedClock, owner: User) -> Tenant:
    tenant = make_enterprise(session, owner, clock)
    session.commit()
    return tenant


@pytest.fixture
def base(session: Session, tenant: Tenant) -> str:
    address = f"/t/{tenant.id}/results/years"
    session.rollback()
    return address


def submit_years(session: Session, tenant: Tenant, clock: FixedClock, *periods: int) -> dict[int, str]:
    """The ids of results by year."""
    found = {}
    for period in periods:
        assessment = make_assessment(session, session.get_one(Tenant, tenant.id), clock, period)
        answer_all(session, assessment, clock)
        submit(session, assessment, clock)
        found[period] = str(assessment.id)
    keep(session)
    return found


def years_of(text: str) -> list[str]:
    return next(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))[1:]


def test_before_the_first_result_there_is_nothing_to_compare(browser: Browser, base: str) -> None:
    assert "Once an assessment is submitted" in browser.get(base).text
    for name in ("chart.svg", "chart.json"):
        assert browser.client.get(f"{base}/{name}").status_code == 404


def test_one_year_is_a_table_without_a_chart(
    browser: Browser, session: Session, tenant: Tenant, clock: FixedClock, base: str
) -> None:
    submit_years(session, tenant, clock, 2025)
    page = browser.get(base)
    assert "Side by side" in page.text
    assert "<figure" not in page.html


def test_two_years_are_compared_for_everybody(
    browser: Browser, session: Session, tenant: Tenant, clock: FixedClock, base: str
) -> None:
    submit_years(session, tenant, clock, 2024, 2025)
    page = browser.get(base)
    assert "From 2024 to 2025 the capability has not changed" in page.text
    assert "Part of the plan" not in page.text
    assert years_of(browser.client.get(f"{base}/table.csv").text) == ["2024", "2025"]
    assert browser.client.get(f"{base}/chart.svg").text.startswith("<svg")
    assert browser.client.get(f"{base}/chart.json").get_json()["data"][0]["y"]


def test_an_older_year_is_linked_and_says_what_compares_it(
    browser: Browser, session: Session, tenant: Tenant, clock: FixedClock, base: str
) -> None:
    found = submit_years(session, tenant, clock, 2024, 2025, 2026)
    page = browser.get(base)
    assert "Part of the plan Pro" in page.text
    assert years_of(browser.client.get(f"{base}/table.csv").text) == ["2025", "2026"]
    earlier = page.html.partition('id="earlier"')[2]
    assert re.findall(r"assessments/([0-9a-f-]+)/result", earlier)[0] == found[2024]
    assert "Reporting year 2024" in browser.get(f"/t/{tenant.id}/assessments/{found[2024]}/result").text


def test_on_pro_every_year_stands_beside_the_others(
    browser: Browser, session: Session, tenant: Tenant, clock: FixedClock, base: str
) -> None:
    on_plan(session, tenant, "pro", clock)
    submit_years(session, tenant, clock, 2024, 2025, 2026)
    assert "Earlier years" not in browser.get(base).text
    assert years_of(browser.client.get(f"{base}/table.csv").text) == ["2024", "2025", "2026"]


def test_a_draft_is_no_result(browser: Browser, session: Session, tenant: Tenant, clock: FixedClock, base: str) -> None:
    make_result(session, tenant, clock)
    make_assessment(session, tenant, clock, 2026)
    keep(session)
    assert years_of(browser.client.get(f"{base}/table.csv").text) == ["2025"]


def test_where_the_edition_changes_the_line_is_cut(
    browser: Browser, session: Session, tenant: Tenant, clock: FixedClock, base: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    submit_years(session, tenant, clock, 2024, 2025)
    monkeypatch.setattr("maturity.results.years.Years.breaks", (2025,))
    assert "the line is cut" in browser.get(base).text
    assert len(browser.client.get(f"{base}/chart.json").get_json()["data"]) == 2
    assert browser.client.get(f"{base}/chart.svg").status_code == 200


@pytest.mark.parametrize(("most", "said"), [(None, "41.2"), (Decimal("41.2"), "41.2"), (Decimal("55.0"), "41.2–55.0")])
def test_the_score_of_a_settled_level_is_a_range(most: Decimal | None, said: str) -> None:
    result: Any = SimpleNamespace(capability=Decimal("41.2"), most=most)
    assert span(result) == said


@pytest.mark.parametrize(
    ("first", "last", "said"),
    [("40", "45.5", "has risen by 5.5"), ("45.5", "40", "has fallen by 5.5"), ("40", "40", "has not changed")],
)
def test_the_title_says_how_the_score_moved(first: str, last: str, said: str) -> None:
    found: list[Any] = [
        (SimpleNamespace(period=year, edition_sha256="a"), _result(score))
        for year, score in ((2024, first), (2025, last))
    ]
    chart = course_chart(Years(tuple(found), (), Usage(2, 2)), "en")
    assert chart is not None
    assert said in chart.title


def _result(score: str) -> Any:
    return SimpleNamespace(is_settled=False, capability=Decimal(score), level_title=Text("", ""))
