"""Pages for everybody, in both languages, light and self-contained."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conftest import Browser

PAGES = (
    "/",
    "/methodology",
    "/questionnaire",
    "/reference-figures",
    "/demonstration",
    "/privacy",
    "/status",
    "/register",
    "/sign-in",
)
MOST_BYTES = 100 * 1024


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize(("lang", "named"), [("zh", "zh-CN"), ("en", "en")])
def test_every_public_page_is_there_in_both_languages(browser: Browser, path: str, lang: str, named: str) -> None:
    assert f'<html lang="{named}">' in browser.get(f"{path}?lang={lang}").html


@pytest.mark.parametrize("path", PAGES)
def test_the_title_begins_with_the_heading(browser: Browser, path: str) -> None:
    page = browser.get(f"{path}?lang=en")
    assert page.title.strip().startswith(page.h1[0].strip())


@pytest.mark.parametrize("path", ["/", "/register", "/sign-in", "/status", "/privacy"])
def test_a_page_with_all_it_loads_is_light(browser: Browser, path: str) -> None:
    page = browser.get(path)
    loaded = [url for url in page.assets if url.startswith("/static/")]
    assert len(page.html.encode()) + sum(_size(browser, url) for url in loaded) < MOST_BYTES


def _size(browser: Browser, url: str) -> int:
    with browser.client.get(url) as reply:
        assert reply.status_code == 200
        return len(reply.data)


def test_the_language_is_remembered(browser: Browser) -> None:
    browser.get("/?lang=en")
    assert '<html lang="en">' in browser.get("/privacy").html


def test_switching_the_language_keeps_the_rest_of_the_address(browser: Browser) -> None:
    reply = browser.client.get("/demonstration?industry=34&lang=en&page=2")
    assert reply.headers["Location"] == "/demonstration?industry=34&page=2"


@pytest.mark.parametrize("path", ["//evil.example/?lang=en", "/%2Fevil.example/?lang=en"])
def test_switching_the_language_never_leads_to_another_site(browser: Browser, path: str) -> None:
    location = browser.client.get(path).headers.get("Location", "/")
    assert not location.startswith("//")
    assert "://" not in location


def test_a_probe_reads_the_status_as_json(browser: Browser) -> None:
    assert browser.client.get("/status", headers={"Accept": "application/json"}).json == {"status": "ok"}


def test_a_static_file_is_kept_for_ever_under_the_name_of_its_content(app: Any) -> None:
    with app.test_request_context():
        url = app.url_for("static", filename="css/tokens.css")
    with app.test_client().get(url) as named, app.test_client().get(url.partition("?")[0]) as unnamed:
        assert "immutable" in named.headers["Cache-Control"]
        assert unnamed.headers["Cache-Control"] == "public, no-cache"


def test_a_page_is_never_kept_by_the_browser(browser: Browser) -> None:
    assert browser.client.get("/").headers["Cache-Control"] == "no-store"
