"""Changing the address or number, adding the other kind, removing one."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from maturity.accounts.models import User
from maturity.clock import FixedClock
from tests.conftest import Browser
from tests.functional.accounts.conftest import MOBILE, Letters, sign_in_as

NEW = "new@example.com"
SUBJECT = "Confirm your new e-mail address"


@pytest.fixture
def mine(visit: Callable[[], Browser], person: User) -> Browser:
    browser = visit()
    sign_in_as(browser, "jane@example.com")
    return browser


def confirm(browser: Browser, link: str) -> str:
    return browser.post("/account/contact/confirm", {"token": link.partition("token=")[2]}).text


def test_the_new_address_counts_once_it_is_confirmed(
    mine: Browser, visit: Callable[[], Browser], letters: Letters
) -> None:
    page = mine.post("/account/contact", {"email": NEW})
    assert f"A letter was sent to {NEW}." in page.text
    assert sign_in_as(visit(), NEW).path == "/sign-in"
    assert "Your contact is confirmed." in confirm(mine, letters.link(NEW, SUBJECT))
    assert sign_in_as(visit(), NEW).path == "/enterprises/new"
    assert sign_in_as(visit(), "jane@example.com").path == "/sign-in"


def test_the_former_address_is_told(mine: Browser, letters: Letters) -> None:
    mine.post("/account/contact", {"email": NEW})
    confirm(mine, letters.link(NEW, SUBJECT))
    assert [letter.subject for letter in letters.to("jane@example.com")] == ["You sign in differently from now on"]


def test_a_number_is_added_beside_the_address(mine: Browser, visit: Callable[[], Browser], letters: Letters) -> None:
    mine.post("/account/contact", {"email": "138 0013 8000"})
    mine.post("/account/contact/code", {"code": letters.code(MOBILE)})
    page = mine.get("/account")
    assert "138 0013 8000" in page.text
    assert "jane@example.com" in page.text
    assert sign_in_as(visit(), "13800138000").path == "/enterprises/new"


def test_one_of_two_can_be_removed_and_the_last_cannot(mine: Browser, letters: Letters, session: Session) -> None:
    assert "only way to reach you" in mine.post("/account/contact/remove", {"kind": "email"}).text
    mine.post("/account/contact", {"email": "13800138000"})
    mine.post("/account/contact/code", {"code": letters.code(MOBILE)})
    mine.post("/account/contact/remove", {"kind": "email"})
    assert session.execute(select(User.email, User.us_phone_number)).one() == (None, MOBILE)


@pytest.mark.parametrize(("typed", "message"), [("", "Enter your e-mail"), ("jane", "Write an e-mail address")])
def test_a_wrong_contact_is_named(mine: Browser, typed: str, message: str) -> None:
    assert message in mine.post("/account/contact", {"email": typed}, status=422).text


def test_a_taken_contact_looks_like_a_free_one_and_its_owner_is_told(
    mine: Browser, mobile_person: User, letters: Letters
) -> None:
    taken = mine.post("/account/contact", {"email": "13800138000"}).text
    free = mine.post("/account/contact", {"email": "13800138001"}).text
    assert taken.replace("138 0013 8000", "") == free.replace("138 0013 8001", "")
    assert "belongs to your account already" in letters.to(MOBILE)[0].body
    assert "code" not in letters.to(MOBILE)[0].body


def test_a_code_for_one_contact_does_not_confirm_another(mine: Browser, letters: Letters, clock: FixedClock) -> None:
    mine.post("/account/contact", {"email": "13800138001"})
    code = letters.code("+8613800138001")
    mine.post("/account/contact", {"email": "13800138000"})
    other = letters.code(MOBILE)
    if code != other:
        assert "not right" in mine.post("/account/contact/code", {"code": code}, status=422).text


def test_an_old_sign_in_is_asked_for_the_password_first(mine: Browser) -> None:
    with mine.client.session_transaction() as cookie:
        cookie["fs_paa"] = 0
    assert mine.get("/account/contact").path == "/account/confirm"
    assert mine.post("/account/contact", {"email": NEW}).path == "/account/confirm"
