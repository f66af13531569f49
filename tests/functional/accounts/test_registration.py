"""Registering, page one: who you are, and how you are reached."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from maturity.accounts.models import User
from maturity.accounts.policy import is_confirmed
from tests.conftest import Browser
from tests.functional.accounts.conftest import MOBILE, PASSWORD, Letters, sign_in_as

PERSON = {"name": "Jane Wang", "email": "new@example.com", "password": PASSWORD, "locale": "en", "privacy": "y"}
CONTACTS = {"new@example.com": "new@example.com", "138 0013 8000": MOBILE, "+86 13800138000": MOBILE}


def test_registering_signs_in_and_leads_to_the_enterprise(browser: Browser) -> None:
    page = browser.post("/register?lang=en", PERSON)
    assert page.path == "/enterprises/new"
    assert "Step 2 of 2" in page.text


def test_the_language_chosen_is_kept_with_the_person(browser: Browser, session: Session) -> None:
    browser.post("/register", PERSON)
    assert session.scalar(select(User.locale)) == "en"


@pytest.mark.parametrize(("typed", "kept"), CONTACTS.items())
def test_an_address_or_a_number_is_claimed_until_it_is_proved(
    visit: Callable[[], Browser], session: Session, letters: Letters, typed: str, kept: str
) -> None:
    visit().post("/register", PERSON | {"email": typed})
    assert len(letters.to(kept)) == 1
    user = session.scalars(select(User)).one()
    assert (user.email, user.us_phone_number, user.claimed) == (None, None, kept)
    assert not is_confirmed(user)


@pytest.mark.parametrize(
    ("field", "typed", "message"),
    [
        ("name", "", "Enter your name."),
        ("name", "x" * 81, "Shorten the name to at most 80 characters."),
        ("email", "", "Enter your e-mail address or mobile number."),
        ("email", "jane", "Write an e-mail address like name@company.com"),
        ("email", "12800138000", "a mainland mobile number of 11 digits"),
        ("email", "1380013800", "a mainland mobile number of 11 digits"),
        ("email", "+1 202 555 0100", "a mainland mobile number of 11 digits"),
        ("email", f"{'x' * 250}@example.com", "Write an e-mail address like name@company.com"),
        ("password", "", "Enter your password."),
        ("password", "short", "The password needs at least 12 characters."),
        ("password", "password12345", "This password is easy to guess."),
        ("password", "1qaz2wsx3edc", "This password is easy to guess."),
        ("password", "janewang2026", "This password is easy to guess."),
        ("password", "word " * 50, "Shorten the password to at most 128 characters."),
        ("locale", "fr", "Choose one of the two languages."),
    ],
)
def test_a_wrong_entry_is_named_and_the_rest_kept(
    visit: Callable[[], Browser], letters: Letters, field: str, typed: str, message: str
) -> None:
    page = visit().post("/register", PERSON | {field: typed})
    assert message in page.text
    kept = "new@example.com" if field == "name" else "Jane Wang"
    assert f'value="{kept}"' in page.html
    assert not letters.all()


def test_a_password_is_kept_as_argon2id_at_the_strength_we_state(browser: Browser, session: Session) -> None:
    browser.post("/register", PERSON)
    kept = session.scalars(select(User.password)).one()
    assert kept.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert PASSWORD not in kept


def test_a_password_is_never_sent_back(browser: Browser) -> None:
    assert PERSON["password"] not in browser.post("/register", PERSON | {"name": ""}).html


@pytest.mark.parametrize("contact", ["jane@example.com", "nobody@example.com"])
def test_registering_looks_the_same_for_a_contact_that_has_an_account(
    visit: Callable[[], Browser], person: User, contact: str
) -> None:
    """Page, place and what follows: signing out and in again with what was typed."""
    browser = visit()
    page = browser.post("/register", PERSON | {"email": contact, "password": "a password of their own"})
    assert page.path == "/enterprises/new"
    assert f"A message to confirm {contact} is on its way." in page.text
    account = browser.get("/account")
    assert f"{contact} is not confirmed yet." in account.text
    browser.post("/sign-out")
    page = sign_in_as(browser, contact, "a password of their own")
    assert page.path == "/enterprises/new"
    assert f"Remember to confirm {contact} on the account page." in page.text


def test_the_owner_of_a_contact_is_told_and_loses_nothing(
    visit: Callable[[], Browser], person: User, letters: Letters
) -> None:
    visit().post("/register", PERSON | {"email": "Jane@Example.com", "password": "a password of their own"})
    (letter,) = letters.to("jane@example.com")
    assert letter.subject == "You have an account already"
    assert "/link?" not in letter.body
    browser = visit()
    sign_in_as(browser, "jane@example.com")
    assert "jane@example.com is not confirmed" not in browser.get("/account").text


def test_at_most_five_messages_an_hour_go_to_one_contact(
    visit: Callable[[], Browser], letters: Letters, clock: object
) -> None:
    for _number in range(3):
        assert visit().post("/register", PERSON).path == "/enterprises/new"
    assert len(letters.to("new@example.com")) == 1  # the others came within a minute
