"""Where the plan does not open something the page says what, why, which plan does, the price, and what else to do."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from maturity.accounts.models import User
from maturity.clock import FixedClock
from maturity.tenancy.models import Tenant
from tests.conftest import Browser
from tests.factories.assessments import make_result
from tests.factories.billing import on_plan
from tests.factories.enterprises import add_member, make_enterprise
from tests.factories.people import keep, make_user, sign_in
from tests.factories.portfolios import give, make_consultancy
from tests.functional.standing.conftest import OWN, claim, release


@pytest.fixture
def owner(session: Session) -> User:
    return make_user(session, name="王建国")


@pytest.fixture
def tenant(browser: Browser, session: Session, clock: FixedClock, owner: User) -> Tenant:
    """A free enterprise, its owner at the browser."""
    made = make_enterprise(session, owner, clock)
    session.commit()
    sign_in(browser.client, owner)
    return made


@pytest.fixture
def result_id(session: Session, clock: FixedClock, tenant: Tenant) -> uuid.UUID:
    found = make_result(session, tenant, clock).id
    claim(session, tenant, clock)
    return found


@pytest.fixture
def frameworks(session: Session, tenant: Tenant, result_id: uuid.UUID) -> str:
    address = f"/t/{tenant.id}/assessments/{result_id}/frameworks"
    session.rollback()
    return address


def somebody(app: Any, session: Session, clock: FixedClock, tenant: Tenant, role: str) -> Browser:
    client: FlaskClient = app.test_client()
    user = make_user(session, name="李梅")
    add_member(session, tenant, user, role, clock)
    session.commit()
    sign_in(client, user)
    session.rollback()
    return Browser(client)


def test_the_page_says_what_why_how_much_and_what_else(browser: Browser, frameworks: str) -> None:
    page = browser.get(frameworks, 402)
    for said in (
        "Your answers under every framework",
        "has the plan Free, which does not contain it",
        "Nothing is lost or hidden",
        "The plan Pro.",
        "¥ 298.00",
        "¥ 2,980.00",
        "US$ 45.00",
        "US$ 450.00",
        "VAT 6 % (included)",
        "tried once for 14 days",
        "What you began under another framework stays open",
        "Self-assessment, the explained score and its report",
    ):
        assert said in page.text, said
    assert "Plan and payments" in page.text, "in the frame of the enterprise"


def test_it_says_so_in_chinese(browser: Browser, frameworks: str) -> None:
    page = browser.get(f"{frameworks}?lang=zh", 402)
    for said in (
        "按所有评估模型计分",
        "目前使用“免费版”，其中不含此项",
        "“专业版”套餐",
        "增值税 6%（价内）",
        "始终免费",
    ):
        assert said in page.text, said


def test_who_may_buy_is_led_there(browser: Browser, tenant: Tenant, frameworks: str) -> None:
    assert browser.get(frameworks, 402).html.count(f'class="button" href="/t/{tenant.id}/billing"') == 1


def test_who_may_not_buy_reads_who_can(
    app: Any, session: Session, clock: FixedClock, tenant: Tenant, frameworks: str
) -> None:
    viewer = somebody(app, session, clock, tenant, "viewer")
    page = viewer.get(frameworks, 402)
    assert "Who can buy it here: 王建国." in page.text
    assert 'class="button"' not in page.html


def test_a_consultant_reads_no_names(
    app: Any, session: Session, clock: FixedClock, tenant: Tenant, frameworks: str
) -> None:
    adviser, client = make_user(session, name="陈顾问"), app.test_client()
    consultancy = make_consultancy(session, adviser, clock)
    give(session, session.get_one(Tenant, tenant.id), session.get_one(Tenant, consultancy.id), clock)
    sign_in(client, session.merge(adviser))
    session.rollback()
    page = Browser(client).get(frameworks, 402)
    assert "The owner of" in page.text
    assert "王建国" not in page.text


def test_a_script_gets_the_subject(browser: Browser, frameworks: str) -> None:
    answer = browser.client.get(frameworks, headers={"Accept": "application/json"})
    assert (answer.status_code, answer.json["error"], answer.json["subject"]) == (402, "plan_required", "crosswalk")


def test_beginning_elsewhere_is_refused_too(browser: Browser, frameworks: str) -> None:
    assert "does not contain it" in browser.post(f"{frameworks}/sme", {}, 402).text


def test_what_was_open_for_an_assessment_stays_open(
    browser: Browser, session: Session, clock: FixedClock, tenant: Tenant, frameworks: str
) -> None:
    on_plan(session, tenant, "pro", clock, days=1)
    session.commit()
    browser.post(f"{frameworks}/sme", {})
    clock.at += timedelta(days=2)
    page = browser.get(frameworks)
    assert "Continue" in page.text


def test_the_links_to_it_say_that_it_needs_more(
    browser: Browser, session: Session, clock: FixedClock, tenant: Tenant, frameworks: str
) -> None:
    result, home = frameworks.replace("/frameworks", "/result"), f"/t/{tenant.id}/"
    assert all("larger plan" in browser.get(address).text for address in (result, home))
    on_plan(session, session.get_one(Tenant, tenant.id), "pro", clock)
    session.commit()
    assert not any("larger plan" in browser.get(address).text for address in (result, home))


@pytest.fixture
def benchmarks(session: Session, clock: FixedClock, tenant: Tenant, result_id: uuid.UUID) -> str:
    """Two releases, so that there is a trend."""
    for period in (2024, 2025):
        release(session, clock, [(OWN, 140)], period=period)
    address = f"/t/{tenant.id}/benchmarks"
    session.rollback()
    return address


def test_the_trend_stands_locked_on_the_page(browser: Browser, benchmarks: str) -> None:
    page = browser.get(benchmarks)
    for said in ("Over the releases", "Your capability beside that of your peers", "Part of the plan Pro"):
        assert said in page.text
    assert "Compared with" in page.text, "the place in the latest release is open"
    for ending in ("svg", "json", "csv"):
        assert browser.client.get(f"{benchmarks}/charts/trend.{ending}").status_code == 402


def test_the_files_leave_the_locked_years_out_and_say_so(browser: Browser, benchmarks: str) -> None:
    answer = browser.client.get(f"{benchmarks}/export.csv")
    assert answer.status_code == 200
    assert "The other years are not part of the plan." in answer.text
    assert "Capability 2024" not in answer.text
    assert browser.client.get(f"{benchmarks}/export.xlsx").status_code == 200


def test_a_year_submitted_under_a_plan_keeps_its_trend(
    browser: Browser, session: Session, clock: FixedClock, tenant: Tenant, benchmarks: str
) -> None:
    on_plan(session, tenant, "pro", clock, days=1)
    session.commit()
    clock.at += timedelta(days=2)
    page = browser.get(benchmarks)
    assert "Part of the plan" not in page.text
    assert browser.client.get(f"{benchmarks}/charts/trend.csv").status_code == 200


def test_a_synthetic_enterprise_shows_everything(
    browser: Browser, session: Session, tenant: Tenant, frameworks: str
) -> None:
    session.get_one(Tenant, tenant.id).is_synthetic = True
    keep(session)
    browser.get(frameworks)
