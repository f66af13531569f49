"""The figures of an index: the overview of a year, the sheet of an indicator, files, and what a release gives."""

from __future__ import annotations

from io import BytesIO
from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from maturity.errors import Conflict, NotFound
from maturity.extensions import db
from maturity.regional.blueprint import MODEL_URL, asked_year, bp, load, sound, values_now, who, years_now
from maturity.regional.figures import COMPARATORS, drop_released, keep_entries, rows_of, take_released
from maturity.regional.forms import SheetForm
from maturity.regional.index import base_of
from maturity.regional.model import PROVENANCES, IndexModel, Indicator
from maturity.regional.service import Found
from maturity.regional.sheets import (
    EXCEL,
    RowFault,
    TableRefused,
    csv_of,
    read_entries,
    rows_of_file,
    rows_of_text,
    table_of,
    workbook_of,
)
from maturity.regional.words import figure_fault
from maturity.tenancy.permissions import Permission
from maturity.tenancy.service import Access
from maturity.web.access import requires
from maturity.web.locale import current_locale
from maturity.web.site import site_clock

MOST_TYPED = 900_000


def _usable(model_id: UUID) -> tuple[Found, IndexModel]:
    """A model that figures can be entered for: a draft must be sound first."""
    found = load(model_id)
    model = sound(found)
    if model is None:
        raise Conflict("index_model_unfinished")
    return found, model


def _year(found: Found) -> int:
    years = years_now(found)
    year = asked_year() or (years[0] if years else _last_year())
    return min(max(year, 1978), 2100)


def _year_error() -> str:
    """A year typed that is none is told; the page then shows another."""
    typed = request.args.get("year", "")
    year = asked_year()
    return figure_fault("year", typed[:20]) if typed and (year is None or not 1978 <= year <= 2100) else ""


def _last_year() -> int:
    """The last full year: the one statistics are published of."""
    return site_clock().now().year - 1


# ---- the overview


@bp.get(f"{MODEL_URL}/values")
@requires(Permission.INDEX_VIEW)
def values(access: Access, model_id: UUID) -> ResponseReturnValue:
    found, _model = _usable(model_id)
    return _values_page(found, _year(found))


def _values_page(found: Found, year: int, typed: str = "", faults: Any = (), more: int = 0) -> str:
    model = sound(found)
    if model is None:
        raise Conflict("index_model_unfinished")
    known = values_now(found)
    codes = tuple(dict.fromkeys((model.reference, *model.regions)))
    return render_template(
        "regional/values.html",
        found=found,
        model=model,
        year=year,
        years=sorted({*years_now(found), year}, reverse=True),
        known=known,
        codes=codes,
        bases={indicator.id: base_of(model, indicator, known) for indicator in model.indicators},
        missing={
            indicator.id: [code for code in model.regions if (indicator.id, code, year) not in known]
            for indicator in model.indicators
        },
        year_error=_year_error(),
        has_released=any(row.release and row.year == year for row in rows_of(db.session(), found.line)),
        feeds=any(indicator.cell for indicator in model.indicators),
        locale=current_locale(),
        typed=typed,
        faults=faults,
        more_faults=more,
    )


# ---- one sheet


def _sheet(model_id: UUID, indicator: str) -> tuple[Found, IndexModel, Indicator]:
    found, model = _usable(model_id)
    known = next((one for one in model.indicators if one.id == indicator), None)
    if known is None:
        raise NotFound("index_indicator")
    return found, model, known


@bp.get(f"{MODEL_URL}/values/<indicator>")
@requires(Permission.INDEX_EDIT)
def sheet(access: Access, model_id: UUID, indicator: str) -> ResponseReturnValue:
    found, model, known = _sheet(model_id, indicator)
    year = _year(found)
    return _sheet_page(found, model, SheetForm.of(model, known, year, values_now(found)))


@bp.post(f"{MODEL_URL}/values/<indicator>")
@requires(Permission.INDEX_EDIT)
def save_sheet(access: Access, model_id: UUID, indicator: str) -> ResponseReturnValue:
    found, model, known = _sheet(model_id, indicator)
    form = SheetForm.of(model, known, _year(found), values_now(found))
    if not form.fill(request.form):
        return _sheet_page(found, model, form), 422
    taken = keep_entries(db.session(), found, form.entries, who(access))
    flash(_("Saved: %(saved)s figures new or changed, %(removed)s removed.", saved=taken.saved, removed=taken.removed))
    return redirect(url_for(".values", tenant_id=access.tenant.id, model_id=model_id, year=form.year))


