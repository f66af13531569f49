"""What people of a tenant say to each other over an assessment: comments, mentions, who is there, who was reminded."""

from __future__ import annotations

import uuid
from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from maturity.db import Base, TenantScoped, UtcDateTime

_ASSESSMENT = (["tenant_id", "assessment_id"], ["assessments.tenant_id", "assessments.id"])


class Comment(TenantScoped, Base):
    """One remark in the thread of a question. A deleted one keeps its place, so that answers to it are understood."""

    __tablename__ = "comments"
    __table_args__ = (
        ForeignKeyConstraint(*_ASSESSMENT),
        UniqueConstraint("tenant_id", "id"),
        CheckConstraint("deleted_at is null or body = ''", name="what_is_deleted_says_nothing"),
        Index(None, "assessment_id", "question_id", "written_at"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    assessment_id: Mapped[uuid.UUID]
    question_id: Mapped[str] = mapped_column(Text)
    body: Mapped[str] = mapped_column(Text)
    written_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    written_at: Mapped[datetime] = mapped_column(UtcDateTime)
    changed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    deleted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class ResolvedThread(TenantScoped, Base):
    """The thread of a question is settled; a further comment opens it again by deleting this row."""

    __tablename__ = "resolved_threads"
    __table_args__ = (ForeignKeyConstraint(*_ASSESSMENT),)

    assessment_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    question_id: Mapped[str] = mapped_column(Text, primary_key=True)
    resolved_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    resolved_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Mention(TenantScoped, Base):
    """Somebody named in a comment; `told_at` is when a letter said so."""

    __tablename__ = "mentions"
    __table_args__ = (ForeignKeyConstraint(["tenant_id", "comment_id"], ["comments.tenant_id", "comments.id"]),)

    comment_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True, index=True)
    told_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class Presence(TenantScoped, Base):
    """Where a person is answering, as the browser last said; nobody is there after `until`."""

    __tablename__ = "presences"
    __table_args__ = (ForeignKeyConstraint(*_ASSESSMENT),)

    assessment_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True)
    question_id: Mapped[str] = mapped_column(Text)
    until: Mapped[datetime] = mapped_column(UtcDateTime)


class Reminder(TenantScoped, Base):
    """A letter to a person about open questions: one a day at most, which the key sees to."""

    __tablename__ = "reminders"
    __table_args__ = (ForeignKeyConstraint(*_ASSESSMENT),)

    assessment_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    sent_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))  # nobody: the worker, by the calendar
