"""Row-level security of PostgreSQL: raw SQL, past every wall of the ORM, still sees the acting tenant's rows only."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from flask import Flask, Response, before_render_template, stream_with_context
from sqlalchemy import Connection, select, text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.orm import Session

from maturity.clock import FixedClock
from maturity.db import EVERY_TENANT, act_for, every_tenant, for_tenant
from maturity.extensions import db
from maturity.jobs.models import Job
from maturity.jobs.service import ask_for_job
from maturity.jobs.worker import run_one
from maturity.organisations.models import Enterprise
from maturity.tenancy.models import Tenant
from maturity.walls import SHARED, scoped_tables
from tests.factories.enterprises import add_member, make_enterprise
from tests.factories.people import make_user, sign_in

NAMES = text("select name from enterprises order by name")


@pytest.fixture(autouse=True)
def _on_postgresql(session: Session) -> None:
    if session.get_bind().dialect.name != "postgresql":
        pytest.skip("SQLite has no row-level security; there the ORM's wall stands alone")


@pytest.fixture
def two(session: Session, clock: FixedClock) -> Iterator[tuple[Tenant, Tenant]]:
    """Two tenants with an enterprise and an owner each; the session then stands nowhere."""
    tenants = tuple(make_enterprise(session, make_user(session, name=name), clock, name=name) for name in "AB")
    session.commit()
    session.info[EVERY_TENANT] = False
    act_for(session, None)
    yield tenants[0], tenants[1]
    session.rollback()
    session.info[EVERY_TENANT] = True


def names(session: Session) -> list[str]:
    """What raw SQL on the session's connection sees."""
    return [name for (name,) in session.connection().execute(NAMES)]


def test_raw_sql_sees_the_acting_tenant_only(session: Session, two: tuple[Tenant, Tenant]) -> None:
    for tenant in two:
        with for_tenant(session, tenant.id):
            assert names(session) == [tenant.name]


def test_without_a_tenant_raw_sql_is_refused(session: Session, two: Any) -> None:
    with pytest.raises(ProgrammingError, match="permission denied for table enterprises"):
        names(session)


def test_across_tenants_raw_sql_sees_all_and_afterwards_no_more(session: Session, two: tuple[Tenant, Tenant]) -> None:
    with for_tenant(session, two[0].id):
        with every_tenant(session):
            assert names(session) == ["A", "B"]
        assert names(session) == ["A"]


def test_raw_sql_inside_a_request_sees_the_tenant_of_its_address(
    app: Flask, session: Session, clock: FixedClock, two: tuple[Tenant, Tenant]
) -> None:
    """The same person asks for the home pages of two tenants and for a page of no tenant, one after the other."""
    person, clients, seen = make_user(session), app.test_client(), []
    with every_tenant(session):
        for tenant in two:
            add_member(session, tenant, person, "viewer", clock)
    addresses = [f"/t/{tenant.id}/" for tenant in two]
    sign_in(clients, person)

    def look(_sender: Flask, **_more: Any) -> None:
        try:
            seen.append(names(db.session()))
        except ProgrammingError as error:
            seen.append(str(error.orig).splitlines()[0])
            db.session.rollback()

    with before_render_template.connected_to(look, app):
        for address in (*addresses, "/account", addresses[0]):
            assert clients.get(address).status_code == 200
    assert seen == [["A"], ["B"], "permission denied for table enterprises", ["A"]]


@pytest.mark.parametrize(
    "change",
    [
        "update enterprises set name = 'X' where name = 'B'",
        "delete from enterprises where name = 'B'",
        "update tenants set name = 'X' where name = 'B'",
        "delete from memberships where tenant_id = (select id from tenants where name = 'B')",
    ],
)
def test_raw_sql_cannot_change_what_it_does_not_see(session: Session, two: tuple[Tenant, Tenant], change: str) -> None:
    with for_tenant(session, two[0].id):
        assert session.connection().execute(text(change)).rowcount == 0


def test_raw_sql_cannot_write_a_row_into_another_tenant(session: Session, two: tuple[Tenant, Tenant]) -> None:
    with for_tenant(session, two[0].id), pytest.raises(ProgrammingError, match="row-level security"):
        session.connection().execute(text("update enterprises set tenant_id = :other"), {"other": two[1].id})


def test_raw_sql_sees_the_people_of_the_tenant_and_oneself(session: Session, two: tuple[Tenant, Tenant]) -> None:
    people = text("select name from users")
    reader = session.scalar(text("select id from users where name = 'B'"))
    act_for(session, two[0].id)
    assert [name for (name,) in session.connection().execute(people)] == ["A"]
    act_for(session, two[0].id, reader)
    assert {name for (name,) in session.connection().execute(people)} == {"A", "B"}


