"""The operator's pages: which certification bodies are recognised for what, and complaints about them."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import Any

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from maturity.accounts.models import User
from maturity.certification import shown
from maturity.certification.blueprint import bp
from maturity.certification.bodies import all_bodies, body_of, body_tenant, body_tenants, change_recognition
from maturity.certification.bodies import recognise as put_recognition
from maturity.certification.cases import Actor, actor_of, case_for
from maturity.certification.complaints import answer as give_answer
from maturity.certification.complaints import answered_complaints, complaint_for, open_complaints
from maturity.certification.forms import OutcomeForm, RecognitionChangeForm, RecognitionForm
from maturity.certification.models import CertificationBody, CertificationCase, Complaint
from maturity.db import for_tenant
from maturity.editions.service import current_editions, framework_by_hash
from maturity.errors import Conflict, Invalid, NotAllowed, NotFound
from maturity.extensions import db
from maturity.tenancy.models import Tenant
from maturity.tenancy.permissions import Permission
from maturity.tenancy.service import Access
from maturity.web.access import requires
from maturity.web.filters import words
from maturity.web.messages import message_for
from maturity.web.site import site_clock

BASE = "/t/<uuid:tenant_id>/certification-bodies"
#: Which field of the form a refusal of the use case is about.
FIELD_OF = {"recognition_over": "until", "recognition_empty": "frameworks", "recognition_number": "number"}


def _acting() -> dict[str, Any]:
    return {"actor_id": current_user.id, "clock": site_clock()}


def _who(access: Access) -> Actor:
    return actor_of(access, db.session.get_one(User, current_user.id))


@bp.get(BASE)
@requires(Permission.CERTIFICATION_OVERSEE)
def bodies(access: Access) -> ResponseReturnValue:
    """Every certification body with what it is recognised for, and complaints that wait for an answer."""
    session = db.session()
    known = {body.tenant_id: body for body in all_bodies(session)}
    return render_template(
        "certification/bodies.html",
        tenants=[(tenant, known.get(tenant.id)) for tenant in body_tenants(session)],
        frameworks=dict(_frameworks()),
        open_ones=_with_cases(open_complaints(session, "operator", access.tenant.id)),
        answered=_with_cases(answered_complaints(session, "operator", access.tenant.id)),
        today=site_clock().today(),
        shown=shown,
    )


def _frameworks() -> list[tuple[str, str]]:
    """Frameworks that grade into levels, by id, in the reader's language."""
    found = {name: framework_by_hash(db.session(), sha256) for name, sha256 in current_editions(db.session()).items()}
    return [(name, words(item.edition.title)) for name, item in sorted(found.items()) if item.levels]


def _with_cases(complaints: Iterable[Complaint]) -> list[tuple[Complaint, CertificationCase]]:
    """Each complaint with its case, which is read as the body sees it: the operator's side sees no cases."""
    return [(row, _case_of(row)) for row in complaints]


def _case_of(complaint: Complaint) -> CertificationCase:
    session, case_id, body_id = db.session(), complaint.case_id, complaint.body_id
    with for_tenant(session, body_id):
        return case_for(session, case_id, body_id)


# Recognition


@bp.get(f"{BASE}/<uuid:body_id>")
@requires(Permission.CERTIFICATION_OVERSEE)
def body(access: Access, body_id: uuid.UUID) -> ResponseReturnValue:
    """What one body is recognised for, to say it anew, suspend or withdraw it."""
    tenant = body_tenant(db.session(), body_id)
    return _body_page(tenant)


def _body_page(tenant: Tenant, form: RecognitionForm | None = None, change: RecognitionChangeForm | None = None) -> str:
    found = body_of(db.session(), tenant.id)
    form = form or RecognitionForm(formdata=None, **_given(found))
    form.offer(_frameworks())
    return render_template(
        "certification/body.html",
        body_id=tenant.id,
        name=tenant.name,
        body=found,
        form=form,
        change=_changing(change or RecognitionChangeForm(formdata=None, prefix="change-"), found),
        today=site_clock().today(),
        shown=shown,
    )


