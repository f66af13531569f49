"""Appeals are answered by somebody of the body who had no part in the case, complaints by the operator."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from maturity.audit.models import AuditEvent
from maturity.certificates.models import Certificate
from maturity.certification.assignments import assign, declare_independence
from maturity.certification.cases import CLOCK, Actor, case_for, steps_of
from maturity.certification.complaints import (
    answer,
    answered_complaints,
    appeal_until,
    complain,
    complaint_for,
    complaints_of,
    open_complaints,
)
from maturity.certification.models import Complaint
from maturity.certification.planning import Plan, set_plan
from maturity.certification.process import the_process
from maturity.certification.standing import change_standing
from maturity.clock import FixedClock
from maturity.db import for_tenant
from maturity.errors import MaturityError, NotFound
from maturity.messages.models import Message
from maturity.tenancy.models import Membership, Tenant
from maturity.tenancy.service import PLATFORM, ensure_platform
from tests.factories.certification import Made, judge_all, make_case, step
from tests.factories.people import make_user

pytestmark = pytest.mark.database


def appeal(
    session: Session, made: Made, clock: FixedClock, kind: str = "appeal", text: str = "We did show it."
) -> Complaint:
    with for_tenant(session, made.client_id):
        return complain(session, made.case(session), kind, text, made.owner, clock)


def respond(
    session: Session, complaint: Complaint, actor: Actor, clock: FixedClock, outcome: str = "dismissed"
) -> None:
    with for_tenant(session, actor.tenant_id or PLATFORM):
        answer(session, complaint, outcome, "We looked at it again.", actor, clock)


def code_of(call: object, *args: object, **kwargs: object) -> str:
    with pytest.raises(MaturityError) as caught:
        call(*args, **kwargs)  # type: ignore[operator]  # any of the use cases
    return caught.value.code


@pytest.fixture
def refused(session: Session, clock: FixedClock) -> Made:
    return make_case(session, clock, "refused")


@pytest.fixture
def overseer(session: Session, clock: FixedClock) -> Actor:
    """Somebody of the operator."""
    ensure_platform(session, clock)
    user = make_user(session, name="平台运营")
    session.add(Membership(tenant_id=PLATFORM, user_id=user.id, role="owner", created_at=clock.now()))
    session.flush()
    return Actor(user.id, user.name, "operator", PLATFORM)


def test_nothing_is_appealed_against_before_there_is_a_decision(session: Session, clock: FixedClock) -> None:
    made = make_case(session, clock)
    assert code_of(appeal, session, made, clock) == "appeal_undecided"


def test_an_appeal_is_due_after_the_days_of_the_process_and_reaches_those_who_decide(
    session: Session, clock: FixedClock, refused: Made
) -> None:
    before = set(session.scalars(select(Message.id)))
    row = appeal(session, refused, clock)
    assert row.due_on == clock.today() + timedelta(days=30)
    assert open_complaints(session, "body", refused.body_id) == [row]
    letters = [item for item in session.scalars(select(Message)) if item.id not in before]
    assert len(letters) == 3  # owner and both signatories of the body
    assert all("appeals" in item.subject for item in letters)


def test_an_appeal_comes_within_its_days_and_once(session: Session, clock: FixedClock, refused: Made) -> None:
    until = appeal_until(session, refused.case(session))
    assert until == clock.today() + timedelta(days=30)
    clock.at += timedelta(days=31)
    assert code_of(appeal, session, refused, clock) == "appeal_too_late"
    clock.at -= timedelta(days=1)
    appeal(session, refused, clock)
    assert code_of(appeal, session, refused, clock) == "appeal_made_already"


def test_only_the_enterprise_brings_one_and_says_what_it_is_about(
    session: Session, clock: FixedClock, refused: Made
) -> None:
    with for_tenant(session, refused.body_id), pytest.raises(NotFound):
        complain(session, refused.case(session), "appeal", "No.", refused.manager, clock)
    assert code_of(appeal, session, refused, clock, text=" ") == "complaint_text"
    assert code_of(appeal, session, refused, clock, kind="letter") == "complaint_kind"


@pytest.mark.parametrize("who", ["lead", "reviewer", "decider", "manager"])
def test_whoever_had_a_part_in_the_case_does_not_answer_the_appeal(
    session: Session, clock: FixedClock, refused: Made, who: str
) -> None:
    row = appeal(session, refused, clock)
    code = code_of(respond, session, row, getattr(refused, who), clock)
    assert code == ("step_not_yours" if who in ("lead", "reviewer") else "step_no_part_in_it")
    assert row.outcome is None


def test_somebody_uninvolved_answers_and_both_sides_read_it(session: Session, clock: FixedClock, refused: Made) -> None:
    row = appeal(session, refused, clock)
    respond(session, row, refused.second, clock)
    assert (row.outcome, row.answered_name) == ("dismissed", "周决定")
    assert refused.case(session).state == "refused"
    told = session.scalars(select(AuditEvent.tenant_id).where(AuditEvent.event == "appeal.answered")).all()
    assert set(told) == {refused.client_id, refused.body_id}
    assert code_of(respond, session, row, refused.second, clock) == "complaint_answered"


def test_an_appeal_that_is_upheld_takes_the_case_up_again_and_others_decide(
    session: Session, clock: FixedClock, refused: Made
) -> None:
    row = appeal(session, refused, clock)
    respond(session, row, refused.second, clock, "upheld")
    case = refused.case(session)
    assert (case.state, case.closed_at, case.decided_by, case.recommendation) == ("accepted", None, None, None)
    with for_tenant(session, refused.client_id):
        assert steps_of(session, refused.case(session))[-1].event == "reopen"
    plan_again(session, refused, clock)
    step(session, refused, "begin", refused.lead, clock)
    code = code_of(step, session, refused, "recommend", refused.lead, clock, reason="certify")
    assert code == "step_everything_judged"  # what was judged before is judged anew
    judge_all(session, refused, clock)
    step(session, refused, "recommend", refused.lead, clock, reason="certify")
    assert code_of(step, session, refused, "decide_certify", refused.decider, clock) == "step_somebody_else"
    step(session, refused, "decide_refuse", refused.second, clock, note="It is still not shown.")
    assert refused.case(session).state == "refused"


def plan_again(session: Session, made: Made, clock: FixedClock) -> None:
    """A new team and new days over the sample that was drawn."""
    with for_tenant(session, made.body_id):
        case = case_for(session, made.case_id, made.body_id)
        row = assign(session, case, made.lead.user_id or 0, "lead", made.manager, clock)
        plan = Plan("remote", clock.today(), clock.today() + timedelta(days=3))
        set_plan(session, case, plan, made.manager, clock)
    with for_tenant(session, made.client_id):
        declare_independence(session, made.case(session), row, "I have no interest.", clock)
    step(session, made, "plan", made.manager, clock)


@pytest.fixture
def certified(session: Session, clock: FixedClock) -> Made:
    """A case whose certificate is valid, long after the days in which its decision could be appealed against."""
    made = make_case(session, clock, "certified")
    certificate = certificate_in(session, made)
    certificate.status, certificate.pdf_sha256, certificate.pdf_size = "valid", "0" * 64, 1
    session.flush()
    clock.at += timedelta(days=the_process().period("appeal_days") + 1)
    return made


def certificate_in(session: Session, made: Made) -> Certificate:
    return session.scalars(select(Certificate).where(Certificate.case_id == made.case_id)).one()


@pytest.mark.parametrize(("kind", "reason"), [("suspended", "misuse"), ("withdrawn", "fraud")])
def test_what_the_body_does_to_a_certificate_can_be_appealed_against(
    session: Session, clock: FixedClock, certified: Made, kind: str, reason: str
) -> None:
    assert code_of(appeal, session, certified, clock) == "appeal_too_late"
    change_standing(
        session, certificate_in(session, certified), kind, certified.manager, clock, reason=reason, note="It was seen."
    )
    row = appeal(session, certified, clock)
    assert code_of(appeal, session, certified, clock) == "appeal_made_already"
    assert code_of(respond, session, row, certified.manager, clock) == "step_no_part_in_it"
    respond(session, row, certified.second, clock, "upheld")
    assert row.outcome == "upheld"
    assert certified.case(session).state == "certified"
    assert certificate_in(session, certified).status == kind  # the body reinstates it by a step of its own


def test_what_the_holder_asked_for_is_not_appealed_against(
    session: Session, clock: FixedClock, certified: Made
) -> None:
    certificate = certificate_in(session, certified)
    change_standing(session, certificate, "suspended", certified.owner, clock, reason="own_wish")
    assert code_of(appeal, session, certified, clock) == "appeal_too_late"


def test_what_the_clock_suspended_can_be_appealed_against_within_its_days(
    session: Session, clock: FixedClock, certified: Made
) -> None:
    change_standing(
        session, certificate_in(session, certified), "suspended", CLOCK, clock, reason="surveillance_missed"
    )
    clock.at += timedelta(days=the_process().period("appeal_days") + 1)
    assert code_of(appeal, session, certified, clock) == "appeal_too_late"
    clock.at -= timedelta(days=1)
    assert appeal(session, certified, clock).outcome is None


# Complaints


def test_a_complaint_reaches_the_operator_who_answers_it(session: Session, clock: FixedClock, overseer: Actor) -> None:
    made = make_case(session, clock)
    row = appeal(session, made, clock, kind="complaint", text="Nobody answers us.")
    letters = session.scalars(select(Message).where(Message.subject.contains("complains"))).all()
    assert len(letters) == 1
    assert f"/t/{PLATFORM}/certification-bodies" in letters[0].body
    with for_tenant(session, PLATFORM):
        assert open_complaints(session, "operator", PLATFORM) == [row]
        assert complaint_for(session, row.id, "operator", PLATFORM) is row
    respond(session, row, overseer, clock, "partly")
    assert row.outcome == "partly"
    answers = session.scalars(select(Message.body).where(Message.subject.contains("is answered"))).all()
    links = {f"/t/{made.client_id}/certification/cases/{made.case_id}", f"/t/{made.body_id}/cases/{made.case_id}"}
    assert {link for link in links if any(link in body for body in answers)} == links
    with for_tenant(session, PLATFORM):
        assert (open_complaints(session, "operator", PLATFORM), answered_complaints(session, "operator", PLATFORM)) == (
            [],
            [row],
        )


def test_the_body_neither_sees_a_complaint_about_it_nor_answers_it(session: Session, clock: FixedClock) -> None:
    made = make_case(session, clock)
    row = appeal(session, made, clock, kind="complaint")
    with for_tenant(session, made.body_id):
        assert open_complaints(session, "body", made.body_id) == []
        with pytest.raises(NotFound):
            complaint_for(session, row.id, "body", made.body_id)
    with pytest.raises(NotFound):
        respond(session, row, made.manager, clock)


def test_the_operator_does_not_answer_an_appeal(
    session: Session, clock: FixedClock, refused: Made, overseer: Actor
) -> None:
    row = appeal(session, refused, clock)
    with pytest.raises(NotFound):
        respond(session, row, overseer, clock)


def test_another_enterprise_sees_nothing_of_it(session: Session, clock: FixedClock, refused: Made) -> None:
    row = appeal(session, refused, clock)
    other = session.scalars(select(Tenant.id).where(Tenant.id.not_in((refused.client_id, refused.body_id)))).first()
    for side in ("enterprise", "body"):
        if other is not None:
            with pytest.raises(NotFound):
                complaint_for(session, row.id, side, other)
    with for_tenant(session, refused.client_id):
        assert complaints_of(session, refused.case(session)) == [row]
