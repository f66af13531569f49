"""An assessment, its answers with their history, and the frozen result of its submission."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Numeric,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from maturity.db import Base, TenantScoped, UtcDateTime

FRAMEWORK = "lianghua"
#: How an answer came: into a field, with an uploaded workbook, from another assessment as it stands or as it follows
#: from other facts, or through the interface.
SOURCES = ("typed", "excel", "carried_over", "api", "derived")


class Assessment(TenantScoped, Base):
    """One enterprise's run through one edition for one reporting period; a correction is a new revision.

    A revision that is submitted, or that replaces a draft, supersedes the one before; a period has one draft at most.
    """

    __tablename__ = "assessments"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "enterprise_id"], ["enterprises.tenant_id", "enterprises.id"]),
        ForeignKeyConstraint(["tenant_id", "previous_id"], ["assessments.tenant_id", "assessments.id"]),
        UniqueConstraint("tenant_id", "id"),
        UniqueConstraint("tenant_id", "enterprise_id", "framework", "period", "revision"),
        CheckConstraint("status in ('draft', 'submitted', 'superseded')", name="status_is_known"),
        CheckConstraint("status <> 'draft' or submitted_at is null", name="a_draft_is_not_submitted"),
        CheckConstraint("status <> 'submitted' or submitted_at is not null", name="what_is_submitted_says_when"),
        CheckConstraint("revision >= 1", name="revisions_start_at_one"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    enterprise_id: Mapped[uuid.UUID]
    framework: Mapped[str] = mapped_column(Text, default=FRAMEWORK)
    edition_sha256: Mapped[str] = mapped_column(ForeignKey("editions.sha256"))
    period: Mapped[int]
    revision: Mapped[int] = mapped_column(default=1)
    previous_id: Mapped[uuid.UUID | None]
    profile: Mapped[dict[str, Any]] = mapped_column(JSON)
    status: Mapped[str] = mapped_column(Text, default="draft")
    started_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    submitted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    @property
    def is_draft(self) -> bool:
        return self.status == "draft"


class Answer(TenantScoped, Base):
    """The current answer to one question; `version` counts its saves, so that no editor overwrites another.

    A proposed answer has come from elsewhere and counts for nothing until somebody confirms it.
    """

    __tablename__ = "answers"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "assessment_id"], ["assessments.tenant_id", "assessments.id"]),
        CheckConstraint("state in ('answered', 'skipped', 'empty', 'proposed')", name="state_is_known"),
        CheckConstraint(f"source in {SOURCES}", name="source_is_known"),
    )

    assessment_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    question_id: Mapped[str] = mapped_column(Text, primary_key=True)
    facts: Mapped[dict[str, Any]] = mapped_column(JSON)
    state: Mapped[str] = mapped_column(Text)
    version: Mapped[int]
    source: Mapped[str] = mapped_column(Text, default="typed")
    #: of an answer that came from another assessment: its edition and period, as `lianghua/2026.1@2025`
    origin: Mapped[str | None] = mapped_column(Text)
    saved_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    saved_at: Mapped[datetime] = mapped_column(UtcDateTime)


class AnswerVersion(TenantScoped, Base):
    """Every save of an answer, append-only."""

    __tablename__ = "answer_versions"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "assessment_id"], ["assessments.tenant_id", "assessments.id"]),
        CheckConstraint(f"source in {SOURCES}", name="source_is_known"),
        Index(None, "assessment_id", "saved_at"),
    )

    assessment_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    question_id: Mapped[str] = mapped_column(Text, primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    facts: Mapped[dict[str, Any]] = mapped_column(JSON)
    state: Mapped[str] = mapped_column(Text)
    source: Mapped[str] = mapped_column(Text, default="typed")
    saved_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    saved_at: Mapped[datetime] = mapped_column(UtcDateTime)


class SectionAssignment(TenantScoped, Base):
    """A person asked to answer a section, perhaps by a day. Several may share one; contributors open no other."""

    __tablename__ = "section_assignments"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "assessment_id"], ["assessments.tenant_id", "assessments.id"]),
    )

    assessment_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    section: Mapped[str] = mapped_column(Text, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True)
    due_on: Mapped[date | None]  # in the calendar of the people who answer
    assigned_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    assigned_at: Mapped[datetime] = mapped_column(UtcDateTime)


_OPEN = text("state = 'open'")


class SignOff(TenantScoped, Base):
    """The signatory asked to sign an assessment, and what came of it; one request is open at most.

    `overridden` is a submission by somebody else while there was a signatory.
    """

    __tablename__ = "sign_offs"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "assessment_id"], ["assessments.tenant_id", "assessments.id"]),
        CheckConstraint("state in ('open', 'signed', 'returned', 'overridden')", name="state_is_known"),
        CheckConstraint("(state = 'open') = (decided_at is null)", name="what_is_decided_says_when"),
        CheckConstraint("state <> 'returned' or note <> ''", name="what_is_returned_says_why"),
        Index("uq_sign_offs_open", "assessment_id", unique=True, sqlite_where=_OPEN, postgresql_where=_OPEN),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    assessment_id: Mapped[uuid.UUID] = mapped_column(index=True)
    state: Mapped[str] = mapped_column(Text, default="open")
    requested_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    requested_at: Mapped[datetime] = mapped_column(UtcDateTime)
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    note: Mapped[str] = mapped_column(Text, default="")  # why it was sent back


class Submission(TenantScoped, Base):
    """The frozen result: canonical JSON of edition, profile, facts, exact score and explanation, with its hash.

    Where the level was settled before everything was answered, the capability lies between two scores.
    """

    __tablename__ = "submissions"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "assessment_id"], ["assessments.tenant_id", "assessments.id"]),
        UniqueConstraint("tenant_id", "id"),
        UniqueConstraint("assessment_id"),
        CheckConstraint("level between 0 and 9", name="level_is_known"),
        CheckConstraint("capability between 0 and 100", name="capability_is_a_score"),
        CheckConstraint("capability_most is null or capability_most >= capability", name="a_range_does_not_end_below"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    assessment_id: Mapped[uuid.UUID]
    document: Mapped[str] = mapped_column(Text)
    sha256: Mapped[str] = mapped_column(Text)
    level: Mapped[int]
    capability: Mapped[Decimal] = mapped_column(Numeric(5, 2))
    capability_exact: Mapped[str] = mapped_column(Text)
    capability_most: Mapped[Decimal | None] = mapped_column(Numeric(5, 2))  # None: the score is exact
    outcome: Mapped[Decimal] = mapped_column(Numeric(5, 2))
    outcome_exact: Mapped[str] = mapped_column(Text)
    declared_name: Mapped[str] = mapped_column(Text)
    declared_title: Mapped[str] = mapped_column(Text)
    declared_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    submitted_at: Mapped[datetime] = mapped_column(UtcDateTime)
