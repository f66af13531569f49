"""Attacks on certificates and their log: by whoever has the file, the database, or the operator's own keys.

Each is tried against the command that needs no site, with what a careful reader has kept, or against the site's own
reading of everything. What an attack that succeeds would have shown is named beside it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import rfc8785
import sqlalchemy as sa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Connection
from sqlalchemy.orm import Session

from maturity.certificates.files import ROOM
from maturity.clock import FixedClock
from maturity.extensions import db
from maturity.signing.pades import prepare_signer
from maturity.signing.service import sign_document, signing_key
from maturity.signing.statements import compact
from maturity.tenancy.models import Tenant
from maturity.transparency import service, tree
from maturity.transparency.checking import read_head
from maturity.transparency.service import ClockBehindLog
from maturity.transparency.statement import entry_text, head_document, instant, signed_bytes
from tests.audit import unguarded
from tests.cli.commands import Commands
from tests.factories.enterprises import make_enterprise
from tests.factories.logged import Desk, Logged, certificate_of, change_status, make_logged, with_files
from tests.factories.people import make_user
from tests.factories.signing import SITE, a_pdf
from tests.factories.verification import make_body

Make = Callable[..., Logged]


@pytest.fixture
def make(app: Any, session: Session, clock: FixedClock) -> Make:
    """Another certificate of the same body and enterprise, a minute later."""
    sides: list[tuple[Tenant, Tenant]] = []

    def make_one(**more: Any) -> Logged:
        if not sides:
            sides.append((make_body(session, clock), make_enterprise(session, make_user(session), clock)))
        clock.at += timedelta(minutes=1)
        return make_logged(session, clock, app.config["DATA_DIR"], body=sides[0][0], client=sides[0][1], **more)

    return make_one


@pytest.fixture
def desk(tmp_path: Path, session: Session, clock: FixedClock) -> Desk:
    return Desk(tmp_path, session, clock)


@pytest.fixture
def offline(desk: Desk, capsys: pytest.CaptureFixture[str]) -> Callable[..., dict[str, Any]]:
    """What `python -m maturity verify` finds: the outcome, and which checks failed or could not be made."""
    run = Commands(desk.folder, capsys)

    def verify(pdf: bytes, *options: str, keys: Path | None = None) -> dict[str, Any]:
        path = desk.put("certificate.pdf", pdf)
        known = keys or desk.keys()
        found = run("verify", str(path), "--keys", str(known), *options, "--json", clock=desk.clock)
        report = found.json
        assert found.status == (0 if report["good"] else 1), found.said
        failed = sorted(one["check"] for one in report["checks"] if one["good"] is False)
        return {"outcome": report["outcome"], "failed": failed, "report": report}

    return verify


@pytest.fixture
def reread(app: Any, session: Session) -> Callable[..., list[str]]:
    """What `flask log verify` reports."""

    def verify(*options: str) -> list[str]:
        session.rollback()
        found = app.test_cli_runner().invoke(args=["log", "verify", *options])
        lines = found.output.splitlines()
        told = next(at for at, line in enumerate(lines) if line.endswith(" deviations"))
        assert found.exit_code == (1 if told else 0), found.output
        return lines[:told]

    return verify


@contextmanager
def administrator() -> Iterator[Connection]:
    """Somebody with the run of the database: the triggers are off for as long as it takes."""
    db.session.rollback()  # what a test has read holds no lock
    with db.engine.begin() as connection, unguarded(connection):
        yield connection


def update(table: str, where: Mapping[str, Any], **values: Any) -> None:
    rows = db.metadata.tables[table]
    terms = [rows.c[name] == value for name, value in where.items()]
    with administrator() as connection:
        assert connection.execute(rows.update().where(*terms).values(**values)).rowcount == 1


# Nobody attacks


def test_a_sound_certificate_is_genuine_with_all_that_can_be_kept(
    make: Make, desk: Desk, offline: Any, reread: Any
) -> None:
    logged = make()
    early = desk.head()
    make()
    found = offline(
        logged.pdf, "--head", str(early), "--log", str(desk.log()), "--log", str(desk.of_certificate(logged.number))
    )
    assert (found["outcome"], found["failed"]) == ("genuine", [])
    assert {one["good"] for one in found["report"]["checks"]} == {True}
    assert reread("--head", str(early)) == []


def test_without_a_log_the_file_is_checked_alone(make: Make, offline: Any) -> None:
    found = offline(make().pdf)
    assert (found["outcome"], found["failed"], found["report"]["standing"]) == ("genuine", [], None)


def test_a_suspension_stands_in_the_log_that_is_given(
    make: Make, desk: Desk, offline: Any, reread: Any, session: Session, clock: FixedClock
) -> None:
    logged = make()
    change_status(session, logged, clock, "suspended", "suspended", "missed_surveillance")
    for log in (desk.log(), desk.of_certificate(logged.number)):
        found = offline(logged.pdf, "--log", str(log))
        assert (found["outcome"], found["failed"]) == ("suspended", [])
    assert reread() == []


# Whoever has the file


def test_a_byte_changed_is_found(make: Make, offline: Any) -> None:
    pdf = make().pdf
    at = pdf.index(b"/Producer") + 12
    found = offline(pdf[:at] + bytes([pdf[at] ^ 1]) + pdf[at + 1 :])
    assert "signature" in found["failed"]


def test_a_swapped_attachment_is_found(make: Make, offline: Any) -> None:
    """The result of another, better certificate in the file of this one."""
    one, other = make(), make()
    found = offline(with_files(one.pdf, {"certificate.json": other.attached["certificate.json"]}))
    assert found["outcome"] == "altered"
    assert {"signature", "entry"} <= set(found["failed"])


def test_a_result_changed_in_the_clear_beside_its_signature_is_found(make: Make, offline: Any) -> None:
    one = make()
    document = json.loads(one.attached["certificate.json"])
    document["payload"]["level"]["number"] = 4
    found = offline(with_files(one.pdf, {"certificate.json": rfc8785.dumps(document)}))
    assert "payload" in found["failed"]


def test_a_result_signed_with_the_attackers_key_is_found(make: Make, offline: Any) -> None:
    one = make()
    payload = json.loads(one.attached["certificate.json"])["payload"] | {"level": {"number": 4}}
    jws = compact(payload, "0123456789abcdef", Ed25519PrivateKey.generate())
    changed = {"certificate.json": rfc8785.dumps({"payload": payload, "jws": jws})}
    assert "payload" in offline(with_files(one.pdf, changed))["failed"]


def test_a_file_made_again_and_signed_by_the_site_is_not_the_one_that_was_logged(
    make: Make, desk: Desk, offline: Any, session: Session, clock: FixedClock
) -> None:
    """With the operator's own key: everything in the file is sound, and its hash is not in the log."""
    one = make()
    again = prepare_signer(session, clock, SITE).sign(with_files(a_pdf("另一份"), one.attached), reason="", location="")
    assert offline(again)["failed"] == []
    assert offline(again, "--log", str(desk.log()))["failed"] == ["file_logged"]


