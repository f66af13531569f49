"""Writing everything of a tenant into one archive that people and programs can read.

    index.html          to begin with: what is in it, with links, in the language it was asked for
    manifest.json       format, tenant, counts, and size and SHA-256 of every other member
    schema.json         the keys of every table, their types and what they refer to
    people.json         who belongs or belonged to the tenant; people elsewhere are numbers only
    data/<table>.json   an array of rows
    log.jsonl           the audit log, readable and as it is sealed
    editions/<hash>.json  the editions that the assessments were answered in, byte for byte
    files/…             evidence and documents

Everything is read at one moment, behind the tenant's own walls. Passwords, second factors and links that open
something are in no archive.
"""

from __future__ import annotations

import json
import re
import uuid
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask import render_template
from flask_babel import force_locale
from sqlalchemy import Table, select
from sqlalchemy.orm import Session

from maturity.accounts.models import User
from maturity.archives import Writing, as_line, at_one_moment, flush_to_disk
from maturity.assessments.models import Assessment, Submission
from maturity.audit.log import EXPORT_PAGE, Filters, LogReader
from maturity.clock import Clock
from maturity.editions.models import EditionRecord
from maturity.evidence.contents import safe_name
from maturity.evidence.storage import Vault
from maturity.questionnaires.model import Text
from maturity.reports.service import folder_of
from maturity.rights.inventory import (
    entry_of,
    exported_columns,
    exported_tables,
    in_readers_order,
    left_out,
    own_rows,
    people_columns,
)
from maturity.tenancy.models import Membership, Tenant

FORMAT = "maturity-export/1"
BATCH = 500
#: Tables whose rows stand for a file by its hash, and the folder of the archive it goes into.
KEPT_IN_VAULT = {"evidence_files": "evidence", "claim_licences": "licences"}
DOCUMENTS = "document_files"
SERVED = ("clean", "unscanned")
Step = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class File:
    """A file of the tenant: where it is, and under which name it goes into the archive."""

    table: str
    sha256: str
    name: str
    path: Path


@dataclass(slots=True)
class Contents:
    """What the archive holds, for its manifest, its index and the page that offers it."""

    tables: dict[str, int] = field(default_factory=dict)
    files: list[dict[str, Any]] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    editions: list[str] = field(default_factory=list)
    people: int = 0
    entries: int = 0

    @property
    def rows(self) -> int:
        return sum(self.tables.values())


def write_archive(
    session: Session, tenant_id: uuid.UUID, data: Path, target: Path, *, locale: str, revision: str, clock: Clock,
    step: Step,
) -> Contents:  # fmt: skip
    """Write the archive beside `target` and give it its name when it is whole."""
    partial = target.with_name(target.name + ".part")
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        with (
            at_one_moment(session, tenant_id) as reading,
            zipfile.ZipFile(partial, "w", zipfile.ZIP_DEFLATED) as zipped,
        ):
            partial.chmod(0o600)
            writer = _Writer(reading, tenant_id, data, Writing(zipped), locale, step)
            contents = writer.write(revision, clock.now())
        flush_to_disk(partial)
        partial.replace(target)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise
    return contents


