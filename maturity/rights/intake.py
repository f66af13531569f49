"""Taking in a tenant from another installation's archive: all of it, checked before it is written, or nothing.

The archive comes from outside and may have been made to deceive. Its parts must be those its manifest names, its rows
those of this schema and of one tenant, its files of the kinds that evidence may have and what their rows say, its log
what its seals say, its results what their own facts score to. People come as names only; who belonged to the tenant is
invited anew.
"""

from __future__ import annotations

import hashlib
import json
import re
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Table, func, select
from sqlalchemy.exc import IntegrityError, StatementError
from sqlalchemy.orm import Session

from maturity.accounts.contacts import Contact, read_contact
from maturity.accounts.models import User
from maturity.accounts.passwords import NO_PASSWORD
from maturity.archives import ArchiveError, Guarded, Limits, from_json, in_order_of_reference, opened
from maturity.assessments.models import Submission
from maturity.assessments.submission import is_genuine
from maturity.audit.chain import link_hash
from maturity.audit.service import record
from maturity.clock import Clock
from maturity.consulting.service import new_code
from maturity.db import every_tenant, for_tenant
from maturity.editions.models import EditionRecord
from maturity.editions.service import digest, edition_from_elsewhere
from maturity.evidence.confined import examine_confined
from maturity.evidence.contents import KINDS as FILE_KINDS
from maturity.evidence.contents import LARGEST_FILE, Refused, safe_name
from maturity.evidence.models import EvidenceFile
from maturity.evidence.retention import plan_sweep
from maturity.evidence.service import PROCESS
from maturity.evidence.storage import TooLarge, Vault
from maturity.jobs.service import ask_for_job
from maturity.organisations.models import Enterprise
from maturity.people.service import MOST_OPEN, invite
from maturity.rights.archive import FORMAT, schema_of
from maturity.rights.inventory import entry_of, exported_columns, imported_tables, people_columns
from maturity.rights.models import ImportedLog
from maturity.rights.residency import required_region_of, suits
from maturity.tenancy.models import KINDS, ROLES, Membership, Tenant

LIMITS = Limits(members=20_000, member_bytes=512 << 20, all_bytes=8 << 30, ratio=500)
#: A log's entry counts its seal, a table's row its columns: more than this is no tenant of ours.
MOST_ROWS = 2_000_000
FILES, LOG, PEOPLE = "evidence_files", "log.jsonl", "people.json"
BATCH = 500
_HASH = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Accepted:
    """What the operator says yes to, having been asked."""

    editions: bool = False  # that are not in this program's library
    region: bool = False  # although the tenant wants its data elsewhere
    owner: Contact | None = None  # who is invited as owner, besides those of the archive


@dataclass(slots=True)
class Imported:
    """What was taken in, and what stays in the archive."""

    tenant_id: uuid.UUID
    name: str
    tables: dict[str, int] = field(default_factory=dict)
    stay: dict[str, int] = field(default_factory=dict)
    files: int = 0
    submissions: int = 0
    entries: int = 0
    editions: list[str] = field(default_factory=list)
    invited: list[tuple[Contact, str]] = field(default_factory=list)  # with the token of the link
    uninvited: int = 0
    same_code: int = 0


@contextmanager
def taking_in(
    session: Session, data: Path, source: Path, accepted: Accepted, *, revision: str, region: str, clock: Clock
) -> Iterator[Imported]:
    """Take the archive in; the caller commits inside the block, and what fails there leaves neither row nor file.

    Raises `ArchiveError` with what is wrong and what to do.
    """
    placed: list[Path] = []
    try:
        with opened(source, LIMITS) as guarded:
            archive = _Archive.open(guarded, revision)
            with every_tenant(session):
                intake = _Intake(session, data, archive, accepted, region, clock, placed)
                yield intake.take(hash_of_archive(source))
    except BaseException:
        session.rollback()
        for path in placed:
            path.unlink(missing_ok=True)
        raise


def hash_of_archive(source: Path) -> str:
    with source.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


# What the archive says, believed only as far as it was checked


