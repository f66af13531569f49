"""Adding to the log: one leaf after the other whatever happens, each under a signed head, and never changed again."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from maturity.audit.append_only import REFUSAL
from maturity.clock import FixedClock
from maturity.db import every_tenant, for_tenant, writing
from maturity.extensions import db
from maturity.signing.keys import rotate
from maturity.transparency import service
from maturity.transparency.checking import Keys, check_log, hash_leaf, is_consistent, is_included, read_head, read_proof
from maturity.transparency.models import LogHead, LogLeaf, LogNode
from maturity.transparency.service import ClockBehindLog, append, file_entry, status_entry
from maturity.transparency.statement import entry_text, instant
from maturity.transparency.tree import places_of
from maturity.verification.freshness import latest_head as freshest
from tests.integration.transparency.conftest import NUMBER, Add


def entry(number: str = NUMBER) -> dict[str, Any]:
    return status_entry(number, "issued", "valid", None, "ab" * 32)


def whole(session: Session) -> list[tuple[int, str]]:
    return [(leaf.number, leaf.text) for leaf in service.leaves_between(session, 0, service.size_of(session))]


def heads(session: Session) -> list[Any]:
    return [service.head_of(session, size) for size in range(1, service.size_of(session) + 1)]


def test_an_empty_log_has_no_head(session: Session) -> None:
    assert service.latest_head(session) is None
    assert freshest(session) is None
    with pytest.raises(LookupError):
        service.proof_document(session, 0)


def test_every_leaf_is_proved_under_every_head(session: Session, add: Add, keys: Callable[[], Keys]) -> None:
    for number in range(9):
        assert add(f"MC-{number}") == number
    assert check_log(whole(session), heads(session), keys()) == []
    for size in range(1, 10):
        root = bytes.fromhex(service.head_of(session, size).root)
        for leaf in range(size):
            proof = read_proof(service.inclusion(session, leaf, size))
            text = service.leaf_of(session, leaf).text
            assert is_included(hash_leaf(text.encode()), leaf, size, root, proof)
        newest = bytes.fromhex(service.head_of(session, 9).root)
        assert is_consistent(size, 9, root, newest, read_proof(service.consistency(session, size, 9)))


def test_a_head_is_signed_with_the_key_of_its_time(
    session: Session, add: Add, clock: FixedClock, keys: Callable[[], Keys]
) -> None:
    add()
    clock.at += timedelta(days=1)
    rotate(session, "log", clock, "")
    add()
    clock.at += timedelta(days=1)
    add()
    assert len({head.key_id for head in heads(session)}) == 2
    assert check_log(whole(session), heads(session), keys()) == []


def test_the_entry_gets_the_time_of_the_log(session: Session, clock: FixedClock) -> None:
    append(session, entry() | {"at": "1999-01-01T00:00:00Z"}, clock)
    assert service.leaf_of(session, 0).entry["at"] == instant(clock.now())
    assert service.head_of(session, 1).at == clock.now()
    assert freshest(session).at == clock.now()  # type: ignore[union-attr]  # there is one


@pytest.mark.parametrize(
    "wrong",
    [
        entry() | {"number": NUMBER},
        entry() | {"holder": "甲公司"},
        {"kind": "status", "certificate": "ab"},
        {"kind": "other", "certificate": "ab"},
        {},
    ],
    ids=["a number", "a holder", "too little", "another kind", "nothing"],
)
def test_nothing_else_comes_into_the_log(session: Session, clock: FixedClock, wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="no entry"):
        append(session, wrong, clock)


def test_an_entry_names_neither_number_nor_holder(session: Session, add: Add, clock: FixedClock) -> None:
    add()
    append(session, file_entry(NUMBER, "cd" * 32), clock)
    text = "".join(text for _leaf, text in whole(session))
    assert "ZZZZZ" not in text
    assert [leaf.number for leaf in service.leaves_of(session, NUMBER)] == [0, 1]
    assert service.leaves_of(session, "MC-OTHER") == []


def test_a_clock_set_back_is_refused(session: Session, add: Add, clock: FixedClock) -> None:
    add()
    clock.at += timedelta(minutes=1)
    add()
    clock.at -= timedelta(seconds=2)
    with pytest.raises(ClockBehindLog):
        append(session, entry(), clock)


def test_clocks_that_differ_a_little_never_date_an_entry_back(session: Session, add: Add, clock: FixedClock) -> None:
    add()
    clock.at += timedelta(minutes=1)
    add()
    last = clock.now()
    clock.at -= timedelta(seconds=1)
    add()
    assert service.head_of(session, 3).at == last


def test_what_is_rolled_back_leaves_no_gap(
    session: Session, add: Add, clock: FixedClock, keys: Callable[[], Keys]
) -> None:
    add()
    assert append(session, entry("MC-lost"), clock) == 1
    session.rollback()
    assert add("MC-kept") == 1
    assert check_log(whole(session), heads(session), keys()) == []
    assert service.leaves_of(session, "MC-lost") == []


def test_one_transaction_adds_several(session: Session, clock: FixedClock, keys: Callable[[], Keys]) -> None:
    assert [append(session, entry(f"MC-{number}"), clock) for number in range(5)] == list(range(5))
    session.commit()
    assert check_log(whole(session), heads(session), keys()) == []
    assert session.scalar(sa.select(sa.func.count()).select_from(LogNode)) == places_of(5)


def test_writers_at_once_make_one_log(
    app: Any, session: Session, add: Add, clock: FixedClock, keys: Callable[[], Keys]
) -> None:
    add("MC-first")  # the key is there
    session.rollback()
    barrier, leaves, failures = threading.Barrier(4), list[int](), list[Exception]()

    def work(name: int) -> None:
        with app.app_context():
            writing.set(True)
            barrier.wait(20)
            for turn in range(6):
                try:
                    with every_tenant(db.session()):
                        leaf = append(db.session(), entry(f"MC-{name}-{turn}"), clock)
                        db.session.rollback() if turn == 3 else db.session.commit()
                    leaves.extend([] if turn == 3 else [leaf])
                except Exception as error:
                    failures.append(error)
            db.session.remove()

    threads = [threading.Thread(target=work, args=(name,)) for name in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failures == []
    assert sorted(leaves) == list(range(1, 21))
    assert check_log(whole(session), heads(session), keys()) == []


@pytest.mark.usefixtures("on_postgresql")
def test_a_second_writer_waits_for_the_first(session: Session, clock: FixedClock) -> None:
    """Neither sees the other's leaf before it is committed, and nobody gets the same number."""
    append(session, entry(), clock)
    other: Session = Session(db.engine)
    other.info["every_tenant"] = True
    other.execute(sa.text("set local lock_timeout = '300ms'"))
    with pytest.raises(DBAPIError, match="lock timeout"):
        append(other, entry("MC-other"), clock)
    other.rollback()
    session.commit()
    assert append(other, entry("MC-other"), clock) == 1
    other.commit()
    other.close()


