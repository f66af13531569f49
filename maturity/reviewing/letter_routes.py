"""The letter of a review: findings drafted, worded and sent together, corrections verified, and the recommendation."""

from __future__ import annotations

import uuid
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from maturity.certification.cases import due_of_finding, findings_of, move
from maturity.certification.models import GRADES, CaseItem
from maturity.certification.process import the_process
from maturity.errors import Conflict, Invalid, MaturityError, NotAllowed
from maturity.extensions import db
from maturity.reviewing import words
from maturity.reviewing.blueprint import bp
from maturity.reviewing.file_routes import HERE, open_here, progress_line, said, who
from maturity.reviewing.findings import (
    FindingText,
    add_finding,
    close_finding,
    draft_findings,
    drop_draft,
    find_finding,
    return_finding,
    word_finding,
)
from maturity.reviewing.forms import read_day
from maturity.reviewing.opened import ReviewFile
from maturity.tenancy.permissions import Permission
from maturity.tenancy.service import Access
from maturity.web.access import requires
from maturity.web.filters import words as text_words
from maturity.web.messages import message_for
from maturity.web.site import site_clock


@bp.get(HERE + "/letter")
@requires(Permission.REVIEW_FILE)
def letter(access: Access, case_id: uuid.UUID) -> ResponseReturnValue:
    """Every finding of the case: drafts to word, answers to verify, and what is closed."""
    return _letter_page(access, open_here(access, case_id))


def _letter_page(
    access: Access,
    opened: ReviewFile,
    error: str | None = None,
    typed: dict[str, Any] | None = None,
) -> str:
    findings = findings_of(db.session(), opened.case, drafts=True)
    today = site_clock().today()
    known = {finding.question_id for finding in findings}
    undrafted = [
        item
        for item in opened.items.values()
        if item.verdict in ("corrected", "not_evidenced") and item.question_id not in known
    ]
    return render_template(
        "reviewing/letter.html",
        opened=opened,
        findings=findings,
        due={finding.id: due_of_finding(finding, today) for finding in findings},
        undrafted=len(undrafted),
        unsent=[item for item in findings if item.state in ("draft", "open")],
        here={"tenant_id": access.tenant.id, "case_id": opened.case.id},
        grades=[(code, words.GRADES[code]) for code in GRADES],
        state=the_process().states[opened.case.state],
        words=words,
        error=error,
        typed=typed or {},
        today=today,
    )


def _back(access: Access, case_id: uuid.UUID) -> ResponseReturnValue:
    return redirect(url_for(".letter", tenant_id=access.tenant.id, case_id=case_id))


def _refused(access: Access, opened: ReviewFile, error: MaturityError, finding_id: uuid.UUID | None = None) -> Any:
    """The page again with what was typed and what is wrong with it; nothing was kept."""
    typed = {name: request.form.get(name, "") for name in ("grade", "text", "due_on", "seen")} | {"id": finding_id}
    case_id = opened.case.id
    db.session.rollback()
    return _letter_page(access, open_here(access, case_id), message_for(error.code), typed), error.status


@bp.post(HERE + "/letter/drafts")
@requires(Permission.REVIEW_FILE)
def draft(access: Access, case_id: uuid.UUID) -> ResponseReturnValue:
    """Draft a finding for every verdict that needs one."""
    opened = open_here(access, case_id)
    drafted = draft_findings(db.session(), opened, lambda item: wording_of(opened, item), who(access), site_clock())
    flash(ngettext("%(num)d finding is drafted.", "%(num)d findings are drafted.", len(drafted)))
    return _back(access, case_id)


def wording_of(opened: ReviewFile, item: CaseItem) -> str:
    """A finding out of a verdict, to be reworded: the question, what was declared, what was found, and why."""
    question = text_words(opened.framework.edition.questions[item.question_id].wording)
    declared = _("; ").join(text for _label, text in said(opened, item.question_id, opened.submitted.document["facts"]))
    names = {"question": question, "declared": declared, "note": item.note}
    if item.verdict == "corrected":
        found = _("; ").join(text for _label, text in said(opened, item.question_id, item.facts or {}))
        return _("“%(question)s”: declared %(declared)s, found %(found)s. %(note)s", found=found, **names)
    return _("“%(question)s”: declared %(declared)s, for which no evidence was shown. %(note)s", **names)


def _typed_finding(question_id: str | None = None) -> FindingText:
    due = request.form.get("due_on", "").strip()
    day = read_day(due)
    if due and day is None:
        raise Invalid("finding_day")
    return FindingText(request.form.get("grade", ""), request.form.get("text", ""), day, question_id)


