"""The operator's desk: objections in the order of their days, and the answer to one."""

from __future__ import annotations

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from maturity.extensions import db
from maturity.standing import words
from maturity.standing.blueprint import bp
from maturity.standing.desk import File, answer_objection, desk_of, file_of, link_correction
from maturity.standing.forms import AnswerForm, CorrectionForm
from maturity.standing.models import STATES
from maturity.standing.peer_groups import group_words, read_key
from maturity.standing.released import figure_choices, release_label
from maturity.tenancy.permissions import Permission
from maturity.tenancy.service import Access
from maturity.web.access import requires
from maturity.web.locale import current_locale
from maturity.web.site import site_clock

DESK = "/t/<uuid:tenant_id>/operation/objections"


@bp.get(DESK)
@requires(Permission.OPERATE)
def desk(access: Access) -> ResponseReturnValue:
    state = request.args.get("state", "open")
    state = state if state in STATES else ""
    lines = desk_of(db.session(), state)
    words_of = {"words": words, "release_label": release_label, "today": site_clock().today()}
    return render_template(
        "standing/desk.html", lines=lines, state=state, states=("open", "answered", "withdrawn"), **words_of
    )


@bp.get(f"{DESK}/<uuid:objection_id>")
@requires(Permission.OPERATE)
def objection(access: Access, objection_id: UUID) -> ResponseReturnValue:
    return _page(file_of(db.session(), objection_id))


def _page(file: File, answer: AnswerForm | None = None, correction: CorrectionForm | None = None) -> str:
    correction = correction or CorrectionForm(formdata=None)
    correction.offer([(str(one.id), release_label(one)) for one in file.corrections])
    key = read_key(file.line.objection.cell)
    return render_template(
        "standing/objection.html",
        file=file,
        answer_form=answer or AnswerForm(formdata=None),
        correction_form=correction,
        words=words,
        release_label=release_label,
        group=group_words(key) if key is not None else None,
        figures=dict(figure_choices(db.session(), current_locale())),
        today=site_clock().today(),
    )


@bp.post(f"{DESK}/<uuid:objection_id>/answer")
@requires(Permission.OPERATE)
def answer(access: Access, objection_id: UUID) -> ResponseReturnValue:
    form = AnswerForm()
    if not form.validate_on_submit():
        return _page(file_of(db.session(), objection_id), answer=form), 422
    who = {"actor_id": current_user.id, "clock": site_clock()}
    answer_objection(db.session(), objection_id, form.finding.data, form.answer.data or "", **who)
    flash(_("The answer is recorded, and the enterprise gets a letter."))
    return redirect(url_for(".desk", tenant_id=access.tenant.id))


@bp.post(f"{DESK}/<uuid:objection_id>/correction")
@requires(Permission.OPERATE)
def correct(access: Access, objection_id: UUID) -> ResponseReturnValue:
    """Name the release that corrects it."""
    file = file_of(db.session(), objection_id)
    form = CorrectionForm()
    form.offer([(str(one.id), release_label(one)) for one in file.corrections])
    if not form.validate_on_submit():
        return _page(file, correction=form), 422
    who = {"actor_id": current_user.id, "clock": site_clock()}
    link_correction(db.session(), objection_id, int(form.correction.data), **who)
    flash(_("The correction is named beside the answer, and the enterprise gets a letter."))
    return redirect(url_for(".objection", tenant_id=access.tenant.id, objection_id=objection_id))
