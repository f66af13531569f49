"""The demonstration is whole or not there at all, the same everywhere, and made as people make theirs."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from maturity.accounts.models import User
from maturity.adaptive.framework import Framework
from maturity.assessments.models import Answer, AnswerVersion, Assessment, Submission
from maturity.assessments.submission import verify_all
from maturity.benchmarks.cells import CellKey
from maturity.benchmarks.models import BenchmarkCell, BenchmarkRelease
from maturity.benchmarks.parameters import load_parameters
from maturity.campaigns.models import CampaignInvitee
from maturity.clock import FixedClock
from maturity.db import every_tenant
from maturity.demo import campaign, service
from maturity.demo.population import build_population
from maturity.demo.profiles import PERIODS, build_profiles
from maturity.demo.service import (
    COLLEAGUE,
    OWNER,
    SMALL_BROWSABLE,
    SMALL_POPULATION,
    IncompleteDemonstration,
    print_demo_sign_ins,
    seed_everything,
)
from maturity.editions.models import EditionRecord
from maturity.extensions import db
from maturity.organisations.models import Enterprise
from maturity.questionnaires.loader import editions
from maturity.reference.uscc import is_synthetic
from maturity.tenancy.models import Membership, Tenant
from tests.conftest import NOW
from tests.factories.enterprises import make_enterprise
from tests.factories.people import make_user
from tests.factories.releases import make_population, publish_population
from tests.statements import statements

pytestmark = pytest.mark.database
TABLES = (Tenant, Enterprise, Assessment, Answer, AnswerVersion, Submission, BenchmarkRelease, BenchmarkCell, User)


@pytest.fixture
def inside(seeded: Any) -> Iterator[Session]:
    """A session of the site with the demonstration."""
    with seeded.app_context():
        session = db.session()
        with every_tenant(session):
            yield session
        session.rollback()
        db.session.remove()


def counts(session: Session) -> dict[str, int]:
    return {table.__name__: session.scalar(select(func.count()).select_from(table)) or 0 for table in TABLES}


def seed(session: Session, clock: FixedClock) -> list[str]:
    told: list[str] = []
    seed_everything(session, clock, small=True, tell=told.append)
    session.commit()
    return told


@pytest.fixture
def tiny(monkeypatch: pytest.MonkeyPatch) -> None:
    """A demonstration that takes a moment, for tests of how it is made and not of what is in it."""
    monkeypatch.setattr(service, "SMALL_POPULATION", 60)
    monkeypatch.setattr(service, "SMALL_BROWSABLE", 3)


# What is in it


def test_every_synthetic_enterprise_has_a_result_of_every_year(inside: Session) -> None:
    found = counts(inside)
    assert found["Enterprise"] == SMALL_BROWSABLE
    assert found["Submission"] == SMALL_BROWSABLE * len(PERIODS)
    years = Counter(inside.scalars(select(Assessment.period).where(Assessment.status == "submitted")))
    assert years == dict.fromkeys(PERIODS, SMALL_BROWSABLE)


def test_all_of_it_is_marked_synthetic(inside: Session) -> None:
    assert set(inside.scalars(select(Tenant.is_synthetic).where(Tenant.kind != "operator"))) == {True}
    assert set(inside.scalars(select(BenchmarkRelease.is_synthetic))) == {True}
    assert all(is_synthetic(code) for code in inside.scalars(select(Enterprise.uscc)))
    assert all('"is_synthetic":true' in text for text in inside.scalars(select(Submission.document)))


def test_every_year_has_one_release_of_the_whole_population(inside: Session) -> None:
    releases = list(inside.scalars(select(BenchmarkRelease).order_by(BenchmarkRelease.period)))
    assert [release.period for release in releases] == list(PERIODS)
    assert all(0.7 * SMALL_POPULATION < release.population < SMALL_POPULATION for release in releases)  # groups
    assert min(inside.scalars(select(BenchmarkCell.contributors))) >= load_parameters().least_groups


def test_results_are_those_of_the_population_the_benchmarks_come_from(inside: Session, framework: Framework) -> None:
    population = build_population(framework, PERIODS[-1], SMALL_POPULATION)
    query = (
        select(Submission, Assessment.enterprise_id)
        .join(Assessment, Assessment.id == Submission.assessment_id)
        .where(Assessment.period == PERIODS[-1])
    )
    results = {enterprise_id: submission for submission, enterprise_id in inside.execute(query)}
    enterprises = sorted(inside.scalars(select(Enterprise)), key=lambda enterprise: enterprise.name[-6:])
    for row, enterprise in enumerate(enterprises):
        assert results[enterprise.id].level == int(population.scores.level[row])
        assert 100 * results[enterprise.id].capability == int(population.scores.totals["capability"][row])


def test_every_result_follows_from_its_own_facts(inside: Session) -> None:
    assert verify_all(inside) == (SMALL_BROWSABLE * len(PERIODS), [])


def test_answers_are_on_the_path_and_have_their_history(inside: Session, framework: Framework) -> None:
    assessment = inside.scalars(select(Assessment).where(Assessment.status == "submitted").limit(1)).one()
    answered = set(inside.scalars(select(Answer.question_id).where(Answer.assessment_id == assessment.id)))
    submission = inside.scalars(select(Submission).where(Submission.assessment_id == assessment.id)).one()
    asked = {
        question.id
        for question in framework.edition.questions.values()
        if f'"{question.facts[0]}":' in facts_of(submission)
    }
    assert answered == asked
    assert counts(inside)["Answer"] == counts(inside)["AnswerVersion"]


def facts_of(submission: Submission) -> str:
    return submission.document.partition('"facts":')[2].partition('"format"')[0]


def test_no_remark_had_to_be_confirmed(inside: Session) -> None:
    assert all('"queries_confirmed":[]' in text for text in inside.scalars(select(Submission.document)))


def test_two_people_share_an_enterprise_with_three_results_and_a_draft_half_way(inside: Session) -> None:
    of_an_enterprise = select(Tenant.id).where(Tenant.kind == "enterprise")
    tenants = list(inside.scalars(select(Membership.tenant_id).where(Membership.tenant_id.in_(of_an_enterprise))))
    assert len(tenants) == 2
    assert len(set(tenants)) == 1
    assessments = inside.execute(select(Assessment).where(Assessment.tenant_id == tenants[0])).scalars().all()
    assert Counter(item.status for item in assessments) == {"submitted": 3, "draft": 1}
    draft = next(item for item in assessments if item.status == "draft")
    answered = inside.scalar(select(func.count()).select_from(Answer).where(Answer.assessment_id == draft.id)) or 0
    assert 20 < answered < 60


def test_the_sign_ins_are_told(inside: Session) -> None:
    told: list[str] = []
    print_demo_sign_ins(inside, told.append)
    assert OWNER in " ".join(told)
    assert COLLEAGUE in " ".join(told)


def test_without_a_demonstration_no_sign_ins_are_told(session: Session) -> None:
    print_demo_sign_ins(session, lambda text: pytest.fail(text))


# Made once


def test_seeding_again_writes_nothing(inside: Session, clock: FixedClock) -> None:
    before = counts(inside)
    with statements(db.engine) as sent:
        assert seed(inside, clock) == []
    assert not [
        statement for statement in sent if statement.lstrip().upper().startswith(("INSERT", "UPDATE", "DELETE"))
    ]
    assert counts(inside) == before


COLUMNS = (Submission.sha256, BenchmarkRelease.sha256, Enterprise.uscc, Tenant.id)


def identities(session: Session) -> list[list[str]]:
    return [sorted(map(str, session.scalars(select(column)))) for column in COLUMNS]


@pytest.fixture(scope="session")
def known(seeded: Any) -> list[list[str]]:
    """What identifies the content of the demonstration."""
    with seeded.app_context(), every_tenant(db.session()):
        found = identities(db.session())
        db.session.remove()
    return found


def test_two_installations_hold_the_same_results_and_benchmarks(
    known: list[list[str]], session: Session, clock: FixedClock
) -> None:
    clock.at = NOW.replace(year=2027)
    seed(session, clock)
    assert identities(session) == known


@pytest.mark.parametrize("kind", ["person", "enterprise"])
def test_a_database_that_is_in_use_gets_no_demonstration(
    session: Session, clock: FixedClock, kind: str, tiny: None
) -> None:
    user = make_user(session)
    if kind == "enterprise":
        make_enterprise(session, user, clock)
    session.commit()
    before = counts(session)
    assert seed(session, clock) == []
    assert counts(session) == before
    assert session.scalar(select(func.count(EditionRecord.id))) == len(editions())


@pytest.mark.parametrize("part", ["tenants", "releases", "one year"])
def test_half_a_demonstration_is_refused_and_said_to_be_half(
    session: Session, clock: FixedClock, part: str, tiny: None
) -> None:
    if part != "releases":
        session.add(Tenant(kind="enterprise", name="演示", is_synthetic=True, created_at=NOW))
    if part != "tenants":
        publish_population(session, clock, make_population([(CellKey("34", "370000", "small"), 20)]), period=2023)
    session.commit()
    with pytest.raises(IncompleteDemonstration, match="a part of the demonstration only"):
        seed(session, clock)
    session.rollback()
    assert counts(session)["Submission"] == 0


# Interrupted


def fail(*_: Any, **__: Any) -> Any:
    raise KeyboardInterrupt


@pytest.mark.parametrize("step", ["_tenants", "_release", "submit_assessment", "_people"])
def test_a_start_that_is_interrupted_leaves_nothing_and_the_next_one_completes(
    session: Session, clock: FixedClock, monkeypatch: pytest.MonkeyPatch, step: str, tiny: None
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(service, step, fail)
        with pytest.raises(KeyboardInterrupt):
            seed(session, clock)
        session.rollback()
    assert not any(counts(session).values())
    seed(session, clock)
    assert counts(session)["Submission"] == 9
    assert counts(session)["User"] == 5


KILLED = """
import os, signal, sys
from sqlalchemy import text
from config import from_env
from maturity.app import create_app
from maturity.db import writing
from maturity.demo import campaign, service
from maturity.extensions import db
from maturity.web.site import site_clock

