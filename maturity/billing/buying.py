"""Leading somebody to Stripe's page, where a plan or an order is paid.

What is begun is written down before Stripe is asked, with a key by which Stripe makes it once. No transaction is open
while Stripe is asked. A tenant has one way open at a time: whoever chooses the same is led to the same page, whoever
chooses something else closes the older page first, at Stripe before here.
"""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from maturity.audit.service import record
from maturity.billing.choosing import Choice, check_subscription, check_year
from maturity.billing.coupons import release_coupon, take_coupon
from maturity.billing.customers import customer_at_stripe, ensure_customer
from maturity.billing.gateway import (
    CHECKOUT,
    INSTALLATION,
    ORDER,
    PLAN,
    TENANT,
    VERSION,
    CheckoutFacts,
    CheckoutOrder,
    Gateway,
    Metadata,
    NotInPlace,
    StripeRefused,
    SwitchedOff,
)
from maturity.billing.models import Checkout, Order
from maturity.billing.naming import price_name
from maturity.billing.orders import place_order
from maturity.billing.settings import mark_of
from maturity.billing.transactions import end_reading, one_transaction
from maturity.clock import Clock
from maturity.errors import Conflict, NotFound, Unavailable
from maturity.plans.loader import price_list
from maturity.tenancy.models import Tenant

#: How long Stripe's page stays open; Stripe takes from half an hour to a day.
LASTS = timedelta(hours=2)
#: Paid on Stripe's page at once. A transfer is not.
ONLINE = ("card", "alipay", "wechat_pay")
_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Addresses:
    """Of our pages, by checkout: where Stripe's page leads back to."""

    returned: Callable[[uuid.UUID], str]
    given_up: Callable[[uuid.UUID], str]


@dataclass(frozen=True, slots=True)
class Buyer:
    """Who buys, in which language, and where they come back to."""

    tenant_id: uuid.UUID
    user_id: int
    locale: str
    addresses: Addresses


@dataclass(frozen=True, slots=True)
class Way:
    """Where the browser goes: to Stripe's page at `url`. `replaced`: an older page of the tenant was closed for it;
    `is_over`: what was begun is paid already."""

    checkout_id: uuid.UUID
    url: str
    replaced: bool = False
    is_over: bool = False


@dataclass(frozen=True, slots=True)
class _Begun:
    """A checkout's row outside any transaction."""

    id: uuid.UUID
    session_id: str | None
    order_id: uuid.UUID | None
    plan: str
    version: str
    interval: str
    seats: int
    currency: str
    coupon: str
    trial_days: int
    locale: str
    expires_at: datetime

    def is_for(self, choice: Choice, version: str, trial_days: int) -> bool:
        mine = (self.order_id, self.plan, self.version, self.interval, self.seats, self.currency, self.coupon)
        theirs = (None, choice.plan, version, choice.interval, choice.seats, choice.currency, choice.coupon)
        return mine == theirs and self.trial_days == trial_days


def begin_subscription(gateway: Gateway, buyer: Buyer, choice: Choice, clock: Clock) -> Way:
    """Lead to the page on which a subscription begins.

    `Invalid` and `Conflict` where it cannot be bought like this; `StripeUnreachable` where nothing is begun for good:
    asked again, the same goes on.
    """
    _require_on(gateway)
    with one_transaction() as session:
        tenant = session.get_one(Tenant, buyer.tenant_id)
        choice = _written_alike(choice)
        begun = open_checkout(session)
        if begun is None or begun.coupon != choice.coupon:  # its own coupon counts as used
            checked = check_subscription(session, tenant, choice, clock)
        else:
            checked = check_subscription(session, tenant, _without_coupon(choice), clock)
        version, trial_days = checked.prices.version, checked.trial_days
    return _lead(
        gateway,
        buyer,
        lambda found: found.is_for(choice, version, trial_days),
        lambda session: _write_subscription(session, buyer, choice, clock),
        clock,
    )


def begin_order_checkout(gateway: Gateway, buyer: Buyer, order_id: uuid.UUID, clock: Clock) -> Way:
    """Lead to the page on which an open order is paid by card, Alipay or WeChat Pay."""
    with one_transaction() as session:
        _payable(session, order_id)
    _require_on(gateway)
    return _lead(
        gateway,
        buyer,
        lambda found: found.order_id == order_id,
        lambda session: _write_order(session, buyer, order_id, clock),
        clock,
    )


def give_up(gateway: Gateway, buyer: Buyer, checkout_id: uuid.UUID, clock: Clock) -> bool:
    """Close a page that was begun, at Stripe first; False where it was paid before it could be closed."""
    with one_transaction() as session:
        row = session.get(Checkout, checkout_id)
        if row is None:
            raise NotFound("checkout")
        begun, state = _plain(row), row.state
    if state != "open":
        return state == "expired"
    facts = _at_stripe(gateway, buyer, begun, clock)
    facts = _expire(gateway, facts) if facts is not None and facts.status == "open" else facts
    if facts is not None and facts.status == "complete":
        return False
    _end(checkout_id)
    with one_transaction() as session:
        given = {"checkout_id": str(checkout_id)}
        record(session, clock, "billing.payment_given_up", buyer.user_id, buyer.tenant_id, **given)
    return True


