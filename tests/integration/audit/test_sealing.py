"""Sealing: in the order of commits, by one sealer at a time, and never in a writer's way."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from maturity.audit.chain import GENESIS
from maturity.audit.models import AuditEvent, AuditSeal, UnsealedEvent
from maturity.audit.sealer import BATCH, SEAL_SECONDS, head, keep_sealing, seal_batch, seal_pending
from maturity.audit.service import record, record_for_account
from maturity.clock import FixedClock
from maturity.db import every_tenant, writing
from maturity.extensions import db
from tests.integration.audit.conftest import Log


def sealed_periods(log: Log) -> list[int]:
    query = select(AuditEvent).join(AuditSeal, AuditSeal.event_id == AuditEvent.id).order_by(AuditSeal.position)
    log.session.rollback()
    return [row.details["period"] for row in log.session.scalars(query) if "period" in row.details]


def another_session() -> Session:
    """As another process would have it, in the same engine; it works across tenants."""
    session: Session = Session(db.engine)
    session.info["every_tenant"] = True
    return session


def write(session: Session, log: Log, period: int) -> None:
    what: dict[str, Any] = {"assessment_id": "1", "period": period}
    record(session, log.clock, "assessment.started", log.actor_id, log.tenant_id, **what)
    session.flush()


def test_what_is_committed_is_sealed_once_in_the_order_of_writing(log: Log) -> None:
    log.note(2023, 2024, 2025)
    assert log.seal() == 4
    assert log.seal() == 0
    assert [seal.position for seal in log.seals()] == [1, 2, 3, 4]
    assert sealed_periods(log) == [2023, 2024, 2025]


def test_events_of_one_instant_keep_the_order_of_writing(log: Log, session: Session) -> None:
    for period in range(1950, 2000):
        write(session, log, period)
    session.commit()
    log.seal()
    assert sealed_periods(log) == list(range(1950, 2000))


def test_every_seal_follows_the_one_before(log: Log) -> None:
    log.note(2023)
    log.seal()
    log.note(2024)
    log.seal()
    seals = log.seals()
    assert [seal.previous for seal in seals] == [GENESIS, *(seal.hash for seal in seals[:-1])]
    assert head(log.session) == (3, seals[-1].hash)


def test_more_than_a_batch_is_sealed_in_several(log: Log, session: Session) -> None:
    for _ in range(BATCH + 2):
        write(session, log, 2025)
    session.commit()
    assert log.seal() == BATCH + 3
    assert log.verify().findings == ()


def test_events_of_accounts_are_sealed_into_the_same_chain(log: Log, session: Session, clock: FixedClock) -> None:
    record_for_account(session, clock, "account.password_changed", log.actor_id)
    session.commit()
    assert log.seal() == 2
    assert log.verify().findings == ()


def test_a_sealer_that_dies_half_way_leaves_nothing_and_the_next_one_goes_on(
    log: Log, session: Session, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    log.note(2023, 2024)

    def die(*_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(session, "commit", die)
        with pytest.raises(KeyboardInterrupt):
            seal_pending(log.app)
    session.rollback()
    assert log.seals() == []
    assert log.seal() == 3
    assert log.verify().findings == ()


def test_an_event_done_away_with_before_it_is_sealed_does_not_stop_the_sealer(log: Log) -> None:
    log.note(2023, 2024)
    with log.as_intruder() as connection:
        connection.execute(text("delete from audit_events where event = 'enterprise.registered'"))
    assert log.seal() == 2
    assert log.places() == [(3, "deleted")]


def test_a_second_sealer_finds_the_work_taken(log: Log, on_postgresql: None, clock: FixedClock) -> None:
    log.note(2023, 2024)
    with another_session() as first, another_session() as second:
        assert seal_batch(first, clock, limit=2) == 2
        assert seal_batch(second, clock) == 0
        first.commit()
        assert seal_batch(second, clock) == 1
        second.commit()
    assert log.verify().findings == ()


def test_sealers_and_writers_all_at_once_make_one_whole_chain(log: Log) -> None:
    def work(number: int) -> None:
        with log.app.app_context():
            writing.set(True)
            for period in range(10):
                if number % 2:
                    seal_pending(log.app)
                    continue
                with every_tenant(db.session()):
                    write(db.session(), log, 1000 * number + period)
                    db.session.commit()

    log.session.rollback()
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(work, range(6)))
    log.seal()
    assert log.verify().findings == ()
    periods = sealed_periods(log)
    assert len(log.seals()) == 31
    for number in (0, 2, 4):
        own = [period for period in periods if period // 1000 == number]
        assert own == sorted(own), "each writer's events stand in the order of its commits"


def test_a_transaction_under_way_is_not_waited_for_and_comes_after_its_commit(log: Log, on_postgresql: None) -> None:
    log.seal()
    with another_session() as slow, another_session() as quick:
        write(slow, log, 2020)
        write(quick, log, 2021)
        quick.commit()
        assert log.seal() == 1
        slow.commit()
    assert log.seal() == 1
    assert sealed_periods(log) == [2021, 2020]
    assert log.verify().findings == ()


def test_writers_wait_neither_for_each_other_nor_for_the_sealer(
    log: Log, on_postgresql: None, clock: FixedClock
) -> None:
    log.note(2023)
    with another_session() as sealer, another_session() as one, another_session() as other:
        for session in (one, other):
            session.execute(text("set local lock_timeout = '200ms'"))
        assert seal_batch(sealer, clock) == 2
        write(one, log, 2024)
        write(other, log, 2025)
        other.commit()
        one.commit()
        sealer.commit()
    assert log.seal() == 2
    assert sealed_periods(log) == [2023, 2024, 2025]


def test_sealing_goes_on_by_itself_within_a_second(log: Log) -> None:
    log.session.rollback()
    stop = threading.Event()
    thread = threading.Thread(target=keep_sealing, args=(log.app, stop))
    thread.start()
    try:
        log.note(2025)
        began = time.monotonic()
        while log.session.scalar(select(func.count()).select_from(UnsealedEvent)):
            log.session.rollback()
            assert time.monotonic() - began < 20  # only a machine that is busy with other tests
            time.sleep(0.01)
        log.session.rollback()
    finally:
        stop.set()
        thread.join()
    assert SEAL_SECONDS <= 0.5
    assert sealed_periods(log) == [2025]


def test_a_failure_does_not_end_the_sealing(log: Log, monkeypatch: pytest.MonkeyPatch) -> None:
    from maturity.audit import sealer

    log.session.rollback()
    stop, tries = threading.Event(), []

    def fail_then_stop(_app: Any) -> int:
        tries.append(1)
        if len(tries) > 1:
            stop.set()
            return 0
        raise RuntimeError("the database is away")

    monkeypatch.setattr(sealer, "SEAL_SECONDS", 0.01)
    monkeypatch.setattr(sealer, "seal_pending", fail_then_stop)
    keep_sealing(log.app, stop)
    assert len(tries) == 2
