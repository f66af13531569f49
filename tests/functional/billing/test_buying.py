"""Buying: from the page of the plans to Stripe's page and back, and everything that can come in between."""

from __future__ import annotations

import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from maturity.accounts.models import User
from maturity.audit.models import AuditEvent
from maturity.billing.fetching import FETCH
from maturity.billing.models import BillingCustomer, Checkout, CouponUse, Order
from maturity.billing.stripe_gateway import StripeGateway
from maturity.clock import FixedClock
from maturity.consulting.service import register_consultancy
from maturity.jobs.models import Job
from maturity.tenancy.models import Tenant
from tests.conftest import Browser
from tests.factories.billing import make_checkout, make_customer, make_order, make_subscription
from tests.factories.enterprises import add_member, make_enterprise
from tests.factories.people import make_user, sign_in
from tests.stripe_server import StripeServer, running_stripe

FORM = {"plan": "pro", "currency": "cny", "interval": "year", "seats": "1", "way": "subscription", "coupon": ""}
pytestmark = pytest.mark.usefixtures("gateway")


def checkouts(session: Session) -> list[Checkout]:
    session.rollback()
    found = list(session.scalars(select(Checkout).order_by(Checkout.begun_at, Checkout.id)))
    session.commit()  # so that no transaction is left open, which would lock SQLite
    return found


def used(session: Session) -> list[str]:
    session.rollback()
    found = list(session.scalars(select(CouponUse.coupon)))
    session.commit()
    return found


def begin(browser: Browser, at: str, **changes: str) -> Any:
    """The page on the way to Stripe's."""
    return browser.post(f"{at}/buy", FORM | changes)


def refused(browser: Browser, at: str, status: int = 422, **changes: str) -> str:
    return browser.post(f"{at}/buy", FORM | changes, status=status).text


def test_what_is_chosen_leads_to_the_page_of_stripe(browser: Browser, at: str, session: Session) -> None:
    page = begin(browser, at)
    (row,) = checkouts(session)
    assert row.url in page.links
    assert f'content="1;url={row.url}"' in page.html
    assert (row.plan, row.interval, row.currency, row.state, row.trial_days) == ("pro", "year", "cny", "open", 0)
    assert session.scalars(select(AuditEvent.event).where(AuditEvent.event.startswith("billing."))).all() == [
        "billing.checkout_begun"
    ]


def test_the_customer_is_made_once(browser: Browser, at: str, session: Session, gateway: StripeGateway) -> None:
    begin(browser, at)
    browser.post(f"{at}/checkouts/{checkouts(session)[0].id}/give-up")
    begin(browser, at)
    session.rollback()
    customer = session.scalars(select(BillingCustomer)).one()
    assert [found.id for found in gateway.customers()] == [customer.stripe_id]


def test_the_second_time_the_same_is_the_same_page(browser: Browser, at: str, session: Session) -> None:
    begin(browser, at)
    begin(browser, at)
    assert len(checkouts(session)) == 1


def test_something_else_closes_the_older_page_first(
    browser: Browser, at: str, session: Session, gateway: StripeGateway
) -> None:
    begin(browser, at)
    page = begin(browser, at, interval="month")
    assert "The payment that was begun before is closed" in page.text
    older, newer = sorted(checkouts(session), key=lambda row: row.state == "open")
    assert (older.state, older.interval, newer.state, newer.interval) == ("expired", "year", "open", "month")
    assert gateway.checkout(str(older.session_id)).status == "expired"


def test_what_was_paid_meanwhile_is_not_sold_twice(
    browser: Browser, at: str, session: Session, server: StripeServer
) -> None:
    begin(browser, at)
    server.pay(checkouts(session)[0].session_id)
    page = begin(browser, at, interval="month")
    assert "This was paid already in another window." in page.text
    assert len(checkouts(session)) == 1


