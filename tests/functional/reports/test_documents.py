"""From asking for a document to having it, over HTTP."""

from __future__ import annotations

import errno
import os
import re
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from maturity.assessments.models import Assessment
from maturity.clock import FixedClock
from maturity.jobs.models import Job
from maturity.reports import jobs
from maturity.reports.pdf import MissingGlyph
from maturity.tenancy.models import Tenant
from tests.conftest import Browser
from tests.factories.assessments import make_assessment
from tests.factories.enterprises import add_member, make_enterprise
from tests.factories.people import make_user, sign_in
from tests.functional.reports.conftest import CONTENT, Worker

KINDS = ("report", "questionnaire", "answers")
pytestmark = pytest.mark.usefixtures("rendered")


def running(session: Session, **values: Any) -> None:
    session.execute(update(Job).values(state="running", **values))
    session.commit()


@pytest.mark.parametrize("kind", KINDS)
def test_a_document_is_asked_for_made_and_downloaded(browser: Browser, base: str, worker: Worker, kind: str) -> None:
    assert "has not been made yet" in browser.get(f"{base}/documents/{kind}").text
    assert "is being made" in browser.post(f"{base}/documents/{kind}").text
    worker.work_off()
    page = browser.get(f"{base}/documents/{kind}")
    assert "is ready" in page.text
    with browser.client.get(f"{base}/documents/{kind}.pdf") as reply:
        assert (reply.data, reply.mimetype) == (CONTENT, "application/pdf")
    assert f"{base}/documents/{kind}.pdf" in page.links


def test_a_download_is_named_for_what_it_is(browser: Browser, base: str, worker: Worker) -> None:
    browser.post(f"{base}/documents/report")
    worker.work_off()
    with browser.client.get(f"{base}/documents/report.pdf") as reply:
        assert "report-2025-r1-en.pdf" in reply.headers["Content-Disposition"]


def test_asking_twice_is_one_job(browser: Browser, base: str, session: Session) -> None:
    browser.post(f"{base}/documents/report")
    browser.post(f"{base}/documents/report")
    assert session.scalar(select(func.count()).select_from(Job)) == 1


def test_each_language_is_a_document_of_its_own(browser: Browser, base: str, worker: Worker) -> None:
    browser.post(f"{base}/documents/report")
    worker.work_off()
    browser.get("/?lang=zh")
    assert "文档尚未生成" in browser.get(f"{base}/documents/report").text


def test_without_scripts_the_page_looks_again_by_itself(browser: Browser, base: str, session: Session) -> None:
    browser.post(f"{base}/documents/report")
    running(session, progress_done=7, progress_total=22)
    page = browser.get(f"{base}/documents/report")
    assert '<noscript><meta http-equiv="refresh" content="3"></noscript>' in page.html
    assert "Step 7 of 22" in page.text
    assert re.search(r'<progress [^>]*max="22" value="7"', page.html)


def test_what_is_over_is_not_looked_at_again(browser: Browser, base: str, worker: Worker) -> None:
    browser.post(f"{base}/documents/report")
    worker.work_off()
    assert "http-equiv" not in browser.get(f"{base}/documents/report").html


def test_a_script_sees_how_far_the_job_is(browser: Browser, base: str, session: Session) -> None:
    browser.post(f"{base}/documents/report")
    running(session, progress_done=7, progress_total=22)
    job = session.scalars(select(Job)).one()
    url = f"/t/{job.tenant_id}/jobs/{job.id}"
    session.rollback()
    assert browser.client.get(url).json == {"state": "running", "done": 7, "total": 22, "error": None}
    assert url in browser.get(f"{base}/documents/report").html


