"""Tenants and who belongs to them."""

from __future__ import annotations

import uuid
from datetime import date, datetime

from sqlalchemy import JSON, CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, Text, false, text
from sqlalchemy.orm import Mapped, mapped_column

from maturity.db import Base, TenantScoped, UtcDateTime

SCOPES = ("view", "answer", "manage")
KINDS = ("enterprise", "consultancy", "certification_body", "regulator", "operator")
ARRIVALS = ("invited", "everybody")
ROLES = ("owner", "signatory", "editor", "contributor", "reviewer", "viewer")
#: What stands in place of the name once everything of a tenant was erased; both languages at once, because the row is
#: nobody's any more.
GONE = "已删除 · deleted"


class Tenant(Base):
    __tablename__ = "tenants"
    __table_args__ = (CheckConstraint(f"kind in {KINDS}", name="kind_is_known"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    kind: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    is_synthetic: Mapped[bool] = mapped_column(default=False)
    #: What a consultancy tells its clients, so that they can find it, and an enterprise that heads a group its
    #: subsidiaries; nobody else has one.
    code: Mapped[str | None] = mapped_column(Text, unique=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    #: From then on its people look and change nothing; the reason is theirs to read.
    suspended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    suspended_because: Mapped[str | None] = mapped_column(Text)
    #: The day on which everything of it is deleted, while that can still be cancelled.
    deletion_due: Mapped[date | None]
    #: What it asks of everybody's sign-in (`maturity.tenancy.door`); the domains are empty where any address will do.
    second_factor_required: Mapped[bool] = mapped_column(default=False, server_default=false())
    provider_required: Mapped[bool] = mapped_column(default=False, server_default=false())
    invitation_domains: Mapped[list[str]] = mapped_column(JSON, default=list, server_default=text("'[]'"))


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
_LASTS = text("ended_at is null")
_HEAD = text("revoked_at is null and kind = 'affiliation'")


class Grant(Base):
    """What an enterprise lets a consultancy do, until a day. Read before the tenant is known; both sides see it.

    Where the holder is an enterprise, the head of a group, the grant is an affiliation: an enterprise has one head at a
    time, and the heads of heads make no ring (`maturity.consulting.groups`).

    Both names are kept as they were, because neither side sees the other's tenant.
    """

    __tablename__ = "grants"
    __table_args__ = (
        CheckConstraint(f"scope in {SCOPES}", name="scope_is_known"),
        CheckConstraint("tenant_id <> consultancy_id", name="two_sides"),
        CheckConstraint("kind in ('consulting', 'affiliation')", name="kind_is_known"),
        Index("uq_grants_live", "tenant_id", "consultancy_id", unique=True, sqlite_where=_LIVE, postgresql_where=_LIVE),
        Index("uq_grants_head", "tenant_id", unique=True, sqlite_where=_HEAD, postgresql_where=_HEAD),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    tenant_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("tenants.id"), index=True)
    consultancy_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("tenants.id"), index=True)
    tenant_name: Mapped[str] = mapped_column(Text)
    consultancy_name: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text, default="consulting", server_default="consulting")
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


class ReviewAssignment(Base):
    """Who of a certification body has a part in a case. It opens the file of the case in the enterprise's tenant, and
    nothing else of it, as long as it lasts. Read before the tenant is known; both sides see it.
    """

    __tablename__ = "review_assignments"
    __table_args__ = (
        CheckConstraint("part in ('lead', 'reviewer', 'decider')", name="part_is_known"),
        ForeignKeyConstraint(
            ["tenant_id", "body_id", "case_id"],
            ["certification_cases.client_id", "certification_cases.body_id", "certification_cases.id"],
        ),
        Index(
            "uq_review_assignments_live",
            "case_id",
            "user_id",
            unique=True,
            sqlite_where=_LASTS,
            postgresql_where=_LASTS,
        ),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    case_id: Mapped[uuid.UUID]
    tenant_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("tenants.id"), index=True)  # the enterprise
    body_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("tenants.id"), index=True)
    body_name: Mapped[str] = mapped_column(Text)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    user_name: Mapped[str] = mapped_column(Text)
    part: Mapped[str] = mapped_column(Text)
    assigned_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    assigned_at: Mapped[datetime] = mapped_column(UtcDateTime)
    #: When the person declared to have no interest in the enterprise; before that the file stays closed.
    independent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_opened_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class StaffVisit(Base):
    """Why somebody of the operator's staff opened a tenant, and until when it stays open to them."""

    __tablename__ = "staff_visits"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    tenant_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("tenants.id"), index=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    reason: Mapped[str] = mapped_column(Text)
    since: Mapped[datetime] = mapped_column(UtcDateTime)
    until: Mapped[datetime] = mapped_column(UtcDateTime)


class IdentityProvider(Base):
    """Where a tenant's people sign in with their company's account (OpenID Connect). Read before the tenant is known.

    Another issuer is another provider, with an id of its own: what hangs on the former one goes with it.
    """

    __tablename__ = "identity_providers"
    __table_args__ = (CheckConstraint(f"arrivals in {ARRIVALS}", name="arrivals_is_known"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    tenant_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("tenants.id"), unique=True)
    issuer: Mapped[str] = mapped_column(Text)
    client_id: Mapped[str] = mapped_column(Text)
    client_secret: Mapped[str] = mapped_column(Text)  # encrypted: maturity.federation.sealed
    secret_set_at: Mapped[datetime] = mapped_column(UtcDateTime)
    #: The domains of e-mail addresses it may vouch for.
    domains: Mapped[list[str]] = mapped_column(JSON)
    #: Who may come in for the first time: those invited, or everybody it vouches for, who then get `default_role`.
    arrivals: Mapped[str] = mapped_column(Text)
    default_role: Mapped[str] = mapped_column(Text)
    #: Whether a sign-in through it counts as one with a second factor although it does not say so.
    is_trusted: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