def order_year(buyer: Buyer, choice: Choice, method: str, clock: Clock) -> uuid.UUID:
    """Place the order of a year, or find the same one that is open already; its id.

    Of two browsers at once the second waits for the lock on the customer, and finds the order of the first.
    """
    choice = _written_alike(choice)
    with one_transaction() as session:
        ensure_customer(session, buyer.tenant_id, clock, lock=True)
        tenant = session.get_one(Tenant, buyer.tenant_id)
        found = _same_order(session, choice, method)
        if found is not None:
            return found.id
        checked = check_year(session, tenant, choice, clock)
        given: dict[str, Any] = {"plan": choice.plan, "seats": choice.seats, "coupon": checked.coupon}
        made = place_order(
            session,
            tenant,
            "plan",
            method=method,
            currency=choice.currency,
            actor_id=buyer.user_id,
            clock=clock,
            **given,
        )
        return made.id


def _same_order(session: Session, choice: Choice, method: str) -> Order | None:
    same = (Order.item == "plan", Order.plan == choice.plan, Order.seats == choice.seats, Order.method == method)
    money = (Order.currency == choice.currency, Order.coupon == choice.coupon, Order.state == "open")
    return session.scalars(select(Order).where(*same, *money).order_by(Order.created_at.desc())).first()


def open_checkout(session: Session) -> Checkout | None:
    """That of the tenant that the session works for."""
    return session.scalar(select(Checkout).where(Checkout.state == "open"))


def end_checkout(session: Session, checkout: Checkout, state: str) -> None:
    """Write down that it is over, `complete` or `expired`; what was not bought used no coupon."""
    checkout.state = state
    if state == "expired":
        release_coupon(session, checkout.id)
    session.flush()


# One way open at a time


def _lead(
    gateway: Gateway,
    buyer: Buyer,
    is_same: Callable[[_Begun], bool],
    write: Callable[[Session], Checkout],
    clock: Clock,
) -> Way:
    replaced = False
    while (found := _found()) is not None:
        facts = _at_stripe(gateway, buyer, found, clock)
        if facts is not None and facts.status == "complete":
            return Way(found.id, "", is_over=True)
        if facts is not None and facts.status == "open" and is_same(found):
            return Way(found.id, facts.url, replaced)
        if facts is not None and facts.status == "open":
            facts = _expire(gateway, facts)
            if facts.status == "complete":  # it was paid while we closed it
                return Way(found.id, "", is_over=True)
            replaced = True
        _end(found.id)
    begun = _write(write)
    if begun is None:
        return _lead(gateway, buyer, is_same, write, clock)
    return Way(begun.id, _begin(gateway, buyer, begun, clock).url, replaced)


def _found() -> _Begun | None:
    with one_transaction() as session:
        row = open_checkout(session)
        return _plain(row) if row is not None else None


def _write(write: Callable[[Session], Checkout]) -> _Begun | None:
    """The row, written; None where another browser began at the same moment."""
    try:
        with one_transaction() as session:
            row = write(session)
            session.flush()
            return _plain(row)
    except IntegrityError:
        return None


def _plain(row: Checkout) -> _Begun:
    return _Begun(**{name: getattr(row, name) for name in _Begun.__dataclass_fields__})


def _at_stripe(gateway: Gateway, buyer: Buyer, begun: _Begun, clock: Clock) -> CheckoutFacts | None:
    """How it stands with it; of one whose session we do not know, because we were interrupted, by beginning it again
    with the same key. None where it was never begun there and is over by now."""
    if begun.session_id is not None:
        return gateway.checkout(begun.session_id)
    if begun.expires_at - clock.now() < timedelta(minutes=31):  # nobody was told of its page
        return None
    return _begin(gateway, buyer, begun, clock)


def _expire(gateway: Gateway, facts: CheckoutFacts) -> CheckoutFacts:
    try:
        return gateway.expire_checkout(facts.id)
    except StripeRefused:  # it is not open any more
        return gateway.checkout(facts.id)


def _end(checkout_id: uuid.UUID) -> None:
    with one_transaction() as session:
        row = session.get(Checkout, checkout_id)
        if row is not None and row.state == "open":
            end_checkout(session, row, "expired")


def _begin(gateway: Gateway, buyer: Buyer, begun: _Begun, clock: Clock) -> CheckoutFacts:
    """Make the page at Stripe, once however often it is asked, and write down where it is."""
    try:
        customer = customer_at_stripe(gateway, buyer.tenant_id, clock)
        order = _checkout_order(buyer, begun, customer)
        end_reading()
        facts = gateway.begin_checkout(order, key=f"checkout-{begun.id}")
    except StripeRefused as error:
        _end(begun.id)
        raise _told(error) from error
    with one_transaction() as session:
        row = session.get_one(Checkout, begun.id)
        row.session_id, row.url = facts.id, facts.url
    return facts


