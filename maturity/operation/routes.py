"""The operator's pages. They stand in the operator's own tenant and show no row of another."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from flask_login import current_user

from maturity.campaigns.forms import ProfileForm
from maturity.campaigns.places import place_name
from maturity.campaigns.regulators import profile_of
from maturity.db import for_tenant
from maturity.extensions import db
from maturity.installation.service import installation_of
from maturity.operation import post, work
from maturity.operation.forms import KIND_WORDS, CancelForm, FoundForm, ReasonForm, SuspendForm
from maturity.operation.health import findings
from maturity.operation.keys import keys_of, subject_keys_of
from maturity.operation.service import (
    found_tenant,
    open_for_staff,
    particulars,
    record_jurisdiction,
    resume,
    suspend,
    tenants_page,
)
from maturity.operation.service import overview as overview_of
from maturity.people.letters import write_invitation
from maturity.people.service import invite
from maturity.tenancy.permissions import Permission
from maturity.tenancy.service import Access
from maturity.web.access import requires
from maturity.web.addresses import site_url
from maturity.web.locale import current_locale
from maturity.web.navigation import HOMES
from maturity.web.site import site_clock

JOB_STATES = {
    "queued": lazy_gettext("queued"),
    "running": lazy_gettext("running"),
    "failed": lazy_gettext("failed"),
    "done": lazy_gettext("done"),
}
JOB_WORDS = {
    "document": lazy_gettext("Report or questionnaire"),
    "plan": lazy_gettext("Improvement plan"),
    "yearly_draft": lazy_gettext("Draft of a yearly report"),
    "yearly_print": lazy_gettext("Files of a yearly report"),
    "mentions": lazy_gettext("Letter about comments"),
    "reminder": lazy_gettext("Reminder"),
    "evidence_file": lazy_gettext("Check of evidence"),
    "evidence_erasure": lazy_gettext("Erasure of evidence"),
    "evidence_retention": lazy_gettext("Retention of evidence"),
    "campaign_letters": lazy_gettext("Letters of a campaign"),
    "campaign_close": lazy_gettext("End of a campaign"),
    "campaign_report": lazy_gettext("Report of a campaign"),
    "claim_licence": lazy_gettext("Check of a licence"),
    "claim_examined": lazy_gettext("Look for others with the code"),
    "claim_due": lazy_gettext("End of a claim"),
    "claim_forgotten": lazy_gettext("Erasure of a licence"),
    "objection_told": lazy_gettext("Letter about an objection"),
    "release": lazy_gettext("Computation of a release"),
    "release_receipts": lazy_gettext("Receipts of a release"),
    "issue_certificate": lazy_gettext("Issue of a certificate"),
    "billing_event": lazy_gettext("Notice of the payment service"),
    "billing_fetch": lazy_gettext("Look at a payment"),
    "billing_reconciliation": lazy_gettext("Comparison with the payment service"),
    "demonstration": lazy_gettext("Demonstration data"),
}
LETTER_STATES = {
    "waiting": lazy_gettext("waiting"),
    "failed": lazy_gettext("failed"),
    "kept": lazy_gettext("kept, no gateway"),
    "sent": lazy_gettext("sent"),
    "sending": lazy_gettext("being sent"),
}
#: Why a message was not sent.
LETTER_NOTES = {
    "no_gateway": lazy_gettext("no gateway is configured"),
    "refused": lazy_gettext("the server refused it"),
    "unreachable": lazy_gettext("the server could not be reached"),
}
bp = Blueprint("operation", __name__, url_prefix="/t/<uuid:tenant_id>/operation")


@bp.get("/")
@requires(Permission.OPERATE)
def overview(access: Access) -> ResponseReturnValue:
    found = overview_of(db.session(), current_app.config["DATA_DIR"])
    row = installation_of(db.session())
    unfinished = row is not None and row.set_up_at is None and row.set_up_by is not None
    return render_template("operation/overview.html", overview=found, kinds=KIND_WORDS, is_unfinished=unfinished)


@bp.get("/health")
@requires(Permission.OPERATE)
def health(access: Access) -> ResponseReturnValue:
    found = findings(db.session(), current_app.config, site_clock())
    return render_template("operation/health.html", findings=found, now=site_clock().now())


@bp.get("/keys")
@requires(Permission.OPERATE)
def keys(access: Access) -> ResponseReturnValue:
    found = keys_of(db.session(), current_app.config, site_clock())
    return render_template("operation/keys.html", keys=found, subjects=subject_keys_of(db.session()))


@bp.get("/tenants")
@requires(Permission.OPERATE)
def tenants(access: Access) -> ResponseReturnValue:
    return _tenants(FoundForm(formdata=None))


def _tenants(form: FoundForm) -> str:
    asked: dict[str, Any] = {
        "kind": request.args.get("kind", ""),
        "text": request.args.get("q", "").strip()[:80],
        "page": request.args.get("page", 1, type=int),
    }
    found = tenants_page(db.session(), **asked)
    return render_template("operation/tenants.html", found=found, asked=asked, form=form, kinds=KIND_WORDS)


@bp.post("/tenants")
@requires(Permission.OPERATE)
def found(access: Access) -> ResponseReturnValue:
    form = FoundForm()
    if not form.validate_on_submit():
        return _tenants(form), 422
    session, clock = db.session(), site_clock()
    name = (form.name.data or "").strip()
    by: dict[str, Any] = {"actor_id": current_user.id, "clock": clock}
    tenant = found_tenant(session, access.tenant.id, str(form.kind.data), name, **by)
    if tenant.kind == "regulator":
        details: dict[str, Any] = {"releases": bool(form.releases.data), "office": name}
        record_jurisdiction(session, access.tenant.id, tenant.id, form.parsed_region, **details, **by)
    with for_tenant(session, tenant.id):
        _invitation, token = invite(
            session, tenant.id, form.parsed_contact, "owner", actor_id=current_user.id, clock=clock
        )
    link = site_url("people.invitation", token=token)
    names = {"tenant": tenant.name, "inviter": current_user.name}
    write_invitation(session, form.parsed_contact, link=link, locale=current_locale(), clock=clock, **names)
    flash(_("%(tenant)s is founded; its first owner is invited.", tenant=tenant.name))
    return redirect(url_for(".tenants", tenant_id=access.tenant.id))


@bp.get("/tenants/<uuid:opened_id>")
@requires(Permission.OPERATE)
def tenant(access: Access, opened_id: uuid.UUID) -> ResponseReturnValue:
    return _tenant(access, opened_id, SuspendForm(formdata=None))


def _tenant(access: Access, opened_id: uuid.UUID, form: SuspendForm, profile: ProfileForm | None = None) -> str:
    found = particulars(db.session(), access.tenant.id, opened_id)
    if found.kind == "regulator" and profile is None:
        profile = _profile(opened_id)
    return render_template("operation/tenant.html", found=found, form=form, profile=profile, kinds=KIND_WORDS)


def _profile(opened_id: uuid.UUID) -> ProfileForm:
    """What is recorded of a regulator, in words."""
    with for_tenant(db.session(), opened_id):
        kept = profile_of(db.session())
    if kept is None:
        return ProfileForm(formdata=None)
    region = place_name(kept.region, current_locale())
    return ProfileForm(formdata=None, data={"region": region, "office": kept.office, "releases": kept.releases})


@bp.post("/tenants/<uuid:opened_id>/jurisdiction")
@requires(Permission.OPERATE)
def set_jurisdiction(access: Access, opened_id: uuid.UUID) -> ResponseReturnValue:
    """Where a regulator has a say, whether it releases benchmarks, and under which name it writes."""
    form = ProfileForm()
    if not form.validate_on_submit():
        return _tenant(access, opened_id, SuspendForm(formdata=None), form), 422
    details: dict[str, Any] = {"releases": bool(form.releases.data), "office": form.office.data or ""}
    who = {"actor_id": current_user.id, "clock": site_clock()}
    record_jurisdiction(db.session(), access.tenant.id, opened_id, form.parsed_region, **details, **who)
    flash(_("The jurisdiction is recorded."))
    return redirect(url_for(".tenant", tenant_id=access.tenant.id, opened_id=opened_id))


@bp.post("/tenants/<uuid:opened_id>/suspension")
@requires(Permission.OPERATE)
def suspend_tenant(access: Access, opened_id: uuid.UUID) -> ResponseReturnValue:
    form = SuspendForm()
    if not form.validate_on_submit():
        return _tenant(access, opened_id, form), 422
    who = {"actor_id": current_user.id, "clock": site_clock()}
    suspend(db.session(), access.tenant.id, opened_id, form.reason.data or "", **who)
    flash(_("The tenant is suspended: its people look and change nothing, and read your reason."))
    return redirect(url_for(".tenant", tenant_id=access.tenant.id, opened_id=opened_id))


@bp.post("/tenants/<uuid:opened_id>/suspension/end")
@requires(Permission.OPERATE)
def resume_tenant(access: Access, opened_id: uuid.UUID) -> ResponseReturnValue:
    resume(db.session(), access.tenant.id, opened_id, actor_id=current_user.id, clock=site_clock())
    flash(_("The suspension is lifted."))
    return redirect(url_for(".tenant", tenant_id=access.tenant.id, opened_id=opened_id))


@bp.get("/tenants/<uuid:opened_id>/visit")
@requires(Permission.OPERATE)
def ask_to_open(access: Access, opened_id: uuid.UUID) -> ResponseReturnValue:
    return render_template("operation/open.html", form=ReasonForm(formdata=None), opened_id=opened_id)


@bp.post("/tenants/<uuid:opened_id>/visit")
@requires(Permission.OPERATE)
def open_tenant(access: Access, opened_id: uuid.UUID) -> ResponseReturnValue:
    form = ReasonForm()
    if not form.validate_on_submit():
        return render_template("operation/open.html", form=form, opened_id=opened_id), 422
    who = {"actor_id": current_user.id, "clock": site_clock()}
    kind = open_for_staff(db.session(), access.tenant.id, opened_id, form.reason.data or "", **who)
    flash(_("The tenant is open to you for an hour, to look. It reads your reason in its log."))
    return redirect(url_for(HOMES[kind], tenant_id=opened_id))


@bp.get("/jobs")
@requires(Permission.OPERATE)
def jobs(access: Access) -> ResponseReturnValue:
    page = request.args.get("page", 1, type=int)
    found = work.jobs_page(db.session(), state=request.args.get("state", ""), page=page)
    return render_template("operation/jobs.html", found=found, kinds=JOB_WORDS, states=JOB_STATES)


@bp.post("/jobs/<uuid:job_id>/retry")
@requires(Permission.OPERATE)
def retry_job(access: Access, job_id: uuid.UUID) -> ResponseReturnValue:
    work.retry(db.session(), access.tenant.id, job_id, actor_id=current_user.id, clock=site_clock())
    flash(_("The job is queued again."))
    return redirect(url_for(".jobs", tenant_id=access.tenant.id, state="failed"))


@bp.get("/jobs/<uuid:job_id>/stop")
@requires(Permission.OPERATE)
def ask_to_stop_job(access: Access, job_id: uuid.UUID) -> ResponseReturnValue:
    return _stop(job_id, CancelForm(formdata=None))


def _stop(job_id: uuid.UUID, form: CancelForm) -> str:
    line = work.job_line(db.session(), job_id)
    return render_template("operation/stop_job.html", form=form, job=line, kinds=JOB_WORDS, states=JOB_STATES)


@bp.post("/jobs/<uuid:job_id>/stop")
@requires(Permission.OPERATE)
def stop_job(access: Access, job_id: uuid.UUID) -> ResponseReturnValue:
    form = CancelForm()
    if not form.validate_on_submit():
        return _stop(job_id, form), 422
    who = {"actor_id": current_user.id, "clock": site_clock()}
    work.cancel(db.session(), access.tenant.id, job_id, form.reason.data or "", **who)
    flash(_("The job is stopped. Its tenant reads your reason in its log."))
    return redirect(url_for(".jobs", tenant_id=access.tenant.id, state="failed"))


@bp.get("/outbox")
@requires(Permission.OPERATE)
def outbox(access: Access) -> ResponseReturnValue:
    page = request.args.get("page", 1, type=int)
    found = post.letters_page(db.session(), state=request.args.get("state", ""), page=page)
    return render_template("operation/outbox.html", found=found, states=LETTER_STATES, notes=LETTER_NOTES)


@bp.post("/outbox/<uuid:message_id>/retry")
@requires(Permission.OPERATE)
def retry_letter(access: Access, message_id: uuid.UUID) -> ResponseReturnValue:
    post.send_again(db.session(), access.tenant.id, message_id, actor_id=current_user.id, clock=site_clock())
    flash(_("The message is sent again. A link or code in it may have run out meanwhile."))
    return redirect(url_for(".outbox", tenant_id=access.tenant.id, state="failed"))
