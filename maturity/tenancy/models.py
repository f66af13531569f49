"""Tenants and who belongs to them."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Text
from sqlalchemy.orm import Mapped, mapped_column

from maturity.db import Base, UtcDateTime

KINDS = ("enterprise", "consultancy", "certification_body", "regulator", "operator")
ROLES = ("owner", "editor", "contributor", "viewer")


class Tenant(Base):
    __tablename__ = "tenants"
    __table_args__ = (CheckConstraint(f"kind in {KINDS}", name="kind_is_known"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    kind: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    is_synthetic: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Membership(Base):
    """A person in a tenant, with one role. Read before the tenant is known, hence not tenant-scoped itself."""

    __tablename__ = "memberships"
    __table_args__ = (CheckConstraint(f"role in {ROLES}", name="role_is_known"),)

    tenant_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("tenants.id"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True, index=True)
    role: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