def _given(found: CertificationBody | None) -> dict[str, Any]:
    if found is None:
        return {}
    levels = [str(level) for level in found.levels]
    return {
        "number": found.number,
        "contact": found.contact,
        "frameworks": found.frameworks,
        "levels": levels,
        "until": found.until.isoformat(),
    }


def _changing(form: RecognitionChangeForm, found: CertificationBody | None) -> RecognitionChangeForm:
    names = {"suspended": _("Suspend"), "recognised": _("Restore"), "withdrawn": _("Withdraw for good")}
    possible = {"recognised": ("suspended", "withdrawn"), "suspended": ("recognised", "withdrawn")}
    form.offer([(code, names[code]) for code in possible.get(found.status if found else "", ())])
    return form


@bp.post(f"{BASE}/<uuid:body_id>")
@requires(Permission.CERTIFICATION_OVERSEE)
def recognise(access: Access, body_id: uuid.UUID) -> ResponseReturnValue:
    """Recognise a body, or say anew what it is recognised for."""
    tenant, form = body_tenant(db.session(), body_id), RecognitionForm()
    form.offer(_frameworks())
    if not form.validate_on_submit():
        return _body_page(tenant, form), 422
    try:
        put_recognition(db.session(), tenant, form.recognition(), **_acting())
    except (Invalid, Conflict) as error:
        if error.code not in FIELD_OF:
            raise
        db.session.rollback()
        form[FIELD_OF[error.code]].errors = [message_for(error.code)]
        return _body_page(body_tenant(db.session(), body_id), form), error.status
    flash(_("The recognition is recorded. Applicants see the body from now on."))
    return redirect(url_for(".body", tenant_id=access.tenant.id, body_id=body_id))


@bp.post(f"{BASE}/<uuid:body_id>/standing")
@requires(Permission.CERTIFICATION_OVERSEE)
def change_body(access: Access, body_id: uuid.UUID) -> ResponseReturnValue:
    """Suspend, restore or withdraw a recognition."""
    tenant = body_tenant(db.session(), body_id)
    found = body_of(db.session(), body_id)
    if found is None:
        raise NotFound("body")
    form = _changing(RecognitionChangeForm(prefix="change-"), found)
    if not form.validate_on_submit():
        return _body_page(tenant, change=form), 422
    change_recognition(db.session(), found, str(form.status.data), form.reason.data or "", **_acting())
    flash(_("It is recorded, and the certification body reads it in its log."))
    return redirect(url_for(".body", tenant_id=access.tenant.id, body_id=body_id))


# Complaints


def _complaint(access: Access, complaint_id: uuid.UUID) -> Complaint:
    return complaint_for(db.session(), complaint_id, "operator", access.tenant.id)


@bp.get(f"{BASE}/complaints/<uuid:complaint_id>")
@requires(Permission.CERTIFICATION_OVERSEE)
def body_complaint(access: Access, complaint_id: uuid.UUID) -> ResponseReturnValue:
    return _complaint_page(_complaint(access, complaint_id), OutcomeForm(formdata=None))


def _complaint_page(found: Complaint, form: OutcomeForm) -> str:
    return render_template(
        "certification/complaint.html",
        complaint=found,
        case=_case_of(found),
        form=form,
        today=site_clock().today(),
        shown=shown,
    )


@bp.post(f"{BASE}/complaints/<uuid:complaint_id>")
@requires(Permission.CERTIFICATION_OVERSEE)
def answer_complaint(access: Access, complaint_id: uuid.UUID) -> ResponseReturnValue:
    found, form = _complaint(access, complaint_id), OutcomeForm()
    if not form.validate_on_submit():
        return _complaint_page(found, form), 422
    given = (str(form.outcome.data), (form.text.data or "").strip())
    try:
        give_answer(db.session(), found, *given, _who(access), site_clock())
    except (Invalid, Conflict, NotAllowed) as error:
        db.session.rollback()
        form.form_errors.append(message_for(error.code))
        return _complaint_page(_complaint(access, complaint_id), form), error.status
    flash(_("The answer is given. Both sides get a letter."))
    return redirect(url_for(".bodies", tenant_id=access.tenant.id))
