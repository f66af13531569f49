"""The signature under an assessment: asked for, given by submitting, or refused with a note.

A tenant with a signatory has the assessment signed by them. Somebody else who may submit can still do so, but says it
and it is kept; a tenant without a signatory knows none of this.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from maturity.accounts.service import name_of
from maturity.adaptive.evaluation import Evaluation
from maturity.assessments.models import Answer, Assessment, SignOff
from maturity.assessments.service import require_draft
from maturity.assessments.submission import Implausible, Incomplete
from maturity.audit.service import record
from maturity.clock import Clock
from maturity.errors import Conflict, Invalid
from maturity.people.service import Member, members_of

LONGEST_NOTE = 2000
#: What the audit log calls the object of a signature.
_WHOLE = "整份评估 the whole assessment"
_WITHOUT = "整份评估，未经签署人 the whole assessment, without the signatory"


@dataclass(frozen=True, slots=True)
class Signing:
    """Who signs, what was asked last, by whom, and how many answers were saved since."""

    signatories: tuple[Member, ...]
    latest: SignOff | None
    asked_by: str | None
    returned_by: str | None
    changed_since: int

    @property
    def is_asked(self) -> bool:
        return self.latest is not None and self.latest.state == "open"

    @property
    def is_returned(self) -> bool:
        return self.latest is not None and self.latest.state == "returned"

    def needs_override(self, user_id: int | None) -> bool:
        """Whether somebody who submits passes a signatory over."""
        return bool(self.signatories) and user_id not in {member.user_id for member in self.signatories}


def signing_of(session: Session, assessment: Assessment) -> Signing:
    latest = _latest(session, assessment.id)
    return Signing(
        signatories=signatories_of(session, assessment.tenant_id),
        latest=latest,
        asked_by=name_of(session, latest.requested_by) if latest else None,
        returned_by=name_of(session, latest.decided_by) if latest else None,
        changed_since=_changed_since(session, latest) if latest and latest.state == "open" else 0,
    )


def signatories_of(session: Session, tenant_id: uuid.UUID) -> tuple[Member, ...]:
    return tuple(member for member in members_of(session, tenant_id) if member.role == "signatory")


def _latest(session: Session, assessment_id: uuid.UUID) -> SignOff | None:
    query = select(SignOff).where(SignOff.assessment_id == assessment_id)
    return session.scalar(query.order_by(SignOff.requested_at.desc(), SignOff.state != "open").limit(1))


def _changed_since(session: Session, asked: SignOff) -> int:
    query = select(func.count(Answer.question_id)).where(
        Answer.assessment_id == asked.assessment_id, Answer.saved_at > asked.requested_at
    )
    return session.scalar(query) or 0


def ask_for_signature(
    session: Session, assessment: Assessment, evaluation: Evaluation, *, actor_id: int | None, clock: Clock
) -> Sequence[Member]:
    """Mark the assessment ready; the signatories, who are to be told.

    Raises `Conflict` without a signatory or when it was asked already, `Incomplete` and `Implausible` as submitting
    does; remarks are the signatory's to confirm.
    """
    require_draft(assessment)
    signatories = signatories_of(session, assessment.tenant_id)
    if not signatories:
        raise Conflict("no_signatory")
    if not evaluation.path.is_complete:
        raise Incomplete(evaluation)
    if evaluation.errors:
        raise Implausible(evaluation)
    try:
        with session.begin_nested():
            session.add(_new(assessment, requested_by=actor_id, requested_at=clock.now()))
    except IntegrityError as error:
        raise Conflict("signature_asked_already") from error
    return signatories


def _new(assessment: Assessment, **values: Any) -> SignOff:
    return SignOff(id=uuid.uuid4(), tenant_id=assessment.tenant_id, assessment_id=assessment.id, **values)


def return_unsigned(
    session: Session, assessment: Assessment, note: str, *, actor_id: int | None, clock: Clock
) -> SignOff:
    """The signatory does not sign yet and says why; whoever asked is to be told."""
    require_draft(assessment)
    asked = _latest(session, assessment.id)
    if asked is None or asked.state != "open":
        raise Conflict("signature_not_asked")
    said = note.strip()
    if not said or len(said) > LONGEST_NOTE:
        raise Invalid("note_missing" if not said else "text_too_long")
    asked.state, asked.note, asked.decided_by, asked.decided_at = "returned", said, actor_id, clock.now()
    session.flush()
    return asked


def conclude(session: Session, assessment: Assessment, signing: Signing, *, actor_id: int | None, clock: Clock) -> None:
    """Note with the submission who signed it; without a signatory and a request there is nothing to note."""
    if not signing.signatories and not signing.is_asked:
        return
    overridden = signing.needs_override(actor_id)
    row = signing.latest if signing.is_asked else None
    if row is None:
        row = _new(assessment, requested_at=clock.now())
        session.add(row)
    row.state, row.decided_by, row.decided_at = "overridden" if overridden else "signed", actor_id, clock.now()
    section = _WITHOUT if overridden else _WHOLE
    details: dict[str, Any] = {"assessment_id": str(assessment.id), "section": section}
    record(session, clock, "sign_off.given", actor_id, assessment.tenant_id, **details)
    session.flush()
