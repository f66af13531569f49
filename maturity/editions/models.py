"""Editions as the site keeps them: insert-only rows of a canonical bundle and its hash."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, Text
from sqlalchemy.orm import Mapped, mapped_column

from maturity.db import Base, UtcDateTime


class EditionRecord(Base):
    """One released (or draft) bundle. Never updated: a correction is another row with another hash."""

    __tablename__ = "editions"
    __table_args__ = (CheckConstraint("length(sha256) = 64", name="sha256_is_a_hash"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    sha256: Mapped[str] = mapped_column(Text, unique=True)
    framework: Mapped[str] = mapped_column(Text, index=True)
    edition: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(Text)
    bundle: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