def test_a_failed_job_says_why_and_can_be_asked_for_again(
    browser: Browser, base: str, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_handle: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    browser.post(f"{base}/documents/report")
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        worker.work_off()
    page = browser.get(f"{base}/documents/report")
    assert "The server has no space left." in page.text
    assert "Try again" in page.text
    assert "is being made" in browser.post(f"{base}/documents/report").text
    worker.work_off()
    assert "is ready" in browser.get(f"{base}/documents/report").text


def test_a_character_that_cannot_be_printed_is_named(
    browser: Browser, base: str, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    def render(*_given: Any) -> bytes:
        raise MissingGlyph("𓀀")

    monkeypatch.setattr(jobs, "render_pdf", render)
    browser.post(f"{base}/documents/report")
    worker.work_off()
    page = browser.get(f"{base}/documents/report")
    assert "The font cannot print a character" in page.text
    assert "(𓀀 U+13000)" in page.text


def test_what_an_exception_says_is_not_shown(
    browser: Browser, base: str, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    def render(*_given: Any) -> bytes:
        raise RuntimeError("password=hunter2")

    monkeypatch.setattr(jobs, "render_pdf", render)
    browser.post(f"{base}/documents/report")
    for _ in range(3):
        worker.work_off()
    page = browser.get(f"{base}/documents/report")
    assert "could not be made" in page.text
    assert "hunter2" not in page.html


def test_a_document_whose_file_is_gone_can_be_made_again(
    browser: Browser, base: str, worker: Worker, documents: Path
) -> None:
    browser.post(f"{base}/documents/report")
    worker.work_off()
    next(documents.glob("*.pdf")).unlink()
    browser.get(f"{base}/documents/report.pdf", status=404)
    assert "has not been made yet" in browser.get(f"{base}/documents/report").text
    browser.post(f"{base}/documents/report")
    worker.work_off()
    with browser.client.get(f"{base}/documents/report.pdf") as reply:
        assert reply.data == CONTENT


def test_a_download_that_is_not_there_says_what_to_do(browser: Browser, base: str) -> None:
    page = browser.get(f"{base}/documents/report.pdf", status=404)
    assert "Ask for it again on the result page." in page.text


def test_there_is_no_such_document(browser: Browser, base: str) -> None:
    browser.get(f"{base}/documents/certificate", status=404)
    browser.post(f"{base}/documents/certificate", status=404)


def test_a_draft_has_questionnaires_but_no_report(
    browser: Browser, session: Session, clock: FixedClock, tenant: Tenant
) -> None:
    draft = make_assessment(session, tenant, clock)
    session.commit()
    base = f"/t/{draft.tenant_id}/assessments/{draft.id}"
    session.rollback()
    assert "Some questions are not answered yet." in browser.post(f"{base}/documents/report", status=422).text
    browser.get(f"{base}/documents/answers")


@pytest.fixture
def outsider(app: Any, session: Session, clock: FixedClock) -> Browser:
    """Somebody of another enterprise."""
    user = make_user(session)
    make_enterprise(session, user, clock, name="另一家企业")
    session.commit()
    browser = Browser(app.test_client())
    sign_in(browser.client, user)
    return browser


def test_outsiders_find_nothing(
    browser: Browser, outsider: Browser, base: str, worker: Worker, session: Session
) -> None:
    browser.post(f"{base}/documents/report")
    worker.work_off()
    job = session.scalars(select(Job)).one()
    url = f"/t/{job.tenant_id}/jobs/{job.id}"
    session.rollback()
    for path in (f"{base}/documents/report", f"{base}/documents/report.pdf", f"{base}/questionnaire.xlsx", url):
        outsider.get(path, status=404)
    outsider.post(f"{base}/documents/report", status=404)


def test_another_tenants_job_is_not_found_under_ones_own_address(
    browser: Browser, outsider: Browser, base: str, session: Session
) -> None:
    browser.post(f"{base}/documents/report")
    job_id = session.scalars(select(Job.id)).one()
    own = session.scalars(select(Tenant.id).where(Tenant.name == "另一家企业")).one()
    session.rollback()
    outsider.get(f"/t/{own}/jobs/{job_id}", status=404)


def test_a_viewer_may_have_the_report(
    app: Any, base: str, session: Session, clock: FixedClock, tenant: Tenant, submitted: Assessment
) -> None:
    user = make_user(session)
    add_member(session, tenant, user, "viewer", clock)
    session.commit()
    viewer = Browser(app.test_client())
    sign_in(viewer.client, user)
    assert "is being made" in viewer.post(f"{base}/documents/report").text


def test_asking_is_limited_and_looking_is_not(
    limited: Any, session: Session, clock: FixedClock, tenant: Tenant, base: str
) -> None:
    member = make_user(session)
    add_member(session, tenant, member, "owner", clock)
    session.commit()
    browser = Browser(limited.test_client())
    sign_in(browser.client, member)
    for _ in range(20):
        browser.post(f"{base}/documents/report")
    page = browser.post(f"{base}/documents/report", status=429)
    assert "Wait a minute and try again." in page.text
    browser.get(f"{base}/documents/report")


def test_a_made_up_brand_in_the_address_makes_no_job_of_its_own(browser: Browser, base: str, session: Session) -> None:
    for brand in ("a", "b", "c"):
        browser.post(f"{base}/documents/report?brand={brand}")
    assert len(session.scalars(select(Job.key)).all()) == 1
    session.rollback()
