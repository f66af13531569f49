"""The keys in force, made when they are needed first, and their rotation.

An embedded private key follows from 32 random bytes of its own, kept as the audit log's keys are: wrapped under the
session key, which stands in no database and no backup of one. Rotation destroys those bytes: with a retired key nobody
can sign any more, and so nothing can be dated back. Only an authority keeps its key, for its revocation list.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from cryptography import x509
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from maturity.audit.keys import erase_subject, kept_secret
from maturity.clock import Clock
from maturity.db import every_tenant
from maturity.signing.authority import issue_leaf, issue_root, key_from, revocation_list, term_of
from maturity.signing.models import PURPOSES, SigningKey

#: Those with a certificate of the local authority; the others sign what programs check by the published key.
FILES = ("document", "timestamp")
TOKENS = ("log", "credential")
#: A certificate is renewed before it ends: nobody wants to wait for the last day.
RENEWED_BEFORE = timedelta(days=30)
PublicKey = Ed25519PublicKey | EllipticCurvePublicKey | RSAPublicKey


class ClockSetBack(RuntimeError):
    """The clock shows a time before the key in force was made: what is signed now would be dated wrongly."""


class KeyNotHere(RuntimeError):
    """The key that is to sign cannot be reached; the message says which, and what came back."""


@dataclass(frozen=True, slots=True)
class PublishedKey:
    """What everybody may know of a key."""

    key_id: str
    purpose: str
    source: str
    public_key: PublicKey
    certificate: x509.Certificate | None
    not_before: datetime
    not_after: datetime | None
    retired_at: datetime | None
    revoked_at: datetime | None = None
    issuer_key_id: str | None = None

    @property
    def is_in_force(self) -> bool:
        return self.retired_at is None


@dataclass(frozen=True, slots=True)
class FileKey:
    """An embedded key that signs files, with its certificate and that of its authority."""

    key_id: str
    key: EllipticCurvePrivateKey
    certificate: x509.Certificate
    root: x509.Certificate
    root_key: EllipticCurvePrivateKey


def public_keys(session: Session, purpose: str | None = None) -> list[PublishedKey]:
    """All keys there are and were, of one purpose or of all, the newest first."""
    query = select(SigningKey).order_by(SigningKey.not_before.desc(), SigningKey.key_id)
    found = session.scalars(query if purpose is None else query.where(SigningKey.purpose == purpose))
    return [_published(row) for row in found]


def _published(row: SigningKey) -> PublishedKey:
    return PublishedKey(
        row.key_id,
        row.purpose,
        row.source,
        public_key_of(row),
        certificate_of(row),
        row.not_before,
        row.not_after,
        row.retired_at,
        row.revoked_at,
        row.issuer_key_id,
    )


def public_key_of(row: SigningKey) -> PublicKey:
    return _known(load_pem_public_key(row.public_key.encode()))


def public_key_in(certificate: x509.Certificate) -> PublicKey:
    return _known(certificate.public_key())


def _known(public: object) -> PublicKey:
    if not isinstance(public, PublicKey):
        raise TypeError(type(public).__name__)
    return public


def certificate_of(row: SigningKey) -> x509.Certificate | None:
    return x509.load_pem_x509_certificate(row.certificate.encode()) if row.certificate else None


def key_id_of(public: PublicKey) -> str:
    """Sixteen hexadecimal digits: the beginning of the hash of the key's SubjectPublicKeyInfo."""
    return sha256(public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).hexdigest()[:16]


def signing_key(session: Session, purpose: str, clock: Clock) -> tuple[str, Ed25519PrivateKey]:
    """The key in force for heads of the log or for credentials, made when it is needed for the first time."""
    if purpose not in TOKENS:
        raise ValueError(f"{purpose} has no key for tokens")
    row = in_force(session, purpose) or _make(session, purpose, clock, "")
    _refuse_set_back(row, clock)
    return row.key_id, _token_key(session, row.id, clock)


