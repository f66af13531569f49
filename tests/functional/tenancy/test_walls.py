"""Who gets into a tenant, and what those outside learn."""

from __future__ import annotations

import uuid

import pytest
from sqlalchemy.orm import Session

from maturity.clock import FixedClock
from maturity.tenancy.models import Tenant
from tests.conftest import Browser
from tests.factories.enterprises import FORM, add_member, make_enterprise
from tests.factories.people import make_user, sign_in


@pytest.fixture
def tenant(session: Session, clock: FixedClock) -> Tenant:
    tenant = make_enterprise(session, make_user(session), clock)
    session.commit()
    return tenant


def test_an_outsider_cannot_tell_a_tenant_from_none(browser: Browser, session: Session, tenant: Tenant) -> None:
    outsider = make_user(session)
    session.commit()
    sign_in(browser.client, outsider)
    theirs = browser.get(f"/t/{tenant.id}/", status=404)
    none = browser.get(f"/t/{uuid.uuid4()}/", status=404)
    assert theirs.text == none.text


@pytest.mark.parametrize("known", [True, False])
def test_somebody_not_signed_in_is_asked_to(browser: Browser, tenant: Tenant, known: bool) -> None:
    page = browser.get(f"/t/{tenant.id if known else uuid.uuid4()}/")
    assert page.path == "/sign-in"


def test_a_script_gets_401_in_json(browser: Browser, tenant: Tenant) -> None:
    reply = browser.client.get(f"/t/{tenant.id}/", headers={"Accept": "application/json"})
    assert reply.status_code == 401
    assert reply.json["error"] == "http_401"
    assert reply.json["message"]


@pytest.mark.parametrize(("role", "status"), [("owner", 200), ("editor", 200), ("contributor", 403), ("viewer", 403)])
def test_the_role_decides_who_may_change_the_particulars(
    browser: Browser, session: Session, clock: FixedClock, tenant: Tenant, role: str, status: int
) -> None:
    member = make_user(session)
    add_member(session, tenant, member, role, clock)
    session.commit()
    sign_in(browser.client, member)
    browser.get(f"/t/{tenant.id}/")
    browser.get(f"/t/{tenant.id}/enterprise", status=status)
    browser.post(f"/t/{tenant.id}/enterprise", FORM, status=status)


def test_a_viewer_is_not_offered_what_is_refused(
    browser: Browser, session: Session, clock: FixedClock, tenant: Tenant
) -> None:
    viewer = make_user(session)
    add_member(session, tenant, viewer, "viewer", clock)
    session.commit()
    sign_in(browser.client, viewer)
    page = browser.get(f"/t/{tenant.id}/")
    assert not [link for link in page.links if link.endswith("/enterprise")]
    assert "Start with" not in page.text


def test_a_synthetic_enterprise_is_open_to_everybody_and_changed_by_nobody(
    browser: Browser, session: Session, clock: FixedClock
) -> None:
    tenant = make_enterprise(session, make_user(session), clock, is_synthetic=True)
    session.commit()
    browser.get("/?lang=en")
    assert "Synthetic data" in browser.get(f"/t/{tenant.id}/").text
    page = browser.get(f"/t/{tenant.id}/enterprise", status=403)
    assert "demonstration enterprise" in page.text
