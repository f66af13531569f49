"""What every response tells the browser to refuse."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import Browser


@pytest.mark.parametrize("path", ["/", "/nowhere", "/static/css/base.css", "/lookup/industries"])
def test_every_response_carries_the_security_headers(browser: Browser, path: str) -> None:
    with browser.client.get(path) as reply:
        headers = reply.headers
    policy = headers["Content-Security-Policy"]
    assert "script-src 'self';" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["X-Frame-Options"] == "DENY"
    if headers["Content-Type"].startswith("text/html"):
        assert headers["Content-Type"] == "text/html; charset=utf-8"


def test_inline_styles_are_allowed_where_charts_are_explored_alone(repository: Path) -> None:
    sources = (path for path in (repository / "maturity").rglob("*.py") if path.name != "headers.py")
    relaxed = {
        path.relative_to(repository / "maturity").as_posix()
        for path in sources
        if "relax_styles()" in path.read_text(encoding="utf-8")
    }
    assert relaxed == {
        f"{name}.py" for name in ("results/routes", "standing/routes", "dashboard/routes", "regional/result_routes")
    }


def test_the_session_cookie_is_out_of_reach_of_scripts(browser: Browser) -> None:
    cookie = browser.client.get("/?lang=en").headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


def test_each_response_names_its_request(browser: Browser) -> None:
    first, second = (browser.client.get("/").headers["X-Request-Id"] for _ in range(2))
    assert first != second