def test_two_browsers_at_once_get_one_page(
    app: Any, at: str, session: Session, enterprise: Tenant, clock: FixedClock
) -> None:
    others = [make_user(session) for _ in range(3)]
    for user in others:
        add_member(session, enterprise, user, "owner", clock)
    session.commit()
    clients = [app.test_client() for _ in others]
    for client, user in zip(clients, others, strict=True):
        sign_in(client, user)
    session.rollback()
    with ThreadPoolExecutor(len(clients)) as pool:
        answers = list(pool.map(lambda client: client.post(f"{at}/buy", data=FORM), clients))
    assert {answer.status_code for answer in answers} == {302}
    assert len({answer.location for answer in answers}) == 1
    (row,) = checkouts(session)
    assert row.session_id is not None


def test_a_trial_is_begun_without_a_card(browser: Browser, at: str, session: Session, server: StripeServer) -> None:
    begin(browser, at, way="trial")
    (row,) = checkouts(session)
    assert row.trial_days == 14
    server.pay(row.session_id)


def test_a_trial_is_for_whoever_never_had_a_plan(
    browser: Browser, at: str, session: Session, enterprise: Tenant, clock: FixedClock
) -> None:
    make_subscription(session, enterprise, clock, status="canceled", ends_at=clock.now())
    session.commit()
    assert "Free trial first" not in browser.get(f"{at}/buy").text
    assert "It cannot be paid like this." in refused(browser, at, way="trial")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"coupon": "NOSUCH"}, "There is no such coupon."),
        ({"coupon": "COUNTY500", "interval": "month"}, "This coupon is not for this plan and period."),
        ({"coupon": "WELCOME20", "way": "trial"}, "A coupon reduces the first payment, and a trial has none."),
        ({"interval": ""}, "Choose monthly or yearly."),
        ({"way": "cash"}, "Choose how you pay."),
        ({"currency": "eur"}, "Choose yuan or US dollars."),
        ({"seats": "two"}, "Give the number of seats as a whole number"),
        ({"seats": "2"}, "Give a number of seats that is on sale"),
        ({"seats": "0"}, "Give a number of seats that is on sale"),
        ({"coupon": "X" * 41}, "Shorten the code to at most 40 characters."),
    ],
)
def test_wrong_input_says_what_is_to_be_mended(
    browser: Browser, at: str, session: Session, changes: dict[str, str], message: str
) -> None:
    assert message in refused(browser, at, **changes)
    assert checkouts(session) == []


def test_a_coupon_that_ran_out_is_refused(browser: Browser, at: str, owner: User, clock: FixedClock) -> None:
    clock.at = clock.at.replace(year=2028)
    sign_in(browser.client, owner)
    assert "This coupon has run out." in refused(browser, at, coupon="WELCOME20")


def test_a_coupon_is_used_once_and_free_again_when_nothing_was_bought(
    browser: Browser, at: str, session: Session
) -> None:
    begin(browser, at, coupon=" welcome20 ")
    assert used(session) == ["WELCOME20"]
    (row,) = checkouts(session)
    assert row.coupon == "WELCOME20"
    browser.post(f"{at}/checkouts/{row.id}/give-up")
    assert used(session) == []
    begin(browser, at, coupon="WELCOME20")


def test_the_same_coupon_can_be_taken_along_to_another_choice(browser: Browser, at: str, session: Session) -> None:
    begin(browser, at, coupon="WELCOME20")
    begin(browser, at, coupon="WELCOME20", interval="month")
    assert used(session) == ["WELCOME20"]


def test_a_coupon_used_before_is_refused(
    browser: Browser, at: str, session: Session, enterprise: Tenant, clock: FixedClock
) -> None:
    session.add(CouponUse(tenant_id=enterprise.id, coupon="WELCOME20", used_at=clock.now(), used_for=uuid.uuid4()))
    session.commit()
    assert "You have used this coupon before" in refused(browser, at, coupon="WELCOME20")


def test_the_currency_is_that_of_the_first_purchase(
    browser: Browser, at: str, session: Session, enterprise: Tenant, clock: FixedClock
) -> None:
    make_customer(session, enterprise, clock, currency="cny")
    session.commit()
    assert "USD $" not in browser.get(f"{at}/buy").text
    assert "You pay in the currency of your first purchase" in refused(browser, at, currency="usd")


