"""Asking for a document, watching it being made, downloading it."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any
from uuid import UUID

from flask import Blueprint, current_app, redirect, render_template, request, send_file, url_for
from flask.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy import select

from maturity.assessments.answering import load_sheet
from maturity.assessments.models import Assessment
from maturity.assessments.service import get_assessment
from maturity.editions.service import framework_by_hash
from maturity.errors import NotFound
from maturity.extensions import db
from maturity.jobs.models import Job
from maturity.reports.booklet_routes import bp as booklets
from maturity.reports.excel import questionnaire_workbook
from maturity.reports.service import (
    Wanted,
    ask_for_document,
    find_document,
    folder_of,
    has_report,
    path_of,
    wanted_document,
)
from maturity.results.fonts import cjk_font_file
from maturity.tenancy.permissions import Permission
from maturity.tenancy.service import Access
from maturity.web.access import requires
from maturity.web.locale import current_locale
from maturity.web.site import site_clock

bp = Blueprint("reports", __name__, url_prefix="/t/<uuid:tenant_id>/assessments/<uuid:assessment_id>")
EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@bp.record_once
def _needs_its_font(_state: BlueprintSetupState) -> None:
    """The site does not start without the font of its documents: they would show boxes, and nothing would say so."""
    cjk_font_file()


@bp.record_once
def _with_booklets(state: BlueprintSetupState) -> None:
    """The booklets for everybody belong to no tenant, and so not under this blueprint's address."""
    state.app.register_blueprint(booklets)


@bp.post("/documents/<kind>")
@requires(Permission.REPORT_VIEW)
def ask(access: Access, assessment_id: UUID, kind: str) -> ResponseReturnValue:
    assessment = get_assessment(db.session(), assessment_id)
    _require_reach(access, assessment, kind)
    # Without a brand: a consultant asks for those elsewhere, and any other name would be one more job for nothing.
    wanted = wanted_document(db.session(), assessment, kind, current_locale())
    actor_id = current_user.id if current_user.is_authenticated else None
    ask_for_document(db.session(), assessment, wanted, _folder(), actor_id=actor_id, clock=site_clock())
    here: dict[str, Any] = {"tenant_id": access.tenant.id, "assessment_id": assessment_id, "kind": kind}
    return redirect(url_for(".show", **here))


@bp.get("/documents/<kind>")
@requires(Permission.REPORT_VIEW)
def show(access: Access, assessment_id: UUID, kind: str) -> ResponseReturnValue:
    """The progress page; it becomes the download when the document is there."""
    assessment = get_assessment(db.session(), assessment_id)
    _require_reach(access, assessment, kind)
    wanted = _wanted(assessment, kind)
    document = find_document(db.session(), wanted.key, _folder())
    job = db.session.scalar(select(Job).where(Job.kind == "document", Job.key == wanted.key))
    what = {"assessment": assessment, "kind": kind, "brand": _brand() or None}
    return render_template("reports/progress.html", document=document, job=job, **what)


@bp.get("/documents/<kind>.pdf")
@requires(Permission.REPORT_VIEW)
def download(access: Access, assessment_id: UUID, kind: str) -> ResponseReturnValue:
    assessment = get_assessment(db.session(), assessment_id)
    _require_reach(access, assessment, kind)
    wanted = _wanted(assessment, kind)
    document = find_document(db.session(), wanted.key, _folder())
    if document is None:
        raise NotFound("report", kind)
    name = _name(assessment, kind, "pdf")
    path = path_of(_folder(), document)
    return send_file(path, mimetype="application/pdf", as_attachment=True, download_name=name)


def _require_reach(access: Access, assessment: Assessment, kind: str) -> None:
    """Who sees some sections of a draft only has no document with all of its answers. The report is that of the main
    framework, all of it answered."""
    if kind == "report" and not has_report(db.session(), assessment):
        raise NotFound("report", kind)
    if kind == "answers" and assessment.status == "draft" and not access.can(Permission.SECTION_ALL):
        raise NotFound("report", kind)


def _wanted(assessment: Assessment, kind: str) -> Wanted:
    """In the page's language and, where the address names one, with a brand that a consultant had it made with."""
    return wanted_document(db.session(), assessment, kind, current_locale(), _brand())


def _brand() -> str:
    return request.args.get("brand", "")[:64]


def _folder() -> Path:
    return folder_of(current_app.config["DATA_DIR"])


@bp.get("/questionnaire.xlsx")
@requires(Permission.REPORT_VIEW)
def blank_sheet(access: Access, assessment_id: UUID) -> ResponseReturnValue:
    return _sheet(access, assessment_id, filled=False)


@bp.get("/answers.xlsx")
@requires(Permission.REPORT_VIEW)
def filled_sheet(access: Access, assessment_id: UUID) -> ResponseReturnValue:
    return _sheet(access, assessment_id, filled=True)


def _sheet(access: Access, assessment_id: UUID, *, filled: bool) -> ResponseReturnValue:
    assessment = get_assessment(db.session(), assessment_id)
    _require_reach(access, assessment, "answers" if filled else "questionnaire")
    framework = framework_by_hash(db.session(), assessment.edition_sha256)
    facts = load_sheet(db.session(), assessment, framework).facts if filled else {}
    content = questionnaire_workbook(framework, assessment, facts, current_locale(), enterprise=access.tenant.name)
    kind = "answers" if filled else "questionnaire"
    return send_file(
        BytesIO(content), mimetype=EXCEL, as_attachment=True, download_name=_name(assessment, kind, "xlsx")
    )


def _name(assessment: Assessment, kind: str, ending: str) -> str:
    return f"{kind}-{assessment.period}-r{assessment.revision}-{current_locale()}.{ending}"
