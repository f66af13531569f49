"""Supervision: the regulator's page, its samples, and what bodies and enterprises see of re-checks."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user

from maturity.campaigns.regulators import profile_of
from maturity.campaigns.words import place
from maturity.errors import Conflict, Invalid
from maturity.extensions import db
from maturity.tenancy.permissions import Permission
from maturity.tenancy.service import Access
from maturity.verification import supervision as desk
from maturity.verification.blueprint import bp
from maturity.verification.forms import ActionForm, AskForm, DrawForm, FilterForm, ResultForm
from maturity.verification.models import SpotCheck
from maturity.verification.registers import bodies
from maturity.verification.rules import rules
from maturity.verification.supervision import CHECKED, Filter
from maturity.verification.words import BODY_WORDS, STATE_KINDS, STATE_WORDS, STATUS_KINDS, STATUS_WORDS
from maturity.web.access import requires
from maturity.web.addresses import site_base
from maturity.web.messages import message_for
from maturity.web.site import site_clock

BASE = "/t/<uuid:tenant_id>/supervision"
SHOWN = 100
WORDS: dict[str, Any] = {
    "statuses": STATUS_WORDS,
    "status_kinds": STATUS_KINDS,
    "states": STATE_WORDS,
    "state_kinds": STATE_KINDS,
    "standings": BODY_WORDS,
}
#: Which field of a form an error of the use case is about.
_FIELDS = {
    "recheck_size": "size",
    "recheck_nothing": "size",
    "recheck_day": "due_on",
    "recheck_result": "result",
    "recheck_note": "note",
    "recheck_action": "action",
}


def _acting() -> dict[str, Any]:
    return {"actor_id": current_user.id, "clock": site_clock()}


@bp.get(BASE)
@requires(Permission.SUPERVISION_VIEW)
def supervision(access: Access) -> ResponseReturnValue:
    return _page(access, DrawForm(formdata=None)), 200


def _page(access: Access, draw_form: DrawForm) -> str:
    session, clock = db.session(), site_clock()
    if access.tenant.kind != "operator" and profile_of(session) is None:
        return render_template("verification/no_jurisdiction.html")
    region = desk.jurisdiction_of(session, access.tenant)
    registered = bodies(session, clock.today())
    form = FilterForm(request.args)
    form.offer([(str(one.body.tenant_id), one.body.name) for one in registered])
    wanted = _wanted(form)
    lines = desk.supervised(session, region, wanted, clock)
    return render_template(
        "verification/supervision.html",
        region=place(region),
        form=form,
        wanted=wanted,
        lines=lines[:SHOWN],
        total=len(lines),
        to_draw_from=sum(line.status in CHECKED for line in lines),
        draw_form=draw_form,
        samples=desk.samples_of(session),
        waiting=desk.open_checks(session, access.tenant),
        bodies=registered,
        rules=rules(),
        today=clock.today(),
        **WORDS,
    )


def _wanted(form: FilterForm) -> Filter:
    return Filter(form.status.data or "", form.level.data or "", form.body_id.data or "", form.due.data or "")


@bp.post(BASE)
@requires(Permission.SUPERVISION_RUN)
def draw(access: Access) -> ResponseReturnValue:
    """Draw by lot from what the filters in the address leave."""
    form, filters = DrawForm(), FilterForm(request.args)
    filters.offer([(str(one.body.tenant_id), "") for one in bodies(db.session(), site_clock().today())])
    if form.validate_on_submit():
        try:
            made = desk.draw_sample(
                db.session(), access.tenant, _wanted(filters), form.parsed_size, form.seed.data or "", **_acting()
            )
        except Invalid as error:
            _put(form, error)
        else:
            flash(ngettext("Drew one certificate.", "Drew %(num)s certificates.", made.size))
            return redirect(url_for(".sample", tenant_id=access.tenant.id, sample_id=made.id))
    return _page(access, form), 422


def _put(form: Any, error: Invalid) -> None:
    """The message beside the field it is about."""
    field = form[_FIELDS[error.code]] if _FIELDS.get(error.code, "") in form else next(iter(form))
    field.errors = [message_for(error.code)]


@bp.get(f"{BASE}/samples/<uuid:sample_id>")
@requires(Permission.SUPERVISION_VIEW)
def sample(access: Access, sample_id: uuid.UUID) -> ResponseReturnValue:
    return _sample_page(sample_id), 200


def _sample_page(sample_id: uuid.UUID, wrong: tuple[uuid.UUID, str, Any] | None = None) -> str:
    """`wrong` is the form that was refused, of which check and for what."""
    session = db.session()
    found = desk.sample_for(session, sample_id)
    checks = desk.checks_of(session, found)
    due = (site_clock().today() + timedelta(days=rules().recheck_days)).isoformat()
    forms: dict[uuid.UUID, Any] = {}
    for check in checks:
        if check.state == "drawn":
            forms[check.id] = AskForm(formdata=None, data={"due_on": due})
        elif check.state == "asked":
            forms[check.id] = ResultForm(formdata=None)
    if wrong is not None:
        forms[wrong[0]] = wrong[2]
    for check_id, form in forms.items():
        for field in form:
            field.id = f"{field.id}-{check_id.hex[:8]}"
    return render_template(
        "verification/sample.html",
        sample=found,
        checks=checks,
        forms=forms,
        wrong=wrong,
        same=desk.is_reproducible(found, checks),
        rules=rules(),
        today=site_clock().today(),
        **WORDS,
    )


def _in_state(state: str, access: Access, check_id: uuid.UUID) -> SpotCheck:
    """The re-check, if it still is where the form found it; the page would have no place for the form any more."""
    check = desk.check_for(db.session(), check_id, "regulator", access.tenant.id)
    if check.state != state:
        raise Conflict("recheck_moved_on")
    return check


@bp.post(f"{BASE}/checks/<uuid:check_id>/ask")
@requires(Permission.SUPERVISION_RUN)
def ask(access: Access, check_id: uuid.UUID) -> ResponseReturnValue:
    check, form = _in_state("drawn", access, check_id), AskForm()
    if form.validate_on_submit():
        try:
            desk.ask(db.session(), check, form.request_text.data or "", form.parsed_day, site_base(), **_acting())
        except Invalid as error:
            _put(form, error)
        else:
            flash(_("Body and enterprise are being written to."))
            return _back(access, check)
    return _sample_page(check.sample_id, (check.id, "ask", form)), 422


@bp.post(f"{BASE}/checks/<uuid:check_id>/result")
@requires(Permission.SUPERVISION_RUN)
def conclude(access: Access, check_id: uuid.UUID) -> ResponseReturnValue:
    check, form = _in_state("asked", access, check_id), ResultForm()
    if form.validate_on_submit():
        try:
            note = form.note.data or ""
            desk.conclude(db.session(), check, form.result.data or "", note, site_base(), **_acting())
        except Invalid as error:
            _put(form, error)
        else:
            flash(_("The result is recorded, and body and enterprise are being told."))
            return _back(access, check)
    return _sample_page(check.sample_id, (check.id, "result", form)), 422


def _back(access: Access, check: SpotCheck) -> ResponseReturnValue:
    return redirect(url_for(".sample", tenant_id=access.tenant.id, sample_id=check.sample_id))


@bp.get("/t/<uuid:tenant_id>/re-checks")
@requires(Permission.CASE_VIEW)
def body_checks(access: Access) -> ResponseReturnValue:
    return _body_page(access), 200


def _body_page(access: Access, wrong: tuple[uuid.UUID, ActionForm] | None = None) -> str:
    checks = desk.checks_about(db.session(), "body", access.tenant.id)
    forms = {check.id: ActionForm(formdata=None) for check in checks if check.waits_for_the_body}
    if wrong is not None:
        forms[wrong[0]] = wrong[1]
    for check_id, form in forms.items():
        form.action.id = f"action-{check_id.hex[:8]}"
    return render_template("verification/body_checks.html", checks=checks, forms=forms, wrong=wrong, **WORDS)


@bp.post("/t/<uuid:tenant_id>/re-checks/<uuid:check_id>")
@requires(Permission.CASE_MANAGE)
def act(access: Access, check_id: uuid.UUID) -> ResponseReturnValue:
    """The body says what it did about a deviation or a refusal."""
    check, form = desk.check_for(db.session(), check_id, "body", access.tenant.id), ActionForm()
    if not check.waits_for_the_body:
        raise Conflict("recheck_moved_on")
    if form.validate_on_submit():
        try:
            desk.act(db.session(), check, form.action.data or "", name=current_user.name or "", **_acting())
        except Invalid as error:
            _put(form, error)
        else:
            flash(_("The regulator sees what you did."))
            return redirect(url_for(".body_checks", tenant_id=access.tenant.id))
    return _body_page(access, (check.id, form)), 422


@bp.app_template_global()
def is_rechecked(tenant_id: uuid.UUID) -> bool:
    """Whether a regulator ever asked the enterprise about a certificate; its page of certification then says so."""
    return bool(desk.checks_about(db.session(), "enterprise", tenant_id))


@bp.get("/t/<uuid:tenant_id>/certification/re-checks")
@requires(Permission.CERTIFICATION_VIEW)
def enterprise_checks(access: Access) -> ResponseReturnValue:
    checks = desk.checks_about(db.session(), "enterprise", access.tenant.id)
    return render_template("verification/enterprise_checks.html", checks=checks, **WORDS)
