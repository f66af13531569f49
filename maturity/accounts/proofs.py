"""Links and codes by which a person proves a contact: good once, for a while, and for a few wrong tries only."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import uuid
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from maturity.accounts.contacts import Contact
from maturity.accounts.models import ContactProof
from maturity.clock import Clock

LINK_LASTS = {"confirm": timedelta(days=2), "change": timedelta(days=1), "reset": timedelta(hours=1)}
CODE_LASTS = timedelta(minutes=10)
MOST_TRIES = 5
#: Nobody's mailbox or telephone is flooded through us.
MOST_AN_HOUR = 5
SHORTEST_PAUSE = timedelta(seconds=60)
FORGOTTEN_AFTER = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Asked:
    """A proof on its way: the secret goes into the message and nowhere else."""

    secret: str
    lasts: timedelta


def may_ask(session: Session, contact: Contact, clock: Clock) -> bool:
    """Whether another message to this contact is bearable now."""
    now = clock.now()
    latest, count = session.execute(
        select(func.max(ContactProof.created_at), func.count()).where(
            ContactProof.contact == contact.value, ContactProof.created_at > now - timedelta(hours=1)
        )
    ).one()
    return latest is None or (count < MOST_AN_HOUR and latest <= now - SHORTEST_PAUSE)


def ask_for_proof(session: Session, user_id: int | None, purpose: str, contact: Contact, clock: Clock) -> Asked:
    """Make a link for an address or a code for a number; what was asked before for the same purpose is void."""
    now = clock.now()
    session.execute(delete(ContactProof).where(ContactProof.created_at < now - FORGOTTEN_AFTER))
    earlier = (ContactProof.purpose == purpose) & (ContactProof.contact == contact.value)
    session.execute(update(ContactProof).where(earlier, ContactProof.user_id == user_id).values(expires_at=now))
    is_code = contact.kind == "mobile"
    proof_id = uuid.uuid4()
    secret = f"{secrets.randbelow(10**6):06}" if is_code else secrets.token_urlsafe(32)
    lasts = CODE_LASTS if is_code else LINK_LASTS[purpose]
    session.add(
        ContactProof(
            id=proof_id,
            user_id=user_id,
            purpose=purpose,
            contact=contact.value,
            secret_hash=_hash(secret, proof_id if is_code else None),
            created_at=now,
            expires_at=now + lasts,
        )
    )
    session.flush()
    return Asked(secret, lasts)


def find_link(session: Session, purposes: tuple[str, ...], token: str, clock: Clock) -> ContactProof | None:
    """The proof a link stands for, while it is good; looking at it does not use it up."""
    return session.scalar(
        select(ContactProof).where(
            ContactProof.secret_hash == _hash(token, None),
            ContactProof.purpose.in_(purposes),
            ContactProof.user_id.is_not(None),
            ContactProof.used_at.is_(None),
            ContactProof.expires_at > clock.now(),
        )
    )


def use_proof(session: Session, proof: ContactProof, clock: Clock) -> bool:
    """Use the proof up; whether nobody else did at the same moment."""
    used: Any = session.execute(
        update(ContactProof)
        .where(ContactProof.id == proof.id, ContactProof.used_at.is_(None))
        .values(used_at=clock.now())
        .execution_options(synchronize_session=False)
    )
    return bool(used.rowcount)


def use_code(
    session: Session, purpose: str, contact: Contact, code: str, clock: Clock, *, user_id: int | None = None
) -> ContactProof | None:
    """The proof whose code was typed, used up; None for a wrong, old or used code, which counts as a try.

    The caller commits either way: a try must count.
    """
    newest = select(ContactProof).where(
        ContactProof.purpose == purpose,
        ContactProof.contact == contact.value,
        ContactProof.used_at.is_(None),
        ContactProof.expires_at > clock.now(),
    )
    if user_id is not None:
        newest = newest.where(ContactProof.user_id == user_id)
    proof = session.scalar(newest.order_by(ContactProof.created_at.desc()).limit(1))
    if proof is None or not _try(session, proof):
        return None
    typed = "".join(code.split())
    if not hmac.compare_digest(proof.secret_hash, _hash(typed, proof.id)) or proof.user_id is None:
        return None
    return proof if use_proof(session, proof, clock) else None


def _try(session: Session, proof: ContactProof) -> bool:
    """Take one of the tries; whether there was one left. Counted before comparing, so that haste gains nothing."""
    taken: Any = session.execute(
        update(ContactProof)
        .where(ContactProof.id == proof.id, ContactProof.attempts < MOST_TRIES)
        .values(attempts=ContactProof.attempts + 1)
        .execution_options(synchronize_session=False)
    )
    return bool(taken.rowcount)


def _hash(secret: str, salt: uuid.UUID | None) -> str:
    return hashlib.sha256(f"{salt or ''}{secret}".encode()).hexdigest()
