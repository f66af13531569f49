"""The operator's staff: what it sees of the installation, and what a tenant learns when somebody looks into it."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from maturity.accounts.models import User
from maturity.audit.models import AuditEvent
from maturity.clock import FixedClock
from maturity.messages.models import Message
from maturity.tenancy.models import Membership, Tenant
from maturity.tenancy.service import PLATFORM, ensure_platform
from tests.conftest import Browser
from tests.factories.assessments import make_result
from tests.factories.enterprises import add_member, make_enterprise
from tests.factories.people import keep, make_user, sign_in

BASE = f"/t/{PLATFORM}/operation"
REASON = "Request 4711: the result page stays empty"


@pytest.fixture
def staff(session: Session, clock: FixedClock) -> User:
    user = make_user(session, name="Operator Zhang")
    ensure_platform(session, clock)
    add_member(session, session.get_one(Tenant, PLATFORM), user, "owner", clock)
    keep(session)
    return user


@pytest.fixture
def desk(browser: Browser, staff: User) -> Browser:
    sign_in(browser.client, staff)
    return browser


@pytest.fixture
def owner(session: Session) -> User:
    user = make_user(session)
    keep(session)
    return user


@pytest.fixture
def enterprise(session: Session, clock: FixedClock, owner: User) -> Tenant:
    tenant = make_enterprise(session, owner, clock)
    make_result(session, tenant, clock)
    keep(session)
    return tenant


def events(session: Session, tenant: Tenant) -> list[tuple[str, dict[str, Any]]]:
    query = select(AuditEvent.event, AuditEvent.details).where(
        AuditEvent.tenant_id == tenant.id, AuditEvent.event == "staff.opened"
    )
    found = [row._tuple() for row in session.execute(query)]
    session.rollback()
    return found


def test_home_leads_the_staff_to_the_overview(desk: Browser) -> None:
    assert desk.get("/home").path == f"{BASE}/"


def test_the_overview_counts_and_names_nothing(desk: Browser, enterprise: Tenant) -> None:
    page = desk.get(f"{BASE}/")
    assert "Enterprise1" in page.text
    assert enterprise.name not in page.text


def test_the_list_finds_a_tenant_by_name_and_kind(desk: Browser, enterprise: Tenant) -> None:
    assert enterprise.name in desk.get(f"{BASE}/tenants?q={enterprise.name[:4]}&kind=enterprise").text
    assert "No tenant fits" in desk.get(f"{BASE}/tenants?q={enterprise.name[:4]}&kind=regulator").text
    assert "No tenant fits" in desk.get(f"{BASE}/tenants?q=%25").text


@pytest.mark.parametrize("query", ["page=0", "page=99", "page=x", "kind=king", "q=" + "x" * 300])
def test_what_cannot_be_is_left_out(desk: Browser, enterprise: Tenant, query: str) -> None:
    desk.get(f"{BASE}/tenants?{query}")


def test_the_staff_sees_no_tenant_from_inside_without_a_reason(desk: Browser, enterprise: Tenant) -> None:
    desk.get(f"/t/{enterprise.id}/", 404)


def test_with_a_reason_a_tenant_is_open_to_look_for_an_hour_and_reads_why(
    desk: Browser, session: Session, clock: FixedClock, enterprise: Tenant
) -> None:
    page = desk.post(f"{BASE}/tenants/{enterprise.id}/visit", {"reason": REASON})
    assert page.path == f"/t/{enterprise.id}/"
    assert REASON in page.text
    assert events(session, enterprise) == [("staff.opened", {"reason": REASON})]
    desk.post(f"/t/{enterprise.id}/assessments", {"period": "2026"}, 403)
    desk.get(f"/t/{enterprise.id}/people", 403)
    clock.at += timedelta(hours=1)
    desk.get(f"/t/{enterprise.id}/", 404)


@pytest.mark.parametrize("reason", ["", "because", "x" * 301])
def test_a_reason_that_says_nothing_is_refused(
    desk: Browser, session: Session, enterprise: Tenant, reason: str
) -> None:
    page = desk.post(f"{BASE}/tenants/{enterprise.id}/visit", {"reason": reason}, 422)
    assert 'id="error-summary"' in page.html
    assert events(session, enterprise) == []
    desk.get(f"/t/{enterprise.id}/", 404)


def test_who_leaves_the_staff_is_outside_at_once(
    desk: Browser, session: Session, clock: FixedClock, enterprise: Tenant, staff: User
) -> None:
    desk.post(f"{BASE}/tenants/{enterprise.id}/visit", {"reason": REASON})
    membership = session.get_one(Membership, (PLATFORM, staff.id))
    membership.ended_at = clock.now()
    keep(session)
    desk.get(f"/t/{enterprise.id}/", 404)


def test_a_tenant_that_is_not_there_cannot_be_opened(desk: Browser) -> None:
    desk.post(f"{BASE}/tenants/00000000-0000-4000-8000-000000000000/visit", {"reason": REASON}, 404)
    desk.post(f"{BASE}/tenants/{PLATFORM}/visit", {"reason": REASON}, 404)


def test_an_enterprise_has_no_pages_of_the_operator(browser: Browser, owner: User, enterprise: Tenant) -> None:
    sign_in(browser.client, owner)
    browser.get(f"/t/{enterprise.id}/operation/", 403)
    browser.get(f"{BASE}/", 404)


def test_a_regulator_is_founded_and_its_first_owner_invited(app: Any, desk: Browser, session: Session) -> None:
    given = {"kind": "regulator", "name": "青岛市工业和信息化局", "contact": "zhao@example.gov.cn"}
    assert "is founded; its first owner is invited" in desk.post(f"{BASE}/tenants", given).text
    body = session.scalars(select(Message.body)).one()
    invited = make_user(session, email="zhao@example.gov.cn")
    keep(session)
    found = re.search(r"http://[^/\s]+(/invitations/\S+)", body)
    assert found
    other = Browser(app.test_client())
    sign_in(other.client, invited)
    page = other.post(found[1])
    assert "青岛市工业和信息化局" in page.text


@pytest.mark.parametrize(
    ("field", "typed", "message"),
    [
        ("kind", "enterprise", "Choose the kind."),
        ("kind", "operator", "Choose the kind."),
        ("name", "", "Enter the official name."),
        ("contact", "nobody", "Write an address like name@company.com"),
    ],
)
def test_a_wrong_entry_is_named(desk: Browser, session: Session, field: str, typed: str, message: str) -> None:
    right = {"kind": "regulator", "name": "青岛市工业和信息化局", "contact": "zhao@example.gov.cn"}
    assert message in desk.post(f"{BASE}/tenants", right | {field: typed}, 422).text
    assert session.scalars(select(Tenant.kind).where(Tenant.kind == "regulator")).all() == []
    session.rollback()


def test_the_first_of_the_staff_comes_in_by_the_command(app: Any, session: Session, browser: Browser) -> None:
    result = app.test_cli_runner().invoke(
        args=["operator", "invite", "first@example.com", "--address", "https://maturity.example.cn/"]
    )
    assert result.exit_code == 0, result.output
    link = result.output.strip().splitlines()[-1]
    assert link.startswith("https://maturity.example.cn/invitations/")
    user = make_user(session, email="first@example.com")
    keep(session)
    sign_in(browser.client, user)
    assert browser.post(link.removeprefix("https://maturity.example.cn")).path == f"{BASE}/"


def test_the_command_refuses_what_is_no_address(app: Any) -> None:
    result = app.test_cli_runner().invoke(args=["operator", "invite", "first", "--address", "https://x"])
    assert result.exit_code == 2
    assert "name@company.com" in result.output
