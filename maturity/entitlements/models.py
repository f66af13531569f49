"""The plans of tenants over time."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from maturity.db import Base, TenantScoped, UtcDateTime
from maturity.plans.entitlements import Term

#: A subscription at Stripe, an order paid once, the operator's word, and a trial without a card.
SOURCES = ("subscription", "order", "operator", "trial")


class PlanTerm(TenantScoped, Base):
    """A plan of a tenant from one moment until before another, and what gave it. One that is over stays."""

    __tablename__ = "plan_terms"
    __table_args__ = (
        UniqueConstraint("source", "source_id"),
        CheckConstraint("source in ('subscription', 'order', 'operator', 'trial')", name="source_is_known"),
        CheckConstraint("seats >= 1", name="there_is_a_seat"),
        CheckConstraint("ends_at is null or ends_at >= starts_at", name="it_does_not_end_before_it_starts"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    plan: Mapped[str] = mapped_column(Text)
    version: Mapped[str] = mapped_column(Text)  # of the price list under which it was taken
    seats: Mapped[int] = mapped_column(default=1)
    source: Mapped[str] = mapped_column(Text)
    source_id: Mapped[str] = mapped_column(Text)
    starts_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ends_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    note: Mapped[str] = mapped_column(Text, default="")  # the operator's reason
    given_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)

    @property
    def term(self) -> Term:
        return Term(self.plan, self.version, self.seats, self.starts_at, self.ends_at)
