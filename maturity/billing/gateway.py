"""The way out to Stripe: what we ask of it and what it tells us, without any of its types; and the null twin.

Everything that makes something at Stripe takes a `key`: asked twice with the same, it makes it once (idempotency key).
What Stripe tells are facts, reduced to what is used; `applying` brings them into the database. Instants are aware UTC,
amounts whole minor units.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from flask import Flask

from maturity.errors import Unavailable

#: Names in the metadata of everything we make at Stripe.
INSTALLATION, TENANT, CHECKOUT, ORDER, PLAN, VERSION = (
    "maturity_installation",
    "maturity_tenant",
    "maturity_checkout",
    "maturity_order",
    "maturity_plan",
    "maturity_version",
)


class SwitchedOff(Unavailable):
    """No key of Stripe's is configured: nothing is paid by card on this installation."""

    def __init__(self) -> None:
        super().__init__("billing_off")


class StripeUnreachable(Unavailable):
    """Stripe does not answer, or not as it should; asking again helps. What happened there is not known."""

    def __init__(self) -> None:
        super().__init__("stripe_unreachable")


class StripeRefused(Exception):
    """Stripe refused for good. `code` is Stripe's own, for the log and the operator, never shown to customers."""

    def __init__(self, code: str, message: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.message = message


class Gone(StripeRefused):
    """Stripe knows no such object."""


class NotInPlace(StripeRefused):
    """What is sold was not put in place at Stripe: `flask billing catalogue` does it. `message` names what lacks."""

    def __init__(self, what: str) -> None:
        super().__init__("not_in_place", what)


Metadata = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class CustomerFacts:
    id: str
    metadata: Metadata
    currency: str | None
    is_deleted: bool = False


@dataclass(frozen=True, slots=True)
class SubscriptionFacts:
    """`ends_at` is set where the end is settled; `price` is the lookup key of its one item, or its id without one."""

    id: str
    customer: str
    metadata: Metadata
    status: str
    item: str
    price: str
    interval: str
    seats: int
    currency: str
    started_at: datetime
    period_ends_at: datetime | None
    trial_ends_at: datetime | None
    ends_at: datetime | None


@dataclass(frozen=True, slots=True)
class RefundFacts:
    id: str
    payment: str
    amount_minor: int
    status: str  # pending, succeeded, failed, canceled, requires_action
    created_at: datetime
    metadata: Metadata = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PaymentFacts:
    """A payment intent with what of it was captured and given back."""

    id: str
    customer: str | None
    metadata: Metadata
    status: str
    currency: str
    received_minor: int
    method: str  # card, alipay, wechat_pay
    succeeded_at: datetime | None
    refunds: Sequence[RefundFacts] = ()


@dataclass(frozen=True, slots=True)
class InvoiceFacts:
    """`metadata` is that of its subscription at the time; `payments` the ids of its payment intents that succeeded."""

    id: str
    customer: str
    subscription: str | None
    metadata: Metadata
    number: str
    status: str
    currency: str
    total_minor: int
    tax_minor: int
    paid_minor: int
    attempts: int
    next_attempt_at: datetime | None
    page_url: str
    pdf_url: str
    created_at: datetime
    payments: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class CheckoutFacts:
    id: str
    url: str
    status: str  # open, complete, expired
    payment_status: str  # paid, unpaid, no_payment_required
    customer: str | None
    subscription: str | None
    payment: str | None
    metadata: Metadata
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class EventFacts:
    """What came in a webhook, or is listed: enough to know which object to fetch."""

    id: str
    type: str
    created_at: datetime
    object_id: str
    object_kind: str
    subscription: str | None


@dataclass(frozen=True, slots=True)
class PreviewLine:
    words: str
    amount_minor: int
    is_proration: bool


@dataclass(frozen=True, slots=True)
class Preview:
    """What a change would cost: at once (or with the next invoice), in all, and from the next period on."""

    currency: str
    due_now_minor: int
    next_minor: int
    lines: Sequence[PreviewLine]
    at: datetime


@dataclass(frozen=True, slots=True)
class CheckoutOrder:
    """What Stripe's page is to be made for. `amount_minor` and `words` are of something paid once; `price` of a
    subscription."""

    customer: str
    currency: str
    metadata: Metadata
    success_url: str
    cancel_url: str
    locale: str
    price: str | None = None
    quantity: int = 1
    coupon: str | None = None
    trial_days: int = 0
    amount_minor: int = 0
    words: str = ""
    methods: Sequence[str] = ("card",)
    expires_at: datetime | None = None


class Gateway(Protocol):
    """Raises `SwitchedOff`, `StripeUnreachable`, `StripeRefused`, `Gone`."""

    @property
    def is_on(self) -> bool: ...

    def make_customer(self, name: str, email: str, metadata: Metadata, *, key: str) -> CustomerFacts: ...
    def update_customer(self, customer: str, name: str, email: str) -> None: ...
    def begin_checkout(self, order: CheckoutOrder, *, key: str) -> CheckoutFacts: ...
    def expire_checkout(self, session_id: str) -> CheckoutFacts: ...
    def open_portal(self, customer: str, return_url: str, locale: str) -> str: ...
    def preview(self, subscription: SubscriptionFacts, price: str, seats: int, at: datetime) -> Preview: ...
    def change(
        self, subscription: SubscriptionFacts, price: str, seats: int, at: datetime, *, key: str
    ) -> SubscriptionFacts: ...
    def cancel_at_end(self, subscription_id: str, cancel: bool) -> SubscriptionFacts: ...
    def cancel_now(self, subscription_id: str) -> SubscriptionFacts: ...
    def refund(self, payment: str, amount_minor: int, metadata: Metadata, *, key: str) -> RefundFacts: ...

    def customer(self, customer_id: str) -> CustomerFacts: ...
    def subscription(self, subscription_id: str) -> SubscriptionFacts: ...
    def invoice(self, invoice_id: str) -> InvoiceFacts: ...
    def payment(self, payment_id: str) -> PaymentFacts: ...
    def checkout(self, session_id: str) -> CheckoutFacts: ...

    def customers(self) -> Iterator[CustomerFacts]: ...
    def subscriptions(self) -> Iterator[SubscriptionFacts]: ...
    def invoices(self, since: datetime | None = None) -> Iterator[InvoiceFacts]: ...
    def payments(self, since: datetime | None = None) -> Iterator[PaymentFacts]: ...
    def checkouts(self, since: datetime | None = None) -> Iterator[CheckoutFacts]: ...
    def events(self, since: datetime) -> Iterator[EventFacts]: ...


class NullGateway:
    """No key is configured: nothing is asked of Stripe, and the pages say so."""

    is_on = False

    def __getattr__(self, name: str) -> Any:
        """Whatever is asked of it."""
        if name.startswith("__"):
            raise AttributeError(name)

        def refuse(*_given: Any, **_named: Any) -> Any:
            raise SwitchedOff

        return refuse


def gateway_of(app: Flask) -> Gateway:
    """The gateway of this installation, made when the site starts (`maturity.billing.routes`)."""
    gateway: Gateway = app.extensions["billing"]
    return gateway
