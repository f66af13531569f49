"""The questionnaire on paper, for everybody: made once for each production type and language, then there."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from maturity.clock import FixedClock
from maturity.editions.models import EditionRecord
from maturity.editions.service import canonical, digest
from maturity.jobs.models import Job
from maturity.jobs.routes import HANDLERS
from maturity.jobs.worker import run_one
from maturity.questionnaires.condition_parsing import PRODUCTION_TYPES
from maturity.questionnaires.loader import read_bundle
from maturity.reports import jobs
from maturity.reports.pdf import MissingGlyph
from maturity.reports.service import folder_of
from maturity.tenancy.models import Tenant
from maturity.tenancy.service import PLATFORM
from tests.conftest import EDITION, NOW, Browser

ONE = "/questionnaire/2026.1/process/en"
CONTENT = b"%PDF-1.7 a finished booklet"


@pytest.fixture
def rendered(app: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The pages given to the renderer, which is replaced: what it makes is looked at on paper, elsewhere."""
    pages: list[str] = []

    def render(html: str, _identity: str, step: Any) -> bytes:
        step()
        pages.append(html)
        return CONTENT

    monkeypatch.setattr(jobs, "render_pdf", render)
    yield pages
    for file in folder_of(Path(app.config["DATA_DIR"])).glob("*"):
        file.unlink()


def work_off(app: Any, session: Session) -> None:
    waiting = list(session.scalars(select(Job.id).where(Job.state == "queued")))
    session.rollback()
    for job_id in waiting:
        with app.app_context():
            run_one(app, job_id, HANDLERS)


@pytest.fixture
def draft(app: Any, session: Session) -> Iterator[str]:
    """A newer edition that is a draft; its name."""
    bundle = json.loads(canonical(read_bundle(EDITION)))
    bundle["manifest"] |= {"edition": "2099.1", "status": "draft"}
    content = canonical(bundle)
    kept = {"framework": "lianghua", "edition": "2099.1", "status": "draft", "created_at": NOW}
    session.add(EditionRecord(sha256=digest(content), bundle=content.decode(), **kept))
    session.commit()
    yield "2099.1"
    session.rollback()
    session.execute(delete(EditionRecord).where(EditionRecord.edition == "2099.1"))
    session.commit()


def test_it_is_reached_from_the_methodology_in_both_languages(browser: Browser) -> None:
    assert "/questionnaire" in browser.get("/methodology").links
    assert "纸质问卷" in browser.get("/questionnaire?lang=zh").text
    page = browser.get("/questionnaire?lang=en")
    assert page.title.strip().startswith("Questionnaire on paper")
    assert page.html.count('action="/questionnaire/2026.1/') == 2 * len(PRODUCTION_TYPES)


def test_it_says_how_many_questions_each_type_has(browser: Browser) -> None:
    text = browser.get("/questionnaire?lang=en").text
    assert all(count in text for count in (" 121 ", " 115 ", " 128 "))


def test_it_is_asked_for_made_and_downloaded_without_an_account(
    app: Any, browser: Browser, session: Session, rendered: list[str]
) -> None:
    assert "has not been made yet" in browser.get(f"{ONE}?lang=en").text
    browser.get(f"{ONE}.pdf", status=404)
    assert "is being made" in browser.post(ONE).text
    work_off(app, session)
    assert f"{ONE}.pdf" in browser.get(ONE).links
    assert f"{ONE}.pdf" in browser.get("/questionnaire").links
    with browser.client.get(f"{ONE}.pdf") as reply:
        assert (reply.status_code, reply.data, reply.mimetype) == (200, CONTENT, "application/pdf")
        assert "questionnaire-2026.1-process-en.pdf" in reply.headers["Content-Disposition"]


