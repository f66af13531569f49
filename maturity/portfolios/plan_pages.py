"""An improvement plan as a document: which it is, and as Word or as the page the PDF is made of."""

from __future__ import annotations

from dataclasses import dataclass

from flask import render_template
from flask_babel import force_locale, gettext
from sqlalchemy.orm import Session

from maturity.clock import Clock
from maturity.editions.service import canonical, digest
from maturity.errors import NotFound
from maturity.jobs.models import Job
from maturity.jobs.service import ask_for_job
from maturity.portfolios.branding import brand_of
from maturity.portfolios.clients import Client
from maturity.portfolios.models import ImprovementPlan
from maturity.portfolios.outline import chapters_of
from maturity.portfolios.plans import Plan, find_plan
from maturity.portfolios.word import plan_document
from maturity.reports.service import Brand
from maturity.tenancy.models import Tenant
from maturity.web.filters import day_prose

KIND = "plan"
TEMPLATE_VERSION = "1"


@dataclass(frozen=True, slots=True)
class PlanPaper:
    """One version of a plan with the brand it goes out under."""

    row: ImprovementPlan
    plan: Plan
    brand: Brand

    @property
    def key(self) -> str:
        """Everything the document depends on."""
        parts = (KIND, TEMPLATE_VERSION, self.brand.digest, self.row.saved_at.isoformat())
        return digest("|".join((*parts, digest(canonical(self.row.body)))).encode())


def plan_paper(session: Session, tenant: Tenant, client: Client, version: int | None = None) -> PlanPaper:
    """The newest version, or the one named; `NotFound` where there is none."""
    row = find_plan(session, client.id, version)
    if row is None:
        raise NotFound("plan")
    return PlanPaper(row, Plan.of(row.body), brand_of(session, tenant))


def plan_word(paper: PlanPaper) -> bytes:
    with force_locale(paper.plan.locale):
        title, dated = gettext("Improvement plan"), day_prose(paper.row.saved_at)
        return plan_document(title, paper.plan.basis["enterprise"], dated, paper.brand, chapters_of(paper.plan))


def plan_html(paper: PlanPaper) -> str:
    """The finished page for the PDF."""
    with force_locale(paper.plan.locale):
        return render_template(
            "portfolios/plan_pdf.html",
            plan=paper.plan,
            basis=paper.plan.basis,
            chapters=chapters_of(paper.plan),
            brand=paper.brand,
            version=paper.row.version,
            saved_at=paper.row.saved_at,
            document_number=paper.key[:12].upper(),
            report_locale=paper.plan.locale,
        )


def ask_for_plan(session: Session, paper: PlanPaper, *, actor_id: int, clock: Clock) -> Job:
    """The job that makes the PDF; it belongs to the consultancy."""
    row = paper.row
    payload = {"client_id": str(row.client_id), "version": row.version, "kind": KIND}
    return ask_for_job(session, row.tenant_id, KIND, paper.key, payload, actor_id=actor_id, clock=clock)
