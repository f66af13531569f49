"""The enterprise's own tables and descriptors, and the ranking of the areas of a submitted assessment."""

from __future__ import annotations

from io import BytesIO
from typing import Any
from uuid import UUID

from flask import Blueprint, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from maturity.assessments.opened import Opened
from maturity.errors import Conflict, Invalid, NotFound
from maturity.evidence.contents import safe_name
from maturity.extensions import db
from maturity.prioritisation.areas import BANDS, FRAMEWORK
from maturity.prioritisation.forms import ChoicesForm, plain, read_descriptors
from maturity.prioritisation.service import (
    LONGEST_SOURCE,
    Rated,
    choices_of,
    columns_of,
    current_areas,
    descriptors_of,
    find_area,
    headings_print,
    missing_tables,
    own_words_of,
    rank,
    rated_assessment,
    read_choices,
    remove_table,
    save_choices,
    save_descriptors,
    supply_table,
    tables_of,
)
from maturity.prioritisation.sheets import EXCEL, csv_of, rows_of_file, workbook_of
from maturity.prioritisation.tables import KINDS, LANGUAGES, TableRefused
from maturity.prioritisation.templates import template_rows
from maturity.prioritisation.words import HORIZONS, TABLES, place, told
from maturity.questionnaires.model import Question
from maturity.tenancy.permissions import Permission
from maturity.tenancy.service import Access
from maturity.web.access import requires
from maturity.web.locale import current_locale
from maturity.web.messages import message_for
from maturity.web.site import site_clock

bp = Blueprint("prioritisation", __name__)
TABLES_URL = "/t/<uuid:tenant_id>/prioritisation"
URL = "/t/<uuid:tenant_id>/assessments/<uuid:assessment_id>/prioritisation"


def _who() -> dict[str, Any]:
    return {"actor_id": current_user.id, "clock": site_clock()}


@bp.app_template_global()
def descriptors_beside(opened: Opened, question: Question) -> list[tuple[str, str]]:
    """The enterprise's own descriptors of the bands of a question, in the page's language; none in other frameworks."""
    if opened.framework.edition.framework != FRAMEWORK:
        return []
    own = descriptors_of(db.session()).get(question.facts[0], {})
    first, second = LANGUAGES if current_locale().startswith(LANGUAGES[0]) else reversed(LANGUAGES)
    texts = ((band, texts.get(first) or texts.get(second) or "") for band, texts in sorted(own.items()))
    return [(band, text) for band, text in texts if text]


# ---- the tables


@bp.get(TABLES_URL)
@requires(Permission.ASSESSMENT_VIEW)
def tables(access: Access) -> ResponseReturnValue:
    return _tables_page()


def _tables_page(kind: str = "", source: str = "", errors: dict[str, str] | None = None, faults: Any = ()) -> str:
    supplied = tables_of(db.session())
    return render_template(
        "prioritisation/tables.html",
        words=TABLES,
        supplied=supplied,
        areas=current_areas(db.session()),
        descriptors=descriptors_of(db.session()),
        refused=kind,
        source=source,
        errors=errors or {},
        faults=[(place(fault), told(fault)) for fault in faults],
    )


@bp.post(f"{TABLES_URL}/<table>")
@requires(Permission.ENTERPRISE_EDIT)
def supply(access: Access, table: str) -> ResponseReturnValue:
    """Take a table, or show everything that is wrong with it; what was there before stays then."""
    _require_kind(table)
    file, source = request.files.get("file"), request.form.get("source", "").strip()[: LONGEST_SOURCE + 1]
    errors = {}
    if file is None or not file.filename:
        errors["file"] = _("Choose the file first.")
    if not source or len(source) > LONGEST_SOURCE:
        errors["source"] = message_for("table_source")
    if file is None or errors:
        return _tables_page(table, source, errors), 422
    try:
        rows = rows_of_file(file.stream.read())
        supply_table(
            db.session(), access.tenant.id, table, rows, safe_name(file.filename or ""), source, **_who()
        )  # fmt: skip
    except TableRefused as refused:
        return _tables_page(table, source, {"file": message_for(refused.code)}, refused.faults), 422
    flash(_("The table is taken: %(table)s.", table=TABLES[table][0]))
    return redirect(url_for(".tables", tenant_id=access.tenant.id))


def _require_kind(table: str) -> None:
    if table not in KINDS:
        raise NotFound("table", table)


@bp.post(f"{TABLES_URL}/<table>/remove")
@requires(Permission.ENTERPRISE_EDIT)
def remove(access: Access, table: str) -> ResponseReturnValue:
    remove_table(db.session(), access.tenant.id, table, **_who())
    flash(_("The table is removed: %(table)s.", table=TABLES[table][0]))
    return redirect(url_for(".tables", tenant_id=access.tenant.id))


