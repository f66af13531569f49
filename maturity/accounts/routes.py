"""The page on which a person keeps name and language; signing in and passwords are Flask-Security's views."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from maturity.accounts.forms import AccountForm
from maturity.accounts.service import change_account
from maturity.extensions import db
from maturity.web.access import signed_in

bp = Blueprint("accounts", __name__)


@bp.get("/account")
@signed_in
def account() -> ResponseReturnValue:
    return render_template("accounts/account.html", form=AccountForm(obj=current_user))


@bp.post("/account")
@signed_in
def update() -> ResponseReturnValue:
    form = AccountForm()
    if not form.validate_on_submit():
        return render_template("accounts/account.html", form=form), 422
    change_account(db.session(), current_user.id, name=form.name.data or "", locale=form.locale.data)
    session["locale"] = form.locale.data
    flash(_("Your account is saved."))
    return redirect(url_for(".account"))