def test_however_many_ask_it_is_made_once(app: Any, browser: Browser, session: Session, rendered: list[str]) -> None:
    for _ in range(3):
        browser.post(ONE)
    assert session.scalar(select(func.count()).select_from(Job)) == 1
    assert session.scalars(select(Tenant.kind).where(Tenant.id == PLATFORM)).one() == "operator"
    work_off(app, session)
    browser.post(ONE)
    work_off(app, session)
    assert len(rendered) == 1


def test_each_is_a_document_of_its_own(app: Any, browser: Browser, session: Session, rendered: list[str]) -> None:
    for variant, locale in (("process", "en"), ("process", "zh_CN"), ("mixed", "en")):
        browser.post(f"/questionnaire/2026.1/{variant}/{locale}")
    work_off(app, session)
    assert len(set(rendered)) == 3
    browser.get("/questionnaire/2026.1/mixed/zh_CN.pdf", status=404)


def test_its_language_is_that_of_the_address_and_not_of_the_visitor(
    app: Any, browser: Browser, session: Session, rendered: list[str]
) -> None:
    browser.get("/?lang=en")
    browser.post("/questionnaire/2026.1/process/zh_CN")
    work_off(app, session)
    assert '<html lang="zh-CN">' in rendered[0]
    assert "填写说明" in rendered[0]


def test_a_file_that_is_gone_is_made_again(app: Any, browser: Browser, session: Session, rendered: list[str]) -> None:
    browser.post(ONE)
    work_off(app, session)
    next(folder_of(Path(app.config["DATA_DIR"])).glob("*.pdf")).unlink()
    browser.get(f"{ONE}.pdf", status=404)
    browser.post(ONE)
    work_off(app, session)
    with browser.client.get(f"{ONE}.pdf") as reply:
        assert reply.status_code == 200


def test_a_script_sees_how_far_it_is(browser: Browser, rendered: list[str]) -> None:
    browser.post(ONE)
    reply = browser.client.get(ONE, headers={"Accept": "application/json"})
    assert reply.json == {"state": "queued", "done": 0, "total": 0, "error": None}
    assert f'data-job-url="{ONE}"' in browser.get(ONE).html


def test_what_failed_rests_before_it_is_tried_again(
    app: Any, browser: Browser, session: Session, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[str] = []

    def render(html: str, *_more: Any) -> bytes:
        tried.append(html)
        raise MissingGlyph("𓀀")

    monkeypatch.setattr(jobs, "render_pdf", render)
    for _ in range(2):
        page = browser.post(f"{ONE}?lang=en")
        work_off(app, session)
    page = browser.get(f"{ONE}?lang=en")
    assert "ten minutes after it failed" in page.text
    assert len(tried) == 1
    clock.at += timedelta(minutes=11)
    assert "Try again" in browser.get(ONE).text
    browser.post(ONE)
    work_off(app, session)
    assert len(tried) == 2


@pytest.mark.parametrize("place", ["2026.1/process/fr", "2026.1/job_shop/en", "2025.9/process/en", "x/y/z"])
@pytest.mark.parametrize("ending", ["", ".pdf"])
def test_what_there_is_no_booklet_of_is_not_found(browser: Browser, place: str, ending: str) -> None:
    page = browser.get(f"/questionnaire/{place}{ending}", status=404)
    assert "404" in page.html or "not found" in page.text.lower() or "没有" in page.text


def test_a_draft_is_not_found_and_not_offered(browser: Browser, draft: str) -> None:
    browser.get(f"/questionnaire/{draft}/process/en", status=404)
    browser.get(f"/questionnaire/{draft}/process/en.pdf", status=404)
    browser.post(f"/questionnaire/{draft}/process/en", status=404)
    assert draft not in browser.get("/questionnaire").text


def test_without_a_published_edition_the_page_says_so(
    browser: Browser, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("maturity.reports.booklet_routes.FRAMEWORK", "another")
    page = browser.get("/questionnaire?lang=en")
    assert "No edition is published yet" in page.text
    assert "<form" not in page.html.partition("<main")[2]
