"""What one installation exported another takes in: the same rows, files and results, or nothing at all."""

from __future__ import annotations

import hashlib
import json
import os
import zipfile
from collections.abc import Callable
from contextvars import Context
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from maturity.accounts.models import User
from maturity.assessments.models import Answer, AnswerVersion, Assessment, Submission
from maturity.assessments.submission import verify_all
from maturity.audit.chain import GENESIS, link_hash
from maturity.audit.models import AuditEvent
from maturity.clock import FixedClock
from maturity.db import every_tenant, writing
from maturity.editions.models import EditionRecord
from maturity.evidence.models import EvidenceFile
from maturity.evidence.storage import Vault
from maturity.extensions import db
from maturity.operation.backup import schema_revision
from maturity.organisations.models import Enterprise
from maturity.rights.intake import Accepted, taking_in
from maturity.rights.models import ImportedLog
from maturity.teamwork.models import Comment
from maturity.tenancy.models import Invitation, Membership, Tenant
from tests.conftest import NOW
from tests.factories.files import pdf
from tests.factories.people import make_user
from tests.functional.rights.conftest import Place, furnish, members

TABLES = (Assessment, Answer, AnswerVersion, Submission, Comment, EvidenceFile)


def counts(session: Session) -> dict[str, int]:
    return {table.__tablename__: session.scalar(select(func.count()).select_from(table)) or 0 for table in TABLES}


def take_in(other: Flask, path: Path, *options: str) -> Result:
    arguments = ["tenant", "import", str(path), "--address", "https://new.example.cn", *options]
    return run(other, *arguments)


def run(app: Flask, *arguments: str) -> Result:
    """A command in a process of its own, as far as the application can tell."""
    result: Result = Context().run(app.test_cli_runner().invoke, args=list(arguments))
    return result


@pytest.fixture
def there(elsewhere: Flask) -> Callable[[Callable[[Session], Any]], Any]:
    """Look into the other installation."""

    def look(question: Callable[[Session], Any]) -> Any:
        with elsewhere.app_context():
            writing.set(False)
            with every_tenant(db.session()):
                found = question(db.session())
            db.session.remove()
            return found

    return look


@pytest.fixture
def original(session: Session, archive: Path) -> tuple[dict[str, int], list[str]]:
    found = counts(session), list(session.scalars(select(Submission.document).order_by(Submission.id)))
    session.rollback()
    return found


def test_the_same_rows_and_results_are_there(
    original: tuple[dict[str, int], list[str]], archive: Path, elsewhere: Flask, there: Any, place: Place
) -> None:
    result = take_in(elsewhere, archive)
    assert result.exit_code == 0, result.output
    assert there(counts) == original[0]
    assert there(lambda s: list(s.scalars(select(Submission.document).order_by(Submission.id)))) == original[1]
    assert there(verify_all) == (1, [])
    assert there(lambda s: s.get_one(Tenant, place.tenant_id).name) == place.name


def test_evidence_comes_along_examined_and_waits_for_the_scanner(
    archive: Path, elsewhere: Flask, there: Any, place: Place
) -> None:
    take_in(elsewhere, archive)
    path = Vault(elsewhere.config["DATA_DIR"], place.tenant_id).path(place.sha256)
    assert hashlib.sha256(path.read_bytes()).hexdigest() == place.sha256
    file = there(lambda s: s.execute(select(EvidenceFile.state, EvidenceFile.name, EvidenceFile.erased_at)).one())
    assert file == ("waiting", "投入 台账.pdf", None)
    checked = run(elsewhere, "evidence", "check")
    assert "1 files, 0 findings" in checked.output


def test_people_come_as_names_that_cannot_sign_in_and_are_invited(
    archive: Path, elsewhere: Flask, there: Any, place: Place
) -> None:
    result = take_in(elsewhere, archive)
    people = there(lambda s: s.execute(select(User.name, User.email, User.password, User.active)).all())
    assert people == [("王建国", None, "!", False)]
    assert there(lambda s: s.scalars(select(Membership.ended_at)).one()) is not None
    invitation = there(lambda s: s.execute(select(Invitation.contact, Invitation.role)).one())
    assert tuple(invitation) == (place.owner_email, "owner")
    assert f"invited {place.owner_email}: https://new.example.cn/invitations/" in result.output