@dataclass(slots=True)
class _Archive:
    guarded: Guarded
    manifest: dict[str, Any]
    same_revision: bool

    @classmethod
    def open(cls, guarded: Guarded, revision: str) -> _Archive:
        if "manifest.json" not in guarded.names:
            raise ArchiveError("the file is no export of a tenant: it has no manifest")
        manifest = guarded.json("manifest.json")
        if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
            found = manifest.get("format") if isinstance(manifest, dict) else None
            raise ArchiveError(f"the archive has the format {found!r}; this program reads {FORMAT}")
        archive = cls(guarded, manifest, manifest.get("revision") == revision)
        archive.check_parts()
        archive.check_schema()
        return archive

    def check_parts(self) -> None:
        """Every member is named with its size and hash, every name has its member, and every byte is hashed."""
        parts = self.manifest.get("parts")
        if not isinstance(parts, dict) or set(parts) != self.guarded.names - {"manifest.json"}:
            raise ArchiveError("the archive does not hold what its manifest names; get it again")
        for name, part in parts.items():
            seen, size = hashlib.sha256(), 0
            for chunk in self.guarded.chunks(name):
                seen.update(chunk)
                size += len(chunk)
            if not isinstance(part, dict) or (seen.hexdigest(), size) != (part.get("sha256"), part.get("size")):
                raise ArchiveError(f"{name} is not what the manifest says; the archive was damaged or changed")
        self.guarded.unpacked = 0  # each is read once more, to be used

    def check_schema(self) -> None:
        """Of another version of the program only what is kept in the very same form can be taken in."""
        theirs, ours = self.part("schema.json", dict), schema_of(imported_tables())
        differ = [name for name, table in ours.items() if _form(theirs.get(name)) != _form(table)]
        if differ:
            raise ArchiveError(
                f"the archive is of another version of the program, which keeps {', '.join(sorted(differ))} in another "
                "form; bring both installations to the same version and export again"
            )

    def part(self, name: str, kind: type) -> Any:
        if name not in self.guarded.names:
            raise ArchiveError(f"{name} is missing from the archive")
        value = self.guarded.json(name)
        if not isinstance(value, kind):
            raise ArchiveError(f"{name} is not of the form this program writes")
        return value

    def rows(self, table: Table) -> list[dict[str, Any]]:
        rows = self.part(f"data/{table.name}.json", list)
        names = {column.name for column in exported_columns(table)}
        if len(rows) > MOST_ROWS or any(not isinstance(row, dict) or set(row) != names for row in rows):
            raise ArchiveError(f"data/{table.name}.json holds rows this program did not write")
        return rows

    @property
    def tenant(self) -> tuple[uuid.UUID, str, str]:
        given: Any = self.manifest.get("tenant")
        try:
            found = uuid.UUID(given["id"]), str(given["kind"]), str(given["name"])
        except (TypeError, KeyError, ValueError) as error:
            raise ArchiveError("the manifest does not say whose data these are") from error
        if found[1] not in KINDS or found[1] == "operator" or not 0 < len(found[2]) <= 120:
            raise ArchiveError(f"a tenant of the kind {found[1]!r} cannot be taken in")
        return found


def _form(table: Any) -> Any:
    """What must be equal for rows to be read: keys and types; titles may differ."""
    return (table.get("key"), table.get("columns")) if isinstance(table, dict) else None


# Putting it in


