"""The operator's pages about claims: the queue, one claim, invitation codes, domains."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import Response, current_app, flash, g, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy.orm import Session

from maturity.accounts.contacts import read_contact, shown
from maturity.claims import words
from maturity.claims.blueprint import bp
from maturity.claims.codes import codes_of, issue_code, revoke_code
from maturity.claims.contest import confirm, refuse
from maturity.claims.desk import (
    File,
    accept_licence,
    file_of,
    licence_of,
    note_download,
    queue_of,
    reject_licence,
)
from maturity.claims.domains import domains_of, record_domain, remove_domain
from maturity.claims.forms import DecisionForm, DomainForm, IssueForm, ReviewForm
from maturity.claims.handover import hand_over
from maturity.claims.jobs import licence_vault
from maturity.claims.letters import write_code
from maturity.claims.models import ClaimLicence
from maturity.db import act_for, writing
from maturity.errors import Conflict, NotFound
from maturity.evidence.serving import SANDBOX
from maturity.evidence.words import size_words
from maturity.extensions import db
from maturity.tenancy.permissions import Permission
from maturity.tenancy.service import Access
from maturity.web.access import requires
from maturity.web.locale import current_locale
from maturity.web.messages import message_for
from maturity.web.site import site_clock

Decide = Callable[..., None]
DECISIONS: dict[str, Decide] = {"confirm": confirm, "refuse": refuse, "hand_over": hand_over}


def _who() -> dict[str, Any]:
    return {"actor_id": current_user.id, "clock": site_clock()}


@bp.get("/operation/claims")
@requires(Permission.OPERATE)
def queue(access: Access) -> ResponseReturnValue:
    return render_template("claims/queue.html", queue=queue_of(db.session()), words=words, now=site_clock().now())


@bp.get("/operation/claims/<uuid:claim_id>")
@requires(Permission.OPERATE)
def claim(access: Access, claim_id: UUID) -> ResponseReturnValue:
    return _claim_page(file_of(db.session(), claim_id))


def _claim_page(file: File, review: ReviewForm | None = None, decision: DecisionForm | None = None) -> str:
    decision = decision or DecisionForm(formdata=None)
    decision.offer(is_contested=file.rival is not None)
    return render_template(
        "claims/claim.html",
        file=file,
        review_form=review or ReviewForm(formdata=None),
        decision_form=decision,
        words=words,
        shown=shown,
        size_words=size_words,
    )


@bp.post("/operation/claims/<uuid:claim_id>/review")
@requires(Permission.OPERATE)
def review(access: Access, claim_id: UUID) -> ResponseReturnValue:
    """What the operator makes of a licence."""
    form = ReviewForm()
    if not form.validate_on_submit():
        return _claim_page(file_of(db.session(), claim_id), review=form), 422
    decide = accept_licence if form.decision.data == "accept" else reject_licence
    decide(db.session(), claim_id, " ".join((form.reason.data or "").split()), **_who())
    flash(_("The decision is recorded, and the claimant gets a letter."))
    return redirect(url_for(".queue", tenant_id=access.tenant.id))


@bp.post("/operation/claims/<uuid:claim_id>/decide")
@requires(Permission.OPERATE)
def decide(access: Access, claim_id: UUID) -> ResponseReturnValue:
    """What becomes of a proof before, or at the end of, the time for objections."""
    form = DecisionForm()
    chosen = DECISIONS.get(str(form.decision.data))
    if not form.validate_on_submit() or chosen is None:
        return _claim_page(file_of(db.session(), claim_id), decision=form), 422
    chosen(db.session(), claim_id, " ".join((form.reason.data or "").split()), **_who())
    flash(_("The decision is recorded, and everybody concerned gets a letter."))
    return redirect(url_for(".queue", tenant_id=access.tenant.id))


@bp.get("/operation/claims/<uuid:claim_id>/licence")
@requires(Permission.OPERATE)
def licence(access: Access, claim_id: UUID) -> ResponseReturnValue:
    """The licence as it came, to be saved and never to be shown by the browser; the enterprise reads so in its log."""
    found = licence_of(db.session(), claim_id)
    path = _vault_of(found).path(found.sha256)
    if not path.is_file():
        raise NotFound("evidence_lost", str(claim_id))
    if request.method == "GET":
        _record_download(found)
    return _from_outside(
        send_file(path, found.media_type, as_attachment=True, download_name=found.name, etag=found.sha256)
    )


@bp.get("/operation/claims/<uuid:claim_id>/picture")
@requires(Permission.OPERATE)
def picture(access: Access, claim_id: UUID) -> ResponseReturnValue:
    """Our own picture of the licence."""
    found = licence_of(db.session(), claim_id)
    path = _vault_of(found).preview(found.sha256, "large")
    if not (found.has_preview and path.is_file()):
        raise NotFound("evidence_no_picture", str(claim_id))
    return _from_outside(send_file(path, "image/webp", etag=f"{found.sha256}-large"))


def _vault_of(found: ClaimLicence) -> Any:
    return licence_vault(current_app.config["DATA_DIR"], found.tenant_id)


def _record_download(found: ClaimLicence) -> None:
    """In a transaction of its own, since reading commits nothing; what cannot be recorded is not handed out."""
    writing.set(True)
    try:
        with Session(db.engine) as session:
            act_for(session, found.tenant_id, current_user.id)
            note_download(session, found, **_who())
            session.commit()
    finally:
        writing.set(False)


def _from_outside(response: Response) -> Response:
    response.headers["Content-Security-Policy"] = SANDBOX
    response.headers["Cache-Control"] = "private, no-cache"
    response.headers["Vary"] = "Cookie"
    return response


# Invitation codes


@bp.get("/operation/claims/codes")
@requires(Permission.OPERATE)
def codes(access: Access) -> ResponseReturnValue:
    return _codes_page(IssueForm(formdata=None))


def _codes_page(form: IssueForm, issued: str | None = None) -> str:
    """`issued` is shown this once: only its hash is kept."""
    found = codes_of(db.session(), g.access.tenant.id)
    return render_template(
        "claims/codes.html", codes=found, form=form, issued=issued, now=site_clock().now(), shown=shown
    )


@bp.post("/operation/claims/codes")
@requires(Permission.OPERATE)
def issue(access: Access) -> ResponseReturnValue:
    form = IssueForm()
    if not form.validate_on_submit():
        return _codes_page(form), 422
    sent_to = " ".join((form.sent_to.data or "").split())
    contact = read_contact(sent_to)
    kept = contact.value if contact else sent_to
    _row, code = issue_code(db.session(), access.tenant.id, form.parsed_uscc, kept, **_who())
    if contact is not None:
        write_code(db.session(), contact, code, form.parsed_uscc, current_locale(), site_clock())
    return _codes_page(IssueForm(formdata=None), issued=code)


@bp.post("/operation/claims/codes/<uuid:code_id>/revoke")
@requires(Permission.OPERATE)
def revoke(access: Access, code_id: UUID) -> ResponseReturnValue:
    revoke_code(db.session(), access.tenant.id, code_id, **_who())
    flash(_("The code is taken back; it does not work any more."))
    return redirect(url_for(".codes", tenant_id=access.tenant.id))


# Domains


@bp.get("/operation/claims/domains")
@requires(Permission.OPERATE)
def domains(access: Access) -> ResponseReturnValue:
    return _domains_page(DomainForm(formdata=None))


def _domains_page(form: DomainForm) -> str:
    return render_template("claims/domains.html", domains=domains_of(db.session(), g.access.tenant.id), form=form)


@bp.post("/operation/claims/domains")
@requires(Permission.OPERATE)
def add_domain(access: Access) -> ResponseReturnValue:
    form = DomainForm()
    if not form.validate_on_submit():
        return _domains_page(form), 422
    source = " ".join((form.source.data or "").split())
    try:
        record_domain(db.session(), access.tenant.id, form.parsed_uscc, form.parsed_domain, source, **_who())
    except Conflict as error:
        form.domain.errors = [message_for(error.code)]
        return _domains_page(form), 422
    flash(_("%(domain)s is recorded.", domain=form.parsed_domain))
    return redirect(url_for(".domains", tenant_id=access.tenant.id))


@bp.post("/operation/claims/domains/<uuid:domain_id>/remove")
@requires(Permission.OPERATE)
def forget_domain(access: Access, domain_id: UUID) -> ResponseReturnValue:
    remove_domain(db.session(), access.tenant.id, domain_id, **_who())
    flash(_("The domain is removed; it proves nothing any more."))
    return redirect(url_for(".domains", tenant_id=access.tenant.id))
