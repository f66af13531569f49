"""The enterprise's pages: its cases and certificates, applying, answering findings, appealing, and what is shown."""

from __future__ import annotations

import json
import uuid
from datetime import date
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import select

from maturity.accounts.models import User
from maturity.adaptive.framework import Framework
from maturity.assessments.models import Assessment, Submission
from maturity.certificates.models import Certificate
from maturity.certification import shown
from maturity.certification.answers import answer_finding, finding_of
from maturity.certification.application import (
    FOLLOWED,
    BodyConflicted,
    apply_for,
    in_renewal_window,
    record_conflict,
    renewal_opens_on,
)
from maturity.certification.at_home import AtHome, at_home
from maturity.certification.blueprint import bp
from maturity.certification.bodies import all_bodies, certifies
from maturity.certification.cases import (
    Actor,
    actor_of,
    case_for,
    cases_of,
    facts_of,
    findings_of,
    move,
    steps_of,
    taker_of,
)
from maturity.certification.complaints import appeal_until, complaints_of, decided_at
from maturity.certification.complaints import complain as bring
from maturity.certification.forms import ApplyForm, ComplaintForm, FindingForm, NoteForm, NumberForm, ShownForm
from maturity.certification.held import SHOWABLE, certificate_held, events_of, held_by, set_shown
from maturity.certification.models import CertificationBody, CertificationCase, Finding
from maturity.certification.process import may_take, the_process
from maturity.certification.standing import change_standing, suspended_until
from maturity.certification.surveillance import surveillances_of
from maturity.credentials.models import Credential
from maturity.credentials.service import framework_named
from maturity.editions.service import framework_by_hash
from maturity.errors import Conflict, Invalid, MaturityError, NotAllowed, NotFound
from maturity.extensions import db
from maturity.organisations.models import Enterprise
from maturity.tenancy.permissions import Permission
from maturity.tenancy.service import Access
from maturity.web.access import requires
from maturity.web.filters import words
from maturity.web.messages import message_for
from maturity.web.site import site_clock

BASE = "/t/<uuid:tenant_id>/certification"
CASE = f"{BASE}/cases/<uuid:case_id>"
CERTIFICATE = f"{BASE}/certificates/<uuid:certificate_id>"


def _who(access: Access) -> Actor:
    return actor_of(access, db.session.get_one(User, current_user.id))


def _case(access: Access, case_id: uuid.UUID) -> CertificationCase:
    case = case_for(db.session(), case_id, access.tenant.id)
    if case.client_id != access.tenant.id:
        raise NotFound("case")
    return case


@bp.app_template_global()
def certification_at_home(tenant_id: uuid.UUID) -> AtHome:
    return at_home(db.session(), tenant_id, site_clock().today())


bp.add_app_template_global(shown.left_words, "certification_left")
bp.add_app_template_global(shown.STATUS_WORDS.__getitem__, "certification_status")


@bp.get(BASE)
@requires(Permission.CERTIFICATION_VIEW)
def index(access: Access) -> ResponseReturnValue:
    """Everything about certification: cases under way first, certificates, and what a certificate is."""
    session, today = db.session(), site_clock().today()
    cases = cases_of(session, access.tenant.id)
    return render_template(
        "certification/index.html",
        cases=[(case, shown.glance_of(case, today)) for case in cases],
        certificates=held_by(session, access.tenant.id),
        titles=_titles(cases) | _titles(held_by(session, access.tenant.id)),
        is_claimed=_is_claimed(access),
        results=results_of(access.tenant.id),
        months=the_process().period("validity_months"),
        surveillance_months=the_process().period("surveillance_months"),
        shown=shown,
    )


def _is_claimed(access: Access) -> bool:
    query = select(Enterprise.claimed_at).where(Enterprise.tenant_id == access.tenant.id)
    return db.session.scalar(query) is not None


def _titles(rows: Any) -> dict[tuple[str, str, int], tuple[str, str]]:
    """Framework and level in words, by framework, edition and level; of cases or certificates."""
    wanted = {(row.framework, row.edition, _level(row)) for row in rows}
    return {key: _title(*key) for key in wanted}


