"""Cases and their steps. `move` is the only way on: it locks the case, asks the process, and writes what follows.

A case belongs to two tenants and no filter of the ORM stands around it, so every query here names the side it is asked
for. What a step needs to know of people (qualified, free of conflicts) is asked on the day of the step.
"""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select, update
from sqlalchemy.orm import Session

from maturity.accounts.models import User
from maturity.audit.service import record
from maturity.certificates.issuing import prepare_certificate
from maturity.certification import process
from maturity.certification.bodies import is_recognised
from maturity.certification.certifying import to_certify
from maturity.certification.conflicts import conflicts_of
from maturity.certification.letters import tell_of_step
from maturity.certification.models import OVER, CaseItem, CaseStep, CertificationCase, Complaint, Finding
from maturity.certification.process import CaseFacts, Findings, Lead, Move, Refusal, Step, Taker, the_process
from maturity.certification.reviewers import qualified
from maturity.clock import Clock
from maturity.db import for_tenant
from maturity.errors import Conflict, Invalid, NotAllowed, NotFound
from maturity.tenancy.models import Membership, ReviewAssignment, Tenant
from maturity.tenancy.permissions import WHEN_SUSPENDED, permissions_of
from maturity.tenancy.service import Access

#: Refusals that say what was typed wrong, and those that say who may.
_TYPED = frozenset({"reason_missing", "note_missing"})
_PERSONAL = frozenset({"not_yours", "is_lead", "takes_part", "somebody_else", "decider_unconflicted"})
#: Grades that must be closed before anything is certified.
_BLOCKING = ("major", "minor")
_KINDS = {"enterprise": "enterprise", "certification_body": "body", "operator": "operator"}


@dataclass(frozen=True, slots=True)
class Actor:
    """Who takes a step, and for which side. Without permissions given, those of the membership count."""

    user_id: int | None
    name: str | None
    side: str
    tenant_id: uuid.UUID | None
    permissions: frozenset[str] | None = None


CLOCK = Actor(None, None, "clock", None, frozenset())


def actor_of(access: Access, user: User) -> Actor:
    """The person behind a page: of the tenant it shows or, in the file of a case, of the body that reviews."""
    name = user.name or user.contact
    if access.reviews:
        return Actor(user.id, name, "body", access.reviews[0].body_id)
    granted = frozenset(permission.name for permission in access.permissions)
    return Actor(user.id, name, _KINDS.get(access.tenant.kind, ""), access.tenant.id, granted)


# Finding


def of_side(tenant_id: uuid.UUID) -> ColumnElement[bool]:
    """The cases of a tenant, whichever side it is."""
    return or_(CertificationCase.client_id == tenant_id, CertificationCase.body_id == tenant_id)


def case_for(session: Session, case_id: uuid.UUID, tenant_id: uuid.UUID) -> CertificationCase:
    """A case of the tenant; `NotFound` for anybody else."""
    case = session.scalar(select(CertificationCase).where(CertificationCase.id == case_id, of_side(tenant_id)))
    if case is None:
        raise NotFound("case")
    return case


def cases_of(session: Session, tenant_id: uuid.UUID, states: Iterable[str] | None = None) -> list[CertificationCase]:
    """The cases of a tenant: those under way by their last day, then those that are over, the latest first."""
    query = select(CertificationCase).where(of_side(tenant_id))
    if states is not None:
        query = query.where(CertificationCase.state.in_(tuple(states)))
    found = list(session.scalars(query))
    running = sorted((case for case in found if not case.is_over), key=_by_due)
    return running + sorted((case for case in found if case.is_over), key=lambda case: case.state_since, reverse=True)


def _by_due(case: CertificationCase) -> tuple[date, str]:
    return case.due_on or date.max, str(case.id)


def steps_of(session: Session, case: CertificationCase) -> list[CaseStep]:
    return list(session.scalars(select(CaseStep).where(CaseStep.case_id == case.id).order_by(CaseStep.position)))


def findings_of(session: Session, case: CertificationCase, *, drafts: bool = False) -> list[Finding]:
    """By number; drafts are for the reviewers alone."""
    query = select(Finding).where(Finding.case_id == case.id).order_by(Finding.number)
    return [item for item in session.scalars(query) if drafts or item.state != "draft"]


def assignments_of(session: Session, case: CertificationCase) -> list[ReviewAssignment]:
    """Everybody who has or had a part in the case."""
    query = select(ReviewAssignment).where(ReviewAssignment.case_id == case.id)
    return list(session.scalars(query.order_by(ReviewAssignment.assigned_at, ReviewAssignment.id)))


