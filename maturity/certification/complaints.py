"""Appeals against a decision, which the body answers by somebody who had no part in it; and complaints about a body,
which the operator answers. An appeal that is upheld takes the case up again; where it was about a suspension, the body
reinstates the certificate. What was withdrawn stays so, for the log keeps it: a new application is the way."""

from __future__ import annotations

import uuid
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from maturity.certificates.models import Certificate, CertificateEvent
from maturity.certification import letters
from maturity.certification.cases import Actor, facts_of, log_both, move, refused, taker_of
from maturity.certification.models import COMPLAINTS, OUTCOMES, CertificationCase, Complaint
from maturity.certification.process import GUARDS, Taker, reasons_for, the_process
from maturity.clock import LOCAL, Clock
from maturity.db import for_tenant
from maturity.errors import Conflict, Invalid, NotFound
from maturity.tenancy.service import PLATFORM

LONGEST_TEXT = 5000
#: The ends of a case that somebody else may look at again, and of these the ones that an upheld appeal takes back.
DECIDED = ("certified", "refused", "rejected", "failed")
TAKEN_BACK = ("refused", "rejected", "failed")
#: Who answers what, and with which permission.
ANSWERED_BY = {"appeal": ("body", "CASE_DECIDE"), "complaint": ("operator", "CERTIFICATION_OVERSEE")}


def decided_at(session: Session, case: CertificationCase) -> datetime | None:
    """When something was decided last that can be appealed against: the case, or how its certificate stands."""
    moments = [] if case.state not in DECIDED or case.closed_at is None else [case.closed_at]
    moments += [event.at for event in _taken_from_the_holder(session, case)]
    return max(moments, default=None)


def _taken_from_the_holder(session: Session, case: CertificationCase) -> list[CertificateEvent]:
    """Suspensions and withdrawals of the case's certificate that the holder did not ask for."""
    asked_for = {reason.code for name in ("suspend", "withdraw") for reason in reasons_for(name, "enterprise")}
    query = (
        select(CertificateEvent)
        .join(Certificate, Certificate.id == CertificateEvent.certificate_id)
        .where(Certificate.case_id == case.id, Certificate.client_id == case.client_id)
        .where(CertificateEvent.kind.in_(("suspended", "withdrawn")))
    )
    return [event for event in session.scalars(query) if event.reason not in asked_for]


def appeal_until(session: Session, case: CertificationCase) -> date | None:
    """The last day for an appeal; None where nothing has been decided."""
    decided = decided_at(session, case)
    if decided is None:
        return None
    return decided.astimezone(LOCAL).date() + timedelta(days=the_process().period("appeal_days"))


def complain(session: Session, case: CertificationCase, kind: str, text: str, actor: Actor, clock: Clock) -> Complaint:
    """Bring an appeal or a complaint; it is answered within the days of the process."""
    _require(session, actor, "enterprise", "CERTIFICATION_APPLY", case.client_id)
    if kind not in COMPLAINTS:
        raise Invalid("complaint_kind")
    words = _text(text)
    session.refresh(case, with_for_update=True)
    if kind == "appeal":
        _require_appealable(session, case, clock.today())
    row = Complaint(
        id=uuid.uuid4(),
        case_id=case.id,
        client_id=case.client_id,
        body_id=case.body_id,
        kind=kind,
        text=words,
        due_on=clock.today() + timedelta(days=the_process().period("complaint_answer_days")),
        made_by=actor.user_id,
        made_name=actor.name or case.client_name,
        made_at=clock.now(),
    )
    session.add(row)
    session.flush()
    log_both(session, clock, case, f"{kind}.made", actor, case_id=str(case.id))
    letters.tell_of_complaint(session, case, row, clock)
    return row


def _require(session: Session, actor: Actor, side: str, permission: str, tenant_id: uuid.UUID) -> Taker:
    if actor.side != side or actor.tenant_id != tenant_id:
        raise NotFound("case")
    taker = taker_of(session, actor)
    if permission not in taker.permissions:
        raise refused("not_yours")
    return taker


def _text(given: str) -> str:
    words = given.strip()
    if not words:
        raise Invalid("complaint_text")
    if len(words) > LONGEST_TEXT:
        raise Invalid("complaint_text_long")
    return words


