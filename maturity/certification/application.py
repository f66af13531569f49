"""Applying for certification: an enterprise brings a submitted assessment before a recognised body.

What stands in the way is told by name before anything is written. The one refusal that stays on record is a conflict of
interest of the body: the caller puts it there with `record_conflict` once everything else is rolled back.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Sequence
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from maturity.assessments.models import Assessment, Submission
from maturity.certificates.models import Certificate
from maturity.certification import conflicts as interests
from maturity.certification import process
from maturity.certification.bodies import body_of, is_recognised
from maturity.certification.cases import Actor, refused, taker_of, write_step
from maturity.certification.letters import tell_of_step
from maturity.certification.models import KINDS, OVER, CertificationCase
from maturity.certification.process import CaseFacts, Move, Refusal, the_process
from maturity.clock import Clock
from maturity.errors import Conflict, Invalid, NotAllowed, NotFound
from maturity.organisations.models import Enterprise
from maturity.organisations.service import enterprise_of, is_claimed
from maturity.tenancy.models import Tenant

LONGEST_SCOPE = 500
#: Certificates that an enterprise has or is about to have.
HELD = ("issuing", "valid", "suspended")
#: What may be followed by which kind of application.
FOLLOWED = {"change": ("valid", "suspended"), "renewal": ("valid", "suspended", "expired")}


class BodyConflicted(Conflict):
    """The whole body has an interest in the enterprise. `case` was never stored; it says what was applied for."""

    def __init__(self, case: CertificationCase, found: Sequence[interests.Conflict]) -> None:
        super().__init__("application_conflicted")
        self.case = case
        self.found = tuple(found)


def apply_for(
    session: Session,
    tenant: Tenant,
    submission_id: uuid.UUID,
    body_id: uuid.UUID,
    scope: str,
    actor: Actor,
    clock: Clock,
    *,
    kind: str = "initial",
    certificate_id: uuid.UUID | None = None,
) -> CertificationCase:
    """A new case for a submitted assessment of the tenant, waiting for the body to accept it.

    The session works for the tenant. A change or a renewal follows a certificate of the tenant.
    """
    _require_same_world(session, tenant, body_id)
    submission, assessment = _submission(session, submission_id)
    enterprise = enterprise_of(session)
    move = _permitted(session, enterprise, submission, assessment, body_id, actor, clock)
    _require_certifiable(submission, assessment)
    certificate = _followed(session, tenant.id, assessment.framework, body_id, kind, certificate_id, clock.today())
    case = _case(tenant.id, enterprise, submission, assessment, body_id, _scope(scope), clock)
    case.kind, case.certificate_id, case.applied_by = kind, certificate, actor.user_id
    case.body_name, case.due_on = _name_of(session, body_id), move.due_on
    _require_unconflicted(session, case, clock)
    _store(session, case)
    step = write_step(session, case, move, actor, clock)
    session.flush()
    tell_of_step(session, case, step, clock)
    return case


def _require_same_world(session: Session, tenant: Tenant, body_id: uuid.UUID) -> None:
    """What is made up is certified by a body that is made up, and by no other; nor does that one anything else."""
    body = body_of(session, body_id)
    if body is not None and body.is_synthetic != tenant.is_synthetic:
        raise NotAllowed("application_synthetic")


def _submission(session: Session, submission_id: uuid.UUID) -> tuple[Submission, Assessment]:
    query = select(Submission, Assessment).join(Assessment, Assessment.id == Submission.assessment_id)
    row = session.execute(query.where(Submission.id == submission_id)).one_or_none()
    if row is None:
        raise NotFound("submission")
    return row[0], row[1]


def _permitted(
    session: Session,
    enterprise: Enterprise,
    submission: Submission,
    assessment: Assessment,
    body_id: uuid.UUID,
    actor: Actor,
    clock: Clock,
) -> Move:
    """What the process says to it."""
    today = clock.today()
    recognised = is_recognised(session, body_id, assessment.framework, submission.level, today)
    facts = CaseFacts(process.NONE, today, is_claimed=is_claimed(enterprise), is_recognised=recognised)
    result = process.apply(facts, "apply", taker_of(session, actor))
    if isinstance(result, Refusal):
        raise refused(result.code, "apply")
    return result


def _require_certifiable(submission: Submission, assessment: Assessment) -> None:
    """A settled level may be certified; an estimate, or what was corrected since, may not."""
    if assessment.status != "submitted":
        raise Conflict("application_superseded")
    if json.loads(submission.document)["declaration"]["standing"] != "self_declared":
        raise Conflict("application_estimate")
    if submission.level < 1:
        raise Conflict("application_no_level")


def _scope(text: str) -> str:
    scope = text.strip()
    if not scope:
        raise Invalid("application_scope")
    if len(scope) > LONGEST_SCOPE:
        raise Invalid("application_scope_long")
    return scope


def _followed(
    session: Session,
    client_id: uuid.UUID,
    framework: str,
    body_id: uuid.UUID,
    kind: str,
    certificate_id: uuid.UUID | None,
    today: date,
) -> uuid.UUID | None:
    """The certificate that the new one is to follow; None of a first one."""
    if kind not in KINDS:
        raise Invalid("application_kind")
    if kind == "initial":
        mine = (Certificate.client_id == client_id) & (Certificate.framework == framework)
        if session.scalar(select(Certificate.id).where(mine, Certificate.status.in_(HELD)).limit(1)) is not None:
            raise Conflict("application_certified_already")
        return None
    certificate = session.scalar(
        select(Certificate).where(Certificate.id == certificate_id, Certificate.client_id == client_id)
    )
    if certificate is None:
        raise NotFound("certificate")
    if certificate.framework != framework:
        raise Invalid("application_other_framework")
    if certificate.status not in FOLLOWED[kind]:
        raise Conflict("application_certificate_over")
    if kind == "change" and certificate.body_id != body_id:
        raise Invalid("application_other_body")
    if kind == "renewal" and not in_renewal_window(certificate, today):
        raise Conflict("application_too_early" if today < renewal_opens_on(certificate) else "application_too_late")
    return certificate.id


def renewal_opens_on(certificate: Certificate) -> date:
    """The first day on which a renewal may be applied for."""
    return certificate.valid_until - timedelta(days=the_process().period("renewal_opens_days"))


def renewal_closes_on(certificate: Certificate) -> date:
    """The last one; after it an enterprise begins anew."""
    return certificate.valid_until + timedelta(days=the_process().period("renewal_closes_days"))


def in_renewal_window(certificate: Certificate, today: date) -> bool:
    return renewal_opens_on(certificate) <= today <= renewal_closes_on(certificate)


def _case(
    client_id: uuid.UUID,
    enterprise: Enterprise,
    submission: Submission,
    assessment: Assessment,
    body_id: uuid.UUID,
    scope: str,
    clock: Clock,
) -> CertificationCase:
    """The particulars are those of the assessment's document: what is reviewed is what was submitted."""
    document = json.loads(submission.document)
    return CertificationCase(
        id=uuid.uuid4(),
        client_id=client_id,
        body_id=body_id,
        assessment_id=assessment.id,
        submission_id=submission.id,
        submission_sha256=submission.sha256,
        framework=assessment.framework,
        edition=document["edition"]["edition"],
        period=assessment.period,
        client_name=enterprise.name,
        uscc=enterprise.uscc,
        industry=assessment.profile.get("industry") or enterprise.industry,
        region=enterprise.region,
        scope=scope,
        level_claimed=submission.level,
        state="applied",
        state_since=clock.now(),
        applied_at=clock.now(),
    )


