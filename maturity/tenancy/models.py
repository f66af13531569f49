"""Tenants and who belongs to them."""

from __future__ import annotations

import uuid
from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from maturity.db import Base, TenantScoped, UtcDateTime

SCOPES = ("view", "answer", "manage")
KINDS = ("enterprise", "consultancy", "certification_body", "regulator", "operator")
ROLES = ("owner", "signatory", "editor", "contributor", "reviewer", "viewer")


class Tenant(Base):
    __tablename__ = "tenants"
    __table_args__ = (CheckConstraint(f"kind in {KINDS}", name="kind_is_known"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    kind: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    is_synthetic: Mapped[bool] = mapped_column(default=False)
    #: What a consultancy tells its clients, so that they can find it; nobody else has one.
    code: Mapped[str | None] = mapped_column(Text, unique=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Membership(Base):
    """A person in a tenant, with one role. Read before the tenant is known, hence not tenant-scoped itself.

    A membership that has ended stays, so that what the person did keeps a name.
    """

    __tablename__ = "memberships"
    __table_args__ = (CheckConstraint(f"role in {ROLES}", name="role_is_known"),)

    tenant_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("tenants.id"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True, index=True)
    role: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


_OPEN = text("accepted_at is null and revoked_at is null")


class Invitation(Base):
    """An e-mail address or mobile number asked to join a tenant. Found by its token before the tenant is known.

    The letter alone holds the token; the row holds its hash.
    """

    __tablename__ = "invitations"
    __table_args__ = (
        CheckConstraint(f"role in {ROLES}", name="role_is_known"),
        Index("uq_invitations_open", "tenant_id", "contact", unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    tenant_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("tenants.id"), index=True)
    contact: Mapped[str] = mapped_column(Text)
    role: Mapped[str] = mapped_column(Text)
    token_hash: Mapped[str] = mapped_column(Text, unique=True)
    invited_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    accepted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


_LIVE = text("revoked_at is null")


class Grant(Base):
    """What an enterprise lets a consultancy do, until a day. Read before the tenant is known; both sides see it.

    Both names are kept as they were, because neither side sees the other's tenant.
    """

    __tablename__ = "grants"
    __table_args__ = (
        CheckConstraint(f"scope in {SCOPES}", name="scope_is_known"),
        CheckConstraint("tenant_id <> consultancy_id", name="two_sides"),
        Index("uq_grants_live", "tenant_id", "consultancy_id", unique=True, sqlite_where=_LIVE, postgresql_where=_LIVE),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    tenant_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("tenants.id"), index=True)
    consultancy_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("tenants.id"), index=True)
    tenant_name: Mapped[str] = mapped_column(Text)
    consultancy_name: Mapped[str] = mapped_column(Text)
    scope: Mapped[str] = mapped_column(Text)
    until: Mapped[date] = mapped_column()  # the last day on which it holds, in the enterprise's calendar
    given_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    given_at: Mapped[datetime] = mapped_column(UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class GrantVisit(TenantScoped, Base):
    """When somebody of a consultancy was last in the enterprise by a grant."""

    __tablename__ = "grant_visits"

    grant_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("grants.id"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True)
    last_at: Mapped[datetime] = mapped_column(UtcDateTime)


class StaffVisit(Base):
    """Why somebody of the operator's staff opened a tenant, and until when it stays open to them."""

    __tablename__ = "staff_visits"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    tenant_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("tenants.id"), index=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    reason: Mapped[str] = mapped_column(Text)
    since: Mapped[datetime] = mapped_column(UtcDateTime)
    until: Mapped[datetime] = mapped_column(UtcDateTime)
