"""The data of the measures: the small demonstration, and one enterprise that is asked as much as any."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any, TypeVar
from uuid import UUID, uuid4

from flask_security import hash_password
from sqlalchemy import select
from sqlalchemy.orm import Session

from config import from_env
from maturity.accounts.models import User
from maturity.adaptive.framework import Framework
from maturity.app import create_app
from maturity.assessments.answering import evaluate_assessment, load_sheet, save_answer
from maturity.assessments.models import Assessment
from maturity.assessments.pages import section_pages
from maturity.assessments.service import revise_assessment, start_assessment
from maturity.assessments.submission import Declaration, submit_assessment
from maturity.clock import SystemClock
from maturity.db import every_tenant, writing
from maturity.editions.service import framework_by_hash
from maturity.extensions import db
from maturity.organisations.models import Enterprise
from maturity.organisations.service import profile_of, register_enterprise
from maturity.questionnaires.model import Fact, FactValue, Pair, Profile
from maturity.questionnaires.path import find_path
from maturity.questionnaires.values import to_json
from perf.servers import flask

T = TypeVar("T")
Form = dict[str, str | list[str]]
EMAIL, PASSWORD = "perf@demo.example", "measured-by-ourselves-2026"
ENTERPRISE: dict[str, Any] = {
    "name": "性能测量集团有限公司",
    "uscc": "91110000600037341L",
    "industry": "13",  # of the industries with questions of their own, one of those with most
    "region": "330200",
    "headcount": 1350,
    "revenue_wan": Decimal(124000),
    "production_type": "mixed",
    "is_group": True,
    "designs_products": True,
    "exports": True,
}


@dataclass(frozen=True, slots=True)
class Subject:
    """The enterprise that is measured: a result of last year, a draft of this year with every question answered, a
    blank one, and a second answered draft for the floor, whose writes nobody reads."""

    tenant_id: UUID
    submitted_id: UUID
    draft_id: UUID
    blank_id: UUID
    floor_id: UUID
    forms: dict[str, tuple[Form, Form]]  # question id -> two answers, either of which leaves every question asked
    largest_section: tuple[str, int]  # its id, and how many pages it has

    def path(self, rest: str) -> str:
        return f"/t/{self.tenant_id}/{rest}"


def prepare(environment: dict[str, str]) -> Subject:
    """Migrate, seed as an operator would, and add the enterprise."""
    flask(environment, "db", "upgrade")
    flask(environment, "seed", "--small")
    return in_app(environment, _add_enterprise)


def database_url(environment: dict[str, str]) -> str:
    return from_env(environment).SQLALCHEMY_DATABASE_URI


def in_app(environment: dict[str, str], work: Callable[[Session], T]) -> T:
    """Do something in the database of the installation, in one writing transaction."""
    app = create_app(from_env(environment))
    with app.app_context():
        writing.set(True)
        session = db.session()
        try:
            with every_tenant(session):
                result = work(session)
                session.commit()
        finally:
            db.session.remove()
            db.engine.dispose()
    return result


def _add_enterprise(session: Session) -> Subject:
    clock = SystemClock()
    user = User(email=EMAIL, name="测量员", password=hash_password(PASSWORD), active=True, fs_uniquifier=uuid4().hex)
    session.add(user)
    session.flush()
    tenant = register_enterprise(session, ENTERPRISE, owner_id=user.id, clock=clock)
    enterprise = session.scalars(select(Enterprise).where(Enterprise.tenant_id == tenant.id)).one()
    profile, year = profile_of(enterprise), clock.today().year

    def start(period: int) -> Assessment:
        return start_assessment(session, enterprise.id, tenant.id, profile, period, actor_id=user.id, clock=clock)

    last, draft, blank = start(year - 1), start(year), start(year - 2)
    framework = framework_by_hash(session, last.edition_sha256)
    answers = two_answers(framework, profile)
    for assessment in (last, draft):
        for name, (best, _) in answers.items():
            raw = {fact: to_json(value) for fact, value in best.items()}
            save_answer(
                session, assessment, framework, name, raw, seen_version=0, skip=False, actor_id=user.id, clock=clock
            )
    declaration = Declaration("测量员", "总经理", queries_confirmed=True)
    identity = {"name": enterprise.name, "uscc": enterprise.uscc, "is_synthetic": False}
    submit_assessment(session, last, identity, declaration, actor_id=user.id, clock=clock)
    forms = {name: (as_form(first), as_form(second)) for name, (first, second) in answers.items()}
    floor = revise_assessment(session, last, profile, actor_id=user.id, clock=clock)
    section = max(framework.edition.sections, key=lambda item: len(item.questions))
    full = evaluate_assessment(framework, draft, load_sheet(session, draft, framework).facts)
    largest = section.id, len(section_pages(section, full))
    return Subject(tenant.id, last.id, draft.id, blank.id, floor.id, forms, largest)


Answers = dict[str, FactValue]  # fact id -> value


def two_answers(framework: Framework, profile: Profile) -> dict[str, tuple[Answers, Answers]]:
    """For every question that applies the best answer and, where that closes no other, the next one below it."""
    edition = framework.edition
    best = {name: best_value(fact) for name, fact in edition.facts.items()}
    asked = find_path(edition, profile, best).asked()
    facts, found = dict(best), {}
    for question in asked:
        high = {fact: best[fact] for fact in question.facts}
        low = {fact: _below(edition.facts[fact], best[fact]) for fact in question.facts}
        if len(find_path(edition, profile, facts | low).asked()) == len(asked):
            facts |= low
            found[question.id] = (high, low)
        else:
            found[question.id] = (high, high)
    return found


def best_value(fact: Fact) -> FactValue:
    """The highest value a fact can have; 100 where there is no highest."""
    match fact.type:
        case "choice":
            return fact.option_ids()[-1]
        case "multi":
            return frozenset(option for option in fact.option_ids() if option != fact.exclusive)
        case "matrix":
            return dict.fromkeys(fact.row_ids(), fact.column_ids()[-1])
        case "pair":
            return Pair(Fraction(100), Fraction(50))
        case "yesno":
            return True
        case _:
            return Fraction(100)


def _below(fact: Fact, best: FactValue) -> FactValue:
    match best:
        case bool():
            return False
        case str():
            return fact.option_ids()[-2]
        case frozenset():
            return best - {min(best)} or best
        case Pair(current, prior):
            return Pair(current - 1, prior)
        case Fraction():
            return best - 1
        case _:
            rows = dict(best)  # type: ignore[call-overload]  # a matrix is what remains
            return rows | {fact.row_ids()[0]: fact.column_ids()[-2]}


def as_form(answers: Answers) -> Form:
    """The fields a page would send: `fact`, `fact.row`, `fact.current`."""
    form: Form = {}
    for name, value in answers.items():
        data = to_json(value)
        if isinstance(data, dict):
            form |= {f"{name}.{part}": given for part, given in data.items() if given is not None}
        else:
            form[name] = {True: "true", False: "false"}[data] if isinstance(data, bool) else data
    return form
