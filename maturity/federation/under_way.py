"""What the browser's session keeps of sign-ins through a company: those begun, and the word of a provider about
somebody who is not connected yet; and the cookie that remembers by which company somebody came."""

from __future__ import annotations

import uuid
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from flask import Response, current_app, request, session
from itsdangerous import BadSignature, URLSafeSerializer

from maturity.federation.protocol import Begun, Network, Vouched
from maturity.tenancy.models import Tenant
from maturity.web.site import site_clock

BEGUN, ARRIVING, COMPANY = "company_begun", "company_arriving", "company"
LASTS = timedelta(minutes=10)
#: Tabs in which somebody may be signing in at the same time; each waits in the cookie.
MOST_BEGUN = 3
REMEMBERED = timedelta(days=365)


def network() -> Network:
    """Plain addresses are for trials on one machine alone."""
    allow_private = bool(current_app.config["OIDC_ALLOW_PRIVATE"])
    return Network(allow_private, allow_private and current_app.config["ENVIRONMENT"] != "production")


def keep_begun(company_id: uuid.UUID, begun: Begun, leads_to: str | None) -> None:
    entry = {**asdict(begun), "company": str(company_id), "next": leads_to, "at": _now()}
    session[BEGUN] = [*session.get(BEGUN, []), entry][-MOST_BEGUN:]


def take_begun(company_id: uuid.UUID, state: str) -> tuple[Begun, str | None] | None:
    """The sign-in that this answer belongs to, taken out: an answer is good once, for ten minutes, in this browser."""
    entries = session.get(BEGUN, [])
    found = next((entry for entry in entries if entry["state"] == state), None)
    if found is None or not state:
        return None
    session[BEGUN] = [entry for entry in entries if entry is not found]
    if found["company"] != str(company_id) or _is_over(found["at"]):
        return None
    return Begun(found["state"], found["nonce"], found["verifier"]), found["next"]


def keep_arriving(company_id: uuid.UUID, vouched: Vouched, leads_to: str | None) -> None:
    session[ARRIVING] = {**asdict(vouched), "company": str(company_id), "next": leads_to, "at": _now()}


def arriving(company_id: uuid.UUID) -> tuple[Vouched, str | None] | None:
    """Whom a provider has vouched for in this browser and who has yet to say which account it is."""
    found = session.get(ARRIVING)
    if found is None or found["company"] != str(company_id) or _is_over(found["at"]):
        return None
    fields = {name: found[name] for name in Vouched.__slots__}
    return Vouched(**fields), found["next"]


def forget_arriving() -> None:
    session.pop(ARRIVING, None)


def _now() -> float:
    return site_clock().now().timestamp()


def _is_over(at: float) -> bool:
    return not 0 <= _now() - at <= LASTS.total_seconds()


def _serializer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt="company of the last sign-in")


def remember_company(response: Response, tenant: Tenant) -> Response:
    """The sign-in page offers the company from now on, in this browser only."""
    response.set_cookie(
        COMPANY,
        str(_serializer().dumps({"id": str(tenant.id), "name": tenant.name})),
        max_age=REMEMBERED,
        httponly=True,
        samesite="Lax",
        secure=current_app.config["SESSION_COOKIE_SECURE"],
    )
    return response


def remembered_company() -> dict[str, Any] | None:
    """Id and name of the company by which somebody last came in with this browser."""
    try:
        found: dict[str, Any] = _serializer().loads(request.cookies.get(COMPANY, ""))
    except BadSignature:
        return None
    return found
