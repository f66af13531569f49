"""Issuing in three steps that can be broken off anywhere and gone through again: log, make and sign, keep.

First the log: that the certificate is issued stands there before anybody holds its file. Then the file is made and
signed, in no transaction. At last it is kept, its hash is logged, and the certificate is valid; all of that or nothing.
"""

from __future__ import annotations

import errno
import hashlib
import json
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from flask import Flask, current_app
from sqlalchemy import select
from sqlalchemy.orm import Session

from maturity.certificates import files
from maturity.certificates.models import Certificate, CertificateEvent
from maturity.certificates.paper import Issue, certificate_pdf
from maturity.clock import Clock
from maturity.db import every_tenant, writing
from maturity.extensions import db
from maturity.installation.models import Installation
from maturity.jobs.models import Job
from maturity.jobs.worker import JobFailure, Progress, begin_writing
from maturity.reports.pdf import MissingGlyph
from maturity.results.fonts import MissingFont
from maturity.signing.pades import Signer, prepare_signer
from maturity.signing.statements import sign_document
from maturity.transparency.service import append, file_entry, proof_document, status_entry
from maturity.web.addresses import site_base

FULL = (errno.ENOSPC, errno.EDQUOT)
STEPS = 4
#: Makes the credential of a certificate, or gives the one that was made before.
MakeCredential = Callable[[Session, Certificate, Clock, str], str]
#: What else follows from an issue: logs of both sides, letters, the end of the certificate that is replaced.
Follow = Callable[[Session, Certificate, CertificateEvent, Clock], None]


@dataclass(frozen=True, slots=True)
class Ready:
    """Everything that making and signing a file needs, with no database."""

    issue: Issue
    signer: Signer
    body_name: str
    region: str


def issue_certificate(app: Flask, job: Job, progress: Progress, *, credential: MakeCredential, follow: Follow) -> None:
    """The job that makes the file of a certificate; whatever was done before is not done again."""
    certificate_id = uuid.UUID(job.payload["certificate_id"])
    data_dir: Path = app.config["DATA_DIR"]
    with app.test_request_context(base_url=app.config["LISTENS_AT"]):
        ready = log_issue(certificate_id, app.extensions["clock"], credential)
        if ready is not None:
            progress(1, STEPS)
            if files.under_way(data_dir, certificate_id) is None:
                make_file(data_dir, certificate_id, ready)
            progress(3, STEPS)
            keep_file(data_dir, certificate_id, app.extensions["clock"], follow)
        files.forget_under_way(data_dir, certificate_id)


# 1. The log


def log_issue(certificate_id: uuid.UUID, clock: Clock, credential: MakeCredential) -> Ready | None:
    """Log the issue, once, and read what the file needs; None where the certificate is out already."""
    session = db.session()
    begin_writing(session)
    with every_tenant(session):
        certificate = _locked(session, certificate_id)
        if certificate.status != "issuing":
            return None
        event = _logged(session, certificate, clock)
        ready = _ready(session, certificate, event, clock, credential)
        session.flush()
        session.commit()
    writing.set(False)
    return ready


def _locked(session: Session, certificate_id: uuid.UUID) -> Certificate:
    return session.scalars(select(Certificate).where(Certificate.id == certificate_id).with_for_update()).one()


def _logged(session: Session, certificate: Certificate, clock: Clock) -> CertificateEvent:
    """That it was issued: the leaf and its event, unless they are there."""
    issued = (CertificateEvent.certificate_id == certificate.id) & (CertificateEvent.kind == "issued")
    found = session.scalar(select(CertificateEvent).where(issued))
    if found is not None:
        return found
    entry = status_entry(certificate.number, "issued", "valid", None, certificate.payload_sha256)
    event = CertificateEvent(
        id=uuid.uuid4(),
        certificate_id=certificate.id,
        client_id=certificate.client_id,
        body_id=certificate.body_id,
        kind="issued",
        at=clock.now(),
        leaf=append(session, entry, clock),
    )
    session.add(event)
    session.flush()
    return event


def _ready(
    session: Session, certificate: Certificate, event: CertificateEvent, clock: Clock, credential: MakeCredential
) -> Ready:
    site, payload = _address(session), json.loads(certificate.payload)
    issue = Issue(
        payload=payload,
        payload_sha256=certificate.payload_sha256,
        jws=sign_document(session, payload, clock),
        proof=proof_document(session, event.leaf, origin=site),
        credential=credential(session, certificate, clock, site),
        site=site,
        at=_whole_second(event.at),
    )
    return Ready(issue, prepare_signer(session, clock, site), certificate.body_name, certificate.region)


def _address(session: Session) -> str:
    """Where the site is, for ever printed and signed; in production somebody must have said so."""
    settings = current_app.config
    given = settings["SITE_URL"] or settings["LISTENS_AT"] or session.scalar(select(Installation.address))
    if not given and settings["ENVIRONMENT"] == "production":
        raise JobFailure("certificate_address")
    return site_base()


def _whole_second(at: datetime) -> datetime:
    return at.replace(microsecond=0)


# 2. The file


def make_file(data_dir: Path, certificate_id: uuid.UUID, ready: Ready) -> None:
    """Render, sign, and lay aside. What cannot be made however often it is tried fails with a word for it."""
    try:
        content = signed_pdf(ready)
    except MissingFont as error:
        raise JobFailure("font_missing") from error
    except MissingGlyph as error:
        raise JobFailure("glyph_missing", f"{error.character} U+{ord(error.character):04X}") from error
    try:
        files.put_under_way(data_dir, certificate_id, content)
    except OSError as error:
        if error.errno not in FULL:
            raise
        raise JobFailure("storage_full") from error


def signed_pdf(ready: Ready) -> bytes:
    """The finished file; the signature comes last and covers all of it."""
    reason = f"评估证书 {ready.issue.number}"
    return ready.signer.sign(certificate_pdf(ready.issue), reason=reason, location=ready.issue.site)


# 3. Keeping


def keep_file(data_dir: Path, certificate_id: uuid.UUID, clock: Clock, follow: Follow) -> None:
    """Give the file its name, log its hash, and let the certificate be valid."""
    session = db.session()
    begin_writing(session)
    with every_tenant(session):
        certificate = _locked(session, certificate_id)
        content = files.under_way(data_dir, certificate_id)
        if certificate.status == "issuing" and content is not None:
            sha256 = hashlib.sha256(content).hexdigest()
            files.keep(data_dir, certificate_id, sha256)
            append(session, file_entry(certificate.number, sha256), clock)
            certificate.pdf_sha256, certificate.pdf_size = sha256, len(content)
            certificate.status, certificate.status_since = "valid", clock.now()
            session.flush()
            follow(session, certificate, _logged(session, certificate, clock), clock)
            session.flush()
        session.commit()
