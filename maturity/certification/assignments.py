"""Who has a part in a case: lead, reviewers, decider. Assigning asks for qualification and conflicts of interest.

An assignment opens the file of the case in the enterprise that applied, and nothing before its person has declared in
words to be independent of it.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from maturity.audit.service import record
from maturity.audit.vocabulary import Personal, subject_of_user
from maturity.certification import conflicts as interests
from maturity.certification.cases import Actor, assignments_of
from maturity.certification.models import CertificationCase, IndependenceDeclaration
from maturity.certification.reviewers import find_reviewer, qualified
from maturity.clock import Clock
from maturity.db import for_tenant
from maturity.errors import Conflict, Invalid, NotFound
from maturity.tenancy.models import ReviewAssignment

PARTS = ("lead", "reviewer", "decider")
#: In these the team may still change; who decides may be named until it is decided.
OPEN_TO_REVIEWERS = ("accepted", "planned", "reviewing", "correcting")
OPEN_TO_DECIDERS = (*OPEN_TO_REVIEWERS, "recommended")


class Conflicted(Conflict):
    """The person, or the whole body, has an interest in the enterprise; the caller puts the refusal on record."""

    def __init__(self, found: Sequence[interests.Conflict], user_id: int | None, user_name: str | None) -> None:
        super().__init__("reviewer_conflicted")
        self.found = tuple(found)
        self.user_id = user_id
        self.user_name = user_name


def require_unconflicted(
    session: Session, case: CertificationCase, user_id: int | None, user_name: str | None, clock: Clock
) -> None:
    """`Conflicted` where a tie to the enterprise stands in the way on this day."""
    found = interests.conflicts_of(session, case.body_id, user_id, case.client_id, clock.today())
    if found:
        raise Conflicted(found, user_id, user_name)


def assign(
    session: Session, case: CertificationCase, user_id: int, part: str, actor: Actor, clock: Clock
) -> ReviewAssignment:
    """Give somebody of the body a part in the case; there is one lead, who can be replaced by ending the part first."""
    session.refresh(case, with_for_update=True)
    reviewer = find_reviewer(session, case.body_id, user_id)
    if part not in PARTS:
        raise Invalid("part_unknown")
    _require_open(case, part)
    if not (reviewer.decides if part == "decider" else reviewer.reviews):
        raise Invalid("reviewer_role")
    before = assignments_of(session, case)
    _require_free(before, user_id, part)
    grade = qualified(session, case.body_id, user_id, case.industry, case.framework, case.level_claimed, clock.today())
    if part != "decider" and grade is None:
        raise Invalid("reviewer_unqualified")
    require_unconflicted(session, case, user_id, reviewer.name, clock)
    row = ReviewAssignment(
        id=uuid.uuid4(),
        case_id=case.id,
        tenant_id=case.client_id,
        body_id=case.body_id,
        body_name=case.body_name,
        user_id=user_id,
        user_name=reviewer.name,
        part=part,
        assigned_by=actor.user_id,
        assigned_at=clock.now(),
    )
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError as error:
        raise Conflict("assigned_already") from error
    who: dict[str, str | Personal] = {
        "user_id": str(user_id),
        "name": Personal(subject_of_user(user_id), reviewer.name),
        "part": part,
    }
    _log_both(session, clock, case, "review.assigned", actor.user_id, who)
    return row


def _require_open(case: CertificationCase, part: str) -> None:
    if case.state not in (OPEN_TO_DECIDERS if part == "decider" else OPEN_TO_REVIEWERS):
        raise Conflict("assignments_closed")


def _require_free(before: Sequence[ReviewAssignment], user_id: int, part: str) -> None:
    """Nobody decides on what they reviewed, be it years ago, and nobody has two parts at a time."""
    own = [row for row in before if row.user_id == user_id]
    if any(row.ended_at is None for row in own):
        raise Conflict("assigned_already")
    if part == "decider" and any(row.part != "decider" for row in own):
        raise Conflict("decider_reviewed")
    if part != "decider" and any(row.part == "decider" for row in own):
        raise Conflict("decider_reviewed")
    if part == "lead" and any(row.part == "lead" and row.ended_at is None for row in before):
        raise Conflict("lead_there_already")


def end_assignment(
    session: Session, case: CertificationCase, assignment_id: uuid.UUID, actor: Actor, clock: Clock
) -> None:
    """The part ends and the file closes to the person; what they did stays, and their name with it."""
    row = next((item for item in assignments_of(session, case) if item.id == assignment_id), None)
    if row is None:
        raise NotFound("assignment_of_case")
    if row.ended_at is not None:
        raise Conflict("assignment_over")
    row.ended_at = clock.now()
    who: dict[str, str | Personal] = {
        "user_id": str(row.user_id),
        "name": Personal(subject_of_user(row.user_id), row.user_name),
    }
    _log_both(session, clock, case, "review.unassigned", actor.user_id, who)


def declare_independence(
    session: Session, case: CertificationCase, assignment: ReviewAssignment, text: str, clock: Clock
) -> IndependenceDeclaration:
    """Put on record what the person declared, in the words they were shown; conflicts are looked at once more."""
    require_unconflicted(session, case, assignment.user_id, assignment.user_name, clock)
    if assignment.independent_at is not None:
        raise Conflict("independence_declared")
    assignment.independent_at = clock.now()
    row = IndependenceDeclaration(
        id=uuid.uuid4(),
        case_id=case.id,
        client_id=case.client_id,
        body_id=case.body_id,
        assignment_id=assignment.id,
        user_id=assignment.user_id,
        user_name=assignment.user_name,
        text=text,
        at=clock.now(),
    )
    session.add(row)
    who: dict[str, str | Personal] = {
        "user_id": str(assignment.user_id),
        "name": Personal(subject_of_user(assignment.user_id), assignment.user_name),
    }
    _log_both(session, clock, case, "review.declared_independent", assignment.user_id, who)
    return row


def declarations_of(session: Session, case: CertificationCase) -> list[IndependenceDeclaration]:
    query = select(IndependenceDeclaration).where(
        IndependenceDeclaration.case_id == case.id, IndependenceDeclaration.client_id == case.client_id
    )
    return list(session.scalars(query.order_by(IndependenceDeclaration.at, IndependenceDeclaration.id)))


def _log_both(
    session: Session,
    clock: Clock,
    case: CertificationCase,
    event: str,
    actor_id: int | None,
    who: dict[str, str | Personal],
) -> None:
    """Both sides read who reviews."""
    session.flush()
    sides = ((case.client_id, case.body_name), (case.body_id, case.client_name))
    for tenant_id, other in sides:
        with for_tenant(session, tenant_id):
            record(session, clock, event, actor_id, tenant_id, case_id=str(case.id), other=other, **who)
            session.flush()
