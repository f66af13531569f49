"""One assessment as a workbook: downloading it, uploading it, looking at what it changes, applying or leaving it."""

from __future__ import annotations

from io import BytesIO
from typing import Any
from uuid import UUID

from flask import current_app, flash, redirect, render_template, request, send_file, url_for
from flask import session as cookie
from flask.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user
from werkzeug.exceptions import RequestEntityTooLarge

from maturity.assessments.answering import AnswerConflict, QuestionNotAsked
from maturity.assessments.models import Assessment
from maturity.assessments.opened import Opened, open_assessment
from maturity.assessments.service import require_draft
from maturity.editions.service import framework_by_hash
from maturity.errors import Conflict, Invalid
from maturity.evidence.contents import Refused, safe_name
from maturity.evidence.storage import Vault
from maturity.extensions import db
from maturity.reports.public_booklets import published_edition
from maturity.tenancy.permissions import Permission
from maturity.tenancy.service import Access
from maturity.web.access import public, requires
from maturity.web.handlers import error_response
from maturity.web.locale import LOCALES, current_locale
from maturity.web.messages import message_for
from maturity.web.site import site_clock
from maturity.workbooks import many_routes
from maturity.workbooks.blueprint import bp
from maturity.workbooks.comparing import Comparison
from maturity.workbooks.models import WorkbookUpload
from maturity.workbooks.saying import Saying
from maturity.workbooks.service import (
    apply_upload,
    cancel_upload,
    compare_upload,
    download_assessment,
    download_blank,
    find_upload,
    fingerprint,
    keep_upload,
    open_uploads,
    references_of,
)
from maturity.workbooks.uploads import LARGEST_REQUEST, ROOM, take_in_workbook
from maturity.workbooks.words import refusal

#: The module whose routes are the blueprint's, too.
PAGES = (many_routes,)
EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
URL = "/t/<uuid:tenant_id>/assessments/<uuid:assessment_id>/workbook"
LARGEST = {"workbooks.upload": LARGEST_REQUEST, "workbooks.upload_many": many_routes.LARGEST_REQUEST}


@bp.record_once
def _lend_to_templates(state: BlueprintSetupState) -> None:
    """What the pages of the features below show of this one: asked by their templates, not by their code."""
    state.app.jinja_env.globals.update(evidence_reference=_reference)


def _reference(assessment: Assessment, question_id: str) -> str:
    return references_of(db.session(), assessment.id).get(question_id, ("", 0))[0]


@bp.url_value_preprocessor
def _take_large_requests(endpoint: str | None, _values: dict[str, Any] | None) -> None:
    """A workbook may be larger than what any other page takes, from somebody who has signed in.

    This runs before the token of the form is looked for, and with it the body is read.
    """
    if endpoint in LARGEST and "_user_id" in cookie:
        request.max_content_length = LARGEST[endpoint]


@bp.errorhandler(RequestEntityTooLarge)
def _too_much(_error: RequestEntityTooLarge) -> ResponseReturnValue:
    many = request.endpoint == "workbooks.upload_many"
    return error_response(413, "bulk_too_much" if many else "workbook_too_much")


def _actor_id() -> int | None:
    return current_user.id if current_user.is_authenticated else None


def _open(access: Access, assessment_id: UUID, hold: str = "") -> Opened:
    return open_assessment(db.session(), access, _actor_id(), assessment_id, hold=hold)


def _locale() -> str:
    asked = request.args.get("language", "")
    return asked if asked in LOCALES else current_locale()


def _send(content: bytes, name: str) -> ResponseReturnValue:
    return send_file(BytesIO(content), mimetype=EXCEL, as_attachment=True, download_name=name)


@bp.get(URL)
@requires(Permission.ASSESSMENT_VIEW)
def show(access: Access, assessment_id: UUID) -> ResponseReturnValue:
    return _page(_open(access, assessment_id))


def _page(opened: Opened, refused: str | None = None) -> str:
    uploads = open_uploads(db.session(), opened.assessment.id, _actor_id(), site_clock())
    return render_template("workbooks/show.html", opened=opened, uploads=uploads, refused=refused)


@bp.get(f"{URL}.xlsx")
@requires(Permission.ASSESSMENT_VIEW)
def download(access: Access, assessment_id: UUID) -> ResponseReturnValue:
    opened, locale = _open(access, assessment_id), _locale()
    secret = current_app.config["SECRET_KEY"]
    content = download_assessment(db.session(), opened, secret, locale, name=access.tenant.name, clock=site_clock())
    return _send(content, f"assessment-{opened.assessment.period}-r{opened.assessment.revision}-{locale}.xlsx")


