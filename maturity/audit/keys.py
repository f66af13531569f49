"""A key for every person the log names: destroying it erases the person and leaves the chain as it was.

A subject's key is 32 random bytes. It is kept wrapped under a key of the installation, which is derived from
`MATURITY_SECRET_KEY` and stands in no database and no backup of one. Both ciphers are AES-256-GCM; what is encrypted
is bound to its event and detail, so that it cannot be moved to another.
"""

from __future__ import annotations

import base64
import os
import uuid
from collections.abc import Iterable, Mapping
from functools import lru_cache

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from flask import current_app
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from maturity.audit.models import SubjectKey
from maturity.audit.vocabulary import Personal
from maturity.clock import Clock

PURPOSE = b"maturity: keys of the audit log's subjects"
NONCE = 12


@lru_cache(maxsize=4)
def master_key(secret: str) -> bytes:
    """The key under which subjects' keys are wrapped: HKDF-SHA-256 of the installation's secret (RFC 5869)."""
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=PURPOSE).derive(secret.encode())


def _master() -> bytes:
    return master_key(current_app.config["SECRET_KEY"])  # of the app to which the session belongs, too


def encrypt(key: bytes, text: bytes, bound_to: str) -> bytes:
    """Nonce (12 bytes), ciphertext, tag (16 bytes)."""
    nonce = os.urandom(NONCE)
    return nonce + AESGCM(key).encrypt(nonce, text, bound_to.encode())


def decrypt(key: bytes, data: bytes, bound_to: str) -> bytes:
    return AESGCM(key).decrypt(data[:NONCE], data[NONCE:], bound_to.encode())


def protect(
    session: Session, clock: Clock, event_id: uuid.UUID, field: str, personal: Personal
) -> dict[str, str | None]:
    """The detail as it is stored; of a subject that is erased nothing is kept, not even new things."""
    key = _key_for(session, clock, personal.subject)
    cipher = encrypt(key, personal.text.encode(), f"{event_id}:{field}") if key else None
    return {"subject": personal.subject, "cipher": base64.b64encode(cipher).decode() if cipher else None}


def _key_for(session: Session, clock: Clock, subject: str) -> bytes | None:
    """The subject's key, made now if there is none; None when it was erased."""
    kept = _kept_key(session, subject) or _add_key(session, clock, subject)
    return None if kept.wrapped is None else decrypt(_master(), kept.wrapped, subject)


def kept_secret(session: Session, clock: Clock, subject: str) -> bytes:
    """A secret of the installation's own, made now if there is none, and kept as those of the subjects are."""
    found = _key_for(session, clock, subject)
    if found is None:
        raise LookupError(f"the secret {subject} was destroyed")
    return found


def _kept_key(session: Session, subject: str) -> SubjectKey | None:
    return session.scalar(select(SubjectKey).where(SubjectKey.subject == subject))


def _add_key(session: Session, clock: Clock, subject: str) -> SubjectKey:
    """The new key, or the one that somebody else added at the same moment."""
    wrapped = encrypt(_master(), os.urandom(32), subject)
    try:
        with session.begin_nested():
            session.add(added := SubjectKey(subject=subject, wrapped=wrapped, created_at=clock.now()))
    except IntegrityError:
        found = _kept_key(session, subject)
        if found is None:
            raise
        return found
    return added


def readable_keys(session: Session, subjects: Iterable[str]) -> dict[str, bytes]:
    """The keys there are for these subjects; one wrapped under another installation's secret cannot be read."""
    wanted = set(subjects)
    if not wanted:
        return {}
    rows = session.execute(select(SubjectKey.subject, SubjectKey.wrapped).where(SubjectKey.subject.in_(wanted)))
    keys: dict[str, bytes] = {}
    for subject, wrapped in rows:
        try:
            keys |= {subject: decrypt(_master(), wrapped, subject)} if wrapped else {}
        except InvalidTag:
            continue
    return keys


def reveal(keys: Mapping[str, bytes], event_id: uuid.UUID, field: str, stored: Mapping[str, str | None]) -> str | None:
    """The personal detail as it was written; None when it cannot be read any more."""
    key, cipher = keys.get(stored["subject"] or ""), stored["cipher"]
    if key is None or cipher is None:
        return None
    try:
        return decrypt(key, base64.b64decode(cipher), f"{event_id}:{field}").decode()
    except (InvalidTag, ValueError):  # tampered with: the verification says where
        return None


def erase_subject(session: Session, subject: str, clock: Clock) -> None:
    """Destroy the key: from now on nobody can read what the log says about the person. It cannot be undone."""
    if _kept_key(session, subject) is None:
        session.add(SubjectKey(subject=subject, wrapped=None, created_at=clock.now(), erased_at=clock.now()))
        session.flush()
        return
    living = (SubjectKey.subject == subject) & SubjectKey.wrapped.is_not(None)
    session.execute(update(SubjectKey).where(living).values(wrapped=None, erased_at=clock.now()))


def rewrap(session: Session, old_secret: str, new_secret: str) -> int:
    """Wrap every key anew after the installation's secret was changed; how many."""
    old, new, count = master_key(old_secret), master_key(new_secret), 0
    for row in session.scalars(select(SubjectKey).where(SubjectKey.wrapped.is_not(None))):
        row.wrapped = encrypt(new, decrypt(old, row.wrapped or b"", row.subject), row.subject)
        count += 1
    session.flush()
    return count
