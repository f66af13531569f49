"""The audit log: a closed vocabulary, written with what it records or not at all."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from maturity.accounts.models import User
from maturity.assessments.service import revise_assessment, start_assessment
from maturity.assessments.submission import Declaration, submit_assessment
from maturity.audit.models import AuditEvent, UnsealedEvent
from maturity.audit.service import record
from maturity.audit.vocabulary import UnknownEvent
from maturity.clock import FixedClock
from maturity.db import TenantMismatch, for_tenant
from maturity.organisations.models import Enterprise
from maturity.organisations.service import change_enterprise, profile_of
from maturity.tenancy.models import Tenant
from tests.factories.assessments import PERIOD, answer_all
from tests.factories.enterprises import VALUES, make_enterprise
from tests.factories.people import make_user


def events(session: Session) -> list[tuple[str, int | None, dict[str, Any]]]:
    query = select(AuditEvent).join(UnsealedEvent, UnsealedEvent.event_id == AuditEvent.id).order_by(UnsealedEvent.id)
    rows = session.scalars(query)
    return [(row.event, row.actor_id, row.details) for row in rows]


def start(session: Session, tenant: Tenant, actor: User, clock: FixedClock) -> Any:
    enterprise = session.scalars(select(Enterprise).where(Enterprise.tenant_id == tenant.id)).one()
    who: dict[str, Any] = {"actor_id": actor.id, "clock": clock}
    return start_assessment(session, enterprise.id, tenant.id, profile_of(enterprise), PERIOD, **who)


def test_the_way_of_an_assessment_can_be_read_from_the_log(
    session: Session, tenant: Tenant, actor: User, clock: FixedClock
) -> None:
    who: dict[str, Any] = {"actor_id": actor.id, "clock": clock}
    assessment = start(session, tenant, actor, clock)
    answer_all(session, assessment, clock)
    submit_assessment(session, assessment, {"name": "A"}, Declaration("A", "B", queries_confirmed=True), **who)
    correction = revise_assessment(session, assessment, assessment.profile, **who)
    session.flush()
    assert events(session)[1:] == [
        ("assessment.started", actor.id, {"assessment_id": str(assessment.id), "period": PERIOD}),
        ("assessment.submitted", actor.id, {"assessment_id": str(assessment.id), "period": PERIOD}),
        (
            "assessment.revised",
            actor.id,
            {"assessment_id": str(correction.id), "previous_id": str(assessment.id), "period": PERIOD},
        ),
    ]


def test_registering_and_changing_an_enterprise_is_recorded(
    session: Session, tenant: Tenant, actor: User, clock: FixedClock
) -> None:
    enterprise = session.scalars(select(Enterprise)).one()
    clock.at += timedelta(hours=1)
    change_enterprise(session, enterprise, VALUES, actor_id=actor.id, clock=clock)
    details = {"enterprise_id": str(enterprise.id)}
    assert events(session) == [
        ("enterprise.registered", actor.id, details),
        ("enterprise.changed", actor.id, details),
    ]


def test_what_is_rolled_back_was_not_recorded(session: Session, tenant: Tenant, actor: User, clock: FixedClock) -> None:
    start(session, tenant, actor, clock)
    session.flush()
    assert [event for event, *_ in events(session)] == ["enterprise.registered", "assessment.started"]
    session.rollback()
    assert [event for event, *_ in events(session)] == ["enterprise.registered"]


@pytest.mark.parametrize(
    ("event", "details"),
    [
        ("assessment.deleted", {"assessment_id": "1"}),
        ("assessment.started", {}),
        ("assessment.started", {"assessment_id": "1", "period": 2025, "password": "x"}),
        ("account.password_changed", {}),
    ],
)
def test_what_is_not_in_the_vocabulary_of_tenants_is_refused(
    session: Session, tenant: Tenant, clock: FixedClock, event: str, details: dict[str, Any]
) -> None:
    with pytest.raises(UnknownEvent):
        record(session, clock, event, None, tenant.id, **details)
    assert len(events(session)) == 1


def test_an_event_cannot_be_written_into_another_enterprises_log(
    session: Session, tenant: Tenant, clock: FixedClock
) -> None:
    other = make_enterprise(session, make_user(session), clock)
    session.commit()
    session.info["every_tenant"] = False
    with for_tenant(session, other.id):
        record(session, clock, "assessment.started", None, tenant.id, assessment_id="1", period=2025)
        with pytest.raises(TenantMismatch):
            session.flush()
    session.info["every_tenant"] = True
    session.rollback()


def test_each_enterprise_reads_its_own_log_only(session: Session, tenant: Tenant, clock: FixedClock) -> None:
    other = make_enterprise(session, make_user(session), clock)
    session.commit()
    session.info["every_tenant"] = False
    with for_tenant(session, other.id):
        assert {row.tenant_id for row in session.scalars(select(AuditEvent))} == {other.id}
    session.info["every_tenant"] = True
