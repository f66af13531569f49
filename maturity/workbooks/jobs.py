"""The worker's part: working off an upload of many enterprises, and forgetting workbooks that nobody decided on."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from maturity.clock import Clock
from maturity.db import act_for
from maturity.errors import Invalid, NotFound
from maturity.evidence.contents import Refused
from maturity.evidence.storage import Vault
from maturity.extensions import db
from maturity.jobs.models import Job
from maturity.jobs.worker import Progress, begin_writing
from maturity.portfolios.clients import all_clients
from maturity.tenancy.permissions import Permission
from maturity.tenancy.service import Access, open_tenant
from maturity.workbooks.archive import entries_of_archive, workbooks_in
from maturity.workbooks.confined import read_register_confined
from maturity.workbooks.many import Entry, entries_of_register, find_bulk_upload, see_to_entry
from maturity.workbooks.models import BulkLine, BulkUpload
from maturity.workbooks.service import expire_upload
from maturity.workbooks.uploads import ROOM

TOLD_EVERY = 5  # enterprises between two words about the progress
#: SQLite has one writer and no queue before it: without a pause, people who save would knock in vain for seconds.
BREATH_SECONDS = 0.01


def import_many(app: Flask, job: Job, progress: Progress) -> None:
    """See to every enterprise that has no line yet; each in a transaction of its own, so that it may be tried again."""
    session, clock = db.session(), app.extensions["clock"]
    upload_id, tenant_id = uuid.UUID(job.payload["upload_id"]), job.tenant_id
    vault = Vault(app.config["DATA_DIR"], tenant_id, ROOM)
    path = vault.path(str(upload_id))
    if find_bulk_upload(session, upload_id).state in ("waiting", "running"):
        try:
            _work_off(app, session, upload_id, path, vault, progress)
        except Refused as error:
            _end(session, upload_id, "failed", clock, f"file_{error.code}")
        except Invalid as error:
            _end(session, upload_id, "failed", clock, error.code)
        else:
            _end(session, upload_id, "done", clock)
        session.commit()
    path.unlink(missing_ok=True)


def _work_off(app: Flask, session: Session, upload_id: uuid.UUID, path: Path, vault: Vault, progress: Progress) -> None:
    clock, secret = app.extensions["clock"], app.config["SECRET_KEY"]
    upload = find_bulk_upload(session, upload_id)
    name, kind, actor_id, tenant_id = upload.name, upload.kind, upload.uploaded_by, upload.tenant_id
    seen = frozenset(session.scalars(select(BulkLine.number).where(BulkLine.upload_id == upload_id)))
    session.rollback()  # ends the reading transaction before the long part
    with _entries(session, kind, path, name, vault, tenant_id, secret, clock, seen) as (total, entries):
        begin_writing(session)
        upload = find_bulk_upload(session, upload_id)
        if upload.state == "waiting":
            upload.state, upload.total = "running", total
        session.commit()
        progress(len(seen), total)
        for done, entry in enumerate(entries, start=len(seen) + 1):
            if not _see_to(session, upload_id, entry, tenant_id, actor_id, clock):
                return
            if done % TOLD_EVERY == 0 or done == total:
                progress(done, total)


def _see_to(
    session: Session, upload_id: uuid.UUID, entry: Entry, tenant_id: uuid.UUID, actor_id: int, clock: Clock
) -> bool:
    """One enterprise in one transaction; False where the upload was cancelled meanwhile."""
    begin_writing(session)
    act_for(session, tenant_id, actor_id)
    upload = find_bulk_upload(session, upload_id)
    if upload.state != "running":
        session.rollback()
        return False
    access = _access(session, tenant_id, actor_id, clock)
    see_to_entry(session, access, upload, entry, actor_id=actor_id, clock=clock)
    session.commit()
    session.expunge_all()
    if session.get_bind().dialect.name == "sqlite":
        time.sleep(BREATH_SECONDS)
    return True


def _access(session: Session, tenant_id: uuid.UUID, actor_id: int, clock: Clock) -> Access:
    """The uploader's, as it is now: whoever has left or may only look fills in nothing any more."""
    try:
        access = open_tenant(session, tenant_id, actor_id, clock)
    except NotFound as error:
        raise Invalid("bulk_not_allowed") from error
    if not access.can(Permission.PORTFOLIO_EDIT):
        raise Invalid("bulk_not_allowed")
    return access


@contextmanager
def _entries(
    session: Session,
    kind: str,
    path: Path,
    name: str,
    vault: Vault,
    tenant_id: uuid.UUID,
    secret: str,
    clock: Clock,
    seen: frozenset[int],
) -> Iterator[tuple[int, Iterator[Entry]]]:
    """How many enterprises there are, and those that are still to be seen to."""
    if kind == "archive":
        parts = workbooks_in(path)
        with entries_of_archive(path, parts, vault, secret, seen) as entries:
            yield len(parts), entries
        return
    read = read_register_confined(path, name)
    found = entries_of_register(read, all_clients(session, tenant_id, clock), secret)
    session.rollback()
    yield len(found), (entry for entry in found if entry.number not in seen)


def _end(session: Session, upload_id: uuid.UUID, state: str, clock: Clock, fault: str | None = None) -> None:
    begin_writing(session)
    upload: BulkUpload = find_bulk_upload(session, upload_id)
    if upload.state in ("waiting", "running"):
        upload.state, upload.fault, upload.finished_at = state, fault, clock.now()
    session.flush()


def forget_workbook(app: Flask, job: Job, _progress: Progress) -> None:
    session = db.session()
    begin_writing(session)
    expire_upload(session, uuid.UUID(job.payload["upload_id"]), app.extensions["clock"])
