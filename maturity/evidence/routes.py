"""Evidence beside the answers it proves: uploading, looking, downloading, choosing again, erasing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from flask import (
    Blueprint,
    current_app,
    flash,
    g,
    jsonify,
    redirect,
    render_template,
    request,
    send_file,
    url_for,
)
from flask import session as cookie
from flask.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy.orm import Session
from werkzeug.exceptions import RequestEntityTooLarge

from maturity.accounts.service import name_of
from maturity.adaptive.framework import Framework
from maturity.assessments.models import Assessment
from maturity.assessments.opened import Opened, open_assessment
from maturity.assessments.pages import place_of
from maturity.assessments.reach import reach_of
from maturity.assessments.service import require_draft
from maturity.audit.service import record
from maturity.billing.usages import count_by
from maturity.db import act_for, writing
from maturity.errors import Conflict, Invalid, NotFound
from maturity.evidence import words
from maturity.evidence.commands import check, scan
from maturity.evidence.contents import ENDINGS, KINDS
from maturity.evidence.models import MOST_YEARS, EvidenceFile
from maturity.evidence.retention import retention_years, set_retention
from maturity.evidence.service import (
    Where,
    add_evidence,
    ask_to_erase,
    bytes_kept,
    date_evidence,
    describe_evidence,
    get_file,
    is_relied_on,
    link_evidence,
    lock_evidence,
    unlink_evidence,
    usage_of,
)
from maturity.evidence.serving import from_outside, leaving
from maturity.evidence.shelf import Shelf, choices_for, last_day, open_file, open_link, proved_by, shelf_of
from maturity.evidence.storage import Vault
from maturity.evidence.uploads import LARGEST_REQUEST, Intake, differs, take_in
from maturity.extensions import db
from maturity.questionnaires.model import Question
from maturity.tenancy.permissions import Permission
from maturity.tenancy.service import Access
from maturity.web.access import requires
from maturity.web.handlers import error_response, wants_json
from maturity.web.messages import message_for
from maturity.web.site import site_clock

bp = Blueprint("evidence", __name__, url_prefix="/t/<uuid:tenant_id>/assessments/<uuid:assessment_id>")
bp.cli.help = "The evidence: check the vault, scan what was kept unscanned."
bp.cli.add_command(check)
bp.cli.add_command(scan)
count_by("evidence_bytes", lambda session, _tenant, _clock: bytes_kept(session))


@bp.record_once
def _lend_to_templates(state: BlueprintSetupState) -> None:
    """What the pages of the features below show of this one: asked by their templates, not by their code."""
    state.app.jinja_env.globals.update(
        evidence_shelf=shelf_for_page,
        evidence_words=words,
        evidence_endings=",".join(ENDINGS),
        evidence_kinds=KINDS,
    )


def shelf_for_page(assessment: Assessment, framework: Framework) -> Shelf:
    """The shelf as the person who asks may see it; read once for a page."""
    kept: dict[UUID, Shelf] = g.setdefault("evidence_shelves", {})
    if assessment.id not in kept:
        reach = reach_of(db.session(), g.access, _actor_id(), assessment.id)
        kept[assessment.id] = shelf_of(db.session(), assessment, framework.edition, reach)
    return kept[assessment.id]


@bp.url_value_preprocessor
def _take_large_requests(endpoint: str | None, _values: dict[str, Any] | None) -> None:
    """Files may be larger than what any other page takes, from somebody who has signed in.

    This runs before the token of the form is looked for, and with it the body is read.
    """
    if endpoint == "evidence.upload" and "_user_id" in cookie:
        request.max_content_length = LARGEST_REQUEST


@bp.errorhandler(RequestEntityTooLarge)
def _too_much(_error: RequestEntityTooLarge) -> ResponseReturnValue:
    return error_response(413, "evidence_too_much")


def _actor_id() -> int | None:
    return current_user.id if current_user.is_authenticated else None


def _open(access: Access, assessment_id: UUID, hold: str = "") -> Opened:
    return open_assessment(db.session(), access, _actor_id(), assessment_id, hold=hold)


def _vault(access: Access) -> Vault:
    return Vault(current_app.config["DATA_DIR"], access.tenant.id)


def _here(opened: Opened) -> dict[str, Any]:
    return {"tenant_id": opened.assessment.tenant_id, "assessment_id": opened.assessment.id}


def _where(opened: Opened, question_id: str) -> Where:
    """The answer, if evidence may be added to it: of a draft, within reach, and asked."""
    require_draft(opened.assessment)
    opened.question(question_id)
    if not opened.evaluation.path.steps[question_id].is_asked:
        raise Conflict("question_not_asked")
    return Where(opened.assessment, question_id, _actor_id())


# The evidence of an assessment


@bp.get("/evidence")
@requires(Permission.EVIDENCE_VIEW)
def index(access: Access, assessment_id: UUID) -> ResponseReturnValue:
    """Everything that proves an answer of this assessment, how much room is left, and how long files are kept."""
    return _index_page(_open(access, assessment_id))


def _index_page(opened: Opened, error: str | None = None) -> str:
    shelf = shelf_for_page(opened.assessment, opened.framework)
    questions = opened.framework.edition.questions
    return render_template(
        "evidence/index.html",
        opened=opened,
        shelf=shelf,
        shown=[(questions[name], shelf.at(name)) for name in opened.framework.edition.order if shelf.at(name)],
        loose=[item for item in choices_for(db.session(), opened, "", _actor_id()) if item.file.unused_since],
        usage=usage_of(db.session(), g.access.tenant, site_clock()),
        years=retention_years(db.session()),
        most_years=MOST_YEARS,
        error=error,
    )


@bp.post("/evidence/retention")
@requires(Permission.EVIDENCE_MANAGE)
def retention(access: Access, assessment_id: UUID) -> ResponseReturnValue:
    opened = _open(access, assessment_id)
    years = request.form.get("years", 0, type=int)
    try:
        set_retention(db.session(), access.tenant.id, years, actor_id=_actor_id(), clock=site_clock())
    except Invalid as error:
        return _index_page(opened, message_for(error.code)), 422
    flash(_("Evidence is kept for %(years)s years after the reporting year.", years=years))
    return redirect(url_for(".index", **_here(opened)))


# The evidence of one answer


@bp.get("/questions/<question_id>/evidence")
@requires(Permission.EVIDENCE_VIEW)
def answer(access: Access, assessment_id: UUID, question_id: str) -> ResponseReturnValue:
    """The files that prove an answer, with everything that can be done with them."""
    opened = _open(access, assessment_id)
    return _answer_page(opened, opened.question(question_id))


def _answer_page(opened: Opened, question: Question, refused: Sequence[str] = (), choosing: bool = False) -> str:
    g.pop("evidence_shelves", None)
    step = opened.evaluation.path.steps[question.id]
    may_add = opened.assessment.is_draft and step.is_asked and g.access.can(Permission.EVIDENCE_ADD)
    return render_template(
        "evidence/answer.html",
        opened=opened,
        question=question,
        items=shelf_for_page(opened.assessment, opened.framework).at(question.id),
        may_add=may_add,
        choices=choices_for(db.session(), opened, question.id, _actor_id()) if may_add else [],
        usage=usage_of(db.session(), g.access.tenant, site_clock()),
        has_scanner=current_app.config["CLAMD"] is not None,
        back=place_of(opened.framework, opened.evaluation, question.id) if opened.assessment.is_draft else None,
        refused=refused,
        choosing=choosing,
    )


@bp.get("/questions/<question_id>/evidence/beside")
@requires(Permission.EVIDENCE_VIEW)
def beside(access: Access, assessment_id: UUID, question_id: str) -> ResponseReturnValue:
    """The same as a fragment, for the page of the questions."""
    opened = _open(access, assessment_id)
    return render_template("evidence/beside.html", opened=opened, question=opened.question(question_id))


@bp.post("/questions/<question_id>/evidence")
@requires(Permission.EVIDENCE_ADD)
def upload(access: Access, assessment_id: UUID, question_id: str) -> ResponseReturnValue:
    """Take files in. What is right is kept, whatever is wrong with the others.

    They are examined between two transactions: reading them takes seconds, and SQLite has one writer.
    """
    _where(_open(access, assessment_id), question_id)
    db.session.commit()
    files = [file for file in request.files.getlist("files") if file.filename]
    vault = _vault(access)
    with take_in(vault, files) as intake:
        said = _keep(access, assessment_id, question_id, intake, vault)
        db.session.commit()
    refused = [words.refusal(code, name) for name, code in intake.refused]
    if not files:
        refused = [message_for("evidence_none_chosen")]
    if wants_json():
        return jsonify(said=said, refused=refused), 422 if refused else 200
    for line in said:
        flash(line)
    if refused:
        opened = _open(access, assessment_id)
        return _answer_page(opened, opened.question(question_id), refused), 422
    return redirect(
        url_for(".answer", tenant_id=access.tenant.id, assessment_id=assessment_id, question_id=question_id)
    )


def _keep(access: Access, assessment_id: UUID, question_id: str, intake: Intake, vault: Vault) -> list[str]:
    """Link every file that passed; what the quota or a rule refuses joins the others. What to say of each."""
    if not intake.received:
        return []
    where = _where(_open(access, assessment_id, hold="shared"), question_id)
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
        said.append(_told(item.name, item.media_type, file, is_new=is_new))
    return said


def _told(name: str, media_type: str, file: EvidenceFile, *, is_new: bool) -> str:
    if not is_new:
        return _("“%(name)s” is here already, as “%(kept)s”. It proves this answer, too.", name=name, kept=file.name)
    if differs(name, media_type):
        kind = words.kind_words(media_type)
        return _(
            "“%(name)s” is a %(kind)s file by its content and is kept as “%(kept)s”.",
            name=name,
            kind=kind,
            kept=file.name,
        )
    return _("“%(name)s” is added.", name=name)


@bp.post("/questions/<question_id>/evidence/chosen")
@requires(Permission.EVIDENCE_ADD)
def choose(access: Access, assessment_id: UUID, question_id: str) -> ResponseReturnValue:
    """Let files that are kept already prove this answer, too."""
    opened = _open(access, assessment_id, hold="shared")
    where = _where(opened, question_id)
    lock_evidence(db.session(), access.tenant.id)
    chosen = request.form.getlist("file", type=UUID)
    if not chosen:
        none = [message_for("evidence_none_chosen")]
        return _answer_page(opened, opened.question(question_id), none, choosing=True), 422
    for file_id in chosen:
        file = open_file(db.session(), opened, file_id, _actor_id())
        link_evidence(db.session(), where, file, site_clock())
    return redirect(url_for(".answer", question_id=question_id, **_here(opened)))


@bp.post("/evidence/links/<uuid:link_id>")
@requires(Permission.EVIDENCE_ADD)
def describe(access: Access, assessment_id: UUID, link_id: UUID) -> ResponseReturnValue:
    opened = _open(access, assessment_id, hold="shared")
    link = open_link(db.session(), opened, link_id)
    require_draft(opened.assessment)
    if link.assessment_id != assessment_id:
        raise Conflict("evidence_of_earlier_revision")
    describe_evidence(db.session(), link, request.form.get("caption", ""))
    if "valid_until" in request.form:
        date_evidence(db.session(), get_file(db.session(), link.file_id), request.form["valid_until"])
    return redirect(url_for(".answer", question_id=link.question_id, **_here(opened)))


@bp.post("/evidence/links/<uuid:link_id>/remove")
@requires(Permission.EVIDENCE_ADD)
def remove(access: Access, assessment_id: UUID, link_id: UUID) -> ResponseReturnValue:
    opened = _open(access, assessment_id, hold="shared")
    link = open_link(db.session(), opened, link_id)
    require_draft(opened.assessment)
    question_id = link.question_id
    lock_evidence(db.session(), access.tenant.id)
    unlink_evidence(db.session(), Where(opened.assessment, question_id, _actor_id()), link, site_clock())
    return redirect(url_for(".answer", question_id=question_id, **_here(opened)))


# One file


@bp.get("/evidence/<uuid:evidence_id>")
@requires(Permission.EVIDENCE_VIEW)
def show(access: Access, assessment_id: UUID, evidence_id: UUID) -> ResponseReturnValue:
    """The file large, its particulars, and which answers it proves."""
    opened = _open(access, assessment_id)
    return _file_page(opened, open_file(db.session(), opened, evidence_id, _actor_id()))


def _file_page(opened: Opened, file: EvidenceFile, error: str | None = None) -> str:
    proved = proved_by(db.session(), opened, file)
    linked = {question.id for _link, question in proved}
    asked = [question for question in opened.evaluation.path.asked() if question.id not in linked]
    return render_template(
        "evidence/file.html",
        opened=opened,
        file=file,
        proved=proved,
        may_add=opened.assessment.is_draft and file.is_there and g.access.can(Permission.EVIDENCE_ADD),
        asked=opened.reach.within(asked),
        uploader=name_of(db.session(), file.uploaded_by),
        eraser=name_of(db.session(), file.erasure_asked_by),
        is_relied_on=is_relied_on(db.session(), file),
        last_day=last_day(db.session(), file),
        error=error,
    )


@bp.post("/evidence/<uuid:evidence_id>/links")
@requires(Permission.EVIDENCE_ADD)
def link(access: Access, assessment_id: UUID, evidence_id: UUID) -> ResponseReturnValue:
    """Let the file prove another answer."""
    opened = _open(access, assessment_id, hold="shared")
    file = open_file(db.session(), opened, evidence_id, _actor_id())
    where = _where(opened, request.form.get("question", ""))
    lock_evidence(db.session(), access.tenant.id)
    link_evidence(db.session(), where, file, site_clock())
    return redirect(url_for(".show", evidence_id=evidence_id, **_here(opened)))


@bp.post("/evidence/<uuid:evidence_id>/erase")
@requires(Permission.EVIDENCE_MANAGE)
def erase(access: Access, assessment_id: UUID, evidence_id: UUID) -> ResponseReturnValue:
    """Destroy the bytes for good; the worker does it, and the page then shows the certificate."""
    opened = _open(access, assessment_id)
    lock_evidence(db.session(), access.tenant.id)
    file = open_file(db.session(), opened, evidence_id, _actor_id())
    confirmed = "confirmed" in request.form
    try:
        if not confirmed:
            raise Invalid("evidence_relied_on" if is_relied_on(db.session(), file) else "evidence_not_confirmed")
        ask_to_erase(db.session(), file, "asked", site_clock(), actor_id=_actor_id(), confirmed=confirmed)
    except Invalid as error:
        return _file_page(opened, file, message_for(error.code)), 422
    return redirect(url_for(".show", evidence_id=evidence_id, **_here(opened)))


@bp.get("/evidence/<uuid:evidence_id>/content")
@requires(Permission.EVIDENCE_VIEW)
def download(access: Access, assessment_id: UUID, evidence_id: UUID) -> ResponseReturnValue:
    """The file as it came, to be saved and never to be shown by the browser. Parts of it can be asked for.

    A link and not a form, so that an interrupted download goes on where it stopped. Reading commits nothing here, so
    the log's entry has a transaction of its own, and what cannot be recorded is not handed out.
    """
    opened = _open(access, assessment_id)
    file = open_file(db.session(), opened, evidence_id, _actor_id())
    path = _vault(access).path(leaving(file).sha256)
    if not path.is_file():
        raise NotFound("evidence_lost", str(file.id))
    if request.method == "GET":
        _record_download(access, file)
    return from_outside(send_file(path, file.media_type, as_attachment=True, download_name=file.name, etag=file.sha256))


def _record_download(access: Access, file: EvidenceFile) -> None:
    writing.set(True)
    try:
        with Session(db.engine) as session:
            act_for(session, access.tenant.id, _actor_id())
            names = {"evidence_id": str(file.id), "file": file.name}
            record(session, site_clock(), "evidence.downloaded", _actor_id(), access.tenant.id, **names)
            session.commit()
    finally:
        writing.set(False)


@bp.get("/evidence/<uuid:evidence_id>/thumbnail")
@requires(Permission.EVIDENCE_VIEW)
def thumbnail(access: Access, assessment_id: UUID, evidence_id: UUID) -> ResponseReturnValue:
    return _picture(access, assessment_id, evidence_id, "small")


@bp.get("/evidence/<uuid:evidence_id>/preview")
@requires(Permission.EVIDENCE_VIEW)
def preview(access: Access, assessment_id: UUID, evidence_id: UUID) -> ResponseReturnValue:
    return _picture(access, assessment_id, evidence_id, "large")


def _picture(access: Access, assessment_id: UUID, evidence_id: UUID, size: str) -> ResponseReturnValue:
    """Our own picture of the file: looking at it is no download and is not recorded."""
    opened = _open(access, assessment_id)
    file = leaving(open_file(db.session(), opened, evidence_id, _actor_id()))
    path = _vault(access).preview(file.sha256, size)
    if not (file.has_preview and path.is_file()):
        raise NotFound("evidence_no_picture", str(file.id))
    return from_outside(send_file(path, "image/webp", etag=f"{file.sha256}-{size}"))
