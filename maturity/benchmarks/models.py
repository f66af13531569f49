"""Releases of benchmark cells: frozen, reviewed, and of no tenant; and the ledger of who read them."""

from __future__ import annotations

import uuid
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from maturity.audit.append_only import refuse_changes
from maturity.benchmarks.immutable import PARTS, RELEASES, guard_releases
from maturity.clock import LOCAL
from maturity.db import Base, UtcDateTime

#: A release is computed, looked through by two people, then published for good; what is not published is withdrawn.
STATES = ("computing", "review", "published", "withdrawn", "failed")
_OF = ("framework", "period")
_PUBLISHED, _UNDER_WAY = text("state = 'published'"), text("state in ('computing', 'review') and not is_synthetic")


def _where(condition: Any) -> dict[str, Any]:
    return {"sqlite_where": condition, "postgresql_where": condition}


class BenchmarkRelease(Base):
    """One vintage: the cells of one framework and period as of a cut-off, computed once under one set of rules.

    A published release never changes. A correction is a release of its own that `replaces_id` names, with a notice.
    """

    __tablename__ = "benchmark_releases"
    __table_args__ = (
        Index("uq_benchmark_releases_published", *_OF, "sha256", unique=True, **_where(_PUBLISHED)),
        Index("uq_benchmark_releases_under_way", *_OF, unique=True, **_where(_UNDER_WAY)),
        CheckConstraint(f"state in {STATES}", name="state_is_known"),
        CheckConstraint(
            "state not in ('review', 'published') or sha256 is not null", name="what_is_computed_has_its_hash"
        ),
        CheckConstraint("(state = 'published') = (published_at is not null)", name="what_is_published_says_when"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    framework: Mapped[str] = mapped_column(Text)
    period: Mapped[int]
    state: Mapped[str] = mapped_column(Text, server_default="published")
    is_synthetic: Mapped[bool]
    population: Mapped[int]  # contributors, rounded as those of a cell; 0 until computed
    cut_off_at: Mapped[datetime] = mapped_column(UtcDateTime)
    rules_version: Mapped[str] = mapped_column(Text)
    #: Of the framework: that of the results counted, or those, from the oldest; None in releases before it was noted.
    edition: Mapped[str | None] = mapped_column(Text)
    input_sha256: Mapped[str | None] = mapped_column(Text)  # of the frozen extract that it was computed from
    sha256: Mapped[str | None] = mapped_column(Text)
    merkle_root: Mapped[str | None] = mapped_column(Text)  # of the receipts of those counted
    #: The releases published before that it was compared with, by number: `earlier` of its framework, `others`.
    judged_against: Mapped[dict[str, list[int]] | None] = mapped_column(JSON)
    replaces_id: Mapped[int | None] = mapped_column(ForeignKey("benchmark_releases.id"))
    notice: Mapped[dict[str, Any] | None] = mapped_column(JSON)  # of a correction: why, by language
    requested_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    published_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    @property
    def cut_off_on(self) -> date:
        """The last day that counts; a cut-off at midnight is the end of the day before."""
        return (self.cut_off_at - timedelta(microseconds=1)).astimezone(LOCAL).date()


class BenchmarkCell(Base):
    """One population of industry × region × size; '' stands for all. What it does not say is withheld.

    `metrics` maps a metric to its quantiles, `shares` a criterion to a percentage, `means` a metric to a mean as text;
    `levels` lists pairs of the levels that stand together and their share in percent.
    """

    __tablename__ = "benchmark_cells"
    __table_args__ = (
        UniqueConstraint("release_id", "industry", "region", "size"),
        CheckConstraint("contributors >= 10", name="a_cell_has_enough_contributors"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    release_id: Mapped[int] = mapped_column(ForeignKey("benchmark_releases.id"), index=True)
    industry: Mapped[str] = mapped_column(Text)
    region: Mapped[str] = mapped_column(Text)
    size: Mapped[str] = mapped_column(Text)
    contributors: Mapped[int]
    reviewed: Mapped[int | None]  # percent of them whose answers were reviewed; None where that may not be said
    metrics: Mapped[dict[str, Any]] = mapped_column(JSON)
    shares: Mapped[dict[str, int]] = mapped_column(JSON, default=dict, server_default=text("'{}'"))
    levels: Mapped[list[Any]] = mapped_column(JSON, default=list, server_default=text("'[]'"))
    means: Mapped[dict[str, str]] = mapped_column(JSON, default=dict, server_default=text("'{}'"))


class WithheldCell(Base):
    """What a rule keeps out of a release: a whole cell, or one figure of it that `what` names. For reviewers alone."""

    __tablename__ = "withheld_cells"

    id: Mapped[int] = mapped_column(primary_key=True)
    release_id: Mapped[int] = mapped_column(ForeignKey("benchmark_releases.id"), index=True)
    industry: Mapped[str] = mapped_column(Text)
    region: Mapped[str] = mapped_column(Text)
    size: Mapped[str] = mapped_column(Text)
    rule: Mapped[str] = mapped_column(Text)
    what: Mapped[str] = mapped_column(Text, default="", server_default="")


class AggregateRead(Base):
    """A regulator read figures of a release: who, which, for what. Those counted in the release may see it."""

    __tablename__ = "aggregate_reads"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=uuid.uuid4)
    release_id: Mapped[int] = mapped_column(ForeignKey("benchmark_releases.id"), index=True)
    reader_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("tenants.id"), index=True)
    reader_name: Mapped[str] = mapped_column(Text)
    purpose: Mapped[str] = mapped_column(Text)
    #: what was asked for: lists of industries, regions and sizes
    asked: Mapped[dict[str, Any]] = mapped_column(JSON)
    cells: Mapped[int]  # how many were shown
    at: Mapped[datetime] = mapped_column(UtcDateTime)


refuse_changes(AggregateRead.__table__, "id")
guard_releases([Base.metadata.tables[name] for name in (RELEASES, *PARTS)])
