"""Consents as acts: each giving and each withdrawal is a row of its own, and the latest one counts."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from maturity.db import Base, TenantScoped, UtcDateTime


class Act:
    """Somebody said yes or no to one text, which is named by its version and by the hash of what was shown."""

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    purpose: Mapped[str] = mapped_column(Text)
    version: Mapped[str] = mapped_column(Text)
    text_sha256: Mapped[str] = mapped_column(Text)
    locale: Mapped[str] = mapped_column(Text)
    given: Mapped[bool]
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class PersonConsent(Act, Base):
    """What a person allows with their own data. Rows are only added; those of a closed account name a number only."""

    __tablename__ = "person_consents"
    __table_args__ = (
        CheckConstraint("length(text_sha256) = 64", name="text_is_named_by_its_hash"),
        Index(None, "user_id", "purpose", "at"),
    )

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))


class TenantConsent(Act, TenantScoped, Base):
    """What an owner allows with the data of the tenant."""

    __tablename__ = "tenant_consents"
    __table_args__ = (
        CheckConstraint("length(text_sha256) = 64", name="text_is_named_by_its_hash"),
        Index(None, "tenant_id", "purpose", "at"),
    )

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
