"""Manufacturers."""

from __future__ import annotations

import uuid
from datetime import datetime
from decimal import Decimal

from sqlalchemy import CheckConstraint, Index, Numeric, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from maturity.db import Base, TenantScoped, UtcDateTime

_CLAIMED = text("claimed_at is not null")


class Enterprise(TenantScoped, Base):
    """A manufacturer. It starts unclaimed: control of the code is proved later, so several may carry one code.

    At most one of them is claimed.
    """

    __tablename__ = "enterprises"
    __table_args__ = (
        UniqueConstraint("tenant_id", "id"),
        CheckConstraint(
            "production_type in ('discrete_mass', 'discrete_small_batch', 'process', 'mixed')",
            name="production_type_is_known",
        ),
        CheckConstraint("headcount >= 0 and revenue_wan >= 0", name="size_inputs_are_not_negative"),
        Index("uq_enterprises_claimed", "uscc", unique=True, sqlite_where=_CLAIMED, postgresql_where=_CLAIMED),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    name: Mapped[str] = mapped_column(Text)
    uscc: Mapped[str] = mapped_column(Text, index=True)
    industry: Mapped[str] = mapped_column(Text)
    region: Mapped[str] = mapped_column(Text)
    headcount: Mapped[int]
    revenue_wan: Mapped[Decimal] = mapped_column(Numeric(18, 4))
    production_type: Mapped[str] = mapped_column(Text)
    is_group: Mapped[bool] = mapped_column(default=False)
    designs_products: Mapped[bool] = mapped_column(default=True)
    exports: Mapped[bool] = mapped_column(default=False)
    claimed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
