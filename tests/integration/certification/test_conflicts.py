"""Conflicts of interest: each kind of tie, from the day it begins to count to the day it no longer does."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from maturity.audit.models import AuditEvent
from maturity.certification.cases import case_for
from maturity.certification.conflicts import (
    conflicts_of,
    first_free_day,
    looked_back_to,
    refusals_of,
    refuse_conflicted,
)
from maturity.certification.reviewers import Interest, declare_interest
from maturity.clock import LOCAL, FixedClock
from maturity.consulting.service import register_consultancy
from maturity.db import for_tenant
from maturity.tenancy.models import Grant, GrantVisit, Membership, Tenant
from tests.factories.certification_review import make_review, make_review_body, make_reviewer
from tests.factories.enterprises import USCC, add_member, make_enterprise
from tests.factories.people import make_user

pytestmark = pytest.mark.database


@dataclass(frozen=True, slots=True)
class Sides:
    """An enterprise, a body with its owner and a reviewer, and a consultancy."""

    client: uuid.UUID
    body: uuid.UUID
    owner: int
    reviewer: int
    consultancy: uuid.UUID
    today: date


@pytest.fixture
def sides(session: Session, clock: FixedClock) -> Sides:
    client = make_enterprise(session, make_user(session), clock)
    body, owner = make_review_body(session, clock)
    reviewer = make_reviewer(session, body, clock)
    consultancy = register_consultancy(session, "海岳咨询", owner_id=make_user(session).id, clock=clock)
    return Sides(client.id, body.id, owner.id, reviewer.id, consultancy.id, clock.today())


@pytest.fixture
def found(session: Session, sides: Sides) -> Callable[..., dict[str, date | None]]:
    """The codes that stand in the way of the reviewer, or of the body alone, with their last day."""

    def look(user_id: int | None = sides.reviewer, on: date | None = None) -> dict[str, date | None]:
        ties = conflicts_of(session, sides.body, user_id, sides.client, on or sides.today)
        return {item.code: item.until for item in ties}

    return look


def noon(day: date) -> datetime:
    return datetime.combine(day, time(12), LOCAL)


def grant(session: Session, giver: uuid.UUID, holder: uuid.UUID, first: date, last: date, **values: Any) -> Grant:
    row = Grant(
        tenant_id=giver,
        consultancy_id=holder,
        tenant_name="甲方",
        consultancy_name="乙方",
        scope="answer",
        until=last,
        given_at=noon(first),
        **values,
    )
    session.add(row)
    session.flush()
    return row


def member(session: Session, tenant: uuid.UUID, user_id: int, first: date, last: date | None) -> None:
    ended = noon(last) if last else None
    session.add(Membership(tenant_id=tenant, user_id=user_id, role="editor", created_at=noon(first), ended_at=ended))
    session.flush()


def years_ago(sides: Sides, years: int) -> date:
    return sides.today.replace(year=sides.today.year - years)


def test_a_stranger_may_review(found: Callable[..., Any]) -> None:
    assert found() == {}
    assert found(None) == {}


def test_the_body_that_advises_the_enterprise_may_not_review_it(
    session: Session, sides: Sides, found: Callable[..., Any]
) -> None:
    grant(session, sides.client, sides.body, sides.today, sides.today + timedelta(days=30))
    assert found(None) == found() == {"body_consulted": sides.today + timedelta(days=30)}


@pytest.mark.parametrize(("days", "stands"), [(0, True), (-1, False)])
def test_advice_counts_to_the_day_so_many_years_back_and_no_further(
    session: Session, sides: Sides, found: Callable[..., Any], days: int, stands: bool
) -> None:
    last = looked_back_to(sides.today) + timedelta(days=days)
    grant(session, sides.client, sides.body, years_ago(sides, 5), last)
    assert ("body_consulted" in found(None)) is stands
    assert (first_free_day(last) <= sides.today) is not stands


def test_a_grant_taken_back_ended_on_that_day(session: Session, sides: Sides, found: Callable[..., Any]) -> None:
    revoked = noon(looked_back_to(sides.today) - timedelta(days=1))
    grant(session, sides.client, sides.body, years_ago(sides, 5), sides.today, revoked_at=revoked)
    assert found(None) == {}


def test_whoever_worked_for_the_consultancy_while_it_advised_may_not_review(
    session: Session, sides: Sides, found: Callable[..., Any]
) -> None:
    grant(session, sides.client, sides.consultancy, years_ago(sides, 2), years_ago(sides, 1))
    left = years_ago(sides, 1) - timedelta(days=10)
    member(session, sides.consultancy, sides.reviewer, years_ago(sides, 4), left)
    assert found() == {"consulted": left}
    assert found(None) == {}
    assert found(on=first_free_day(left)) == {}
    assert "consulted" in found(on=first_free_day(left) - timedelta(days=1))


def test_whoever_left_the_consultancy_before_it_advised_may_review(
    session: Session, sides: Sides, found: Callable[..., Any]
) -> None:
    grant(session, sides.client, sides.consultancy, years_ago(sides, 1), sides.today)
    member(session, sides.consultancy, sides.reviewer, years_ago(sides, 4), years_ago(sides, 2))
    assert found() == {}


def test_advice_to_somebody_else_is_no_conflict(session: Session, sides: Sides, found: Callable[..., Any]) -> None:
    grant(session, sides.body, sides.consultancy, years_ago(sides, 1), sides.today)
    member(session, sides.consultancy, sides.reviewer, years_ago(sides, 4), None)
    assert found() == {}


def test_a_visit_by_a_grant_counts_whatever_became_of_the_membership(
    session: Session, sides: Sides, found: Callable[..., Any]
) -> None:
    row = grant(session, sides.client, sides.consultancy, years_ago(sides, 4), looked_back_to(sides.today))
    last = looked_back_to(sides.today)
    with for_tenant(session, sides.client):
        visit = GrantVisit(tenant_id=sides.client, grant_id=row.id, user_id=sides.reviewer, last_at=noon(last))
        session.add(visit)
        session.flush()
        assert found() == {"consulted": last}
        visit.last_at = noon(last - timedelta(days=1))
        session.flush()
    assert found() == {}


@pytest.mark.parametrize("days", [0, -1])
def test_whoever_belonged_to_the_enterprise_is_kept_off_for_years(
    session: Session, sides: Sides, found: Callable[..., Any], days: int
) -> None:
    last = looked_back_to(sides.today) + timedelta(days=days)
    member(session, sides.client, sides.reviewer, years_ago(sides, 5), last)
    assert found() == ({"belonged": last} if days == 0 else {})


def test_whoever_belongs_to_it_now_is_kept_off_without_an_end(
    session: Session, sides: Sides, found: Callable[..., Any]
) -> None:
    member(session, sides.client, sides.reviewer, sides.today, None)
    assert found() == {"belonged": None}


def test_a_group_is_one_enterprise_up_and_down(
    session: Session, clock: FixedClock, sides: Sides, found: Callable[..., Any]
) -> None:
    head, sister, cousin = (make_enterprise(session, make_user(session), clock, name=name) for name in "总子孙")
    for giver, holder in ((sides.client, head.id), (sister.id, head.id), (cousin.id, sister.id)):
        grant(session, giver, holder, years_ago(sides, 1), sides.today, kind="affiliation")
    member(session, cousin.id, sides.reviewer, years_ago(sides, 1), None)
    assert found() == {"group": None}


def test_a_group_left_long_ago_is_no_tie(
    session: Session, clock: FixedClock, sides: Sides, found: Callable[..., Any]
) -> None:
    head = make_enterprise(session, make_user(session), clock, name="总公司")
    grant(session, sides.client, head.id, years_ago(sides, 6), years_ago(sides, 5), kind="affiliation")
    member(session, head.id, sides.reviewer, years_ago(sides, 1), None)
    assert found() == {}


def test_what_ties_an_owner_ties_the_whole_body(session: Session, sides: Sides, found: Callable[..., Any]) -> None:
    member(session, sides.client, sides.owner, years_ago(sides, 1), None)
    assert found() == found(None) == {"body_linked": None}


def test_what_tied_a_former_owner_does_not(
    session: Session, clock: FixedClock, sides: Sides, found: Callable[..., Any]
) -> None:
    former = make_user(session)
    add_member(session, session.get_one(Tenant, sides.body), former, "owner", clock)
    session.get_one(Membership, (sides.body, former.id)).ended_at = clock.now()
    member(session, sides.client, former.id, years_ago(sides, 1), None)
    assert found() == {}


@pytest.mark.parametrize(("whose", "code"), [("reviewer", "declared"), (None, "body_declared")])
@pytest.mark.parametrize("days", [None, 0, -1])
def test_a_declared_interest_counts_until_years_after_its_last_day(
    session: Session,
    clock: FixedClock,
    sides: Sides,
    found: Callable[..., Any],
    whose: str | None,
    code: str,
    days: int | None,
) -> None:
    until = None if days is None else looked_back_to(sides.today) + timedelta(days=days)
    with for_tenant(session, sides.body):
        given = Interest(sides.reviewer if whose else None, USCC, "海岳数控", "ownership", until=until)
        declare_interest(session, sides.body, given, actor_id=sides.owner, clock=clock)
    assert found() == ({} if days == -1 else {code: until})
    assert ("body_declared" in found(None)) == (whose is None and days != -1)


def test_an_interest_in_another_enterprise_is_none_in_this_one(
    session: Session, clock: FixedClock, sides: Sides, found: Callable[..., Any]
) -> None:
    with for_tenant(session, sides.body):
        given = Interest(sides.reviewer, "91370200MA3C0LQ14E", "别家", "family")
        declare_interest(session, sides.body, given, actor_id=sides.owner, clock=clock)
    assert found() == {}


def test_of_two_ties_of_a_kind_the_longer_is_told(session: Session, sides: Sides, found: Callable[..., Any]) -> None:
    grant(session, sides.client, sides.body, years_ago(sides, 3), years_ago(sides, 2), revoked_at=noon(sides.today))
    grant(session, sides.client, sides.body, years_ago(sides, 1), sides.today)
    assert found(None) == {"body_consulted": sides.today}


def test_a_refusal_stands_in_the_body_and_in_both_logs(session: Session, clock: FixedClock) -> None:
    review = make_review(session, clock, state="accepted")
    member(session, review.client_id, review.lead.id, clock.today(), None)
    ties = conflicts_of(session, review.body_id, review.lead.id, review.client_id, clock.today())
    with for_tenant(session, review.client_id):
        case = case_for(session, review.case_id, review.client_id)
        refuse_conflicted(
            session, case, review.lead.id, "赵评审", ties, "assign", actor_id=review.manager.id, clock=clock
        )
    with for_tenant(session, review.body_id):
        kept = refusals_of(session, review.body_id, review.case_id)
        assert [(row.user_name, row.code, row.stage) for row in kept] == [("赵评审", "belonged", "assign")]
    for tenant_id in (review.client_id, review.body_id):
        with for_tenant(session, tenant_id):
            query = select(AuditEvent).where(AuditEvent.event == "review.refused", AuditEvent.tenant_id == tenant_id)
            assert len(session.scalars(query).all()) == 1
