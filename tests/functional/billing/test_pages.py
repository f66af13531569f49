"""The pages about plans, without a key of Stripe's: what a tenant has, what is open, what is said where nothing is."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from maturity.accounts.models import User
from maturity.clock import FixedClock
from maturity.consulting.service import register_consultancy
from maturity.tenancy.models import Tenant
from tests.conftest import Browser
from tests.factories.billing import make_customer, make_seller, make_subscription
from tests.factories.enterprises import add_member
from tests.factories.people import make_user, sign_in


def test_the_prices_are_public_in_both_currencies(browser: Browser, session: Session, clock: FixedClock) -> None:
    make_seller(session, clock)
    session.commit()
    page = browser.get("/plans?lang=en")
    assert "US$ 450.00 a year" in page.text
    assert "No tax is charged." in page.text
    page = browser.get("/plans?currency=cny")
    assert "¥ 2,980.00 a year" in page.text
    assert "¥ 298.00 a month" in page.text
    assert "¥ 1,980.00 a year · each seat" in page.text
    assert "Prices include 6 % VAT." in page.text
    assert "By contract" in page.text


def test_a_currency_that_is_not_sold_in_is_not_shown(browser: Browser) -> None:
    assert "¥ 2,980.00" in browser.get("/plans?currency=eur&lang=zh").text


def test_the_plans_are_in_the_footer(browser: Browser) -> None:
    assert "/plans" in browser.get("/plans").links


def test_without_a_key_the_page_says_who_assigns_plans(browser: Browser, at: str) -> None:
    page = browser.get(at)
    assert "Payments by card are switched off on this installation." in page.text
    assert "Plans are assigned by the operator." in page.text
    assert f"{at}/buy" not in page.links


def test_without_a_key_transfers_are_offered_where_they_are_taken(
    browser: Browser, at: str, session: Session, clock: FixedClock
) -> None:
    make_seller(session, clock)
    session.commit()
    assert f"{at}/buy" in browser.get(at).links
    page = browser.get(f"{at}/buy?currency=cny")
    assert "Bank transfer" in page.text
    assert "Card, once" not in page.text
    assert "Free trial" not in page.text
    assert "Nothing can be paid here in this currency." in browser.get(f"{at}/buy?currency=usd").text


def test_the_free_plan_shows_what_is_in_use_and_what_never_lapses(browser: Browser, at: str) -> None:
    page = browser.get(at)
    assert "Space for evidence: 0 MB of 1 GB" in page.text
    assert "Reading, correcting and exporting everything you have entered" in page.text


def test_a_subscription_says_when_it_renews(
    browser: Browser, at: str, session: Session, enterprise: Tenant, clock: FixedClock
) -> None:
    make_subscription(session, enterprise, clock)
    session.commit()
    page = browser.get(at)
    assert "a subscription paid by card" in page.text
    assert "Renews on2027-11-04" in page.text
    assert "Space for evidence: 0 MB of 20 GB" in page.text


def test_a_cancelled_one_says_when_it_ends(
    browser: Browser, at: str, session: Session, enterprise: Tenant, clock: FixedClock
) -> None:
    make_subscription(session, enterprise, clock, ends_at=clock.now() + timedelta(days=30))
    session.commit()
    page = browser.get(at)
    assert "Cancelled: it ends on 24 December 2026." in page.text
    assert "Renews" not in page.text


def test_an_overdue_payment_is_said_first(
    browser: Browser, at: str, session: Session, enterprise: Tenant, clock: FixedClock
) -> None:
    make_subscription(session, enterprise, clock, status="past_due")
    session.commit()
    page = browser.get(at)
    assert "A payment is overdue." in page.text
    assert "The plan stays open until" in page.text


def test_who_may_only_look_cannot_buy(
    browser: Browser, at: str, session: Session, enterprise: Tenant, clock: FixedClock
) -> None:
    make_seller(session, clock)
    editor = make_user(session)
    add_member(session, enterprise, editor, "editor", clock)
    session.commit()
    sign_in(browser.client, editor)
    assert "An owner can choose or change the plan." in browser.get(at).text
    browser.get(f"{at}/buy", status=403)
    browser.post(f"{at}/cancel", status=403)


def test_a_consultancy_over_its_limit_is_told_how_many_must_go(
    browser: Browser, session: Session, owner: User, clock: FixedClock
) -> None:
    tenant = register_consultancy(session, "海岳咨询", owner_id=owner.id, clock=clock)
    for _number in range(3):
        add_member(session, tenant, make_user(session), "editor", clock)
    session.commit()
    sign_in(browser.client, owner)
    page = browser.get(f"/t/{tenant.id}/billing")
    assert "People: 4 in use, 2 in the plan." in page.text
    assert "until 2 less are in use" in page.text


def test_nothing_was_paid_yet(browser: Browser, at: str) -> None:
    assert "Nothing was paid yet" in browser.get(f"{at}/invoices").text


def test_what_writes_says_that_payments_are_off(
    browser: Browser, at: str, session: Session, enterprise: Tenant, clock: FixedClock
) -> None:
    make_seller(session, clock)
    session.commit()
    form: dict[str, Any] = {"plan": "pro", "currency": "cny", "interval": "year", "seats": "1", "way": "subscription"}
    page = browser.post(f"{at}/buy", form, status=422)
    assert "It cannot be paid like this." in page.text
    make_customer(session, enterprise, clock, stripe_id="cus_1")
    session.commit()
    assert "Payments by card are switched off" in browser.post(f"{at}/portal", status=503).text
