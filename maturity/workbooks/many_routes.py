"""Many clients at once: the register to download, the upload, how far it is, what came of each enterprise."""

from __future__ import annotations

from io import BytesIO
from typing import Any
from uuid import UUID

from flask import current_app, flash, jsonify, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from maturity.assessments.service import periods_on
from maturity.evidence.contents import ending_of, safe_name
from maturity.evidence.storage import TooLarge, Vault
from maturity.extensions import db
from maturity.portfolios.clients import all_clients, chosen_clients
from maturity.tenancy.permissions import Permission
from maturity.tenancy.service import Access
from maturity.web.access import requires
from maturity.web.locale import LOCALES, current_locale
from maturity.web.messages import message_for
from maturity.web.site import site_clock
from maturity.workbooks.blueprint import bp
from maturity.workbooks.layout import MOST_ENTERPRISES
from maturity.workbooks.many import (
    bulk_uploads,
    cancel_bulk_upload,
    find_bulk_upload,
    is_given_up,
    keep_bulk_upload,
    lines_of,
    tally_of,
)
from maturity.workbooks.models import BulkLine, BulkUpload
from maturity.workbooks.registers import Register, clients_that_answer, result_workbook
from maturity.workbooks.uploads import ROOM
from maturity.workbooks.words import OUTCOMES, fault_words, refusal

URL = "/t/<uuid:tenant_id>/clients/workbooks"
LARGEST_UPLOAD = 50 * 1024**2
LARGEST_REQUEST = LARGEST_UPLOAD + 1024**2
SHOWN = 200  # enterprises on the page; the result workbook has all
EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
KINDS = {".xlsx": "register", ".zip": "archive", ".xlsm": "register", ".xls": "register", ".csv": "register"}


@bp.get(URL)
@requires(Permission.PORTFOLIO_EDIT)
def show_many(access: Access) -> ResponseReturnValue:
    return _page(access)


def _page(access: Access, refused: str | None = None) -> str:
    clients = all_clients(db.session(), access.tenant.id, site_clock())
    return render_template(
        "workbooks/many.html",
        uploads=bulk_uploads(db.session()),
        able=len(clients_that_answer(clients)),
        periods=periods_on(site_clock().today()),
        languages=LOCALES,
        current=current_locale(),
        refused=refused,
        words=fault_words,
    )


@bp.post(f"{URL}/register")
@requires(Permission.PORTFOLIO_EDIT)
def register(access: Access) -> ResponseReturnValue:
    """The register; posted, because looking into a client is noted in the client's log."""
    period = request.form.get("period", 0, type=int)
    if period not in periods_on(site_clock().today()):
        return _page(access, message_for("period_not_open")), 422
    language = request.form.get("language", "")
    locale = language if language in LOCALES else current_locale()
    clients = clients_that_answer(all_clients(db.session(), access.tenant.id, site_clock()))[:MOST_ENTERPRISES]
    ids = [client.id for client in clients]
    made = Register.begin(db.session(), period, current_app.config["SECRET_KEY"], locale)
    who: dict[str, Any] = {"actor_id": current_user.id, "clock": site_clock()}
    rows = []
    for client_id in ids:
        for client in chosen_clients(db.session(), access.tenant.id, [client_id], site_clock()):  # its grant by now
            row = made.row(db.session(), access, client, **who)
            rows += [row] if row else []
        db.session.commit()  # client by client: nobody's saving waits until the last of a thousand is read
    content = made.content(rows)
    return send_file(BytesIO(content), mimetype=EXCEL, as_attachment=True, download_name=f"register-{period}.xlsx")


