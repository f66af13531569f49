"""Cases and certificates belong to two tenants: on PostgreSQL raw SQL of a third sees and changes nothing of them."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.orm import Session

from maturity.certification.models import CertificationCase
from maturity.certification.surveillance import plan_surveillance
from maturity.clock import FixedClock
from maturity.db import EVERY_TENANT, act_for, every_tenant, for_tenant
from maturity.tenancy.models import Tenant
from maturity.tenancy.service import create_tenant
from tests.factories.certification import make_case, make_certificate, make_complaint
from tests.factories.people import make_user

pytestmark = pytest.mark.database
#: Tables with two sides, and by which columns.
SIDES = {
    "certification_cases": "client_id",
    "case_steps": "client_id",
    "case_items": "client_id",
    "case_findings": "client_id",
    "independence_declarations": "client_id",
    "review_assignments": "tenant_id",
    "certificates": "client_id",
    "surveillances": "client_id",
    "certification_complaints": "client_id",
}
CHANGING = ("certification_cases", "case_items", "case_findings", "review_assignments", "certificates", "surveillances")
#: What regulators supervise, by what certificates say of themselves.
SUPERVISED = ("certificates", "surveillances")
OTHER = {"uscc": "91370200MA3C00002X", "name": "另一家企业"}


@dataclass(frozen=True, slots=True)
class World:
    client_id: uuid.UUID
    body_id: uuid.UUID
    other_client_id: uuid.UUID
    other_body_id: uuid.UUID
    stranger_id: uuid.UUID


@pytest.fixture
def world(session: Session, clock: FixedClock) -> Iterator[World]:
    """A case with everything in it, and others beside it who have no part in it. The session then stands nowhere."""
    if session.get_bind().dialect.name != "postgresql":
        pytest.skip("SQLite has no row-level security; there every query names its side")
    made = make_case(session, clock, "correcting")
    certificate = make_certificate(session, made.client_id, made.body_id, clock)
    plan_surveillance(session, certificate)
    case = session.get_one(CertificationCase, made.case_id)
    case.state_since = clock.now()
    make_complaint(session, made, "complaint", clock)
    owner = make_user(session)
    others = [create_tenant(session, kind, kind, owner.id, clock) for kind in ("enterprise", "certification_body")]
    stranger = create_tenant(session, "consultancy", "Advisers", owner.id, clock)
    found = World(made.client_id, made.body_id, others[0].id, others[1].id, stranger.id)
    session.commit()
    session.info[EVERY_TENANT] = False
    act_for(session, None)
    yield found
    session.rollback()
    session.info[EVERY_TENANT] = True


def count(session: Session, table: str) -> int:
    found: int = session.connection().execute(text(f"select count(*) from {table}")).scalar_one()
    return found


@pytest.mark.parametrize("table", SIDES)
def test_both_sides_see_the_rows_and_nobody_else(session: Session, world: World, table: str) -> None:
    with every_tenant(session):
        there = count(session, table)
    assert there
    for tenant_id in (world.client_id, world.body_id):
        with for_tenant(session, tenant_id):
            assert count(session, table) == there
    for tenant_id in (world.other_client_id, world.other_body_id, world.stranger_id):
        with for_tenant(session, tenant_id):
            assert count(session, table) == 0


@pytest.mark.parametrize("table", [name for name in SIDES if name not in ("certificates", "review_assignments")])
def test_before_a_tenant_is_known_there_is_nothing_to_see(session: Session, world: World, table: str) -> None:
    """But for certificates, whose numbers open them to everybody, and parts in a case, by which somebody comes in."""
    assert count(session, table) == 0


@pytest.mark.parametrize("table", CHANGING)
def test_a_third_tenant_changes_nothing(session: Session, world: World, table: str) -> None:
    column = {"certificates": "status", "review_assignments": "user_name", "surveillances": "note"}.get(table)
    column = column or {"certification_cases": "scope", "case_items": "note", "case_findings": "text"}[table]
    for tenant_id in (world.other_client_id, world.other_body_id, world.stranger_id):
        with for_tenant(session, tenant_id):
            changed = session.connection().execute(text(f"update {table} set {column} = 'valid'"))
            assert changed.rowcount == 0


@pytest.mark.parametrize("table", CHANGING)
def test_neither_side_hands_a_row_to_somebody_else(session: Session, world: World, table: str) -> None:
    """A body that could would open the file of whichever enterprise it likes."""
    statement = text(f"update {table} set {SIDES[table]} = :other")
    for tenant_id in (world.client_id, world.body_id):
        with pytest.raises(ProgrammingError, match="permission denied"), for_tenant(session, tenant_id):
            session.connection().execute(statement, {"other": world.other_client_id})
        session.rollback()
        act_for(session, None)


@pytest.mark.parametrize(
    "column", ["payload", "payload_sha256", "number", "holder", "level", "valid_until", "pdf_sha256"]
)
def test_nobody_changes_what_a_certificate_says(session: Session, world: World, column: str) -> None:
    for tenant_id in (world.client_id, world.body_id):
        with pytest.raises(ProgrammingError, match="permission denied"), for_tenant(session, tenant_id):
            session.connection().execute(text(f"update certificates set {column} = {column}"))
        session.rollback()
        act_for(session, None)


def test_no_body_makes_itself_a_case_of_an_enterprise(session: Session, world: World) -> None:
    """With a case of its own making it could name a reviewer, to whom the enterprise's file would open."""
    columns = "id, client_id, body_id, kind, submission_sha256, framework, edition, period, client_name, uscc"
    columns += ", industry, region, body_name, scope, level_claimed, state, state_since, applied_at"
    values = columns.replace("id, client_id, body_id,", ":id, :client, :body,", 1).replace("framework", "'smart'", 1)
    copied = text(f"insert into certification_cases ({columns}) select {values} from certification_cases limit 1")
    given = {"id": uuid.uuid4(), "client": world.other_client_id, "body": world.body_id}
    with pytest.raises(ProgrammingError, match="row-level security"), for_tenant(session, world.body_id):
        session.connection().execute(copied, given)


@pytest.mark.parametrize("table", ["case_steps", "independence_declarations"])
def test_what_was_done_and_declared_is_not_rewritten(session: Session, world: World, table: str) -> None:
    for change in (f"update {table} set at = now()", f"delete from {table}"):
        with pytest.raises(ProgrammingError, match="permission denied"), for_tenant(session, world.body_id):
            session.connection().execute(text(change))
        session.rollback()
        act_for(session, None)


def test_a_regulator_sees_certificates_and_no_case(session: Session, clock: FixedClock, world: World) -> None:
    with every_tenant(session):
        office = create_tenant(session, "regulator", "Office", make_user(session).id, clock)
        office_id = session.get_one(Tenant, office.id).id
        session.commit()
    with for_tenant(session, office_id):
        for table in set(SIDES) - set(SUPERVISED):
            assert count(session, table) == 0, table
