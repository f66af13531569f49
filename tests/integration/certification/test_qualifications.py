"""Qualifications as the body keeps them: entered, withdrawn, and asked for from either side of a case."""

from __future__ import annotations

import uuid
from datetime import date, timedelta

import pytest
from sqlalchemy.orm import Session

from maturity.certification.assignments import Conflicted, assign, end_assignment
from maturity.certification.cases import case_for
from maturity.certification.reviewers import add_qualification, find_reviewer, qualified, withdraw_qualification
from maturity.clock import FixedClock
from maturity.db import for_tenant
from maturity.errors import Conflict, Invalid, NotFound
from maturity.tenancy.models import Tenant
from tests.factories.certification_review import (
    Review,
    actor,
    expire_qualifications,
    machinery,
    make_review,
    make_review_body,
    make_reviewer,
)
from tests.factories.enterprises import add_member
from tests.factories.people import make_user

pytestmark = pytest.mark.database


@pytest.fixture
def review(session: Session, clock: FixedClock) -> Review:
    """Accepted, with nobody assigned."""
    return make_review(session, clock, state="accepted")


def grade(session: Session, review: Review, on: date, level: int = 3) -> date | None:
    """Until when the lead is qualified for such a case, asked from the client's side."""
    with for_tenant(session, review.client_id):
        found = qualified(session, review.body_id, review.lead.id, "342", "lianghua", level, on)
    return found and found.valid_until


def test_a_qualification_counts_to_its_last_day(session: Session, clock: FixedClock, review: Review) -> None:
    last = clock.today() + timedelta(days=365)
    assert grade(session, review, last) == last
    assert grade(session, review, last + timedelta(days=1)) is None
    assert grade(session, review, clock.today(), level=5) is None


def test_of_two_qualifications_the_longer_is_told(session: Session, clock: FixedClock, review: Review) -> None:
    later = clock.today() + timedelta(days=800)
    with for_tenant(session, review.body_id):
        given = machinery(clock, valid_until=later, highest_level=5)
        add_qualification(session, review.body_id, review.lead.id, given, actor_id=None, clock=clock)
    assert grade(session, review, clock.today()) == later
    assert grade(session, review, clock.today(), level=5) == later


def test_two_half_qualifications_are_not_a_whole_one(session: Session, clock: FixedClock) -> None:
    """The right industry in one and the right framework in another qualify for neither case."""
    body, _owner = make_review_body(session, clock)
    given = machinery(clock, divisions=("13",))
    person = make_reviewer(session, body, clock, qualification=given)
    body_id = body.id
    with for_tenant(session, body_id):
        other = machinery(clock, frameworks=("sme",))
        add_qualification(session, body_id, person.id, other, actor_id=None, clock=clock)
    assert qualified(session, body_id, person.id, "342", "lianghua", 2, clock.today()) is None


def test_what_is_withdrawn_counts_no_more_and_stays_to_be_read(
    session: Session, clock: FixedClock, review: Review
) -> None:
    with for_tenant(session, review.body_id):
        row = find_reviewer(session, review.body_id, review.lead.id).qualifications[0]
        who = review.manager.id
        withdraw_qualification(session, review.body_id, row.id, actor_id=who, clock=clock)
        with pytest.raises(Conflict, match="qualification_withdrawn"):
            withdraw_qualification(session, review.body_id, row.id, actor_id=who, clock=clock)
        reviewer = find_reviewer(session, review.body_id, review.lead.id)
        assert reviewer.qualifications
        assert reviewer.in_force(clock.today()) == ()
    assert grade(session, review, clock.today()) is None


def test_what_is_over_already_is_not_entered(session: Session, clock: FixedClock, review: Review) -> None:
    with for_tenant(session, review.body_id):
        yesterday = machinery(clock, valid_until=clock.today() - timedelta(days=1))
        with pytest.raises(Invalid, match="qualification_over"):
            add_qualification(session, review.body_id, review.lead.id, yesterday, actor_id=None, clock=clock)


def test_a_qualification_of_another_body_is_not_there(session: Session, clock: FixedClock, review: Review) -> None:
    body, owner = make_review_body(session, clock, name="泰山认证")
    body_id = body.id
    with for_tenant(session, body_id), pytest.raises(NotFound):
        withdraw_qualification(session, body_id, uuid.uuid4(), actor_id=owner.id, clock=clock)
    assert qualified(session, body_id, review.lead.id, "342", "lianghua", 2, clock.today()) is None


# Assigning


def give(session: Session, review: Review, user_id: int, part: str, clock: FixedClock) -> uuid.UUID:
    with for_tenant(session, review.body_id):
        case = case_for(session, review.case_id, review.body_id)
        return assign(session, case, user_id, part, actor(review.manager, review.body_id), clock).id


def test_nobody_leads_whose_qualification_ended_yesterday(session: Session, clock: FixedClock, review: Review) -> None:
    expire_qualifications(session, review.body_id, review.lead.id, clock.today() - timedelta(days=1))
    with pytest.raises(Invalid, match="reviewer_unqualified"):
        give(session, review, review.lead.id, "lead", clock)
    expire_qualifications(session, review.body_id, review.lead.id, clock.today())
    assert give(session, review, review.lead.id, "lead", clock)


def test_whoever_decides_needs_no_qualification_and_the_right_to(
    session: Session, clock: FixedClock, review: Review
) -> None:
    assert give(session, review, review.decider.id, "decider", clock)
    with pytest.raises(Invalid, match="reviewer_role"):
        give(session, review, review.lead.id, "decider", clock)


def test_there_is_one_lead(session: Session, clock: FixedClock, review: Review) -> None:
    give(session, review, review.lead.id, "lead", clock)
    with pytest.raises(Conflict, match="lead_there_already"):
        give(session, review, review.reviewer.id, "lead", clock)
    with pytest.raises(Conflict, match="assigned_already"):
        give(session, review, review.lead.id, "reviewer", clock)


def test_whoever_once_reviewed_does_not_decide(session: Session, clock: FixedClock, review: Review) -> None:
    """An owner may do both, and in one case only one of them, even after the part has ended."""
    with for_tenant(session, review.body_id):
        given = machinery(clock)
        add_qualification(session, review.body_id, review.manager.id, given, actor_id=None, clock=clock)
    first = give(session, review, review.manager.id, "reviewer", clock)
    with for_tenant(session, review.body_id):
        case = case_for(session, review.case_id, review.body_id)
        end_assignment(session, case, first, actor(review.manager, review.body_id), clock)
    with pytest.raises(Conflict, match="decider_reviewed"):
        give(session, review, review.manager.id, "decider", clock)


def test_somebody_of_the_enterprise_is_refused(session: Session, clock: FixedClock, review: Review) -> None:
    with for_tenant(session, review.client_id):
        add_member(session, session.get_one(Tenant, review.client_id), review.lead, "viewer", clock)
    with pytest.raises(Conflicted) as refused:
        give(session, review, review.lead.id, "lead", clock)
    assert [item.code for item in refused.value.found] == ["belonged"]


def test_a_stranger_to_the_body_is_not_assigned(session: Session, clock: FixedClock, review: Review) -> None:
    with pytest.raises(NotFound, match="reviewer"):
        give(session, review, make_user(session).id, "lead", clock)
