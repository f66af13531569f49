"""The authenticator app, recovery codes and what guards them. Passkeys are tested where there is a browser."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from passlib.totp import TOTP
from sqlalchemy import select
from sqlalchemy.orm import Session

from maturity.accounts import policy
from maturity.accounts.models import RecoveryCode, User
from maturity.clock import FixedClock
from tests.conftest import Browser
from tests.functional.accounts.conftest import PASSWORD, Letters, sign_in_as

WRONG = "This code is not right, or it was used already."
AT = 1_795_000_000  # some moment, in seconds since 1970, at the beginning of a half minute


class Phone:
    """The app on the phone, and the clock that it shares with the server."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.key = ""
        self.at = AT
        monkeypatch.setattr("passlib.totp.TOTP.now", staticmethod(lambda: self.at))

    def code(self, steps: int = 0) -> str:
        token: str = TOTP(key=self.key, format="base32").generate(self.at + 30 * steps).token
        return token


@pytest.fixture
def phone(monkeypatch: pytest.MonkeyPatch) -> Phone:
    return Phone(monkeypatch)


@pytest.fixture
def mine(visit: Callable[[], Browser], person: User) -> Browser:
    browser = visit()
    sign_in_as(browser, "jane@example.com")
    return browser


def begin(browser: Browser, phone: Phone) -> str:
    """Start setting up; the address that the code goes to."""
    page = browser.post("/account/authenticator", {"setup": "authenticator"})
    found = re.search(r'class="key">([^<]+)<', page.html)
    assert found
    phone.key = found[1].replace("-", "")
    assert 'src="data:image/svg+xml;base64,' in page.html
    target = re.search(r'action="(/account/authenticator/[^"]+)"', page.html)
    assert target
    return target[1]


@pytest.fixture
def with_app(mine: Browser, phone: Phone) -> Browser:
    page = mine.post(begin(mine, phone), {"code": phone.code()})
    assert "The authenticator app is set up." in page.text
    phone.at += 60
    return mine


@pytest.fixture
def half_way(with_app: Browser, visit: Callable[[], Browser]) -> Browser:
    """Somebody who has typed the right password and is asked for the code."""
    browser = visit()
    assert sign_in_as(browser, "jane@example.com").path == "/sign-in/code"
    return browser


def test_the_code_is_asked_for_after_the_password(half_way: Browser, phone: Phone) -> None:
    assert half_way.client.get("/account").headers["Location"].startswith("/sign-in")
    page = half_way.post("/sign-in/code", {"code": phone.code()})
    assert page.path == "/enterprises/new"
    assert half_way.get("/account").path == "/account"


def test_the_page_asked_for_is_reached_through_the_code(
    with_app: Browser, visit: Callable[[], Browser], phone: Phone
) -> None:
    browser = visit()
    page = browser.post("/sign-in?next=/account", {"email": "jane@example.com", "password": PASSWORD})
    assert page.path == "/sign-in/code"
    assert browser.post("/sign-in/code?next=/account", {"code": phone.code()}).path == "/account"


def test_a_code_is_taken_once(half_way: Browser, visit: Callable[[], Browser], phone: Phone) -> None:
    code = phone.code()
    half_way.post("/sign-in/code", {"code": code})
    thief = visit()
    sign_in_as(thief, "jane@example.com")
    assert WRONG in thief.post("/sign-in/code", {"code": code}).text


def test_the_code_of_the_set_up_is_not_taken_at_sign_in(
    mine: Browser, visit: Callable[[], Browser], phone: Phone
) -> None:
    target = begin(mine, phone)
    code = phone.code()
    mine.post(target, {"code": code})
    browser = visit()
    sign_in_as(browser, "jane@example.com")
    assert WRONG in browser.post("/sign-in/code", {"code": code}).text


@pytest.mark.parametrize(("steps", "is_taken"), [(-1, True), (0, True), (1, True), (-2, False), (2, False)])
def test_a_clock_may_be_half_a_minute_wrong(half_way: Browser, phone: Phone, steps: int, is_taken: bool) -> None:
    phone.at += 300
    page = half_way.post("/sign-in/code", {"code": phone.code(steps)})
    assert (page.path == "/enterprises/new") is is_taken