# What the process needs to know


def facts_of(
    session: Session, case: CertificationCase, actor: Actor, clock: Clock, *, event: str | None = None
) -> CaseFacts:
    """The facts of a case today. For one event no more about people is looked up than it asks for."""
    today = clock.today()
    guards = _guards(event)
    assigned = assignments_of(session, case)
    findings = list(session.scalars(select(Finding).where(Finding.case_id == case.id)))
    sampled, unjudged = _sample(session, case)
    counted = _count(findings)
    return CaseFacts(
        state=case.state,
        today=today,
        due_on=case.due_on,
        is_recognised=is_recognised(session, case.body_id, case.framework, level_at_stake(case), today),
        review_from=case.review_from,
        review_until=case.review_until,
        sampled=sampled,
        unjudged=unjudged,
        findings=counted,
        findings_due=_last_due(findings, today),
        rounds=_rounds(session, case),
        is_rescored=case.reviewed_sha256 is not None,
        lead=_lead(session, case, assigned, today, thoroughly=any(guard.startswith("lead_") for guard in guards)),
        reviewers=frozenset(item.user_id for item in assigned if item.ended_at is None and item.part != "decider"),
        involved=_involved(session, case, assigned, findings),
        recommended_by=case.recommended_by,
        recommendation=case.recommendation,
        is_actor_unconflicted="decider_unconflicted" not in guards
        or actor.user_id is None
        or not conflicts_of(session, case.body_id, actor.user_id, case.client_id, today),
        level_reviewed=case.level_reviewed,
        is_appeal_upheld=_is_appeal_upheld(session, case),
        took_part=_took_part(session, case, assigned, findings),
    )


def level_at_stake(case: CertificationCase) -> int:
    """The level that body and reviewers must be good for: what is claimed, or more if the review found more."""
    return max(case.level_claimed, case.level_reviewed or 0)


def _guards(event: str | None) -> frozenset[str]:
    events = the_process().events
    chosen = events.values() if event is None else [events[event]] if event in events else []
    return frozenset(guard for item in chosen for guard in item.guards)


def _sample(session: Session, case: CertificationCase) -> tuple[int, int]:
    query = select(func.count(), func.count(CaseItem.verdict)).where(CaseItem.case_id == case.id)
    sampled, judged = session.execute(query).one()
    return sampled, sampled - judged


def _count(findings: Iterable[Finding]) -> Findings:
    """Observations are told and neither answered nor closed, so they count nowhere."""
    found = [item for item in findings if item.grade in _BLOCKING]
    states = Counter(item.state for item in found)
    return Findings(
        drafts=states["draft"],
        open=states["open"],
        answered=states["answered"],
        unclosed=len(found) - states["closed"],
        undated=0,
    )


def _last_due(findings: Iterable[Finding], today: date) -> date | None:
    """The latest day by which something is to be put right, with the periods of what has none yet."""
    return max((due_of_finding(item, today) for item in findings if item.state in ("draft", "open")), default=None)


def due_of_finding(finding: Finding, today: date) -> date:
    """Until when a finding is to be put right: as agreed, else by the period of its grade, counted from today."""
    if finding.due_on is not None and finding.due_on >= today:
        return finding.due_on
    grade = "major" if finding.grade == "major" else "minor"
    return today + timedelta(days=the_process().period(f"correction_{grade}_days"))


def _rounds(session: Session, case: CertificationCase) -> int:
    sent = (CaseStep.case_id == case.id) & (CaseStep.event == "send_letter")
    return session.scalar(select(func.count()).select_from(CaseStep).where(sent)) or 0


def _lead(
    session: Session, case: CertificationCase, assigned: Iterable[ReviewAssignment], on: date, *, thoroughly: bool
) -> Lead | None:
    row = next((item for item in assigned if item.part == "lead" and item.ended_at is None), None)
    if row is None:
        return None
    if not thoroughly:
        return Lead(row.user_id)
    grade = qualified(session, case.body_id, row.user_id, case.industry, case.framework, level_at_stake(case), on)
    conflicts = conflicts_of(session, case.body_id, row.user_id, case.client_id, on)
    return Lead(row.user_id, grade is not None, not conflicts, row.independent_at is not None)


