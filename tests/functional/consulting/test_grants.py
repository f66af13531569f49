"""A consultancy and its clients: who lets whom in, for what, until when, and what each side learns."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from maturity.accounts.models import User
from maturity.assessments.models import Assessment
from maturity.audit.models import AuditEvent
from maturity.clock import FixedClock
from maturity.consulting.service import give_grant, register_consultancy
from maturity.tenancy.models import Tenant
from tests.conftest import Browser
from tests.factories.assessments import make_assessment
from tests.factories.enterprises import FORM, add_member, make_enterprise
from tests.factories.people import keep, make_user, sign_in
from tests.page import Page


@pytest.fixture
def owner(session: Session) -> User:
    user = make_user(session)
    keep(session)
    return user


@pytest.fixture
def client_tenant(session: Session, clock: FixedClock, owner: User) -> Tenant:
    tenant = make_enterprise(session, owner, clock)
    keep(session)
    return tenant


@pytest.fixture
def draft(session: Session, clock: FixedClock, client_tenant: Tenant) -> Assessment:
    assessment = make_assessment(session, client_tenant, clock)
    keep(session)
    return assessment


@pytest.fixture
def enterprise(browser: Browser, owner: User, client_tenant: Tenant) -> Browser:
    """The enterprise's owner, signed in."""
    sign_in(browser.client, owner)
    return browser


@pytest.fixture
def adviser(session: Session) -> User:
    user = make_user(session, name="陈静")
    keep(session)
    return user


@pytest.fixture
def consultancy(session: Session, clock: FixedClock, adviser: User) -> Tenant:
    tenant = register_consultancy(session, "海岳咨询", owner_id=adviser.id, clock=clock)
    keep(session)
    return tenant


@pytest.fixture
def consultant(app: Any, adviser: User, consultancy: Tenant) -> Browser:
    browser = Browser(app.test_client())
    sign_in(browser.client, adviser)
    return browser


def grant(
    session: Session, clock: FixedClock, client: Tenant, consultancy: Tenant, scope: str = "answer", days: int = 30
) -> str:
    until = clock.today() + timedelta(days=days)
    made = give_grant(session, client, consultancy, scope, until, actor_id=None, clock=clock)
    keep(session)
    return str(made.id)


def events(session: Session, tenant: Tenant) -> list[str]:
    session.rollback()
    query = select(AuditEvent.event).where(AuditEvent.tenant_id == tenant.id, AuditEvent.event.like("grant.%"))
    found = list(session.scalars(query.order_by(AuditEvent.at, AuditEvent.event)))
    session.rollback()
    return found


def test_a_consultancy_is_registered_and_shown_its_code(browser: Browser, adviser: User) -> None:
    sign_in(browser.client, adviser)
    page = browser.post("/consultancies/new", {"name": "海岳咨询"})
    assert page.path.endswith("/clients")
    assert re.search(r"[A-Z2-9]{4}-[A-Z2-9]{4}", page.text)
    assert "No clients yet" in page.text
    assert browser.get("/home").path == page.path


@pytest.mark.parametrize(("typed", "message"), [("", "Enter the name"), ("x" * 121, "Shorten the name")])
def test_a_consultancy_needs_a_name(browser: Browser, adviser: User, typed: str, message: str) -> None:
    sign_in(browser.client, adviser)
    assert message in browser.post("/consultancies/new", {"name": typed}, 422).text


def test_an_enterprise_lets_a_consultancy_in_by_its_code(
    enterprise: Browser, consultant: Browser, client_tenant: Tenant, consultancy: Tenant, draft: Assessment
) -> None:
    consultant.get(f"/t/{client_tenant.id}/", 404)
    code = str(consultancy.code)
    terms = {"code": f" {code[:4].lower()}-{code[4:]} ", "scope": "view", "until": "2027-06-30"}
    page = enterprise.post(f"/t/{client_tenant.id}/consultants", terms)
    assert "海岳咨询 may come in from now on." in page.text
    assert client_tenant.name in consultant.get(f"/t/{consultancy.id}/clients").text
    assert client_tenant.name in consultant.get(f"/t/{client_tenant.id}/").text


