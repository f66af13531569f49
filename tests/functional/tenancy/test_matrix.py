"""The walls: every route of the site × every role × the own tenant and another's, generated from the route table.

A new route is in here by being registered. One with a part in its address that nobody named below fails until it is.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.routing import Rule

from maturity.clock import FixedClock
from maturity.extensions import db
from maturity.tenancy.models import ROLES
from maturity.tenancy.permissions import Permission, permissions_of
from maturity.web.access import LIBRARY_ENDPOINTS
from tests.conftest import Browser
from tests.factories.assessments import answer_all, make_assessment, submit
from tests.factories.enterprises import add_member, make_enterprise
from tests.factories.evidence import make_evidence
from tests.factories.people import make_user, sign_in
from tests.factories.teamwork import make_comment

#: What stands for the parts of an address that are not a row's id.
WORDS = {
    "section_id": "infrastructure",
    "question_id": "it_investment",
    "kind": "report",
    "ending": "pdf",
    "number": "1",
    "framework": "sme",
    "chart": "dimensions",
    "name": "dimensions",
    "page": "profile",
    "user_id": "999999",
    "release_id": "999999",
    "table": "cost",
    "area": "band_vertical_integration",
    "indicator": "erp",
    "region": "370000",
}
#: Parts that name a row of a tenant, for which every route is also tried with a row of the other tenant.
ROWS = {"assessment_id", "evidence_id", "link_id", "comment_id"}
OUTSIDERS = ("member of another tenant", "nobody")


@dataclass(frozen=True, slots=True)
class Place:
    """A tenant with one row of each kind."""

    tenant_id: uuid.UUID
    rows: dict[str, str]


def _tenant_rules(app: Flask) -> list[Rule]:
    rules = [rule for rule in app.url_map.iter_rules() if "tenant_id" in rule.arguments]
    return sorted(rules, key=lambda rule: (rule.rule, rule.endpoint))


def _methods(rule: Rule) -> list[str]:
    return sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})


def _address(app: Flask, rule: Rule, place: Place, **rows: str) -> str:
    values: dict[str, Any] = {"tenant_id": place.tenant_id}
    for part in rule.arguments - {"tenant_id"}:
        known = rows.get(part) or place.rows.get(part) or WORDS.get(part)
        if known is None and part.endswith("_id"):
            known = str(uuid.uuid4())  # a row that is nowhere: who may not see it must not be told so
        assert known is not None, f"{rule.rule}: say in WORDS what stands for <{part}>"
        values[part] = known
    with app.test_request_context():
        return str(app.url_map.bind("localhost").build(rule.endpoint, values, method=_methods(rule)[0]))


@pytest.fixture
def kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Requests change nothing for the next one: what would be committed is rolled back."""
    monkeypatch.setattr(db.session, "commit", db.session.rollback)


@pytest.fixture
def places(session: Session, clock: FixedClock) -> tuple[Place, Place]:
    """The tenant that is looked at, and another one; in each a submitted assessment and its correction."""
    return _place(session, clock), _place(session, clock)


def _place(session: Session, clock: FixedClock) -> Place:
    tenant = make_enterprise(session, make_user(session), clock)
    assessment = make_assessment(session, tenant, clock)
    answer_all(session, assessment, clock)
    submit(session, assessment, clock)
    link = make_evidence(session, assessment, clock)
    comment = make_comment(session, assessment, clock)
    session.commit()
    evidence = {"evidence_id": str(link.file_id), "link_id": str(link.id)}
    return Place(tenant.id, {"assessment_id": str(assessment.id), "comment_id": str(comment.id)} | evidence)


@pytest.fixture
def clients(
    app: Flask, session: Session, clock: FixedClock, places: tuple[Place, Place]
) -> Iterator[dict[str, FlaskClient]]:
    """A signed-in client for each role in the first tenant, and the outsiders."""
    found = {name: app.test_client() for name in (*ROLES, *OUTSIDERS)}
    for role in ROLES:
        user = make_user(session)
        _add(session, places[0], user, role, clock)
        session.commit()
        sign_in(found[role], user)
    stranger = make_user(session)
    _add(session, places[1], stranger, "owner", clock)
    session.commit()
    sign_in(found["member of another tenant"], stranger)
    return found  # type: ignore[return-value]  # a fixture may return as well


