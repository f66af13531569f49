"""The certification body's pages: its desk, a case, its certificates, and appeals."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import select

from maturity.accounts.models import User
from maturity.certificates.models import Certificate
from maturity.certification import shown
from maturity.certification.assignments import PARTS
from maturity.certification.blueprint import bp
from maturity.certification.cases import (
    Actor,
    actor_of,
    assignments_of,
    case_for,
    cases_of,
    facts_of,
    findings_of,
    move,
    steps_of,
    taker_of,
)
from maturity.certification.complaints import answer as give_answer
from maturity.certification.complaints import answered_complaints, complaint_for, complaints_of, open_complaints
from maturity.certification.forms import (
    ConfirmedForm,
    DecisionForm,
    OutcomeForm,
    PlanForm,
    ReasonForm,
    StandingForm,
    SurveyForm,
)
from maturity.certification.held import certificate_issued, events_of, issued_by
from maturity.certification.models import CertificationCase, Complaint, Surveillance
from maturity.certification.planning import OPEN_IN, set_plan
from maturity.certification.process import reasons_for, standing_after, the_process
from maturity.certification.standing import change_standing, suspended_until
from maturity.certification.surveillance import opens_on, surveillances_of
from maturity.certification.surveillance import survey as put_survey
from maturity.credentials.service import framework_named
from maturity.errors import Conflict, Invalid, MaturityError, NotAllowed, NotFound
from maturity.extensions import db
from maturity.tenancy.models import ReviewAssignment
from maturity.tenancy.permissions import Permission
from maturity.tenancy.service import Access
from maturity.web.access import requires
from maturity.web.filters import words
from maturity.web.messages import message_for
from maturity.web.site import site_clock

TENANT = "/t/<uuid:tenant_id>"
CASE = f"{TENANT}/cases/<uuid:case_id>"
CERTIFICATE = f"{TENANT}/certificates/<uuid:certificate_id>"
DECISIONS = ("decide_certify", "decide_refuse", "send_back")
PAGE = 100


def _who(access: Access) -> Actor:
    return actor_of(access, db.session.get_one(User, current_user.id))


def _case(access: Access, case_id: uuid.UUID) -> CertificationCase:
    case = case_for(db.session(), case_id, access.tenant.id)
    if case.body_id != access.tenant.id:
        raise NotFound("case")
    return case


# The desk


@bp.get(f"{TENANT}/cases")
@requires(Permission.CASE_VIEW)
def desk(access: Access) -> ResponseReturnValue:
    """The cases, those due soonest first, by whose turn it is and in which state they are."""
    session, today = db.session(), site_clock().today()
    lines = shown.desk_lines(session, access.tenant.id, cases_of(session, access.tenant.id), current_user.id, today)
    view, state = request.args.get("view", "open"), request.args.get("state", "")
    view = view if view in shown.VIEWS else "open"
    inside = [line for line in lines if shown.in_view(line, view)]
    found = [line for line in inside if not state or line.case.state == state]
    return render_template(
        "certification/desk.html",
        lines=found[:PAGE],
        more=max(0, len(found) - PAGE),
        has_any=bool(lines),
        views=shown.VIEWS,
        view=view,
        counts={name: sum(shown.in_view(line, name) for line in lines) for name in shown.VIEWS},
        states=_states(inside),
        state=state,
        appeals=len(open_complaints(session, "body", access.tenant.id)),
        overdue=sum(line.left is not None and line.left < 0 for line in lines),
        shown=shown,
    )


def _states(lines: list[shown.Line]) -> list[tuple[str, str, int]]:
    """The states there are, in the order of the process, with how many cases stand in each."""
    counts = {code: sum(line.case.state == code for line in lines) for code in the_process().states}
    return [(code, shown.state_words(code), count) for code, count in counts.items() if count]


# One case


@bp.get(CASE)
@requires(Permission.CASE_VIEW)
def body_case(access: Access, case_id: uuid.UUID) -> ResponseReturnValue:
    """Where the case stands, every next step with what is in its way, and everything so far."""
    return _case_page(access, _case(access, case_id))


def _case_page(
    access: Access, case: CertificationCase, *, error: str | None = None, forms: Mapping[str, Any] | None = None
) -> str:
    session, clock, actor = db.session(), site_clock(), _who(access)
    facts, taker = facts_of(session, case, actor, clock), taker_of(session, actor)
    ahead, steps = shown.ahead_of(facts, taker), steps_of(session, case)
    assigned = assignments_of(session, case)
    certificate = session.scalar(
        select(Certificate).where(Certificate.case_id == case.id, Certificate.body_id == case.body_id)
    )
    return render_template(
        "certification/body_case.html",
        case=case,
        glance=shown.glance_of(case, clock.today()),
        stages=shown.stages_of(case, steps),
        ahead={step.event.code: step for step in ahead},
        past=shown.history_of(steps),
        findings=findings_of(session, case),
        facts_=facts,
        assigned=_team(assigned),
        mine=next((row for row in assigned if row.user_id == current_user.id and row.ended_at is None), None),
        complaints=complaints_of(session, case),
        certificate=certificate,
        framework=framework_named(session, case.framework, case.edition),
        forms=_forms(case, ahead) | dict(forms or {}),
        may_plan=case.state in OPEN_IN and access.can(Permission.CASE_MANAGE),
        shown=shown,
        error=error,
        here={"tenant_id": access.tenant.id, "case_id": case.id},
    )


def _team(assigned: list[ReviewAssignment]) -> list[ReviewAssignment]:
    """Who has a part, the lead first; of a case that is over, who had one."""
    present = [row for row in assigned if row.ended_at is None] or assigned
    return sorted(present, key=lambda row: (PARTS.index(row.part), row.assigned_at))


def _forms(case: CertificationCase, ahead: list[shown.Ahead]) -> dict[str, Any]:
    """The empty forms of the steps that are this person's."""
    plan = {"place": case.place or "on_site", "review_from": case.review_from, "review_until": case.review_until}
    given = {name: str(value or "") for name, value in plan.items()}
    forms: dict[str, Any] = {
        "reject": _rejecting(ReasonForm(formdata=None, prefix="reject-")),
        "dates": PlanForm(formdata=None, prefix="plan-", **given),
        "fail": ConfirmedForm(formdata=None, prefix="fail-"),
    }
    seen = _recommendation_of(case)
    return forms | {"decide": _deciding(DecisionForm(formdata=None, prefix="decide-", seen=seen))}


