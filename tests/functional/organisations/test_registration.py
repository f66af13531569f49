"""Registering, page two: what the enterprise is."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from maturity.accounts.models import User
from maturity.clock import FixedClock
from maturity.organisations.models import Enterprise
from tests.conftest import Browser
from tests.factories.enterprises import FORM, USCC, make_enterprise
from tests.factories.people import make_user, sign_in

NEW = "/enterprises/new"


@pytest.fixture
def person(browser: Browser, session: Session) -> User:
    user = make_user(session)
    session.commit()
    sign_in(browser.client, user)
    return user


def test_a_registered_enterprise_is_shown_with_its_size_and_starts_unclaimed(browser: Browser, person: User) -> None:
    page = browser.post(NEW, FORM)
    for words in (FORM["name"], "Medium-sized", "Qingdao, Shandong", "CNY 360 million", "Not proved yet"):
        assert words in page.text


def test_home_leads_to_the_only_enterprise(browser: Browser, person: User) -> None:
    assert browser.get("/home").path == NEW
    there = browser.post(NEW, FORM).path
    assert browser.get("/home").path == there


def test_home_offers_the_choice_between_several(browser: Browser, person: User) -> None:
    browser.post(NEW, FORM)
    browser.post(NEW, FORM | {"name": "Second Works"})
    assert "Second Works" in browser.get("/home").text


def test_a_code_registered_by_somebody_else_is_accepted_without_a_word(
    browser: Browser, person: User, session: Session, clock: FixedClock
) -> None:
    make_enterprise(session, make_user(session), clock)
    session.commit()
    page = browser.post(NEW, FORM)
    assert "You can start right away." in page.text
    assert session.scalar(select(func.count()).where(Enterprise.uscc == USCC)) == 2


@pytest.mark.parametrize(
    ("field", "typed", "message"),
    [
        ("name", "", "Enter the name as on the business licence."),
        ("uscc", "9111000060003734", "The code has 18 characters; you typed 16."),
        ("uscc", "9111OOOO600037341L", "Did you mean 0?"),
        ("uscc", "91110000600037341M", "Compare the code with the licence"),
        ("industry", "unicorns", "Nothing fits “unicorns”."),
        ("industry", "machinery", "Several fit:"),
        ("region", "Shandong", "Jinan, Shandong"),
        ("headcount", "4.5", "Enter a whole number of people"),
        ("headcount", "-1", "Enter a whole number of people"),
        ("revenue_wan", "much", "Enter an amount in 10,000 yuan"),
        ("production_type", "", "Choose the type that fits most of your output."),
        ("production_type", "magic", "Choose the type that fits most of your output."),
    ],
)
def test_a_wrong_entry_is_named_and_everything_kept(
    browser: Browser, person: User, field: str, typed: str, message: str
) -> None:
    page = browser.post(NEW, FORM | {field: typed}, status=422)
    assert message in page.text
    kept = FORM["uscc"] if field == "name" else FORM["name"]
    assert f'value="{kept}"' in page.html
    assert 'id="error-summary"' in page.html


@pytest.mark.parametrize("typed", ["９１１１００００６０００３７３４１Ｌ", "91110000 60003 7341l"])
def test_a_code_typed_wide_small_or_spaced_is_understood(
    browser: Browser, person: User, session: Session, typed: str
) -> None:
    browser.post(NEW, FORM | {"uscc": typed})
    assert session.scalar(select(Enterprise.uscc)) == USCC


def test_particulars_can_be_changed_and_show_what_is_stored(browser: Browser, person: User) -> None:
    edit = browser.post(NEW, FORM).path + "enterprise"
    assert 'value="Qingdao, Shandong"' in browser.get(edit).html
    page = browser.post(edit, FORM | {"headcount": "1200", "revenue_wan": "41000", "industry": "水泥"})
    assert "Large" in page.text
    assert "C30" in page.text