def _add(session: Session, place: Place, user: Any, role: str, clock: FixedClock) -> None:
    from maturity.tenancy.models import Tenant

    add_member(session, session.get_one(Tenant, place.tenant_id), user, role, clock)


def answer(client: FlaskClient, address: str, method: str) -> tuple[int, str]:
    """Status and, where it leads elsewhere, the address; a stream is read to its end."""
    with client.open(address, method=method) as response:
        return response.status_code, response.location or ""


def _tries(app: Flask) -> Iterator[tuple[Rule, str, Permission]]:
    for rule in _tenant_rules(app):
        permission = app.view_functions[rule.endpoint].access  # type: ignore[attr-defined]  # tested in test_routes
        for method in _methods(rule):
            yield rule, method, permission


@pytest.mark.usefixtures("kept")
def test_a_role_reaches_what_it_may_and_is_refused_the_rest(
    app: Flask, places: tuple[Place, Place], clients: dict[str, FlaskClient]
) -> None:
    wrong = []
    for rule, method, permission in _tries(app):
        address = _address(app, rule, places[0])
        for role in ROLES:
            status, _location = answer(clients[role], address, method)
            may = permission in permissions_of(role, is_synthetic=False)
            if (status == 403) == may or status >= 500 or status == 401:
                wrong.append(f"{method} {rule.rule} as {role}: {status}, although {permission.name} is {may}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.usefixtures("kept")
def test_outsiders_find_nothing(app: Flask, places: tuple[Place, Place], clients: dict[str, FlaskClient]) -> None:
    """404 for a member of another tenant, the sign-in page for somebody unknown, whatever the route and the method."""
    wrong = []
    for rule, method, _permission in _tries(app):
        address = _address(app, rule, places[0])
        status, _location = answer(clients["member of another tenant"], address, method)
        if status != 404:
            wrong.append(f"{method} {rule.rule} from another tenant: {status}")
        status, location = answer(clients["nobody"], address, method)
        if status != 302 or not location.startswith("/sign-in"):
            wrong.append(f"{method} {rule.rule} without signing in: {status}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.usefixtures("kept")
def test_a_row_of_another_tenant_is_not_there(
    app: Flask, places: tuple[Place, Place], clients: dict[str, FlaskClient]
) -> None:
    """The owner of one tenant asks, in the own tenant's address, for a row of the other: as if it did not exist."""
    wrong = []
    for rule, method, _permission in _tries(app):
        for part in ROWS & rule.arguments:
            address = _address(app, rule, places[0], **{part: places[1].rows[part]})
            status, _location = answer(clients["owner"], address, method)
            if status != 404:
                wrong.append(f"{method} {rule.rule} with the {part} of another tenant: {status}")
    assert not wrong, "\n".join(wrong)


def test_a_page_of_one_tenant_holds_nothing_of_another(
    app: Flask, session: Session, places: tuple[Place, Place], clients: dict[str, FlaskClient]
) -> None:
    """Every page that the owner can open is searched for the other tenant's ids."""
    others = {str(places[1].tenant_id), *places[1].rows.values()}
    for rule, method, _permission in _tries(app):
        if method == "GET":
            with clients["owner"].get(_address(app, rule, places[0])) as response:
                assert not [other for other in others if other.encode() in response.data], rule.rule


def test_the_routes_outside_tenants_are_open_or_ask_for_signing_in(app: Flask, browser: Browser) -> None:
    """Without signing in, whatever is not public leads to the sign-in page."""
    wrong = []
    for rule in app.url_map.iter_rules():
        if "tenant_id" in rule.arguments or rule.endpoint in LIBRARY_ENDPOINTS:
            continue
        access = getattr(app.view_functions[rule.endpoint], "access", None)
        if access != "signed_in":
            continue
        address = rule.rule
        for part in rule.arguments:
            address = address.replace(f"<{part}>", "x").replace(f"<uuid:{part}>", str(uuid.uuid4()))
        for method in _methods(rule):
            status, location = answer(browser.client, address, method)
            if status != 302 or not location.startswith("/sign-in"):
                wrong.append(f"{method} {rule.rule}: {status}")
    assert not wrong, "\n".join(wrong)


def test_the_matrix_is_not_empty(app: Flask) -> None:
    assert len(list(_tries(app))) > 25