def test_who_has_a_subscription_buys_no_second(
    browser: Browser, at: str, session: Session, enterprise: Tenant, clock: FixedClock
) -> None:
    make_subscription(session, enterprise, clock)
    session.commit()
    assert "There is a subscription already." in refused(browser, at, status=409)


def test_a_consultancy_cannot_buy_fewer_seats_than_it_needs(
    browser: Browser, session: Session, owner: User, clock: FixedClock
) -> None:
    tenant = register_consultancy(session, "海岳咨询", owner_id=owner.id, clock=clock)
    for _number in range(3):
        add_member(session, tenant, make_user(session), "editor", clock)
    session.commit()
    sign_in(browser.client, owner)
    at = f"/t/{tenant.id}/billing"
    assert "at least 4 seats hold them" in refused(browser, at, plan="consultancy", seats="3")
    assert "Seats5" in begin(browser, at, plan="consultancy", seats="５").text.replace(" ", "")


def test_stripe_down_is_said_and_nothing_is_half_done(
    browser: Browser, at: str, session: Session, server: StripeServer, gateway: StripeGateway
) -> None:
    server.fail_next("POST", "/v1/checkout/sessions$", 500)
    page = browser.post(f"{at}/buy", FORM, status=503)
    assert "The payment service does not answer." in page.text
    begin(browser, at)
    (row,) = checkouts(session)
    assert [found.id for found in gateway.checkouts()] == [row.session_id]


def test_a_page_that_was_made_although_the_answer_was_lost_is_found_again(
    browser: Browser, at: str, session: Session, server: StripeServer, gateway: StripeGateway
) -> None:
    server.fail_next("POST", "/v1/checkout/sessions$", 500, after=True)
    browser.post(f"{at}/buy", FORM, status=503)
    begin(browser, at)
    (row,) = checkouts(session)
    assert [found.id for found in gateway.checkouts()] == [row.session_id]


def test_something_else_after_a_lost_answer_closes_what_was_made(
    browser: Browser, at: str, session: Session, server: StripeServer, gateway: StripeGateway
) -> None:
    server.fail_next("POST", "/v1/checkout/sessions$", 500, after=True)
    browser.post(f"{at}/buy", FORM, status=503)
    begin(browser, at, interval="month")
    assert sorted(found.status for found in gateway.checkouts()) == ["expired", "open"]


def test_without_the_catalogue_the_customer_is_told_and_the_operator_finds_what_lacks(
    app: Any, browser: Browser, at: str, session: Session, caplog: pytest.LogCaptureFixture
) -> None:
    with running_stripe() as empty:
        app.extensions["billing"] = StripeGateway(empty.key, empty.url, retries=0)
        page = browser.post(f"{at}/buy", FORM | {"coupon": "WELCOME20"}, status=503)
    assert "the operator has not finished setting up the payment service" in page.text
    assert "run flask billing catalogue" in caplog.text
    assert [row.state for row in checkouts(session)] == ["expired"]
    assert used(session) == []


def test_an_order_is_paid_on_the_page_of_stripe(
    browser: Browser, at: str, session: Session, enterprise: Tenant, clock: FixedClock, gateway: StripeGateway
) -> None:
    order = make_order(session, enterprise, clock, method="alipay")
    session.commit()
    page = browser.post(f"{at}/orders/{order.id}/pay")
    (row,) = checkouts(session)
    assert row.order_id == order.id
    assert row.url in page.links
    assert "¥ 2,980.00" in page.text
    assert gateway.checkout(str(row.session_id)).metadata["maturity_order"] == str(order.id)


def test_an_order_by_transfer_is_not_paid_online(
    browser: Browser, at: str, session: Session, enterprise: Tenant, clock: FixedClock
) -> None:
    order = make_order(session, enterprise, clock)
    session.commit()
    assert "to be paid by bank transfer" in browser.post(f"{at}/orders/{order.id}/pay", status=409).text


