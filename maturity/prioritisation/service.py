"""Putting the areas of a rated enterprise in order: the tables it brings, what it chooses, and the ranking of both."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from maturity.adaptive.framework import Framework
from maturity.assessments.models import Assessment
from maturity.assessments.service import get_assessment
from maturity.assessments.submission import submission_of
from maturity.audit.service import record
from maturity.clock import Clock
from maturity.editions.service import canonical, current_edition, digest, framework_by_hash
from maturity.errors import Conflict, Invalid, NotFound
from maturity.prioritisation.areas import FRAMEWORK, Area, areas_of, band_of
from maturity.prioritisation.models import Prioritisation, SuppliedTable
from maturity.prioritisation.tables import KINDS, LONGEST_DESCRIPTOR, NEEDED, Content, read_table
from maturity.questionnaires.model import Text
from maturity.scoring.prioritisation import (
    HORIZONS,
    Priority,
    Raw,
    Weights,
    begin_with,
    prioritise,
    raw_values,
)

DEFAULT_HORIZON, DEFAULT_WANTED = "strategic", 3
LONGEST_SOURCE = 200
Tables = Mapping[str, SuppliedTable]


@dataclass(frozen=True, slots=True)
class Rated:
    """A submitted assessment whose areas can be put in order, with the band of each."""

    assessment: Assessment
    framework: Framework
    areas: tuple[Area, ...]
    bands: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Choices:
    """What the ranking depends on besides the tables."""

    horizon: str
    wanted: int
    cost_shares: Mapping[str, Fraction]  # per cent
    importances: Mapping[str, Fraction]


@dataclass(frozen=True, slots=True)
class Ranked:
    """One area in the ranking, with what its numbers are made of."""

    area: Area
    priority: Priority
    raw: Raw
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Ranking:
    """The areas, most worth improving first."""

    lines: tuple[Ranked, ...]
    weights: Weights
    totals: tuple[Fraction, Fraction, Fraction]  # of the raw C, K and P over all areas

    @property
    def impact(self) -> Fraction:
        """The impacts together: 1, or less where a column is all zero."""
        return sum((line.priority.impact for line in self.lines), Fraction(0))


def current_areas(session: Session) -> tuple[Area, ...]:
    """The areas that tables are made for: those of the framework's newest edition."""
    return areas_of(framework_by_hash(session, current_edition(session, FRAMEWORK)))


def rated_assessment(session: Session, assessment_id: uuid.UUID) -> Rated:
    """`NotFound` for an assessment of another framework; a draft is a `Conflict`."""
    assessment = get_assessment(session, assessment_id)
    framework = framework_by_hash(session, assessment.edition_sha256)
    if framework.edition.framework != FRAMEWORK:
        raise NotFound("prioritisation")
    submission = submission_of(session, assessment)
    if submission is None:
        raise Conflict("prioritisation_of_draft")
    facts = json.loads(submission.document)["facts"]
    areas = areas_of(framework)
    return Rated(assessment, framework, areas, {area.id: band_of(facts[area.id]) for area in areas})


def tables_of(session: Session) -> Tables:
    """The tables of the session's tenant, by kind."""
    return {table.kind: table for table in session.scalars(select(SuppliedTable).order_by(SuppliedTable.kind))}


def descriptors_of(session: Session) -> Mapping[str, Mapping[str, Mapping[str, str]]]:
    """The tenant's own descriptors: area, then band, then language."""
    table = tables_of(session).get("descriptors")
    return table.content["rows"] if table else {}


def own_words_of(session: Session, bands: Mapping[str, int]) -> dict[str, Text]:
    """The tenant's own descriptor of each area's band; one language stands in for the other."""
    rows = descriptors_of(session)
    found = {area: rows.get(area, {}).get(str(band), {}) for area, band in bands.items()}
    return {
        area: Text(texts["zh"] or texts["en"], texts["en"] or texts["zh"]) for area, texts in found.items() if texts
    }


def supply_table(
    session: Session,
    tenant_id: uuid.UUID,
    kind: str,
    rows: Sequence[Sequence[str]],
    name: str,
    source: str,
    *,
    actor_id: int | None,
    clock: Clock,
) -> SuppliedTable:
    """Take a table in place of the one before, or refuse it with everything that is wrong with it."""
    if kind not in KINDS:
        raise NotFound("table", kind)
    source = source.strip()
    if not source or len(source) > LONGEST_SOURCE:
        raise Invalid("table_source")
    content = read_table(kind, rows, current_areas(session))
    return _keep(session, tenant_id, kind, content, name, source, actor_id, clock)


def _keep(
    session: Session,
    tenant_id: uuid.UUID,
    kind: str,
    content: Content,
    name: str,
    source: str,
    actor_id: int | None,
    clock: Clock,
) -> SuppliedTable:
    table = tables_of(session).get(kind) or SuppliedTable(tenant_id=tenant_id, kind=kind)
    table.content, table.name, table.source = dict(content), name, source
    table.supplied_by, table.supplied_at = actor_id, clock.now()
    session.add(table)
    record(session, clock, "prioritisation.table_supplied", actor_id, tenant_id, table=kind)
    session.flush()
    return table


def remove_table(session: Session, tenant_id: uuid.UUID, kind: str, *, actor_id: int | None, clock: Clock) -> None:
    table = tables_of(session).get(kind)
    if table is None:
        raise NotFound("table", kind)
    session.delete(table)
    record(session, clock, "prioritisation.table_removed", actor_id, tenant_id, table=kind)
    session.flush()