def _involved(
    session: Session, case: CertificationCase, assigned: Iterable[ReviewAssignment], findings: Iterable[Finding]
) -> frozenset[int]:
    """Everybody who ever had a hand in the review, whether or not they still have a part in it."""
    people = {item.user_id for item in assigned if item.part != "decider"}
    people |= {user for item in findings for user in (item.raised_by, item.closed_by) if user is not None}
    judged = select(CaseItem.judged_by).where(CaseItem.case_id == case.id, CaseItem.judged_by.is_not(None))
    people |= {user for user in session.scalars(judged) if user is not None}
    # whoever refused once does not decide again after an appeal
    reviewing = CaseStep.event.in_(("begin", "send_letter", "recommend", "decide_refuse"))
    steps = select(CaseStep.actor_id).where(CaseStep.case_id == case.id, reviewing)
    people |= {user for user in session.scalars(steps) if user is not None}
    return frozenset(people)


def _took_part(
    session: Session, case: CertificationCase, assigned: Iterable[ReviewAssignment], findings: Iterable[Finding]
) -> frozenset[int]:
    """Everybody who reviewed, was to decide, or took any step for the body."""
    steps = select(CaseStep.actor_id).where(CaseStep.case_id == case.id, CaseStep.side == "body")
    people = {user for user in session.scalars(steps) if user is not None} | {item.user_id for item in assigned}
    return _involved(session, case, assigned, findings) | people


def _is_appeal_upheld(session: Session, case: CertificationCase) -> bool:
    """Whether an appeal against the decision that stands was upheld."""
    if case.closed_at is None:
        return False
    upheld = (Complaint.case_id == case.id) & (Complaint.kind == "appeal") & (Complaint.outcome == "upheld")
    return session.scalar(select(Complaint.id).where(upheld, Complaint.made_at >= case.closed_at).limit(1)) is not None


def taker_of(session: Session, actor: Actor) -> Taker:
    """The actor as the process knows one; whoever gives no permissions has those of the membership, as it is now."""
    if actor.permissions is not None:
        return Taker(actor.side, actor.user_id, actor.permissions)
    if actor.tenant_id is None or actor.user_id is None:
        return Taker(actor.side, actor.user_id)
    session.flush()
    with for_tenant(session, actor.tenant_id):
        tenant = session.get_one(Tenant, actor.tenant_id)
        query = select(Membership.role).where(
            Membership.tenant_id == actor.tenant_id,
            Membership.user_id == actor.user_id,
            Membership.ended_at.is_(None),
        )
        role = session.scalar(query)
        granted = permissions_of(role, is_synthetic=False, kind=tenant.kind)
        if tenant.suspended_at is not None:
            granted &= WHEN_SUSPENDED
    side = _KINDS.get(tenant.kind) if actor.side != "clock" else "clock"
    own = side == actor.side
    return Taker(actor.side, actor.user_id, frozenset(item.name for item in granted) if own else frozenset())


def next_steps_for(
    session: Session, case: CertificationCase, actor: Actor, clock: Clock
) -> tuple[tuple[Step, bool], ...]:
    """Each step that leads on from here, and whether it is one of this person's."""
    taker = taker_of(session, actor)
    thorough = actor.side == "body" and not case.is_over
    facts = facts_of(session, case, actor, clock, event=None if thorough else "withdraw")
    return tuple((step, process.may_take(step.event, taker)) for step in process.next_steps(facts, taker))


# Moving


def move(
    session: Session,
    case: CertificationCase,
    event: str,
    actor: Actor,
    clock: Clock,
    *,
    reason: str | None = None,
    note: str = "",
) -> CaseStep:
    """Take one step of a case, or refuse with the code of what is in the way; nothing was changed then.

    The row is locked first, so that of two who decide at once the second meets what the first has done.
    """
    session.flush()
    session.refresh(case, with_for_update=True)
    if actor.side != "clock" and actor.tenant_id not in (case.client_id, case.body_id):
        raise NotFound("case")
    if {"enterprise": case.client_id, "body": case.body_id}.get(actor.side, actor.tenant_id) != actor.tenant_id:
        raise NotFound("case")
    facts = facts_of(session, case, actor, clock, event=event)
    result = process.apply(facts, event, taker_of(session, actor), reason=reason, note=note)
    if isinstance(result, Refusal):
        raise refused(result.code, event)
    _follow(session, case, result, actor, clock, reason)
    step = write_step(session, case, result, actor, clock, reason=reason, note=note)
    session.flush()
    tell_of_step(session, case, step, clock)
    return step


def refused(code: str, subject: str = "") -> Conflict | Invalid | NotAllowed:
    """The refusal as an error of the site; its words are in `maturity.web.messages`."""
    named = f"step_{code}"
    if code in _TYPED:
        return Invalid(named, subject)
    return NotAllowed(named, subject) if code in _PERSONAL else Conflict(named, subject)


