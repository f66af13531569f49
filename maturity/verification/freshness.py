"""As of when a statement holds: the head of the transparency log at that time."""

from __future__ import annotations

from sqlalchemy.orm import Session

from maturity.transparency import service
from maturity.verification.statement import Head


def latest_head(session: Session) -> Head | None:
    """The log's latest signed head; None while the log is empty."""
    head = service.latest_head(session)
    return Head(head.size, head.root, head.at) if head else None