@pytest.mark.parametrize(
    ("field", "typed", "message"),
    [
        ("code", "", "Enter the code the consultancy gave you."),
        ("code", "AAAA-AAAA", "No consultancy has this code."),
        ("scope", "everything", "Choose what the consultancy may do."),
        ("until", "", "Enter the last day"),
        ("until", "soon", "Write the day as year-month-day"),
        ("until", "2026-11-23", "This day is over."),
        ("until", "2031-01-01", "until the end of 2029 at most"),
    ],
)
def test_a_wrong_entry_is_named_and_kept(
    enterprise: Browser, client_tenant: Tenant, consultancy: Tenant, field: str, typed: str, message: str
) -> None:
    right = {"code": str(consultancy.code), "scope": "view", "until": "2027-06-30"}
    page = enterprise.post(f"/t/{client_tenant.id}/consultants", right | {field: typed}, 422)
    assert message in page.text
    kept = "until" if field == "code" else "code"
    assert f'value="{right[kept]}"' in page.html


def test_the_code_of_an_enterprise_or_of_nobody_is_the_same_to_a_stranger(
    enterprise: Browser, client_tenant: Tenant, consultancy: Tenant
) -> None:
    """Only consultancies have codes: an enterprise cannot be found by trying."""
    assert client_tenant.code is None


def test_a_consultancy_is_let_in_once(
    enterprise: Browser, session: Session, clock: FixedClock, client_tenant: Tenant, consultancy: Tenant
) -> None:
    grant(session, clock, client_tenant, consultancy)
    terms = {"code": str(consultancy.code), "scope": "manage", "until": "2027-06-30"}
    assert "has access already" in enterprise.post(f"/t/{client_tenant.id}/consultants", terms, 409).text


@pytest.mark.parametrize(
    ("scope", "answers", "edits"), [("view", 403, 403), ("answer", 200, 403), ("manage", 200, 200)]
)
def test_the_scope_decides_what_a_consultant_may_do(
    session: Session,
    clock: FixedClock,
    consultant: Browser,
    client_tenant: Tenant,
    consultancy: Tenant,
    draft: Assessment,
    scope: str,
    answers: int,
    edits: int,
) -> None:
    grant(session, clock, client_tenant, consultancy, scope)
    base = f"/t/{client_tenant.id}"
    consultant.get(f"{base}/assessments/{draft.id}/review")
    consultant.post(f"{base}/assessments/{draft.id}/sections/infrastructure", status=answers)
    consultant.post(f"{base}/enterprise", FORM, edits)
    declaration = {"name": "x", "title": "y", "truthful": "y"}
    consultant.post(f"{base}/assessments/{draft.id}/submit", declaration, 403)
    consultant.get(f"{base}/people", 403)
    consultant.get(f"{base}/consultants", 403)


def test_who_only_looks_in_the_consultancy_only_looks_in_its_clients(
    app: Any, session: Session, clock: FixedClock, client_tenant: Tenant, consultancy: Tenant, draft: Assessment
) -> None:
    grant(session, clock, client_tenant, consultancy, "manage")
    trainee = make_user(session)
    add_member(session, consultancy, trainee, "viewer", clock)
    session.commit()
    browser = Browser(app.test_client())
    sign_in(browser.client, trainee)
    browser.get(f"/t/{client_tenant.id}/")
    browser.post(f"/t/{client_tenant.id}/assessments/{draft.id}/sections/infrastructure", status=403)


@pytest.mark.parametrize("end", ["revoked", "expired", "left the consultancy"])
def test_the_door_closes_at_once(
    enterprise: Browser,
    session: Session,
    clock: FixedClock,
    consultant: Browser,
    client_tenant: Tenant,
    consultancy: Tenant,
    adviser: User,
    end: str,
) -> None:
    grant_id = grant(session, clock, client_tenant, consultancy, days=2)
    consultant.get(f"/t/{client_tenant.id}/")
    if end == "revoked":
        page = enterprise.post(f"/t/{client_tenant.id}/consultants/{grant_id}/revoke")
        assert "Nobody of the consultancy can come in any more" in page.text
    elif end == "expired":
        clock.at += timedelta(days=3)
    else:
        other = make_user(session)
        add_member(session, consultancy, other, "owner", clock)
        session.commit()
        consultant.post(f"/t/{consultancy.id}/leave")
    consultant.get(f"/t/{client_tenant.id}/", 404)