def _name_of(session: Session, body_id: uuid.UUID) -> str:
    body = body_of(session, body_id)
    return body.name if body is not None else ""


def _require_unconflicted(session: Session, case: CertificationCase, clock: Clock) -> None:
    """Only what concerns the body as a whole stands in the way; people are looked at when they are assigned."""
    found = interests.conflicts_of(session, case.body_id, None, case.client_id, clock.today())
    of_body = [item for item in found if item.is_of_body]
    if of_body:
        raise BodyConflicted(case, of_body)


def _store(session: Session, case: CertificationCase) -> None:
    """One running case per framework: of two who apply at once the second meets the first."""
    try:
        with session.begin_nested():
            session.add(case)
            session.flush()
    except IntegrityError as error:
        raise Conflict("application_running") from error


def record_conflict(session: Session, error: BodyConflicted, actor: Actor, clock: Clock) -> None:
    """Put on record that the body was refused; the caller commits it, although nothing was applied for."""
    interests.refuse_conflicted(
        session, error.case, None, None, error.found, "apply", actor_id=actor.user_id, clock=clock
    )


def running_case(session: Session, client_id: uuid.UUID, framework: str) -> CertificationCase | None:
    """The case under way of an enterprise in a framework, if there is one."""
    mine = (CertificationCase.client_id == client_id) & (CertificationCase.framework == framework)
    return session.scalar(select(CertificationCase).where(mine, CertificationCase.state.not_in(OVER)))
