"""Files are sent compressed to browsers that take it; pages, which hold secrets, never are."""

from __future__ import annotations

import gzip

import pytest

from tests.conftest import Browser

TAKES = {"Accept-Encoding": "gzip, br"}


@pytest.mark.parametrize("path", ["/static/css/base.css", "/static/js/site.js", "/static/img/mark.svg"])
def test_a_file_is_the_same_compressed_and_not(browser: Browser, path: str) -> None:
    with browser.client.get(path) as plain, browser.client.get(path, headers=TAKES) as compressed:
        assert "Content-Encoding" not in plain.headers
        assert compressed.headers["Content-Encoding"] == "gzip"
        assert gzip.decompress(compressed.data) == plain.data
        assert plain.headers["ETag"] != compressed.headers["ETag"]


def test_a_cache_on_the_way_keeps_the_two_apart(browser: Browser) -> None:
    with browser.client.get("/static/css/base.css") as reply:
        assert "Accept-Encoding" in reply.headers["Vary"]


def test_the_chart_library_shrinks_to_a_third(browser: Browser) -> None:
    with browser.client.get("/assets/plotly.js", headers=TAKES) as reply:
        assert len(reply.data) * 3 < len(gzip.decompress(reply.data))


def test_a_page_is_never_compressed(browser: Browser) -> None:
    assert "Content-Encoding" not in browser.client.get("/sign-in", headers=TAKES).headers
