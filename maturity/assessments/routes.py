"""Answering, reviewing, submitting and seeing the result."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from flask import Blueprint, abort, current_app, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user

from maturity.accounts.service import name_of
from maturity.adaptive.framework import Framework
from maturity.assessments import pages
from maturity.assessments.answering import (
    AnswerConflict,
    InvalidAnswer,
    Saved,
    StoredAnswer,
    save_answer,
)
from maturity.assessments.carrying import Origin, confirm_proposals, origins_of, propose_answers
from maturity.assessments.forms import DeclarationForm
from maturity.assessments.models import Assessment
from maturity.assessments.opened import Opened, findings_within, open_assessment, question_within
from maturity.assessments.overview import home_overview
from maturity.assessments.page_saving import Refused, Sent, save_page
from maturity.assessments.reach import Reach, reach_of
from maturity.assessments.service import (
    earlier_facts,
    get_assessment,
    latest_revision,
    require_draft,
    revise_assessment,
    start_assessment,
)
from maturity.assessments.sign_off import Signing, conclude, signing_of
from maturity.assessments.submission import Implausible, Incomplete, submission_of, submit_assessment
from maturity.clock import LOCAL
from maturity.editions.service import framework_by_hash
from maturity.errors import NotFound
from maturity.extensions import db
from maturity.organisations.service import enterprise_of, profile_of
from maturity.people.service import members_of
from maturity.questionnaires.model import Question, Section, Text
from maturity.tenancy.permissions import Permission, permissions_of
from maturity.tenancy.service import Access
from maturity.web.access import requires
from maturity.web.filters import clock_time, day, fact_words, words
from maturity.web.messages import message_for
from maturity.web.site import site_clock

bp = Blueprint("assessments", __name__, url_prefix="/t/<uuid:tenant_id>")


def _open(access: Access, assessment_id: UUID, hold: str = "") -> Opened:
    return open_assessment(db.session(), access, _actor_id(), assessment_id, hold=hold)


def _actor_id() -> int | None:
    return current_user.id if current_user.is_authenticated else None


@bp.get("/")
@requires(Permission.ENTERPRISE_VIEW)
def home(access: Access) -> ResponseReturnValue:
    enterprise = enterprise_of(db.session())

    def reach(draft: Assessment) -> Reach:
        return reach_of(db.session(), access, _actor_id(), draft.id)

    overview = home_overview(db.session(), enterprise, site_clock().today(), reach)
    return render_template("organisations/home.html", enterprise=enterprise, overview=overview)


@bp.post("/assessments")
@requires(Permission.ASSESSMENT_ANSWER)
def start(access: Access) -> ResponseReturnValue:
    enterprise = enterprise_of(db.session())
    period = request.form.get("period", 0, type=int)
    clock = site_clock()
    started = start_assessment(
        db.session(), enterprise.id, access.tenant.id, profile_of(enterprise), period, actor_id=_actor_id(), clock=clock
    )
    return redirect(url_for(".resume", tenant_id=access.tenant.id, assessment_id=started.id))


@bp.get("/assessments/<uuid:assessment_id>")
@requires(Permission.ASSESSMENT_VIEW)
def resume(access: Access, assessment_id: UUID) -> ResponseReturnValue:
    """Go on exactly where it stopped; a submitted assessment leads to its result."""
    opened = _open(access, assessment_id)
    here: dict[str, Any] = {"tenant_id": access.tenant.id, "assessment_id": assessment_id}
    if not opened.assessment.is_draft:
        return redirect(_where_it_went(access, opened.assessment))
    if opened.reach.is_nothing:
        return _nothing_assigned(access, opened)
    stop = pages.next_stop(opened.framework, opened.evaluation, reach=opened.reach)
    if stop is None:
        return redirect(url_for(".review", **here))
    return redirect(url_for(".section", section_id=stop[0], page=stop[1], **here))


def _nothing_assigned(access: Access, opened: Opened) -> str:
    """What a contributor sees who has no section yet, and whom to ask for one."""
    members = members_of(db.session(), access.tenant.id)
    able = [
        member for member in members if Permission.ASSESSMENT_ASSIGN in permissions_of(member.role, is_synthetic=False)
    ]
    return render_template("assessments/nothing_assigned.html", opened=opened, able=able)


def _where_it_went(access: Access, assessment: Assessment) -> str:
    """The result of what is submitted; of a draft that a newer revision replaced, that revision."""
    shown = assessment
    if submission_of(db.session(), assessment) is None:
        shown = (
            latest_revision(db.session(), assessment.enterprise_id, assessment.period, assessment.framework)
            or assessment
        )
    endpoint = ".resume" if shown is not assessment else "results.show"
    return url_for(endpoint, tenant_id=access.tenant.id, assessment_id=shown.id)


@bp.get("/assessments/<uuid:assessment_id>/sections/<section_id>")
@requires(Permission.ASSESSMENT_VIEW)
def section(access: Access, assessment_id: UUID, section_id: str) -> ResponseReturnValue:
    opened = _open(access, assessment_id)
    if not opened.assessment.is_draft:
        return redirect(_where_it_went(access, opened.assessment))
    return _section_page(opened, section_id, request.args.get("page", 1, type=int))


def _section_page(opened: Opened, section_id: str, number: int, drafted: pages.Drafted | None = None) -> str:
    wanted = _section(opened, section_id)
    earlier = earlier_facts(db.session(), opened.assessment)
    page = pages.section_page(opened.framework, wanted, number, opened.sheet, opened.evaluation, earlier, drafted)
    return render_template(
        "assessments/section.html",
        opened=opened,
        page=page,
        bounds=opened.bounds,
        origins=_origins(opened, page.questions),
        progress=pages.progress_of(opened.framework, opened.evaluation, opened.reach),
        before=pages.page_before(opened.framework, opened.evaluation, (section_id, page.number), opened.reach),
        following=pages.next_stop(
            opened.framework, opened.evaluation, after=(section_id, page.number), reach=opened.reach
        ),
    )


def _origins(opened: Opened, views: Sequence[pages.QuestionView]) -> dict[str, Origin]:
    """Where the proposed answers of a page come from."""
    return origins_of(db.session(), opened.assessment) if any(view.proposed for view in views) else {}


@bp.post("/assessments/<uuid:assessment_id>/sections/<section_id>")
@requires(Permission.ASSESSMENT_ANSWER)
def save_section(access: Access, assessment_id: UUID, section_id: str) -> ResponseReturnValue:
    """Save a whole page without JavaScript: what is right is saved, what is not stays on the page with its message."""
    opened = _open(access, assessment_id, hold="shared")
    require_draft(opened.assessment)
    section, number = _section(opened, section_id), request.args.get("page", 1, type=int)
    refused = save_page(
        db.session(),
        opened.assessment,
        opened.framework,
        _sent(opened.framework),
        actor_id=_actor_id(),
        clock=site_clock(),
        reach=opened.reach,
    )
    _confirm_page(opened)
    db.session.commit()
    before, opened = opened, _open(access, assessment_id)
    for question_id in refused.not_asked:
        wording = words(opened.framework.edition.questions[question_id].wording)
        flash(_("“%(question)s” is no longer asked. What you typed there was not saved.", question=wording), "error")
    if refused.sent:
        return _section_page(opened, section_id, number, _drafted(opened.framework, refused)), 422
    here: dict[str, Any] = {"tenant_id": access.tenant.id, "assessment_id": assessment_id}
    fresh = pages.newly_asked(before.evaluation, opened.evaluation, section, number)
    if fresh:
        flash(_("Your answers bring further questions on this page."))
        return redirect(url_for(".section", section_id=section_id, page=number, _anchor=f"q-{fresh}", **here))
    following = pages.next_stop(opened.framework, opened.evaluation, after=(section_id, number), reach=opened.reach)
    if following is None:
        return redirect(url_for(".review", **here))
    return redirect(url_for(".section", section_id=following[0], page=following[1], **here))


def _confirm_page(opened: Opened) -> None:
    """Confirm what is proposed on the page that was sent, where that was asked for."""
    if "confirm" not in request.form:
        return
    known = opened.framework.edition.questions
    names = [name for name in dict.fromkeys(request.form.getlist("question")) if name in known]
    confirmed = confirm_proposals(
        db.session(),
        opened.assessment,
        opened.framework,
        names,
        actor_id=_actor_id(),
        clock=site_clock(),
        reach=opened.reach,
    )
    flash(ngettext("%(num)d answer confirmed.", "%(num)d answers confirmed.", len(confirmed)))


@bp.post("/assessments/<uuid:assessment_id>/carry")
@requires(Permission.ASSESSMENT_ANSWER)
def carry(access: Access, assessment_id: UUID) -> ResponseReturnValue:
    """Put the answers of other assessments forward, to be confirmed page by page."""
    assessment = get_assessment(db.session(), assessment_id, hold="alone")
    count = propose_answers(db.session(), assessment, actor_id=_actor_id(), clock=site_clock())
    if count:
        flash(
            ngettext(
                "%(num)d answer put forward. Check and confirm it.",
                "%(num)d answers put forward. Check and confirm them page by page.",
                count,
            )
        )
    else:
        flash(_("No other assessment of this enterprise tells an answer that is still open here."))
    return redirect(url_for(".resume", tenant_id=access.tenant.id, assessment_id=assessment_id))


@bp.get("/assessments/<uuid:assessment_id>/reachable")
@requires(Permission.ASSESSMENT_VIEW)
def reachable(access: Access, assessment_id: UUID) -> ResponseReturnValue:
    """The levels and scores that can still be reached, as HTML, for a page on which an answer has just been saved."""
    opened = _open(access, assessment_id)
    if not opened.reach.is_everything:  # what others answered would show in it
        raise NotFound("assessment")
    return render_template("assessments/reachable.html", opened=opened, bounds=opened.bounds)


@bp.get("/assessments/<uuid:assessment_id>/shortest")
@requires(Permission.ASSESSMENT_VIEW)
def shortest(access: Access, assessment_id: UUID) -> ResponseReturnValue:
    """The open questions in the order that settles the level soonest, a few at a time."""
    opened = _open(access, assessment_id)
    if not opened.assessment.is_draft:
        return redirect(_where_it_went(access, opened.assessment))
    if not opened.reach.is_everything:  # whoever answers a part is not told what the whole comes to
        return redirect(url_for(".resume", tenant_id=access.tenant.id, assessment_id=assessment_id))
    return _shortest_page(opened, opened.recommended()[: pages.SHORTEST_PAGE])


def _shortest_page(opened: Opened, questions: Sequence[Question], drafted: pages.Drafted | None = None) -> str:
    earlier = earlier_facts(db.session(), opened.assessment)
    views = tuple(
        pages.question_view(
            opened.framework, question.id, opened.sheet, opened.evaluation, earlier, drafted or pages.Drafted()
        )
        for question in questions
    )
    return render_template(
        "assessments/shortest.html",
        opened=opened,
        views=views,
        bounds=opened.bounds,
        origins=_origins(opened, views),
        progress=pages.progress_of(opened.framework, opened.evaluation, opened.reach),
    )


@bp.post("/assessments/<uuid:assessment_id>/shortest")
@requires(Permission.ASSESSMENT_ANSWER)
def save_shortest(access: Access, assessment_id: UUID) -> ResponseReturnValue:
    """Save what was sent and go on with the questions that are now the shortest way."""
    opened = _open(access, assessment_id, hold="shared")
    require_draft(opened.assessment)
    refused = save_page(
        db.session(),
        opened.assessment,
        opened.framework,
        _sent(opened.framework),
        actor_id=_actor_id(),
        clock=site_clock(),
        reach=opened.reach,
    )
    _confirm_page(opened)
    db.session.commit()
    opened = _open(access, assessment_id)
    if refused.sent:
        questions = [opened.framework.edition.questions[name] for name in refused.sent]
        return _shortest_page(opened, questions, _drafted(opened.framework, refused)), 422
    return redirect(url_for(".shortest", tenant_id=access.tenant.id, assessment_id=assessment_id))


def _section(opened: Opened, section_id: str) -> Section:
    wanted = next((item for item in opened.framework.edition.sections if item.id == section_id), None)
    if wanted is None or not opened.reach.holds(section_id):
        raise NotFound("question", section_id)
    return wanted


def _sent(framework: Framework) -> list[Sent]:
    """The questions of the submitted page; names we did not give are ignored."""
    questions, facts = framework.edition.questions, framework.edition.facts
    known = [questions[name] for name in dict.fromkeys(request.form.getlist("question")) if name in questions]
    return [Sent(item.id, pages.raw_from_form(item, facts, request.form), *_seen_and_skip(item.id)) for item in known]


def _seen_and_skip(question_id: str) -> tuple[int, bool]:
    """The version that the editor saw, and whether the question is put off."""
    return request.form.get(f"version.{question_id}", 0, type=int), f"skip.{question_id}" in request.form


def _drafted(framework: Framework, refused: Refused) -> pages.Drafted:
    """The refused input, to be shown again. Whoever is shown another's answer has seen it, and can save over it."""
    errors = dict(refused.invalid)
    for question_id, current in refused.conflicts.items():
        message = _conflict_message(framework, current)
        message = _("%(message)s Yours is still in the fields: save again to keep it.", message=message)
        errors[framework.edition.questions[question_id].facts[0]] = Text(message, message)
    return pages.Drafted(
        raw={fact_id: typed for item in refused.sent.values() for fact_id, typed in item.raw.items()},
        errors=errors,
        versions={name: item.seen_version for name, item in refused.sent.items() if name not in refused.conflicts},
    )


