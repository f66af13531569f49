"""Assessments: started, answered as one plausible enterprise would, and submitted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from maturity.adaptive.framework import Framework
from maturity.assessments.answering import Saved, evaluate_assessment, load_sheet, save_answer
from maturity.assessments.models import Answer, AnswerVersion, Assessment, Submission
from maturity.assessments.service import start_assessment
from maturity.assessments.submission import Declaration, submit_assessment
from maturity.clock import FixedClock
from maturity.editions.service import framework_by_hash
from maturity.organisations.models import Enterprise
from maturity.organisations.service import profile_of
from maturity.questionnaires.model import Fact
from maturity.questionnaires.values import parse, to_json
from maturity.tenancy.models import Tenant
from tests.factories.enterprises import USCC

PERIOD = 2025
DECLARATION = {"name": "王建国", "title": "总经理", "truthful": "y"}
#: What a decent medium-sized maker of machine tools would type; every other question gets its middle option.
TYPED: dict[str, Any] = {
    "special_characteristics_recorded": "30",
    "special_characteristics_total": "40",
    "ccp_recorded": "6",
    "ccp_total": "9",
    "gxp_systems_validated": "8",
    "gxp_systems_total": "10",
    "lines_with_models": "2",
    "lines_main": "4",
    "it_investment": "480",
    "operating_revenue": "36,000",
    "it_operations_5y": "600",
    "it_total_5y": "2000",
    "computers": "210",
    "staff_total": "420",
    "it_staff": "6",
    "staff_trained": "150",
    "staff_relevant": "300",
    "designs_3d": "60",
    "designs_new": "80",
    "parts_reused": "500",
    "parts_in_designs": "1000",
    "sheets_in_system": "300",
    "sheets_valid": "400",
    "key_processes_controlled": "9",
    "key_processes_total": "16",
    "equipment_digital": "90",
    "equipment_total": "150",
    "equipment_networked": "60",
    "equipment_collecting": "40",
    "assets_automated": "5000",
    "assets_equipment": "9000",
    "workshops_mes": "2",
    "workshops_total": "4",
    "loops_automatic": "40",
    "loops_total": "80",
    "units_apc": "2",
    "units_key": "6",
    "key_processes_inspected": "5",
    "orders_in_system": "700",
    "orders_total": "1000",
    "purchase_online": "3000",
    "purchase_total": "15000",
    "sales_online": "4000",
    "sales_total": "35000",
    "export_online": "1000",
    "export_total": "8000",
    "interfaces_automatic": "12",
    "interfaces_needed": "20",
    "first_pass_yield": {"current": "96.5", "prior": "95"},
    "on_time_delivery": {"current": "93", "prior": "91"},
    "inventory_turnover": {"current": "6", "prior": "5.5"},
    "development_cycle": {"current": "120", "prior": "135"},
    "new_product_share": {"current": "24", "prior": "20"},
    "closing_days": {"current": "5", "prior": "7"},
    "labour_productivity": {"current": "85.7", "prior": "80"},
    "profit_margin": {"current": "7.5", "prior": "6.8"},
    "energy_intensity": {"current": "0.12", "prior": "0.13"},
    "accident_rate": {"current": "0", "prior": "1.2"},
}


def typed_value(fact: Fact) -> Any:
    """What the enterprise of `TYPED` gives for a fact, in the form a field sends it."""
    match fact.type:
        case "choice":
            return fact.option_ids()[len(fact.options) // 2]
        case "multi":
            return [option for option in fact.option_ids() if option != fact.exclusive][:2]
        case "matrix":
            return dict.fromkeys(fact.row_ids(), fact.column_ids()[len(fact.columns) // 2])
        case _:
            return TYPED[fact.id]


def form_of(framework: Framework, question_id: str, **changes: Any) -> dict[str, Any]:
    """The fields of one question as a form sends them, with changes by fact id."""
    fields: dict[str, Any] = {}
    for fact_id in framework.edition.questions[question_id].facts:
        value = changes.get(fact_id, typed_value(framework.edition.facts[fact_id]))
        parts = value if isinstance(value, Mapping) else {"": value}
        fields |= {f"{fact_id}.{part}" if part else fact_id: item for part, item in parts.items()}
    return fields


def make_assessment(session: Session, tenant: Tenant, clock: FixedClock, period: int = PERIOD) -> Assessment:
    enterprise = session.scalars(select(Enterprise).where(Enterprise.tenant_id == tenant.id)).one()
    profile = profile_of(enterprise)
    return start_assessment(session, enterprise.id, tenant.id, profile, period, actor_id=None, clock=clock)


def answer(session: Session, assessment: Assessment, question_id: str, clock: FixedClock, **changes: Any) -> Saved:
    """Save one answer over what stands; `changes` gives other input by fact id."""
    framework = framework_by_hash(session, assessment.edition_sha256)
    facts = framework.edition.questions[question_id].facts
    raw = {name: changes.get(name, typed_value(framework.edition.facts[name])) for name in facts}
    version = load_sheet(session, assessment, framework).version(question_id)
    how: dict[str, Any] = {"skip": False, "actor_id": None, "clock": clock}
    return save_answer(session, assessment, framework, question_id, raw, seen_version=version, **how)


def answer_all(session: Session, assessment: Assessment, clock: FixedClock, *, but: Iterable[str] = ()) -> None:
    """Answer every question on the path, except those named, with their history; whatever stands is left alone."""
    framework = framework_by_hash(session, assessment.edition_sha256)
    sheet = load_sheet(session, assessment, framework)
    facts, rows = dict(sheet.facts), []
    for question in framework.edition.questions.values():
        typed = {name: typed_value(framework.edition.facts[name]) for name in question.facts}
        facts = {name: parse(framework.edition.facts[name], value) for name, value in typed.items()} | facts
    for question in evaluate_assessment(framework, assessment, facts).path.asked():
        if question.id not in sheet.answers and question.id not in but:
            rows.append(
                {
                    "tenant_id": assessment.tenant_id,
                    "assessment_id": assessment.id,
                    "question_id": question.id,
                    "facts": {name: to_json(facts[name]) for name in question.facts},
                    "state": "answered",
                    "version": 1,
                    "saved_at": clock.now(),
                }
            )
    session.add_all([table(**row) for row in rows for table in (Answer, AnswerVersion)])
    session.flush()


def submit(session: Session, assessment: Assessment, clock: FixedClock) -> Submission:
    identity = {"name": "青岛海岳数控机床有限公司", "uscc": USCC, "is_synthetic": False}
    declaration = Declaration(DECLARATION["name"], DECLARATION["title"], queries_confirmed=True)
    return submit_assessment(session, assessment, identity, declaration, actor_id=None, clock=clock)


def make_result(session: Session, tenant: Tenant, clock: FixedClock, period: int = PERIOD) -> Assessment:
    """A submitted assessment."""
    assessment = make_assessment(session, tenant, clock, period)
    answer_all(session, assessment, clock)
    submit(session, assessment, clock)
    return assessment
