"""Last year's answers stand beside this year's fields."""

from __future__ import annotations

import html
import json
import re
from typing import Any

import pytest
from sqlalchemy.orm import Session

from maturity.assessments.models import Assessment
from maturity.assessments.service import revise_assessment
from maturity.clock import FixedClock
from maturity.tenancy.models import Tenant
from tests.conftest import Browser
from tests.factories.assessments import answer, answer_all, make_assessment, make_result, submit
from tests.factories.enterprises import make_enterprise
from tests.factories.people import make_user
from tests.functional.assessments.desk import Desk
from tests.page import Page


def offered(page: Page) -> dict[str, Any]:
    """What one click carries over, by field."""
    found = re.findall(r'data-unchanged="([^"]+)" data-value="([^"]*)"', page.html)
    return {name: json.loads(html.unescape(value)) for name, value in found}


@pytest.fixture
def last_year(session: Session, tenant: Tenant, clock: FixedClock) -> Assessment:
    assessment = make_result(session, tenant, clock, 2024)
    session.commit()
    return assessment


@pytest.fixture
def this_year(last_year: Assessment, desk: Desk) -> Desk:
    return desk


def test_a_number_of_last_year_is_offered_beside_the_field(this_year: Desk) -> None:
    page = this_year.open("governance")
    assert offered(page)["it_staff"] == "6"
    assert "Last period: 6" in page.text


def test_a_choice_of_last_year_is_offered_in_words(this_year: Desk) -> None:
    page = this_year.open("governance")
    assert offered(page)["it_department"] == "own"
    assert "Last period: A first-level department of its own" in page.text


def test_several_choices_of_last_year_are_offered_together(this_year: Desk) -> None:
    question = this_year.browser.get(f"{this_year.base}/questions/cloud_use")
    assert "Last period: Office work and mail, Finance, ERP and other management" in question.text
    assert offered(question) == {"cloud_use": ["management", "office"]}


def test_every_row_of_last_year_is_offered_together(this_year: Desk) -> None:
    question = this_year.browser.get(f"{this_year.base}/questions/erp_functions")
    assert offered(question)["erp_functions"]["finance"] == "shared"


def test_last_years_figure_is_offered_as_the_year_before(this_year: Desk) -> None:
    question = this_year.browser.get(f"{this_year.base}/questions/first_pass_yield")
    assert "Last period: 96.5 %" in question.text
    assert offered(question) == {"first_pass_yield.prior": "96.5"}


def test_what_was_offered_is_not_an_answer_yet(this_year: Desk) -> None:
    page = this_year.open("governance")
    assert 'name="it_staff" value=""' in page.html
    assert "0 answered" in page.text


def test_the_review_lists_what_changed_since_last_year(this_year: Desk) -> None:
    this_year.save("it_staff", {"it_staff": "9"})
    this_year.save("it_department", {"it_department": "own"})
    page = this_year.review()
    assert "Changed since last period 1" in page.text
    assert f"{this_year.base}/sections/governance?page=1#q-it_staff" in page.links


def test_without_an_earlier_year_nothing_is_offered(desk: Desk) -> None:
    assert "Last period" not in desk.open("governance").text


def test_a_later_year_is_not_an_earlier_one(
    browser: Browser, session: Session, tenant: Tenant, clock: FixedClock
) -> None:
    make_result(session, tenant, clock, 2025)
    draft = make_assessment(session, tenant, clock, 2024)
    session.commit()
    desk = Desk(browser, f"/t/{tenant.id}/assessments/{draft.id}")
    assert "Last period" not in desk.open("governance").text


def test_a_draft_of_last_year_offers_nothing(desk: Desk, session: Session, tenant: Tenant, clock: FixedClock) -> None:
    answer_all(session, make_assessment(session, tenant, clock, 2024), clock)
    session.commit()
    assert "Last period" not in desk.open("governance").text


def test_the_corrected_answer_is_the_one_offered(
    this_year: Desk, session: Session, last_year: Assessment, clock: FixedClock
) -> None:
    correction = revise_assessment(session, last_year, last_year.profile, actor_id=None, clock=clock)
    answer(session, correction, "it_staff", clock, it_staff="8")
    submit(session, correction, clock)
    session.commit()
    assert offered(this_year.open("governance"))["it_staff"] == "8"


def test_answers_of_another_enterprise_are_never_offered(desk: Desk, session: Session, clock: FixedClock) -> None:
    make_result(session, make_enterprise(session, make_user(session), clock), clock, 2024)
    session.commit()
    assert "Last period" not in desk.open("governance").text
