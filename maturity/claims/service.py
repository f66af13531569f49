"""What an enterprise does to prove whose it is: start a claim in one of three ways, take it back, answer a rival.

Nothing here reads a row of another enterprise. Whoever starts a claim is served in the same words, by the same queries,
whether somebody else has the credit code or not; the worker looks into that afterwards, in `maturity.claims.contest`.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from maturity.accounts.models import User
from maturity.accounts.policy import is_confirmed
from maturity.accounts.service import name_of
from maturity.audit.service import record
from maturity.claims.codes import redeem_code
from maturity.claims.domains import require_address_of
from maturity.claims.models import Claim, ClaimLicence, Dispute
from maturity.clock import Clock
from maturity.errors import Conflict, Invalid, NotFound
from maturity.evidence.contents import safe_name
from maturity.evidence.uploads import Received
from maturity.jobs.service import ask_for_job
from maturity.organisations.models import Enterprise
from maturity.organisations.service import enterprise_of, is_claimed

#: How long others may object to a claim that is proved. It is the same for everybody, and so tells nobody anything.
OBJECTIONS = timedelta(days=7)
MOST_TRIES, TRIES_WITHIN = 5, timedelta(days=30)
LONGEST_ANSWER = 2000
LICENCE_KINDS = ("application/pdf", "image/png", "image/jpeg", "image/webp")
#: How long a licence is kept that has proved nothing.
KEPT_FOR = timedelta(days=30)
#: Kinds of jobs.
CHECK, EXAMINE, DUE, FORGET = "claim_licence", "claim_examined", "claim_due", "claim_forgotten"


@dataclass(frozen=True, slots=True)
class Standing:
    """How far an enterprise is with proving whose it is, as its own people may know."""

    enterprise: Enterprise
    claim: Claim | None  # the open one, or the last
    claimant: str | None
    licence: ClaimLicence | None
    disputes: tuple[Dispute, ...]  # those to be answered first

    @property
    def is_claimed(self) -> bool:
        return is_claimed(self.enterprise)

    @property
    def is_open(self) -> bool:
        return self.claim is not None and self.claim.ended_at is None

    @property
    def waiting(self) -> tuple[Dispute, ...]:
        return tuple(dispute for dispute in self.disputes if dispute.decision is None)


def standing_of(session: Session) -> Standing:
    """Of the session's tenant."""
    latest = select(Claim).order_by(Claim.ended_at.is_not(None), Claim.started_at.desc(), Claim.id).limit(1)
    claim = session.scalar(latest)
    licence = session.scalar(select(ClaimLicence).where(ClaimLicence.claim_id == claim.id)) if claim else None
    disputes = select(Dispute).order_by(Dispute.decision.is_not(None), Dispute.opened_at.desc(), Dispute.id)
    claimant = name_of(session, claim.claimed_by) if claim else None
    return Standing(enterprise_of(session), claim, claimant, licence, tuple(session.scalars(disputes)))


def claim_by_code(session: Session, typed: str, user: User, clock: Clock) -> Claim:
    """Prove control by an invitation code, which is used up."""
    enterprise = _may_begin(session, user, clock)
    redeem_code(session, enterprise.uscc, typed, clock)
    return _proved(session, _begin(session, enterprise, "invitation_code", user, clock), clock)


def claim_by_address(session: Session, user: User, clock: Clock) -> Claim:
    """Prove control by the person's own address in a domain that the operator has recorded for the enterprise."""
    enterprise = _may_begin(session, user, clock)
    require_address_of(session, enterprise.uscc, user.email)
    return _proved(session, _begin(session, enterprise, "domain", user, clock), clock)


def require_claimable(session: Session, user: User, clock: Clock) -> None:
    """What would refuse a claim is said before a file is read."""
    _may_begin(session, user, clock)


def claim_by_licence(session: Session, received: Received, user: User, clock: Clock) -> ClaimLicence:
    """Have the operator look at the business licence, once it is checked for malware."""
    enterprise = _may_begin(session, user, clock)
    if received.media_type not in LICENCE_KINDS:
        raise Invalid("licence_kind")
    claim = _begin(session, enterprise, "licence", user, clock)
    licence = ClaimLicence(
        claim_id=claim.id,
        tenant_id=claim.tenant_id,
        sha256=received.staged.sha256,
        size=received.staged.size,
        media_type=received.media_type,
        name=safe_name(received.name, received.media_type),
        state="waiting",
    )
    session.add(licence)
    session.flush()
    _ask(session, CHECK, claim, clock)
    return licence


