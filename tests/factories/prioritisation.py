"""Tables as an enterprise brings them, and a submitted assessment whose areas are rated in bands."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from maturity.assessments.models import Assessment
from maturity.assessments.service import start_assessment
from maturity.clock import FixedClock
from maturity.organisations.models import Enterprise
from maturity.organisations.service import profile_of
from maturity.prioritisation.areas import FRAMEWORK, Area
from maturity.prioritisation.service import current_areas, supply_table
from maturity.tenancy.models import Tenant
from tests.factories.assessments import PERIOD, answer, submit

Rows = list[list[str]]


def cost_rows(areas: Sequence[Area], **cells: Sequence[str]) -> Rows:
    """Everything is 1 for labour and 0 for energy, but what is said."""
    head = ["area", "name", "人工", "能源"]
    return [head, *([area.id, area.title.zh, *cells.get(area.id, ("1", "0"))] for area in areas)]


def kpi_rows(areas: Sequence[Area], **cells: Sequence[str]) -> Rows:
    head = ["area", "name", "一次合格率", "准时交付率"]
    return [head, *([area.id, area.title.zh, *cells.get(area.id, ("1", "1"))] for area in areas)]


def best_rows(areas: Sequence[Area], **bands: str) -> Rows:
    return [["area", "name", "band"], *([area.id, area.title.zh, bands.get(area.id, "4")] for area in areas)]


def bring_tables(session: Session, tenant: Tenant, clock: FixedClock) -> None:
    areas = current_areas(session)
    made = {"cost": cost_rows(areas), "kpi": kpi_rows(areas), "best": best_rows(areas)}
    for kind, rows in made.items():
        supply_table(session, tenant.id, kind, rows, f"{kind}.csv", "本厂估算", actor_id=None, clock=clock)


def make_rating(
    session: Session, tenant: Tenant, clock: FixedClock, *, draft: bool = False, **bands: int
) -> Assessment:
    """Every area in band 3, but what is said; submitted unless it stays a draft."""
    enterprise = session.scalars(select(Enterprise).where(Enterprise.tenant_id == tenant.id)).one()
    how: dict[str, Any] = {"actor_id": None, "clock": clock, "framework": FRAMEWORK}
    profile = profile_of(enterprise)
    assessment = start_assessment(session, enterprise.id, tenant.id, profile, PERIOD, **how)
    for area in current_areas(session):
        answer(session, assessment, area.id, clock, **{area.id: f"b{bands.get(area.id, 3)}"})
    if not draft:
        submit(session, assessment, clock)
    return assessment
