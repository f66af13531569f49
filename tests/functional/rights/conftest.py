"""An owner of an enterprise with a result, evidence and a comment, and a worker that does what is waiting."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
import uuid
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from config import from_env
from maturity.accounts.models import User
from maturity.app import create_app
from maturity.assessments.models import Assessment
from maturity.clock import FixedClock
from maturity.db import every_tenant, writing
from maturity.editions.service import store_library
from maturity.evidence.models import EvidenceFile, EvidenceLink
from maturity.evidence.storage import Vault
from maturity.extensions import db
from maturity.jobs.models import Job
from maturity.jobs.routes import HANDLERS
from maturity.jobs.worker import run_one
from maturity.messages.models import Message
from maturity.rights.exports import path_of_export
from maturity.rights.models import TenantExport
from maturity.tenancy.models import Tenant
from tests.conftest import NOW, Browser
from tests.factories.assessments import make_assessment, make_result
from tests.factories.enterprises import make_enterprise
from tests.factories.files import pdf
from tests.factories.people import keep, make_user, sign_in
from tests.factories.teamwork import make_comment

FOLDERS = ("evidence", "exports", "documents")


@pytest.fixture(autouse=True)
def _empty_folders(site: Any) -> Iterator[None]:
    yield
    for name in FOLDERS:
        shutil.rmtree(site.config["DATA_DIR"] / name, ignore_errors=True)


@dataclass(frozen=True, slots=True)
class Place:
    """An enterprise by its numbers, so that nothing is loaded after a commit."""

    tenant_id: uuid.UUID
    owner_id: int
    owner_email: str
    assessment_id: uuid.UUID
    name: str
    sha256: str  # of its one file

    @property
    def base(self) -> str:
        return f"/t/{self.tenant_id}/data"


def furnish(session: Session, data: Path, clock: FixedClock, owner: User) -> Place:
    """An enterprise with a submitted result, its correction, a file, a comment."""
    tenant = make_enterprise(session, owner, clock)
    make_result(session, tenant, clock)
    draft = make_assessment(session, tenant, clock, period=2026)
    make_comment(session, draft, clock).written_by = owner.id
    sha256 = put_evidence(session, data, draft, clock)
    row: Any = owner
    place = Place(tenant.id, row.id, str(owner.email), draft.id, tenant.name, sha256)
    session.commit()
    return place


def put_evidence(session: Session, data: Path, assessment: Assessment, clock: FixedClock) -> str:
    """A real PDF in the vault, beside one answer."""
    vault, content = Vault(data, assessment.tenant_id), pdf()
    path = vault.passing()
    path.write_bytes(content)
    sha256 = hashlib.sha256(content).hexdigest()
    vault.keep(path, vault.path(sha256))
    file = EvidenceFile(
        id=uuid.uuid4(),
        tenant_id=assessment.tenant_id,
        sha256=sha256,
        size=len(content),
        media_type="application/pdf",
        name="投入 台账.pdf",
        state="unscanned",
        uploaded_at=clock.now(),
    )
    session.add(file)
    session.flush()
    session.add(
        EvidenceLink(
            id=uuid.uuid4(),
            tenant_id=assessment.tenant_id,
            file_id=file.id,
            assessment_id=assessment.id,
            question_id="it_investment",
            linked_at=clock.now(),
        )
    )
    session.flush()
    return sha256


@pytest.fixture
def owner(browser: Browser, session: Session) -> User:
    user = make_user(session)
    session.commit()
    sign_in(browser.client, user)
    return user


@pytest.fixture
def place(app: Any, session: Session, clock: FixedClock, owner: User) -> Place:
    place = furnish(session, app.config["DATA_DIR"], clock, owner)
    keep(session)
    session.rollback()
    return place


class Worker:
    """Works off the jobs that are due, as `flask worker` does, until none is left."""

    def __init__(self, app: Any, session: Session, clock: FixedClock) -> None:
        self.app, self.session, self.clock = app, session, clock

    def work_off(self) -> None:
        for _ in range(10):
            self.session.rollback()
            query = select(Job.id).where(Job.state == "queued", Job.due_at.is_(None) | (Job.due_at <= self.clock.now()))
            waiting = list(self.session.scalars(query))
            self.session.rollback()
            if not waiting:
                return
            for job_id in waiting:
                with self.app.app_context():
                    run_one(self.app, job_id, HANDLERS)
        raise AssertionError("jobs without end")

    def failed(self) -> list[str]:
        self.session.rollback()
        found = [f"{job.kind} {job.error}" for job in self.session.scalars(select(Job).where(Job.state == "failed"))]
        self.session.rollback()
        return found


@pytest.fixture
def worker(app: Any, session: Session, clock: FixedClock) -> Worker:
    return Worker(app, session, clock)


@pytest.fixture
def letters(session: Session) -> Any:
    """What was written since, as (recipient, subject, body)."""

    def read() -> list[tuple[str, str, str]]:
        session.rollback()
        query = select(Message).order_by(Message.created_at, Message.id)
        found = [(row.recipient, row.subject, row.body) for row in session.scalars(query)]
        session.rollback()
        return found

    return read


@pytest.fixture
def archive(app: Any, session: Session, browser: Browser, place: Place, worker: Worker) -> Path:
    """The archive that an owner asked for, beside the installation."""
    browser.post(f"{place.base}/exports")
    worker.work_off()
    assert worker.failed() == []
    session.rollback()
    export = session.scalars(select(TenantExport)).one()
    path = path_of_export(app.config["DATA_DIR"], export)
    session.rollback()
    return path


@pytest.fixture
def elsewhere(app: Any, session: Session) -> Iterator[Flask]:
    """Another, empty installation on SQLite with the editions of the library."""
    session.rollback()
    with tempfile.TemporaryDirectory() as folder:
        environment = {"MATURITY_ENV": "testing", "MATURITY_DATA": folder, "MATURITY_DATA_REGION": "310000"}
        other = create_app(from_env(environment), clock=FixedClock(NOW))
        other.config["WTF_CSRF_ENABLED"] = False
        with other.app_context():
            writing.set(True)
            db.create_all()
            with every_tenant(db.session()):
                store_library(db.session(), FixedClock(NOW))
                db.session.commit()
            db.session.remove()
        yield other
        with other.app_context():
            db.session.remove()
            db.engine.dispose()


def members(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as zipped:
        return {name: zipped.read(name) for name in zipped.namelist()}


def tenant_of(session: Session, place: Place) -> Tenant:
    return session.get_one(Tenant, place.tenant_id)
