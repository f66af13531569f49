"""Row-level security: what each kind of tenant, and nobody at all, sees and may write of releases, past the ORM."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from maturity.campaigns.models import Regulator
from maturity.clock import FixedClock
from maturity.db import EVERY_TENANT, act_for
from maturity.tenancy.models import Tenant
from maturity.tenancy.service import PLATFORM
from tests.integration.releases.conftest import Desk

TABLES = ("benchmark_releases", "benchmark_cells", "withheld_cells", "release_reviews", "aggregate_reads")


@pytest.fixture(autouse=True)
def _needs_postgresql(session: Session) -> None:
    if session.get_bind().dialect.name != "postgresql":
        pytest.skip("row-level security is PostgreSQL's")


def make_regulator(session: Session, clock: FixedClock, *, releases: bool) -> uuid.UUID:
    tenant = Tenant(id=uuid.uuid4(), kind="regulator", name="厅", created_at=clock.now())
    session.add(tenant)
    session.flush()
    session.add(Regulator(tenant_id=tenant.id, region="370000", releases=releases, changed_at=clock.now()))
    session.commit()
    return tenant.id


def stand(session: Session, tenant_id: uuid.UUID | None) -> None:
    session.rollback()
    session.info[EVERY_TENANT] = False
    act_for(session, tenant_id)


def counts(session: Session, tenant_id: uuid.UUID | None) -> dict[str, int]:
    """How many rows raw SQL sees of each table."""
    stand(session, tenant_id)
    connection = session.connection()
    return {
        name: connection.execute(text(f"select count(*) from {name}")).scalar_one() for name in TABLES
    }  # our own names


def test_what_is_in_review_is_seen_by_those_entrusted_alone(
    desk: Desk, contributors: list[uuid.UUID], session: Session, clock: FixedClock
) -> None:
    number = desk.computed()
    desk.sign(number, desk.first)
    entrusted, other = (make_regulator(session, clock, releases=releases) for releases in (True, False))
    for tenant_id in (PLATFORM, entrusted):
        found = counts(session, tenant_id)
        assert all(found[name] for name in TABLES[:4]), found
    for tenant_id in (other, contributors[0], None):
        assert not any(counts(session, tenant_id).values()), tenant_id


def test_what_is_published_is_seen_by_everybody_and_why_cells_are_withheld_by_nobody_else(
    desk: Desk, contributors: list[uuid.UUID], session: Session, clock: FixedClock
) -> None:
    desk.published()
    other = make_regulator(session, clock, releases=False)
    for tenant_id in (other, contributors[0], None):
        found = counts(session, tenant_id)
        assert found["benchmark_releases"] == 1
        assert found["benchmark_cells"] > 20
        assert not found["withheld_cells"]
        assert not found["release_reviews"]


READ = (
    "insert into aggregate_reads (id, release_id, reader_id, reader_name, purpose, asked, cells, at) "
    "values (:id, :release, :reader, 'x', 'dashboard', '{}', 1, now())"
)


def test_a_regulator_writes_its_own_reads_and_those_counted_see_them(
    desk: Desk, contributors: list[uuid.UUID], session: Session, clock: FixedClock
) -> None:
    number = desk.published()
    reader, other = (make_regulator(session, clock, releases=False) for _ in range(2))
    stand(session, reader)
    given: dict[str, Any] = {"id": uuid.uuid4(), "release": number, "reader": reader}
    session.connection().execute(text(READ), given)
    session.commit()
    with pytest.raises(DBAPIError, match="row-level security"):
        session.connection().execute(text(READ), given | {"id": uuid.uuid4(), "reader": other})
    for tenant_id, seen in ((reader, 1), (other, 0), (contributors[0], 1), (PLATFORM, 1), (None, 0)):
        assert counts(session, tenant_id)["aggregate_reads"] == seen, tenant_id


def test_a_tenant_that_is_not_entrusted_makes_no_release_and_no_review(
    desk: Desk, contributors: list[uuid.UUID], session: Session, clock: FixedClock
) -> None:
    number = desk.computed()
    other = make_regulator(session, clock, releases=False)
    statements = (
        "update benchmark_releases set state = 'published', published_at = now() where id = :number",
        (
            "insert into release_reviews (id, release_id, user_id, body_id, body, decision, reason, sha256, at) "
            "values (gen_random_uuid(), :number, :user, :tenant, 'x', 'signed', '', 'x', now())"
        ),
    )
    for tenant_id in (other, contributors[0]):
        stand(session, tenant_id)
        given = {"number": number, "user": desk.first, "tenant": tenant_id}
        assert session.connection().execute(text(statements[0]), given).rowcount == 0
        with pytest.raises(DBAPIError, match="row-level security"):
            session.connection().execute(text(statements[1]), given)
    assert desk_release_state(session, number) == "review"


def desk_release_state(session: Session, number: int) -> str:
    session.rollback()
    session.info[EVERY_TENANT] = True
    act_for(session, None)
    query = text("select state from benchmark_releases where id = :number")
    found: str = session.connection().execute(query, {"number": number}).scalar_one()
    return found


def test_a_receipt_is_seen_by_its_enterprise_alone(
    desk: Desk, contributors: list[uuid.UUID], session: Session, clock: FixedClock
) -> None:
    desk.published()
    for tenant_id, seen in ((contributors[0], 1), (PLATFORM, 0)):
        stand(session, tenant_id)
        query = text("select count(*) from inclusion_receipts")
        assert session.connection().execute(query).scalar_one() == seen
