"""A backup and its restoring: the same rows, files and results, into an empty database of either kind."""

from __future__ import annotations

import json
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from config import from_env
from maturity.app import create_app
from maturity.archives import ArchiveError
from maturity.assessments.models import Answer, AnswerVersion, Submission
from maturity.assessments.submission import verify_all
from maturity.audit.models import UnsealedEvent
from maturity.audit.sealer import seal_batch
from maturity.audit.verification import verify_log
from maturity.clock import FixedClock
from maturity.db import every_tenant, writing
from maturity.extensions import db
from maturity.operation.backup import make_backup, restore_backup
from tests.conftest import NOW
from tests.factories.assessments import make_assessment, make_result
from tests.factories.enterprises import make_enterprise
from tests.factories.people import make_user

SECRET = "the secret of the installation, long enough"


@pytest.fixture
def filled(session: Session, clock: FixedClock) -> Session:
    """An enterprise with a result and a correction of it, whose row refers to the first."""
    tenant = make_enterprise(session, make_user(session), clock)
    make_result(session, tenant, clock)
    session.commit()
    seal_batch(session, clock)
    session.commit()
    make_assessment(session, tenant, clock, period=2026)  # its event is not sealed yet
    session.commit()
    return session


@pytest.fixture
def data() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder)
        (path / "documents").mkdir()
        (path / "documents" / "a.pdf").write_bytes(b"%PDF-1.7 a report")
        (path / "queue.db").write_bytes(b"not kept")
        yield path


def counts(session: Session) -> dict[str, int]:
    tables = (Answer, AnswerVersion, Submission)
    return {table.__name__: session.scalar(select(func.count()).select_from(table)) or 0 for table in tables}


@pytest.fixture
def original(filled: Session) -> tuple[dict[str, int], str]:
    """Rows and result, read before another installation is looked at."""
    found = counts(filled), filled.scalars(select(Submission.document)).one()
    filled.rollback()
    return found


@pytest.fixture
def backup(filled: Session, original: Any, data: Path, clock: FixedClock) -> Path:
    target = data / "backup.zip"
    make_backup(filled, data, SECRET, target, clock)
    filled.rollback()
    return target


@pytest.fixture
def elsewhere(backup: Path) -> Iterator[Callable[[], Any]]:
    """Another, empty installation on SQLite."""
    with tempfile.TemporaryDirectory() as folder:
        app = create_app(from_env({"MATURITY_ENV": "testing", "MATURITY_DATA": folder}), clock=FixedClock(NOW))
        with app.app_context():
            writing.set(True)
            db.create_all()
            yield lambda: (db.session(), Path(folder))
            db.session.remove()
            db.engine.dispose()


def test_everything_is_there_again_and_scores_the_same(
    original: tuple[dict[str, int], str], elsewhere: Callable[[], Any], backup: Path
) -> None:
    kept, document = original
    session, folder = elsewhere()
    restore_backup(session, folder, SECRET, backup)
    session.commit()
    with every_tenant(session):
        assert counts(session) == kept
        assert session.scalars(select(Submission.document)).one() == document
        assert verify_all(session) == (1, [])
        assert verify_log(session).findings == ()
        assert session.scalar(select(func.count()).select_from(UnsealedEvent)) == 1
    assert (folder / "documents" / "a.pdf").read_bytes() == b"%PDF-1.7 a report"
    assert b"not kept" not in (folder / "queue.db").read_bytes()


def test_a_backup_is_a_file_anybody_can_read_and_holds_no_secret(backup: Path) -> None:
    with zipfile.ZipFile(backup) as archive:
        manifest = json.loads(archive.read("manifest.json"))
        rows = archive.read("tables/enterprises.jsonl").decode().splitlines()
        everything = b"".join(archive.read(name) for name in archive.namelist())
    assert manifest["tables"]["enterprises"]["rows"] == len(rows) == 1
    assert json.loads(rows[0])["name"] == "青岛海岳数控机床有限公司"
    assert SECRET.encode() not in everything


def _changed(backup: Path, name: str, content: bytes | None) -> None:
    """The archive with one part replaced, or without it."""
    with zipfile.ZipFile(backup) as archive:
        parts = {item: archive.read(item) for item in archive.namelist()}
    del parts[name]
    with zipfile.ZipFile(backup, "w") as archive:
        for item, old in parts.items():
            archive.writestr(item, old)
        if content is not None:
            archive.writestr(name, content)


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        ("a row is changed", "damaged"),
        ("a table is missing", "damaged"),
        ("a file is changed", "damaged"),
        ("no manifest", "no backup of this site"),
        ("another format", "has the format"),
        ("another schema", "of revision"),
        ("another secret", "another MATURITY_SECRET_KEY"),
        ("a file outside", "outside the data folder"),
        ("no archive", "cannot be read"),
    ],
)
def test_what_cannot_be_restored_is_refused_before_anything_is_written(
    elsewhere: Callable[[], Any], backup: Path, damage: str, message: str
) -> None:
    secret = SECRET
    with zipfile.ZipFile(backup) as archive:
        manifest = json.loads(archive.read("manifest.json"))
    match damage:
        case "a row is changed":
            _changed(backup, "tables/enterprises.jsonl", b'{"name": "X"}\n')
        case "a table is missing":
            _changed(backup, "tables/answers.jsonl", None)
        case "a file is changed":
            _changed(backup, "files/documents/a.pdf", b"something else")
        case "no manifest":
            _changed(backup, "manifest.json", None)
        case "another format":
            _changed(backup, "manifest.json", json.dumps(manifest | {"format": "x"}).encode())
        case "another schema":
            _changed(backup, "manifest.json", json.dumps(manifest | {"revision": "9999"}).encode())
        case "another secret":
            secret = "another secret, which is long enough, too"
        case "a file outside":
            files = {"../evil": manifest["files"]["documents/a.pdf"]}
            _changed(backup, "manifest.json", json.dumps(manifest | {"files": files}).encode())
            with zipfile.ZipFile(backup, "a") as archive:
                archive.writestr("files/../evil", b"%PDF-1.7 a report")
        case _:
            backup.write_bytes(b"nothing of the kind")
    session, folder = elsewhere()
    with pytest.raises(ArchiveError, match=message):
        restore_backup(session, folder, secret, backup)
    session.rollback()
    with every_tenant(session):
        assert session.scalar(select(func.count()).select_from(Answer)) == 0
    assert not list(folder.rglob("*.pdf"))


def test_nothing_is_restored_over_what_is_there(filled: Session, data: Path, backup: Path) -> None:
    with pytest.raises(ArchiveError, match="not empty"):
        restore_backup(filled, data, SECRET, backup)


def test_a_backup_does_not_overwrite_another(filled: Session, data: Path, backup: Path, clock: FixedClock) -> None:
    with pytest.raises(ArchiveError, match="there already"):
        make_backup(filled, data, SECRET, backup, clock)


def test_a_full_disk_leaves_no_half_backup(
    filled: Session, data: Path, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_arguments: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(ArchiveError, match="No space left"):
        make_backup(filled, data, SECRET, data / "b.zip", clock)
    assert not list(data.glob("b.zip*"))
