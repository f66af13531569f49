"""Every page and message of an account in Chinese: no English word of ours or of the library is left."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from maturity.accounts.models import User
from maturity.accounts.settings import SECURITY
from tests.conftest import Browser
from tests.functional.accounts.conftest import PASSWORD, Letters, sign_in_as

#: What stays in Latin letters: what people typed, examples of it, names of products, and the other language's name.
LATIN = re.compile(
    r"[\w.+-]+@[\w.-]+|https?://\S+|name@company\.com|TOTP|HTTPS|English|Firefox|Windows|QR|[0-9a-f]{4}(-[0-9a-f]{4}){2}"
    r"|[0-9A-Z]{4}(-[0-9A-Z]{4})+|[0-9a-f]{4}-…|\d+(\.\d+)*/\d+"
)
OPEN = ("/sign-in", "/register", "/reset", "/link?token=x", "/outbox")
SIGNED_IN = (
    "/account",
    "/account/password",
    "/account/confirm",
    "/account/contact",
    "/account/authenticator",
    "/account/passkeys",
    "/account/confirm/passkey",
    "/account/recovery-codes",
)


def english_in(page: Any) -> list[str]:
    """English words between the tags of the page's main part, and in the attributes that people see or hear."""
    main = re.search(r"<main[^>]*>(.*)</main>", page.html, re.DOTALL)
    assert main
    seen = re.findall(r'(?:aria-label|alt|title|placeholder|data-(?:refused|unable|show|hide))="([^"]*)"', main[1])
    text = " ".join([re.sub(r"<[^>]+>", " ", main[1]), *seen])
    return re.findall(r"[A-Za-z]{3,}", LATIN.sub("", text))


@pytest.fixture
def chinese(app: Any) -> Browser:
    browser = Browser(app.test_client())
    browser.client.environ_base |= {"HTTP_USER_AGENT": "Mozilla/5.0 (Windows NT 10.0) Firefox/140.0"}
    browser.get("/?lang=zh")
    return browser


@pytest.fixture
def mine(chinese: Browser, person: User) -> Browser:
    person.name = "王珍"
    sign_in_as(chinese, "jane@example.com")
    return chinese


def fetch(browser: Browser, method: str, url: str, **typed: str) -> Any:
    response = browser.client.open(url, method=method, data=typed, follow_redirects=True)
    assert response.status_code < 500
    return type("Fetched", (), {"html": response.text})


@pytest.mark.parametrize("url", OPEN)
def test_a_page_for_everybody_is_chinese(chinese: Browser, url: str) -> None:
    assert not english_in(fetch(chinese, "GET", url))


@pytest.mark.parametrize("url", SIGNED_IN)
def test_a_page_of_the_account_is_chinese(mine: Browser, url: str) -> None:
    assert not english_in(fetch(mine, "GET", url))


@pytest.mark.parametrize(
    ("url", "typed"),
    [
        ("/sign-in", {}),
        ("/sign-in", {"email": "jane@example.com", "password": "wrong"}),
        ("/register", {}),
        ("/register", {"name": "王", "email": "x", "password": "password1234", "locale": "fr"}),
        ("/register", {"name": "王", "email": "x@example.com", "password": "短", "locale": "en"}),
        ("/register", {"name": "王", "email": "x@example.com", "password": "长" * 201, "locale": "en"}),
        ("/reset", {}),
        ("/reset", {"email": "13800138000"}),
        ("/reset", {"email": "jane@example.com"}),
        ("/sign-in/passkey", {}),
        ("/sign-in/passkey/x", {"credential": "{}"}),
        ("/sign-in/code", {"code": "1"}),
    ],
)
def test_an_answer_to_everybody_is_chinese(chinese: Browser, url: str, typed: dict[str, str]) -> None:
    assert not english_in(fetch(chinese, "POST", url, **typed))


@pytest.mark.parametrize(
    ("url", "typed"),
    [
        ("/account", {"name": "", "locale": "x"}),
        ("/account/password", {}),
        ("/account/password", {"password": "wrong", "new_password": "other words together"}),
        ("/account/password", {"password": PASSWORD, "new_password": PASSWORD}),
        ("/account/password", {"password": PASSWORD, "new_password": "12345678901"}),
        ("/account/password", {"password": PASSWORD, "new_password": "other words together"}),
        ("/account/confirm", {"password": "wrong"}),
        ("/account/confirm", {"password": PASSWORD}),
        ("/account/contact", {}),
        ("/account/contact", {"email": "13900139000"}),
        ("/account/contact", {"email": "new@example.com"}),
        ("/account/contact/remove", {"kind": "email"}),
        ("/account/authenticator", {"setup": "authenticator"}),
        ("/account/authenticator", {"setup": "sms"}),
        ("/account/authenticator", {"setup": "disable"}),
        ("/account/authenticator/x", {"code": "1"}),
        ("/account/recovery-codes", {}),
        ("/account/passkeys", {}),
        ("/account/passkeys", {"name": "笔记本", "usage": "first"}),
        ("/account/passkeys", {"name": "a/b", "usage": "x"}),
        ("/account/passkeys/remove", {"name": "没有"}),
        ("/account/passkeys/x", {"credential": "{}"}),
        ("/account/confirm/passkey", {}),
        ("/account/confirm/passkey/x", {"credential": "{}"}),
        ("/account/devices/sign-out-others", {}),
    ],
)
def test_an_answer_of_the_account_is_chinese(mine: Browser, url: str, typed: dict[str, str]) -> None:
    assert not english_in(fetch(mine, "POST", url, **typed))


def test_the_walk_can_fail(visit: Callable[[], Browser]) -> None:
    assert "Sign" in english_in(fetch(visit(), "GET", "/sign-in"))


def test_every_message_of_the_library_that_can_be_shown_has_chinese_words(app: Any) -> None:
    from flask_babel import force_locale

    with app.test_request_context(), force_locale("zh_CN"):
        shown = {
            name: re.sub(r"%\(\w+\)s", "", str(message))
            for name, value in SECURITY.items()
            if name.startswith("SECURITY_MSG_")
            for message in value[:1]
        }
    left = {name: text for name, text in shown.items() if re.search(r"[A-Za-z]{3,}", LATIN.sub("", text))}
    assert not left


def test_the_letters_are_chinese(app: Any, chinese: Browser, letters: Letters) -> None:
    typed = {"name": "王珍", "email": "new@example.com", "password": PASSWORD, "locale": "zh_CN", "privacy": "y"}
    chinese.post("/register", typed)
    (letter,) = letters.to("new@example.com")
    assert not re.search(r"[A-Za-z]{3,}", LATIN.sub("", letter.subject + letter.body))
