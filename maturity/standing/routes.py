"""Where the enterprise stands: its place among peers, its charts and files, and its objections."""

from __future__ import annotations

from uuid import UUID

from flask import Response, flash, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from maturity.benchmarks.queries import published
from maturity.benchmarks.words import purpose_words
from maturity.consents.service import tenant_standing
from maturity.entitlements.service import PlanRequired
from maturity.errors import MaturityError, NotFound
from maturity.extensions import db
from maturity.organisations.service import enterprise_of, is_claimed
from maturity.plans.model import Feature
from maturity.releases.receipts import find_receipt, receipts_of
from maturity.results.charts import Chart
from maturity.standing import desk_routes, public_routes, words
from maturity.standing.blueprint import bp
from maturity.standing.charts import CHARTS, charts_of
from maturity.standing.export import as_csv, as_workbook, chart_csv
from maturity.standing.figures import figure_json
from maturity.standing.files import XLSX, download
from maturity.standing.forms import ObjectionForm
from maturity.standing.ledger import asked_words, ledger_for
from maturity.standing.objections import (
    Raised,
    can_be_objected_to,
    objections_of,
    raise_objection,
    withdraw_objection,
)
from maturity.standing.peer_groups import as_text, group_words, read_key
from maturity.standing.pictures import draw
from maturity.standing.place import NoPlace, Place, place_of
from maturity.standing.released import figure_choices, release_label
from maturity.standing.sources import number_of
from maturity.standing.trend import within_plan
from maturity.tenancy.permissions import Permission
from maturity.tenancy.service import Access
from maturity.web.access import requires
from maturity.web.headers import relax_styles
from maturity.web.locale import current_locale
from maturity.web.messages import message_for
from maturity.web.site import site_clock

__all__ = ["bp", "desk_routes", "public_routes"]
TENANT = "/t/<uuid:tenant_id>/benchmarks"


def _place(access: Access) -> Place | NoPlace:
    session = db.session()
    place = place_of(session, enterprise_of(session), read_key(request.args.get("group", "")))
    return place if isinstance(place, NoPlace) else within_plan(session, access.tenant, place, site_clock())


@bp.get(TENANT)
@requires(Permission.BENCHMARK_VIEW)
def show(access: Access) -> ResponseReturnValue:
    """The page; Plotly, which sets inline styles, is loaded on it when somebody explores a chart."""
    place = _place(access)
    if isinstance(place, NoPlace):
        return render_template("standing/no_place.html", why=place.value, no_place=words.NO_PLACE)
    relax_styles()
    return render_template(
        "standing/show.html",
        place=place,
        charts=charts_of(place, current_locale()),
        parts=words.PARTS,
        group_words=group_words,
        as_text=as_text,
        number_of=number_of,
        group=as_text(place.shown.key) if place.is_chosen else None,
    )


def _chart(access: Access, name: str) -> Chart:
    place = _place(access)
    chart = CHARTS[name](place, current_locale()) if name in CHARTS and isinstance(place, Place) else None
    if chart is None:
        if name == "trend" and isinstance(place, Place) and place.is_trend_locked:
            raise PlanRequired(Feature.TRENDS.value)
        raise NotFound("chart", name)
    return chart


@bp.get(f"{TENANT}/charts/<name>.svg")
@requires(Permission.BENCHMARK_VIEW)
def picture(access: Access, name: str) -> ResponseReturnValue:
    response = Response(draw(_chart(access, name), narrow="narrow" in request.args), mimetype="image/svg+xml")
    response.headers["Cache-Control"] = "private, max-age=300"
    response.headers["Vary"] = "Cookie"
    return response


@bp.get(f"{TENANT}/charts/<name>.json")
@requires(Permission.BENCHMARK_VIEW)
def figure(access: Access, name: str) -> ResponseReturnValue:
    return jsonify(figure_json(_chart(access, name)))


@bp.get(f"{TENANT}/charts/<name>.csv")
@requires(Permission.BENCHMARK_VIEW)
def table(access: Access, name: str) -> ResponseReturnValue:
    return download(chart_csv(_chart(access, name)), "text/csv", f"{name}.csv")


def _whole(access: Access) -> Place:
    place = _place(access)
    if isinstance(place, NoPlace):
        raise NotFound("benchmark_place", place.value)
    return place


