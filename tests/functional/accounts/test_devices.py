"""Signed-in devices: listed, revocable, and worth nothing to whoever had the cookie before or has it after."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from maturity.accounts.models import SignIn, User
from maturity.accounts.policy import is_confirmed
from maturity.accounts.sign_ins import hash_of
from maturity.clock import FixedClock
from tests.conftest import NOW, Browser
from tests.functional.accounts.conftest import NEW_PASSWORD, PASSWORD, Letters, pass_time, sign_in_as

FIREFOX = "Mozilla/5.0 (Windows NT 10.0; rv:140.0) Gecko/20100101 Firefox/140.0"


def test_a_device_is_listed_with_its_words_and_network(visit: Callable[[], Browser], person: User) -> None:
    browser = visit()
    browser.client.environ_base |= {"HTTP_USER_AGENT": FIREFOX, "REMOTE_ADDR": "203.0.113.77"}
    sign_in_as(browser, person.email)
    page = browser.get("/account")
    assert "Firefox, Windows · this one" in page.text
    assert "203.0.113.0/24" in page.text
    assert "203.0.113.77" not in page.html


def test_a_device_can_be_signed_out_from_another(visit: Callable[[], Browser], person: User, session: Session) -> None:
    lost, mine = visit(), visit()
    sign_in_as(lost, "jane@example.com")
    sign_in_as(mine, "jane@example.com")
    devices = session.scalars(select(SignIn.id).order_by(SignIn.created_at)).all()
    session.rollback()
    secret = cookie_of(mine)["_user_id"]
    with_mine = session.scalar(select(SignIn.id).where(SignIn.secret_hash == hash_of(secret)))
    session.rollback()
    (other,) = set(devices) - {with_mine}
    assert "The device is signed out." in mine.post(f"/account/devices/{other}/sign-out").text
    assert lost.get("/account").path == "/sign-in"
    assert mine.get("/account").path == "/account"


def cookie_of(browser: Browser) -> dict[str, Any]:
    with browser.client.session_transaction() as cookie:
        return dict(cookie)


def test_everything_else_is_signed_out_at_once(visit: Callable[[], Browser], person: User) -> None:
    others, mine = [visit(), visit()], visit()
    for browser in (*others, mine):
        sign_in_as(browser, "jane@example.com")
    assert "2 other devices are signed out." in mine.post("/account/devices/sign-out-others").text
    assert [browser.get("/account").path for browser in (*others, mine)] == ["/sign-in", "/sign-in", "/account"]


def test_nobody_signs_out_a_strangers_device(
    visit: Callable[[], Browser], person: User, mobile_person: User, session: Session
) -> None:
    victim, attacker = visit(), visit()
    sign_in_as(victim, "jane@example.com")
    device = session.scalars(select(SignIn.id)).one()
    session.rollback()
    sign_in_as(attacker, "13800138000")
    attacker.post(f"/account/devices/{device}/sign-out", status=404)
    attacker.post(f"/account/devices/{uuid.uuid4()}/sign-out", status=404)
    assert victim.get("/account").path == "/account"


def test_signing_out_makes_a_copied_cookie_worthless(app: Any, visit: Callable[[], Browser], person: User) -> None:
    victim, thief = visit(), Browser(app.test_client())
    sign_in_as(victim, "jane@example.com")
    stolen = victim.client.get_cookie("session")
    thief.client.set_cookie("session", stolen.value)
    assert thief.get("/account").path == "/account"
    victim.post("/sign-out")
    assert thief.get("/account").path == "/sign-in"


def test_a_planted_cookie_does_not_become_the_victims(app: Any, visit: Callable[[], Browser], person: User) -> None:
    """Session fixation: the attacker puts their own cookie into the victim's browser before the sign-in."""
    attacker, victim = visit(), Browser(app.test_client())
    attacker.get("/sign-in")
    planted = attacker.client.get_cookie("session")
    victim.client.set_cookie("session", planted.value)
    sign_in_as(victim, "jane@example.com")
    assert attacker.get("/account").path == "/sign-in"
    assert cookie_of(victim).get("csrf_token") != cookie_of(attacker)["csrf_token"]


def test_every_sign_in_has_a_secret_of_its_own(visit: Callable[[], Browser], person: User) -> None:
    browser = visit()
    secrets = set()
    for _number in range(2):
        sign_in_as(browser, "jane@example.com")
        secrets.add(cookie_of(browser)["_user_id"])
        browser.post("/sign-out")
    assert len(secrets) == 2


def test_staying_signed_in_is_tied_to_the_device(visit: Callable[[], Browser], person: User, session: Session) -> None:
    browser = visit()
    browser.post("/sign-in", {"email": "jane@example.com", "password": PASSWORD, "remember": "y"})
    browser.client.delete_cookie("session")
    assert browser.get("/account").path == "/account"
    browser.client.delete_cookie("session")
    session.execute(SignIn.__table__.delete())
    session.commit()
    assert browser.get("/account").path == "/sign-in"


