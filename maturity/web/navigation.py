"""The site's navigation as data: what header, tenant bar and footer offer, in order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Flask, current_app, request, url_for
from flask_babel import LazyString
from flask_babel import lazy_gettext as _

from maturity.tenancy.permissions import Permission
from maturity.tenancy.service import Access

#: (endpoint, label) for everybody
PUBLIC = (
    ("public.methodology", _("Methodology")),
    ("public.reference_figures", _("Reference figures")),
    ("demo.catalogue", _("Demonstration")),
)
FOOTER = (*PUBLIC, ("public.privacy", _("Privacy")), ("public.status", _("System status")))
#: (endpoint, label, who sees it) inside a tenant
TENANT = (
    ("assessments.home", _("Home"), Permission.ENTERPRISE_VIEW),
    ("organisations.edit", _("Particulars"), Permission.ENTERPRISE_EDIT),
)
#: Endpoints whose place in the navigation is another entry.
BELONGS_TO = {"organisations.update": "organisations.edit"}


@dataclass(frozen=True, slots=True)
class Entry:
    label: LazyString
    url: str
    is_current: bool


def public_entries() -> list[Entry]:
    return [_entry(endpoint, label) for endpoint, label in PUBLIC if _exists(endpoint)]


def footer_entries() -> list[Entry]:
    return [_entry(endpoint, label) for endpoint, label in FOOTER if _exists(endpoint)]


def tenant_entries(access: Access) -> list[Entry]:
    """The tabs under the tenant's name, as far as the person may use them."""
    return [
        _entry(endpoint, label, tenant_id=access.tenant.id)
        for endpoint, label, permission in TENANT
        if access.can(permission) and _exists(endpoint)
    ]


def _exists(endpoint: str) -> bool:
    return endpoint in current_app.view_functions


def _entry(endpoint: str, label: LazyString, **values: Any) -> Entry:
    here = BELONGS_TO.get(request.endpoint or "", request.endpoint)
    return Entry(label, url_for(endpoint, **values), here == endpoint)


def configure(app: Flask) -> None:
    app.jinja_env.globals.update(
        public_entries=public_entries, footer_entries=footer_entries, tenant_entries=tenant_entries
    )
