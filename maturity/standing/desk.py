"""The operator's desk: objections of all enterprises, and what is answered.

What concerns several tenants is found with the operator's few columns; an objection is changed while working for its
tenant, whose log tells of it.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from maturity.accounts.models import User
from maturity.accounts.service import name_of
from maturity.audit.service import record
from maturity.benchmarks.models import BenchmarkRelease
from maturity.clock import Clock
from maturity.db import every_tenant, for_tenant
from maturity.errors import Conflict, Invalid, NotFound
from maturity.organisations.models import Enterprise
from maturity.standing.letters import write_to_enterprise
from maturity.standing.models import Objection
from maturity.standing.objections import SHOWN


@dataclass(frozen=True, slots=True)
class Line:
    objection: Objection
    enterprise: str
    release: BenchmarkRelease

    def is_late(self, today: date) -> bool:
        return self.objection.state == "open" and self.objection.due_on < today


@dataclass(frozen=True, slots=True)
class File:
    """Everything about one objection, and the corrections that it may have led to."""

    line: Line
    raised_by: str | None
    answered_by: str | None
    corrections: tuple[BenchmarkRelease, ...]


def desk_of(session: Session, state: str = "") -> list[Line]:
    """All enterprises' objections, those due first; of one state where it is given."""
    query = _lines().order_by(Objection.state != "open", Objection.due_on, Objection.id).limit(SHOWN)
    if state:
        query = query.where(Objection.state == state)
    with every_tenant(session, "operate"):
        return [Line(*row) for row in session.execute(query).tuples()]


def _lines() -> Any:
    return (
        select(Objection, Enterprise.name, BenchmarkRelease)
        .join(Enterprise, Enterprise.tenant_id == Objection.tenant_id)
        .join(BenchmarkRelease, BenchmarkRelease.id == Objection.release_id)
    )


def file_of(session: Session, objection_id: uuid.UUID) -> File:
    with every_tenant(session, "operate"):
        row = session.execute(_lines().where(Objection.id == objection_id)).tuples().first()
        if row is None:
            raise NotFound("objection")
        line = Line(*row)
        people = [line.objection.raised_by, line.objection.answered_by]
        raised_by, answered_by = (name_of(session, person) if person else None for person in people)
        return File(line, raised_by, answered_by, corrections_of(session, line.release))


def corrections_of(session: Session, release: BenchmarkRelease) -> tuple[BenchmarkRelease, ...]:
    """The published releases that correct it, or correct its correction."""
    found: list[BenchmarkRelease] = []
    wanted = {release.id}
    while wanted:
        query = select(BenchmarkRelease).where(
            BenchmarkRelease.replaces_id.in_(wanted), BenchmarkRelease.state == "published"
        )
        replacing = list(session.scalars(query.order_by(BenchmarkRelease.id)))
        found += replacing
        wanted = {one.id for one in replacing}
    return tuple(found)


@contextmanager
def _held(session: Session, objection_id: uuid.UUID) -> Iterator[Objection]:
    """The objection, held until the transaction ends, with the session working for its tenant."""
    with every_tenant(session, "operate"):
        tenant_id = session.scalar(select(Objection.tenant_id).where(Objection.id == objection_id))
    if tenant_id is None:
        raise NotFound("objection")
    query = select(Objection).where(Objection.id == objection_id).with_for_update()
    with for_tenant(session, tenant_id):
        yield session.scalars(query.execution_options(populate_existing=True)).one()


def answer_objection(
    session: Session, objection_id: uuid.UUID, finding: str, answer: str, *, actor_id: int, clock: Clock
) -> None:
    """Say what was found; the enterprise gets it by letter, and its log says so."""
    with _held(session, objection_id) as objection:
        if objection.state != "open":
            raise Conflict("objection_over")
        objection.state, objection.finding, objection.answer = "answered", finding, answer.strip()
        objection.answered_by, objection.answered_at = actor_id, clock.now()
        details = {"objection_id": str(objection.id), "finding": finding}
        record(session, clock, "objection.answered", actor_id, objection.tenant_id, **details)
        session.flush()
        _write(session, "answered", objection, clock)


def link_correction(
    session: Session, objection_id: uuid.UUID, correction_id: int, *, actor_id: int, clock: Clock
) -> None:
    """Name the release that corrects what was objected to; `Invalid` for one that does not correct that release."""
    with _held(session, objection_id) as objection:
        release = session.get_one(BenchmarkRelease, objection.release_id)
        if correction_id not in {one.id for one in corrections_of(session, release)}:
            raise Invalid("objection_correction")
        if objection.state != "answered" or objection.finding == "unfounded":
            raise Conflict("objection_not_founded")
        objection.correction_id = correction_id
        of = str(objection.id)
        record(
            session, clock, "objection.corrected", actor_id, objection.tenant_id, objection_id=of, release=correction_id
        )
        session.flush()
        _write(session, "corrected", objection, clock)


def _write(session: Session, about: str, objection: Objection, clock: Clock) -> None:
    """To whoever raised it, as long as they have an account."""
    user = session.get(User, objection.raised_by) if objection.raised_by else None
    if user is not None:
        write_to_enterprise(session, about, user, objection, clock)