def test_a_remembered_device_is_asked_for_the_password_before_something_important(
    visit: Callable[[], Browser], person: User
) -> None:
    browser = visit()
    browser.post("/sign-in", {"email": "jane@example.com", "password": PASSWORD, "remember": "y"})
    browser.client.delete_cookie("session")
    assert browser.get("/account/contact").path == "/account/confirm"


def test_without_the_tick_the_device_is_not_remembered(visit: Callable[[], Browser], person: User) -> None:
    browser = visit()
    sign_in_as(browser, "jane@example.com")
    browser.client.delete_cookie("session")
    assert browser.get("/account").path == "/sign-in"


def test_changing_the_password_signs_the_other_devices_out(
    visit: Callable[[], Browser], person: User, letters: Letters
) -> None:
    other, mine = visit(), visit()
    for browser in (other, mine):
        sign_in_as(browser, "jane@example.com")
    page = mine.post("/account/password", {"password": PASSWORD, "new_password": NEW_PASSWORD})
    assert "Your password is changed." in page.text
    assert mine.get("/account").path == "/account"
    assert other.get("/account").path == "/sign-in"
    assert [letter.subject for letter in letters.to("jane@example.com")] == ["Your password was changed"]


def test_an_operator_who_resets_somebodys_access_signs_all_devices_out(
    app: Any, visit: Callable[[], Browser], person: User
) -> None:
    browser = visit()
    sign_in_as(browser, "jane@example.com")
    done = app.test_cli_runner().invoke(args=["users", "reset_access", "jane@example.com"])
    assert done.exit_code == 0, done.output
    assert browser.get("/account").path == "/sign-in"


def test_a_closed_account_is_signed_out(visit: Callable[[], Browser], person: User, session: Session) -> None:
    browser = visit()
    sign_in_as(browser, "jane@example.com")
    person.active = False
    session.commit()
    assert browser.get("/account").path == "/sign-in"
    assert "is not right" in sign_in_as(browser, "jane@example.com").text


@pytest.mark.parametrize(("span", "seen"), [(59, NOW), (61, NOW + timedelta(seconds=61))])
def test_last_seen_is_written_once_a_minute(
    visit: Callable[[], Browser], person: User, session: Session, clock: FixedClock, span: int, seen: Any
) -> None:
    browser = visit()
    sign_in_as(browser, "jane@example.com")
    pass_time(clock, seconds=span)
    browser.get("/account")
    assert session.scalar(select(SignIn.seen_at)) == seen


def test_a_device_that_rests_for_a_month_is_signed_out(
    visit: Callable[[], Browser], person: User, clock: FixedClock
) -> None:
    browser = visit()
    sign_in_as(browser, "jane@example.com")
    pass_time(clock, days=31)
    assert browser.get("/account").path == "/sign-in"


@pytest.mark.parametrize("value", ["", "x" * 43, "1"])
def test_a_forged_identity_in_the_session_signs_nobody_in(browser: Browser, person: User, value: str) -> None:
    with browser.client.session_transaction() as cookie:
        cookie["_user_id"] = value
        cookie["_fresh"] = True
    assert browser.get("/account").path == "/sign-in"


def test_the_uniquifier_is_no_key_any_more(browser: Browser, person: User) -> None:
    with browser.client.session_transaction() as cookie:
        cookie["_user_id"] = person.fs_uniquifier
    assert browser.get("/account").path == "/sign-in"


def test_a_token_in_the_address_signs_nobody_in(app: Any, person: User, session: Session) -> None:
    with app.test_request_context():
        token = person.get_auth_token()
    session.rollback()
    response = app.test_client().get(f"/account?auth_token={token}", headers={"Authentication-Token": token})
    assert response.status_code == 302
    assert "/sign-in" in response.headers["Location"]


def test_an_operator_who_sets_a_password_signs_all_devices_out_and_the_owner_is_told(
    app: Any, visit: Callable[[], Browser], person: User, letters: Letters
) -> None:
    browser = visit()
    sign_in_as(browser, "jane@example.com")
    arguments = ["users", "change_password", "jane@example.com", "--password", NEW_PASSWORD]
    done = app.test_cli_runner().invoke(args=arguments)
    assert done.exit_code == 0, done.output
    assert browser.get("/account").path == "/sign-in"
    assert [letter.subject for letter in letters.to("jane@example.com")] == ["Your password was changed"]
    assert sign_in_as(browser, "jane@example.com", NEW_PASSWORD).path == "/enterprises/new"


def test_whom_the_operator_makes_an_account_for_is_confirmed(app: Any, session: Session) -> None:
    arguments = ["users", "create", "Ann@Example.com", "--password", PASSWORD, "--active"]
    done = app.test_cli_runner().invoke(args=arguments)
    assert done.exit_code == 0, done.output
    user = session.scalars(select(User)).one()
    assert user.email == "ann@example.com"
    assert is_confirmed(user)
