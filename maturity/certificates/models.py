"""Certificates and what happened to them. Verification is public: these rows are found without a tenant, by number."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, Numeric, Text
from sqlalchemy.orm import Mapped, mapped_column

from maturity.audit.append_only import refuse_changes
from maturity.db import Base, UtcDateTime

STATUSES = ("issuing", "valid", "suspended", "withdrawn", "expired", "replaced")
EVENTS = (
    "issued",
    "suspended",
    "reinstated",
    "withdrawn",
    "expired",
    "renewed",
    "changed",
    "surveyed",
)


class Certificate(Base):
    """One certificate of one holder. What it says is the canonical payload, which never changes; its standing does.

    The tenants are named without a reference, because a certificate outlives those whom it names.
    """

    __tablename__ = "certificates"
    __table_args__ = (
        CheckConstraint(f"status in {STATUSES}", name="status_is_known"),
        CheckConstraint("status = 'issuing' or pdf_sha256 is not null", name="what_is_issued_has_its_file"),
        CheckConstraint("valid_until >= issued_on", name="it_ends_after_it_began"),
        Index(None, "body_id", "status"),
        Index(None, "status", "valid_until"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    number: Mapped[str] = mapped_column(Text, unique=True)
    client_id: Mapped[uuid.UUID] = mapped_column(index=True)
    body_id: Mapped[uuid.UUID]
    case_id: Mapped[uuid.UUID] = mapped_column(unique=True)
    is_synthetic: Mapped[bool] = mapped_column(default=False)
    status: Mapped[str] = mapped_column(Text, default="issuing")
    status_since: Mapped[datetime] = mapped_column(UtcDateTime)
    status_reason: Mapped[str | None] = mapped_column(Text)  # a code of the process
    #: RFC 8785 canonical JSON of what the certificate says, and its hash.
    payload: Mapped[str] = mapped_column(Text)
    payload_sha256: Mapped[str] = mapped_column(Text)
    holder: Mapped[str] = mapped_column(Text)
    uscc: Mapped[str] = mapped_column(Text)
    body_name: Mapped[str] = mapped_column(Text)
    industry: Mapped[str] = mapped_column(Text)
    region: Mapped[str] = mapped_column(Text)
    framework: Mapped[str] = mapped_column(Text)
    edition: Mapped[str] = mapped_column(Text)
    period: Mapped[int]
    level: Mapped[int]
    score: Mapped[Decimal] = mapped_column(Numeric(5, 2))
    issued_on: Mapped[date]
    valid_until: Mapped[date]
    first_issued_on: Mapped[date]
    replaces_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("certificates.id"))
    #: The signed file as it was issued; it is stored and never made again.
    pdf_sha256: Mapped[str | None] = mapped_column(Text)
    pdf_size: Mapped[int | None]
    #: Whether the holder lets it stand in the public register, and what verification shows besides level and dates.
    in_register: Mapped[bool] = mapped_column(default=False)
    shows: Mapped[list[str]] = mapped_column(JSON, default=list)  # of: score, dimensions, scope


class CertificateEvent(Base):
    """What happened to a certificate, append-only; each is a leaf of the transparency log."""

    __tablename__ = "certificate_events"
    __table_args__ = (CheckConstraint(f"kind in {EVENTS}", name="kind_is_known"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    certificate_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("certificates.id"), index=True)
    client_id: Mapped[uuid.UUID] = mapped_column(index=True)
    body_id: Mapped[uuid.UUID] = mapped_column(index=True)
    kind: Mapped[str] = mapped_column(Text)
    reason: Mapped[str | None] = mapped_column(Text)
    note: Mapped[str] = mapped_column(Text, default="")
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    actor_name: Mapped[str | None] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    #: The number of its leaf in the transparency log.
    leaf: Mapped[int]


refuse_changes(CertificateEvent.__table__, "id")
