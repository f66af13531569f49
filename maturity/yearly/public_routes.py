"""The yearly reports that regulators published for everybody."""

from __future__ import annotations

from io import BytesIO
from uuid import UUID

from flask import Blueprint, render_template, send_file
from flask.typing import ResponseReturnValue

from maturity.extensions import db
from maturity.web.access import public
from maturity.yearly.service import public_file, public_list
from maturity.yearly.tokens import bare

bp = Blueprint("yearly_public", __name__, url_prefix="/reports/yearly")
TYPES = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}


@bp.get("")
@public
def index() -> ResponseReturnValue:
    rows = public_list(db.session())
    replaced = {row.corrects_id: row for row in rows if row.corrects_id is not None}
    return render_template("yearly/public.html", rows=rows, replaced=replaced, bare=bare)


@bp.get("/<uuid:report_id>/<ending>")
@public
def download(report_id: UUID, ending: str) -> ResponseReturnValue:
    publication, content = public_file(db.session(), report_id, ending)
    name = f"{publication.number}.{ending}"
    return send_file(BytesIO(content), mimetype=TYPES[ending], as_attachment=True, download_name=name)
