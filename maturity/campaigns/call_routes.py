"""Answering a call: an invited enterprise begins the assessment it is asked for, or goes on with it."""

from __future__ import annotations

import uuid

from flask import redirect, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from maturity.campaigns.blueprint import bp
from maturity.campaigns.calls import answer_call
from maturity.extensions import db
from maturity.tenancy.permissions import Permission
from maturity.tenancy.service import Access
from maturity.web.access import requires
from maturity.web.site import site_clock


@bp.post("/campaign-calls/<uuid:call_id>")
@requires(Permission.ASSESSMENT_ANSWER)
def answer(access: Access, call_id: uuid.UUID) -> ResponseReturnValue:
    assessment = answer_call(db.session(), call_id, actor_id=current_user.id, clock=site_clock())
    return redirect(url_for("assessments.resume", tenant_id=access.tenant.id, assessment_id=assessment.id))
