"""A backup of the whole installation as one file, independent of the database, and its restoring.

The file is a ZIP archive: `manifest.json`, a JSON-lines file for each table, and the files of the data folder. The
manifest holds the schema's revision, the rows and the SHA-256 of every part, and a fingerprint of the installation's
secret, without which encrypted columns would be lost: secrets themselves are never in it. Rows are read in one
transaction. Restoring goes into a migrated, empty database, checks every hash before it writes, and is one transaction.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import uuid
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection, Table
from sqlalchemy.orm import Session

from maturity.clock import Clock
from maturity.db import STAND, Base, every_tenant, writing

FORMAT = "maturity-backup/1"
#: Folders of the data folder that hold what cannot be made again from the database.
FOLDERS = ("documents", "evidence", "brands")
#: The database fills it by itself when events are inserted.
FILLED_BY_TRIGGER = "audit_unsealed"
BATCH = 500


class BackupError(Exception):
    """The backup cannot be made or restored; the message says why and what to do, and nothing was changed."""


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
    """Write the backup next to `target` and move it there when it is whole; `BackupError` where it exists already."""
    if target.exists():
        raise BackupError(f"{target} is there already; choose another name")
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
            with _reading(session) as connection:
                for table in _tables():
                    manifest["tables"][table.name] = _write_table(archive, connection, table)
            for path in _files(data):
                manifest["files"][path] = _write_file(archive, data, path)
            archive.writestr("manifest.json", json.dumps(manifest, indent=1))
        with partial.open("rb") as written:
            os.fsync(written.fileno())
        partial.rename(target)
    except OSError as error:
        partial.unlink(missing_ok=True)
        raise BackupError(f"{target} could not be written: {error.strerror}") from error
    return _contents(manifest)


@contextmanager
def _reading(session: Session) -> Iterator[Connection]:
    """All tables as of one moment, on a connection of its own, while people go on working."""
    bind: Any = session.get_bind()
    before = writing.get()
    writing.set(False)
    try:
        with bind.connect() as connection:
            if connection.dialect.name == "postgresql":
                connection.execution_options(isolation_level="REPEATABLE READ")
                connection.exec_driver_sql(STAND, {"role": "across", "tenant": "", "person": ""})
            yield connection
    finally:
        writing.set(before)


def _tables() -> list[Table]:
    """In the order in which their references allow them to be filled."""
    return [table for table in Base.metadata.sorted_tables if table.name != FILLED_BY_TRIGGER]


def _write_table(archive: zipfile.ZipFile, connection: Connection, table: Table) -> dict[str, Any]:
    digest, rows = hashlib.sha256(), 0
    result = connection.execution_options(yield_per=BATCH).execute(table.select().order_by(*table.primary_key))
    with archive.open(f"tables/{table.name}.jsonl", "w", force_zip64=True) as out:
        for row in result.mappings():
            line = json.dumps({name: _to_json(value) for name, value in row.items()}, ensure_ascii=False)
            content = line.encode() + b"\n"
            digest.update(content)
            out.write(content)
            rows += 1
    return {"rows": rows, "sha256": digest.hexdigest()}


def _files(data: Path) -> Iterator[str]:
    for folder in FOLDERS:
        for path in sorted((data / folder).rglob("*")):
            if path.is_file() and not path.is_symlink():
                yield path.relative_to(data).as_posix()


def _write_file(archive: zipfile.ZipFile, data: Path, path: str) -> str:
    digest = hashlib.sha256()
    with (data / path).open("rb") as source, archive.open(f"files/{path}", "w", force_zip64=True) as out:
        while chunk := source.read(1 << 20):
            digest.update(chunk)
            out.write(chunk)
    return digest.hexdigest()


def _to_json(value: Any) -> Any:
    match value:
        case uuid.UUID():
            return str(value)
        case datetime() | date():
            return value.isoformat()
        case Decimal():
            return str(value)
        case bytes():
            return base64.b64encode(value).decode()
        case _:
            return value


# Restoring


def restore_backup(session: Session, data: Path, secret: str, source: Path, *, other_secret: bool = False) -> Contents:
    """Fill a migrated, empty database and the data folder from a backup.

    The caller commits. Raises `BackupError` before anything is written when the file is damaged, of another revision
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
            _reset_sequences(session)
            for path in manifest["files"]:
                _restore_file(archive, data, path)
    except (OSError, zipfile.BadZipFile) as error:
        raise BackupError(f"{source} cannot be read: {error}") from error
    return _contents(manifest)


