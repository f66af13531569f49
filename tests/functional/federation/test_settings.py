"""The settings of a tenant: for owners, checked before they are saved, each change in the log."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy.orm import Session

from maturity.accounts.models import SignIn, User
from maturity.audit.models import AuditEvent
from maturity.clock import FixedClock
from maturity.federation.models import Identity
from maturity.federation.sealed import unseal
from maturity.tenancy.models import IdentityProvider, Tenant
from tests.conftest import Browser
from tests.factories.enterprises import add_member, make_enterprise
from tests.factories.people import keep, make_user
from tests.functional.federation.conftest import DOMAIN, Company, come, stored
from tests.functional.federation.test_door import connected, require
from tests.provider import Provider


@pytest.fixture
def mine(company: Company, as_user: Callable[..., Browser]) -> Browser:
    """The owner, with a second factor."""
    return as_user(company.owner_id, second_factor=True)


def terms(provider: Provider, **changed: str) -> dict[str, str]:
    given = {"issuer": provider.issuer, "client_id": "maturity", "client_secret": "s3cret", "domains": DOMAIN}
    return {**given, "arrivals": "invited", "default_role": "viewer", **changed}


def events(session: Session, *names: str) -> list[dict[str, Any]]:
    rows = stored(session, AuditEvent, AuditEvent.event.in_(names))
    return [row.details for row in rows]


def test_only_owners_open_the_settings(
    company: Company, session: Session, clock: FixedClock, as_user: Callable[..., Browser]
) -> None:
    editor = make_user(session)
    add_member(session, session.get_one(Tenant, company.tenant_id), editor, "editor", clock)
    editor_id = int(editor.id)
    keep(session)
    assert as_user(editor_id).client.get(company.settings).status_code == 403
    assert "Settings" not in as_user(editor_id).get(f"/t/{company.tenant_id}/people").text
    page = as_user(company.owner_id).get(company.settings)
    assert "Signing in" in page.text
    assert "Identity provider" in page.text


# The policy


def test_an_owner_without_second_factor_cannot_ask_others_for_one(
    company: Company, session: Session, as_user: Callable[..., Browser]
) -> None:
    page = as_user(company.owner_id).post(f"{company.settings}/sign-in", {"second_factor": "y"}, 422)
    assert "Set up a second factor for yourself" in page.text
    assert re.search(r'<input[^>]* checked[^>]*name="second_factor"', page.html), "what was ticked is kept"
    assert not stored(session, Tenant, Tenant.second_factor_required)
    assert not events(session, "settings.switched")


def test_an_owner_with_one_can(company: Company, mine: Browser, session: Session) -> None:
    page = mine.post(f"{company.settings}/sign-in", {"second_factor": "y"})
    assert "The sign-in policy is saved." in page.text
    assert [row.id for row in stored(session, Tenant, Tenant.second_factor_required)] == [company.tenant_id]
    assert events(session, "settings.switched") == [{"setting": "second_factor", "state": "on"}]
    mine.post(f"{company.settings}/sign-in", {"second_factor": "y"})
    assert len(events(session, "settings.switched")) == 1, "saving the same again changes nothing"


def test_the_provider_is_required_only_once_it_has_worked(company: Company, mine: Browser, session: Session) -> None:
    page = mine.post(f"{company.settings}/sign-in", {"provider": "y"}, 422)
    assert "Sign in through the identity provider once yourself" in page.text


def test_the_provider_is_required_only_by_who_has_the_way_out(
    company: Company, provider: Provider, session: Session, as_user: Callable[..., Browser]
) -> None:
    browser = connected(as_user, company, provider, amr=["mfa"])
    page = browser.post(f"{company.settings}/sign-in", {"provider": "y"}, 422)
    assert "that is your way out" in page.text
    assert not stored(session, Tenant, Tenant.provider_required)


def test_a_provider_that_has_worked_can_be_required(
    company: Company, provider: Provider, session: Session, as_user: Callable[..., Browser]
) -> None:
    connected(as_user, company, provider)
    browser = as_user(company.owner_id, second_factor=True)
    come(browser, company, provider, "sub-owner")
    browser.post(f"{company.settings}/sign-in", {"provider": "y"})
    assert stored(session, Tenant, Tenant.provider_required)


def test_without_a_provider_none_can_be_required(
    session: Session, clock: FixedClock, as_user: Callable[..., Browser]
) -> None:
    owner = make_user(session)
    tenant_id, owner_id = make_enterprise(session, owner, clock).id, int(owner.id)
    keep(session)
    page = as_user(owner_id, second_factor=True).post(f"/t/{tenant_id}/settings/sign-in", {"provider": "y"}, 422)
    assert "Set up an identity provider first." in page.text


def test_invitations_keep_to_the_domains_of_the_policy(company: Company, mine: Browser, session: Session) -> None:
    mine.post(f"{company.settings}/sign-in", {"domains": f"{DOMAIN}， Sub.{DOMAIN}"})
    assert events(session, "settings.domains_changed") == [{"domains": f"{DOMAIN}, sub.{DOMAIN}"}]
    people = f"/t/{company.tenant_id}/people"
    for wrong in ("ming@other.cn", "13800138000", f"ming@evil{DOMAIN}"):
        page = mine.post(people, {"contact": wrong, "role": "viewer"}, 422)
        assert f"invites addresses at {DOMAIN}, sub.{DOMAIN} only" in page.text
        assert wrong in page.html
    assert "is on its way" in mine.post(people, {"contact": f"ming@sub.{DOMAIN}", "role": "viewer"}).text


def test_what_is_no_domain_is_named_and_kept(company: Company, mine: Browser) -> None:
    page = mine.post(f"{company.settings}/sign-in", {"domains": f"{DOMAIN}, not a domain!"}, 422)
    assert "“domain!” is no domain" in page.text or "“not” is no domain" in page.text
    assert "not a domain!" in page.html


# The provider


@pytest.fixture
def fresh(
    session: Session, clock: FixedClock, provider: Provider, as_user: Callable[..., Browser]
) -> tuple[Browser, str]:
    """An owner of a tenant without provider, and the address of its form."""
    owner = make_user(session, email=f"chen@{DOMAIN}")
    tenant_id, owner_id = make_enterprise(session, owner, clock).id, int(owner.id)
    keep(session)
    return as_user(owner_id), f"/t/{tenant_id}/settings/provider"


def test_a_provider_that_answers_is_saved_and_its_secret_never_shown(
    fresh: tuple[Browser, str], provider: Provider, session: Session, app: Any
) -> None:
    browser, form = fresh
    assert "It answered." in browser.post(form, terms(provider)).text
    row = stored(session, IdentityProvider)[0]
    assert "s3cret" not in row.client_secret
    assert unseal(app.config["TOTP_SECRETS"], row.id, row.client_secret) == "s3cret"
    assert "s3cret" not in browser.get(form).html
    assert provider.issuer in browser.get(form).html
    saved = {"issuer": provider.issuer, "domains": DOMAIN, "arrivals": "invited", "role": "viewer"}
    assert events(session, "provider.saved") == [saved]


def test_the_secret_can_be_changed_and_otherwise_stays(
    fresh: tuple[Browser, str], provider: Provider, session: Session, app: Any
) -> None:
    browser, form = fresh
    browser.post(form, terms(provider))
    browser.post(form, terms(provider, client_secret="", client_id="other"))
    row = stored(session, IdentityProvider)[0]
    assert (row.client_id, unseal(app.config["TOTP_SECRETS"], row.id, row.client_secret)) == ("other", "s3cret")
    browser.post(form, terms(provider, client_secret="n3w"))
    row = stored(session, IdentityProvider)[0]
    assert unseal(app.config["TOTP_SECRETS"], row.id, row.client_secret) == "n3w"
    assert events(session, "provider.secret_changed") == [{"issuer": provider.issuer}]


def test_the_secret_is_never_sent_to_another_issuer(
    company: Company, mine: Browser, provider: Provider, session: Session
) -> None:
    page = mine.post(
        f"{company.settings}/provider", terms(provider, issuer="http://localhost:1", client_secret=""), 422
    )
    assert "Enter the client secret" in page.text
    assert stored(session, IdentityProvider)[0].issuer == provider.issuer


def test_another_issuer_is_another_provider(
    company: Company,
    provider: Provider,
    session: Session,
    as_user: Callable[..., Browser],
    visit: Callable[[], Browser],
) -> None:
    from tests.provider import running_provider

    connected(as_user, company, provider)
    come(through := visit(), company, provider, "sub-owner")
    require(session, company, provider_required=True)
    with running_provider() as other:
        as_user(company.owner_id, second_factor=True).post(f"{company.settings}/provider", terms(other))
    assert not stored(session, Identity)
    assert not stored(session, SignIn, SignIn.own.is_(False))
    assert not stored(session, Tenant, Tenant.provider_required), "nobody has tried the new one yet"
    assert through.client.get(company.home).location.startswith("/sign-in")


def saying(provider: Provider, **description: Any) -> None:
    provider.description = description


WRONG: dict[str, tuple[Callable[[Provider], None], str]] = {
    "down": (lambda provider: setattr(provider, "is_down", True), "does not answer"),
    "another name": (lambda provider: saying(provider, issuer="https://other.example"), "calls itself by another"),
    "no keys": (lambda provider: saying(provider, jwks_uri=None), "lacks an address"),
    "no code": (lambda provider: saying(provider, response_types_supported=["id_token"]), "code flow"),
    "no PKCE": (lambda provider: saying(provider, code_challenge_methods_supported=["plain"]), "code flow"),
    "unusable address": (lambda provider: saying(provider, token_endpoint="ftp://x.example"), "https://"),
}


@pytest.mark.parametrize("what", WRONG)
def test_what_is_wrong_with_a_provider_is_said_at_its_field(
    what: str, fresh: tuple[Browser, str], provider: Provider, session: Session
) -> None:
    browser, form = fresh
    break_it, words = WRONG[what]
    break_it(provider)
    page = browser.post(form, terms(provider), 422)
    assert words in page.text
    assert 'href="#issuer"' in page.html
    assert provider.issuer in page.html
    assert not stored(session, IdentityProvider)


@pytest.mark.parametrize("path", ["", "/nothing-here"])
def test_an_address_without_a_description_is_said_so(
    path: str, fresh: tuple[Browser, str], provider: Provider, app: Any
) -> None:
    browser, form = fresh
    page = browser.post(form, terms(provider, issuer=provider.issuer + path + "/x"), 422)
    assert "no OpenID Connect description" in page.text


@pytest.mark.parametrize(
    ("issuer", "words"),
    [
        ("https://10.0.0.7", "inside a private network"),
        ("https://127.0.0.1:8443", "inside a private network"),
        ("https://localhost", "inside a private network"),
        ("https://[::1]", "inside a private network"),
        ("https://169.254.169.254/latest", "inside a private network"),
        ("http://login.example.com", "https://"),
        ("https://user:word@login.example.com", "https://"),
        ("login.example.com", "https://"),
    ],
)
def test_inner_and_unencrypted_addresses_are_not_reached(
    issuer: str, words: str, fresh: tuple[Browser, str], provider: Provider, app: Any
) -> None:
    app.config["OIDC_ALLOW_PRIVATE"] = False
    browser, form = fresh
    page = browser.post(form, terms(provider, issuer=issuer), 422)
    assert words in page.text
    assert not provider.requests


@pytest.mark.parametrize(
    ("domains", "words"),
    [
        ("qq.com", "Everybody can have an address there"),
        ("other.cn", "only the domain of your own confirmed"),
        (f"sub.{DOMAIN}", "only the domain of your own confirmed"),
        ("", "Enter the domain"),
    ],
)
def test_an_owner_lets_the_provider_vouch_for_the_own_domain_only(
    domains: str, words: str, fresh: tuple[Browser, str], provider: Provider
) -> None:
    browser, form = fresh
    assert words in browser.post(form, terms(provider, domains=domains), 422).text


def test_another_owner_adds_another_domain(
    company: Company, session: Session, clock: FixedClock, provider: Provider, as_user: Callable[..., Browser]
) -> None:
    other = make_user(session, email="liu@haiyue-group.cn")
    add_member(session, session.get_one(Tenant, company.tenant_id), other, "owner", clock)
    other_id = int(other.id)
    keep(session)
    both = f"{DOMAIN}, haiyue-group.cn"
    as_user(other_id).post(f"{company.settings}/provider", terms(provider, client_secret="", domains=both))
    assert stored(session, IdentityProvider)[0].domains == [DOMAIN, "haiyue-group.cn"]


def test_nobody_becomes_owner_or_signatory_by_arriving(
    fresh: tuple[Browser, str], provider: Provider, session: Session
) -> None:
    browser, form = fresh
    browser.post(form, terms(provider, arrivals="everybody", default_role="owner"))
    assert stored(session, IdentityProvider)[0].default_role == "viewer"


def test_removing_the_provider_ends_what_hangs_on_it(
    company: Company, provider: Provider, session: Session, as_user: Callable[..., Browser]
) -> None:
    connected(as_user, company, provider)
    require(session, company, provider_required=True)
    page = as_user(company.owner_id, second_factor=True).post(f"{company.settings}/provider/remove")
    assert "is removed" in page.text
    assert not stored(session, IdentityProvider)
    assert not stored(session, Tenant, Tenant.provider_required)
    assert events(session, "provider.removed") == [{"issuer": provider.issuer}]
    assert as_user(company.owner_id).client.post(f"{company.settings}/provider/remove").status_code == 404


def test_with_new_keys_of_the_installation_the_secret_is_still_read(
    company: Company, provider: Provider, app: Any, visit: Callable[[], Browser]
) -> None:
    """The newest key encrypts, the others still decrypt; without it the page says what to do."""
    from tests.functional.federation.conftest import go

    before = app.config["TOTP_SECRETS"]
    try:
        app.config["TOTP_SECRETS"] = {"9": "n" * 40, **before}
        assert go(visit(), company).startswith(provider.issuer)
        app.config["TOTP_SECRETS"] = {"9": "n" * 40}
        browser = visit()
        page = browser.get(company.way_in)
        token = page.html.replace("&amp;", "&").split("token=")[1].split('"')[0]
        assert "cannot be read any more" in browser.get(f"{company.way_in}/go?token={token}", 503).text
    finally:
        app.config["TOTP_SECRETS"] = before


def test_the_settings_tell_what_holds(company: Company, mine: Browser, provider: Provider, session: Session) -> None:
    require(session, company, second_factor_required=True)
    page = mine.get(company.settings)
    assert "needed by everybody" in page.text
    assert provider.issuer in page.text
    assert stored(session, User)
