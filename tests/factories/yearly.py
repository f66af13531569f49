"""A published release of made-up cells, quickly, and yearly reports over it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from maturity.benchmarks.cells import CellKey
from maturity.benchmarks.models import BenchmarkCell, BenchmarkRelease
from maturity.benchmarks.service import publish
from maturity.clock import FixedClock
from maturity.db import for_tenant
from maturity.jobs.models import Job
from maturity.jobs.worker import run_one
from maturity.tenancy.models import Tenant
from maturity.yearly.models import YearlyReport
from maturity.yearly.scope import Scope
from maturity.yearly.service import start_report

SCORES = ("capability", "outcome", "B", "S", "G", "X", "C", "E")
RATES = ("cnc_rate", "equipment_digital_rate", "equipment_networked_rate", "online_purchase_rate", "online_sales_rate")
CRITERIA = (
    "rd_tools", "erp", "mes", "plm", "scm", "management_control_integration", "production_supply_sales_integration",
    "smart_ready", "platform_use", "network_collaboration", "service_manufacturing", "customisation",
)  # fmt: skip
NATIONAL = Scope("national", "")


def make_release(
    session: Session,
    clock: FixedClock,
    period: int = 2025,
    *,
    scopes: Collection[Scope] = (NATIONAL,),
    withheld: Collection[CellKey] = (),
    is_synthetic: bool = False,
) -> BenchmarkRelease:
    """Every cell that reports of the scopes show; values rise with the size and from year to year."""
    release = BenchmarkRelease(
        framework="lianghua",
        period=period,
        state="review",
        is_synthetic=is_synthetic,
        population=5000,
        cut_off_at=datetime(period + 1, 6, 30, tzinfo=clock.now().tzinfo),
        rules_version="2026.1",
        input_sha256="1" * 64,
        sha256=f"{period:x}".rjust(64, "a"),
        created_at=clock.now(),
    )
    session.add(release)
    session.flush()
    for key in dict.fromkeys(key for scope in scopes for key in tuple(scope.keys())):
        if key not in withheld:
            session.add(BenchmarkCell(release_id=release.id, **_cell(key, period)))
    session.flush()
    publish(session, release, clock)
    return release


def _cell(key: CellKey, period: int) -> dict[str, Any]:
    """A cell's figures, by a formula of its key."""
    base = 40 + {"large": 15, "medium": 8, "small": -2, "micro": -8}.get(key.size, 0) + period - 2025
    base += (sum(map(ord, key.industry + key.region)) % 9) - 4 if key.industry or key.region else 0
    grids = {
        name: {"p10": low - 12, "q1": low, "median": low + 8, "q3": low + 16, "p90": low + 28}
        for at, name in enumerate((*SCORES, *RATES))
        for low in (base - 2 * (at % 5),)
    }
    shares = {name: max(5, min(95, (base + 5 * (at % 8)) // 5 * 5)) for at, name in enumerate(CRITERIA)}
    return {
        "industry": key.industry,
        "region": key.region,
        "size": key.size,
        "contributors": 120,
        "reviewed": 35,
        "metrics": grids,
        "shares": shares,
        "levels": [[[1], 45], [[2], 30], [[3, 4], 25]],
        "means": {"capability": "47.3"} if not key.size else {},
    }


def make_report(
    session: Session, tenant: Tenant, release: BenchmarkRelease, clock: FixedClock, **changes: Any
) -> YearlyReport:
    """Asked for, and not drafted yet."""
    values: dict[str, Any] = {"kind": "national", "code": "", "locale": "zh_CN", "title": "{{=2025}} 年度报告"}
    return start_report(session, tenant, release_id=release.id, actor_id=None, clock=clock, **(values | changes))


def run_jobs(app: Any, session: Session, *kinds: str) -> None:
    """What the worker would do, here and now."""
    from sqlalchemy import select

    from maturity.jobs.routes import HANDLERS

    wanted = select(Job.id).where(Job.kind.in_(kinds or ("yearly_draft", "yearly_print")), Job.state == "queued")
    found = list(session.scalars(wanted))
    session.rollback()
    for job_id in found:
        run_one(app, job_id, HANDLERS)
    session.rollback()
    session.expire_all()


def inside(session: Session, tenant: Tenant) -> Any:
    return for_tenant(session, tenant.id)
