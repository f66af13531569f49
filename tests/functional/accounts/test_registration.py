"""Registering, page one: who you are."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from maturity.accounts.models import User
from tests.conftest import Browser
from tests.factories.people import make_user

PERSON = {"name": "Jane Wang", "email": "jane@example.com", "password": "several words together", "locale": "en"}


def test_registering_signs_in_and_leads_to_the_enterprise(browser: Browser) -> None:
    page = browser.post("/register?lang=en", PERSON)
    assert page.path == "/enterprises/new"
    assert "Step 2 of 2" in page.text


def test_the_language_chosen_is_kept_with_the_person(browser: Browser, session: Session) -> None:
    browser.post("/register", PERSON)
    assert session.scalar(select(User.locale)) == "en"


@pytest.mark.parametrize(
    ("field", "typed", "message"),
    [
        ("name", "", "Enter your name."),
        ("name", "x" * 81, "Shorten the name to at most 80 characters."),
        ("email", "", "Enter your e-mail address."),
        ("email", "jane", "Write the e-mail address like name@company.com."),
        ("password", "", "Enter your password."),
        ("password", "short", "The password needs at least 10 characters."),
    ],
)
def test_a_wrong_entry_is_named_and_the_rest_kept(browser: Browser, field: str, typed: str, message: str) -> None:
    browser.get("/?lang=en")
    page = browser.post("/register", PERSON | {field: typed})
    assert message in page.text
    kept = "jane@example.com" if field == "name" else "Jane Wang"
    assert f'value="{kept}"' in page.html


def test_a_password_is_never_sent_back(browser: Browser) -> None:
    assert PERSON["password"] not in browser.post("/register", PERSON | {"name": ""}).html


def test_an_address_already_registered_is_not_revealed(browser: Browser, session: Session) -> None:
    make_user(session, email=PERSON["email"])
    session.commit()
    browser.get("/?lang=en")
    page = browser.post("/register", PERSON)
    assert page.path == "/sign-in"
    assert "already" not in page.text
    assert "exist" not in page.text
