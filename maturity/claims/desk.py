"""The operator's desk: claims in the order in which they wait, and what the operator does with a licence.

It reads across tenants what a claim is judged by, and no more: names and codes, who claims and how, who answers what.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from maturity.accounts.models import User
from maturity.audit.service import record
from maturity.claims.contest import Incumbent, incumbent_of, keep_record, locked_claim
from maturity.claims.letters import write_to_claimant
from maturity.claims.models import Claim, ClaimLicence, ClaimRecord, Dispute
from maturity.claims.service import end_claim, note_proof
from maturity.clock import Clock
from maturity.db import every_tenant, for_tenant
from maturity.errors import Conflict, NotFound
from maturity.organisations.models import Enterprise
from maturity.tenancy.models import Membership, Tenant

SHOWN = 100


@dataclass(frozen=True, slots=True)
class Line:
    """A claim in the queue."""

    claim: Claim
    enterprise: str
    claimant: str
    licence_state: str | None
    is_contested: bool


@dataclass(frozen=True, slots=True)
class Queue:
    """Licences to be looked at, the oldest first; proofs, the contested first, by the day on which time runs out."""

    reviews: tuple[Line, ...]
    proofs: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Person:
    name: str
    contact: str


@dataclass(frozen=True, slots=True)
class Rival:
    """The other side, as the operator compares it."""

    incumbent: Incumbent
    owners: tuple[Person, ...]
    dispute: Dispute | None
    answered_by: str | None


@dataclass(frozen=True, slots=True)
class File:
    """Everything about one claim."""

    claim: Claim
    enterprise: str
    since: datetime
    claimant: Person
    licence: ClaimLicence | None
    rival: Rival | None
    records: tuple[ClaimRecord, ...]
    tries: int


def queue_of(session: Session) -> Queue:
    with every_tenant(session, "operate"):
        contested = set(session.scalars(select(Dispute.claim_id).where(Dispute.decision.is_(None))))
        proofs = _lines(session, "proved", Claim.due_at, contested)
        reviews = _lines(session, "review", Claim.started_at, contested)
    return Queue(tuple(reviews), tuple(sorted(proofs, key=lambda line: not line.is_contested)))


def _lines(session: Session, state: str, order: Any, contested: set[uuid.UUID]) -> list[Line]:
    name: Any = User.name
    query = (
        select(Claim, Enterprise.name, name, ClaimLicence.state)
        .join(Enterprise, Enterprise.id == Claim.enterprise_id)
        .join(User, User.id == Claim.claimed_by)
        .outerjoin(ClaimLicence, ClaimLicence.claim_id == Claim.id)
        .where(Claim.state == state)
        .order_by(order, Claim.id)
        .limit(SHOWN)
    )
    return [
        Line(claim, enterprise, claimant, licence_state, claim.id in contested)
        for claim, enterprise, claimant, licence_state in session.execute(query).tuples()
    ]


def file_of(session: Session, claim_id: uuid.UUID) -> File:
    """The session works for the operator, whose records of the claim are in it."""
    with every_tenant(session, "operate"):
        claim = session.scalar(select(Claim).where(Claim.id == claim_id))
        if claim is None:
            raise NotFound("claim")
        name = session.scalars(select(Enterprise.name).where(Enterprise.id == claim.enterprise_id)).one()
        since = session.scalars(select(Tenant.created_at).where(Tenant.id == claim.tenant_id)).one()
        (claimant,) = _people(session, User.id == claim.claimed_by)
        licence = session.scalar(select(ClaimLicence).where(ClaimLicence.claim_id == claim.id))
        tries = session.scalar(select(func.count(Claim.id)).where(Claim.tenant_id == claim.tenant_id)) or 0
        rival = _rival(session, claim)
    records = select(ClaimRecord).where(ClaimRecord.claim_id == claim_id).order_by(ClaimRecord.decided_at)
    return File(claim, name, since, claimant, licence, rival, tuple(session.scalars(records)), tries)


def _people(session: Session, *where: Any) -> tuple[Person, ...]:
    columns: Any = (User.name, User.email, User.us_phone_number)
    query = select(*columns).where(*where).order_by(User.id)
    return tuple(Person(name, email or mobile or "") for name, email, mobile in session.execute(query))


def _rival(session: Session, claim: Claim) -> Rival | None:
    incumbent = incumbent_of(session, claim) if claim.ended_at is None else None
    if incumbent is None:
        return None
    owners = select(Membership.user_id).where(
        Membership.tenant_id == incumbent.tenant_id, Membership.role == "owner", Membership.ended_at.is_(None)
    )
    dispute = session.scalar(
        select(Dispute).where(Dispute.tenant_id == incumbent.tenant_id, Dispute.claim_id == claim.id)
    )
    answered_by = None
    if dispute is not None and dispute.answered_by is not None:
        answered_by = _people(session, User.id == dispute.answered_by)[0].name
    return Rival(incumbent, _people(session, User.id.in_(owners)), dispute, answered_by)


def accept_licence(session: Session, claim_id: uuid.UUID, reason: str, *, actor_id: int, clock: Clock) -> None:
    """The licence is sound and the enterprise's: the claim is proved, and others may object."""
    with locked_claim(session, claim_id) as claim:
        _require_reviewable(session, claim)
        note_proof(session, claim, actor_id, clock)
        _after_review(session, claim, "accepted", reason, actor_id=actor_id, clock=clock)


def reject_licence(session: Session, claim_id: uuid.UUID, told: str, *, actor_id: int, clock: Clock) -> None:
    """Refuse the licence, with a reason that the claimant reads."""
    with locked_claim(session, claim_id) as claim:
        if claim.state != "review":
            raise Conflict("claim_moved_on")
        claim.told = told
        end_claim(session, claim, "refused", clock)
        record(session, clock, "claim.refused", actor_id, claim.tenant_id, claim_id=str(claim.id))
        _after_review(session, claim, "refused", told, actor_id=actor_id, clock=clock)


def _require_reviewable(session: Session, claim: Claim) -> None:
    licence = session.scalar(select(ClaimLicence).where(ClaimLicence.claim_id == claim.id))
    if claim.state != "review" or licence is None:
        raise Conflict("claim_moved_on")
    if not licence.may_be_seen:
        raise Conflict("evidence_being_checked")


def _after_review(session: Session, claim: Claim, decision: str, reason: str, *, actor_id: int, clock: Clock) -> None:
    name = session.scalars(select(Enterprise.name).where(Enterprise.id == claim.enterprise_id)).one()
    claimant = session.get_one(User, claim.claimed_by)
    write_to_claimant(session, f"licence_{decision}", claimant, name, clock)
    session.flush()
    keep_record(session, claim.id, decision, reason, actor_id=actor_id, clock=clock)


def licence_of(session: Session, claim_id: uuid.UUID) -> ClaimLicence:
    """The licence, if it may be looked at."""
    with every_tenant(session, "operate"):
        licence = session.scalar(select(ClaimLicence).where(ClaimLicence.claim_id == claim_id))
    if licence is None or licence.erased_at is not None:
        raise NotFound("licence")
    if not licence.may_be_seen:
        raise Conflict("evidence_being_checked")
    return licence


def note_download(session: Session, licence: ClaimLicence, *, actor_id: int, clock: Clock) -> None:
    """The enterprise reads in its log that the operator's staff has the file."""
    with for_tenant(session, licence.tenant_id):
        details = {"claim_id": str(licence.claim_id)}
        record(session, clock, "claim.licence_downloaded", actor_id, licence.tenant_id, **details)
        session.flush()
