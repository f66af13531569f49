"""The operator's pages. They stand in the operator's own tenant and show no row of another."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from maturity.db import for_tenant
from maturity.extensions import db
from maturity.operation.forms import KIND_WORDS, FoundForm, ReasonForm
from maturity.operation.service import found_tenant, open_for_staff, tenants_page
from maturity.operation.service import overview as overview_of
from maturity.people.letters import write_invitation
from maturity.people.service import invite
from maturity.tenancy.permissions import Permission
from maturity.tenancy.service import Access
from maturity.web.access import requires
from maturity.web.locale import current_locale
from maturity.web.navigation import HOMES
from maturity.web.site import site_clock

bp = Blueprint("operation", __name__, url_prefix="/t/<uuid:tenant_id>/operation")


@bp.get("/")
@requires(Permission.OPERATE)
def overview(access: Access) -> ResponseReturnValue:
    found = overview_of(db.session(), current_app.config["DATA_DIR"])
    return render_template("operation/overview.html", overview=found, kinds=KIND_WORDS)


@bp.get("/tenants")
@requires(Permission.OPERATE)
def tenants(access: Access) -> ResponseReturnValue:
    return _tenants(FoundForm(formdata=None))


def _tenants(form: FoundForm) -> str:
    asked: dict[str, Any] = {
        "kind": request.args.get("kind", ""),
        "text": request.args.get("q", "").strip()[:80],
        "page": request.args.get("page", 1, type=int),
    }
    found = tenants_page(db.session(), **asked)
    return render_template("operation/tenants.html", found=found, asked=asked, form=form, kinds=KIND_WORDS)


@bp.post("/tenants")
@requires(Permission.OPERATE)
def found(access: Access) -> ResponseReturnValue:
    form = FoundForm()
    if not form.validate_on_submit():
        return _tenants(form), 422
    session, clock = db.session(), site_clock()
    tenant = found_tenant(session, str(form.kind.data), (form.name.data or "").strip(), clock=clock)
    with for_tenant(session, tenant.id):
        _invitation, token = invite(
            session, tenant.id, form.parsed_contact, "owner", actor_id=current_user.id, clock=clock
        )
    link = url_for("people.invitation", token=token, _external=True)
    names = {"tenant": tenant.name, "inviter": current_user.name}
    write_invitation(session, form.parsed_contact, link=link, locale=current_locale(), clock=clock, **names)
    flash(_("%(tenant)s is founded; its first owner is invited.", tenant=tenant.name))
    return redirect(url_for(".tenants", tenant_id=access.tenant.id))


@bp.get("/tenants/<uuid:opened_id>")
@requires(Permission.OPERATE)
def ask_to_open(access: Access, opened_id: uuid.UUID) -> ResponseReturnValue:
    return render_template("operation/open.html", form=ReasonForm(formdata=None), opened_id=opened_id)


@bp.post("/tenants/<uuid:opened_id>")
@requires(Permission.OPERATE)
def open_tenant(access: Access, opened_id: uuid.UUID) -> ResponseReturnValue:
    form = ReasonForm()
    if not form.validate_on_submit():
        return render_template("operation/open.html", form=form, opened_id=opened_id), 422
    who = {"actor_id": current_user.id, "clock": site_clock()}
    kind = open_for_staff(db.session(), access.tenant.id, opened_id, form.reason.data or "", **who)
    flash(_("The tenant is open to you for an hour, to look. It reads your reason in its log."))
    return redirect(url_for(HOMES[kind], tenant_id=opened_id))
