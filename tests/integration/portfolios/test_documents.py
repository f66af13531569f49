"""The plan as PDF, and the report under a brand: made once, by what they depend on, and never without a grant."""

from __future__ import annotations

import uuid
from contextvars import Context
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from maturity.assessments.models import Assessment, Submission
from maturity.clock import FixedClock
from maturity.consulting.service import revoke_grant
from maturity.db import for_tenant
from maturity.editions.service import framework_by_hash
from maturity.extensions import db
from maturity.jobs.models import Job
from maturity.jobs.routes import HANDLERS
from maturity.jobs.worker import run_one
from maturity.portfolios.clients import find_client
from maturity.portfolios.plan_pages import PlanPaper, ask_for_plan, plan_html, plan_paper
from maturity.portfolios.plans import draw_up, save_plan
from maturity.reports.models import DocumentFile
from maturity.reports.service import Brand, wanted_document
from maturity.results.view import result_of
from maturity.tenancy.models import Grant, Tenant
from tests.factories.assessments import make_result
from tests.factories.people import make_user
from tests.factories.portfolios import keep, make_client, make_consultancy, sweep


@pytest.fixture
def sides(session: Session, clock: FixedClock) -> tuple[Tenant, Tenant, Grant, uuid.UUID]:
    """Consultancy, client with a result, grant, and the assessment of the result."""
    adviser = make_user(session)
    keep(session)
    consultancy = make_consultancy(session, adviser, clock)
    client, grant = make_client(session, consultancy, clock)
    assessment = make_result(session, client, clock)
    found = assessment.id
    keep(session)
    return consultancy, client, grant, found


def _draw_up(app: Any, session: Session, clock: FixedClock, sides: Any) -> PlanPaper:
    """A saved plan of the client, with the paper it is printed from."""
    consultancy, client, _grant, assessment_id = sides
    sweep(app)
    with app.test_request_context():
        assessment = session.get_one(Assessment, assessment_id)
        submission = session.scalars(select(Submission)).one()
        result = result_of(session, framework_by_hash(session, assessment.edition_sha256), submission)
        plan = draw_up(result, "zh_CN", clock.today())
        user = make_user(session)
        session.commit()
        with for_tenant(session, consultancy.id):
            known = find_client(session, consultancy.id, client.id, clock)
            save_plan(session, known, plan, 0, actor_id=user.id, clock=clock)
            paper = plan_paper(session, consultancy, known)
            ask_for_plan(session, paper, actor_id=user.id, clock=clock)
            session.commit()
    return paper


def _work(app: Any, job_id: uuid.UUID) -> None:
    def run() -> None:
        with app.app_context():
            run_one(app, job_id, HANDLERS)
            db.session.remove()

    Context().run(run)


def _job(session: Session) -> tuple[uuid.UUID, str, str | None]:
    session.rollback()
    job = session.scalars(select(Job)).one()
    found = job.id, job.state, job.error
    keep(session)
    return found


def test_the_pdf_of_a_plan_is_made(app: Any, session: Session, clock: FixedClock, sides: Any) -> None:
    paper = _draw_up(app, session, clock, sides)
    keep(session)
    _work(app, _job(session)[0])
    assert _job(session)[1:] == ("done", None)
    document = session.scalars(select(DocumentFile)).one()
    assert (document.tenant_id, document.key) == (sides[0].id, paper.key)
    content = (app.config["DATA_DIR"] / "documents" / f"{document.sha256}.pdf").read_bytes()
    assert content.startswith(b"%PDF")


def test_without_a_live_grant_nothing_is_made(app: Any, session: Session, clock: FixedClock, sides: Any) -> None:
    _draw_up(app, session, clock, sides)
    revoke_grant(session, sides[1].id, sides[2].id, actor_id=None, clock=clock)  # type: ignore[arg-type]
    keep(session)
    _work(app, _job(session)[0])
    assert _job(session)[1:] == ("failed", "client")
    assert session.scalars(select(DocumentFile)).all() == []


def test_the_key_of_a_plan_follows_brand_and_version(app: Any, session: Session, clock: FixedClock, sides: Any) -> None:
    paper = _draw_up(app, session, clock, sides)
    assert replace(paper, brand=Brand("另一家")).key != paper.key
    with app.test_request_context():
        assert sides[1].name in plan_html(paper)


def test_the_key_of_a_report_follows_its_brand(app: Any, session: Session, clock: FixedClock, sides: Any) -> None:
    assessment = session.get_one(Assessment, sides[3])
    brands = ("", Brand("甲").digest, Brand("乙").digest, Brand("甲", "data:image/png;base64,AA==").digest)
    keys = {wanted_document(session, assessment, "report", "en", brand).key for brand in brands}
    assert len(keys) == 4