@bp.post("/assessments/<uuid:assessment_id>/answers/<question_id>")
@requires(Permission.ASSESSMENT_ANSWER)
def answer(access: Access, assessment_id: UUID, question_id: str) -> ResponseReturnValue:
    """Save one answer as it is given; the reply says what follows from it.

    Answers come as a form. Taken for an empty form, a JSON body would be acknowledged and lost.
    """
    if request.is_json:
        abort(415)
    assessment = get_assessment(db.session(), assessment_id, hold="shared")
    framework = framework_by_hash(db.session(), assessment.edition_sha256)
    reach = reach_of(db.session(), access, _actor_id(), assessment_id)
    question = question_within(framework, question_id, reach)
    typed = pages.raw_from_form(question, framework.edition.facts, request.form)
    seen_version, skip = _seen_and_skip(question_id)
    try:
        saved = save_answer(
            db.session(),
            assessment,
            framework,
            question_id,
            typed,
            seen_version=seen_version,
            skip=skip,
            actor_id=_actor_id(),
            clock=site_clock(),
            reach=reach,
        )
    except InvalidAnswer as error:
        messages = {name: words(text) for name, text in error.problems.items()}
        return jsonify(error=error.code, message=message_for(error.code), fields=messages), 422
    except AnswerConflict as error:
        return jsonify(_conflict(framework, error)), 409
    return jsonify(_saved(framework, saved, reach))


