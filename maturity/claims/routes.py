"""Proving whose an enterprise is: its own page, and what other pages say of it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import current_app, flash, redirect, render_template, request, url_for
from flask import session as cookie
from flask.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.exceptions import RequestEntityTooLarge

from maturity.accounts.contacts import shown
from maturity.claims import desk_routes, words
from maturity.claims.blueprint import bp
from maturity.claims.forms import AnswerForm, CodeForm
from maturity.claims.jobs import licence_vault
from maturity.claims.service import (
    answer_dispute,
    claim_by_address,
    claim_by_code,
    claim_by_licence,
    require_claimable,
    standing_of,
    withdraw_claim,
)
from maturity.errors import Invalid
from maturity.evidence.contents import KINDS, LARGEST_FILE
from maturity.evidence.uploads import take_in
from maturity.evidence.words import refusal
from maturity.extensions import db
from maturity.reference.mail_domains import is_free_mail
from maturity.tenancy.permissions import Permission
from maturity.tenancy.service import Access
from maturity.web.access import requires
from maturity.web.handlers import error_response
from maturity.web.messages import message_for
from maturity.web.site import site_clock

__all__ = ["bp", "desk_routes"]
#: The parts of the page that can be wrong, by their ids.
PLACES = ("code", "licence", "address", "answer")
ENDINGS = ",".join(ending for kind in KINDS.values() if kind.has_preview for ending in kind.endings)


@bp.record_once
def _lend_to_templates(state: BlueprintSetupState) -> None:
    """What the home page shows of this feature: asked by its template, not by its code."""
    state.app.jinja_env.globals.update(claim_standing=lambda: standing_of(db.session()), claim_words=words)


@bp.url_value_preprocessor
def _take_a_large_request(endpoint: str | None, _values: dict[str, Any] | None) -> None:
    """A licence may be larger than what any other page takes, from somebody who has signed in."""
    if endpoint == "claims.by_licence" and "_user_id" in cookie:
        request.max_content_length = LARGEST_FILE + 1024**2


@bp.errorhandler(RequestEntityTooLarge)
def _too_much(_error: RequestEntityTooLarge) -> ResponseReturnValue:
    return error_response(413, "licence_too_large")


@bp.get("/claim")
@requires(Permission.CLAIM)
def show(access: Access) -> ResponseReturnValue:
    return _page()


def _page(errors: dict[str, str] | None = None, code: CodeForm | None = None, answer: AnswerForm | None = None) -> str:
    """`errors` by the id of what they are about; the forms keep what was typed."""
    email = current_user.email or ""
    return render_template(
        "claims/show.html",
        standing=standing_of(db.session()),
        errors=dict.fromkeys(PLACES, "") | (errors or {}),
        code_form=code or CodeForm(formdata=None),
        answer_form=answer or AnswerForm(formdata=None),
        address=shown(email),
        is_free_mail=is_free_mail(email.rpartition("@")[2]),
        endings=ENDINGS,
        has_scanner=current_app.config["CLAMD"] is not None,
        now=site_clock().now(),
    )


def _back(access: Access) -> ResponseReturnValue:
    return redirect(url_for(".show", tenant_id=access.tenant.id))


@bp.post("/claim/code")
@requires(Permission.CLAIM)
def by_code(access: Access) -> ResponseReturnValue:
    form = CodeForm()
    if not form.validate_on_submit():
        return _page({"code": form.code.errors[0]}, form), 422
    try:
        claim_by_code(db.session(), (form.code.data or "")[:60], current_user, site_clock())
    except Invalid as error:
        return _page({"code": message_for(error.code)}, form), 422
    flash(_("The code is good. You get the answer in seven days at the latest."))
    return _back(access)


@bp.post("/claim/address")
@requires(Permission.CLAIM)
def by_address(access: Access) -> ResponseReturnValue:
    try:
        claim_by_address(db.session(), current_user, site_clock())
    except Invalid as error:
        return _page({"address": message_for(error.code)}), 422
    flash(_("The address is good. You get the answer in seven days at the latest."))
    return _back(access)


@bp.post("/claim/licence")
@requires(Permission.CLAIM)
def by_licence(access: Access) -> ResponseReturnValue:
    """The file is examined between two transactions: reading it takes seconds, and SQLite has one writer."""
    require_claimable(db.session(), current_user, site_clock())
    db.session.commit()
    files = [file for file in request.files.getlist("licence") if file.filename][:1]
    vault = licence_vault(current_app.config["DATA_DIR"], access.tenant.id)
    with take_in(vault, files) as intake:
        wrong = next((refusal(code, name) for name, code in intake.refused), None)
        if not files:
            wrong = message_for("evidence_none_chosen")
        if wrong is None:
            try:
                received = intake.received[0]
                licence = claim_by_licence(db.session(), received, current_user, site_clock())
                vault.keep(received.staged.path, vault.path(licence.sha256))
            except Invalid as error:
                wrong = message_for(error.code)
        db.session.commit() if wrong is None else db.session.rollback()
    if wrong is not None:
        return _page({"licence": wrong}), 422
    flash(_("The licence is with the operator. You get a letter when it has been looked at."))
    return _back(access)


@bp.post("/claim/withdraw")
@requires(Permission.CLAIM)
def withdraw(access: Access) -> ResponseReturnValue:
    withdraw_claim(db.session(), actor_id=current_user.id, clock=site_clock())
    flash(_("The claim is taken back."))
    return _back(access)


@bp.post("/claim/disputes/<uuid:dispute_id>")
@requires(Permission.CLAIM)
def answer(access: Access, dispute_id: UUID) -> ResponseReturnValue:
    form = AnswerForm()
    if not form.validate_on_submit():
        return _page({"answer": form.answer.errors[0]}, answer=form), 422
    answer_dispute(db.session(), dispute_id, form.answer.data or "", actor_id=current_user.id, clock=site_clock())
    flash(_("The operator has your answer."))
    return _back(access)
