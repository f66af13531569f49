"""A signed-in owner at a fresh assessment, who downloads its workbook, fills it in and uploads it."""

from __future__ import annotations

import io
import re
import shutil
import uuid
from collections.abc import Iterator
from contextvars import Context
from typing import Any

import pytest
from openpyxl import load_workbook
from openpyxl.workbook import Workbook
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.test import encode_multipart

from maturity.accounts.models import User
from maturity.assessments.models import Answer, AnswerVersion, Assessment
from maturity.clock import FixedClock
from maturity.extensions import db
from maturity.jobs.models import Job
from maturity.jobs.routes import HANDLERS
from maturity.jobs.worker import run_one
from maturity.tenancy.models import Tenant
from tests.conftest import Browser
from tests.factories.assessments import make_assessment
from tests.factories.billing import on_plan
from tests.factories.enterprises import add_member, make_enterprise
from tests.factories.people import make_user, sign_in
from tests.page import Page


@pytest.fixture(autouse=True)
def _empty_room(site: Any) -> Iterator[None]:
    yield
    shutil.rmtree(site.config["DATA_DIR"] / "workbooks", ignore_errors=True)


@pytest.fixture
def owner(browser: Browser, session: Session) -> User:
    user = make_user(session)
    session.commit()
    sign_in(browser.client, user)
    return user


@pytest.fixture
def tenant(session: Session, clock: FixedClock, owner: User) -> Tenant:
    tenant = make_enterprise(session, owner, clock)
    on_plan(session, tenant, "pro", clock)
    session.commit()
    return tenant


@pytest.fixture
def draft(session: Session, clock: FixedClock, tenant: Tenant) -> Assessment:
    assessment = make_assessment(session, tenant, clock)
    session.commit()
    return assessment


class Sheets:
    """A downloaded workbook, as a person fills it in: cells by the id of what they ask for."""

    def __init__(self, content: bytes) -> None:
        self.book: Workbook = load_workbook(io.BytesIO(content))

    def cell(self, slot: str, key: str = "answer") -> Any:
        for sheet in self.book.worksheets:
            keys = {cell.value: cell.column for cell in sheet[1]}
            if "id" not in keys:
                continue
            for row in range(5, sheet.max_row + 1):
                if sheet.cell(row, keys["id"]).value == slot:
                    return sheet.cell(row, keys[key])
        raise AssertionError(f"no cell for {slot}")

    def place(self, slot: str) -> str:
        cell = self.cell(slot)
        return f"{cell.parent.title}!{cell.coordinate}"

    def fill(self, **answers: Any) -> Sheets:
        """Answers by slot id, `__` for the dot in it."""
        for slot, value in answers.items():
            self.cell(slot.replace("__", ".")).value = value
        return self

    def content(self) -> bytes:
        buffer = io.BytesIO()
        self.book.save(buffer)
        return buffer.getvalue()


def send(browser: Browser, url: str, content: bytes, name: str, status: int = 200, **fields: str) -> Page:
    """Post a file as a form does; by hand, because the client would leave a large body's file open."""
    parts = MultiDict([*fields.items(), ("file", FileStorage(io.BytesIO(content), name))])
    boundary, body = encode_multipart(parts)
    kind = f"multipart/form-data; boundary={boundary}"
    response = browser.client.post(url, data=body, content_type=kind, follow_redirects=True)
    assert response.status_code == status, response.text[:500]
    return Page(response.text, response.request.path)


class Desk:
    """A person at the workbook page of one assessment."""

    def __init__(self, browser: Browser, base: str) -> None:
        self.browser, self.base = browser, base

    def page(self, status: int = 200) -> Page:
        return self.browser.get(self.base, status)

    def download(self, language: str = "en") -> Sheets:
        response = self.browser.client.get(f"{self.base}.xlsx?language={language}")
        assert response.status_code == 200
        return Sheets(response.data)

    def upload(self, content: bytes | Sheets, name: str = "answers.xlsx", status: int = 200) -> Page:
        data = content.content() if isinstance(content, Sheets) else content
        return send(self.browser, self.base, data, name, status)

    def apply(self, preview: Page, status: int = 200) -> Page:
        seen = next(str(field["value"]) for field in _hidden(preview) if field["name"] == "seen")
        return self.browser.post(f"{preview.path}/apply", {"seen": seen}, status)


def _hidden(page: Page) -> list[dict[str, Any]]:
    found = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page.html)
    return [{"name": name, "value": value} for name, value in found]


@pytest.fixture
def desk(browser: Browser, session: Session, draft: Assessment) -> Desk:
    desk = Desk(browser, f"/t/{draft.tenant_id}/assessments/{draft.id}/workbook")
    session.rollback()
    return desk


@pytest.fixture
def colleague(app: Any, session: Session, clock: FixedClock, tenant: Tenant, desk: Desk) -> Desk:
    """Somebody else of the enterprise at the same assessment."""
    return member(app, session, clock, tenant, desk, "editor")


def member(app: Any, session: Session, clock: FixedClock, tenant: Tenant, desk: Desk, role: str) -> Desk:
    user = make_user(session, name="李梅")
    add_member(session, tenant, user, role, clock)
    session.commit()
    browser = Browser(app.test_client())
    sign_in(browser.client, user)
    session.rollback()
    return Desk(browser, desk.base)


class Stored:
    """What the database holds; reading never keeps a lock."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def answer(self, question_id: str) -> dict[str, Any] | None:
        row = self.session.execute(select(Answer.facts).where(Answer.question_id == question_id)).scalar()
        self.session.rollback()
        return row

    def sources(self, question_id: str) -> list[str]:
        query = select(AnswerVersion.source).where(AnswerVersion.question_id == question_id)
        rows = list(self.session.scalars(query.order_by(AnswerVersion.version)))
        self.session.rollback()
        return rows

    def count(self) -> int:
        rows = self.session.execute(select(Answer.question_id)).all()
        self.session.rollback()
        return len(rows)


@pytest.fixture
def stored(session: Session) -> Stored:
    return Stored(session)


def work(app: Any, session: Session, *kinds: str) -> int:
    """Do what is waiting, as the worker would; how many jobs that were."""
    session.rollback()
    waiting: list[uuid.UUID] = list(session.scalars(select(Job.id).where(Job.state == "queued", Job.kind.in_(kinds))))
    session.rollback()

    def run(job_id: uuid.UUID) -> None:
        with app.app_context():
            try:
                run_one(app, job_id, HANDLERS)
            finally:
                db.session.remove()

    for job_id in waiting:
        Context().run(run, job_id)
    return len(waiting)
