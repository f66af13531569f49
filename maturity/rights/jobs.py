"""The worker's part: making exports, erasing what is due. Each may be tried again unharmed."""

from __future__ import annotations

import errno
import time
import uuid
from collections.abc import Iterable
from datetime import datetime
from datetime import time as time_of_day

from flask import Flask
from sqlalchemy.orm import Session

from maturity.accounts.models import User
from maturity.clock import LOCAL, Clock
from maturity.db import every_tenant, for_tenant
from maturity.errors import NotFound
from maturity.evidence.storage import hash_of
from maturity.extensions import db
from maturity.jobs.models import Job
from maturity.jobs.nightly import ask_for_night
from maturity.jobs.service import ask_for_job
from maturity.jobs.worker import JobFailure, Progress, begin_writing
from maturity.operation.backup import schema_revision
from maturity.rights import erasure, persons
from maturity.rights.archive import Contents, write_archive
from maturity.rights.exports import OFFERED_FOR, get_export, path_of_export
from maturity.rights.letters import reader_of, write_letter
from maturity.rights.models import TenantExport
from maturity.rights.retention import apply_retention
from maturity.tenancy.models import Tenant
from maturity.tenancy.service import PLATFORM
from maturity.web.filters import day_prose

TOLD_EVERY = 0.4  # seconds; telling costs a transaction
FULL = (errno.ENOSPC, errno.EDQUOT)


def make_export(app: Flask, job: Job, progress: Progress) -> None:
    """Write the archive with no transaction open but the one that reads it, then say that it is there."""
    session, clock, data = db.session(), app.extensions["clock"], app.config["DATA_DIR"]
    export = get_export(session, uuid.UUID(job.payload["export_id"]))
    if export.made_at is not None:
        return
    export_id, tenant_id, locale, target = export.id, export.tenant_id, export.locale, path_of_export(data, export)
    site = str(job.payload["site"])
    revision = schema_revision(session)
    session.rollback()
    told = 0.0

    def step(done: int, total: int) -> None:
        nonlocal told
        if time.monotonic() - told >= TOLD_EVERY:
            progress(done, total)
            told = time.monotonic()

    try:
        with app.test_request_context(base_url=site or None):
            contents = write_archive(
                session, tenant_id, data, target, locale=locale, revision=revision, clock=clock, step=step
            )
    except OSError as error:
        if error.errno not in FULL:
            raise
        raise JobFailure("storage_full") from error
    sha256, size = hash_of(target), target.stat().st_size
    begin_writing(session)
    try:
        export = get_export(session, export_id)
    except NotFound:  # the tenant was deleted meanwhile
        target.unlink(missing_ok=True)
        return
    _note(export, contents, sha256, size, clock.now())
    session.flush()
    _write_ready(session, export, f"{site.rstrip('/')}/t/{tenant_id}/data", clock)


def _note(export: TenantExport, contents: Contents, sha256: str, size: int, now: datetime) -> None:
    export.made_at, export.sha256, export.size = now, sha256, size
    export.rows, export.files = contents.rows + contents.entries, len(contents.files)


def _write_ready(session: Session, export: TenantExport, link: str, clock: Clock) -> None:
    user = session.get(User, export.asked_by)
    tenant = session.get_one(Tenant, export.tenant_id)
    if user is None:
        return
    until, sha256, name = clock.now() + OFFERED_FOR, export.sha256 or "", tenant.name
    write_letter(
        session,
        reader_of(user),
        "export_ready",
        clock,
        lambda: {"tenant": name, "until": day_prose(until), "link": link, "sha256": sha256},
    )


# Every night


NIGHT = "rights_night"
AT_NIGHT = time_of_day(2, 0, tzinfo=LOCAL)


def plan_night(session: Session, clock: Clock) -> None:
    """One job a night, however often it is asked for. The session works across tenants."""
    ask_for_night(session, NIGHT, AT_NIGHT, clock)


def spend_night(app: Flask, _job: Job, _progress: Progress) -> None:
    """Tell of what is near, have everything erased that is due, apply the terms, and plan the next night."""
    session, clock, data = db.session(), app.extensions["clock"], app.config["DATA_DIR"]
    begin_writing(session)
    with every_tenant(session), app.test_request_context():
        for deletion in erasure.deletions_to_announce(session, clock.today()):
            erasure.remind_of_deletion(session, deletion, clock)
        for closing in persons.closings_to_announce(session, clock.today()):
            persons.remind_of_closing(session, closing, clock)
        _ask(session, erasure.JOB, erasure.deletions_due(session, clock.today()), clock)
        _ask(session, persons.JOB, persons.closings_due(session, clock.today()), clock)
        apply_retention(session, data, clock)
        plan_night(session, clock)
        session.flush()


def _ask(session: Session, kind: str, due: Iterable[uuid.UUID], clock: Clock) -> None:
    """Each is a job of its own, so that one that fails does not keep the others from being done."""
    with for_tenant(session, PLATFORM):
        for number in due:
            ask_for_job(session, PLATFORM, kind, str(number), {}, actor_id=None, clock=clock)


def erase_tenant(app: Flask, job: Job, _progress: Progress) -> None:
    """Erase in one transaction; files that somebody was still writing meanwhile go after it."""
    session, clock, data = db.session(), app.extensions["clock"], app.config["DATA_DIR"]
    deletion_id = uuid.UUID(job.key)
    begin_writing(session)
    with every_tenant(session), app.test_request_context():
        erased = erasure.erase_tenant(session, deletion_id, data, clock)
        session.commit()
    if erased is not None:
        erasure.remove_folders(data, erased.tenant_id)
    begin_writing(session)


def close_account(app: Flask, job: Job, _progress: Progress) -> None:
    """Close one account that is due."""
    session, clock = db.session(), app.extensions["clock"]
    closing_id = uuid.UUID(job.key)
    begin_writing(session)
    with every_tenant(session), app.test_request_context():
        persons.close_account(session, closing_id, clock)
        session.flush()