@dataclass(slots=True)
class _Intake:
    session: Session
    data: Path
    archive: _Archive
    accepted: Accepted
    region: str
    clock: Clock
    placed: list[Path]
    people: dict[int, int] = field(default_factory=dict)

    def take(self, archive_sha256: str) -> Imported:
        their_id, kind, name = self.archive.tenant
        tenant_id = self._create_tenant(their_id, kind, name)
        found = Imported(tenant_id, name)
        self._take_editions(found)
        rows = {table.name: self._own(table, their_id, tenant_id) for table in imported_tables()}
        self._create_people(rows, tenant_id)
        self._prepare_evidence(rows.get(FILES, []), found)
        for table in imported_tables():
            self._insert(table, rows[table.name])
            found.tables[table.name] = len(rows[table.name])
        self._finish(found, rows, archive_sha256)
        return found

    def _finish(self, found: Imported, rows: Mapping[str, list[dict[str, Any]]], archive_sha256: str) -> None:
        self._check_region(found.tenant_id)
        self._check_results(found)
        log_sha256 = self._keep_log(found)
        self._count_what_stays(found)
        details: dict[str, Any] = {"archive": archive_sha256, "log": log_sha256, "entries": found.entries}
        record(self.session, self.clock, "import.done", None, found.tenant_id, **details)
        self._invite(found)
        self._plan(found, rows.get(FILES, []))

    def _create_tenant(self, their_id: uuid.UUID, kind: str, name: str) -> uuid.UUID:
        """With its own id, so that what refers to it elsewhere still does; one that is taken here is refused."""
        if self.session.get(Tenant, their_id) is not None:
            raise ArchiveError("this tenant is, or was, in this installation already; nothing is put over it")
        code = new_code() if kind == "consultancy" else None
        self.session.add(Tenant(id=their_id, kind=kind, name=name, code=code, created_at=self.clock.now()))
        self.session.flush()
        return their_id

    def _take_editions(self, found: Imported) -> None:
        """Editions that are not here come along, by hash; they are never offered for new assessments."""
        listed = self.archive.manifest.get("editions")
        hashes = [str(item) for item in listed] if isinstance(listed, list) else []
        for sha256 in hashes:
            if self.session.scalar(select(EditionRecord.id).where(EditionRecord.sha256 == sha256)) is not None:
                continue
            content = self._edition(sha256)
            if not self.accepted.editions:
                raise ArchiveError(
                    f"the archive brings the edition {sha256[:12]}, which this installation does not have; compare the "
                    "hash with the publisher's, then allow it with --accept-editions"
                )
            self.session.add(edition_from_elsewhere(content, sha256, self.clock))
            self.session.flush()
            found.editions.append(sha256)

    def _edition(self, sha256: str) -> bytes:
        name = f"editions/{sha256}.json"
        if not _HASH.fullmatch(sha256) or name not in self.archive.guarded.names:
            raise ArchiveError("an edition is missing from the archive")
        content = self.archive.guarded.bytes(name)
        if digest(content) != sha256:
            raise ArchiveError(f"{name} is not the edition that its hash names")
        return content

    def _own(self, table: Table, their_id: uuid.UUID, tenant_id: uuid.UUID) -> list[dict[str, Any]]:
        """The rows of a table as they will stand here; a row of anybody else is refused."""
        reset = entry_of(table.name).reset
        found = []
        for raw in self.archive.rows(table):
            try:
                row = {name: _read(table.c[name], value) for name, value in raw.items()}
            except (TypeError, ValueError, ArithmeticError) as error:
                raise ArchiveError(f"data/{table.name}.json holds a value that cannot be") from error
            if row["tenant_id"] != their_id:
                raise ArchiveError(f"data/{table.name}.json holds a row of another tenant; the archive was changed")
            found.append(row | {"tenant_id": tenant_id} | dict.fromkeys(reset))
        return found

    # People

    def _create_people(self, rows: dict[str, list[dict[str, Any]]], tenant_id: uuid.UUID) -> None:
        """Everybody who did something is a name that cannot sign in, and has belonged to the tenant."""
        numbers: set[int] = set()
        for table in imported_tables():
            for column in people_columns(table):
                numbers |= {row[column] for row in rows[table.name] if row[column] is not None}
        if any(type(number) is not int for number in numbers):
            raise ArchiveError("a person is named by something that is no number")
        known = {person["id"]: person for person in self._listed()}
        for number in sorted(numbers):
            self.people[number] = self._create_author(known.get(number) or {}, tenant_id)
        for table in imported_tables():
            for column in people_columns(table):
                for row in rows[table.name]:
                    row[column] = self.people.get(row[column])

    def _listed(self) -> list[dict[str, Any]]:
        people = self.archive.part(PEOPLE, list)
        if any(not isinstance(person, dict) or type(person.get("id")) is not int for person in people):
            raise ArchiveError("people.json is not of the form this program writes")
        return list(people)

    def _create_author(self, person: Mapping[str, Any], tenant_id: uuid.UUID) -> int:
        name = person.get("name")
        author = User(
            email=None,
            password=NO_PASSWORD,
            name=name[:80] if isinstance(name, str) else "",
            locale="zh_CN",
            active=False,
            fs_uniquifier=uuid.uuid4().hex,
        )
        self.session.add(author)
        self.session.flush()
        role = person.get("role")
        if role in ROLES:
            now = self.clock.now()
            self.session.add(
                Membership(tenant_id=tenant_id, user_id=author.id, role=str(role), created_at=now, ended_at=now)
            )
            self.session.flush()
        number: int = author.id
        return number

    def _invite(self, found: Imported) -> None:
        """Whoever belonged to the tenant is invited with the same role; somebody must be its owner."""
        wanted: dict[str, tuple[Contact, str]] = {}
        for person in self._listed():
            contact = read_contact(person.get("contact")) if isinstance(person.get("contact"), str) else None
            if contact is not None and person.get("role") in ROLES and person.get("until") is None:
                wanted[contact.value] = (contact, person["role"])
        if self.accepted.owner is not None:
            wanted = {self.accepted.owner.value: (self.accepted.owner, "owner")} | wanted
            wanted[self.accepted.owner.value] = (self.accepted.owner, "owner")
        if not any(role == "owner" for _contact, role in wanted.values()):
            raise ArchiveError("the archive names no owner who can be written to; say who it is with --owner")
        ordered = sorted(wanted.values(), key=lambda item: ROLES.index(item[1]))
        found.uninvited = max(0, len(ordered) - MOST_OPEN)
        for contact, role in ordered[:MOST_OPEN]:
            _row, token = invite(self.session, found.tenant_id, contact, role, actor_id=None, clock=self.clock)
            found.invited.append((contact, token))

    # Evidence

    def _prepare_evidence(self, rows: list[dict[str, Any]], found: Imported) -> None:
        """Bytes that come along are examined as at any upload and wait for the scanner; of others only the row comes.

        A row without bytes is the certificate of an erasure here as it was there.
        """
        listed = self.archive.manifest.get("files")
        names = {
            str(file.get("sha256")): str(file.get("name"))
            for file in (listed if isinstance(listed, list) else [])
            if isinstance(file, dict) and file.get("table") == FILES
        }
        vault, now = Vault(self.data, found.tenant_id), self.clock.now()
        for row in rows:
            is_kept = row["erased_at"] is None and row["erasure_asked_at"] is None
            if is_kept and row["sha256"] in names:
                self._place(vault, row, names[row["sha256"]])
                row |= {"state": "waiting", "has_preview": False, "scan_attempts": 0, "scanned_at": None}
                found.files += 1
            elif row["erased_at"] is None:
                row |= {"erasure_asked_at": row["erasure_asked_at"] or now, "erased_at": now}
                row["erasure_reason"] = row["erasure_reason"] or "unused"

    def _place(self, vault: Vault, row: dict[str, Any], name: str) -> None:
        if not _HASH.fullmatch(str(row["sha256"])) or name not in self.archive.guarded.names:
            raise ArchiveError(f"the file {name} is missing from the archive")
        try:
            stream: Any = _Stream(self.archive.guarded.chunks(name))
            staged = vault.stage(stream, LARGEST_FILE)
        except TooLarge as error:
            raise ArchiveError(f"{name} is larger than a file may be") from error
        try:
            media_type = _examined(staged.path, name)
            if (staged.sha256, staged.size, media_type) != (row["sha256"], row["size"], row["media_type"]):
                raise ArchiveError(f"{name} is not the file that its row describes; the archive was changed")
            row["name"] = safe_name(str(row["name"]), media_type)
            target = vault.path(staged.sha256)
            if not target.exists():
                self.placed.append(target)
                vault.keep(staged.path, target)
        finally:
            staged.forget()

    def _plan(self, found: Imported, rows: list[dict[str, Any]]) -> None:
        """Have the worker look at what came, as after an upload."""
        self.session.flush()
        with for_tenant(self.session, found.tenant_id):
            for row in rows:
                if row["erasure_asked_at"] is None:
                    payload = {"file_id": str(row["id"])}
                    key = str(row["id"])
                    ask_for_job(self.session, found.tenant_id, PROCESS, key, payload, actor_id=None, clock=self.clock)
            if self.session.scalar(select(func.count()).select_from(EvidenceFile)):
                plan_sweep(self.session, found.tenant_id, self.clock)

    # Rows, results, log

    def _insert(self, table: Table, rows: list[dict[str, Any]]) -> None:
        connection = self.session.connection()
        batch: list[dict[str, Any]] = []
        try:
            for row in in_order_of_reference(table, rows):
                batch.append(row)
                if len(batch) == BATCH:
                    connection.execute(table.insert(), batch)
                    batch = []
            if batch:
                connection.execute(table.insert(), batch)
        except IntegrityError as error:
            raise ArchiveError(
                f"rows of {table.name} are here already, or do not fit together; nothing was taken in"
            ) from error
        except (StatementError, sa.exc.DataError) as error:
            raise ArchiveError(f"data/{table.name}.json holds a value that cannot be") from error

    def _check_region(self, tenant_id: uuid.UUID) -> None:
        wanted = required_region_of(self.session, tenant_id)
        if not suits(self.region, wanted) and not self.accepted.region:
            raise ArchiveError(
                f"the tenant wants its data kept in {wanted}, and this installation keeps them in "
                f"{self.region or 'a place it does not name'}; ask the tenant, then allow it with --accept-region"
            )

    def _check_results(self, found: Imported) -> None:
        query = select(Submission).where(Submission.tenant_id == found.tenant_id)
        for submission in self.session.scalars(query):
            found.submissions += 1
            if not is_genuine(self.session, submission):
                raise ArchiveError(f"the result {submission.id} does not follow from its own facts; it was changed")
        codes = select(Enterprise.uscc).where(Enterprise.tenant_id == found.tenant_id)
        others = select(func.count()).where(Enterprise.uscc.in_(codes), Enterprise.tenant_id != found.tenant_id)
        found.same_code = self.session.scalar(others) or 0

    def _keep_log(self, found: Imported) -> str:
        """The log as it came, under its hash, after every seal in it was found to fit its event."""
        content = self.archive.guarded.bytes(LOG) if LOG in self.archive.guarded.names else b""
        for line in content.splitlines():
            _check_entry(line)
            found.entries += 1
        sha256 = digest(content)
        self.session.add(
            ImportedLog(
                id=uuid.uuid4(),
                tenant_id=found.tenant_id,
                sha256=sha256,
                entries=found.entries,
                content=content.decode(),
                imported_at=self.clock.now(),
            )
        )
        self.session.flush()
        return sha256

    def _count_what_stays(self, found: Imported) -> None:
        counts = self.archive.manifest.get("tables")
        for name, count in (counts if isinstance(counts, dict) else {}).items():
            if name not in found.tables and type(count) is int and count:
                found.stay[str(name)] = count


