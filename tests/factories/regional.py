"""Regulators, models of an index and figures for them."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from sqlalchemy.orm import Session

from maturity.accounts.models import User
from maturity.benchmarks.models import BenchmarkCell, BenchmarkRelease
from maturity.clock import FixedClock
from maturity.db import for_tenant
from maturity.regional.figures import Entry, keep_entries
from maturity.regional.index import Datum
from maturity.regional.model import IndexModel, built_in_document, model_of
from maturity.regional.models import StoredModel
from maturity.regional.service import Who, find_model, import_model, put_in_force
from maturity.tenancy.models import Tenant
from maturity.tenancy.service import create_tenant

SOURCE = "山东统计年鉴 2025"


def document(**changes: Any) -> dict[str, Any]:
    """A small sound model of provinces: two classes, three indicators, each with a number for its base."""

    def indicator(name: str, weight: str, **more: Any) -> dict[str, Any]:
        made = {
            "id": name, "title": {"zh": f"指标{name}", "en": f"Indicator {name}"}, "unit": "%", "weight": weight,
            "source": "stat", "normalisation": "ratio", "direction": "up", "base": "10", "low": "", "high": "",
            "cell": "", "provenance": "I",
        }  # fmt: skip
        return made | more

    made: dict[str, Any] = {
        "format": 1,
        "title": {"zh": "山东省区域指数", "en": "Index of Shandong"},
        "scope": "provinces",
        "reference": "",
        "base_year": "2010",
        "base_value": "50",
        "places": "1",
        "missing": {"order": [], "most": "0.5"},
        "peers": ["provinces", "macro"],
        "groups": [],
        "notes": [],
        "classes": [
            {
                "id": "ground", "title": {"zh": "基础", "en": "Ground"}, "weight": "0.4", "provenance": "I",
                "indicators": [indicator("a", "0.5"), indicator("b", "0.5", direction="down")],
            },
            {
                "id": "use", "title": {"zh": "应用", "en": "Use"}, "weight": "0.6", "provenance": "I",
                "indicators": [indicator("c", "1", normalisation="log")],
            },
        ],
    }  # fmt: skip
    return copy.deepcopy(made | changes)


def model(**changes: Any) -> IndexModel:
    return model_of(document(**changes))


def values(figures: Mapping[str, Mapping[str, str]], year: int = 2024) -> dict[tuple[str, str, int], Datum]:
    """Figures by region and indicator, as the engine takes them."""
    return {
        (indicator, region, year): Datum(Fraction(value), "", SOURCE, "Q")
        for region, given in figures.items()
        for indicator, value in given.items()
    }


def make_regulator(session: Session, owner: User, clock: FixedClock, kind: str = "regulator") -> Tenant:
    return create_tenant(session, kind, "山东省工业和信息化厅", owner.id, clock)


def make_model(session: Session, tenant: Tenant, clock: FixedClock, *, in_force: bool = True, **changes: Any) -> Any:
    """The id of a model of the tenant's own."""
    who = Who(tenant, None, clock)
    with for_tenant(session, tenant.id):
        row: StoredModel = import_model(session, document(**changes), who)
        if in_force:
            put_in_force(session, row.id, who)
        return row.id


def enter(
    session: Session,
    tenant: Tenant,
    clock: FixedClock,
    model_id: Any,
    figures: Mapping[str, Mapping[str, str]],
    year: int = 2024,
) -> None:
    """Figures by region and indicator, in the database."""
    with for_tenant(session, tenant.id):
        entries = [
            Entry(indicator, region, year, value, "", SOURCE, "Q")
            for region, given in figures.items()
            for indicator, value in given.items()
        ]
        keep_entries(session, find_model(session, model_id), entries, Who(tenant, None, clock))


def make_release(
    session: Session, clock: FixedClock, period: int, cells: Mapping[str, Mapping[str, Any]], **more: Any
) -> BenchmarkRelease:
    """A published release of the main framework with a cell for each region named."""
    given: dict[str, Any] = {"is_synthetic": False, "state": "published", "published_at": clock.now()} | more
    state, published_at = given.pop("state"), given.pop("published_at")
    release = BenchmarkRelease(
        framework="lianghua", period=period, population=500, cut_off_at=clock.now(), rules_version="1",
        sha256=f"{period:064d}", created_at=clock.now(), state="computing", **given,
    )  # fmt: skip
    session.add(release)
    session.flush()
    for region, said in cells.items():
        parts = {"shares": {}, "metrics": {}, "means": {}} | dict(said)
        session.add(
            BenchmarkCell(release_id=release.id, industry="", region=region, size="", contributors=100, **parts)
        )
    session.flush()
    release.state, release.published_at = state, published_at
    session.flush()
    return release


def ccid_copy(**changes: Any) -> dict[str, Any]:
    """The structure that comes with the product, as a regulator would copy it."""
    made = copy.deepcopy(dict(built_in_document()))
    return made | {"title": {"zh": "山东省牵头的区域指数", "en": "Index kept by Shandong"}} | changes


def spread(data: Mapping[str, Any], year: int, *, without: frozenset[tuple[str, str]] = frozenset()) -> Any:
    """Made-up figures for every region and indicator, the same on every run, but for those left out."""
    made = model_of(dict(data))
    figures: dict[str, dict[str, str]] = {}
    for place, code in enumerate(("", *made.regions)):
        for at, indicator in enumerate(made.indicators):
            if (code, indicator.id) not in without:
                level = 40 + (year - 2010) * 4 + (place * 37 + at * 11) % 45 if code else 60 + (year - 2010) * 4
                figures.setdefault(code, {})[indicator.id] = str(level)
    return figures
