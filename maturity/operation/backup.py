"""A backup of the whole installation as one file, independent of the database, and its restoring.

The file is a ZIP archive: `manifest.json`, a JSON-lines file for each table, and the files of the data folder. The
manifest holds the schema's revision, the rows and the SHA-256 of every part, and a fingerprint of the installation's
secret, without which encrypted columns would be lost: secrets themselves are never in it. Rows are read in one
transaction. Restoring goes into a migrated, empty database, checks every hash before it writes, and is one transaction.
"""

from __future__ import annotations

import hashlib
import json
import os
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Table
from sqlalchemy.orm import Session

from maturity.archives import (
    ArchiveError,
    Writing,
    as_line,
    at_one_moment,
    digest_of,
    flush_to_disk,
    from_json,
    in_order_of_reference,
    is_outside,
    pieces,
    reset_sequences,
)
from maturity.benchmarks.immutable import RELEASES, held_open
from maturity.clock import Clock
from maturity.db import Base, every_tenant

FORMAT = "maturity-backup/1"
#: Folders of the data folder that hold what cannot be made again from the database.
FOLDERS = ("documents", "evidence", "licences", "brands", "releases", "certificates")
#: The database fills it by itself when events are inserted.
FILLED_BY_TRIGGER = "audit_unsealed"
BATCH = 500


@dataclass(frozen=True, slots=True)
class Contents:
    """What a backup holds."""

    tables: Mapping[str, int]  # rows
    files: int
    created_at: str
    revision: str


def fingerprint(secret: str) -> str:
    """Tells secrets apart without telling them."""
    return hashlib.sha256(b"maturity backup fingerprint\n" + secret.encode()).hexdigest()


# Making


def make_backup(session: Session, data: Path, secret: str, target: Path, clock: Clock) -> Contents:
    """Write the backup next to `target` and move it there when it is whole; `ArchiveError` where it exists already."""
    if target.exists():
        raise ArchiveError(f"{target} is there already; choose another name")
    partial = target.with_name(target.name + ".partial")
    manifest: dict[str, Any] = {
        "format": FORMAT,
        "created_at": clock.now().isoformat(),
        "revision": schema_revision(session),
        "secret": fingerprint(secret),
        "tables": {},
        "files": {},
    }
    try:
        with zipfile.ZipFile(partial, "w", zipfile.ZIP_DEFLATED) as archive:
            parts = Writing(archive)
            with at_one_moment(session) as reading:
                for table in _tables():
                    manifest["tables"][table.name] = _write_table(parts, reading.connection(), table)
            for path in _files(data):
                manifest["files"][path] = parts.file(f"files/{path}", data / path).sha256
            archive.writestr("manifest.json", json.dumps(manifest, indent=1))
        flush_to_disk(partial)
        partial.rename(target)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise ArchiveError(f"{target} could not be written: {error.strerror}") from error
    return _contents(manifest)


def _tables() -> list[Table]:
    """In the order in which their references allow them to be filled."""
    return [table for table in Base.metadata.sorted_tables if table.name != FILLED_BY_TRIGGER]


def _write_table(parts: Writing, connection: Connection, table: Table) -> dict[str, Any]:
    rows = 0

    def lines() -> Iterator[bytes]:
        nonlocal rows
        result = connection.execution_options(yield_per=BATCH).execute(table.select().order_by(*table.primary_key))
        for row in result.mappings():
            rows += 1
            yield as_line(dict(row)) + b"\n"

    part = parts.chunks(f"tables/{table.name}.jsonl", lines())
    return {"rows": rows, "sha256": part.sha256}


def _files(data: Path) -> Iterator[str]:
    for folder in FOLDERS:
        for path in sorted((data / folder).rglob("*")):
            if path.is_file() and not path.is_symlink():
                yield path.relative_to(data).as_posix()


# Restoring


def restore_backup(session: Session, data: Path, secret: str, source: Path, *, other_secret: bool = False) -> Contents:
    """Fill a migrated, empty database and the data folder from a backup.

    The caller commits. Raises `ArchiveError` before anything is written when the file is damaged, of another revision
    of the schema or of another secret, or when the database holds something.
    """
    try:
        with zipfile.ZipFile(source) as archive:
            manifest = _checked_manifest(session, archive, secret, other_secret=other_secret)
            with every_tenant(session):
                connection = session.connection()
                _require_empty(connection)
                for table in _tables():
                    _read_table(archive, connection, table)
                _settle_queue(connection)
                _close_releases(archive, connection)
            reset_sequences(session.connection(), _tables())
            for path in manifest["files"]:
                _restore_file(archive, data, path)
    except (OSError, zipfile.BadZipFile) as error:
        raise ArchiveError(f"{source} cannot be read: {error}") from error
    return _contents(manifest)


