"""The regulator's pages of its campaigns, and where the features of an invited enterprise hang."""

from __future__ import annotations

import threading
import uuid
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask import session as cookie
from flask.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user
from werkzeug.exceptions import RequestEntityTooLarge

from maturity.assessments.service import periods_on
from maturity.campaigns import call_routes, list_routes, report_routes
from maturity.campaigns.blueprint import bp
from maturity.campaigns.board import Quota
from maturity.campaigns.calls import calls_of
from maturity.campaigns.charts import STEP_WORDS as HEADS
from maturity.campaigns.forms import CampaignForm, ExtensionForm, ParkForm, QuotaForm
from maturity.campaigns.models import Campaign
from maturity.campaigns.participation import sweep_for_ever
from maturity.campaigns.places import choices, place_name, reaches
from maturity.campaigns.regulators import add_park, parks_of, places_of, profile_of, remove_park
from maturity.campaigns.report import report_view
from maturity.campaigns.service import (
    board_of,
    campaigns_of,
    change_campaign,
    count_invitees,
    create_campaign,
    drop_campaign,
    end_campaign,
    extend_campaign,
    extensions_of,
    get_campaign,
    open_campaign,
    quotas_of,
    remind_lagging,
    remove_quota,
    set_quota,
    tallies_of,
)
from maturity.campaigns.uploads import LARGEST_REQUEST
from maturity.campaigns.words import STATE_WORDS, place
from maturity.crosswalk.service import published_frameworks
from maturity.errors import Conflict, Invalid
from maturity.extensions import db
from maturity.reference.industries import industry
from maturity.reference.regions import regions
from maturity.tenancy.permissions import Permission
from maturity.tenancy.service import Access
from maturity.web.access import requires
from maturity.web.addresses import site_url
from maturity.web.filters import words
from maturity.web.handlers import error_response
from maturity.web.locale import current_locale
from maturity.web.messages import message_for
from maturity.web.site import site_clock

#: The modules whose routes are the blueprint's, too.
PAGES = (call_routes, list_routes, report_routes)
#: Which field of the form an error of the use case is about.
_FIELDS = {"campaign_place": "region", "period_not_open": "period", "campaign_deadline": "deadline"}


@bp.record_once
def _wire(state: BlueprintSetupState) -> None:
    """The worker keeps calls and participation fresh; the home page asks for the calls by its template."""
    app: Any = state.app
    app.jinja_env.globals.update(campaign_calls=lambda: calls_of(db.session(), site_clock()))
    queue = app.extensions.get("queue")
    if queue is not None:

        @queue.on_startup(name="sweep_campaigns")
        def _begin() -> None:
            threading.Thread(target=sweep_for_ever, args=(app,), daemon=True).start()


@bp.url_value_preprocessor
def _take_a_large_request(endpoint: str | None, _values: dict[str, Any] | None) -> None:
    """A list may be larger than what any other page takes, from somebody who has signed in."""
    if endpoint == "campaigns.upload" and "_user_id" in cookie:
        request.max_content_length = LARGEST_REQUEST


@bp.errorhandler(RequestEntityTooLarge)
def _too_much(_error: RequestEntityTooLarge) -> ResponseReturnValue:
    return error_response(413, "campaign_list_large")


def who() -> dict[str, Any]:
    return {"actor_id": current_user.id, "clock": site_clock()}


def letters() -> dict[str, Any]:
    """Where letters lead to and in which language they are written."""
    return {"link": site_url("organisations.home"), "locale": current_locale()}


@bp.get("/campaigns")
@requires(Permission.CAMPAIGN_VIEW)
def index(access: Access) -> ResponseReturnValue:
    session = db.session()
    profile = profile_of(session)
    lines = [(campaign, board_of(session, campaign)) for campaign in campaigns_of(session)]
    return render_template(
        "campaigns/index.html",
        profile=profile,
        lines=lines,
        states=STATE_WORDS,
        heads=HEADS,
        place=place,
        parks=places_of(session),
    )


@bp.get("/campaigns/new")
@requires(Permission.CAMPAIGN_RUN)
def new(access: Access) -> ResponseReturnValue:
    profile = profile_of(db.session())
    if profile is None:
        raise Conflict("no_jurisdiction")
    data = {"framework": "lianghua", "region": profile.region, "reminders": "14, 7, 1", "quota": "20"}
    data["period"] = str(periods_on(site_clock().today())[0])
    return _form(CampaignForm(formdata=None, data=data))


def _form(form: CampaignForm, campaign: Campaign | None = None) -> str:
    return render_template("campaigns/form.html", form=_offered(form), campaign=campaign)


def _offered(form: CampaignForm) -> CampaignForm:
    session = db.session()
    profile = profile_of(session)
    if profile is None:
        raise Conflict("no_jurisdiction")
    frameworks = {found.edition.framework: words(found.edition.title) for found in published_frameworks(session)}
    places = choices(profile.region, places_of(session), current_locale())
    return form.offer(frameworks, sorted(periods_on(site_clock().today())), places)