def test_the_enterprise_is_unclaimed_again(archive: Path, elsewhere: Flask, there: Any) -> None:
    take_in(elsewhere, archive)
    assert there(lambda s: s.scalars(select(Enterprise.claimed_at)).one()) is None


def test_the_other_log_is_kept_whole_under_its_hash_and_ours_says_so(
    archive: Path, elsewhere: Flask, there: Any
) -> None:
    take_in(elsewhere, archive)
    log = members(archive)["log.jsonl"]
    kept, sha256 = there(lambda s: s.execute(select(ImportedLog.content, ImportedLog.sha256)).one())
    assert kept.encode() == log
    details = there(lambda s: s.scalars(select(AuditEvent.details).where(AuditEvent.event == "import.done")).one())
    assert (details["log"], details["entries"]) == (sha256, len(log.splitlines()))
    assert details["archive"] == hashlib.sha256(archive.read_bytes()).hexdigest()
    events = there(lambda s: set(s.scalars(select(AuditEvent.event))))
    assert "assessment.submitted" not in events  # it was not done here


def test_it_is_not_taken_in_twice(archive: Path, elsewhere: Flask) -> None:
    take_in(elsewhere, archive)
    assert "in this installation already" in take_in(elsewhere, archive).output


def test_what_refers_to_others_stays_in_the_archive_and_is_named(archive: Path, elsewhere: Flask) -> None:
    output = take_in(elsewhere, archive).output
    assert "stays in the archive: 1 memberships" in output


def test_an_archive_with_another_hash_than_given_is_refused(archive: Path, elsewhere: Flask) -> None:
    assert "another SHA-256" in take_in(elsewhere, archive, "--sha256", "0" * 64).output
    right = hashlib.sha256(archive.read_bytes()).hexdigest()
    assert take_in(elsewhere, archive, "--sha256", right).exit_code == 0