def _checked_manifest(session: Session, archive: zipfile.ZipFile, secret: str, *, other_secret: bool) -> dict[str, Any]:
    names = set(archive.namelist())
    if "manifest.json" not in names:
        raise BackupError("the file is no backup of this site: it has no manifest")
    manifest: dict[str, Any] = json.loads(archive.read("manifest.json"))
    if manifest.get("format") != FORMAT:
        raise BackupError(f"the backup has the format {manifest.get('format')!r}; this program reads {FORMAT}")
    if manifest["revision"] != (here := schema_revision(session)):
        raise BackupError(
            f"the backup is of revision {manifest['revision']} and the database of {here}; "
            f"run `flask db upgrade {manifest['revision']}` on an empty database, restore, then upgrade"
        )
    if manifest["secret"] != fingerprint(secret) and not other_secret:
        raise BackupError(
            "the backup was made with another MATURITY_SECRET_KEY; put that secret back, or restore with "
            "--other-secret and lose what is encrypted with it"
        )
    expected = {f"tables/{name}.jsonl": part["sha256"] for name, part in manifest["tables"].items()}
    expected |= {f"files/{name}": sha256 for name, sha256 in manifest["files"].items()}
    for name, sha256 in expected.items():
        if name not in names or _digest_of(archive, name) != sha256:
            raise BackupError(f"{name} is missing from the backup or damaged; take another backup")
    if any(_is_outside(name) for name in manifest["files"]):
        raise BackupError("the backup holds a file outside the data folder; it was not made by this program")
    return manifest


def _is_outside(name: str) -> bool:
    parts = Path(name).parts
    return Path(name).is_absolute() or ".." in parts or not parts or parts[0] not in FOLDERS


def _digest_of(archive: zipfile.ZipFile, name: str) -> str:
    digest = hashlib.sha256()
    with archive.open(name) as source:
        while chunk := source.read(1 << 20):
            digest.update(chunk)
    return digest.hexdigest()


def _require_empty(connection: Connection) -> None:
    full = [table.name for table in _tables() if connection.execute(sa.select(sa.exists(table.select()))).scalar()]
    if full:
        raise BackupError(f"the database is not empty ({', '.join(full)}); restore into a new one")


def _read_table(archive: zipfile.ZipFile, connection: Connection, table: Table) -> None:
    batch: list[dict[str, Any]] = []
    with archive.open(f"tables/{table.name}.jsonl") as lines:
        for line in _by_reference(table, lines):
            batch.append({name: _from_json(table.c[name], value) for name, value in line.items()})
            if len(batch) == BATCH:
                connection.execute(table.insert(), batch)
                batch = []
    if batch:
        connection.execute(table.insert(), batch)


def _by_reference(table: Table, lines: Any) -> Iterator[dict[str, Any]]:
    """A row that refers to another of its own table comes after it."""
    own = [
        (tuple(key.column_keys), tuple(element.column.name for element in key.elements))
        for key in table.foreign_key_constraints
        if key.referred_table is table
    ]
    if not own:
        yield from map(json.loads, lines)
        return
    waiting = [json.loads(line) for line in lines]
    done: set[tuple[Any, ...]] = set()
    while waiting:
        later = []
        for row in waiting:
            if all(_is_there(row, columns, targets, done) for columns, targets in own):
                done |= {(targets, tuple(row[name] for name in targets)) for _columns, targets in own}
                yield row
            else:
                later.append(row)
        if len(later) == len(waiting):
            raise BackupError(f"rows of {table.name} refer to rows that the backup does not hold")
        waiting = later


def _is_there(
    row: dict[str, Any], columns: tuple[str, ...], targets: tuple[str, ...], done: set[tuple[Any, ...]]
) -> bool:
    values = tuple(row[name] for name in columns)
    return None in values or (targets, values) in done


def _from_json(column: sa.Column[Any], value: Any) -> Any:
    if value is None or isinstance(column.type, sa.JSON):
        return value
    kind = column.type.python_type if not isinstance(column.type, sa.types.TypeDecorator) else None
    if kind is uuid.UUID:
        return uuid.UUID(value)
    if kind is Decimal:
        return Decimal(value)
    if kind is bytes:
        return base64.b64decode(value)
    if isinstance(column.type, sa.Date) or kind is date:
        return date.fromisoformat(value)
    if isinstance(getattr(column.type, "impl", column.type), sa.DateTime):
        return datetime.fromisoformat(value)
    return value


def _settle_queue(connection: Connection) -> None:
    """Inserting the events put all of them on the sealer's list; those that have a seal are done."""
    queue, seals = Base.metadata.tables[FILLED_BY_TRIGGER], Base.metadata.tables["audit_seals"]
    connection.execute(queue.delete().where(queue.c.event_id.in_(sa.select(seals.c.event_id))))


def _reset_sequences(session: Session) -> None:
    """PostgreSQL counts on from the highest number that was restored."""
    connection = session.connection()
    if connection.dialect.name != "postgresql":
        return
    connection.exec_driver_sql("set local role none")
    for table in _tables():
        for column in table.primary_key:
            sequence = connection.execute(
                sa.text("select pg_get_serial_sequence(:table, :column)"), {"table": table.name, "column": column.name}
            ).scalar()
            highest = connection.execute(sa.select(sa.func.max(column))).scalar() if sequence else None
            if highest is not None:
                connection.execute(sa.text("select setval(:name, :value)"), {"name": sequence, "value": highest})


def _restore_file(archive: zipfile.ZipFile, data: Path, path: str) -> None:
    target = data / path
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(target.name + ".partial")
    with archive.open(f"files/{path}") as source, partial.open("wb") as out:
        partial.chmod(0o600)
        while chunk := source.read(1 << 20):
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
