"""A submitted assessment, its owner signed in, and a worker that does what is waiting."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from maturity.assessments.models import Assessment
from maturity.clock import FixedClock
from maturity.jobs.models import Job
from maturity.jobs.routes import HANDLERS
from maturity.jobs.worker import run_one
from maturity.reports import jobs
from maturity.reports.service import folder_of
from maturity.tenancy.models import Tenant
from tests.conftest import Browser
from tests.factories.assessments import make_result
from tests.factories.enterprises import make_enterprise
from tests.factories.people import make_user, sign_in

CONTENT = b"%PDF-1.7 a finished document"
Render = Callable[..., bytes]


@pytest.fixture
def tenant(browser: Browser, session: Session, clock: FixedClock) -> Tenant:
    owner = make_user(session)
    tenant = make_enterprise(session, owner, clock)
    session.commit()
    sign_in(browser.client, owner)
    return tenant


@pytest.fixture
def submitted(session: Session, tenant: Tenant, clock: FixedClock) -> Assessment:
    assessment = make_result(session, tenant, clock)
    session.commit()
    return assessment


@pytest.fixture
def base(submitted: Assessment) -> str:
    return f"/t/{submitted.tenant_id}/assessments/{submitted.id}"


@pytest.fixture
def documents(app: Any) -> Iterator[Path]:
    folder = folder_of(app.config["DATA_DIR"])
    yield folder
    for file in folder.glob("*"):
        file.unlink()


@pytest.fixture
def rendered(monkeypatch: pytest.MonkeyPatch, documents: Path) -> None:
    """Rendering replaced: what WeasyPrint makes of the page is looked at on paper, elsewhere."""
    monkeypatch.setattr(jobs, "render_pdf", lambda _html, _identity, _step: CONTENT)


class Worker:
    """Works off the jobs that wait, as `flask worker` does."""

    def __init__(self, app: Flask, session: Session) -> None:
        self.app, self.session = app, session

    def waiting(self) -> list[Any]:
        found = list(self.session.scalars(select(Job.id).where(Job.state == "queued")))
        self.session.rollback()
        return found

    def work_off(self) -> None:
        for job_id in self.waiting():
            with self.app.app_context():
                run_one(self.app, job_id, HANDLERS)


@pytest.fixture
def worker(app: Any, session: Session) -> Worker:
    return Worker(app, session)