@dataclass(slots=True)
class _Writer:
    reading: Session
    tenant_id: uuid.UUID
    data: Path
    parts: Writing
    locale: str
    step: Step
    contents: Contents = field(default_factory=Contents)
    done: int = 0
    total: int = 0

    def write(self, revision: str, made_at: datetime) -> Contents:
        tables, files = exported_tables(), list(self._files())
        editions = self._editions()
        self.total = len(tables) + len(files) + len(editions) + 3
        for table in tables:
            self._write_table(table)
        self._write_people(tables)
        self._write_log()
        for sha256, bundle in editions:
            self.parts.bytes(f"editions/{sha256}.json", bundle.encode())
            self.contents.editions.append(sha256)
            self._tell()
        for file in files:
            self._write_file(file)
        self._json("schema.json", schema_of(tables))
        tenant = self.reading.get_one(Tenant, self.tenant_id)
        self._write_index(tenant, tables, made_at)
        self._write_manifest(tenant, revision, made_at)
        self._tell()
        return self.contents

    def _tell(self) -> None:
        self.done += 1
        self.step(self.done, self.total)

    def _json(self, name: str, value: Any) -> None:
        self.parts.bytes(name, json.dumps(value, ensure_ascii=False, indent=1).encode())

    def _write_table(self, table: Table) -> None:
        count = 0

        def lines() -> Iterator[bytes]:
            nonlocal count
            yield b"["
            for row in self._rows(table):
                yield (b",\n" if count else b"\n") + as_line(row)
                count += 1
            yield b"\n]\n"

        self.parts.chunks(f"data/{table.name}.json", lines())
        self.contents.tables[table.name] = count
        self._tell()

    def _rows(self, table: Table) -> Iterator[dict[str, Any]]:
        query = select(*exported_columns(table)).where(own_rows(table, self.tenant_id)).order_by(*table.primary_key)
        result = self.reading.connection().execute(query, execution_options={"yield_per": BATCH})
        for row in result.mappings():
            yield dict(row)

    def _write_people(self, tables: Iterable[Table]) -> None:
        """Members with their contact, former ones by name, everybody else by number."""
        members = {
            member.user_id: member
            for member in self.reading.scalars(select(Membership).where(Membership.tenant_id == self.tenant_id))
        }
        numbers = self._numbers(tables) | set(members)
        known = {user.id: user for user in self.reading.scalars(select(User).where(User.id.in_(members)))}
        people = [_person(number, known.get(number), members.get(number)) for number in sorted(numbers)]
        self._json("people.json", people)
        self.contents.people = len(people)
        self._tell()

    def _numbers(self, tables: Iterable[Table]) -> set[int]:
        found: set[int] = set()
        for table in tables:
            for name in people_columns(table):
                query = select(table.c[name]).where(own_rows(table, self.tenant_id), table.c[name].is_not(None))
                found |= set(self.reading.connection().execute(query.distinct()).scalars())
        return found

    def _write_log(self) -> None:
        count = 0

        def lines() -> Iterator[bytes]:
            nonlocal count
            with force_locale(self.locale):
                reader, after, more = LogReader(self.reading, self.tenant_id, self.locale), None, True
                while more:
                    entries, more = reader.page(Filters(), after, EXPORT_PAGE)
                    for entry in entries:
                        yield json.dumps(entry.as_data(), ensure_ascii=False, sort_keys=True).encode() + b"\n"
                    count += len(entries)
                    after = entries[-1].cursor if entries else None

        self.parts.chunks("log.jsonl", lines())
        self.contents.entries = count
        self._tell()

    def _editions(self) -> list[tuple[str, str]]:
        answered = set(self.reading.scalars(select(Assessment.edition_sha256)))
        documents = self.reading.scalars(select(Submission.document))
        answered |= {json.loads(document)["edition"]["sha256"] for document in documents}
        query = select(EditionRecord.sha256, EditionRecord.bundle).where(EditionRecord.sha256.in_(answered))
        return [row._tuple() for row in self.reading.execute(query.order_by(EditionRecord.sha256))]

    def _files(self) -> Iterator[File]:
        vault, taken = Vault(self.data, self.tenant_id), set[str]()
        for table in exported_tables():
            if table.name in KEPT_IN_VAULT:
                for row in self._rows(table):
                    if row["erased_at"] is None and row.get("erasure_asked_at") is None and row["state"] in SERVED:
                        name = _free(f"files/{KEPT_IN_VAULT[table.name]}", row["name"], row["sha256"], taken)
                        yield File(table.name, row["sha256"], name, vault.path(row["sha256"]))
            elif table.name == DOCUMENTS:
                for row in self._rows(table):
                    name = _free("files/documents", f"{row['created_at']:%Y-%m-%d}.pdf", row["sha256"], taken)
                    yield File(table.name, row["sha256"], name, folder_of(self.data) / f"{row['sha256']}.pdf")

    def _write_file(self, file: File) -> None:
        """One that is not where it should be is named as lost; one that is not what it should be is not handed out."""
        try:
            part = self.parts.file(file.name, file.path)
        except FileNotFoundError:
            self.contents.lost.append(file.name)
        else:
            if part.sha256 != file.sha256:
                raise ValueError(f"{file.path.name} is not what its hash says")
            self.contents.files.append(
                {"name": part.name, "table": file.table, "sha256": part.sha256, "size": part.size}
            )
        self._tell()

    def _write_index(self, tenant: Tenant, tables: Iterable[Table], made_at: datetime) -> None:
        with force_locale(self.locale):
            words = {table.name: entry_of(table.name).title.to(self.locale) for table in tables}
            page = render_template(
                "reports/archive.html",
                tenant=tenant,
                words=words,
                contents=self.contents,
                filled=[name for name in in_readers_order(words) if self.contents.tables[name]],
                empty=[name for name in in_readers_order(words) if not self.contents.tables[name]],
                results=self._results(),
                names=self._names(),
                left_out={name: (entry_of(name).title, why) for name, why in left_out().items()},
                locale=self.locale,
                made_at=made_at,
            )
        self.parts.bytes("index.html", page.encode())

    def _results(self) -> list[Any]:
        query = (
            select(Assessment.period, Assessment.revision, Assessment.status, Submission)
            .outerjoin(Submission, Submission.assessment_id == Assessment.id)
            .order_by(Assessment.period.desc(), Assessment.revision.desc())
        )
        return list(self.reading.execute(query).all())

    def _names(self) -> Mapping[str, str]:
        """File of the archive -> what it was called."""
        return {file["name"]: file["name"].rpartition("/")[2].partition("-")[2] for file in self.contents.files}

    def _write_manifest(self, tenant: Tenant, revision: str, made_at: datetime) -> None:
        self._json(
            "manifest.json",
            {
                "format": FORMAT,
                "made_at": made_at.isoformat(),
                "revision": revision,
                "locale": self.locale,
                "tenant": {"id": str(tenant.id), "kind": tenant.kind, "name": tenant.name},
                "tables": self.contents.tables,
                "left_out": {name: _both(why) for name, why in left_out().items()},
                "editions": self.contents.editions,
                "people": self.contents.people,
                "log_entries": self.contents.entries,
                "files": self.contents.files,
                "lost": self.contents.lost,
                "parts": {part.name: {"size": part.size, "sha256": part.sha256} for part in self.parts.parts.values()},
            },
        )


