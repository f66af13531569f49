"""Rights over data: exports, deletions with what proves them, logs brought along from elsewhere, where data may lie."""

from __future__ import annotations

import uuid
from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from maturity.db import Base, TenantScoped, UtcDateTime


class TenantExport(TenantScoped, Base):
    """An archive of everything of a tenant, made by the worker and kept for some days."""

    __tablename__ = "tenant_exports"
    __table_args__ = (
        CheckConstraint("(made_at is null) = (sha256 is null)", name="what_is_made_has_its_hash"),
        CheckConstraint("removed_at is null or made_at is not null", name="only_what_is_made_is_removed"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    locale: Mapped[str] = mapped_column(Text)
    asked_by: Mapped[int] = mapped_column(ForeignKey("users.id"))
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    made_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    sha256: Mapped[str | None] = mapped_column(Text)
    size: Mapped[int] = mapped_column(default=0)
    rows: Mapped[int] = mapped_column(default=0)
    files: Mapped[int] = mapped_column(default=0)
    removed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class ImportedLog(TenantScoped, Base):
    """The audit log a tenant brought along from another installation: kept whole, under its hash, and never continued.

    Its seals belong to the chain of the other installation; the hash of the whole stands in an event of ours.
    """

    __tablename__ = "imported_logs"
    __table_args__ = (
        UniqueConstraint("tenant_id", "sha256"),
        CheckConstraint("length(sha256) = 64", name="hash_is_a_hash"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    sha256: Mapped[str] = mapped_column(Text)
    entries: Mapped[int]
    content: Mapped[str] = mapped_column(Text)  # JSON lines, as they were exported
    imported_at: Mapped[datetime] = mapped_column(UtcDateTime)


class DataSettings(TenantScoped, Base):
    """Where a tenant wants its data to lie; without a row, wherever the installation keeps them."""

    __tablename__ = "data_settings"

    tenant_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("tenants.id"), primary_key=True)
    required_region: Mapped[str] = mapped_column(Text, default="")


_OPEN = text("cancelled_at is null and done_at is null")


class TenantDeletion(Base):
    """The deletion of a tenant: asked for, cancelled, or done with its receipt. It outlives the tenant's rows.

    Found by the receipt's token when there is no tenant any more, hence not tenant-scoped itself.
    """

    __tablename__ = "tenant_deletions"
    __table_args__ = (
        CheckConstraint("(done_at is null) = (receipt_sha256 is null)", name="what_is_done_has_its_proof"),
        CheckConstraint("done_at is null or cancelled_at is null", name="what_is_cancelled_is_not_done"),
        Index("uq_tenant_deletions_open", "tenant_id", unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    tenant_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("tenants.id"), index=True)
    asked_by: Mapped[int] = mapped_column(ForeignKey("users.id"))
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    due_on: Mapped[date]
    site: Mapped[str] = mapped_column(Text)  # where the site was reached, for letters that no request writes
    reminded_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    cancelled_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    cancelled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    done_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    receipt: Mapped[str | None] = mapped_column(Text)  # canonical JSON; emptied when its time is over
    receipt_sha256: Mapped[str | None] = mapped_column(Text)
    receipt_token_hash: Mapped[str | None] = mapped_column(Text, unique=True)


class AccountDeletion(Base):
    """The closing of a person's account: asked for, cancelled or done."""

    __tablename__ = "account_deletions"
    __table_args__ = (
        CheckConstraint("done_at is null or cancelled_at is null", name="what_is_cancelled_is_not_done"),
        Index("uq_account_deletions_open", "user_id", unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), index=True)
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime)
    due_on: Mapped[date]
    site: Mapped[str] = mapped_column(Text)  # where the site was reached, for letters that no request writes
    reminded_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    cancelled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    done_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