def _conflict(framework: Framework, error: AnswerConflict) -> dict[str, Any]:
    message = _conflict_message(framework, error.current)
    return {
        "error": error.code,
        "message": message,
        "version": error.current.version,
        "facts": error.current.facts,
    }


def _conflict_message(framework: Framework, current: StoredAnswer) -> str:
    """Who changed the answer, when, and to what."""
    who = name_of(db.session(), current.saved_by) or _("somebody")
    said = _said(framework, current) or (_("skipped for now") if current.state == "skipped" else _("no answer"))
    when = _moment(current.saved_at) if current.saved_at else ""
    return _("%(who)s changed this answer at %(when)s to: %(answer)s.", who=who, when=when, answer=said)


def _said(framework: Framework, current: StoredAnswer) -> str:
    """An answer in words, with labels where it has several parts."""
    facts = [(framework.edition.facts[name], data) for name, data in current.facts.items()]
    parts = [(words(fact.label), fact_words(data, fact, framework.edition)) for fact, data in facts]
    return parts[0][1] if len(parts) == 1 else _("; ").join(f"{label}{_(': ')}{text}" for label, text in parts)


def _moment(saved_at: datetime) -> str:
    """The time of a save, with its day unless that is today."""
    today = saved_at.astimezone(LOCAL).date() == site_clock().today()
    return clock_time(saved_at) if today else f"{day(saved_at)} {clock_time(saved_at)}"