def _sheet_page(found: Found, model: IndexModel, form: SheetForm) -> str:
    order = [one.id for one in model.indicators]
    at = order.index(form.indicator.id)
    return render_template(
        "regional/sheet.html",
        found=found,
        model=model,
        form=form,
        comparators=COMPARATORS,
        provenances=PROVENANCES,
        next_indicator=model.indicators[at + 1] if at + 1 < len(order) else None,
        locale=current_locale(),
    )


# ---- files


@bp.post(f"{MODEL_URL}/upload")
@requires(Permission.INDEX_EDIT)
def upload(access: Access, model_id: UUID) -> ResponseReturnValue:
    """Take a file or pasted rows whole, or tell everything that is wrong with it and change nothing."""
    found, model = _usable(model_id)
    file, typed = request.files.get("file"), request.form.get("text", "")[:MOST_TYPED]
    try:
        if file and file.filename:
            rows = rows_of_file(file.stream.read())
        elif typed.strip():
            rows = rows_of_text(typed)
        else:
            raise TableRefused([RowFault(0, "", "nothing")])
        entries = read_entries(rows, model, values_now(found))
    except TableRefused as refused:
        faults = [(_row_said(fault), figure_fault(fault.code, fault.value)) for fault in refused.faults]
        return _values_page(found, _year(found), typed, faults, refused.more), 422
    taken = keep_entries(db.session(), found, entries, who(access))
    flash(_("Taken: %(saved)s figures new or changed, %(kept)s as before.", saved=taken.saved, kept=taken.kept))
    year = max(entry.year for entry in entries)
    return redirect(url_for(".values", tenant_id=access.tenant.id, model_id=model_id, year=year))


def _row_said(fault: RowFault) -> str:
    if not fault.row:
        return ""
    if fault.column:
        return _("Row %(row)s, column “%(column)s”", row=fault.row, column=fault.column)
    return _("Row %(row)s", row=fault.row)


def _table(model_id: UUID) -> list[list[Any]]:
    found, model = _usable(model_id)
    years = sorted({*years_now(found), _year(found)})
    return table_of(model, years, values_now(found), current_locale())


@bp.get(f"{MODEL_URL}/values.xlsx")
@requires(Permission.INDEX_VIEW)
def values_xlsx(access: Access, model_id: UUID) -> ResponseReturnValue:
    """Every figure as it stands; what is missing is a row to be filled in and uploaded."""
    content = workbook_of({_("Figures"): _table(model_id)})
    return send_file(BytesIO(content), mimetype=EXCEL, as_attachment=True, download_name="index-values.xlsx")


@bp.get(f"{MODEL_URL}/values.csv")
@requires(Permission.INDEX_VIEW)
def values_csv(access: Access, model_id: UUID) -> ResponseReturnValue:
    content = csv_of(_table(model_id))
    return send_file(BytesIO(content), mimetype="text/csv", as_attachment=True, download_name="index-values.csv")


# ---- a release


@bp.post(f"{MODEL_URL}/released")
@requires(Permission.INDEX_EDIT)
def take_release(access: Access, model_id: UUID) -> ResponseReturnValue:
    """Feed the surveyed indicators of a year from the release of that year."""
    found, model = _usable(model_id)
    year = _year(found)
    surveyed = take_released(db.session(), found, model, year, who(access))
    flash(_("%(taken)s figures are taken from the release, %(withheld)s are withheld and stay missing.",
            taken=surveyed.taken, withheld=surveyed.withheld))  # fmt: skip
    return redirect(url_for(".values", tenant_id=access.tenant.id, model_id=model_id, year=year))


@bp.post(f"{MODEL_URL}/released/remove")
@requires(Permission.INDEX_EDIT)
def drop_release(access: Access, model_id: UUID) -> ResponseReturnValue:
    found, _model = _usable(model_id)
    year = _year(found)
    removed = drop_released(db.session(), found, year, who(access))
    flash(_("%(count)s figures of the release are taken out.", count=removed))
    return redirect(url_for(".values", tenant_id=access.tenant.id, model_id=model_id, year=year))
