"""The result page and its charts: picture, figure, table as CSV. All of it shows the frozen document."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from uuid import UUID

import plotly
from flask import Blueprint, Response, jsonify, render_template, request, send_file
from flask.typing import ResponseReturnValue

from maturity.assessments.models import FRAMEWORK, Assessment
from maturity.assessments.service import get_assessment, latest_revision
from maturity.assessments.submission import submission_of
from maturity.editions.service import framework_by_hash
from maturity.errors import NotFound
from maturity.extensions import db
from maturity.results.charts import CHARTS, Chart, chart_of, charts_of
from maturity.results.figure import figure_json
from maturity.results.svg import draw
from maturity.results.view import Result, result_of
from maturity.results.years import Course, course_chart, span, table_of, years_of
from maturity.tenancy.permissions import Permission
from maturity.tenancy.service import Access
from maturity.web.access import public, requires
from maturity.web.headers import relax_styles
from maturity.web.locale import current_locale
from maturity.web.site import site_clock

bp = Blueprint("results", __name__)
URL = "/t/<uuid:tenant_id>/assessments/<uuid:assessment_id>/charts/<name>"
YEARS = "/t/<uuid:tenant_id>/results/years"


def _result(assessment_id: UUID) -> tuple[Assessment, Result]:
    assessment = get_assessment(db.session(), assessment_id)
    submission = submission_of(db.session(), assessment)
    if submission is None:
        raise NotFound("assessment")
    framework = framework_by_hash(db.session(), assessment.edition_sha256)
    return assessment, result_of(db.session(), framework, submission)


@bp.get("/t/<uuid:tenant_id>/assessments/<uuid:assessment_id>/result")
@requires(Permission.ASSESSMENT_VIEW)
def show(access: Access, assessment_id: UUID) -> ResponseReturnValue:
    """The result page; Plotly, which sets inline styles, is loaded on it when somebody explores a chart."""
    assessment, result = _result(assessment_id)
    latest = latest_revision(db.session(), assessment.enterprise_id, assessment.period, assessment.framework)
    if assessment.framework != FRAMEWORK or result.is_settled:
        words = {"assessment": assessment, "latest": latest, "result": result, "enterprise": result.enterprise}
        return render_template("results/plain.html", **words)
    relax_styles()
    return render_template(
        "results/show.html",
        assessment=assessment,
        latest=latest,
        result=result,
        enterprise=result.enterprise,
        charts=charts_of(result, current_locale()),
    )


def _chart(assessment_id: UUID, name: str) -> Chart:
    assessment, result = _result(assessment_id)
    if name not in CHARTS or assessment.framework != FRAMEWORK or result.is_settled:
        raise NotFound("chart", name)
    chart = chart_of(name, result, current_locale())
    if chart is None:
        raise NotFound("chart", name)
    return chart


@bp.get(f"{URL}.svg")
@requires(Permission.ASSESSMENT_VIEW)
def picture(access: Access, assessment_id: UUID, name: str) -> ResponseReturnValue:
    return _svg(draw(_chart(assessment_id, name), narrow="narrow" in request.args))


def _svg(picture: str) -> Response:
    response = Response(picture, mimetype="image/svg+xml")
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
    chart = _chart(assessment_id, name)
    return _csv([chart.table.header, *chart.table.rows, (), (chart.title,), (chart.source,)], name)


def _csv(rows: Sequence[Sequence[str]], name: str) -> Response:
    """With a byte-order mark, so that Excel reads the Chinese."""
    buffer = io.StringIO()
    csv.writer(buffer).writerows(rows)
    response = Response("\ufeff" + buffer.getvalue(), mimetype="text/csv")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response


# Over the years


@bp.get(YEARS)
@requires(Permission.ASSESSMENT_VIEW)
def over_years(access: Access) -> ResponseReturnValue:
    """The own results of every year side by side, as many as the plan compares; the others are linked."""
    relax_styles()
    years = years_of(db.session(), access.tenant, site_clock())
    return render_template("results/years.html", years=years, chart=course_chart(years, current_locale()), span=span)


def _course(access: Access) -> Course:
    chart = course_chart(years_of(db.session(), access.tenant, site_clock()), current_locale())
    if chart is None:
        raise NotFound("chart", "years")
    return chart


@bp.get(f"{YEARS}/chart.svg")
@requires(Permission.ASSESSMENT_VIEW)
def years_picture(access: Access) -> ResponseReturnValue:
    return _svg(draw(_course(access), narrow="narrow" in request.args))


@bp.get(f"{YEARS}/chart.json")
@requires(Permission.ASSESSMENT_VIEW)
def years_figure(access: Access) -> ResponseReturnValue:
    return jsonify(figure_json(_course(access)))


@bp.get(f"{YEARS}/table.csv")
@requires(Permission.ASSESSMENT_VIEW)
def years_table(access: Access) -> ResponseReturnValue:
    return _csv(table_of(years_of(db.session(), access.tenant, site_clock()), current_locale()), "years")


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