def _level(row: CertificationCase | Certificate) -> int:
    return row.level_claimed if isinstance(row, CertificationCase) else row.level


def _title(framework: str, edition: str, level: int) -> tuple[str, str]:
    found = framework_named(db.session(), framework, edition)
    return words(found.edition.title), words(found.level_title(level))


# Applying


def results_of(tenant_id: uuid.UUID) -> list[tuple[Submission, Assessment, str, str]]:
    """Results that can be certified, the latest first: declared by somebody, not corrected since, and of a level."""
    query = (
        select(Submission, Assessment)
        .join(Assessment, Assessment.id == Submission.assessment_id)
        .where(
            Submission.tenant_id == tenant_id,
            Assessment.tenant_id == tenant_id,
            Assessment.status == "submitted",
            Submission.level > 0,
        )
        .order_by(Assessment.period.desc(), Submission.submitted_at.desc())
    )
    found = [row._tuple() for row in db.session.execute(query)]
    return [(row, item, *_titles_of(item, row.level)) for row, item in found if _is_declared(row)]


def _is_declared(submission: Submission) -> bool:
    """Whether somebody stands behind the answers: an estimate is nobody's declaration."""
    return bool(json.loads(submission.document)["declaration"]["standing"] == "self_declared")


def _titles_of(assessment: Assessment, level: int) -> tuple[str, str]:
    framework = framework_by_hash(db.session(), assessment.edition_sha256)
    return words(framework.edition.title), words(framework.level_title(level))


def _bodies(results: Any, *, is_synthetic: bool) -> list[CertificationBody]:
    """Bodies that would take one of the results, by name; of the demonstration for its enterprises and for no other."""
    today = site_clock().today()
    wanted = {(assessment.framework, submission.level) for submission, assessment, *_titles in results}
    found = [body for body in all_bodies(db.session()) if body.is_synthetic == is_synthetic]
    return [body for body in found if any(certifies(body, *item, today) for item in wanted)]


@bp.get(f"{BASE}/apply")
@requires(Permission.CERTIFICATION_APPLY)
def application(access: Access) -> ResponseReturnValue:
    """What to apply with: a result, a body, and what the certificate is to cover."""
    follows = _followed(access)
    scope = _scope_of(follows) if follows else ""
    return _apply_page(access, _apply_form(access, ApplyForm(formdata=None, scope=scope)), follows)


def _followed(access: Access) -> Certificate | None:
    """The certificate that a change or renewal is to follow, as the address names it."""
    try:
        certificate_id = uuid.UUID(request.args["certificate"])
    except (KeyError, ValueError):
        return None
    return certificate_held(db.session(), certificate_id, access.tenant.id)


def _scope_of(certificate: Certificate) -> str:
    case = db.session.scalar(
        select(CertificationCase).where(
            CertificationCase.id == certificate.case_id, CertificationCase.client_id == certificate.client_id
        )
    )
    return case.scope if case is not None else ""


def _kind() -> str:
    asked = request.args.get("kind", "")
    return asked if asked in ("change", "renewal") else "initial"


def _apply_form(access: Access, form: ApplyForm) -> ApplyForm:
    results = results_of(access.tenant.id)
    form.offer(
        [(str(row.id), f"{item.period} · {framework} · {level}") for row, item, framework, level in results],
        [(str(body.tenant_id), body.name) for body in _bodies(results, is_synthetic=access.tenant.is_synthetic)],
    )
    return form


def _apply_page(access: Access, form: ApplyForm, follows: Certificate | None) -> str:
    results = results_of(access.tenant.id)
    bodies = _bodies(results, is_synthetic=access.tenant.is_synthetic)
    return render_template(
        "certification/apply.html",
        form=form,
        follows=follows,
        kind=_kind() if follows else "initial",
        results=results,
        hints=_hints(bodies, {item.framework: title for _row, item, title, _level in results}),
        is_claimed=_is_claimed(access),
        shown=shown,
    )


