"""The row of the installation, its set-up token, signs of life and the age of its keys."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from maturity.clock import Clock
from maturity.errors import Conflict, NotFound
from maturity.installation.models import Installation, KeySighting, SignOfLife
from maturity.tenancy.models import Membership
from maturity.tenancy.service import PLATFORM

THE_ONE = 1
TOKEN_LASTS = timedelta(hours=24)
#: No 0, 1, I, L, O or U: a token is typed from a screen. 26 of 30 signs are 127 bits.
_SIGNS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
_LENGTH = 26
WORKER, BACKUP = "worker", "backup"
SESSION, SALT, TOTP, SMS = "session", "salt", "totp", "sms"
Keys = Mapping[str, str]


def installation_of(session: Session) -> Installation | None:
    """The row, or None where no set-up has begun."""
    return session.get(Installation, THE_ONE)


def ensure_installation(session: Session) -> Installation:
    """The row, made by whoever needs it first."""
    found = installation_of(session)
    if found is not None:
        return found
    try:
        with session.begin_nested():
            session.add(Installation(id=THE_ONE))
    except IntegrityError:  # somebody else needed it at the same moment
        session.expire_all()
    return session.get_one(Installation, THE_ONE)


def has_operator(session: Session) -> bool:
    """Whether somebody runs this installation already."""
    staff = select(Membership.user_id).where(Membership.tenant_id == PLATFORM, Membership.ended_at.is_(None))
    return session.scalar(staff.limit(1)) is not None


# The set-up token


def make_token(session: Session, clock: Clock) -> str:
    """A new set-up token, good once and for a day; an earlier one is void. `Conflict` when an operator exists."""
    if has_operator(session):
        raise Conflict("operator_exists")
    row = ensure_installation(session)
    plain = "".join(secrets.choice(_SIGNS) for _ in range(_LENGTH))
    row.token_hash, row.token_expires_at = _hash(plain), clock.now() + TOKEN_LASTS
    session.flush()
    return "-".join((plain[:5], plain[5:10], plain[10:15], plain[15:20], plain[20:]))


def read_token(typed: str) -> str:
    """
    >>> read_token(" ab2cd-ef3gh ")
    'AB2CDEF3GH'
    """
    return "".join(sign for sign in typed.upper() if sign.isalnum())[:64]


def _hash(token: str) -> str:
    return hashlib.sha256(read_token(token).encode()).hexdigest()


def is_set_up_open(session: Session) -> bool:
    """Whether the first account may still be made: a token is out, and no operator exists."""
    row = installation_of(session)
    return row is not None and row.set_up_at is None and row.token_hash is not None and not has_operator(session)


def is_token(session: Session, typed: str, clock: Clock) -> bool:
    """Whether this is the token that is out, and it has not run out."""
    row = installation_of(session)
    if row is None or row.token_hash is None or row.token_expires_at is None or row.token_expires_at <= clock.now():
        return False
    return hmac.compare_digest(row.token_hash, _hash(typed))


def use_token(session: Session, typed: str, clock: Clock) -> None:
    """Void the token for good; `NotFound` when it is not the one, or somebody else used it a moment ago."""
    used: Any = session.execute(
        update(Installation)
        .where(
            Installation.id == THE_ONE,
            Installation.token_hash == _hash(typed),
            Installation.token_expires_at > clock.now(),
        )
        .values(token_hash=None, token_expires_at=None)
        .execution_options(synchronize_session=False)
    )
    if used.rowcount != 1 or has_operator(session):
        raise NotFound("set_up")
    session.expire_all()


# Signs of life


def note_life(session: Session, kind: str, clock: Clock, note: str = "") -> None:
    """Something was just at work."""
    row = session.get(SignOfLife, kind)
    if row is None:
        row = SignOfLife(kind=kind)
        session.add(row)
    row.at, row.note = clock.now(), note
    session.flush()


def last_seen(session: Session) -> dict[str, SignOfLife]:
    """The latest sign of each kind."""
    return {row.kind: row for row in session.scalars(select(SignOfLife))}


# The age of keys


def secrets_of(config: Mapping[str, Any]) -> dict[str, str]:
    """Every secret of the configuration by purpose; those of authenticator apps by their names."""
    found = {SESSION: config["SECRET_KEY"], SALT: config["SECURITY_PASSWORD_SALT"]}
    found |= {f"{TOTP}:{name}": secret for name, secret in config["TOTP_SECRETS"].items()}
    if config["SMS_SECRET"]:
        found[SMS] = config["SMS_SECRET"]
    return found


def fingerprint(purpose: str, secret: str) -> str:
    """Tells the secrets of one purpose apart; keyed with the secret, which is long and random."""
    return hmac.new(secret.encode(), b"maturity key sighting\n" + purpose.encode(), hashlib.sha256).hexdigest()[:16]


def sight_keys(session: Session, keys: Keys, clock: Clock) -> None:
    """Note since when each secret is in use; one seen before keeps its day."""
    for purpose, secret in keys.items():
        seen = (purpose, fingerprint(purpose, secret))
        if session.get(KeySighting, seen) is None:
            session.add(KeySighting(purpose=purpose, fingerprint=seen[1], since=clock.now()))
    session.flush()


def keys_since(session: Session, keys: Keys) -> dict[str, datetime | None]:
    """Since when each secret is in use; None for one that no worker has seen yet."""
    rows = {(row.purpose, row.fingerprint): row.since for row in session.scalars(select(KeySighting))}
    return {purpose: rows.get((purpose, fingerprint(purpose, secret))) for purpose, secret in keys.items()}