def _recommendation_of(case: CertificationCase) -> str:
    """Names the recommendation that stands: when it was made, and of which result."""
    made = case.recommended_at.isoformat() if case.recommended_at else ""
    return f"{made} {case.reviewed_sha256 or ''}"


def _rejecting(form: ReasonForm) -> ReasonForm:
    form.offer((item.code, words(item.words)) for item in reasons_for("reject", "body"))
    return form


def _deciding(form: DecisionForm) -> DecisionForm:
    form.offer((code, shown.event_words(code)) for code in DECISIONS)
    return form


def _step(access: Access, case_id: uuid.UUID, event: str, told: str, **given: Any) -> ResponseReturnValue:
    """Take one step, or show the page again with what is in the way."""
    try:
        move(db.session(), _case(access, case_id), event, _who(access), site_clock(), **given)
    except (Invalid, Conflict, NotAllowed) as error:
        return _again(access, case_id, error)
    flash(told)
    return _back(access, case_id)


def _again(access: Access, case_id: uuid.UUID, error: MaturityError, **forms: Any) -> ResponseReturnValue:
    db.session.rollback()
    return _case_page(access, _case(access, case_id), error=message_for(error.code), forms=forms), error.status


def _back(access: Access, case_id: uuid.UUID) -> ResponseReturnValue:
    return redirect(url_for(".body_case", tenant_id=access.tenant.id, case_id=case_id))


