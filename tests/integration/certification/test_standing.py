"""How a certificate stands: who may change it, why, and that nothing changes without a leaf of the public log."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from maturity.audit.models import AuditEvent
from maturity.certificates.models import CertificateEvent
from maturity.certification.cases import CLOCK, Actor
from maturity.certification.standing import change_standing, suspended_until
from maturity.certification.surveillance import (
    next_surveillance,
    opens_on,
    plan_surveillance,
    surveillances_of,
    survey,
)
from maturity.clock import FixedClock
from maturity.db import for_tenant
from maturity.errors import MaturityError, NotFound
from maturity.messages.models import Message
from maturity.transparency.service import leaf_of
from tests.factories.certification import Held, make_held

pytestmark = pytest.mark.database


@pytest.fixture
def held(session: Session, clock: FixedClock) -> Held:
    return make_held(session, clock)


def change(session: Session, held: Held, kind: str, actor: Actor, clock: FixedClock, **said: Any) -> CertificateEvent:
    with for_tenant(session, actor.tenant_id or held.body_id):
        return change_standing(session, held.certificate(session), kind, actor, clock, **said)


def suspend(session: Session, held: Held, clock: FixedClock, reason: str = "misuse") -> CertificateEvent:
    return change(session, held, "suspended", held.manager, clock, reason=reason, note="The mark stood on a product.")


def refusal(session: Session, held: Held, kind: str, actor: Actor, clock: FixedClock, **said: Any) -> str:
    with pytest.raises(MaturityError) as caught:
        change(session, held, kind, actor, clock, **said)
    return caught.value.code


def test_a_suspension_is_a_leaf_an_event_two_logs_and_letters(session: Session, clock: FixedClock, held: Held) -> None:
    event = suspend(session, held, clock)
    certificate = held.certificate(session)
    assert (certificate.status, certificate.status_reason) == ("suspended", "misuse")
    assert (event.kind, event.reason, event.actor_name) == ("suspended", "misuse", "孙主任")
    said = leaf_of(session, event.leaf).entry
    assert (said["event"], said["status"], said["reason"]) == ("suspended", "suspended", "misuse")
    assert said["signed_payload_sha256"] == certificate.payload_sha256
    assert certificate.number not in json.dumps(said)
    told = session.scalars(select(AuditEvent.tenant_id).where(AuditEvent.event == "certificate.suspended"))
    assert set(told) == {held.client.id, held.body_id}
    letters = session.scalars(select(Message)).all()
    assert [certificate.number in letter.subject for letter in letters] == [True]  # the holder; the body did it


@pytest.mark.parametrize(
    ("kind", "said", "code"),
    [
        ("suspended", {"reason": "bad mood", "note": "x"}, "step_reason_missing"),
        ("suspended", {"reason": "misuse"}, "step_note_missing"),
        ("withdrawn", {"reason": "misuse", "note": "x"}, "step_reason_missing"),
        ("reinstated", {"note": "x"}, "step_not_now"),
        ("expired", {}, "step_not_yours"),
        ("issued", {}, "step_not_now"),
        ("burnt", {}, "step_unknown_step"),
        ("suspended", {"reason": "misuse", "note": "长" * 2001}, "standing_note_long"),
    ],
)
def test_a_change_is_refused_by_name_and_leaves_no_leaf(
    session: Session, clock: FixedClock, held: Held, kind: str, said: dict[str, str], code: str
) -> None:
    assert refusal(session, held, kind, held.manager, clock, **said) == code
    assert held.certificate(session).status == "valid"
    assert session.scalars(select(CertificateEvent)).all() == []


def test_the_holder_gives_up_and_nothing_else(session: Session, clock: FixedClock, held: Held) -> None:
    assert refusal(session, held, "withdrawn", held.owner, clock, reason="fraud") == "step_reason_missing"
    assert refusal(session, held, "suspended", held.owner, clock, reason="misuse") == "step_reason_missing"
    assert refusal(session, held, "reinstated", held.owner, clock) == "step_not_now"
    change(session, held, "suspended", held.owner, clock, reason="own_wish")
    change(session, held, "withdrawn", held.owner, clock, reason="given_up")
    assert held.certificate(session).status == "withdrawn"


def test_whoever_only_looks_changes_nothing_and_other_bodies_know_nothing_of_it(
    session: Session, clock: FixedClock, held: Held
) -> None:
    assert refusal(session, held, "suspended", held.viewer, clock, reason="misuse", note="x") == "step_not_yours"
    other = make_held(session, clock)
    with pytest.raises(NotFound):
        change(session, held, "suspended", other.manager, clock, reason="misuse", note="x")


def test_what_is_withdrawn_never_comes_back(session: Session, clock: FixedClock, held: Held) -> None:
    change(session, held, "withdrawn", held.manager, clock, reason="fraud", note="Forged evidence.")
    for kind in ("reinstated", "suspended", "withdrawn", "surveyed"):
        said = {"reason": "misuse", "note": "x"}
        assert refusal(session, held, kind, held.manager, clock, **said) == "step_not_now"


def test_a_suspension_ends_after_six_months(session: Session, clock: FixedClock, held: Held) -> None:
    suspend(session, held, clock)
    assert suspended_until(held.certificate(session)) == date(2027, 5, 24)
    change(session, held, "reinstated", held.manager, clock, note="The mark was taken off.")
    assert suspended_until(held.certificate(session)) is None


# Surveillance


def test_a_certificate_of_three_years_has_two_surveillances(session: Session, clock: FixedClock, held: Held) -> None:
    rows = plan_surveillance(session, held.certificate(session))
    assert [(row.number, row.due_on) for row in rows] == [(1, date(2027, 11, 24)), (2, date(2028, 11, 24))]
    assert plan_surveillance(session, held.certificate(session)) == rows
    assert next_surveillance(session, held.certificate(session)) is rows[0]


def test_a_surveillance_is_done_in_its_days_and_is_a_leaf(session: Session, clock: FixedClock, held: Held) -> None:
    first, _ = plan_surveillance(session, held.certificate(session))
    with for_tenant(session, held.body_id):
        with pytest.raises(MaturityError) as caught:
            survey(session, first, "Seen.", held.manager, clock)
        assert caught.value.code == "surveillance_too_early"
        clock.at += opens_on(first) - clock.today()
        survey(session, first, "Visited both sites; nothing to object to.", held.manager, clock)
        assert (first.done_on, first.done_name) == (clock.today(), "孙主任")
        with pytest.raises(MaturityError) as caught:
            survey(session, first, "Again.", held.manager, clock)
        assert caught.value.code == "surveillance_done"
    event = session.scalars(select(CertificateEvent)).one()
    assert (event.kind, held.certificate(session).status) == ("surveyed", "valid")
    assert leaf_of(session, event.leaf).entry["status"] == "valid"


def test_a_surveillance_says_what_was_seen_and_is_the_bodys(session: Session, clock: FixedClock, held: Held) -> None:
    first, _ = plan_surveillance(session, held.certificate(session))
    clock.at += timedelta(days=350)
    with for_tenant(session, held.body_id), pytest.raises(MaturityError) as caught:
        survey(session, first, " ", held.manager, clock)
    assert caught.value.code == "surveillance_note"
    with for_tenant(session, held.client.id), pytest.raises(NotFound):
        survey(session, first, "All is well.", held.owner, clock)


def test_what_was_suspended_for_a_missed_surveillance_comes_back_when_it_is_done(
    session: Session, clock: FixedClock, held: Held
) -> None:
    first, _ = plan_surveillance(session, held.certificate(session))
    clock.at += timedelta(days=370)
    first.missed_at = clock.now()
    change(session, held, "suspended", CLOCK, clock, reason="surveillance_missed")
    assert refusal(session, held, "reinstated", held.manager, clock, note="Please.") == "surveillance_open"
    with for_tenant(session, held.body_id):
        survey(session, first, "Made up for.", held.manager, clock)
    change(session, held, "reinstated", held.manager, clock, note="The surveillance was made up for.")
    assert held.certificate(session).status == "valid"
    assert surveillances_of(session, held.certificate(session))[0].missed_at is not None
