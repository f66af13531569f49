"""Name and logo on the consultancy's documents."""

from __future__ import annotations

from io import BytesIO

from flask import flash, redirect, render_template, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from maturity.errors import NotFound
from maturity.extensions import db
from maturity.portfolios.blueprint import bp
from maturity.portfolios.branding import BadLogo, brand_row, clean_logo, save_brand
from maturity.portfolios.forms import BrandForm
from maturity.tenancy.permissions import Permission
from maturity.tenancy.service import Access
from maturity.web.access import requires
from maturity.web.site import site_clock


@bp.get("/t/<uuid:tenant_id>/brand")
@requires(Permission.PORTFOLIO_EDIT)
def brand(access: Access) -> ResponseReturnValue:
    row = brand_row(db.session(), access.tenant.id)
    return _page(access, BrandForm(formdata=None, name=row.name if row else access.tenant.name))


def _page(access: Access, form: BrandForm) -> str:
    row = brand_row(db.session(), access.tenant.id)
    return render_template("portfolios/brand.html", form=form, has_logo=row is not None and row.logo is not None)


@bp.post("/t/<uuid:tenant_id>/brand")
@requires(Permission.PORTFOLIO_EDIT)
def set_brand(access: Access) -> ResponseReturnValue:
    form = BrandForm()
    if not form.validate_on_submit():
        return _page(access, form), 422
    content = form.logo.data.read() if form.logo.data else b""
    try:
        logo = clean_logo(content) if content else None
    except BadLogo:
        form.refuse_logo()
        return _page(access, form), 422
    keep = logo is None and not form.without_logo.data
    name = str(form.name.data).strip()
    who = {"actor_id": current_user.id, "clock": site_clock()}
    save_brand(db.session(), access.tenant, name, logo, keep=keep, **who)
    flash(_("Saved. Plans and reports made from now on show it."))
    return redirect(url_for(".brand", tenant_id=access.tenant.id))


@bp.get("/t/<uuid:tenant_id>/brand/logo.png")
@requires(Permission.PORTFOLIO_VIEW)
def logo(access: Access) -> ResponseReturnValue:
    row = brand_row(db.session(), access.tenant.id)
    if row is None or row.logo is None:
        raise NotFound("logo")
    response = send_file(BytesIO(row.logo), mimetype="image/png")
    response.headers["Cache-Control"] = "private, no-cache"
    return response
