"""What an enterprise brings to put areas in order, and what it chose for one assessment."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, ForeignKeyConstraint, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from maturity.db import Base, TenantScoped, UtcDateTime


class SuppliedTable(TenantScoped, Base):
    """A table of the enterprise's own, one of each kind: licensed content that this product does not have."""

    __tablename__ = "supplied_tables"
    __table_args__ = (
        UniqueConstraint("tenant_id", "kind"),
        CheckConstraint("kind in ('cost', 'kpi', 'best', 'descriptors')", name="kind_is_known"),
        CheckConstraint("source <> ''", name="a_table_says_where_it_is_from"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    kind: Mapped[str] = mapped_column(Text)
    content: Mapped[dict[str, Any]] = mapped_column(JSON)
    name: Mapped[str] = mapped_column(Text)  # of the file; empty where it was typed
    source: Mapped[str] = mapped_column(Text)  # where the enterprise has it from, in its own words
    supplied_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    supplied_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Prioritisation(TenantScoped, Base):
    """What was chosen for one assessment: horizon, how many areas, cost shares and importance of KPIs."""

    __tablename__ = "prioritisations"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "assessment_id"], ["assessments.tenant_id", "assessments.id"]),
        CheckConstraint("horizon in ('strategic', 'tactical', 'operational')", name="horizon_is_known"),
        CheckConstraint("wanted between 1 and 16", name="wanted_is_a_number_of_areas"),
    )

    assessment_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    horizon: Mapped[str] = mapped_column(Text)
    wanted: Mapped[int]
    cost_shares: Mapped[dict[str, str]] = mapped_column(JSON)  # per cent by cost category, as decimal text
    importances: Mapped[dict[str, str]] = mapped_column(JSON)  # by KPI
    saved_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    saved_at: Mapped[datetime] = mapped_column(UtcDateTime)