def _told(error: StripeRefused) -> Unavailable | Conflict:
    """What the customer is told; the operator finds Stripe's own word in the log."""
    if isinstance(error, NotInPlace):
        _logger.error("nothing can be bought: %s is not at Stripe; run flask billing catalogue", error.message)
        return Unavailable("not_in_place")
    _logger.error("stripe refused a checkout: %s %s", error.code, error.message)
    return Conflict("stripe_refused")


# What is written and asked


def _require_on(gateway: Gateway) -> None:
    if not gateway.is_on:
        raise SwitchedOff


def _written_alike(choice: Choice) -> Choice:
    return Choice(
        choice.plan, choice.interval, choice.seats, choice.currency, choice.coupon.strip().upper(), choice.trial
    )


def _without_coupon(choice: Choice) -> Choice:
    return Choice(choice.plan, choice.interval, choice.seats, choice.currency, "", choice.trial)


def _write_subscription(session: Session, buyer: Buyer, choice: Choice, clock: Clock) -> Checkout:
    ensure_customer(session, buyer.tenant_id, clock, lock=True)
    checked = check_subscription(session, session.get_one(Tenant, buyer.tenant_id), choice, clock)
    row = _row(buyer, clock, plan=choice.plan, version=checked.prices.version, interval=choice.interval)
    row.seats, row.currency, row.trial_days = choice.seats, choice.currency, checked.trial_days
    session.add(row)
    session.flush()
    if checked.coupon is not None:
        row.coupon = checked.coupon.code
        take_coupon(session, buyer.tenant_id, checked.coupon, row.id, clock)
    details: dict[str, Any] = {"plan": row.plan, "interval": row.interval, "seats": row.seats}
    record(session, clock, "billing.checkout_begun", buyer.user_id, buyer.tenant_id, checkout_id=str(row.id), **details)
    return row


def _write_order(session: Session, buyer: Buyer, order_id: uuid.UUID, clock: Clock) -> Checkout:
    ensure_customer(session, buyer.tenant_id, clock, lock=True)
    order = _payable(session, order_id)
    row = _row(buyer, clock, plan=order.plan, version=order.version, interval="year" if order.plan else "once")
    row.order_id, row.seats, row.currency = order.id, order.seats, order.currency
    session.add(row)
    ids = {"checkout_id": str(row.id), "order_id": str(order.id)}
    record(session, clock, "billing.payment_begun", buyer.user_id, buyer.tenant_id, **ids)
    return row


def _row(buyer: Buyer, clock: Clock, **values: str) -> Checkout:
    return Checkout(
        id=uuid.uuid4(),
        tenant_id=buyer.tenant_id,
        coupon="",
        trial_days=0,
        locale="en" if buyer.locale == "en" else "zh",
        begun_by=buyer.user_id,
        begun_at=clock.now(),
        expires_at=(clock.now() + LASTS).replace(microsecond=0),
        **values,
    )


def _payable(session: Session, order_id: uuid.UUID) -> Order:
    order = session.get(Order, order_id)
    if order is None:
        raise NotFound("order")
    if order.state != "open" or order.method not in ONLINE:
        raise Conflict("order_not_payable")
    return order


def _checkout_order(buyer: Buyer, begun: _Begun, customer: str) -> CheckoutOrder:
    """From what is written down alone, so that whoever asks again asks the same."""
    with one_transaction() as session:
        order = session.get(Order, begun.order_id) if begun.order_id is not None else None
        metadata = _metadata(session, buyer, begun)
        common = CheckoutOrder(
            customer=customer,
            currency=begun.currency,
            metadata=metadata,
            success_url=buyer.addresses.returned(begun.id),
            cancel_url=buyer.addresses.given_up(begun.id),
            locale=begun.locale,
            expires_at=begun.expires_at,
        )
        return _once(common, order, begun) if order is not None else _recurring(common, begun)


def _metadata(session: Session, buyer: Buyer, begun: _Begun) -> Metadata:
    found = {
        INSTALLATION: mark_of(session),
        TENANT: str(buyer.tenant_id),
        CHECKOUT: str(begun.id),
        PLAN: begun.plan,
        VERSION: begun.version,
    }
    return found | ({ORDER: str(begun.order_id)} if begun.order_id is not None else {})


def _recurring(common: CheckoutOrder, begun: _Begun) -> CheckoutOrder:
    price = price_name(begun.plan, begun.interval, begun.currency, begun.version)
    coupon = begun.coupon or None
    return replace(common, price=price, quantity=begun.seats, coupon=coupon, trial_days=begun.trial_days)


def _once(common: CheckoutOrder, order: Order, begun: _Begun) -> CheckoutOrder:
    return replace(common, amount_minor=order.total_minor, words=_words(order, begun.locale), methods=(order.method,))


def _words(order: Order, locale: str) -> str:
    """What Stripe's page calls it: the plan or the fee, with the number of the order."""
    prices = price_list(order.version)
    name = prices.plans[order.plan].name if order.plan else prices.fees[order.item].name
    return f"{name.to('en' if locale == 'en' else 'zh_CN')} · {order.number}"
