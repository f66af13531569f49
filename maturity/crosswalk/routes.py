"""One set of answers under every framework, and the three-minute check for everybody."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from maturity.assessments.models import Assessment
from maturity.assessments.pages import raw_from_form
from maturity.assessments.service import get_assessment
from maturity.crosswalk.express import EXPRESS, Answered, answer_express
from maturity.crosswalk.service import offers_of, start_elsewhere
from maturity.editions.service import current_edition, framework_by_hash
from maturity.entitlements.service import require
from maturity.extensions import db
from maturity.organisations.service import enterprise_of, profile_of
from maturity.plans.model import Feature
from maturity.tenancy.permissions import Permission
from maturity.tenancy.service import Access
from maturity.web.access import public, requires
from maturity.web.site import site_clock

bp = Blueprint("crosswalk", __name__)


@bp.get("/t/<uuid:tenant_id>/assessments/<uuid:assessment_id>/frameworks")
@requires(Permission.ASSESSMENT_VIEW)
def show(access: Access, assessment_id: UUID) -> ResponseReturnValue:
    """What was open for an assessment stays open after the plan has ended."""
    assessment = _opened(access, assessment_id)
    framework = framework_by_hash(db.session(), assessment.edition_sha256)
    return render_template(
        "crosswalk/show.html",
        assessment=assessment,
        framework=framework,
        offers=offers_of(db.session(), assessment),
    )


@bp.post("/t/<uuid:tenant_id>/assessments/<uuid:assessment_id>/frameworks/<framework>")
@requires(Permission.ASSESSMENT_ANSWER)
def start(access: Access, assessment_id: UUID, framework: str) -> ResponseReturnValue:
    """Begin under another framework with what is known; its answers wait to be confirmed."""
    started = start_elsewhere(
        db.session(),
        _opened(access, assessment_id),
        framework,
        profile_of(enterprise_of(db.session())),
        access.tenant.id,
        actor_id=current_user.id,
        clock=site_clock(),
    )
    return redirect(url_for("assessments.resume", tenant_id=access.tenant.id, assessment_id=started.id))


def _opened(access: Access, assessment_id: UUID) -> Assessment:
    """The assessment, if the plan opens other frameworks to it."""
    assessment = get_assessment(db.session(), assessment_id)
    require(db.session(), access.tenant, Feature.CROSSWALK, site_clock(), since=assessment.started_at)
    return assessment


@bp.get("/check")
@public
def express() -> ResponseReturnValue:
    """Twelve yes-or-no questions, about three minutes, nothing kept."""
    framework = framework_by_hash(db.session(), current_edition(db.session(), EXPRESS))
    return render_template("crosswalk/express.html", framework=framework, answered=Answered(), result=None)


@bp.post("/check")
@public
def check() -> ResponseReturnValue:
    """The result on the same page; what was answered stays in the fields and nowhere else."""
    framework = framework_by_hash(db.session(), current_edition(db.session(), EXPRESS))
    facts = framework.edition.facts
    raw = {
        name: value
        for question in framework.edition.questions.values()
        for name, value in raw_from_form(question, facts, request.form).items()
    }
    answered = answer_express(framework, raw)
    status = 422 if answered.missing else 200
    return render_template(
        "crosswalk/express.html", framework=framework, answered=answered, result=answered.score
    ), status
