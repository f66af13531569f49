"""What a regulator owns of its yearly reports: versions, figures, comments, files; and the list of public ones."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from maturity.db import Base, TenantScoped, UtcDateTime

#: Drafting ends in a draft or fails; an approved report is a draft again once it is edited or sent back; what is
#: published never changes.
STATES = ("drafting", "draft", "approved", "publishing", "published")
ENDINGS = ("pdf", "docx")


class YearlyReport(TenantScoped, Base):
    """One report on the country, a province or an industry, in one language, from one release.

    A correction is a report of its own that `corrects_id` names.
    """

    __tablename__ = "yearly_reports"
    __table_args__ = (
        UniqueConstraint("tenant_id", "id"),
        UniqueConstraint("tenant_id", "number"),
        ForeignKeyConstraint(["tenant_id", "corrects_id"], ["yearly_reports.tenant_id", "yearly_reports.id"]),
        CheckConstraint(f"state in {STATES}", name="state_is_known"),
        CheckConstraint("kind in ('national', 'region', 'industry')", name="kind_is_known"),
        CheckConstraint("(state = 'published') = (published_at is not null)", name="what_is_published_says_when"),
        CheckConstraint(
            "state not in ('approved', 'publishing', 'published') or approved_version is not null",
            name="what_is_approved_says_which",
        ),
        CheckConstraint("state <> 'published' or number is not null", name="what_is_published_has_its_number"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    kind: Mapped[str] = mapped_column(Text)
    code: Mapped[str] = mapped_column(Text)  # of the province, sector or division; '' of the country
    framework: Mapped[str] = mapped_column(Text)
    period: Mapped[int]
    release_id: Mapped[int] = mapped_column(ForeignKey("benchmark_releases.id"))
    release_sha256: Mapped[str] = mapped_column(Text)
    is_synthetic: Mapped[bool]
    locale: Mapped[str] = mapped_column(Text)
    title: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text)
    number: Mapped[str | None] = mapped_column(Text)
    is_public: Mapped[bool] = mapped_column(default=False)
    corrects_id: Mapped[uuid.UUID | None]
    correction: Mapped[str] = mapped_column(Text, default="")  # what is corrected, and why
    created_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    approved_version: Mapped[int | None]
    approved_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    approved_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    published_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    published_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


def _of_report() -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["tenant_id", "report_id"], ["yearly_reports.tenant_id", "yearly_reports.id"])


class YearlyFigures(TenantScoped, Base):
    """The figures of a report, frozen: see `maturity.yearly.book`."""

    __tablename__ = "yearly_figures"
    __table_args__ = (_of_report(),)

    tenant_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("tenants.id"), primary_key=True)
    report_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    body: Mapped[dict[str, Any]] = mapped_column(JSON)


class YearlyVersion(TenantScoped, Base):
    """One version of what is written; the newest counts, the earlier ones stay. See `maturity.yearly.paper`."""

    __tablename__ = "yearly_versions"
    __table_args__ = (_of_report(), CheckConstraint("version >= 1", name="versions_start_at_one"))

    tenant_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("tenants.id"), primary_key=True)
    report_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    body: Mapped[dict[str, Any]] = mapped_column(JSON)
    sha256: Mapped[str] = mapped_column(Text)
    section: Mapped[str] = mapped_column(Text)  # the one that was changed; '' for the whole
    saved_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    saved_at: Mapped[datetime] = mapped_column(UtcDateTime)


class YearlyComment(TenantScoped, Base):
    """A remark on a section, settled when it is dealt with."""

    __tablename__ = "yearly_comments"
    __table_args__ = (_of_report(), Index(None, "tenant_id", "report_id", "section"))

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    report_id: Mapped[uuid.UUID]
    section: Mapped[str] = mapped_column(Text)
    body: Mapped[str] = mapped_column(Text)
    written_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    written_at: Mapped[datetime] = mapped_column(UtcDateTime)
    settled_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    settled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class YearlyFile(TenantScoped, Base):
    """A version as PDF or Word. That of a draft is replaced by the next; that of a published report never changes.

    The bytes are a row, so that they are published, backed up and erased in one transaction with the rest.
    """

    __tablename__ = "yearly_files"
    __table_args__ = (_of_report(), CheckConstraint(f"ending in {ENDINGS}", name="ending_is_known"))

    tenant_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("tenants.id"), primary_key=True)
    report_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    ending: Mapped[str] = mapped_column(Text, primary_key=True)
    is_final: Mapped[bool] = mapped_column(primary_key=True)
    version: Mapped[int]
    sha256: Mapped[str] = mapped_column(Text)
    size: Mapped[int]
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)


class YearlyPublication(Base):
    """A published report that everybody may read: what the public list says of it, and where its files are."""

    __tablename__ = "yearly_publications"

    report_id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    tenant_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("tenants.id"), index=True)
    publisher: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)
    code: Mapped[str] = mapped_column(Text)
    period: Mapped[int]
    locale: Mapped[str] = mapped_column(Text)
    title: Mapped[str] = mapped_column(Text)
    number: Mapped[str] = mapped_column(Text)
    release_sha256: Mapped[str] = mapped_column(Text)
    is_synthetic: Mapped[bool]
    pdf_sha256: Mapped[str] = mapped_column(Text)
    docx_sha256: Mapped[str] = mapped_column(Text)
    corrects_id: Mapped[uuid.UUID | None]
    correction: Mapped[str] = mapped_column(Text, default="")
    published_at: Mapped[datetime] = mapped_column(UtcDateTime)
