"""The site's navigation as data: what header, tenant bar and footer offer, in order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Flask, current_app, request, url_for
from flask_babel import LazyString
from flask_babel import lazy_gettext as _

from maturity.tenancy.models import Tenant
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
    ("portfolios.index", _("Clients"), Permission.PORTFOLIO_VIEW),
    ("portfolios.tasks", _("Tasks"), Permission.PORTFOLIO_VIEW),
    ("portfolios.brand", _("Name and logo"), Permission.PORTFOLIO_EDIT),
    ("operation.overview", _("Operation"), Permission.OPERATE),
    ("operation.tenants", _("Tenants"), Permission.OPERATE),
    ("people.index", _("People"), Permission.PEOPLE_VIEW),
    ("consulting.grants", _("Consultants"), Permission.GRANT_MANAGE),
    ("audit.show", _("Audit log"), Permission.AUDIT_VIEW),
)
#: kind of tenant -> where its people begin
HOMES = {
    "enterprise": "assessments.home",
    "consultancy": "portfolios.index",
    "operator": "operation.overview",
    "regulator": "people.index",
    "certification_body": "people.index",
}
#: Endpoints whose place in the navigation is another entry.
BELONGS_TO = {
    "consulting.give": "consulting.grants",
    "consulting.change": "consulting.grants",
    "people.invite_person": "people.index",
    "portfolios.keep_view": "portfolios.index",
    "portfolios.show": "portfolios.index",
    "portfolios.plan": "portfolios.index",
    "portfolios.change_plan": "portfolios.index",
    "portfolios.plan_pdf": "portfolios.index",
    "portfolios.remind": "portfolios.index",
    "portfolios.send_reminders": "portfolios.index",
    "portfolios.compare": "portfolios.index",
    "portfolios.invite": "portfolios.index",
    "portfolios.check_invitations": "portfolios.index",
    "portfolios.send": "portfolios.index",
    "portfolios.write_note": "portfolios.index",
    "portfolios.give_task": "portfolios.index",
    "portfolios.add": "portfolios.tasks",
    "portfolios.set_brand": "portfolios.brand",
    "organisations.update": "organisations.edit",
}


@dataclass(frozen=True, slots=True)
class Entry:
    label: LazyString
    url: str
    is_current: bool


def tenant_home(tenant: Tenant) -> str:
    return url_for(HOMES[tenant.kind], tenant_id=tenant.id)


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
        tenant_home=tenant_home,
        public_entries=public_entries,
        footer_entries=footer_entries,
        tenant_entries=tenant_entries,
    )
