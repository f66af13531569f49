"""Downloading the file of a certificate: by its holder, and by the body that issued it."""

from __future__ import annotations

import uuid
from io import BytesIO

from flask import Blueprint, current_app, send_file
from flask.typing import ResponseReturnValue
from sqlalchemy import ColumnElement, select

from maturity.certificates.files import stored_pdf
from maturity.certificates.models import Certificate
from maturity.errors import NotFound
from maturity.extensions import db
from maturity.tenancy.permissions import Permission
from maturity.tenancy.service import Access
from maturity.web.access import requires

bp = Blueprint("certificates", __name__)


@bp.get("/t/<uuid:tenant_id>/certification/certificates/<uuid:certificate_id>.pdf")
@requires(Permission.CERTIFICATION_VIEW)
def download(access: Access, certificate_id: uuid.UUID) -> ResponseReturnValue:
    return _file(certificate_id, Certificate.client_id == access.tenant.id)


@bp.get("/t/<uuid:tenant_id>/certificates/<uuid:certificate_id>.pdf")
@requires(Permission.CASE_VIEW)
def download_for_body(access: Access, certificate_id: uuid.UUID) -> ResponseReturnValue:
    return _file(certificate_id, Certificate.body_id == access.tenant.id)


def _file(certificate_id: uuid.UUID, side: ColumnElement[bool]) -> ResponseReturnValue:
    """The bytes as they were issued; one that is still being made is not there yet."""
    query = select(Certificate).where(Certificate.id == certificate_id, side, Certificate.status != "issuing")
    certificate = db.session.scalar(query)
    if certificate is None:
        raise NotFound("certificate")
    content = BytesIO(stored_pdf(current_app.config["DATA_DIR"], certificate))
    name = f"{certificate.number}.pdf"
    response = send_file(content, "application/pdf", as_attachment=True, download_name=name)
    response.headers["Cache-Control"] = "private, no-cache"  # every use asks for permission again
    return response