@bp.post(HERE + "/findings")
@requires(Permission.REVIEW_FILE)
def add(access: Access, case_id: uuid.UUID) -> ResponseReturnValue:
    """A finding that is not about one answer."""
    opened = open_here(access, case_id)
    try:
        add_finding(db.session(), opened, _typed_finding(), who(access), site_clock())
    except (Invalid, Conflict) as error:
        return _refused(access, opened, error)
    flash(_("The finding is drafted."))
    return _back(access, case_id)


@bp.post(HERE + "/findings/<uuid:finding_id>")
@requires(Permission.REVIEW_FILE)
def word(access: Access, case_id: uuid.UUID, finding_id: uuid.UUID) -> ResponseReturnValue:
    """Change a draft, or drop it."""
    opened = open_here(access, case_id)
    finding = find_finding(db.session(), opened.case, finding_id)
    try:
        if "drop" in request.form:
            drop_draft(db.session(), opened, finding)
            flash(_("The draft is dropped."))
        else:
            word_finding(db.session(), opened, finding, _typed_finding(finding.question_id), site_clock())
            flash(_("The finding is kept."))
    except (Invalid, Conflict) as error:
        return _refused(access, opened, error, finding_id)
    return _back(access, case_id)


@bp.post(HERE + "/findings/<uuid:finding_id>/verify")
@requires(Permission.REVIEW_FILE)
def verify(access: Access, case_id: uuid.UUID, finding_id: uuid.UUID) -> ResponseReturnValue:
    """Close a finding with what was seen, or send the correction back."""
    opened = open_here(access, case_id)
    finding = find_finding(db.session(), opened.case, finding_id)
    seen, actor = request.form.get("seen", ""), who(access)
    try:
        if "return" in request.form:
            return_finding(db.session(), opened, finding, seen, None, actor, site_clock())
            flash(_("The finding is open again and goes out with the next letter."))
        else:
            close_finding(db.session(), opened, finding, seen, actor, site_clock())
            flash(_("The finding is closed."))
    except (Invalid, Conflict) as error:
        return _refused(access, opened, error, finding_id)
    return _back(access, case_id)


@bp.post(HERE + "/letter")
@requires(Permission.REVIEW_FILE)
def send(access: Access, case_id: uuid.UUID) -> ResponseReturnValue:
    """Send everything in one letter; from then on it is the enterprise's turn."""
    opened = open_here(access, case_id)
    try:
        move(
            db.session(),
            opened.case,
            "send_letter",
            who(access),
            site_clock(),
            note=request.form.get("note", "")[:2000],
        )
    except (Invalid, Conflict, NotAllowed) as error:
        return _refused(access, opened, error)
    flash(_("The letter is sent. The enterprise answers each finding by its day."))
    return _back(access, case_id)


# The recommendation


@bp.get(HERE + "/recommendation")
@requires(Permission.REVIEW_FILE)
def recommendation(access: Access, case_id: uuid.UUID) -> ResponseReturnValue:
    """What the lead recommends to whoever decides, and what still stands in the way."""
    return _recommendation_page(access, open_here(access, case_id))


def _recommendation_page(access: Access, opened: ReviewFile, error: str | None = None) -> str:
    findings = findings_of(db.session(), opened.case, drafts=True)
    unclosed = [item for item in findings if item.grade != "observation" and item.state != "closed"]
    return render_template(
        "reviewing/recommendation.html",
        opened=opened,
        unclosed=unclosed,
        progress_line=progress_line(opened),
        reasons=the_process().reasons["recommendation"],
        state=the_process().states[opened.case.state],
        here={"tenant_id": access.tenant.id, "case_id": opened.case.id},
        words=words,
        error=error,
        chosen=request.form.get("reason"),
        note=request.form.get("note", ""),
    )


@bp.post(HERE + "/recommendation")
@requires(Permission.REVIEW_FILE)
def recommend(access: Access, case_id: uuid.UUID) -> ResponseReturnValue:
    opened = open_here(access, case_id)
    reason, note = request.form.get("reason"), request.form.get("note", "")
    try:
        if len(note) > 2000:
            raise Invalid("text_too_long")
        move(db.session(), opened.case, "recommend", who(access), site_clock(), reason=reason, note=note)
    except (Invalid, Conflict, NotAllowed) as error:
        db.session.rollback()
        return _recommendation_page(access, open_here(access, case_id), message_for(error.code)), error.status
    flash(_("The recommendation is made. Somebody else decides."))
    return redirect(url_for(".recommendation", tenant_id=access.tenant.id, case_id=case_id))