@bp.post(f"{CASE}/accept")
@requires(Permission.CASE_MANAGE)
def accept(access: Access, case_id: uuid.UUID) -> ResponseReturnValue:
    told = _("The application is accepted. Name the team, set the days and draw the sample.")
    return _step(access, case_id, "accept", told)


@bp.post(f"{CASE}/reject")
@requires(Permission.CASE_MANAGE)
def reject(access: Access, case_id: uuid.UUID) -> ResponseReturnValue:
    case, form = _case(access, case_id), _rejecting(ReasonForm(prefix="reject-"))
    if not form.validate_on_submit():
        return _case_page(access, case, forms={"reject": form}), 422
    given = {"reason": form.reason.data, "note": form.note.data or ""}
    return _step(access, case_id, "reject", _("The application is not accepted. The enterprise reads why."), **given)


@bp.post(f"{CASE}/dates")
@requires(Permission.CASE_MANAGE)
def set_dates(access: Access, case_id: uuid.UUID) -> ResponseReturnValue:
    """Keep where and when the case is reviewed."""
    case, form = _case(access, case_id), PlanForm(prefix="plan-")
    if not form.validate_on_submit():
        return _case_page(access, case, forms={"dates": form}), 422
    try:
        set_plan(db.session(), case, form.plan(), _who(access), site_clock())
    except Invalid as error:
        form.review_from.errors = [message_for(error.code)]
        db.session.rollback()
        return _case_page(access, _case(access, case_id), forms={"dates": form}), error.status
    except Conflict as error:
        return _again(access, case_id, error, dates=form)
    flash(_("The days are kept."))
    return _back(access, case_id)


@bp.post(f"{CASE}/plan")
@requires(Permission.CASE_MANAGE)
def plan(access: Access, case_id: uuid.UUID) -> ResponseReturnValue:
    return _step(access, case_id, "plan", _("The review is planned. The enterprise and the team get a letter."))


@bp.post(f"{CASE}/decide")
@requires(Permission.CASE_DECIDE)
def decide(access: Access, case_id: uuid.UUID) -> ResponseReturnValue:
    """Certify, refuse, or send back to the reviewers."""
    case, form = _case(access, case_id), _deciding(DecisionForm(prefix="decide-"))
    if not form.validate_on_submit():
        return _case_page(access, case, forms={"decide": form}), 422
    try:
        _require_seen(case, form.seen.data)
        move(db.session(), case, str(form.decision.data), _who(access), site_clock(), note=form.note.data or "")
    except (Invalid, Conflict, NotAllowed) as error:
        db.session.rollback()
        form.seen.data = _recommendation_of(_case(access, case_id))  # the page that comes shows this one
        return _again(access, case_id, error, decide=form)
    flash(_("The decision is recorded. The enterprise gets a letter."))
    return _back(access, case_id)


def _require_seen(case: CertificationCase, seen: str | None) -> None:
    """Nobody decides on a recommendation that has given way to another one since the page was opened."""
    db.session().refresh(case, with_for_update=True)
    if seen and seen != _recommendation_of(case):
        raise Conflict("decision_outdated")


@bp.post(f"{CASE}/close")
@requires(Permission.CASE_MANAGE)
def close(access: Access, case_id: uuid.UUID) -> ResponseReturnValue:
    """Close what was not put right in time."""
    case, form = _case(access, case_id), ConfirmedForm(prefix="fail-")
    if not form.validate_on_submit():
        return _case_page(access, case, forms={"fail": form}), 422
    return _step(access, case_id, "fail", _("The case is closed: what was found was not put right in time."))


# Certificates


@bp.get(f"{TENANT}/certificates")
@requires(Permission.CASE_VIEW)
def certificates(access: Access) -> ResponseReturnValue:
    """The certificates of the body, those that end soonest first, with the next surveillance of each."""
    found, today = issued_by(db.session(), access.tenant.id), site_clock().today()
    return render_template(
        "certification/certificates.html",
        certificates=found,
        due=_next_surveillances(access),
        today=today,
        opens=the_process().period("surveillance_opens_days"),
        shown=shown,
    )


