"""What supervision keeps: figures of certification bodies, samples drawn for re-checks, and what came of each."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from maturity.db import Base, TenantScoped, UtcDateTime

STATES = ("drawn", "asked", "upheld", "deviation", "refused")
#: What a re-check may end with.
RESULTS = ("upheld", "deviation", "refused")
#: Results after which the certification body has to say what it does.
NEED_ACTION = ("deviation", "refused")


class BodyFigures(Base):
    """A certification body's figures as everybody may read them, counted anew every night from its cases.

    What rests on too few cases is not in the row at all, so that no page can show it by mistake.
    """

    __tablename__ = "body_figures"

    body_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("tenants.id"), primary_key=True)
    computed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    cases_decided: Mapped[int | None]
    #: Percent of the answers looked at that were corrected or not evidenced, and of the decisions that refused.
    corrected_share: Mapped[int | None]
    refused_share: Mapped[int | None]
    median_days: Mapped[int | None]
    certificates_valid: Mapped[int | None]
    certificates_suspended: Mapped[int | None]
    certificates_withdrawn: Mapped[int | None]


class SpotSample(TenantScoped, Base):
    """A sample of certificates that a regulator drew for re-checks, with all that is needed to draw it again."""

    __tablename__ = "spot_samples"
    __table_args__ = (
        UniqueConstraint("tenant_id", "id"),
        CheckConstraint("size between 1 and population", name="the_sample_is_within_the_population"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    seed: Mapped[str] = mapped_column(Text)
    #: What it was drawn from: the filter, and the numbers in order, with their hash.
    drawn_from: Mapped[dict[str, Any]] = mapped_column(JSON)
    numbers: Mapped[list[str]] = mapped_column(JSON)
    numbers_sha256: Mapped[str] = mapped_column(Text)
    population: Mapped[int]
    size: Mapped[int]
    drawn_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    drawn_at: Mapped[datetime] = mapped_column(UtcDateTime)


class SpotCheck(Base):
    """One certificate of a sample: asked about, what came of it, and what the certification body did then.

    The row belongs to three tenants: the regulator that drew it, the body and the enterprise. Each sees it from its
    own side and nobody else does, so every query names the side it works for.
    """

    __tablename__ = "spot_checks"
    __table_args__ = (
        ForeignKeyConstraint(["regulator_id", "sample_id"], ["spot_samples.tenant_id", "spot_samples.id"]),
        UniqueConstraint("sample_id", "certificate_id"),
        CheckConstraint(f"state in {STATES}", name="state_is_known"),
        CheckConstraint("(state = 'drawn') = (asked_at is null)", name="what_is_asked_says_when"),
        CheckConstraint(f"(state in {RESULTS}) = (result_at is not null)", name="what_is_over_says_when"),
        CheckConstraint("state <> 'deviation' or note <> ''", name="a_deviation_is_described"),
        CheckConstraint("(action = '') = (acted_at is null)", name="what_is_done_says_when"),
        Index(None, "client_id"),
        Index(None, "body_id"),
        Index(None, "certificate_id"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    regulator_id: Mapped[uuid.UUID] = mapped_column(index=True)
    sample_id: Mapped[uuid.UUID]
    certificate_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("certificates.id"))
    client_id: Mapped[uuid.UUID]
    body_id: Mapped[uuid.UUID]
    #: Names as they were, because no side sees the others' tenants.
    number: Mapped[str] = mapped_column(Text)
    holder: Mapped[str] = mapped_column(Text)
    body_name: Mapped[str] = mapped_column(Text)
    office: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text, default="drawn")
    request: Mapped[str] = mapped_column(Text, default="")
    due_on: Mapped[date | None]
    asked_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    asked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    note: Mapped[str] = mapped_column(Text, default="")
    result_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    result_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    action: Mapped[str] = mapped_column(Text, default="")
    acted_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    acted_name: Mapped[str | None] = mapped_column(Text)
    acted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    @property
    def waits_for_the_body(self) -> bool:
        """Whether the certification body has yet to say what it does about the result."""
        return self.state in NEED_ACTION and not self.action
