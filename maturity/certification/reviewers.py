"""The reviewers of a certification body: what each may review, until when, and which interests they declared."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from maturity.accounts.models import User
from maturity.audit.service import record
from maturity.audit.vocabulary import Personal, subject_of_user
from maturity.certification.models import ReviewerInterest, ReviewerQualification
from maturity.clock import Clock
from maturity.db import for_tenant
from maturity.errors import Conflict, Invalid, NotFound
from maturity.reference.industries import division_of
from maturity.tenancy.models import Membership
from maturity.tenancy.permissions import Permission, permissions_of

KIND = "certification_body"


@dataclass(frozen=True, slots=True)
class Qualification:
    """What is entered about a reviewer: divisions of industry, frameworks, highest level, certificate, last day."""

    divisions: tuple[str, ...]
    frameworks: tuple[str, ...]
    highest_level: int
    certificate_number: str
    valid_until: date

    def covers(self, industry: str, framework: str, level: int, on: date) -> bool:
        """
        >>> grade = Qualification(("34",), ("lianghua",), 3, "A-1", date(2027, 1, 1))
        >>> grade.covers("342", "lianghua", 3, date(2027, 1, 1)), grade.covers("342", "lianghua", 4, date(2026, 1, 1))
        (True, False)
        """
        return (
            division_of(industry) in self.divisions
            and framework in self.frameworks
            and level <= self.highest_level
            and on <= self.valid_until
        )


@dataclass(frozen=True, slots=True)
class Reviewer:
    """Somebody of the body who may review or decide, with the qualifications in force and those that are over."""

    user_id: int
    name: str
    role: str
    qualifications: tuple[ReviewerQualification, ...]

    @property
    def reviews(self) -> bool:
        return _may(self.role, Permission.CASE_REVIEW)

    @property
    def decides(self) -> bool:
        return _may(self.role, Permission.CASE_DECIDE)

    def in_force(self, on: date) -> tuple[ReviewerQualification, ...]:
        return tuple(row for row in self.qualifications if row.withdrawn_at is None and on <= row.valid_until)


def _may(role: str, permission: Permission) -> bool:
    return permission in permissions_of(role, is_synthetic=False, kind=KIND)


def as_qualification(row: ReviewerQualification) -> Qualification:
    return Qualification(
        tuple(row.divisions), tuple(row.frameworks), row.highest_level, row.certificate_number, row.valid_until
    )


def reviewers_of(session: Session, body_id: uuid.UUID) -> list[Reviewer]:
    """Everybody of the body who may review or decide, by name; the session works for the body."""
    query = (
        select(User, Membership.role)
        .join(Membership, Membership.user_id == User.id)
        .where(Membership.tenant_id == body_id, Membership.ended_at.is_(None))
    )
    people = [(user, role) for user, role in session.execute(query) if _has_a_part(role)]
    held = _qualifications(session, body_id)
    found = [Reviewer(user.id, user.name or user.contact, role, tuple(held[user.id])) for user, role in people]
    return sorted(found, key=lambda item: (item.name, item.user_id))


def _has_a_part(role: str) -> bool:
    return _may(role, Permission.CASE_REVIEW) or _may(role, Permission.CASE_DECIDE)


def _qualifications(session: Session, body_id: uuid.UUID) -> Mapping[int, list[ReviewerQualification]]:
    query = select(ReviewerQualification).where(ReviewerQualification.tenant_id == body_id)
    held: dict[int, list[ReviewerQualification]] = defaultdict(list)
    for row in session.scalars(query.order_by(ReviewerQualification.valid_until.desc(), ReviewerQualification.id)):
        held[row.user_id].append(row)
    return held


def find_reviewer(session: Session, body_id: uuid.UUID, user_id: int) -> Reviewer:
    found = next((item for item in reviewers_of(session, body_id) if item.user_id == user_id), None)
    if found is None:
        raise NotFound("reviewer")
    return found


def add_qualification(
    session: Session, body_id: uuid.UUID, user_id: int, given: Qualification, *, actor_id: int | None, clock: Clock
) -> ReviewerQualification:
    """Enter what a reviewer may review; it must last at least until today."""
    reviewer = find_reviewer(session, body_id, user_id)
    if given.valid_until < clock.today():
        raise Invalid("qualification_over")
    row = ReviewerQualification(
        id=uuid.uuid4(),
        tenant_id=body_id,
        user_id=user_id,
        divisions=sorted(given.divisions),
        frameworks=sorted(given.frameworks),
        highest_level=given.highest_level,
        certificate_number=given.certificate_number,
        valid_until=given.valid_until,
        recorded_by=actor_id,
        recorded_at=clock.now(),
    )
    session.add(row)
    who: dict[str, str | Personal] = {
        "user_id": str(user_id),
        "name": Personal(subject_of_user(user_id), reviewer.name),
    }
    what: dict[str, str | date] = {"number": given.certificate_number, "until": given.valid_until}
    record(session, clock, "reviewer.qualified", actor_id, body_id, **who, **what)
    session.flush()
    return row


def withdraw_qualification(
    session: Session, body_id: uuid.UUID, qualification_id: uuid.UUID, *, actor_id: int | None, clock: Clock
) -> None:
    """What was wrong or is not held any more ends now; withdrawn twice, the first time counts."""
    row = session.scalar(
        select(ReviewerQualification).where(
            ReviewerQualification.id == qualification_id, ReviewerQualification.tenant_id == body_id
        )
    )
    if row is None:
        raise NotFound("qualification")
    if row.withdrawn_at is not None:
        raise Conflict("qualification_withdrawn")
    row.withdrawn_at, row.withdrawn_by = clock.now(), actor_id
    name = session.scalar(select(User.name).where(User.id == row.user_id)) or ""
    who: dict[str, str | Personal] = {"user_id": str(row.user_id), "name": Personal(subject_of_user(row.user_id), name)}
    record(session, clock, "reviewer.disqualified", actor_id, body_id, **who, number=row.certificate_number)
    session.flush()


def qualified(
    session: Session, body_id: uuid.UUID, user_id: int, industry: str, framework: str, level: int, on: date
) -> Qualification | None:
    """The qualification by which the person may review such a case on the day, the one that lasts longest; or None.

    It may be asked from either side of a case, and looks in the body.
    """
    session.flush()
    with for_tenant(session, body_id):
        query = select(ReviewerQualification).where(
            ReviewerQualification.tenant_id == body_id,
            ReviewerQualification.user_id == user_id,
            ReviewerQualification.withdrawn_at.is_(None),
        )
        held = [as_qualification(row) for row in session.scalars(query)]
    fitting = [item for item in held if item.covers(industry, framework, level, on)]
    return max(fitting, key=lambda item: item.valid_until, default=None)


# Interests


@dataclass(frozen=True, slots=True)
class Interest:
    """A declared interest in an enterprise: of a person, or of the body where `user_id` is None."""

    user_id: int | None
    uscc: str
    enterprise: str
    kind: str
    note: str = ""
    until: date | None = None


def interests_of(session: Session, body_id: uuid.UUID, user_id: int | None = None) -> list[ReviewerInterest]:
    """What was declared in the body, the latest first; of one person with what the body declared for itself."""
    query = select(ReviewerInterest).where(ReviewerInterest.tenant_id == body_id)
    if user_id is not None:
        query = query.where((ReviewerInterest.user_id == user_id) | ReviewerInterest.user_id.is_(None))
    return list(session.scalars(query.order_by(ReviewerInterest.declared_at.desc(), ReviewerInterest.id)))


def declare_interest(
    session: Session, body_id: uuid.UUID, given: Interest, *, actor_id: int | None, clock: Clock
) -> ReviewerInterest:
    """A declaration stands once it is made: nothing takes it back but its last day and the years after it."""
    if given.user_id is not None:
        find_reviewer(session, body_id, given.user_id)
    row = ReviewerInterest(
        id=uuid.uuid4(),
        tenant_id=body_id,
        user_id=given.user_id,
        uscc=given.uscc,
        enterprise=given.enterprise,
        kind=given.kind,
        note=given.note,
        until=given.until,
        declared_by=actor_id,
        declared_at=clock.now(),
    )
    session.add(row)
    record(session, clock, "reviewer.interest_declared", actor_id, body_id, enterprise=given.enterprise)
    session.flush()
    return row
