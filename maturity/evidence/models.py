"""Evidence: the files of a tenant, which answers they prove, and for how long they are kept."""

from __future__ import annotations

import uuid
from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from maturity.db import Base, TenantScoped, UtcDateTime

#: waiting for the scanner; kept without a scan because there is no scanner; found clean; found infected
STATES = ("waiting", "unscanned", "clean", "infected")
#: Why bytes were destroyed: asked for, kept long enough, proving nothing, infected.
REASONS = ("asked", "expired", "unused", "infected")
RETENTION_YEARS = 6
MOST_YEARS = 30
_THERE = text("erased_at is null")


class EvidenceFile(TenantScoped, Base):
    """One content of a tenant, found by its hash. The row outlives the bytes: it is the proof of their erasure.

    An erasure is asked for first, and from then on the file is served to nobody; `erased_at` is written once the bytes
    are gone. The same content may come again after that, as a new row.
    """

    __tablename__ = "evidence_files"
    __table_args__ = (
        UniqueConstraint("tenant_id", "id"),
        CheckConstraint("state in ('waiting', 'unscanned', 'clean', 'infected')", name="state_is_known"),
        CheckConstraint("size > 0", name="size_is_positive"),
        CheckConstraint(
            "erasure_reason in ('asked', 'expired', 'unused', 'infected')", name="reason_of_erasure_is_known"
        ),
        CheckConstraint("(erasure_asked_at is null) = (erasure_reason is null)", name="erasure_has_a_reason"),
        CheckConstraint("erased_at is null or erasure_asked_at is not null", name="erasure_is_asked_for_first"),
        CheckConstraint("state <> 'infected' or erasure_asked_at is not null", name="what_is_infected_is_erased"),
        Index(
            "uq_evidence_files_content",
            "tenant_id",
            "sha256",
            unique=True,
            sqlite_where=_THERE,
            postgresql_where=_THERE,
        ),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    sha256: Mapped[str] = mapped_column(Text)
    size: Mapped[int]
    media_type: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)  # as it was uploaded first, with the ending of its content
    state: Mapped[str] = mapped_column(Text, default="waiting")
    scan_attempts: Mapped[int] = mapped_column(default=0)  # without an answer
    scanned_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    finding: Mapped[str | None] = mapped_column(Text)  # what the scanner calls what it found
    has_preview: Mapped[bool] = mapped_column(default=False)
    uploaded_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    uploaded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    unused_since: Mapped[datetime | None] = mapped_column(UtcDateTime)  # proves no answer
    valid_until: Mapped[date | None]  # the last day of what it shows: a licence, a contract
    erasure_asked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    erasure_asked_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    erasure_reason: Mapped[str | None] = mapped_column(Text)
    erased_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    @property
    def stage(self) -> str:
        """Where the file stands, in one word: erased, being_erased, infected, waiting, unscanned or clean."""
        if self.erased_at is not None:
            return "infected" if self.state == "infected" else "erased"
        if self.erasure_asked_at is not None:
            return "being_erased"
        return self.state

    @property
    def is_there(self) -> bool:
        """Whether the bytes are kept and meant to be."""
        return self.erasure_asked_at is None

    @property
    def may_leave(self) -> bool:
        """Whether it may be looked at and downloaded: not before the scanner has said so, where there is one."""
        return self.stage in ("clean", "unscanned")


class EvidenceLink(TenantScoped, Base):
    """A file proves an answer, from one revision on, and in the revisions of the period after it.

    A submitted revision keeps its evidence as it was: a link that is taken away later only says from which revision
    on it does not count.
    """

    __tablename__ = "evidence_links"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "file_id"], ["evidence_files.tenant_id", "evidence_files.id"]),
        ForeignKeyConstraint(["tenant_id", "assessment_id"], ["assessments.tenant_id", "assessments.id"]),
        UniqueConstraint("assessment_id", "question_id", "file_id"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    file_id: Mapped[uuid.UUID] = mapped_column(index=True)
    assessment_id: Mapped[uuid.UUID]
    question_id: Mapped[str] = mapped_column(Text)
    caption: Mapped[str] = mapped_column(Text, default="")
    from_period: Mapped[int | None]  # of which year the file was evidence before
    removed_in: Mapped[int | None]  # the revision from which on it does not count
    linked_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    linked_at: Mapped[datetime] = mapped_column(UtcDateTime)


class EvidenceSettings(TenantScoped, Base):
    """What a tenant chose; without a row, what `RETENTION_YEARS` says."""

    __tablename__ = "evidence_settings"
    __table_args__ = (CheckConstraint("retention_years between 1 and 30", name="years_are_bearable"),)

    tenant_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("tenants.id"), primary_key=True)
    retention_years: Mapped[int] = mapped_column(default=RETENTION_YEARS)
