"""The operator: recognising certification bodies, and answering complaints about them."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from maturity.certification.models import CertificationBody, Complaint
from maturity.clock import FixedClock
from maturity.tenancy.service import PLATFORM, create_tenant
from tests.conftest import Browser
from tests.factories.certification import make_body
from tests.factories.people import keep, make_user
from tests.functional.certification.conftest import As, Case, member

BASE = f"/t/{PLATFORM}/certification-bodies"
FORM: dict[str, Any] = {
    "number": "CNCA-R-2026-001",
    "contact": "0531-88880000",
    "frameworks": ["lianghua", "smart"],
    "levels": ["1", "2", "3"],
    "until": "2028-12-31",
}


@pytest.fixture
def desk(operator: int, as_: As) -> Browser:
    return as_(operator)


@pytest.fixture
def founded(session: Session, clock: FixedClock) -> uuid.UUID:
    """A certification body that nobody has recognised yet."""
    tenant = create_tenant(session, "certification_body", "泰山认证", make_user(session).id, clock)
    found = tenant.id
    keep(session)
    return found


@pytest.fixture
def recognised(session: Session, clock: FixedClock) -> uuid.UUID:
    body, _manager = make_body(session, clock)
    found = body.id
    keep(session)
    return found


def body_of(session: Session, body_id: uuid.UUID) -> CertificationBody:
    session.rollback()
    found = session.get_one(CertificationBody, body_id)
    session.expunge_all()
    session.rollback()
    return found


def test_a_body_is_recognised_for_frameworks_levels_and_a_time(
    desk: Browser, founded: uuid.UUID, session: Session
) -> None:
    assert "not recognised yet" in desk.get(BASE).text
    page = desk.post(f"{BASE}/{founded}", FORM)
    assert "The recognition is recorded." in page.text
    found = body_of(session, founded)
    assert (found.frameworks, found.levels, found.status) == (["lianghua", "smart"], [1, 2, 3], "recognised")
    assert "CNCA-R-2026-001" in desk.get(BASE).text


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"number": ""}, "Enter the number of the approval"),
        ({"contact": ""}, "Say how applicants reach it"),
        ({"frameworks": []}, "Tick at least one framework."),
        ({"frameworks": ["nonsense"]}, "Tick at least one framework."),
        ({"levels": []}, "Tick at least one level."),
        ({"until": "next year"}, "Enter a day such as 2027-12-31."),
        ({"until": "2026-01-01"}, "The last day of the recognition has passed."),
    ],
)
def test_what_is_wrong_is_marked_and_nothing_kept(
    desk: Browser, founded: uuid.UUID, session: Session, changes: dict[str, Any], message: str
) -> None:
    page = desk.post(f"{BASE}/{founded}", FORM | changes, 422)
    assert message in page.text
    session.rollback()
    assert session.get(CertificationBody, founded) is None


def test_a_number_is_given_once(desk: Browser, founded: uuid.UUID, recognised: uuid.UUID, session: Session) -> None:
    number = body_of(session, recognised).number
    page = desk.post(f"{BASE}/{founded}", FORM | {"number": number}, 409)
    assert "Another certification body has this number." in page.text


def test_suspending_asks_for_a_reason_and_twice(desk: Browser, recognised: uuid.UUID, session: Session) -> None:
    page = desk.post(f"{BASE}/{recognised}/standing", {"change-status": "suspended"}, 422)
    assert "Write the reason" in page.text
    assert "Confirm that you have read what this means." in page.text
    given = {"change-status": "suspended", "change-reason": "Two reviews were not held.", "change-confirm": "y"}
    page = desk.post(f"{BASE}/{recognised}/standing", given)
    assert "Two reviews were not held." in page.text
    assert body_of(session, recognised).status == "suspended"
    given = {"change-status": "recognised", "change-reason": "They were held."}
    desk.post(f"{BASE}/{recognised}/standing", given)
    assert body_of(session, recognised).status == "recognised"


def test_a_withdrawn_recognition_is_not_changed_any_more(desk: Browser, recognised: uuid.UUID) -> None:
    given = {"change-status": "withdrawn", "change-reason": "It was dissolved.", "change-confirm": "y"}
    page = desk.post(f"{BASE}/{recognised}/standing", given)
    assert "Restore or withdraw" not in page.text
    desk.post(f"{BASE}/{recognised}/standing", given, 422)


def test_a_body_that_is_not_there(desk: Browser, founded: uuid.UUID) -> None:
    desk.get(f"{BASE}/{uuid.uuid4()}", 404)
    desk.post(f"{BASE}/{founded}/standing", {}, 404)
    desk.get(f"{BASE}/complaints/{uuid.uuid4()}", 404)


def test_a_complaint_is_answered(case_at: Case, as_: As, operator: int, session: Session) -> None:
    made = case_at("reviewing")
    enterprise, address = as_(made.owner), f"/t/{made.client_id}/certification/cases/{made.case_id}"
    given = {"kind": "complaint", "text": "The reviewers came a week late."}
    enterprise.post(f"{address}/complaints", given)
    desk, found = as_(operator), session.scalars(select(Complaint.id)).one()
    session.rollback()
    page = desk.get(BASE)
    assert "Complaints to be answered" in page.text
    assert "青岛海岳数控机床有限公司" in page.text
    page = desk.post(f"{BASE}/complaints/{found}", {"outcome": "partly"}, 422)
    assert "Write the answer" in page.text
    page = desk.post(f"{BASE}/complaints/{found}", {"outcome": "partly", "text": "The body has apologised."})
    assert "The answer is given." in page.text
    assert "The body has apologised." in enterprise.get(address).text
    again = desk.post(f"{BASE}/complaints/{found}", {"outcome": "partly", "text": "Once more."}, 409)
    assert "This was answered already." in again.text


def test_bodies_and_enterprises_do_not_see_the_page(
    recognised: uuid.UUID, as_: As, session: Session, clock: FixedClock
) -> None:
    browser = as_(member(session, recognised, "owner", clock))
    browser.get(BASE, 404)
    browser.get(f"/t/{recognised}/certification-bodies", 403)


def test_the_pages_are_there_in_chinese(
    recognised: uuid.UUID, operator: int, as_: As, session: Session, clock: FixedClock
) -> None:
    browser = as_(member(session, PLATFORM, "editor", clock, locale="zh_CN"))
    assert "认证机构" in browser.get(BASE).text
    page = browser.get(f"{BASE}/{recognised}")
    assert "认可" in page.text
    assert "Number of the approval" not in page.text
