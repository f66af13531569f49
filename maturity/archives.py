"""Tables and files as parts of a ZIP archive: what a backup, an export and their reading back have in common.

Rows become JSON objects with the columns' names as keys and come back as the values the columns take, on either
database. Whoever reads an archive from outside reads it through `Guarded`, which believes nothing but the bytes.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import stat
import struct
import uuid
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path, PurePosixPath
from typing import IO, Any

import sqlalchemy as sa
from sqlalchemy import Connection, Table
from sqlalchemy.orm import Session

from maturity.db import EVERY_TENANT, act_for, writing

CHUNK = 1 << 20
#: What reading an archive raises that is none, or is damaged: zipfile names few of them.
UNREADABLE = (zipfile.BadZipFile, NotImplementedError, EOFError, OSError, ValueError, struct.error)


class ArchiveError(Exception):
    """The archive cannot be made or used; the message says why and what to do, and nothing was changed."""


@dataclass(frozen=True, slots=True)
class Part:
    """One member of an archive."""

    name: str
    size: int
    sha256: str


# Values


def to_json(value: Any) -> Any:
    """A column's value as JSON holds it.

    >>> to_json(Decimal("84.20")), to_json(b"logo"), to_json(date(2026, 11, 24))
    ('84.20', 'bG9nbw==', '2026-11-24')
    """
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


def from_json(column: sa.Column[Any], value: Any) -> Any:
    """The value for a column; what it cannot be raises `ValueError` or `TypeError`."""
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


def as_line(row: Mapping[str, Any]) -> bytes:
    """A row as one line of JSON."""
    return json.dumps({name: to_json(value) for name, value in row.items()}, ensure_ascii=False).encode()


def in_order_of_reference(table: Table, rows: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """A row that refers to another of its own table comes after it; `ArchiveError` where that one is missing."""
    own = [
        (tuple(key.column_keys), tuple(element.column.name for element in key.elements))
        for key in table.foreign_key_constraints
        if key.referred_table is table
    ]
    if not own:
        yield from rows
        return
    waiting = list(rows)
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
            raise ArchiveError(f"rows of {table.name} refer to rows that the archive does not hold")
        waiting = later


def _is_there(
    row: dict[str, Any], columns: tuple[str, ...], targets: tuple[str, ...], done: set[tuple[Any, ...]]
) -> bool:
    values = tuple(row[name] for name in columns)
    return None in values or (targets, values) in done


def reset_sequences(connection: Connection, tables: Iterable[Table]) -> None:
    """PostgreSQL counts on from the highest number that was put in."""
    if connection.dialect.name != "postgresql":
        return
    connection.exec_driver_sql("set local role none")
    for table in tables:
        for column in table.primary_key:
            sequence = connection.execute(
                sa.text("select pg_get_serial_sequence(:table, :column)"), {"table": table.name, "column": column.name}
            ).scalar()
            highest = connection.execute(sa.select(sa.func.max(column))).scalar() if sequence else None
            if highest is not None:
                connection.execute(sa.text("select setval(:name, :value)"), {"name": sequence, "value": highest})


# Writing


@contextmanager
def at_one_moment(session: Session, tenant_id: uuid.UUID | None = None) -> Iterator[Session]:
    """A session of its own that sees the database as of one moment, while people go on working.

    For one tenant it works behind the walls of that tenant, otherwise across all of them.
    """
    before = writing.get()
    writing.set(False)
    try:
        with Session(session.get_bind()) as reading:
            if tenant_id is None:
                reading.info[EVERY_TENANT] = True
            else:
                act_for(reading, tenant_id)
            if reading.get_bind().dialect.name == "postgresql":
                reading.connection(execution_options={"isolation_level": "REPEATABLE READ"})
            yield reading
    finally:
        writing.set(before)


@dataclass(slots=True)
class Writing:
    """An archive that is being written, part by part, each hashed as it goes."""

    archive: zipfile.ZipFile
    parts: dict[str, Part] = field(default_factory=dict)

    def chunks(self, name: str, chunks: Iterable[bytes]) -> Part:
        digest, size = hashlib.sha256(), 0
        with self.archive.open(name, "w", force_zip64=True) as out:
            for chunk in chunks:
                digest.update(chunk)
                size += len(chunk)
                out.write(chunk)
        part = Part(name, size, digest.hexdigest())
        self.parts[name] = part
        return part

    def bytes(self, name: str, content: bytes) -> Part:
        return self.chunks(name, [content])

    def file(self, name: str, path: Path) -> Part:
        with path.open("rb") as source:
            return self.chunks(name, pieces(source))


def pieces(source: IO[bytes]) -> Iterator[bytes]:
    while chunk := source.read(CHUNK):
        yield chunk


def flush_to_disk(path: Path) -> None:
    with path.open("rb") as written:
        os.fsync(written.fileno())


# Reading


def digest_of(archive: zipfile.ZipFile, name: str) -> str:
    digest = hashlib.sha256()
    with archive.open(name) as source:
        for chunk in pieces(source):
            digest.update(chunk)
    return digest.hexdigest()


@contextmanager
def opened(source: Path, limits: Limits) -> Iterator[Guarded]:
    """An archive from outside; `ArchiveError` where it is none."""
    try:
        zipped = zipfile.ZipFile(source)
    except UNREADABLE as error:
        raise ArchiveError(f"{source} cannot be read as an archive: {error}") from error
    with zipped:
        yield Guarded(zipped, limits)


@dataclass(frozen=True, slots=True)
class Limits:
    """What an archive from outside may grow to when it is unpacked."""

    members: int
    member_bytes: int
    all_bytes: int
    ratio: int = 200  # unpacked ÷ packed; text of answers packs by ten to thirty


@dataclass(slots=True)
class Guarded:
    """An archive from somebody else: its directory is checked before it is used, and what is unpacked is counted."""

    archive: zipfile.ZipFile
    limits: Limits
    unpacked: int = 0

    def __post_init__(self) -> None:
        members = self.archive.infolist()
        names = [member.filename for member in members]
        if len(names) > self.limits.members:
            raise ArchiveError(f"the archive has {len(names)} members; more than {self.limits.members} are not read")
        if len(set(names)) != len(names):
            raise ArchiveError("the archive names a member twice; it was not made by this program")
        for member in members:
            self._check(member)

    def _check(self, member: zipfile.ZipInfo) -> None:
        if is_outside(member.filename) or member.is_dir():
            raise ArchiveError(f"{member.filename!r} is no name this program gives; the archive was changed")
        if stat.S_ISLNK(member.external_attr >> 16):
            raise ArchiveError(f"{member.filename!r} is a link; the archive was not made by this program")
        if member.flag_bits & 0x1:
            raise ArchiveError("the archive is encrypted; unpack it and hand over the original")
        if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise ArchiveError(f"{member.filename!r} is packed in a way this program does not read")

    @property
    def names(self) -> frozenset[str]:
        return frozenset(self.archive.namelist())

    def chunks(self, name: str) -> Iterator[bytes]:
        """The bytes of a member; `ArchiveError` as soon as there are more than is bearable, whatever it says of itself.

        A member whose bytes are not those it was packed from is refused by its own checksum.
        """
        packed, seen = self.archive.getinfo(name).compress_size, 0
        most = min(self.limits.member_bytes, max(packed, 1024) * self.limits.ratio)
        try:
            with self.archive.open(name) as source:
                for chunk in pieces(source):
                    seen += len(chunk)
                    self.unpacked += len(chunk)
                    if seen > most or self.unpacked > self.limits.all_bytes:
                        raise ArchiveError(f"{name} unpacks to more than is bearable; the archive is not read")
                    yield chunk
        except (*UNREADABLE, zlib.error) as error:
            raise ArchiveError(f"{name} is damaged; get the archive again") from error

    def bytes(self, name: str) -> bytes:
        return b"".join(self.chunks(name))

    def json(self, name: str) -> Any:
        try:
            return json.loads(self.bytes(name))
        except (ValueError, RecursionError) as error:
            raise ArchiveError(f"{name} cannot be read as JSON; the archive was changed") from error


def is_outside(name: str) -> bool:
    """Whether a name leads out of the folder it is unpacked into.

    >>> [is_outside(name) for name in ("files/a.pdf", "../a.pdf", "/a.pdf", "a/../../b", "c:\\\\a", "")]
    [False, True, True, True, True, True]
    """
    parts = PurePosixPath(name).parts
    return not parts or name.startswith("/") or ".." in parts or "\\" in name or ":" in name or "\0" in name
