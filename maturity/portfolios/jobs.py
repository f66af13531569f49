"""Making the PDF of an improvement plan in the background."""

from __future__ import annotations

import hashlib
import uuid

from flask import Flask

from maturity.clock import Clock
from maturity.errors import MaturityError
from maturity.extensions import db
from maturity.jobs.models import Job
from maturity.jobs.worker import JobFailure, Progress, begin_writing
from maturity.portfolios.clients import find_client
from maturity.portfolios.plan_pages import plan_html, plan_paper
from maturity.reports.jobs import FULL, Steps
from maturity.reports.pdf import MissingGlyph, render_pdf
from maturity.reports.service import find_document, folder_of, remember_document
from maturity.reports.storage import store
from maturity.results.fonts import MissingFont
from maturity.tenancy.models import Tenant

PAGES = 12


def make_plan(app: Flask, job: Job, progress: Progress) -> None:
    """Render, store, and only then say that it is there; nothing without a live grant. It may be tried again."""
    session, clock, folder = db.session(), _clock(app), folder_of(app.config["DATA_DIR"])
    steps = Steps(progress, PAGES)
    try:
        tenant = session.get_one(Tenant, job.tenant_id)
        client = find_client(session, job.tenant_id, uuid.UUID(job.payload["client_id"]), clock)
        with app.test_request_context():
            paper = plan_paper(session, tenant, client, job.payload["version"])
            key, html = paper.key, plan_html(paper)
        if find_document(session, key, folder) is not None:
            return
        tenant_id = job.tenant_id
        session.rollback()  # ends the reading transaction before the long part
        content = render_pdf(html, key, steps)
    except MissingFont as error:
        raise JobFailure("font_missing") from error
    except MissingGlyph as error:
        raise JobFailure("glyph_missing", f"{error.character} U+{ord(error.character):04X}") from error
    except MaturityError as error:
        raise JobFailure(error.code) from error
    sha256 = hashlib.sha256(content).hexdigest()
    try:
        store(folder, sha256, content)
    except OSError as error:
        if error.errno not in FULL:
            raise
        raise JobFailure("storage_full") from error
    begin_writing(session)
    remember_document(session, key, tenant_id, sha256, len(content), clock)


def _clock(app: Flask) -> Clock:
    clock: Clock = app.extensions["clock"]
    return clock
