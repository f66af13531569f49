"""Certificates as their holder and the body that issued them find them, and what the holder lets others see."""

from __future__ import annotations

import uuid
from collections.abc import Iterable

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from maturity.audit.service import record
from maturity.certificates.models import Certificate, CertificateEvent
from maturity.certification.cases import Actor
from maturity.clock import Clock
from maturity.errors import Conflict, NotFound

#: What verification may show besides level and dates, if the holder agrees.
SHOWABLE = ("score", "dimensions", "scope")
#: In these a certificate can still be relied on, be it after a suspension.
STANDING = ("issuing", "valid", "suspended")


def held_by(session: Session, client_id: uuid.UUID) -> list[Certificate]:
    """The certificates of an enterprise, the latest first."""
    query = select(Certificate).where(Certificate.client_id == client_id)
    return list(session.scalars(query.order_by(Certificate.issued_on.desc(), Certificate.number)))


def issued_by(session: Session, body_id: uuid.UUID) -> list[Certificate]:
    """The certificates of a body: those that stand by their last day, then the others, the latest first."""
    found = list(session.scalars(select(Certificate).where(Certificate.body_id == body_id)))
    standing = sorted((row for row in found if row.status in STANDING), key=lambda row: (row.valid_until, row.number))
    over = sorted((row for row in found if row.status not in STANDING), key=lambda row: row.status_since, reverse=True)
    return standing + over


def certificate_held(session: Session, certificate_id: uuid.UUID, client_id: uuid.UUID) -> Certificate:
    return _one(session, Certificate.id == certificate_id, Certificate.client_id == client_id)


def certificate_issued(session: Session, certificate_id: uuid.UUID, body_id: uuid.UUID) -> Certificate:
    return _one(session, Certificate.id == certificate_id, Certificate.body_id == body_id)


def _one(session: Session, *where: ColumnElement[bool]) -> Certificate:
    found = session.scalar(select(Certificate).where(*where))
    if found is None:
        raise NotFound("certificate")
    return found


def events_of(session: Session, certificate: Certificate) -> list[CertificateEvent]:
    """What happened to a certificate, in the order of the log."""
    query = select(CertificateEvent).where(CertificateEvent.certificate_id == certificate.id)
    return list(session.scalars(query.order_by(CertificateEvent.at, CertificateEvent.leaf)))


def set_shown(
    session: Session, certificate: Certificate, shows: Iterable[str], *, in_register: bool, actor: Actor, clock: Clock
) -> None:
    """What verification shows besides level and dates, and whether the certificate stands in the public register."""
    if certificate.status not in STANDING:
        raise Conflict("certificate_over")
    wanted = set(shows)
    certificate.shows = [name for name in SHOWABLE if name in wanted]
    certificate.in_register = in_register
    details = {"certificate_id": str(certificate.id), "number": certificate.number}
    record(session, clock, "certificate.shown_changed", actor.user_id, certificate.client_id, **details)
    session.flush()