def _person(number: int, user: User | None, member: Membership | None) -> dict[str, Any]:
    belongs = member is not None and member.ended_at is None
    return {
        "id": number,
        "name": user.name if user else None,
        "contact": user.contact if user and belongs else None,
        "role": member.role if member else None,
        "since": member.created_at.isoformat() if member else None,
        "until": member.ended_at.isoformat() if member and member.ended_at else None,
    }


def _free(folder: str, name: str, sha256: str, taken: set[str]) -> str:
    """A name of its own that says what the file was called and opens on every system."""
    plain = re.sub(r"[^\w.()-]+", "_", safe_name(name)).strip("._") or "file"
    found = f"{folder}/{sha256[:8]}-{plain}"
    while found in taken:
        found = f"{folder}/{sha256[:8]}{len(taken)}-{plain}"
    taken.add(found)
    return found


def _both(text: Text) -> dict[str, str]:
    return {"zh": text.zh, "en": text.en}


def schema_of(tables: Iterable[Table]) -> dict[str, Any]:
    """The keys of every table: what a row holds, in the words of the database."""
    return {
        table.name: {
            "title": _both(entry_of(table.name).title),
            "key": [column.name for column in table.primary_key],
            "columns": {
                column.name: {
                    "type": _type_of(column.type),
                    "may_be_empty": bool(column.nullable),
                    "refers_to": sorted(str(key.target_fullname) for key in column.foreign_keys),
                }
                for column in exported_columns(table)
            },
        }
        for table in tables
    }


def _type_of(kind: Any) -> str:
    """How a value is written in JSON."""
    if isinstance(getattr(kind, "impl", kind), sa.DateTime):
        return "instant, ISO 8601"
    names = {
        sa.Uuid: "UUID",
        sa.Date: "day, ISO 8601",
        sa.Numeric: "decimal number as text",
        sa.Boolean: "true or false",
        sa.LargeBinary: "bytes, Base64",
        sa.JSON: "JSON",
        sa.Integer: "whole number",
    }
    return next((name for known, name in names.items() if isinstance(kind, known)), "text")
