"""Devices that are signed in: opened at sign-in, looked up at every request, listed and revoked by their owner."""

from __future__ import annotations

import hashlib
import re
import secrets
import uuid
from datetime import timedelta
from typing import Any

from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.orm import Session, joinedload

from maturity.accounts.attempts import network_of
from maturity.accounts.models import SignIn, User
from maturity.clock import Clock
from maturity.tenancy.door import Standing
from maturity.tenancy.models import IdentityProvider

IDLE = timedelta(days=30)
SEEN_EVERY = timedelta(minutes=1)
_BROWSERS = (
    ("Edg", "Edge"),
    ("MicroMessenger", "WeChat"),
    ("QQBrowser", "QQ Browser"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("CriOS", "Chrome"),
    ("Safari/", "Safari"),
)
_SYSTEMS = (
    ("HarmonyOS", "HarmonyOS"),
    ("OpenHarmony", "HarmonyOS"),
    ("Windows", "Windows"),
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)
#: Made once: building it anew would cost more than the database takes to answer.
_LOOKED_UP = (
    select(User, SignIn, IdentityProvider.tenant_id)
    .join(SignIn, SignIn.user_id == User.id)
    .outerjoin(IdentityProvider, IdentityProvider.id == SignIn.provider_id)
    .where(SignIn.secret_hash == bindparam("secret_hash"), SignIn.uniquifier == User.fs_uniquifier, User.active)
    .options(joinedload(User.roles))
)


def hash_of(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def device_words(user_agent: str | None) -> str:
    """Browser and system, as far as they can be told, in the makers' own words.

    >>> device_words("Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/142.0 Safari/537.36 Edg/142.0")
    'Edge, Windows'
    >>> device_words("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1")
    'Safari, iPhone'
    >>> device_words(None)
    ''
    """
    text = user_agent or ""
    found = (next((name for part, name in names if part in text), "") for names in (_BROWSERS, _SYSTEMS))
    return ", ".join(part for part in found if part) or re.sub(r"[^\w./ -]", "", text)[:40]


def open_sign_in(session: Session, user: User, user_agent: str | None, address: str | None, clock: Clock) -> str:
    """Note a new device and return the secret for its cookie; devices not seen for a month are dropped."""
    now = clock.now()
    session.execute(delete(SignIn).where(SignIn.user_id == user.id, SignIn.seen_at < now - IDLE))
    secret = secrets.token_urlsafe(32)
    session.add(
        SignIn(
            secret_hash=hash_of(secret),
            user_id=user.id,
            uniquifier=user.fs_uniquifier,
            device=device_words(user_agent),
            address=network_of(address),
            created_at=now,
            seen_at=now,
        )
    )
    session.flush()
    return secret


def look_up(session: Session, secret: str, clock: Clock) -> tuple[User, SignIn, Standing] | None:
    """Who is signed in with this secret, the device, what was proved; None when it is revoked, idle or never was."""
    row = session.execute(_LOOKED_UP, {"secret_hash": hash_of(secret)}).unique().one_or_none()
    if row is None:
        return None
    user, sign_in, provider_of = row
    if sign_in.seen_at < clock.now() - IDLE:
        return None
    proved = Standing(sign_in.own, sign_in.second_factor, sign_in.provider_id, provider_of, sign_in.provider_says)
    return user, sign_in, proved


def _with(secret: str | None) -> Any:
    return SignIn.secret_hash == hash_of(secret or "")


def note_second_factor(session: Session, secret: str | None) -> None:
    """The device's owner has used a second factor on it."""
    _change(session, _with(secret), second_factor=True)


def forget_second_factors(session: Session, user_id: int) -> None:
    """The person has no second factor any more, so that none of the devices has proved one."""
    _change(session, SignIn.user_id == user_id, second_factor=False)


def note_provider(
    session: Session, secret: str | None, provider_id: uuid.UUID, *, says_second_factor: bool, own: bool
) -> None:
    """The device's owner has come through a provider; `own` where the account's own sign-in was there before."""
    _change(session, _with(secret), provider_id=provider_id, provider_says=says_second_factor, own=own)


def carry_over(session: Session, secret: str | None, standing: Standing) -> None:
    """What the device had proved holds on under its new secret."""
    said = standing.provider_says
    proved = {"second_factor": standing.second_factor, "provider_id": standing.provider_id, "provider_says": said}
    _change(session, _with(secret), **proved)


def _change(session: Session, which: Any, **values: Any) -> None:
    session.execute(update(SignIn).where(which).values(**values).execution_options(synchronize_session="fetch"))


def sign_ins_of(session: Session, user_id: int) -> list[SignIn]:
    return list(session.scalars(select(SignIn).where(SignIn.user_id == user_id).order_by(SignIn.seen_at.desc())))


def revoke(session: Session, user_id: int, sign_in_id: uuid.UUID) -> bool:
    """Sign one device of the person out; whether it was signed in."""
    gone: Any = session.execute(delete(SignIn).where(SignIn.user_id == user_id, SignIn.id == sign_in_id))
    return bool(gone.rowcount)


def revoke_others(session: Session, user_id: int, secret: str | None) -> int:
    """Sign every device of the person out but the one with this secret; how many that were."""
    others = delete(SignIn).where(SignIn.user_id == user_id)
    if secret is not None:
        others = others.where(SignIn.secret_hash != hash_of(secret))
    gone: Any = session.execute(others)
    return int(gone.rowcount)
