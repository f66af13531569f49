"""What an operator types under `flask`, and how it ends."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from maturity.accounts.models import User
from maturity.assessments.models import Submission
from maturity.benchmarks.models import BenchmarkRelease
from maturity.clock import FixedClock
from maturity.demo import service
from maturity.demo.service import OWNER
from maturity.tenancy.models import Tenant
from tests.conftest import NOW
from tests.factories.assessments import make_result
from tests.factories.enterprises import make_enterprise
from tests.factories.people import make_user

pytestmark = pytest.mark.database
#: Three enterprises, their regulator, the certification body and the operator, who recognised it.
TENANTS = 6


@pytest.fixture
def tiny(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "SMALL_POPULATION", 60)
    monkeypatch.setattr(service, "SMALL_BROWSABLE", 3)


def flask(app: Any, *line: str) -> Any:
    return app.test_cli_runner().invoke(args=line)


def test_seeding_fills_an_empty_database_once_and_tells_the_sign_ins_each_time(
    app: Any, session: Session, tiny: None
) -> None:
    session.rollback()
    first, second = flask(app, "seed", "--small"), flask(app, "seed", "--small")
    assert (first.exit_code, second.exit_code) == (0, 0), first.output
    assert "synthetic population 2025: 60 enterprises" in first.output
    assert "synthetic population" not in second.output
    assert OWNER in first.output
    assert OWNER in second.output
    assert session.scalar(select(func.count(Tenant.id))) == TENANTS


def test_asking_for_the_sign_ins_makes_nothing(app: Any, session: Session) -> None:
    session.rollback()
    done = flask(app, "seed", "--print-sign-ins")
    assert (done.exit_code, done.output) == (0, "")
    assert session.scalar(select(func.count(Tenant.id))) == 0


def test_half_a_demonstration_ends_with_1_and_says_what_to_do(app: Any, session: Session) -> None:
    session.add(Tenant(kind="enterprise", name="演示", is_synthetic=True, created_at=NOW))
    session.commit()
    done = flask(app, "seed", "--small")
    assert done.exit_code == 1
    assert "a part of the demonstration only" in done.output
    assert "start with an empty database" in done.output


def test_a_result_that_was_changed_is_found(app: Any, session: Session, clock: FixedClock) -> None:
    make_result(session, make_enterprise(session, make_user(session), clock), clock)
    session.commit()
    assert flask(app, "rescore", "--verify").exit_code == 0
    session.execute(update(Submission).values(document=func.replace(Submission.document, '"level":1', '"level":4')))
    session.execute(update(Submission).values(level=4))
    session.commit()
    done = flask(app, "rescore", "--verify")
    assert done.exit_code == 1
    assert "1 submissions, 1 different" in done.output


def test_in_production_no_sign_in_is_made_unless_it_is_asked_for(
    app: Any, session: Session, tiny: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    session.rollback()
    monkeypatch.setitem(app.config, "ENVIRONMENT", "production")
    done = flask(app, "seed", "--small")
    assert done.exit_code == 0, done.output
    assert OWNER not in done.output
    assert session.scalar(select(func.count(User.id))) == 0
    assert session.scalar(select(func.count(Tenant.id))) == 0
    assert session.scalar(select(func.count(BenchmarkRelease.id))) == 3
    session.rollback()
    assert flask(app, "seed", "--small").exit_code == 0
    assert session.scalar(select(func.count(BenchmarkRelease.id))) == 3
    session.rollback()
    asked = flask(app, "seed", "--small", "--with-demonstration")
    assert OWNER in asked.output
    assert session.scalar(select(func.count(Tenant.id))) == TENANTS
    assert session.scalar(select(func.count(BenchmarkRelease.id))) == 3


def test_peers_come_into_a_database_in_use_and_enterprises_do_not(app: Any, session: Session, tiny: None) -> None:
    make_user(session)
    session.commit()
    done = flask(app, "seed", "--small", "--without-demonstration")
    assert done.exit_code == 0, done.output
    assert session.scalar(select(func.count(BenchmarkRelease.id))) == 3
    session.rollback()
    assert flask(app, "seed", "--small", "--with-demonstration").exit_code == 0
    assert session.scalar(select(func.count(Tenant.id))) == 0
