"""Signing in through a company's provider: a real one, over HTTP, with real signatures, which is told to fail."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
from joserfc.jwk import RSAKey
from sqlalchemy.orm import Session

from maturity.accounts.contacts import Contact
from maturity.accounts.models import SignIn, User
from maturity.clock import FixedClock
from maturity.consents.models import PersonConsent
from maturity.db import for_tenant
from maturity.federation.models import Identity
from maturity.people.service import end_membership, invite
from maturity.tenancy.models import IdentityProvider, Invitation, Membership
from tests.conftest import Browser
from tests.factories.enterprises import add_member
from tests.factories.people import keep, make_user
from tests.functional.federation.conftest import (
    DOMAIN,
    Company,
    come,
    go,
    make_company,
    path_of,
    stored,
)
from tests.provider import Provider, subject_of

MING = f"ming@{DOMAIN}"
BEGIN = {"what": "begin", "privacy": "y"}


@pytest.fixture
def ming(provider: Provider) -> str:
    """Somebody whom the provider knows; the subject."""
    provider.knows("sub-ming", email=MING, email_verified=True, name="李明")
    return "sub-ming"


@pytest.fixture
def invited(session: Session, company: Company, clock: FixedClock) -> Company:
    with for_tenant(session, company.tenant_id):
        invite(session, company.tenant_id, Contact("email", MING), "editor", actor_id=company.owner_id, clock=clock)
    keep(session)
    return company


@pytest.fixture
def arrived(visit: Callable[[], Browser], invited: Company, provider: Provider, ming: str) -> Browser:
    """李明, invited and come in for the first time with a new account."""
    browser = visit()
    come(browser, invited, provider, ming)
    browser.post(f"{invited.way_in}/first-time", BEGIN)
    return browser


def people(session: Session, company: Company) -> dict[str, str]:
    rows = stored(session, Membership, Membership.tenant_id == company.tenant_id, Membership.ended_at.is_(None))
    users = {int(user.id): str(user.email or user.claimed) for user in stored(session, User)}
    return {users[row.user_id]: row.role for row in rows}


def test_an_invited_person_comes_in_with_the_role_of_the_invitation(
    visit: Callable[[], Browser], invited: Company, provider: Provider, ming: str, session: Session
) -> None:
    browser = visit()
    page = come(browser, invited, provider, ming)
    assert page.path == f"{invited.way_in}/first-time"
    assert MING in page.text
    page = browser.post(f"{invited.way_in}/first-time", BEGIN)
    assert page.path.startswith(f"/t/{invited.tenant_id}")
    assert people(session, invited)[MING] == "editor"
    assert stored(session, Invitation)[0].accepted_at is not None


def test_somebody_new_agrees_to_the_privacy_policy_first(
    visit: Callable[[], Browser], invited: Company, provider: Provider, ming: str, session: Session
) -> None:
    browser = visit()
    come(browser, invited, provider, ming)
    page = browser.post(f"{invited.way_in}/first-time", {"what": "begin"}, 422)
    assert "tick the box if you agree" in page.text
    assert not stored(session, User, User.claimed == MING)
    browser.post(f"{invited.way_in}/first-time", BEGIN)
    assert len(stored(session, PersonConsent)) == 1


def test_the_second_time_nothing_is_asked(
    arrived: Browser, visit: Callable[[], Browser], invited: Company, provider: Provider, ming: str
) -> None:
    page = come(visit(), invited, provider, ming, leads_to=f"/t/{invited.tenant_id}/people")
    assert page.path == f"/t/{invited.tenant_id}/people"
    assert "You are signed in through your company." in page.text


def test_the_providers_word_proves_the_address_in_its_tenant_only(arrived: Browser, session: Session) -> None:
    user = stored(session, User, User.claimed == MING)[0]
    assert user.email is None
    assert user.password is None


def test_the_way_there_carries_state_nonce_and_a_challenge(
    visit: Callable[[], Browser], company: Company, provider: Provider
) -> None:
    url = go(visit(), company)
    assert url.startswith(provider.issuer)
    assert subject_of(url, "code_challenge_method") == "S256"
    assert len({subject_of(url, name) for name in ("state", "nonce", "code_challenge")}) == 3
    assert subject_of(url, "response_type") == "code"


def test_a_link_from_elsewhere_alone_sends_nobody_to_the_provider(
    visit: Callable[[], Browser], company: Company, provider: Provider
) -> None:
    browser = visit()
    answer = browser.client.get(f"{company.way_in}/go")
    assert answer.location.startswith(company.way_in)
    assert not provider.requests


# What a wrong answer does


def refused(browser: Browser, company: Company, provider: Provider, subject: str, status: int) -> str:
    page = come(browser, company, provider, subject, status=status)
    assert browser.client.get("/account").location.startswith("/sign-in")
    return str(page.text)


WRONG: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "another issuer": lambda claims: claims | {"iss": "http://localhost:1"},
    "another audience": lambda claims: claims | {"aud": ["somebody-else"]},
    "no audience": lambda claims: {name: value for name, value in claims.items() if name != "aud"},
    "several audiences without naming us": lambda claims: claims | {"aud": ["maturity", "somebody-else"]},
    "authorised another party": lambda claims: claims | {"azp": "somebody-else"},
    "it has run out": lambda claims: claims | {"exp": int(time.time()) - 120},
    "it never runs out": lambda claims: {name: value for name, value in claims.items() if name != "exp"},
    "it is from the future": lambda claims: claims | {"iat": int(time.time()) + 3600},
    "another nonce": lambda claims: claims | {"nonce": "another"},
    "no nonce": lambda claims: {name: value for name, value in claims.items() if name != "nonce"},
    "nobody": lambda claims: claims | {"sub": ""},
}


@pytest.mark.parametrize("what", WRONG)
def test_a_token_with_something_wrong_signs_nobody_in(
    what: str, arrived: Browser, visit: Callable[[], Browser], invited: Company, provider: Provider, ming: str
) -> None:
    provider.tamper = WRONG[what]
    assert "could not be verified" in refused(visit(), invited, provider, ming, 422)


def test_a_token_signed_by_somebody_else_signs_nobody_in(
    arrived: Browser, visit: Callable[[], Browser], invited: Company, provider: Provider, ming: str
) -> None:
    provider.signs_with = RSAKey.generate_key(2048)
    assert "could not be verified" in refused(visit(), invited, provider, ming, 422)


def test_a_changed_key_of_the_provider_is_found(
    arrived: Browser, visit: Callable[[], Browser], invited: Company, provider: Provider, ming: str
) -> None:
    provider.rotate()
    assert "You are signed in through your company." in come(visit(), invited, provider, ming).text


def test_an_answer_in_another_browser_is_refused(
    arrived: Browser, visit: Callable[[], Browser], invited: Company, provider: Provider, ming: str
) -> None:
    back = provider.sign_in(go(visit(), invited), ming)
    assert "begun in another browser" in visit().get(path_of(back), 409).text


def test_an_answer_with_another_state_is_refused(
    arrived: Browser, visit: Callable[[], Browser], invited: Company, provider: Provider, ming: str
) -> None:
    browser = visit()
    back = provider.sign_in(go(browser, invited), ming)
    assert browser.get(path_of(back).replace("state=", "state=x"), 409)


def test_an_answer_is_good_once(
    arrived: Browser, visit: Callable[[], Browser], invited: Company, provider: Provider, ming: str
) -> None:
    browser = visit()
    back = path_of(provider.sign_in(go(browser, invited), ming))
    browser.get(back)
    assert "begun in another browser" in browser.get(back, 409).text


def test_a_code_is_good_once_even_with_the_cookie_of_before(
    arrived: Browser, visit: Callable[[], Browser], invited: Company, provider: Provider, ming: str
) -> None:
    browser = visit()
    back = path_of(provider.sign_in(go(browser, invited), ming))
    with browser.client.session_transaction() as cookie:
        kept = dict(cookie)
    browser.get(back)
    again = visit()
    with again.client.session_transaction() as cookie:
        cookie.update(kept)
    assert "did not confirm" in again.get(back, 422).text


def test_an_answer_after_ten_minutes_is_too_late(
    arrived: Browser, visit: Callable[[], Browser], invited: Company, provider: Provider, ming: str, clock: FixedClock
) -> None:
    from datetime import timedelta

    browser = visit()
    back = provider.sign_in(go(browser, invited), ming)
    clock.at += timedelta(minutes=11)
    assert browser.get(path_of(back), 409)


def test_a_code_is_worth_nothing_without_its_verifier(
    arrived: Browser, visit: Callable[[], Browser], invited: Company, provider: Provider, ming: str
) -> None:
    browser = visit()
    back = provider.sign_in(go(browser, invited), ming)
    with browser.client.session_transaction() as cookie:
        cookie["company_begun"] = [entry | {"verifier": "x" * 64} for entry in cookie["company_begun"]]
    assert "did not confirm" in browser.get(path_of(back), 422).text


def test_the_answer_of_another_provider_is_refused(
    arrived: Browser, visit: Callable[[], Browser], invited: Company, provider: Provider, ming: str
) -> None:
    """RFC 9207: where the answer names its issuer, it must be the one that was asked."""
    browser = visit()
    back = provider.sign_in(go(browser, invited), ming)
    assert "could not be verified" in browser.get(path_of(back) + "&iss=https://evil.example", 422).text


def test_somebody_the_provider_refuses_is_told_so(
    visit: Callable[[], Browser], company: Company, provider: Provider
) -> None:
    browser = visit()
    back = provider.refuse(go(browser, company))
    answer = browser.get(f"{path_of(back)}&state={subject_of(go(browser, company), 'state')}", 403)
    assert "did not sign you in" in answer.text


def test_an_unverified_address_is_refused(visit: Callable[[], Browser], invited: Company, provider: Provider) -> None:
    provider.knows("sub-new", email=MING, email_verified=False)
    assert "has not verified" in refused(visit(), invited, provider, "sub-new", 403)


def test_a_verification_that_is_only_a_word_is_refused(
    visit: Callable[[], Browser], invited: Company, provider: Provider
) -> None:
    provider.knows("sub-new", email=MING, email_verified="true")
    assert "has not verified" in refused(visit(), invited, provider, "sub-new", 403)


def test_an_address_of_another_domain_is_refused(
    visit: Callable[[], Browser], company: Company, provider: Provider
) -> None:
    provider.knows("sub-new", email="boss@other.cn", email_verified=True)
    assert "may not vouch" in refused(visit(), company, provider, "sub-new", 403)


def test_a_provider_that_is_down_is_named_and_another_way_offered(
    visit: Callable[[], Browser], company: Company, provider: Provider
) -> None:
    browser = visit()
    url = f"{company.way_in}/go?token={_token(browser, company)}"
    provider.is_down = True
    page = browser.get(url, 503)
    assert "does not answer" in page.text
    assert "Sign in with a password" in page.text


def _token(browser: Browser, company: Company) -> str:
    return subject_of(
        browser.get(company.way_in).html.replace("&amp;", "&").split("/go?")[1].join(["?", ""]), "token"
    ).split('"')[0]


# Who comes in


def test_who_is_not_invited_is_refused_and_leaves_no_account(
    visit: Callable[[], Browser], company: Company, provider: Provider, ming: str, session: Session
) -> None:
    browser = visit()
    come(browser, company, provider, ming)
    assert "not invited" in browser.post(f"{company.way_in}/first-time", BEGIN, 403).text
    assert not stored(session, User, User.claimed == MING)
    assert not stored(session, Identity)


def test_where_everybody_may_come_the_default_role_is_given(
    app: Any, session: Session, clock: FixedClock, provider: Provider, visit: Callable[[], Browser], ming: str
) -> None:
    company = make_company(app, session, clock, provider.issuer, arrivals="everybody", default_role="contributor")
    browser = visit()
    come(browser, company, provider, ming)
    browser.post(f"{company.way_in}/first-time", BEGIN)
    assert people(session, company)[MING] == "contributor"


def test_who_was_removed_does_not_come_back_by_arriving(
    app: Any, session: Session, clock: FixedClock, provider: Provider, visit: Callable[[], Browser], ming: str
) -> None:
    company = make_company(app, session, clock, provider.issuer, arrivals="everybody")
    come(browser := visit(), company, provider, ming)
    browser.post(f"{company.way_in}/first-time", BEGIN)
    user_id = int(stored(session, User, User.claimed == MING)[0].id)
    with for_tenant(session, company.tenant_id):
        end_membership(session, company.tenant_id, user_id, actor_id=company.owner_id, clock=clock)
    keep(session)
    assert browser.client.get(company.home).status_code == 302
    assert "not invited" in come(visit(), company, provider, ming, status=403).text


def test_an_account_of_the_tenant_is_connected_only_after_its_own_sign_in(
    session: Session,
    company: Company,
    clock: FixedClock,
    provider: Provider,
    ming: str,
    visit: Callable[[], Browser],
    as_user: Callable[..., Browser],
) -> None:
    user = make_user(session, name="李明", email=MING)
    from maturity.tenancy.models import Tenant

    add_member(session, session.get_one(Tenant, company.tenant_id), user, "editor", clock)
    user_id = int(user.id)
    keep(session)
    stranger = visit()
    page = come(stranger, company, provider, ming)
    assert "I am new here" not in page.text
    assert "belongs to the enterprise" in stranger.post(f"{company.way_in}/first-time", BEGIN, 409).text
    assert not stored(session, Identity)
    own = as_user(user_id)
    page = come(own, company, provider, ming)
    assert "Connect with my account" in page.text
    own.post(f"{company.way_in}/first-time", {"what": "connect"})
    assert [row.user_id for row in stored(session, Identity)] == [user_id]
    assert "signed in through your company" in come(visit(), company, provider, ming).text


def test_an_account_with_another_address_is_not_connected(
    company: Company, provider: Provider, ming: str, as_user: Callable[..., Browser], session: Session
) -> None:
    browser = as_user(company.owner_id)
    page = come(browser, company, provider, ming)
    assert "Connect with my account" not in page.text
    assert browser.post(f"{company.way_in}/first-time", {"what": "connect"}, 409)
    assert not stored(session, Identity)


def test_nobody_is_told_whether_a_stranger_has_an_account(
    session: Session, company: Company, provider: Provider, visit: Callable[[], Browser]
) -> None:
    """Beyond the members of its tenant a provider's word looks nothing up."""
    make_user(session, email=f"known@{DOMAIN}")
    keep(session)
    pages = []
    for name in ("known", "unknown"):
        provider.knows(f"sub-{name}", email=f"{name}@{DOMAIN}", email_verified=True)
        pages.append(come(visit(), company, provider, f"sub-{name}").text.replace(name, "…"))
    assert pages[0] == pages[1]


