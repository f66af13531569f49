"""A correction is a new revision; the old one is kept."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from maturity.assessments.models import Assessment
from maturity.clock import FixedClock
from tests.factories.assessments import DECLARATION, answer_all, submit
from tests.factories.enterprises import FORM
from tests.functional.assessments.desk import Desk


@pytest.fixture
def submitted(session: Session, draft: Assessment, desk: Desk, clock: FixedClock) -> Desk:
    answer_all(session, draft, clock)
    submit(session, draft, clock)
    session.commit()
    return desk


@pytest.fixture
def correction(session: Session, submitted: Desk) -> Desk:
    page = submitted.browser.post(f"{submitted.base}/revise")
    return Desk(submitted.browser, page.path.rpartition("/")[0])


def statuses(session: Session) -> list[str]:
    found = list(session.scalars(select(Assessment.status).order_by(Assessment.revision)))
    session.rollback()
    return found


def test_a_correction_opens_with_every_answer(correction: Desk) -> None:
    page = correction.review()
    assert "Everything is answered." in page.text
    assert 'name="it_staff" value="6"' in correction.open("governance").html


def test_the_submitted_revision_stands_until_the_correction_is_submitted(
    correction: Desk, submitted: Desk, session: Session
) -> None:
    assert statuses(session) == ["submitted", "draft"]
    assert "later revision" not in submitted.browser.get(f"{submitted.base}/result").text


def test_a_submitted_correction_supersedes_the_revision_before(correction: Desk, session: Session) -> None:
    correction.save("it_department", {"it_department": "none"}, version=1)
    assert correction.submit(**DECLARATION).path == f"{correction.base}/result"
    assert statuses(session) == ["superseded", "submitted"]


def test_the_old_revision_stays_readable_and_says_that_it_was_replaced(correction: Desk, submitted: Desk) -> None:
    before = submitted.browser.get(f"{submitted.base}/result").h1
    correction.save("cnc_key_processes", {"key_processes_controlled": "1", "key_processes_total": "16"}, version=1)
    correction.submit(**DECLARATION)
    page = submitted.browser.get(f"{submitted.base}/result")
    assert page.h1 == before
    assert "A later revision has replaced this result. It is kept as it was." in page.text
    assert "9 processes" in page.text


def test_the_home_page_lists_both_and_shows_the_newer(correction: Desk, submitted: Desk) -> None:
    correction.submit(**DECLARATION)
    page = correction.browser.get(correction.base.partition("/assessments")[0] + "/")
    assert "Replaced by a correction" in page.text
    assert "revision 2" in page.text
    assert f"{correction.base}/result" in page.links


def test_answers_of_the_correction_do_not_touch_the_old_revision(
    correction: Desk, submitted: Desk, session: Session
) -> None:
    correction.save("it_staff", {"it_staff": "9"}, version=1)
    assert "6 persons" in submitted.browser.get(f"{submitted.base}/result").text


def test_a_second_correction_beside_the_first_is_refused(correction: Desk, submitted: Desk) -> None:
    page = submitted.browser.post(f"{submitted.base}/revise", status=409)
    assert "There is a newer revision of this assessment. Go on with that one." in page.text


def test_the_result_leads_to_the_correction_that_is_open(correction: Desk, submitted: Desk) -> None:
    page = submitted.browser.get(f"{submitted.base}/result")
    assert correction.base in page.links
    assert "Open a correction" not in page.text


def test_a_correction_can_be_corrected(correction: Desk, session: Session) -> None:
    correction.submit(**DECLARATION)
    page = correction.browser.post(f"{correction.base}/revise")
    assert "Revision 3" in page.text
    assert statuses(session) == ["superseded", "submitted", "draft"]


def test_a_correction_takes_the_particulars_of_today(submitted: Desk) -> None:
    home = submitted.base.partition("/assessments")[0]
    submitted.browser.post(f"{home}/enterprise", FORM | {"exports": "y"})
    page = submitted.browser.post(f"{submitted.base}/revise")
    assert page.path.endswith("/sections/ecommerce")
    assert "cross_border" in page.html
