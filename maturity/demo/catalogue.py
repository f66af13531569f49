"""Finding synthetic enterprises by industry, region, size and year."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, defer

from maturity.assessments.models import FRAMEWORK, Assessment, Submission
from maturity.db import every_tenant
from maturity.demo.profiles import PERIODS
from maturity.organisations.models import Enterprise
from maturity.reference.industries import Industry, industries
from maturity.reference.regions import provinces
from maturity.reference.size import SIZES
from maturity.tenancy.models import Tenant

PAGE = 25
LEVELS = (1, 2, 3, 4)


@dataclass(frozen=True, slots=True)
class Filters:
    """What the page is narrowed to; '' and 0 stand for all."""

    industry: str
    province: str
    size: str
    period: int
    level: int
    page: int

    @classmethod
    def of(cls, given: Mapping[str, str]) -> Filters:
        """What was asked for; what does not exist is left out, as the form shows."""
        division, province, size = (given.get(key, "") for key in ("industry", "province", "size"))
        period, level = _number(given.get("period")), _number(given.get("level"))
        return cls(
            division if division in {item.code for item in divisions()} else "",
            province if province in {item.code for item in provinces()} else "",
            size if size in SIZES else "",
            period if period in PERIODS else PERIODS[-1],
            level if level in LEVELS else 0,
            max(_number(given.get("page")), 1),
        )


def _number(text: str | None) -> int:
    """
    >>> _number("7"), _number("٧"), _number("²"), _number("1" * 9), _number(None)
    (7, 0, 0, 0, 0)
    """
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) < 6 else 0


def divisions() -> list[Industry]:
    """The divisions of manufacturing."""
    return [item for item in industries().values() if len(item.code) == 2 and item.section == "C"]


@dataclass(frozen=True, slots=True)
class Found:
    """One page of what was found; `page` is the last there is when a later one was asked for."""

    rows: tuple[tuple[Enterprise, Assessment, Submission], ...]
    total: int
    page: int

    @property
    def pages(self) -> int:
        return _pages(self.total)


def _pages(total: int) -> int:
    return max(-(-total // PAGE), 1)


def find_enterprises(session: Session, filters: Filters) -> Found:
    """Synthetic enterprises only: this is the one page that reads across tenants, and these are open to everybody."""
    query: Any = (
        select(Enterprise, Assessment, Submission)
        .join(Tenant, Tenant.id == Enterprise.tenant_id)
        .join(Assessment, Assessment.enterprise_id == Enterprise.id)
        .join(Submission, Submission.assessment_id == Assessment.id)
        .where(Tenant.is_synthetic, Assessment.framework == FRAMEWORK, Assessment.status == "submitted")
        .where(Assessment.period == filters.period)
    )
    if filters.industry:
        query = query.where(Enterprise.industry.startswith(filters.industry, autoescape=True))
    if filters.province:
        query = query.where(Enterprise.region.startswith(filters.province[:2], autoescape=True))
    if filters.size:
        query = query.where(Assessment.profile["size"].as_string() == filters.size)
    if filters.level:
        query = query.where(Submission.level == filters.level)
    with every_tenant(session, "shown"):
        total = session.scalar(query.with_only_columns(func.count())) or 0
        page = min(filters.page, _pages(total))
        shown = query.order_by(Submission.capability.desc(), Enterprise.name).limit(PAGE).offset(PAGE * (page - 1))
        # A document is the largest thing an assessment has, and none of it is on this page.
        found = session.execute(shown.options(defer(Submission.document)))
        rows = tuple((row[0], row[1], row[2]) for row in found)
    return Found(rows, total, page)