@pytest.mark.parametrize("typed", ["", "12345", "abcdef", "1234567"])
def test_a_wrong_code_is_named(half_way: Browser, typed: str) -> None:
    page = half_way.post("/sign-in/code", {"code": typed})
    assert page.path == "/sign-in/code"
    assert "Please check these entries" in page.text


def test_after_five_wrong_codes_the_right_one_has_to_wait(half_way: Browser, phone: Phone, clock: FixedClock) -> None:
    wrong = f"{(int(phone.code()) + 1) % 10**6:06}"
    for _number in range(5):
        assert WRONG in half_way.post("/sign-in/code", {"code": wrong}).text
    assert "Too many failed attempts." in half_way.post("/sign-in/code", {"code": phone.code()}).text
    clock.at = clock.at.replace(minute=clock.at.minute + 1)
    assert half_way.post("/sign-in/code", {"code": phone.code()}).path == "/enterprises/new"


def test_the_code_page_is_closed_to_who_has_not_typed_the_password(browser: Browser) -> None:
    for page in ("/sign-in/code", "/sign-in/recovery-code", "/sign-in/factor"):
        assert browser.get(page).path == "/sign-in"


def test_setting_up_needs_the_code_of_the_app(mine: Browser, phone: Phone, session: Session) -> None:
    target = begin(mine, phone)
    assert WRONG in mine.post(target, {"code": "000000"}).text
    assert session.scalar(select(User.tf_totp_secret)) is None


def test_a_forged_set_up_is_refused(mine: Browser, session: Session) -> None:
    mine.post("/account/authenticator/forged.token.here", {"code": "000000"})
    assert session.scalar(select(User.tf_totp_secret)) is None


def test_the_key_is_encrypted_in_the_database(with_app: Browser, phone: Phone, session: Session) -> None:
    stored = session.scalar(select(User.tf_totp_secret))
    assert stored is not None
    assert phone.key not in stored
    assert '"enckey"' in stored


def test_the_app_can_be_removed_and_the_owner_is_told(
    with_app: Browser, visit: Callable[[], Browser], letters: Letters
) -> None:
    assert "The authenticator app is removed." in with_app.post("/account/authenticator", {"setup": "disable"}).text
    assert sign_in_as(visit(), "jane@example.com").path == "/enterprises/new"
    subjects = {letter.subject for letter in letters.to("jane@example.com")}
    assert subjects == {"A second factor was added", "A second factor was removed"}


