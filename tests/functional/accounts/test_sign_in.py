"""Signing in and out, the account page."""

from __future__ import annotations

from typing import Any

import pytest
from flask_security import hash_password
from sqlalchemy.orm import Session

from maturity.accounts.models import User
from tests.conftest import Browser
from tests.factories.people import make_user, sign_in

PASSWORD = "several words together"


@pytest.fixture
def person(app: Any, session: Session) -> User:
    user = make_user(session, name="Jane", email="jane@example.com")
    user.password = hash_password(PASSWORD)
    session.commit()
    return user


def test_signing_in_leads_to_the_page_asked_for(browser: Browser, person: User) -> None:
    asked = browser.get("/account?lang=en")
    assert asked.path == "/sign-in"
    page = browser.post("/sign-in?next=/account", {"email": person.email, "password": PASSWORD})
    assert page.path == "/account"


@pytest.mark.parametrize("email", ["jane@example.com", "nobody@example.com"])
def test_wrong_password_and_unknown_address_say_the_same(browser: Browser, person: User, email: str) -> None:
    browser.get("/?lang=en")
    page = browser.post("/sign-in", {"email": email, "password": "not the password"})
    assert "The account or the password is not right." in page.text


def test_signing_in_never_leads_to_another_site(browser: Browser, person: User) -> None:
    typed = {"email": person.email, "password": PASSWORD}
    reply = browser.client.post("/sign-in?next=https://evil.example/", data=typed)
    assert "evil.example" not in reply.headers.get("Location", "")


def test_signing_out_needs_a_form(browser: Browser, person: User) -> None:
    sign_in(browser.client, person)
    browser.get("/sign-out", status=405)
    browser.post("/sign-out")
    assert browser.get("/account").path == "/sign-in"


def test_name_and_language_are_changed_on_the_account_page(browser: Browser, person: User) -> None:
    sign_in(browser.client, person)
    page = browser.post("/account", {"name": "王珍", "locale": "zh_CN"})
    assert 'lang="zh-CN"' in page.html
    assert "王珍" in page.text


def test_the_password_can_be_changed(browser: Browser, person: User) -> None:
    sign_in(browser.client, person)
    wrong = browser.post("/account/password", {"password": "guessed wrong", "new_password": "other words together"})
    assert "This is not your present password." in wrong.text
    page = browser.post("/account/password", {"password": PASSWORD, "new_password": "other words together"})
    assert "Your password is changed." in page.text


def test_a_person_can_be_asked_to_confirm_the_password(browser: Browser, person: User) -> None:
    sign_in(browser.client, person)
    assert "Confirm that it is you" in browser.get("/account/confirm").text
    assert browser.post("/account/confirm?next=/account", {"password": PASSWORD}).path == "/account"
