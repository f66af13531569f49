"""Confirming an address or number, and changing to another one: by the link of a letter or the code of a text."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from maturity.accounts.blueprint import bp
from maturity.accounts.contacts import Contact, contact_of, read_contact
from maturity.accounts.forms import CodeForm, ContactForm
from maturity.accounts.fresh import fresh
from maturity.accounts.models import ContactProof
from maturity.accounts.proofs import find_link, use_code, use_proof
from maturity.accounts.service import accept_proof, ask_to_confirm, remove_contact
from maturity.accounts.sessions import links
from maturity.errors import Conflict
from maturity.extensions import db
from maturity.web.access import public, signed_in
from maturity.web.site import site_clock

PURPOSES = ("confirm", "change")
#: The contact that a code was sent to, kept in the session between two pages.
ASKED_FOR = "contact_asked_for"


@bp.get("/link")
@public
def open_link() -> ResponseReturnValue:
    """Where every letter leads: on to the page that its proof is for. Looking at it uses nothing up."""
    token = request.args.get("token", "")
    if find_link(db.session(), ("reset",), token, site_clock()):
        return redirect(url_for(".reset_by_link", token=token))
    if find_link(db.session(), PURPOSES, token, site_clock()):
        return redirect(url_for(".confirm_by_link", token=token))
    return render_template("accounts/link_is_void.html"), 410


@bp.get("/account/contact/confirm")
@signed_in
def confirm_by_link() -> ResponseReturnValue:
    """A page with a button: programs that look into mail open links, but press nothing."""
    proof = _proof_of_link()
    if proof is None:
        return render_template("accounts/link_is_void.html"), 410
    return render_template("accounts/confirm_by_link.html", proof=proof, is_own=proof.user_id == current_user.id)


@bp.post("/account/contact/confirm")
@signed_in
def confirm_link() -> ResponseReturnValue:
    """Only whoever knows the account's password, too: else the owner of an address would make a stranger's account
    theirs by opening a link."""
    proof = _proof_of_link()
    if proof is None or proof.user_id != current_user.id or not use_proof(db.session(), proof, site_clock()):
        return render_template("accounts/link_is_void.html"), 410
    return _accept(proof)


def _proof_of_link() -> ContactProof | None:
    return find_link(db.session(), PURPOSES, request.values.get("token", ""), site_clock())


def _accept(proof: ContactProof) -> ResponseReturnValue:
    try:
        accept_proof(db.session(), proof, site_clock())
    except Conflict:
        flash(_("This contact belongs to another account already. Sign in with that one."), "error")
    else:
        flash(_("Thank you. Your contact is confirmed."))
    session.pop(ASKED_FOR, None)
    return redirect(url_for(".account"))


@bp.get("/account/contact")
@fresh
def change_contact() -> ResponseReturnValue:
    return render_template("accounts/contact.html", form=ContactForm(formdata=None))


@bp.post("/account/contact")
@fresh
def ask_for_contact() -> ResponseReturnValue:
    """The answer is the same whether the contact is free, taken or asked for too often."""
    form = ContactForm()
    if not form.validate_on_submit() or form.contact is None:
        return render_template("accounts/contact.html", form=form), 422
    session[ASKED_FOR] = form.contact.value
    ask_to_confirm(db.session(), current_user._get_current_object(), form.contact, links(), site_clock())
    return redirect(url_for(".enter_code"))


@bp.get("/account/contact/code")
@signed_in
def wait_for_code() -> ResponseReturnValue:
    contact = _asked_for()
    if contact is None:
        return redirect(url_for(".account"))
    return render_template("accounts/code.html", form=CodeForm(formdata=None), asked=contact)


@bp.post("/account/contact/code")
@signed_in
def enter_code() -> ResponseReturnValue:
    contact, form = _asked_for(), CodeForm()
    if contact is None:
        return redirect(url_for(".account"))
    if form.validate_on_submit():
        purpose = "confirm" if contact.value == current_user.claimed else "change"
        proof = use_code(db.session(), purpose, contact, form.code.data or "", site_clock(), user_id=current_user.id)
        db.session.commit()  # a wrong try counts, although the answer is an error
        if proof is not None:
            return _accept(proof)
        form.code.errors = [_("This code is not right or no longer good. After five tries ask for a new one.")]
    return render_template("accounts/code.html", form=form, asked=contact), 422


@bp.post("/account/contact/send-again")
@signed_in
def send_again() -> ResponseReturnValue:
    contact = _asked_for()
    if contact is None:
        return redirect(url_for(".account"))
    if ask_to_confirm(db.session(), current_user._get_current_object(), contact, links(), site_clock()):
        flash(_("The message is on its way once more. Only the latest one is good."))
    else:
        flash(_("Wait a minute before you ask for another message. There are at most five an hour."), "error")
    return redirect(url_for(".wait_for_code"))


@bp.post("/account/contact/remove")
@fresh
def drop_contact() -> ResponseReturnValue:
    kind = "email" if request.form.get("kind") == "email" else "mobile"
    try:
        remove_contact(db.session(), current_user._get_current_object(), kind, site_clock())
    except Conflict:
        flash(_("This is the only way to reach you. Add another one first."), "error")
    else:
        flash(_("It is removed. You cannot sign in with it any more."))
    return redirect(url_for(".account"))


def _asked_for() -> Contact | None:
    """The contact that waits for its proof: the one just asked for, else the one claimed at registration."""
    asked = read_contact(session.get(ASKED_FOR)) if ASKED_FOR in session else None
    return asked or (contact_of(current_user.claimed) if current_user.claimed else None)
