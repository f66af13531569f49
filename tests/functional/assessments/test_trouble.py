"""When the database cannot take a save, nothing is lost and the next try succeeds."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
from sqlalchemy import event, func, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from maturity import db as database
from maturity.assessments.models import Assessment
from maturity.audit.models import AuditEvent
from maturity.clock import FixedClock
from maturity.extensions import db
from maturity.tenancy.models import Tenant
from tests.conftest import Browser
from tests.factories.assessments import DECLARATION, answer_all
from tests.functional.assessments.conftest import Stored
from tests.functional.assessments.desk import Desk

OWN = {"it_department": "own"}


@pytest.fixture
def lock(app: Any, session: Session, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Another program's connection, with which a test takes and frees the database's write lock."""
    session.close()
    if db.engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL has no lock of the whole database")
    monkeypatch.setattr(database, "BUSY_TIMEOUT_MS", 50)
    db.engine.dispose()
    with closing(sqlite3.connect(str(db.engine.url.database), isolation_level=None)) as other:
        yield other
        if other.in_transaction:
            other.execute("ROLLBACK")
    db.engine.dispose()


def test_a_save_while_the_database_is_locked_says_to_try_again(desk: Desk, lock: Any) -> None:
    lock.execute("BEGIN IMMEDIATE")
    reply = desk.save("it_department", OWN)
    assert (reply.status_code, reply.json["error"]) == (503, "database_busy")
    assert reply.json["message"] == "The system is busy. Nothing is lost: wait a few seconds and try again."
    assert reply.headers["Retry-After"] == "5"


def test_the_next_try_after_the_lock_succeeds(desk: Desk, lock: Any, stored: Stored) -> None:
    lock.execute("BEGIN IMMEDIATE")
    desk.save("it_department", OWN)
    lock.execute("ROLLBACK")
    assert desk.save("it_department", OWN).json["version"] == 1
    assert stored.history("it_department") == [OWN]


def test_a_page_sent_while_the_database_is_locked_can_be_sent_again(desk: Desk, lock: Any, stored: Stored) -> None:
    shown = desk.open("governance")
    lock.execute("BEGIN IMMEDIATE")
    page = desk.send(shown, 503, it_staff="12")
    assert "go back: what you typed is still there. Then send it again." in page.text
    lock.execute("ROLLBACK")
    desk.send(shown, it_staff="12")
    assert stored.history("it_staff") == [{"it_staff": "12"}]


def test_reading_goes_on_while_somebody_writes(desk: Desk, lock: Any) -> None:
    lock.execute("BEGIN IMMEDIATE")
    desk.open("governance")
    desk.review()


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Every commit fails, after everything was written."""

    def fail(_session: Session) -> None:
        raise OperationalError("", {}, Exception("could not connect to server"))

    event.listen(Session, "before_commit", fail)
    yield
    event.remove(Session, "before_commit", fail)


def count(session: Session, table: Any, *conditions: Any) -> int:
    found = session.scalar(select(func.count()).select_from(table).where(*conditions)) or 0
    session.rollback()
    return found


def test_a_save_that_cannot_be_committed_is_not_acknowledged(desk: Desk, failing: None, stored: Stored) -> None:
    assert desk.save("it_department", OWN).status_code == 503
    assert stored.history("it_department") == []


def test_a_start_that_cannot_be_committed_leaves_no_trace_in_the_log(
    browser: Browser, session: Session, tenant: Tenant, failing: None
) -> None:
    browser.post(f"/t/{tenant.id}/assessments", {"period": "2025"}, status=503)
    assert count(session, Assessment) == 0
    assert count(session, AuditEvent, AuditEvent.event == "assessment.started") == 0


def test_a_submission_that_cannot_be_committed_leaves_the_draft(
    desk: Desk, session: Session, draft: Assessment, clock: FixedClock, request: pytest.FixtureRequest
) -> None:
    answer_all(session, draft, clock)
    session.commit()
    request.getfixturevalue("failing")
    desk.submit(503, **DECLARATION)
    assert count(session, Assessment, Assessment.status == "draft") == 1
    assert count(session, AuditEvent, AuditEvent.event == "assessment.submitted") == 0


def test_a_full_disk_during_a_save_is_told(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_args: Any, **_more: Any) -> None:
        raise OperationalError("", {}, Exception("database or disk is full"))

    monkeypatch.setattr("maturity.assessments.answering._write", full)
    reply = desk.save("it_department", OWN)
    assert (reply.status_code, reply.json["error"]) == (503, "storage_full")
    assert "The server has no space left" in reply.json["message"]
