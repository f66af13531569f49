"""A job's progress, and the wiring of the queue to the site."""

from __future__ import annotations

import threading
import uuid
from functools import partial
from typing import Any
from uuid import UUID

from flask import Blueprint, Flask, current_app, jsonify
from flask.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue
from huey.api import Huey
from sqlalchemy import select

from maturity.billing.fetching import FETCH
from maturity.billing.jobs import NIGHT, apply_event, compare_by_night, fetch_object
from maturity.billing.webhooks import JOB as BILLING_EVENT
from maturity.campaigns.jobs import close_campaign, make_campaign_report, send_letters
from maturity.certificates.issuing import ISSUE
from maturity.certificates.jobs import issue_certificate
from maturity.certification.issued import follow_issue
from maturity.certification.jobs import certification_clock
from maturity.claims.jobs import check_licence, examine_claim, forget_licence, settle_claim
from maturity.credentials.service import credential_for
from maturity.errors import NotFound
from maturity.evidence.jobs import erase_file, process_file, sweep_expired
from maturity.extensions import db
from maturity.jobs.models import Job
from maturity.jobs.service import wake_after_commit
from maturity.jobs.worker import SWEEP_SECONDS, Handler, make_queue, run_one, sweep
from maturity.portfolios.jobs import make_plan
from maturity.releases.jobs import compute_release, issue_receipts
from maturity.reports.jobs import make_document
from maturity.rights.jobs import close_account, erase_tenant, make_export, spend_night
from maturity.standing.jobs import tell_operator
from maturity.teamwork.jobs import remind_by_calendar, tell_mentions
from maturity.tenancy.permissions import Permission
from maturity.tenancy.service import Access
from maturity.verification.jobs import publish_figures, write_spot_check_letters
from maturity.web.access import requires
from maturity.workbooks.jobs import forget_workbook, import_many
from maturity.yearly.jobs import draft_report, print_report

bp = Blueprint("jobs", __name__)
HANDLERS: dict[str, Handler] = {
    "document": make_document,
    "yearly_draft": draft_report,
    "yearly_print": print_report,
    "plan": make_plan,
    "mentions": tell_mentions,
    "reminder": remind_by_calendar,
    "evidence_file": process_file,
    "evidence_erasure": erase_file,
    "evidence_retention": sweep_expired,
    "tenant_export": make_export,
    "tenant_erasure": erase_tenant,
    "account_erasure": close_account,
    "rights_night": spend_night,
    "bulk_upload": import_many,
    "workbook_expiry": forget_workbook,
    "campaign_letters": send_letters,
    "campaign_close": close_campaign,
    "campaign_report": make_campaign_report,
    "claim_licence": check_licence,
    "claim_examined": examine_claim,
    "claim_due": settle_claim,
    "claim_forgotten": forget_licence,
    "release": compute_release,
    "release_receipts": issue_receipts,
    "objection_told": tell_operator,
    "body_figures": publish_figures,
    "spot_check_letters": write_spot_check_letters,
    "certification_clock": certification_clock,
    BILLING_EVENT: apply_event,
    FETCH: fetch_object,
    NIGHT: compare_by_night,
    ISSUE: partial(issue_certificate, credential=credential_for, follow=follow_issue),
}


# Once for the process: the session class is shared by all apps, the queue belongs to the current one.
wake_after_commit(db.session, lambda job_id: current_app.extensions["wake"](job_id))


def queue_of(app: Flask) -> Huey:
    queue: Huey = app.extensions["queue"]
    return queue


@bp.record_once
def _wire(state: BlueprintSetupState) -> None:
    """Committing a job wakes the worker; the sweep finds what a lost message or a crash left behind."""
    app: Any = state.app
    queue = make_queue(app)
    app.extensions["queue"] = queue

    @queue.task(name="run_job")
    def run_job(job_id: str) -> None:
        with app.app_context():
            run_one(app, uuid.UUID(job_id), HANDLERS)

    @queue.on_startup()
    def _sweep_for_ever() -> None:
        timer = threading.Thread(target=_sweeping, args=(app,), daemon=True)
        timer.start()

    app.extensions["wake"] = lambda job_id: run_job(str(job_id))


def wake_the_waiting(app: Flask) -> None:
    """One sweep: a message for every job that nobody is working on."""
    for job_id in sweep(app):
        app.extensions["wake"](job_id)


def _sweeping(app: Flask) -> None:
    pause = threading.Event()
    while True:
        try:
            with app.app_context():
                wake_the_waiting(app)
        except Exception:
            app.logger.exception("the sweep failed; it tries again")
        pause.wait(SWEEP_SECONDS)


@bp.get("/t/<uuid:tenant_id>/jobs/<uuid:job_id>")
@requires(Permission.REPORT_VIEW)
def show(access: Access, job_id: UUID) -> ResponseReturnValue:
    job = db.session.scalar(select(Job).where(Job.id == job_id))
    if job is None:
        raise NotFound("report")
    return jsonify(state=job.state, done=job.progress_done, total=job.progress_total, error=job.error)