def test_no_tenant_meets_what_another_began(
    browser: Browser, at: str, session: Session, clock: FixedClock, server: StripeServer
) -> None:
    begin(browser, at)
    (row,) = checkouts(session)
    stranger = make_user(session)
    other = make_enterprise(session, stranger, clock, uscc="91370200264616041B", name="别家")
    session.commit()
    sign_in(browser.client, stranger)
    there = f"/t/{other.id}/billing"
    browser.get(f"{there}/checkouts/{row.id}", status=404)
    browser.post(f"{there}/checkouts/{row.id}/give-up", status=404)
    assert str(row.id) not in browser.get(there).html
    browser.get(f"{at}/checkouts/{row.id}", status=404)
    begin(browser, there)
    assert len(checkouts(session)) == 2


@pytest.mark.parametrize("method", ["card", "alipay", "wechat_pay"])
def test_a_year_paid_once_is_an_order_and_its_page(
    browser: Browser,
    at: str,
    session: Session,
    gateway: StripeGateway,
    method: str,
) -> None:
    page = begin(browser, at, way=method)
    (row,) = checkouts(session)
    assert row.order_id is not None
    assert "one year, paid once" in page.text
    begin(browser, at, way=method)
    assert len(checkouts(session)) == len(session.scalars(select(Order)).all()) == 1
    session.commit()
    assert gateway.checkout(str(row.session_id)).metadata["maturity_order"] == str(row.order_id)


def test_alipay_and_wechat_are_offered_in_yuan_alone(browser: Browser, at: str) -> None:
    page = browser.get(f"{at}/buy?currency=usd")
    assert "Card, once" in page.text
    assert "Alipay" not in page.text
    assert "It cannot be paid like this." in refused(browser, at, currency="usd", way="alipay")
    assert "What is paid once is a year." in refused(browser, at, interval="month", way="alipay")


def test_two_browsers_order_one_year(app: Any, at: str, session: Session, owner: User) -> None:
    clients = [app.test_client() for _ in range(3)]
    for client in clients:
        sign_in(client, owner)
    session.commit()
    with ThreadPoolExecutor(len(clients)) as pool:
        answers = list(pool.map(lambda client: client.post(f"{at}/buy", data=FORM | {"way": "card"}), clients))
    assert {answer.status_code for answer in answers} == {302}
    assert len({answer.location for answer in answers}) == 1
    assert len(checkouts(session)) == len(session.scalars(select(Order)).all()) == 1


def jobs(session: Session) -> list[str]:
    session.rollback()
    found = list(session.scalars(select(Job.key).where(Job.kind == FETCH)))
    session.rollback()  # an open transaction would hold SQLite's lock
    return found


def test_coming_back_asks_stripe_and_says_how_it_stands(
    browser: Browser, at: str, session: Session, server: StripeServer
) -> None:
    begin(browser, at)
    (row,) = checkouts(session)
    checkout_id, page_id = row.id, str(row.session_id)
    session.commit()
    assert jobs(session) == []  # not on the way there
    there = f"{at}/checkouts/{checkout_id}"
    assert "You came back without paying." in browser.get(f"{there}?left=1").text
    assert jobs(session) == [f"checkout:{page_id}"]
    assert "The payment is being checked" in browser.get(f"{there}?done=1").text
    session.get_one(Checkout, checkout_id).state = "complete"
    session.commit()
    assert "The payment has come and the plan is open." in browser.get(there).text
    session.get_one(Checkout, checkout_id).state = "expired"
    session.commit()
    assert "This payment is closed" in browser.get(there).text


def test_what_is_not_confirmed_yet_looks_again_by_itself(
    browser: Browser, at: str, session: Session, enterprise: Tenant, clock: FixedClock
) -> None:
    order = make_order(session, enterprise, clock, method="alipay")
    row = make_checkout(session, enterprise, clock, state="complete", order_id=order.id)
    session.commit()
    page = browser.get(f"{at}/checkouts/{row.id}")
    assert "The payment is being checked" in page.text
    assert f'content="5;url={at}/checkouts/{row.id}?done=1"' in page.html
