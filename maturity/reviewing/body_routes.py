"""In the certification body: its reviewers and their qualifications, the team of a case, its sample and minutes."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale, ngettext
from flask_babel import gettext as _
from flask_login import current_user

from maturity.accounts.models import User
from maturity.certification.assignments import (
    OPEN_TO_DECIDERS,
    OPEN_TO_REVIEWERS,
    PARTS,
    Conflicted,
    assign,
    declarations_of,
    end_assignment,
)
from maturity.certification.cases import Actor, actor_of, assignments_of, case_for, cases_of
from maturity.certification.conflicts import conflicts_of, first_free_day, refusals_of, refuse_conflicted
from maturity.certification.models import CertificationCase
from maturity.certification.process import the_process
from maturity.certification.reviewers import (
    Reviewer,
    add_qualification,
    declare_interest,
    find_reviewer,
    interests_of,
    qualified,
    reviewers_of,
    withdraw_qualification,
)
from maturity.certification.sampling import rules_of
from maturity.editions.service import current_editions, framework_by_hash
from maturity.errors import Conflict, Invalid, NotAllowed, NotFound
from maturity.extensions import db
from maturity.reference.industries import industries
from maturity.reviewing import words
from maturity.reviewing.blueprint import bp
from maturity.reviewing.drawing import DRAWN_IN, compare_sample, draw, record_seed
from maturity.reviewing.forms import InterestForm, QualificationForm
from maturity.reviewing.minutes import minutes_pdf
from maturity.reviewing.opened import items_of, progress_of, submitted_of
from maturity.tenancy.permissions import Permission
from maturity.tenancy.service import Access
from maturity.web.access import requires
from maturity.web.filters import words as text_words
from maturity.web.messages import message_for
from maturity.web.site import site_clock


def _who(access: Access) -> Actor:
    return actor_of(access, db.session.get_one(User, current_user.id))


# Reviewers


@bp.get("/t/<uuid:tenant_id>/reviewers")
@requires(Permission.CASE_VIEW)
def reviewers(access: Access) -> ResponseReturnValue:
    """Who may review what, until when, and what was refused."""
    return _reviewers_page(access, InterestForm(formdata=None, whose="own"))


def _reviewers_page(access: Access, form: InterestForm) -> str:
    people = reviewers_of(db.session(), access.tenant.id)
    return render_template(
        "reviewing/reviewers.html",
        people=people,
        names={item.user_id: item.name for item in people},
        today=site_clock().today(),
        frameworks=_framework_titles(),
        interests=interests_of(db.session(), access.tenant.id),
        refusals=refusals_of(db.session(), access.tenant.id),
        years=the_process().period("consulting_free_years"),
        form=form,
        words=words,
        free=first_free_day,
    )


def _framework_titles() -> dict[str, str]:
    """Frameworks that grade into levels, by id, in the reader's language."""
    found = {name: framework_by_hash(db.session(), sha256) for name, sha256 in current_editions(db.session()).items()}
    return {name: text_words(item.edition.title) for name, item in sorted(found.items()) if item.levels}


@bp.post("/t/<uuid:tenant_id>/reviewers")
@requires(Permission.CASE_VIEW)
def declare(access: Access) -> ResponseReturnValue:
    """Declare an interest: one's own, or the body's for those who manage its cases."""
    form = InterestForm()
    if not form.validate_on_submit():
        return _reviewers_page(access, form), 422
    given = form.interest(current_user.id)
    if given.user_id is None and not access.can(Permission.CASE_MANAGE):
        raise NotAllowed("not_allowed")
    if given.user_id is not None:
        find_reviewer(db.session(), access.tenant.id, given.user_id)
    declare_interest(db.session(), access.tenant.id, given, actor_id=current_user.id, clock=site_clock())
    flash(
        _("The interest is declared. It keeps you from reviewing this enterprise.")
        if given.user_id
        else _("The interest of the certification body is declared.")
    )
    return redirect(url_for(".reviewers", tenant_id=access.tenant.id))


@bp.get("/t/<uuid:tenant_id>/reviewers/<int:user_id>")
@requires(Permission.CASE_MANAGE)
def reviewer(access: Access, user_id: int) -> ResponseReturnValue:
    """One reviewer, to enter or withdraw qualifications."""
    found = find_reviewer(db.session(), access.tenant.id, user_id)
    return _reviewer_page(found, _with_choices(QualificationForm(formdata=None)))