def _read(column: sa.Column[Any], value: Any) -> Any:
    """The value for a column; SQLite would take one of another kind without a word."""
    if value is None and not column.nullable:
        raise ValueError(column.name)
    found = from_json(column, value)
    plain = isinstance(column.type, (sa.Integer, sa.Boolean, sa.Text)) and value is not None
    if plain and type(value) is not column.type.python_type:
        raise TypeError(column.name)
    return found


def _examined(path: Path, name: str) -> str:
    try:
        media_type = examine_confined(path)
    except Refused as error:
        raise ArchiveError(f"{name} is refused as evidence: {error.code}") from error
    if media_type not in FILE_KINDS:
        raise ArchiveError(f"{name} is of no kind that evidence may have")
    return media_type


def _check_entry(line: bytes) -> None:
    try:
        entry = json.loads(line)
        seal, event = entry["seal"], entry["event"]
        datetime.fromisoformat(event["at"])
        fits = seal is None or seal["hash"] == link_hash(seal["position"], seal["previous"], seal["sealed_at"], event)
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise ArchiveError("log.jsonl is not of the form this program writes") from error
    if not fits:
        raise ArchiveError(f"the seal {seal['position']} of log.jsonl does not fit its event; the log was changed")


@dataclass(slots=True)
class _Stream:
    """Chunks as a stream that is read to its end."""

    chunks: Iterator[bytes]

    def read(self, _size: int = -1) -> bytes:
        return next(self.chunks, b"")
