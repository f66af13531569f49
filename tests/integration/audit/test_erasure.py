"""What is personal stands under its subject's key; destroying the key erases it and leaves the chain whole."""

from __future__ import annotations

import json
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from cryptography.exceptions import InvalidTag
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from maturity.audit.keys import encrypt, erase_subject, readable_keys, reveal, rewrap
from maturity.audit.models import AuditEvent, SubjectKey
from maturity.audit.service import record
from maturity.audit.vocabulary import Personal
from maturity.db import every_tenant, writing
from maturity.extensions import db
from tests.integration.audit.conftest import Log

NAME = "张伟"
SUBJECT = "user:4711"


def remove(session: Session, log: Log, subject: str = SUBJECT, name: str = NAME) -> None:
    who: dict[str, Any] = {"user_id": "4711", "name": Personal(subject, name)}
    record(session, log.clock, "member.removed", log.actor_id, log.tenant_id, **who)


@pytest.fixture
def removed(log: Log, session: Session) -> Log:
    remove(session, log)
    session.commit()
    log.seal()
    return log


def rows(session: Session) -> list[AuditEvent]:
    return list(session.scalars(select(AuditEvent).where(AuditEvent.event == "member.removed").order_by(AuditEvent.at)))


def read(session: Session, row: AuditEvent) -> str | None:
    return reveal(readable_keys(session, [SUBJECT]), row.id, "name", row.details["name"])


def test_the_row_does_not_hold_the_name_and_the_key_reads_it(removed: Log, session: Session) -> None:
    (row,) = rows(session)
    assert NAME not in json.dumps(row.details, ensure_ascii=False)
    assert row.details["name"]["subject"] == SUBJECT
    assert read(session, row) == NAME


def test_after_erasure_nobody_reads_it_and_the_chain_verifies(removed: Log, session: Session) -> None:
    head = removed.verify().head
    erase_subject(session, SUBJECT, removed.clock)
    session.commit()
    (row,) = rows(session)
    assert read(session, row) is None
    key = session.get_one(SubjectKey, SUBJECT, populate_existing=True)
    assert (key.wrapped, key.erased_at) == (None, removed.clock.now())
    found = removed.verify()
    assert (found.head, found.findings) == (head, ())


def test_erasing_one_person_leaves_the_others_readable(removed: Log, session: Session) -> None:
    remove(session, removed, subject="user:1", name="李敏")
    session.flush()
    erase_subject(session, "user:1", removed.clock)
    told = {row.details["name"]["subject"]: read(session, row) for row in rows(session)}
    assert told == {SUBJECT: NAME, "user:1": None}


def test_after_erasure_nothing_new_is_kept_of_the_person(removed: Log, session: Session) -> None:
    erase_subject(session, SUBJECT, removed.clock)
    removed.clock.at += timedelta(seconds=1)
    remove(session, removed)
    session.flush()
    assert rows(session)[1].details["name"] == {"subject": SUBJECT, "cipher": None}
    assert session.get_one(SubjectKey, SUBJECT, populate_existing=True).wrapped is None


def test_who_is_erased_before_being_named_is_never_named(log: Log, session: Session) -> None:
    erase_subject(session, SUBJECT, log.clock)
    remove(session, log)
    session.flush()
    assert rows(session)[0].details["name"]["cipher"] is None


def test_erasing_twice_keeps_the_first_time(removed: Log, session: Session) -> None:
    erase_subject(session, SUBJECT, removed.clock)
    first = removed.clock.now()
    removed.clock.at += timedelta(days=1)
    erase_subject(session, SUBJECT, removed.clock)
    session.expire_all()
    assert session.get_one(SubjectKey, SUBJECT).erased_at == first


def test_a_ciphertext_moved_to_another_event_or_detail_cannot_be_read(removed: Log, session: Session) -> None:
    (row,) = rows(session)
    keys, stored = readable_keys(session, [SUBJECT]), row.details["name"]
    assert reveal(keys, uuid.uuid4(), "name", stored) is None
    assert reveal(keys, row.id, "email", stored) is None
    assert reveal(keys, row.id, "name", stored | {"cipher": "bm90aGluZw=="}) is None


def test_the_key_in_the_database_does_not_open_without_the_secret(
    removed: Log, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    (row,) = rows(session)
    wrapped = session.scalars(select(SubjectKey.wrapped)).one()
    assert len(wrapped or b"") == 12 + 32 + 16
    monkeypatch.setitem(removed.app.config, "SECRET_KEY", "another" * 8)
    assert read(session, row) is None


def test_after_a_change_of_the_secret_the_keys_are_wrapped_anew(
    removed: Log, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    old, new = removed.app.config["SECRET_KEY"], "another" * 8
    monkeypatch.setitem(removed.app.config, "SECRET_KEY", new)
    with pytest.raises(InvalidTag):
        rewrap(session, "wrong" * 8, new)
    assert rewrap(session, old, new) == 1
    assert read(session, rows(session)[0]) == NAME


def test_the_same_text_never_looks_the_same() -> None:
    assert encrypt(b"k" * 32, b"x", "a") != encrypt(b"k" * 32, b"x", "a")


def test_two_who_name_the_same_new_person_at_once_use_one_key(log: Log) -> None:
    def work(_number: int) -> None:
        with log.app.app_context():
            writing.set(True)
            with every_tenant(db.session()):
                remove(db.session(), log)
                db.session.commit()

    log.session.rollback()
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(8)))
    found = rows(log.session)
    assert [read(log.session, row) for row in found] == [NAME] * 8
    assert log.session.scalar(text("select count(*) from subject_keys")) == 1