def test_the_last_day_still_counts(
    session: Session, clock: FixedClock, consultant: Browser, client_tenant: Tenant, consultancy: Tenant
) -> None:
    grant(session, clock, client_tenant, consultancy, days=0)
    consultant.get(f"/t/{client_tenant.id}/")


def test_a_grant_is_changed(
    enterprise: Browser,
    session: Session,
    clock: FixedClock,
    consultant: Browser,
    client_tenant: Tenant,
    consultancy: Tenant,
    draft: Assessment,
) -> None:
    url = f"/t/{client_tenant.id}/consultants/{grant(session, clock, client_tenant, consultancy, 'view')}"
    enterprise.post(url, {"scope": "answer", "until": "2027-01-31"})
    consultant.post(f"/t/{client_tenant.id}/assessments/{draft.id}/sections/infrastructure")
    assert "Write the day as year-month-day" in enterprise.post(url, {"scope": "view", "until": "soon"}, 422).text


def test_after_it_ran_out_a_new_grant_can_be_given(
    session: Session, clock: FixedClock, client_tenant: Tenant, consultancy: Tenant
) -> None:
    grant(session, clock, client_tenant, consultancy, days=1)
    clock.at += timedelta(days=5)
    grant(session, clock, client_tenant, consultancy)
    assert events(session, client_tenant) == ["grant.given", "grant.expired", "grant.given"]


def test_every_visit_is_in_the_clients_own_log(
    session: Session, clock: FixedClock, consultant: Browser, client_tenant: Tenant, consultancy: Tenant
) -> None:
    grant(session, clock, client_tenant, consultancy)
    for _ in range(3):
        consultant.get(f"/t/{client_tenant.id}/")
    assert events(session, client_tenant) == ["grant.given", "grant.used"]
    clock.at += timedelta(minutes=31)
    consultant.get(f"/t/{client_tenant.id}/")
    assert events(session, client_tenant) == ["grant.given", "grant.used", "grant.used"]


def test_the_enterprise_sees_the_last_visit(
    enterprise: Browser,
    session: Session,
    clock: FixedClock,
    consultant: Browser,
    client_tenant: Tenant,
    consultancy: Tenant,
) -> None:
    grant(session, clock, client_tenant, consultancy)
    assert "—" in enterprise.get(f"/t/{client_tenant.id}/consultants").text
    consultant.get(f"/t/{client_tenant.id}/")
    assert str(date(2026, 11, 24)) in enterprise.get(f"/t/{client_tenant.id}/consultants").text


def test_a_grant_of_another_enterprise_is_not_there(
    enterprise: Browser, session: Session, clock: FixedClock, client_tenant: Tenant, consultancy: Tenant
) -> None:
    other = make_enterprise(session, make_user(session), clock, name="Other")
    session.commit()
    foreign = grant(session, clock, other, consultancy)
    terms = {"scope": "view", "until": "2027-01-31"}
    enterprise.post(f"/t/{client_tenant.id}/consultants/{foreign}", terms, 404)
    enterprise.post(f"/t/{client_tenant.id}/consultants/{foreign}/revoke", status=404)


def test_a_consultancy_has_no_pages_of_an_enterprise(consultant: Browser, consultancy: Tenant) -> None:
    consultant.get(f"/t/{consultancy.id}/", 403)
    consultant.get(f"/t/{consultancy.id}/consultants", 403)


def test_an_enterprise_has_no_clients(enterprise: Browser, client_tenant: Tenant) -> None:
    enterprise.get(f"/t/{client_tenant.id}/clients", 403)


def test_an_empty_page_says_what_to_do(enterprise: Browser, client_tenant: Tenant) -> None:
    page: Page = enterprise.get(f"/t/{client_tenant.id}/consultants")
    assert "No consultancy has access" in page.text
