"""Where a door leads somebody who is signed in: to a second factor, or to the account's own sign-in."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user
from flask_security.utils import logout_user

from maturity.accounts.blueprint import bp
from maturity.accounts.forms import SecondFactorForm
from maturity.accounts.policy import has_second_factor
from maturity.accounts.sessions import DOOR, step_up
from maturity.web.access import signed_in_anyhow
from maturity.web.doors import on_this_site, standing


def _next() -> str:
    """The page that was asked for, if it is on this site."""
    return on_this_site(request.args.get("next")) or url_for("organisations.home")


@bp.get("/sign-in/second-factor")
@signed_in_anyhow
def second_factor() -> ResponseReturnValue:
    """Prove it here, or set one up first; either leads back to the page that asked."""
    if standing().second_factor:
        return redirect(_next())
    session[DOOR] = _next()
    return _page(SecondFactorForm(formdata=None))


def _page(form: SecondFactorForm) -> str:
    has_app, has_passkey = bool(current_user.tf_totp_secret), bool(list(current_user.webauthn))
    return render_template(
        "accounts/second_factor.html",
        form=form,
        next=_next(),
        has_one=has_second_factor(current_user),
        has_app=has_app,
        has_passkey=has_passkey,
        is_own=standing().own,
        company_id=standing().provider_of,
    )


@bp.post("/sign-in/second-factor")
@signed_in_anyhow
def prove_second_factor() -> ResponseReturnValue:
    form = SecondFactorForm()
    if not form.validate_on_submit():
        return _page(form), 422
    step_up()
    session.pop(DOOR, None)
    flash(_("Thank you. You can go on."))
    return redirect(_next())


@bp.get("/sign-in/own")
@signed_in_anyhow
def own_sign_in() -> ResponseReturnValue:
    """For who came through a company and asks for what that does not open."""
    if standing().own:
        return redirect(_next())
    return render_template("accounts/own_sign_in.html", next=_next())


@bp.post("/sign-in/own")
@signed_in_anyhow
def change_to_own_sign_in() -> ResponseReturnValue:
    """Out of the company's sign-in, and on to the account's own."""
    logout_user()
    return redirect(url_for("security.login", next=_next()))
