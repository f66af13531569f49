"""A signed-in owner at a fresh assessment, with a vault of its own and a worker that does what is waiting."""

from __future__ import annotations

import io
import re
import shutil
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.test import TestResponse, encode_multipart

from maturity.accounts.models import User
from maturity.assessments.models import Assessment
from maturity.audit.models import AuditEvent
from maturity.clock import FixedClock
from maturity.evidence.models import EvidenceFile, EvidenceLink
from maturity.evidence.storage import Vault
from maturity.jobs.models import Job
from maturity.jobs.routes import HANDLERS
from maturity.jobs.worker import run_one
from maturity.tenancy.models import Tenant
from tests.clamd import FakeClamd, running_clamd
from tests.conftest import Browser
from tests.factories.assessments import make_assessment
from tests.factories.enterprises import add_member, make_enterprise
from tests.factories.people import make_user, sign_in
from tests.page import Page

QUESTION, ANOTHER = "it_investment", "it_planning"
JSON = {"Accept": "application/json"}


@pytest.fixture(autouse=True)
def _empty_vault(site: Any) -> Iterator[None]:
    yield
    shutil.rmtree(site.config["DATA_DIR"] / "evidence", ignore_errors=True)


@pytest.fixture
def owner(browser: Browser, session: Session) -> User:
    user = make_user(session)
    session.commit()
    sign_in(browser.client, user)
    return user


@pytest.fixture
def tenant(session: Session, clock: FixedClock, owner: User) -> Tenant:
    tenant = make_enterprise(session, owner, clock)
    session.commit()
    return tenant


@pytest.fixture
def draft(session: Session, clock: FixedClock, tenant: Tenant) -> Assessment:
    assessment = make_assessment(session, tenant, clock)
    session.commit()
    return assessment


@dataclass(slots=True)
class Cabinet:
    """A person with files, at one assessment."""

    browser: Browser
    base: str

    def page(self, question: str = QUESTION, status: int = 200) -> Page:
        return self.browser.get(f"{self.base}/questions/{question}/evidence", status)

    def upload(self, *files: tuple[str, bytes], question: str = QUESTION, status: int = 200) -> Page:
        """The plain form; a file is its name and its content."""
        return self.browser.post(f"{self.base}/questions/{question}/evidence", sent(*files), status)

    def send(self, *files: tuple[str, bytes], question: str = QUESTION) -> TestResponse:
        """As the script does."""
        url = f"{self.base}/questions/{question}/evidence"
        parts = MultiDict([("files", FileStorage(io.BytesIO(content), name)) for name, content in files])
        boundary, body = encode_multipart(parts)  # by hand: the client would leave a large body's file open
        kind = f"multipart/form-data; boundary={boundary}"
        return self.browser.client.post(url, data=body, content_type=kind, headers=JSON)

    def file(self, file_id: uuid.UUID, status: int = 200) -> Page:
        return self.browser.get(f"{self.base}/evidence/{file_id}", status)

    def download(self, file_id: uuid.UUID, **headers: str) -> TestResponse:
        return self.browser.client.get(f"{self.base}/evidence/{file_id}/content", headers=headers)

    def picture(self, file_id: uuid.UUID, name: str = "thumbnail") -> TestResponse:
        return self.browser.client.get(f"{self.base}/evidence/{file_id}/{name}")

    def post(self, address: str, status: int = 200, **fields: Any) -> Page:
        return self.browser.post(f"{self.base}/{address}", fields, status)


def sent(*files: tuple[str, bytes]) -> dict[str, Any]:
    return {"files": [(io.BytesIO(content), name) for name, content in files]}


@pytest.fixture
def cabinet(browser: Browser, session: Session, draft: Assessment) -> Cabinet:
    cabinet = Cabinet(browser, f"/t/{draft.tenant_id}/assessments/{draft.id}")
    session.rollback()
    return cabinet


def cabinet_of(app: Any, session: Session, clock: FixedClock, tenant: Tenant, base: str, role: str) -> Cabinet:
    """Somebody else of the enterprise at the same assessment."""
    user = make_user(session, name="李梅")
    add_member(session, tenant, user, role, clock)
    session.commit()
    client: FlaskClient = app.test_client()
    sign_in(client, user)
    session.rollback()
    return Cabinet(Browser(client), base)


class Stored:
    """What the database holds; reading never keeps a lock."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def _all(self, query: Any) -> list[Any]:
        self.session.rollback()
        found = list(self.session.scalars(query.execution_options(populate_existing=True)))
        for row in found:
            if hasattr(row, "tenant_id"):
                self.session.expunge(row)
        self.session.rollback()
        return found

    def files(self) -> list[EvidenceFile]:
        return self._all(select(EvidenceFile).order_by(EvidenceFile.uploaded_at, EvidenceFile.name))

    def file(self) -> EvidenceFile:
        (found,) = self.files()
        return found

    def links(self) -> list[EvidenceLink]:
        return self._all(select(EvidenceLink).order_by(EvidenceLink.linked_at))

    def link(self) -> EvidenceLink:
        (found,) = self.links()
        return found

    def jobs(self, kind: str) -> list[Job]:
        return self._all(select(Job).where(Job.kind == kind).order_by(Job.created_at, Job.key))

    def events(self, event: str) -> list[AuditEvent]:
        return self._all(select(AuditEvent).where(AuditEvent.event == event))


@pytest.fixture
def stored(session: Session) -> Stored:
    return Stored(session)


class Worker:
    """Works off the jobs that are due, as `flask worker` does, until none is left."""

    def __init__(self, app: Any, session: Session, clock: FixedClock) -> None:
        self.app, self.session, self.clock = app, session, clock

    def due(self) -> list[uuid.UUID]:
        self.session.rollback()
        query = select(Job.id).where(Job.state == "queued", Job.due_at.is_(None) | (Job.due_at <= self.clock.now()))
        found = list(self.session.scalars(query))
        self.session.rollback()
        return found

    def work_off(self) -> None:
        for _ in range(10):
            waiting = self.due()
            if not waiting:
                return
            for job_id in waiting:
                with self.app.app_context():
                    run_one(self.app, job_id, HANDLERS)
        raise AssertionError("jobs without end")


@pytest.fixture
def worker(app: Any, session: Session, clock: FixedClock) -> Worker:
    return Worker(app, session, clock)


@pytest.fixture
def vault(app: Any, draft: Assessment, session: Session) -> Vault:
    vault = Vault(app.config["DATA_DIR"], draft.tenant_id)
    session.rollback()
    return vault


@pytest.fixture
def clamd(app: Any) -> Iterator[FakeClamd]:
    """A scanner, and the site configured to ask it."""
    with running_clamd() as server:
        app.config["CLAMD"] = server.address
        yield server
    app.config["CLAMD"] = None


def on_disk(vault: Vault) -> list[Path]:
    return sorted(path for path in vault.folder.rglob("*") if path.is_file())


def codes(page: Page) -> list[str]:
    """The names between quotation marks in the messages of a page."""
    return re.findall(r"“([^”]+)”", page.text)
