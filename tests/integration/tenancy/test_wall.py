"""The wall of the ORM: reads are filtered, writes refused, and without a tenant nothing goes."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import delete, false, func, insert, select, union_all, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, aliased

from maturity.assessments.models import Assessment
from maturity.clock import FixedClock
from maturity.db import EVERY_TENANT, KEPT, NoTenant, TenantMismatch, every_tenant, for_tenant
from maturity.organisations.models import Enterprise
from maturity.tenancy.models import Tenant
from tests.factories.enterprises import make_enterprise
from tests.factories.people import make_user


@pytest.fixture
def two(session: Session, clock: FixedClock) -> Iterator[tuple[Tenant, Tenant]]:
    """Two tenants with an enterprise each; afterwards the session stands at the wall again."""
    owner = make_user(session)
    tenants = make_enterprise(session, owner, clock, name="A"), make_enterprise(session, owner, clock, name="B")
    session.commit()
    for tenant in tenants:
        session.refresh(tenant)
    session.info[EVERY_TENANT] = False
    session.info["tenant_id"] = None
    session.expunge_all()
    yield tenants
    session.info[EVERY_TENANT] = True


QUERIES = {
    "columns": select(Enterprise.name),
    "an alias": select(aliased(Enterprise).name),
    "count": select(func.count()).select_from(Enterprise),
    "a join": select(Enterprise.name).join(Tenant),
    "a subquery": select(Tenant.name).where(Tenant.id.in_(select(Enterprise.tenant_id))),
    "exists": select(Tenant.name).where(select(Enterprise.id).where(Enterprise.tenant_id == Tenant.id).exists()),
    "a common table": select(select(Enterprise.name).cte().c.name),
    "a union": union_all(select(Enterprise.name), select(Enterprise.name).where(false())),
}


@pytest.mark.parametrize("query", QUERIES.values(), ids=list(QUERIES))
def test_reads_see_one_tenant(session: Session, two: Any, query: Any) -> None:
    with for_tenant(session, two[0].id):
        assert session.scalars(query).all() in (["A"], [1])


def test_a_statement_kept_for_all_tenants_shows_each_its_own_rows(session: Session, two: Any) -> None:
    kept = select(Enterprise.name).execution_options(**{KEPT: True})
    seen = []
    for tenant in (*two, *two):
        with for_tenant(session, tenant.id):
            seen += session.scalars(kept).all()
    assert seen == ["A", "B", "A", "B"]


def test_a_statement_kept_for_all_tenants_raises_without_one(session: Session, two: Any) -> None:
    with pytest.raises(NoTenant):
        session.scalars(select(Enterprise.name).execution_options(**{KEPT: True})).all()


@pytest.mark.parametrize("query", QUERIES.values(), ids=list(QUERIES))
def test_without_a_tenant_every_kind_of_query_raises(session: Session, two: Any, query: Any) -> None:
    with pytest.raises(NoTenant):
        session.scalars(query).all()


def test_a_query_past_the_orm_is_refused(session: Session, two: Any) -> None:
    with for_tenant(session, two[0].id), pytest.raises(NoTenant):
        session.execute(select(Enterprise.__table__.c.name))


def test_a_key_of_another_tenant_finds_nothing(session: Session, two: Any) -> None:
    with for_tenant(session, two[1].id):
        other = session.scalars(select(Enterprise.id)).one()
    with for_tenant(session, two[0].id):
        assert session.get(Enterprise, other) is None


@pytest.mark.parametrize("change", [update(Enterprise).values(name="X"), delete(Enterprise)])
def test_bulk_changes_touch_one_tenant(session: Session, two: Any, change: Any) -> None:
    with for_tenant(session, two[0].id):
        assert session.execute(change).rowcount == 1
    session.rollback()


def test_an_update_by_keys_which_cannot_be_filtered_is_refused(session: Session, two: Any) -> None:
    with for_tenant(session, two[1].id):
        other = session.scalars(select(Enterprise.id)).one()
    with for_tenant(session, two[0].id), pytest.raises(NoTenant):
        session.execute(update(Enterprise), [{"id": other, "name": "X"}])
    session.rollback()


GIVEN_AWAY = {
    "values": update(Enterprise).values(tenant_id=uuid.uuid4()),
    "ordered values": update(Enterprise).ordered_values((Enterprise.tenant_id, uuid.uuid4())),
}


@pytest.mark.parametrize("change", GIVEN_AWAY.values(), ids=list(GIVEN_AWAY))
def test_an_update_hands_no_row_over_to_another_tenant(session: Session, two: Any, change: Any) -> None:
    with for_tenant(session, two[0].id), pytest.raises(TenantMismatch):
        session.execute(change)
    with for_tenant(session, two[0].id), pytest.raises(TenantMismatch):
        session.execute(update(Enterprise), {"tenant_id": two[1].id})
    session.rollback()


INSERTS = {
    "another tenant's": (insert(Enterprise), True),
    "several at once": (insert(Enterprise), False),
    "values in the statement": (insert(Enterprise).values(name="X"), None),
    "from a query": (insert(Enterprise).from_select(["name"], select(Tenant.name)), None),
}


@pytest.mark.parametrize(("statement", "is_single"), INSERTS.values(), ids=list(INSERTS))
def test_an_insert_says_whose_its_rows_are(
    session: Session, two: Any, clock: FixedClock, statement: Any, is_single: bool | None
) -> None:
    own, other = ({"tenant_id": tenant.id, "name": "X", "created_at": clock.now()} for tenant in two)
    given: Any = None if is_single is None else other if is_single else [own, other]
    with for_tenant(session, two[0].id), pytest.raises(TenantMismatch):
        session.execute(statement, given)
    session.rollback()


def test_a_row_for_another_tenant_is_refused(session: Session, two: Any, clock: FixedClock) -> None:
    session.add(Enterprise(tenant_id=two[1].id, name="X", created_at=clock.now()))
    with for_tenant(session, two[0].id), pytest.raises(TenantMismatch):
        session.flush()
    session.rollback()


def test_the_database_refuses_a_reference_across_tenants(session: Session, two: Any, clock: FixedClock) -> None:
    with every_tenant(session):
        other = session.scalars(select(Enterprise.id).where(Enterprise.tenant_id == two[1].id)).one()
        edition = session.scalars(select(func.min(Assessment.edition_sha256))).one() or _an_edition(session)
        session.add(
            Assessment(
                tenant_id=two[0].id,
                enterprise_id=other,
                edition_sha256=edition,
                period=2025,
                profile={},
                status="draft",
                started_at=clock.now(),
            )
        )
        with pytest.raises(IntegrityError):
            session.flush()
        session.rollback()


def _an_edition(session: Session) -> str:
    from maturity.editions.models import EditionRecord

    return session.scalars(select(EditionRecord.sha256)).first() or uuid.uuid4().hex