def rewrite(archive: Path, *, change: dict[str, bytes | None], mend: bool = True, **manifest: Any) -> Path:
    """The archive with parts replaced; with `mend` its manifest names their new hashes, as a forger would."""
    parts = members(archive)
    for name, content in change.items():
        if content is None:
            parts.pop(name)
        else:
            parts[name] = content
    said = json.loads(parts["manifest.json"]) | manifest
    if mend:
        said["parts"] = {
            name: {"size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
            for name, content in parts.items()
            if name != "manifest.json"
        }
    parts["manifest.json"] = json.dumps(said).encode()
    changed = archive.with_name("changed.zip")
    with zipfile.ZipFile(changed, "w", zipfile.ZIP_DEFLATED) as out:
        for name, content in parts.items():
            out.writestr(name, content)
    return changed


def data(archive: Path, table: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(members(archive)[f"data/{table}.json"])
    return found


def dumped(rows: Any) -> bytes:
    return json.dumps(rows).encode()


def _evidence(archive: Path) -> str:
    return next(name for name in members(archive) if name.startswith("files/evidence/"))


def _table(archive: Path, table: str, **first: Any) -> Path:
    """With values of the first row of a table changed, and every hash made to fit."""
    rows = data(archive, table)
    rows[0] |= first
    return rewrite(archive, change={f"data/{table}.json": dumped(rows)})


def _better_document(archive: Path) -> Path:
    document = data(archive, "submissions")[0]["document"].replace('"level":', '"level":1', 1)
    return _table(archive, "submissions", document=document, sha256=hashlib.sha256(document.encode()).hexdigest())


def _other_schema(archive: Path) -> Path:
    schema = json.loads(members(archive)["schema.json"])
    del schema["answers"]["columns"]["facts"]
    return rewrite(archive, change={"schema.json": dumped(schema)}, revision="0001")


def _changed_event(archive: Path) -> Path:
    """A log in which one event is sealed, and says something else than was sealed."""
    entry = json.loads(members(archive)["log.jsonl"].splitlines()[0])
    seal = {"position": 1, "previous": GENESIS, "sealed_at": entry["event"]["at"]}
    entry["seal"] = seal | {"hash": link_hash(1, GENESIS, seal["sealed_at"], entry["event"])}
    entry["event"]["actor_id"] = 999
    return rewrite(archive, change={"log.jsonl": json.dumps(entry).encode() + b"\n"})


def _own_edition(archive: Path) -> Path:
    name = next(name for name in members(archive) if name.startswith("editions/"))
    bundle = members(archive)[name] + b" "
    sha256 = hashlib.sha256(bundle).hexdigest()
    return rewrite(archive, change={name: None, f"editions/{sha256}.json": bundle}, editions=[sha256])


def _operators(archive: Path) -> Path:
    tenant = json.loads(members(archive)["manifest.json"])["tenant"]
    return rewrite(archive, change={}, tenant=tenant | {"kind": "operator"})


def _no_archive(archive: Path) -> Path:
    nothing = archive.with_name("nothing.zip")
    nothing.write_bytes(b"nothing of the kind")
    return nothing


NOBODY = "00000000-0000-0000-0000-000000000000"
#: damage -> how it is done, and what the refusal says
DAMAGES: dict[str, tuple[Callable[[Path], Path], str]] = {
    "a part is changed": (
        lambda a: rewrite(a, change={"data/answers.json": b"[]"}, mend=False),
        "is not what the manifest says",
    ),
    "a part is missing": (
        lambda a: rewrite(a, change={"data/answers.json": None}, mend=False),
        "does not hold what its manifest names",
    ),
    "a part too many": (
        lambda a: rewrite(a, change={"data/more.json": b"[]"}, mend=False),
        "does not hold what its manifest names",
    ),
    "another format": (
        lambda a: rewrite(a, change={}, format="maturity-export/9"),
        "has the format 'maturity-export/9'",
    ),
    "another form of a table": (_other_schema, "of another version of the program"),
    "a result made better": (lambda a: _table(a, "submissions", level=4), "does not follow from its own facts"),
    "a document made better": (_better_document, "does not follow from its own facts"),
    "a row of another tenant": (lambda a: _table(a, "answers", tenant_id=NOBODY), "a row of another tenant"),
    "a number as text": (lambda a: _table(a, "assessments", period="2025"), "a value that cannot be"),
    "a key too many": (lambda a: _table(a, "answers", is_admin=True), "rows this program did not write"),
    "a row that leads nowhere": (lambda a: _table(a, "assessments", enterprise_id=NOBODY), "do not fit together"),
    "a program as evidence": (
        lambda a: rewrite(a, change={_evidence(a): b"#!/bin/sh\nrm -rf /\n"}),
        "is refused as evidence",
    ),
    "other evidence": (lambda a: rewrite(a, change={_evidence(a): pdf("Other")}), "is not the file that its row"),
    "an event changed": (_changed_event, "does not fit its event"),
    "an edition of its own": (_own_edition, "which this installation does not have"),
    "an edition under a wrong hash": (
        lambda a: rewrite(a, change={f"editions/{'a' * 64}.json": b"{}"}, editions=["a" * 64]),
        "is not the edition that its hash names",
    ),
    "the operator": (_operators, "cannot be taken in"),
    "nobody to own it": (lambda a: rewrite(a, change={"people.json": b"[]"}), "names no owner"),
    "a way out of the folder": (lambda a: rewrite(a, change={"../evil": b"x"}), "no name this program gives"),
    "an absolute way": (lambda a: rewrite(a, change={"/etc/passwd": b"x"}), "no name this program gives"),
    "deep JSON": (lambda a: rewrite(a, change={"people.json": b"[" * 100_000}), "cannot be read as JSON"),
    "a bomb": (lambda a: rewrite(a, change={"data/answers.json": b" " * (64 << 20)}), "more than is bearable"),
    "no archive": (_no_archive, "cannot be read"),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_what_is_not_right_is_refused_and_leaves_nothing(
    archive: Path, elsewhere: Flask, there: Any, damage: str
) -> None:
    do, message = DAMAGES[damage]
    result = take_in(elsewhere, do(archive))
    assert result.exit_code == 1
    assert message in result.output
    assert there(lambda s: s.scalar(select(func.count()).select_from(Tenant))) == 0
    assert there(lambda s: s.scalar(select(func.count()).select_from(User))) == 0
    assert not [path for path in (elsewhere.config["DATA_DIR"] / "evidence").rglob("*") if path.is_file()]


def test_a_link_in_the_archive_is_refused(archive: Path, elsewhere: Flask) -> None:
    changed = archive.with_name("link.zip")
    changed.write_bytes(archive.read_bytes())
    link = zipfile.ZipInfo("files/evidence/link")
    link.external_attr = 0o120777 << 16
    with zipfile.ZipFile(changed, "a") as out:
        out.writestr(link, "/etc/passwd")
    assert "is a link" in take_in(elsewhere, changed).output


def test_a_failing_commit_leaves_no_file_behind(archive: Path, elsewhere: Flask, place: Place) -> None:
    with elsewhere.app_context():
        writing.set(True)
        session, folder = db.session(), elsewhere.config["DATA_DIR"]
        how: dict[str, Any] = {"revision": schema_revision(session), "region": "310000", "clock": FixedClock(NOW)}

        def fail() -> None:
            with taking_in(session, folder, archive, Accepted(), **how) as found:
                assert Vault(folder, place.tenant_id).path(place.sha256).exists()
                assert found.files == 1
                raise RuntimeError("the power fails")

        with pytest.raises(RuntimeError, match="power"):
            fail()
        assert not Vault(folder, place.tenant_id).path(place.sha256).exists()
        with every_tenant(session):
            assert session.scalar(select(func.count()).select_from(Tenant)) == 0
        db.session.remove()


def test_an_edition_that_is_not_here_comes_along_and_is_offered_to_nobody(
    archive: Path, elsewhere: Flask, there: Any
) -> None:
    with elsewhere.app_context():
        writing.set(True)
        with every_tenant(db.session()):
            for record in db.session().scalars(select(EditionRecord)).all():
                db.session().delete(record)
            db.session.commit()
        db.session.remove()
    assert "allow it with --accept-editions" in take_in(elsewhere, archive).output
    assert take_in(elsewhere, archive, "--accept-editions").exit_code == 0
    assert there(lambda s: list(s.scalars(select(EditionRecord.status)))) == ["retired"]
    assert there(verify_all) == (1, [])


def test_a_tenant_that_wants_its_data_elsewhere_is_not_taken_in_by_mistake(
    app: Any, session: Session, browser: Any, place: Place, worker: Any, elsewhere: Flask
) -> None:
    from maturity.rights.models import TenantExport

    browser.post(f"{place.base}/region", {"region": "370000"})
    browser.post(f"{place.base}/exports")
    worker.work_off()
    export = session.scalars(select(TenantExport)).one()
    path = app.config["DATA_DIR"] / "exports" / str(place.tenant_id) / f"{export.id}.zip"
    session.rollback()
    assert "wants its data kept in 370000" in take_in(elsewhere, path).output
    assert take_in(elsewhere, path, "--accept-region").exit_code == 0


@pytest.mark.skipif("TEST_DATABASE_URL" not in os.environ, reason="into PostgreSQL")
def test_what_sqlite_exported_postgresql_takes_in(
    app: Any, session: Session, clock: FixedClock, elsewhere: Flask
) -> None:
    """The other way round: the other installation exports, this one takes in."""
    from maturity.rights.archive import write_archive

    folder: Path = elsewhere.config["DATA_DIR"]
    with elsewhere.app_context():
        writing.set(True)
        revision = schema_revision(db.session())
        with every_tenant(db.session()):
            place = furnish(db.session(), folder, clock, make_user(db.session()))
            kept = counts(db.session())
            db.session.rollback()
        with elsewhere.test_request_context():
            write_archive(
                db.session(), place.tenant_id, folder, folder / "export.zip", locale="zh_CN", revision=revision,
                clock=clock, step=lambda _done, _total: None,
            )  # fmt: skip
        db.session.remove()
    session.rollback()
    assert take_in(app, folder / "export.zip").exit_code == 0
    session.rollback()
    assert counts(session) == kept
    assert verify_all(session) == (1, [])