def _next_surveillances(access: Access) -> dict[uuid.UUID, Surveillance]:
    """The next surveillance of each certificate that waits for one."""
    query = select(Surveillance).where(Surveillance.body_id == access.tenant.id, Surveillance.done_on.is_(None))
    found: dict[uuid.UUID, Surveillance] = {}
    for row in db.session.scalars(query.order_by(Surveillance.due_on, Surveillance.number)):
        found.setdefault(row.certificate_id, row)
    return found


@bp.get(CERTIFICATE)
@requires(Permission.CASE_VIEW)
def body_certificate(access: Access, certificate_id: uuid.UUID) -> ResponseReturnValue:
    """One certificate: how it stands, its surveillances, and what the body may do about it."""
    return _certificate_page(access, certificate_issued(db.session(), certificate_id, access.tenant.id))


def _certificate_page(
    access: Access,
    certificate: Certificate,
    *,
    standing: StandingForm | None = None,
    surveying: tuple[uuid.UUID, SurveyForm] | None = None,
    error: str | None = None,
) -> str:
    session, today = db.session(), site_clock().today()
    rows = surveillances_of(session, certificate)
    return render_template(
        "certification/body_certificate.html",
        certificate=certificate,
        framework=framework_named(session, certificate.framework, certificate.edition),
        events=events_of(session, certificate),
        surveillances=rows,
        form=standing or _standing(StandingForm(formdata=None), certificate),
        kinds=_kinds(certificate),
        survey_form=_survey_form(surveying),
        open_one=_open_one(certificate, rows),
        opens_on=opens_on,
        latest=suspended_until(certificate),
        suspension_months=the_process().period("suspension_max_months"),
        today=today,
        shown=shown,
        error=error,
        here={"tenant_id": access.tenant.id, "certificate_id": certificate.id},
    )


def _survey_form(surveying: tuple[uuid.UUID, SurveyForm] | None) -> SurveyForm:
    form = surveying[1] if surveying else SurveyForm(formdata=None)
    form.note.id = "survey-note"
    return form


def _open_one(certificate: Certificate, rows: list[Surveillance]) -> Surveillance | None:
    """The surveillance that can be recorded now."""
    row = next((row for row in rows if row.done_on is None), None)
    stands = isinstance(standing_after(certificate.status, "surveyed", "body"), str)
    return row if row is not None and stands and opens_on(row) <= site_clock().today() else None


def _kinds(certificate: Certificate) -> list[str]:
    """What the body may do about the standing of the certificate now."""
    possible = {"suspended": "misuse", "reinstated": None, "withdrawn": "fraud"}
    return [
        kind
        for kind, reason in possible.items()
        if isinstance(standing_after(certificate.status, kind, "body", reason), str)
    ]


def _standing(form: StandingForm, certificate: Certificate) -> StandingForm:
    names = {"suspended": _("Suspend"), "reinstated": _("Reinstate"), "withdrawn": _("Withdraw for good")}
    lists = ([(item.code, words(item.words)) for item in reasons_for(name, "body")] for name in ("suspend", "withdraw"))
    form.offer([(kind, names[kind]) for kind in _kinds(certificate)], *lists)
    form.expected = certificate.number
    return form


@bp.post(f"{CERTIFICATE}/standing")
@requires(Permission.CASE_MANAGE)
def change_certificate(access: Access, certificate_id: uuid.UUID) -> ResponseReturnValue:
    """Suspend, reinstate or withdraw; each is a leaf of the log that everybody can read."""
    certificate = certificate_issued(db.session(), certificate_id, access.tenant.id)
    form = _standing(StandingForm(), certificate)
    if not form.validate_on_submit():
        return _certificate_page(access, certificate, standing=form), 422
    given: dict[str, Any] = {"reason": form.reason, "note": (form.note.data or "").strip()}
    try:
        change_standing(db.session(), certificate, str(form.kind.data), _who(access), site_clock(), **given)
    except (Invalid, Conflict, NotAllowed) as error:
        return _certificate_again(access, certificate_id, error)
    flash(_("It is done and in the public log. The holder gets a letter."))
    return redirect(url_for(".body_certificate", tenant_id=access.tenant.id, certificate_id=certificate_id))


