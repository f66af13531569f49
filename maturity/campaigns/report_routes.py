"""The report of a campaign as page, PDF and CSV, and its charts as pictures and tables."""

from __future__ import annotations

import csv
import io
import uuid
from pathlib import Path
from typing import Any

from flask import Response, current_app, jsonify, redirect, render_template, send_file, url_for
from flask import request as http
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy import select

from maturity.campaigns import files
from maturity.campaigns.blueprint import bp
from maturity.campaigns.pictures import draw
from maturity.campaigns.report import KIND, CampaignPaper, ask_for_report, campaign_paper, report_view
from maturity.campaigns.service import get_campaign
from maturity.errors import NotFound
from maturity.extensions import db
from maturity.jobs.models import Job
from maturity.reports.service import find_document, folder_of, path_of
from maturity.results.charts import Chart
from maturity.tenancy.permissions import Permission
from maturity.tenancy.service import Access
from maturity.web.access import requires
from maturity.web.locale import current_locale
from maturity.web.site import site_clock

URL = "/campaigns/<uuid:campaign_id>"


def _paper(campaign_id: uuid.UUID) -> CampaignPaper:
    return campaign_paper(db.session(), get_campaign(db.session(), campaign_id), current_locale(), site_clock())


def _folder() -> Path:
    return folder_of(current_app.config["DATA_DIR"])


@bp.get(f"{URL}/report")
@requires(Permission.CAMPAIGN_VIEW)
def report(access: Access, campaign_id: uuid.UUID) -> ResponseReturnValue:
    paper = _paper(campaign_id)
    where: dict[str, Any] = {"document": find_document(db.session(), paper.key, _folder()), "job": _job(paper)}
    return render_template("campaigns/report.html", campaign=paper.campaign, view=paper.view, **where)


def _job(paper: CampaignPaper) -> Job | None:
    return db.session.scalar(select(Job).where(Job.kind == KIND, Job.key == paper.key))


@bp.post(f"{URL}/report")
@requires(Permission.CAMPAIGN_VIEW)
def ask_report(access: Access, campaign_id: uuid.UUID) -> ResponseReturnValue:
    paper = _paper(campaign_id)
    if find_document(db.session(), paper.key, _folder()) is None:
        ask_for_report(db.session(), paper, actor_id=current_user.id, clock=site_clock())
    return redirect(url_for(".report", tenant_id=access.tenant.id, campaign_id=campaign_id))


@bp.get(f"{URL}/report/progress")
@requires(Permission.CAMPAIGN_VIEW)
def report_progress(access: Access, campaign_id: uuid.UUID) -> ResponseReturnValue:
    job = _job(_paper(campaign_id))
    if job is None:
        raise NotFound("report")
    return jsonify(state=job.state, done=job.progress_done, total=job.progress_total, error=job.error)


@bp.get(f"{URL}/report.pdf")
@requires(Permission.CAMPAIGN_VIEW)
def report_pdf(access: Access, campaign_id: uuid.UUID) -> ResponseReturnValue:
    paper = _paper(campaign_id)
    document = find_document(db.session(), paper.key, _folder())
    if document is None:
        raise NotFound("report")
    name = f"campaign-{paper.campaign.period}-{paper.key[:8]}.pdf"
    path = path_of(_folder(), document)
    return send_file(path, mimetype="application/pdf", as_attachment=True, download_name=name)


@bp.get(f"{URL}/report.csv")
@requires(Permission.CAMPAIGN_VIEW)
def report_table(access: Access, campaign_id: uuid.UUID) -> ResponseReturnValue:
    campaign = get_campaign(db.session(), campaign_id)
    view = report_view(db.session(), campaign, current_locale(), site_clock())
    return _csv(files.report_csv(view), f"campaign-{campaign.period}.csv")


def _csv(text: str, name: str) -> ResponseReturnValue:
    response = Response(text, mimetype="text/csv")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _chart(campaign_id: uuid.UUID, name: str) -> Chart:
    campaign = get_campaign(db.session(), campaign_id)
    view = report_view(db.session(), campaign, current_locale(), site_clock())
    charts: dict[str, Chart | None] = {"funnel": view.funnel, "time": view.time, "coverage": view.coverage}
    chart = charts.get(name)
    if chart is None:
        raise NotFound("chart", name)
    return chart


@bp.get(f"{URL}/charts/<name>.svg")
@requires(Permission.CAMPAIGN_VIEW)
def picture(access: Access, campaign_id: uuid.UUID, name: str) -> ResponseReturnValue:
    response = Response(draw(_chart(campaign_id, name), narrow="narrow" in http.args), mimetype="image/svg+xml")
    response.headers["Cache-Control"] = "private, no-cache"
    return response


@bp.get(f"{URL}/charts/<name>.csv")
@requires(Permission.CAMPAIGN_VIEW)
def table(access: Access, campaign_id: uuid.UUID, name: str) -> ResponseReturnValue:
    chart = _chart(campaign_id, name)
    buffer = io.StringIO()
    csv.writer(buffer).writerows([chart.table.header, *chart.table.rows, (), (chart.title,), (chart.source,)])
    return _csv("\ufeff" + buffer.getvalue(), f"{name}.csv")
