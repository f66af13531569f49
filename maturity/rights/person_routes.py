"""What a person may do with their own data: the page “My data” of the account."""

from __future__ import annotations

import io
from typing import Any

from flask import flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from maturity.accounts.fresh import fresh
from maturity.consents.service import person_standing, say_for_person
from maturity.consents.texts import PERSON, PURPOSES, current_text
from maturity.db import act_for, every_tenant
from maturity.errors import Conflict, Invalid
from maturity.extensions import db
from maturity.rights.blueprint import bp
from maturity.rights.forms import ClosingForm
from maturity.rights.persons import (
    GRACE,
    ask_to_close,
    cancel_closing,
    note_own_export,
    open_closing,
    own_archive,
    own_data,
    sole_ownerships,
)
from maturity.web.access import signed_in
from maturity.web.addresses import site_base
from maturity.web.locale import current_locale
from maturity.web.messages import message_for
from maturity.web.site import site_clock


@bp.get("/account/data")
@signed_in
def own() -> ResponseReturnValue:
    session, user_id = db.session(), current_user.id
    standing = person_standing(session, user_id)
    consents = [(current_text(name), standing[name]) for name, item in PURPOSES.items() if item.of == PERSON]
    return render_template(
        "rights/own.html",
        consents=consents,
        purposes=PURPOSES,
        closing=open_closing(session, user_id),
        grace=GRACE.days,
    )


@bp.post("/account/data/export")
@fresh
def take_own() -> ResponseReturnValue:
    """Small enough to be made at once."""
    session, locale = db.session(), current_locale()
    note_own_export(session, current_user.id, site_clock())
    act_for(session, None, current_user.id)
    with every_tenant(session, "own"):
        data = own_data(session, current_user, locale)
    content = own_archive(data, locale, site_clock().now())
    name = f"my-data-{site_clock().today():%Y-%m-%d}.zip"
    response = send_file(io.BytesIO(content), "application/zip", as_attachment=True, download_name=name)
    response.headers["Cache-Control"] = "private, no-store"
    return response


@bp.post("/account/data/consents")
@signed_in
def set_own_consents() -> ResponseReturnValue:
    given = request.form.getlist("purposes")
    how: dict[str, Any] = {"locale": current_locale(), "clock": site_clock()}
    for name, purpose in PURPOSES.items():
        if purpose.of == PERSON and (purpose.is_optional or name in given):
            say_for_person(db.session(), current_user.id, name, given=name in given, **how)
    flash(_("What your data may be used for is saved."))
    return redirect(url_for(".own", _anchor="uses"))


@bp.get("/account/close")
@fresh
def close_page() -> ResponseReturnValue:
    return _close_page(ClosingForm(formdata=None))


def _close_page(form: ClosingForm) -> str:
    return render_template(
        "rights/close.html",
        form=form,
        grace=GRACE.days,
        alone=sole_ownerships(db.session(), current_user.id),
    )


@bp.post("/account/close")
@fresh
def close() -> ResponseReturnValue:
    form = ClosingForm()
    if not form.validate_on_submit():
        return _close_page(form), 422
    try:
        ask_to_close(db.session(), current_user, str(form.contact.data), site=site_base(), clock=site_clock())
    except (Invalid, Conflict) as error:
        form.contact.errors = [message_for(error.code)]
        return _close_page(form), error.status
    flash(_("Your account will be closed. Until then you can cancel it here."))
    return redirect(url_for(".own", _anchor="closing"))


@bp.post("/account/close/cancel")
@signed_in
def keep_account() -> ResponseReturnValue:
    cancel_closing(db.session(), current_user.id, site_clock())
    flash(_("Your account stays."))
    return redirect(url_for(".own", _anchor="closing"))
