"""`flask billing catalogue`: what is sold is put at Stripe once, and what differs is refused by name."""

from __future__ import annotations

from typing import Any

import pytest

from maturity.billing.stripe_catalogue import PriceAtStripe
from maturity.billing.stripe_gateway import StripeGateway
from tests.stripe_server import StripeServer, running_stripe


def run(app: Any, *arguments: str) -> tuple[int, str]:
    result = app.test_cli_runner().invoke(args=["billing", "catalogue", *arguments])
    return result.exit_code, result.output


def test_it_makes_what_lacks_and_nothing_twice(app: Any, gateway: StripeGateway) -> None:
    with running_stripe() as empty:
        app.extensions["billing"] = StripeGateway(empty.key, empty.url, retries=0)
        status, output = run(app)
        assert (status, output.splitlines()[-1]) == (0, "14 made; everything else was there already")
        assert "made maturity:pro:year:cny:2026.1" in output
        assert run(app) == (0, "0 made; everything else was there already\n")


def test_a_price_that_differs_is_named(app: Any, gateway: StripeGateway, monkeypatch: pytest.MonkeyPatch) -> None:
    def differing(_self: Any, lookup_keys: Any) -> Any:
        return {name: PriceAtStripe("price_1", "cny", 1, "month") for name in lookup_keys}

    monkeypatch.setattr(type(gateway.catalogue), "find_prices", differing)
    status, output = run(app)
    assert status == 1
    assert "maturity:pro:month:cny:2026.1: Stripe has 1 cny each month, the price list says 29800" in output
    assert "A changed price needs a new price list." in output


def test_it_says_what_is_wrong(app: Any, gateway: StripeGateway, server: StripeServer) -> None:
    assert "There is no price list 1999.1" in run(app, "--version", "1999.1")[1]
    server.fail_next("GET", "/v1/prices", 500)
    assert "Stripe does not answer. Run it again" in run(app)[1]
    app.extensions["billing"] = StripeGateway("sk_test_wrong", server.url, retries=0)
    assert "Stripe refused: AuthenticationError" in run(app)[1]


def test_without_a_key_it_says_so(app: Any) -> None:
    assert run(app) == (1, "Error: No key of Stripe's is configured; set MATURITY_STRIPE_KEY.\n")
