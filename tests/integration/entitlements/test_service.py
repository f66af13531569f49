"""What a tenant may use, asked in one place, on both databases."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from maturity.clock import FixedClock
from maturity.db import for_tenant
from maturity.entitlements.models import PlanTerm
from maturity.entitlements.service import (
    Given,
    PlanRequired,
    end_term,
    entitlements_of,
    opens,
    require,
    require_room,
    rows_of,
    set_term,
)
from maturity.plans.model import Feature
from maturity.tenancy.models import Tenant
from tests.factories.billing import on_plan
from tests.factories.enterprises import make_enterprise
from tests.factories.people import make_user

pytestmark = pytest.mark.database


@pytest.fixture
def tenant(session: Session, clock: FixedClock) -> Tenant:
    """A free enterprise."""
    return make_enterprise(session, make_user(session), clock)


def given(clock: FixedClock, days: int | None = 30) -> Given:
    ends_at = None if days is None else clock.now() + timedelta(days=days)
    return Given("pro", "2026.1", 1, clock.now(), ends_at)


def test_a_feature_is_refused_with_its_name(session: Session, tenant: Tenant, clock: FixedClock) -> None:
    with pytest.raises(PlanRequired) as raised:
        require(session, tenant, Feature.CROSSWALK, clock)
    assert (raised.value.status, raised.value.code, raised.value.subject) == (402, "plan_required", "crosswalk")


def test_a_plan_opens_it_and_its_end_closes_it(session: Session, tenant: Tenant, clock: FixedClock) -> None:
    on_plan(session, tenant, "pro", clock, days=30)
    require(session, tenant, Feature.CROSSWALK, clock)
    clock.at += timedelta(days=30)
    assert not opens(session, tenant, Feature.CROSSWALK, clock)


def test_what_began_while_it_was_open_stays_open(session: Session, tenant: Tenant, clock: FixedClock) -> None:
    on_plan(session, tenant, "pro", clock, days=30)
    began = clock.now() + timedelta(days=10)
    clock.at += timedelta(days=90)
    assert opens(session, tenant, Feature.CROSSWALK, clock, since=began)
    assert not opens(session, tenant, Feature.CROSSWALK, clock, since=clock.now())


def test_a_limit_is_refused_with_what_is_in_use(session: Session, tenant: Tenant, clock: FixedClock) -> None:
    require_room(session, tenant, "history_periods", 1, clock)
    with pytest.raises(PlanRequired) as raised:
        require_room(session, tenant, "history_periods", 2, clock)
    usage = raised.value.usage
    assert usage is not None
    assert (raised.value.subject, usage.used, usage.limit) == ("limit:history_periods", 2, 2)


def test_a_synthetic_tenant_is_shown_with_everything(session: Session, tenant: Tenant, clock: FixedClock) -> None:
    tenant.is_synthetic = True
    found = entitlements_of(session, tenant, clock)
    assert found.features == frozenset(Feature)
    assert found.limit("history_periods") is None


def test_saying_a_term_twice_is_saying_it_once(session: Session, tenant: Tenant, clock: FixedClock) -> None:
    term = given(clock)
    first = set_term(session, tenant.id, "order", "1", term, clock, note="first")
    changed_at = first.changed_at
    clock.at += timedelta(hours=1)
    assert set_term(session, tenant.id, "order", "1", term, clock) is first
    assert first.changed_at == changed_at
    set_term(session, tenant.id, "order", "1", given(clock, 60), clock)
    assert (len(rows_of(session, tenant.id)), first.note) == (1, "first")
    assert first.changed_at == clock.now()


def test_ending_a_term_keeps_it_and_never_makes_it_longer(session: Session, tenant: Tenant, clock: FixedClock) -> None:
    row = set_term(session, tenant.id, "order", "1", given(clock), clock)
    end = clock.now() + timedelta(days=3)
    end_term(session, tenant.id, "order", "1", end, clock)
    end_term(session, tenant.id, "order", "1", end + timedelta(days=50), clock)
    assert row.ends_at == end
    end_term(session, tenant.id, "order", "1", row.starts_at - timedelta(days=9), clock)
    assert row.ends_at == row.starts_at, "not before it began"
    assert end_term(session, tenant.id, "order", "2", end, clock) is None


@pytest.mark.parametrize(
    "values",
    [{"source": "gift"}, {"seats": 0}, {"ends_at": -1}],
    ids=["unknown source", "no seat", "end before beginning"],
)
def test_the_database_refuses_a_term_that_cannot_be(
    session: Session, tenant: Tenant, clock: FixedClock, values: dict[str, object]
) -> None:
    now = clock.now()
    values = values | ({"ends_at": now - timedelta(days=1)} if "ends_at" in values else {})
    usual = {"plan": "pro", "version": "2026.1", "source": "order", "source_id": "1", "starts_at": now}
    with pytest.raises(IntegrityError), session.begin_nested():
        session.add(PlanTerm(tenant_id=tenant.id, changed_at=now, **usual | values))


def test_a_source_gives_one_term_whoever_it_is_for(session: Session, tenant: Tenant, clock: FixedClock) -> None:
    other = make_enterprise(session, make_user(session), clock)
    set_term(session, tenant.id, "order", "1", given(clock), clock)
    with pytest.raises(IntegrityError), session.begin_nested(), for_tenant(session, other.id):
        set_term(session, other.id, "order", "1", given(clock), clock)


def test_nobody_sees_the_terms_of_another(session: Session, tenant: Tenant, clock: FixedClock) -> None:
    other = make_enterprise(session, make_user(session), clock)
    on_plan(session, other, "pro", clock)
    with for_tenant(session, tenant.id):
        assert list(rows_of(session, other.id)) == []
        assert list(session.scalars(select(PlanTerm))) == []
