"""Whether somebody else has a credit code already, and what follows: across tenants, never while a claimant waits.

The incumbent of a claim is the enterprise that is claimed with the code or, where none is, the one that proved it
before. The worker looks for it after every proof; the incumbent is told, the claimant is not. At the end of the time
for objections a claim without an incumbent is confirmed, and one that nobody has decided is refused.

What concerns several tenants is found with the operator's few columns; each tenant's rows are changed while working
for that tenant.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import null, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from maturity.accounts.models import User
from maturity.audit.service import record
from maturity.claims.letters import write_to_claimant, write_to_incumbent
from maturity.claims.models import Claim, ClaimRecord, Dispute
from maturity.claims.service import end_claim
from maturity.claims.words import BY_DEFAULT, ENDED
from maturity.clock import Clock
from maturity.db import every_tenant, for_tenant
from maturity.errors import Conflict, NotFound
from maturity.organisations.models import Enterprise
from maturity.tenancy.models import Membership
from maturity.tenancy.service import PLATFORM

#: How long the incumbent has for an answer; the rest of the time for objections is the operator's.
ANSWER_WITHIN = timedelta(days=5)


@dataclass(frozen=True, slots=True)
class Incumbent:
    """Who had the code first; `claim_id` is the claim by which, where that is not confirmed yet."""

    tenant_id: uuid.UUID
    enterprise_id: uuid.UUID
    name: str
    since: datetime
    claim_id: uuid.UUID | None


def incumbent_of(session: Session, claim: Claim) -> Incumbent | None:
    """Whom the operator has to hear, and nobody else may see."""
    queries = [_claimed(claim), _proved_before(claim)] if claim.proved_at is not None else [_claimed(claim)]
    with every_tenant(session, "operate"):
        for query in queries:
            row: Any = session.execute(query).one_or_none()
            if row is not None:
                return Incumbent(*row)
    return None


_PARTICULARS = Enterprise.tenant_id, Enterprise.id, Enterprise.name


def _claimed(claim: Claim) -> Any:
    return select(*_PARTICULARS, Enterprise.claimed_at, null()).where(
        Enterprise.uscc == claim.uscc, Enterprise.claimed_at.is_not(None), Enterprise.tenant_id != claim.tenant_id
    )


def _proved_before(claim: Claim) -> Any:
    at_once = (Claim.proved_at == claim.proved_at) & (Claim.id < claim.id)
    return (
        select(*_PARTICULARS, Claim.proved_at, Claim.id)
        .join(Claim, Claim.enterprise_id == Enterprise.id)
        .where(
            Claim.uscc == claim.uscc,
            Claim.state == "proved",
            Claim.tenant_id != claim.tenant_id,
            or_(Claim.proved_at < claim.proved_at, at_once),
        )
        .order_by(Claim.proved_at, Claim.id)
        .limit(1)
    )


@contextmanager
def locked_claim(session: Session, claim_id: uuid.UUID) -> Iterator[Claim]:
    """The claim, held until the transaction ends, with the session working for its tenant."""
    with every_tenant(session, "operate"):
        tenant_id = session.scalar(select(Claim.tenant_id).where(Claim.id == claim_id))
    if tenant_id is None:
        raise NotFound("claim")
    held = select(Claim).where(Claim.id == claim_id).with_for_update().execution_options(populate_existing=True)
    with for_tenant(session, tenant_id):
        yield session.scalars(held).one()


def examine(session: Session, claim_id: uuid.UUID, clock: Clock) -> None:
    """Open the dispute that the claim gives rise to, or close those of a claim that has ended."""
    with locked_claim(session, claim_id) as claim:
        if claim.state == "proved":
            _open_dispute(session, claim, clock)
        elif claim.ended_at is not None:
            _after_the_end(session, claim, clock)


def settle(session: Session, claim_id: uuid.UUID, clock: Clock) -> None:
    """What becomes of a claim once the time for objections is over."""
    with locked_claim(session, claim_id) as claim:
        if claim.state != "proved" or claim.due_at is None or claim.due_at > clock.now():
            return
        if incumbent_of(session, claim) is not None:
            _refuse(session, claim, BY_DEFAULT, actor_id=None, clock=clock)
            return
        try:
            make_claimed(session, claim, actor_id=None, clock=clock)
        except Conflict:  # somebody else was confirmed at this very moment
            _refuse(session, claim, BY_DEFAULT, actor_id=None, clock=clock)


def _open_dispute(session: Session, claim: Claim, clock: Clock) -> None:
    incumbent = incumbent_of(session, claim)
    if incumbent is None or claim.due_at is None:
        return
    tenant_id, now = incumbent.tenant_id, clock.now()
    dispute = Dispute(
        id=uuid.uuid4(),
        tenant_id=tenant_id,
        claim_id=claim.id,
        opened_at=now,
        answer_by=min(now + ANSWER_WITHIN, claim.due_at),
    )
    with for_tenant(session, tenant_id):
        if session.scalar(select(Dispute.id).where(Dispute.claim_id == dispute.claim_id)) is not None:
            return
        try:
            with session.begin_nested():
                session.add(dispute)
        except IntegrityError:  # another worker did the same
            return
        record(session, clock, "claim.disputed", None, tenant_id, dispute_id=str(dispute.id))
        for user in _owners(session, tenant_id):
            write_to_incumbent(session, "disputed", user, incumbent.name, clock, until=dispute.answer_by)
        session.flush()


def _owners(session: Session, tenant_id: uuid.UUID) -> list[User]:
    query = (
        select(User)
        .join(Membership, Membership.user_id == User.id)
        .where(Membership.tenant_id == tenant_id, Membership.role == "owner", Membership.ended_at.is_(None))
    )
    return list(session.scalars(query.order_by(User.id)))


def confirm(session: Session, claim_id: uuid.UUID, reason: str, *, actor_id: int, clock: Clock) -> None:
    """The operator does not wait for the end of the time for objections; `Conflict` where there is an incumbent."""
    with locked_claim(session, claim_id) as claim:
        require_proved(claim)
        if incumbent_of(session, claim) is not None:
            raise Conflict("claim_contested")
        make_claimed(session, claim, actor_id=actor_id, clock=clock)
        keep_record(session, claim_id, "confirmed", reason, actor_id=actor_id, clock=clock)


def refuse(session: Session, claim_id: uuid.UUID, reason: str, *, actor_id: int, clock: Clock) -> None:
    """The operator refuses what is proved; where there is an incumbent, it stays. The claimant reads no reason."""
    with locked_claim(session, claim_id) as claim:
        require_proved(claim)
        _refuse(session, claim, reason, actor_id=actor_id, clock=clock)
        keep_record(session, claim_id, "refused", reason, actor_id=actor_id, clock=clock)


def require_proved(claim: Claim) -> None:
    if claim.state != "proved":
        raise Conflict("claim_moved_on")


def make_claimed(session: Session, claim: Claim, *, actor_id: int | None, clock: Clock) -> None:
    """Make the enterprise a claimed one; `Conflict` where another with the code became one at the same moment."""
    enterprise = session.scalars(
        select(Enterprise)
        .where(Enterprise.id == claim.enterprise_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()
    if enterprise.uscc != claim.uscc or not still_belongs(session, claim):
        _withdraw(session, claim, clock)
        return
    try:
        with session.begin_nested():
            enterprise.claimed_at = clock.now()
            session.flush()
    except IntegrityError as error:
        raise Conflict("claim_contested") from error
    end_claim(session, claim, "confirmed", clock)
    record(session, clock, "claim.confirmed", actor_id, claim.tenant_id, claim_id=str(claim.id))
    write_to_claimant(session, "confirmed", session.get_one(User, claim.claimed_by), enterprise.name, clock)
    session.flush()
    _after_the_end(session, claim, clock)


def still_belongs(session: Session, claim: Claim) -> bool:
    """Whether whoever claimed has not left meanwhile."""
    membership = session.get(Membership, (claim.tenant_id, claim.claimed_by))
    return membership is not None and membership.ended_at is None


def _withdraw(session: Session, claim: Claim, clock: Clock) -> None:
    """Whoever proved it has left, or the enterprise took another code: there is nothing to confirm."""
    end_claim(session, claim, "withdrawn", clock)
    record(session, clock, "claim.withdrawn", None, claim.tenant_id, claim_id=str(claim.id))
    session.flush()
    _after_the_end(session, claim, clock)


def _refuse(session: Session, claim: Claim, reason: str, *, actor_id: int | None, clock: Clock) -> None:
    close_disputes(session, claim.id, "upheld", reason, actor_id=actor_id, clock=clock)
    end_claim(session, claim, "refused", clock)
    record(session, clock, "claim.refused", actor_id, claim.tenant_id, claim_id=str(claim.id))
    name = session.scalars(select(Enterprise.name).where(Enterprise.id == claim.enterprise_id)).one()
    write_to_claimant(session, "refused", session.get_one(User, claim.claimed_by), name, clock)
    session.flush()
    _after_the_end(session, claim, clock)


def _after_the_end(session: Session, claim: Claim, clock: Clock) -> None:
    """Nobody has to answer a claim that has ended; and whoever stood behind it may have another incumbent now."""
    close_disputes(session, claim.id, "dropped", ENDED, actor_id=None, clock=clock)
    if claim.state != "confirmed":
        for dispute in session.scalars(select(Dispute).where(Dispute.decision.is_(None)).with_for_update()):
            _close(session, dispute, "dropped", ENDED, actor_id=None, clock=clock)
    behind = select(Claim.tenant_id, Claim.id).where(
        Claim.uscc == claim.uscc, Claim.state == "proved", Claim.id != claim.id
    )
    with every_tenant(session, "operate"):
        found = session.execute(behind.order_by(Claim.proved_at, Claim.id)).tuples().all()
    for tenant_id, other_id in found:
        with for_tenant(session, tenant_id):
            _open_dispute(session, session.scalars(select(Claim).where(Claim.id == other_id)).one(), clock)


def close_disputes(
    session: Session, claim_id: uuid.UUID, decision: str, reason: str, *, actor_id: int | None, clock: Clock
) -> None:
    """Those that others were asked to answer because of this claim."""
    asked = select(Dispute.tenant_id).where(Dispute.claim_id == claim_id, Dispute.decision.is_(None))
    with every_tenant(session, "operate"):
        tenants = session.scalars(asked.distinct()).all()
    for tenant_id in tenants:
        with for_tenant(session, tenant_id):
            query = select(Dispute).where(Dispute.claim_id == claim_id, Dispute.decision.is_(None))
            for dispute in session.scalars(query.with_for_update()):
                _close(session, dispute, decision, reason, actor_id=actor_id, clock=clock)


def _close(
    session: Session, dispute: Dispute, decision: str, reason: str, *, actor_id: int | None, clock: Clock
) -> None:
    """The session works for the incumbent."""
    dispute.decision, dispute.reason, dispute.decided_by, dispute.decided_at = decision, reason, actor_id, clock.now()
    told = "—" if reason in (BY_DEFAULT, ENDED) else reason
    details = {"dispute_id": str(dispute.id), "decision": decision, "reason": told}
    record(session, clock, "claim.decided", actor_id, dispute.tenant_id, **details)
    session.flush()
    if decision == "handed_over":
        return
    name = session.scalars(select(Enterprise.name).order_by(Enterprise.created_at).limit(1)).one()
    for user in _owners(session, dispute.tenant_id):
        write_to_incumbent(session, decision, user, name, clock)


def keep_record(
    session: Session, claim_id: uuid.UUID, decision: str, reason: str, *, actor_id: int, clock: Clock
) -> None:
    """Why the operator decided so: in its own rows and its own log."""
    with for_tenant(session, PLATFORM):
        kept = ClaimRecord(
            id=uuid.uuid4(),
            tenant_id=PLATFORM,
            claim_id=claim_id,
            decision=decision,
            reason=reason,
            decided_by=actor_id,
            decided_at=clock.now(),
        )
        session.add(kept)
        details = {"claim_id": str(claim_id), "decision": decision, "reason": reason}
        record(session, clock, "claim.judged", actor_id, PLATFORM, **details)
        session.flush()
