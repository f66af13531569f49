"""A forgotten password: link or code, once, for an hour, and the same answer for everybody."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from maturity.accounts.models import ContactProof, User
from maturity.clock import FixedClock
from tests.conftest import Browser
from tests.functional.accounts.conftest import MOBILE, NEW_PASSWORD, PASSWORD, Letters, pass_time, sign_in_as
from tests.functional.accounts.test_registration import PERSON

SUBJECT = "Choose a new password"
NO_LONGER = "This link is no longer good"


def ask(browser: Browser, contact: str) -> str:
    return browser.post("/reset", {"email": contact}).text


def choose(browser: Browser, link: str, password: str = NEW_PASSWORD, status: int = 200) -> str:
    browser.get(link, status=410 if status == 410 else 200)
    return browser.post("/reset/link", {"token": link.partition("token=")[2], "password": password}, status=status).text


def test_the_link_leads_to_a_new_password(visit: Callable[[], Browser], person: User, letters: Letters) -> None:
    browser = visit()
    ask(browser, "Jane@Example.com")
    assert "Your password is changed" in choose(browser, letters.link(person.email, SUBJECT))
    assert "is not right" in sign_in_as(browser, person.email, PASSWORD).text
    assert sign_in_as(browser, person.email, NEW_PASSWORD).path == "/enterprises/new"
    assert [letter.subject for letter in letters.to(person.email)].count("Your password was reset") == 1


def test_all_devices_are_signed_out_by_it(visit: Callable[[], Browser], person: User, letters: Letters) -> None:
    stolen, mine = visit(), visit()
    sign_in_as(stolen, person.email)
    ask(mine, person.email)
    choose(mine, letters.link(person.email, SUBJECT))
    assert stolen.get("/account").path == "/sign-in"


def test_a_link_is_good_once(visit: Callable[[], Browser], person: User, letters: Letters) -> None:
    browser = visit()
    ask(browser, person.email)
    link = letters.link(person.email, SUBJECT)
    choose(browser, link)
    assert NO_LONGER in choose(browser, link, "a third password here", status=410)


def test_a_link_is_good_for_an_hour(
    visit: Callable[[], Browser], person: User, letters: Letters, clock: FixedClock
) -> None:
    browser = visit()
    ask(browser, person.email)
    link = letters.link(person.email, SUBJECT)
    pass_time(clock, hours=1)
    assert NO_LONGER in choose(browser, link, status=410)


def test_a_wrong_new_password_uses_nothing_up(visit: Callable[[], Browser], person: User, letters: Letters) -> None:
    browser = visit()
    ask(browser, person.email)
    link = letters.link(person.email, SUBJECT)
    assert "at least 12 characters" in choose(browser, link, "short", status=422)
    assert "easy to guess" in choose(browser, link, "jane@example.com", status=422)
    assert "Your password is changed" in choose(browser, link)


def test_a_link_for_confirming_resets_nothing(visit: Callable[[], Browser], letters: Letters) -> None:
    browser = visit()
    browser.post("/register", PERSON)
    token = letters.link("new@example.com", "Confirm your e-mail address").partition("token=")[2]
    assert NO_LONGER in browser.post("/reset/link", {"token": token, "password": NEW_PASSWORD}, status=410).text


def test_the_code_leads_to_a_new_password(visit: Callable[[], Browser], mobile_person: User, letters: Letters) -> None:
    browser = visit()
    ask(browser, "13800138000")
    page = browser.post("/reset/code", {"code": letters.code(MOBILE), "password": NEW_PASSWORD})
    assert "Your password is changed" in page.text
    assert sign_in_as(browser, "13800138000", NEW_PASSWORD).path == "/enterprises/new"


def test_after_five_wrong_codes_the_right_one_is_wrong_too(
    visit: Callable[[], Browser], mobile_person: User, letters: Letters
) -> None:
    browser = visit()
    ask(browser, "13800138000")
    right = letters.code(MOBILE)
    wrong = f"{(int(right) + 1) % 10**6:06}"
    for code in (*[wrong] * 5, right):
        typed = {"code": code, "password": NEW_PASSWORD}
        assert "This code is not right" in browser.post("/reset/code", typed, status=422).text


@pytest.mark.parametrize(
    ("known", "unknown"), [("jane@example.com", "jane@example.org"), ("13800138000", "13800138001")]
)
def test_nobody_learns_who_has_an_account(
    visit: Callable[[], Browser],
    person: User,
    mobile_person: User,
    letters: Letters,
    session: Session,
    known: str,
    unknown: str,
) -> None:
    """The same status, place and page but for what was typed; the same work in the database; no letter."""
    pages = []
    for typed in (known, unknown):
        response = visit().client.post("/reset", data={"email": typed})
        pages.append((response.status_code, response.headers["Location"]))
    assert pages[0] == pages[1]
    texts = [
        ask(visit(), typed).replace(typed, "").replace(f"{typed[:3]} {typed[3:7]} {typed[7:]}", "")
        for typed in (known, unknown)
    ]
    assert texts[0] == texts[1]
    assert len(letters.all()) == 1
    assert len(session.scalars(select(ContactProof)).all()) == 2


@pytest.mark.parametrize("typed", ["", "jane", "1380013800"])
def test_a_wrong_contact_is_named(visit: Callable[[], Browser], typed: str) -> None:
    page = visit().post("/reset", {"email": typed}, status=422)
    assert "Please check these entries" in page.text


def test_whoever_resets_an_unconfirmed_account_has_confirmed_it(
    visit: Callable[[], Browser], letters: Letters, session: Session, clock: FixedClock
) -> None:
    browser = visit()
    browser.post("/register", PERSON)
    browser.post("/sign-out")
    pass_time(clock, minutes=2)
    ask(browser, "new@example.com")
    choose(browser, letters.link("new@example.com", SUBJECT))
    assert session.scalar(select(User.email)) == "new@example.com"


def test_the_pages_after_asking_lead_back_without_having_asked(browser: Browser) -> None:
    assert browser.get("/reset/sent").path == "/reset"
    assert browser.get("/reset/code").path == "/reset"


def test_the_link_leads_to_the_configured_site(
    app: object, visit: Callable[[], Browser], person: User, letters: Letters, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not to the host that a request names: that one is chosen by whoever asks."""
    monkeypatch.setitem(app.config, "SITE_URL", "https://site.example/")  # type: ignore[attr-defined]
    visit().client.post("/reset", data={"email": person.email}, headers={"Host": "evil.example"})
    (letter,) = letters.to(person.email)
    assert "https://site.example/link?token=" in letter.body
    assert "evil.example" not in letter.body