def test_the_number_of_another_certificate_on_a_payload_of_ones_own_is_found(
    make: Make, desk: Desk, offline: Any, session: Session, clock: FixedClock
) -> None:
    """A replayed number: the payload is signed by the site, for another number than the entry has."""
    one, other = make(), make()
    payload = json.loads(one.attached["certificate.json"])["payload"] | {"number": other.number}
    changed = one.attached | {
        "certificate.json": rfc8785.dumps({"payload": payload, "jws": sign_document(session, payload, clock)})
    }
    pdf = prepare_signer(session, clock, SITE).sign(with_files(a_pdf(), changed), reason="", location="")
    assert offline(pdf)["failed"] == ["entry"]
    assert offline(pdf, "--log", str(desk.log()))["failed"] == ["entry", "file_logged", "same_entry"]


def test_a_file_of_another_site_is_found(make: Make, desk: Desk, offline: Any) -> None:
    one = make()
    known = json.loads(desk.keys().read_text())
    for row in known["keys"]:
        row["purpose"] = "timestamp" if row["purpose"] == "root" else row["purpose"]
    found = offline(one.pdf, keys=desk.put("others.json", known))
    assert "signature" in found["failed"]
    assert found["report"]["checks"][0]["details"]["state"] == "foreign"


# Whoever has the database


