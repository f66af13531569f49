"""The set-up of a new installation: open while no operator exists, resumable, and gone once it is finished."""

from __future__ import annotations

import uuid

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import force_locale
from flask_babel import gettext as _
from flask_login import current_user
from flask_security import hash_password, login_user

from maturity.accounts.contacts import Contact, contact_of
from maturity.errors import NotFound
from maturity.extensions import db
from maturity.installation.service import installation_of, is_set_up_open
from maturity.messages.service import post_message
from maturity.operation.health import findings
from maturity.operation.post import letter_line
from maturity.operation.routes import LETTER_NOTES, LETTER_STATES
from maturity.setup.forms import EXTENT_WORDS, ContentForm, LetterForm, OperatorForm, SiteForm
from maturity.setup.service import (
    Account,
    choose_content,
    content_job,
    editions_of,
    finish,
    make_operator,
    next_step,
    note_services,
    open_row,
    save_site,
)
from maturity.tenancy.permissions import Permission
from maturity.tenancy.service import PLATFORM, Access
from maturity.web.access import public, requires
from maturity.web.locale import current_locale
from maturity.web.site import site_clock

bp = Blueprint("setup", __name__)
INSIDE = "/t/<uuid:tenant_id>/operation/set-up"


@bp.get("/set-up")
@public
def enter() -> ResponseReturnValue:
    _require_open()
    return render_template("setup/account.html", form=OperatorForm(formdata=None))


def _require_open() -> None:
    if not is_set_up_open(db.session()):
        raise NotFound("set_up")


@bp.post("/set-up")
@public
def make_account() -> ResponseReturnValue:
    """With the token of the console the first account is made and signed in."""
    _require_open()
    form = OperatorForm()
    if not form.validate_on_submit() or form.contact is None:
        return render_template("setup/account.html", form=form), 422
    account = Account(form.name.data or "", form.contact, hash_password(form.password.data), form.locale.data)
    user = make_operator(db.session(), form.token.data or "", account, site_clock())
    login_user(user, authn_via=["password"])
    return redirect(url_for(".site", tenant_id=PLATFORM))


@bp.get(f"{INSIDE}/")
@requires(Permission.OPERATE)
def resume(access: Access) -> ResponseReturnValue:
    """On with the first step that is not done."""
    row = open_row(db.session(), access.tenant.id)
    return redirect(url_for(f".{next_step(row)}", tenant_id=access.tenant.id))


@bp.get(f"{INSIDE}/site")
@requires(Permission.OPERATE)
def site(access: Access) -> ResponseReturnValue:
    row = open_row(db.session(), access.tenant.id)
    address = current_app.config["SITE_URL"] or row.address or request.host_url.rstrip("/")
    return _site(SiteForm(formdata=None, data={"name": row.name, "address": address, "residency": row.residency}))


def _site(form: SiteForm, page: str = "setup/site.html") -> str:
    return render_template(page, form=form, fixed=current_app.config["SITE_URL"])


@bp.post(f"{INSIDE}/site")
@requires(Permission.OPERATE)
def save(access: Access) -> ResponseReturnValue:
    row = open_row(db.session(), access.tenant.id)
    form = SiteForm()
    if not form.validate_on_submit():
        return _site(form), 422
    save_site(db.session(), row, **_particulars(form), actor_id=current_user.id, clock=site_clock())
    return redirect(url_for(".services", tenant_id=access.tenant.id))


def _particulars(form: SiteForm) -> dict[str, str]:
    return {name: str(form[name].data or "") for name in ("name", "address", "residency")}


@bp.get("/t/<uuid:tenant_id>/operation/site")
@requires(Permission.OPERATE)
def particulars(access: Access) -> ResponseReturnValue:
    """The same particulars, once the set-up is over."""
    row = installation_of(db.session())
    if row is None:
        raise NotFound("set_up")
    data = {"name": row.name, "address": current_app.config["SITE_URL"] or row.address, "residency": row.residency}
    return _site(SiteForm(formdata=None, data=data), "setup/particulars.html")


