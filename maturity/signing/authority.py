"""The local certificate authority: the embedded default where no real key is configured. Pure: keys and bytes.

Everything is P-256 with SHA-256, and follows RFC 5280; the certificate of the time-stamp authority RFC 3161, 2.3.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey, derive_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

ROOT_YEARS, DOCUMENT_YEARS, TIMESTAMP_YEARS = 30, 3, 15
#: A revocation list of ours may be believed for that long; it is made anew with every signature.
LIST_DAYS = 31
_YEAR = timedelta(days=365)
ORGANISATION = "Maturity assessment platform"
#: RFC 9336: signs documents. Readers built on NSS, such as poppler, ask for the use of letters instead; no certificate
#: of ours names an address that a letter could come from.
DOCUMENT_SIGNING = x509.ObjectIdentifier("1.3.6.1.5.5.7.3.36")
#: The order of the curve P-256 (FIPS 186-5).
_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


def key_from(secret: bytes) -> EllipticCurvePrivateKey:
    """A private key from 48 secret bytes: far more than the order has, so that none is likelier (FIPS 186-5, A.2.1)."""
    return derive_private_key(int.from_bytes(secret) % (_ORDER - 1) + 1, SECP256R1())


def issue_root(key: EllipticCurvePrivateKey, name: str, start: datetime) -> x509.Certificate:
    """The authority's own certificate. It signs certificates and revocation lists and nothing else."""
    subject = _name(f"{name} root")
    return (
        _builder(subject, subject, key, start, start + ROOT_YEARS * _YEAR)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(key_cert_sign=True, crl_sign=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, SHA256())
    )


def term_of(purpose: str) -> timedelta:
    """How long a certificate for documents or time stamps is good."""
    return (TIMESTAMP_YEARS if purpose == "timestamp" else DOCUMENT_YEARS) * _YEAR


def issue_leaf(
    key: EllipticCurvePrivateKey,
    root: x509.Certificate,
    root_key: EllipticCurvePrivateKey,
    *,
    purpose: str,
    name: str,
    start: datetime,
    list_url: str | None,
) -> x509.Certificate:
    """The certificate of a key that signs documents or time stamps. It never outlives the root."""
    end = min(start + term_of(purpose), root.not_valid_after_utc)
    is_stamp = purpose == "timestamp"
    extended = (
        [ExtendedKeyUsageOID.TIME_STAMPING] if is_stamp else [DOCUMENT_SIGNING, ExtendedKeyUsageOID.EMAIL_PROTECTION]
    )
    builder = (
        _builder(_name(f"{name} {'time stamps' if is_stamp else 'certificates'}"), root.subject, key, start, end)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(digital_signature=True, content_commitment=True), critical=True)
        .add_extension(x509.ExtendedKeyUsage(extended), critical=is_stamp)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(root_key.public_key()), critical=False)
    )
    if list_url is not None:
        point = x509.DistributionPoint([x509.UniformResourceIdentifier(list_url)], None, None, None)
        builder = builder.add_extension(x509.CRLDistributionPoints([point]), critical=False)
    return builder.sign(root_key, SHA256())


def revocation_list(
    root: x509.Certificate,
    root_key: EllipticCurvePrivateKey,
    revoked: Sequence[tuple[x509.Certificate, datetime]],
    now: datetime,
) -> bytes:
    """The authority's list as of now, in DER. A retired key is not revoked: what it signed stays good."""
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(root.subject)
        .last_update(now)
        .next_update(now + timedelta(days=LIST_DAYS))
        .add_extension(x509.CRLNumber(int(now.timestamp())), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(root_key.public_key()), critical=False)
    )
    for certificate, at in revoked:
        entry = x509.RevokedCertificateBuilder().serial_number(certificate.serial_number).revocation_date(at)
        builder = builder.add_revoked_certificate(
            entry.add_extension(x509.CRLReason(x509.ReasonFlags.key_compromise), critical=False).build()
        )
    return builder.sign(root_key, SHA256()).public_bytes(Encoding.DER)


def _builder(
    subject: x509.Name, issuer: x509.Name, key: EllipticCurvePrivateKey, start: datetime, end: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(uuid.uuid4().int >> 1)
        .not_valid_before(start.replace(microsecond=0))
        .not_valid_after(end.replace(microsecond=0))
    )


def _name(common: str) -> x509.Name:
    return x509.Name(
        [x509.NameAttribute(NameOID.ORGANIZATION_NAME, ORGANISATION), x509.NameAttribute(NameOID.COMMON_NAME, common)]
    )


def _usage(**given: bool) -> x509.KeyUsage:
    names = (
        "digital_signature",
        "content_commitment",
        "key_encipherment",
        "data_encipherment",
        "key_agreement",
        "key_cert_sign",
        "crl_sign",
        "encipher_only",
        "decipher_only",
    )
    return x509.KeyUsage(**{name: given.get(name, False) for name in names})