def test_another_issuers_subject_of_the_same_name_is_somebody_else(
    app: Any,
    arrived: Browser,
    session: Session,
    clock: FixedClock,
    provider: Provider,
    visit: Callable[[], Browser],
    ming: str,
) -> None:
    other = make_company(app, session, clock, provider.issuer, domain="other.cn")
    provider.knows(ming, email="ming@other.cn", email_verified=True)
    assert come(visit(), other, provider, ming).path == f"{other.way_in}/first-time"


# What such a sign-in opens


def test_a_sign_in_through_a_provider_opens_its_tenant_and_no_other(
    app: Any, arrived: Browser, session: Session, clock: FixedClock, provider: Provider, invited: Company
) -> None:
    other = make_company(app, session, clock, provider.issuer, domain="other.cn")
    from maturity.tenancy.models import Tenant

    user = stored(session, User, User.claimed == MING)[0]
    add_member(session, session.get_one(Tenant, other.tenant_id), user, "owner", clock)
    keep(session)
    assert arrived.client.get(f"/t/{invited.tenant_id}/people").status_code == 200
    answer = arrived.client.get(f"/t/{other.tenant_id}/people")
    assert answer.status_code == 302
    assert answer.location.startswith("/sign-in/own")
    unknown = arrived.client.get("/t/00000000-0000-4000-8000-000000000000/people")
    assert unknown.location.partition("?")[0] == answer.location.partition("?")[0]
    assert "other.cn" not in arrived.get("/home").html


