"""Saying yes and no: to which text, when and by whom; and what follows from it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from maturity.accounts.models import User
from maturity.audit.models import AuditEvent
from maturity.clock import FixedClock
from maturity.consents.models import PersonConsent, TenantConsent
from maturity.consents.service import may_use, may_write_to, tenants_that_allow
from maturity.consents.texts import PURPOSES, current_text, versions_of
from maturity.tenancy.models import Tenant
from tests.conftest import Browser
from tests.factories.enterprises import add_member, make_enterprise
from tests.factories.people import make_user, sign_in
from tests.functional.rights.conftest import Place, tenant_of

PERSON = {
    "name": "Jane Li",
    "email": "jane@example.com",
    "password": "a long password nobody guesses",
    "locale": "en",
    "privacy": "y",
}


def test_registering_needs_a_yes_to_the_privacy_policy_and_keeps_it(browser: Browser, session: Session) -> None:
    browser.get("/register?lang=en")
    page = browser.post("/register", {key: value for key, value in PERSON.items() if key != "privacy"})
    assert "Read the privacy policy and tick the box" in page.text
    assert 'value="Jane Li"' in page.html
    browser.post("/register", PERSON)
    session.rollback()
    act = session.scalars(select(PersonConsent)).one()
    text = current_text("privacy")
    assert (act.purpose, act.version, act.text_sha256, act.given) == ("privacy", text.version, text.sha256("en"), True)


def test_the_registration_page_leads_to_the_whole_text(browser: Browser) -> None:
    assert f"/privacy/texts/privacy/{current_text('privacy').version}" in browser.get("/register").links


@pytest.mark.parametrize("purpose", PURPOSES)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_text_can_be_read_by_everybody(browser: Browser, purpose: str, language: str) -> None:
    locale = {"zh": "zh_CN", "en": "en"}[language]
    browser.get(f"/privacy/texts/{purpose}?lang={language}")
    page = browser.get(f"/privacy/texts/{purpose}/{current_text(purpose).version}")
    assert page.h1 == [current_text(purpose).title(locale)]
    assert current_text(purpose).sha256(locale) in page.text


@pytest.mark.parametrize("address", ["/privacy/texts/nothing", "/privacy/texts/privacy/1999-01", "/privacy/texts/x/y"])
def test_a_text_there_never_was_is_not_found(browser: Browser, address: str) -> None:
    browser.get(address, status=404)


@pytest.mark.parametrize("purpose", PURPOSES)
def test_a_text_has_a_title_and_says_the_same_in_both_languages(purpose: str) -> None:
    for text in versions_of(purpose):
        assert all(text.content[locale].startswith("# ") for locale in text.content)
        kinds = [[kind for kind, _words in text.blocks(locale)] for locale in text.content]
        assert kinds[0] == kinds[1]


def test_an_owner_says_yes_and_takes_it_back(browser: Browser, session: Session, place: Place) -> None:
    browser.post(f"{place.base}/consents", {"purposes": ["benchmarks"]})
    session.rollback()
    assert may_use(session, "benchmarks", place.tenant_id)
    assert not may_use(session, "research", place.tenant_id)
    session.rollback()
    page = browser.get(place.base)
    assert "Yes since 2026-11-24, by 王建国" in page.text
    browser.post(f"{place.base}/consents", {})
    session.rollback()
    assert not may_use(session, "benchmarks", place.tenant_id)
    acts = session.execute(select(TenantConsent.purpose, TenantConsent.given).order_by(TenantConsent.given)).all()
    assert [tuple(act) for act in acts] == [("benchmarks", False), ("benchmarks", True)]
    assert {"consent.given", "consent.withdrawn"} <= set(session.scalars(select(AuditEvent.event)))


def test_saying_the_same_twice_is_one_act(browser: Browser, session: Session, place: Place) -> None:
    for _ in range(2):
        browser.post(f"{place.base}/consents", {"purposes": ["benchmarks"]})
    session.rollback()
    assert len(session.scalars(select(TenantConsent)).all()) == 1


def test_nothing_said_is_no_and_the_synthetic_are_nobodys(session: Session, clock: FixedClock, place: Place) -> None:
    synthetic = make_enterprise(session, make_user(session), clock, is_synthetic=True)
    assert not may_use(session, "benchmarks", place.tenant_id)
    assert may_use(session, "benchmarks", synthetic.id)
    assert tenants_that_allow(session, "benchmarks") == {synthetic.id}


def test_the_last_word_counts_for_the_list_too(
    browser: Browser, session: Session, clock: FixedClock, place: Place
) -> None:
    browser.post(f"{place.base}/consents", {"purposes": ["benchmarks", "research"]})
    clock.at = clock.at.replace(hour=5)
    browser.post(f"{place.base}/consents", {"purposes": ["benchmarks"]})
    session.rollback()
    assert tenants_that_allow(session, "benchmarks") == {place.tenant_id}
    assert tenants_that_allow(session, "research") == frozenset()


def test_a_tenant_about_to_be_deleted_is_used_for_nothing(browser: Browser, session: Session, place: Place) -> None:
    browser.post(f"{place.base}/consents", {"purposes": ["benchmarks"]})
    browser.post(f"{place.base}/delete", {"name": place.name})
    session.rollback()
    assert not may_use(session, "benchmarks", place.tenant_id)
    assert tenants_that_allow(session, "benchmarks") == frozenset()


def test_a_changed_text_asks_again(
    browser: Browser, session: Session, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser.post(f"{place.base}/consents", {"purposes": ["benchmarks"]})
    old = current_text("benchmarks")
    new = replace(old, version="2099-01", content={name: words + "\nMore.\n" for name, words in old.content.items()})
    monkeypatch.setattr(
        "maturity.consents.texts.versions_of",
        lambda purpose: (old, new) if purpose == "benchmarks" else versions_of(purpose),
    )
    assert "The text has changed since the yes of 2026-11-24" in browser.get(place.base).text
    browser.post(f"{place.base}/consents", {"purposes": ["benchmarks"]})
    session.rollback()
    assert set(session.scalars(select(TenantConsent.version))) == {old.version, "2099-01"}


def test_a_person_allows_letters_and_takes_it_back(browser: Browser, session: Session, place: Place) -> None:
    assert not may_write_to(session, place.owner_id)
    session.rollback()
    browser.post("/account/data/consents", {"purposes": ["contact"]})
    session.rollback()
    assert may_write_to(session, place.owner_id)
    session.rollback()
    assert "Yes since 2026-11-24" in browser.get("/account/data").text
    browser.post("/account/data/consents", {})
    session.rollback()
    assert not may_write_to(session, place.owner_id)


def test_an_editor_cannot_say_yes_for_the_enterprise(
    app: Any, session: Session, clock: FixedClock, place: Place
) -> None:
    editor: User = make_user(session)
    add_member(session, tenant_of(session, place), editor, "editor", clock)
    session.commit()
    client: FlaskClient = app.test_client()
    sign_in(client, editor)
    session.rollback()
    assert client.post(f"{place.base}/consents", data={"purposes": ["benchmarks"]}).status_code == 403
    assert session.get_one(Tenant, place.tenant_id) is not None