@bp.get("/workbooks/<framework>/<edition>.xlsx")
@public
def blank(framework: str, edition: str) -> ResponseReturnValue:
    """The questionnaire of a published edition for any enterprise."""
    record = published_edition(db.session(), framework, edition)
    locale = _locale()
    found = framework_by_hash(db.session(), record.sha256)
    content = download_blank(found, record.sha256, current_app.config["SECRET_KEY"], locale)
    return _send(content, f"{framework}-{edition}-{locale}.xlsx")


@bp.post(URL)
@requires(Permission.ASSESSMENT_ANSWER)
def upload(access: Access, assessment_id: UUID) -> ResponseReturnValue:
    """Keep what was read; the workbook is read between two transactions, because that takes a second."""
    require_draft(_open(access, assessment_id).assessment)
    file = request.files.get("file")
    if file is None or not file.filename:
        return _page(_open(access, assessment_id), message_for("workbook_none_chosen")), 422
    db.session.commit()
    try:
        name, read = take_in_workbook(Vault(current_app.config["DATA_DIR"], access.tenant.id, ROOM), file)
    except Refused as error:
        return _page(_open(access, assessment_id), refusal(error.code, safe_name(file.filename))), 422
    opened = _open(access, assessment_id)
    secret = current_app.config["SECRET_KEY"]
    try:
        kept = keep_upload(
            db.session(), opened.assessment, read, name, secret, actor_id=current_user.id, clock=site_clock()
        )
    except Invalid as error:
        return _page(opened, message_for(error.code)), 422
    return redirect(url_for(".preview", workbook_id=kept.id, **_here(opened)))


def _here(opened: Opened) -> dict[str, Any]:
    return {"tenant_id": opened.assessment.tenant_id, "assessment_id": opened.assessment.id}


@bp.get(f"{URL}/<uuid:workbook_id>")
@requires(Permission.ASSESSMENT_ANSWER)
def preview(access: Access, assessment_id: UUID, workbook_id: UUID) -> ResponseReturnValue:
    """Every change, every error with its cell, and what somebody changed meanwhile."""
    opened = _open(access, assessment_id)
    return _preview_page(opened, find_upload(db.session(), opened.assessment, workbook_id, _actor_id(), site_clock()))


def _preview_page(opened: Opened, upload: WorkbookUpload, error: str | None = None) -> str:
    require_draft(opened.assessment)
    found = compare_upload(db.session(), upload, opened)
    return render_template(
        "workbooks/preview.html",
        opened=opened,
        upload=upload,
        found=found,
        seen=fingerprint(found),
        say=Saying(db.session(), opened.framework, site_clock()),
        error=error,
    )


@bp.post(f"{URL}/<uuid:workbook_id>/apply")
@requires(Permission.ASSESSMENT_ANSWER)
def apply(access: Access, assessment_id: UUID, workbook_id: UUID) -> ResponseReturnValue:
    """In one transaction: whatever goes wrong, no answer of the workbook is saved."""
    opened = _open(access, assessment_id, hold="shared")
    upload = find_upload(db.session(), opened.assessment, workbook_id, _actor_id(), site_clock(), hold=True)
    seen = request.form.get("seen", "")
    try:
        found = apply_upload(db.session(), upload, opened, seen, actor_id=current_user.id, clock=site_clock())
    except (AnswerConflict, QuestionNotAsked):
        return _look_again(access, assessment_id, workbook_id, "workbook_moved_on")
    except (Conflict, Invalid) as error:
        if error.code not in ("workbook_moved_on", "workbook_has_errors"):
            raise
        return _look_again(access, assessment_id, workbook_id, error.code)
    flash(_applied(found))
    return redirect(url_for("assessments.resume", **_here(opened)))


def _look_again(access: Access, assessment_id: UUID, workbook_id: UUID, code: str) -> ResponseReturnValue:
    db.session.rollback()
    opened = _open(access, assessment_id)
    upload = find_upload(db.session(), opened.assessment, workbook_id, _actor_id(), site_clock())
    return _preview_page(opened, upload, message_for(code)), 409


def _applied(found: Comparison) -> str:
    said = ngettext(
        "%(num)s answer saved from the workbook.", "%(num)s answers saved from the workbook.", len(found.changes)
    )
    if found.clashes:
        count = len(found.clashes)
        said += " " + ngettext("%(num)s stays as it is on the site.", "%(num)s stay as they are on the site.", count)
    return said


@bp.post(f"{URL}/<uuid:workbook_id>/cancel")
@requires(Permission.ASSESSMENT_ANSWER)
def cancel(access: Access, assessment_id: UUID, workbook_id: UUID) -> ResponseReturnValue:
    opened = _open(access, assessment_id)
    upload = find_upload(db.session(), opened.assessment, workbook_id, _actor_id(), site_clock(), hold=True)
    cancel_upload(db.session(), upload, site_clock())
    flash(_("The workbook is forgotten. Nothing was saved."))
    return redirect(url_for(".show", **_here(opened)))
