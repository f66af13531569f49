"""An enterprise's grants to consultancies, and founding a consultancy."""

from __future__ import annotations

import uuid
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from maturity.consulting import group_routes
from maturity.consulting.blueprint import bp
from maturity.consulting.forms import SCOPE_WORDS, ConsultancyForm, GrantForm, TermsForm
from maturity.consulting.service import (
    UnknownConsultancy,
    change_grant,
    find_consultancy,
    find_grant,
    give_grant,
    grants_of,
    note_no_room,
    notes_for,
    read_code,
    register_consultancy,
    revoke_grant,
)
from maturity.db import act_for
from maturity.errors import Conflict
from maturity.extensions import db
from maturity.tenancy.models import Tenant
from maturity.tenancy.permissions import Permission
from maturity.tenancy.service import Access
from maturity.web.access import requires, signed_in
from maturity.web.messages import message_for
from maturity.web.site import site_clock

__all__ = ["bp", "group_routes"]


def _who() -> dict[str, Any]:
    return {"actor_id": current_user.id, "clock": site_clock()}


@bp.get("/consultancies/new")
@signed_in
def new() -> ResponseReturnValue:
    return render_template("consulting/new.html", form=ConsultancyForm(formdata=None))


@bp.post("/consultancies/new")
@signed_in
def create() -> ResponseReturnValue:
    form = ConsultancyForm()
    if not form.validate_on_submit():
        return render_template("consulting/new.html", form=form), 422
    tenant = register_consultancy(
        db.session(), (form.name.data or "").strip(), owner_id=current_user.id, clock=site_clock()
    )
    flash(_("The consultancy is registered. Tell your clients its code."))
    return redirect(url_for("portfolios.index", tenant_id=tenant.id))


@bp.get("/t/<uuid:tenant_id>/consultants")
@requires(Permission.GRANT_MANAGE)
def grants(access: Access) -> ResponseReturnValue:
    code = read_code(request.args.get("code", "")[:40])  # from a consultancy's letter
    return _page(access, GrantForm(formdata=None, until=_next_year_end(), code=code))


def _next_year_end() -> str:
    return f"{site_clock().today().year + 1}-12-31"


def _page(access: Access, form: GrantForm) -> str:
    lines = grants_of(db.session(), access.tenant.id, site_clock())
    notes = notes_for(db.session(), access.tenant.id)
    return render_template("consulting/grants.html", form=form, lines=lines, notes=notes, scopes=SCOPE_WORDS)


@bp.post("/t/<uuid:tenant_id>/consultants")
@requires(Permission.GRANT_MANAGE)
def give(access: Access) -> ResponseReturnValue:
    form = GrantForm()
    if not form.validate_on_submit():
        return _page(access, form), 422
    try:
        consultancy = _consultancy(access, form.code.data or "")
    except UnknownConsultancy:
        form.refuse_code()
        return _page(access, form), 422
    terms = (str(form.scope.data), form.parsed_until)
    try:
        give_grant(db.session(), access.tenant, consultancy, *terms, **_who())
    except Conflict as error:
        if error.code == "granted_already":
            raise
        if error.code == "consultancy_full":
            _tell_of_no_room(consultancy.id)
        form.code.errors = [message_for(error.code)]
        return _page(access, form), 422
    flash(_("%(consultancy)s may come in from now on.", consultancy=consultancy.name))
    return redirect(url_for(".grants", tenant_id=access.tenant.id))


def _tell_of_no_room(consultancy_id: uuid.UUID) -> None:
    """In a transaction of its own: that of the grant is given up."""
    db.session.rollback()
    note_no_room(db.session(), consultancy_id, site_clock())
    db.session.commit()


def _consultancy(access: Access, code: str) -> Tenant:
    """Inside a tenant nobody sees another one; the search by code steps outside for a moment."""
    act_for(db.session(), None)
    try:
        return find_consultancy(db.session(), code)
    finally:
        act_for(db.session(), access.tenant.id, current_user.id)


@bp.post("/t/<uuid:tenant_id>/consultants/<uuid:grant_id>")
@requires(Permission.GRANT_MANAGE)
def change(access: Access, grant_id: uuid.UUID) -> ResponseReturnValue:
    find_grant(db.session(), access.tenant.id, grant_id)  # what is not there is not told by a fault of the form
    form = TermsForm()
    if not form.validate_on_submit():
        shown = GrantForm(formdata=None, until=_next_year_end())
        flash(next(iter(form.errors.values()))[0], "error")
        return _page(access, shown), 422
    change_grant(db.session(), access.tenant.id, grant_id, str(form.scope.data), form.parsed_until, **_who())
    flash(_("The grant is changed. It counts from the next page the consultancy opens."))
    return redirect(url_for(".grants", tenant_id=access.tenant.id))


@bp.post("/t/<uuid:tenant_id>/consultants/<uuid:grant_id>/revoke")
@requires(Permission.GRANT_MANAGE)
def revoke(access: Access, grant_id: uuid.UUID) -> ResponseReturnValue:
    revoke_grant(db.session(), access.tenant.id, grant_id, **_who())
    flash(_("The grant is taken back. Nobody of the consultancy can come in any more."))
    return redirect(url_for(".grants", tenant_id=access.tenant.id))
