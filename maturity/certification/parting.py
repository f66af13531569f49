"""What is left of certification when an enterprise has its data deleted: decisions and certificates, and no answers."""

from __future__ import annotations

import uuid

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from maturity.certificates.models import Certificate
from maturity.certification.cases import Actor, move
from maturity.certification.models import OVER, CertificationCase
from maturity.clock import Clock


def part_from(session: Session, tenant_id: uuid.UUID, name: str, gone: str, clock: Clock) -> None:
    """Take back what the enterprise applied for, and empty its cases; `gone` is what stands where its name stood.

    The other side keeps that there was a case and what was decided, with the particulars where a certificate shows
    them to everybody anyway. The session works across tenants.
    """
    holder = Actor(None, name, "enterprise", tenant_id, frozenset({"CERTIFICATION_APPLY"}))
    mine = CertificationCase.client_id == tenant_id
    running = select(CertificationCase).where(mine, CertificationCase.state.not_in(OVER))
    for case in session.scalars(running.order_by(CertificationCase.applied_at)).all():
        move(session, case, "withdraw", holder, clock)
    session.flush()
    emptied = {"assessment_id": None, "submission_id": None, "reviewed_document": None, "scope": "", "applied_by": None}
    session.execute(update(CertificationCase).where(mine).values(emptied))
    certified = select(Certificate.case_id)
    nameless = {"client_name": gone, "uscc": ""}
    session.execute(update(CertificationCase).where(mine, CertificationCase.id.not_in(certified)).values(nameless))
    session.expire_all()
