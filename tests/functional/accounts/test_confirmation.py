"""Proving a contact: the link of a letter, the code of a text message, and everything that must not do."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from maturity.accounts.models import User
from maturity.clock import FixedClock
from tests.conftest import Browser
from tests.functional.accounts.conftest import MOBILE, PASSWORD, Letters, pass_time, sign_in_as
from tests.functional.accounts.test_registration import PERSON

SUBJECT = "Confirm your e-mail address"
NO_LONGER = "This link is no longer good"


@pytest.fixture
def registered(visit: Callable[[], Browser]) -> Browser:
    browser = visit()
    browser.post("/register", PERSON)
    return browser


@pytest.fixture
def by_mobile(visit: Callable[[], Browser]) -> Browser:
    browser = visit()
    browser.post("/register", PERSON | {"email": "13800138000"})
    return browser


def press(browser: Browser, link: str, status: int = 200) -> str:
    """Open the link of a letter and press the button there."""
    browser.get(link, status=status)
    token = link.partition("token=")[2]
    return browser.post("/account/contact/confirm", {"token": token}, status=status).text


def test_the_link_of_the_letter_confirms_the_address(registered: Browser, letters: Letters, session: Session) -> None:
    assert "Your contact is confirmed." in press(registered, letters.link("new@example.com", SUBJECT))
    user = session.scalars(select(User)).one()
    assert (user.email, user.claimed) == ("new@example.com", None)
    assert user.confirmed_at is not None


def test_opening_the_link_alone_confirms_nothing(registered: Browser, letters: Letters, session: Session) -> None:
    registered.get(letters.link("new@example.com", SUBJECT))
    assert session.scalar(select(User.email)) is None


def test_a_link_is_good_once(registered: Browser, letters: Letters) -> None:
    link = letters.link("new@example.com", SUBJECT)
    press(registered, link)
    assert NO_LONGER in press(registered, link, status=410)


def test_a_link_is_good_for_two_days(registered: Browser, letters: Letters, clock: FixedClock) -> None:
    link = letters.link("new@example.com", SUBJECT)
    pass_time(clock, days=2)
    assert NO_LONGER in press(registered, link, status=410)


def test_a_later_link_replaces_the_earlier(registered: Browser, letters: Letters, clock: FixedClock) -> None:
    link = letters.link("new@example.com", SUBJECT)
    pass_time(clock, minutes=2)
    registered.post("/account/contact/send-again")
    assert NO_LONGER in press(registered, link, status=410)
    assert "Your contact is confirmed." in press(registered, letters.link("new@example.com", SUBJECT))


@pytest.mark.parametrize("token", ["", "x", "0" * 43, "%00", "'or 1=1--"])
def test_a_forged_link_does_nothing(registered: Browser, token: str) -> None:
    assert NO_LONGER in registered.get(f"/link?token={token}", status=410).text
    assert NO_LONGER in registered.post("/account/contact/confirm", {"token": token}, status=410).text


def test_the_owner_of_an_address_does_not_make_a_strangers_account_theirs(
    registered: Browser, visit: Callable[[], Browser], person: User, letters: Letters, session: Session
) -> None:
    """Somebody registered with my address and a password of theirs; I open the link."""
    link = letters.link("new@example.com", SUBJECT)
    mine = visit()
    assert mine.get(link).path == "/sign-in"
    sign_in_as(mine, person.email)
    assert "This link belongs to another account." in mine.get(link).text
    mine.post("/account/contact/confirm", {"token": link.partition("token=")[2]}, status=410)
    assert session.scalar(select(User.email).where(User.claimed == "new@example.com")) is None


def test_of_two_who_claim_an_address_the_first_to_prove_it_has_it(
    registered: Browser, visit: Callable[[], Browser], letters: Letters, clock: FixedClock
) -> None:
    first = letters.link("new@example.com", SUBJECT)
    pass_time(clock, minutes=2)
    second = visit()
    second.post("/register", PERSON | {"password": "a password of their own"})
    link = letters.link("new@example.com", SUBJECT)
    assert "Your contact is confirmed." in press(second, link)
    assert "belongs to another account already" in press(registered, first)


def test_the_code_of_the_text_message_confirms_the_number(
    by_mobile: Browser, letters: Letters, session: Session
) -> None:
    page = by_mobile.post("/account/contact/code", {"code": letters.code(MOBILE)})
    assert "Your contact is confirmed." in page.text
    assert session.scalar(select(User.us_phone_number)) == MOBILE


def test_after_five_wrong_codes_the_right_one_is_wrong_too(by_mobile: Browser, letters: Letters) -> None:
    right = letters.code(MOBILE)
    wrong = f"{(int(right) + 1) % 10**6:06}"
    for _number in range(5):
        page = by_mobile.post("/account/contact/code", {"code": wrong}, status=422)
        assert "This code is not right" in page.text
    assert "This code is not right" in by_mobile.post("/account/contact/code", {"code": right}, status=422).text


def test_a_code_is_good_for_ten_minutes_and_once(by_mobile: Browser, letters: Letters, clock: FixedClock) -> None:
    code = letters.code(MOBILE)
    pass_time(clock, minutes=10)
    assert "This code is not right" in by_mobile.post("/account/contact/code", {"code": code}, status=422).text


def test_an_empty_code_is_named_and_costs_no_try(by_mobile: Browser, letters: Letters) -> None:
    for _number in range(6):
        assert "Enter the code." in by_mobile.post("/account/contact/code", {"code": ""}, status=422).text
    assert "is confirmed" in by_mobile.post("/account/contact/code", {"code": letters.code(MOBILE)}).text


def test_asking_again_within_a_minute_sends_nothing(registered: Browser, letters: Letters) -> None:
    assert "Wait a minute" in registered.post("/account/contact/send-again").text
    assert len(letters.to("new@example.com")) == 1


def test_unconfirmed_people_see_it_and_get_no_second_factor(registered: Browser) -> None:
    assert "new@example.com is not confirmed yet." in registered.get("/account").text
    for page in ("/account/authenticator", "/account/passkeys", "/account/recovery-codes"):
        assert "Confirm your e-mail address or mobile number first." in registered.get(page).text


def test_the_letter_is_in_the_persons_language(visit: Callable[[], Browser], letters: Letters) -> None:
    visit().post("/register", PERSON | {"locale": "zh_CN"})
    (letter,) = letters.to("new@example.com")
    assert letter.subject == "确认您的电子邮箱"
    assert letter.locale == "zh_CN"


def test_no_secret_is_logged(registered: Browser, letters: Letters, caplog: pytest.LogCaptureFixture) -> None:
    link = letters.link("new@example.com", SUBJECT)
    press(registered, link)
    logged = caplog.text
    assert link.partition("token=")[2] not in logged
    assert "new@example.com" not in logged
    assert PASSWORD not in logged
