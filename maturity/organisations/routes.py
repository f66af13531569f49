"""Registering an enterprise, its home page and its particulars; the look-ups that help while typing."""

from __future__ import annotations

from decimal import Decimal

from flask import Blueprint, current_app, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from maturity.extensions import db
from maturity.organisations.forms import PRODUCTION_TYPES, EnterpriseForm, region_label, uscc_message
from maturity.organisations.service import change_enterprise, enterprise_of, register_enterprise
from maturity.questionnaires.values import parse_number
from maturity.reference import industries, regions, size, uscc
from maturity.tenancy.permissions import Permission
from maturity.tenancy.service import Access, tenants_of
from maturity.web.access import public, requires, signed_in
from maturity.web.locale import current_locale

bp = Blueprint("organisations", __name__)


@bp.get("/home")
@signed_in
def home() -> ResponseReturnValue:
    """Where signing in leads: to the only tenant, to a choice, or to registering an enterprise."""
    tenants = tenants_of(db.session(), current_user.id)
    if not tenants:
        return redirect(url_for(".new"))
    if len(tenants) == 1:
        return redirect(url_for("assessments.home", tenant_id=tenants[0].id))
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
    tenant = register_enterprise(db.session(), form.values(), owner_id=current_user.id, clock=current_app.clock)
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
    change_enterprise(db.session(), enterprise_of(db.session()), form.values(), actor_id=current_user.id)
    flash(_("The particulars are saved. Assessments already started keep theirs."))
    return redirect(url_for("assessments.home", tenant_id=access.tenant.id))


def _form(form: EnterpriseForm, access: Access | None = None) -> str:
    return render_template("organisations/form.html", form=form, production_types=PRODUCTION_TYPES, editing=access)


@bp.get("/lookup/industries")
@public
def lookup_industries() -> ResponseReturnValue:
    found = industries.search(request.args.get("q", "")[:40])
    return jsonify([item.label(current_locale()) for item in found])


@bp.get("/lookup/regions")
@public
def lookup_regions() -> ResponseReturnValue:
    found = regions.search(request.args.get("q", "")[:40])
    return jsonify([region_label(item.code, current_locale()) for item in found])


@bp.get("/lookup/uscc")
@public
def lookup_uscc() -> ResponseReturnValue:
    try:
        return jsonify(valid=True, code=uscc.validate(request.args.get("code", "")[:40]))
    except uscc.UsccError as error:
        return jsonify(valid=False, message=uscc_message(error))


@bp.get("/lookup/size")
@public
def lookup_size() -> ResponseReturnValue:
    people = parse_number(request.args.get("headcount", "")[:20])
    revenue = parse_number(request.args.get("revenue", "")[:20])
    if people is None or revenue is None or people.denominator != 1 or min(people, revenue) < 0:
        return jsonify(message="")
    amount = Decimal(revenue.numerator) / Decimal(revenue.denominator)
    return jsonify(message=render_template("organisations/size.txt", **size_explanation(int(people), amount)))


def size_explanation(headcount: int, revenue_wan: Decimal) -> dict[str, object]:
    """The class, and the next class up with the limits still missed."""
    reasons = size.explain_size(headcount, revenue_wan)
    reached = size.size_class(headcount, revenue_wan)
    above = [reason for reason in reasons if size.SIZES.index(reason.size) == size.SIZES.index(reached) + 1]
    return {"reached": reached, "above": above[0] if above else None}
