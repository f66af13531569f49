"""Making the PDF of an improvement plan in the background."""

from __future__ import annotations

import uuid

from flask import Flask

from maturity.extensions import db
from maturity.jobs.models import Job
from maturity.jobs.worker import Progress
from maturity.portfolios.clients import find_client
from maturity.portfolios.plan_pages import plan_html, plan_paper
from maturity.reports.jobs import Steps, print_and_keep
from maturity.tenancy.models import Tenant

PAGES = 12


def make_plan(app: Flask, job: Job, progress: Progress) -> None:
    """The plan as it is printed; nothing without a live grant. It may be tried again."""
    print_and_keep(app, job, Steps(progress, PAGES), lambda: _page(app, job))


def _page(app: Flask, job: Job) -> tuple[str, str]:
    session = db.session()
    tenant = session.get_one(Tenant, job.tenant_id)
    client = find_client(session, job.tenant_id, uuid.UUID(job.payload["client_id"]), app.extensions["clock"])
    with app.test_request_context():
        paper = plan_paper(session, tenant, client, job.payload["version"])
        return paper.key, plan_html(paper)
