"""What colleagues say to each other over an assessment."""

from __future__ import annotations

from sqlalchemy.orm import Session

from maturity.accounts.models import User
from maturity.assessments.models import Assessment
from maturity.clock import FixedClock
from maturity.teamwork.models import Comment


def make_comment(
    session: Session, assessment: Assessment, clock: FixedClock, *, author: User | None = None, body: str = "?"
) -> Comment:
    comment = Comment(
        tenant_id=assessment.tenant_id,
        assessment_id=assessment.id,
        question_id="it_staff",
        body=body,
        written_by=author.id if author else None,
        written_at=clock.now(),
    )
    session.add(comment)
    session.flush()
    return comment
