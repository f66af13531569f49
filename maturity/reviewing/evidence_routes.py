"""Evidence in the file of a case: what proves the answers of the sample, and photos that a reviewer adds on site."""

from __future__ import annotations

import uuid
from typing import Any

from flask import current_app, flash, jsonify, redirect, render_template, request, send_file, url_for
from flask import session as cookie
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy.orm import Session
from werkzeug.exceptions import RequestEntityTooLarge

from maturity.assessments.reach import EVERY_SECTION
from maturity.audit.service import record
from maturity.db import act_for, writing
from maturity.errors import Conflict, NotFound
from maturity.evidence import words as evidence_words
from maturity.evidence.models import EvidenceFile
from maturity.evidence.service import Where, add_evidence, describe_evidence, get_file, links_at
from maturity.evidence.serving import from_outside, leaving
from maturity.evidence.shelf import shelf_of
from maturity.evidence.storage import Vault
from maturity.evidence.uploads import LARGEST_REQUEST, Intake, take_in
from maturity.extensions import db
from maturity.reviewing.blueprint import bp
from maturity.reviewing.file_routes import HERE, open_here
from maturity.reviewing.opened import ReviewFile
from maturity.tenancy.permissions import Permission
from maturity.tenancy.service import Access
from maturity.web.access import requires
from maturity.web.handlers import error_response, wants_json
from maturity.web.messages import message_for
from maturity.web.site import site_clock


@bp.url_value_preprocessor
def _take_large_requests(endpoint: str | None, _values: dict[str, Any] | None) -> None:
    """Photos may be larger than what any other page takes; this runs before the token of the form is looked for."""
    if endpoint == "reviewing.upload" and "_user_id" in cookie:
        request.max_content_length = LARGEST_REQUEST


@bp.errorhandler(RequestEntityTooLarge)
def _too_much(_error: RequestEntityTooLarge) -> ResponseReturnValue:
    return error_response(413, "evidence_too_much")


def _vault(access: Access) -> Vault:
    return Vault(current_app.config["DATA_DIR"], access.tenant.id)


@bp.get(HERE + "/items/<question_id>/evidence")
@requires(Permission.REVIEW_FILE)
def beside(access: Access, case_id: uuid.UUID, question_id: str) -> ResponseReturnValue:
    """The files beside one answer of the sample, as HTML, for the page of the file."""
    opened = open_here(access, case_id)
    opened.item(question_id)
    return render_template(
        "reviewing/_evidence.html",
        opened=opened,
        question=opened.framework.edition.questions[question_id],
        evidence=_files(opened, question_id),
        here={"tenant_id": access.tenant.id, "case_id": case_id},
    )


def _files(opened: ReviewFile, question_id: str) -> Any:
    return shelf_of(db.session(), opened.assessment, opened.framework.edition, EVERY_SECTION).at(question_id)


@bp.post(HERE + "/items/<question_id>/evidence")
@requires(Permission.REVIEW_FILE)
def upload(access: Access, case_id: uuid.UUID, question_id: str) -> ResponseReturnValue:
    """Take photos in, checked as all evidence is; they stand in the enterprise's evidence and name the body.

    They are examined between two transactions: reading them takes seconds, and SQLite has one writer.
    """
    _require_open(open_here(access, case_id), question_id)
    db.session.commit()
    files = [item for item in request.files.getlist("files") if item.filename]
    vault = _vault(access)
    with take_in(vault, files) as intake:
        said = _keep(access, case_id, question_id, intake, vault)
        db.session.commit()
    refused = [evidence_words.refusal(code, name) for name, code in intake.refused]
    if not files:
        refused = [message_for("evidence_none_chosen")]
    if wants_json():
        return jsonify(said=said, refused=refused), 422 if refused else 200
    for line in said:
        flash(line)
    for line in refused:
        flash(line, "error")
    return redirect(url_for(".file", tenant_id=access.tenant.id, case_id=case_id, _anchor=f"i-{question_id}"))