@bp.get(f"{TENANT}/export.csv")
@requires(Permission.BENCHMARK_VIEW)
def csv_file(access: Access) -> ResponseReturnValue:
    place = _whole(access)
    return download(as_csv(place, current_locale()), "text/csv", f"{number_of(place.release)}.csv")


@bp.get(f"{TENANT}/export.xlsx")
@requires(Permission.BENCHMARK_VIEW)
def workbook(access: Access) -> ResponseReturnValue:
    place = _whole(access)
    return download(as_workbook(place, current_locale()), XLSX, f"{number_of(place.release)}.xlsx")


# Objections


@bp.get(f"{TENANT}/objections")
@requires(Permission.BENCHMARK_VIEW)
def objections(access: Access) -> ResponseReturnValue:
    """What the address says of release, subject and figure stands in the form already."""
    form = ObjectionForm(formdata=None)
    _offer(form)
    form.release.data = request.args.get("release") or form.release.choices[0].value if form.release.choices else None
    form.about.data = request.args.get("about")
    form.figure.data = request.args.get("figure")
    return _objections_page(form, request.args.get("group", ""))


@bp.post(f"{TENANT}/objections")
@requires(Permission.ASSESSMENT_SUBMIT)
def raise_one(access: Access) -> ResponseReturnValue:
    form = ObjectionForm()
    _offer(form)
    cell = request.form.get("cell", "")
    if not form.validate_on_submit():
        return _objections_page(form, cell), 422
    raised = Raised(
        int(form.release.data),
        form.about.data,
        form.text.data or "",
        form.figure.data or "",
        cell if read_key(cell) is not None else "",
    )
    try:
        raise_objection(db.session(), access.tenant.id, raised, actor_id=current_user.id, clock=site_clock())
    except MaturityError as error:
        db.session.rollback()
        form.form_errors.append(message_for(error.code))
        return _objections_page(form, cell), error.status
    flash(_("The operator has your objection. You get a letter with the answer."))
    return redirect(url_for(".objections", tenant_id=access.tenant.id))


@bp.post(f"{TENANT}/objections/<uuid:objection_id>/withdraw")
@requires(Permission.ASSESSMENT_SUBMIT)
def withdraw(access: Access, objection_id: UUID) -> ResponseReturnValue:
    withdraw_objection(db.session(), objection_id, actor_id=current_user.id, clock=site_clock())
    flash(_("The objection is taken back."))
    return redirect(url_for(".objections", tenant_id=access.tenant.id))


def _offer(form: ObjectionForm) -> None:
    releases = [one for one in published(db.session()) if can_be_objected_to(one, site_clock())]
    form.offer([(str(one.id), release_label(one)) for one in releases], figure_choices(db.session(), current_locale()))


def _objections_page(form: ObjectionForm, cell: str) -> str:
    session = db.session()
    releases = {one.id: one for one in published(session)}
    key = read_key(cell)
    return render_template(
        "standing/objections.html",
        form=form,
        found=objections_of(session),
        releases=releases,
        words=words,
        cell=cell if key is not None else "",
        group=group_words(key) if key is not None else None,
        figures=dict(figure_choices(session, current_locale())),
        release_label=release_label,
        read_key=read_key,
        group_words=group_words,
    )


# The enterprise's own part in the releases


@bp.get(f"{TENANT}/data")
@requires(Permission.BENCHMARK_VIEW)
def own_data(access: Access) -> ResponseReturnValue:
    """Whether it is counted, in which releases it was, and who read them."""
    session = db.session()
    consent = tenant_standing(session, access.tenant.id)["benchmarks"]
    release_id, reader = request.args.get("release", type=int), request.args.get("reader", "")
    return render_template(
        "standing/own_data.html",
        consent=consent,
        consent_state="given" if consent.given else "withdrawn" if consent.at else "never",
        is_claimed=is_claimed(enterprise_of(session)),
        receipts=receipts_of(session),
        ledger=ledger_for(session, release_id=release_id, reader=reader),
        chosen={"release": release_id, "reader": reader},
        asked_words=asked_words,
        purpose_words=purpose_words,
        release_label=release_label,
        words=words,
    )


@bp.get(f"{TENANT}/receipts/<uuid:receipt_id>.json")
@requires(Permission.BENCHMARK_VIEW)
def receipt(access: Access, receipt_id: UUID) -> ResponseReturnValue:
    """The signed receipt as it is checked outside the site."""
    found = find_receipt(db.session(), receipt_id)
    return download(found.document, "application/json", f"receipt-{found.release_id}.json")
