"""The index itself: ranking, one region, charts, files, and freezing it for good."""

from __future__ import annotations

import csv
import io
from io import BytesIO
from typing import Any
from uuid import UUID

from flask import Response, flash, jsonify, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from maturity.errors import NotFound
from maturity.extensions import db
from maturity.reference.figures import sources
from maturity.reference.tables import table
from maturity.regional.blueprint import MODEL_URL, Asked, asked, bp, load, series_of, who
from maturity.regional.charts import Trend, profile_chart, ranking_chart, trend_chart
from maturity.regional.index import Part, printed
from maturity.regional.model import NATION, PeerGroup, shown
from maturity.regional.pictures import draw, draw_png, figure_json
from maturity.regional.result import LIVE, PUBLISHED, PUBLISHED_PROVINCES
from maturity.regional.service import LONGEST_REASON, Found, current_result, freeze
from maturity.regional.sheets import EXCEL, Cell, csv_of, workbook_of
from maturity.regional.words import HOW, PROVENANCES, REASONS, place_name
from maturity.results.charts import Chart
from maturity.tenancy.permissions import Permission
from maturity.tenancy.service import Access
from maturity.web.access import requires
from maturity.web.headers import relax_styles
from maturity.web.locale import current_locale


def _need(model_id: UUID) -> Asked:
    found = asked(model_id)
    if found is None:
        raise NotFound("index_result")
    return found


# ---- the ranking


@bp.get(f"{MODEL_URL}/result")
@requires(Permission.INDEX_VIEW)
def result(access: Access, model_id: UUID) -> ResponseReturnValue:
    view = asked(model_id)
    if view is None:
        return render_template("regional/nothing.html", found=load(model_id), locale=current_locale())
    return _result_page(view)


def _result_page(view: Asked, *, reason: str = "", error: str = "") -> str:
    relax_styles()
    shown_result, locale = view.result, current_locale()
    standings = shown_result.standings(view.group)
    current = current_result(db.session(), view.found.line, shown_result.year)
    return render_template(
        "regional/result.html",
        view=view,
        found=view.found,
        result=shown_result,
        standings=standings,
        unranked=[code for code in view.group.regions if code not in standings],
        charts=_charts(view, locale),
        checks=shown_result.checks(),
        current=current,
        is_current=view.row is not None and current is not None and current.id == view.row.id,
        is_live=shown_result.kind == LIVE,
        is_published=shown_result.kind == PUBLISHED,
        caution=table(PUBLISHED_PROVINCES).caution,
        cited={code: sources()[code] for code in shown_result.sources},
        printed=printed,
        reasons=REASONS,
        synthetic=_synthetic(view),
        locale=locale,
        reason=reason,
        error=error,
    )


def _synthetic(view: Asked) -> bool:
    """Whether a figure comes from a release of made-up data."""
    return any(
        part.datum is not None and part.datum.release and part.datum.source.startswith("synthetic")
        for one in (*view.result.outcome.regions, view.result.outcome.reference)
        for part in one.parts
    )


@bp.post(f"{MODEL_URL}/result")
@requires(Permission.INDEX_EDIT)
def keep(access: Access, model_id: UUID) -> ResponseReturnValue:
    """Freeze the index as it is computed now; where one of the year is frozen already, say why it is corrected."""
    view = _need(model_id)
    if view.result.kind != LIVE:
        raise NotFound("index_result")
    current = current_result(db.session(), view.found.line, view.result.year)
    reason = request.form.get("reason", "").strip()
    if current is not None and not 0 < len(reason) <= LONGEST_REASON:
        error = _("Say in at most 200 characters why the frozen index is corrected.")
        return _result_page(view, reason=reason[: LONGEST_REASON + 1], error=error), 422
    replaces = request.form.get("replaces", "")
    row = freeze(
        db.session(),
        view.found,
        view.result,
        who(access),
        replaces=UUID(replaces) if _is_uuid(replaces) else None,
        reason=reason if current is not None else "",
    )
    flash(_("The index of %(year)s is frozen under its hash.", year=row.year))
    return redirect(url_for(".result", tenant_id=access.tenant.id, model_id=model_id, of=row.id))


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


# ---- one region