@bp.post("/campaigns/new")
@requires(Permission.CAMPAIGN_RUN)
def create(access: Access) -> ResponseReturnValue:
    form = _offered(CampaignForm())
    if not form.validate_on_submit():
        return _form(form), 422
    try:
        campaign = create_campaign(db.session(), form.plan(), **who())
    except Invalid as error:
        return _form(_refused(form, error)), 422
    flash(_("The draft is saved. Next: upload whom you invite."))
    return redirect(url_for(".list_page", tenant_id=access.tenant.id, campaign_id=campaign.id))


def _refused(form: CampaignForm, error: Invalid) -> CampaignForm:
    form[_FIELDS[error.code]].errors = [message_for(error.code)]
    return form


@bp.get("/campaigns/<uuid:campaign_id>/edit")
@requires(Permission.CAMPAIGN_RUN)
def edit(access: Access, campaign_id: uuid.UUID) -> ResponseReturnValue:
    campaign = get_campaign(db.session(), campaign_id)
    if campaign.state != "draft":
        raise Conflict("campaign_not_draft")
    return _form(CampaignForm.of(campaign), campaign)


@bp.post("/campaigns/<uuid:campaign_id>/edit")
@requires(Permission.CAMPAIGN_RUN)
def change(access: Access, campaign_id: uuid.UUID) -> ResponseReturnValue:
    campaign = get_campaign(db.session(), campaign_id, hold=True)
    form = _offered(CampaignForm())
    if not form.validate_on_submit():
        return _form(form, campaign), 422
    try:
        change_campaign(db.session(), campaign, form.plan(), **who())
    except Invalid as error:
        return _form(_refused(form, error), campaign), 422
    flash(_("The campaign is saved."))
    return _to_board(access, campaign_id)


def _to_board(access: Access, campaign_id: uuid.UUID) -> ResponseReturnValue:
    return redirect(url_for("campaigns.board", tenant_id=access.tenant.id, campaign_id=campaign_id))


@bp.get("/campaigns/<uuid:campaign_id>")
@requires(Permission.CAMPAIGN_VIEW)
def board(access: Access, campaign_id: uuid.UUID) -> ResponseReturnValue:
    return _board(get_campaign(db.session(), campaign_id))


def _board(campaign: Campaign, form: ExtensionForm | None = None) -> str:
    session, clock, locale = db.session(), site_clock(), current_locale()
    return render_template(
        "campaigns/board.html",
        campaign=campaign,
        view=report_view(session, campaign, locale, clock),
        board=board_of(session, campaign),
        extensions=extensions_of(session, campaign),
        form=form or ExtensionForm(formdata=None),
        states=STATE_WORDS,
        heads=HEADS,
        place=place,
        industry_label=lambda code: found.label(locale) if (found := industry(code)) else code,
        now=clock.now(),
        today=clock.today(),
    )


@bp.post("/campaigns/<uuid:campaign_id>/open")
@requires(Permission.CAMPAIGN_RUN)
def start(access: Access, campaign_id: uuid.UUID) -> ResponseReturnValue:
    campaign = get_campaign(db.session(), campaign_id, hold=True)
    open_campaign(db.session(), campaign, **letters(), **who())
    count = count_invitees(db.session(), campaign)
    flash(
        ngettext(
            "Open; %(num)s enterprise is called.",
            "Open; %(num)s enterprises are called.",
            count,
        )
    )
    return _to_board(access, campaign_id)


@bp.post("/campaigns/<uuid:campaign_id>/extend")
@requires(Permission.CAMPAIGN_RUN)
def extend(access: Access, campaign_id: uuid.UUID) -> ResponseReturnValue:
    campaign = get_campaign(db.session(), campaign_id, hold=True)
    form = ExtensionForm()
    if not form.validate_on_submit():
        return _board(campaign, form), 422
    try:
        extend_campaign(db.session(), campaign, form.parsed_deadline, form.reason.data or "", **letters(), **who())
    except Invalid as error:
        field = form.deadline if error.code == "extension_day" else form.reason
        field.errors = [message_for(error.code)]
        return _board(campaign, form), 422
    flash(_("The deadline is moved; those invited see the new one."))
    return _to_board(access, campaign_id)


@bp.get("/campaigns/<uuid:campaign_id>/end")
@requires(Permission.CAMPAIGN_RUN)
def ask_to_end(access: Access, campaign_id: uuid.UUID) -> ResponseReturnValue:
    campaign = get_campaign(db.session(), campaign_id)
    return render_template("campaigns/end.html", campaign=campaign, board=board_of(db.session(), campaign))


