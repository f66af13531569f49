"""Changing a subscription with a preview, ending it, going on, and what is refused."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from maturity.accounts.models import User
from maturity.audit.models import AuditEvent
from maturity.billing.gateway import CheckoutOrder
from maturity.billing.models import StripeInvoice
from maturity.billing.naming import price_name
from maturity.billing.stripe_gateway import StripeGateway
from maturity.clock import FixedClock
from maturity.consulting.service import register_consultancy
from maturity.tenancy.models import Tenant
from tests.conftest import Browser
from tests.factories.billing import VERSION, make_customer, make_subscription
from tests.factories.enterprises import add_member, make_enterprise
from tests.factories.people import make_user, sign_in
from tests.stripe_server import StripeServer

MARKS = {"maturity_installation": "here", "maturity_tenant": "t", "maturity_version": VERSION}


@pytest.fixture
def consultancy(session: Session, owner: User, clock: FixedClock) -> Tenant:
    return register_consultancy(session, "海岳咨询", owner_id=owner.id, clock=clock)


@pytest.fixture
def subscribed(
    session: Session,
    browser: Browser,
    owner: User,
    consultancy: Tenant,
    clock: FixedClock,
    gateway: StripeGateway,
    server: StripeServer,
) -> str:
    """The address of a consultancy with five seats at Stripe, as it was fetched last, an hour after it began."""
    customer = gateway.make_customer("海岳咨询", "", MARKS, key="c").id
    asked = CheckoutOrder(
        customer,
        "cny",
        MARKS,
        "http://us/back",
        "http://us/left",
        "zh",
        price=price_name("consultancy", "year", "cny", VERSION),
        quantity=5,
        expires_at=_now(server) + timedelta(hours=2),
    )
    page = gateway.begin_checkout(asked, key="s")
    server.pay(page.id)
    facts = gateway.subscription(str(gateway.checkout(page.id).subscription))
    clock.at = facts.started_at + timedelta(hours=1)
    given = {"stripe_id": facts.id, "seats": 5, "started_at": facts.started_at, "period_ends_at": facts.period_ends_at}
    make_subscription(session, consultancy, clock, **given)
    make_customer(session, consultancy, clock, stripe_id=customer, currency="cny")
    session.commit()
    sign_in(browser.client, owner)
    return f"/t/{consultancy.id}/billing"


def _now(server: StripeServer) -> Any:
    return server.now


def subscription(gateway: StripeGateway) -> Any:
    return next(iter(gateway.subscriptions()))


def hidden(html: str) -> dict[str, str]:
    """What the form of the preview sends."""
    found = re.findall(r'<input type="hidden" name="(interval|seats|at|due)" value="([^"]*)"', html)
    return dict(found)


def preview(browser: Browser, at: str, seats: int, interval: str = "year", status: int = 200) -> Any:
    return browser.get(f"{at}/change?interval={interval}&seats={seats}", status=status)


def test_what_is_charged_is_what_was_shown(
    browser: Browser, subscribed: str, gateway: StripeGateway, session: Session
) -> None:
    page = preview(browser, subscribed, 8)
    form = hidden(page.html)
    assert int(form["due"]) > 0
    assert "¥ 15,840.00 a year" in page.text  # eight seats from the next period on
    assert "The subscription is changed." in browser.post(f"{subscribed}/change", form).text
    assert subscription(gateway).seats == 8
    assert next(iter(gateway.invoices())).total_minor == int(form["due"])
    assert "billing.change_asked" in session.scalars(select(AuditEvent.event)).all()


def test_looking_changes_nothing(browser: Browser, subscribed: str, gateway: StripeGateway) -> None:
    preview(browser, subscribed, 8)
    assert subscription(gateway).seats == 5


def test_fewer_seats_are_credited(browser: Browser, subscribed: str) -> None:
    page = preview(browser, subscribed, 2)
    assert "Credited" in page.text
    assert "The credit is used up by your next invoices." in page.text


def test_fewer_seats_than_people_are_refused_with_the_mend(
    browser: Browser, subscribed: str, session: Session, consultancy: Tenant, clock: FixedClock, gateway: StripeGateway
) -> None:
    shown = hidden(preview(browser, subscribed, 3).html)
    for _number in range(3):
        add_member(session, consultancy, make_user(session), "editor", clock)
    session.commit()
    page = preview(browser, subscribed, 3, status=422)
    assert "4 people and 0 clients are in use; at least 4 seats hold them." in page.text
    browser.client.post(f"{subscribed}/change", data=shown)  # shown before they came
    assert subscription(gateway).seats == 5


def test_a_preview_of_long_ago_is_shown_anew(
    browser: Browser, subscribed: str, clock: FixedClock, gateway: StripeGateway
) -> None:
    form = hidden(preview(browser, subscribed, 8).html)
    clock.at += timedelta(minutes=11)
    page = browser.post(f"{subscribed}/change", form)
    assert "What was shown does not hold any more; nothing was changed." in page.text
    assert subscription(gateway).seats == 5


@pytest.mark.parametrize("changes", [{"due": "1"}, {"due": "x"}, {"at": "soon"}, {"at": "99999999999"}])
def test_another_amount_than_the_one_shown_is_not_charged(
    browser: Browser, subscribed: str, gateway: StripeGateway, changes: dict[str, str]
) -> None:
    form = hidden(preview(browser, subscribed, 8).html)
    browser.post(f"{subscribed}/change", form | changes)
    assert subscription(gateway).seats == 5


@pytest.mark.parametrize(
    ("seats", "message"),
    [(5, "This is what you have already."), (0, "a number of seats that is on sale"), (201, "that is on sale")],
)
def test_what_cannot_be_is_said(browser: Browser, subscribed: str, seats: int, message: str) -> None:
    assert message in preview(browser, subscribed, seats, status=422).text


def test_a_change_whose_answer_was_lost_is_made_once(
    browser: Browser, subscribed: str, gateway: StripeGateway, server: StripeServer
) -> None:
    form = hidden(preview(browser, subscribed, 8).html)
    server.fail_next("POST", "/v1/subscriptions/", 500, after=True)
    assert "The payment service does not answer." in browser.post(f"{subscribed}/change", form).text
    assert "The subscription is changed." in browser.post(f"{subscribed}/change", form).text
    assert subscription(gateway).seats == 8


def test_stripe_down_changes_nothing(
    browser: Browser, subscribed: str, gateway: StripeGateway, server: StripeServer
) -> None:
    form = hidden(preview(browser, subscribed, 8).html)
    server.fail_next("POST", "/v1/subscriptions/", 500)
    browser.post(f"{subscribed}/change", form)
    assert subscription(gateway).seats == 5
    server.fail_next("POST", "/v1/subscriptions/", 500)
    assert "The payment service does not answer." in browser.post(f"{subscribed}/cancel", status=503).text
    assert subscription(gateway).ends_at is None


def test_a_declined_card_changes_nothing(
    browser: Browser, subscribed: str, gateway: StripeGateway, server: StripeServer
) -> None:
    form = hidden(preview(browser, subscribed, 8).html)
    server.set_card(subscription(gateway).customer, "4000000000000341")
    page = browser.post(f"{subscribed}/change", form)
    assert "The bank declined the charge, and nothing was changed." in page.text
    assert subscription(gateway).seats == 5


def test_ending_and_going_on(browser: Browser, subscribed: str, gateway: StripeGateway, session: Session) -> None:
    page = browser.get(f"{subscribed}/cancel")
    assert "What is lost: nothing" in page.text
    assert "Inviting people beyond 2" in page.text
    browser.post(f"{subscribed}/cancel")
    assert subscription(gateway).ends_at == subscription(gateway).period_ends_at
    browser.post(f"{subscribed}/resume")
    assert subscription(gateway).ends_at is None
    events = session.scalars(select(AuditEvent.event).where(AuditEvent.event.startswith("billing."))).all()
    assert {"billing.end_asked", "billing.going_on_asked"} <= set(events)


def test_the_card_is_changed_at_stripe(browser: Browser, subscribed: str) -> None:
    page = browser.post(f"{subscribed}/portal")
    assert "You are led to the page of Stripe" in page.text
    assert 'http-equiv="refresh"' in page.html


@pytest.mark.parametrize("status", ["past_due", "canceled"])
def test_what_is_not_in_order_is_not_changed(
    browser: Browser, at: str, session: Session, enterprise: Tenant, clock: FixedClock, status: str
) -> None:
    make_subscription(session, enterprise, clock, status=status)
    session.commit()
    browser.get(f"{at}/change?interval=month&seats=1", status=409)


def test_no_tenant_sees_invoices_of_another(
    browser: Browser, at: str, session: Session, enterprise: Tenant, clock: FixedClock
) -> None:
    amounts = {"currency": "cny", "total_minor": 298000, "tax_minor": 16868, "paid_minor": 298000}
    when = {"created_at": clock.now(), "fetched_at": clock.now()}
    session.add(
        StripeInvoice(tenant_id=enterprise.id, stripe_id="in_1", number="MAT-0001", status="paid", **amounts, **when)
    )
    session.commit()
    page = browser.get(f"{at}/invoices")
    assert "MAT-0001" in page.text
    assert "¥ 168.68" in page.text
    stranger = make_user(session)
    other = make_enterprise(session, stranger, clock, uscc="91370200264616041B", name="别家")
    session.commit()
    sign_in(browser.client, stranger)
    assert "MAT-0001" not in browser.get(f"/t/{other.id}/billing/invoices").text
    browser.get(f"{at}/invoices", status=404)
