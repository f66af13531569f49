"""Addresses in letters: of the configured site, never of the host that a request names."""

from __future__ import annotations

from typing import Any

from flask import current_app, has_request_context, request, url_for
from sqlalchemy import select

from maturity.extensions import db
from maturity.installation.models import Installation


def site_base() -> str:
    """`MATURITY_SITE_URL`, else the address given at set-up, else where the request came to."""
    base = current_app.config["SITE_URL"] or db.session.scalar(select(Installation.address))
    if not base and has_request_context():
        base = request.host_url
    return str(base or "").rstrip("/")


def site_url(endpoint: str, **values: Any) -> str:
    """The address of a page for a letter; it is read long after the request, on another machine."""
    return site_base() + url_for(endpoint, **values, _external=False)
