"""Verification finds every kind of damage that somebody with the run of the database can do."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import Connection, text

from maturity.audit.chain import instant, link_hash
from maturity.audit.models import AuditEvent
from maturity.audit.sealer import content_of
from maturity.audit.verification import GRACE
from tests.integration.audit.conftest import Log

Damage = Callable[[Connection], None]
POSITION = "(select event_id from audit_seals where position = {})"


@pytest.fixture
def sealed(log: Log) -> Log:
    """A chain of eight."""
    log.note(*range(2019, 2026))
    assert log.seal() == 8
    return log


def run(*statements: str) -> Damage:
    def damage(connection: Connection) -> None:
        for statement in statements:
            connection.execute(text(statement))

    return damage


def exchange(column: str) -> Damage:
    """Exchange a unique column of the seals 3 and 6."""
    if column == "position":
        return run(
            *(f"update audit_seals set position = {to} where position = {of}" for of, to in ((3, -1), (6, 3), (-1, 6)))
        )

    def damage(connection: Connection) -> None:
        query = text("select position, event_id from audit_seals where position in (3, 6)")
        third, sixth = (event_id for _position, event_id in sorted(connection.execute(query)))
        free = third if isinstance(third, uuid.UUID) else str(third)
        change = text("update audit_seals set event_id = :event where position = :position")
        spare = uuid.uuid4() if isinstance(free, uuid.UUID) else uuid.uuid4().hex
        for position, event_id in ((6, spare), (3, sixth), (6, third)):
            connection.execute(change, {"event": event_id, "position": position})

    return damage


CLOSE_UP = [f"update audit_seals set position = {position - 1} where position = {position}" for position in range(4, 9)]


def test_a_log_that_was_left_alone_is_whole(sealed: Log) -> None:
    found = sealed.verify()
    assert (found.length, found.unsealed, found.findings) == (8, 0, ())
    assert found.head == sealed.seals()[-1].hash


@pytest.mark.parametrize(
    ("damage", "expected"),
    [
        (
            run(f"update audit_events set event = 'enterprise.changed' where id = {POSITION.format(3)}"),
            [(3, "tampered")],
        ),
        (run(f"update audit_events set actor_id = null where id = {POSITION.format(3)}"), [(3, "tampered")]),
        (run(f"update audit_events set at = '2026-01-01 00:00:00' where id = {POSITION.format(3)}"), [(3, "tampered")]),
        (
            run(
                """update audit_events set details = '{"assessment_id": "1", "period": 1999}' where id = """
                + POSITION.format(3)
            ),
            [(3, "tampered")],
        ),
        (run(f"update audit_seals set hash = '{'a' * 64}' where position = 3"), [(3, "tampered")]),
        (run(f"update audit_seals set previous = '{'a' * 64}' where position = 3"), [(3, "tampered")]),
        (run("update audit_seals set sealed_at = '2020-01-01 00:00:00' where position = 3"), [(3, "tampered")]),
        (run(f"delete from audit_events where id = {POSITION.format(3)}"), [(3, "deleted")]),
        (run("delete from audit_seals where position = 3"), [(3, "deleted")]),
        (
            run(
                f"delete from audit_events where id = {POSITION.format(3)}",
                "delete from audit_seals where position = 3",
            ),
            [(3, "deleted")],
        ),
        (run("delete from audit_seals where position = 3", *CLOSE_UP), [(3, "deleted")]),
        (exchange("position"), [(3, "reordered"), (6, "reordered")]),
        (exchange("event_id"), [(3, "reordered"), (6, "reordered")]),
    ],
)
def test_the_damaged_row_is_named(sealed: Log, damage: Damage, expected: list[tuple[int, str]]) -> None:
    with sealed.as_intruder() as connection:
        damage(connection)
    assert sealed.places() == expected


def test_an_event_put_in_between_with_a_seal_of_its_own_is_named(sealed: Log) -> None:
    event = AuditEvent(
        id=uuid.uuid4(),
        tenant_id=sealed.tenant_id,
        event="assessment.started",
        actor_id=sealed.actor_id,
        details={"assessment_id": "1", "period": 1999},
        at=sealed.clock.now() - timedelta(seconds=5),
    )
    second = sealed.seals()[1]
    previous, now = second.hash, second.sealed_at
    forged = link_hash(3, previous, instant(now), content_of(event))
    with sealed.as_intruder() as connection:
        for position in range(8, 2, -1):
            run(f"update audit_seals set position = {position + 1} where position = {position}")(connection)
        seal = {"position": 3, "event_id": event.id, "previous": previous, "hash": forged, "sealed_at": now}
        connection.execute(AuditEvent.metadata.tables["audit_seals"].insert(), seal)
        row = {name: getattr(event, name) for name in ("id", "tenant_id", "event", "actor_id", "details", "at")}
        connection.execute(AuditEvent.metadata.tables["audit_events"].insert(), row)
    assert sealed.places() == [(3, "inserted")]


def test_an_event_put_in_past_the_log_and_dated_back_is_found(sealed: Log) -> None:
    with sealed.as_intruder() as connection:
        row = {
            "id": uuid.uuid4(),
            "tenant_id": sealed.tenant_id,
            "event": "deletion.cancelled",
            "actor_id": None,
            "details": {},
            "at": sealed.clock.now() - GRACE - timedelta(minutes=1),
        }
        connection.execute(AuditEvent.metadata.tables["audit_events"].insert(), row)
    assert sealed.places() == [(9, "unsealed")]


def test_an_end_that_was_cut_off_is_found_by_the_head_noted_before(sealed: Log) -> None:
    noted = {8: sealed.verify().head}
    with sealed.as_intruder() as connection:
        run(
            f"delete from audit_events where id in {POSITION.format('7 or position = 8')}",
            "delete from audit_seals where position > 6",
        )(connection)
    assert sealed.verify().findings == ()
    findings = sealed.verify(expected=noted).findings
    assert [(finding.position, finding.kind) for finding in findings] == [(8, "deleted")]


def test_what_waits_to_be_sealed_is_counted_and_no_finding(sealed: Log) -> None:
    sealed.note(2026)
    found = sealed.verify()
    assert (found.length, found.unsealed, found.findings) == (8, 1, ())


def test_the_place_of_each_of_several_damages_is_named(sealed: Log) -> None:
    with sealed.as_intruder() as connection:
        run(
            f"update audit_events set actor_id = null where id = {POSITION.format(2)}",
            f"delete from audit_events where id = {POSITION.format(5)}",
            "delete from audit_seals where position = 7",
        )(connection)
    assert sealed.places() == [(2, "tampered"), (5, "deleted"), (7, "deleted")]
