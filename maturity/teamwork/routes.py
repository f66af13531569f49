"""Answering together: who does what, comments, history, who is there, reminders, and the signature."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, flash, jsonify, redirect, render_template, request, url_for
from flask.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user

from maturity.accounts.models import User
from maturity.adaptive.framework import Framework
from maturity.assessments.models import Assessment
from maturity.assessments.opened import Opened, open_assessment, question_within
from maturity.assessments.pages import place_of
from maturity.assessments.reach import Reach, reach_of
from maturity.assessments.service import get_assessment, require_draft
from maturity.assessments.sign_off import ask_for_signature, return_unsigned
from maturity.assessments.submission import Implausible, Incomplete
from maturity.editions.service import framework_by_hash
from maturity.errors import Invalid, NotFound
from maturity.extensions import db
from maturity.people.service import members_of
from maturity.questionnaires.model import Question, Section
from maturity.questionnaires.values import from_json
from maturity.reports.answers import question_answer
from maturity.teamwork.assignments import Board, assign_sections, board_of, take_back
from maturity.teamwork.comments import (
    Added,
    Thread,
    add_comment,
    change_comment,
    delete_comment,
    get_comment,
    reopen_thread,
    resolve_thread,
    thread_of,
    threads_of,
)
from maturity.teamwork.forms import AssignmentForm
from maturity.teamwork.history import State, Wanted, history_of, savers_of
from maturity.teamwork.letters import somebody, write
from maturity.teamwork.presence import note_absence, note_presence, others_there
from maturity.teamwork.reminders import plan_reminders, remind
from maturity.teamwork.team import those_who_open
from maturity.tenancy.permissions import Permission
from maturity.tenancy.service import Access
from maturity.web.access import requires
from maturity.web.addresses import site_url
from maturity.web.locale import current_locale
from maturity.web.messages import message_for
from maturity.web.site import site_clock

bp = Blueprint("teamwork", __name__, url_prefix="/t/<uuid:tenant_id>/assessments/<uuid:assessment_id>")


@bp.record_once
def _lend_to_templates(state: BlueprintSetupState) -> None:
    """What the pages of the assessments below show of this feature: asked by their templates, not by their code."""
    state.app.jinja_env.globals.update(
        threads_beside=threads_beside,
        open_threads=open_threads,
        people_to_mention=people_to_mention,
        place_of=lambda opened, name: place_of(opened.framework, opened.evaluation, name),
        moment=lambda: site_clock().now(),
    )


def _open(access: Access, assessment_id: UUID, hold: str = "") -> Opened:
    return open_assessment(db.session(), access, _actor_id(), assessment_id, hold=hold)


def _actor_id() -> int | None:
    return current_user.id if current_user.is_authenticated else None


def _here(access: Access, opened: Opened) -> dict[str, Any]:
    return {"tenant_id": access.tenant.id, "assessment_id": opened.assessment.id}


# Who does what


@bp.get("/assignments")
@requires(Permission.ASSESSMENT_ASSIGN)
def board(access: Access, assessment_id: UUID) -> ResponseReturnValue:
    return _board_page(_open(access, assessment_id), AssignmentForm(formdata=None))


def _board_page(opened: Opened, form: AssignmentForm) -> str:
    shown = board_of(db.session(), opened, site_clock().today())
    return render_template("teamwork/board.html", opened=opened, board=shown, form=form)


@bp.post("/assignments")
@requires(Permission.ASSESSMENT_ASSIGN)
def assign(access: Access, assessment_id: UUID) -> ResponseReturnValue:
    opened = _open(access, assessment_id)
    form = AssignmentForm()
    if not form.validate_on_submit():
        return _board_page(opened, form), 422
    here = _here(access, opened)
    link = site_url("assessments.resume", **here)
    people, due_on = form.people.data or [], form.due_on.data
    actor = (current_user.id, current_user.name)
    try:
        assign_sections(
            db.session(), opened, form.sections.data or [], people, due_on, actor=actor, clock=site_clock(), link=link
        )
    except Invalid as error:
        form.due_on.errors = [message_for(error.code)]
        return _board_page(opened, form), 422
    if due_on is not None:
        plan_reminders(db.session(), opened.assessment, due_on, clock=site_clock(), site=request.url_root)
    flash(_("The sections are assigned, and those who got new ones are told."))
    return redirect(url_for(".board", **here))


@bp.post("/assignments/remove")
@requires(Permission.ASSESSMENT_ASSIGN)
def unassign(access: Access, assessment_id: UUID) -> ResponseReturnValue:
    opened = _open(access, assessment_id)
    section, _sign, user_id = request.form.get("share", "").rpartition(":")
    if not user_id.isdecimal():
        raise NotFound("assignment")
    take_back(db.session(), opened.assessment, section, int(user_id))
    flash(_("The section is taken back. What the person answered stays."))
    return redirect(url_for(".board", **_here(access, opened)))


@bp.post("/assignments/remind")
@requires(Permission.ASSESSMENT_ASSIGN)
def send_reminders(access: Access, assessment_id: UUID) -> ResponseReturnValue:
    """To one person, or without one to all who are overdue."""
    opened = _open(access, assessment_id)
    here = _here(access, opened)
    people = [request.form.get("user_id", 0, type=int)]
    if "user_id" not in request.form:
        people = [load.user_id for load in _today(opened).overdue]
    link = site_url("assessments.resume", **here)
    found = remind(db.session(), opened, people, actor_id=current_user.id, clock=site_clock(), link=link)
    if found.told:
        count = len(found.told)
        flash(ngettext("%(num)d person is reminded.", "%(num)d people are reminded.", count))
    if found.already:
        flash(_("Whoever was reminded today already is not written to again: once a day is enough."))
    if not found.told and not found.already:
        flash(_("Nothing is open there, so nobody is reminded."))
    return redirect(url_for(".board", **here))


def _today(opened: Opened) -> Board:
    return board_of(db.session(), opened, site_clock().today())


# Comments


def threads_beside(opened: Opened, questions: list[str]) -> dict[str, Thread]:
    """The threads of the questions of a page."""
    found = threads_of(db.session(), opened.assessment.id, questions)
    return {name: found.get(name, Thread(name)) for name in questions}


def open_threads(opened: Opened) -> list[tuple[Question, Thread]]:
    """The unsettled threads within reach, in the order of the questions."""
    found = threads_of(db.session(), opened.assessment.id)
    questions = opened.framework.edition.questions
    order = [questions[name] for name in opened.framework.edition.order if name in found and found[name].is_open]
    return [(question, found[question.id]) for question in opened.reach.within(order)]


def people_to_mention(opened: Opened, section: Section) -> list[str]:
    """The names offered after an @: colleagues who can open the section."""
    session, tenant_id = db.session(), opened.assessment.tenant_id
    able = those_who_open(session, tenant_id, opened.assessment.id, section.id)
    names = [member.name for who, member in able.items() if who != _actor_id()]
    return [name for name in dict.fromkeys(names) if name]


@bp.get("/questions/<question_id>/comments")
@requires(Permission.ASSESSMENT_VIEW)
def thread(access: Access, assessment_id: UUID, question_id: str) -> ResponseReturnValue:
    opened = _open(access, assessment_id)
    return _thread_page(opened, opened.question(question_id))


def _thread_page(opened: Opened, question: Question, *, typed: str = "", error: str = "", notes: Any = ()) -> str:
    """The thread as a page of its own, or alone for a page that shows it beside its question."""
    template = "teamwork/thread.html" if _wants_part() else "teamwork/thread_page.html"
    return render_template(
        template,
        opened=opened,
        question=question,
        thread=thread_of(db.session(), opened.assessment.id, question.id),
        typed=typed,
        error=error,
        notes=notes,
        is_open=True,
    )


def _wants_part() -> bool:
    return request.headers.get("X-Part") == "thread"


@bp.post("/questions/<question_id>/comments")
@requires(Permission.COMMENT_WRITE)
def comment(access: Access, assessment_id: UUID, question_id: str) -> ResponseReturnValue:
    opened = _open(access, assessment_id)
    question = opened.question(question_id)
    typed = request.form.get(f"comment.{question_id}", "")
    try:
        added = add_comment(db.session(), opened.assessment, question, typed, **_who())
    except Invalid as error:
        return _thread_page(opened, question, typed=typed, error=message_for(error.code)), 422
    return _after(access, opened, question, _unreached(added))


def _who() -> dict[str, Any]:
    return {"actor_id": current_user.id, "clock": site_clock(), "site": request.url_root}


def _unreached(added: Added) -> list[str]:
    return [
        _("%(name)s has not been assigned this section, cannot open it, and so is not told.", name=name)
        for name in added.unreached
    ]


def _after(access: Access, opened: Opened, question: Question, notes: list[str] | None = None) -> ResponseReturnValue:
    """The thread as it is now, or the way back to where it is shown."""
    if _wants_part():
        return _thread_page(opened, question, notes=notes or [])
    for note in notes or []:
        flash(note)
    return redirect(url_for(".thread", question_id=question.id, **_here(access, opened)))


@bp.post("/comments/<uuid:comment_id>/change")
@requires(Permission.COMMENT_WRITE)
def change(access: Access, assessment_id: UUID, comment_id: UUID) -> ResponseReturnValue:
    opened = _open(access, assessment_id)
    row = get_comment(db.session(), opened.assessment, comment_id)
    question = opened.question(row.question_id)
    typed = request.form.get(f"change.{comment_id}", "")
    try:
        changed = change_comment(db.session(), opened.assessment, row, question, typed, **_who())
    except Invalid as error:
        return _thread_page(opened, question, error=message_for(error.code)), 422
    return _after(access, opened, question, _unreached(changed))


@bp.post("/comments/<uuid:comment_id>/delete")
@requires(Permission.COMMENT_WRITE)
def remove(access: Access, assessment_id: UUID, comment_id: UUID) -> ResponseReturnValue:
    opened = _open(access, assessment_id)
    row = get_comment(db.session(), opened.assessment, comment_id)
    question = opened.question(row.question_id)
    delete_comment(db.session(), opened.assessment, row, actor_id=current_user.id, clock=site_clock())
    return _after(access, opened, question)


@bp.post("/questions/<question_id>/comments/settle")
@requires(Permission.COMMENT_WRITE)
def settle(access: Access, assessment_id: UUID, question_id: str) -> ResponseReturnValue:
    """Mark the thread as settled, or open it again."""
    opened = _open(access, assessment_id)
    question = opened.question(question_id)
    if request.form.get("settled") == "no":
        reopen_thread(db.session(), opened.assessment, question_id)
    else:
        resolve_thread(db.session(), opened.assessment, question_id, actor_id=current_user.id, clock=site_clock())
    return _after(access, opened, question)


# History


@bp.get("/history")
@requires(Permission.ASSESSMENT_VIEW)
def history(access: Access, assessment_id: UUID) -> ResponseReturnValue:
    opened = _open(access, assessment_id)
    section = request.args.get("section") or None
    if section is not None and section not in {item.id for item in opened.reach.sections_of(opened.framework.edition)}:
        raise NotFound("question", section)
    wanted = Wanted(
        section=section, user_id=request.args.get("person", type=int), page=request.args.get("page", 1, type=int)
    )
    return _history_page(opened, wanted, savers=savers_of(db.session(), opened))


@bp.get("/questions/<question_id>/history")
@requires(Permission.ASSESSMENT_VIEW)
def question_history(access: Access, assessment_id: UUID, question_id: str) -> ResponseReturnValue:
    opened = _open(access, assessment_id)
    question = opened.question(question_id)
    wanted = Wanted(question_id=question_id, page=request.args.get("page", 1, type=int))
    return _history_page(opened, wanted, question=question)


def _history_page(opened: Opened, wanted: Wanted, **more: Any) -> str:
    def say(question_id: str, state: State) -> str:
        return _answer_words(opened, question_id, state)

    return render_template(
        "teamwork/history.html",
        opened=opened,
        wanted=wanted,
        history=history_of(db.session(), opened, wanted),
        sections=opened.reach.sections_of(opened.framework.edition),
        say=say,
        **{"question": None, "savers": [], **more},
    )


def _answer_words(opened: Opened, question_id: str, state: State) -> str:
    """An answer as the report words it."""
    if state.state == "skipped":
        return _("skipped for now")
    known = opened.framework.edition.facts
    facts = {name: from_json(known[name], data) for name, data in state.facts.items() if name in known}
    question = opened.framework.edition.questions[question_id]
    return question_answer(opened.framework, question, facts, current_locale()) or _("no answer")


# Who is there


@bp.get("/presence")
@requires(Permission.ASSESSMENT_ANSWER)
def look(access: Access, assessment_id: UUID) -> ResponseReturnValue:
    return _others(*_glance(access, assessment_id))


def _glance(access: Access, assessment_id: UUID) -> tuple[Assessment, Framework, Reach]:
    """The assessment without its answers: presence is asked for often and needs none."""
    assessment = get_assessment(db.session(), assessment_id)
    framework = framework_by_hash(db.session(), assessment.edition_sha256)
    return assessment, framework, reach_of(db.session(), access, _actor_id(), assessment_id)


@bp.post("/presence")
@requires(Permission.ASSESSMENT_ANSWER)
def be_there(access: Access, assessment_id: UUID) -> ResponseReturnValue:
    """The browser says at which question its person is; without one, that they are gone."""
    assessment, framework, reach = _glance(access, assessment_id)
    require_draft(assessment)
    question_id = request.form.get("question", "")
    if not question_id:
        note_absence(db.session(), assessment, actor_id=current_user.id)
        return "", 204
    question = question_within(framework, question_id, reach)
    note_presence(db.session(), assessment, question.id, actor_id=current_user.id, clock=site_clock())
    return _others(assessment, framework, reach)


def _others(assessment: Assessment, framework: Framework, reach: Reach) -> ResponseReturnValue:
    there = others_there(db.session(), assessment, actor_id=_actor_id(), clock=site_clock())
    questions = framework.edition.questions
    return jsonify(
        [
            {
                "question": item.question_id,
                "section": questions[item.question_id].section,
                "name": item.name or _("somebody"),
                "text": _("%(name)s is answering here", name=item.name or _("somebody")),
            }
            for item in there
            if item.question_id in questions and reach.holds(questions[item.question_id].section)
        ]
    )


# The signature


@bp.post("/sign-off")
@requires(Permission.ASSESSMENT_ASSIGN)
def ask_to_sign(access: Access, assessment_id: UUID) -> ResponseReturnValue:
    opened = _open(access, assessment_id, hold="alone")
    here = _here(access, opened)
    try:
        signatories = ask_for_signature(
            db.session(), opened.assessment, opened.evaluation, actor_id=current_user.id, clock=site_clock()
        )
    except (Incomplete, Implausible) as error:
        flash(message_for(error.code), "error")
        return redirect(url_for("assessments.review", **here))
    link = site_url("assessments.review", **here)
    for member in signatories:
        _write(member.user_id, "signature_asked", opened, link)
    names = "、".join(member.name for member in signatories) if current_locale() == "zh_CN" else ""
    names = names or ", ".join(member.name for member in signatories)
    flash(_("%(names)s is asked to sign.", names=names))
    return redirect(url_for("assessments.review", **here))


def _write(user_id: int, letter: str, opened: Opened, link: str, **details: str) -> None:
    user = db.session.get_one(User, user_id)
    who = somebody(current_user.name, user.locale)
    period = str(opened.assessment.period)
    write(db.session(), user, letter, site_clock(), who=who, period=period, link=link, **details)


@bp.post("/sign-off/return")
@requires(Permission.ASSESSMENT_SUBMIT)
def send_back(access: Access, assessment_id: UUID) -> ResponseReturnValue:
    opened = _open(access, assessment_id, hold="alone")
    here = _here(access, opened)
    note = request.form.get("note", "")
    try:
        asked = return_unsigned(db.session(), opened.assessment, note, actor_id=current_user.id, clock=site_clock())
    except Invalid as error:
        flash(message_for(error.code), "error")
        return redirect(url_for("assessments.review", _anchor="declaration", **here))
    link = site_url("assessments.review", **here)
    members = {member.user_id: member for member in members_of(db.session(), access.tenant.id)}
    if asked.requested_by in members:
        _write(asked.requested_by, "sent_back", opened, link, note=asked.note)
    flash(_("The assessment is sent back with your note."))
    return redirect(url_for("assessments.review", **here))
