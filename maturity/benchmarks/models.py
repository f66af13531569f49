"""Frozen releases of benchmark cells. They hold no enterprise and belong to no tenant."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from maturity.db import Base, UtcDateTime


class BenchmarkRelease(Base):
    """One vintage: the cells of one framework and period, computed once."""

    __tablename__ = "benchmark_releases"
    __table_args__ = (UniqueConstraint("framework", "period", "sha256"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    framework: Mapped[str] = mapped_column(Text)
    period: Mapped[int]
    is_synthetic: Mapped[bool]
    population: Mapped[int]
    sha256: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)


class BenchmarkCell(Base):
    """One industry × region × size population; '' stands for all. `metrics` maps a metric to its quantiles."""

    __tablename__ = "benchmark_cells"
    __table_args__ = (
        UniqueConstraint("release_id", "industry", "region", "size"),
        CheckConstraint("contributors >= 20", name="a_cell_has_enough_contributors"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    release_id: Mapped[int] = mapped_column(ForeignKey("benchmark_releases.id"), index=True)
    industry: Mapped[str] = mapped_column(Text)
    region: Mapped[str] = mapped_column(Text)
    size: Mapped[str] = mapped_column(Text)
    contributors: Mapped[int]
    metrics: Mapped[dict[str, Any]] = mapped_column(JSON)
