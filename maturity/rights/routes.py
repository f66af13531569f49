"""The data page of a tenant: export, uses it allows, where its data lie, deletion; and the nightly plan."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, current_app, flash, jsonify, redirect, render_template, request, send_file, url_for
from flask.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import select
from sqlalchemy.orm import Session

from maturity.accounts.fresh import fresh
from maturity.accounts.service import name_of
from maturity.audit.service import record
from maturity.consents.service import say_for_tenant, tenant_standing
from maturity.consents.texts import PURPOSES, TENANT, current_text
from maturity.db import act_for, writing
from maturity.errors import Invalid, NotFound
from maturity.extensions import db
from maturity.jobs.nightly import wind
from maturity.rights import person_routes, public_routes  # noqa: F401  # their views are registered by being imported
from maturity.rights.blueprint import bp
from maturity.rights.erasure import GRACE, ask_for_deletion, cancel_deletion, open_deletion
from maturity.rights.exports import (
    OFFERED_FOR,
    ask_for_export,
    exports_of,
    get_export,
    is_offered,
    job_of,
    leave,
)
from maturity.rights.forms import DeletionForm, RegionForm
from maturity.rights.jobs import plan_night
from maturity.rights.models import ImportedLog, TenantExport
from maturity.rights.residency import region_words, require_region, required_region_of, suits
from maturity.tenancy.permissions import Permission
from maturity.tenancy.service import Access
from maturity.web.access import requires
from maturity.web.addresses import site_base
from maturity.web.locale import current_locale
from maturity.web.messages import message_for
from maturity.web.site import site_clock

SHOWN_EXPORTS = 5


@bp.record_once
def _wire(state: BlueprintSetupState) -> None:
    """The worker plans its nights as long as it runs."""
    app: Any = state.app
    app.jinja_env.globals["data_region"] = lambda: region_words(app.config["DATA_REGION"], current_locale())
    wind(state, "plan_nights", plan_night)


@bp.get("/t/<uuid:tenant_id>/data")
@requires(Permission.DATA_MANAGE)
def data(access: Access) -> ResponseReturnValue:
    return _page(access, RegionForm(formdata=None, region=required_region_of(db.session(), access.tenant.id)))


def _page(access: Access, form: RegionForm) -> str:
    session, clock = db.session(), site_clock()
    exports = exports_of(session)[:SHOWN_EXPORTS]
    logs = session.scalars(select(ImportedLog).order_by(ImportedLog.imported_at)).all()
    kept, wanted = current_app.config["DATA_REGION"], required_region_of(session, access.tenant.id)
    deletion = open_deletion(session, access.tenant.id)
    return render_template(
        "rights/data.html",
        exports=[(export, job_of(session, export), is_offered(export, clock)) for export in exports],
        under_way=any(_is_under_way(export) for export in exports),
        offered_days=OFFERED_FOR.days,
        offered_for=OFFERED_FOR,
        consents=[_consent(access, name) for name, purpose in PURPOSES.items() if purpose.of == TENANT],
        form=form,
        kept=region_words(kept, current_locale()),
        wanted=region_words(wanted, current_locale()),
        is_suited=suits(kept, wanted),
        deletion=deletion,
        asked_by=name_of(session, deletion.asked_by) if deletion else None,
        grace=GRACE.days,
        logs=logs,
        kind=access.tenant.kind,
    )


def _is_under_way(export: TenantExport) -> bool:
    job = job_of(db.session(), export)
    return job is not None and not job.is_over


def _consent(access: Access, purpose: str) -> dict[str, Any]:
    standing = tenant_standing(db.session(), access.tenant.id)[purpose]
    return {"text": current_text(purpose), "standing": standing, "by": name_of(db.session(), standing.user_id)}


@bp.post("/t/<uuid:tenant_id>/data/exports")
@requires(Permission.DATA_MANAGE)
def export(access: Access) -> ResponseReturnValue:
    how: dict[str, Any] = {"actor_id": current_user.id, "locale": current_locale(), "clock": site_clock()}
    ask_for_export(db.session(), access.tenant.id, site=site_base(), **how)
    flash(_("The archive is being made. A letter comes when it is ready; you can close this page."))
    return _back(access, "export")


@bp.get("/t/<uuid:tenant_id>/data/exports/<uuid:export_id>/progress")
@requires(Permission.DATA_MANAGE)
def progress(access: Access, export_id: UUID) -> ResponseReturnValue:
    job = job_of(db.session(), get_export(db.session(), export_id))
    if job is None:
        raise NotFound("export")
    return jsonify(state=job.state, done=job.progress_done, total=job.progress_total, error=job.error)


@bp.get("/t/<uuid:tenant_id>/data/exports/<uuid:export_id>")
@requires(Permission.DATA_MANAGE)
def download(access: Access, export_id: UUID) -> ResponseReturnValue:
    """The archive. A link, so that a download that broke off goes on; on record before the first byte."""
    found = get_export(db.session(), export_id)
    path = leave(found, current_app.config["DATA_DIR"], site_clock())
    if request.method == "GET":
        _record_download(access, str(export_id))
    name = f"{access.tenant.name}-{found.asked_at:%Y-%m-%d}.zip"
    response: Response = send_file(
        path, "application/zip", as_attachment=True, download_name=name, etag=found.sha256 or ""
    )
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _record_download(access: Access, export_id: str) -> None:
    writing.set(True)
    try:
        with Session(db.engine) as session:
            act_for(session, access.tenant.id, current_user.id)
            what = {"export_id": export_id, "content": "everything"}
            record(session, site_clock(), "export.downloaded", current_user.id, access.tenant.id, **what)
            session.commit()
    finally:
        writing.set(False)


@bp.get("/t/<uuid:tenant_id>/data/logs/<uuid:log_id>")
@requires(Permission.DATA_MANAGE)
def imported_log(access: Access, log_id: UUID) -> ResponseReturnValue:
    """The audit log that came along from another installation, as it came."""
    log = db.session.scalar(select(ImportedLog).where(ImportedLog.id == log_id))
    if log is None:
        raise NotFound("imported_log")
    response = Response(log.content, mimetype="application/jsonl")
    response.headers.set("Content-Disposition", "attachment", filename=f"log-{log.sha256[:12]}.jsonl")
    return response


@bp.post("/t/<uuid:tenant_id>/data/consents")
@requires(Permission.DATA_MANAGE)
def set_consents(access: Access) -> ResponseReturnValue:
    how: dict[str, Any] = {"actor_id": current_user.id, "locale": current_locale(), "clock": site_clock()}
    given = request.form.getlist("purposes")
    for name, purpose in PURPOSES.items():
        if purpose.of == TENANT:
            say_for_tenant(db.session(), access.tenant.id, name, given=name in given, **how)
    flash(_("What the data may be used for is saved."))
    return _back(access, "uses")


@bp.post("/t/<uuid:tenant_id>/data/region")
@requires(Permission.DATA_MANAGE)
def set_region(access: Access) -> ResponseReturnValue:
    form = RegionForm()
    wanted = str(form.region.data or "")
    try:
        require_region(db.session(), access.tenant.id, wanted, actor_id=current_user.id, clock=site_clock())
    except Invalid as error:
        form.region.errors = [message_for(error.code)]
        return _page(access, form), 422
    flash(_("Where the data have to lie is saved."))
    return _back(access, "region")


def _back(access: Access, anchor: str) -> ResponseReturnValue:
    return redirect(url_for(".data", tenant_id=access.tenant.id, _anchor=anchor))


@bp.get("/t/<uuid:tenant_id>/data/delete")
@requires(Permission.DATA_MANAGE)
@fresh
def delete_page(access: Access) -> ResponseReturnValue:
    return _delete_page(DeletionForm(formdata=None))


def _delete_page(form: DeletionForm) -> str:
    return render_template("rights/delete.html", form=form, grace=GRACE.days)


@bp.post("/t/<uuid:tenant_id>/data/delete")
@requires(Permission.DATA_MANAGE)
@fresh
def delete(access: Access) -> ResponseReturnValue:
    form = DeletionForm()
    if not form.validate_on_submit():
        return _delete_page(form), 422
    how: dict[str, Any] = {"actor_id": current_user.id, "site": site_base(), "clock": site_clock()}
    try:
        ask_for_deletion(db.session(), access.tenant, str(form.name.data), **how)
    except Invalid as error:
        form.name.errors = [message_for(error.code)]
        return _delete_page(form), 422
    flash(_("The deletion is asked for. All owners are told, and each of them can cancel it."))
    return _back(access, "deletion")


@bp.post("/t/<uuid:tenant_id>/data/delete/cancel")
@requires(Permission.DATA_MANAGE)
def cancel(access: Access) -> ResponseReturnValue:
    cancel_deletion(db.session(), access.tenant, actor_id=current_user.id, clock=site_clock())
    flash(_("The deletion is cancelled. Nothing was erased."))
    return _back(access, "deletion")
