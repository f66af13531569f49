"""The demonstration: a synthetic population released as benchmarks, browsable enterprises, and sign-ins."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from flask_security import hash_password
from sqlalchemy import func, insert, select, text
from sqlalchemy.orm import Session

from maturity.accounts.models import User
from maturity.adaptive.framework import Framework
from maturity.assessments.models import FRAMEWORK, Answer, AnswerVersion, Assessment
from maturity.assessments.submission import Declaration, submit_assessment
from maturity.benchmarks.build import Earlier, build_release
from maturity.benchmarks.models import BenchmarkRelease
from maturity.benchmarks.parameters import load_parameters
from maturity.benchmarks.service import ask_for_release, publish, store_built
from maturity.clock import Clock, FixedClock
from maturity.db import every_tenant, for_tenant
from maturity.demo.campaign import call_a_province
from maturity.demo.certification import certify_some
from maturity.demo.columns import facts_of_row
from maturity.demo.contributors import contributors
from maturity.demo.names import enterprise_name
from maturity.demo.population import Population, build_population
from maturity.demo.profiles import PERIODS, SEED, SIZE, build_profiles
from maturity.editions.service import current_edition, framework_by_hash, store_library
from maturity.entitlements.service import Given, set_term
from maturity.organisations.models import Enterprise
from maturity.organisations.service import profile_of
from maturity.plans.loader import current_price_list
from maturity.questionnaires.path import find_path
from maturity.questionnaires.values import to_json
from maturity.reference.uscc import synthetic
from maturity.tenancy.models import Membership, Tenant
from maturity.tenancy.service import PLATFORM

BROWSABLE = 420
SMALL_POPULATION, SMALL_BROWSABLE = 600, 12
PASSWORD = "demonstration-2026"  # noqa: S105  # printed at every start: the demonstration is open on purpose
#: Counts of the demonstration are rounded alike everywhere: what it would hide is made up and open to everybody.
OPEN_SECRET = b"synthetic figures are no secret"
OWNER = "cio@demo.example"
COLLEAGUE = "colleague@demo.example"
OFFICIAL = "regulator@demo.example"
CERTIFIER = "certifier@demo.example"
REVIEWER = "reviewer@demo.example"
#: How much of it: editions alone; peers to compare with; enterprises to look at, too; sign-ins with a known password.
NONE, PEERS, ENTERPRISES, SIGN_INS = "none", "peers", "enterprises", "sign_ins"
HALF_WAY = ("infrastructure", "governance", "rd", "production")
Tell = Callable[[str], None]


class IncompleteDemonstration(RuntimeError):
    """The database holds a part of a demonstration: nothing of it may be shown as the whole."""


def seed_everything(session: Session, clock: Clock, *, small: bool, tell: Tell, extent: str = SIGN_INS) -> None:
    """Store editions and what is missing of the demonstration, as far as wanted. Repeating it changes nothing.

    All of it is one transaction, which the caller commits: a start that is interrupted leaves nothing behind, and the
    next one begins again.
    """
    _one_at_a_time(session)
    with every_tenant(session):
        store_library(session, clock)
        peers, enterprises = what_is_missing(session, extent)
        if peers or enterprises:
            sign_ins = enterprises and extent == SIGN_INS
            _fill(session, clock, small=small, tell=tell, peers=peers, enterprises=enterprises, sign_ins=sign_ins)


def _fill(
    session: Session, clock: Clock, *, small: bool, tell: Tell, peers: bool, enterprises: bool, sign_ins: bool
) -> None:
    sha256 = current_edition(session, FRAMEWORK)
    framework = framework_by_hash(session, sha256)
    size, shown = (SMALL_POPULATION, SMALL_BROWSABLE) if small else (SIZE, BROWSABLE)
    made = _tenants(session, build_profiles(size)[:shown]) if enterprises else []
    before: Earlier | None = None
    for period in PERIODS:
        tell(f"synthetic population {period}: {size} enterprises")
        population = build_population(framework, period, size)
        if peers:
            before = _release(session, framework, population, before, clock)
        if enterprises:
            _submit_all(session, framework, sha256, population, made)
    if sign_ins:
        _people(session, framework, sha256, population, made, clock)


def _one_at_a_time(session: Session) -> None:
    """Where two machines start at once the second waits and finds the work done; SQLite has one writer anyway."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("select pg_advisory_xact_lock(:key)"), {"key": SEED})


