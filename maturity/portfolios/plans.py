"""A client's improvement plan: drawn up from the gaps of a result, edited by the consultant, kept version by version.

A version is one JSON document in one language: `locale`, `basis` (what the result said when the plan was drawn up),
`goal`, `texts` by chapter, and `measures`.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, Self

from flask_babel import force_locale, gettext
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from maturity.accounts.models import User
from maturity.assessments.service import get_assessment
from maturity.assessments.submission import submission_of
from maturity.audit.service import record
from maturity.clock import Clock
from maturity.editions.service import framework_by_hash
from maturity.errors import Conflict, NotFound
from maturity.portfolios.clients import Client
from maturity.portfolios.models import ImprovementPlan
from maturity.portfolios.visits import inside
from maturity.questionnaires.values import from_json
from maturity.reports.answers import fact_words, indicator_answer
from maturity.results.view import IndicatorView, Result, result_of
from maturity.tenancy.permissions import Permission
from maturity.tenancy.service import Access
from maturity.web.filters import industry_name, region_name

STATUSES = ("planned", "agreed", "running", "done", "dropped")
CHAPTERS = ("trend", "standards", "security", "training", "benefits", "organisation")
#: Measures drawn up: for every gate that is missing so many of its weakest indicators, and of all so many.
FOR_A_GATE, OF_ALL = 3, 8
STEP = 25  # a first goal is the next quarter of the scale
#: What the enterprise has, for the list of hardware and software that local guides ask for.
HARDWARE = (
    "computers", "network_coverage", "equipment_total", "equipment_digital", "equipment_networked",
    "equipment_collecting", "loops_automatic", "units_apc",
)  # fmt: skip
SOFTWARE = (
    "design_tools", "plm_functions", "workshops_mes", "mes_functions", "planning_scheduling", "data_acquisition",
    "erp_functions", "warehouse", "customer_management", "office_hr", "cloud_use", "master_data",
)  # fmt: skip


class PlanChanged(Conflict):
    """Somebody else saved a version meanwhile; `current` is the newest."""

    def __init__(self, current: ImprovementPlan) -> None:
        super().__init__("plan_changed_meanwhile")
        self.current = current


@dataclass(frozen=True, slots=True)
class Measure:
    """One measure; `points` are those of the capability still to be had, `cost_wan` is in 10,000 yuan.

    Decimals and days are texts, so that a measure is JSON.
    """

    title: str
    goal: str = ""
    owner: str = ""
    cost_wan: str = ""
    since: str = ""
    until: str = ""
    status: str = "planned"
    indicator: str = ""
    dimension: str = ""
    present: str = ""  # the answer it starts from
    points: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    locale: str
    basis: Mapping[str, Any]
    goal: str
    texts: Mapping[str, str]
    measures: tuple[Measure, ...] = field(default=())

    @classmethod
    def of(cls, body: Mapping[str, Any]) -> Self:
        measures = tuple(Measure(**item) for item in body["measures"])
        return cls(body["locale"], body["basis"], body["goal"], body["texts"], measures)

    def body(self) -> dict[str, Any]:
        return {
            "locale": self.locale,
            "basis": dict(self.basis),
            "goal": self.goal,
            "texts": dict(self.texts),
            "measures": [asdict(item) for item in self.measures],
        }

    @property
    def counted(self) -> tuple[Measure, ...]:
        """The measures that are not dropped."""
        return tuple(item for item in self.measures if item.status != "dropped")

    @property
    def cost_wan(self) -> Decimal:
        """Of the measures that have a cost, in 10,000 yuan."""
        return sum((Decimal(item.cost_wan) for item in self.counted if item.cost_wan), Decimal(0))


@dataclass(frozen=True, slots=True)
class Version:
    number: int
    saved_at: Any
    saved_by: str


def draw_up(result: Result, locale: str, today: date) -> Plan:
    """A first plan: what the gates of the next stage lack, then where most points are to be had."""
    with force_locale(locale):
        measures = tuple(_measure(result, item, locale, today) for item in chosen_indicators(result))
        above = next((rung for rung in result.ladder if not rung.reached), None)
        if above is None:
            goal = gettext("Keep the highest stage and close the remaining gaps.")
        else:
            goal = gettext(
                "Reach the stage “%(stage)s” by the end of %(year)s.", stage=above.title.to(locale), year=today.year + 1
            )
        return Plan(locale, _basis(result, locale), goal, _first_texts(), measures)


def chosen_indicators(result: Result) -> tuple[IndicatorView, ...]:
    """The indicators to work on, those under a missing gate first, each once."""
    above = next((rung for rung in result.ladder if not rung.reached), None)
    missing = {gate.dimension for gate in above.gates if not gate.passed} if above else set()
    gates = [item.id for item in result.dimensions if item.title in missing]
    ranked = result.gaps(len(result.indicators))
    first = [item for gate in gates for item in [one for one in ranked if one.dimension == gate][:FOR_A_GATE]]
    return tuple(dict.fromkeys([*first, *ranked[:OF_ALL]]))


def _measure(result: Result, item: IndicatorView, locale: str, today: date) -> Measure:
    facts = result.framework.edition.facts
    given = {name: from_json(facts[name], data) for name, data in result.document["facts"].items()}
    value = item.value or Decimal(0)
    target = min((int(value) // STEP + 1) * STEP, 100)
    title = item.title.to(locale)
    return Measure(
        title=title,
        goal=gettext("Raise the score from %(now)s to %(then)s.", now=value, then=target),
        since=date(today.year + 1, 1, 1).isoformat(),
        until=date(today.year + 1, 12, 31).isoformat(),
        indicator=item.id,
        dimension=result.framework.title(item.dimension).to(locale),
        present=indicator_answer(result.framework, item.id, given, locale) or gettext("not there yet"),
        points=str(item.lost),
    )


def _first_texts() -> dict[str, str]:
    return {
        "trend": "",
        "standards": gettext(
            "Materials, products, suppliers, customers and equipment are coded once, under one owner for each; new "
            "systems take these codes over instead of making their own. Interfaces and their fields are written down."
        ),
        "security": gettext(
            "Systems and data are classified before a measure begins; networks of production and office stay separate; "
            "accounts, backups and the way back after a failure are checked when a measure is accepted."
        ),
        "training": gettext(
            "Every measure names who has to be trained in what before it goes into use, and is accepted only with the "
            "training done."
        ),
        "benefits": gettext(
            "Before a measure begins, the figures it is to move are measured; they are measured again a year after its "
            "acceptance."
        ),
        "organisation": gettext(
            "The head of the enterprise answers for the plan, each measure has one owner, and progress is looked at "
            "every month."
        ),
    }


def _basis(result: Result, locale: str) -> dict[str, Any]:
    above = next((rung for rung in result.ladder if not rung.reached), None)
    profile, enterprise = result.profile, result.enterprise
    return {
        "assessment_id": result.document["assessment"]["id"],
        "enterprise": enterprise["name"],
        "uscc": enterprise["uscc"],
        "industry": industry_name(profile["industry"]),
        "region": region_name(profile["region"]),
        "period": result.period,
        "level": result.level,
        "stage": result.level_title.to(locale),
        "headline": result.headline.to(locale),
        "capability": str(result.capability),
        "outcome": str(result.outcome),
        "dimensions": [
            {"title": item.title.to(locale), "score": str(item.score)}
            for item in result.dimensions
            if item.score is not None
        ],
        "next_stage": above.title.to(locale) if above else "",
        "gates": [
            {
                "title": gate.dimension.to(locale),
                "needed": str(gate.threshold),
                "present": str(gate.actual),
                "short": str(gate.gap),
            }
            for gate in (above.gates if above else ())
            if not gate.passed
        ],
        "hardware": _inventory(result, HARDWARE, locale),
        "software": _inventory(result, SOFTWARE, locale),
    }


def _inventory(result: Result, names: Sequence[str], locale: str) -> list[dict[str, str]]:
    facts, found = result.framework.edition.facts, []
    for name in names:
        data = result.document["facts"].get(name)
        if name in facts and data is not None:
            words = fact_words(result.framework, facts[name], from_json(facts[name], data), locale)
            found.append({"title": facts[name].label.to(locale), "value": words})
    return found


def start_plan(
    session: Session, access: Access, client: Client, locale: str, *, actor_id: int, clock: Clock
) -> ImprovementPlan:
    """The next version, drawn up afresh from the client's newest result, read through the grant."""
    if client.row is None or client.row.result_id is None:
        raise Conflict("no_result_yet")
    result_id = client.row.result_id
    with inside(session, access, client, actor_id, clock, Permission.ASSESSMENT_VIEW):
        assessment = get_assessment(session, result_id)
        submission = submission_of(session, assessment)
        if submission is None:
            raise NotFound("assessment")
        framework = framework_by_hash(session, assessment.edition_sha256)
        plan = draw_up(result_of(session, framework, submission), locale, clock.today())
    newest = find_plan(session, client.id)
    return save_plan(session, client, plan, newest.version if newest else 0, actor_id=actor_id, clock=clock)


