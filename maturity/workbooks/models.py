"""Uploaded workbooks that wait for a decision, references to evidence, and uploads of many enterprises."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from maturity.db import Base, TenantScoped, UtcDateTime


class WorkbookUpload(TenantScoped, Base):
    """A workbook that somebody uploaded to an assessment: its cells until they are applied, cancelled or expired.

    What it would change is worked out anew whenever it is looked at; nothing of it is an answer before it is applied.
    """

    __tablename__ = "workbook_uploads"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "assessment_id"], ["assessments.tenant_id", "assessments.id"]),
        CheckConstraint("state in ('open', 'applied', 'cancelled', 'expired')", name="state_is_known"),
        CheckConstraint("(state = 'open') = (decided_at is null)", name="what_is_decided_says_when"),
        Index(None, "assessment_id", "uploaded_by"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    assessment_id: Mapped[uuid.UUID]
    name: Mapped[str] = mapped_column(Text)  # of the file
    label: Mapped[dict[str, Any]] = mapped_column(JSON)  # as it was sealed; see `seals.Label`
    cells: Mapped[dict[str, Any]] = mapped_column(JSON)  # as `reading` tells them; empty once decided
    state: Mapped[str] = mapped_column(Text, default="open")
    changed: Mapped[int] = mapped_column(default=0)  # answers that were saved
    uploaded_by: Mapped[int] = mapped_column(ForeignKey("users.id"))
    uploaded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime, index=True)
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class EvidenceReference(TenantScoped, Base):
    """Where the proof of an answer lies, in words: a file's name, a number, a shelf. `version` counts its saves."""

    __tablename__ = "evidence_references"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "assessment_id"], ["assessments.tenant_id", "assessments.id"]),
        CheckConstraint("version >= 1", name="versions_start_at_one"),
    )

    assessment_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    question_id: Mapped[str] = mapped_column(Text, primary_key=True)
    body: Mapped[str] = mapped_column(Text)  # empty where it was taken back
    version: Mapped[int] = mapped_column(default=1)
    saved_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    saved_at: Mapped[datetime] = mapped_column(UtcDateTime)


class BulkUpload(TenantScoped, Base):
    """One upload of a consultancy for many clients: a register with a row each, or an archive of workbooks."""

    __tablename__ = "bulk_uploads"
    __table_args__ = (
        UniqueConstraint("tenant_id", "id"),
        CheckConstraint("kind in ('register', 'archive')", name="kind_is_known"),
        CheckConstraint("state in ('waiting', 'running', 'done', 'cancelled', 'failed')", name="state_is_known"),
        CheckConstraint("(state = 'failed') = (fault is not null)", name="what_failed_says_why"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    kind: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    sha256: Mapped[str] = mapped_column(Text)
    is_trial: Mapped[bool]  # looks at everything and saves nothing
    state: Mapped[str] = mapped_column(Text, default="waiting")
    fault: Mapped[str | None] = mapped_column(Text)  # a code the page has words for
    total: Mapped[int] = mapped_column(default=0)
    uploaded_by: Mapped[int] = mapped_column(ForeignKey("users.id"))
    uploaded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class BulkLine(TenantScoped, Base):
    """What came of one enterprise of an upload; written together with its answers, so that a crash repeats nothing."""

    __tablename__ = "bulk_lines"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "upload_id"], ["bulk_uploads.tenant_id", "bulk_uploads.id"]),
        CheckConstraint("outcome in ('saved', 'unchanged', 'partly', 'refused', 'unknown')", name="outcome_is_known"),
    )

    upload_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    place: Mapped[str] = mapped_column(Text)  # the row of the register, or the file in the archive
    uscc: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    client_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("tenants.id"))
    outcome: Mapped[str] = mapped_column(Text)
    changed: Mapped[int] = mapped_column(default=0)
    unchanged: Mapped[int] = mapped_column(default=0)
    details: Mapped[list[dict[str, str]]] = mapped_column(JSON)  # place, zh and en of each thing to mend or to know
