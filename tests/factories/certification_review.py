"""A certification body with its reviewers, and a case of an enterprise under review."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from maturity.accounts.models import User
from maturity.assessments.models import Assessment, Submission
from maturity.certification.assignments import assign, declare_independence
from maturity.certification.cases import Actor, case_for, move
from maturity.certification.models import CertificationBody, CertificationCase, ReviewerQualification
from maturity.certification.reviewers import Qualification, add_qualification
from maturity.clock import FixedClock
from maturity.db import for_tenant
from maturity.reviewing.drawing import draw, record_seed
from maturity.reviewing.findings import FindingText, add_finding
from maturity.reviewing.opened import ReviewFile, open_review
from maturity.reviewing.verdicts import Verdict, judge
from maturity.tenancy.models import ReviewAssignment, Tenant
from maturity.tenancy.outside import outside
from maturity.tenancy.service import create_tenant, open_tenant
from tests.factories.assessments import PERIOD, make_result
from tests.factories.enterprises import USCC, VALUES, add_member, make_enterprise
from tests.factories.people import make_user

INDEPENDENT = "I have no interest in this enterprise."
CONFIRMED = Verdict("confirmed", "", {}, 0)


def make_review_body(session: Session, clock: FixedClock, name: str = "齐鲁认证中心") -> tuple[Tenant, User]:
    """A recognised body with an owner who manages its cases."""
    owner = make_user(session, name="孙主任")
    tenant = create_tenant(session, "certification_body", name, owner.id, clock)
    session.add(
        CertificationBody(
            tenant_id=tenant.id,
            name=name,
            number=f"CNCA-R-{uuid.uuid4().hex[:6]}",
            contact="0531-88880000",
            frameworks=["lianghua", "sme", "smart"],
            levels=[1, 2, 3, 4, 5],
            until=clock.today() + timedelta(days=900),
            status="recognised",
            recognised_at=clock.now(),
            changed_at=clock.now(),
        )
    )
    session.flush()
    return tenant, owner


def make_reviewer(
    session: Session,
    body: Tenant,
    clock: FixedClock,
    *,
    name: str = "赵评审",
    role: str = "reviewer",
    locale: str = "en",
    qualification: Qualification | None = None,
    is_qualified: bool = True,
) -> User:
    """Somebody of the body who may review, qualified for machinery unless told otherwise."""
    user = make_user(session, name=name, locale=locale)
    body_id, user_id = body.id, user.id
    add_member(session, body, user, role, clock)
    if is_qualified and role in ("reviewer", "owner"):
        with for_tenant(session, body_id):
            given = qualification or machinery(clock)
            add_qualification(session, body_id, user_id, given, actor_id=None, clock=clock)
    return user


def machinery(clock: FixedClock, **changes: object) -> Qualification:
    """Divisions 34 and 35 under the main framework, up to level 4, for another year."""
    values: dict[str, object] = {
        "divisions": ("34", "35"),
        "frameworks": ("lianghua",),
        "highest_level": 4,
        "certificate_number": "PSY-2026-0001",
        "valid_until": clock.today() + timedelta(days=365),
    }
    return Qualification(**(values | changes))  # type: ignore[arg-type]  # changes by name


def expire_qualifications(session: Session, body_id: uuid.UUID, user_id: int, day: date) -> None:
    """Let what somebody was qualified for end on a day."""
    with for_tenant(session, body_id):
        rows = session.scalars(select(ReviewerQualification).where(ReviewerQualification.user_id == user_id))
        for row in rows:
            row.valid_until = day
        session.flush()


@dataclass(frozen=True, slots=True)
class Review:
    """What a case under review is made of, as ids: reading an attribute later begins no transaction."""

    case_id: uuid.UUID
    client_id: uuid.UUID
    body_id: uuid.UUID
    assessment_id: uuid.UUID
    client_owner: User
    manager: User
    lead: User
    reviewer: User
    decider: User


def actor(user: User, body_id: uuid.UUID) -> Actor:
    return Actor(user.id, user.name, "body", body_id)


def make_case_row(
    session: Session, client: Tenant, body: Tenant, assessment: Assessment, clock: FixedClock
) -> uuid.UUID:
    """An accepted application for a submitted assessment, with no team and no sample."""
    submission = session.scalars(select(Submission).where(Submission.assessment_id == assessment.id)).one()
    case = CertificationCase(
        id=uuid.uuid4(),
        client_id=client.id,
        body_id=body.id,
        kind="initial",
        assessment_id=assessment.id,
        submission_id=submission.id,
        submission_sha256=submission.sha256,
        framework="lianghua",
        edition="2026.1",
        period=PERIOD,
        client_name=VALUES["name"],
        uscc=USCC,
        industry="342",
        region="370200",
        body_name=body.name,
        scope="数控机床的设计、制造与服务；青岛厂区",
        level_claimed=submission.level,
        state="accepted",
        state_since=clock.now(),
        due_on=clock.today() + timedelta(days=30),
        applied_at=clock.now(),
        place="on_site",
        review_from=clock.today(),
        review_until=clock.today() + timedelta(days=10),
    )
    session.add(case)
    session.flush()
    return case.id


def make_review(
    session: Session, clock: FixedClock, *, state: str = "reviewing", declared: bool = True, locale: str = "en"
) -> Review:
    """A case that has come as far as `state`: accepted, planned or reviewing; the steps are really taken."""
    client_owner = make_user(session, name="王建国", locale=locale)
    client = make_enterprise(session, client_owner, clock)
    client_id = client.id
    with for_tenant(session, client_id):
        assessment = make_result(session, client, clock)
    body, manager = make_review_body(session, clock)
    body_id = body.id
    lead = make_reviewer(session, body, clock, name="赵评审", locale=locale)
    reviewer = make_reviewer(session, body, clock, name="钱评审", locale=locale)
    decider = make_reviewer(session, body, clock, name="李决定", role="signatory", locale=locale)
    with for_tenant(session, client_id):
        case_id = make_case_row(session, client, body, assessment, clock)
        assessment_id = assessment.id
    if state != "accepted":
        _staff(session, case_id, body_id, (lead, reviewer, decider), manager, clock)
        if declared:
            _declare(session, case_id, client_id, clock)
        with for_tenant(session, body_id):
            move(session, case_for(session, case_id, body_id), "plan", actor(manager, body_id), clock)
    if state == "reviewing":
        with for_tenant(session, client_id):
            move(session, case_for(session, case_id, client_id), "begin", actor(lead, body_id), clock)
    return Review(case_id, client_id, body_id, assessment_id, client_owner, manager, lead, reviewer, decider)


def _staff(
    session: Session,
    case_id: uuid.UUID,
    body_id: uuid.UUID,
    people: tuple[User, User, User],
    manager: User,
    clock: FixedClock,
) -> None:
    """Team and sample."""
    with for_tenant(session, body_id):
        case = case_for(session, case_id, body_id)
        for user, part in zip(people, ("lead", "reviewer", "decider"), strict=True):
            assign(session, case, user.id, part, actor(manager, body_id), clock)
        record_seed(session, case, actor(manager, body_id), clock)
        draw(session, case, actor(manager, body_id), clock)


def _declare(session: Session, case_id: uuid.UUID, client_id: uuid.UUID, clock: FixedClock) -> None:
    with for_tenant(session, client_id):
        case = case_for(session, case_id, client_id)
        for row in session.scalars(select(ReviewAssignment).where(ReviewAssignment.case_id == case_id)):
            declare_independence(session, case, row, INDEPENDENT, clock)


def open_file(session: Session, review: Review, user: User, clock: FixedClock) -> ReviewFile:
    """The file as somebody with a part in the case opens it; the session must work for the enterprise."""
    with outside(session):
        access = open_tenant(session, review.client_id, user.id, clock)
    return open_review(session, access, review.case_id, clock)


def judge_all(session: Session, review: Review, clock: FixedClock, **other: Verdict) -> None:
    """Confirm the whole sample but for the questions named, which get the verdict given."""
    with for_tenant(session, review.client_id):
        opened = open_file(session, review, review.lead, clock)
        lead = actor(review.lead, review.body_id)
        for name in opened.items:
            judge(session, opened, name, other.get(name, CONFIRMED), lead, clock)


def rows_of(session: Session, review: Review, clock: FixedClock) -> dict[str, uuid.UUID]:
    """A row of each kind that addresses of reviewing name, by that name: one finding is drafted for it."""
    with for_tenant(session, review.client_id):
        opened = open_file(session, review, review.lead, clock)
        given = FindingText("minor", "台账缺三个月", None)
        finding = add_finding(session, opened, given, actor(review.lead, review.body_id), clock)
        found = {"case_id": review.case_id, "finding_id": finding.id, "assignment_id": opened.assignment.id}
    with for_tenant(session, review.body_id):
        held = ReviewerQualification.user_id == review.lead.id
        found["qualification_id"] = session.scalars(select(ReviewerQualification.id).where(held)).one()
    return found