def _hints(bodies: list[CertificationBody], titles: dict[str, str]) -> dict[str, str]:
    """Of each body: what it may certify, until when, and how to reach it."""
    return {str(body.tenant_id): _hint(body, titles) for body in bodies}


def _hint(body: CertificationBody, titles: dict[str, str]) -> str:
    comma = _(", ")
    levels = _("Levels %(levels)s", levels=comma.join(str(level) for level in sorted(body.levels)))
    frameworks = comma.join(titles[name] for name in body.frameworks if name in titles)
    until = _("recognised until %(day)s", day=body.until.isoformat())
    return " · ".join(part for part in (frameworks, levels, until, body.contact) if part)


#: Which field of the application a refusal of the use case is about; the others stand on top of the form.
FIELD_OF = {
    "step_body_recognised": "body",
    "application_conflicted": "body",
    "application_other_body": "body",
    "application_scope": "scope",
    "application_scope_long": "scope",
    "application_superseded": "submission",
    "application_estimate": "submission",
    "application_no_level": "submission",
    "application_other_framework": "submission",
    "application_running": "submission",
    "application_certified_already": "submission",
}


@bp.post(f"{BASE}/apply")
@requires(Permission.CERTIFICATION_APPLY)
def apply(access: Access) -> ResponseReturnValue:
    follows = _followed(access)
    form = _apply_form(access, ApplyForm())
    if not form.validate_on_submit():
        return _apply_page(access, form, follows), 422
    chosen = (uuid.UUID(form.submission.data), uuid.UUID(form.body.data), " ".join((form.scope.data or "").split()))
    about: dict[str, Any] = {"kind": _kind(), "certificate_id": follows.id} if follows else {}
    try:
        case = apply_for(db.session(), access.tenant, *chosen, _who(access), site_clock(), **about)
    except BodyConflicted as error:
        db.session.rollback()
        record_conflict(db.session(), error, _who(access), site_clock())
        db.session.commit()  # the refusal stays on record, although nothing was applied for
        return _apply_refused(access, form, error), error.status
    except (Invalid, Conflict, NotAllowed) as error:
        db.session.rollback()
        return _apply_refused(access, form, error), error.status
    flash(_("The application is made. The certification body answers; you get a letter."))
    return redirect(url_for(".case", tenant_id=access.tenant.id, case_id=case.id))


def _apply_refused(access: Access, form: ApplyForm, error: MaturityError) -> str:
    told = message_for(error.code)
    if error.code in FIELD_OF:
        form[FIELD_OF[error.code]].errors = [told]
    else:
        form.form_errors.append(told)
    return _apply_page(access, form, _followed(access))


# One case


@bp.get(CASE)
@requires(Permission.CERTIFICATION_VIEW)
def case(access: Access, case_id: uuid.UUID) -> ResponseReturnValue:
    """Where the case stands, whose turn it is and by when, what the next one may do, and everything so far."""
    return _case_page(access, _case(access, case_id))


def _case_page(
    access: Access,
    found: CertificationCase,
    *,
    error: str | None = None,
    answering: tuple[uuid.UUID, FindingForm] | None = None,
    leaving: NoteForm | None = None,
) -> str:
    session, clock, actor = db.session(), site_clock(), _who(access)
    facts, taker = facts_of(session, found, actor, clock, event="withdraw"), taker_of(session, actor)
    findings, steps = findings_of(session, found), steps_of(session, found)
    framework = framework_named(session, found.framework, found.edition)
    return render_template(
        "certification/case.html",
        case=found,
        glance=shown.glance_of(found, clock.today()),
        stages=shown.stages_of(found, steps),
        ahead=shown.ahead_of(facts, taker),
        past=shown.history_of(steps),
        findings=findings,
        forms=_finding_forms(found, findings, answering, may_answer=_may(taker, "answer_findings")),
        wrong=answering,
        leaving=(leaving or NoteForm(formdata=None)) if _may(taker, "withdraw") and not found.is_over else None,
        complaints=complaints_of(session, found),
        kinds=_kinds_of_complaint(found),
        certificate=_certificate_of(found),
        framework=framework,
        shown=shown,
        error=error,
        here={"tenant_id": access.tenant.id, "case_id": found.id},
    )


