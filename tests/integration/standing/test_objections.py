"""Objections as use cases: what the walls and the tables hold."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from maturity.benchmarks.cells import CellKey
from maturity.benchmarks.models import AggregateRead, BenchmarkRelease
from maturity.clock import FixedClock
from maturity.db import for_tenant
from maturity.errors import Conflict, Invalid, NotFound
from maturity.releases.models import InclusionReceipt
from maturity.standing.desk import answer_objection, link_correction
from maturity.standing.ledger import ledger_for
from maturity.standing.models import Objection
from maturity.standing.objections import (
    RAISED_WITHIN,
    Raised,
    objections_of,
    raise_objection,
    withdraw_objection,
    working_days_after,
    working_days_before,
)
from maturity.tenancy.models import Tenant
from tests.factories.enterprises import make_enterprise
from tests.factories.people import make_user
from tests.factories.releases import make_population, publish_population

DAYS = st.dates(date(2020, 1, 1), date(2100, 1, 1))


@given(DAYS, st.integers(1, 40))
def test_a_deadline_is_a_working_day_with_so_many_of_them_before_it(day: date, count: int) -> None:
    due = working_days_after(day, count)
    between = [day + timedelta(days=n) for n in range(1, (due - day).days + 1)]
    assert due.weekday() < 5
    assert sum(one.weekday() < 5 for one in between) == count
    assert working_days_before(due, count) <= due - timedelta(days=count)


class World:
    """An enterprise, a published release and somebody who objects."""

    def __init__(self, session: Session, clock: FixedClock) -> None:
        user = make_user(session)
        self.user_id = user.id
        self.tenant_id = make_enterprise(session, user, clock).id
        population = make_population([(CellKey("34", "370000", "medium"), 60)])
        self.release_id = publish_population(session, clock, population, is_synthetic=False).id
        session.commit()

    def raised(self, **changes: str) -> Raised:
        return Raised(
            self.release_id, changes.get("about", "placement"), changes.get("text", "归错了行业，应为通用设备。")
        )


@pytest.fixture
def world(session: Session, clock: FixedClock) -> Iterator[World]:
    yield World(session, clock)
    session.rollback()


def _raise(session: Session, world: World, clock: FixedClock) -> uuid.UUID:
    with for_tenant(session, world.tenant_id):
        return raise_objection(session, world.tenant_id, world.raised(), actor_id=world.user_id, clock=clock).id


def test_an_old_release_is_not_objected_to_any_more(session: Session, world: World, clock: FixedClock) -> None:
    clock.at += RAISED_WITHIN + timedelta(seconds=1)
    with pytest.raises(Invalid, match="objection_release"):
        _raise(session, world, clock)


def test_a_release_that_is_not_published_is_not_objected_to(session: Session, world: World, clock: FixedClock) -> None:
    computing = BenchmarkRelease(
        framework="lianghua", period=2024, state="computing", is_synthetic=False, population=0, cut_off_at=clock.now(),
        rules_version="2026.1", created_at=clock.now(),
    )  # fmt: skip
    session.add(computing)
    session.flush()
    world.release_id = computing.id
    with pytest.raises(Invalid, match="objection_release"):
        _raise(session, world, clock)


def test_an_enterprise_sees_its_own_objections_alone(session: Session, world: World, clock: FixedClock) -> None:
    number = _raise(session, world, clock)
    other = make_enterprise(session, make_user(session), clock).id
    session.commit()
    with for_tenant(session, other):
        assert objections_of(session) == []
        with pytest.raises(NotFound):
            withdraw_objection(session, number, actor_id=world.user_id, clock=clock)
    with for_tenant(session, world.tenant_id):
        assert [one.id for one in objections_of(session)] == [number]


def test_only_a_correction_of_the_release_can_be_named(session: Session, world: World, clock: FixedClock) -> None:
    number = _raise(session, world, clock)
    session.commit()
    answer_objection(session, number, "founded", "行业登记有误，更正。", actor_id=world.user_id, clock=clock)
    with pytest.raises(Invalid, match="objection_correction"):
        link_correction(session, number, world.release_id, actor_id=world.user_id, clock=clock)


def test_what_was_not_founded_is_not_corrected(session: Session, world: World, clock: FixedClock) -> None:
    number = _raise(session, world, clock)
    session.commit()
    answer_objection(session, number, "unfounded", "与冻结数据一致。", actor_id=world.user_id, clock=clock)
    population = make_population([(CellKey("34", "370000", "medium"), 61)])
    replaced = session.get_one(BenchmarkRelease, world.release_id)
    correction = publish_population(session, clock, population, is_synthetic=False, replaces=replaced).id
    with pytest.raises(Conflict, match="objection_not_founded"):
        link_correction(session, number, correction, actor_id=world.user_id, clock=clock)


@pytest.mark.parametrize(
    "changes",
    [
        {"state": "answered"},
        {"state": "withdrawn"},
        {"state": "settled"},
        {"about": "price"},
        {"state": "answered", "answered_at": datetime(2026, 11, 24, tzinfo=UTC)},
    ],
)
def test_the_table_refuses_what_cannot_be(
    session: Session, world: World, clock: FixedClock, changes: dict[str, object]
) -> None:
    number = _raise(session, world, clock)
    session.commit()
    with pytest.raises(IntegrityError):
        session.execute(sa.update(Objection).where(Objection.id == number).values(**changes))
    session.rollback()


def test_the_ledger_is_that_of_the_releases_that_counted_the_enterprise(
    session: Session, world: World, clock: FixedClock
) -> None:
    authority = Tenant(id=uuid.uuid4(), kind="regulator", name="工信厅", created_at=clock.now())
    session.add(authority)
    session.flush()
    reader = authority.id
    asked = {"industry": None, "region": [""], "size": None}
    read = {
        "reader_id": reader,
        "reader_name": "工信厅",
        "purpose": "年度报告",
        "asked": asked,
        "cells": 1,
        "at": clock.now(),
    }
    session.add(AggregateRead(release_id=world.release_id, **read))
    session.commit()
    with for_tenant(session, world.tenant_id):
        assert ledger_for(session).reads == ()
        document = {"document": "{}", "issued_at": clock.now()}
        session.add(InclusionReceipt(tenant_id=world.tenant_id, release_id=world.release_id, **document))
        session.flush()
        assert [one.purpose for one in ledger_for(session).reads] == ["年度报告"]
        assert ledger_for(session, reader=str(uuid.uuid4())).reads == ()


def test_the_wall_of_the_database_hides_the_reads_of_other_releases(
    session: Session, world: World, clock: FixedClock
) -> None:
    """Even a query that forgets to ask for the own releases finds nothing on PostgreSQL."""
    if session.get_bind().dialect.name != "postgresql":
        pytest.skip("SQLite has no row-level security")
    authority = Tenant(id=uuid.uuid4(), kind="regulator", name="工信厅", created_at=clock.now())
    session.add(authority)
    session.flush()
    asked = {"industry": None, "region": None, "size": None}
    read = {
        "reader_id": authority.id,
        "reader_name": "工信厅",
        "purpose": "看板",
        "asked": asked,
        "cells": 1,
        "at": clock.now(),
    }
    session.add(AggregateRead(release_id=world.release_id, **read))
    session.flush()
    with for_tenant(session, world.tenant_id):
        assert list(session.scalars(select(AggregateRead))) == []
        with pytest.raises(DBAPIError), session.begin_nested():
            session.execute(sa.text("update aggregate_reads set cells = 5"))
