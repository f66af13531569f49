"""After a plan has ended nothing that was entered is closed: reading, files, exports and verification never ask for it.

Walks every route of the site, as the walls do.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.routing import Rule

from maturity.clock import FixedClock
from maturity.db import every_tenant
from maturity.entitlements.models import PlanTerm
from maturity.extensions import db
from maturity.tenancy.models import Tenant
from tests.factories.enterprises import add_member
from tests.factories.people import make_user, sign_in
from tests.functional.tenancy.test_matrix import MAKERS, Place, _address, _methods, _tenant_rules

#: What asks for a plan, whoever comes. Everything else is open to everybody whose role opens it.
ASKS = {"crosswalk.show", "crosswalk.start"}
#: What may ask where a limit is reached; here none is.
FOR_ROOM = {"people.invite_person", "portfolios.send"}


@pytest.fixture
def kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Requests change nothing for the next one."""
    monkeypatch.setattr(db.session, "commit", db.session.rollback)


def lapsed(session: Session, clock: FixedClock, kind: str) -> Place:
    """With one row of each kind, and every plan over before any of it began."""
    place = MAKERS[kind](session, clock)
    with every_tenant(session):
        for term in session.scalars(select(PlanTerm)):
            term.ends_at = term.starts_at
    session.commit()
    return place


def owner_of(app: Flask, session: Session, clock: FixedClock, place: Place) -> FlaskClient:
    client, user = app.test_client(), make_user(session)
    add_member(session, session.get_one(Tenant, place.tenant_id), user, "owner", clock)
    session.commit()
    sign_in(client, user)
    session.rollback()
    return client


def answers(app: Flask, client: FlaskClient, place: Place) -> Iterator[tuple[str, str, int]]:
    """Endpoint, method and status of every route of the tenant."""
    for rule in _tenant_rules(app):
        for method in _methods(rule):
            with client.open(_address(app, rule, place), method=method) as response:
                yield rule.endpoint, method, response.status_code


@pytest.mark.parametrize("kind", ["enterprise", "consultancy", "regulator", "certification_body"])
@pytest.mark.usefixtures("kept")
def test_after_a_plan_only_what_it_added_asks_for_it(
    app: Flask, session: Session, clock: FixedClock, kind: str
) -> None:
    place = lapsed(session, clock, kind)
    found = list(answers(app, owner_of(app, session, clock, place), place))
    asking = {endpoint for endpoint, _method, status in found if status == 402}
    assert asking == (ASKS if kind == "enterprise" else set())
    opened = {endpoint for endpoint, method, status in found if method == "GET" and status == 200}
    assert opened >= ALWAYS[kind]


#: Some of what must be open, so that the walk does not pass because nothing was reached.
ALWAYS: Mapping[str, set[str]] = {
    "enterprise": {
        "assessments.home",
        "results.show",
        "results.over_years",
        "results.table",
        "reports.filled_sheet",
        "rights.data",
        "certification.index",
        "certification.certificate",
        "evidence.index",
        "audit.show",
        "billing.show",
    },
    "consultancy": {"portfolios.index", "portfolios.show", "people.index", "rights.data", "billing.show"},
    "regulator": {"campaigns.index", "dashboard.index", "rights.data"},
    "certification_body": {"certification.desk"},
}


def test_what_everybody_may_open_never_asks(app: Flask) -> None:
    client = app.test_client()
    for rule in app.url_map.iter_rules():
        if "tenant_id" not in rule.arguments and "GET" in _methods(rule) and rule.endpoint != "static":
            with client.get(_anywhere(rule)) as response:
                assert response.status_code != 402, rule.rule


def _anywhere(rule: Rule) -> str:
    address = rule.rule
    for part in rule.arguments:
        for kind in ("", "uuid:", "int:", "path:"):
            made = str(uuid.uuid4()) if kind == "uuid:" else "1"
            address = address.replace(f"<{kind}{part}>", made)
    return address


def test_what_may_ask_for_room_exists(app: Flask) -> None:
    assert app.view_functions.keys() >= ASKS | FOR_ROOM
