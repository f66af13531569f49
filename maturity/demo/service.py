"""The demonstration: a synthetic population released as benchmarks, browsable enterprises, and sign-ins."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from flask_security import hash_password
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from maturity.accounts.models import User
from maturity.adaptive.framework import Framework
from maturity.assessments.models import FRAMEWORK, Answer, AnswerVersion, Assessment
from maturity.assessments.submission import Declaration, submit_assessment
from maturity.benchmarks.cells import CellKey
from maturity.benchmarks.models import BenchmarkRelease
from maturity.benchmarks.service import release_population
from maturity.clock import Clock, FixedClock
from maturity.db import every_tenant
from maturity.demo.names import enterprise_name
from maturity.demo.population import PERIODS, SEED, SIZE, Population, build_population, build_profiles, facts_of_row
from maturity.editions.service import current_edition, framework_by_hash, store_library
from maturity.organisations.models import Enterprise
from maturity.organisations.service import profile_of
from maturity.questionnaires.path import find_path
from maturity.questionnaires.values import to_json
from maturity.reference.industries import division_of
from maturity.reference.regions import macro_region_of
from maturity.reference.uscc import synthetic
from maturity.tenancy.models import Membership, Tenant

BROWSABLE = 420
SMALL_POPULATION, SMALL_BROWSABLE = 600, 12
PASSWORD = "demonstration-2026"  # noqa: S105  # printed at every start: the demonstration is open on purpose
OWNER = "cio@demo.example"
COLLEAGUE = "colleague@demo.example"
HALF_WAY = ("infrastructure", "governance", "rd", "production")
RATES = {
    "cnc_rate": ("key_processes_controlled", "key_processes_total"),
    "equipment_digital_rate": ("equipment_digital", "equipment_total"),
    "equipment_networked_rate": ("equipment_networked", "equipment_total"),
    "online_purchase_rate": ("purchase_online", "purchase_total"),
    "online_sales_rate": ("sales_online", "sales_total"),
}
Tell = Callable[[str], None]


def seed_everything(session: Session, clock: Clock, *, small: bool, tell: Tell) -> None:
    """Store editions; fill an empty database with the demonstration. Repeating it changes nothing."""
    store_library(session, clock)
    session.commit()
    if session.scalar(select(func.count(BenchmarkRelease.id))):
        return
    sha256 = current_edition(session, FRAMEWORK)
    framework = framework_by_hash(session, sha256)
    size, shown = (SMALL_POPULATION, SMALL_BROWSABLE) if small else (SIZE, BROWSABLE)
    with every_tenant(session):
        enterprises = _tenants(session, build_profiles(size)[:shown])
        for period in PERIODS:
            tell(f"synthetic population {period}: {size} enterprises")
            population = build_population(framework, period, size)
            _release(session, population, clock)
            _submit_all(session, framework, sha256, population, enterprises)
        _people(session, framework, sha256, population, enterprises[0], clock)
    session.commit()


def _release(session: Session, population: Population, clock: Clock) -> None:
    keys = [CellKey(division_of(p["industry"]), macro_region_of(p["region"]), p["size"]) for p in population.profiles]
    score = population.score
    metrics: dict[str, Any] = {"capability": score.capability, "outcome": score.outcome, **score.dimensions}
    for name, (part, whole) in RATES.items():
        metrics[name] = 100 * population.columns[part] / population.columns[whole]
    release_population(session, FRAMEWORK, population.period, keys, metrics, is_synthetic=True, clock=clock)


def _tenants(session: Session, profiles: tuple[dict[str, Any], ...]) -> list[Enterprise]:
    """Synthetic tenants with their enterprises, readable by everybody and owned by nobody."""
    random = Random(SEED)  # noqa: S311  # reproducible data, not a secret
    created = datetime(2024, 1, 2, 1, tzinfo=UTC)
    enterprises = []
    for number, profile in enumerate(profiles):
        name = enterprise_name(random, profile, number)
        tenant = Tenant(id=_id(random), kind="enterprise", name=name, is_synthetic=True, created_at=created)
        enterprise = Enterprise(
            id=_id(random),
            tenant_id=tenant.id,
            name=name,
            uscc=synthetic(random, profile["region"]),
            industry=profile["industry"],
            region=profile["region"],
            headcount=profile["headcount"],
            revenue_wan=profile["revenue"],
            production_type=profile["production_type"],
            is_group=profile["is_group"],
            designs_products=profile["designs_products"],
            exports=profile["exports"],
            created_at=created,
        )
        session.add(tenant)
        enterprises.append(enterprise)
    session.flush()
    session.add_all(enterprises)
    session.flush()
    return enterprises


def _id(random: Random) -> uuid.UUID:
    return uuid.UUID(int=random.getrandbits(128), version=4)


def _submit_all(
    session: Session, framework: Framework, sha256: str, population: Population, enterprises: list[Enterprise]
) -> None:
    clock = FixedClock(datetime(population.period + 1, 3, 1, 2, tzinfo=UTC))
    for row, enterprise in enumerate(enterprises):
        clock.at += timedelta(minutes=37)
        assessment = Assessment(
            id=uuid.uuid5(enterprise.id, str(population.period)),
            tenant_id=enterprise.tenant_id,
            enterprise_id=enterprise.id,
            edition_sha256=sha256,
            period=population.period,
            profile=population.profiles[row],
            status="draft",
            started_at=clock.at - timedelta(days=6),
        )
        session.add(assessment)
        session.flush()
        _answer_all(session, framework, assessment, population, row)
        identity = {"name": enterprise.name, "uscc": enterprise.uscc, "is_synthetic": True}
        declaration = Declaration("演示签署人", "演示职务", queries_confirmed=True)
        submit_assessment(session, assessment, identity, declaration, actor_id=None, clock=clock)


def _answer_all(
    session: Session,
    framework: Framework,
    assessment: Assessment,
    population: Population,
    row: int,
    sections: tuple[str, ...] | None = None,
) -> None:
    """Only the questions on the path are answered, as a person would; all sections unless some are named."""
    facts = facts_of_row(framework, population.columns, row)
    rows = []
    for question in find_path(framework.edition, assessment.profile, facts).asked():
        if sections is not None and question.section not in sections:
            continue
        rows.append(
            {
                "tenant_id": assessment.tenant_id,
                "assessment_id": assessment.id,
                "question_id": question.id,
                "facts": {fact: to_json(facts[fact]) for fact in question.facts},
                "state": "answered",
                "version": 1,
                "saved_at": assessment.started_at,
            }
        )
    session.add_all([Answer(**values) for values in rows] + [AnswerVersion(**values) for values in rows])
    session.flush()


def _people(
    session: Session, framework: Framework, sha256: str, population: Population, enterprise: Enterprise, clock: Clock
) -> None:
    """Two people of one enterprise that has three years of results and is half-way through this year's assessment."""
    now = clock.now()
    people = [_person(OWNER, "李明"), _person(COLLEAGUE, "王芳")]
    session.add_all(people)
    session.flush()
    for user, role in zip(people, ("owner", "editor"), strict=True):
        session.add(Membership(tenant_id=enterprise.tenant_id, user_id=user.id, role=role, created_at=now))
    draft = Assessment(
        tenant_id=enterprise.tenant_id,
        enterprise_id=enterprise.id,
        edition_sha256=sha256,
        period=population.period + 1,
        profile=profile_of(enterprise),
        status="draft",
        started_at=now,
    )
    session.add(draft)
    session.flush()
    _answer_all(session, framework, draft, population, 0, sections=HALF_WAY)


def _person(email: str, name: str) -> User:
    return User(email=email, name=name, password=hash_password(PASSWORD), active=True, fs_uniquifier=uuid.uuid4().hex)


def print_demo_sign_ins(session: Session, tell: Tell) -> None:
    """The demonstration sign-ins, where they exist."""
    if session.scalar(select(User.id).where(User.email == OWNER)) is None:
        return
    tell("Demonstration sign-ins (password for both: " + PASSWORD + ")")
    tell(f"  {OWNER}  owner of a synthetic enterprise with three years of results")
    tell(f"  {COLLEAGUE}  editor in the same enterprise")
