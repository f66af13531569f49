"""Answering, reviewing, submitting and seeing the result."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import Blueprint, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from maturity.accounts.service import name_of
from maturity.adaptive.evaluation import Evaluation
from maturity.adaptive.framework import Framework
from maturity.assessments import pages
from maturity.assessments.answering import (
    AnswerConflict,
    InvalidAnswer,
    QuestionNotAsked,
    Saved,
    Sheet,
    evaluate_assessment,
    load_sheet,
    save_answer,
)
from maturity.assessments.forms import DeclarationForm
from maturity.assessments.models import Assessment
from maturity.assessments.overview import home_overview
from maturity.assessments.service import earlier_facts, get_assessment, revise_assessment, start_assessment
from maturity.assessments.submission import Implausible, Incomplete, submission_of, submit_assessment
from maturity.editions.service import framework_by_hash
from maturity.errors import Conflict, NotFound
from maturity.extensions import db
from maturity.organisations.service import enterprise_of, profile_of
from maturity.questionnaires.model import Text
from maturity.tenancy.permissions import Permission
from maturity.tenancy.service import Access
from maturity.web.access import requires
from maturity.web.filters import clock_time, words
from maturity.web.locale import current_locale
from maturity.web.site import site_clock

bp = Blueprint("assessments", __name__, url_prefix="/t/<uuid:tenant_id>")


@dataclass(frozen=True, slots=True)
class Opened:
    """An assessment with everything its pages need."""

    assessment: Assessment
    framework: Framework
    sheet: Sheet
    evaluation: Evaluation


def _open(assessment_id: UUID) -> Opened:
    assessment = get_assessment(db.session(), assessment_id)
    framework = framework_by_hash(db.session(), assessment.edition_sha256)
    sheet = load_sheet(db.session(), assessment, framework)
    return Opened(assessment, framework, sheet, evaluate_assessment(framework, assessment, sheet.facts))


def _actor_id() -> int | None:
    return current_user.id if current_user.is_authenticated else None


@bp.get("/")
@requires(Permission.ENTERPRISE_VIEW)
def home(access: Access) -> ResponseReturnValue:
    enterprise = enterprise_of(db.session())
    overview = home_overview(db.session(), enterprise, site_clock().today())
    return render_template("organisations/home.html", enterprise=enterprise, overview=overview)


@bp.post("/assessments")
@requires(Permission.ASSESSMENT_ANSWER)
def start(access: Access) -> ResponseReturnValue:
    enterprise = enterprise_of(db.session())
    period = int(request.form.get("period", "0")) if request.form.get("period", "").isdigit() else 0
    clock = site_clock()
    started = start_assessment(
        db.session(), enterprise.id, access.tenant.id, profile_of(enterprise), period, actor_id=_actor_id(), clock=clock
    )
    return redirect(url_for(".resume", tenant_id=access.tenant.id, assessment_id=started.id))


@bp.get("/assessments/<uuid:assessment_id>")
@requires(Permission.ASSESSMENT_VIEW)
def resume(access: Access, assessment_id: UUID) -> ResponseReturnValue:
    """Go on exactly where it stopped; a submitted assessment leads to its result."""
    opened = _open(assessment_id)
    here: dict[str, Any] = {"tenant_id": access.tenant.id, "assessment_id": assessment_id}
    if not opened.assessment.is_draft:
        if submission_of(db.session(), opened.assessment) is None:
            raise NotFound("assessment")
        return redirect(url_for("results.show", **here))
    stop = pages.next_stop(opened.framework, opened.evaluation)
    if stop is None:
        return redirect(url_for(".review", **here))
    return redirect(url_for(".section", section_id=stop[0], page=stop[1], **here))


@bp.get("/assessments/<uuid:assessment_id>/sections/<section_id>")
@requires(Permission.ASSESSMENT_ANSWER)
def section(access: Access, assessment_id: UUID, section_id: str) -> ResponseReturnValue:
    opened = _open(assessment_id)
    if not opened.assessment.is_draft:
        return redirect(url_for("results.show", tenant_id=access.tenant.id, assessment_id=assessment_id))
    return _section_page(opened, section_id, request.args.get("page", 1, type=int))


def _section_page(opened: Opened, section_id: str, number: int, drafted: pages.Drafted | None = None) -> str:
    edition = opened.framework.edition
    wanted = next((item for item in edition.sections if item.id == section_id), None)
    if wanted is None:
        raise NotFound("question", section_id)
    earlier = earlier_facts(db.session(), opened.assessment)
    page = pages.section_page(opened.framework, wanted, number, opened.sheet, opened.evaluation, earlier, drafted)
    return render_template(
        "assessments/section.html",
        opened=opened,
        page=page,
        progress=pages.progress_of(opened.framework, opened.evaluation),
        before=pages.page_before(opened.framework, opened.evaluation, (section_id, page.number)),
    )


@bp.post("/assessments/<uuid:assessment_id>/sections/<section_id>")
@requires(Permission.ASSESSMENT_ANSWER)
def save_section(access: Access, assessment_id: UUID, section_id: str) -> ResponseReturnValue:
    """Save a whole page without JavaScript: what is right is saved, what is not stays on the page with its message."""
    opened = _open(assessment_id)
    number = request.args.get("page", 1, type=int)
    raw: dict[str, Any] = {}
    errors: dict[str, Text] = {}
    for question_id in request.form.getlist("question"):
        question = opened.framework.edition.questions.get(question_id)
        if question is None or not opened.evaluation.path.steps[question_id].is_asked:
            continue
        typed = pages.raw_from_form(question, opened.framework.edition.facts, request.form)
        try:
            _save(opened.assessment, opened.framework, question_id, typed)
        except InvalidAnswer as error:
            raw |= typed
            errors |= error.problems
        except AnswerConflict:
            raw |= typed
            errors[question.facts[0]] = Text(
                "这道题刚被别人改过，请核对后再保存。",
                "Somebody else has just changed this answer; check it and save again.",
            )
        except QuestionNotAsked:
            continue
    db.session.commit()
    opened = _open(assessment_id)
    if errors:
        return _section_page(opened, section_id, number, pages.Drafted(raw, errors)), 422
    here: dict[str, Any] = {"tenant_id": access.tenant.id, "assessment_id": assessment_id}
    following = pages.next_stop(opened.framework, opened.evaluation, after=(section_id, number))
    if following is None:
        return redirect(url_for(".review", **here))
    return redirect(url_for(".section", section_id=following[0], page=following[1], **here))


def _save(assessment: Assessment, framework: Framework, question_id: str, typed: dict[str, Any]) -> Saved:
    return save_answer(
        db.session(),
        assessment,
        framework,
        question_id,
        typed,
        seen_version=request.form.get(f"version.{question_id}", 0, type=int),
        skip=f"skip.{question_id}" in request.form,
        actor_id=_actor_id(),
        clock=site_clock(),
    )


@bp.post("/assessments/<uuid:assessment_id>/answers/<question_id>")
@requires(Permission.ASSESSMENT_ANSWER)
def answer(access: Access, assessment_id: UUID, question_id: str) -> ResponseReturnValue:
    """Save one answer as it is given; the reply says what follows from it."""
    assessment = get_assessment(db.session(), assessment_id)
    framework = framework_by_hash(db.session(), assessment.edition_sha256)
    question = framework.edition.questions.get(question_id)
    if question is None:
        raise NotFound("question", question_id)
    typed = pages.raw_from_form(question, framework.edition.facts, request.form)
    try:
        saved = _save(assessment, framework, question_id, typed)
    except InvalidAnswer as error:
        locale = current_locale()
        messages = {name: text.to(locale) for name, text in error.problems.items()}
        return jsonify(error="answer_invalid", fields=messages), 422
    except AnswerConflict as error:
        return jsonify(_conflict(framework, question_id, error)), 409
    return jsonify(_saved(framework, saved))


def _conflict(framework: Framework, question_id: str, error: AnswerConflict) -> dict[str, Any]:
    current = error.current
    who = name_of(db.session(), current.saved_by) or _("somebody")
    when = clock_time(current.saved_at) if current.saved_at else ""
    message = _("%(who)s changed this answer at %(when)s.", who=who, when=when)
    return {"error": "answer_changed_meanwhile", "message": message, "version": current.version, "facts": current.facts}


def _saved(framework: Framework, saved: Saved) -> dict[str, Any]:
    progress = pages.progress_of(framework, saved.after)
    return {
        "version": saved.answer.version,
        "saved_at": clock_time(saved.answer.saved_at) if saved.answer.saved_at else "",
        "state": saved.answer.state,
        "moved": list(saved.moved()),
        "progress": {
            "percent": progress.percent,
            "line": render_template("assessments/progress.txt", progress=progress).strip(),
            "sections": {item.section.id: [item.answered, item.asked] for item in progress.sections},
        },
        "findings": [
            {"severity": finding.severity, "facts": list(finding.facts), "message": words(finding.message)}
            for finding in saved.after.findings
        ],
    }


@bp.get("/assessments/<uuid:assessment_id>/questions/<question_id>")
@requires(Permission.ASSESSMENT_ANSWER)
def question(access: Access, assessment_id: UUID, question_id: str) -> ResponseReturnValue:
    """One question as HTML, for a page on which it has just appeared, changed or gone."""
    opened = _open(assessment_id)
    if question_id not in opened.framework.edition.questions:
        raise NotFound("question", question_id)
    earlier = earlier_facts(db.session(), opened.assessment)
    view = pages.question_view(opened.framework, question_id, opened.sheet, opened.evaluation, earlier, pages.Drafted())
    return render_template("assessments/question.html", view=view, opened=opened)


@bp.get("/assessments/<uuid:assessment_id>/review")
@requires(Permission.ASSESSMENT_ANSWER)
def review(access: Access, assessment_id: UUID) -> ResponseReturnValue:
    opened = _open(assessment_id)
    if not opened.assessment.is_draft:
        return redirect(url_for("results.show", tenant_id=access.tenant.id, assessment_id=assessment_id))
    return _review_page(opened, DeclarationForm(formdata=None))


def _review_page(opened: Opened, form: DeclarationForm) -> str:
    return render_template(
        "assessments/review.html",
        opened=opened,
        form=form,
        progress=pages.progress_of(opened.framework, opened.evaluation),
        place=lambda name: pages.place_of(opened.framework, opened.evaluation, name),
        changes=pages.changes_since(
            opened.framework, opened.evaluation, earlier_facts(db.session(), opened.assessment)
        ),
    )


@bp.post("/assessments/<uuid:assessment_id>/submit")
@requires(Permission.ASSESSMENT_SUBMIT)
def submit(access: Access, assessment_id: UUID) -> ResponseReturnValue:
    opened = _open(assessment_id)
    form = DeclarationForm()
    if not opened.assessment.is_draft:
        raise Conflict("assessment_submitted")
    if not form.validate_on_submit():
        return _review_page(opened, form), 422
    enterprise = enterprise_of(db.session())
    identity = {"name": enterprise.name, "uscc": enterprise.uscc, "is_synthetic": access.tenant.is_synthetic}
    try:
        submit_assessment(
            db.session(),
            opened.assessment,
            identity,
            form.declaration(),
            actor_id=_actor_id(),
            clock=site_clock(),
        )
    except (Incomplete, Implausible):
        return _review_page(opened, form), 422
    flash(_("The assessment is submitted. This is your result."))
    return redirect(url_for("results.show", tenant_id=access.tenant.id, assessment_id=assessment_id))


@bp.post("/assessments/<uuid:assessment_id>/revise")
@requires(Permission.ASSESSMENT_SUBMIT)
def revise(access: Access, assessment_id: UUID) -> ResponseReturnValue:
    """Open a correction of what is submitted, or move a draft to the changed profile."""
    assessment = get_assessment(db.session(), assessment_id)
    profile = profile_of(enterprise_of(db.session()))
    clock = site_clock()
    revision = revise_assessment(db.session(), assessment, profile, actor_id=_actor_id(), clock=clock)
    flash(_("Revision %(number)s is open with the same answers. The earlier one is kept.", number=revision.revision))
    return redirect(url_for(".resume", tenant_id=access.tenant.id, assessment_id=revision.id))