def test_a_status_changed_without_a_leaf_is_found(make: Make, reread: Any) -> None:
    """The administrator lifts a certificate, or puts one down, with a line of SQL."""
    one = make()
    update("certificates", {"number": one.number}, status="withdrawn", status_reason="fraud")
    assert reread() == [f"{one.number}: the status was changed without a leaf"]


def test_a_certificate_put_into_the_database_by_hand_is_found(
    make: Make, session: Session, clock: FixedClock, reread: Any
) -> None:
    from tests.factories.verification import make_certificate

    make()
    number = make_certificate(session, clock, events=()).number
    session.commit()
    found = reread()
    assert f"{number}: the certificate has no leaf" in found
    assert f"{number}: the hash of the file has no leaf" in found


def test_a_payload_changed_in_the_database_is_found(make: Make, session: Session, reread: Any) -> None:
    one = make()
    payload = certificate_of(session, one).payload.replace('"number":3', '"number":4')
    session.rollback()
    update("certificates", {"number": one.number}, payload=payload)
    assert reread() == [f"{one.number}: what the certificate says is not what was logged"]


def test_a_suspension_dated_back_in_the_database_is_found(
    make: Make, session: Session, clock: FixedClock, reread: Any
) -> None:
    one = make()
    leaf = change_status(session, one, clock, "suspended", "suspended", "missed_surveillance")
    session.rollback()
    update("certificates", {"number": one.number}, status_since=clock.now() - timedelta(days=30))
    update("certificate_events", {"leaf": leaf}, at=clock.now() - timedelta(days=30))
    assert set(reread()) == {
        f"{one.number}: the status has another day than its leaf",
        f"{one.number}: an event has another time than its leaf",
    }


def test_an_event_taken_out_of_the_history_is_found(
    make: Make, session: Session, clock: FixedClock, reread: Any
) -> None:
    one = make()
    leaf = change_status(session, one, clock, "suspended", "suspended", "missed_surveillance")
    session.rollback()
    with administrator() as connection:
        connection.execute(sa.text("delete from certificate_events where leaf = :leaf"), {"leaf": leaf})
    assert reread() == [f"{one.number}: a leaf has no event"]


def test_a_certificate_deleted_is_found(make: Make, reread: Any) -> None:
    one = make()
    make()
    with administrator() as connection:
        connection.execute(sa.text("delete from certificate_events where leaf = :leaf"), {"leaf": one.issued})
        connection.execute(sa.text("delete from certificates where number = :number"), {"number": one.number})
    assert reread() == [f"the log has a certificate that the database has not: {one.key}"]


def test_a_file_replaced_on_the_disk_is_found(make: Make, app: Any, session: Session, reread: Any) -> None:
    one, other = make(), make()
    folder = app.config["DATA_DIR"] / ROOM
    (folder / f"{certificate_of(session, one).pdf_sha256}.pdf").write_bytes(other.pdf)
    (folder / f"{certificate_of(session, other).pdf_sha256}.pdf").unlink()
    assert set(reread()) == {
        f"{one.number}: the stored file is not the one that was issued",
        f"{other.number}: the stored file is gone",
    }


def test_a_file_replaced_with_its_hash_in_the_row_is_found(make: Make, app: Any, session: Session, reread: Any) -> None:
    one = make()
    from hashlib import sha256

    content = one.pdf + b"\n"
    (app.config["DATA_DIR"] / ROOM / f"{sha256(content).hexdigest()}.pdf").write_bytes(content)
    session.rollback()
    update("certificates", {"number": one.number}, pdf_sha256=sha256(content).hexdigest())
    assert reread() == [f"{one.number}: the hash of the file has no leaf"]


def test_a_number_issued_twice_is_found(make: Make, session: Session, clock: FixedClock, reread: Any) -> None:
    one = make()
    payload_sha256 = certificate_of(session, one).payload_sha256
    service.append(session, service.status_entry(one.number, "issued", "valid", None, payload_sha256), clock)
    session.commit()
    assert f"{one.number}: the number was issued twice" in reread()


# Whoever has the database, and its log


