"""Signing in through a company's identity provider. The tenant's settings are in `settings_routes`."""

from __future__ import annotations

import uuid
from typing import Any

from flask import current_app, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user
from flask_security.utils import login_user
from flask_wtf.csrf import generate_csrf, validate_csrf
from wtforms.validators import ValidationError

from maturity.accounts.models import User
from maturity.accounts.recording import begin_writing
from maturity.accounts.sessions import secret_of_session
from maturity.accounts.sign_ins import note_provider
from maturity.consents.service import say_for_person
from maturity.errors import Conflict, MaturityError, NotFound
from maturity.extensions import db, limiter
from maturity.federation import service, settings_routes, under_way  # noqa: F401  # its views are registered by it
from maturity.federation.blueprint import bp
from maturity.federation.forms import BeginForm, CompanyForm
from maturity.federation.letters import write_ways_in
from maturity.federation.protocol import Client, Vouched, begin, finish
from maturity.federation.sealed import unseal
from maturity.tenancy.models import IdentityProvider, Tenant
from maturity.web.access import public
from maturity.web.addresses import site_url
from maturity.web.doors import on_this_site, standing
from maturity.web.locale import current_locale
from maturity.web.messages import message_for, title_for
from maturity.web.navigation import tenant_home
from maturity.web.site import site_clock

bp.add_app_template_global(under_way.remembered_company)
#: These make the server ask another one, or write a letter.
OUTGOING = "30 per minute"


# Finding the company


@bp.get("/sign-in/company")
@public
def find() -> ResponseReturnValue:
    return render_template("federation/find.html", form=CompanyForm(formdata=None))


@bp.post("/sign-in/company")
@public
def send_way_in() -> ResponseReturnValue:
    """The answer is the same for every address; what there is to know is in the letter, for who reads the mailbox."""
    form = CompanyForm()
    if not form.validate_on_submit() or form.contact is None:
        return render_template("federation/find.html", form=form), 422
    companies = service.companies_of(db.session(), form.contact, site_clock())
    if companies:
        ways = [(tenant.name, site_url(".enter", company_id=tenant.id)) for tenant in companies]
        write_ways_in(db.session(), form.contact, ways, current_locale(), site_clock())
    return render_template("federation/sent.html", contact=form.contact.value)


# Going there and coming back


@bp.get("/sign-in/company/<uuid:company_id>")
@public
def enter(company_id: uuid.UUID) -> ResponseReturnValue:
    """A page with a button, the same for every id: a link from elsewhere alone signs nobody in."""
    return render_template("federation/enter.html", go=_go(company_id), asked=_asks_here(company_id))


def _go(company_id: uuid.UUID) -> str:
    leads_to = on_this_site(request.args.get("next"))
    return url_for(".go", company_id=company_id, next=leads_to, token=generate_csrf())


def _asks_here(company_id: uuid.UUID) -> str | None:
    """The tenant's name for a member whom its door has sent here; it tells nobody else anything."""
    if not current_user.is_authenticated:
        return None
    return service.name_for_member(db.session(), company_id, current_user.id)


@bp.get("/sign-in/company/<uuid:company_id>/go")
@public
@limiter.limit(OUTGOING)
def go(company_id: uuid.UUID) -> ResponseReturnValue:
    leads_to = on_this_site(request.args.get("next"))
    try:
        validate_csrf(request.args.get("token"))
    except ValidationError:
        return redirect(url_for(".enter", company_id=company_id, next=leads_to))
    try:
        client = _client(company_id)
        url, begun = begin(client, under_way.network())
    except MaturityError as error:
        return _failed(error, company_id)
    under_way.keep_begun(company_id, begun, leads_to)
    return redirect(url)


def _client(company_id: uuid.UUID) -> Client:
    """What is needed to speak with the provider, while no transaction is held."""
    provider, _tenant = service.provider_to_enter(db.session(), company_id)
    secret = unseal(current_app.config["TOTP_SECRETS"], provider.id, provider.client_secret)
    back = site_url(".come_back", company_id=company_id)
    client = Client(provider.issuer, provider.client_id, secret, back)
    db.session.rollback()
    return client


@bp.get("/sign-in/company/<uuid:company_id>/callback")
@public
@limiter.limit(OUTGOING)
def come_back(company_id: uuid.UUID) -> ResponseReturnValue:
    """Where the provider sends the browser. A GET that writes, hence commits itself: OpenID Connect comes this way."""
    taken = under_way.take_begun(company_id, request.args.get("state", ""))
    try:
        if taken is None:
            raise Conflict("company_sign_in_over")
        begun, leads_to = taken
        vouched = finish(_client(company_id), begun, request.args, under_way.network(), site_clock())
        begin_writing()
        response = _arrive(company_id, vouched, leads_to)
        db.session.commit()
    except MaturityError as error:
        return _failed(error, company_id)
    return response


