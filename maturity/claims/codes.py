"""Invitation codes: somebody entitled sends one to an enterprise, and whoever brings it back speaks for it.

A code stands for one credit code, is good once and for sixty days. It is the issuer's row and is redeemed in the
tenant of whoever has it, so that redeeming works across tenants.
"""

from __future__ import annotations

import hashlib
import secrets
import uuid
from datetime import timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from maturity.audit.service import record
from maturity.claims.models import ClaimCode
from maturity.clock import Clock
from maturity.consulting.service import ALPHABET, read_code
from maturity.errors import Invalid, NotFound
from maturity.tenancy.outside import outside

GOOD_FOR = timedelta(days=60)
LENGTH, GROUP = 12, 4  # sixty bits, read out in three groups
SHOWN = 200


def issue_code(
    session: Session, issuer_id: uuid.UUID, uscc: str, sent_to: str, *, actor_id: int | None, clock: Clock
) -> tuple[ClaimCode, str]:
    """A code for the enterprise with this credit code, which the issuer sends there; the session works for the issuer.

    Whether an enterprise with the credit code is registered or claimed is neither asked nor told. An earlier code of
    the same issuer, still unused, stops working.
    """
    now = clock.now()
    for earlier in session.scalars(
        select(ClaimCode).where(ClaimCode.tenant_id == issuer_id, ClaimCode.uscc == uscc, *_unused())
    ):
        earlier.revoked_at = now
    code = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
    row = ClaimCode(
        id=uuid.uuid4(),
        tenant_id=issuer_id,
        uscc=uscc,
        code_hash=_hash(code),
        sent_to=sent_to,
        issued_by=actor_id,
        issued_at=now,
        expires_at=now + GOOD_FOR,
    )
    session.add(row)
    record(session, clock, "claim.code_issued", actor_id, issuer_id, code_id=str(row.id), uscc=uscc)
    session.flush()
    return row, "-".join(code[start : start + GROUP] for start in range(0, LENGTH, GROUP))


def _unused() -> tuple[Any, ...]:
    return ClaimCode.used_at.is_(None), ClaimCode.revoked_at.is_(None)


def _hash(code: str) -> str:
    return hashlib.sha256(read_code(code).encode()).hexdigest()


def codes_of(session: Session, issuer_id: uuid.UUID) -> list[ClaimCode]:
    """The issuer's codes, the latest first."""
    query = select(ClaimCode).where(ClaimCode.tenant_id == issuer_id)
    return list(session.scalars(query.order_by(ClaimCode.issued_at.desc(), ClaimCode.id).limit(SHOWN)))


def revoke_code(session: Session, issuer_id: uuid.UUID, code_id: uuid.UUID, *, actor_id: int, clock: Clock) -> None:
    query = select(ClaimCode).where(ClaimCode.id == code_id, ClaimCode.tenant_id == issuer_id, *_unused())
    row = session.scalar(query.with_for_update())
    if row is None:
        raise NotFound("claim_code")
    row.revoked_at = clock.now()
    record(session, clock, "claim.code_revoked", actor_id, row.tenant_id, code_id=str(row.id), uscc=row.uscc)
    session.flush()


def redeem_code(session: Session, uscc: str, typed: str, clock: Clock) -> None:
    """Use the code up for this credit code; `Invalid` where it is none, another's, used, taken back or out of date.

    One answer for all of these, so that trying tells nothing. One statement, so that two who have the same code do
    not both use it.
    """
    now = clock.now()
    fits = (ClaimCode.code_hash == _hash(typed), ClaimCode.uscc == uscc, ClaimCode.expires_at > now, *_unused())
    with outside(session):
        used: Any = session.execute(
            update(ClaimCode).where(*fits).values(used_at=now).execution_options(synchronize_session=False)
        )
    if used.rowcount != 1:
        raise Invalid("claim_code_unfit")
