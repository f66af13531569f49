"""Charts of a result: picture, figure, table as CSV. The data are the frozen result's, so browsers may keep them."""

from __future__ import annotations

import csv
import io
from functools import lru_cache
from pathlib import Path
from uuid import UUID

import plotly
from flask import Blueprint, Response, jsonify, request, send_file
from flask.typing import ResponseReturnValue

from maturity.assessments.results import result_of
from maturity.assessments.service import get_assessment
from maturity.assessments.submission import submission_of
from maturity.charts.data import CHARTS, Chart, chart_of
from maturity.charts.figure import figure_json
from maturity.charts.svg import draw
from maturity.editions.service import framework_by_hash
from maturity.errors import NotFound
from maturity.extensions import db
from maturity.tenancy.permissions import Permission
from maturity.tenancy.service import Access
from maturity.web.access import public, requires
from maturity.web.locale import current_locale

bp = Blueprint("charts", __name__)
URL = "/t/<uuid:tenant_id>/assessments/<uuid:assessment_id>/charts/<name>"


def _chart(assessment_id: UUID, name: str) -> Chart:
    assessment = get_assessment(db.session(), assessment_id)
    submission = submission_of(db.session(), assessment)
    if submission is None or name not in CHARTS:
        raise NotFound("assessment", name)
    framework = framework_by_hash(db.session(), assessment.edition_sha256)
    chart = chart_of(name, result_of(db.session(), framework, submission), current_locale())
    if chart is None:
        raise NotFound("assessment", name)
    return chart


@bp.get(f"{URL}.svg")
@requires(Permission.ASSESSMENT_VIEW)
def picture(access: Access, assessment_id: UUID, name: str) -> ResponseReturnValue:
    svg = draw(_chart(assessment_id, name), narrow="narrow" in request.args)
    response = Response(svg, mimetype="image/svg+xml")
    response.headers["Cache-Control"] = "private, max-age=300"
    response.headers["Vary"] = "Cookie"
    return response


@bp.get(f"{URL}.json")
@requires(Permission.ASSESSMENT_VIEW)
def figure(access: Access, assessment_id: UUID, name: str) -> ResponseReturnValue:
    return jsonify(figure_json(_chart(assessment_id, name)))


@bp.get(f"{URL}.csv")
@requires(Permission.ASSESSMENT_VIEW)
def table(access: Access, assessment_id: UUID, name: str) -> ResponseReturnValue:
    """With a byte-order mark, so that Excel reads the Chinese."""
    chart = _chart(assessment_id, name)
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerows([chart.table.header, *chart.table.rows, (), (chart.title,), (chart.source,)])
    response = Response("\ufeff" + buffer.getvalue(), mimetype="text/csv")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response


@lru_cache(maxsize=1)
def plotly_script() -> Path:
    """The browser library that comes with the Plotly package: one version for both sides, nothing pasted in."""
    return Path(plotly.__file__).parent / "package_data" / "plotly.min.js"


@bp.get("/assets/plotly.js")
@public
def plotly_js() -> ResponseReturnValue:
    response = send_file(plotly_script(), mimetype="text/javascript", max_age=7 * 24 * 3600)
    response.headers["Cache-Control"] = "public, max-age=604800"
    return response
