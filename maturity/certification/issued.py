"""What follows when a certificate has its file: both sides' logs and letters, and the end of the one it replaces."""

from __future__ import annotations

from sqlalchemy.orm import Session

from maturity.certificates.models import Certificate, CertificateEvent
from maturity.certification import process
from maturity.certification.cases import CLOCK, log_both
from maturity.certification.letters import tell_of_standing
from maturity.certification.models import CertificationCase
from maturity.certification.process import Refusal
from maturity.certification.standing import change_standing
from maturity.clock import Clock

#: Kind of the case that led to the new certificate -> what happens to the old one.
ENDED_BY = {"change": "changed", "renewal": "renewed"}


def follow_issue(session: Session, certificate: Certificate, event: CertificateEvent, clock: Clock) -> None:
    """In the transaction in which the certificate becomes valid; the session works across tenants."""
    details = {"certificate_id": str(certificate.id), "number": certificate.number}
    log_both(session, clock, certificate, "certificate.issued", CLOCK, **details)
    tell_of_standing(session, certificate, event, clock)
    _end_replaced(session, certificate, clock)


def _end_replaced(session: Session, certificate: Certificate, clock: Clock) -> None:
    """One that was withdrawn meanwhile stays so."""
    if certificate.replaces_id is None:
        return
    replaced = session.get_one(Certificate, certificate.replaces_id)
    kind = ENDED_BY[session.get_one(CertificationCase, certificate.case_id).kind]
    if not isinstance(process.standing_after(replaced.status, kind, CLOCK.side), Refusal):
        change_standing(session, replaced, kind, CLOCK, clock)
