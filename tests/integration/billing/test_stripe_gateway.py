"""What the gateway asks of Stripe and makes of the answers, with the real client against the local server."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from maturity.billing.catalogue import Different, sync_catalogue
from maturity.billing.gateway import (
    CheckoutOrder,
    Gateway,
    Gone,
    NotInPlace,
    NullGateway,
    StripeRefused,
    StripeUnreachable,
    SwitchedOff,
)
from maturity.billing.naming import price_name
from maturity.billing.stripe_catalogue import StripeCatalogue
from maturity.billing.stripe_gateway import StripeGateway
from maturity.plans.loader import price_list
from tests.stripe_server import StripeServer, running_stripe

PRICES = price_list("2026.1")
MARKS = {"maturity_installation": "here", "maturity_tenant": "t1", "maturity_version": "2026.1"}


@pytest.fixture(scope="module")
def server() -> Iterator[StripeServer]:
    with running_stripe() as found:
        yield found


@pytest.fixture(scope="module")
def gateway(server: StripeServer) -> StripeGateway:
    made = StripeGateway(server.key, server.url, retries=0)
    list(sync_catalogue(made.catalogue, PRICES))
    return made


def order(gateway: StripeGateway, **values: Any) -> CheckoutOrder:
    customer = gateway.make_customer("海岳", "", MARKS, key=f"customer-{datetime.now(UTC)}").id
    expires_at = datetime.now(UTC) + timedelta(hours=2)
    common = {"customer": customer, "currency": "cny", "metadata": MARKS, "locale": "zh", "expires_at": expires_at}
    return CheckoutOrder(**{"success_url": "http://us/back", "cancel_url": "http://us/left", **common, **values})


def subscribed(gateway: StripeGateway, server: StripeServer, plan: str = "pro", seats: int = 1) -> str:
    asked = order(gateway, price=price_name(plan, "year", "cny", "2026.1"), quantity=seats)
    page = gateway.begin_checkout(asked, key=f"checkout-{datetime.now(UTC)}")
    server.pay(page.id)
    return str(gateway.checkout(page.id).subscription)


def test_what_can_be_sold_is_made_once(server: StripeServer, gateway: StripeGateway) -> None:
    assert list(sync_catalogue(gateway.catalogue, PRICES)) == []
    found = gateway.catalogue.find_prices(["maturity:pro:year:cny:2026.1", "maturity:pro:year:eur:2026.1"])
    assert [(price.amount_minor, price.currency) for price in found.values()] == [(298000, "cny")]


def test_a_price_that_differs_is_refused_by_name(gateway: StripeGateway) -> None:
    class Other(StripeCatalogue):
        def find_prices(self, lookup_keys: Any) -> Any:
            found = StripeCatalogue.find_prices(self, lookup_keys)
            name = "maturity:pro:month:usd:2026.1"
            return found | {name: type(found[name])(found[name].id, "usd", 4400, "month")}

    with pytest.raises(Different, match=r"maturity:pro:month:usd:2026\.1: Stripe has 4400 usd each month"):
        list(sync_catalogue(Other(gateway.catalogue.client), PRICES))


def test_a_checkout_is_made_once_by_its_key(gateway: StripeGateway) -> None:
    asked = order(gateway, price=price_name("pro", "year", "cny", "2026.1"))
    first, second = (gateway.begin_checkout(asked, key="the-key") for _ in range(2))
    assert first == second
    assert (first.status, first.payment_status, first.metadata["maturity_tenant"]) == ("open", "unpaid", "t1")


def test_a_paid_checkout_leads_to_the_subscription(gateway: StripeGateway, server: StripeServer) -> None:
    facts = gateway.subscription(subscribed(gateway, server))
    assert (facts.status, facts.price, facts.interval) == ("active", "maturity:pro:year:cny:2026.1", "year")
    assert (facts.seats, facts.currency, facts.ends_at) == (1, "cny", None)
    assert facts.metadata["maturity_installation"] == "here"
    assert facts.period_ends_at is not None


def test_a_trial_needs_no_payment(gateway: StripeGateway, server: StripeServer) -> None:
    asked = order(gateway, price=price_name("pro", "month", "cny", "2026.1"), trial_days=14)
    page = gateway.begin_checkout(asked, key="trial")
    server.pay(page.id)
    found = gateway.checkout(page.id)
    assert found.payment_status == "no_payment_required"
    assert gateway.subscription(str(found.subscription)).status == "trialing"


def test_alipay_is_for_what_is_paid_once(gateway: StripeGateway) -> None:
    once = order(gateway, amount_minor=298000, words="专业版", methods=("alipay",))
    assert gateway.begin_checkout(once, key="alipay").status == "open"
    recurring = order(gateway, price=price_name("pro", "year", "cny", "2026.1"), methods=("alipay",))
    with pytest.raises(StripeRefused):
        gateway.begin_checkout(recurring, key="alipay-recurring")


def test_the_charge_of_a_change_is_what_was_previewed(gateway: StripeGateway, server: StripeServer) -> None:
    facts = gateway.subscription(subscribed(gateway, server, "consultancy", 5))
    price, at = price_name("consultancy", "year", "cny", "2026.1"), facts.started_at + timedelta(days=100)
    preview = gateway.preview(facts, price, 8, at)
    assert preview.due_now_minor > 0
    assert preview.next_minor == 8 * 198000
    assert sum(line.amount_minor for line in preview.lines) == preview.due_now_minor
    assert gateway.change(facts, price, 8, at, key="change").seats == 8
    fewer = gateway.preview(gateway.subscription(facts.id), price, 2, at)
    assert fewer.due_now_minor < 0


def test_an_end_can_be_set_and_taken_back(gateway: StripeGateway, server: StripeServer) -> None:
    found = subscribed(gateway, server)
    ending = gateway.cancel_at_end(found, True)
    assert ending.ends_at == ending.period_ends_at
    assert gateway.cancel_at_end(found, False).ends_at is None
    assert gateway.cancel_now(found).status == "canceled"


def test_the_portal_is_led_to(gateway: StripeGateway) -> None:
    customer = gateway.make_customer("海岳", "", MARKS, key="portal").id
    assert gateway.open_portal(customer, "http://us/back", "en").startswith("http://127.0.0.1")


def test_what_is_not_in_place_is_named() -> None:
    with running_stripe() as empty:
        gateway = StripeGateway(empty.key, empty.url, retries=0)
        with pytest.raises(NotInPlace) as caught:
            gateway.begin_checkout(order(gateway, price=price_name("pro", "year", "cny", "2026.1")), key="none")
    assert caught.value.message in ("maturity:pro:year:cny:2026.1", "tax:cny:2026.1")


def test_what_stripe_does_not_know_is_gone(gateway: StripeGateway) -> None:
    with pytest.raises(Gone):
        gateway.subscription("sub_nowhere")
    with pytest.raises(Gone):
        gateway.customer("cus_nowhere")


def test_no_answer_is_said_and_holds_no_secret(
    gateway: StripeGateway, server: StripeServer, caplog: pytest.LogCaptureFixture
) -> None:
    server.fail_next("GET", "/v1/customers/", 500)
    with caplog.at_level(logging.DEBUG), pytest.raises(StripeUnreachable):
        gateway.customer("cus_1")
    assert server.key not in caplog.text


def test_a_request_whose_answer_is_lost_has_its_effect_once(server: StripeServer) -> None:
    gateway = StripeGateway(server.key, server.url, retries=2)
    server.fail_next("POST", "/v1/customers$", 500, after=True)
    made = gateway.make_customer("一次", "", MARKS, key="lost-answer")
    assert [found.id for found in gateway.customers()].count(made.id) == 1


def test_a_wrong_key_is_refused(server: StripeServer) -> None:
    with pytest.raises(StripeRefused) as caught:
        StripeGateway("sk_test_wrong", server.url, retries=0).customer("cus_1")
    assert "sk_test" not in caught.value.code + caught.value.message


def test_without_a_key_everything_is_switched_off() -> None:
    gateway: Gateway = NullGateway()
    assert not gateway.is_on
    with pytest.raises(SwitchedOff):
        gateway.customer("cus_1")
