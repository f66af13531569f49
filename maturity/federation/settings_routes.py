"""The settings of a tenant: a list of sections, of which two are here; others are their features' own pages."""

from __future__ import annotations

from typing import Any

from flask import current_app, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from maturity.accounts.recording import begin_writing
from maturity.db import act_for
from maturity.errors import Conflict, MaturityError
from maturity.extensions import db
from maturity.federation import service
from maturity.federation.blueprint import bp
from maturity.federation.forms import PolicyForm, ProviderForm
from maturity.federation.protocol import discover
from maturity.federation.under_way import network
from maturity.tenancy.permissions import Permission
from maturity.tenancy.service import Access
from maturity.web.access import requires
from maturity.web.addresses import site_url
from maturity.web.doors import standing
from maturity.web.messages import message_for
from maturity.web.navigation import settings_entries
from maturity.web.site import site_clock

#: code of a refusal -> the field that its words stand at; other codes carry the field themselves
AT = {
    "second_factor_first": "second_factor",
    "provider_first": "provider",
    "provider_untried": "provider",
    "way_out_first": "provider",
    "provider_secret_missing": "client_secret",
    "provider_role": "default_role",
}


def _actor() -> service.Actor:
    return service.Actor(current_user._get_current_object(), standing())


@bp.get("/t/<uuid:tenant_id>/settings")
@requires(Permission.TENANT_SETTINGS)
def settings(access: Access) -> ResponseReturnValue:
    provider = service.provider_of(db.session(), access.tenant.id)
    return render_template("federation/settings.html", provider=provider, sections=settings_entries(access))


@bp.get("/t/<uuid:tenant_id>/settings/sign-in")
@requires(Permission.TENANT_SETTINGS)
def policy(access: Access) -> ResponseReturnValue:
    return _policy(access, PolicyForm.of(access.tenant))


def _policy(access: Access, form: PolicyForm) -> str:
    provider = service.provider_of(db.session(), access.tenant.id)
    return render_template("federation/policy.html", form=form, provider=provider)


@bp.post("/t/<uuid:tenant_id>/settings/sign-in")
@requires(Permission.TENANT_SETTINGS)
def save_policy(access: Access) -> ResponseReturnValue:
    form = PolicyForm()
    if not form.validate_on_submit():
        return _policy(access, form), 422
    try:
        service.change_policy(db.session(), access, form.policy(), actor=_actor(), clock=site_clock())
    except Conflict as error:
        form[AT[error.code]].errors = [message_for(error.code)]
        db.session.rollback()
        return _policy(access, form), 422
    flash(_("The sign-in policy is saved. It counts from the next page that anybody opens."))
    return redirect(url_for(".settings", tenant_id=access.tenant.id))


@bp.get("/t/<uuid:tenant_id>/settings/provider")
@requires(Permission.TENANT_SETTINGS)
def provider(access: Access) -> ResponseReturnValue:
    known = service.provider_of(db.session(), access.tenant.id)
    return _provider(access, ProviderForm.of(known, access.tenant.kind))


def _provider(access: Access, form: ProviderForm) -> str:
    known = service.provider_of(db.session(), access.tenant.id)
    addresses = {
        "back": site_url(".come_back", company_id=access.tenant.id),
        "way_in": site_url(".enter", company_id=access.tenant.id),
    }
    return render_template("federation/provider.html", form=form, provider=known, **addresses)


@bp.post("/t/<uuid:tenant_id>/settings/provider")
@requires(Permission.TENANT_SETTINGS)
def save_provider(access: Access) -> ResponseReturnValue:
    """The provider is asked before it is saved, with no transaction held: what is wrong stands at its field."""
    form = ProviderForm(kind=access.tenant.kind)
    if not form.validate_on_submit():
        return _provider(access, form), 422
    terms = form.terms()
    who: dict[str, Any] = {"actor": _actor(), "clock": site_clock(), "secrets": current_app.config["TOTP_SECRETS"]}
    try:
        known = service.provider_of(db.session(), access.tenant.id)
        service.check_terms(known, terms, who["actor"].user, access.tenant.kind)
        tenant_id, user_id = access.tenant.id, current_user.id
        db.session.rollback()
        discover(terms.issuer, network())
        begin_writing()
        act_for(db.session(), tenant_id, user_id)
        service.save_provider(db.session(), access, terms, **who)
    except MaturityError as error:
        db.session.rollback()
        at = form[AT.get(error.code, error.subject if error.subject in form else "issuer")]
        at.errors = [message_for(error.code)]
        return _provider(access, form), 422
    flash(_("The identity provider is saved. It answered. Sign in through it once before you require it."))
    return redirect(url_for(".settings", tenant_id=access.tenant.id))


@bp.post("/t/<uuid:tenant_id>/settings/provider/remove")
@requires(Permission.TENANT_SETTINGS)
def remove_provider(access: Access) -> ResponseReturnValue:
    service.remove_provider(db.session(), access, actor=_actor(), clock=site_clock())
    flash(_("The identity provider is removed. Whoever came in through it is signed out."))
    return redirect(url_for(".settings", tenant_id=access.tenant.id))