@pytest.mark.parametrize(
    "page",
    ["/account", "/account/password", "/account/authenticator", "/account/passkeys", "/account/recovery-codes"]
    + ["/account/contact", "/enterprises/new", "/consultancies/new"],
)
def test_it_opens_neither_the_account_nor_anything_new(arrived: Browser, page: str) -> None:
    answer = arrived.client.get(page)
    assert answer.status_code == 302
    assert answer.location.startswith("/sign-in/own")


def test_it_changes_nothing_about_how_the_account_signs_in(arrived: Browser) -> None:
    for page, data in (
        ("/account/password", {"new_password": "other words together"}),
        ("/account/authenticator", {"setup": "authenticator"}),
        ("/account/passkeys", {"name": "evil", "usage": "first"}),
    ):
        assert arrived.client.post(page, data=data).location.startswith("/sign-in/own"), page


def test_signing_out_ends_it(arrived: Browser, invited: Company) -> None:
    arrived.post("/sign-out")
    assert arrived.client.get(f"/t/{invited.tenant_id}/people").location.startswith("/sign-in?")


def test_the_sign_in_page_remembers_the_company(arrived: Browser) -> None:
    arrived.post("/sign-out")
    assert f"Sign in with 海岳{DOMAIN}有限公司" in arrived.get("/sign-in").text


