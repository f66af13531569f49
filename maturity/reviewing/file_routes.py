"""The file of a case, in the enterprise that applied: answers to verify, verdicts, and what they come to."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Response, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import select
from sqlalchemy.orm import Session

from maturity.accounts.models import User
from maturity.accounts.service import name_of
from maturity.assessments.answering import InvalidAnswer, Sheet
from maturity.assessments.models import AnswerVersion
from maturity.assessments.pages import Drafted, QuestionView, question_view, raw_from_form
from maturity.assessments.reach import EVERY_SECTION
from maturity.assessments.service import earlier_facts
from maturity.certification.assignments import Conflicted, declare_independence
from maturity.certification.cases import Actor, actor_of, case_for, move
from maturity.certification.conflicts import first_free_day, refusals_of, refuse_conflicted
from maturity.certification.models import CaseItem
from maturity.certification.process import the_process
from maturity.db import act_for, for_tenant, writing
from maturity.errors import Conflict, Invalid
from maturity.evidence.shelf import Item, shelf_of
from maturity.extensions import db
from maturity.questionnaires.model import Text
from maturity.questionnaires.values import from_json
from maturity.reviewing import words
from maturity.reviewing.blueprint import bp
from maturity.reviewing.drawing import add_by_hand
from maturity.reviewing.minutes import minutes_pdf
from maturity.reviewing.opened import (
    NotDeclared,
    ReviewFile,
    assignment_in,
    is_new_visit,
    note_visit,
    open_review,
)
from maturity.reviewing.rescoring import changes_between, complete_review, document_of
from maturity.reviewing.verdicts import InvalidVerdict, ItemChanged, Verdict, judge
from maturity.tenancy.permissions import Permission
from maturity.tenancy.service import Access
from maturity.web.access import requires
from maturity.web.filters import clock_time, day, fact_words
from maturity.web.filters import words as text_words
from maturity.web.handlers import error_response, wants_json
from maturity.web.messages import message_for
from maturity.web.site import site_clock

HERE = "/t/<uuid:tenant_id>/review/<uuid:case_id>"


def open_here(access: Access, case_id: uuid.UUID) -> ReviewFile:
    """The file; a conflict of interest or a missing declaration keeps it closed, at every page of it."""
    return open_review(db.session(), access, case_id, site_clock())


def who(access: Access) -> Actor:
    return actor_of(access, db.session.get_one(User, current_user.id))


@bp.errorhandler(NotDeclared)
def _ask_to_declare(error: NotDeclared) -> ResponseReturnValue:
    if wants_json():
        return error_response(error.status, error.code)
    db.session.rollback()
    return redirect(url_for("reviewing.file", **_address()))


def _address() -> dict[str, Any]:
    return {name: (request.view_args or {})[name] for name in ("tenant_id", "case_id")}


@bp.errorhandler(Conflicted)
def _refuse(error: Conflicted) -> ResponseReturnValue:
    """Refused on the record, in a transaction of its own, whatever the request was about."""
    address, user_id = _address(), current_user.id  # read before the rollback, which forgets who asks
    db.session.rollback()
    _record_refusal(address["tenant_id"], address["case_id"], user_id, error)
    if wants_json():
        return error_response(403, error.code)
    said = [
        words.conflict_words(item.code, item.until, item.until and first_free_day(item.until)) for item in error.found
    ]
    return render_template("reviewing/refused.html", said=said), 403


def _record_refusal(tenant_id: uuid.UUID, case_id: uuid.UUID, user_id: int, error: Conflicted) -> None:
    """Once a day for the same person and case: a page that is loaded again is no other refusal."""
    clock = site_clock()
    writing.set(True)
    try:
        with Session(db.engine) as session:
            act_for(session, tenant_id, user_id)
            case = case_for(session, case_id, tenant_id)
            with for_tenant(session, case.body_id):
                known = {
                    row.code
                    for row in refusals_of(session, case.body_id, case.id)
                    if row.user_id == error.user_id and row.stage == "open" and day(row.at) == day(clock.now())
                }
            fresh = [item for item in error.found if item.code not in known]
            refuse_conflicted(
                session, case, error.user_id, error.user_name, fresh, "open", actor_id=user_id, clock=clock
            )
            session.commit()
    finally:
        writing.set(False)


# Opening


@bp.get(HERE)
@requires(Permission.REVIEW_FILE)
def file(access: Access, case_id: uuid.UUID) -> ResponseReturnValue:
    """The queue; before it opens for the first time, the declaration of independence."""
    try:
        opened = open_here(access, case_id)
    except NotDeclared:
        case = case_for(db.session(), case_id, access.tenant.id)
        return render_template("reviewing/independence.html", case=case, text=_declaration(), error=None)
    _note_visit(opened)
    return _file_page(opened)


def _declaration() -> str:
    return str(words.INDEPENDENCE) % {"years": the_process().period("consulting_free_years")}


def _note_visit(opened: ReviewFile) -> None:
    """Into the enterprise's own log, in a transaction of its own: reading commits nothing."""
    if not is_new_visit(opened.assignment, site_clock()):
        return
    tenant_id, assignment_id = opened.case.client_id, opened.assignment.id
    writing.set(True)
    try:
        with Session(db.engine) as session:
            act_for(session, tenant_id, current_user.id)
            note_visit(session, assignment_id, current_user.id, site_clock())
            session.commit()
    finally:
        writing.set(False)


