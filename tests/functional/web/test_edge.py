"""The edge of the site: what a browser is told, what it must bring, and what a request cannot bring about."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask
from werkzeug.routing import Rule

from config import from_env
from maturity.app import create_app
from maturity.clock import FixedClock
from maturity.db import every_tenant, writing
from maturity.editions.service import store_library
from maturity.extensions import db, limiter
from maturity.web.addresses import site_url
from maturity.web.site import WRITING_METHODS
from tests.conftest import NOW, Browser, Client
from tests.functional.accounts.conftest import PASSWORD, sign_in_as

SITE = "https://maturity.example.cn"
VALUES = {"uuid": "63ddc59b-15d3-5c9e-b18f-d1f8299144ea", "int": "1", "default": "x", "string": "x", "path": "x"}


def make_production(**more: str) -> Iterator[Any]:
    """The site as a real installation runs it, on an empty database of its own."""
    with tempfile.TemporaryDirectory() as folder:
        environment = {
            "MATURITY_ENV": "production",
            "MATURITY_DATA": folder,
            "DATABASE_URL": f"sqlite:///{folder}/maturity.db",
            "MATURITY_SECRET_KEY": "s" * 48,
            "MATURITY_PASSWORD_SALT": "t" * 48,
            **more,
        }
        limited = limiter.enabled
        app = create_app(from_env(environment), clock=FixedClock(NOW))
        limiter.enabled = limited  # one for all apps of the process
        app.test_client_class = Client
        with app.app_context():
            writing.set(True)
            db.create_all()
            with every_tenant(db.session()):
                store_library(db.session(), FixedClock(NOW))
                db.session.commit()
            db.session.remove()
        yield app
        with app.app_context():
            db.engine.dispose()


@pytest.fixture(scope="module")
def production() -> Iterator[Any]:
    yield from make_production(MATURITY_SITE_URL=SITE)


@pytest.fixture(scope="module")
def behind_proxy() -> Iterator[Any]:
    yield from make_production(MATURITY_TRUSTED_PROXIES="1")


# What the browser is told


@pytest.mark.parametrize("path", ["/", "/nowhere", "/static/css/base.css", "/sign-in"])
def test_in_production_every_response_demands_https(production: Any, path: str) -> None:
    sent = production.test_client().get(path, base_url=SITE).headers["Strict-Transport-Security"]
    assert sent == "max-age=31536000; includeSubDomains"


def test_outside_production_nobody_is_locked_into_https(browser: Browser) -> None:
    assert "Strict-Transport-Security" not in browser.client.get("/").headers


@pytest.mark.parametrize("name", ["Cross-Origin-Opener-Policy", "Cross-Origin-Resource-Policy"])
def test_other_sites_get_no_handle_on_ours(browser: Browser, name: str) -> None:
    assert browser.client.get("/").headers[name] == "same-origin"


def test_a_page_is_not_kept_by_the_browser(browser: Browser) -> None:
    assert browser.client.get("/sign-in").headers["Cache-Control"] == "no-store"


def test_the_server_does_not_say_what_it_is(production: Any) -> None:
    headers = production.test_client().get("/", base_url=SITE).headers
    assert not {"Server", "X-Powered-By"} & set(headers.keys())


# Cookies


def test_in_production_cookies_go_over_https_only_and_away_from_scripts(production: Any) -> None:
    cookie = production.test_client().get("/?lang=en", base_url=SITE).headers["Set-Cookie"]
    assert {"Secure", "HttpOnly", "SameSite=Lax", "Path=/"} <= {part.strip() for part in cookie.split(";")}
    assert cookie.startswith("__Host-session=")
    assert "Domain=" not in cookie


def test_the_cookie_that_keeps_people_signed_in_is_guarded_alike(production: Any) -> None:
    config = production.config
    assert config["REMEMBER_COOKIE_SECURE"]
    assert config["REMEMBER_COOKIE_HTTPONLY"]
    assert config["REMEMBER_COOKIE_SAMESITE"] == "Lax"


# Requests from elsewhere


def _writing_rules(app: Flask) -> list[Rule]:
    return [rule for rule in app.url_map.iter_rules() if set(WRITING_METHODS) & (rule.methods or set())]


def _address(rule: Rule) -> str:
    return re.sub(r"<(?:([a-z]+)(?:\([^)]*\))?:)?\w+>", lambda found: VALUES.get(found[1] or "default", "x"), rule.rule)


#: These are posted to and write nothing: a file is compared in memory, for somebody who gets no cookie (ADR 0042).
COMPARED_AND_FORGOTTEN = {"verification.examine", "verification.examine_json"}
#: Come from a program whose signature on the body is verified.
SIGNED = {"billing.webhook"}


def test_no_route_writes_without_the_token_of_a_page(app: Any) -> None:
    """Every one, from the route table: a form on another site can make the browser post, but knows no token."""
    app.config["WTF_CSRF_ENABLED"] = True
    client = app.test_client()
    rules = [rule for rule in _writing_rules(app) if rule.endpoint not in COMPARED_AND_FORGOTTEN | SIGNED]
    assert len(rules) > 60
    taken = {}
    for rule in rules:
        for method in sorted(set(WRITING_METHODS) & (rule.methods or set())):
            answer = client.open(_address(rule), method=method, data={"x": "y"})
            if answer.status_code != 400:
                taken[f"{method} {rule.rule}"] = answer.status_code
    assert taken == {}


def test_a_token_of_another_session_is_refused(app: Any) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    theirs, mine = app.test_client(), app.test_client()
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', theirs.get("/sign-in").text)
    assert found
    mine.get("/sign-in")
    given = {"csrf_token": found[1], "email": "jane@example.com", "password": "x"}
    assert mine.post("/sign-in", data=given).status_code == 400


@pytest.mark.parametrize("origin", ["https://evil.example", "null"])
def test_no_other_site_may_read_our_answers(browser: Browser, origin: str) -> None:
    for path in ("/", "/status", "/lookup/industries"):
        headers = browser.client.get(path, headers={"Origin": origin, "Accept": "application/json"}).headers
        assert not [name for name, _value in headers if name.startswith("Access-Control")]


# Where a request can lead to


@pytest.mark.parametrize(
    "next_page",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example/",
        "\\\\evil.example/",
        "https:evil.example",
        "javascript:alert(1)",
        "http:///evil.example",
        "/%09/evil.example",
        "\t//evil.example",
    ],
)
def test_signing_in_leads_to_no_other_site(app: Any, person: Any, next_page: str) -> None:
    given = {"email": person.email, "password": PASSWORD, "next": next_page}
    for address in ("/sign-in", f"/sign-in?next={quote(next_page)}"):
        answer = app.test_client().post(address, data=given)
        assert answer.status_code in (200, 302, 400), answer.status_code
        leads_to = answer.headers.get("Location", "")
        assert leads_to.startswith("http://localhost/") or not re.match(r"[a-z][a-z+.-]*:|[/\\]{2}", leads_to, re.I)


# Which host, which proxy


@pytest.mark.parametrize("host", ["evil.example", "maturity.example.cn.evil.example", "evil.example:443"])
def test_a_request_for_another_host_is_refused(production: Any, host: str) -> None:
    answer = production.test_client().get("/", base_url=SITE, headers={"Host": host})
    assert answer.status_code == 400
    assert "evil" not in answer.text


@pytest.mark.parametrize("host", ["maturity.example.cn", "maturity.example.cn:443", "localhost", "127.0.0.1:8000"])
def test_the_sites_own_name_and_a_probe_on_the_machine_are_answered(production: Any, host: str) -> None:
    assert production.test_client().get("/status", base_url=SITE, headers={"Host": host}).status_code == 200


def test_a_letter_leads_to_the_configured_site_whatever_host_was_asked(
    app: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "SITE_URL", SITE)
    with app.test_request_context("/", base_url="https://evil.example"):
        assert site_url("public.status") == f"{SITE}/status"


def test_without_a_proxy_nobody_chooses_their_address(production: Any) -> None:
    client = production.test_client()
    answer = client.get(
        "/?lang=en", base_url=SITE, headers={"X-Forwarded-For": "203.0.113.9", "X-Forwarded-Host": "evil.example"}
    )
    assert "evil.example" not in answer.headers["Location"]


def test_behind_one_proxy_only_its_own_word_counts(behind_proxy: Any) -> None:
    seen = {}

    def look() -> str:
        from flask import request

        seen["address"] = request.remote_addr
        return ""

    behind_proxy.before_request_funcs.setdefault(None, []).append(look)
    try:
        behind_proxy.test_client().get("/status", headers={"X-Forwarded-For": "198.51.100.1, 203.0.113.9"})
    finally:
        behind_proxy.before_request_funcs[None].remove(look)
    assert seen["address"] == "203.0.113.9"


# What is too much, or nonsense


@pytest.mark.parametrize("path", ["/sign-in", "/register", "/account/forgot", "/set-up"])
def test_a_page_for_everybody_takes_no_more_than_a_megabyte(browser: Browser, path: str) -> None:
    assert browser.client.post(path, data={"email": "x" * (1024 * 1024 + 1)}).status_code in (404, 413)


@pytest.mark.parametrize(
    "path", ["/%00", "/%ff", "/?q=%00", "/demonstration?industry=%00", "/lookup/industries?q=%00", "/sign-in?next=%00"]
)
def test_nonsense_in_an_address_is_no_error_of_ours(browser: Browser, path: str) -> None:
    assert browser.client.get(path).status_code < 500


def test_a_line_break_in_an_address_begins_no_line_of_the_log(app: Any, caplog: pytest.LogCaptureFixture) -> None:
    app.logger.propagate = True
    with caplog.at_level("INFO"):
        app.test_client().get("/nowhere%0d%0a2026-01-01 ERROR forged")
    assert [line for line in caplog.messages if "forged" in line] == [
        line for line in caplog.messages if "forged" in line and "\n" not in line and "\r" not in line
    ]
    assert any("/nowhere??2026" in line for line in caplog.messages)


def test_an_answer_for_scripts_is_no_page(browser: Browser) -> None:
    answer = browser.client.get("/status", headers={"Accept": "application/json"})
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["Content-Type"].startswith("application/json")


@pytest.mark.parametrize("method", ["TRACE", "PUT", "DELETE", "PATCH", "PROPFIND", "CONNECT"])
def test_other_methods_are_refused(browser: Browser, method: str) -> None:
    assert browser.client.open("/", method=method).status_code in (400, 405)


@pytest.mark.parametrize("header", ["X-HTTP-Method-Override", "X-Method-Override", "X-HTTP-Method"])
def test_no_header_changes_the_method(app: Any, header: str) -> None:
    app.config["WTF_CSRF_ENABLED"] = True
    assert app.test_client().get("/sign-out", headers={header: "POST"}).status_code == 405


def test_the_sign_in_of_another_browser_is_worth_nothing_after_mine(app: Any, person: Any) -> None:
    """A session planted before the sign-in is not the one after it."""
    browser = Browser(app.test_client())
    browser.get("/sign-in")
    before = browser.client.get_cookie("session")
    sign_in_as(browser, person.email)
    after = browser.client.get_cookie("session")
    assert before is not None
    assert after is not None
    assert before.value != after.value
    thief = Browser(app.test_client())
    thief.client.set_cookie("session", before.value)
    assert thief.get("/account").path == "/sign-in"
