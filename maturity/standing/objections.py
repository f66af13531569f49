"""Objecting to a release: what an enterprise raises and takes back.

The rules stand on a public page, written from the constants here.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from maturity.accounts.models import User
from maturity.audit.service import record
from maturity.benchmarks.models import BenchmarkRelease
from maturity.clock import LOCAL, Clock
from maturity.errors import Conflict, Invalid, NotFound
from maturity.jobs.service import ask_for_job
from maturity.standing.letters import write_to_enterprise
from maturity.standing.models import Objection

#: How many working days the operator has for an answer, and before which of them its people are reminded.
ANSWER_WITHIN, REMIND_BEFORE = 15, 3
#: An objection may be raised for so many days after the release was published.
RAISED_WITHIN = timedelta(days=365)
LONGEST_TEXT, LONGEST_ANSWER = 2000, 2000
MOST_OPEN = 5
TELL = "objection_told"
SHOWN = 200


def working_days_after(day: date, count: int) -> date:
    """So many days from Monday to Friday later. Public holidays are not taken off: a promise is no longer for them.

    >>> working_days_after(date(2026, 11, 30), 15), working_days_after(date(2026, 11, 28), 1)
    (datetime.date(2026, 12, 21), datetime.date(2026, 11, 30))
    """
    while count:
        day += timedelta(days=1)
        count -= day.weekday() < 5
    return day


def working_days_before(day: date, count: int) -> date:
    while count:
        day -= timedelta(days=1)
        count -= day.weekday() < 5
    return day


@dataclass(frozen=True, slots=True)
class Raised:
    """What an enterprise writes."""

    release_id: int
    about: str
    text: str
    figure: str = ""
    cell: str = ""


def raise_objection(
    session: Session, tenant_id: uuid.UUID, raised: Raised, *, actor_id: int, clock: Clock
) -> Objection:
    """Put an objection before the operator; `Invalid` for a release that is not published or too old to object to."""
    release = session.get(BenchmarkRelease, raised.release_id)
    if release is None or not can_be_objected_to(release, clock):
        raise Invalid("objection_release")
    if not raised.text.strip():
        raise Invalid("objection_text")
    still_open = select(func.count(Objection.id)).where(Objection.state == "open")
    if (session.scalar(still_open) or 0) >= MOST_OPEN:
        raise Conflict("objections_open")
    objection = Objection(
        id=uuid.uuid4(),
        tenant_id=tenant_id,
        release_id=release.id,
        about=raised.about,
        figure=raised.figure if raised.about == "figure" else "",
        cell=raised.cell,
        text=raised.text.strip(),
        state="open",
        raised_by=actor_id,
        raised_at=clock.now(),
        due_on=working_days_after(clock.today(), ANSWER_WITHIN),
    )
    session.add(objection)
    record(session, clock, "objection.raised", actor_id, tenant_id, objection_id=str(objection.id))
    session.flush()
    write_to_enterprise(session, "received", session.get_one(User, actor_id), objection, clock)
    _tell_the_operator(session, objection, actor_id, clock)
    return objection


def can_be_objected_to(release: BenchmarkRelease, clock: Clock) -> bool:
    return release.published_at is not None and clock.now() <= release.published_at + RAISED_WITHIN


def _tell_the_operator(session: Session, objection: Objection, actor_id: int, clock: Clock) -> None:
    """At once, and again shortly before the day; the worker does it, who knows the operator's people."""
    reminder = working_days_before(objection.due_on, REMIND_BEFORE)
    for key, due_at in (
        (f"{objection.id}:raised", None),
        (f"{objection.id}:due", datetime.combine(reminder, time(9), tzinfo=LOCAL)),
    ):
        payload = {"objection_id": str(objection.id)}
        ask_for_job(session, objection.tenant_id, TELL, key, payload, actor_id=actor_id, clock=clock, due_at=due_at)


def objections_of(session: Session) -> list[Objection]:
    """Those of the session's tenant, the open ones first, then the latest."""
    order = (Objection.state != "open", Objection.raised_at.desc(), Objection.id)
    return list(session.scalars(select(Objection).order_by(*order).limit(SHOWN)))


def withdraw_objection(session: Session, objection_id: uuid.UUID, *, actor_id: int, clock: Clock) -> None:
    """Take an open objection back. The session works for its tenant."""
    query = select(Objection).where(Objection.id == objection_id).with_for_update()
    objection = session.scalar(query)
    if objection is None:
        raise NotFound("objection")
    if objection.state != "open":
        raise Conflict("objection_over")
    objection.state, objection.withdrawn_at = "withdrawn", clock.now()
    record(session, clock, "objection.withdrawn", actor_id, objection.tenant_id, objection_id=str(objection.id))
    session.flush()