@bp.get(f"{MODEL_URL}/regions/<region>")
@requires(Permission.INDEX_VIEW)
def region_page(access: Access, model_id: UUID, region: str) -> ResponseReturnValue:
    relax_styles()
    view = _need(model_id)
    code = NATION if region == "nation" else region
    one = view.result.of(code)
    if one is None:
        raise NotFound("index_region")
    groups = [group for group in view.result.model.groups if code in group.regions]
    locale = current_locale()
    return render_template(
        "regional/region.html",
        view=view,
        found=view.found,
        result=view.result,
        one=one,
        code=code,
        region=region,
        standings=[(group, view.result.standings(group).get(code)) for group in groups],
        charts=[chart for chart in (_profile(view, code, locale), _trend(view, code, locale)) if chart],
        titles={indicator.id: indicator for indicator in view.result.model.indicators},
        class_titles={part.id: part for part in view.result.model.classes},
        how_words=HOW,
        reasons=REASONS,
        printed=printed,
        shown=shown,
        is_published=view.result.kind == PUBLISHED,
        locale=locale,
    )


# ---- charts


def _charts(view: Asked, locale: str) -> list[Chart]:
    made = (ranking_chart(view.result, view.group, locale), _trend(view, view.result.model.reference, locale))
    return [chart for chart in made if chart is not None]


def _profile(view: Asked, code: str, locale: str) -> Chart | None:
    group = next((one for one in (view.group, *view.result.model.groups) if code in one.regions), view.group)
    return profile_chart(view.result, code, group, locale)


def _trend(view: Asked, code: str, locale: str) -> Trend | None:
    return trend_chart(series_of(view, code), code, _trend_source(view), locale)


def _trend_source(view: Asked) -> str:
    if view.result.kind == PUBLISHED:
        return _("As published; sources S9 and S10 of the reference figures. Third-party index without upper end.")
    if view.result.kind == LIVE:
        return _(
            "Computed from the figures as they stand, version %(version)s of the model.", version=view.found.version
        )
    return _("Frozen results. Years under different versions of the model are not comparable.")


def _chart(model_id: UUID, chart: str) -> Chart:
    view, locale = _need(model_id), current_locale()
    asked_region = request.args.get("region", "")
    code = NATION if asked_region in ("", "nation") else asked_region
    makers = {
        "ranking": lambda: ranking_chart(view.result, view.group, locale),
        "trend": lambda: _trend(view, code if asked_region else view.result.model.reference, locale),
        "profile": lambda: _profile(view, code, locale),
    }
    made = makers[chart]() if chart in makers else None
    if made is None:
        raise NotFound("chart", chart)
    return made


@bp.get(f"{MODEL_URL}/charts/<chart>.svg")
@requires(Permission.INDEX_VIEW)
def picture(access: Access, model_id: UUID, chart: str) -> ResponseReturnValue:
    svg = draw(_chart(model_id, chart), narrow="narrow" in request.args)
    response = Response(svg, mimetype="image/svg+xml")
    response.headers["Cache-Control"] = "private, no-cache"
    response.headers["Vary"] = "Cookie"
    return response


@bp.get(f"{MODEL_URL}/charts/<chart>.png")
@requires(Permission.INDEX_VIEW)
def bitmap(access: Access, model_id: UUID, chart: str) -> ResponseReturnValue:
    content = BytesIO(draw_png(_chart(model_id, chart)))
    return send_file(content, mimetype="image/png", as_attachment=True, download_name=f"{chart}.png")


@bp.get(f"{MODEL_URL}/charts/<chart>.json")
@requires(Permission.INDEX_VIEW)
def figure(access: Access, model_id: UUID, chart: str) -> ResponseReturnValue:
    return jsonify(figure_json(_chart(model_id, chart)))


@bp.get(f"{MODEL_URL}/charts/<chart>.csv")
@requires(Permission.INDEX_VIEW)
def chart_table(access: Access, model_id: UUID, chart: str) -> ResponseReturnValue:
    """With a byte-order mark, so that Excel reads the Chinese."""
    made = _chart(model_id, chart)
    buffer = io.StringIO()
    csv.writer(buffer).writerows([made.table.header, *made.table.rows, (), (made.title,), (made.source,)])
    response = Response("\ufeff" + buffer.getvalue(), mimetype="text/csv")
    response.headers["Content-Disposition"] = f'attachment; filename="{chart}.csv"'
    return response


# ---- files


