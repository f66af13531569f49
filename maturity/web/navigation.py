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
    ("crosswalk.express", _("Three-minute check")),
    ("verification.begin", _("Verify")),
    ("public.methodology", _("Methodology")),
    ("standing.benchmarks", _("Benchmarks")),
    ("public.reference_figures", _("Reference figures")),
    ("demo.catalogue", _("Demonstration")),
)
FOOTER = (
    *PUBLIC,
    ("billing.plans", _("Plans and prices")),
    ("verification.register", _("Register of certificates")),
    ("verification.bodies_register", _("Certification bodies")),
    ("transparency.index", _("Transparency log")),
    ("signing.index", _("Signing keys")),
    ("yearly_public.index", _("Yearly reports")),
    ("public.privacy", _("Privacy")),
    ("public.status", _("System status")),
)
#: (endpoint, label, who sees it) inside a tenant
TENANT = (
    ("assessments.home", _("Home"), Permission.ENTERPRISE_VIEW),
    ("certification.index", _("Certification"), Permission.CERTIFICATION_VIEW),
    ("organisations.edit", _("Particulars"), Permission.ENTERPRISE_EDIT),
    ("standing.show", _("Benchmarking"), Permission.BENCHMARK_VIEW),
    ("portfolios.index", _("Clients"), Permission.PORTFOLIO_VIEW),
    ("portfolios.tasks", _("Tasks"), Permission.PORTFOLIO_VIEW),
    ("portfolios.brand", _("Name and logo"), Permission.PORTFOLIO_EDIT),
    ("campaigns.index", _("Campaigns"), Permission.CAMPAIGN_VIEW),
    ("dashboard.index", _("Dashboard"), Permission.BENCHMARK_READ),
    ("yearly.index", _("Yearly reports"), Permission.YEARLY_VIEW),
    ("operation.overview", _("Operation"), Permission.OPERATE),
    ("operation.health", _("Health"), Permission.OPERATE),
    ("operation.tenants", _("Tenants"), Permission.OPERATE),
    ("operation.jobs", _("Jobs"), Permission.OPERATE),
    ("operation.outbox", _("Outbox"), Permission.OPERATE),
    ("operation.keys", _("Keys"), Permission.OPERATE),
    ("claims.queue", _("Claims"), Permission.OPERATE),
    ("standing.desk", _("Objections"), Permission.OPERATE),
    ("certification.bodies", _("Recognition of bodies"), Permission.CERTIFICATION_OVERSEE),
    ("verification.supervision", _("Supervision"), Permission.SUPERVISION_VIEW),
    ("certification.desk", _("Cases"), Permission.CASE_VIEW),
    ("certification.certificates", _("Certificates"), Permission.CASE_VIEW),
    ("verification.body_checks", _("Re-checks"), Permission.CASE_VIEW),
    ("regional.index", _("Regional index"), Permission.INDEX_VIEW),
    ("releases.index", _("Releases"), Permission.RELEASE_VIEW),
    ("reviewing.mine", _("My reviews"), Permission.CASE_VIEW),
    ("reviewing.reviewers", _("Reviewers"), Permission.CASE_VIEW),
    ("people.index", _("People"), Permission.PEOPLE_VIEW),
    ("consulting.grants", _("Consultants"), Permission.GRANT_MANAGE),
    ("billing.show", _("Plan and payments"), Permission.BILLING_VIEW),
    ("billing.subscriptions", _("Subscriptions"), Permission.BILLING_OVERSEE),
    ("billing.findings", _("Payment findings"), Permission.BILLING_OVERSEE),
    ("audit.show", _("Audit log"), Permission.AUDIT_VIEW),
    ("federation.settings", _("Settings"), Permission.TENANT_SETTINGS),
)
#: (endpoint, label, what it is for, who sees it): the sections of a tenant's settings, each a page of its feature
SETTINGS: tuple[tuple[str, LazyString, LazyString, Permission], ...] = (
    (
        "federation.policy",
        _("Signing in"),
        _("What is asked of everybody who opens these pages, and whom you may invite."),
        Permission.TENANT_SETTINGS,
    ),
    (
        "federation.provider",
        _("Identity provider"),
        _("Let your people sign in with their company account (OpenID Connect)."),
        Permission.TENANT_SETTINGS,
    ),
    (
        "rights.data",
        _("Data"),
        _("Take everything away, say what it may be used for and where it lies, have it deleted."),
        Permission.DATA_MANAGE,
    ),
)
#: What an entry is called for another kind of tenant.
CALLED = {("portfolios.index", "enterprise"): _("Subsidiaries")}
#: kind of tenant -> where its people begin
HOMES = {
    "enterprise": "assessments.home",
    "consultancy": "portfolios.index",
    "operator": "operation.overview",
    "regulator": "campaigns.index",
    "certification_body": "certification.desk",
}
#: Endpoints whose place in the navigation is another entry.
BELONGS_TO = {
    "billing.choose": "billing.show",
    "billing.buy": "billing.show",
    "billing.invoices": "billing.show",
    "billing.checkout": "billing.show",
    "billing.change": "billing.show",
    "billing.confirm": "billing.show",
    "billing.ask_to_cancel": "billing.show",
    "billing.cancel": "billing.show",
    "billing.portal": "billing.show",
    "billing.subscription": "billing.subscriptions",
    "billing.fetch_again": "billing.subscriptions",
    "billing.finding": "billing.findings",
    "billing.settle_finding": "billing.findings",
    "certification.application": "certification.index",
    "certification.apply": "certification.index",
    "certification.case": "certification.index",
    "certification.answer": "certification.index",
    "certification.hand_in": "certification.index",
    "certification.take_back": "certification.index",
    "certification.complaint": "certification.index",
    "certification.complain": "certification.index",
    "certification.certificate": "certification.index",
    "certification.show_as": "certification.index",
    "certification.rest": "certification.index",
    "certification.give_up": "certification.index",
    "certification.body_case": "certification.desk",
    "certification.accept": "certification.desk",
    "certification.reject": "certification.desk",
    "certification.set_dates": "certification.desk",
    "certification.plan": "certification.desk",
    "certification.decide": "certification.desk",
    "certification.close": "certification.desk",
    "certification.appeals": "certification.desk",
    "certification.appeal": "certification.desk",
    "certification.answer_appeal": "certification.desk",
    "reviewing.team": "certification.desk",
    "reviewing.give_part": "certification.desk",
    "certification.body_certificate": "certification.certificates",
    "certification.change_certificate": "certification.certificates",
    "certification.survey": "certification.certificates",
    "certification.body": "certification.bodies",
    "certification.recognise": "certification.bodies",
    "certification.change_body": "certification.bodies",
    "certification.body_complaint": "certification.bodies",
    "certification.answer_complaint": "certification.bodies",
    "credentials.show": "certification.index",
    "credentials.disclose": "certification.index",
    "verification.enterprise_checks": "certification.index",
    "verification.show": "verification.begin",
    "verification.examine": "verification.begin",
    "verification.sample": "verification.supervision",
    "verification.draw": "verification.supervision",
    "verification.ask": "verification.supervision",
    "verification.conclude": "verification.supervision",
    "verification.act": "verification.body_checks",
    "standing.own_data": "standing.show",
    "standing.objections": "standing.show",
    "standing.raise_one": "standing.show",
    "standing.objection": "standing.desk",
    "standing.answer": "standing.desk",
    "standing.correct": "standing.desk",
    "standing.rules": "standing.benchmarks",
    "standing.definitions": "standing.benchmarks",
    "standing.objection_rules": "standing.benchmarks",
    "consulting.new_subsidiary": "portfolios.index",
    "consulting.register_subsidiary": "portfolios.index",
    "prioritisation.tables": "assessments.home",
    "prioritisation.supply": "assessments.home",
    "prioritisation.descriptors": "assessments.home",
    "prioritisation.save_area": "assessments.home",
    "prioritisation.show": "assessments.home",
    "prioritisation.choose": "assessments.home",
    "campaigns.new": "campaigns.index",
    "campaigns.create": "campaigns.index",
    "campaigns.edit": "campaigns.index",
    "campaigns.change": "campaigns.index",
    "campaigns.board": "campaigns.index",
    "campaigns.extend": "campaigns.index",
    "campaigns.ask_to_end": "campaigns.index",
    "campaigns.quotas": "campaigns.index",
    "campaigns.keep_quota": "campaigns.index",
    "campaigns.parks": "campaigns.index",
    "campaigns.keep_park": "campaigns.index",
    "campaigns.list_page": "campaigns.index",
    "campaigns.upload": "campaigns.index",
    "campaigns.preview": "campaigns.index",
    "campaigns.invitees": "campaigns.index",
    "campaigns.report": "campaigns.index",
    "regional.show": "regional.index",
    "regional.edit": "regional.index",
    "regional.save": "regional.index",
    "regional.make_copy": "regional.index",
    "regional.new_version": "regional.index",
    "regional.remove": "regional.index",
    "regional.in_force": "regional.index",
    "regional.import_file": "regional.index",
    "regional.values": "regional.index",
    "regional.sheet": "regional.index",
    "regional.save_sheet": "regional.index",
    "regional.upload": "regional.index",
    "regional.take_release": "regional.index",
    "regional.drop_release": "regional.index",
    "regional.result": "regional.index",
    "regional.keep": "regional.index",
    "regional.region_page": "regional.index",
    "releases.new": "releases.index",
    "releases.create": "releases.index",
    "releases.show": "releases.index",
    "releases.cells": "releases.index",
    "releases.withheld": "releases.index",
    "releases.give_back": "releases.index",
    "releases.take_back": "releases.index",
    "releases.reads": "releases.index",
    "releases.receipts": "standing.show",
    "releases.receipt": "standing.show",
    "claims.show": "assessments.home",
    "claims.by_code": "assessments.home",
    "claims.by_address": "assessments.home",
    "claims.by_licence": "assessments.home",
    "claims.answer": "assessments.home",
    "claims.claim": "claims.queue",
    "claims.review": "claims.queue",
    "claims.decide": "claims.queue",
    "claims.codes": "claims.queue",
    "claims.issue": "claims.queue",
    "claims.domains": "claims.queue",
    "claims.add_domain": "claims.queue",
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
    "workbooks.show_many": "portfolios.index",
    "workbooks.upload_many": "portfolios.index",
    "workbooks.register": "portfolios.index",
    "workbooks.bulk": "portfolios.index",
    "portfolios.set_brand": "portfolios.brand",
    "organisations.update": "organisations.edit",
    "results.over_years": "assessments.home",
    "crosswalk.show": "assessments.home",
    "crosswalk.check": "crosswalk.express",
    "public.methodology_of_framework": "public.methodology",
    "rights.data": "federation.settings",
    "rights.set_region": "federation.settings",
    "rights.delete_page": "federation.settings",
    "rights.delete": "federation.settings",
    "federation.policy": "federation.settings",
    "federation.save_policy": "federation.settings",
    "federation.provider": "federation.settings",
    "federation.save_provider": "federation.settings",
    "dashboard.show": "dashboard.index",
    "reviewing.reviewer": "reviewing.reviewers",
    "reviewing.qualify": "reviewing.reviewers",
    "reviewing.declare": "reviewing.reviewers",
    "yearly.new": "yearly.index",
    "yearly.start": "yearly.index",
    "yearly.show": "yearly.index",
    "yearly.section": "yearly.index",
    "yearly.save_section": "yearly.index",
    "dashboard.keep_view": "dashboard.index",
    "dashboard.name_page": "dashboard.index",
    "dashboard.change_name": "dashboard.index",
    "operation.tenant": "operation.tenants",
    "operation.suspend_tenant": "operation.tenants",
    "operation.set_jurisdiction": "operation.tenants",
    "operation.ask_to_open": "operation.tenants",
    "operation.open_tenant": "operation.tenants",
    "operation.found": "operation.tenants",
    "operation.ask_to_stop_job": "operation.jobs",
    "operation.stop_job": "operation.jobs",
    "setup.site": "operation.overview",
    "setup.save": "operation.overview",
    "setup.particulars": "operation.overview",
    "setup.save_particulars": "operation.overview",
    "setup.services": "operation.overview",
    "setup.send_test": "operation.overview",
    "setup.content": "operation.overview",
    "setup.save_content": "operation.overview",
    "setup.summary": "operation.overview",
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
        _entry(endpoint, CALLED.get((endpoint, access.tenant.kind), label), tenant_id=access.tenant.id)
        for endpoint, label, permission in TENANT
        if access.can(permission) and _exists(endpoint)
    ]


def settings_entries(access: Access) -> list[tuple[Entry, LazyString]]:
    """The sections of the tenant's settings that the person may open, each with what it is for."""
    return [
        (_entry(endpoint, label, tenant_id=access.tenant.id), purpose)
        for endpoint, label, purpose, permission in SETTINGS
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
