"""Proof that every reviewed result still follows from its facts, and these from what was submitted and the verdicts."""

from __future__ import annotations

import json

from sqlalchemy import select
from sqlalchemy.orm import Session

from maturity.assessments.submission import rescored
from maturity.certification.models import CertificationCase
from maturity.editions.service import canonical, digest
from maturity.errors import MaturityError
from maturity.reviewing.rescoring import reviewed_result


def verify_reviews(session: Session) -> tuple[int, list[str]]:
    """How many reviewed results there are, and the cases of those that differ; the session works across tenants."""
    query = select(CertificationCase).where(CertificationCase.reviewed_document.is_not(None))
    cases = list(session.scalars(query.order_by(CertificationCase.applied_at, CertificationCase.id)))
    return len(cases), [str(case.id) for case in cases if not is_genuine(session, case)]


def is_genuine(session: Session, case: CertificationCase) -> bool:
    """Whether the stored bytes have their hash, say what the row says, and come out again.

    Whatever cannot even be read has been changed, too. Where the enterprise had its data deleted, what was submitted is
    gone, and the result is proved from its own facts alone.
    """
    stored = (case.reviewed_document or "").encode()
    try:
        document = json.loads(stored)
        again = canonical(rescored(session, document)) == stored
        again &= document["score"]["level"] == case.level_reviewed
        if case.submission_id is not None:
            again &= canonical(reviewed_result(session, case)) == stored
    except (ArithmeticError, LookupError, TypeError, ValueError, AttributeError, MaturityError):
        return False
    return again and digest(stored) == case.reviewed_sha256
