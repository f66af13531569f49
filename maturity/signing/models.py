"""What is public of the keys with which the installation signs. Private ones stand elsewhere, never in the clear."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from maturity.db import Base, UtcDateTime

#: The authority; what signs certificates; what stamps the time; heads of the log; credentials and their status lists.
PURPOSES = ("root", "document", "timestamp", "log", "credential")
#: Kept by the installation itself, wrapped; in a file of the operator's; in a security module; with somebody else who
#: stamps the time.
SOURCES = ("embedded", "pkcs12", "pkcs11", "remote")
_IN_FORCE = text("retired_at is null")


class SigningKey(Base):
    """One key of one purpose, published for ever: a signature is checked with the key that was in force when it was
    made. One of each purpose is in force; of a retired one that was embedded the private part is destroyed.
    """

    __tablename__ = "signing_keys"
    __table_args__ = (
        CheckConstraint(f"purpose in {PURPOSES}", name="purpose_is_known"),
        CheckConstraint(f"source in {SOURCES}", name="source_is_known"),
        CheckConstraint("retired_at is null or retired_at >= not_before", name="it_ends_after_it_began"),
        CheckConstraint("revoked_at is null or retired_at is not null", name="what_is_revoked_is_retired"),
        CheckConstraint(
            "certificate is not null or purpose in ('log', 'credential')", name="what_signs_files_has_a_certificate"
        ),
        Index("uq_signing_keys_in_force", "purpose", unique=True, sqlite_where=_IN_FORCE, postgresql_where=_IN_FORCE),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    #: The beginning of the hash of the public key, by which signatures name it.
    key_id: Mapped[str] = mapped_column(Text, unique=True)
    purpose: Mapped[str] = mapped_column(Text)
    source: Mapped[str] = mapped_column(Text, default="embedded")
    public_key: Mapped[str] = mapped_column(Text)  # PEM
    certificate: Mapped[str | None] = mapped_column(Text)  # PEM
    #: Of an embedded certificate the key of the authority that issued it.
    issuer_key_id: Mapped[str | None] = mapped_column(Text)
    not_before: Mapped[datetime] = mapped_column(UtcDateTime)
    not_after: Mapped[datetime | None] = mapped_column(UtcDateTime)  # of the certificate
    retired_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    #: Of a key that somebody else may have: from then on nothing signed with it is believed.
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