def _ranking_rows(view: Asked, group: PeerGroup) -> list[list[Cell]]:
    """The ranking with its peers and n in every row: a rank that is copied elsewhere keeps them."""
    classes = view.result.model.classes
    locale, places = current_locale(), view.result.places
    rows: list[list[Cell]] = [
        [
            _("Rank"), "code", _("Regions"), _("Index"), *(one.title.to(locale) for one in classes),
            _("Change on the year before"), _("Share that stands in"), _("Share left out"), _("Peer group"),
            _("n"), _("Regions in the group"), _("Year"), _("Version"),
        ]
    ]  # fmt: skip
    standings = view.result.standings(group)
    for code in (*standings, *(one for one in group.regions if one not in standings)):
        one, standing = view.result.of(code), standings.get(code)
        values = {part.id: part.value for part in one.classes} if one else {}
        change = view.result.change(code)
        rows.append(
            [
                f"{standing.rank}{'=' if standing.is_tied else ''}" if standing else "",
                code,
                place_name(code),
                "" if one is None or one.total is None else str(printed(one.total, places)),
                *("" if (value := values.get(part.id)) is None else str(printed(value, places)) for part in classes),
                "" if change is None else str(printed(change, places)),
                "" if one is None else str(printed(one.imputed, 3)),
                "" if one is None else str(printed(one.left_out, 3)),
                group.title.to(locale),
                len(standings),
                len(group.regions),
                view.result.year,
                view.result.version,
            ]
        )
    return rows


def _part_rows(view: Asked) -> list[list[Cell]]:
    """Every figure behind the index, and what it did."""
    locale = current_locale()
    indicators = {one.id: one for one in view.result.model.indicators}
    rows: list[list[Cell]] = [
        [
            "code", _("Regions"), _("Class"), _("Indicator"), _("Figure"), _("Unit"), _("Comparator"),
            _("How it came about"), _("Base"), _("Score"), _("Weight"), _("Contribution"), _("Source"),
            _("Provenance"),
        ]
    ]  # fmt: skip
    titles = {one.id: one.title.to(locale) for one in view.result.model.classes}
    for one in (view.result.outcome.reference, *view.result.outcome.regions):
        for part in one.classes:
            for item in part.parts:
                indicator = indicators[item.indicator]
                told = [titles[part.id], indicator.title.to(locale)]
                rows.append([one.region, place_name(one.region), *told, *_part_cells(item, indicator.unit)])
    return rows


def _part_cells(part: Part, unit: str) -> list[Cell]:
    datum = part.datum
    return [
        "" if datum is None or datum.value is None else shown(datum.value),
        unit,
        "" if datum is None else datum.comparator,
        str(HOW[part.how]),
        "" if part.base is None else shown(part.base),
        "" if part.score is None else str(printed(part.score, 4)),
        str(printed(part.weight, 6)),
        "" if part.contribution is None else str(printed(part.contribution, 4)),
        "" if datum is None else datum.source,
        "" if datum is None else str(PROVENANCES.get(datum.provenance, datum.provenance)),
    ]


def _name(found: Found, view: Asked, extension: str) -> str:
    return f"index-{view.result.year}-v{found.version}.{extension}"


@bp.get(f"{MODEL_URL}/result.csv")
@requires(Permission.INDEX_VIEW)
def result_csv(access: Access, model_id: UUID) -> ResponseReturnValue:
    view = _need(model_id)
    content = csv_of(_ranking_rows(view, view.group))
    name = _name(view.found, view, "csv")
    return send_file(BytesIO(content), mimetype="text/csv", as_attachment=True, download_name=name)


@bp.get(f"{MODEL_URL}/result.xlsx")
@requires(Permission.INDEX_VIEW)
def result_xlsx(access: Access, model_id: UUID) -> ResponseReturnValue:
    """The ranking, and on a second sheet every figure behind it."""
    view = _need(model_id)
    sheets: dict[str, Any] = {_("Ranking"): _ranking_rows(view, view.group), _("Figures"): _part_rows(view)}
    name = _name(view.found, view, "xlsx")
    return send_file(BytesIO(workbook_of(sheets)), mimetype=EXCEL, as_attachment=True, download_name=name)


@bp.get(f"{MODEL_URL}/result.json")
@requires(Permission.INDEX_VIEW)
def result_json(access: Access, model_id: UUID) -> ResponseReturnValue:
    """The frozen document, byte for byte: its SHA-256 is the one on the page."""
    view = _need(model_id)
    if view.row is None:
        raise NotFound("index_result")
    content = BytesIO(view.row.document.encode())
    name = _name(view.found, view, "json")
    return send_file(content, mimetype="application/json", as_attachment=True, download_name=name)