def _with_choices(form: QualificationForm) -> QualificationForm:
    locale = str(get_locale())
    form.frameworks.choices = list(_framework_titles().items())
    form.divisions.choices = [
        (item.code, item.label(locale)) for item in industries().values() if len(item.code) == 2 and item.section == "C"
    ]
    return form


def _reviewer_page(found: Reviewer, form: QualificationForm) -> str:
    return render_template(
        "reviewing/reviewer.html",
        reviewer=found,
        form=form,
        frameworks=_framework_titles(),
        today=site_clock().today(),
        words=words,
    )


@bp.post("/t/<uuid:tenant_id>/reviewers/<int:user_id>")
@requires(Permission.CASE_MANAGE)
def qualify(access: Access, user_id: int) -> ResponseReturnValue:
    found = find_reviewer(db.session(), access.tenant.id, user_id)
    form = _with_choices(QualificationForm())
    if not form.validate_on_submit():
        return _reviewer_page(found, form), 422
    try:
        add_qualification(
            db.session(),
            access.tenant.id,
            user_id,
            form.qualification(),
            actor_id=current_user.id,
            clock=site_clock(),
        )
    except Invalid as error:
        form.valid_until.errors = [message_for(error.code)]
        return _reviewer_page(found, form), 422
    flash(_("The qualification of %(name)s is entered.", name=found.name))
    return redirect(url_for(".reviewer", tenant_id=access.tenant.id, user_id=user_id))


@bp.post("/t/<uuid:tenant_id>/reviewers/<int:user_id>/qualifications/<uuid:qualification_id>/withdraw")
@requires(Permission.CASE_MANAGE)
def disqualify(access: Access, user_id: int, qualification_id: uuid.UUID) -> ResponseReturnValue:
    find_reviewer(db.session(), access.tenant.id, user_id)
    withdraw_qualification(
        db.session(), access.tenant.id, qualification_id, actor_id=current_user.id, clock=site_clock()
    )
    flash(_("The qualification is withdrawn."))
    return redirect(url_for(".reviewer", tenant_id=access.tenant.id, user_id=user_id))


# What I review


@bp.get("/t/<uuid:tenant_id>/reviews")
@requires(Permission.CASE_VIEW)
def mine(access: Access) -> ResponseReturnValue:
    """The cases in which somebody has a part, by their last day."""
    session = db.session()
    lines = []
    for case in cases_of(session, access.tenant.id):
        part = next((row for row in assignments_of(session, case) if row.user_id == current_user.id), None)
        if part is not None:
            items = items_of_case(case)
            lines.append((case, part, items))
    return render_template(
        "reviewing/mine.html", lines=lines, words=words, states=the_process().states, today=site_clock().today()
    )


def items_of_case(case: CertificationCase) -> Any:
    submitted = submitted_of(db.session(), case) if case.submission_id is not None else None
    return progress_of(items_of(db.session(), case, submitted.framework).values()) if submitted else None


# The team of a case and its sample


def _case(access: Access, case_id: uuid.UUID) -> CertificationCase:
    case = case_for(db.session(), case_id, access.tenant.id)
    if case.body_id != access.tenant.id:
        raise NotAllowed("not_allowed")
    return case


@bp.get("/t/<uuid:tenant_id>/cases/<uuid:case_id>/review")
@requires(Permission.CASE_VIEW)
def team(access: Access, case_id: uuid.UUID) -> ResponseReturnValue:
    """Who reviews and decides, what is verified and why, how far it is."""
    return _team_page(access, _case(access, case_id))


def _team_page(access: Access, case: CertificationCase, error: str | None = None, refused: Any = ()) -> str:
    session, today = db.session(), site_clock().today()
    submitted = submitted_of(session, case)
    items = items_of(session, case, submitted.framework)
    assigned = assignments_of(session, case)
    return render_template(
        "reviewing/team.html",
        case=case,
        state=the_process().states[case.state],
        assigned=assigned,
        declared={row.assignment_id: row for row in declarations_of(session, case)},
        candidates=_candidates(case) if access.can(Permission.CASE_MANAGE) else [],
        parts=[part for part in PARTS if _may_assign(case, part)],
        refusals=refusals_of(session, access.tenant.id, case.id),
        submitted=submitted,
        items=items,
        progress=progress_of(items.values()),
        compared=compare_sample(session, case) if items else None,
        rules=rules_of(case.sample_rules) if case.sample_rules else None,
        may_draw=case.state in DRAWN_IN and not items,
        words=words,
        free=first_free_day,
        today=today,
        error=error,
        refused=refused,
    )


def _may_assign(case: CertificationCase, part: str) -> bool:
    return case.state in (OPEN_TO_DECIDERS if part == "decider" else OPEN_TO_REVIEWERS)