@bp.post("/t/<uuid:tenant_id>/operation/site")
@requires(Permission.OPERATE)
def save_particulars(access: Access) -> ResponseReturnValue:
    row = installation_of(db.session())
    if row is None:
        raise NotFound("set_up")
    form = SiteForm()
    if not form.validate_on_submit():
        return _site(form, "setup/particulars.html"), 422
    save_site(db.session(), row, **_particulars(form), actor_id=current_user.id, clock=site_clock())
    flash(_("The particulars of the site are saved."))
    return redirect(url_for(".particulars", tenant_id=access.tenant.id))


@bp.get(f"{INSIDE}/services")
@requires(Permission.OPERATE)
def services(access: Access) -> ResponseReturnValue:
    open_row(db.session(), access.tenant.id)
    form = LetterForm(formdata=None, data={"email": current_user.contact})
    return _services(form)


def _services(form: LetterForm) -> str:
    try:
        sent = letter_line(db.session(), uuid.UUID(request.args.get("letter", "")))
    except ValueError:
        sent = None
    found = findings(db.session(), current_app.config, site_clock())
    words = {"states": LETTER_STATES, "notes": LETTER_NOTES}
    return render_template("setup/services.html", form=form, findings=found, sent=sent, **words)


@bp.post(f"{INSIDE}/services/letter")
@requires(Permission.OPERATE)
def send_test(access: Access) -> ResponseReturnValue:
    """A letter or text message to try the way out; where it stands is shown on the page."""
    open_row(db.session(), access.tenant.id)
    form = LetterForm()
    if not form.validate_on_submit() or form.contact is None:
        return _services(form), 422
    number = _write_test(form.contact)
    return redirect(url_for(".services", tenant_id=access.tenant.id, letter=number))


def _write_test(contact: Contact) -> uuid.UUID:
    with force_locale(current_locale()):
        subject = _("Test letter of the integration maturity site")
        body = _("This is a test letter. It shows that the site can reach you; nothing needs to be done.")
    subject = subject if contact.kind == "email" else ""
    words = {"subject": subject, "body": body, "locale": current_locale()}
    return post_message(db.session(), contact.message_kind, contact.value, **words, clock=site_clock()).id


@bp.post(f"{INSIDE}/services")
@requires(Permission.OPERATE)
def go_on(access: Access) -> ResponseReturnValue:
    note_services(db.session(), open_row(db.session(), access.tenant.id), site_clock())
    return redirect(url_for(".content", tenant_id=access.tenant.id))


@bp.get(f"{INSIDE}/content")
@requires(Permission.OPERATE)
def content(access: Access) -> ResponseReturnValue:
    row = open_row(db.session(), access.tenant.id)
    return _content(ContentForm(formdata=None, data={"extent": row.demonstration or "peers"}))


def _content(form: ContentForm) -> str:
    return render_template("setup/content.html", form=form, editions=editions_of(db.session()))


@bp.post(f"{INSIDE}/content")
@requires(Permission.OPERATE)
def save_content(access: Access) -> ResponseReturnValue:
    row = open_row(db.session(), access.tenant.id)
    form = ContentForm()
    if not form.validate_on_submit():
        return _content(form), 422
    choose_content(db.session(), row, str(form.extent.data), actor_id=current_user.id, clock=site_clock())
    return redirect(url_for(".summary", tenant_id=access.tenant.id))


@bp.get(f"{INSIDE}/summary")
@requires(Permission.OPERATE)
def summary(access: Access) -> ResponseReturnValue:
    row = open_row(db.session(), access.tenant.id)
    if next_step(row) != "summary":
        return redirect(url_for(".resume", tenant_id=access.tenant.id))
    return render_template(
        "setup/summary.html",
        row=row,
        extents=EXTENT_WORDS,
        job=content_job(db.session(), row),
        editions=editions_of(db.session()),
        findings=findings(db.session(), current_app.config, site_clock()),
        contact=contact_of(current_user.contact).value,
        address=current_app.config["SITE_URL"] or row.address,
    )


@bp.post(f"{INSIDE}/summary")
@requires(Permission.OPERATE)
def close(access: Access) -> ResponseReturnValue:
    row = open_row(db.session(), access.tenant.id)
    finish(db.session(), row, actor_id=current_user.id, clock=site_clock())
    flash(_("The set-up is finished. Its address is closed for good."))
    return redirect(url_for("operation.overview", tenant_id=access.tenant.id))
