"""Where somebody is led who is signed in, but has not proved what a page or a tenant asks for."""

from __future__ import annotations

import uuid
from urllib.parse import urlsplit

from flask import g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from maturity.tenancy.door import NOTHING_PROVED, Lacking, Standing
from maturity.web.handlers import error_response, wants_json


def standing() -> Standing:
    """What the present sign-in has proved."""
    known: Standing = g.get("standing", NOTHING_PROVED) if current_user.is_authenticated else NOTHING_PROVED
    return known


def on_this_site(leads_to: str | None) -> str | None:
    """The page to go on to, or None where it is not on this site.

    >>> [on_this_site(url) for url in ("/t/7/people?page=2", "//evil.cn", "https://evil.cn", "/\\\\evil", None)]
    ['/t/7/people?page=2', None, None, None, None]
    """
    if not leads_to or not leads_to.startswith("/") or leads_to.startswith("//") or "\\" in leads_to:
        return None
    parts = urlsplit(leads_to)
    return None if parts.scheme or parts.netloc else leads_to


def ask_for(lacks: Lacking, tenant_id: uuid.UUID | None = None) -> ResponseReturnValue:
    """On to the page where it can be proved, and back; a script gets the words instead."""
    if wants_json():
        return error_response(403, f"lacking_{lacks.name.lower()}")
    here = request.full_path.rstrip("?") if request.method == "GET" else None
    if lacks is Lacking.PROVIDER:
        return redirect(url_for("federation.enter", company_id=tenant_id, next=here))
    page = "accounts.own_sign_in" if lacks is Lacking.OWN else "accounts.second_factor"
    return redirect(url_for(page, next=here))