def save_descriptors(
    session: Session,
    tenant_id: uuid.UUID,
    area_id: str,
    texts: Mapping[str, Mapping[str, str]],
    source: str,
    *,
    actor_id: int | None,
    clock: Clock,
) -> None:
    """Type the descriptors of one area; a band without a text has none."""
    _require_area(session, area_id)
    source = source.strip()
    if not source or len(source) > LONGEST_SOURCE:
        raise Invalid("table_source")
    if any(len(text) > LONGEST_DESCRIPTOR for band in texts.values() for text in band.values()):
        raise Invalid("descriptor_long")
    table = tables_of(session).get("descriptors")
    rows = dict(table.content["rows"]) if table else {}
    rows.pop(area_id, None)
    filled = {band: dict(words) for band, words in texts.items() if any(words.values())}
    if filled:
        rows[area_id] = filled
    if rows:
        name = table.name if table else ""
        _keep(session, tenant_id, "descriptors", {"rows": rows}, name, source, actor_id, clock)
    elif table:
        remove_table(session, tenant_id, "descriptors", actor_id=actor_id, clock=clock)


def _require_area(session: Session, area_id: str) -> None:
    if area_id not in {area.id for area in current_areas(session)}:
        raise NotFound("area", area_id)


def find_area(session: Session, area_id: str) -> Area:
    _require_area(session, area_id)
    return next(area for area in current_areas(session) if area.id == area_id)


def missing_tables(tables: Tables, areas: Sequence[Area]) -> tuple[str, ...]:
    """The kinds a ranking needs and the enterprise has not brought for every area."""
    return tuple(
        kind
        for kind in NEEDED
        if kind not in tables or any(area.id not in tables[kind].content["rows"] for area in areas)
    )


def columns_of(tables: Tables, kind: str) -> tuple[str, ...]:
    """The cost categories, or the KPIs, of a table."""
    return tuple(tables[kind].content["columns"]) if kind in tables else ()


def headings_print(tables: Tables) -> str:
    """What a form was drawn for: another table may have come meanwhile."""
    return digest(canonical([list(columns_of(tables, "cost")), list(columns_of(tables, "kpi"))]))[:16]


def choices_of(session: Session, assessment_id: uuid.UUID) -> Prioritisation | None:
    return session.scalar(select(Prioritisation).where(Prioritisation.assessment_id == assessment_id))


def save_choices(session: Session, rated: Rated, choices: Choices, *, actor_id: int | None, clock: Clock) -> None:
    """Shares come to 100 %, and some KPI counts; whatever else was chosen before is replaced."""
    if choices.horizon not in HORIZONS:
        raise Invalid("horizon_unknown")
    if sum(choices.cost_shares.values(), Fraction(0)) != 100:
        raise Invalid("cost_shares_sum")
    if not any(choices.importances.values()):
        raise Invalid("importances_zero")
    assessment = rated.assessment
    saved = choices_of(session, assessment.id)
    if saved is None:
        saved = Prioritisation(tenant_id=assessment.tenant_id, assessment_id=assessment.id)
    saved.horizon, saved.wanted = choices.horizon, choices.wanted
    saved.cost_shares = {name: str(value) for name, value in choices.cost_shares.items()}
    saved.importances = {name: str(value) for name, value in choices.importances.items()}
    saved.saved_by, saved.saved_at = actor_id, clock.now()
    session.add(saved)
    details: dict[str, Any] = {"assessment_id": str(assessment.id), "horizon": choices.horizon}
    record(session, clock, "prioritisation.saved", actor_id, assessment.tenant_id, **details)
    session.flush()


def read_choices(saved: Prioritisation | None, tables: Tables) -> Choices | None:
    """What was chosen, if it still fits the tables: one with other headings asks for its shares anew."""
    if saved is None:
        return None
    fits = set(saved.cost_shares) == set(columns_of(tables, "cost")) and set(saved.importances) == set(
        columns_of(tables, "kpi")
    )
    if not fits:
        return None
    return Choices(saved.horizon, saved.wanted, _fractions(saved.cost_shares), _fractions(saved.importances))


def _fractions(values: Mapping[str, str]) -> dict[str, Fraction]:
    return {name: Fraction(value) for name, value in values.items()}


def rank(rated: Rated, tables: Tables, choices: Choices) -> Ranking:
    """The areas by impact, with every number's working."""
    raw = raw_values(
        assessed={area: Fraction(band) for area, band in rated.bands.items()},
        best=_fractions(tables["best"].content["rows"]),
        cost=_relevance(tables["cost"]),
        kpi=_relevance(tables["kpi"]),
        cost_shares={name: share / 100 for name, share in choices.cost_shares.items()},
        importances=choices.importances,
    )
    by_id = {area.id: area for area in rated.areas}
    values = {name: raw[name].values for name in by_id}
    weights = HORIZONS[choices.horizon]
    priorities = prioritise({area.id: area.block for area in rated.areas}, values, weights)
    chosen = {item.area for item in begin_with(priorities, choices.wanted)}
    lines = tuple(Ranked(by_id[item.area], item, raw[item.area], item.area in chosen) for item in priorities)
    totals = [sum((value[index] for value in values.values()), Fraction(0)) for index in range(3)]
    return Ranking(lines, weights, (totals[0], totals[1], totals[2]))


def _relevance(table: SuppliedTable) -> dict[str, dict[str, Fraction]]:
    columns = table.content["columns"]
    return {
        area: {name: Fraction(cell) for name, cell in zip(columns, cells, strict=True)}
        for area, cells in table.content["rows"].items()
    }