def test_with_the_provider_goes_whoever_came_through_it(arrived: Browser, invited: Company, session: Session) -> None:
    session.delete(session.get_one(IdentityProvider, invited.provider_id))
    keep(session)
    assert arrived.client.get(f"/t/{invited.tenant_id}/people").location.startswith("/sign-in?")
    assert not stored(session, SignIn, SignIn.own.is_(False))
    assert not stored(session, Identity)


# Finding the company


def test_the_answer_to_an_address_is_the_same_whether_its_company_is_here(
    company: Company, visit: Callable[[], Browser], session: Session
) -> None:
    from maturity.messages.models import Message

    pages = []
    for domain in (DOMAIN, "nobody-here.cn"):
        page = visit().post("/sign-in/company", {"email": f"someone@{domain}"})
        pages.append(page.text.replace(domain, "…"))
    assert pages[0] == pages[1]
    letters = stored(session, Message)
    assert [letter.recipient for letter in letters] == [f"someone@{DOMAIN}"]
    assert company.way_in in letters[0].body


def test_an_address_gets_five_letters_an_hour(company: Company, visit: Callable[[], Browser], session: Session) -> None:
    from maturity.messages.models import Message

    for _time in range(7):
        visit().post("/sign-in/company", {"email": f"someone@{DOMAIN}"})
    assert len(stored(session, Message)) == 5


def test_an_address_that_is_none_says_how_to_write_it(visit: Callable[[], Browser]) -> None:
    page = visit().post("/sign-in/company", {"email": "13800138000"}, 422)
    assert "name@company.com" in page.text
    assert "13800138000" in page.html


def test_a_tenant_without_provider_looks_like_none(
    visit: Callable[[], Browser], session: Session, clock: FixedClock
) -> None:
    from tests.factories.enterprises import make_enterprise

    tenant_id = make_enterprise(session, make_user(session), clock).id
    keep(session)
    pages = []
    for company_id in (tenant_id, "00000000-0000-4000-8000-000000000000"):
        browser = visit()
        page = browser.get(f"/sign-in/company/{company_id}")
        token = page.html.replace("&amp;", "&").split("token=")[1].split('"')[0]
        pages.append(browser.get(f"/sign-in/company/{company_id}/go?token={token}", 404).text)
    assert pages[0] == pages[1]
