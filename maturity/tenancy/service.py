"""Finding a tenant for a person, and making one."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from maturity.clock import Clock
from maturity.errors import NotFound
from maturity.tenancy.models import Membership, Tenant
from maturity.tenancy.permissions import Permission, permissions_of


@dataclass(frozen=True, slots=True)
class Access:
    """A tenant as one person may use it."""

    tenant: Tenant
    role: str | None
    permissions: frozenset[Permission]

    def can(self, permission: Permission) -> bool:
        return permission in self.permissions


def open_tenant(session: Session, tenant_id: uuid.UUID, user_id: int | None) -> Access:
    """The tenant with the person's permissions; `NotFound` for outsiders, who learn nothing."""
    on = (Membership.tenant_id == Tenant.id) & (Membership.user_id == user_id)
    query = select(Tenant, Membership.role).outerjoin(Membership, on).where(Tenant.id == tenant_id)
    row = session.execute(query).one_or_none()
    if row is None:
        raise NotFound("tenant")
    tenant, role = row
    permissions = permissions_of(role, is_synthetic=tenant.is_synthetic)
    if not permissions:
        raise NotFound("tenant")
    return Access(tenant, role, permissions)


def tenants_of(session: Session, user_id: int) -> list[Tenant]:
    """The tenants a person belongs to, by name."""
    query = select(Tenant).join(Membership).where(Membership.user_id == user_id)
    return list(session.scalars(query.order_by(Tenant.name)))


def create_tenant(session: Session, kind: str, name: str, owner_id: int, clock: Clock) -> Tenant:
    """A tenant with its first owner."""
    now = clock.now()
    tenant = Tenant(id=uuid.uuid4(), kind=kind, name=name, created_at=now)
    session.add(tenant)
    session.flush()
    session.add(Membership(tenant_id=tenant.id, user_id=owner_id, role="owner", created_at=now))
    session.flush()
    return tenant