service.SMALL_POPULATION, service.SMALL_BROWSABLE = 60, 3
step, app = sys.argv[1], create_app(from_env())

def die(*_, **__):
    db.session.flush()
    os.kill(os.getpid(), signal.SIGKILL)

with app.app_context():
    writing.set(True)
    db.create_all()
    if step:
        setattr(service, step, die)
    service.seed_everything(db.session(), site_clock(), small=True, tell=lambda _: None)
    db.session.commit()
    print(*(db.session.execute(text(f"select count(*) from {name}")).scalar() for name in ("tenants", "users")))
"""


@pytest.mark.slow
def test_a_process_killed_at_any_step_leaves_a_database_that_the_next_start_fills(
    tmp_path: Path, repository: Path
) -> None:
    def start(step: str) -> subprocess.CompletedProcess[str]:
        environment = {key: value for key, value in os.environ.items() if key != "DATABASE_URL"}
        environment |= {"MATURITY_ENV": "testing", "MATURITY_DATA": str(tmp_path), "PYTHONPATH": str(repository)}
        command = [sys.executable, "-c", KILLED, step]
        return subprocess.run(command, cwd=repository, env=environment, capture_output=True, text=True, check=False)

    for step in ("_release", "submit_assessment", "_people"):
        assert start(step).returncode == -9
    done = start("")
    assert done.stdout.split() == ["6", "5"], done.stderr
    assert start("").stdout.split() == ["6", "5"]


def test_the_list_of_the_demonstrated_campaign_names_nobody_twice(
    session: Session, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With as many browsable enterprises as a first start has: a code made up may be one of theirs."""
    profiles = build_profiles(service.BROWSABLE)
    with every_tenant(session):
        enterprises = service._tenants(session, profiles)
        example = next(item for item in enterprises if item.region.startswith("32"))
        official = make_user(session, email="official@example.com")
        codes = iter([item.uscc for item in enterprises if item.region.startswith("32")])
        real = campaign.synthetic
        monkeypatch.setattr(campaign, "synthetic", lambda random, region: next(codes, None) or real(random, region))
        office = campaign.call_a_province(session, enterprises, example, official.id, clock)
        found = session.scalars(select(CampaignInvitee.uscc).where(CampaignInvitee.tenant_id == office.id)).all()
    assert len(found) == len(set(found)) > campaign.MADE_UP
