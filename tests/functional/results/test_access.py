"""Who may see a result."""

from __future__ import annotations

import uuid
from typing import Any
from urllib.parse import quote

import pytest
from sqlalchemy.orm import Session

from maturity.clock import FixedClock
from maturity.tenancy.models import Tenant
from tests.factories.assessments import make_result
from tests.factories.enterprises import add_member, make_enterprise
from tests.factories.people import make_user, sign_in
from tests.page import Page

ADDRESSES = ["/result", "/charts/dimensions.svg", "/charts/dimensions.json", "/charts/dimensions.csv"]


def signed_in(app: Any, session: Session, **where: Any) -> Any:
    """A client of a new person, as a member of `tenant` in `role` where these are given."""
    user = make_user(session)
    if where:
        add_member(session, where["tenant"], user, where["role"], where["clock"])
    session.commit()
    client = app.test_client()
    sign_in(client, user)
    return client


@pytest.mark.parametrize("address", ADDRESSES)
def test_an_outsider_cannot_tell_a_result_from_none(app: Any, session: Session, base: str, address: str) -> None:
    client = signed_in(app, session)
    theirs = client.get(f"{base}{address}")
    none = client.get(f"/t/{uuid.uuid4()}/assessments/{uuid.uuid4()}{address}")
    assert theirs.status_code == none.status_code == 404
    assert Page(theirs.text, "").text == Page(none.text, "").text


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_result_cannot_be_reached_through_ones_own_tenant(
    app: Any, session: Session, clock: FixedClock, base: str, address: str
) -> None:
    user = make_user(session)
    own = make_enterprise(session, user, clock)
    session.commit()
    client = app.test_client()
    sign_in(client, user)
    assert client.get(f"/t/{own.id}/assessments/{base.rpartition('/')[2]}{address}").status_code == 404


@pytest.mark.parametrize("address", ADDRESSES)
def test_somebody_not_signed_in_is_led_to_the_sign_in_and_back(app: Any, base: str, address: str) -> None:
    reply = app.test_client().get(f"{base}{address}")
    assert reply.status_code == 302
    assert reply.location == f"/sign-in?next={quote(base + address, safe='/')}"


@pytest.mark.parametrize("role", ["viewer", "contributor", "editor", "owner"])
def test_every_member_sees_the_result(
    app: Any, session: Session, clock: FixedClock, tenant: Tenant, base: str, role: str
) -> None:
    client = signed_in(app, session, tenant=tenant, role=role, clock=clock)
    for address in ADDRESSES:
        assert client.get(f"{base}{address}").status_code == 200


@pytest.mark.parametrize(("role", "offered"), [("owner", True), ("editor", False), ("viewer", False)])
def test_a_correction_is_offered_to_those_who_may_open_one(
    app: Any, session: Session, clock: FixedClock, tenant: Tenant, base: str, role: str, offered: bool
) -> None:
    page = signed_in(app, session, tenant=tenant, role=role, clock=clock).get(f"{base}/result")
    assert ("Open a correction" in page.text) is offered


def test_everybody_sees_the_result_of_a_demonstration_enterprise_marked_as_such(
    app: Any, session: Session, clock: FixedClock
) -> None:
    tenant = make_enterprise(session, make_user(session), clock, is_synthetic=True)
    assessment = make_result(session, tenant, clock)
    session.commit()
    client = app.test_client()
    client.get("/?lang=en")
    base = f"/t/{tenant.id}/assessments/{assessment.id}"
    assert {client.get(f"{base}{address}").status_code for address in ADDRESSES} == {200}
    assert "Synthetic data" in client.get(f"{base}/result").text
    assert "Open a correction" not in client.get(f"{base}/result").text
