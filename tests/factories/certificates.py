"""Certificates that were really issued: applied for, reviewed, decided on, made and signed by the worker's own job."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from maturity.accounts.models import User
from maturity.assessments.models import Assessment
from maturity.certificates.issuing import ISSUE
from maturity.certificates.models import Certificate
from maturity.certification.cases import assignments_of, case_for
from maturity.clock import FixedClock
from maturity.db import for_tenant
from maturity.jobs.models import Job
from maturity.jobs.routes import HANDLERS
from maturity.jobs.worker import run_one
from maturity.reviewing.opened import ReviewFile, items_of, submitted_of
from maturity.reviewing.rescoring import complete_review
from tests.factories.certification import Made, make_case, staff, step

SITE = "https://maturity.example"


@dataclass(frozen=True, slots=True)
class Issued:
    """A certificate with the case that led to it, as ids."""

    certificate_id: uuid.UUID
    number: str
    made: Made

    def certificate(self, session: Session) -> Certificate:
        return session.get_one(Certificate, self.certificate_id)

    def file(self, session: Session, app: Any) -> bytes:
        """The signed PDF as it is stored."""
        return path_in(app, self.certificate(session)).read_bytes()


def path_in(app: Any, certificate: Certificate) -> Path:
    folder: Path = app.config["DATA_DIR"] / "certificates"
    return folder / f"{certificate.pdf_sha256}.pdf"


def make_issued(app: Any, session: Session, clock: FixedClock, made: Made | None = None) -> Issued:
    """From the application to the signed file. The site has an address, as an installation in use has."""
    decided = make_decided(session, clock, made)
    issue(app, session)
    return decided


def make_decided(session: Session, clock: FixedClock, made: Made | None = None) -> Issued:
    """A certificate whose file is not made yet: the decision has just been taken."""
    made = made or make_case(session, clock, "reviewing")
    review(session, made, clock)
    step(session, made, "recommend", made.lead, clock, reason="certify")
    step(session, made, "decide_certify", made.decider, clock)
    certificate = session.scalars(select(Certificate).where(Certificate.case_id == made.case_id)).one()
    found = Issued(certificate.id, certificate.number, made)
    session.commit()
    return found


def review(session: Session, made: Made, clock: FixedClock, **verdicts: str) -> None:
    """Judge the sample, confirmed unless `verdicts` says otherwise by question, and freeze the result."""
    with for_tenant(session, made.client_id):
        case = made.case(session)
        submitted = submitted_of(session, case)
        items = items_of(session, case, submitted.framework)
        for name, item in items.items():
            item.verdict, item.note = verdicts.get(name, "confirmed"), "Seen on site."
            item.judged_by, item.judged_name, item.judged_at = made.lead.user_id, made.lead.name, clock.now()
        session.flush()
        lead = next(row for row in assignments_of(session, case) if row.part == "lead")
        assessment = session.get_one(Assessment, case.assessment_id)
        complete_review(session, ReviewFile(case, lead, assessment, submitted, items), made.lead, clock)


def issue(app: Any, session: Session) -> None:
    """Work off the jobs that make files of certificates, as the worker does."""
    waiting = select(Job.id).where(Job.kind == ISSUE, Job.state == "queued")
    jobs = list(session.scalars(waiting))
    session.commit()
    for job_id in jobs:
        assert run_one(app, job_id, HANDLERS)
    session.rollback()
    failed = session.scalars(select(Job.error).where(Job.id.in_(jobs), Job.state != "done")).all()
    assert not failed, failed


def make_follower(
    app: Any, session: Session, clock: FixedClock, before: Issued, kind: str, submission_id: uuid.UUID
) -> Issued:
    """The certificate that a change or a renewal leads to, by the same people."""
    from maturity.certification.application import apply_for
    from maturity.tenancy.models import Tenant

    old = before.made
    with for_tenant(session, old.client_id):
        client = session.get_one(Tenant, old.client_id)
        case = apply_for(
            session,
            client,
            submission_id,
            old.body_id,
            "同上",
            old.owner,
            clock,
            kind=kind,
            certificate_id=before.certificate_id,
        )
        made = replace(old, case_id=case.id, submission_id=submission_id)
    step(session, made, "accept", made.manager, clock)
    staff(session, made, clock)
    step(session, made, "plan", made.manager, clock)
    step(session, made, "begin", made.lead, clock)
    return make_issued(app, session, clock, made)


def people_of(session: Session, made: Made) -> tuple[User, User]:
    """The owner of the enterprise and the manager of the body, to sign in."""
    return session.get_one(User, made.owner.user_id), session.get_one(User, made.manager.user_id)


__all__ = ["SITE", "Issued", "case_for", "issue", "make_decided", "make_follower", "make_issued", "path_in"]
