"""The clock moves what nobody moves: by itself, once, and after days on which nothing ran."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from maturity.certificates.models import CertificateEvent
from maturity.certification import jobs
from maturity.certification.cases import CLOCK, move, steps_of
from maturity.certification.jobs import plan_clock
from maturity.certification.models import CertificationReminder, Complaint, Surveillance
from maturity.certification.process import the_process
from maturity.certification.standing import change_standing
from maturity.certification.surveillance import plan_surveillance
from maturity.clock import FixedClock
from maturity.db import every_tenant, writing
from maturity.jobs.models import Job
from maturity.jobs.nightly import plan_now
from maturity.jobs.routes import HANDLERS
from maturity.jobs.worker import run_one
from maturity.messages.models import Message
from maturity.tenancy.models import Membership
from maturity.tenancy.service import PLATFORM, ensure_platform
from tests.factories.certification import Held, Made, answer_findings, make_case, make_complaint, make_held
from tests.factories.people import make_user

pytestmark = pytest.mark.database


@pytest.fixture
def turn(app: Any, session: Session, clock: FixedClock) -> Any:
    """Let so many days pass without the worker, then turn the clock once; how many could not be moved."""

    def turned(days: int = 0) -> int:
        clock.at += timedelta(days=days)
        session.commit()
        with app.test_request_context():
            failed = jobs.turn(app, session, clock, lambda _done, _total: None)
        session.commit()
        return failed

    return turned


def count(session: Session, table: Any) -> int:
    return session.scalar(select(func.count()).select_from(table)) or 0


def state(session: Session, made: Made) -> tuple[str, str | None]:
    """Where a case stands, and the reason of its last step."""
    case = made.case(session)
    return case.state, steps_of(session, case)[-1].reason


def operator_of(session: Session, clock: FixedClock) -> None:
    """Somebody of the operator who can be written to."""
    ensure_platform(session, clock)
    user = make_user(session, name="平台运营")
    session.add(Membership(tenant_id=PLATFORM, user_id=user.id, role="owner", created_at=clock.now()))
    session.flush()


@pytest.mark.parametrize(
    ("stage", "days", "reason"),
    [
        ("applied", 15 + 15, "not_answered"),
        ("accepted", 30 + 150, "not_planned"),
        ("planned", 7 + 90, "not_begun"),
        ("reviewing", 30 + 180, "not_concluded"),
        ("recommended", 15 + 90, "not_decided"),
    ],
)
def test_a_case_that_nobody_moves_ends(
    session: Session, clock: FixedClock, turn: Any, stage: str, days: int, reason: str
) -> None:
    made = make_case(session, clock, stage)
    turn(days)
    assert made.case(session).state == stage
    turn(1)
    assert state(session, made) == ("withdrawn", reason)
    assert made.case(session).closed_at is not None


def test_corrections_that_are_not_answered_fail_the_day_after(session: Session, clock: FixedClock, turn: Any) -> None:
    made = make_case(session, clock, "correcting")
    turn(60)
    assert made.case(session).state == "correcting"
    turn(1)
    assert state(session, made) == ("failed", None)


def test_answers_that_were_not_handed_in_are_taken_as_they_stand(
    session: Session, clock: FixedClock, turn: Any
) -> None:
    made = make_case(session, clock, "correcting")
    answer_findings(session, made, clock)
    turn(61)
    assert made.case(session).state == "reviewing"
    assert steps_of(session, made.case(session))[-1].event == "take_answers"


def test_what_is_due_after_a_week_off_is_caught_up_with_once(session: Session, clock: FixedClock, turn: Any) -> None:
    made = make_case(session, clock)
    turn(31 + 7)
    steps, letters = len(steps_of(session, made.case(session))), count(session, Message)
    assert state(session, made)[0] == "withdrawn"
    assert turn() == turn() == 0
    assert (len(steps_of(session, made.case(session))), count(session, Message)) == (steps, letters)


def test_reminders_go_out_once_and_those_that_were_missed_make_one(
    session: Session, clock: FixedClock, turn: Any
) -> None:
    make_case(session, clock)
    before = count(session, Message)
    turn(9)
    assert count(session, Message) == before
    turn(1)
    turn()
    turn(1)
    assert count(session, Message) == before + 1  # five days before
    turn(5)  # past the day before, and past the last day
    assert count(session, Message) == before + 2
    assert {row.days for row in session.scalars(select(CertificationReminder))} == {5, 1, -1}
    subject = session.scalars(select(Message).order_by(Message.created_at.desc())).first()
    assert subject is not None
    assert "Overdue" in subject.subject


def test_everybody_whose_turn_it_is_is_reminded(session: Session, clock: FixedClock, turn: Any) -> None:
    made = make_case(session, clock, "recommended")
    session.commit()
    before = {row.id for row in session.scalars(select(Message))}
    turn(10)
    told = Counter(row.recipient for row in session.scalars(select(Message)) if row.id not in before)
    assert len(told) == 3  # the owner of the body and both signatories
    assert set(told.values()) == {1}
    assert made.case(session).state == "recommended"


@pytest.mark.parametrize(("kind", "readers"), [("appeal", 3), ("complaint", 1)])
def test_whoever_is_to_answer_is_reminded_until_it_is_answered(
    session: Session, clock: FixedClock, turn: Any, kind: str, readers: int
) -> None:
    made = make_case(session, clock, "refused")
    operator_of(session, clock)
    complaint = session.get_one(Complaint, make_complaint(session, made, kind, clock))
    before = count(session, Message)
    turn(22)
    assert count(session, Message) == before
    turn(1)
    turn()
    assert count(session, Message) == before + readers  # seven days before
    turn(9)  # past the day before, and past the last day
    assert count(session, Message) == before + 2 * readers
    late = session.scalars(select(Message).order_by(Message.created_at.desc())).first()
    assert late is not None
    assert f"the answer to the {kind} of" in late.subject
    assert late.subject.startswith("Overdue since")
    rows = session.scalars(select(CertificationReminder).where(CertificationReminder.subject == "complaint"))
    assert {(row.subject_id, row.days) for row in rows} == {(complaint.id, days) for days in (7, 1, -1)}


def test_of_what_is_answered_nobody_is_reminded(session: Session, clock: FixedClock, turn: Any) -> None:
    made = make_case(session, clock, "refused")
    complaint = session.get_one(Complaint, make_complaint(session, made, "appeal", clock))
    complaint.outcome, complaint.answer, complaint.answered_at = "dismissed", "We looked again.", clock.now()
    session.flush()
    before = count(session, Message)
    turn(31)
    assert count(session, Message) == before


# Certificates


@pytest.fixture
def held(session: Session, clock: FixedClock) -> Held:
    held = make_held(session, clock)
    plan_surveillance(session, held.certificate(session))
    return held


def standing(session: Session, held: Held) -> tuple[str, str | None]:
    certificate = held.certificate(session)
    session.refresh(certificate)
    return certificate.status, certificate.status_reason


def test_a_missed_surveillance_suspends_and_six_months_later_withdraws(
    session: Session, clock: FixedClock, turn: Any, held: Held
) -> None:
    turn((date(2027, 11, 24) - clock.today()).days)
    assert standing(session, held) == ("valid", None)
    turn(1)
    assert standing(session, held) == ("suspended", "surveillance_missed")
    turn((date(2028, 5, 25) - clock.today()).days)
    assert standing(session, held) == ("suspended", "surveillance_missed")
    turn(1)
    assert standing(session, held) == ("withdrawn", "not_corrected")
    events = session.scalars(select(CertificateEvent).order_by(CertificateEvent.at)).all()
    assert [(row.kind, row.reason) for row in events] == [
        ("suspended", "surveillance_missed"),
        ("withdrawn", "not_corrected"),
    ]
    assert [row.leaf for row in events] == [0, 1]


def test_both_sides_are_reminded_of_a_surveillance_once_for_each_distance(
    session: Session, clock: FixedClock, turn: Any, held: Held
) -> None:
    due = date(2027, 11, 24)
    for days in (91, 90, 89, 30, 29, 7, 6):
        turn(((due - timedelta(days=days)) - clock.today()).days)
    letters = session.scalars(select(Message)).all()
    assert len(letters) == 3 * 2
    assert all("surveillance" in letter.subject for letter in letters)


def test_a_certificate_expires_the_day_after_its_last(session: Session, clock: FixedClock, turn: Any) -> None:
    held = make_held(session, clock)
    turn((held.certificate(session).valid_until - clock.today()).days)
    assert standing(session, held)[0] == "valid"
    turn(1)
    assert standing(session, held) == ("expired", None)
    assert turn(1) == 0
    assert [row.kind for row in session.scalars(select(CertificateEvent))] == ["expired"]


def test_reminders_of_the_end_go_to_holder_and_body(session: Session, clock: FixedClock, turn: Any) -> None:
    held = make_held(session, clock, valid_until=clock.today() + timedelta(days=200))
    turn(20)
    assert {row.days for row in session.scalars(select(CertificationReminder))} == {180}
    turn(90)
    turn()
    assert len(session.scalars(select(Message)).all()) == 2 * 2
    assert standing(session, held)[0] == "valid"


def test_a_suspension_that_began_by_wish_ends_the_same_way(session: Session, clock: FixedClock, turn: Any) -> None:
    held = make_held(session, clock)
    change_standing(session, held.certificate(session), "suspended", held.owner, clock, reason="own_wish")
    turn(100)
    assert [row.subject for row in session.scalars(select(CertificationReminder))] == ["suspension"]
    turn(82)
    assert standing(session, held) == ("withdrawn", "not_corrected")


def test_of_an_end_and_a_suspension_the_earlier_day_counts(session: Session, clock: FixedClock, turn: Any) -> None:
    held = make_held(session, clock, valid_until=clock.today() + timedelta(days=60))
    change_standing(session, held.certificate(session), "suspended", CLOCK, clock, reason="misuse")
    turn(400)
    assert standing(session, held) == ("expired", None)


def test_a_surveillance_that_is_missed_while_suspended_is_noted(
    session: Session, clock: FixedClock, turn: Any, held: Held
) -> None:
    clock.at += timedelta(days=360)
    change_standing(session, held.certificate(session), "suspended", CLOCK, clock, reason="misuse")
    turn(10)
    assert standing(session, held) == ("suspended", "misuse")
    missed = session.scalars(select(Surveillance).where(Surveillance.missed_at.is_not(None))).all()
    assert [row.number for row in missed] == [1]


# The job


def test_one_that_fails_keeps_none_of_the_others_from_moving(
    session: Session, clock: FixedClock, turn: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = make_case(session, clock), make_case(session, clock, uscc="91370200MA3C5D7Y7X")

    def broken(session_: Session, case: Any, event: str, *args: Any, **said: Any) -> Any:
        if case.id == first.case_id:
            raise RuntimeError("broken")
        return move(session_, case, event, *args, **said)

    with monkeypatch.context() as patched:
        patched.setattr(jobs, "move", broken)
        assert turn(40) == 1
    assert (first.case(session).state, second.case(session).state) == ("applied", "withdrawn")
    assert turn() == 0
    assert first.case(session).state == "withdrawn"


def test_the_job_turns_the_clock_and_plans_the_next_night(app: Any, session: Session, clock: FixedClock) -> None:
    made = make_case(session, clock)
    session.commit()
    with every_tenant(session):
        plan_now(app, plan_clock)
        plan_now(app, plan_clock)
    writing.set(True)
    job = session.scalars(select(Job).where(Job.kind == jobs.KIND)).one()
    assert job.key == "2026-11-25"
    session.commit()
    clock.at += timedelta(days=40)
    assert run_one(app, job.id, HANDLERS)
    session.expire_all()
    assert made.case(session).state == "withdrawn"
    keys = session.scalars(select(Job.key).where(Job.kind == jobs.KIND).order_by(Job.key)).all()
    assert keys == ["2026-11-25", "2027-01-04"]


def test_every_period_of_the_clock_stands_in_the_configuration() -> None:
    process = the_process()
    for state_ in process.states.values():
        assert state_.is_over or state_.days is not None or state_.due is not None
    assert {"surveillance", "expiry", "suspension", "complaint"} == set(process.reminders)
