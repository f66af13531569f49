"""Finding a tenant for a person, and making one."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from maturity.audit.service import record
from maturity.clock import Clock
from maturity.errors import NotFound
from maturity.tenancy.door import ASKS_NOTHING, Asks
from maturity.tenancy.models import (
    Grant,
    GrantVisit,
    IdentityProvider,
    Membership,
    ReviewAssignment,
    StaffVisit,
    Tenant,
)
from maturity.tenancy.permissions import (
    GROUP_PERMISSIONS,
    PUBLIC_PERMISSIONS,
    WHEN_SUSPENDED,
    Permission,
    permissions_by_grant,
    permissions_of,
)

#: The tenant of what belongs to the installation itself; its members are the operator's staff.
PLATFORM = uuid.uuid5(uuid.NAMESPACE_URL, "maturity:platform")
#: After this long without a page, coming back is another visit in the client's log.
VISIT = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Access:
    """A tenant as one person may use it: as a member with a role, by a grant, to review, or as anybody may."""

    tenant: Tenant
    role: str | None
    permissions: frozenset[Permission]
    grant: Grant | None = None
    staff_visit: StaffVisit | None = None
    asks: Asks = ASKS_NOTHING
    #: The parts in cases under review by which somebody of a certification body is here.
    reviews: tuple[ReviewAssignment, ...] = ()

    def can(self, permission: Permission) -> bool:
        return permission in self.permissions


def open_tenant(session: Session, tenant_id: uuid.UUID, user_id: int | None, clock: Clock) -> Access:
    """The tenant with the person's permissions; `NotFound` for outsiders, who learn nothing."""
    on = (Membership.tenant_id == Tenant.id) & (Membership.user_id == user_id) & Membership.ended_at.is_(None)
    query = select(Tenant, Membership.role, IdentityProvider.id, IdentityProvider.is_trusted)
    query = query.outerjoin(Membership, on).outerjoin(IdentityProvider, IdentityProvider.tenant_id == Tenant.id)
    row = session.execute(query.where(Tenant.id == tenant_id)).one_or_none()
    if row is None:
        raise NotFound("tenant")
    tenant, role, provider_id, is_trusted = row
    asks = Asks(tenant.second_factor_required, tenant.provider_required, provider_id, bool(is_trusted))
    heads_group = tenant.kind == "enterprise" and tenant.code is not None
    permissions = permissions_of(role, is_synthetic=tenant.is_synthetic, kind=tenant.kind, heads_group=heads_group)
    if tenant.suspended_at is not None:
        permissions &= WHEN_SUSPENDED
    if role is None and user_id is not None:
        found = _grant_of(session, tenant_id, user_id, clock)
        if found is not None:
            grant, their_role = found
            granted = permissions_by_grant(grant.scope, their_role)
            if tenant.suspended_at is not None:
                granted &= WHEN_SUSPENDED
            return Access(tenant, None, permissions | granted, grant, asks=asks)
        reviews = _reviews_of(session, tenant_id, user_id)
        if reviews:
            opened = {Permission.REVIEW_FILE} if tenant.suspended_at is None else set()
            return Access(tenant, None, permissions | opened, asks=asks, reviews=reviews)
        visit = _staff_visit(session, tenant_id, user_id, clock)
        if visit is not None:
            return Access(tenant, None, permissions | PUBLIC_PERMISSIONS, staff_visit=visit, asks=asks)
    if not permissions:
        raise NotFound("tenant")
    return Access(tenant, role, permissions, asks=asks)


def _grant_of(session: Session, tenant_id: uuid.UUID, user_id: int, clock: Clock) -> tuple[Grant, str] | None:
    """The live grant by which the person may come in, the widest where several consultancies hold one.

    That of a suspended consultancy opens nothing.
    """
    query = (
        select(Grant, Membership.role)
        .join(Membership, Membership.tenant_id == Grant.consultancy_id)
        .join(Tenant, (Tenant.id == Grant.consultancy_id) & Tenant.suspended_at.is_(None))
        .where(
            Grant.tenant_id == tenant_id,
            Grant.revoked_at.is_(None),
            Grant.until >= clock.today(),
            (Grant.kind == "consulting") | Membership.role.in_(GROUP_PERMISSIONS),
            Membership.user_id == user_id,
            Membership.ended_at.is_(None),
        )
    )
    found = [row._tuple() for row in session.execute(query)]
    return max(found, key=lambda item: (len(permissions_by_grant(item[0].scope, item[1])), item[0].id), default=None)


