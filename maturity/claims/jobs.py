"""The worker's part: the licence is scanned and pictured, others who have the code are looked for, time runs out.

Each may be tried again unharmed. No transaction is open while a file is scanned or read.
"""

from __future__ import annotations

import uuid
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from maturity.accounts.models import User
from maturity.audit.service import record
from maturity.claims.contest import examine, settle
from maturity.claims.letters import write_to_claimant
from maturity.claims.models import Claim, ClaimLicence
from maturity.claims.service import CHECK, end_claim
from maturity.clock import Clock
from maturity.evidence.jobs import make_previews
from maturity.evidence.scanner import ScannerSilent, Verdict, scanner_for
from maturity.evidence.storage import Vault
from maturity.extensions import db
from maturity.jobs.models import Job
from maturity.jobs.service import ask_for_job
from maturity.jobs.worker import Progress, begin_writing
from maturity.organisations.service import enterprise_of

LONGEST_PAUSE = timedelta(hours=1)
ROOM = "licences"


def licence_vault(data_dir: Path, tenant_id: uuid.UUID) -> Vault:
    return Vault(data_dir, tenant_id, ROOM)


def check_licence(app: Flask, job: Job, _progress: Progress) -> None:
    """Scan the licence and make its pictures; until then the operator does not see it."""
    session, clock, claim_id = db.session(), app.extensions["clock"], uuid.UUID(job.payload["claim_id"])
    vault = licence_vault(app.config["DATA_DIR"], job.tenant_id)
    licence = _licence(session, claim_id)
    sha256, media_type, waits = licence.sha256, licence.media_type, licence.state == "waiting"
    session.rollback()  # ends the reading transaction before the long part
    if not waits:
        return
    try:
        verdict = scanner_for(app.config["CLAMD"]).scan(vault.path(sha256))
    except ScannerSilent as error:
        app.logger.warning("the malware scanner did not answer (%s); the licence of claim %s waits", error, claim_id)
        begin_writing(session)
        _scan_later(session, _licence(session, claim_id), clock)
        return
    with ExitStack() as stack:
        made = make_previews(app, vault, sha256, media_type, stack) if verdict.state != "infected" else None
        begin_writing(session)
        licence = _licence(session, claim_id)
        if licence.erased_at is not None:
            return
        for size, path in (made or {}).items():
            vault.keep(path, vault.preview(sha256, size))
        licence.has_preview = made is not None
        _note_verdict(session, vault, licence, verdict, clock)


def _licence(session: Session, claim_id: uuid.UUID) -> ClaimLicence:
    return session.scalars(select(ClaimLicence).where(ClaimLicence.claim_id == claim_id)).one()


def _scan_later(session: Session, licence: ClaimLicence, clock: Clock) -> None:
    licence.scan_attempts += 1
    pause = min(timedelta(minutes=2 ** min(licence.scan_attempts - 1, 10)), LONGEST_PAUSE)
    key, payload = f"{licence.claim_id}:{licence.scan_attempts}", {"claim_id": str(licence.claim_id)}
    due_at = clock.now() + pause
    ask_for_job(session, licence.tenant_id, CHECK, key, payload, actor_id=None, clock=clock, due_at=due_at)


def _note_verdict(session: Session, vault: Vault, licence: ClaimLicence, verdict: Verdict, clock: Clock) -> None:
    """What is infected is destroyed, its claim ends, and whoever uploaded it gets a letter."""
    licence.finding = verdict.finding
    if verdict.state != "infected":
        licence.state = verdict.state
        session.flush()
        return
    vault.erase(licence.sha256)
    licence.erased_at, licence.has_preview = clock.now(), False
    licence.state = "infected"
    claim = session.scalars(select(Claim).where(Claim.id == licence.claim_id).with_for_update()).one()
    if claim.state == "review":
        end_claim(session, claim, "refused", clock)
        record(session, clock, "claim.refused", None, claim.tenant_id, claim_id=str(claim.id))
        name = enterprise_of(session).name
        write_to_claimant(session, "licence_infected", session.get_one(User, claim.claimed_by), name, clock)
    session.flush()


def forget_licence(app: Flask, job: Job, _progress: Progress) -> None:
    """Destroy a licence that has proved nothing."""
    session, clock, claim_id = db.session(), app.extensions["clock"], uuid.UUID(job.payload["claim_id"])
    begin_writing(session)
    licence = _licence(session, claim_id)
    if licence.erased_at is not None:
        return
    same = select(ClaimLicence.claim_id).where(
        ClaimLicence.sha256 == licence.sha256, ClaimLicence.erased_at.is_(None), ClaimLicence.claim_id != claim_id
    )
    if session.scalar(same.limit(1)) is None:
        licence_vault(app.config["DATA_DIR"], job.tenant_id).erase(licence.sha256)
    licence.erased_at, licence.has_preview = clock.now(), False


def examine_claim(app: Flask, job: Job, _progress: Progress) -> None:
    begin_writing(db.session())
    examine(db.session(), uuid.UUID(job.payload["claim_id"]), app.extensions["clock"])


def settle_claim(app: Flask, job: Job, _progress: Progress) -> None:
    begin_writing(db.session())
    settle(db.session(), uuid.UUID(job.payload["claim_id"]), app.extensions["clock"])
