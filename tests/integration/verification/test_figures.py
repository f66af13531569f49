"""Figures of certification bodies: counted every night by the worker, written only where they rest on enough."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from maturity.certification.models import CaseItem, CertificationCase
from maturity.clock import FixedClock
from maturity.db import for_tenant
from maturity.jobs.models import Job
from maturity.jobs.routes import HANDLERS
from maturity.jobs.worker import run_one
from maturity.tenancy.models import Tenant
from maturity.tenancy.service import PLATFORM
from maturity.verification.figures import count_figures
from maturity.verification.jobs import plan_figures
from maturity.verification.models import BodyFigures
from tests.factories.enterprises import make_enterprise
from tests.factories.people import make_user
from tests.factories.verification import make_body, make_certificate

pytestmark = pytest.mark.database


def decide(
    session: Session,
    body: Tenant,
    clock: FixedClock,
    *,
    state: str = "certified",
    days: int = 40,
    verdicts: str = "cccx",
) -> None:
    """A case of an enterprise of its own: `verdicts` has a sign for every answer looked at, c where it stood."""
    client = make_enterprise(session, make_user(session), clock, uscc=uuid.uuid4().hex[:18].upper())
    reviewer, decider = make_user(session), make_user(session)
    now = clock.now()
    case = CertificationCase(
        id=uuid.uuid4(),
        client_id=client.id,
        body_id=body.id,
        submission_sha256="0" * 64,
        framework="lianghua",
        edition="2026.1",
        period=2025,
        client_name=client.name,
        uscc="X",
        industry="342",
        region="370200",
        body_name=body.name,
        scope="X",
        level_claimed=3,
        state=state,
        state_since=now,
        applied_at=now - timedelta(days=days),
        reviewed_sha256="1" * 64,
        recommended_by=reviewer.id,
        recommended_at=now,
        decided_by=decider.id,
        decided_at=now,
        closed_at=now,
    )
    session.add(case)
    session.flush()
    sides = {"case_id": case.id, "client_id": client.id, "body_id": body.id}
    said: dict[str, Any] = {"reason": "random", "weight": 1, "note": "seen", "judged_at": now} | sides
    for position, sign in enumerate(verdicts):
        verdict = "confirmed" if sign == "c" else "corrected"
        session.add(CaseItem(question_id=f"q{position}", verdict=verdict, **said))
    session.flush()


def counted(session: Session, body: Tenant, clock: FixedClock) -> BodyFigures:
    count_figures(session, clock)
    session.commit()
    return session.get_one(BodyFigures, body.id)


def test_what_rests_on_too_few_cases_is_not_even_stored(session: Session, clock: FixedClock) -> None:
    body = make_body(session, clock)
    for _ in range(4):
        decide(session, body, clock, verdicts="x" * 10)
    found = counted(session, body, clock)
    assert [found.cases_decided, found.corrected_share, found.refused_share, found.median_days] == [None] * 4
    assert [found.certificates_valid, found.certificates_suspended, found.certificates_withdrawn] == [None] * 3


def test_figures_of_enough_cases(session: Session, clock: FixedClock) -> None:
    body, other = make_body(session, clock), make_body(session, clock, "别家机构")
    for days in (31, 38, 42, 44, 91):
        decide(session, body, clock, days=days)
    decide(session, body, clock, state="refused", days=42)
    decide(session, other, clock)
    found = counted(session, body, clock)
    assert found.cases_decided == 6
    assert found.corrected_share == 25
    assert found.refused_share == 15  # one of six, to the nearest five percent
    assert found.median_days == 40
    assert session.get_one(BodyFigures, other.id).cases_decided is None


def test_certificates_as_they_stand_today(session: Session, clock: FixedClock) -> None:
    body = make_body(session, clock)
    for _ in range(5):
        make_certificate(session, clock, body=body)
        make_certificate(session, clock, body=body, status="withdrawn")
    make_certificate(session, clock, body=body, valid_until=clock.today() - timedelta(days=1))
    make_certificate(session, clock, body=body, status="issuing", pdf_sha256=None)
    found = counted(session, body, clock)
    counts = found.certificates_valid, found.certificates_suspended, found.certificates_withdrawn
    assert counts == (5, None, 5)


def test_counting_again_replaces_what_was_counted(session: Session, clock: FixedClock) -> None:
    body = make_body(session, clock)
    for _ in range(5):
        decide(session, body, clock)
    counted(session, body, clock)
    for _ in range(2):
        decide(session, body, clock)
    assert counted(session, body, clock).cases_decided == 7


def test_one_job_a_night_however_often_it_is_planned_and_each_plans_the_next(
    app: Any, session: Session, clock: FixedClock
) -> None:
    body_id = make_body(session, clock).id
    for _ in range(3):
        plan_figures(session, clock)
    session.commit()
    first = of_night(session)
    assert len(first) == 1
    clock.at += timedelta(days=1)
    run_one(app, first[0], HANDLERS)
    session.rollback()
    assert session.get_one(BodyFigures, body_id).computed_at == clock.now()
    session.commit()
    assert len(of_night(session)) == 2


def of_night(session: Session) -> list[uuid.UUID]:
    with for_tenant(session, PLATFORM):
        found = list(session.scalars(select(Job.id).where(Job.kind == "body_figures").order_by(Job.due_at)))
    session.commit()
    return found