def what_is_missing(session: Session, extent: str) -> tuple[bool, bool]:
    """Whether peers and enterprises have still to be made; `IncompleteDemonstration` where a part of one stands.

    Synthetic enterprises come only into a database without other people's: they would stand among them for good. Peers
    come where no release is.
    """
    made = session.scalar(select(func.count(Tenant.id)).where(Tenant.is_synthetic)) or 0
    released = set(session.scalars(select(BenchmarkRelease.period).where(BenchmarkRelease.is_synthetic)))
    if released and not released >= set(PERIODS) or made and not released:
        raise IncompleteDemonstration(
            f"the database holds a part of the demonstration only: {made} synthetic enterprises and benchmarks of "
            f"{len(released)} of {len(PERIODS)} years. Restore a backup, or start with an empty database"
        )
    is_used = _is_used(session)
    peers = extent != NONE and not released and not (is_used and extent == SIGN_INS)
    return peers, extent in (ENTERPRISES, SIGN_INS) and not made and not is_used


def _is_used(session: Session) -> bool:
    """Whether anybody but the operator's staff is in the database, or a release of real data."""
    # The operator's own tenant holds public documents, which somebody may have asked for before anything else.
    staff = select(Membership.user_id).where(Membership.tenant_id == PLATFORM)
    counts = (
        select(func.count(Tenant.id)).where(Tenant.kind != "operator", ~Tenant.is_synthetic),
        select(func.count(User.id)).where(User.id.not_in(staff)),
        select(func.count(BenchmarkRelease.id)).where(~BenchmarkRelease.is_synthetic),
    )
    return any(session.scalar(query) for query in counts)


def _release(
    session: Session, framework: Framework, population: Population, before: Earlier | None, clock: Clock
) -> Earlier:
    """A year's release under the rules of every release, against the year before: what next year's is judged by."""
    rules, given = load_parameters(), contributors(framework, population)
    built = build_release(given, rules, earlier=[before] if before else [], secret=OPEN_SECRET)
    cut_off_at = datetime(population.period + 1, 6, 30, 16, tzinfo=UTC)
    what: dict[str, Any] = {"cut_off_at": cut_off_at, "rules_version": rules.version, "is_synthetic": True}
    release = ask_for_release(session, FRAMEWORK, population.period, **what, clock=clock)
    store_built(session, release, built, given.fingerprint(), framework.edition.edition)
    publish(session, release, clock)
    return Earlier(given, built.published)


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
            claimed_at=created,
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
    """One year's assessments, answered by a click of the clock each, then submitted as people submit theirs."""
    first = datetime(population.period + 1, 3, 1, 2, tzinfo=UTC)
    times = [first + timedelta(minutes=37 * (row + 1)) for row in range(len(enterprises))]
    assessments = [
        _draft(enterprise, sha256, population.period, population.profiles[row], times[row] - timedelta(days=6))
        for row, enterprise in enumerate(enterprises)
    ]
    session.add_all(assessments)
    session.flush()
    answers = [
        answer
        for row, assessment in enumerate(assessments)
        for answer in _answers(framework, assessment, population, row)
    ]
    _insert_answers(session, answers)
    declaration = Declaration("演示签署人", "演示职务", queries_confirmed=True)
    for assessment, enterprise, at in zip(assessments, enterprises, times, strict=True):
        identity = {"name": enterprise.name, "uscc": enterprise.uscc, "is_synthetic": True}
        submit_assessment(session, assessment, identity, declaration, actor_id=None, clock=FixedClock(at))


def _draft(
    enterprise: Enterprise, sha256: str, period: int, profile: dict[str, Any], started_at: datetime
) -> Assessment:
    return Assessment(
        id=uuid.uuid5(enterprise.id, str(period)),
        tenant_id=enterprise.tenant_id,
        enterprise_id=enterprise.id,
        edition_sha256=sha256,
        period=period,
        profile=profile,
        status="draft",
        started_at=started_at,
    )


