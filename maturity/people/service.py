"""Who belongs to a tenant: inviting, joining, changing roles and leaving. A tenant always keeps an owner."""

from __future__ import annotations

import hashlib
import secrets
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from maturity.accounts.contacts import Contact
from maturity.accounts.models import User
from maturity.audit.service import record
from maturity.audit.vocabulary import Personal, subject_of_invitation, subject_of_user
from maturity.clock import Clock
from maturity.db import act_for
from maturity.entitlements.service import require_room, room_held
from maturity.errors import Conflict, Invalid, NotFound
from maturity.tenancy.models import ROLES, Invitation, Membership, Tenant
from maturity.tenancy.permissions import Permission, permissions_of

GOOD_FOR = timedelta(days=14)
#: More open invitations than this are no team but a list of addresses.
MOST_OPEN = 100


@dataclass(frozen=True, slots=True)
class Member:
    user_id: int
    name: str
    contact: str
    role: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Asked:
    """An invitation as the person who opens its link meets it."""

    invitation: Invitation
    tenant: Tenant
    invited_by: str | None


def members_of(session: Session, tenant_id: uuid.UUID) -> list[Member]:
    """The people of a tenant, by role and name."""
    query = select(Membership, User).join(User, User.id == Membership.user_id)
    rows = session.execute(query.where(Membership.tenant_id == tenant_id, Membership.ended_at.is_(None))).all()
    found = [Member(user.id, user.name, user.contact, member.role, member.created_at) for member, user in rows]
    return sorted(found, key=lambda item: (ROLES.index(item.role), item.name, item.user_id))


def users_who_may(session: Session, tenant: Tenant, permission: Permission) -> list[User]:
    """The people of a tenant whose role has a permission, in the order in which they came."""
    query = select(User, Membership.role).join(Membership, Membership.user_id == User.id)
    here = query.where(Membership.tenant_id == tenant.id, Membership.ended_at.is_(None))
    return [
        user
        for user, role in session.execute(here.order_by(Membership.created_at, User.id))
        if permission in permissions_of(role, is_synthetic=tenant.is_synthetic, kind=tenant.kind)
    ]


def open_invitations(session: Session, tenant_id: uuid.UUID) -> list[Invitation]:
    """Those neither accepted nor taken back, the latest first; the page marks the ones that have run out."""
    query = select(Invitation).where(Invitation.tenant_id == tenant_id, *_open()).order_by(Invitation.created_at.desc())
    return list(session.scalars(query))


def _open() -> tuple[Any, ...]:
    return Invitation.accepted_at.is_(None), Invitation.revoked_at.is_(None)


def invite(
    session: Session, tenant_id: uuid.UUID, contact: Contact, role: str, *, actor_id: int | None, clock: Clock
) -> tuple[Invitation, str]:
    """A new invitation with its token; an open one of the same contact is replaced.

    Raises `Conflict` when the person belongs to the tenant already, or when too many invitations are open, and
    `PlanRequired` where the plan has no seat left. Whether the contact has an account is neither asked nor told.
    """
    if any(member.contact == contact.value for member in members_of(session, tenant_id)):
        raise Conflict("member_already")
    allowed = session.get_one(Tenant, tenant_id).invitation_domains
    if allowed and contact.value.rpartition("@")[2] not in allowed:
        raise Invalid("invitation_domain", ", ".join(allowed))
    waiting = open_invitations(session, tenant_id)
    if len(waiting) >= MOST_OPEN:
        raise Conflict("too_many_invitations")
    with room_held(session, tenant_id) as tenant:
        require_room(session, tenant, "members", seats_taken(session, tenant_id, clock, contact.value), clock)
    now = clock.now()
    for earlier in waiting:
        if earlier.contact == contact.value:
            earlier.revoked_at = now
    session.flush()
    token = secrets.token_urlsafe(32)
    invitation = Invitation(
        id=uuid.uuid4(),
        tenant_id=tenant_id,
        contact=contact.value,
        role=role,
        token_hash=_hash(token),
        invited_by=actor_id,
        created_at=now,
        expires_at=now + GOOD_FOR,
    )
    try:
        with session.begin_nested():
            session.add(invitation)
    except IntegrityError as error:  # two owners invited the same person at once
        raise Conflict("member_already") from error
    details: dict[str, Any] = {"invitation_id": str(invitation.id), "email": _named(invitation), "role": role}
    record(session, clock, "member.invited", actor_id, tenant_id, **details)
    session.flush()
    return invitation, token


def _belonging(session: Session, tenant_id: uuid.UUID) -> int:
    query = select(func.count()).select_from(Membership)
    return session.scalar(query.where(Membership.tenant_id == tenant_id, Membership.ended_at.is_(None))) or 0


def seats_taken(session: Session, tenant_id: uuid.UUID, clock: Clock, apart_from: str = "") -> int:
    """Who belongs, and who is invited and could still come, but for one contact."""
    asked = select(func.count()).select_from(Invitation).where(Invitation.tenant_id == tenant_id, *_open())
    waiting = asked.where(Invitation.expires_at > clock.now(), Invitation.contact != apart_from)
    return _belonging(session, tenant_id) + (session.scalar(waiting) or 0)


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _named(invitation: Invitation) -> Personal:
    return Personal(subject_of_invitation(invitation.id), invitation.contact)