def _saved(framework: Framework, saved: Saved, reach: Reach) -> dict[str, Any]:
    progress = pages.progress_of(framework, saved.after, reach)
    # A line of text needs nothing of what every page is given, which costs as much as the rest of the reply.
    line = current_app.jinja_env.get_template("assessments/progress.txt")
    return {
        "version": saved.answer.version,
        "saved_at": clock_time(saved.answer.saved_at) if saved.answer.saved_at else "",
        "state": saved.answer.state,
        "moved": list(saved.moved()),
        "progress": {
            "percent": progress.percent,
            "line": line.render(progress=progress).strip(),
            "sections": {item.section.id: [item.answered, item.asked] for item in progress.sections},
        },
        "findings": [
            {"severity": finding.severity, "facts": list(finding.facts), "message": words(finding.message)}
            for finding in findings_within(framework, saved.after.findings, reach)
        ],
    }


@bp.get("/assessments/<uuid:assessment_id>/questions/<question_id>")
@requires(Permission.ASSESSMENT_VIEW)
def question(access: Access, assessment_id: UUID, question_id: str) -> ResponseReturnValue:
    """One question as HTML, for a page on which it has just appeared, changed or gone."""
    opened = _open(access, assessment_id)
    opened.question(question_id)  # or there is no such question, as far as this person knows
    earlier = earlier_facts(db.session(), opened.assessment)
    view = pages.question_view(opened.framework, question_id, opened.sheet, opened.evaluation, earlier, pages.Drafted())
    return render_template("assessments/question.html", view=view, opened=opened, origins=_origins(opened, (view,)))