@bp.get(f"{TABLES_URL}/<table>.csv")
@requires(Permission.ASSESSMENT_VIEW)
def template_csv(access: Access, table: str) -> ResponseReturnValue:
    """Blank: what people typed stays in workbooks, which do not take text for formulas."""
    _require_kind(table)
    rows = template_rows(table, current_areas(db.session()), current_locale(), None)
    return send_file(BytesIO(csv_of(rows)), mimetype="text/csv", as_attachment=True, download_name=f"{table}.csv")


@bp.get(f"{TABLES_URL}/<table>.xlsx")
@requires(Permission.ASSESSMENT_VIEW)
def template_xlsx(access: Access, table: str) -> ResponseReturnValue:
    """As it stands, or blank."""
    _require_kind(table)
    rows = template_rows(table, current_areas(db.session()), current_locale(), tables_of(db.session()).get(table))
    content = workbook_of(rows, str(TABLES[table][0]))
    return send_file(BytesIO(content), mimetype=EXCEL, as_attachment=True, download_name=f"{table}.xlsx")


# ---- descriptors


@bp.get(f"{TABLES_URL}/descriptors/<area>")
@requires(Permission.ENTERPRISE_EDIT)
def descriptors(access: Access, area: str) -> ResponseReturnValue:
    """The bands of one area, to be typed."""
    table = tables_of(db.session()).get("descriptors")
    return _descriptors_page(area, descriptors_of(db.session()).get(area, {}), table.source if table else "", {})


def _descriptors_page(area: str, texts: Any, source: str, errors: dict[str, str]) -> str:
    return render_template(
        "prioritisation/descriptors.html",
        area=find_area(db.session(), area),
        areas=current_areas(db.session()),
        bands=BANDS,
        languages=LANGUAGES,
        texts=texts,
        source=source,
        errors=errors,
    )


@bp.post(f"{TABLES_URL}/descriptors/<area>")
@requires(Permission.ENTERPRISE_EDIT)
def save_area(access: Access, area: str) -> ResponseReturnValue:
    texts, source = read_descriptors(request.form), request.form.get("source", "")
    try:
        save_descriptors(db.session(), access.tenant.id, area, texts, source, **_who())
    except Invalid as error:
        field = "source" if error.code == "table_source" else "bands"
        return _descriptors_page(area, texts, source, {field: message_for(error.code)}), 422
    flash(_("The descriptors are saved."))
    return redirect(url_for(".tables", tenant_id=access.tenant.id, _anchor="descriptors"))


# ---- the ranking


@bp.get(URL)
@requires(Permission.ASSESSMENT_VIEW)
def show(access: Access, assessment_id: UUID) -> ResponseReturnValue:
    """The ranking with its working; before that, what is missing for it."""
    rated = rated_assessment(db.session(), assessment_id)
    supplied = tables_of(db.session())
    saved = read_choices(choices_of(db.session(), assessment_id), supplied)
    return _ranking_page(rated, ChoicesForm.of(columns_of(supplied, "cost"), columns_of(supplied, "kpi"), saved))


def _ranking_page(rated: Rated, form: ChoicesForm, error: str = "") -> str:
    supplied = tables_of(db.session())
    missing = missing_tables(supplied, rated.areas)
    saved = read_choices(choices_of(db.session(), rated.assessment.id), supplied)
    return render_template(
        "prioritisation/show.html",
        rated=rated,
        supplied=supplied,
        missing=[TABLES[kind][0] for kind in missing],
        ranking=rank(rated, supplied, saved) if saved and not missing else None,
        saved=saved,
        form=form,
        seen=headings_print(supplied),
        horizons=HORIZONS,
        table_words=TABLES,
        own_words=own_words_of(db.session(), rated.bands),
        plain=plain,
        error=error,
    )


@bp.post(URL)
@requires(Permission.ENTERPRISE_EDIT)
def choose(access: Access, assessment_id: UUID) -> ResponseReturnValue:
    rated = rated_assessment(db.session(), assessment_id)
    supplied = tables_of(db.session())
    if missing_tables(supplied, rated.areas):
        raise Conflict("prioritisation_without_tables")
    form = ChoicesForm.of(columns_of(supplied, "cost"), columns_of(supplied, "kpi"))
    if request.form.get("seen") != headings_print(supplied):
        return _ranking_page(rated, form, message_for("tables_moved_on")), 409
    choices = form.fill(request.form)
    if choices is None:
        return _ranking_page(rated, form), 422
    save_choices(db.session(), rated, choices, **_who())
    flash(_("The ranking follows your choices."))
    return redirect(url_for(".show", tenant_id=access.tenant.id, assessment_id=assessment_id, _anchor="ranking"))