def test_where_a_policy_wants_a_second_factor_the_last_one_stays(
    with_app: Browser, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("maturity.accounts.models.second_factor_required", lambda _user: True)
    page = with_app.get("/account/authenticator")
    assert "Remove the app" not in page.text
    with_app.post("/account/authenticator", {"setup": "disable"})
    assert session.scalar(select(User.tf_totp_secret)) is not None


def test_no_policy_wants_one_yet(person: User) -> None:
    assert not policy.second_factor_required(person)


def test_an_old_sign_in_is_asked_for_the_password_first(mine: Browser) -> None:
    with mine.client.session_transaction() as cookie:
        cookie["fs_paa"] = 0
    for page in ("/account/authenticator", "/account/passkeys", "/account/recovery-codes"):
        assert mine.get(page).path == "/account/confirm"


# Recovery codes


def make_codes(browser: Browser) -> list[str]:
    page = browser.post("/account/recovery-codes")
    return re.findall(r"<code>([0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4})</code>", page.html)


def test_ten_codes_are_shown_once(mine: Browser) -> None:
    codes = make_codes(mine)
    assert len(set(codes)) == 10
    again = mine.get("/account/recovery-codes")
    assert not [code for code in codes if code in again.html]
    assert f"{codes[0][:4]}-…" in again.text


def test_a_code_signs_in_once_and_is_struck(
    with_app: Browser, half_way: Browser, visit: Callable[[], Browser], letters: Letters
) -> None:
    code = make_codes(with_app)[3]
    assert half_way.post("/sign-in/recovery-code", {"code": code}).path == "/enterprises/new"
    assert re.search(rf"<del><code>{code[:4]}-", with_app.get("/account/recovery-codes").html)
    assert "9 of 10 left" in with_app.get("/account").text
    thief = visit()
    sign_in_as(thief, "jane@example.com")
    assert "This recovery code is not right" in thief.post("/sign-in/recovery-code", {"code": code}).text
    assert "A recovery code was used" in {letter.subject for letter in letters.to("jane@example.com")}


@pytest.mark.parametrize("change", [str.upper, lambda code: code.replace("-", ""), lambda code: f" {code} "])
def test_a_code_is_read_as_people_write_it(with_app: Browser, half_way: Browser, change: Callable[[str], str]) -> None:
    code = change(make_codes(with_app)[0])
    assert half_way.post("/sign-in/recovery-code", {"code": code}).path == "/enterprises/new"


def test_new_codes_replace_the_earlier(with_app: Browser, half_way: Browser) -> None:
    former = make_codes(with_app)[0]
    make_codes(with_app)
    assert "This recovery code is not right" in half_way.post("/sign-in/recovery-code", {"code": former}).text


def test_a_code_of_somebody_else_is_wrong(
    with_app: Browser, half_way: Browser, visit: Callable[[], Browser], mobile_person: User
) -> None:
    other = visit()
    sign_in_as(other, "13800138000")
    code = make_codes(other)[0]
    assert "This recovery code is not right" in half_way.post("/sign-in/recovery-code", {"code": code}).text


def test_after_five_wrong_codes_the_right_one_has_to_wait_too(with_app: Browser, half_way: Browser) -> None:
    right = make_codes(with_app)[0]
    for _number in range(5):
        half_way.post("/sign-in/recovery-code", {"code": "0000-0000-0000"})
    assert "Too many failed attempts." in half_way.post("/sign-in/recovery-code", {"code": right}).text


def test_no_code_is_kept_readable(mine: Browser, session: Session) -> None:
    codes = make_codes(mine)
    kept = " ".join(session.scalars(select(RecoveryCode.code_hash)))
    assert not [code for code in codes if code in kept or code.replace("-", "") in kept]


def test_the_librarys_own_pages_that_we_do_without_are_not_there(mine: Browser) -> None:
    mine.get("/account/codes", status=404)
    mine.client.post("/sign-in/rescue")
    assert mine.client.post("/sign-in/rescue").status_code == 404


def test_passkeys_are_refused_when_the_answer_is_not_one(mine: Browser) -> None:
    page = mine.post("/account/passkeys", {"name": "笔记本", "usage": "first"})
    target = re.search(r'action="(/account/passkeys/[^"]+)"', page.html)
    assert target
    for answer in ("", "{}", "nonsense", '{"id": "x", "rawId": "x", "type": "public-key", "response": {}}'):
        assert "Type this as plain text." in mine.post(target[1], {"credential": answer}).text


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ({"name": "", "usage": "first"}, "Give the passkey a name"),
        ({"name": "<b>", "usage": "first"}, "Type this as plain text."),
        ({"name": "a/b", "usage": "first"}, "Use letters, digits, spaces and hyphens"),
        ({"name": "x" * 65, "usage": "first"}, "at most 64 characters"),
        ({"name": "Laptop", "usage": "third"}, "Choose one of the two uses."),
    ],
)
def test_a_wrong_entry_for_a_passkey_is_named(mine: Browser, typed: dict[str, Any], message: str) -> None:
    assert message in mine.post("/account/passkeys", typed).text


def test_asking_to_sign_in_by_passkey_tells_nothing_about_accounts(visit: Callable[[], Browser], person: User) -> None:
    """The options name no credential, whoever is named."""
    for identity in ("jane@example.com", "nobody@example.com"):
        page = visit().post("/sign-in/passkey", {"identity": identity})
        assert "allowCredentials" not in page.html or "&#34;allowCredentials&#34;: []" in page.html