@bp.post(HERE + "/independence")
@requires(Permission.REVIEW_FILE)
def independence(access: Access, case_id: uuid.UUID) -> ResponseReturnValue:
    assignment = assignment_in(access, case_id)
    case = case_for(db.session(), case_id, access.tenant.id)
    if "declared" not in request.form:
        error = _("Tick the declaration. Without it the file stays closed.")
        return render_template("reviewing/independence.html", case=case, text=_declaration(), error=error), 422
    declare_independence(db.session(), case, assignment, _declaration(), site_clock())
    return redirect(url_for(".file", tenant_id=access.tenant.id, case_id=case_id))


@bp.post(HERE + "/begin")
@requires(Permission.REVIEW_FILE)
def begin(access: Access, case_id: uuid.UUID) -> ResponseReturnValue:
    opened = open_here(access, case_id)
    move(db.session(), opened.case, "begin", who(access), site_clock())
    flash(_("The review has begun."))
    return redirect(url_for(".file", tenant_id=access.tenant.id, case_id=case_id))


# The queue


@dataclass(frozen=True, slots=True)
class Said:
    """One version of an answer: when, by whom, and what."""

    when: str
    by: str
    text: str


@dataclass(frozen=True, slots=True)
class ItemView:
    """One answer as the reviewer sees it: question, answer, history, evidence, and the verdict so far."""

    item: CaseItem
    view: QuestionView
    answer: tuple[tuple[str, str], ...]
    corrected: tuple[tuple[str, str], ...]
    history: tuple[Said, ...]
    earlier: str
    remarks: tuple[str, ...]
    evidence: tuple[Item, ...]
    error: str | None = None
    note: str = ""
    chosen: str | None = None


@dataclass(frozen=True, slots=True)
class Typed:
    """What could not be kept, shown again with its messages."""

    question_id: str
    verdict: str
    note: str
    raw: Mapping[str, Any]
    errors: Mapping[str, Text]
    message: str
    version: int


def _file_page(opened: ReviewFile, typed: Typed | None = None, error: str | None = None) -> str:
    return render_template(
        "reviewing/file.html",
        opened=opened,
        views=_views(opened, opened.items.values(), typed),
        rest=[question for question in opened.submitted.answered() if question.id not in opened.items],
        here={"tenant_id": opened.case.client_id, "case_id": opened.case.id},
        state=the_process().states[opened.case.state],
        words=words,
        typed=typed,
        error=error,
    )


def _views(opened: ReviewFile, items: Any, typed: Typed | None = None) -> list[ItemView]:
    shelf = shelf_of(db.session(), opened.assessment, opened.framework.edition, EVERY_SECTION)
    earlier = earlier_facts(db.session(), opened.assessment)
    history = _histories(opened)
    return [
        _view(opened, item, shelf.at(item.question_id), earlier, history[item.question_id], _own(typed, item))
        for item in items
    ]


def _own(typed: Typed | None, item: CaseItem) -> Typed | None:
    return typed if typed is not None and typed.question_id == item.question_id else None


def _view(
    opened: ReviewFile,
    item: CaseItem,
    evidence: tuple[Item, ...],
    earlier: Mapping[str, Any],
    history: tuple[Said, ...],
    typed: Typed | None,
) -> ItemView:
    submitted, edition = opened.submitted, opened.framework.edition
    question = edition.questions[item.question_id]
    facts = dict(submitted.facts)
    if item.facts:
        facts |= {name: from_json(edition.facts[name], data) for name, data in item.facts.items()}
    drafted = Drafted(typed.raw, typed.errors) if typed else Drafted()
    view = question_view(opened.framework, question.id, Sheet({}, facts, {}), submitted.evaluation, {}, drafted)
    declared: Mapping[str, Any] = submitted.document["facts"]
    return ItemView(
        item,
        view,
        said(opened, item.question_id, declared),
        said(opened, item.question_id, item.facts or {}),
        history,
        _("; ").join(text for _label, text in said(opened, item.question_id, earlier)),
        tuple(text_words(finding.message) for finding in view.findings),
        evidence,
        typed.message if typed else None,
        typed.note if typed else item.note,
        typed.verdict if typed else item.verdict,
    )


