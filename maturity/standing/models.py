"""Objections of an enterprise to how it was placed or counted in a release, or to one of its figures."""

from __future__ import annotations

import uuid
from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from maturity.db import Base, TenantScoped, UtcDateTime

#: placed among the wrong peers; counted, or left out, wrongly; a figure that looks wrong
ABOUT = ("placement", "counting", "figure")
STATES = ("open", "answered", "withdrawn")
FINDINGS = ("founded", "partly_founded", "unfounded")


class Objection(TenantScoped, Base):
    """What an enterprise objects to in a release, and what the operator found. A release itself never changes: an
    objection that is founded leads to a correction, a release of its own.

    `cell` is the group that the figure is of, as `maturity.standing.peer_groups` writes it; '' where it is none.
    """

    __tablename__ = "objections"
    __table_args__ = (
        CheckConstraint(f"about in {ABOUT}", name="about_is_known"),
        CheckConstraint(f"state in {STATES}", name="state_is_known"),
        CheckConstraint(f"finding in {FINDINGS}", name="finding_is_known"),
        CheckConstraint("(state = 'answered') = (answered_at is not null)", name="what_is_answered_says_when"),
        CheckConstraint(
            "state <> 'answered' or (finding is not null and answer is not null)", name="what_is_answered_says_what"
        ),
        CheckConstraint("(state = 'withdrawn') = (withdrawn_at is not null)", name="what_is_withdrawn_says_when"),
        CheckConstraint("correction_id is null or finding <> 'unfounded'", name="what_is_corrected_was_founded"),
        Index(None, "state", "due_on"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    release_id: Mapped[int] = mapped_column(ForeignKey("benchmark_releases.id"), index=True)
    about: Mapped[str] = mapped_column(Text)
    figure: Mapped[str] = mapped_column(Text, default="", server_default="")  # which measure, by its id
    cell: Mapped[str] = mapped_column(Text, default="", server_default="")
    text: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text, default="open", server_default="open")
    raised_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    raised_at: Mapped[datetime] = mapped_column(UtcDateTime)
    due_on: Mapped[date]
    finding: Mapped[str | None] = mapped_column(Text)
    answer: Mapped[str | None] = mapped_column(Text)
    answered_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    correction_id: Mapped[int | None] = mapped_column(ForeignKey("benchmark_releases.id"))
    withdrawn_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
