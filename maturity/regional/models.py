"""Models of regional indices, the figures they are computed from, and results frozen for good."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from maturity.db import Base, TenantScoped, UtcDateTime

#: A draft is edited; a model in force never changes and is replaced by the next version of its line.
STATES = ("draft", "in_force", "replaced")
_DRAFT = text("state = 'draft'")
_FIRST = text("replaces_id is null")


class StoredModel(TenantScoped, Base):
    """One version of a tenant's model. Versions of one line share the figures entered for it."""

    __tablename__ = "index_models"
    __table_args__ = (
        UniqueConstraint("tenant_id", "line", "version"),
        Index("uq_index_models_draft", "tenant_id", "line", unique=True, sqlite_where=_DRAFT, postgresql_where=_DRAFT),
        CheckConstraint(f"state in {STATES}", name="state_is_known"),
        CheckConstraint("version >= 1", name="version_counts_from_one"),
        CheckConstraint("(state = 'draft') = (sha256 is null)", name="what_is_in_force_has_its_hash"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    line: Mapped[uuid.UUID]
    version: Mapped[int]
    state: Mapped[str] = mapped_column(Text)
    document: Mapped[dict[str, Any]] = mapped_column(JSON)
    sha256: Mapped[str | None] = mapped_column(Text)
    changed_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    in_force_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class NationalModel(Base):
    """A version that the operator put in force for all regulators; a row is only ever added."""

    __tablename__ = "national_index_models"
    __table_args__ = (UniqueConstraint("line", "version"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    line: Mapped[uuid.UUID]
    version: Mapped[int]
    document: Mapped[dict[str, Any]] = mapped_column(JSON)
    sha256: Mapped[str] = mapped_column(Text)
    published_at: Mapped[datetime] = mapped_column(UtcDateTime)


class IndexValue(TenantScoped, Base):
    """One figure of an indicator for a region and year; a figure not known has no row.

    Without a value it is one that a release withholds. `release` is the hash of the release a figure is taken from.
    """

    __tablename__ = "index_values"
    __table_args__ = (
        UniqueConstraint("tenant_id", "line", "indicator", "region", "year"),
        CheckConstraint("comparator in ('', '>', '≥', '≈', '<', '≤')", name="comparator_is_known"),
        CheckConstraint("year between 1978 and 2100", name="year_is_one_of_ours"),
        CheckConstraint("value is not null or release <> ''", name="only_a_release_withholds"),
        CheckConstraint("source <> ''", name="a_figure_says_where_it_is_from"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    line: Mapped[uuid.UUID]
    indicator: Mapped[str] = mapped_column(Text)
    region: Mapped[str] = mapped_column(Text)  # '' stands for the nation
    year: Mapped[int]
    value: Mapped[str | None] = mapped_column(Text)  # as typed, so that it is kept exactly
    comparator: Mapped[str] = mapped_column(Text, default="", server_default="")
    source: Mapped[str] = mapped_column(Text)
    provenance: Mapped[str] = mapped_column(Text)
    release: Mapped[str] = mapped_column(Text, default="", server_default="")
    entered_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    entered_at: Mapped[datetime] = mapped_column(UtcDateTime)


class IndexResult(TenantScoped, Base):
    """A computed index frozen as canonical JSON with its hash; a correction is another one that names it."""

    __tablename__ = "index_results"
    __table_args__ = (
        UniqueConstraint("tenant_id", "id"),
        UniqueConstraint("tenant_id", "replaces_id"),
        Index(
            "uq_index_results_first",
            "tenant_id",
            "line",
            "year",
            unique=True,
            sqlite_where=_FIRST,
            postgresql_where=_FIRST,
        ),
        ForeignKeyConstraint(["tenant_id", "replaces_id"], ["index_results.tenant_id", "index_results.id"]),
        CheckConstraint("(replaces_id is null) = (reason = '')", name="a_correction_has_a_reason"),
        CheckConstraint("replaces_id is null or replaces_id <> id", name="nothing_replaces_itself"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    line: Mapped[uuid.UUID]
    version: Mapped[int]
    year: Mapped[int]
    document: Mapped[str] = mapped_column(Text)
    sha256: Mapped[str] = mapped_column(Text)
    replaces_id: Mapped[uuid.UUID | None]
    reason: Mapped[str] = mapped_column(Text, default="", server_default="")
    saved_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    saved_at: Mapped[datetime] = mapped_column(UtcDateTime)
