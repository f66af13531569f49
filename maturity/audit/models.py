"""The audit log: append-only events, the seals that chain them, and the keys of what is personal in them."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, CheckConstraint, ForeignKey, Index, Integer, LargeBinary, Text
from sqlalchemy.orm import Mapped, mapped_column

from maturity.audit.append_only import enqueue_inserts, refuse_changes
from maturity.db import Base, TenantScoped, UtcDateTime

#: Counts up on both databases; SQLite gives numbers by itself to an INTEGER only.
Counter = BigInteger().with_variant(Integer, "sqlite")


class Recorded:
    """What every event has: who did what and when, with the details of the vocabulary."""

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    event: Mapped[str] = mapped_column(Text)
    details: Mapped[dict[str, Any]] = mapped_column(JSON)
    at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)


class AuditEvent(Recorded, TenantScoped, Base):
    """Something done in a tenant, written in the transaction that did it; without an actor, by the system."""

    __tablename__ = "audit_events"
    __table_args__ = (Index(None, "tenant_id", "at", "id"),)

    actor_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))


class AccountEvent(Recorded, Base):
    """What a person did with the account, which belongs to no tenant; sealed into the same chain."""

    __tablename__ = "account_events"
    __table_args__ = (Index(None, "actor_id", "at", "id"),)

    actor_id: Mapped[int] = mapped_column(ForeignKey("users.id"))


class UnsealedEvent(Base):
    """The sealer's list of what to do, filled by the database itself in the order of writing."""

    __tablename__ = "audit_unsealed"

    id: Mapped[int] = mapped_column(Counter, primary_key=True)
    event_id: Mapped[uuid.UUID]


class AuditSeal(Base):
    """One link of the chain. It names its event without a foreign key: it must outlive one that is deleted."""

    __tablename__ = "audit_seals"
    __table_args__ = (CheckConstraint("length(previous) = 64 and length(hash) = 64", name="hashes_are_hashes"),)

    position: Mapped[int] = mapped_column(Counter, primary_key=True, autoincrement=False)
    event_id: Mapped[uuid.UUID] = mapped_column(unique=True)
    previous: Mapped[str] = mapped_column(Text)
    hash: Mapped[str] = mapped_column(Text)
    sealed_at: Mapped[datetime] = mapped_column(UtcDateTime)


class SubjectKey(Base):
    """The key of one person's details, wrapped under the installation's; without a key they are erased for good."""

    __tablename__ = "subject_keys"
    __table_args__ = (CheckConstraint("(wrapped is null) = (erased_at is not null)", name="erased_has_no_key"),)

    subject: Mapped[str] = mapped_column(Text, primary_key=True)
    wrapped: Mapped[bytes | None] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    erased_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


refuse_changes(AuditEvent.__table__, "id")
refuse_changes(AccountEvent.__table__, "id")
refuse_changes(AuditSeal.__table__, "position", "event_id")
enqueue_inserts(AuditEvent.__table__)
enqueue_inserts(AccountEvent.__table__)
