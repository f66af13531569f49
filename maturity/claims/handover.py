"""Handing an enterprise over to whoever proved to speak for it.

What stays is the enterprise: its answers, results, evidence and log. What ends is everybody's way in: memberships, open
invitations, grants, the company's own sign-in. The claimant becomes its owner and brings in the others anew.
"""

from __future__ import annotations

import uuid
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from maturity.accounts.models import User
from maturity.audit.service import record
from maturity.audit.vocabulary import Personal, subject_of_invitation, subject_of_user
from maturity.claims.contest import (
    Incumbent,
    close_disputes,
    incumbent_of,
    keep_record,
    locked_claim,
    make_claimed,
    refuse,
    require_proved,
    still_belongs,
)
from maturity.claims.letters import write_to_claimant, write_to_incumbent
from maturity.claims.models import Claim
from maturity.claims.service import end_claim
from maturity.clock import Clock
from maturity.db import for_tenant
from maturity.errors import Conflict
from maturity.organisations.models import Enterprise
from maturity.tenancy.models import Grant, IdentityProvider, Invitation, Membership, Tenant
from maturity.tenancy.outside import outside


def hand_over(session: Session, claim_id: uuid.UUID, reason: str, *, actor_id: int, clock: Clock) -> None:
    """Decide for the rival. Where the incumbent is not confirmed yet, its claim is refused, the rival's confirmed."""
    who: dict[str, Any] = {"actor_id": actor_id, "clock": clock}
    with locked_claim(session, claim_id) as claim:
        require_proved(claim)
        incumbent = incumbent_of(session, claim)
        if incumbent is None:
            raise Conflict("claim_moved_on")
        if not still_belongs(session, claim):
            raise Conflict("claimant_has_left")
        close_disputes(session, claim_id, "handed_over", reason, **who)
        keep_record(session, claim_id, "handed_over", reason, **who)
        if incumbent.claim_id is None:
            _change_hands(session, claim, incumbent, **who)
            return
        refuse(session, incumbent.claim_id, reason, **who)
        if incumbent_of(session, claim) is not None:  # a third one, who was before this one as well
            raise Conflict("claim_contested")
        make_claimed(session, claim, **who)


def _change_hands(session: Session, claim: Claim, incumbent: Incumbent, *, actor_id: int, clock: Clock) -> None:
    claimant = session.get_one(User, claim.claimed_by)
    user_id, name = int(claimant.id), str(claimant.name)
    with for_tenant(session, incumbent.tenant_id):
        _end_memberships(session, incumbent, user_id, actor_id=actor_id, clock=clock)
        _end_ways_in(session, incumbent.tenant_id, actor_id=actor_id, clock=clock)
        _make_owner(session, incumbent.tenant_id, user_id, name, actor_id=actor_id, clock=clock)
        enterprise = select(Enterprise).where(Enterprise.id == incumbent.enterprise_id).with_for_update()
        session.scalars(enterprise).one().claimed_at = clock.now()
        session.flush()
    end_claim(session, claim, "handed_over", clock)
    record(session, clock, "claim.handed_over", actor_id, claim.tenant_id, claim_id=str(claim.id))
    write_to_claimant(session, "handed_over", claimant, incumbent.name, clock)
    session.flush()


def _end_memberships(session: Session, incumbent: Incumbent, claimant_id: int, *, actor_id: int, clock: Clock) -> None:
    query = (
        select(Membership, User)
        .join(User, User.id == Membership.user_id)
        .where(
            Membership.tenant_id == incumbent.tenant_id,
            Membership.ended_at.is_(None),
            Membership.user_id != claimant_id,
        )
        .with_for_update(of=Membership)
    )
    for membership, user in session.execute(query).tuples().all():
        membership.ended_at = clock.now()
        record(session, clock, "member.removed", actor_id, incumbent.tenant_id, **_named(user.id, user.name))
        write_to_incumbent(session, "handed_over", user, incumbent.name, clock)
    session.flush()


def _named(user_id: int, name: str) -> dict[str, Any]:
    return {"user_id": str(user_id), "name": Personal(subject_of_user(user_id), name)}


def _end_ways_in(session: Session, tenant_id: uuid.UUID, *, actor_id: int, clock: Clock) -> None:
    """Nobody comes in by what those before had set up, and what they wanted deleted is the new owner's to decide."""
    waiting = select(Invitation).where(
        Invitation.tenant_id == tenant_id, Invitation.accepted_at.is_(None), Invitation.revoked_at.is_(None)
    )
    for invitation in session.scalars(waiting.with_for_update()).all():
        invitation.revoked_at = clock.now()
        email = Personal(subject_of_invitation(invitation.id), invitation.contact)
        details: dict[str, Any] = {"invitation_id": str(invitation.id), "email": email}
        record(session, clock, "invitation.revoked", actor_id, tenant_id, **details)
    _end_grants(session, Grant.tenant_id == tenant_id, tenant_id, actor_id=actor_id, clock=clock)
    with outside(session):
        held = select(Grant.tenant_id).where(Grant.consultancy_id == tenant_id, Grant.revoked_at.is_(None))
        subsidiaries = session.scalars(held).all()
    for subsidiary_id in subsidiaries:  # they let in a head that somebody else speaks for now
        with for_tenant(session, subsidiary_id):
            mine = (Grant.tenant_id == subsidiary_id) & (Grant.consultancy_id == tenant_id)
            _end_grants(session, mine, subsidiary_id, actor_id=actor_id, clock=clock)
    session.execute(delete(IdentityProvider).where(IdentityProvider.tenant_id == tenant_id))
    tenant = session.get_one(Tenant, tenant_id)
    tenant.second_factor_required = tenant.provider_required = False
    tenant.invitation_domains = []
    session.flush()


def _end_grants(session: Session, which: Any, tenant_id: uuid.UUID, *, actor_id: int, clock: Clock) -> None:
    """Grants that the tenant gave; the session works for it."""
    for grant in session.scalars(select(Grant).where(which, Grant.revoked_at.is_(None)).with_for_update()).all():
        grant.revoked_at = clock.now()
        names = {"grant_id": str(grant.id), "consultancy": grant.consultancy_name}
        record(session, clock, "grant.revoked", actor_id, tenant_id, **names)
    session.flush()


def _make_owner(
    session: Session, tenant_id: uuid.UUID, user_id: int, name: str, *, actor_id: int, clock: Clock
) -> None:
    membership = session.get(Membership, (tenant_id, user_id))
    if membership is not None and membership.ended_at is None:
        if membership.role != "owner":
            roles = {"role_before": membership.role, "role": "owner"}
            membership.role = "owner"
            record(session, clock, "member.role_changed", actor_id, tenant_id, **_named(user_id, name), **roles)
        return
    if membership is None:
        membership = Membership(tenant_id=tenant_id, user_id=user_id)
        session.add(membership)
    membership.role, membership.created_at, membership.ended_at = "owner", clock.now(), None
    session.flush()
    record(session, clock, "member.joined", actor_id, tenant_id, **_named(user_id, name), role="owner")
