"""Registering, confirming, passkeys and the authenticator app in a real browser, with Chromium's own authenticator."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator

import pytest
from flask_security import hash_password
from passlib.totp import TOTP
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import PATIENCE_MS, WATCH_POLICY, Live, NewPage
from tests.browser.page import Faults, check_page
from tests.factories.people import make_user

pytestmark = pytest.mark.browser
PASSWORD = "seven blue gears turning"
AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}
VISITS = [(1280, "zh"), (390, "en")]


@pytest.fixture
def person(live: Live) -> str:
    """The address of somebody with a password and no enterprise."""
    email = f"{uuid.uuid4().hex[:12]}@example.com"
    with live.session() as session:
        user = make_user(session, name="王珍", email=email)
        user.password = hash_password(PASSWORD)
    return email


@pytest.fixture
def named(live: Live, chromium: Browser) -> Iterator[Page]:
    """A page of the site under a name: the rules of passkeys know no network addresses."""
    address = live.address.replace("127.0.0.1", "localhost")
    faults = Faults(address)
    context = chromium.new_context(base_url=address, locale="en-GB", reduced_motion="reduce")
    context.set_default_timeout(PATIENCE_MS)
    context.add_init_script(WATCH_POLICY)
    page = context.new_page()
    faults.watch(page)
    page.goto("/?lang=en")
    yield page
    context.close()
    assert not faults.seen, "\n".join(faults.seen)


def plug_in(page: Page) -> str:
    """Give the browser an authenticator that always says yes; its id."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    made = session.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
    return str(made["authenticatorId"])


def sign_in(page: Page, email: str, *, remember: bool = False) -> None:
    page.goto("/sign-in")
    page.get_by_label("E-mail address or mobile number").fill(email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


def sign_out(page: Page) -> None:
    page.locator("details.menu summary").first.click()
    page.get_by_role("button", name="Sign out", exact=True).first.click()
    expect(page).to_have_url(re.compile(r"/$"))


def add_passkey(page: Page, name: str, use: str) -> None:
    page.goto("/account/passkeys")
    page.get_by_label("Name of the passkey").fill(name)
    page.get_by_label(use).check()
    check_page(page)
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_text(f"The passkey {name} is added.")).to_be_visible()


def test_a_passkey_signs_in_without_a_password(named: Page, person: str) -> None:
    plug_in(named)
    sign_in(named, person)
    add_passkey(named, "Laptop 1", "Sign in with it instead of the password")
    check_page(named)
    sign_out(named)
    named.goto("/sign-in?next=/account")
    named.get_by_role("button", name="Sign in with a passkey").click()
    expect(named).to_have_url(re.compile("/account$"))
    expect(named.get_by_text("Laptop 1")).to_be_visible()


def test_a_passkey_is_asked_for_after_the_password(named: Page, person: str) -> None:
    plug_in(named)
    sign_in(named, person)
    add_passkey(named, "Key ring", "Ask for it after the password")
    sign_out(named)
    sign_in(named, person)
    expect(named.locator("h1")).to_have_text("Sign in with a passkey")
    check_page(named)
    named.get_by_role("button", name="Use a passkey").click()
    expect(named).to_have_url(re.compile("/enterprises/new$"))


def test_a_passkey_confirms_that_it_is_you_and_can_be_removed(named: Page, person: str) -> None:
    plug_in(named)
    sign_in(named, person)
    add_passkey(named, "Laptop", "Sign in with it instead of the password")
    named.goto("/account/confirm?next=/account/passkeys")
    named.get_by_role("button", name="Use a passkey").click()
    expect(named).to_have_url(re.compile("/account/passkeys$"))
    named.get_by_role("button", name="Remove").click()
    expect(named.get_by_text("The passkey Laptop is removed.")).to_be_visible()
    expect(named.locator(".rows li")).to_have_count(0)


def test_the_browser_that_says_no_leaves_everything_as_it_was(named: Page, person: str) -> None:
    """No authenticator that answers: the ceremony ends, and the page says so and offers another try."""
    session = named.context.new_cdp_session(named)
    session.send("WebAuthn.enable")
    session.send(
        "WebAuthn.addVirtualAuthenticator",
        {"options": AUTHENTICATOR | {"isUserVerified": False, "hasUserVerification": True}},
    )
    sign_in(named, person)
    named.goto("/account/passkeys")
    named.get_by_label("Name of the passkey").fill("Laptop")
    named.get_by_role("button", name="Add", exact=True).click()
    expect(named.get_by_text("The browser ended it without an answer.")).to_be_visible()
    expect(named.get_by_role("button", name="Try again")).to_be_visible()