def _may(taker: Any, event: str) -> bool:
    return may_take(the_process().events[event], taker)


def _finding_forms(
    found: CertificationCase,
    findings: list[Finding],
    answering: tuple[uuid.UUID, FindingForm] | None,
    *,
    may_answer: bool,
) -> dict[uuid.UUID, FindingForm]:
    """A form for each finding that can be answered now, with what was typed in the one that was sent."""
    if found.state != "correcting" or not may_answer:
        return {}
    open_ones = [item for item in findings if item.grade != "observation" and item.state in ("open", "answered")]
    forms = {item.id: FindingForm(formdata=None, answer=item.answer) for item in open_ones}
    if answering is not None:
        forms[answering[0]] = answering[1]
    for finding_id, form in forms.items():
        form.answer.id = f"answer-{finding_id.hex[:8]}"
    return forms


def _certificate_of(found: CertificationCase) -> Certificate | None:
    query = select(Certificate).where(Certificate.case_id == found.id, Certificate.client_id == found.client_id)
    return db.session.scalar(query)


@bp.post(f"{CASE}/findings/<uuid:finding_id>")
@requires(Permission.CERTIFICATION_ANSWER)
def answer(access: Access, case_id: uuid.UUID, finding_id: uuid.UUID) -> ResponseReturnValue:
    """Say how one finding was put right; it is handed in together with the others."""
    found = _case(access, case_id)
    finding, form = finding_of(db.session(), found, finding_id), FindingForm()
    if not form.validate_on_submit():
        return _case_page(access, found, answering=(finding.id, form)), 422
    try:
        answer_finding(db.session(), found, finding, form.answer.data or "", _who(access), site_clock())
    except (Invalid, Conflict) as error:
        return _case_again(access, case_id, error)
    flash(_("The answer to finding %(number)s is kept. Hand in all answers together.", number=finding.number))
    return redirect(url_for(".case", tenant_id=access.tenant.id, case_id=case_id, _anchor="findings"))


def _case_again(access: Access, case_id: uuid.UUID, error: MaturityError) -> ResponseReturnValue:
    """The page as the case stands now, with what was in the way; nothing was changed."""
    db.session.rollback()
    return _case_page(access, _case(access, case_id), error=message_for(error.code)), error.status


@bp.post(f"{CASE}/answers")
@requires(Permission.CERTIFICATION_ANSWER)
def hand_in(access: Access, case_id: uuid.UUID) -> ResponseReturnValue:
    """Give all answers to the reviewers."""
    try:
        move(db.session(), _case(access, case_id), "answer_findings", _who(access), site_clock())
    except (Invalid, Conflict, NotAllowed) as error:
        return _case_again(access, case_id, error)
    flash(_("The answers are handed in. The reviewers verify them."))
    return redirect(url_for(".case", tenant_id=access.tenant.id, case_id=case_id))


@bp.post(f"{CASE}/take-back")
@requires(Permission.CERTIFICATION_APPLY)
def take_back(access: Access, case_id: uuid.UUID) -> ResponseReturnValue:
    """End the case for the enterprise's own reasons."""
    found, form = _case(access, case_id), NoteForm()
    if not form.validate_on_submit():
        return _case_page(access, found, leaving=form), 422
    try:
        move(db.session(), found, "withdraw", _who(access), site_clock(), note=form.note.data or "")
    except (Invalid, Conflict, NotAllowed) as error:
        return _case_again(access, case_id, error)
    flash(_("The application is taken back. A new one can be made at any time."))
    return redirect(url_for(".case", tenant_id=access.tenant.id, case_id=case_id))


# Appeals and complaints


def _kinds_of_complaint(found: CertificationCase) -> list[str]:
    """What can be brought now: an appeal while its days last and none is open, a complaint at any time."""
    brought = complaints_of(db.session(), found)
    until, since = appeal_until(db.session(), found), decided_at(db.session(), found)
    may_appeal = until is not None and since is not None and site_clock().today() <= until
    appealed = any(item.kind == "appeal" and since is not None and item.made_at >= since for item in brought)
    open_one = any(item.kind == "complaint" and item.outcome is None for item in brought)
    return ["appeal"] * (may_appeal and not appealed) + ["complaint"] * (not open_one)