def _reviews_of(session: Session, tenant_id: uuid.UUID, user_id: int) -> tuple[ReviewAssignment, ...]:
    """What the person reviews here for a body to which they still belong and which is not suspended."""
    query = (
        select(ReviewAssignment)
        .join(Membership, Membership.tenant_id == ReviewAssignment.body_id)
        .join(Tenant, (Tenant.id == ReviewAssignment.body_id) & Tenant.suspended_at.is_(None))
        .where(
            ReviewAssignment.tenant_id == tenant_id,
            ReviewAssignment.user_id == user_id,
            ReviewAssignment.ended_at.is_(None),
            Membership.user_id == user_id,
            Membership.ended_at.is_(None),
        )
    )
    return tuple(session.scalars(query.order_by(ReviewAssignment.assigned_at, ReviewAssignment.id)))


def _staff_visit(session: Session, tenant_id: uuid.UUID, user_id: int, clock: Clock) -> StaffVisit | None:
    """The open visit of somebody who still belongs to the operator."""
    query = (
        select(StaffVisit)
        .join(Membership, Membership.user_id == StaffVisit.user_id)
        .join(Tenant, (Tenant.id == Membership.tenant_id) & (Tenant.kind == "operator"))
        .where(
            StaffVisit.tenant_id == tenant_id,
            StaffVisit.user_id == user_id,
            StaffVisit.until > clock.now(),
            Membership.ended_at.is_(None),
        )
    )
    return session.scalar(query.order_by(StaffVisit.until.desc()).limit(1))


def is_new_visit(session: Session, access: Access, user_id: int, clock: Clock) -> bool:
    """Whether this access by grant begins a visit; the session works for the client already."""
    if access.grant is None:
        return False
    visit = session.get(GrantVisit, (access.grant.id, user_id))
    return visit is None or visit.last_at < clock.now() - VISIT


def note_visit(session: Session, access: Access, user_id: int, clock: Clock) -> None:
    """Put the visit of a consultant into the client's own log."""
    grant = access.grant
    if grant is None or not is_new_visit(session, access, user_id, clock):
        return
    visit = session.get(GrantVisit, (grant.id, user_id))
    if visit is None:
        visit = GrantVisit(tenant_id=grant.tenant_id, grant_id=grant.id, user_id=user_id)
        session.add(visit)
    visit.last_at = clock.now()
    details = {"grant_id": str(grant.id), "consultancy": grant.consultancy_name}
    record(session, clock, "grant.used", user_id, grant.tenant_id, **details)
    session.flush()


def note_way_out(session: Session, access: Access, user_id: int, clock: Clock) -> None:
    """Put into the log that an owner came past the provider to mend the settings."""
    record(session, clock, "settings.opened_past_provider", user_id, access.tenant.id)
    session.flush()


def tenants_of(session: Session, user_id: int) -> list[Tenant]:
    """The tenants a person belongs to, by name."""
    query = select(Tenant).join(Membership).where(Membership.user_id == user_id, Membership.ended_at.is_(None))
    return list(session.scalars(query.order_by(Tenant.name)))


def create_tenant(
    session: Session, kind: str, name: str, owner_id: int, clock: Clock, code: str | None = None
) -> Tenant:
    """A tenant with its first owner."""
    now = clock.now()
    tenant = Tenant(id=uuid.uuid4(), kind=kind, name=name, code=code, created_at=now)
    session.add(tenant)
    session.flush()
    session.add(Membership(tenant_id=tenant.id, user_id=owner_id, role="owner", created_at=now))
    session.flush()
    return tenant


def ensure_platform(session: Session, clock: Clock) -> None:
    """The operator's tenant, made by whoever needs it first and works for no tenant yet."""
    if session.get(Tenant, PLATFORM) is not None:
        return
    try:
        with session.begin_nested():
            session.add(
                Tenant(id=PLATFORM, kind="operator", name="平台运营方 · Platform operator", created_at=clock.now())
            )
    except IntegrityError:  # somebody else needed it at the same moment
        session.expire_all()