def _checked_manifest(session: Session, archive: zipfile.ZipFile, secret: str, *, other_secret: bool) -> dict[str, Any]:
    names = set(archive.namelist())
    if "manifest.json" not in names:
        raise ArchiveError("the file is no backup of this site: it has no manifest")
    manifest: dict[str, Any] = json.loads(archive.read("manifest.json"))
    if manifest.get("format") != FORMAT:
        raise ArchiveError(f"the backup has the format {manifest.get('format')!r}; this program reads {FORMAT}")
    if manifest["revision"] != (here := schema_revision(session)):
        raise ArchiveError(
            f"the backup is of revision {manifest['revision']} and the database of {here}; "
            f"run `flask db upgrade {manifest['revision']}` on an empty database, restore, then upgrade"
        )
    if manifest["secret"] != fingerprint(secret) and not other_secret:
        raise ArchiveError(
            "the backup was made with another MATURITY_SECRET_KEY; put that secret back, or restore with "
            "--other-secret and lose what is encrypted with it"
        )
    expected = {f"tables/{name}.jsonl": part["sha256"] for name, part in manifest["tables"].items()}
    expected |= {f"files/{name}": sha256 for name, sha256 in manifest["files"].items()}
    for name, sha256 in expected.items():
        if name not in names or digest_of(archive, name) != sha256:
            raise ArchiveError(f"{name} is missing from the backup or damaged; take another backup")
    if any(_is_outside(name) for name in manifest["files"]):
        raise ArchiveError("the backup holds a file outside the data folder; it was not made by this program")
    return manifest


def _is_outside(name: str) -> bool:
    return is_outside(name) or Path(name).parts[0] not in FOLDERS


def _require_empty(connection: Connection) -> None:
    full = [table.name for table in _tables() if connection.execute(sa.select(sa.exists(table.select()))).scalar()]
    if full:
        raise ArchiveError(f"the database is not empty ({', '.join(full)}); restore into a new one")


def _read_table(archive: zipfile.ZipFile, connection: Connection, table: Table) -> None:
    batch: list[dict[str, Any]] = []
    with archive.open(f"tables/{table.name}.jsonl") as lines:
        for line in in_order_of_reference(table, map(json.loads, lines)):
            row = {name: from_json(table.c[name], value) for name, value in line.items()}
            batch.append(held_open(row) if table.name == RELEASES else row)
            if len(batch) == BATCH:
                connection.execute(table.insert(), batch)
                batch = []
    if batch:
        connection.execute(table.insert(), batch)


def _close_releases(archive: zipfile.ZipFile, connection: Connection) -> None:
    """Nothing is added to a published release: it was put in open, and is published now that its cells are there."""
    table = Base.metadata.tables[RELEASES]
    with archive.open(f"tables/{RELEASES}.jsonl") as lines:
        for line in map(json.loads, lines):
            state = {name: from_json(table.c[name], line[name]) for name in ("state", "published_at")}
            connection.execute(table.update().where(table.c.id == line["id"]).values(**state))


def _settle_queue(connection: Connection) -> None:
    """Inserting the events put all of them on the sealer's list; those that have a seal are done."""
    queue, seals = Base.metadata.tables[FILLED_BY_TRIGGER], Base.metadata.tables["audit_seals"]
    connection.execute(queue.delete().where(queue.c.event_id.in_(sa.select(seals.c.event_id))))


def _restore_file(archive: zipfile.ZipFile, data: Path, path: str) -> None:
    target = data / path
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(target.name + ".partial")
    with archive.open(f"files/{path}") as source, partial.open("wb") as out:
        partial.chmod(0o600)
        for chunk in pieces(source):
            out.write(chunk)
        out.flush()
        os.fsync(out.fileno())
    partial.rename(target)


def _contents(manifest: dict[str, Any]) -> Contents:
    tables = {name: part["rows"] for name, part in manifest["tables"].items()}
    return Contents(tables, len(manifest["files"]), manifest["created_at"], manifest["revision"])


def schema_revision(session: Session) -> str:
    """The revision of the schema; read past the session, whose roles do not see Alembic's table."""
    bind: Any = session.get_bind()
    with bind.connect() as connection:
        if not sa.inspect(connection).has_table("alembic_version"):
            return "none"
        return str(connection.exec_driver_sql("select version_num from alembic_version").scalar())
