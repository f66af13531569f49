"""The improvement plan of a client: drawn up, edited, and taken along as Word or PDF."""

from __future__ import annotations

import uuid
from io import BytesIO
from pathlib import Path
from typing import Any

from flask import current_app, flash, jsonify, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy import select

from maturity.errors import NotFound
from maturity.extensions import db
from maturity.jobs.models import Job
from maturity.portfolios.blueprint import bp
from maturity.portfolios.client_routes import URL, client_of, who
from maturity.portfolios.clients import Client
from maturity.portfolios.forms import PlanForm
from maturity.portfolios.plan_pages import KIND, PlanPaper, ask_for_plan, plan_paper, plan_word
from maturity.portfolios.plans import Plan, PlanChanged, find_plan, save_plan, start_plan, versions_of
from maturity.reports.service import find_document, folder_of, path_of
from maturity.tenancy.permissions import Permission
from maturity.tenancy.service import Access
from maturity.web.access import requires
from maturity.web.locale import current_locale

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@bp.get(f"{URL}/plan")
@requires(Permission.PORTFOLIO_VIEW)
def plan(access: Access, client_id: uuid.UUID) -> ResponseReturnValue:
    client = client_of(access, client_id)
    row = find_plan(db.session(), client_id)
    if row is None:
        return render_template("portfolios/plan.html", client=client, form=None, versions=())
    shown = Plan.of(row.body)
    return _page(client, shown, PlanForm.showing(shown, row.version))


def _page(client: Client, shown: Plan, form: PlanForm) -> str:
    versions = versions_of(db.session(), client.id)
    return render_template("portfolios/plan.html", client=client, plan=shown, form=form, versions=versions)


@bp.post(f"{URL}/plan/new")
@requires(Permission.PORTFOLIO_EDIT)
def draw_up_plan(access: Access, client_id: uuid.UUID) -> ResponseReturnValue:
    start_plan(db.session(), access, client_of(access, client_id), current_locale(), **who())
    flash(_("The plan is drawn up from the newest result. Say who does what by when, then take it along."))
    return redirect(url_for(".plan", tenant_id=access.tenant.id, client_id=client_id))


@bp.post(f"{URL}/plan")
@requires(Permission.PORTFOLIO_EDIT)
def change_plan(access: Access, client_id: uuid.UUID) -> ResponseReturnValue:
    client, form = client_of(access, client_id), PlanForm()
    seen = find_plan(db.session(), client_id, form.version.data or 0)
    if seen is None:
        raise NotFound("plan")
    earlier = Plan.of(seen.body)
    if not form.validate_on_submit():
        return _page(client, earlier, form), 422
    try:
        saved = save_plan(db.session(), client, form.plan(earlier), seen.version, **who())
    except PlanChanged as error:
        return _shown_beside(client, earlier, form, error), 409
    flash(_("Version %(number)s of the plan is saved.", number=saved.version))
    return redirect(url_for(".plan", tenant_id=access.tenant.id, client_id=client_id))


def _shown_beside(client: Client, earlier: Plan, form: PlanForm, error: PlanChanged) -> str:
    """What was typed stays; saving once more makes it the version after the other one."""
    typed = form.plan(earlier)
    flash(
        _(
            "Somebody else saved version %(number)s meanwhile. Nothing of yours is lost: compare with it below, then "
            "save again.",
            number=error.current.version,
        ),
        "error",
    )
    current = Plan.of(error.current.body)
    again = PlanForm.showing(Plan(current.locale, current.basis, typed.goal, typed.texts, typed.measures), 0)
    again.version.data = error.current.version
    for row in again.measures:
        row.form.origin.data = _origin(current, row.form.title.data)
    return _page(client, current, again)


def _origin(plan_: Plan, title: str | None) -> str:
    """The number of the measure of that name in another version."""
    return next((str(number) for number, item in enumerate(plan_.measures) if item.title == title), "")


def _paper(access: Access, client_id: uuid.UUID) -> PlanPaper:
    version = request.args.get("version", type=int)
    return plan_paper(db.session(), access.tenant, client_of(access, client_id), version)


@bp.get(f"{URL}/plan.docx")
@requires(Permission.PORTFOLIO_VIEW)
def word(access: Access, client_id: uuid.UUID) -> ResponseReturnValue:
    paper = _paper(access, client_id)
    return send_file(BytesIO(plan_word(paper)), WORD, as_attachment=True, download_name=_name(paper, "docx"))


def _name(paper: PlanPaper, ending: str) -> str:
    return f"plan-{paper.plan.basis['enterprise']}-v{paper.row.version}.{ending}"


def _folder() -> Path:
    return folder_of(current_app.config["DATA_DIR"])


@bp.post(f"{URL}/plan/pdf")
@requires(Permission.PORTFOLIO_EDIT)
def ask_pdf(access: Access, client_id: uuid.UUID) -> ResponseReturnValue:
    paper = _paper(access, client_id)
    if find_document(db.session(), paper.key, _folder()) is None:
        ask_for_plan(db.session(), paper, **who())
    where: dict[str, Any] = {"tenant_id": access.tenant.id, "client_id": client_id, "version": paper.row.version}
    return redirect(url_for(".plan_pdf", **where))


def _job(paper: PlanPaper) -> Job | None:
    return db.session.scalar(select(Job).where(Job.kind == KIND, Job.key == paper.key))


@bp.get(f"{URL}/plan/pdf")
@requires(Permission.PORTFOLIO_VIEW)
def plan_pdf(access: Access, client_id: uuid.UUID) -> ResponseReturnValue:
    """The progress page; it becomes the download when the document is there."""
    paper = _paper(access, client_id)
    document = find_document(db.session(), paper.key, _folder())
    where = {"client": client_of(access, client_id), "version": paper.row.version}
    return render_template("portfolios/plan_progress.html", document=document, job=_job(paper), **where)


@bp.get(f"{URL}/plan/progress")
@requires(Permission.PORTFOLIO_VIEW)
def plan_progress(access: Access, client_id: uuid.UUID) -> ResponseReturnValue:
    job = _job(_paper(access, client_id))
    if job is None:
        raise NotFound("plan")
    return jsonify(state=job.state, done=job.progress_done, total=job.progress_total, error=job.error)


@bp.get(f"{URL}/plan.pdf")
@requires(Permission.PORTFOLIO_VIEW)
def download_pdf(access: Access, client_id: uuid.UUID) -> ResponseReturnValue:
    paper = _paper(access, client_id)
    document = find_document(db.session(), paper.key, _folder())
    if document is None:
        raise NotFound("plan")
    path = path_of(_folder(), document)
    return send_file(path, mimetype="application/pdf", as_attachment=True, download_name=_name(paper, "pdf"))
