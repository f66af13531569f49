"""Applying: what stands in the way is told by name, and nothing is written then."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from maturity.accounts.models import User
from maturity.assessments.models import Assessment
from maturity.audit.models import AuditEvent
from maturity.certification.application import BodyConflicted, record_conflict, running_case
from maturity.certification.models import CaseStep, CertificationBody, CertificationCase, ReviewRefusal
from maturity.certification.reviewers import Interest, declare_interest
from maturity.clock import FixedClock
from maturity.db import for_tenant
from maturity.errors import MaturityError
from maturity.messages.models import Message
from maturity.tenancy.models import Tenant
from tests.factories.certification import (
    apply,
    make_applicant,
    make_body,
    make_certificate,
    of_enterprise,
)
from tests.factories.enterprises import USCC, add_member
from tests.factories.people import make_user

pytestmark = pytest.mark.database


@dataclass(slots=True)
class Applying:
    """Everything that an application needs, and the call that makes it."""

    session: Session
    clock: FixedClock
    client: Tenant
    owner: User
    submission_id: uuid.UUID
    body: Tenant
    manager: User

    def __call__(self, **changes: Any) -> CertificationCase:
        body_id = changes.pop("body_id", self.body.id)
        return apply(self.session, self.client, self.owner, self.submission_id, body_id, self.clock, **changes)

    def refusal(self, **changes: Any) -> str:
        with pytest.raises(MaturityError) as caught:
            self(**changes)
        assert self.session.scalars(select(CertificationCase)).all() == []
        return caught.value.code

    def recognition(self, **values: Any) -> None:
        row = self.session.get_one(CertificationBody, self.body.id)
        for name, value in values.items():
            setattr(row, name, value)
        self.session.flush()


@pytest.fixture
def applying(session: Session, clock: FixedClock) -> Applying:
    client, owner, submission_id = make_applicant(session, clock)
    body, manager = make_body(session, clock)
    return Applying(session, clock, client, owner, submission_id, body, manager)


def test_a_case_begins_with_the_application_and_waits_for_the_body(applying: Applying, session: Session) -> None:
    case = applying()
    assert (case.state, case.kind, case.level_claimed) == ("applied", "initial", case.level_claimed)
    assert case.due_on == applying.clock.today() + timedelta(days=15)
    step = session.scalars(select(CaseStep).where(CaseStep.case_id == case.id)).one()
    assert (step.event, step.from_state, step.to_state, step.side) == ("apply", "none", "applied", "enterprise")
    assert running_case(session, applying.client.id, "lianghua") is case


def test_both_sides_read_the_application_in_their_logs_and_the_body_gets_a_letter(
    applying: Applying, session: Session
) -> None:
    applying()
    events = session.scalars(select(AuditEvent).where(AuditEvent.event == "case.moved"))
    assert {event.tenant_id for event in events} == {applying.client.id, applying.body.id}
    letter = session.scalars(select(Message)).one()
    assert letter.recipient == applying.manager.email
    assert "青岛海岳数控机床有限公司" in letter.subject
    assert f"/t/{applying.body.id}/cases/" in letter.body


Change = Callable[[Applying], Any]


def _unclaimed(it: Applying) -> None:
    from maturity.organisations.models import Enterprise

    with for_tenant(it.session, it.client.id):
        it.session.scalars(select(Enterprise)).one().claimed_at = None
        it.session.flush()


def _corrected(it: Applying) -> None:
    with for_tenant(it.session, it.client.id):
        it.session.scalars(select(Assessment)).one().status = "superseded"
        it.session.flush()


def _synthetic(it: Applying) -> None:
    it.client.is_synthetic = True
    it.session.flush()


def _certified(it: Applying) -> None:
    make_certificate(it.session, it.client.id, it.body.id, it.clock)


def _no_level(it: Applying) -> None:
    from maturity.assessments.models import Submission

    it.recognition(levels=[0, 1, 2, 3, 4, 5])
    with for_tenant(it.session, it.client.id):
        it.session.scalars(select(Submission)).one().level = 0
        it.session.flush()


@pytest.mark.parametrize(
    ("prepare", "code"),
    [
        (_synthetic, "application_synthetic"),
        (_unclaimed, "step_enterprise_claimed"),
        (_corrected, "application_superseded"),
        (_certified, "application_certified_already"),
        (_no_level, "application_no_level"),
        (lambda it: it.recognition(status="suspended"), "step_body_recognised"),
        (lambda it: it.recognition(levels=[5]), "step_body_recognised"),
        (lambda it: it.recognition(frameworks=["sme"]), "step_body_recognised"),
        (lambda it: it.recognition(until=it.clock.today() - timedelta(days=1)), "step_body_recognised"),
    ],
    ids=lambda value: value if isinstance(value, str) else getattr(value, "__name__", "change"),
)
def test_an_application_is_refused_by_name(applying: Applying, prepare: Change, code: str) -> None:
    prepare(applying)
    assert applying.refusal() == code


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"scope": "  "}, "application_scope"),
        ({"scope": "长" * 501}, "application_scope_long"),
        ({"kind": "other"}, "application_kind"),
        ({"kind": "renewal", "certificate_id": uuid.uuid4()}, "certificate"),
        ({"body_id": uuid.uuid4()}, "step_body_recognised"),
    ],
    ids=lambda value: value if isinstance(value, str) else "given",
)
def test_what_was_given_is_refused_by_name(applying: Applying, changes: dict[str, Any], code: str) -> None:
    assert applying.refusal(**changes) == code


def test_an_editor_does_not_apply(applying: Applying, session: Session) -> None:
    editor = make_user(session, name="李梅")
    add_member(session, applying.client, editor, "editor", applying.clock)
    assert applying.refusal(actor=of_enterprise(editor, applying.client.id)) == "step_not_yours"


def test_nobody_applies_for_another_enterprise(applying: Applying, session: Session) -> None:
    stranger = make_user(session, name="陌生人")
    assert applying.refusal(actor=of_enterprise(stranger, applying.client.id)) == "step_not_yours"


def test_one_case_of_a_framework_runs_at_a_time(applying: Applying) -> None:
    applying()
    with pytest.raises(MaturityError) as caught:
        applying()
    assert caught.value.code == "application_running"


def test_a_body_with_an_interest_is_refused_and_the_refusal_stays(applying: Applying, session: Session) -> None:
    body_id, client_id = applying.body.id, applying.client.id
    with for_tenant(session, body_id):
        interest = Interest(None, USCC, "青岛海岳数控机床有限公司", "ownership")
        declare_interest(session, body_id, interest, actor_id=None, clock=applying.clock)
    with pytest.raises(BodyConflicted) as caught:
        applying()
    assert [item.code for item in caught.value.found] == ["body_declared"]
    assert session.scalars(select(CertificationCase)).all() == []
    actor = of_enterprise(applying.owner, client_id)
    with for_tenant(session, client_id):
        record_conflict(session, caught.value, actor, applying.clock)
    row = session.scalars(select(ReviewRefusal)).one()
    assert (row.stage, row.code, row.tenant_id) == ("apply", "body_declared", body_id)
    told = session.scalars(select(AuditEvent).where(AuditEvent.event == "review.refused"))
    assert {event.tenant_id for event in told} == {client_id, body_id}


# Changes and renewals


def test_a_renewal_opens_so_many_days_before_the_end_and_closes_as_many_after(
    applying: Applying, session: Session
) -> None:
    today = applying.clock.today()
    certificate = make_certificate(session, applying.client.id, applying.body.id, applying.clock)
    how: dict[str, Any] = {"kind": "renewal", "certificate_id": certificate.id}
    certificate.valid_until = today + timedelta(days=181)
    session.flush()
    assert applying.refusal(**how) == "application_too_early"
    certificate.status, certificate.valid_until = "expired", today - timedelta(days=181)
    certificate.issued_on = certificate.valid_until - timedelta(days=1000)
    session.flush()
    assert applying.refusal(**how) == "application_too_late"
    certificate.status, certificate.valid_until = "valid", today + timedelta(days=180)
    session.flush()
    case = applying(**how)
    assert (case.kind, case.certificate_id) == ("renewal", certificate.id)


def test_a_change_is_applied_for_where_the_certificate_was_issued(applying: Applying, session: Session) -> None:
    other, _ = make_body(session, applying.clock, "鲁信认证")
    certificate = make_certificate(session, applying.client.id, other.id, applying.clock)
    how: dict[str, Any] = {"kind": "change", "certificate_id": certificate.id}
    assert applying.refusal(**how) == "application_other_body"
    certificate.framework = "sme"
    session.flush()
    assert applying.refusal(**how) == "application_other_framework"
    certificate.framework, certificate.status = "lianghua", "expired"
    session.flush()
    assert applying.refusal(**how) == "application_certificate_over"
    certificate.status = "suspended"
    assert applying(body_id=other.id, **how).kind == "change"
