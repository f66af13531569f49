"""Finding synthetic enterprises by industry, region, size and year."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from maturity.assessments.models import Assessment, Submission
from maturity.db import every_tenant
from maturity.demo.population import PERIODS
from maturity.organisations.models import Enterprise
from maturity.tenancy.models import Tenant

PAGE = 25


@dataclass(frozen=True, slots=True)
class Filters:
    industry: str
    province: str
    period: int
    level: int
    page: int

    @classmethod
    def of(cls, given: Mapping[str, str]) -> Filters:
        """What was asked for, with anything unusable left out."""

        def number(key: str, default: int) -> int:
            text = given.get(key, "")
            return int(text) if text.isdigit() and len(text) < 6 else default

        period = number("period", PERIODS[-1])
        return cls(
            given.get("industry", "")[:3],
            given.get("province", "")[:6],
            period if period in PERIODS else PERIODS[-1],
            number("level", 0),
            max(number("page", 1), 1),
        )


@dataclass(frozen=True, slots=True)
class Found:
    rows: tuple[tuple[Enterprise, Assessment, Submission], ...]
    total: int

    @property
    def pages(self) -> int:
        return max(-(-self.total // PAGE), 1)


def find_enterprises(session: Session, filters: Filters) -> Found:
    """Synthetic enterprises only: this is the one page that reads across tenants, and these are open to everybody."""
    query: Any = (
        select(Enterprise, Assessment, Submission)
        .join(Tenant, Tenant.id == Enterprise.tenant_id)
        .join(Assessment, Assessment.enterprise_id == Enterprise.id)
        .join(Submission, Submission.assessment_id == Assessment.id)
        .where(Tenant.is_synthetic, Assessment.period == filters.period, Assessment.status == "submitted")
    )
    if filters.industry:
        query = query.where(Enterprise.industry.startswith(filters.industry, autoescape=True))
    if filters.province:
        query = query.where(Enterprise.region.startswith(filters.province[:2], autoescape=True))
    if filters.level:
        query = query.where(Submission.level == filters.level)
    with every_tenant(session):
        total = session.scalar(select(func.count()).select_from(query.subquery())) or 0
        page = (
            query.order_by(Submission.capability.desc(), Enterprise.name).limit(PAGE).offset(PAGE * (filters.page - 1))
        )
        rows = tuple((row[0], row[1], row[2]) for row in session.execute(page))
    return Found(rows, total)