def test_a_removed_entry_is_found(make: Make, desk: Desk, offline: Any, reread: Any) -> None:
    """The last entries of the log dropped with all that belongs to them: the log as it was before the issue."""
    first, last = make(), make()
    kept = desk.head()
    with administrator() as connection:
        for table, column in (("log_leaves", "number"), ("log_heads", "size - 1")):
            connection.execute(sa.text(f"delete from {table} where {column} >= :leaf"), {"leaf": last.issued})
        connection.execute(sa.text("delete from log_nodes where place >= :at"), {"at": tree.places_of(last.issued)})
    desk.session.rollback()
    assert "head 4: the log is shorter than this head, which was kept" in reread("--head", str(kept))
    assert any(line.endswith("has no leaf") for line in reread())
    found = offline(first.pdf, "--head", str(kept), "--log", str(desk.log()))
    assert "rolled_back" in found["failed"]
    assert offline(last.pdf, "--log", str(desk.log()))["failed"].count("rolled_back") == 1


def test_an_entry_removed_from_the_middle_is_found(make: Make, desk: Desk, reread: Any) -> None:
    one = make()
    make()
    with administrator() as connection:
        connection.execute(sa.text("delete from log_leaves where number = :leaf"), {"leaf": one.filed})
    assert "leaf 1: the entry was removed" in reread()


def test_an_altered_entry_is_found(
    make: Make, session: Session, clock: FixedClock, desk: Desk, offline: Any, reread: Any
) -> None:
    """A withdrawal turned into a suspension, in the log's table and in the certificate's."""
    one = make()
    leaf = change_status(session, one, clock, "withdrawn", "withdrawn", "fraud")
    kept = desk.log().rename(desk.folder / "kept.json")
    entry = service.leaf_of(session, leaf).entry | {"event": "suspended", "status": "suspended", "reason": None}
    session.rollback()
    text = entry_text(entry)
    update("log_leaves", {"number": leaf}, entry=text, leaf_hash=tree.leaf_hash(text.encode()))
    update("certificates", {"number": one.number}, status="suspended", status_reason=None)
    update("certificate_events", {"leaf": leaf}, kind="suspended", reason=None)
    assert reread() == [f"leaf {leaf}: the entry was altered"]
    assert "log" in offline(one.pdf, "--log", str(desk.log()))["failed"]
    assert offline(one.pdf, "--log", str(kept))["outcome"] == "withdrawn"


def test_a_back_dated_entry_is_found(make: Make, session: Session, desk: Desk, reread: Any, offline: Any) -> None:
    make()
    other = make()
    entry = service.leaf_of(session, other.issued).entry
    session.rollback()
    text = entry_text(entry | {"at": instant(desk.clock.now() - timedelta(days=90))})
    update("log_leaves", {"number": other.issued}, entry=text, leaf_hash=tree.leaf_hash(text.encode()))
    assert f"leaf {other.issued}: the entry was dated back" in reread()
    assert "log" in offline(other.pdf, "--log", str(desk.log()))["failed"]


def test_entries_exchanged_are_found(make: Make, session: Session, reread: Any) -> None:
    one, other = make(), make()
    texts = {leaf: service.leaf_of(session, leaf).text for leaf in (one.issued, other.issued)}
    session.rollback()
    update("log_leaves", {"number": one.issued}, entry=texts[other.issued])
    update("log_leaves", {"number": other.issued}, entry=texts[one.issued])
    found = reread()
    for leaf in (one.issued, other.issued):
        assert f"leaf {leaf}: the entry stands at another's place" in found


def test_a_head_signed_with_another_key_is_found(make: Make, session: Session, reread: Any) -> None:
    make()
    head = service.head_of(session, 2)
    session.rollback()
    forged = Ed25519PrivateKey.generate().sign(signed_bytes(2, head.root, head.at, head.key_id)).hex()
    update("log_heads", {"size": 2}, signature=forged)
    assert reread() == ["head 2: the signature does not fit"]
    update("log_heads", {"size": 2}, key_id="0123456789abcdef")
    assert reread() == ["head 2: signed with no key of the log that was in force"]


def test_a_hash_of_the_tree_changed_is_found(make: Make, reread: Any) -> None:
    """Nothing is lost, but proofs made from it would not hold."""
    make()
    update("log_nodes", {"place": 2}, hash=b"\x00" * 32)
    assert reread() == ["tree, place 2: the hash does not follow from the leaves"]


# Whoever has the database and the keys


