"""Who comes into an enterprise to review: people of the body with a part in a case, as long as both last."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from sqlalchemy.orm import Session

from maturity.assessments.models import Assessment
from maturity.certification.models import CertificationCase
from maturity.clock import FixedClock
from maturity.errors import NotFound
from maturity.tenancy.door import Lacking, Standing, lacking
from maturity.tenancy.models import Membership, ReviewAssignment, Tenant
from maturity.tenancy.permissions import PUBLIC_PERMISSIONS, Permission
from maturity.tenancy.service import create_tenant, open_tenant
from tests.factories.assessments import make_result
from tests.factories.enterprises import add_member, make_enterprise
from tests.factories.people import make_user

pytestmark = pytest.mark.database


@dataclass(frozen=True, slots=True)
class Reviewed:
    client: Tenant
    body: Tenant
    reviewer_id: int
    colleague_id: int
    assignment: ReviewAssignment


@pytest.fixture
def reviewed(session: Session, clock: FixedClock) -> Reviewed:
    """A case under review, somebody who has a part in it, and a colleague who has none."""
    client = make_enterprise(session, make_user(session), clock)
    body = create_tenant(session, "certification_body", "华信认证", make_user(session).id, clock)
    reviewer, colleague = make_user(session, name="李审核"), make_user(session)
    for person in (reviewer, colleague):
        add_member(session, body, person, "reviewer", clock)
    case = _case(client, body, make_result(session, client, clock), clock)
    session.add(case)
    session.flush()
    assignment = ReviewAssignment(
        case_id=case.id,
        tenant_id=client.id,
        body_id=body.id,
        body_name=body.name,
        user_id=reviewer.id,
        user_name="李审核",
        part="lead",
        assigned_at=clock.now(),
    )
    session.add(assignment)
    session.flush()
    return Reviewed(client, body, reviewer.id, colleague.id, assignment)


def _case(client: Tenant, body: Tenant, assessment: Assessment, clock: FixedClock) -> CertificationCase:
    return CertificationCase(
        client_id=client.id,
        body_id=body.id,
        assessment_id=assessment.id,
        submission_sha256="0" * 64,
        framework="lianghua",
        edition="2026.1",
        period=assessment.period,
        client_name=client.name,
        uscc="91370100MA3C5D7Y7X",
        industry="34",
        region="370100",
        body_name=body.name,
        scope="",
        level_claimed=3,
        state="reviewing",
        state_since=clock.now(),
        applied_at=clock.now(),
    )


def test_a_part_in_a_case_opens_its_file_and_nothing_else(
    session: Session, clock: FixedClock, reviewed: Reviewed
) -> None:
    access = open_tenant(session, reviewed.client.id, reviewed.reviewer_id, clock)
    assert access.permissions == {Permission.REVIEW_FILE}
    assert [review.id for review in access.reviews] == [reviewed.assignment.id]
    assert not access.permissions & PUBLIC_PERMISSIONS


def test_a_colleague_without_a_part_stays_out(session: Session, clock: FixedClock, reviewed: Reviewed) -> None:
    with pytest.raises(NotFound):
        open_tenant(session, reviewed.client.id, reviewed.colleague_id, clock)


def _end_part(_session: Session, reviewed: Reviewed, clock: FixedClock) -> None:
    reviewed.assignment.ended_at = clock.now()


def _leave(session: Session, reviewed: Reviewed, clock: FixedClock) -> None:
    session.get_one(Membership, (reviewed.body.id, reviewed.reviewer_id)).ended_at = clock.now()


def _suspend_body(_session: Session, reviewed: Reviewed, clock: FixedClock) -> None:
    reviewed.body.suspended_at = clock.now()


@pytest.mark.parametrize("end", [_end_part, _leave, _suspend_body])
def test_the_file_closes_with_the_part_the_membership_or_the_body(
    session: Session,
    clock: FixedClock,
    reviewed: Reviewed,
    end: Callable[[Session, Reviewed, FixedClock], None],
) -> None:
    end(session, reviewed, clock)
    session.flush()
    with pytest.raises(NotFound):
        open_tenant(session, reviewed.client.id, reviewed.reviewer_id, clock)


def test_a_suspended_enterprise_shows_no_file(session: Session, clock: FixedClock, reviewed: Reviewed) -> None:
    reviewed.client.suspended_at = clock.now()
    session.flush()
    assert not open_tenant(session, reviewed.client.id, reviewed.reviewer_id, clock).permissions


def test_a_reviewer_meets_the_door_of_the_enterprise(session: Session, clock: FixedClock, reviewed: Reviewed) -> None:
    """What the enterprise asks of everybody is asked of reviewers; it trusts the provider of the body."""
    reviewed.client.second_factor_required = True
    session.flush()
    access = open_tenant(session, reviewed.client.id, reviewed.reviewer_id, clock)
    provider = uuid.uuid4()
    assert lacking(access, Standing()) is Lacking.SECOND_FACTOR
    assert lacking(access, Standing(second_factor=True)) is None
    assert lacking(access, Standing(own=False, provider_id=provider, provider_of=uuid.uuid4())) is Lacking.OWN
    by_body = Standing(own=False, second_factor=True, provider_id=provider, provider_of=reviewed.body.id)
    assert lacking(access, by_body) is None
