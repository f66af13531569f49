"""Conflicts of interest: who may not review an enterprise, found on the day and refused on the record.

What is looked at lies in several tenants: grants and memberships before a tenant is known, visits and the credit code
in the enterprise, declared interests in the body. This is the one place that looks at all of them; what it gives back
names no other tenant, only what kind of tie there is and until when it lasted.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from maturity.audit.service import record
from maturity.certification.models import CertificationCase, ReviewerInterest, ReviewRefusal
from maturity.certification.process import months_after, the_process
from maturity.clock import LOCAL, Clock
from maturity.db import for_tenant
from maturity.organisations.models import Enterprise
from maturity.tenancy.models import Grant, GrantVisit, Membership
from maturity.tenancy.outside import outside


@dataclass(frozen=True, slots=True)
class Conflict:
    """One tie between a reviewer, or the whole body, and the enterprise; `until` is its last day, if it has one."""

    code: str
    until: date | None = None

    @property
    def is_of_body(self) -> bool:
        """Whether nobody of the body may review, whoever they are."""
        return self.code.startswith("body_")


@dataclass(frozen=True, slots=True)
class _Span:
    """From when until when something held; the end is None while it does."""

    start: date
    end: date | None

    def meets(self, other: _Span) -> bool:
        return (self.end is None or other.start <= self.end) and (other.end is None or self.start <= other.end)

    def reaches(self, since: date) -> bool:
        return self.end is None or self.end >= since


def first_free_day(last: date) -> date:
    """From when on a tie that ended on a day is no conflict any more: the first day that does not look back to it."""
    day = months_after(last, 12 * the_process().period("consulting_free_years"))
    while looked_back_to(day) <= last:
        day += timedelta(days=1)
    return day


def looked_back_to(on: date) -> date:
    """The first day that counts: so many years back, as the process says."""
    return months_after(on, -12 * the_process().period("consulting_free_years"))


def conflicts_of(
    session: Session, body_id: uuid.UUID, user_id: int | None, client_id: uuid.UUID, on: date
) -> tuple[Conflict, ...]:
    """What keeps the body, and the person where one is named, from reviewing the enterprise on the day."""
    since = looked_back_to(on)
    with outside(session):
        grants = _grants_about(session, client_id, since)
        owners = _members(session, Membership.tenant_id == body_id, Membership.role == "owner")
        people = {user_id} if user_id is not None else set()
        people |= {row.user_id for row in owners if row.ended_at is None}
        # what the body itself did is told once, of the body
        elsewhere = Membership.tenant_id != body_id
        ties = _members(session, Membership.user_id.in_(people), elsewhere) if people else []
    found = [*_advised(grants, client_id, body_id)]
    group = _group_of(grants, client_id)
    for member in ties:
        found += _ties(member, grants, client_id, group, since, is_person=member.user_id == user_id)
    found += _visits(session, client_id, user_id, since)
    found += _declared(session, body_id, user_id, client_id, since)
    return _latest(found)


def _latest(found: Sequence[Conflict]) -> tuple[Conflict, ...]:
    """Each kind once, with the tie that lasts longest."""
    kept: dict[str, Conflict] = {}
    for item in found:
        before = kept.get(item.code)
        if before is None or (before.until is not None and (item.until is None or item.until > before.until)):
            kept[item.code] = item
    return tuple(kept.values())


def _grants_about(session: Session, client_id: uuid.UUID, since: date) -> list[Grant]:
    """What the enterprise granted, and what joins it to a group, up and down, as far as it reaches into the years."""
    known, wanted = {client_id}, {client_id}
    found: dict[uuid.UUID, Grant] = {}
    while wanted:
        query = select(Grant).where(or_(Grant.tenant_id.in_(wanted), Grant.consultancy_id.in_(wanted)))
        rows = [row for row in session.scalars(query) if _span(row).reaches(since)]
        found |= {row.id: row for row in rows if row.kind == "affiliation" or row.tenant_id == client_id}
        sides = {side for row in rows if row.kind == "affiliation" for side in (row.tenant_id, row.consultancy_id)}
        wanted = sides - known
        known |= sides
    return list(found.values())


def _span(grant: Grant) -> _Span:
    end = grant.until if grant.revoked_at is None else min(grant.until, _day(grant.revoked_at))
    return _Span(_day(grant.given_at), end)


def _day(instant: datetime) -> date:
    return instant.astimezone(LOCAL).date()


def _group_of(grants: Sequence[Grant], client_id: uuid.UUID) -> frozenset[uuid.UUID]:
    sides = {side for row in grants if row.kind == "affiliation" for side in (row.tenant_id, row.consultancy_id)}
    return frozenset(sides - {client_id})


def _members(session: Session, *where: object) -> list[Membership]:
    return list(session.scalars(select(Membership).where(*where)))  # type: ignore[arg-type]  # clauses of a query


def _advised(grants: Sequence[Grant], client_id: uuid.UUID, body_id: uuid.UUID) -> list[Conflict]:
    return [
        Conflict("body_consulted", _span(row).end)
        for row in grants
        if row.tenant_id == client_id and row.consultancy_id == body_id
    ]


def _ties(
    member: Membership,
    grants: Sequence[Grant],
    client_id: uuid.UUID,
    group: frozenset[uuid.UUID],
    since: date,
    *,
    is_person: bool,
) -> list[Conflict]:
    """What one membership comes to: of the person themself, or of somebody who owns the body."""
    span = _Span(_day(member.created_at), _day(member.ended_at) if member.ended_at else None)
    if not span.reaches(since):
        return []
    own: list[Conflict] = []
    if member.tenant_id == client_id:
        own = [Conflict("belonged", span.end)]
    elif member.tenant_id in group:
        own = [Conflict("group", span.end)]
    else:
        for row in grants:
            held = _span(row)
            if row.kind == "consulting" and row.consultancy_id == member.tenant_id and held.meets(span):
                own.append(Conflict("consulted", min(filter(None, (held.end, span.end)), default=None)))
    return own if is_person else [Conflict("body_linked", item.until) for item in own]


def _visits(session: Session, client_id: uuid.UUID, user_id: int | None, since: date) -> list[Conflict]:
    """Whoever was in the enterprise by a grant has advised it, whatever became of their membership since."""
    if user_id is None:
        return []
    with for_tenant(session, client_id):
        query = select(GrantVisit.last_at).where(GrantVisit.tenant_id == client_id, GrantVisit.user_id == user_id)
        days = [_day(instant) for instant in session.scalars(query)]
    return [Conflict("consulted", day) for day in days if day >= since]


def _declared(
    session: Session, body_id: uuid.UUID, user_id: int | None, client_id: uuid.UUID, since: date
) -> list[Conflict]:
    with for_tenant(session, client_id):
        uscc = session.scalar(select(Enterprise.uscc).where(Enterprise.tenant_id == client_id))
    with for_tenant(session, body_id):
        query = select(ReviewerInterest).where(ReviewerInterest.tenant_id == body_id, ReviewerInterest.uscc == uscc)
        rows = list(session.scalars(query))
    return [
        Conflict("declared" if row.user_id is not None else "body_declared", row.until)
        for row in rows
        if row.user_id in (None, user_id) and (row.until is None or row.until >= since)
    ]


def refuse_conflicted(
    session: Session,
    case: CertificationCase,
    user_id: int | None,
    user_name: str | None,
    conflicts: Sequence[Conflict],
    stage: str,
    *,
    actor_id: int | None,
    clock: Clock,
) -> None:
    """Put the refusal on record in the body, and into both logs. Whoever calls this keeps it, come what may."""
    body_id, client_id, case_id = case.body_id, case.client_id, case.id
    client_name, body_name = case.client_name, case.body_name
    session.flush()
    with for_tenant(session, body_id):
        for item in conflicts:
            session.add(
                ReviewRefusal(
                    id=uuid.uuid4(),
                    tenant_id=body_id,
                    case_id=case_id,
                    client_name=client_name,
                    user_id=user_id,
                    user_name=user_name,
                    stage=stage,
                    code=item.code,
                    until=item.until,
                    refused_by=actor_id,
                    at=clock.now(),
                )
            )
            record(
                session,
                clock,
                "review.refused",
                actor_id,
                body_id,
                case_id=str(case_id),
                other=client_name,
                conflict=item.code,
            )
        session.flush()
    with for_tenant(session, client_id):
        for item in conflicts:
            record(
                session,
                clock,
                "review.refused",
                actor_id,
                client_id,
                case_id=str(case_id),
                other=body_name,
                conflict=item.code,
            )
        session.flush()


def refusals_of(session: Session, body_id: uuid.UUID, case_id: uuid.UUID | None = None) -> list[ReviewRefusal]:
    """What was refused in the body, the latest first; of one case, or of all."""
    query = select(ReviewRefusal).where(ReviewRefusal.tenant_id == body_id)
    if case_id is not None:
        query = query.where(ReviewRefusal.case_id == case_id)
    return list(session.scalars(query.order_by(ReviewRefusal.at.desc(), ReviewRefusal.id)))
