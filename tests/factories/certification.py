"""Cases of certification at every stage, and certificates in every standing.

The steps are really taken, by people who may take them; only certificates are rows as issuing leaves them.
"""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from maturity.accounts.models import User
from maturity.assessments.models import Assessment, Submission
from maturity.certificates.models import Certificate
from maturity.certificates.numbering import new_number
from maturity.certification.answers import answer_finding
from maturity.certification.application import apply_for
from maturity.certification.assignments import assign, declare_independence
from maturity.certification.cases import Actor, case_for, findings_of, move
from maturity.certification.models import CaseItem, CertificationCase, Complaint, Finding
from maturity.certification.planning import Plan, set_plan
from maturity.certification.process import months_after
from maturity.clock import FixedClock
from maturity.db import for_tenant
from maturity.editions.service import canonical, digest
from maturity.organisations.models import Enterprise
from maturity.reviewing.drawing import draw, record_seed
from maturity.tenancy.models import ReviewAssignment, Tenant
from tests.factories.assessments import PERIOD, make_result
from tests.factories.certification_review import (
    INDEPENDENT,
    Review,
    make_case_row,
    make_review_body,
    make_reviewer,
)
from tests.factories.credentials import make_credential
from tests.factories.enterprises import USCC, VALUES, make_enterprise
from tests.factories.people import make_user

SCOPE = "数控机床的设计、制造与服务；青岛厂区"
#: The stages on the straight way; what comes after each is a step of the one before.
STAGES = ("applied", "accepted", "planned", "reviewing", "recommended", "certified")


@dataclass(frozen=True, slots=True)
class Made:
    """A case with everybody who has to do with it, as ids and names: reading an attribute begins no transaction."""

    case_id: uuid.UUID
    client_id: uuid.UUID
    body_id: uuid.UUID
    submission_id: uuid.UUID
    owner: Actor
    manager: Actor
    lead: Actor
    reviewer: Actor
    decider: Actor
    second: Actor

    def case(self, session: Session) -> CertificationCase:
        return case_for(session, self.case_id, self.client_id)


def of_body(user: User, body_id: uuid.UUID) -> Actor:
    return Actor(user.id, user.name, "body", body_id)


def of_enterprise(user: User, client_id: uuid.UUID) -> Actor:
    return Actor(user.id, user.name, "enterprise", client_id)


def make_body(session: Session, clock: FixedClock, name: str = "齐鲁认证中心") -> tuple[Tenant, User]:
    """A recognised body with an owner who manages its cases."""
    return make_review_body(session, clock, name)


def make_applicant(
    session: Session, clock: FixedClock, *, claimed: bool = True, **values: Any
) -> tuple[Tenant, User, uuid.UUID]:
    """An enterprise with a submitted assessment that may be brought before a body."""
    owner = make_user(session, name="王建国")
    client = make_enterprise(session, owner, clock, **values)
    client_id = client.id
    with for_tenant(session, client_id):
        if claimed:
            session.scalars(select(Enterprise)).one().claimed_at = clock.now()
        assessment = make_result(session, client, clock)
        query = select(Submission.id).where(Submission.assessment_id == assessment.id)
        submission_id = session.scalars(query).one()
    return client, owner, submission_id


def apply(
    session: Session,
    client: Tenant,
    owner: User,
    submission_id: uuid.UUID,
    body_id: uuid.UUID,
    clock: FixedClock,
    **changes: Any,
) -> CertificationCase:
    with for_tenant(session, client.id):
        return apply_for(
            session,
            client,
            submission_id,
            body_id,
            changes.pop("scope", SCOPE),
            changes.pop("actor", None) or of_enterprise(owner, client.id),
            clock,
            **changes,
        )


def make_case(session: Session, clock: FixedClock, state: str = "applied", **values: Any) -> Made:
    """A case that has come as far as `state`, one of `STAGES`, `correcting` or `refused`; every step really taken.

    `values` are particulars of the enterprise, such as another credit code where a test makes two.
    """
    client, owner, submission_id = make_applicant(session, clock, **values)
    body, manager = make_body(session, clock)
    body_id = body.id
    lead = make_reviewer(session, body, clock, name="赵评审")
    reviewer = make_reviewer(session, body, clock, name="钱评审")
    decider = make_reviewer(session, body, clock, name="李决定", role="signatory")
    second = make_reviewer(session, body, clock, name="周决定", role="signatory")
    case = apply(session, client, owner, submission_id, body_id, clock)
    made = Made(
        case.id,
        client.id,
        body_id,
        submission_id,
        of_enterprise(owner, client.id),
        *(of_body(user, body_id) for user in (manager, lead, reviewer, decider, second)),
    )
    bring_to(session, made, state, clock)
    return made


