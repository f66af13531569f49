"""What the enterprise answers to the findings of a letter, one by one, before it hands all of them in."""

from __future__ import annotations

import uuid

from sqlalchemy.orm import Session

from maturity.certification.cases import Actor, findings_of
from maturity.certification.models import CertificationCase, Finding
from maturity.clock import Clock
from maturity.errors import Conflict, Invalid, NotFound

LONGEST_ANSWER = 2000


def finding_of(session: Session, case: CertificationCase, finding_id: uuid.UUID) -> Finding:
    """A finding that was sent; drafts are not there for the enterprise."""
    found = next((item for item in findings_of(session, case) if item.id == finding_id), None)
    if found is None:
        raise NotFound("finding")
    return found


def answer_finding(
    session: Session, case: CertificationCase, finding: Finding, text: str, actor: Actor, clock: Clock
) -> None:
    """Say how a finding was put right. Until everything is handed in, an answer may be written anew."""
    session.refresh(case, with_for_update=True)
    if case.state != "correcting":
        raise Conflict("finding_answer_closed")
    if finding.grade == "observation" or finding.state == "closed":
        raise Conflict("finding_needs_none")
    if not text.strip():
        raise Invalid("finding_answer")
    if len(text) > LONGEST_ANSWER:
        raise Invalid("finding_text_long")
    finding.answer, finding.state = text.strip(), "answered"
    finding.answered_by, finding.answered_name, finding.answered_at = actor.user_id, actor.name, clock.now()
    session.flush()