def _complaint_page(access: Access, found: CertificationCase, form: ComplaintForm) -> str:
    kinds = _kinds_of_complaint(found)
    form.offer([(kind, str(shown.COMPLAINT_WORDS[kind])) for kind in kinds])
    return render_template(
        "certification/complain.html",
        case=found,
        form=form,
        kinds=kinds,
        until=appeal_until(db.session(), found),
        days=the_process().period("complaint_answer_days"),
        here={"tenant_id": access.tenant.id, "case_id": found.id},
    )


@bp.get(f"{CASE}/complaints")
@requires(Permission.CERTIFICATION_APPLY)
def complaint(access: Access, case_id: uuid.UUID) -> ResponseReturnValue:
    found = _case(access, case_id)
    kinds = _kinds_of_complaint(found)
    return _complaint_page(access, found, ComplaintForm(formdata=None, kind=kinds[0] if len(kinds) == 1 else None))


@bp.post(f"{CASE}/complaints")
@requires(Permission.CERTIFICATION_APPLY)
def complain(access: Access, case_id: uuid.UUID) -> ResponseReturnValue:
    """Appeal against a decision to the body, or complain about the body to the operator."""
    found, form = _case(access, case_id), ComplaintForm()
    form.offer([(kind, str(shown.COMPLAINT_WORDS[kind])) for kind in _kinds_of_complaint(found)])
    if not form.validate_on_submit():
        return _complaint_page(access, found, form), 422
    kind = str(form.kind.data)
    try:
        bring(db.session(), found, kind, (form.text.data or "").strip(), _who(access), site_clock())
    except (Invalid, Conflict, NotAllowed) as error:
        db.session.rollback()
        form.form_errors.append(message_for(error.code))
        return _complaint_page(access, _case(access, case_id), form), error.status
    flash(
        _("The appeal is made. Somebody of the certification body who had no part in the case answers it.")
        if kind == "appeal"
        else _("The complaint is made. The operator of the platform answers it.")
    )
    return redirect(url_for(".case", tenant_id=access.tenant.id, case_id=case_id, _anchor="complaints"))


# One certificate


@bp.get(CERTIFICATE)
@requires(Permission.CERTIFICATION_VIEW)
def certificate(access: Access, certificate_id: uuid.UUID) -> ResponseReturnValue:
    """How the certificate stands, its file and credential, what verification shows, and what comes next."""
    return _certificate_page(access, certificate_held(db.session(), certificate_id, access.tenant.id))


def _certificate_page(
    access: Access,
    found: Certificate,
    *,
    showing: ShownForm | None = None,
    ending: NumberForm | None = None,
    resting: NoteForm | None = None,
    error: str | None = None,
) -> str:
    session, today = db.session(), site_clock().today()
    framework = framework_named(session, found.framework, found.edition)
    return render_template(
        "certification/certificate.html",
        certificate=found,
        framework=framework,
        events=events_of(session, found),
        surveillances=surveillances_of(session, found),
        showing=showing or ShownForm(formdata=None, shows=found.shows, in_register=found.in_register),
        ending=ending or NumberForm(formdata=None),
        resting=resting or NoteForm(formdata=None, prefix="rest-"),
        at_risk=_at_risk(found, framework),
        levels_at_risk=_levels_at_risk(found, framework),
        case_id=_case_of(found),
        suspension_months=the_process().period("suspension_max_months"),
        surveillance_months=the_process().period("surveillance_months"),
        has_credential=session.get(Credential, found.id) is not None,
        today=today,
        days_left=(found.valid_until - today).days,
        may_renew=found.status in FOLLOWED["renewal"] and in_renewal_window(found, today),
        may_change=found.status in FOLLOWED["change"],
        renewal_opens=renewal_opens_on(found),
        latest=suspended_until(found),
        shown=shown,
        error=error,
        here={"tenant_id": access.tenant.id, "certificate_id": found.id},
    )


