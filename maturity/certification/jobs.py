"""The clock of certification: once a day it does what the days of the process ask for.

It looks at what stands today and not at what happened since yesterday, so days on which nothing ran are caught up with,
and doing it twice does nothing the second time. Each case and each certificate is a transaction of its own: one that
fails is logged and keeps none of the others from moving.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from datetime import time as time_of_day

from flask import Flask
from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from maturity.certificates.models import Certificate
from maturity.certification import letters, process
from maturity.certification.cases import CLOCK, facts_of, move
from maturity.certification.models import OVER, CertificationCase, CertificationReminder, Complaint, Surveillance
from maturity.certification.process import Move, the_process
from maturity.certification.standing import change_standing, ends_by_clock, suspended_until
from maturity.clock import LOCAL, Clock
from maturity.db import every_tenant
from maturity.extensions import db
from maturity.jobs.models import Job
from maturity.jobs.nightly import ask_for_night
from maturity.jobs.worker import Progress, begin_writing

KIND = "certification_clock"
AT_NIGHT = time_of_day(0, 30, tzinfo=LOCAL)
Work = Callable[[Session, uuid.UUID, Clock], None]


class ClockFailed(RuntimeError):
    """Some cases or certificates could not be moved; the job is tried again and looks at them anew."""


def plan_clock(session: Session, clock: Clock) -> None:
    """One job a night, however often it is asked for. The session works across tenants."""
    ask_for_night(session, KIND, AT_NIGHT, clock)


def certification_clock(app: Flask, _job: Job, progress: Progress) -> None:
    """Move what is due, remind of what comes near, and plan the next night."""
    session, clock = db.session(), app.extensions["clock"]
    with every_tenant(session), app.test_request_context():
        begin_writing(session)
        plan_clock(session, clock)
        session.commit()
        failed = turn(app, session, clock, progress)
    if failed:
        raise ClockFailed(f"{failed} not moved")


def turn(app: Flask, session: Session, clock: Clock, progress: Progress) -> int:
    """One turn of the clock over everything that runs; how many could not be moved. It commits one after another."""
    work: list[tuple[Work, uuid.UUID]] = [(turn_case, case_id) for case_id in _running(session)]
    work += [(turn_certificate, certificate_id) for certificate_id in _standing(session)]
    work += [(turn_complaint, complaint_id) for complaint_id in _unanswered(session)]
    failed = 0
    for number, (step, row_id) in enumerate(work, 1):
        begin_writing(session)
        try:
            step(session, row_id, clock)
            session.commit()
        except Exception as error:
            session.rollback()
            failed += 1  # the message may quote what people typed, so only its kind is logged
            app.logger.error("the clock could not move %s: %s", row_id, type(error).__qualname__)
        if number % 100 == 0:
            progress(number, len(work))
    begin_writing(session)
    return failed


def _running(session: Session) -> Sequence[uuid.UUID]:
    query = select(CertificationCase.id).where(CertificationCase.state.not_in(OVER))
    return session.scalars(query.order_by(CertificationCase.due_on, CertificationCase.id)).all()


def _standing(session: Session) -> Sequence[uuid.UUID]:
    query = select(Certificate.id).where(Certificate.status.in_(("valid", "suspended")))
    return session.scalars(query.order_by(Certificate.valid_until, Certificate.id)).all()


def _unanswered(session: Session) -> Sequence[uuid.UUID]:
    query = select(Complaint.id).where(Complaint.outcome.is_(None))
    return session.scalars(query.order_by(Complaint.due_on, Complaint.id)).all()


# Cases


def turn_case(session: Session, case_id: uuid.UUID, clock: Clock) -> None:
    """The step that the days ask for, if there is one; else a reminder."""
    case = session.scalar(select(CertificationCase).where(CertificationCase.id == case_id).with_for_update())
    if case is None or case.is_over:
        return
    for event, reason in process.steps_of_clock(case.state):
        facts = facts_of(session, case, CLOCK, clock, event=event)
        if isinstance(process.apply(facts, event, process.CLOCK, reason=reason), Move):
            move(session, case, event, CLOCK, clock, reason=reason)
            return
    state = the_process().states[case.state]
    if case.due_on is not None:
        near = _Reminding("case", case.id, case.client_id, case.body_id, case.due_on, state.remind)
        if near.is_due(session, clock):
            letters.remind_of_case(session, case, clock)


# Certificates


def turn_certificate(session: Session, certificate_id: uuid.UUID, clock: Clock) -> None:
    """What is over ends; what was missed suspends; of what comes near both sides are reminded."""
    certificate = session.scalar(select(Certificate).where(Certificate.id == certificate_id).with_for_update())
    if certificate is None:
        return
    end = ends_by_clock(certificate, clock.today())
    if end is not None:
        change_standing(session, certificate, end[0], CLOCK, clock, reason=end[1])
        return
    for surveillance in _undone(session, certificate):
        _turn_surveillance(session, certificate, surveillance, clock)
    _remind(session, certificate, clock)


def _undone(session: Session, certificate: Certificate) -> Sequence[Surveillance]:
    query = select(Surveillance).where(
        Surveillance.certificate_id == certificate.id, Surveillance.done_on.is_(None), Surveillance.missed_at.is_(None)
    )
    return session.scalars(query.order_by(Surveillance.number).with_for_update()).all()


def _turn_surveillance(session: Session, certificate: Certificate, surveillance: Surveillance, clock: Clock) -> None:
    if surveillance.due_on < clock.today():
        surveillance.missed_at = clock.now()
        if certificate.status == "valid":
            change_standing(session, certificate, "suspended", CLOCK, clock, reason="surveillance_missed")
        return
    days = the_process().reminders["surveillance"]
    if _of_certificate("surveillance", certificate, surveillance.id, surveillance.due_on, days).is_due(session, clock):
        letters.remind_of_surveillance(session, certificate, surveillance, clock)


def _remind(session: Session, certificate: Certificate, clock: Clock) -> None:
    reminders, last = the_process().reminders, suspended_until(certificate)
    if last is not None:
        near = _of_certificate("suspension", certificate, certificate.id, last, reminders["suspension"])
        if near.is_due(session, clock):
            letters.remind_of_suspension(session, certificate, last, clock)
        return
    near = _of_certificate("expiry", certificate, certificate.id, certificate.valid_until, reminders["expiry"])
    if near.is_due(session, clock):
        letters.remind_of_expiry(session, certificate, clock)


# Appeals and complaints


def turn_complaint(session: Session, complaint_id: uuid.UUID, clock: Clock) -> None:
    """Whoever is to answer is reminded; nothing is answered by itself."""
    row = session.scalar(select(Complaint).where(Complaint.id == complaint_id).with_for_update())
    if row is None or row.outcome is not None:
        return
    days = the_process().reminders["complaint"]
    if _Reminding("complaint", row.id, row.client_id, row.body_id, row.due_on, days).is_due(session, clock):
        letters.remind_of_complaint(session, session.get_one(CertificationCase, row.case_id), row, clock)


# Reminding once


@dataclass(frozen=True, slots=True)
class _Reminding:
    """A last day, and how many days before it people are reminded; negative is after it."""

    subject: str
    subject_id: uuid.UUID
    client_id: uuid.UUID
    body_id: uuid.UUID
    due_on: date
    days: Sequence[int]

    def is_due(self, session: Session, clock: Clock) -> bool:
        """Whether to remind now, noted so that nobody reminds of it again. Several distances that were passed while
        nothing ran make one reminder."""
        passed = [days for days in self.days if clock.today() >= self.due_on - timedelta(days=days)]
        told = set(session.scalars(self._told()))
        new = sorted(set(passed) - told)
        session.add_all(self._rows(new, clock))
        session.flush()
        return bool(new)

    def _told(self) -> Select[tuple[int]]:
        return select(CertificationReminder.days).where(
            CertificationReminder.subject == self.subject,
            CertificationReminder.subject_id == self.subject_id,
            CertificationReminder.due_on == self.due_on,
        )

    def _rows(self, new: Sequence[int], clock: Clock) -> Iterator[CertificationReminder]:
        for days in new:
            yield CertificationReminder(
                subject=self.subject,
                subject_id=self.subject_id,
                due_on=self.due_on,
                days=days,
                client_id=self.client_id,
                body_id=self.body_id,
                sent_at=clock.now(),
            )


def _of_certificate(
    subject: str, certificate: Certificate, subject_id: uuid.UUID, due_on: date, days: Sequence[int]
) -> _Reminding:
    return _Reminding(subject, subject_id, certificate.client_id, certificate.body_id, due_on, days)
