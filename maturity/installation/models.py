"""What is kept about the installation itself: how far its set-up is, signs of life, since when its keys are used."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Text
from sqlalchemy.orm import Mapped, mapped_column

from maturity.db import Base, UtcDateTime

#: What a new installation may be filled with: editions alone, peers to compare with, enterprises to look at, too.
EXTENTS = ("none", "peers", "enterprises")


class Installation(Base):
    """The one row about this installation. Each step of the set-up has the moment at which it was done.

    The set-up token is printed once; the row holds its hash, and not even that once an operator exists.
    """

    __tablename__ = "installation"
    __table_args__ = (
        CheckConstraint("id = 1", name="there_is_one"),
        CheckConstraint("demonstration in ('none', 'peers', 'enterprises')", name="demonstration_is_known"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(Text, default="")  # who operates the site
    address: Mapped[str] = mapped_column(Text, default="")
    residency: Mapped[str] = mapped_column(Text, default="")  # where the data are kept, in the operator's words
    token_hash: Mapped[str | None] = mapped_column(Text)
    token_expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    set_up_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    site_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    services_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    content_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    demonstration: Mapped[str | None] = mapped_column(Text)
    set_up_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class SignOfLife(Base):
    """When something was last seen at work: the worker, a backup."""

    __tablename__ = "signs_of_life"

    kind: Mapped[str] = mapped_column(Text, primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    note: Mapped[str] = mapped_column(Text, default="")


class KeySighting(Base):
    """Since when a secret of the configuration is in use. The fingerprint tells secrets apart without telling them."""

    __tablename__ = "key_sightings"

    purpose: Mapped[str] = mapped_column(Text, primary_key=True)
    fingerprint: Mapped[str] = mapped_column(Text, primary_key=True)
    since: Mapped[datetime] = mapped_column(UtcDateTime)