def _at_risk(found: Certificate, framework: Framework) -> list[tuple[date, list[str], int, str]]:
    """Evidence that runs out while the certificate lasts, as it says: until when, of which questions, and the level
    that is certain from then on. What was replaced since is for the surveillance to look at.
    """
    said = json.loads(found.payload).get("evidence_at_risk", [])
    return [
        (
            date.fromisoformat(item["valid_until"]),
            [words(framework.edition.questions[name].wording) for name in item["questions"]],
            item["level_after"],
            words(framework.level_title(item["level_after"])),
        )
        for item in said
    ]


def _levels_at_risk(found: Certificate, framework: Framework) -> list[tuple[int, str, str]]:
    """Each level whose evidence runs out, the highest first: number, title, and the month from which it is at risk."""
    said = json.loads(found.payload).get("levels_at_risk", [])
    return [(item["level"], words(framework.level_title(item["level"])), item["from"]) for item in said]


def _case_of(found: Certificate) -> uuid.UUID | None:
    """The case that led to it, where complaints are made."""
    query = select(CertificationCase.id).where(
        CertificationCase.id == found.case_id, CertificationCase.client_id == found.client_id
    )
    return db.session.scalar(query)


@bp.post(f"{CERTIFICATE}/shown")
@requires(Permission.CERTIFICATION_APPLY)
def show_as(access: Access, certificate_id: uuid.UUID) -> ResponseReturnValue:
    """Say what verification shows besides level and dates, and whether the certificate stands in the register."""
    found, form = certificate_held(db.session(), certificate_id, access.tenant.id), ShownForm()
    if not form.validate_on_submit():
        return _certificate_page(access, found, showing=form), 422
    chosen = [name for name in SHOWABLE if name in (form.shows.data or ())]
    try:
        set_shown(
            db.session(), found, chosen, in_register=form.in_register.data, actor=_who(access), clock=site_clock()
        )
    except Conflict as error:
        return _certificate_again(access, certificate_id, error)
    flash(_("From now on verification shows this, and no more."))
    return redirect(url_for(".certificate", tenant_id=access.tenant.id, certificate_id=certificate_id))


def _certificate_again(access: Access, certificate_id: uuid.UUID, error: MaturityError) -> ResponseReturnValue:
    db.session.rollback()
    found = certificate_held(db.session(), certificate_id, access.tenant.id)
    return _certificate_page(access, found, error=message_for(error.code)), error.status


@bp.post(f"{CERTIFICATE}/rest")
@requires(Permission.CERTIFICATION_APPLY)
def rest(access: Access, certificate_id: uuid.UUID) -> ResponseReturnValue:
    """Have the certificate suspended for the holder's own reasons."""
    found, form = certificate_held(db.session(), certificate_id, access.tenant.id), NoteForm(prefix="rest-")
    if not form.validate_on_submit():
        return _certificate_page(access, found, resting=form), 422
    return _change(access, found, "suspended", "own_wish", form.note.data or "", _("The certificate is suspended."))


@bp.post(f"{CERTIFICATE}/give-up")
@requires(Permission.CERTIFICATION_APPLY)
def give_up(access: Access, certificate_id: uuid.UUID) -> ResponseReturnValue:
    """End the certificate for good; its number is typed."""
    found, form = certificate_held(db.session(), certificate_id, access.tenant.id), NumberForm()
    form.expected = found.number
    if not form.validate_on_submit():
        return _certificate_page(access, found, ending=form), 422
    told = _("The certificate is given up. Verification says so from now on.")
    return _change(access, found, "withdrawn", "given_up", form.note.data or "", told)


def _change(access: Access, found: Certificate, kind: str, reason: str, note: str, told: str) -> ResponseReturnValue:
    certificate_id = found.id
    try:
        change_standing(db.session(), found, kind, _who(access), site_clock(), reason=reason, note=note)
    except (Invalid, Conflict, NotAllowed) as error:
        return _certificate_again(access, certificate_id, error)
    flash(told)
    return redirect(url_for(".certificate", tenant_id=access.tenant.id, certificate_id=certificate_id))
