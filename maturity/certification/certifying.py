"""What a decided case hands over so that a certificate is made of it, and the proof that it still follows from it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from maturity.certificates.issuing import ToCertify, differences
from maturity.certificates.models import Certificate
from maturity.certification.bodies import body_of
from maturity.certification.models import GRADES, CertificationCase, Finding
from maturity.certification.process import months_after, the_process
from maturity.clock import LOCAL
from maturity.errors import Conflict
from maturity.tenancy.models import Tenant


def to_certify(session: Session, case: CertificationCase) -> ToCertify:
    """A case as decided. `Conflict` where it has no frozen result, which no decision lets happen."""
    if case.reviewed_document is None or case.reviewed_sha256 is None or case.weight_reviewed is None:
        raise Conflict("review_incomplete")
    body, replaced = body_of(session, case.body_id), _replaced(session, case)
    decided_on = case.decided_at.astimezone(LOCAL).date() if case.decided_at else date.max
    return ToCertify(
        case_id=case.id,
        client_id=case.client_id,
        body_id=case.body_id,
        kind=case.kind,
        replaces_id=case.certificate_id,
        assessment_id=case.assessment_id,
        holder=case.client_name,
        uscc=case.uscc,
        industry=case.industry,
        region=case.region,
        body_name=case.body_name,
        body_number=body.number if body else "",
        scope=case.scope,
        document=case.reviewed_document,
        document_sha256=case.reviewed_sha256,
        submission_sha256=case.submission_sha256,
        weight_reviewed=case.weight_reviewed,
        sample_rules=case.sample_rules or "",
        seed=case.seed or "",
        findings=_findings(session, case),
        valid_until=last_day(case.kind, decided_on, replaced),
        is_synthetic=session.scalar(select(Tenant.is_synthetic).where(Tenant.id == case.client_id)) or False,
        actor_id=case.decided_by,
    )


def _replaced(session: Session, case: CertificationCase) -> Certificate | None:
    return session.get(Certificate, case.certificate_id) if case.certificate_id else None


def last_day(kind: str, issued_on: date, replaced: Certificate | None) -> date:
    """Until when a certificate issued on a day is valid.

    A change ends with what it changes. A renewal counts from the end of what it renews, so that applying in good time
    costs nobody a day.
    """
    if kind == "change" and replaced is not None:
        return max(replaced.valid_until, issued_on)
    start = issued_on
    if kind == "renewal" and replaced is not None:
        start = max(issued_on, replaced.valid_until + timedelta(days=1))
    return months_after(start, the_process().period("validity_months")) - timedelta(days=1)


def _findings(session: Session, case: CertificationCase) -> dict[str, int]:
    """How many findings of each grade the enterprise was told of."""
    told = select(Finding.grade).where(Finding.case_id == case.id, Finding.state != "draft")
    counted = Counter(session.scalars(told))
    return {grade: counted[grade] for grade in GRADES}


# Proving it


def unlike_their_cases(session: Session) -> Iterator[tuple[Certificate, tuple[str, ...]]]:
    """Every certificate with what of it does not follow from its case; the session works across tenants."""
    for certificate in session.scalars(select(Certificate).order_by(Certificate.number)):
        case = session.get(CertificationCase, certificate.case_id)
        if case is None:  # the enterprise had its data deleted; what was certified stays in the certificate
            yield certificate, ()
            continue
        try:
            yield certificate, tuple(differences(session, certificate, to_certify(session, case)))
        except Conflict:
            yield certificate, ("case",)
