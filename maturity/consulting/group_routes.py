"""Heading a group: forming one, and registering a subsidiary for its own people."""

from __future__ import annotations

from datetime import date

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from maturity.consulting.blueprint import bp
from maturity.consulting.forms import SubsidiaryForm
from maturity.consulting.service import form_group
from maturity.consulting.subsidiaries import found_subsidiary
from maturity.db import act_for
from maturity.errors import NotFound
from maturity.extensions import db
from maturity.organisations.choosing import all_industries, all_regions
from maturity.organisations.forms import PRODUCTION_TYPES
from maturity.people.letters import write_invitation
from maturity.tenancy.permissions import Permission
from maturity.tenancy.service import Access
from maturity.web.access import requires
from maturity.web.addresses import site_url
from maturity.web.locale import current_locale
from maturity.web.site import site_clock


@bp.post("/t/<uuid:tenant_id>/group")
@requires(Permission.GRANT_MANAGE)
def form_a_group(access: Access) -> ResponseReturnValue:
    form_group(db.session(), access.tenant.id, actor_id=current_user.id, clock=site_clock())
    flash(_("The enterprise heads a group. Tell the subsidiaries its code."))
    return redirect(url_for("portfolios.index", tenant_id=access.tenant.id))


@bp.get("/t/<uuid:tenant_id>/subsidiaries/new")
@requires(Permission.GRANT_MANAGE)
def new_subsidiary(access: Access) -> ResponseReturnValue:
    return _page(access, SubsidiaryForm(formdata=None))


def _page(access: Access, form: SubsidiaryForm) -> str:
    if access.tenant.code is None:
        raise NotFound("tenant")
    locale = current_locale()
    return render_template(
        "consulting/subsidiary.html",
        form=form,
        production_hints={value: example for value, _label, example in PRODUCTION_TYPES},
        industry_options=all_industries(locale),
        region_options=all_regions(locale),
    )


@bp.post("/t/<uuid:tenant_id>/subsidiaries/new")
@requires(Permission.GRANT_MANAGE)
def register_subsidiary(access: Access) -> ResponseReturnValue:
    form = SubsidiaryForm()
    if not form.validate_on_submit() or access.tenant.code is None:
        return _page(access, form), 422
    session, clock = db.session(), site_clock()
    until = date(clock.today().year + 1, 12, 31)
    who = {"actor_id": current_user.id, "clock": clock}
    tenant, token = found_subsidiary(session, access.tenant, form.values(), form.parsed_owner, until, **who)
    link = site_url("people.invitation", token=token)
    names = {"tenant": tenant.name, "inviter": current_user.name}
    write_invitation(session, form.parsed_owner, link=link, locale=current_locale(), clock=clock, **names)
    name = tenant.name
    act_for(session, access.tenant.id, current_user.id)
    flash(
        _("%(name)s is registered; its owner is invited. Leave it on its page People once the owner is in.", name=name)
    )
    return redirect(url_for("portfolios.index", tenant_id=access.tenant.id))