@bp.post("/campaigns/<uuid:campaign_id>/end")
@requires(Permission.CAMPAIGN_RUN)
def end(access: Access, campaign_id: uuid.UUID) -> ResponseReturnValue:
    """End a running one, or throw a draft away."""
    campaign = get_campaign(db.session(), campaign_id, hold=True)
    if campaign.state == "draft":
        drop_campaign(db.session(), campaign, **who())
        flash(_("The draft is deleted."))
        return redirect(url_for(".index", tenant_id=access.tenant.id))
    end_campaign(db.session(), campaign, **who())
    flash(_("The campaign ends now. It is counted once more and then closed."))
    return _to_board(access, campaign_id)


@bp.post("/campaigns/<uuid:campaign_id>/remind")
@requires(Permission.CAMPAIGN_RUN)
def remind(access: Access, campaign_id: uuid.UUID) -> ResponseReturnValue:
    """One click; once a day at most."""
    campaign = get_campaign(db.session(), campaign_id, hold=True)
    count = remind_lagging(db.session(), campaign, **letters(), **who())
    flash(ngettext("%(num)s enterprise is reminded.", "%(num)s enterprises are reminded.", count))
    return _to_board(access, campaign_id)


@bp.get("/campaigns/<uuid:campaign_id>/quotas")
@requires(Permission.CAMPAIGN_VIEW)
def quotas(access: Access, campaign_id: uuid.UUID) -> ResponseReturnValue:
    return _quotas(get_campaign(db.session(), campaign_id))


def _quota_form(campaign: Campaign, form: QuotaForm) -> QuotaForm:
    """Cities and industries of the list can have a quota of their own."""
    locale = current_locale()
    tallies = tallies_of(db.session(), campaign)
    cities = sorted({item.city for item in tallies})
    divisions = [found for found in map(industry, sorted({item.industry for item in tallies})) if found]
    return form.offer(
        [(code, place_name(code, locale)) for code in cities], [(item.code, item.label(locale)) for item in divisions]
    )


def _quotas(campaign: Campaign, form: QuotaForm | None = None) -> str:
    form = form or _quota_form(campaign, QuotaForm(formdata=None))
    rows = quotas_of(db.session(), campaign)
    return render_template("campaigns/quotas.html", campaign=campaign, form=form, rows=rows, place=place)


@bp.post("/campaigns/<uuid:campaign_id>/quotas")
@requires(Permission.CAMPAIGN_RUN)
def keep_quota(access: Access, campaign_id: uuid.UUID) -> ResponseReturnValue:
    campaign = get_campaign(db.session(), campaign_id, hold=True)
    form = _quota_form(campaign, QuotaForm())
    if not form.validate_on_submit():
        return _quotas(campaign, form), 422
    quota = Quota(str(form.kind.data), form.parsed_amount)
    set_quota(db.session(), campaign, form.city.data or "", form.industry.data or "", quota, **who())
    flash(_("The quota is saved."))
    return redirect(url_for(".quotas", tenant_id=access.tenant.id, campaign_id=campaign_id))


@bp.post("/campaigns/<uuid:campaign_id>/quotas/remove")
@requires(Permission.CAMPAIGN_RUN)
def drop_quota(access: Access, campaign_id: uuid.UUID) -> ResponseReturnValue:
    campaign = get_campaign(db.session(), campaign_id, hold=True)
    remove_quota(db.session(), campaign, request.form.get("city", ""), request.form.get("industry", ""), **who())
    flash(_("The quota is removed; the general one holds again."))
    return redirect(url_for(".quotas", tenant_id=access.tenant.id, campaign_id=campaign_id))


@bp.get("/campaigns/parks")
@requires(Permission.CAMPAIGN_VIEW)
def parks(access: Access) -> ResponseReturnValue:
    return _parks(_park_form(ParkForm(formdata=None)))


def _park_form(form: ParkForm) -> ParkForm:
    profile = profile_of(db.session())
    if profile is None:
        raise Conflict("no_jurisdiction")
    locale = current_locale()
    codes = [item.code for item in regions().values() if item.parent and reaches(profile.region, item.code)]
    return form.offer([(code, place_name(code, locale)) for code in codes])


def _parks(form: ParkForm) -> str:
    return render_template("campaigns/parks.html", form=form, parks=parks_of(db.session()), place=place)


@bp.post("/campaigns/parks")
@requires(Permission.CAMPAIGN_RUN)
def keep_park(access: Access) -> ResponseReturnValue:
    form = _park_form(ParkForm())
    if not form.validate_on_submit():
        return _parks(form), 422
    try:
        add_park(db.session(), form.name.data or "", str(form.city.data), **who())
    except (Conflict, Invalid) as error:
        form.name.errors = [message_for(error.code)]
        return _parks(form), 422
    flash(_("The park is added; campaigns can cover it."))
    return redirect(url_for(".parks", tenant_id=access.tenant.id))


@bp.post("/campaigns/parks/<uuid:park_id>/remove")
@requires(Permission.CAMPAIGN_RUN)
def drop_park(access: Access, park_id: uuid.UUID) -> ResponseReturnValue:
    remove_park(db.session(), park_id, **who())
    flash(_("The park is removed."))
    return redirect(url_for(".parks", tenant_id=access.tenant.id))