def _may_begin(session: Session, user: User, clock: Clock) -> Enterprise:
    if not is_confirmed(user):
        raise Conflict("claim_unconfirmed")
    enterprise = enterprise_of(session)
    if is_claimed(enterprise):
        raise Conflict("claimed_already")
    if session.scalar(select(Claim.id).where(Claim.ended_at.is_(None))) is not None:
        raise Conflict("claim_open_already")
    recent = select(func.count()).select_from(Claim).where(Claim.started_at > clock.now() - TRIES_WITHIN)
    if (session.scalar(recent) or 0) >= MOST_TRIES:
        raise Conflict("claim_tries")
    return enterprise


def _begin(session: Session, enterprise: Enterprise, method: str, user: User, clock: Clock) -> Claim:
    claim = Claim(
        id=uuid.uuid4(),
        tenant_id=enterprise.tenant_id,
        enterprise_id=enterprise.id,
        uscc=enterprise.uscc,
        method=method,
        state="review" if method == "licence" else "proved",
        claimed_by=user.id,
        started_at=clock.now(),
    )
    if method != "licence":
        claim.proved_at, claim.due_at = clock.now(), clock.now() + OBJECTIONS
    try:
        with session.begin_nested():
            session.add(claim)
    except IntegrityError as error:  # a colleague was faster
        raise Conflict("claim_open_already") from error
    record(session, clock, "claim.started", user.id, claim.tenant_id, claim_id=str(claim.id), method=method)
    session.flush()
    return claim


def _proved(session: Session, claim: Claim, clock: Clock) -> Claim:
    note_proof(session, claim, claim.claimed_by, clock)
    return claim


def note_proof(session: Session, claim: Claim, actor_id: int | None, clock: Clock) -> None:
    """From now on others may object. Who they might be, the worker finds out."""
    claim.state = "proved"
    claim.proved_at = claim.proved_at or clock.now()
    claim.due_at = claim.due_at or claim.proved_at + OBJECTIONS
    details = {"claim_id": str(claim.id), "method": claim.method}
    record(session, clock, "claim.proved", actor_id, claim.tenant_id, **details)
    session.flush()
    _ask(session, EXAMINE, claim, clock)
    _ask(session, DUE, claim, clock, due=True)


def _ask(session: Session, kind: str, claim: Claim, clock: Clock, *, due: bool = False) -> None:
    payload, due_at = {"claim_id": str(claim.id)}, claim.due_at if due else None
    ask_for_job(session, claim.tenant_id, kind, str(claim.id), payload, actor_id=None, clock=clock, due_at=due_at)


def end_claim(session: Session, claim: Claim, state: str, clock: Clock) -> None:
    """However it ends: a licence that has proved nothing is destroyed after a while."""
    claim.state, claim.ended_at = state, clock.now()
    session.flush()
    if claim.method == "licence" and state not in ("confirmed", "handed_over"):
        payload = {"claim_id": str(claim.id)}
        due_at = clock.now() + KEPT_FOR
        who = {"actor_id": None, "clock": clock}
        ask_for_job(session, claim.tenant_id, FORGET, str(claim.id), payload, due_at=due_at, **who)  # type: ignore[arg-type]  # their types differ


def withdraw_claim(session: Session, *, actor_id: int, clock: Clock) -> None:
    """Take the open claim back; the worker tells whoever was asked to answer it."""
    claim = session.scalar(select(Claim).where(Claim.ended_at.is_(None)).with_for_update())
    if claim is None:
        raise NotFound("claim")
    end_claim(session, claim, "withdrawn", clock)
    record(session, clock, "claim.withdrawn", actor_id, claim.tenant_id, claim_id=str(claim.id))
    session.flush()
    _ask(session, EXAMINE, claim, clock)


def answer_dispute(session: Session, dispute_id: uuid.UUID, text: str, *, actor_id: int, clock: Clock) -> None:
    """Say to the operator why the enterprise is one's own; until the operator decides, it may be said better."""
    text = text.strip()
    if not text:
        raise Invalid("answer_empty")
    if len(text) > LONGEST_ANSWER:
        raise Invalid("text_too_long")
    dispute = session.scalar(select(Dispute).where(Dispute.id == dispute_id).with_for_update())
    if dispute is None:
        raise NotFound("dispute")
    if dispute.decision is not None or dispute.answer_by <= clock.now():
        raise Conflict("dispute_over")
    dispute.answer, dispute.answered_by, dispute.answered_at = text, actor_id, clock.now()
    record(session, clock, "claim.answered", actor_id, dispute.tenant_id, dispute_id=str(dispute.id))
    session.flush()