def test_at_a_network_address_the_page_says_that_passkeys_need_a_name(new_page: NewPage, live: Live) -> None:
    with live.session() as session:
        user = make_user(session, name="王珍").id
    page = new_page(lang="en", user=user)
    page.goto("/account/passkeys")
    page.get_by_label("Name of the passkey").fill("Laptop")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_text("This browser cannot use passkeys at this address.")).to_be_visible()


def test_the_authenticator_app_is_set_up_by_its_picture(named: Page, person: str) -> None:
    sign_in(named, person)
    named.goto("/account/authenticator")
    check_page(named)
    named.get_by_role("button", name="Set up").click()
    picture = named.get_by_alt_text("QR code with the key below")
    assert picture.evaluate("image => image.complete && image.naturalWidth > 0")
    check_page(named)
    app = TOTP(key=named.locator(".key").inner_text().replace("-", ""), format="base32")
    named.get_by_label("Code of the authenticator app").fill(app.generate().token)
    named.get_by_role("button", name="Confirm").click()
    expect(named.get_by_text("The authenticator app is set up.")).to_be_visible()
    sign_out(named)
    sign_in(named, person)
    expect(named.locator("h1")).to_have_text("Enter the code")
    check_page(named)
    # The code of the set-up is used up; the next one is taken although its half minute has not begun.
    later = app.generate(app.normalize_time(None) + 30)
    named.get_by_label("Code of the authenticator app").fill(later.token)
    named.get_by_role("button", name="Sign in").click()
    expect(named).to_have_url(re.compile("/enterprises/new$"))


@pytest.mark.parametrize(("width", "lang"), VISITS)
def test_registering_is_confirmed_through_the_outbox(new_page: NewPage, width: int, lang: str) -> None:
    """As a person tries the site out: register, read the letter that is not sent, press its button."""
    page = new_page(width=width, lang=lang)
    email = f"{uuid.uuid4().hex[:12]}@example.com"
    words = {
        "zh": ("姓名", "电子邮箱或手机号", "密码", "继续", "立即确认", "查看本应发出的消息", "确认", "已确认。"),
        "en": (
            "Your name",
            "E-mail address or mobile number",
            "Password",
            "Continue",
            "Confirm now",
            "Read what it would have sent",
            "Confirm",
            "Your contact is confirmed.",
        ),
    }[lang]
    page.goto("/register")
    check_page(page)
    page.get_by_label(words[0]).fill("赵敏")
    page.get_by_label(words[1]).fill(email)
    page.get_by_label(words[2], exact=True).fill(PASSWORD)
    page.get_by_role("checkbox").check()
    page.get_by_role("button", name=words[3]).click()
    page.goto("/account")
    check_page(page)
    page.get_by_role("link", name=words[4]).click()
    check_page(page)
    page.get_by_role("link", name=words[5]).click()
    check_page(page)
    page.locator(".card", has_text=email).get_by_role("link").first.click()
    check_page(page)
    page.get_by_role("button", name=words[6], exact=True).click()
    expect(page.get_by_text(words[7])).to_be_visible()


@pytest.mark.parametrize(("width", "lang"), VISITS)
def test_the_pages_of_accounts_have_no_barriers(
    new_page: NewPage, live: Live, faults: Faults, width: int, lang: str
) -> None:
    faults.expect("422")  # the form that is sent empty
    faults.expect("410")  # the link that is no longer good
    with live.session() as session:
        user = make_user(session, name="王珍").id
    visitor = new_page(width=width, lang=lang)
    visitor.goto("/reset")
    visitor.locator("form button").first.click()
    for path in ("/sign-in", "/sign-in/passkey", "/reset", "/link?token=x"):
        _visit(visitor, path)
    page = new_page(width=width, lang=lang, user=user)
    for path in (
        "/account",
        "/account/password",
        "/account/confirm",
        "/account/contact",
        "/account/authenticator",
        "/account/passkeys",
        "/account/recovery-codes",
    ):
        _visit(page, path)
    page.locator("main form button").click()
    expect(page.locator(".codes li")).to_have_count(10)
    check_page(page)


def _visit(page: Page, path: str) -> None:
    page.goto(path)
    check_page(page)


def test_a_device_is_signed_out_from_another(new_page: NewPage, live: Live) -> None:
    with live.session() as session:
        user = make_user(session, name="王珍").id
    mine, lost = (new_page(lang="en", user=user) for _number in range(2))
    lost.goto("/account")
    mine.goto("/account")
    expect(mine.locator("#devices li")).to_have_count(2)
    mine.get_by_role("button", name="Sign out everywhere else").click()
    expect(mine.get_by_text("1 other device is signed out.")).to_be_visible()
    lost.goto("/account")
    expect(lost).to_have_url(re.compile("/sign-in"))
