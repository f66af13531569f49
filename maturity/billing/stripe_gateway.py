"""The gateway that asks Stripe, through the official library alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from maturity.billing.events import facts_of_event
from maturity.billing.gateway import (
    PLAN,
    VERSION,
    CheckoutFacts,
    CheckoutOrder,
    CustomerFacts,
    EventFacts,
    Gone,
    InvoiceFacts,
    Metadata,
    PaymentFacts,
    Preview,
    RefundFacts,
    SubscriptionFacts,
)
from maturity.billing.naming import coupon_name, tax_name
from maturity.billing.stripe_catalogue import StripeCatalogue
from maturity.billing.stripe_client import ask, listed, make_client
from maturity.billing.stripe_facts import (
    checkout_facts,
    customer_facts,
    invoice_facts,
    payment_facts,
    preview_lines,
    refund_facts,
    subscription_facts,
)
from maturity.billing.terms import Sold, sold_as
from maturity.plans.loader import price_list
from maturity.plans.pricing import quote_plan

_PAYMENTS = "payments"
_REFUNDS = "latest_charge.refunds"


class StripeGateway:
    """See `maturity.billing.gateway.Gateway`. It keeps no state but what it has looked up in the catalogue."""

    is_on = True

    def __init__(self, key: str, api: str = "", *, retries: int = 2) -> None:
        client = make_client(key, api, retries=retries)
        self._v1 = client.v1
        self.catalogue = StripeCatalogue(client)

    # What is made there

    def make_customer(self, name: str, email: str, metadata: Metadata, *, key: str) -> CustomerFacts:
        params = {"name": name, "metadata": dict(metadata), **({"email": email} if email else {})}
        return customer_facts(ask(self._v1.customers.create, params, key=key))

    def update_customer(self, customer: str, name: str, email: str) -> None:
        ask(self._v1.customers.update, customer, {"name": name, "email": email})

    def begin_checkout(self, order: CheckoutOrder, *, key: str) -> CheckoutFacts:
        """`NotInPlace` where a price, tax rate or coupon is not there."""
        return self._with_catalogue(lambda: self._begin_checkout(order, key))

    def _begin_checkout(self, order: CheckoutOrder, key: str) -> CheckoutFacts:
        params = _page(order) | (self._subscribing(order) if order.price else _paying_once(order))
        return checkout_facts(ask(self._v1.checkout.sessions.create, params, key=key))

    def _subscribing(self, order: CheckoutOrder) -> dict[str, Any]:
        data: dict[str, Any] = {"metadata": dict(order.metadata)}
        if tax := self._tax(order.metadata[VERSION], order.currency):
            data["default_tax_rates"] = [tax]
        params: dict[str, Any] = {
            "mode": "subscription",
            "line_items": [{"price": self.catalogue.require_price(order.price or ""), "quantity": order.quantity}],
            "subscription_data": data,
        }
        if order.trial_days:
            data["trial_period_days"] = order.trial_days
            data["trial_settings"] = {"end_behavior": {"missing_payment_method": "cancel"}}
            params["payment_method_collection"] = "if_required"
        if order.coupon:
            params["discounts"] = [{"coupon": coupon_name(order.coupon, order.currency, order.metadata[VERSION])}]
        return params

    def _tax(self, version: str, currency: str) -> str | None:
        """Where nothing is charged there is no rate."""
        rate = price_list(version).taxes[currency].rate
        return self.catalogue.require_tax(tax_name(currency, version)) if rate else None

    def _with_catalogue(self, call: Callable[[], CheckoutFacts]) -> CheckoutFacts:
        """Once more with everything looked up anew where Stripe does not know something any more."""
        try:
            return call()
        except Gone:
            self.catalogue.forget()
            return call()

    def expire_checkout(self, session_id: str) -> CheckoutFacts:
        return checkout_facts(ask(self._v1.checkout.sessions.expire, session_id))

    def open_portal(self, customer: str, return_url: str, locale: str) -> str:
        params = {
            "customer": customer,
            "return_url": return_url,
            "locale": locale,
            "configuration": self.catalogue.require_portal(),
        }
        return str(ask(self._v1.billing_portal.sessions.create, params)["url"])

    def preview(self, subscription: SubscriptionFacts, price: str, seats: int, at: datetime) -> Preview:
        """What the change would charge if it were made at `at`; less than zero is credited to the next invoices."""
        params = {
            "subscription": subscription.id,
            "subscription_details": {"items": self._items(subscription, price, seats), **_prorated(at)},
        }
        found = ask(self._v1.invoices.create_preview, params)
        total = found["total"]
        due = found.get("amount_due", total) if total > 0 else total
        return Preview(found["currency"], due, _each_period(price, seats), preview_lines(found), at)

    def change(
        self, subscription: SubscriptionFacts, price: str, seats: int, at: datetime, *, key: str
    ) -> SubscriptionFacts:
        """Change it as of `at`. Where the charge fails, nothing is changed (`StripeRefused` says why)."""
        params: dict[str, Any] = {
            "items": self._items(subscription, price, seats),
            "payment_behavior": "error_if_incomplete",
            **_prorated(at),
        }
        if sold := sold_as(price):
            params["metadata"] = {PLAN: sold.plan, VERSION: sold.version}
        return subscription_facts(ask(self._v1.subscriptions.update, subscription.id, params, key=key))

    def _items(self, subscription: SubscriptionFacts, price: str, seats: int) -> list[dict[str, Any]]:
        return [{"id": subscription.item, "price": self.catalogue.require_price(price), "quantity": seats}]

    def cancel_at_end(self, subscription_id: str, cancel: bool) -> SubscriptionFacts:
        params = {"cancel_at_period_end": cancel}
        return subscription_facts(ask(self._v1.subscriptions.update, subscription_id, params))

    def cancel_now(self, subscription_id: str) -> SubscriptionFacts:
        return subscription_facts(ask(self._v1.subscriptions.cancel, subscription_id))

    def refund(self, payment: str, amount_minor: int, metadata: Metadata, *, key: str) -> RefundFacts:
        params = {"payment_intent": payment, "amount": amount_minor, "metadata": dict(metadata)}
        return refund_facts(ask(self._v1.refunds.create, params, key=key))

    # What is asked

    def customer(self, customer_id: str) -> CustomerFacts:
        return customer_facts(ask(self._v1.customers.retrieve, customer_id))

    def subscription(self, subscription_id: str) -> SubscriptionFacts:
        return subscription_facts(ask(self._v1.subscriptions.retrieve, subscription_id))

    def invoice(self, invoice_id: str) -> InvoiceFacts:
        return invoice_facts(ask(self._v1.invoices.retrieve, invoice_id, {"expand": [_PAYMENTS]}))

    def payment(self, payment_id: str) -> PaymentFacts:
        return payment_facts(ask(self._v1.payment_intents.retrieve, payment_id, {"expand": [_REFUNDS]}))

    def checkout(self, session_id: str) -> CheckoutFacts:
        return checkout_facts(ask(self._v1.checkout.sessions.retrieve, session_id))

    # What is listed

    def customers(self) -> Iterator[CustomerFacts]:
        return map(customer_facts, listed(self._v1.customers.list, {}))

    def subscriptions(self) -> Iterator[SubscriptionFacts]:
        return map(subscription_facts, listed(self._v1.subscriptions.list, {"status": "all"}))

    def invoices(self, since: datetime | None = None) -> Iterator[InvoiceFacts]:
        params = {"expand": [f"data.{_PAYMENTS}"], **_since(since)}
        return map(invoice_facts, listed(self._v1.invoices.list, params))

    def payments(self, since: datetime | None = None) -> Iterator[PaymentFacts]:
        params = {"expand": [f"data.{_REFUNDS}"], **_since(since)}
        return map(payment_facts, listed(self._v1.payment_intents.list, params))

    def checkouts(self, since: datetime | None = None) -> Iterator[CheckoutFacts]:
        return map(checkout_facts, listed(self._v1.checkout.sessions.list, _since(since)))

    def events(self, since: datetime) -> Iterator[EventFacts]:
        return map(facts_of_event, listed(self._v1.events.list, _since(since)))


def _page(order: CheckoutOrder) -> dict[str, Any]:
    """What every checkout says."""
    params: dict[str, Any] = {
        "customer": order.customer,
        "client_reference_id": order.metadata.get("maturity_tenant", ""),
        "metadata": dict(order.metadata),
        "success_url": order.success_url,
        "cancel_url": order.cancel_url,
        "locale": order.locale,
        "payment_method_types": list(order.methods),
    }
    if order.expires_at is not None:
        params["expires_at"] = int(order.expires_at.timestamp())
    return params


def _paying_once(order: CheckoutOrder) -> dict[str, Any]:
    data = {"currency": order.currency, "unit_amount": order.amount_minor, "product_data": {"name": order.words}}
    params: dict[str, Any] = {
        "mode": "payment",
        "line_items": [{"price_data": data, "quantity": 1}],
        "payment_intent_data": {"metadata": dict(order.metadata)},
    }
    if "wechat_pay" in order.methods:
        params["payment_method_options"] = {"wechat_pay": {"client": "web"}}
    return params


def _prorated(at: datetime) -> dict[str, Any]:
    return {"proration_behavior": "always_invoice", "proration_date": int(at.timestamp())}


def _each_period(price: str, seats: int) -> int:
    """What a whole period costs under our own price list; 0 for a price that is not ours."""
    sold: Sold | None = sold_as(price)
    if sold is None:
        return 0
    prices = price_list(sold.version)
    return quote_plan(prices, prices.plans[sold.plan], sold.interval, sold.currency, seats).total_minor


def _since(since: datetime | None) -> dict[str, Any]:
    return {} if since is None else {"created": {"gte": int(since.timestamp())}}
