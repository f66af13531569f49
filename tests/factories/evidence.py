"""Evidence as rows, without bytes: enough to ask for it."""

from __future__ import annotations

import hashlib
import uuid

from sqlalchemy.orm import Session

from maturity.assessments.models import Assessment
from maturity.clock import FixedClock
from maturity.evidence.models import EvidenceFile, EvidenceLink


def make_evidence(
    session: Session, assessment: Assessment, clock: FixedClock, question_id: str = "it_investment"
) -> EvidenceLink:
    """A file of its own beside one answer."""
    file = EvidenceFile(
        id=uuid.uuid4(),
        tenant_id=assessment.tenant_id,
        sha256=hashlib.sha256(uuid.uuid4().bytes).hexdigest(),
        size=1000,
        media_type="application/pdf",
        name="台账.pdf",
        state="unscanned",
        uploaded_at=clock.now(),
    )
    session.add(file)
    session.flush()
    link = EvidenceLink(
        id=uuid.uuid4(),
        tenant_id=assessment.tenant_id,
        file_id=file.id,
        assessment_id=assessment.id,
        question_id=question_id,
        linked_at=clock.now(),
    )
    session.add(link)
    session.flush()
    return link
