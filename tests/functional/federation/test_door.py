"""What a tenant asks at its door: a second factor, its provider. Other tenants of the same person are not touched."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask_security import hash_password
from passlib.totp import TOTP
from sqlalchemy.orm import Session

from maturity.accounts.models import SignIn, User
from maturity.audit.models import AuditEvent
from maturity.clock import FixedClock
from maturity.tenancy.models import Grant, IdentityProvider, Tenant
from tests.conftest import Browser
from tests.factories.enterprises import add_member, make_enterprise
from tests.factories.people import keep, make_user
from tests.functional.federation.conftest import DOMAIN, Company, come, stored
from tests.provider import Provider

PASSWORD = "several words together"
OWNER = f"owner@{DOMAIN}"


def require(session: Session, company: Company, **columns: bool) -> None:
    tenant = session.get_one(Tenant, company.tenant_id)
    for name, value in columns.items():
        setattr(tenant, name, value)
    keep(session)


def trust(session: Session, company: Company) -> None:
    session.get_one(IdentityProvider, company.provider_id).is_trusted = True
    keep(session)


def connected(as_user: Callable[..., Browser], company: Company, provider: Provider, **claims: Any) -> Browser:
    """The owner, connected to the provider; the browser with both sign-ins."""
    provider.knows("sub-owner", email=OWNER, email_verified=True, **claims)
    browser = as_user(company.owner_id)
    come(browser, company, provider, "sub-owner")
    browser.post(f"{company.way_in}/first-time", {"what": "connect"})
    return browser


# A second factor


def test_without_one_the_door_leads_to_it_and_back(
    company: Company, session: Session, as_user: Callable[..., Browser]
) -> None:
    require(session, company, second_factor_required=True)
    browser = as_user(company.owner_id)
    page = browser.get(f"/t/{company.tenant_id}/people")
    assert page.path == "/sign-in/second-factor"
    assert "Set up a second factor" in page.text
    page = browser.post("/account/authenticator", {"setup": "authenticator"})
    key = re.search(r'class="key">([^<]+)<', page.html)
    target = re.search(r'action="(/account/authenticator/[^"]+)"', page.html)
    assert key
    assert target
    code = TOTP(key=key[1].replace("-", ""), format="base32").generate().token
    assert browser.post(target[1], {"code": code}).path == f"/t/{company.tenant_id}/people"


def test_a_sign_in_with_one_opens_the_door(company: Company, session: Session, as_user: Callable[..., Browser]) -> None:
    require(session, company, second_factor_required=True)
    assert as_user(company.owner_id, second_factor=True).get(f"/t/{company.tenant_id}/people").path.endswith("/people")


def test_other_tenants_of_the_person_are_not_touched(
    company: Company, session: Session, clock: FixedClock, as_user: Callable[..., Browser]
) -> None:
    other = make_enterprise(session, session.get_one(User, company.owner_id), clock, name="另一家企业")
    other_id = other.id
    require(session, company, second_factor_required=True)
    browser = as_user(company.owner_id)
    assert browser.get(f"/t/{other_id}/people").path == f"/t/{other_id}/people"
    assert browser.get("/account").path == "/account"
    assert browser.get(f"/t/{company.tenant_id}/people").path == "/sign-in/second-factor"


def test_a_script_is_told_in_words(company: Company, session: Session, as_user: Callable[..., Browser]) -> None:
    require(session, company, second_factor_required=True)
    answer = as_user(company.owner_id).client.get(
        f"/t/{company.tenant_id}/people", headers={"Accept": "application/json"}
    )
    assert answer.status_code == 403
    assert answer.json["error"] == "lacking_second_factor"
    assert "second factor" in answer.json["message"]


class App:
    """An authenticator app that is set up already."""

    def __init__(self, app: Any, session: Session, user_id: int) -> None:
        from maturity.accounts.library import library

        user = session.get_one(User, user_id)
        with app.test_request_context():
            user.password = hash_password(PASSWORD)
            user.tf_totp_secret = library().totp_factory.generate_totp_secret()
            secret = library().totp_factory._totp.from_source(user.tf_totp_secret)
        user.tf_primary_method = "authenticator"
        self.key = secret.base32_key
        keep(session)

    def code(self) -> str:
        token: str = TOTP(key=self.key, format="base32").generate().token
        return token


def test_somebody_signed_in_before_gives_the_code_and_goes_on(
    app: Any, company: Company, session: Session, as_user: Callable[..., Browser]
) -> None:
    phone = App(app, session, company.owner_id)
    require(session, company, second_factor_required=True)
    browser = as_user(company.owner_id)
    target = f"/sign-in/second-factor?next=/t/{company.tenant_id}/people"
    page = browser.post(target, {"code": "000000" if phone.code() != "000000" else "111111"}, 422)
    assert "not right" in page.text
    assert browser.post(target, {"code": phone.code()}).path == f"/t/{company.tenant_id}/people"


def test_five_wrong_codes_make_the_next_one_wait(
    app: Any, company: Company, session: Session, as_user: Callable[..., Browser]
) -> None:
    phone = App(app, session, company.owner_id)
    browser = as_user(company.owner_id)
    wrong = "000000" if phone.code() != "000000" else "111111"
    for _time in range(5):
        browser.post("/sign-in/second-factor", {"code": wrong}, 422)
    assert "Too many failed attempts" in browser.post("/sign-in/second-factor", {"code": phone.code()}, 422).text


def test_a_code_at_sign_in_counts_and_a_new_password_keeps_it(
    app: Any, company: Company, session: Session, visit: Callable[[], Browser]
) -> None:
    phone = App(app, session, company.owner_id)
    require(session, company, second_factor_required=True)
    browser = visit()
    assert browser.post("/sign-in", {"email": OWNER, "password": PASSWORD}).path == "/sign-in/code"
    browser.post("/sign-in/code", {"code": phone.code()})
    assert browser.get(f"/t/{company.tenant_id}/people").path.endswith("/people")
    browser.post("/account/password", {"password": PASSWORD, "new_password": "quite other words together"})
    assert browser.get(f"/t/{company.tenant_id}/people").path.endswith("/people")


def test_the_page_to_go_on_to_is_on_this_site(
    app: Any, company: Company, session: Session, as_user: Callable[..., Browser]
) -> None:
    phone = App(app, session, company.owner_id)
    browser = as_user(company.owner_id)
    answer = browser.client.post("/sign-in/second-factor?next=//evil.example/", data={"code": phone.code()})
    assert answer.location == "/home"


def test_the_last_factor_stays_where_a_tenant_asks_for_one(
    app: Any, company: Company, session: Session, as_user: Callable[..., Browser]
) -> None:
    App(app, session, company.owner_id)
    require(session, company, second_factor_required=True)
    as_user(company.owner_id).post("/account/authenticator", {"setup": "disable"})
    assert stored(session, User, User.id == company.owner_id)[0].tf_totp_secret is not None


def test_without_the_last_factor_no_device_has_proved_one(
    app: Any, company: Company, session: Session, as_user: Callable[..., Browser]
) -> None:
    App(app, session, company.owner_id)
    browser = as_user(company.owner_id, second_factor=True)
    browser.post("/account/authenticator", {"setup": "disable"})
    assert not any(row.second_factor for row in stored(session, SignIn))


@pytest.mark.parametrize(("amr", "opens"), [(["pwd", "otp"], True), (["mfa"], True), (["pwd"], False), (None, False)])
def test_a_providers_sign_in_counts_when_it_says_so(
    amr: list[str] | None,
    opens: bool,
    company: Company,
    session: Session,
    provider: Provider,
    as_user: Callable[..., Browser],
    visit: Callable[[], Browser],
) -> None:
    connected(as_user, company, provider, **({"amr": amr} if amr else {}))
    require(session, company, second_factor_required=True)
    browser = visit()
    come(browser, company, provider, "sub-owner")
    assert (browser.client.get(f"/t/{company.tenant_id}/people").status_code == 200) is opens


def test_or_when_the_tenant_trusts_it(
    company: Company,
    session: Session,
    provider: Provider,
    as_user: Callable[..., Browser],
    visit: Callable[[], Browser],
) -> None:
    connected(as_user, company, provider)
    require(session, company, second_factor_required=True)
    come(browser := visit(), company, provider, "sub-owner")
    page = browser.get(f"/t/{company.tenant_id}/people")
    assert "did not say that it asked for a second factor" in page.text
    trust(session, company)
    assert browser.get(f"/t/{company.tenant_id}/people").path.endswith("/people")


# The provider


def test_where_the_provider_is_asked_for_a_password_does_not_open_the_door(
    company: Company, session: Session, provider: Provider, as_user: Callable[..., Browser], clock: FixedClock
) -> None:
    member = make_user(session, email=f"ming@{DOMAIN}")
    add_member(session, session.get_one(Tenant, company.tenant_id), member, "editor", clock)
    member_id = int(member.id)
    require(session, company, provider_required=True)
    browser = as_user(member_id, second_factor=True)
    page = browser.get(f"/t/{company.tenant_id}/people")
    assert page.path == company.way_in
    assert f"海岳{DOMAIN}有限公司 asks its people to sign in through its own identity provider" in page.text


def test_coming_through_it_opens_the_door_on_top_of_the_own_sign_in(
    company: Company,
    session: Session,
    clock: FixedClock,
    provider: Provider,
    as_user: Callable[..., Browser],
) -> None:
    connected(as_user, company, provider)
    other_id = make_enterprise(session, session.get_one(User, company.owner_id), clock, name="另一家企业").id
    require(session, company, provider_required=True)
    browser = as_user(company.owner_id)
    assert browser.get(f"/t/{company.tenant_id}/people").path == company.way_in
    page = come(browser, company, provider, "sub-owner", leads_to=f"/t/{company.tenant_id}/people")
    assert page.path == f"/t/{company.tenant_id}/people"
    assert browser.get(f"/t/{other_id}/people").path == f"/t/{other_id}/people"
    assert browser.get("/account").path == "/account"


def test_an_owner_with_password_and_second_factor_reaches_the_settings_when_it_fails(
    company: Company, session: Session, provider: Provider, as_user: Callable[..., Browser]
) -> None:
    connected(as_user, company, provider)
    require(session, company, provider_required=True)
    provider.is_down = True
    browser = as_user(company.owner_id, second_factor=True)
    assert browser.get(f"/t/{company.tenant_id}/people").path == company.way_in
    assert browser.get(company.settings).path == company.settings
    browser.get(f"{company.settings}/sign-in")
    events = stored(session, AuditEvent, AuditEvent.event == "settings.opened_past_provider")
    assert len(events) == 1, "once for a sign-in"
    browser.post(f"{company.settings}/sign-in", {"domains": ""})
    assert browser.get(f"/t/{company.tenant_id}/people").path.endswith("/people")


def test_without_a_second_factor_the_owner_has_no_way_out(
    company: Company, session: Session, as_user: Callable[..., Browser]
) -> None:
    require(session, company, provider_required=True)
    assert as_user(company.owner_id).get(company.settings).path == company.way_in


def test_the_provider_is_not_asked_of_consultants_but_the_second_factor_is(
    company: Company, session: Session, clock: FixedClock, as_user: Callable[..., Browser]
) -> None:
    consultant_id = _consultant(session, company, clock)
    require(session, company, provider_required=True)
    browser = as_user(consultant_id)
    assert browser.get(f"/t/{company.tenant_id}/").path == f"/t/{company.tenant_id}/"
    require(session, company, second_factor_required=True)
    assert browser.get(f"/t/{company.tenant_id}/").path == "/sign-in/second-factor"


def _consultant(session: Session, company: Company, clock: FixedClock) -> int:
    from maturity.tenancy.service import create_tenant

    consultant = make_user(session, name="顾问")
    consultancy = create_tenant(session, "consultancy", "某咨询", int(consultant.id), clock, code="ABCD2345")
    session.add(
        Grant(
            tenant_id=company.tenant_id,
            consultancy_id=consultancy.id,
            tenant_name="海岳",
            consultancy_name="某咨询",
            scope="view",
            until=clock.today(),
            given_at=clock.now(),
        )
    )
    session.flush()
    found = int(consultant.id)
    keep(session)
    return found


def test_a_consultancys_provider_opens_the_clients_that_granted_it(
    app: Any,
    company: Company,
    session: Session,
    clock: FixedClock,
    provider: Provider,
    as_user: Callable[..., Browser],
    visit: Callable[[], Browser],
) -> None:
    """A grant trusts the consultancy; the consultancy trusts its provider. Its second factor does not count there."""
    from maturity.federation.sealed import seal
    from maturity.tenancy.models import Membership

    consultant_id = _consultant(session, company, clock)
    user = session.get_one(User, consultant_id)
    user.email = "guwen@consult.cn"
    tenant_id = session.query(Membership).filter_by(user_id=consultant_id).one().tenant_id
    import uuid

    row = uuid.uuid4()
    session.add(
        IdentityProvider(
            id=row,
            tenant_id=tenant_id,
            issuer=provider.issuer,
            client_id="maturity",
            client_secret=seal(app.config["TOTP_SECRETS"], row, "s3cret"),
            secret_set_at=clock.now(),
            domains=["consult.cn"],
            arrivals="invited",
            default_role="viewer",
            is_trusted=True,
            created_at=clock.now(),
        )
    )
    keep(session)
    theirs = Company(tenant_id, consultant_id, row)
    provider.knows("sub-guwen", email="guwen@consult.cn", email_verified=True, amr=["mfa"])
    own = as_user(consultant_id)
    come(own, theirs, provider, "sub-guwen")
    own.post(f"{theirs.way_in}/first-time", {"what": "connect"})
    browser = visit()
    come(browser, theirs, provider, "sub-guwen")
    assert browser.client.get(f"/t/{company.tenant_id}/").status_code == 200
    require(session, company, second_factor_required=True)
    assert browser.client.get(f"/t/{company.tenant_id}/").location.startswith("/sign-in/second-factor")


def test_a_demonstration_stays_open_to_who_came_through_a_provider(
    company: Company,
    session: Session,
    clock: FixedClock,
    provider: Provider,
    as_user: Callable[..., Browser],
    visit: Callable[[], Browser],
) -> None:
    connected(as_user, company, provider)
    shown_id = make_enterprise(session, session.get_one(User, company.owner_id), clock, is_synthetic=True).id
    keep(session)
    come(browser := visit(), company, provider, "sub-owner")
    assert browser.client.get(f"/t/{shown_id}/").status_code == 200
    assert browser.client.get(f"/t/{shown_id}/people").status_code == 403
