"""The worker's part: scanning, making pictures, destroying bytes, sweeping what has been kept long enough.

Each may be tried again unharmed. No transaction is open while a file is scanned or read.
"""

from __future__ import annotations

import uuid
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

from flask import Flask
from sqlalchemy.orm import Session

from maturity.clock import Clock
from maturity.errors import NotFound
from maturity.evidence.confined import Crashed, preview_confined
from maturity.evidence.contents import KINDS
from maturity.evidence.letters import write_finding
from maturity.evidence.models import EvidenceFile
from maturity.evidence.previews import SIZES
from maturity.evidence.retention import erasure_days, plan_sweep
from maturity.evidence.scanner import ScannerSilent, Verdict, scanner_for
from maturity.evidence.service import PROCESS, ask_to_erase, get_file, lock_evidence, note_erasure
from maturity.evidence.storage import Vault
from maturity.extensions import db
from maturity.jobs.models import Job
from maturity.jobs.service import ask_for_job
from maturity.jobs.worker import Progress, begin_writing

#: The scanner is asked again after this long at most; before that after one, two, four … minutes.
LONGEST_PAUSE = timedelta(hours=1)


def process_file(app: Flask, job: Job, _progress: Progress) -> None:
    """Scan the file and make its pictures; what comes out is written together, so that it is shown at once."""
    session, clock = db.session(), app.extensions["clock"]
    file_id, tenant_id = uuid.UUID(job.payload["file_id"]), job.tenant_id
    vault = Vault(app.config["DATA_DIR"], tenant_id)
    file = get_file(session, file_id)
    sha256, media_type, may_go_on = file.sha256, file.media_type, file.is_there and file.state == "waiting"
    session.rollback()  # ends the reading transaction before the long part
    if not may_go_on:
        return
    try:
        verdict = scanner_for(app.config["CLAMD"]).scan(vault.path(sha256))
    except ScannerSilent as error:
        app.logger.warning("the malware scanner did not answer (%s); file %s waits", error, file_id)
        begin_writing(session)
        _scan_later(session, _locked(session, tenant_id, file_id), clock)
        return
    with ExitStack() as stack:
        made = None
        if verdict.state != "infected" and KINDS[media_type].has_preview:
            made = make_previews(app, vault, sha256, media_type, stack)
        begin_writing(session)
        file = _locked(session, tenant_id, file_id)
        if file.is_there:
            _note_verdict(session, file, verdict, clock)
            for size, path in (made or {}).items():
                vault.keep(path, vault.preview(sha256, size))
            file.has_preview = made is not None
            session.flush()


def _locked(session: Session, tenant_id: uuid.UUID, file_id: uuid.UUID) -> EvidenceFile:
    lock_evidence(session, tenant_id)
    return get_file(session, file_id)


def _scan_later(session: Session, file: EvidenceFile, clock: Clock) -> None:
    """A job of its own for the next try: the tries of one job follow each other too soon."""
    file.scan_attempts += 1
    pause = min(timedelta(minutes=2 ** min(file.scan_attempts - 1, 10)), LONGEST_PAUSE)
    key, payload = f"{file.id}:{file.scan_attempts}", {"file_id": str(file.id)}
    ask_for_job(session, file.tenant_id, PROCESS, key, payload, actor_id=None, clock=clock, due_at=clock.now() + pause)


def _note_verdict(session: Session, file: EvidenceFile, verdict: Verdict, clock: Clock) -> None:
    """What is infected is destroyed, and whoever uploaded it gets a letter."""
    if verdict.state == "infected":
        ask_to_erase(session, file, "infected", clock, actor_id=None)  # first: no row may be infected and kept
    file.state, file.finding = verdict.state, verdict.finding
    if verdict.state != "unscanned":
        file.scanned_at = clock.now()
    if verdict.state == "infected":
        write_finding(session, file, clock)


def make_previews(app: Flask, vault: Vault, sha256: str, media_type: str, stack: ExitStack) -> dict[str, Path] | None:
    """The pictures under passing names, gone with the stack; None where none can be made."""
    made = {}
    for size in SIZES:
        made[size] = vault.passing()
        stack.callback(made[size].unlink, missing_ok=True)
    try:
        preview_confined(vault.path(sha256), media_type, made)
    except Crashed:
        app.logger.warning("no picture can be made of %s; it can be downloaded all the same", sha256)
        return None
    return made


def erase_file(app: Flask, job: Job, _progress: Progress) -> None:
    """Destroy the bytes under the lock, so that the same content cannot come in between, and only then say so."""
    session, clock = db.session(), app.extensions["clock"]
    file_id, tenant_id = uuid.UUID(job.payload["file_id"]), job.tenant_id
    begin_writing(session)
    file = _locked(session, tenant_id, file_id)
    if file.is_there or file.erased_at is not None:
        return
    Vault(app.config["DATA_DIR"], tenant_id).erase(file.sha256)
    note_erasure(session, file, clock)


def sweep_expired(app: Flask, job: Job, _progress: Progress) -> None:
    """Have everything erased that is due, and come back on the next night that needs it."""
    session, clock, tenant_id = db.session(), app.extensions["clock"], job.tenant_id
    begin_writing(session)
    lock_evidence(session, tenant_id)
    for file_id, (day, reason) in erasure_days(session).items():
        if day <= clock.today():
            ask_to_erase(session, get_file(session, file_id), reason, clock, actor_id=None)
    session.flush()
    plan_sweep(session, tenant_id, clock)


def scan_again(session: Session, file: EvidenceFile, clock: Clock) -> None:
    """Back to waiting, as after an upload: for files that came before there was a scanner."""
    if file.state != "unscanned" or not file.is_there:
        raise NotFound("evidence", str(file.id))
    file.state = "waiting"
    payload = {"file_id": str(file.id)}
    ask_for_job(session, file.tenant_id, PROCESS, str(file.id), payload, actor_id=None, clock=clock)