def test_inside_a_tenant_nobody_changes_an_account(session: Session, two: tuple[Tenant, Tenant]) -> None:
    with for_tenant(session, two[0].id), pytest.raises(ProgrammingError, match="permission denied for table users"):
        session.connection().execute(text("update users set password = ''"))


def standing(connection: Connection) -> tuple[str, str]:
    return connection.execute(text("select current_user::text, current_setting('app.tenant', true)")).one()._tuple()


@pytest.mark.parametrize("end", ["commit", "rollback", "close"])
def test_a_pooled_connection_is_handed_back_without_a_tenant(
    session: Session, two: tuple[Tenant, Tenant], end: str
) -> None:
    act_for(session, two[0].id)
    assert names(session) == ["A"]
    connection = session.connection().connection.driver_connection
    getattr(session, end)()
    act_for(session, None)
    with ExitStack() as stack:
        again = _taken_again(stack, connection)
        user, tenant = standing(again)
        assert not user.endswith(("_tenant", "_across", "_sign_in"))
        assert not tenant


def _taken_again(stack: ExitStack, wanted: Any) -> Connection:
    """The pooled connection that was handed back, however many others lie in the pool."""
    pool: Any = db.engine.pool
    for _ in range(pool.checkedin()):
        found = stack.enter_context(db.engine.connect())
        if found.connection.driver_connection is wanted:
            return found
    raise AssertionError("the connection was not handed back")


def test_a_failed_transaction_leaves_nothing_behind(session: Session, two: tuple[Tenant, Tenant]) -> None:
    with pytest.raises(ProgrammingError), for_tenant(session, two[0].id):
        session.connection().execute(text("select nothing from nowhere"))
    session.rollback()
    with for_tenant(session, two[1].id):
        assert names(session) == ["B"]


def _fail_for_another(session: Session, tenant: Tenant) -> None:
    with session.begin_nested(), for_tenant(session, tenant.id):
        assert names(session) == [tenant.name]
        session.connection().execute(text("select nothing from nowhere"))


def test_after_a_savepoint_the_tenant_is_the_one_before(session: Session, two: tuple[Tenant, Tenant]) -> None:
    with for_tenant(session, two[0].id):
        names(session)
        with pytest.raises(ProgrammingError):
            _fail_for_another(session, two[1])
        assert names(session) == ["A"]


def test_a_job_works_for_its_tenant_in_each_of_its_transactions(
    app: Flask, session: Session, two: tuple[Tenant, Tenant], clock: FixedClock
) -> None:
    with for_tenant(session, two[1].id):
        job = ask_for_job(session, two[1].id, "look", "once", {}, actor_id=None, clock=clock)
        session.commit()
    seen: list[list[str]] = []

    def look(_app: Flask, _job: Job, tell: Any) -> None:
        seen.append(names(db.session()))
        tell(1, 2)
        seen.append(names(db.session()))

    with app.app_context():
        assert run_one(app, job.id, {"look": look})
    assert seen == [["B"], ["B"]]


def test_a_streamed_answer_works_for_its_tenant_to_the_end(app: Flask, two: tuple[Tenant, Tenant]) -> None:
    def rows() -> Iterator[str]:
        for _ in range(3):
            yield ",".join(names(db.session()))
            db.session.rollback()  # as a long stream does, which must not hold a transaction

    with app.test_request_context():
        act_for(db.session(), two[1].id)
        assert Response(stream_with_context(rows())).get_data(as_text=True) == "BBB"


def test_every_table_stands_behind_a_policy(session: Session) -> None:
    with every_tenant(session):
        found = session.connection().execute(
            text("select relname, relrowsecurity and relforcerowsecurity from pg_class where relkind = 'r'")
        )
        walled = {name for name, is_walled in found if is_walled}
    assert walled == set(db.metadata.tables)
    assert walled >= scoped_tables() | set(SHARED)


def test_the_role_of_a_tenant_is_held_to_its_rows_in_every_table(session: Session) -> None:
    """A policy that lets the tenant's role see all of a tenant's table would be found here, whatever its name."""
    policies = session.connection().execute(text("select tablename, qual, roles::text from pg_policies")).all()
    for table, condition, roles in policies:
        if table in scoped_tables() and "_tenant" in roles:
            assert condition == "(tenant_id = (NULLIF(current_setting('app.tenant'::text, true), ''::text))::uuid)"


def test_the_orm_sees_what_raw_sql_sees(session: Session, two: tuple[Tenant, Tenant]) -> None:
    for tenant in two:
        with for_tenant(session, tenant.id):
            assert list(session.scalars(select(Enterprise.name))) == names(session)
