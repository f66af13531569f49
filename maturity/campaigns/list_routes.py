"""The invitation list: template, upload, what it would change, taking it in; and those invited."""

from __future__ import annotations

import uuid
from io import BytesIO
from typing import Any

from flask import Response, current_app, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user

from maturity.campaigns import files
from maturity.campaigns.blueprint import bp
from maturity.campaigns.charts import STEP_WORDS as HEADS
from maturity.campaigns.lists import UnreadableList, check_list
from maturity.campaigns.models import Campaign
from maturity.campaigns.places import place_name
from maturity.campaigns.service import (
    Asked,
    compared,
    count_invitees,
    drop_uploads,
    get_campaign,
    get_upload,
    invitees_of,
    invitees_page,
    keep_upload,
    latest_upload,
    lines_of,
    remove_invitee,
    require_unclosed,
    scope_of,
    take_in,
    tallies_of,
)
from maturity.campaigns.uploads import ROOM, take_in_list
from maturity.campaigns.words import FIELD_WORDS, STATE_WORDS, STEP_WORDS, place, refusal, told
from maturity.evidence.contents import Refused
from maturity.evidence.storage import Vault
from maturity.extensions import db
from maturity.reference.industries import industry
from maturity.tenancy.permissions import Permission
from maturity.tenancy.service import Access
from maturity.web.access import requires
from maturity.web.addresses import site_url
from maturity.web.locale import current_locale
from maturity.web.messages import message_for
from maturity.web.site import site_clock

URL = "/campaigns/<uuid:campaign_id>"
SHOWN = 200  # rows of a kind on the page; the file has all


def _who() -> dict[str, Any]:
    return {"actor_id": current_user.id, "clock": site_clock()}


@bp.get("/campaigns/template.xlsx")
@requires(Permission.CAMPAIGN_VIEW)
def template(access: Access) -> ResponseReturnValue:
    return _excel(files.template_workbook(), "invitation-list.xlsx")


@bp.get("/campaigns/template.csv")
@requires(Permission.CAMPAIGN_VIEW)
def template_text(access: Access) -> ResponseReturnValue:
    return _csv(files.template_csv(), "invitation-list.csv")


def _excel(content: bytes, name: str) -> ResponseReturnValue:
    return send_file(BytesIO(content), mimetype=files.EXCEL, as_attachment=True, download_name=name)


def _csv(text: str, name: str) -> ResponseReturnValue:
    response = Response(text, mimetype="text/csv")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@bp.get(f"{URL}/list")
@requires(Permission.CAMPAIGN_RUN)
def list_page(access: Access, campaign_id: uuid.UUID) -> ResponseReturnValue:
    return _page(get_campaign(db.session(), campaign_id))


def _page(campaign: Campaign, refused: str | None = None) -> str:
    session = db.session()
    return render_template(
        "campaigns/list.html",
        campaign=campaign,
        count=count_invitees(session, campaign),
        waiting=latest_upload(session, campaign),
        refused=refused,
        states=STATE_WORDS,
    )


@bp.post(f"{URL}/list")
@requires(Permission.CAMPAIGN_RUN)
def upload(access: Access, campaign_id: uuid.UUID) -> ResponseReturnValue:
    """Keep what was read; the file is read between two transactions, because that takes a second."""
    require_unclosed(get_campaign(db.session(), campaign_id))
    file = request.files.get("file")
    if file is None or not file.filename:
        return _page(get_campaign(db.session(), campaign_id), message_for("campaign_list_none")), 422
    vault = Vault(current_app.config["DATA_DIR"], access.tenant.id, ROOM)
    db.session.commit()
    try:
        name, rows = take_in_list(vault, file)
    except Refused as error:
        return _page(get_campaign(db.session(), campaign_id), refusal(error.code)), 422
    campaign = get_campaign(db.session(), campaign_id, hold=True)
    try:
        lines = check_list(rows, scope_of(db.session(), campaign))
    except UnreadableList as error:
        return _page(campaign, _unreadable(error)), 422
    kept = keep_upload(db.session(), campaign, name, lines, **_who())
    return redirect(url_for(".preview", upload_id=kept.id, **_here(access, campaign_id)))


def _unreadable(error: UnreadableList) -> str:
    if not error.missing:
        return message_for(error.code)
    names = _(", ").join(str(FIELD_WORDS[name]) for name in error.missing)
    return _("There is no column for: %(names)s. Use the headings of the template in the first row.", names=names)


def _here(access: Access, campaign_id: uuid.UUID) -> dict[str, Any]:
    return {"tenant_id": access.tenant.id, "campaign_id": campaign_id}


@bp.get(f"{URL}/list/<uuid:upload_id>")
@requires(Permission.CAMPAIGN_RUN)
def preview(access: Access, campaign_id: uuid.UUID, upload_id: uuid.UUID) -> ResponseReturnValue:
    """What taking it in would do, and every mistake with its row, column and mend."""
    session = db.session()
    campaign = get_campaign(session, campaign_id)
    kept = get_upload(session, campaign, upload_id)
    lines = lines_of(kept)
    return render_template(
        "campaigns/preview.html",
        campaign=campaign,
        upload=kept,
        changes=compared(session, campaign, lines),
        merged=sum(len(line.merged) for line in lines),
        fields=FIELD_WORDS,
        told=told,
        place=place,
        shown=SHOWN,
    )


