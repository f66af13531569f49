"""Who may read and write an assessment; outsiders learn nothing."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from maturity.accounts.models import User
from maturity.assessments.models import Assessment
from maturity.clock import FixedClock
from maturity.tenancy.models import Membership, Tenant
from tests.conftest import Browser
from tests.factories.assessments import DECLARATION, answer_all, make_assessment, make_result
from tests.factories.enterprises import add_member, make_enterprise
from tests.factories.people import make_user, sign_in
from tests.functional.assessments.conftest import Stored
from tests.functional.assessments.desk import JSON, Desk
from tests.page import Page

#: method, address below the assessment; every route of answering, reviewing and submitting.
READING = [
    ("GET", ""),
    ("GET", "/sections/governance"),
    ("GET", "/questions/it_department"),
    ("GET", "/review"),
    ("GET", "/submit"),
]
ANSWERING = [("POST", "/sections/governance"), ("POST", "/answers/it_department")]
DECLARING = [("POST", "/submit"), ("POST", "/revise")]
FIELDS = {
    "question": "it_department",
    "version.it_department": "0",
    "it_department": "own",
    **DECLARATION,
}


def ask(client: Any, method: str, url: str, **how: Any) -> Any:
    return client.open(url, method=method, data=FIELDS if method == "POST" else None, **how)


@pytest.fixture
def stranger(app: Any, session: Session) -> Any:
    """A client signed in as somebody of another enterprise."""
    user = make_user(session)
    session.commit()
    client = app.test_client()
    sign_in(client, user)
    return client


@pytest.mark.parametrize(("method", "address"), READING + ANSWERING + DECLARING)
def test_an_outsider_finds_nothing_at_any_address(
    stranger: Any, desk: Desk, stored: Stored, method: str, address: str
) -> None:
    theirs = ask(stranger, method, f"{desk.base}{address}")
    none = ask(stranger, method, f"/t/{uuid.uuid4()}/assessments/{uuid.uuid4()}{address}")
    assert theirs.status_code == none.status_code == 404
    assert Page(theirs.text, "").text == Page(none.text, "").text
    assert stored.answer("it_department") is None


@pytest.mark.parametrize(("method", "address"), READING + ANSWERING + DECLARING)
def test_an_assessment_cannot_be_reached_through_ones_own_tenant(
    stranger: Any, app: Any, session: Session, clock: FixedClock, desk: Desk, stored: Stored, method: str, address: str
) -> None:
    user = make_user(session)
    own = make_enterprise(session, user, clock)
    session.commit()
    client = app.test_client()
    sign_in(client, user)
    url = f"/t/{own.id}/assessments/{desk.base.rpartition('/')[2]}{address}"
    assert ask(client, method, url).status_code == 404
    assert stored.answer("it_department") is None


@pytest.mark.parametrize(("method", "address"), READING + ANSWERING + DECLARING)
def test_somebody_not_signed_in_is_led_to_the_sign_in(
    app: Any, desk: Desk, stored: Stored, method: str, address: str
) -> None:
    reply = ask(app.test_client(), method, f"{desk.base}{address}")
    assert reply.status_code == 302
    assert reply.location.startswith("/sign-in")
    assert stored.answer("it_department") is None


def test_after_signing_in_one_is_back_where_one_wanted_to_go(
    app: Any, session: Session, clock: FixedClock, tenant: Tenant, desk: Desk
) -> None:
    browser = Browser(app.test_client())
    person = {
        "name": "Jane",
        "email": "jane@example.com",
        "password": "several words together",
        "locale": "en",
        "privacy": "y",
    }
    browser.post("/register", person)
    browser.post("/sign-out")
    add_member(session, tenant, session.query(User).filter_by(claimed="jane@example.com").one(), "viewer", clock)
    session.commit()
    asked = browser.get(f"{desk.base}/sections/rd?page=2")
    assert asked.path == "/sign-in"
    reply = browser.client.get(f"{desk.base}/sections/rd?page=2").location
    page = browser.post(reply, person)
    assert (page.path, "Page 2 of 2" in page.text) == (f"{desk.base}/sections/rd", True)


def test_a_script_whose_session_has_ended_is_told_so(app: Any, desk: Desk) -> None:
    reply = ask(app.test_client(), "POST", f"{desk.base}/answers/it_department", headers=JSON)
    assert reply.status_code == 401
    assert reply.json["message"] == "登录已过期，请重新登录，已保存的回答不受影响。"


def member(app: Any, session: Session, clock: FixedClock, tenant: Tenant, role: str) -> Any:
    user = make_user(session)
    add_member(session, tenant, user, role, clock)
    session.commit()
    client = app.test_client()
    sign_in(client, user)
    return client


@pytest.mark.parametrize(("method", "address"), ANSWERING + DECLARING)
def test_a_viewer_changes_nothing(
    app: Any, session: Session, clock: FixedClock, tenant: Tenant, desk: Desk, stored: Stored, method: str, address: str
) -> None:
    client = member(app, session, clock, tenant, "viewer")
    reply = ask(client, method, f"{desk.base}{address}")
    assert reply.status_code == 403
    assert "Your role does not allow this." in reply.text
    assert stored.answer("it_department") is None


def test_a_viewer_reads_the_answers_without_being_offered_to_change_them(
    app: Any, session: Session, clock: FixedClock, tenant: Tenant, draft: Assessment, desk: Desk
) -> None:
    answer_all(session, draft, clock, but=["it_planning"])
    browser = Browser(member(app, session, clock, tenant, "viewer"))
    page = browser.get(desk.base)
    assert page.path.endswith("/sections/governance")
    assert 'name="it_staff" value="6"' in page.html
    assert "<fieldset disabled>" in page.html
    assert "You can look at the answers" in page.text
    assert "Save and continue" not in page.text
    assert "answers.js" not in page.html


def test_a_viewer_can_turn_the_pages_to_the_review(
    app: Any, session: Session, clock: FixedClock, tenant: Tenant, desk: Desk
) -> None:
    browser = Browser(member(app, session, clock, tenant, "viewer"))
    page = browser.get(f"{desk.base}/sections/outcomes?page=2")
    assert f"{desk.base}/review" in page.links
    page = browser.get(f"{desk.base}/review")
    assert "Only the owner of the enterprise can declare and submit." in page.text
    assert "Submit the assessment" not in page.text


@pytest.mark.parametrize("role", ["contributor", "editor"])
def test_those_who_answer_may_not_declare(
    app: Any, session: Session, clock: FixedClock, tenant: Tenant, desk: Desk, role: str
) -> None:
    client = member(app, session, clock, tenant, role)
    if role == "contributor":  # who answers what is assigned to them
        user_id = session.scalars(select(Membership.user_id).where(Membership.role == role)).one()
        session.rollback()
        desk.browser.post(f"{desk.base}/assignments", {"sections": "governance", "people": user_id})
    assert ask(client, "POST", f"{desk.base}/answers/it_department").status_code == 200
    for _method, address in DECLARING:
        assert ask(client, "POST", f"{desk.base}{address}").status_code == 403


@pytest.fixture
def synthetic(app: Any, session: Session, clock: FixedClock) -> Desk:
    """Anybody, not signed in, at the draft of a demonstration enterprise that has a result, too."""
    tenant = make_enterprise(session, make_user(session), clock, is_synthetic=True)
    make_result(session, tenant, clock, 2024)
    draft = make_assessment(session, tenant, clock)
    session.commit()
    browser = Browser(app.test_client())
    browser.get("/?lang=en")
    return Desk(browser, f"/t/{tenant.id}/assessments/{draft.id}")


@pytest.mark.parametrize("address", [address for _method, address in READING])
def test_a_demonstration_enterprise_is_readable_by_everybody(synthetic: Desk, address: str) -> None:
    synthetic.browser.get(f"{synthetic.base}{address}")


@pytest.mark.parametrize(("method", "address"), ANSWERING + DECLARING)
def test_a_demonstration_enterprise_is_changed_by_nobody_else(
    synthetic: Desk, stored: Stored, method: str, address: str
) -> None:
    reply = ask(synthetic.browser.client, method, f"{synthetic.base}{address}")
    assert reply.status_code == 403
    assert "This is a demonstration enterprise" in reply.text


def test_a_member_of_a_demonstration_enterprise_may_answer(app: Any, session: Session, clock: FixedClock) -> None:
    user = make_user(session)
    tenant = make_enterprise(session, user, clock, is_synthetic=True)
    draft = make_assessment(session, tenant, clock)
    session.commit()
    client = app.test_client()
    sign_in(client, user)
    assert ask(client, "POST", f"/t/{tenant.id}/assessments/{draft.id}/answers/it_department").status_code == 200
