"""The walls: every route of the site × every role of every kind of tenant × the own tenant and another's.

Generated from the route table: a new route is in here by being registered. One with a part in its address that nobody
named below fails until it is.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.routing import Rule

from maturity.accounts.contacts import Contact
from maturity.benchmarks.models import BenchmarkRelease
from maturity.certification.surveillance import plan_surveillance
from maturity.clock import FixedClock
from maturity.consulting.service import give_grant, register_consultancy
from maturity.dashboard import service as dashboard
from maturity.db import for_tenant
from maturity.extensions import db
from maturity.jobs.service import ask_for_job
from maturity.people.service import invite
from maturity.portfolios.models import PortfolioNote, PortfolioTask, PortfolioView
from maturity.tenancy.models import ROLES, Tenant
from maturity.tenancy.permissions import ROLE_PERMISSIONS, SCOPE_PERMISSIONS, Permission, permissions_of
from maturity.tenancy.service import PLATFORM, ensure_platform
from maturity.web.access import LIBRARY_ENDPOINTS
from tests.conftest import Browser
from tests.factories.assessments import answer_all, make_assessment, submit
from tests.factories.billing import make_checkout, make_order, on_plan
from tests.factories.campaigns import make_campaign, make_regulator
from tests.factories.certification import make_complaint, rows_of_enterprise
from tests.factories.certification_review import make_review, rows_of
from tests.factories.enterprises import add_member, make_enterprise
from tests.factories.evidence import make_evidence
from tests.factories.people import make_user, sign_in
from tests.factories.regional import make_model
from tests.factories.teamwork import make_comment
from tests.factories.verification import make_certificate, make_check
from tests.factories.yearly import make_release, make_report

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
#: Parts that name a row of which the makers below make none: they get a number that is nowhere, and the tests of their
#: features try them with a row of somebody else. Every other `…_id` is tried here with a row of the other tenant.
MADE_NOWHERE = {
    *("bulk_id", "workbook_id", "export_id", "log_id", "call_id", "receipt_id", "objection_id", "upload_id", "park_id"),
    *("invitee_id", "remark_id", "claim_id", "dispute_id", "code_id", "domain_id", "message_id", "opened_id"),
    *("subscription_id", "payment_finding_id"),
}
KINDS = sorted(ROLE_PERMISSIONS)
#: The operator's pages are about other tenants, and there is one operator.
WITH_NEIGHBOURS = [kind for kind in KINDS if kind != "operator"]
OUTSIDERS = ("member of another tenant", "nobody")


@dataclass(frozen=True, slots=True)
class Place:
    """A tenant with one row of each kind."""

    tenant_id: uuid.UUID
    kind: str
    rows: dict[str, str]

    def may(self, role: str, permission: Permission) -> bool | None:
        """Whether the role may; None where this kind of tenant has no such role, and nobody comes in by it."""
        if role not in ROLE_PERMISSIONS[self.kind]:
            return None
        return permission in permissions_of(role, is_synthetic=False, kind=self.kind)


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
def kind() -> str:
    """Of the tenant that is looked at; a test that looks at every kind is parametrized by it."""
    return "enterprise"


@pytest.fixture
def places(kind: str, session: Session, clock: FixedClock) -> tuple[Place, Place]:
    """The tenant that is looked at, and another one of its kind; beside the one operator an enterprise."""
    other = "enterprise" if kind == "operator" else kind
    return MAKERS[kind](session, clock), MAKERS[other](session, clock)


def _enterprise(session: Session, clock: FixedClock) -> Place:
    """With a submitted assessment, a case and a certificate of it, a consultancy let in, and somebody invited."""
    owner = make_user(session)
    tenant = make_enterprise(session, owner, clock)
    on_plan(session, tenant, "pro", clock)
    assessment = make_assessment(session, tenant, clock)
    answer_all(session, assessment, clock)
    submit(session, assessment, clock)
    link = make_evidence(session, assessment, clock)
    comment = make_comment(session, assessment, clock)
    job = ask_for_job(session, tenant.id, "document", "once", {}, actor_id=owner.id, clock=clock)
    rows = {"assessment_id": assessment.id, "comment_id": comment.id, "evidence_id": link.file_id, "link_id": link.id}
    rows["job_id"] = job.id
    rows |= rows_of_enterprise(session, tenant, assessment, clock)
    rows |= {"checkout_id": make_checkout(session, tenant, clock).id, "order_id": make_order(session, tenant, clock).id}
    adviser = register_consultancy(session, "海岳咨询", owner_id=make_user(session).id, clock=clock)
    until = clock.today() + timedelta(days=300)
    rows["grant_id"] = give_grant(session, tenant, adviser, "view", until, actor_id=None, clock=clock).id
    return _done(session, tenant, rows | _invited(session, tenant, clock))


def _consultancy(session: Session, clock: FixedClock) -> Place:
    """With a client, and for it a note, a task and a view that everybody of the consultancy sees."""
    adviser = make_user(session)
    tenant = register_consultancy(session, "海岳咨询", owner_id=adviser.id, clock=clock)
    client = make_enterprise(session, make_user(session), clock)
    give_grant(session, client, tenant, "manage", clock.today() + timedelta(days=300), actor_id=None, clock=clock)
    common: dict[str, Any] = {"tenant_id": tenant.id, "client_id": client.id}
    task = PortfolioTask(**common, title="Call", created_by=adviser.id, created_at=clock.now())
    note = PortfolioNote(**common, body="Away", is_shared=True, written_by=adviser.id, written_at=clock.now())
    view = PortfolioView(
        tenant_id=tenant.id, name="All", query="view=all", owner_id=adviser.id, is_shared=True, created_at=clock.now()
    )
    session.add_all([task, note, view])
    session.flush()
    rows = {"client_id": client.id, "task_id": task.id, "note_id": note.id, "view_id": view.id}
    return _done(session, tenant, rows | _invited(session, tenant, clock))


def _regulator(session: Session, clock: FixedClock) -> Place:
    """Entrusted with releases; with a campaign, an index model, a yearly report, and a view that everybody sees."""
    tenant = make_regulator(session, clock, region="", releases=True)
    release = session.scalars(select(BenchmarkRelease)).first() or make_release(session, clock)
    asked: dict[str, Any] = {"page": "levels", "query": "", "shared": True, "actor_id": make_user(session).id}
    with for_tenant(session, tenant.id):
        view = dashboard.save_view(session, tenant.id, "All", clock=clock, **asked)
        report = make_report(session, tenant, release, clock)
    rows = {"campaign_id": make_campaign(session, tenant, clock).id, "model_id": make_model(session, tenant, clock)}
    rows |= {"view_id": view.id, "report_id": report.id}
    check = make_check(session, make_certificate(session, clock), session.get_one(Tenant, tenant.id), clock)
    rows |= {"sample_id": check.sample_id, "check_id": check.id}
    return _done(session, tenant, rows | _invited(session, tenant, clock))


def _operator(session: Session, clock: FixedClock) -> Place:
    """With a certification body that it recognised, and a complaint about it."""
    ensure_platform(session, clock)
    tenant, review = session.get_one(Tenant, PLATFORM), make_review(session, clock)
    rows = {"body_id": review.body_id, "complaint_id": make_complaint(session, review, "complaint", clock)}
    return _done(session, tenant, rows | _invited(session, tenant, clock))


def _certification_body(session: Session, clock: FixedClock) -> Place:
    """With a case under review and an appeal in it, and a certificate under surveillance that a regulator re-checks."""
    review = make_review(session, clock)
    tenant = session.get_one(Tenant, review.body_id)
    certificate = make_certificate(session, clock, body=tenant)
    check = make_check(session, certificate, make_regulator(session, clock), clock, is_asked=True)
    rows: dict[str, Any] = {"check_id": check.id, **rows_of(session, review, clock)}
    rows |= {"certificate_id": certificate.id, "complaint_id": make_complaint(session, review, "appeal", clock)}
    rows["surveillance_id"] = plan_surveillance(session, certificate)[0].id
    return _done(session, tenant, rows | _invited(session, tenant, clock))


def _invited(session: Session, tenant: Tenant, clock: FixedClock) -> dict[str, Any]:
    contact = Contact("email", f"{uuid.uuid4().hex}@example.com")
    return {"invitation_id": invite(session, tenant.id, contact, "editor", actor_id=None, clock=clock)[0].id}


def _done(session: Session, tenant: Tenant, rows: Mapping[str, Any]) -> Place:
    session.commit()
    return Place(tenant.id, tenant.kind, {part: str(row) for part, row in rows.items()})


MAKERS: Mapping[str, Callable[[Session, FixedClock], Place]] = {
    "certification_body": _certification_body,
    "consultancy": _consultancy,
    "enterprise": _enterprise,
    "operator": _operator,
    "regulator": _regulator,
}


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


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.usefixtures("kept")
def test_a_role_reaches_what_it_may_and_is_refused_the_rest(
    app: Flask, places: tuple[Place, Place], clients: dict[str, FlaskClient]
) -> None:
    wrong = []
    for rule, method, permission in _tries(app):
        address = _address(app, rule, places[0])
        for role in ROLES:
            status, _location = answer(clients[role], address, method)
            may = places[0].may(role, permission)
            if status >= 500 or status == 401 or (status != 404 if may is None else (status == 403) == may):
                wrong.append(f"{method} {rule.rule} as {role}: {status}, although {permission.name} is {may}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("scope", SCOPE_PERMISSIONS)
@pytest.mark.usefixtures("kept")
def test_a_grant_reaches_what_its_scope_opens_and_is_refused_the_rest(
    app: Flask, session: Session, clock: FixedClock, scope: str
) -> None:
    place, adviser, client = _enterprise(session, clock), make_user(session), app.test_client()
    consultancy = register_consultancy(session, "明德咨询", owner_id=adviser.id, clock=clock)
    until, tenant = clock.today() + timedelta(days=300), session.get_one(Tenant, place.tenant_id)
    give_grant(session, tenant, consultancy, scope, until, actor_id=None, clock=clock)
    session.commit()
    sign_in(client, adviser)
    wrong = []
    for rule, method, permission in _tries(app):
        status, _location = answer(client, _address(app, rule, place), method)
        may = permission in SCOPE_PERMISSIONS[scope]
        if status >= 500 or status == 401 or (status == 403) == may:
            wrong.append(f"{method} {rule.rule} with {scope}: {status}, although {permission.name} is {may}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("kind", KINDS)
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


@pytest.mark.parametrize("kind", WITH_NEIGHBOURS)
@pytest.mark.usefixtures("kept")
def test_a_row_of_another_tenant_is_not_there(
    app: Flask, places: tuple[Place, Place], clients: dict[str, FlaskClient]
) -> None:
    """The owner of one tenant asks, in the own tenant's address, for a row of the other: as if it did not exist."""
    wrong = []
    for rule, method, permission in _tries(app):
        for part in places[1].rows.keys() & rule.arguments if places[0].may("owner", permission) else ():
            address = _address(app, rule, places[0], **{part: places[1].rows[part]})
            status, _location = answer(clients["owner"], address, method)
            if status != 404:
                wrong.append(f"{method} {rule.rule} with the {part} of another tenant: {status}")
    assert not wrong, "\n".join(wrong)


def test_every_row_in_an_address_is_tried_or_said_not_to_be(app: Flask, session: Session, clock: FixedClock) -> None:
    made = {part for maker in MAKERS.values() for part in maker(session, clock).rows}
    asked = {part for rule in _tenant_rules(app) for part in rule.arguments - {"tenant_id"} if part.endswith("_id")}
    assert asked - made - set(WORDS) == MADE_NOWHERE, "Make a row of it in one of MAKERS, or name it in MADE_NOWHERE."


@pytest.mark.parametrize("kind", WITH_NEIGHBOURS)
def test_a_page_of_one_tenant_holds_nothing_of_another(
    app: Flask, session: Session, places: tuple[Place, Place], clients: dict[str, FlaskClient]
) -> None:
    """Every page that the owner can open is searched for the other tenant's ids."""
    others = {str(places[1].tenant_id), *places[1].rows.values()}
    for rule, method, permission in _tries(app):
        if method == "GET" and places[0].may("owner", permission):
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