def revoke_invitation(
    session: Session, tenant_id: uuid.UUID, invitation_id: uuid.UUID, *, actor_id: int, clock: Clock
) -> None:
    """The link stops working at once."""
    query = select(Invitation).where(Invitation.id == invitation_id, Invitation.tenant_id == tenant_id, *_open())
    invitation = session.scalar(query)
    if invitation is None:
        raise NotFound("invitation")
    invitation.revoked_at = clock.now()
    details: dict[str, Any] = {"invitation_id": str(invitation.id), "email": _named(invitation)}
    record(session, clock, "invitation.revoked", actor_id, tenant_id, **details)
    session.flush()


def find_invitation(session: Session, token: str, clock: Clock) -> Asked:
    """The invitation behind a link; `NotFound` when there is none, or it was accepted, taken back or has run out."""
    query = (
        select(Invitation, Tenant, User.name)
        .join(Tenant, Tenant.id == Invitation.tenant_id)
        .outerjoin(User, User.id == Invitation.invited_by)
        .where(Invitation.token_hash == _hash(token), *_open(), Invitation.expires_at > clock.now())
    )
    row = session.execute(query).one_or_none()
    if row is None:
        raise NotFound("invitation")
    return Asked(*row)


def is_meant(asked: Asked, user: User) -> bool:
    """Whether the invitation went to this person: a link that was passed on lets nobody else in.

    Only a proved contact counts: whoever has the link could claim the address as well.
    """
    return asked.invitation.contact in (user.email, user.us_phone_number)


def has_to_prove(asked: Asked, user: User) -> bool:
    """Whether the person says to be the one who is invited and has yet to prove it."""
    return asked.invitation.contact == user.claimed


def accept_invitation(session: Session, asked: Asked, user: User, clock: Clock) -> None:
    """The person joins with the role of the invitation; whoever belonged before comes back with it."""
    invitation = asked.invitation
    if not is_meant(asked, user):
        raise Conflict("invitation_unproved" if has_to_prove(asked, user) else "invitation_of_another")
    invitation.accepted_at = clock.now()
    admit(session, invitation.tenant_id, user, invitation.role, clock)


def admit(session: Session, tenant_id: uuid.UUID, user: User, role: str, clock: Clock) -> None:
    """The person belongs to the tenant from now on, for which the session works after this.

    `PlanRequired` where its plan has no seat left; whoever belongs already stays, also above the limit.
    """
    user_id: Any = user.id  # the library's mixin has no types
    name = user.name
    session.flush()  # what was changed before is not the tenant's
    with room_held(session, tenant_id) as tenant:
        belonging = _belonging(session, tenant_id)
        membership = session.get(Membership, (tenant_id, user_id))
        if membership is not None and membership.ended_at is None:
            raise Conflict("member_already")
        require_room(session, tenant, "members", belonging, clock)
    if membership is None:
        membership = Membership(tenant_id=tenant_id, user_id=user_id)
        session.add(membership)
    membership.role, membership.created_at, membership.ended_at = role, clock.now(), None
    session.flush()
    act_for(session, tenant_id, user_id)
    _record(session, "member.joined", user_id, membership, name, clock, role=role)


def invitation_of(session: Session, tenant_id: uuid.UUID, contact: str, clock: Clock) -> Invitation | None:
    """The invitation that an address still has to a tenant."""
    query = select(Invitation).where(Invitation.tenant_id == tenant_id, Invitation.contact == contact, *_open())
    return session.scalar(query.where(Invitation.expires_at > clock.now()))


def change_role(
    session: Session, tenant_id: uuid.UUID, user_id: int, role: str, *, actor_id: int, clock: Clock
) -> None:
    """Give a member another role; `Conflict` when the tenant would be left without an owner."""
    membership, name = _membership(session, tenant_id, user_id)
    if membership.role == role:
        return
    _keep_an_owner(session, membership)
    before, membership.role = membership.role, role
    _record(session, "member.role_changed", actor_id, membership, name, clock, role_before=before, role=role)


def end_membership(session: Session, tenant_id: uuid.UUID, user_id: int, *, actor_id: int, clock: Clock) -> None:
    """The person can no longer open the tenant, from the next request on; what they did stays theirs."""
    membership, name = _membership(session, tenant_id, user_id)
    _keep_an_owner(session, membership)
    membership.ended_at = clock.now()
    _record(session, "member.removed", actor_id, membership, name, clock)


def _record(
    session: Session, event: str, actor_id: int, membership: Membership, name: str, clock: Clock, **more: str
) -> None:
    who: dict[str, Any] = {
        "user_id": str(membership.user_id),
        "name": Personal(subject_of_user(membership.user_id), name),
    }
    record(session, clock, event, actor_id, membership.tenant_id, **who, **more)
    session.flush()


def _membership(session: Session, tenant_id: uuid.UUID, user_id: int) -> tuple[Membership, str]:
    query = (
        select(Membership, User.name)
        .join(User, User.id == Membership.user_id)
        .where(Membership.tenant_id == tenant_id, Membership.user_id == user_id, Membership.ended_at.is_(None))
        .with_for_update(of=Membership)
    )
    row = session.execute(query).one_or_none()
    if row is None:
        raise NotFound("member")
    return row._tuple()


def _keep_an_owner(session: Session, membership: Membership) -> None:
    if membership.role != "owner":
        return
    # Locking them all keeps two owners from removing each other at the same moment.
    owners = select(Membership.user_id).where(
        Membership.tenant_id == membership.tenant_id, Membership.role == "owner", Membership.ended_at.is_(None)
    )
    if len(session.scalars(owners.with_for_update()).all()) < 2:
        raise Conflict("last_owner")
