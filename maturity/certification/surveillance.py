"""Yearly surveillance of a certificate: planned with it, done by the body, missed by the clock."""

from __future__ import annotations

import uuid
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from maturity.certificates.models import Certificate
from maturity.certification.cases import Actor, refused, taker_of
from maturity.certification.conflicts import conflicts_of
from maturity.certification.models import Surveillance
from maturity.certification.process import months_after, the_process
from maturity.certification.standing import change_standing, require_side
from maturity.clock import Clock
from maturity.errors import Conflict, Invalid, NotFound

LONGEST_NOTE = 2000


def surveillance_days(issued_on: date, valid_until: date) -> tuple[date, ...]:
    """The last day of each surveillance; the certificate's own last day needs none.

    >>> [day.isoformat() for day in surveillance_days(date(2026, 12, 1), date(2029, 11, 30))]
    ['2027-12-01', '2028-12-01']
    """
    months = the_process().period("surveillance_months")
    days: list[date] = []
    while (day := months_after(issued_on, months * (len(days) + 1))) < valid_until:
        days.append(day)
    return tuple(days)


def plan_surveillance(session: Session, certificate: Certificate) -> list[Surveillance]:
    """A row for each; asked for twice, those that are there stay."""
    there = surveillances_of(session, certificate)
    if there:
        return there
    rows = [
        Surveillance(
            id=uuid.uuid4(),
            certificate_id=certificate.id,
            client_id=certificate.client_id,
            body_id=certificate.body_id,
            number=number,
            due_on=day,
        )
        for number, day in enumerate(surveillance_days(certificate.issued_on, certificate.valid_until), 1)
    ]
    session.add_all(rows)
    session.flush()
    return rows


def surveillances_of(session: Session, certificate: Certificate) -> list[Surveillance]:
    query = select(Surveillance).where(
        Surveillance.certificate_id == certificate.id, Surveillance.body_id == certificate.body_id
    )
    return list(session.scalars(query.order_by(Surveillance.number)))


def next_surveillance(session: Session, certificate: Certificate) -> Surveillance | None:
    """The first that is not done, missed or not."""
    return next((row for row in surveillances_of(session, certificate) if row.done_on is None), None)


def opens_on(surveillance: Surveillance) -> date:
    """The first day on which it may be done."""
    return surveillance.due_on - timedelta(days=the_process().period("surveillance_opens_days"))


def survey(session: Session, surveillance: Surveillance, note: str, actor: Actor, clock: Clock) -> None:
    """Write down what came of a surveillance. It leaves the certificate as it stands: what was suspended is reinstated
    by a step of its own."""
    certificate = _certificate_of(session, surveillance, actor)
    require_side(session, certificate, actor)
    words = note.strip()
    if not words:
        raise Invalid("surveillance_note")
    if len(words) > LONGEST_NOTE:
        raise Invalid("surveillance_note_long")
    session.refresh(surveillance, with_for_update=True)
    if surveillance.done_on is not None:
        raise Conflict("surveillance_done")
    if clock.today() < opens_on(surveillance):
        raise Conflict("surveillance_too_early")
    if taker_of(session, actor).user_id is not None and conflicts_of(
        session, certificate.body_id, actor.user_id, certificate.client_id, clock.today()
    ):
        raise refused("decider_unconflicted", "surveyed")
    surveillance.done_on, surveillance.note = clock.today(), words
    surveillance.done_by, surveillance.done_name = actor.user_id, actor.name or certificate.body_name
    session.flush()
    change_standing(session, certificate, "surveyed", actor, clock, note=words)


def _certificate_of(session: Session, surveillance: Surveillance, actor: Actor) -> Certificate:
    """Of the body that asks."""
    found = session.scalar(
        select(Certificate).where(Certificate.id == surveillance.certificate_id, Certificate.body_id == actor.tenant_id)
    )
    if found is None:
        raise NotFound("certificate")
    return found