@bp.post(f"{URL}/list/<uuid:upload_id>")
@requires(Permission.CAMPAIGN_RUN)
def accept(access: Access, campaign_id: uuid.UUID, upload_id: uuid.UUID) -> ResponseReturnValue:
    """Take the good rows in; those with mistakes stay, to be mended."""
    session = db.session()
    campaign = get_campaign(session, campaign_id, hold=True)
    kept = get_upload(session, campaign, upload_id)
    how: dict[str, Any] = {"link": site_url("organisations.home"), "locale": current_locale()}
    changes = take_in(session, campaign, kept, **how, **_who())
    counts = {"added": len(changes.added), "changed": len(changes.changed), "same": len(changes.same)}
    flash(_("%(added)s added, %(changed)s changed, %(same)s unchanged.", **counts))
    if changes.wrong:
        flash(
            ngettext(
                "%(num)s row was not taken in. Mend it below and upload it again.",
                "%(num)s rows were not taken in. Mend them below and upload them again.",
                len(changes.wrong),
            ),
            "error",
        )
        return redirect(url_for(".preview", upload_id=upload_id, **_here(access, campaign_id)))
    return redirect(url_for(".invitees", **_here(access, campaign_id)))


@bp.post(f"{URL}/list/<uuid:upload_id>/discard")
@requires(Permission.CAMPAIGN_RUN)
def discard(access: Access, campaign_id: uuid.UUID, upload_id: uuid.UUID) -> ResponseReturnValue:
    campaign = get_campaign(db.session(), campaign_id, hold=True)
    get_upload(db.session(), campaign, upload_id)
    drop_uploads(db.session(), campaign)
    flash(_("The upload is discarded; the list is as it was."))
    return redirect(url_for(".list_page", **_here(access, campaign_id)))


@bp.get(f"{URL}/list/<uuid:upload_id>/mistakes.xlsx")
@requires(Permission.CAMPAIGN_RUN)
def mistakes(access: Access, campaign_id: uuid.UUID, upload_id: uuid.UUID) -> ResponseReturnValue:
    """The rows to be mended, in the form of the template."""
    campaign = get_campaign(db.session(), campaign_id)
    wrong = [line for line in lines_of(get_upload(db.session(), campaign, upload_id)) if not line.is_good]
    return _excel(files.mistakes_workbook(wrong), "to-be-mended.xlsx")


def _asked() -> Asked:
    state = request.args.get("state", "")
    return Asked(
        text=request.args.get("text", "")[:80],
        city=request.args.get("city", "")[:6],
        industry=request.args.get("industry", "")[:3],
        state=state if state in (*STEP_WORDS, "lagging") else "",
        page=request.args.get("page", 1, type=int),
    )


@bp.get(f"{URL}/enterprises")
@requires(Permission.CAMPAIGN_VIEW)
def invitees(access: Access, campaign_id: uuid.UUID) -> ResponseReturnValue:
    session, locale = db.session(), current_locale()
    campaign = get_campaign(session, campaign_id)
    asked = _asked()
    tallies = tallies_of(session, campaign)
    divisions = [found for found in map(industry, sorted({item.industry for item in tallies})) if found]
    return render_template(
        "campaigns/invitees.html",
        campaign=campaign,
        asked=asked,
        listed=invitees_page(session, campaign, asked),
        cities=[(code, place_name(code, locale)) for code in sorted({item.city for item in tallies})],
        industries=[(item.code, item.label(locale)) for item in divisions],
        steps=STEP_WORDS,
        heads=HEADS,
        place=place,
    )


@bp.get(f"{URL}/enterprises.xlsx")
@requires(Permission.CAMPAIGN_VIEW)
def invitees_excel(access: Access, campaign_id: uuid.UUID) -> ResponseReturnValue:
    """Those listed, with the filters of the page."""
    campaign = get_campaign(db.session(), campaign_id)
    content = files.invitees_workbook(invitees_of(db.session(), campaign, _asked()))
    return _excel(content, f"{_name(campaign)}.xlsx")


@bp.get(f"{URL}/enterprises.csv")
@requires(Permission.CAMPAIGN_VIEW)
def invitees_text(access: Access, campaign_id: uuid.UUID) -> ResponseReturnValue:
    campaign = get_campaign(db.session(), campaign_id)
    return _csv(files.invitees_csv(invitees_of(db.session(), campaign, _asked())), f"{_name(campaign)}.csv")


def _name(campaign: Campaign) -> str:
    return f"campaign-{campaign.period}-{site_clock().today().isoformat()}"


@bp.post(f"{URL}/enterprises/<uuid:invitee_id>/remove")
@requires(Permission.CAMPAIGN_RUN)
def remove(access: Access, campaign_id: uuid.UUID, invitee_id: uuid.UUID) -> ResponseReturnValue:
    campaign = get_campaign(db.session(), campaign_id, hold=True)
    gone = remove_invitee(db.session(), campaign, invitee_id, **_who())
    flash(_("%(name)s is taken off the list.", name=gone.name))
    return redirect(url_for(".invitees", **_here(access, campaign_id)))