def _require_appealable(session: Session, case: CertificationCase, today: date) -> None:
    until, since = appeal_until(session, case), decided_at(session, case)
    if until is None or since is None:
        raise Conflict("appeal_undecided")
    if today > until:
        raise Conflict("appeal_too_late")
    if any(row.kind == "appeal" and row.made_at >= since for row in complaints_of(session, case)):
        raise Conflict("appeal_made_already")


def answer(session: Session, complaint: Complaint, outcome: str, text: str, actor: Actor, clock: Clock) -> None:
    """Say what comes of it: upheld, partly or dismissed, and why."""
    side, permission = ANSWERED_BY[complaint.kind]
    taker = _require(session, actor, side, permission, complaint.body_id if side == "body" else PLATFORM)
    if outcome not in OUTCOMES:
        raise Invalid("complaint_outcome")
    words = _text(text)
    session.refresh(complaint, with_for_update=True)
    if complaint.outcome is not None:
        raise Conflict("complaint_answered")
    if complaint.kind == "appeal":
        _require_uninvolved(session, complaint, actor, taker, clock)
    complaint.outcome, complaint.answer = outcome, words
    complaint.answered_by, complaint.answered_name, complaint.answered_at = actor.user_id, actor.name, clock.now()
    session.flush()
    with for_tenant(session, complaint.body_id):
        case = _case_of(session, complaint)
        details = {"case_id": str(case.id), "outcome": outcome}
        log_both(session, clock, case, f"{complaint.kind}.answered", actor, **details)
        letters.tell_of_answer(session, case, complaint, clock)
    if complaint.kind == "appeal" and outcome == "upheld" and case.state in TAKEN_BACK:
        move(session, case, "reopen", actor, clock, note=words)


def _require_uninvolved(session: Session, complaint: Complaint, actor: Actor, taker: Taker, clock: Clock) -> None:
    """By the guards of the step that takes a case up again, whatever the answer will be; and nobody answers what they
    did to the certificate themselves.
    """
    case = _case_of(session, complaint)
    if actor.user_id in {event.actor_id for event in _taken_from_the_holder(session, case)}:
        raise refused("no_part_in_it", "appeal")
    facts = facts_of(session, case, actor, clock, event="reopen")
    for guard in ("no_part_in_it", "decider_unconflicted"):
        if not GUARDS[guard](facts, taker):
            raise refused(guard, "appeal")


def _case_of(session: Session, complaint: Complaint) -> CertificationCase:
    found = session.scalar(
        select(CertificationCase).where(
            CertificationCase.id == complaint.case_id, CertificationCase.body_id == complaint.body_id
        )
    )
    if found is None:
        raise NotFound("case")
    return found


def complaints_of(session: Session, case: CertificationCase) -> list[Complaint]:
    """What was brought in a case, in order."""
    query = select(Complaint).where(Complaint.case_id == case.id, Complaint.client_id == case.client_id)
    return list(session.scalars(query.order_by(Complaint.made_at, Complaint.id)))


def complaint_for(session: Session, complaint_id: uuid.UUID, side: str, tenant_id: uuid.UUID) -> Complaint:
    """One that the side sees; `NotFound` for anybody else."""
    found = session.scalar(select(Complaint).where(Complaint.id == complaint_id, _seen_by(side, tenant_id)))
    if found is None:
        raise NotFound("complaint")
    return found


def open_complaints(session: Session, side: str, tenant_id: uuid.UUID) -> list[Complaint]:
    """What a side has to answer (body, operator), or waits for (enterprise), soonest due first."""
    query = select(Complaint).where(Complaint.outcome.is_(None), _seen_by(side, tenant_id))
    return list(session.scalars(query.order_by(Complaint.due_on, Complaint.made_at, Complaint.id)))


def answered_complaints(session: Session, side: str, tenant_id: uuid.UUID) -> list[Complaint]:
    """What was answered, the latest first."""
    query = select(Complaint).where(Complaint.outcome.is_not(None), _seen_by(side, tenant_id))
    return list(session.scalars(query.order_by(Complaint.answered_at.desc(), Complaint.id)))


def _seen_by(side: str, tenant_id: uuid.UUID) -> ColumnElement[bool]:
    """An enterprise sees what it brought, a body the appeals against it, the operator the complaints about bodies."""
    if side == "enterprise":
        return Complaint.client_id == tenant_id
    if side == "body":
        return (Complaint.body_id == tenant_id) & (Complaint.kind == "appeal")
    return Complaint.kind == "complaint"
