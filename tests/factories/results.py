"""Submitted assessments of the golden scenarios: enterprises from the paper-based workshop to the lighthouse."""

from __future__ import annotations

from decimal import Decimal
from random import Random
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from maturity.assessments.models import FRAMEWORK, Answer, Assessment
from maturity.assessments.submission import Declaration, submit_assessment
from maturity.benchmarks.lattice import key_of
from maturity.clock import FixedClock
from maturity.editions.service import current_edition, framework_by_hash
from maturity.organisations.models import Enterprise
from maturity.questionnaires.path import find_path
from maturity.questionnaires.values import to_json
from tests.content.golden import FOLDER, read_scenario
from tests.factories.enterprises import USCC, make_enterprise
from tests.factories.people import make_user
from tests.factories.releases import make_population, publish_population

NAMES = {
    "paper_workshop": "济南历下建国机械加工厂",
    "typical_discrete_sme": "宁波海达汽车零部件有限公司",
    "process_plant": "潍坊恒昌精细化工有限公司",
    "food_mixed": "郑州禾丰食品有限公司",
    "lighthouse": "上海远景电气装备集团有限公司",
}
SIGNATORY = ("王建国", "总经理")
METRICS = ("capability", "outcome", "B", "S", "G", "X", "C", "E")


def submit_scenario(
    session: Session,
    slug: str,
    clock: FixedClock,
    *,
    name: str | None = None,
    signatory: tuple[str, str] = SIGNATORY,
    period: int | None = None,
) -> Assessment:
    """A tenant with the enterprise of a scenario, its assessment answered and submitted."""
    scenario = read_scenario(FOLDER / "lianghua" / "2026.1" / f"{slug}.yaml")
    named = name or NAMES[slug]
    tenant = make_enterprise(session, make_user(session), clock, **_particulars(scenario.enterprise, named))
    sha256 = current_edition(session, FRAMEWORK)
    framework = framework_by_hash(session, sha256)
    assessment = Assessment(
        tenant_id=tenant.id,
        enterprise_id=session.scalars(select(Enterprise.id).where(Enterprise.tenant_id == tenant.id)).one(),
        edition_sha256=sha256,
        period=period or scenario.period,
        profile=scenario.profile(),
        status="draft",
        started_at=clock.now(),
    )
    session.add(assessment)
    session.flush()
    facts = scenario.facts(framework.edition)
    for question in find_path(framework.edition, assessment.profile, facts).asked():
        given = {fact: to_json(facts[fact]) for fact in question.facts}
        row = {"tenant_id": tenant.id, "assessment_id": assessment.id, "question_id": question.id, "version": 1}
        session.add(Answer(**row, facts=given, state="answered", saved_at=clock.now()))
    session.flush()
    identity = {"name": named, "uscc": USCC, "is_synthetic": False}
    submit_assessment(session, assessment, identity, Declaration(*signatory, True), actor_id=None, clock=clock)
    return assessment


def _particulars(enterprise: Any, name: str) -> dict[str, Any]:
    given = {key: value for key, value in enterprise.items() if key != "revenue"}
    return given | {"name": name, "revenue_wan": Decimal(enterprise["revenue"])}


def release_peers_of(session: Session, assessment: Assessment, clock: FixedClock, count: int = 143) -> None:
    """Synthetic peers of the same industry, province and size, around 45 points; the same ones every time."""
    profile = assessment.profile
    key = key_of(profile["industry"], profile["region"], profile["size"])
    random = Random(7)
    values = {name: [min(max(random.gauss(45, 14), 0), 100) for _ in range(count)] for name in METRICS}
    publish_population(session, clock, make_population([(key, count)], values), period=assessment.period)
