"""Registering an enterprise, its home page and its particulars; the look-ups that help while typing."""

from __future__ import annotations

from decimal import Decimal

from flask import Blueprint, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from maturity.errors import Conflict
from maturity.extensions import db
from maturity.organisations.choosing import all_industries, all_regions, suggest_industries, suggest_regions
from maturity.organisations.forms import PRODUCTION_TYPES, EnterpriseForm, uscc_message
from maturity.organisations.service import change_enterprise, enterprise_of, register_enterprise
from maturity.questionnaires.values import parse_number
from maturity.reference import size, uscc
from maturity.tenancy.permissions import Permission
from maturity.tenancy.service import Access, tenants_of
from maturity.web.access import public, requires, signed_in, signed_in_anyhow
from maturity.web.doors import standing
from maturity.web.locale import current_locale
from maturity.web.messages import message_for
from maturity.web.navigation import tenant_home
from maturity.web.site import site_clock

bp = Blueprint("organisations", __name__)


@bp.get("/home")
@signed_in_anyhow
def home() -> ResponseReturnValue:
    """Where signing in leads: to the only tenant, to a choice, or to registering an enterprise.

    Who came through a company's provider is shown that company and no other.
    """
    tenants = tenants_of(db.session(), current_user.id)
    if not standing().own:
        tenants = [tenant for tenant in tenants if tenant.id == standing().provider_of]
    if not tenants:
        return redirect(url_for(".new"))
    if len(tenants) == 1:
        return redirect(tenant_home(tenants[0]))
    return render_template("organisations/list.html", tenants=tenants)


@bp.get("/enterprises/new")
@signed_in
def new() -> ResponseReturnValue:
    return _form(EnterpriseForm(formdata=None))


@bp.post("/enterprises/new")
@signed_in
def create() -> ResponseReturnValue:
    form = EnterpriseForm()
    if not form.validate_on_submit():
        return _form(form), 422
    tenant = register_enterprise(db.session(), form.values(), owner_id=current_user.id, clock=site_clock())
    flash(_("The enterprise is registered. You can start right away."))
    return redirect(url_for("assessments.home", tenant_id=tenant.id))


@bp.get("/t/<uuid:tenant_id>/enterprise")
@requires(Permission.ENTERPRISE_EDIT)
def edit(access: Access) -> ResponseReturnValue:
    return _form(EnterpriseForm.of(enterprise_of(db.session())), access)


@bp.post("/t/<uuid:tenant_id>/enterprise")
@requires(Permission.ENTERPRISE_EDIT)
def update(access: Access) -> ResponseReturnValue:
    form = EnterpriseForm()
    if not form.validate_on_submit():
        return _form(form, access), 422
    who = {"actor_id": current_user.id, "clock": site_clock()}
    try:
        change_enterprise(db.session(), enterprise_of(db.session()), form.values(), **who)
    except Conflict as error:
        form.uscc.errors = [message_for(error.code)]
        return _form(form, access), 422
    flash(_("The particulars are saved. Assessments already started keep theirs."))
    return redirect(url_for("assessments.home", tenant_id=access.tenant.id))


def _form(form: EnterpriseForm, editing: Access | None = None) -> str:
    locale = current_locale()
    return render_template(
        "organisations/form.html",
        form=form,
        editing=editing,
        production_hints={value: example for value, _label, example in PRODUCTION_TYPES},
        industry_options=all_industries(locale),
        region_options=all_regions(locale),
        size_text=_size_text(form.headcount.data, form.revenue_wan.data),
    )


@bp.get("/lookup/industries")
@public
def lookup_industries() -> ResponseReturnValue:
    return jsonify(suggest_industries(request.args.get("q", "")[:40], current_locale()))


@bp.get("/lookup/regions")
@public
def lookup_regions() -> ResponseReturnValue:
    return jsonify(suggest_regions(request.args.get("q", "")[:40], current_locale()))


@bp.get("/lookup/uscc")
@public
def lookup_uscc() -> ResponseReturnValue:
    try:
        code = uscc.validate(request.args.get("code", "")[:40])
    except uscc.UsccError as error:
        return jsonify(valid=False, message=uscc_message(error))
    return jsonify(valid=True, code=code, message=_("The code is well formed."))


@bp.get("/lookup/size")
@public
def lookup_size() -> ResponseReturnValue:
    return jsonify(message=_size_text(request.args.get("headcount"), request.args.get("revenue")))


def _size_text(headcount: str | None, revenue: str | None) -> str:
    """The size class in words with the limits still missed; nothing while the two numbers are not there."""
    people, amount = parse_number((headcount or "")[:20]), parse_number((revenue or "")[:20])
    if people is None or amount is None or people.denominator != 1 or min(people, amount) < 0:
        return ""
    wan = Decimal(amount.numerator) / Decimal(amount.denominator)
    reached = size.size_class(int(people), wan)
    next_up = size.SIZES.index(reached) + 1
    above = next((r for r in size.explain_size(int(people), wan) if size.SIZES.index(r.size) == next_up), None)
    return render_template("organisations/size.txt", reached=reached, above=above).strip()