@bp.post(URL)
@requires(Permission.PORTFOLIO_EDIT)
def upload_many(access: Access) -> ResponseReturnValue:
    """Keep the file and let the worker see to it."""
    file = request.files.get("file")
    if file is None or not file.filename:
        return _page(access, message_for("bulk_none_chosen")), 422
    name = safe_name(file.filename)
    kind = KINDS.get(ending_of(name))
    if kind is None:
        return _page(access, refusal("neither", name)), 422
    vault = Vault(current_app.config["DATA_DIR"], access.tenant.id, ROOM)
    try:
        staged = vault.stage(file.stream, LARGEST_UPLOAD)
    except TooLarge:
        return _page(access, message_for("bulk_too_much")), 422
    try:
        upload = keep_bulk_upload(
            db.session(),
            access,
            vault,
            staged,
            name,
            kind,
            is_trial="trial" in request.form,
            actor_id=current_user.id,
            clock=site_clock(),
        )
    except BaseException:
        staged.forget()
        raise
    return redirect(url_for(".bulk", tenant_id=access.tenant.id, bulk_id=upload.id))


@bp.get(f"{URL}/<uuid:bulk_id>")
@requires(Permission.PORTFOLIO_EDIT)
def bulk(access: Access, bulk_id: UUID) -> ResponseReturnValue:
    upload = find_bulk_upload(db.session(), bulk_id)
    given_up = is_given_up(db.session(), upload)
    lines = lines_of(db.session(), bulk_id)
    urgent = sorted(lines, key=lambda line: (line.outcome in ("saved", "unchanged"), line.number))
    return render_template(
        "workbooks/bulk.html",
        upload=upload,
        lines=[(line, _details(line)) for line in urgent[:SHOWN]],
        count=len(lines),
        tally=tally_of(db.session(), bulk_id),
        outcomes=OUTCOMES,
        fault=fault_words("bulk_failed" if given_up else upload.fault or "", upload.name),
        state="failed" if given_up else upload.state,
    )


@bp.get(f"{URL}/<uuid:bulk_id>/progress")
@requires(Permission.PORTFOLIO_EDIT)
def bulk_progress(access: Access, bulk_id: UUID) -> ResponseReturnValue:
    """Enterprises done of those known, for the page that watches."""
    upload = find_bulk_upload(db.session(), bulk_id)
    done = sum(tally_of(db.session(), bulk_id).values())
    goes_on = upload.state in ("waiting", "running") and not is_given_up(db.session(), upload)
    state = "running" if goes_on else "done"
    return jsonify(state=state, done=done, total=upload.total)


@bp.post(f"{URL}/<uuid:bulk_id>/cancel")
@requires(Permission.PORTFOLIO_EDIT)
def cancel_many(access: Access, bulk_id: UUID) -> ResponseReturnValue:
    upload = find_bulk_upload(db.session(), bulk_id)
    cancel_bulk_upload(db.session(), upload, actor_id=current_user.id, clock=site_clock())
    flash(_("Stopped. The enterprises that were done stay done."))
    return redirect(url_for(".bulk", tenant_id=access.tenant.id, bulk_id=bulk_id))


@bp.get(f"{URL}/<uuid:bulk_id>/result.xlsx")
@requires(Permission.PORTFOLIO_EDIT)
def bulk_result(access: Access, bulk_id: UUID) -> ResponseReturnValue:
    """Every enterprise with its outcome and its errors by cell."""
    upload: BulkUpload = find_bulk_upload(db.session(), bulk_id)
    lines = lines_of(db.session(), bulk_id)
    headings = (
        _("Result"),
        _("No."),
        _("Unified social credit code"),
        _("Enterprise"),
        _("Outcome"),
        _("Saved"),
        _("Unchanged"),
        _("Cell"),
        _("What to mend or to know"),
    )
    said = {name: str(words[0]) for name, words in OUTCOMES.items()}
    content = result_workbook(lines, said, headings, [_details(line) for line in lines])
    name = f"result-{upload.uploaded_at.date().isoformat()}.xlsx"
    return send_file(BytesIO(content), mimetype=EXCEL, as_attachment=True, download_name=name)


def _details(line: BulkLine) -> list[tuple[str, str]]:
    """Places and words of a line in the reader's language."""
    chinese = current_locale().startswith("zh")
    return [
        (item["place"], fault_words(item["code"], line.place) if "code" in item else item["zh" if chinese else "en"])
        for item in line.details
    ]