def _follow(
    session: Session, case: CertificationCase, step: Move, actor: Actor, clock: Clock, reason: str | None
) -> None:
    """What a step brings with it, besides where the case stands."""
    now = clock.now()
    case.state, case.state_since, case.due_on = step.target, now, step.due_on
    match step.event:
        case "send_letter":
            _open_findings(session, case, clock)
        case "recommend":
            case.recommendation, case.recommended_by, case.recommended_at = reason, actor.user_id, now
        case "send_back":
            case.recommendation = case.recommended_by = case.recommended_at = None
        case "decide_certify" | "decide_refuse":
            case.decided_by, case.decided_at = actor.user_id, now
        case "reopen":
            _take_up_again(session, case)
    if step.target in OVER:
        case.closed_at = now
        _end_assignments(session, case, clock)
    session.flush()
    if step.event == "decide_certify":
        _certify(session, case, clock)


def _take_up_again(session: Session, case: CertificationCase) -> None:
    """As if it had just been accepted: with new days and a new team, over the sample that was drawn, judged anew."""
    with session.no_autoflush:  # half-way the row says that it runs and that it is over
        beside = session.scalar(select(CertificationCase.id).where(*_running_beside(case)).limit(1))
    if beside is not None:
        raise Conflict("application_running")
    case.closed_at = None
    case.place = case.review_from = case.review_until = None
    case.recommendation = case.recommended_by = case.recommended_at = None
    case.decided_by = case.decided_at = None
    case.reviewed_document = case.reviewed_sha256 = case.level_reviewed = case.weight_reviewed = None
    unjudged = {"verdict": None, "facts": None, "note": "", "judged_by": None, "judged_name": None, "judged_at": None}
    ours = (CaseItem.case_id == case.id) & (CaseItem.client_id == case.client_id)
    session.execute(update(CaseItem).where(ours).values(**unjudged, version=CaseItem.version + 1))


def _running_beside(case: CertificationCase) -> tuple[ColumnElement[bool], ...]:
    return (
        CertificationCase.client_id == case.client_id,
        CertificationCase.framework == case.framework,
        CertificationCase.state.not_in(OVER),
        CertificationCase.id != case.id,
    )


def _open_findings(session: Session, case: CertificationCase, clock: Clock) -> None:
    """Drafts become what the enterprise sees; each gets its last day."""
    for finding in findings_of(session, case, drafts=True):
        if finding.state in ("draft", "open"):
            finding.due_on = due_of_finding(finding, clock.today())
            finding.state = "open"


def _end_assignments(session: Session, case: CertificationCase, clock: Clock) -> None:
    """With the case the file is closed to those who reviewed."""
    for assignment in assignments_of(session, case):
        assignment.ended_at = assignment.ended_at or clock.now()


def _certify(session: Session, case: CertificationCase, clock: Clock) -> None:
    from maturity.certification.surveillance import plan_surveillance  # it builds on cases

    plan_surveillance(session, prepare_certificate(session, to_certify(session, case), clock))


def write_step(
    session: Session,
    case: CertificationCase,
    step: Move,
    actor: Actor,
    clock: Clock,
    *,
    reason: str | None = None,
    note: str = "",
) -> CaseStep:
    """The step into the case's history and both tenants' logs."""
    last = session.scalar(select(func.max(CaseStep.position)).where(CaseStep.case_id == case.id)) or 0
    row = CaseStep(
        id=uuid.uuid4(),
        case_id=case.id,
        client_id=case.client_id,
        body_id=case.body_id,
        position=last + 1,
        event=step.event,
        from_state=step.source,
        to_state=step.target,
        side=actor.side,
        actor_id=actor.user_id,
        actor_name=actor.name,
        reason=reason,
        note=note.strip(),
        at=clock.now(),
    )
    session.add(row)
    details = {"case_id": str(case.id), "step": step.event}
    log_both(session, clock, case, "case.moved", actor, **details)
    return row


def log_both(
    session: Session, clock: Clock, case: CertificationCase | Any, event: str, actor: Actor, **details: Any
) -> None:
    """One event into the logs of both sides; each reads the other's name in it.

    `case` is anything that names both tenants, such as a certificate.
    """
    client = str(getattr(case, "client_name", None) or getattr(case, "holder", ""))
    session.flush()
    for tenant_id, other in ((case.client_id, str(case.body_name)), (case.body_id, client)):
        with for_tenant(session, tenant_id):
            record(session, clock, event, actor.user_id, tenant_id, other=other, **details)
            session.flush()
