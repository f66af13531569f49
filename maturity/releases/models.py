"""Who looked a release through and what they decided, and what those counted are given to show that they were."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from maturity.audit.append_only import refuse_changes
from maturity.db import Base, TenantScoped, UtcDateTime

#: A second signature publishes; whoever sends a release back, or takes it back, says why.
DECISIONS = ("signed", "returned", "withdrawn")
_SIGNED = text("decision = 'signed'")


class ReleaseReview(Base):
    """One decision on a release, by one person for one body. Rows are only ever added.

    `sha256` is that of the release as it was looked at. The body is kept by name: it is another tenant to the reader.
    """

    __tablename__ = "release_reviews"
    __table_args__ = (
        CheckConstraint(f"decision in {DECISIONS}", name="decision_is_known"),
        CheckConstraint("(decision = 'signed') = (reason = '')", name="who_does_not_sign_says_why"),
        CheckConstraint("decision = 'withdrawn' or sha256 is not null", name="what_is_looked_at_has_its_hash"),
        Index(
            "uq_release_reviews_signed",
            "release_id",
            "user_id",
            unique=True,
            sqlite_where=_SIGNED,
            postgresql_where=_SIGNED,
        ),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    release_id: Mapped[int] = mapped_column(ForeignKey("benchmark_releases.id"), index=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    body_id: Mapped[uuid.UUID]  # the tenant they acted for; it may be gone one day, and what they decided stays
    body: Mapped[str] = mapped_column(Text)
    decision: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text, default="")
    sha256: Mapped[str | None] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(UtcDateTime)


refuse_changes(ReleaseReview.__table__, "id")


class InclusionReceipt(TenantScoped, Base):
    """The signed receipt of an enterprise that a release counted, as `maturity.releases.receipt` reads it."""

    __tablename__ = "inclusion_receipts"
    __table_args__ = (UniqueConstraint("tenant_id", "release_id"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    release_id: Mapped[int] = mapped_column(ForeignKey("benchmark_releases.id"), index=True)
    document: Mapped[str] = mapped_column(Text)  # canonical JSON, with its signature
    issued_at: Mapped[datetime] = mapped_column(UtcDateTime)
