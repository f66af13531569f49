"""Starting an assessment, and what the home page offers next."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from maturity.accounts.models import User
from maturity.assessments.models import Assessment
from maturity.clock import FixedClock
from maturity.tenancy.models import Tenant
from tests.conftest import Browser
from tests.factories.assessments import answer_all, make_assessment, submit
from tests.factories.enterprises import FORM
from tests.factories.people import sign_in
from tests.functional.assessments.desk import JSON, Desk


def count(session: Session) -> int:
    found = session.scalar(select(func.count()).select_from(Assessment)) or 0
    session.rollback()
    return found


def test_a_new_enterprise_is_led_to_its_first_assessment(browser: Browser, tenant: Tenant) -> None:
    page = browser.get(f"/t/{tenant.id}/")
    assert "Start your first assessment" in page.text
    assert "Start with 2025" in page.text


@pytest.mark.parametrize("period", ["2025", "2026", "2024", "２０２５"])
def test_starting_leads_straight_to_the_first_questions(browser: Browser, tenant: Tenant, period: str) -> None:
    page = browser.post(f"/t/{tenant.id}/assessments", {"period": period})
    assert page.path.endswith("/sections/infrastructure")
    assert f"Reporting year {int(period)}" in page.text


@pytest.mark.parametrize("period", ["2023", "2027", "1", "-2025", "", "last year", "²", "2025.0", "9" * 30])
def test_a_period_that_is_not_open_is_refused_in_words(
    browser: Browser, session: Session, tenant: Tenant, period: str
) -> None:
    page = browser.post(f"/t/{tenant.id}/assessments", {"period": period}, status=422)
    assert "This reporting period is not open. Choose one of those offered." in page.text
    assert count(session) == 0


def test_a_period_that_is_not_named_is_refused(browser: Browser, tenant: Tenant) -> None:
    browser.post(f"/t/{tenant.id}/assessments", status=422)


def test_the_periods_move_on_with_the_calendar_of_the_enterprise(
    browser: Browser, session: Session, owner: User, tenant: Tenant, clock: FixedClock
) -> None:
    clock.at = clock.at.replace(month=12, day=31, hour=17)  # New Year's Day in Shanghai
    sign_in(browser.client, session.merge(owner))  # a device that was not used for a month is signed out
    assert "Start with 2026" in browser.get(f"/t/{tenant.id}/").text
    browser.post(f"/t/{tenant.id}/assessments", {"period": "2024"}, status=422)


def test_a_period_has_one_draft(browser: Browser, session: Session, draft: Assessment) -> None:
    page = browser.post(f"/t/{draft.tenant_id}/assessments", {"period": "2025"}, status=409)
    assert "There is an assessment for this period already" in page.text
    assert count(session) == 1


def test_a_script_is_told_the_same_as_json(browser: Browser, draft: Assessment) -> None:
    reply = browser.client.post(f"/t/{draft.tenant_id}/assessments", data={"period": "2025"}, headers=JSON)
    assert (reply.status_code, reply.json["error"]) == (409, "period_already_started")


def test_a_period_that_is_submitted_is_not_started_again(
    browser: Browser, session: Session, draft: Assessment, clock: FixedClock
) -> None:
    answer_all(session, draft, clock)
    submit(session, draft, clock)
    session.commit()
    browser.post(f"/t/{draft.tenant_id}/assessments", {"period": "2025"}, status=409)
    assert "Start with 2026" in browser.get(f"/t/{draft.tenant_id}/").text


def test_the_home_page_goes_on_where_one_stopped(desk: Desk, draft: Assessment) -> None:
    desk.save("it_department", {"it_department": "own"})
    page = desk.browser.get(f"/t/{draft.tenant_id}/")
    assert "Go on where you stopped" in page.text
    assert "1 answered" in page.text
    assert desk.base in page.links


def test_the_home_page_leads_to_the_review_when_everything_is_answered(
    desk: Desk, session: Session, draft: Assessment, clock: FixedClock
) -> None:
    answer_all(session, draft, clock)
    session.commit()
    page = desk.browser.get(f"/t/{draft.tenant_id}/")
    assert "Every question is answered. Review and submit." in page.text
    assert desk.browser.get(desk.base).path.endswith("/review")


def test_the_home_page_leads_to_the_result_of_what_is_submitted(
    desk: Desk, session: Session, draft: Assessment, clock: FixedClock
) -> None:
    answer_all(session, draft, clock)
    submit(session, draft, clock)
    session.commit()
    page = desk.browser.get(f"/t/{draft.tenant_id}/")
    assert "Result for 2025, submitted 2026-11-24" in page.text
    assert f"{desk.base}/result" in page.links
    assert desk.browser.get(desk.base).path.endswith("/result")


#: The same enterprise, which now makes chemicals for export.
CHANGED = FORM | {"production_type": "process", "industry": "C26", "exports": "y"}


@pytest.fixture
def changed(browser: Browser, draft: Assessment) -> str:
    """The address of the enterprise whose particulars were changed after the draft was started."""
    base = f"/t/{draft.tenant_id}"
    browser.post(f"{base}/enterprise", CHANGED)
    return base


def test_changed_particulars_do_not_touch_a_running_draft(changed: str, desk: Desk) -> None:
    page = desk.open("rd")
    assert "How are NC programs made?" in desk.open("rd", 2).text
    assert "formula" not in page.text.lower()


def test_the_home_page_says_that_the_draft_has_the_old_particulars(changed: str, browser: Browser) -> None:
    page = browser.get(f"{changed}/")
    assert "The particulars have changed since this assessment was started." in page.text
    assert "Use the new particulars" in page.text


def test_a_new_revision_takes_the_new_particulars_and_the_answers_along(changed: str, desk: Desk) -> None:
    desk.save("it_department", {"it_department": "own"})
    page = desk.browser.post(f"{desk.base}/revise")
    assert "Revision 2 is open with the same answers." in page.text
    base = page.path.rpartition("/sections")[0]
    assert "formula" in Desk(desk.browser, base).open("rd").text.lower()
    assert "1 answered" in page.text


def test_the_draft_that_was_replaced_can_no_longer_be_changed(changed: str, desk: Desk) -> None:
    desk.browser.post(f"{desk.base}/revise")
    reply = desk.save("it_department", {"it_department": "own"})
    assert (reply.status_code, reply.json["error"]) == (409, "assessment_revised_already")
    desk.submit(409, name="A", title="B", truthful="y")
    desk.browser.post(f"{desk.base}/sections/governance", status=409)


def test_the_draft_that_was_replaced_leads_to_the_one_that_replaced_it(changed: str, desk: Desk) -> None:
    newer = desk.browser.post(f"{desk.base}/revise").path
    for page in ("", "/sections/governance", "/review"):
        assert desk.browser.get(f"{desk.base}{page}").path == newer


def test_a_replaced_draft_cannot_be_revised_again(changed: str, desk: Desk) -> None:
    desk.browser.post(f"{desk.base}/revise")
    page = desk.browser.post(f"{desk.base}/revise", status=409)
    assert "There is a newer revision of this assessment." in page.text


def test_two_years_have_a_draft_each(browser: Browser, session: Session, tenant: Tenant, clock: FixedClock) -> None:
    for period in (2025, 2026):
        make_assessment(session, tenant, clock, period)
    session.commit()
    page = browser.get(f"/t/{tenant.id}/")
    assert "Start with 2024" in page.text
    assert page.text.count("In progress") == 2


def test_the_draft_of_the_newest_year_is_the_one_to_go_on_with(
    browser: Browser, session: Session, tenant: Tenant, clock: FixedClock
) -> None:
    drafts: dict[int, Any] = {period: make_assessment(session, tenant, clock, period) for period in (2024, 2025)}
    session.commit()
    assert "Assessment for 2025" in browser.get(f"/t/{tenant.id}/").text
    assert f"/t/{tenant.id}/assessments/{drafts[2024].id}" in browser.get(f"/t/{tenant.id}/").links
