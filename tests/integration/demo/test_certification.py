"""The certification body of the demonstration: a case at every step, taken as people take them."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from maturity.certificates.issuing import ISSUE
from maturity.certificates.models import Certificate, CertificateEvent
from maturity.certification.models import CaseItem, CaseStep, CertificationBody, CertificationCase, Finding
from maturity.clock import FixedClock
from maturity.db import every_tenant
from maturity.demo.certification import CASES, STANDINGS, STANDINGS_JOB, stand_apart
from maturity.demo.jobs import set_standings
from maturity.extensions import db
from maturity.jobs.models import Job
from maturity.tenancy.models import Membership
from tests.factories.certification import make_body, make_certificate
from tests.factories.enterprises import make_enterprise
from tests.factories.people import make_user

pytestmark = pytest.mark.database


@pytest.fixture
def inside(seeded: Any) -> Iterator[Session]:
    """A session of the site with the demonstration."""
    with seeded.app_context():
        session = db.session()
        with every_tenant(session):
            yield session
        session.rollback()
        db.session.remove()


def test_there_is_a_case_at_every_step(inside: Session) -> None:
    states = Counter(inside.scalars(select(CertificationCase.state)))
    assert states == Counter(state for state, _days in CASES)


def test_no_step_was_taken_by_the_same_person_who_reviewed_and_decided(inside: Session) -> None:
    decided = list(inside.scalars(select(CertificationCase).where(CertificationCase.state == "certified")))
    assert len(decided) == 4
    assert all(None is not case.recommended_by != case.decided_by is not None for case in decided)
    assert all(case.reviewed_sha256 and case.weight_reviewed for case in decided)


def test_steps_are_dated_in_their_order_and_none_is_to_come(inside: Session) -> None:
    for case_id in inside.scalars(select(CertificationCase.id)):
        steps = inside.scalars(select(CaseStep.at).where(CaseStep.case_id == case_id).order_by(CaseStep.position))
        times = list(steps)
        assert times == sorted(times)


def test_one_is_half_reviewed_and_one_has_a_finding_to_answer(inside: Session) -> None:
    reviewing = inside.scalars(select(CertificationCase.id).where(CertificationCase.state == "reviewing")).one()
    verdicts = list(inside.scalars(select(CaseItem.verdict).where(CaseItem.case_id == reviewing)))
    assert 0 < verdicts.count(None) < len(verdicts)
    correcting = inside.scalars(select(CertificationCase.id).where(CertificationCase.state == "correcting")).one()
    assert inside.scalars(select(Finding.state).where(Finding.case_id == correcting)).all() == ["open"]


def test_the_body_is_recognised_and_of_the_demonstration(inside: Session) -> None:
    body = inside.scalars(select(CertificationBody)).one()
    assert body.is_synthetic
    assert body.status == "recognised"
    assert set(inside.scalars(select(Membership.role).where(Membership.tenant_id == body.tenant_id))) == {
        "owner",
        "reviewer",
    }


def test_certificates_are_made_by_the_worker_like_all_others(inside: Session) -> None:
    assert set(inside.scalars(select(Certificate.status))) == {"issuing"}
    kinds = Counter(inside.scalars(select(Job.kind).where(Job.kind.in_((ISSUE, STANDINGS_JOB)))))
    assert kinds == {ISSUE: 4, STANDINGS_JOB: 1}


# Once they are made


@pytest.fixture
def body_id(session: Session, clock: FixedClock) -> uuid.UUID:
    return make_body(session, clock)[0].id


def certificates(session: Session, body_id: uuid.UUID, clock: FixedClock, *statuses: str) -> list[Certificate]:
    clients = [make_enterprise(session, make_user(session), clock) for _ in statuses]
    for client in clients[1:]:  # the first one's people sign in; nobody belongs to the others
        for row in session.scalars(select(Membership).where(Membership.tenant_id == client.id)):
            session.delete(row)
    session.flush()
    return [
        make_certificate(session, client.id, body_id, clock, status=status, is_synthetic=True)
        for client, status in zip(clients, statuses, strict=True)
    ]


def test_one_is_suspended_and_another_withdrawn_with_their_entries_in_the_log(
    session: Session, body_id: uuid.UUID, clock: FixedClock
) -> None:
    found = certificates(session, body_id, clock, "valid", "valid", "valid", "valid")
    assert stand_apart(session, clock)
    session.flush()
    assert found[0].status == "valid"
    assert Counter(row.status for row in found) == {"valid": 2, "suspended": 1, "withdrawn": 1}
    events = select(CertificateEvent.kind).where(CertificateEvent.body_id == body_id)
    assert sorted(session.scalars(events)) == sorted(kind for kind, *_rest in STANDINGS)


def test_nothing_stands_apart_before_all_are_made(session: Session, body_id: uuid.UUID, clock: FixedClock) -> None:
    found = certificates(session, body_id, clock, "valid", "valid", "issuing")
    assert not stand_apart(session, clock)
    assert [row.status for row in found] == ["valid", "valid", "issuing"]


def test_while_they_are_being_made_it_is_looked_again_later(
    app: Any, session: Session, body_id: uuid.UUID, clock: FixedClock
) -> None:
    job = Job(tenant_id=body_id, kind=STANDINGS_JOB, key="1", payload={"attempt": 1}, state="running")
    session.commit()
    set_standings(app, job, lambda _done, _total: None)
    planned = session.scalars(select(Job).where(Job.kind == STANDINGS_JOB)).one()
    assert planned.payload == {"attempt": 2}
    assert planned.due_at is not None
    assert planned.due_at > clock.now()
