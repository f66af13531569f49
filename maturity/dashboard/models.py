"""What a regulator keeps of its dashboard: named views, each no more than the words of an address."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from maturity.db import Base, TenantScoped, UtcDateTime


class DashboardView(TenantScoped, Base):
    """A view under a name: which page, and the words of its address; for one person or for the whole office."""

    __tablename__ = "dashboard_views"
    __table_args__ = (
        UniqueConstraint("tenant_id", "owner_id", "name"),
        CheckConstraint("name <> ''", name="a_view_has_a_name"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    name: Mapped[str] = mapped_column(Text)
    page: Mapped[str] = mapped_column(Text)
    query: Mapped[str] = mapped_column(Text)
    owner_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    is_shared: Mapped[bool]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