@bp.get("/assessments/<uuid:assessment_id>/review")
@requires(Permission.ASSESSMENT_VIEW)
def review(access: Access, assessment_id: UUID) -> ResponseReturnValue:
    opened = _open(access, assessment_id)
    if not opened.assessment.is_draft:
        return redirect(_where_it_went(access, opened.assessment))
    if opened.reach.is_nothing:
        return _nothing_assigned(access, opened)
    signing = signing_of(db.session(), opened.assessment)
    form = DeclarationForm(formdata=None).fit(overrides=signing.needs_override(_actor_id()), stops=opened.may_stop)
    return _review_page(opened, form, signing)


def _review_page(opened: Opened, form: DeclarationForm, signing: Signing) -> str:
    return render_template(
        "assessments/review.html",
        opened=opened,
        form=form,
        signing=signing,
        bounds=opened.bounds,
        progress=pages.progress_of(opened.framework, opened.evaluation, opened.reach),
        place=lambda name: pages.place_of(opened.framework, opened.evaluation, name),
        changes=[
            name
            for name in pages.changes_since(
                opened.framework, opened.evaluation, earlier_facts(db.session(), opened.assessment)
            )
            if opened.reach.holds(opened.framework.edition.questions[name].section)
        ],
    )


@bp.get("/assessments/<uuid:assessment_id>/submit")
@requires(Permission.ASSESSMENT_VIEW)
def declaration(access: Access, assessment_id: UUID) -> ResponseReturnValue:
    """Where a refused declaration is shown, a reload or a change of language leads back to the review page."""
    assessment = get_assessment(db.session(), assessment_id)
    return redirect(url_for(".review", tenant_id=access.tenant.id, assessment_id=assessment.id))


@bp.post("/assessments/<uuid:assessment_id>/submit")
@requires(Permission.ASSESSMENT_SUBMIT)
def submit(access: Access, assessment_id: UUID) -> ResponseReturnValue:
    opened = _open(access, assessment_id, hold="alone")
    require_draft(opened.assessment)
    signing = signing_of(db.session(), opened.assessment)
    form = DeclarationForm().fit(overrides=signing.needs_override(_actor_id()), stops=opened.may_stop)
    if not form.validate_on_submit():
        return _review_page(opened, form, signing), 422
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
    except Incomplete as error:
        form.form_errors.append(message_for(error.code))
        return _review_page(opened, form, signing), 422
    except Implausible as error:
        form.refuse(error, message_for(error.code))
        return _review_page(opened, form, signing), 422
    conclude(db.session(), opened.assessment, signing, actor_id=_actor_id(), clock=site_clock())
    flash(_("The assessment is submitted. This is your result."))
    return redirect(url_for("results.show", tenant_id=access.tenant.id, assessment_id=assessment_id))


@bp.post("/assessments/<uuid:assessment_id>/revise")
@requires(Permission.ASSESSMENT_SUBMIT)
def revise(access: Access, assessment_id: UUID) -> ResponseReturnValue:
    """Open a correction of what is submitted, or move a draft to the changed profile."""
    assessment = get_assessment(db.session(), assessment_id, hold="alone")
    profile = profile_of(enterprise_of(db.session()))
    clock = site_clock()
    revision = revise_assessment(db.session(), assessment, profile, actor_id=_actor_id(), clock=clock)
    flash(_("Revision %(number)s is open with the same answers. The earlier one is kept.", number=revision.revision))
    return redirect(url_for(".resume", tenant_id=access.tenant.id, assessment_id=revision.id))
