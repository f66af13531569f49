"""Making a document in the background."""

from __future__ import annotations

import errno
import hashlib
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass

from flask import Flask
from sqlalchemy.orm import Session

from maturity.assessments.models import Assessment
from maturity.assessments.service import get_assessment
from maturity.editions.service import framework_by_hash
from maturity.errors import MaturityError
from maturity.extensions import db
from maturity.jobs.models import Job
from maturity.jobs.worker import JobFailure, Progress, begin_writing
from maturity.reports.booklet_pages import variant_html
from maturity.reports.pages import PICTURES, Step, document_html
from maturity.reports.pdf import MissingGlyph, render_pdf
from maturity.reports.public_booklets import KIND as BOOKLET
from maturity.reports.service import Brand, Wanted, find_document, folder_of, remember_document, wanted_document
from maturity.reports.storage import store
from maturity.results.fonts import MissingFont

FULL = (errno.ENOSPC, errno.EDQUOT)
DIMENSIONS, PAGES = 6, 12  # about as many steps as a report takes; the bar waits for the last one
BOOKLET_PAGES = 36  # a few pages are laid out twice, for the numbers in the contents
TOLD_EVERY = 0.4  # seconds; telling costs a transaction


@dataclass(slots=True)
class Steps:
    """Counts steps done of steps known and tells now and then."""

    tell: Progress
    total: int
    done: int = 0
    told: float = 0.0

    def __call__(self) -> None:
        self.done = min(self.done + 1, self.total - 1)
        now = time.monotonic()
        if now - self.told >= TOLD_EVERY:
            self.tell(self.done, self.total)
            self.told = now


def make_document(app: Flask, job: Job, progress: Progress) -> None:
    """A report, a questionnaire or a booklet."""
    session = db.session()
    is_booklet = job.payload["kind"] == BOOKLET
    steps = Steps(progress, BOOKLET_PAGES if is_booklet else len(PICTURES) + DIMENSIONS + PAGES)
    print_and_keep(
        app, job, steps, lambda: _booklet(session, job) if is_booklet else _document(app, session, job, steps)
    )


def print_and_keep(app: Flask, job: Job, steps: Steps, page: Callable[[], tuple[str, str]]) -> None:
    """Render, store, and only then say that it is there. No transaction is open while it renders.

    `page` gives the key and the finished page. What cannot be done however often it is tried fails with a word for it.
    """
    session, tenant_id = db.session(), job.tenant_id
    folder = folder_of(app.config["DATA_DIR"])
    try:
        key, html = page()
        if find_document(session, key, folder) is not None:
            return
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
    remember_document(session, key, tenant_id, sha256, len(content), app.extensions["clock"])


def _booklet(session: Session, job: Job) -> tuple[str, str]:
    """The key and the finished page of a booklet for everybody: an edition never changes, and so neither do they."""
    framework = framework_by_hash(session, job.payload["sha256"])
    return job.key, variant_html(framework, job.payload["variant"], job.payload["locale"])


def _document(app: Flask, session: Session, job: Job, step: Step) -> tuple[str, str]:
    assessment = get_assessment(session, uuid.UUID(job.payload["assessment_id"]))
    with app.test_request_context():
        brand = Brand(**job.payload["brand"]) if "brand" in job.payload else None
        wanted, html = _page(session, assessment, job.payload["kind"], job.payload["locale"], step, brand)
    return wanted.key, html


def _page(
    session: Session, assessment: Assessment, kind: str, locale: str, step: Step, brand: Brand | None
) -> tuple[Wanted, str]:
    """The finished page with the key of what it was made from; made again if that changed meanwhile."""
    asked = (kind, locale, brand.digest if brand else "")
    while True:
        wanted = wanted_document(session, assessment, *asked)
        html = document_html(session, assessment, wanted, step, brand)
        session.expire_all()
        if wanted_document(session, assessment, *asked) == wanted:
            return wanted, html