def _arrive(company_id: uuid.UUID, vouched: Vouched, leads_to: str | None) -> ResponseReturnValue:
    session, clock = db.session(), site_clock()
    provider, tenant = service.provider_to_enter(session, company_id)
    service.check_reach(provider, vouched)
    user = service.person_of(session, provider, vouched)
    if user is None:
        under_way.keep_arriving(company_id, vouched, leads_to)
        return redirect(url_for(".first_time", company_id=company_id))
    joined = service.come_in(session, provider, vouched, user, clock)
    return _let_in(provider, tenant, user, vouched, None if joined else leads_to)


def _let_in(
    provider: IdentityProvider, tenant: Tenant, user: User, vouched: Vouched, leads_to: str | None
) -> ResponseReturnValue:
    """Onto the sign-in that is there, if it is the person's own; otherwise with a new one for this tenant alone."""
    is_own = current_user.is_authenticated and current_user.id == user.id and standing().own
    if current_user.is_authenticated and current_user.id != user.id:
        raise Conflict("provider_another_person")
    if not is_own:
        login_user(user, remember=False, authn_via=["provider"])
    said = vouched.second_factor
    note_provider(db.session(), secret_of_session(), provider.id, says_second_factor=said, own=is_own)
    under_way.forget_arriving()
    flash(_("You are signed in through your company."))
    inside = leads_to if leads_to and leads_to.startswith(f"/t/{tenant.id}/") else tenant_home(tenant)
    return under_way.remember_company(make_response(redirect(inside)), tenant)


# The first time


@bp.get("/sign-in/company/<uuid:company_id>/first-time")
@public
def first_time(company_id: uuid.UUID) -> ResponseReturnValue:
    """Whoever is not connected yet says whether they have an account here; nothing is looked up to tell them."""
    found = under_way.arriving(company_id)
    if found is None:
        return _failed(Conflict("company_sign_in_over"), company_id)
    return _first_time(company_id, found[0], BeginForm(formdata=None))


def _first_time(company_id: uuid.UUID, vouched: Vouched, form: BeginForm) -> str:
    provider, tenant = service.provider_to_enter(db.session(), company_id)
    is_member = service.is_members_address(db.session(), provider, vouched)
    own = current_user.is_authenticated and standing().own
    return render_template(
        "federation/first_time.html",
        form=form,
        company=tenant,
        vouched=vouched,
        is_member=is_member,
        is_own=own,
        is_same=own and current_user.email == vouched.email,
        here=url_for(".first_time", company_id=company_id),
    )


@bp.post("/sign-in/company/<uuid:company_id>/first-time")
@public
def begin_here(company_id: uuid.UUID) -> ResponseReturnValue:
    """Connect the account that is signed in, or begin a new one, whichever the button says."""
    found = under_way.arriving(company_id)
    if found is None:
        return _failed(Conflict("company_sign_in_over"), company_id)
    vouched, leads_to = found
    session, clock = db.session(), site_clock()
    try:
        provider, tenant = service.provider_to_enter(session, company_id)
        service.check_reach(provider, vouched)
        if request.form.get("what") == "connect" and current_user.is_authenticated and standing().own:
            user: Any = current_user._get_current_object()
            service.connect(session, provider, vouched, user, clock)
        elif request.form.get("what") == "begin" and not current_user.is_authenticated:
            form = BeginForm()
            if not form.validate_on_submit():
                return _first_time(company_id, vouched, form), 422
            user = service.begin_account(session, provider, vouched, current_locale(), clock)
            say_for_person(session, user.id, "privacy", given=True, locale=current_locale(), clock=clock)
        else:
            raise Conflict("company_sign_in_over")
        return _let_in(provider, tenant, user, vouched, leads_to)
    except MaturityError as error:
        return _failed(error, company_id)


# What went wrong


def _failed(error: MaturityError, company_id: uuid.UUID) -> ResponseReturnValue:
    """What happened in words, and the other ways in. The provider's own words go to the log only."""
    current_app.logger.info("sign-in through a provider failed: %s (%s)", error.code, error.subject)
    db.session.rollback()
    again = None if isinstance(error, NotFound) else url_for(".enter", company_id=company_id)
    words = {"title": title_for(error.status), "message": message_for(error.code), "again": again}
    return render_template("federation/failed.html", **words), error.status
