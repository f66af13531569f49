"""A forgotten password: asking for a message, and choosing a new one with its link or code."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_security.recoverable import update_password

from maturity.accounts.blueprint import bp
from maturity.accounts.contacts import Contact, read_contact
from maturity.accounts.forms import ContactForm, NewPasswordByCodeForm, NewPasswordForm
from maturity.accounts.models import ContactProof, User
from maturity.accounts.proofs import find_link, use_code, use_proof
from maturity.accounts.service import accept_proof, ask_to_reset
from maturity.accounts.sessions import links
from maturity.errors import Conflict
from maturity.extensions import db
from maturity.web.access import public
from maturity.web.site import site_clock

ASKED_FOR = "reset_asked_for"


@bp.route("/reset", methods=["GET", "POST"])
@public
def forgot() -> ResponseReturnValue:
    """Whoever has an account gets a message. The answer is the same for everybody else."""
    form = ContactForm()
    if not form.validate_on_submit() or form.contact is None:
        return render_template("accounts/forgot.html", form=form), 422 if form.is_submitted() else 200
    session[ASKED_FOR] = form.contact.value
    ask_to_reset(db.session(), form.contact, links(), site_clock())
    return redirect(url_for(".reset_by_code" if form.contact.kind == "mobile" else ".reset_sent"))


@bp.get("/reset/sent")
@public
def reset_sent() -> ResponseReturnValue:
    contact = _asked_for()
    if contact is None:
        return redirect(url_for(".forgot"))
    return render_template("accounts/reset_sent.html", asked=contact)


@bp.route("/reset/code", methods=["GET", "POST"])
@public
def reset_by_code() -> ResponseReturnValue:
    contact = _asked_for()
    if contact is None:
        return redirect(url_for(".forgot"))
    form = NewPasswordByCodeForm()
    if form.validate_on_submit():
        proof = use_code(db.session(), "reset", contact, form.code.data or "", site_clock())
        db.session.commit()  # a wrong try counts, although the answer is an error
        if proof is not None:
            return _set_password(proof, form.password.data)
        form.code.errors = [_("This code is not right or no longer good. After five tries ask for a new one.")]
    status = 422 if form.is_submitted() else 200
    return render_template("accounts/new_password.html", form=form, asked=contact), status


@bp.route("/reset/link", methods=["GET", "POST"])
@public
def reset_by_link() -> ResponseReturnValue:
    token = request.values.get("token", "")
    proof = find_link(db.session(), ("reset",), token, site_clock())
    if proof is None:
        return render_template("accounts/link_is_void.html"), 410
    form = NewPasswordForm(token=token)
    form.user = db.session.get_one(User, proof.user_id)
    if form.validate_on_submit():
        if not use_proof(db.session(), proof, site_clock()):
            return render_template("accounts/link_is_void.html"), 410
        return _set_password(proof, form.password.data)
    status = 422 if form.is_submitted() else 200
    return render_template("accounts/new_password.html", form=form, asked=None), status


def _set_password(proof: ContactProof, password: str) -> ResponseReturnValue:
    """The message has proved the contact, too. Nobody is signed in by it: a second factor is still asked for."""
    session.pop(ASKED_FOR, None)
    try:
        user = accept_proof(db.session(), proof, site_clock())
    except Conflict:
        return render_template("accounts/link_is_void.html"), 410
    update_password(user, password)
    flash(_("Your password is changed and all devices are signed out. Sign in with the new one."))
    return redirect(url_for("security.login"))


def _asked_for() -> Contact | None:
    return read_contact(session.get(ASKED_FOR))
