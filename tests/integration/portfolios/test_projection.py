"""What the worker gathers for the portfolios: right, soon, and nothing without a live grant."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from maturity.accounts.models import User
from maturity.assessments.models import AnswerVersion, SectionAssignment, Submission
from maturity.clock import FixedClock
from maturity.consulting.service import revoke_grant
from maturity.portfolios import projection
from maturity.portfolios.models import PortfolioClient
from maturity.portfolios.projection import OVERLAP
from maturity.tenancy.models import Grant, Tenant
from tests.factories.assessments import answer, make_assessment, make_result
from tests.factories.people import make_user
from tests.factories.portfolios import give, keep, make_client, make_consultancy, sweep


@pytest.fixture
def adviser(session: Session) -> User:
    user = make_user(session)
    keep(session)
    return user


@pytest.fixture
def consultancy(session: Session, clock: FixedClock, adviser: User) -> Tenant:
    return make_consultancy(session, adviser, clock)


@pytest.fixture
def given(session: Session, clock: FixedClock, consultancy: Tenant) -> tuple[Tenant, Grant]:
    return make_client(session, consultancy, clock)


def rows(session: Session) -> list[PortfolioClient]:
    session.rollback()
    session.expunge_all()
    found = list(session.scalars(select(PortfolioClient).order_by(PortfolioClient.name)))
    keep(session)
    return found


def later(app: Any, clock: FixedClock) -> None:
    """So long after the last change that it is no longer looked at twice."""
    clock.at += OVERLAP + timedelta(seconds=1)
    sweep(app)


def test_a_new_client_has_its_particulars(app: Any, session: Session, given: tuple[Tenant, Grant]) -> None:
    assert sweep(app) == 1
    (row,) = rows(session)
    assert (row.client_id, row.grant_id, row.tenant_id) == (given[0].id, given[1].id, given[1].consultancy_id)
    assert (row.name, row.size, row.level, row.draft_id, row.results) == (given[0].name, "medium", None, None, [])


def test_results_of_two_years_give_the_change(
    app: Any, session: Session, clock: FixedClock, given: tuple[Tenant, Grant]
) -> None:
    made = [make_result(session, given[0], clock, period) for period in (2024, 2025)]
    later_one = session.scalars(select(Submission).where(Submission.assessment_id == made[1].id)).one()
    later_one.capability_exact, later_one.capability = "61/1", Decimal("61.00")
    before = session.scalars(select(Submission).where(Submission.assessment_id == made[0].id)).one()
    before.capability_exact, before.capability = "121/2", Decimal("60.50")
    keep(session)
    sweep(app)
    (row,) = rows(session)
    assert (row.period, row.result_id, row.capability, row.change) == (2025, made[1].id, Decimal(61), Decimal("0.50"))
    assert [year["period"] for year in row.results] == [2025, 2024]
    assert [year["change"] for year in row.results] == ["0.50", None]


def test_a_saved_answer_is_seen_in_the_next_round(
    app: Any, session: Session, clock: FixedClock, given: tuple[Tenant, Grant]
) -> None:
    draft = make_assessment(session, given[0], clock)
    keep(session)
    sweep(app)
    (before,) = rows(session)
    later(app, clock)
    assert sweep(app) == 0
    answer(session, draft, "it_investment", clock)
    keep(session)
    assert sweep(app) == 1
    (after,) = rows(session)
    assert (before.answered, after.answered) == (0, 1)
    assert after.fewest_left == (before.fewest_left or 0) - 1
    assert after.last_active_at == clock.now()


def test_a_save_that_was_committed_late_is_not_missed(
    app: Any, session: Session, clock: FixedClock, given: tuple[Tenant, Grant]
) -> None:
    draft = make_assessment(session, given[0], clock)
    keep(session)
    later(app, clock)
    clock.at += timedelta(seconds=5)
    sweep(app)
    saved_at = clock.at - timedelta(seconds=3)
    answer(session, draft, "it_investment", clock)
    for version in session.scalars(select(AnswerVersion)):
        version.saved_at = saved_at
    keep(session)
    assert sweep(app) == 1


def test_the_day_a_section_is_due_counts_while_it_is_open(
    app: Any, session: Session, clock: FixedClock, given: tuple[Tenant, Grant]
) -> None:
    draft = make_assessment(session, given[0], clock)
    user = make_user(session)
    day = clock.today() + timedelta(days=4)
    key = {"tenant_id": given[0].id, "assessment_id": draft.id, "user_id": user.id}
    session.add(SectionAssignment(**key, section="infrastructure", due_on=day, assigned_at=clock.now()))
    keep(session)
    sweep(app)
    assert rows(session)[0].section_due_on == day


@pytest.mark.parametrize("end", ["revoked", "expired"])
def test_without_a_live_grant_the_row_goes(
    app: Any, session: Session, clock: FixedClock, given: tuple[Tenant, Grant], end: str
) -> None:
    sweep(app)
    if end == "revoked":
        revoke_grant(session, given[0].id, given[1].id, actor_id=None, clock=clock)  # type: ignore[arg-type]
        keep(session)
    else:
        clock.at += timedelta(days=301)
    sweep(app)
    assert rows(session) == []


def test_a_second_grant_replaces_the_row_of_the_first(
    app: Any, session: Session, clock: FixedClock, consultancy: Tenant, given: tuple[Tenant, Grant]
) -> None:
    sweep(app)
    revoke_grant(session, given[0].id, given[1].id, actor_id=None, clock=clock)  # type: ignore[arg-type]
    second = give(session, given[0], consultancy, clock)
    sweep(app)
    assert [row.grant_id for row in rows(session)] == [second.id]


def test_each_consultancy_has_its_own_row(
    app: Any, session: Session, clock: FixedClock, adviser: User, given: tuple[Tenant, Grant]
) -> None:
    other = make_consultancy(session, adviser, clock, "另一家")
    give(session, given[0], other, clock)
    assert sweep(app) == 2
    assert {row.tenant_id for row in rows(session)} == {other.id, given[1].consultancy_id}


def test_a_client_that_cannot_be_read_keeps_its_figures_and_stops_nobody(
    app: Any, session: Session, clock: FixedClock, consultancy: Tenant, given: tuple[Tenant, Grant], monkeypatch: Any
) -> None:
    sweep(app)
    make_client(session, consultancy, clock, name="乙厂")
    draft = make_assessment(session, given[0], clock)
    keep(session)
    gather = projection.gather

    def failing(session: Session, clock: FixedClock) -> Any:
        if session.info["tenant_id"] == given[0].id:
            raise RuntimeError("unreadable")
        return gather(session, clock)

    monkeypatch.setattr(projection, "gather", failing)
    assert sweep(app) == 1
    assert {row.name: row.draft_id for row in rows(session)} == {given[0].name: None, "乙厂": None}
    monkeypatch.setattr(projection, "gather", gather)
    sweep(app)
    assert draft.id in {row.draft_id for row in rows(session)}


def test_the_command_gathers_everything_afresh(
    app: Any, session: Session, clock: FixedClock, given: tuple[Tenant, Grant]
) -> None:
    sweep(app)
    session.scalars(select(PortfolioClient)).one().name = "wrong"
    keep(session)
    done = app.test_cli_runner().invoke(args=["portfolios", "rebuild"])
    assert done.output == "1 clients gathered\n"
    assert [row.name for row in rows(session)] == [given[0].name]