def rewrite(session: Session, clock: FixedClock, leaf: int, **changes: Any) -> None:
    """The whole log again from its first leaf, with one entry changed and every head signed with the key in force."""
    texts = [one.text for one in service.leaves_between(session, 0, service.size_of(session))]
    times = [service.head_of(session, size).at for size in range(1, len(texts) + 1)]
    texts[leaf] = entry_text(json.loads(texts[leaf]) | changes)
    key_id, key = signing_key(session, "log", clock)
    session.rollback()
    leaves, nodes, heads = (db.metadata.tables[name] for name in ("log_leaves", "log_nodes", "log_heads"))
    kept: dict[int, bytes] = {}
    with administrator() as connection:
        for table in (leaves, nodes, heads):
            connection.execute(table.delete())
        for number, text in enumerate(texts):
            hashed, at = tree.leaf_hash(text.encode()), times[number]
            grown = dict(enumerate(tree.grown(number, hashed, kept), tree.places_of(number)))
            kept |= grown
            root = tree.range_hash(0, number + 1, kept).hex()
            row = {"number": number, "entry": text, "leaf_hash": hashed, "at": at}
            connection.execute(leaves.insert(), row | {"certificate": json.loads(text)["certificate"]})
            connection.execute(nodes.insert(), [{"place": place, "hash": found} for place, found in grown.items()])
            said = {"size": number + 1, "root": root, "at": at, "key_id": key_id}
            signature = key.sign(signed_bytes(number + 1, root, at, key_id)).hex()
            connection.execute(heads.insert(), said | {"signature": signature})


def test_a_log_written_anew_with_the_operators_key_is_found_by_whoever_kept_a_head(
    make: Make, session: Session, clock: FixedClock, desk: Desk, offline: Any, reread: Any
) -> None:
    """The strongest attack: no trace of a withdrawal is left on the site. Three others still have one."""
    one = make()
    leaf = change_status(session, one, clock, "withdrawn", "withdrawn", "fraud")
    kept = desk.head()
    other = make()
    later = desk.head()
    rewrite(session, clock, leaf, event="surveyed", status="valid", reason=None)
    update(
        "certificates",
        {"number": one.number},
        status="valid",
        status_reason=None,
        status_since=clock.now() - timedelta(minutes=1),
    )
    update("certificate_events", {"leaf": leaf}, kind="surveyed", reason=None)
    assert reread() == []  # the site alone cannot know
    assert reread("--head", str(kept)) == [f"head {leaf + 1}: two heads of this size, with different roots"]
    assert offline(one.pdf, "--log", str(desk.log()))["outcome"] == "genuine"  # nor can the file that was issued before
    assert "log" in offline(one.pdf, "--head", str(kept), "--log", str(desk.log()))["failed"]
    assert (
        "log" in offline(other.pdf, "--log", str(desk.log()))["failed"]
    )  # a file that was issued after carries a head
    proof = desk.consistency(leaf + 1, leaf + 3)
    assert "consistency" in offline(one.pdf, "--head", str(kept), "--log", str(proof))["failed"]
    assert "consistency" in offline(one.pdf, "--head", str(later), "--log", str(proof))["failed"]


def test_a_rolled_back_log_that_goes_on_otherwise_is_found(
    make: Make, session: Session, clock: FixedClock, desk: Desk, offline: Any
) -> None:
    """A backup is put back, and new entries take the places of those that were lost."""
    one = make()
    kept_proof = service.head_of(session, 2)
    make()
    kept = desk.head()
    with administrator() as connection:
        for table, column in (("log_leaves", "number"), ("log_heads", "size - 1")):
            connection.execute(sa.text(f"delete from {table} where {column} >= 2"))
        connection.execute(sa.text("delete from log_nodes where place >= :at"), {"at": tree.places_of(2)})
    session.rollback()
    make()
    make()
    found = offline(one.pdf, "--head", str(kept), "--log", str(desk.log()))
    assert "log" in found["failed"]
    assert offline(one.pdf, "--log", str(desk.consistency(2, 6)))["failed"] == []
    assert read_head(head_document(kept_proof)).size == 2


def test_the_clock_set_back_stops_the_log(make: Make, session: Session, clock: FixedClock) -> None:
    make()
    make()
    clock.at -= timedelta(seconds=30)
    with pytest.raises(ClockBehindLog):
        service.append(session, service.file_entry("MC", "ab" * 32), clock)
