"""Whatever goes wrong is told in words, as a page or as JSON, with what to do next."""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from maturity import db as database
from maturity.extensions import db
from tests.conftest import Browser

JSON = {"Accept": "application/json"}


@pytest.fixture(autouse=True)
def _english(browser: Browser) -> None:
    browser.get("/?lang=en")


@pytest.mark.parametrize(
    ("path", "status", "title"),
    [
        ("/nowhere", 404, "Page not found"),
        ("/t/not-a-uuid/", 404, "Page not found"),
        ("/sign-out", 405, "That did not work"),
    ],
)
def test_an_address_that_does_not_work_is_explained(browser: Browser, path: str, status: int, title: str) -> None:
    page = browser.get(path, status=status)
    assert page.h1 == [title]
    assert any(link in page.links for link in ("/", "/home"))


@pytest.mark.parametrize(("path", "status"), [("/nowhere", 404), ("/sign-out", 405)])
def test_a_script_gets_the_error_as_json(browser: Browser, path: str, status: int) -> None:
    reply = browser.client.get(path, headers=JSON)
    assert reply.status_code == status
    assert reply.json["error"] == f"http_{status}"
    assert reply.json["message"]


def test_too_much_at_once_is_refused(browser: Browser) -> None:
    page = browser.post("/register", {"name": "x" * (1024 * 1024 + 1)}, status=413)
    assert "less than 1 MB" in page.text


def test_a_form_without_its_token_says_that_the_page_expired(app: Any, browser: Browser) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    page = browser.post("/account", {"name": "x"}, status=400)
    assert "open for too long" in page.text


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "no space left"),
        (OperationalError("", {}, Exception("database or disk is full")), "no space left"),
        (OperationalError("", {}, Exception("database is locked")), "Nothing is lost"),
    ],
)
def test_a_full_disk_and_a_busy_database_lose_nothing(
    browser: Browser, monkeypatch: pytest.MonkeyPatch, fault: Exception, words: str
) -> None:
    def fail(*_args: Any, **_more: Any) -> None:
        raise fault

    monkeypatch.setattr("maturity.public.routes.render_template", fail)
    page = browser.get("/privacy", status=503)
    assert words in page.text
    reply = browser.client.get("/privacy", headers=JSON)
    assert reply.json["error"] in ("storage_full", "database_busy")
    assert reply.headers["Content-Type"] == "application/json"


def test_a_fault_of_ours_shows_no_detail(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("maturity.public.routes.render_template", lambda *_a, **_m: 1 / 0)
    page = browser.get("/privacy", status=500)
    assert "ZeroDivisionError" not in page.html
    assert "tell the operator this number" in page.text


@pytest.fixture
def locked(app: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Another program holds the embedded database's write lock."""
    with app.app_context():
        if db.engine.dialect.name != "sqlite":
            pytest.skip("PostgreSQL has no lock of the whole database")
        file = db.engine.url.database
        monkeypatch.setattr(database, "BUSY_TIMEOUT_MS", 50)
        db.engine.dispose()
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    yield
    other.execute("ROLLBACK")
    other.close()
    with app.app_context():
        db.engine.dispose()


def test_writing_to_a_locked_database_asks_to_try_again(browser: Browser, locked: None) -> None:
    person = {
        "name": "Jane",
        "email": "jane@example.com",
        "password": "several words together",
        "locale": "en",
        "privacy": "y",
    }
    page = browser.post("/register", person, status=503)
    assert "try again" in page.text
    assert "what you typed is still there" in page.text


def test_reading_goes_on_while_the_database_is_locked(browser: Browser, locked: None) -> None:
    browser.get("/status")
