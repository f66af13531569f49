"""Lock-out: after several failures within a quarter of an hour the next try has to wait, longer each time.

The counts lie in the database, because every process must see them; what is typed for an account that does not exist is
counted just the same.
"""

from __future__ import annotations

import hashlib
import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import case, delete, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from maturity.accounts.models import FailedAttempts
from maturity.clock import Clock

WINDOW = timedelta(minutes=15)
FIRST_DELAY = timedelta(seconds=30)
LONGEST_DELAY = timedelta(minutes=30)
FORGOTTEN_AFTER = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Counted:
    """What failures are counted by, and from how many on the next try has to wait."""

    key: str
    threshold: int


def by_account(typed: str) -> Counted:
    """Whether there is such an account or not."""
    return Counted(_hash("account", typed), 10)


def by_network(address: str | None) -> Counted:
    """A whole works may share one address, so that it is allowed more."""
    return Counted(_hash("network", network_of(address)), 50)


def by_factor(user_id: int) -> Counted:
    """A code has six digits only, and whoever types it knows the password already."""
    return Counted(_hash("factor", str(user_id)), 5)


def network_of(address: str | None) -> str:
    """The network of an address, which says where somebody is without saying who.

    >>> network_of("203.0.113.77"), network_of("2001:db8:1:2::3"), network_of("::ffff:203.0.113.77"), network_of(None)
    ('203.0.113.0/24', '2001:db8:1::/48', '203.0.113.0/24', '')
    """
    try:
        found = ipaddress.ip_address(address or "")
    except ValueError:
        return ""
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped:
        found = found.ipv4_mapped
    return str(ipaddress.ip_network(f"{found}/{24 if found.version == 4 else 48}", strict=False))


def blocked_until(session: Session, counted: Iterable[Counted], clock: Clock) -> datetime | None:
    """Until when a try is refused, or None. What is refused is not counted: trying on does not lengthen the wait."""
    keys = [entry.key for entry in counted]
    until = session.scalar(select(func.max(FailedAttempts.blocked_until)).where(FailedAttempts.key.in_(keys)))
    return until if until is not None and until > clock.now() else None


def note_failures(session: Session, counted: Iterable[Counted], clock: Clock) -> bool:
    """Count one failure more; whether the next try has to wait."""
    now = clock.now()
    session.execute(delete(FailedAttempts).where(FailedAttempts.last_at < now - FORGOTTEN_AFTER))
    waits = [_note(session, entry, now) for entry in sorted(counted, key=lambda entry: entry.key)]  # all are counted
    return any(waits)


def forget_failures(session: Session, *counted: Counted) -> None:
    """After the right password or a reset."""
    session.execute(delete(FailedAttempts).where(FailedAttempts.key.in_([entry.key for entry in counted])))


def _note(session: Session, counted: Counted, now: datetime) -> bool:
    if not _count(session, counted, now):
        try:
            with session.begin_nested():
                session.add(FailedAttempts(key=counted.key, failures=1, last_at=now))
        except IntegrityError:  # another process was faster
            _count(session, counted, now)
    failures = session.scalar(select(FailedAttempts.failures).where(FailedAttempts.key == counted.key)) or 0
    if failures < counted.threshold:
        return False
    delay = min(FIRST_DELAY * 2 ** min(failures - counted.threshold, 10), LONGEST_DELAY)
    session.execute(
        update(FailedAttempts)
        .where(FailedAttempts.key == counted.key)
        .values(blocked_until=now + delay)
        .execution_options(synchronize_session=False)
    )
    return True


def _count(session: Session, counted: Counted, now: datetime) -> bool:
    """One more, or the first again when the last one and the wait after it are long ago."""
    long_ago = func.coalesce(FailedAttempts.blocked_until, FailedAttempts.last_at) < now - WINDOW
    counted_one: Any = session.execute(
        update(FailedAttempts)
        .where(FailedAttempts.key == counted.key)
        .values(failures=case((long_ago, 1), else_=FailedAttempts.failures + 1), last_at=now)
        .execution_options(synchronize_session=False)
    )
    return bool(counted_one.rowcount)


def _hash(kind: str, text: str) -> str:
    return hashlib.sha256(f"{kind}\0{text}".encode()).hexdigest()
