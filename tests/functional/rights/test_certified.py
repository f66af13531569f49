"""An enterprise that was certified has everything deleted: certificates outlive it, cases lose what was answered."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from maturity.assessments.models import Assessment
from maturity.certificates.models import Certificate
from maturity.certification.cases import steps_of
from maturity.certification.complaints import complain
from maturity.certification.models import CaseItem, CaseStep, CertificationCase, Complaint, Finding, Surveillance
from maturity.certification.surveillance import plan_surveillance
from maturity.clock import FixedClock
from maturity.db import for_tenant
from maturity.messages.models import Message
from maturity.rights.erasure import GONE, erase_tenant
from maturity.rights.inventory import own_rows
from maturity.rights.models import TenantDeletion
from tests.factories.certification import Made, make_case, make_certificate, write_finding

pytestmark = pytest.mark.database


@pytest.fixture
def erase(app: Any, session: Session, clock: FixedClock) -> Any:
    def erased(tenant_id: uuid.UUID, asked_by: int | None) -> None:
        deletion = TenantDeletion(
            id=uuid.uuid4(),
            tenant_id=tenant_id,
            asked_by=asked_by,
            asked_at=clock.now(),
            due_on=clock.today(),
            site="https://x.example",
        )
        session.add(deletion)
        session.commit()
        clock.at += timedelta(days=31)
        with app.test_request_context():
            assert erase_tenant(session, deletion.id, app.config["DATA_DIR"], clock) is not None
        session.commit()

    return erased


def case_of(session: Session, made: Made) -> CertificationCase:
    return session.get_one(CertificationCase, made.case_id)


def test_a_running_case_is_taken_back_and_says_nothing_more_of_the_enterprise(
    session: Session, clock: FixedClock, erase: Any
) -> None:
    made = make_case(session, clock, "correcting")
    with for_tenant(session, made.client_id):
        complain(session, made.case(session), "complaint", "Nobody answers.", made.owner, clock)
    erase(made.client_id, made.owner.user_id)
    case = case_of(session, made)
    assert (case.state, case.client_name, case.uscc, case.scope) == ("withdrawn", GONE, "", "")
    assert (case.assessment_id, case.submission_id, case.reviewed_document) == (None, None, None)
    for table in (CaseItem, Finding, Complaint, Assessment):
        assert session.scalars(select(table)).all() == []
    assert [step.event for step in steps_of(session, case)][-1] == "withdraw"
    letters = session.scalars(select(Message.subject)).all()
    assert any("Take the application back" in subject for subject in letters)


def test_a_certificate_outlives_its_holder(session: Session, clock: FixedClock, erase: Any) -> None:
    made = make_case(session, clock, "refused")
    certificate = make_certificate(session, made.client_id, made.body_id, clock, case_id=made.case_id)
    plan_surveillance(session, certificate)
    number, holder = certificate.number, certificate.holder
    erase(made.client_id, made.owner.user_id)
    kept = session.scalars(select(Certificate)).one()
    assert (kept.number, kept.holder, kept.status) == (number, holder, "valid")
    assert len(session.scalars(select(Surveillance)).all()) == 2
    assert case_of(session, made).client_name == holder
    assert session.scalars(select(CaseStep)).all() != []


def test_a_body_that_is_deleted_leaves_the_enterprise_its_records(
    session: Session, clock: FixedClock, erase: Any
) -> None:
    made = make_case(session, clock, "correcting")
    erase(made.body_id, made.manager.user_id)
    assert session.scalars(select(Finding)).all() != []
    assert case_of(session, made).body_name == "齐鲁认证中心"


def test_what_is_exported_holds_no_draft_of_the_reviewers(session: Session, clock: FixedClock) -> None:
    made = make_case(session, clock, "correcting")
    draft = write_finding(session, made, clock)
    table: Any = Finding.__table__
    mine = session.execute(select(table.c.id).where(own_rows(table, made.client_id))).scalars().all()
    assert len(mine) == 1
    assert draft not in mine
