"""Credentials of certificates, and the places of their status in the public lists."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import ForeignKey, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from maturity.db import Base, UtcDateTime


class Credential(Base):
    """What a certificate is as a credential, for its holder: the badge, and the one with everything to disclose."""

    __tablename__ = "credentials"

    certificate_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("certificates.id"), primary_key=True)
    client_id: Mapped[uuid.UUID] = mapped_column(index=True)
    body_id: Mapped[uuid.UUID] = mapped_column(index=True)
    key_id: Mapped[str] = mapped_column(Text)
    badge: Mapped[str] = mapped_column(Text)  # compact JWT
    disclosable: Mapped[str] = mapped_column(Text)  # SD-JWT with all its disclosures
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)


class CredentialPlace(Base):
    """Where in which status list a certificate's bit is; drawn by lot, so that neighbours tell nothing."""

    __tablename__ = "credential_places"
    __table_args__ = (UniqueConstraint("list_number", "place"),)

    certificate_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("certificates.id"), primary_key=True)
    client_id: Mapped[uuid.UUID] = mapped_column(index=True)
    body_id: Mapped[uuid.UUID] = mapped_column(index=True)
    list_number: Mapped[int]
    place: Mapped[int]