def _certificate_again(access: Access, certificate_id: uuid.UUID, error: MaturityError) -> ResponseReturnValue:
    db.session.rollback()
    certificate = certificate_issued(db.session(), certificate_id, access.tenant.id)
    return _certificate_page(access, certificate, error=message_for(error.code)), error.status


@bp.post(f"{CERTIFICATE}/surveillances/<uuid:surveillance_id>")
@requires(Permission.CASE_MANAGE)
def survey(access: Access, certificate_id: uuid.UUID, surveillance_id: uuid.UUID) -> ResponseReturnValue:
    """Record a surveillance that was passed."""
    session = db.session()
    certificate = certificate_issued(session, certificate_id, access.tenant.id)
    row = next((item for item in surveillances_of(session, certificate) if item.id == surveillance_id), None)
    if row is None:
        raise NotFound("surveillance")
    form = SurveyForm()
    if not form.validate_on_submit():
        return _certificate_page(access, certificate, surveying=(row.id, form)), 422
    try:
        put_survey(session, row, (form.note.data or "").strip(), _who(access), site_clock())
    except (Invalid, Conflict, NotAllowed) as error:
        return _certificate_again(access, certificate_id, error)
    flash(_("The surveillance is recorded. The holder gets a letter."))
    return redirect(url_for(".body_certificate", tenant_id=access.tenant.id, certificate_id=certificate_id))


# Appeals


@bp.get(f"{TENANT}/appeals")
@requires(Permission.CASE_VIEW)
def appeals(access: Access) -> ResponseReturnValue:
    """Appeals against decisions of the body, those to be answered first."""
    session, body_id = db.session(), access.tenant.id
    cases = {case.id: case for case in cases_of(session, body_id)}
    return render_template(
        "certification/appeals.html",
        open_ones=[(row, cases[row.case_id]) for row in open_complaints(session, "body", body_id)],
        answered=[(row, cases[row.case_id]) for row in answered_complaints(session, "body", body_id)],
        today=site_clock().today(),
        shown=shown,
    )


def _appeal(access: Access, complaint_id: uuid.UUID) -> Complaint:
    return complaint_for(db.session(), complaint_id, "body", access.tenant.id)


@bp.get(f"{TENANT}/appeals/<uuid:complaint_id>")
@requires(Permission.CASE_VIEW)
def appeal(access: Access, complaint_id: uuid.UUID) -> ResponseReturnValue:
    return _appeal_page(access, _appeal(access, complaint_id), OutcomeForm(formdata=None))


def _appeal_page(access: Access, found: Complaint, form: OutcomeForm) -> str:
    case = _case(access, found.case_id)
    steps = steps_of(db.session(), case)
    return render_template(
        "certification/appeal.html",
        complaint=found,
        case=case,
        form=form,
        past=shown.history_of(steps),
        took_part=any(step.actor_id == current_user.id and step.side == "body" for step in steps),
        shown=shown,
        today=site_clock().today(),
    )


@bp.post(f"{TENANT}/appeals/<uuid:complaint_id>")
@requires(Permission.CASE_DECIDE)
def answer_appeal(access: Access, complaint_id: uuid.UUID) -> ResponseReturnValue:
    """Answer an appeal: by somebody who had no part in the case."""
    found, form = _appeal(access, complaint_id), OutcomeForm()
    if not form.validate_on_submit():
        return _appeal_page(access, found, form), 422
    given = (str(form.outcome.data), (form.text.data or "").strip())
    try:
        give_answer(db.session(), found, *given, _who(access), site_clock())
    except (Invalid, Conflict, NotAllowed) as error:
        db.session.rollback()
        form.form_errors.append(message_for(error.code))
        return _appeal_page(access, _appeal(access, complaint_id), form), error.status
    flash(_("The answer is given. The enterprise gets a letter."))
    return redirect(url_for(".appeals", tenant_id=access.tenant.id))