def file_key(session: Session, purpose: str, clock: Clock, site: str) -> FileKey:
    """The embedded key in force for documents or time stamps; a certificate that ends soon gives way to a new one."""
    row = in_force(session, purpose)
    if row is not None and row.not_after is not None and row.not_after - RENEWED_BEFORE <= clock.now():
        retire(session, row, clock)
        row = None
    row = row or _make(session, purpose, clock, site)
    certificate = certificate_of(row)
    if certificate is None or row.source != "embedded":
        raise KeyNotHere(f"the key {row.key_id} in force for {purpose} is of {row.source}, which is not configured")
    _refuse_set_back(row, clock)
    root_row = session.scalars(select(SigningKey).where(SigningKey.key_id == row.issuer_key_id)).one()
    root = certificate_of(root_row)
    if root is None:
        raise LookupError("the authority has no certificate")
    return FileKey(row.key_id, _ec_key(session, row.id, clock), certificate, root, _ec_key(session, root_row.id, clock))


def _refuse_set_back(row: SigningKey, clock: Clock) -> None:
    """Machines that share the database differ by less than a second."""
    if row.not_before > clock.now() + timedelta(seconds=1):
        raise ClockSetBack(f"{row.purpose}: the key {row.key_id} was made on {row.not_before}, it is {clock.now()}")


def in_force(session: Session, purpose: str) -> SigningKey | None:
    return session.scalar(select(SigningKey).where(SigningKey.purpose == purpose, SigningKey.retired_at.is_(None)))


def _make(session: Session, purpose: str, clock: Clock, site: str) -> SigningKey:
    """The new key, or the one that somebody else made at the same moment."""
    makers: dict[str, Callable[[], SigningKey]] = {
        "root": lambda: _new_root(session, clock, site),
        **dict.fromkeys(FILES, lambda: _new_leaf(session, purpose, clock, site)),
        **dict.fromkeys(TOKENS, lambda: _new_token(session, purpose, clock)),
    }
    try:
        with session.begin_nested():
            session.add(made := makers[purpose]())
    except IntegrityError:
        found = in_force(session, purpose)
        if found is None:
            raise
        return found
    return made


def _new_token(session: Session, purpose: str, clock: Clock) -> SigningKey:
    number = uuid.uuid4()
    public = _token_key(session, number, clock).public_key()
    return _row(number, purpose, public, clock)


def _new_root(session: Session, clock: Clock, site: str) -> SigningKey:
    number = uuid.uuid4()
    key = _ec_key(session, number, clock)
    return _row(number, "root", key.public_key(), clock, issue_root(key, _called(site), clock.now()))


def _new_leaf(session: Session, purpose: str, clock: Clock, site: str) -> SigningKey:
    root = _authority(session, purpose, clock, site)
    root_certificate = certificate_of(root)
    if root_certificate is None:
        raise LookupError("the authority has no certificate")
    number = uuid.uuid4()
    key = _ec_key(session, number, clock)
    certificate = issue_leaf(
        key,
        root_certificate,
        _ec_key(session, root.id, clock),
        purpose=purpose,
        name=_called(site),
        start=clock.now(),
        list_url=f"{site}/signing-keys/{root.key_id}.crl" if site else None,
    )
    return _row(number, purpose, key.public_key(), clock, certificate, root.key_id)


def _authority(session: Session, purpose: str, clock: Clock, site: str) -> SigningKey:
    """The authority in force; one that would end before the new certificate does gives way to a new one."""
    row = in_force(session, "root")
    if row is not None and row.not_after is not None and row.not_after < clock.now() + term_of(purpose):
        retire(session, row, clock)
        row = None
    if row is not None:
        _refuse_set_back(row, clock)
    return row or _make(session, "root", clock, site)


def _called(site: str) -> str:
    """The authority's name among those of other installations."""
    return site.partition("://")[2].partition("/")[0] or "local"


def _row(
    number: uuid.UUID,
    purpose: str,
    public: PublicKey,
    clock: Clock,
    certificate: x509.Certificate | None = None,
    issuer_key_id: str | None = None,
    source: str = "embedded",
) -> SigningKey:
    return SigningKey(
        id=number,
        key_id=key_id_of(public),
        purpose=purpose,
        source=source,
        public_key=public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode(),
        certificate=certificate.public_bytes(Encoding.PEM).decode() if certificate else None,
        issuer_key_id=issuer_key_id,
        not_before=clock.now(),
        not_after=certificate.not_valid_after_utc if certificate else None,
    )