def test_a_tenants_work_may_add_to_the_log(session: Session, clock: FixedClock) -> None:
    """Inside a tenant, where PostgreSQL lets insert and nothing else."""
    from tests.factories.enterprises import make_enterprise
    from tests.factories.people import make_user

    tenant_id = make_enterprise(session, make_user(session), clock).id
    with for_tenant(session, tenant_id):
        assert append(session, entry(), clock) == 0
    assert service.size_of(session) == 1


@pytest.mark.parametrize("table", ["log_leaves", "log_nodes", "log_heads"])
@pytest.mark.parametrize("change", ["delete from {0}", "update {0} set {1} = {1}"])
def test_what_is_logged_is_neither_changed_nor_deleted(session: Session, add: Add, table: str, change: str) -> None:
    add()
    column = {"log_leaves": "entry", "log_nodes": "hash", "log_heads": "root"}[table]
    with db.engine.connect() as connection:
        with pytest.raises(DBAPIError, match=REFUSAL):
            connection.execute(sa.text(change.format(table, column)))
        connection.rollback()


@pytest.mark.parametrize("arguments", [(0, 2), (1, 1), (-1, 1), (5, 9)])
def test_there_is_no_proof_of_what_is_not_there(session: Session, add: Add, arguments: tuple[int, int]) -> None:
    add()
    with pytest.raises(LookupError):
        service.inclusion(session, *arguments)


@pytest.mark.parametrize("arguments", [(0, 1), (1, 2), (2, 1), (-1, 1)])
def test_there_is_no_proof_between_sizes_the_log_never_had(
    session: Session, add: Add, arguments: tuple[int, int]
) -> None:
    add()
    with pytest.raises(LookupError):
        service.consistency(session, *arguments)


def test_the_document_of_a_proof_is_checked_by_itself(session: Session, add: Add) -> None:
    for number in range(5):
        add(f"MC-{number}")
    found = json.loads(json.dumps(service.proof_document(session, 2, 4, origin="https://example.com")))
    head = read_head(found["head"])
    assert (head.size, found["origin"], found["leaf"]) == (4, "https://example.com", 2)
    leaf = hash_leaf(entry_text(found["entry"]).encode())
    assert is_included(leaf, 2, 4, bytes.fromhex(head.root), read_proof(found["inclusion"]))
    assert service.proof_document(session, 2)["head"]["size"] == 5


def test_hashes_are_kept_as_bytes(session: Session, add: Add) -> None:
    add()
    assert session.scalars(sa.select(LogLeaf.leaf_hash)).one() == session.scalars(sa.select(LogNode.hash)).one()
    assert len(session.scalars(sa.select(LogHead.signature)).one()) == 128