def save_plan(
    session: Session, client: Client, plan: Plan, seen_version: int, *, actor_id: int, clock: Clock
) -> ImprovementPlan:
    """The next version; `PlanChanged` where somebody saved one after the version seen. The same again is no version."""
    newest = find_plan(session, client.id)
    if newest is not None and newest.body == plan.body():
        return newest
    if newest is not None and newest.version != seen_version:
        raise PlanChanged(newest)
    row = ImprovementPlan(
        tenant_id=client.grant.consultancy_id,
        client_id=client.id,
        version=seen_version + 1,
        body=plan.body(),
        saved_by=actor_id,
        saved_at=clock.now(),
    )
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError as error:
        latest = find_plan(session, client.id)
        if latest is None:
            raise
        raise PlanChanged(latest) from error
    record(session, clock, "plan.saved", actor_id, row.tenant_id, client=client.name[:500], version=row.version)
    session.flush()
    return row


def find_plan(session: Session, client_id: uuid.UUID, version: int | None = None) -> ImprovementPlan | None:
    """The newest version, or one by its number."""
    query = select(ImprovementPlan).where(ImprovementPlan.client_id == client_id)
    if version is not None:
        query = query.where(ImprovementPlan.version == version)
    return session.scalar(query.order_by(ImprovementPlan.version.desc()).limit(1))


def versions_of(session: Session, client_id: uuid.UUID) -> list[Version]:
    """All versions, the newest first."""
    query = select(ImprovementPlan.version, ImprovementPlan.saved_at, User.name).outerjoin(
        User, User.id == ImprovementPlan.saved_by
    )
    rows = session.execute(query.where(ImprovementPlan.client_id == client_id).order_by(ImprovementPlan.version.desc()))
    return [Version(number, saved_at, name or "") for number, saved_at, name in rows]