def _require_open(opened: ReviewFile, question_id: str) -> None:
    opened.item(question_id)
    if not opened.judges:
        raise Conflict("review_closed")


def _keep(access: Access, case_id: uuid.UUID, question_id: str, intake: Intake, vault: Vault) -> list[str]:
    """Link every file that passed, with a remark that says who brought it; what a rule refuses joins the others."""
    if not intake.received:
        return []
    opened = open_here(access, case_id)
    _require_open(opened, question_id)
    where = Where(opened.assessment, question_id, current_user.id)
    remark = _("Added in the review by %(body)s", body=opened.case.body_name)[:200]
    said = []
    for item in intake.received:
        try:
            file, is_new = add_evidence(
                db.session(),
                where,
                item,
                lambda staged: vault.keep(staged.path, vault.path(staged.sha256)),
                site_clock(),
            )
        except Conflict as error:
            intake.refused.append((item.name, error.code))
            continue
        link = next(link for link in links_at(db.session(), where) if link.file_id == file.id)
        if not link.caption and (is_new or link.linked_by == current_user.id):
            describe_evidence(db.session(), link, remark)
        said.append(_("“%(name)s” is added.", name=item.name))
    return said


# Files


def _open_file(access: Access, case_id: uuid.UUID, evidence_id: uuid.UUID) -> EvidenceFile:
    """A file that proves an answer of the sample; everything else the enterprise keeps is none of the body's."""
    opened = open_here(access, case_id)
    shelf = shelf_of(db.session(), opened.assessment, opened.framework.edition, EVERY_SECTION)
    shown = {item.file.id for name in opened.items for item in shelf.at(name)}
    if evidence_id not in shown:
        raise NotFound("evidence", str(evidence_id))
    return leaving(get_file(db.session(), evidence_id))


@bp.get(HERE + "/evidence/<uuid:evidence_id>/content")
@requires(Permission.REVIEW_FILE)
def download(access: Access, case_id: uuid.UUID, evidence_id: uuid.UUID) -> ResponseReturnValue:
    """The file as it came. The enterprise reads in its log who took it; what cannot be recorded is not handed out."""
    file = _open_file(access, case_id, evidence_id)
    path = _vault(access).path(file.sha256)
    if not path.is_file():
        raise NotFound("evidence_lost", str(file.id))
    if request.method == "GET":
        _record_download(access, file)
    return from_outside(send_file(path, file.media_type, as_attachment=True, download_name=file.name, etag=file.sha256))


def _record_download(access: Access, file: EvidenceFile) -> None:
    names = {"evidence_id": str(file.id), "file": file.name}
    writing.set(True)
    try:
        with Session(db.engine) as session:
            act_for(session, access.tenant.id, current_user.id)
            record(session, site_clock(), "evidence.downloaded", current_user.id, access.tenant.id, **names)
            session.commit()
    finally:
        writing.set(False)


@bp.get(HERE + "/evidence/<uuid:evidence_id>/thumbnail")
@requires(Permission.REVIEW_FILE)
def thumbnail(access: Access, case_id: uuid.UUID, evidence_id: uuid.UUID) -> ResponseReturnValue:
    return _picture(access, case_id, evidence_id, "small")


@bp.get(HERE + "/evidence/<uuid:evidence_id>/preview")
@requires(Permission.REVIEW_FILE)
def preview(access: Access, case_id: uuid.UUID, evidence_id: uuid.UUID) -> ResponseReturnValue:
    return _picture(access, case_id, evidence_id, "large")


def _picture(access: Access, case_id: uuid.UUID, evidence_id: uuid.UUID, size: str) -> ResponseReturnValue:
    """Our own picture of the file: looking at it is no download."""
    file = _open_file(access, case_id, evidence_id)
    path = _vault(access).preview(file.sha256, size)
    if not (file.has_preview and path.is_file()):
        raise NotFound("evidence_no_picture", str(file.id))
    return from_outside(send_file(path, "image/webp", etag=f"{file.sha256}-{size}"))