def said(opened: ReviewFile, question_id: str, facts: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    """Facts of a question in words: label and value."""
    edition = opened.framework.edition
    found = []
    for name in edition.questions[question_id].facts:
        fact = edition.facts[name]
        if name in facts and (text := fact_words(facts[name], fact, edition)):
            found.append((text_words(fact.label), text))
    return tuple(found)


def _histories(opened: ReviewFile) -> Mapping[str, tuple[Said, ...]]:
    """Every version of the answers in the sample, the newest first, in one query."""
    query = select(AnswerVersion).where(
        AnswerVersion.assessment_id == opened.assessment.id, AnswerVersion.question_id.in_(list(opened.items))
    )
    rows = db.session.scalars(query.order_by(AnswerVersion.version.desc())).all()
    names = {user: name_of(db.session(), user) for user in {row.saved_by for row in rows}}
    found: dict[str, list[Said]] = defaultdict(list)
    for row in rows:
        text = _("; ").join(part for _label, part in said(opened, row.question_id, row.facts)) or _("no answer")
        by = names[row.saved_by] or _("somebody")
        found[row.question_id].append(Said(f"{day(row.saved_at)} {clock_time(row.saved_at)}", by, text))
    return defaultdict(tuple, {name: tuple(rows) for name, rows in found.items()})


# One verdict


@bp.get(HERE + "/items/<question_id>")
@requires(Permission.REVIEW_FILE)
def item(access: Access, case_id: uuid.UUID, question_id: str) -> ResponseReturnValue:
    """One answer as it stands, as HTML, for a page on which somebody else's verdict is to be taken over."""
    opened = open_here(access, case_id)
    found = opened.item(question_id)
    return render_template(
        "reviewing/_item.html",
        opened=opened,
        entry=_views(opened, [found])[0],
        here={"tenant_id": access.tenant.id, "case_id": case_id},
        words=words,
    )


@bp.post(HERE + "/items/<question_id>")
@requires(Permission.REVIEW_FILE)
def verdict(access: Access, case_id: uuid.UUID, question_id: str) -> ResponseReturnValue:
    """Keep one verdict. A page without scripts comes back with what is wrong, or goes on to the next answer."""
    opened = open_here(access, case_id)
    opened.item(question_id)
    question = opened.framework.edition.questions[question_id]
    raw = raw_from_form(question, opened.framework.edition.facts, request.form)
    given = Verdict(
        request.form.get("verdict", ""), request.form.get("note", ""), raw, request.form.get("version", -1, type=int)
    )
    try:
        kept = judge(db.session(), opened, question_id, given, who(access), site_clock())
    except InvalidAnswer as error:
        return _not_kept(opened, question_id, given, message_for("correction_wrong"), error.problems)
    except InvalidVerdict as error:
        return _not_kept(opened, question_id, given, message_for(error.code), {})
    except ItemChanged as error:
        return _changed(opened, question_id, given, error.current)
    if wants_json():
        return jsonify(_acknowledged(opened, kept))
    flash(_("The verdict is kept."))
    following = _next_open(opened, question_id)
    anchor = f"i-{following or question_id}"
    return redirect(url_for(".file", tenant_id=access.tenant.id, case_id=case_id, _anchor=anchor))


def _acknowledged(opened: ReviewFile, kept: CaseItem) -> dict[str, Any]:
    at = clock_time(kept.judged_at) if kept.judged_at else ""
    return {
        "version": kept.version,
        "verdict": kept.verdict,
        "words": str(words.VERDICTS[kept.verdict or "confirmed"]),
        "saved_at": at,
        "progress": {
            "judged": opened.progress.judged,
            "total": opened.progress.total,
            "percent": opened.progress.percent,
            "line": progress_line(opened),
        },
    }


def progress_line(opened: ReviewFile) -> str:
    progress = opened.progress
    return _("%(judged)s of %(total)s answers judged", judged=progress.judged, total=progress.total)


def _next_open(opened: ReviewFile, after: str) -> str | None:
    names = list(opened.items)
    index = names.index(after)
    return next((name for name in names[index + 1 :] + names[:index] if opened.items[name].verdict is None), None)


def _not_kept(
    opened: ReviewFile, question_id: str, given: Verdict, message: str, problems: Mapping[str, Text]
) -> ResponseReturnValue:
    fields = {name: text_words(text) for name, text in problems.items()}
    if wants_json():
        return jsonify(error="verdict_invalid", message=message, fields=fields), 422
    typed = Typed(question_id, given.verdict, given.note, given.raw, problems, message, given.seen_version)
    return _file_page(opened, typed), 422


def _changed(opened: ReviewFile, question_id: str, given: Verdict, current: CaseItem) -> ResponseReturnValue:
    """Both verdicts are shown; nothing is overwritten until one of them is chosen."""
    message = _(
        "%(who)s judged this answer at %(when)s: %(verdict)s.",
        who=current.judged_name or _("somebody"),
        when=clock_time(current.judged_at) if current.judged_at else "",
        verdict=str(words.VERDICTS[current.verdict or "confirmed"]),
    )
    if wants_json():
        return jsonify(error="item_changed_meanwhile", message=message, version=current.version), 409
    message = _("%(message)s Yours is still in the fields: send it again to keep it.", message=message)
    typed = Typed(question_id, given.verdict, given.note, given.raw, {}, message, current.version)
    return _file_page(opened, typed), 409


@bp.post(HERE + "/items")
@requires(Permission.REVIEW_FILE)
def add_item(access: Access, case_id: uuid.UUID) -> ResponseReturnValue:
    """Verify one more answer, for a reason that is kept."""
    opened = open_here(access, case_id)
    question_id = request.form.get("question", "")
    try:
        add_by_hand(db.session(), opened, question_id, request.form.get("reason", ""), who(access), site_clock())
    except (Invalid, Conflict) as error:
        return _file_page(opened, error=message_for(error.code)), error.status
    flash(_("The answer is added to the sample."))
    return redirect(url_for(".file", tenant_id=access.tenant.id, case_id=case_id, _anchor=f"i-{question_id}"))


# What it comes to


@bp.get(HERE + "/result")
@requires(Permission.REVIEW_FILE)
def result(access: Access, case_id: uuid.UUID) -> ResponseReturnValue:
    """Level, scores and gates before the review and after it, as the verdicts stand."""
    opened = open_here(access, case_id)
    after = document_of(opened.submitted, opened.items.values(), opened.case)
    return render_template(
        "reviewing/result.html",
        opened=opened,
        changes=changes_between(opened.framework, opened.submitted.document, after),
        weight=after["review"]["weight_reviewed"],
        affected=_affected(opened),
        here={"tenant_id": access.tenant.id, "case_id": case_id},
        words=words,
        progress_line=progress_line(opened),
    )


def _affected(opened: ReviewFile) -> Sequence[tuple[Any, CaseItem, str, str]]:
    """The answers that do not stand as they were: question, item, what was declared and what counts now."""
    questions = opened.framework.edition.questions
    declared = opened.submitted.document["facts"]

    def joined(question_id: str, facts: Mapping[str, Any]) -> str:
        return _("; ").join(text for _label, text in said(opened, question_id, facts))

    return [
        (
            questions[name],
            found,
            joined(name, declared),
            joined(name, found.facts or {}) if found.verdict == "corrected" else _("nothing"),
        )
        for name, found in opened.items.items()
        if found.verdict in ("corrected", "not_evidenced")
    ]


@bp.post(HERE + "/result")
@requires(Permission.REVIEW_FILE)
def complete(access: Access, case_id: uuid.UUID) -> ResponseReturnValue:
    opened = open_here(access, case_id)
    complete_review(db.session(), opened, who(access), site_clock())
    flash(_("The result of the review is kept. A verdict that is changed now takes it back."))
    return redirect(url_for(".letter", tenant_id=access.tenant.id, case_id=case_id))


@bp.get(HERE + "/minutes.pdf")
@requires(Permission.REVIEW_FILE)
def file_minutes(access: Access, case_id: uuid.UUID) -> ResponseReturnValue:
    opened = open_here(access, case_id)
    response = Response(
        minutes_pdf(db.session(), opened.case, str(get_locale()), site_clock()), mimetype="application/pdf"
    )
    response.headers.set("Content-Disposition", "inline", filename="review-minutes.pdf")
    response.headers["Cache-Control"] = "private, no-store"
    return response