def _answers(
    framework: Framework,
    assessment: Assessment,
    population: Population,
    row: int,
    sections: tuple[str, ...] | None = None,
) -> list[dict[str, Any]]:
    """Only the questions on the path are answered, as a person would; all sections unless some are named."""
    facts = facts_of_row(framework, population.columns, row)
    return [
        {
            "tenant_id": assessment.tenant_id,
            "assessment_id": assessment.id,
            "question_id": question.id,
            "facts": {fact: to_json(facts[fact]) for fact in question.facts},
            "state": "answered",
            "version": 1,
            "saved_by": None,
            "saved_at": assessment.started_at,
        }
        for question in find_path(framework.edition, assessment.profile, facts).asked()
        if sections is None or question.section in sections
    ]


def _insert_answers(session: Session, rows: list[dict[str, Any]]) -> None:
    """Past the mapper: a hundred thousand objects would be made only to be written once and forgotten.

    Each answer has one version, itself, which the database copies.
    """
    answers, versions = Answer.__table__, AnswerVersion.__table__
    session.execute(insert(answers), rows)  # type: ignore[arg-type]  # a mapped class has a table
    names = [column.name for column in versions.columns]
    made = {row["assessment_id"] for row in rows}
    copied = select(*(answers.c[name] for name in names)).where(answers.c.assessment_id.in_(made))
    session.execute(insert(versions).from_select(names, copied))  # type: ignore[arg-type]  # likewise


def example_of(population: Population, shown: int) -> int:
    """The enterprise that people sign in to: of middling size, with design of its own, half-way up the stages."""
    for row, profile in enumerate(population.profiles[:shown]):
        if profile["size"] == "medium" and profile["designs_products"] and population.scores.level[row] == 2:
            return row
    return 0


def _people(
    session: Session,
    framework: Framework,
    sha256: str,
    population: Population,
    enterprises: list[Enterprise],
    clock: Clock,
) -> None:
    """Two people of one enterprise that has three years of results and is half-way through this year's assessment."""
    row = example_of(population, len(enterprises))
    enterprise = enterprises[row]
    now = clock.now()
    people = [_person(OWNER, "李明"), _person(COLLEAGUE, "王芳")]
    official = _person(OFFICIAL, "周立")
    certifiers = _person(CERTIFIER, "孙洁"), _person(REVIEWER, "赵凯")
    session.add_all([*people, official, *certifiers])
    session.flush()
    for user, role in zip(people, ("owner", "editor"), strict=True):
        session.add(Membership(tenant_id=enterprise.tenant_id, user_id=user.id, role=role, created_at=now))
    draft = _draft(enterprise, sha256, population.period + 1, profile_of(enterprise), now)
    session.add(draft)
    session.flush()
    _insert_answers(session, _answers(framework, draft, population, row, sections=HALF_WAY))
    regulator = call_a_province(session, enterprises, enterprise, official.id, clock)
    certify_some(session, enterprises, enterprise, certifiers, clock)
    for tenant_id, plan in ((enterprise.tenant_id, "pro"), (regulator.id, "contract")):
        _on_plan(session, tenant_id, plan, clock)


def _on_plan(session: Session, tenant_id: uuid.UUID, plan: str, clock: Clock) -> None:
    """Assigned by the operator, without an end. Synthetic tenants have everything open; the page of the plan has
    something to show."""
    version = current_price_list(clock.today()).version
    given = Given(plan, version, 1, clock.now(), None)
    with for_tenant(session, tenant_id):
        set_term(
            session, tenant_id, "operator", f"demonstration:{tenant_id}", given, clock, note="演示 · demonstration"
        )


def _person(email: str, name: str) -> User:
    return User(email=email, name=name, password=hash_password(PASSWORD), active=True, fs_uniquifier=uuid.uuid4().hex)


def print_demo_sign_ins(session: Session, tell: Tell) -> None:
    """The demonstration sign-ins, where they exist."""
    if session.scalar(select(User.id).where(User.email == OWNER)) is None:
        return
    tell("Demonstration sign-ins (password for all: " + PASSWORD + ")")
    tell(f"  {OWNER}  owner of a synthetic enterprise with three years of results")
    tell(f"  {COLLEAGUE}  editor in the same enterprise")
    if session.scalar(select(User.id).where(User.email == OFFICIAL)) is not None:
        tell(f"  {OFFICIAL}  regulator of its province with a campaign under way")
    if session.scalar(select(User.id).where(User.email == CERTIFIER)) is not None:
        tell(f"  {CERTIFIER}  manages and decides in a certification body with a case at every step")
        tell(f"  {REVIEWER}  lead reviewer in the same body")
