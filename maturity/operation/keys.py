"""The installation's keys: since when each is in use, how many things hang on it, and how it is changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from maturity.accounts.models import User
from maturity.audit.models import SubjectKey
from maturity.clock import Clock
from maturity.db import every_tenant
from maturity.installation.service import SALT, TOTP, keys_since, secrets_of

#: After this long a key should be changed; the salt cannot be, because stored passwords hang on it.
OLD = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Key:
    """`since` is None for one that no worker has seen yet; `count` says how many things it protects."""

    purpose: str
    name: str
    since: datetime | None
    is_old: bool
    count: int | None = None
    is_shared: bool = False  # it is the session key as well, because no key of its own is configured


@dataclass(frozen=True, slots=True)
class SubjectKeys:
    """The keys of the people the audit log names."""

    kept: int
    erased: int
    oldest: datetime | None


def keys_of(session: Session, config: Mapping[str, Any], clock: Clock) -> list[Key]:
    """The keys in use with their age, as the worker saw them for the first time."""
    secrets = secrets_of(config)
    with every_tenant(session, "operate"):
        since = keys_since(session, secrets)
        apps = session.scalar(select(func.count(User.id)).where(User.tf_primary_method == "authenticator")) or 0
    return [
        Key(
            purpose.partition(":")[0],
            purpose.partition(":")[2],
            since[purpose],
            purpose != SALT and since[purpose] is not None and clock.now() - since[purpose] > OLD,  # type: ignore[operator]  # not None
            apps if purpose.startswith(TOTP) else None,
            purpose.startswith(TOTP) and secret == config["SECRET_KEY"],
        )
        for purpose, secret in secrets.items()
    ]


def subject_keys_of(session: Session) -> SubjectKeys:
    with every_tenant(session, "operate"):
        kept = session.execute(
            select(func.count(SubjectKey.subject), func.min(SubjectKey.created_at)).where(
                SubjectKey.erased_at.is_(None)
            )
        ).one()
        erased = session.scalar(select(func.count(SubjectKey.subject)).where(SubjectKey.erased_at.is_not(None)))
    return SubjectKeys(kept[0], erased or 0, kept[1])
