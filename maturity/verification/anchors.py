"""Whom the site vouches for when a signature is checked: read from its published keys."""

from __future__ import annotations

from asn1crypto import x509 as asn1
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from sqlalchemy import select
from sqlalchemy.orm import Session

from maturity.signing.keys import certificate_of
from maturity.signing.models import SigningKey
from maturity.verification.signatures import Anchors


def anchors_of(session: Session) -> Anchors:
    trusted: list[asn1.Certificate] = []
    stamping: list[asn1.Certificate] = []
    revoked: set[bytes] = set()
    for row in session.scalars(select(SigningKey).where(SigningKey.certificate.is_not(None))):
        certificate = certificate_of(row)
        if certificate is None:
            continue
        if row.revoked_at is not None:
            revoked.add(_der(certificate))
        elif row.purpose == "root" or row.source != "embedded":
            vouching = stamping if row.purpose == "timestamp" else trusted
            vouching.append(asn1.Certificate.load(_der(certificate)))
    return Anchors(tuple(trusted), frozenset(revoked), tuple(stamping))


def _der(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(Encoding.DER)