def adopt(session: Session, purpose: str, source: str, certificate: x509.Certificate, clock: Clock) -> SigningKey:
    """Publish the configured key as the one in force; the one before it is retired. Harmless when it is already."""
    public = public_key_in(certificate)
    pem = certificate.public_bytes(Encoding.PEM).decode()
    row = in_force(session, purpose)
    if row is not None and row.certificate == pem:
        return row
    if row is not None:
        retire(session, row, clock)
    known = session.scalar(select(SigningKey).where(SigningKey.key_id == key_id_of(public)))
    if known is not None and (known.revoked_at is not None or known.purpose != purpose):
        raise KeyNotHere(f"the key {known.key_id} was revoked, or signs something else; configure another one")
    if known is not None:  # the same key came back: with a renewed certificate, or after another was tried
        known.certificate, known.not_after, known.source = pem, certificate.not_valid_after_utc, source
        known.retired_at = None
        session.flush()
        return known
    session.add(made := _row(uuid.uuid4(), purpose, public, clock, certificate, source=source))
    session.flush()
    return made


def rotate(session: Session, purpose: str, clock: Clock, site: str) -> SigningKey:
    """A new key in force; the old one is retired. A new authority means new keys under it, too."""
    if purpose not in PURPOSES:
        raise ValueError(f"{purpose} is no purpose")
    for name in (purpose, *(FILES if purpose == "root" else ())):
        row = in_force(session, name)
        if row is not None and (name == purpose or row.source == "embedded"):
            retire(session, row, clock)
    return _make(session, purpose, clock, site)


def retire(session: Session, row: SigningKey, clock: Clock) -> None:
    row.retired_at = max(clock.now(), row.not_before)
    if row.source == "embedded" and row.purpose != "root":
        with every_tenant(session):  # a certificate may end while its successor is needed for one tenant's file
            erase_subject(session, _subject(row.id), clock)
    session.flush()


def revoke(session: Session, key_id: str, clock: Clock) -> SigningKey:
    """From now on nothing signed with this key is believed, however old; an authority takes those under it along."""
    row = session.scalar(select(SigningKey).where(SigningKey.key_id == key_id))
    if row is None:
        raise LookupError(key_id)
    under = session.scalars(select(SigningKey).where(SigningKey.issuer_key_id == key_id)).all()
    for one in (row, *under):
        if one.retired_at is None:
            retire(session, one, clock)
        one.revoked_at = one.revoked_at or max(clock.now(), one.not_before)
    session.flush()
    return row


def _subject(number: uuid.UUID) -> str:
    return f"signing:{number}"


def _token_key(session: Session, number: uuid.UUID, clock: Clock) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(_derived(session, number, clock, 32))


def _ec_key(session: Session, number: uuid.UUID, clock: Clock) -> EllipticCurvePrivateKey:
    return key_from(_derived(session, number, clock, 48))


def _derived(session: Session, number: uuid.UUID, clock: Clock, length: int) -> bytes:
    try:
        secret = kept_secret(session, clock, _subject(number))
    except InvalidTag as error:
        raise KeyNotHere("MATURITY_SECRET_KEY was changed: flask audit rewrap makes the keys readable again") from error
    return HKDF(algorithm=SHA256(), length=length, salt=None, info=b"maturity: signing key").derive(secret)


def authority_key(session: Session, root: SigningKey, clock: Clock) -> EllipticCurvePrivateKey:
    """Of an authority, retired or not: it signs its revocation list for as long as its certificates are looked at."""
    if root.purpose != "root":
        raise LookupError(root.purpose)
    return _ec_key(session, root.id, clock)


def list_of(session: Session, root_key_id: str, clock: Clock) -> bytes:
    """The revocation list of one of our authorities as of now, in DER; `LookupError` where there is none."""
    query = select(SigningKey).where(SigningKey.key_id == root_key_id, SigningKey.purpose == "root")
    root = session.scalar(query)
    certificate = certificate_of(root) if root else None
    if root is None or certificate is None:
        raise LookupError(root_key_id)
    under = select(SigningKey).where(SigningKey.issuer_key_id == root_key_id, SigningKey.revoked_at.is_not(None))
    revoked = [(certificate_of(row), row.revoked_at) for row in session.scalars(under.order_by(SigningKey.key_id))]
    listed = [(one, at) for one, at in revoked if one is not None and at is not None]
    return revocation_list(certificate, authority_key(session, root, clock), listed, clock.now())