def bring_to(session: Session, made: Made, state: str, clock: FixedClock) -> None:
    """Take the steps that lead there from an application."""
    if state == "applied":
        return
    step(session, made, "accept", made.manager, clock)
    if state == "accepted":
        return
    staff(session, made, clock)
    step(session, made, "plan", made.manager, clock)
    if state == "planned":
        return
    step(session, made, "begin", made.lead, clock)
    if state == "reviewing":
        return
    if state == "correcting":
        write_finding(session, made, clock)
        step(session, made, "send_letter", made.lead, clock)
        return
    judge_all(session, made, clock)
    step(session, made, "recommend", made.lead, clock, reason="refuse" if state == "refused" else "certify")
    if state == "refused":
        step(session, made, "decide_refuse", made.decider, clock, note="Too much was not evidenced.")
    elif state == "certified":
        step(session, made, "decide_certify", made.decider, clock)


def step(session: Session, made: Made, event: str, actor: Actor, clock: FixedClock, **said: Any) -> None:
    with for_tenant(session, actor.tenant_id or made.client_id):
        move(session, made.case(session), event, actor, clock, **said)


def staff(session: Session, made: Made, clock: FixedClock, *, parts: Iterable[str] = ("lead", "reviewer")) -> None:
    """Team, days and sample, as the body plans them; whoever has a part declares to be independent."""
    with for_tenant(session, made.body_id):
        case = case_for(session, made.case_id, made.body_id)
        people = {"lead": made.lead, "reviewer": made.reviewer, "decider": made.decider}
        for part in parts:
            assign(session, case, people[part].user_id or 0, part, made.manager, clock)
        first = clock.today() + timedelta(days=3)
        set_plan(session, case, Plan("on_site", first, first + timedelta(days=4)), made.manager, clock)
        record_seed(session, case, made.manager, clock)
        draw(session, case, made.manager, clock)
    with for_tenant(session, made.client_id):
        rows = select(ReviewAssignment).where(ReviewAssignment.case_id == made.case_id)
        for row in session.scalars(rows):
            if row.independent_at is None and row.ended_at is None:
                declare_independence(session, made.case(session), row, INDEPENDENT, clock)


def judge_all(session: Session, made: Made, clock: FixedClock) -> None:
    """Every answer of the sample confirmed, and the result frozen as it was submitted."""
    with for_tenant(session, made.client_id):
        case = made.case(session)
        for item in session.scalars(select(CaseItem).where(CaseItem.case_id == case.id)):
            item.verdict, item.judged_by, item.judged_name = "confirmed", made.lead.user_id, made.lead.name
            item.judged_at = clock.now()
        submission = session.get_one(Submission, made.submission_id)
        case.reviewed_document, case.reviewed_sha256 = submission.document, submission.sha256
        case.level_reviewed, case.weight_reviewed = submission.level, Decimal("41.50")
        session.flush()


def write_finding(session: Session, made: Made, clock: FixedClock, grade: str = "major") -> uuid.UUID:
    """A draft that the next letter carries."""
    with for_tenant(session, made.body_id):
        case = case_for(session, made.case_id, made.body_id)
        row = Finding(
            id=uuid.uuid4(),
            case_id=case.id,
            client_id=case.client_id,
            body_id=case.body_id,
            number=len(findings_of(session, case, drafts=True)) + 1,
            grade=grade,
            text="No inventory of key processes was shown.",
            state="draft",
            raised_by=made.lead.user_id,
            raised_name=made.lead.name or "",
            raised_at=clock.now(),
        )
        session.add(row)
        session.flush()
        return row.id


def answer_findings(session: Session, made: Made, clock: FixedClock) -> None:
    with for_tenant(session, made.client_id):
        case = made.case(session)
        for row in findings_of(session, case):
            answer_finding(session, case, row, "The inventory is attached as evidence.", made.owner, clock)


