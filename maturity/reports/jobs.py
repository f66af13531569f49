"""Making a document in the background."""

from __future__ import annotations

import hashlib
import uuid
from typing import Any

from flask import Flask

from maturity.assessments.service import get_assessment
from maturity.extensions import db
from maturity.jobs.models import Job
from maturity.jobs.worker import JobFailure, Progress
from maturity.reports.models import DocumentFile
from maturity.reports.pages import document_html
from maturity.reports.pdf import MissingGlyph, render_pdf
from maturity.reports.service import Wanted, find_document, folder_of
from maturity.reports.storage import store
from maturity.results.fonts import MissingFont


def make_document(app: Flask, job: Job, progress: Progress) -> None:
    """Render, store, and only then say that it is there. No transaction is open while it renders."""
    wanted = Wanted(**{**job.payload, "assessment_id": uuid.UUID(job.payload["assessment_id"])})
    if find_document(db.session(), wanted.key) is not None:
        return
    progress(0, 7)
    with app.test_request_context():
        content = _render(wanted, progress)
    sha256 = hashlib.sha256(content).hexdigest()
    try:
        store(folder_of(app.config["DATA_DIR"]), sha256, content)
    except OSError as error:
        raise JobFailure("storage_full") from error
    clock: Any = app.extensions["clock"]
    db.session.add(
        DocumentFile(tenant_id=job.tenant_id, key=wanted.key, sha256=sha256, size=len(content), created_at=clock.now())
    )
    db.session.flush()


def _render(wanted: Wanted, progress: Progress) -> bytes:
    assessment = get_assessment(db.session(), wanted.assessment_id)
    html = document_html(db.session(), assessment, wanted, progress)
    db.session.commit()  # ends the reading transaction before the long part
    try:
        return render_pdf(html, wanted.key)
    except MissingFont as error:
        raise JobFailure("font_missing") from error
    except MissingGlyph as error:
        raise JobFailure("glyph_missing") from error