def _candidates(case: CertificationCase) -> list[tuple[Reviewer, bool, tuple[Any, ...]]]:
    """Everybody who has no part and could get one: whether they are qualified for this case, and their conflicts."""
    session, today = db.session(), site_clock().today()
    about = (case.industry, case.framework, case.level_claimed, today)
    busy = {row.user_id for row in assignments_of(session, case) if row.ended_at is None}
    return [
        (
            person,
            qualified(session, case.body_id, person.user_id, *about) is not None,
            conflicts_of(session, case.body_id, person.user_id, case.client_id, today),
        )
        for person in reviewers_of(session, case.body_id)
        if person.user_id not in busy
    ]


@bp.post("/t/<uuid:tenant_id>/cases/<uuid:case_id>/assignments")
@requires(Permission.CASE_MANAGE)
def give_part(access: Access, case_id: uuid.UUID) -> ResponseReturnValue:
    """Assign somebody; a conflict of interest is refused, and the refusal stays on record."""
    case = _case(access, case_id)
    person = request.form.get("person", 0, type=int)
    try:
        if not person:
            raise Invalid("reviewer_missing")
        row = assign(db.session(), case, person, request.form.get("part", ""), _who(access), site_clock())
    except Conflicted as error:
        refuse_conflicted(
            db.session(),
            case,
            error.user_id,
            error.user_name,
            error.found,
            "assign",
            actor_id=current_user.id,
            clock=site_clock(),
        )
        db.session.commit()
        return _team_page(access, _case(access, case_id), message_for(error.code), error.found), 409
    except (Invalid, Conflict) as error:
        db.session.rollback()
        return _team_page(access, _case(access, case_id), message_for(error.code)), error.status
    flash(_("%(name)s has a part in the case.", name=row.user_name))
    return redirect(url_for(".team", tenant_id=access.tenant.id, case_id=case_id))


@bp.post("/t/<uuid:tenant_id>/cases/<uuid:case_id>/assignments/<uuid:assignment_id>/end")
@requires(Permission.CASE_MANAGE)
def end_part(access: Access, case_id: uuid.UUID, assignment_id: uuid.UUID) -> ResponseReturnValue:
    case = _case(access, case_id)
    end_assignment(db.session(), case, assignment_id, _who(access), site_clock())
    flash(_("The part is ended. The file is closed to this person."))
    return redirect(url_for(".team", tenant_id=access.tenant.id, case_id=case_id))


@bp.post("/t/<uuid:tenant_id>/cases/<uuid:case_id>/sample")
@requires(Permission.CASE_MANAGE)
def draw_sample(access: Access, case_id: uuid.UUID) -> ResponseReturnValue:
    """The seed first, kept for good, and then the sample by it."""
    case = _case(access, case_id)
    actor = _who(access)
    record_seed(db.session(), case, actor, site_clock())
    db.session.commit()
    count = draw(db.session(), _case(access, case_id), actor, site_clock())
    flash(ngettext("%(num)d answer is drawn.", "%(num)d answers are drawn.", count))
    return redirect(url_for(".team", tenant_id=access.tenant.id, case_id=case_id, _anchor="sample"))


@bp.get("/t/<uuid:tenant_id>/cases/<uuid:case_id>/minutes.pdf")
@requires(Permission.CASE_VIEW)
def minutes(access: Access, case_id: uuid.UUID) -> ResponseReturnValue:
    """The minutes of the review as they stand."""
    return _as_file(minutes_pdf(db.session(), _case(access, case_id), str(get_locale()), site_clock()))


#: From then on the sample is no secret any more, and the enterprise reads what came of it.
TOLD_IN = ("recommended", "certified", "refused", "failed")


@bp.get("/t/<uuid:tenant_id>/certification/cases/<uuid:case_id>/minutes.pdf")
@requires(Permission.CERTIFICATION_VIEW)
def client_minutes(access: Access, case_id: uuid.UUID) -> ResponseReturnValue:
    """The minutes for the enterprise, with the seed: not before the lead has recommended."""
    case = case_for(db.session(), case_id, access.tenant.id)
    if case.client_id != access.tenant.id or case.state not in TOLD_IN:
        raise NotFound("minutes")
    return _as_file(minutes_pdf(db.session(), case, str(get_locale()), site_clock()))


def _as_file(content: bytes) -> Response:
    response = Response(content, mimetype="application/pdf")
    response.headers.set("Content-Disposition", "inline", filename="review-minutes.pdf")
    response.headers["Cache-Control"] = "private, no-store"
    return response