def close_findings(session: Session, made: Made, clock: FixedClock) -> None:
    with for_tenant(session, made.body_id):
        for row in findings_of(session, case_for(session, made.case_id, made.body_id)):
            row.state, row.closed_at, row.closed_by, row.closing = "closed", clock.now(), made.lead.user_id, "Seen."
        session.flush()


def make_complaint(session: Session, review: Review | Made, kind: str, clock: FixedClock) -> uuid.UUID:
    """An appeal or complaint that waits for its answer, as a row."""
    row = Complaint(
        id=uuid.uuid4(),
        case_id=review.case_id,
        client_id=review.client_id,
        body_id=review.body_id,
        kind=kind,
        text="The evidence was there, in the annex.",
        due_on=clock.today() + timedelta(days=30),
        made_name="王建国",
        made_at=clock.now(),
    )
    session.add(row)
    session.flush()
    return row.id


def rows_of_enterprise(
    session: Session, tenant: Tenant, assessment: Assessment, clock: FixedClock
) -> dict[str, uuid.UUID]:
    """A row of each kind that an enterprise's addresses name: a case that is being corrected, with its finding, and a
    certificate with its credential."""
    body, _manager = make_review_body(session, clock)
    case = session.get_one(CertificationCase, make_case_row(session, tenant, body, assessment, clock))
    case.state = "correcting"
    finding = Finding(
        id=uuid.uuid4(),
        case_id=case.id,
        client_id=case.client_id,
        body_id=case.body_id,
        number=1,
        grade="minor",
        text="No inventory of key processes was shown.",
        state="open",
        due_on=clock.today() + timedelta(days=30),
        raised_name="赵评审",
        raised_at=clock.now(),
    )
    session.add(finding)
    session.flush()
    certificate = make_credential(session, tenant, clock)
    return {"case_id": case.id, "finding_id": finding.id, "certificate_id": certificate.id}


# Certificates


def make_certificate(
    session: Session,
    client_id: uuid.UUID,
    body_id: uuid.UUID,
    clock: FixedClock,
    *,
    status: str = "valid",
    issued_on: date | None = None,
    **changes: Any,
) -> Certificate:
    """A row as issuing leaves it, in any standing; `changes` by column."""
    day = issued_on or clock.today()
    payload = canonical({"format": "maturity-certificate/1", "number": (number := new_number(secrets.randbelow))})
    values: dict[str, Any] = {
        "id": uuid.uuid4(),
        "number": number,
        "client_id": client_id,
        "body_id": body_id,
        "case_id": uuid.uuid4(),
        "status": status,
        "status_since": clock.now(),
        "payload": payload.decode(),
        "payload_sha256": digest(payload),
        "holder": VALUES["name"],
        "uscc": USCC,
        "body_name": "齐鲁认证中心",
        "industry": "342",
        "region": "370200",
        "framework": "lianghua",
        "edition": "2026.1",
        "period": PERIOD,
        "level": 3,
        "score": Decimal("61.20"),
        "issued_on": day,
        "valid_until": months_after(day, 36) - timedelta(days=1),
        "first_issued_on": day,
        "pdf_sha256": None if status == "issuing" else "0" * 64,
        "pdf_size": None if status == "issuing" else 1,
        "shows": [],
    }
    certificate = Certificate(**(values | changes))
    session.add(certificate)
    session.flush()
    return certificate


@dataclass(frozen=True, slots=True)
class Held:
    """A certificate with its holder and the body that watches over it."""

    certificate_id: uuid.UUID
    client: Tenant
    body_id: uuid.UUID
    owner: Actor
    manager: Actor
    viewer: Actor

    def certificate(self, session: Session) -> Certificate:
        return session.get_one(Certificate, self.certificate_id)


def make_held(session: Session, clock: FixedClock, **changes: Any) -> Held:
    """An enterprise without any assessment that holds a certificate."""
    owner = make_user(session, name="王建国")
    client = make_enterprise(session, owner, clock)
    client_id = client.id
    body, manager = make_body(session, clock)
    viewer = make_reviewer(session, body, clock, name="周看看", role="viewer")
    certificate = make_certificate(session, client_id, body.id, clock, **changes)
    actors = (of_enterprise(owner, client_id), of_body(manager, body.id), of_body(viewer, body.id))
    return Held(certificate.id, client, body.id, *actors)
