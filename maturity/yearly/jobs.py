"""Drafting a report, and making its PDF and Word file, in the background."""

from __future__ import annotations

import uuid

from flask import Flask
from flask_babel import force_locale
from sqlalchemy.orm import Session

from maturity.benchmarks.models import BenchmarkRelease
from maturity.extensions import db
from maturity.jobs.models import Job
from maturity.jobs.worker import JobFailure, Progress, begin_writing
from maturity.reports.jobs import Steps
from maturity.reports.pdf import MissingGlyph, render_pdf
from maturity.results.fonts import MissingFont
from maturity.tenancy.models import Tenant
from maturity.web.filters import day_prose
from maturity.yearly.book import Book
from maturity.yearly.drafting import draft_of
from maturity.yearly.gathering import gather
from maturity.yearly.models import YearlyReport
from maturity.yearly.paper import Paper
from maturity.yearly.printing import Imprint, docx_of, html_of
from maturity.yearly.scope import Scope
from maturity.yearly.service import book_of, find_report, keep_draft, keep_files, newest_version, reader_of

DRAFT_STEPS, PAGES = 3, 100


def draft_report(app: Flask, job: Job, progress: Progress) -> None:
    """Read the figures, compose, keep. The ledger has the reading before anything is made of it."""
    session, clock = db.session(), app.extensions["clock"]
    report_id, tenant_id = uuid.UUID(job.payload["report_id"]), job.tenant_id
    begin_writing(session)
    report = find_report(session, report_id)
    if report.state != "drafting":
        return
    tenant, release = session.get_one(Tenant, tenant_id), session.get_one(BenchmarkRelease, report.release_id)
    scope, locale, title, publisher = Scope(report.kind, report.code), report.locale, report.title, tenant.name
    book = gather(session, release, scope, reader_of(tenant, clock))
    session.commit()
    progress(1, DRAFT_STEPS)
    paper = draft_of(book, scope, locale, title, publisher)
    progress(2, DRAFT_STEPS)
    begin_writing(session)
    keep_draft(session, find_report(session, report_id), paper, book, clock)


def print_report(app: Flask, job: Job, progress: Progress) -> None:
    """Both files of a version; they are stored together, and with the final ones the report is published."""
    session, clock = db.session(), app.extensions["clock"]
    report_id, version, is_final = uuid.UUID(job.payload["report_id"]), job.payload["version"], job.payload["is_final"]
    paper, book, imprint = _what(app, session, report_id, version, is_final=is_final)
    session.rollback()  # ends the reading transaction before the long part
    steps = Steps(progress, PAGES)
    try:
        with app.test_request_context():
            html, word = html_of(paper, book, imprint), docx_of(paper, book, imprint)
        steps()
        pdf = render_pdf(html, f"{imprint.identity}|{book.release.sha256}|{version}", steps)
    except MissingFont as error:
        raise JobFailure("font_missing") from error
    except MissingGlyph as error:
        raise JobFailure("glyph_missing", f"{error.character} U+{ord(error.character):04X}") from error
    begin_writing(session)
    report = find_report(session, report_id)
    keep_files(session, report, version, {"pdf": pdf, "docx": word}, is_final=is_final, clock=clock)


def _what(
    app: Flask, session: Session, report_id: uuid.UUID, version: int, *, is_final: bool
) -> tuple[Paper, Book, Imprint]:
    report = find_report(session, report_id)
    tenant = session.get_one(Tenant, report.tenant_id)
    paper, book = Paper.of(newest_version(session, report, version).body), book_of(session, report)
    return paper, book, _imprint(app, report, tenant.name, version, is_final=is_final)


def _imprint(app: Flask, report: YearlyReport, publisher: str, version: int, *, is_final: bool) -> Imprint:
    with app.test_request_context(), force_locale(report.locale):
        dated = day_prose(app.extensions["clock"].now())
    number = (report.number or "") if is_final else f"{str(report.id)[:8].upper()}-{version}"
    return Imprint(number, dated, publisher, is_final, report.is_synthetic, report.correction)
