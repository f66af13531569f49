"""The account page: name, language, contacts, second factors and signed-in devices."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime

from flask import flash, redirect, render_template, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user

from maturity.accounts import (  # noqa: F401  # their views are registered by being imported
    contact_routes,
    door_routes,
    reset_routes,
)
from maturity.accounts.blueprint import bp
from maturity.accounts.contacts import shown
from maturity.accounts.factors import recovery_codes_of
from maturity.accounts.forms import AccountForm
from maturity.accounts.fresh import fresh
from maturity.accounts.library import library
from maturity.accounts.policy import is_confirmed
from maturity.accounts.service import change_account, note_event
from maturity.accounts.sessions import secret_of_session
from maturity.accounts.sign_ins import hash_of, revoke, revoke_others, sign_ins_of
from maturity.errors import NotFound
from maturity.extensions import db
from maturity.web.access import signed_in
from maturity.web.filters import day
from maturity.web.site import site_clock


def library_day(moment: str) -> str:
    """A moment of the library, in ISO form and in UTC without saying so, as the day it was here.

    >>> library_day("2026-11-24T19:23:00.5")
    '2026-11-25'
    """
    return day(datetime.fromisoformat(moment).replace(tzinfo=UTC))


bp.add_app_template_filter(library_day)
bp.add_app_template_filter(shown, "contact")
bp.add_app_template_test(is_confirmed, "confirmed")


@bp.get("/account")
@signed_in
def account() -> ResponseReturnValue:
    return _account(AccountForm(obj=current_user))


@bp.post("/account")
@signed_in
def update() -> ResponseReturnValue:
    form = AccountForm()
    if not form.validate_on_submit():
        return _account(form), 422
    change_account(db.session(), current_user.id, name=form.name.data or "", locale=form.locale.data)
    session["locale"] = form.locale.data
    flash(_("Your account is saved."))
    return redirect(url_for(".account"))


def _account(form: AccountForm) -> str:
    devices = sign_ins_of(db.session(), current_user.id)
    here = hash_of(secret_of_session() or "")
    codes = recovery_codes_of(current_user.id)
    return render_template(
        "accounts/account.html",
        form=form,
        devices=[(device, device.secret_hash == here) for device in devices],
        passkeys=sorted(current_user.webauthn, key=lambda passkey: passkey.name),
        codes_left=sum(code.used_at is None for code in codes),
        codes_made=len(codes),
    )


@bp.post("/account/devices/<uuid:device_id>/sign-out")
@signed_in
def sign_out_device(device_id: uuid.UUID) -> ResponseReturnValue:
    if not revoke(db.session(), current_user.id, device_id):
        raise NotFound("device")
    note_event(db.session(), "account.device_signed_out", current_user, site_clock())
    flash(_("The device is signed out."))
    return redirect(url_for(".account", _anchor="devices"))


@bp.post("/account/devices/sign-out-others")
@signed_in
def sign_out_others() -> ResponseReturnValue:
    count = revoke_others(db.session(), current_user.id, secret_of_session())
    if count:
        note_event(db.session(), "account.device_signed_out", current_user, site_clock())
    flash(ngettext("%(num)d other device is signed out.", "%(num)d other devices are signed out.", count))
    return redirect(url_for(".account", _anchor="devices"))


@bp.get("/account/recovery-codes")
@fresh
def recovery_codes() -> ResponseReturnValue:
    codes = recovery_codes_of(current_user.id)
    return render_template("accounts/recovery_codes.html", codes=codes, new_codes=[])


@bp.post("/account/recovery-codes")
@fresh
def make_recovery_codes() -> ResponseReturnValue:
    """The only answer that ever holds the codes."""
    new_codes = library().mf_recovery_codes_util.create_recovery_codes(current_user)
    note_event(db.session(), "account.recovery_codes_made", current_user, site_clock())
    return render_template(
        "accounts/recovery_codes.html", codes=recovery_codes_of(current_user.id), new_codes=new_codes
    )
