"""What Stripe says comes in: once, and in the right order, however its news arrive (ADR 0047).

Whoever fetches an object takes a number first (`StripeObject.asked`, committed) and may write the answer only where
nobody with a higher number has written (`applied`). So what was fetched earlier never replaces what was fetched later,
and after the last news of an object it has been fetched after that news. Everything that follows from an object is
keyed by something of Stripe's, so that doing it again changes nothing.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from flask import Flask
from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from maturity.billing import letters
from maturity.billing.buying import end_checkout
from maturity.billing.gateway import (
    CHECKOUT,
    INSTALLATION,
    ORDER,
    PLAN,
    TENANT,
    CheckoutFacts,
    CustomerFacts,
    Gateway,
    Gone,
    InvoiceFacts,
    Metadata,
    PaymentFacts,
    RefundFacts,
    SubscriptionFacts,
    gateway_of,
)
from maturity.billing.ledger import Movement, tax_share, write_movement
from maturity.billing.models import (
    BillingCustomer,
    BillingFinding,
    Checkout,
    Order,
    Payment,
    StripeInvoice,
    StripeObject,
    Subscription,
)
from maturity.billing.orders import note_refunded, settle_order
from maturity.billing.settings import mark_of
from maturity.billing.terms import LIVE, Sold, sold_as, term_of
from maturity.billing.transactions import one_transaction
from maturity.clock import Clock
from maturity.db import every_tenant, for_tenant
from maturity.entitlements.service import end_term, set_term
from maturity.errors import Conflict
from maturity.extensions import db

APPLIED, FOREIGN, STALE, GONE, FOUND = "applied", "foreign", "stale", "gone", "finding"
SOURCE = "subscription"
#: What carries our mark wherever we made it; a payment of an invoice does not, nor a customer that was deleted.
MARKED = ("subscription", "invoice", "checkout")
#: What a person may find here and what is over once the object could be written down.
MENDED = (
    "unknown_customer",
    "other_tenant",
    "unknown_price",
    "unknown_checkout",
    "unknown_order",
    "order_amount",
    "customer_deleted",
)
#: A subscription that was over longer ago than this when we learned of it is told to nobody.
NEWS = timedelta(days=7)
Facts = SubscriptionFacts | InvoiceFacts | PaymentFacts | CheckoutFacts | CustomerFacts


@dataclass(frozen=True, slots=True)
class _News:
    """An object as it was fetched, and what else has to be known to write it down."""

    object_id: str
    kind: str
    facts: Any
    #: Of an invoice or a page that was paid, its payments.
    payments: Sequence[PaymentFacts] = ()


def bring_in(app: Flask, kind: str, object_id: str) -> str:
    """Fetch an object of Stripe's and write down what it says; what came of it. For the worker, which sees all tenants.

    No transaction may be open. Raises what the gateway raises; nothing is half done then, and asking again goes on.
    """
    clock: Clock = app.extensions["clock"]
    gateway = gateway_of(app)
    with every_tenant(db.session()):
        ticket = _take_ticket(kind, object_id)
        try:
            news = _fetch(gateway, kind, object_id)
        except Gone:
            return GONE
        if isinstance(news.facts, CheckoutFacts) and news.facts.subscription and news.facts.status == "complete":
            bring_in(app, "subscription", news.facts.subscription)  # it is there before the page is called complete
        with one_transaction() as session:
            outcome = _write(session, news, ticket, clock)
    return outcome


def _take_ticket(kind: str, object_id: str) -> int:
    with one_transaction() as session:
        number = _raised(session, object_id)
        if number is None:
            try:
                with session.begin_nested():
                    session.add(StripeObject(id=object_id, kind=kind, asked=1, applied=0))
                number = 1
            except IntegrityError:  # somebody else set out for it at the same moment
                number = _raised(session, object_id)
        if number is None:
            raise RuntimeError(f"no ticket for {object_id}")
        return number


def _raised(session: Session, object_id: str) -> int | None:
    raised = update(StripeObject).where(StripeObject.id == object_id).values(asked=StripeObject.asked + 1)
    return session.scalar(raised.returning(StripeObject.asked), execution_options={"synchronize_session": False})


def _fetch(gateway: Gateway, kind: str, object_id: str) -> _News:
    """Ask Stripe; of an invoice or a page that was paid, its payments too."""
    if kind == "checkout":
        page = gateway.checkout(object_id)
        return _News(object_id, kind, page, [gateway.payment(page.payment)] if page.payment else ())
    if kind == "invoice":
        invoice = gateway.invoice(object_id)
        return _News(object_id, kind, invoice, [gateway.payment(payment) for payment in invoice.payments])
    ask: dict[str, Callable[[str], Facts]] = {
        "subscription": gateway.subscription,
        "payment": gateway.payment,
        "customer": gateway.customer,
    }
    return _News(object_id, kind, ask[kind](object_id))


# Writing


def _write(session: Session, news: _News, ticket: int, clock: Clock) -> str:
    facts = news.facts
    customer_id = facts.id if isinstance(facts, CustomerFacts) else facts.customer
    owner = session.scalar(select(BillingCustomer).where(BillingCustomer.stripe_id == customer_id))
    metadata: Metadata = facts.metadata
    if metadata.get(INSTALLATION, "") not in ("", mark_of(session)):
        return FOREIGN
    if news.kind in MARKED and INSTALLATION not in metadata:
        return FOREIGN
    if owner is None:
        if INSTALLATION not in metadata:
            return FOREIGN
        return find(session, "unknown_customer", news.object_id, None, "", str(customer_id), clock)
    tenant_id = owner.tenant_id
    if metadata.get(TENANT, str(tenant_id)) != str(tenant_id):
        return find(session, "other_tenant", news.object_id, tenant_id, str(tenant_id), metadata[TENANT], clock)
    if not _may_write(session, news.object_id, ticket, tenant_id, clock):
        return STALE
    with for_tenant(session, tenant_id):
        writer: dict[str, Callable[[Session, uuid.UUID, _News, Clock], str]] = {
            "subscription": _write_subscription,
            "invoice": _write_invoice,
            "payment": _write_payment,
            "checkout": _write_checkout,
            "customer": _write_customer,
        }
        outcome = writer[news.kind](session, tenant_id, news, clock)
        session.flush()
    if outcome == APPLIED:
        mended(session, MENDED, clock, object_id=news.object_id)
    return outcome


def _may_write(session: Session, object_id: str, ticket: int, tenant_id: uuid.UUID, clock: Clock) -> bool:
    """Whether nobody with a higher number has written; the row is ours until the transaction ends."""
    mine = update(StripeObject).where(StripeObject.id == object_id, StripeObject.applied < ticket)
    changed: Any = session.execute(
        mine.values(applied=ticket, applied_at=clock.now(), tenant_id=tenant_id),
        execution_options={"synchronize_session": False},
    )
    return bool(changed.rowcount == 1)


def find(
    session: Session,
    code: str,
    object_id: str,
    tenant_id: uuid.UUID | None,
    ours: str,
    theirs: str,
    clock: Clock,
    *,
    state: str = "open",
) -> str:
    """Put it before a person, or note what was repaired; what is open stands there once."""
    same = (BillingFinding.code == code, BillingFinding.object_id == object_id, BillingFinding.state == state)
    with every_tenant(session):  # findings are the operator's
        if state != "open" or session.scalar(select(BillingFinding.id).where(*same)) is None:
            row = BillingFinding(id=uuid.uuid4(), code=code, object_id=object_id, tenant_id=tenant_id)
            row.ours, row.theirs, row.state, row.found_at = ours, theirs, state, clock.now()
            session.add(row)
            session.flush()
    return FOUND


def mended(
    session: Session,
    codes: Collection[str],
    clock: Clock,
    *,
    object_id: str | None = None,
    tenant_id: uuid.UUID | None = None,
) -> None:
    """What is open about an object, or a tenant, has been put right without anybody's help."""
    with every_tenant(session):
        found = update(BillingFinding).where(BillingFinding.state == "open", BillingFinding.code.in_(codes))
        if object_id is not None:
            found = found.where(BillingFinding.object_id == object_id)
        if tenant_id is not None:
            found = found.where(BillingFinding.tenant_id == tenant_id)
        done = found.values(state="repaired", settled_at=clock.now())
        session.execute(done, execution_options={"synchronize_session": False})


def _write_subscription(session: Session, tenant_id: uuid.UUID, news: _News, clock: Clock) -> str:
    facts: SubscriptionFacts = news.facts
    sold = sold_as(facts.price)
    row = session.scalar(select(Subscription).where(Subscription.stripe_id == facts.id))
    before = row.status if row is not None else ""
    if sold is None:
        return _unknown_price(session, tenant_id, facts, row, clock)
    if row is None:
        row = Subscription(id=uuid.uuid4(), tenant_id=tenant_id, stripe_id=facts.id)
        session.add(row)
    _describe(row, facts, sold, clock.now())
    session.flush()
    _give_term(session, tenant_id, facts, sold, clock)
    _fix_currency(session, tenant_id, facts.currency)
    if facts.status == "canceled" and before != "canceled" and _is_news(facts.ends_at, clock):
        letters.tell(session, tenant_id, "subscription_ended", clock, cause=facts.id)
    if facts.status in LIVE and _has_another(session, tenant_id, facts.id):
        return find(session, "second_subscription", facts.id, tenant_id, "", facts.status, clock)
    if _live(session, tenant_id) < 2:
        mended(session, ("second_subscription",), clock, tenant_id=tenant_id)
    return APPLIED


def _unknown_price(
    session: Session, tenant_id: uuid.UUID, facts: SubscriptionFacts, row: Subscription | None, clock: Clock
) -> str:
    """What it gives is left as it is, unless it gives nothing any more, whatever it was."""
    if row is not None:
        row.status, row.period_ends_at, row.ends_at = facts.status, facts.period_ends_at, facts.ends_at
        row.fetched_at = clock.now()
    if facts.status not in LIVE:
        end_term(session, tenant_id, SOURCE, facts.id, facts.ends_at or clock.now(), clock)
    return find(session, "unknown_price", facts.id, tenant_id, "", facts.price, clock)


def _is_news(ended_at: datetime | None, clock: Clock) -> bool:
    return ended_at is None or clock.now() - ended_at < NEWS


def _describe(row: Subscription, facts: SubscriptionFacts, sold: Sold, now: datetime) -> None:
    row.plan, row.version, row.interval, row.seats = sold.plan, sold.version, sold.interval, facts.seats
    row.currency, row.status, row.started_at = facts.currency, facts.status, facts.started_at
    row.period_ends_at, row.trial_ends_at, row.ends_at = facts.period_ends_at, facts.trial_ends_at, facts.ends_at
    row.fetched_at = now


def _give_term(session: Session, tenant_id: uuid.UUID, facts: SubscriptionFacts, sold: Sold, clock: Clock) -> None:
    term = term_of(facts, sold, clock.now())
    if term is not None:
        set_term(session, tenant_id, SOURCE, facts.id, term, clock)
    else:
        end_term(session, tenant_id, SOURCE, facts.id, clock.now(), clock)


def _fix_currency(session: Session, tenant_id: uuid.UUID, currency: str) -> None:
    owner = session.scalars(select(BillingCustomer).where(BillingCustomer.tenant_id == tenant_id)).one()
    owner.currency = owner.currency or currency


def _has_another(session: Session, tenant_id: uuid.UUID, stripe_id: str) -> bool:
    query = select(Subscription.id).where(Subscription.tenant_id == tenant_id, Subscription.stripe_id != stripe_id)
    return session.scalar(query.where(Subscription.status.in_(LIVE)).limit(1)) is not None


def _live(session: Session, tenant_id: uuid.UUID) -> int:
    query = select(func.count()).select_from(Subscription).where(Subscription.tenant_id == tenant_id)
    return session.scalar(query.where(Subscription.status.in_(LIVE))) or 0


def _write_invoice(session: Session, tenant_id: uuid.UUID, news: _News, clock: Clock) -> str:
    facts: InvoiceFacts = news.facts
    row = session.scalar(select(StripeInvoice).where(StripeInvoice.stripe_id == facts.id))
    if row is None:
        row = StripeInvoice(id=uuid.uuid4(), tenant_id=tenant_id, stripe_id=facts.id)
        session.add(row)
    for name in ("number", "status", "currency", "total_minor", "tax_minor", "paid_minor", "attempts", "page_url"):
        setattr(row, name, getattr(facts, name))
    row.subscription_id, row.pdf_url = facts.subscription, facts.pdf_url
    row.next_attempt_at, row.created_at, row.fetched_at = facts.next_attempt_at, facts.created_at, clock.now()
    session.flush()
    outcomes = [_write_part(session, tenant_id, facts, payment, clock) for payment in news.payments]
    _tell_of_invoice(session, tenant_id, facts, clock)
    return next((outcome for outcome in outcomes if outcome != APPLIED), APPLIED)


def _write_part(
    session: Session, tenant_id: uuid.UUID, facts: InvoiceFacts, payment: PaymentFacts, clock: Clock
) -> str:
    """One of the payments of an invoice, and what went back of it."""
    if payment.status != "succeeded" or payment.received_minor <= 0:
        return APPLIED
    write_movement(session, tenant_id, _movement_of(session, facts, payment), clock)
    return _write_payment(session, tenant_id, _News(payment.id, "payment", payment), clock)


def _tell_of_invoice(session: Session, tenant_id: uuid.UUID, facts: InvoiceFacts, clock: Clock) -> None:
    """Of each attempt that failed, and that it was paid after all."""
    if facts.status == "open" and facts.attempts > 0:
        cause, again = f"{facts.id}:{facts.attempts}", facts.next_attempt_at
        letters.tell(session, tenant_id, "payment_failed", clock, cause=cause, number=facts.number, again=again)
    if facts.status == "paid" and letters.was_told(session, tenant_id, "payment_failed", f"{facts.id}:"):
        letters.tell(session, tenant_id, "payment_recovered", clock, cause=facts.id, number=facts.number)


def _movement_of(session: Session, facts: InvoiceFacts, payment: PaymentFacts) -> Movement:
    plan = facts.metadata.get(PLAN, "")
    if not plan and facts.subscription:
        query = select(Subscription.plan).where(Subscription.stripe_id == facts.subscription)
        plan = session.scalar(query) or ""
    return Movement(
        source="stripe",
        method=payment.method,
        external_id=payment.id,
        at=payment.succeeded_at or facts.created_at,
        item="plan",
        currency=payment.currency,
        amount_minor=payment.received_minor,
        tax_minor=tax_share(facts.tax_minor, payment.received_minor, facts.total_minor),
        plan=plan,
        invoice_id=facts.id,
    )


def _write_payment(session: Session, tenant_id: uuid.UUID, news: _News, clock: Clock) -> str:
    """A payment of an order settles it; one of an invoice is written down with that. Then what went back of it."""
    facts: PaymentFacts = news.facts
    if ORDER in facts.metadata and facts.status == "succeeded":
        outcome = _settle(session, facts, clock)
        if outcome != APPLIED:
            return find(session, outcome, facts.id, tenant_id, facts.metadata[ORDER], _said(facts), clock)
    paid = session.scalar(select(Payment).where(Payment.external_id == facts.id))
    if paid is None:
        return APPLIED
    failed = _write_refunds(session, tenant_id, paid, facts, clock)
    if failed:
        return find(session, "refund_failed", failed[0], tenant_id, "", facts.id, clock)
    return APPLIED


def _said(facts: PaymentFacts) -> str:
    return f"{facts.received_minor} {facts.currency}"


def _write_refunds(
    session: Session, tenant_id: uuid.UUID, paid: Payment, facts: PaymentFacts, clock: Clock
) -> list[str]:
    """What went back, once each; the refunds that had succeeded and failed in the end, whose money came back to us."""
    failed = []
    for refund in facts.refunds:
        if refund.status == "succeeded":
            is_new = write_movement(session, tenant_id, _refund_of(paid, refund), clock)
            if is_new and _is_news(refund.created_at, clock):
                said: dict[str, Any] = {"amount_minor": refund.amount_minor, "currency": paid.currency}
                letters.tell(session, tenant_id, "refunded", clock, cause=refund.id, **said)
        elif refund.status in ("failed", "canceled") and _stands(session, refund.id):
            undone = replace(_refund_of(paid, refund), external_id=f"{refund.id}:failed")
            undone = replace(undone, amount_minor=-undone.amount_minor, tax_minor=-undone.tax_minor)
            write_movement(session, tenant_id, undone, clock)
            failed.append(refund.id)
    if paid.order_id is not None:
        _note_returned(session, paid.order_id, paid.external_id, clock)
    return failed


def _note_returned(session: Session, order_id: uuid.UUID, payment: str, clock: Clock) -> None:
    """By the ledger, to which movements are only added: an older answer of Stripe's never takes any away."""
    query = select(func.sum(Payment.amount_minor), func.max(Payment.at)).where(Payment.of_payment == payment)
    returned, last = session.execute(query).one()
    if returned:
        note_refunded(session, session.get_one(Order, order_id), -int(returned), last, clock)


def _stands(session: Session, external_id: str) -> bool:
    return session.scalar(select(Payment.id).where(Payment.external_id == external_id)) is not None


def _refund_of(paid: Payment, refund: RefundFacts) -> Movement:
    return Movement(
        source="stripe",
        method=paid.method,
        external_id=refund.id,
        at=refund.created_at,
        item=paid.item,
        currency=paid.currency,
        amount_minor=-refund.amount_minor,
        tax_minor=-tax_share(paid.tax_minor, refund.amount_minor, paid.amount_minor),
        plan=paid.plan,
        order_id=paid.order_id,
        invoice_id=paid.invoice_id,
        of_payment=paid.external_id,
    )


def _write_checkout(session: Session, tenant_id: uuid.UUID, news: _News, clock: Clock) -> str:
    facts: CheckoutFacts = news.facts
    row = _checkout_of(session, facts)
    if row is None:
        return find(session, "unknown_checkout", facts.id, tenant_id, "", facts.status, clock)
    row.session_id = row.session_id or facts.id
    for payment in news.payments:
        outcome = _write_payment(session, tenant_id, _News(payment.id, "payment", payment), clock)
        if outcome != APPLIED:
            return outcome
    if facts.status in ("complete", "expired") and row.state != facts.status:
        end_checkout(session, row, facts.status)
    return APPLIED


def _checkout_of(session: Session, facts: CheckoutFacts) -> Checkout | None:
    found = session.scalar(select(Checkout).where(Checkout.session_id == facts.id))
    if found is not None or CHECKOUT not in facts.metadata:
        return found
    return session.get(Checkout, uuid.UUID(facts.metadata[CHECKOUT]))


def _settle(session: Session, payment: PaymentFacts, clock: Clock) -> str:
    """Pay the order that a payment names; the code of the finding where that cannot be."""
    order = _order_of(session, payment)
    if order is None:
        return "unknown_order"
    paid_at = payment.succeeded_at or clock.now()
    movement = Movement(
        source="stripe",
        method=payment.method,
        external_id=payment.id,
        at=paid_at,
        item=order.item,
        currency=payment.currency,
        amount_minor=payment.received_minor,
        tax_minor=order.tax_minor,
        plan=order.plan,
        order_id=order.id,
    )
    try:
        is_news = settle_order(session, order, paid_at=paid_at, movement=movement, clock=clock)
    except Conflict as error:
        return error.code
    if not is_news and order.payment_intent != payment.id:
        return "paid_twice"
    if is_news:
        said: dict[str, Any] = {"amount_minor": payment.received_minor, "currency": payment.currency}
        letters.tell(session, order.tenant_id, "order_paid", clock, cause=str(order.id), number=order.number, **said)
    _fix_currency(session, order.tenant_id, payment.currency)
    return APPLIED


def _order_of(session: Session, payment: PaymentFacts) -> Order | None:
    try:
        order_id = uuid.UUID(payment.metadata[ORDER])
    except ValueError:
        return None
    return session.scalar(select(Order).where(Order.id == order_id))


def _write_customer(session: Session, tenant_id: uuid.UUID, news: _News, clock: Clock) -> str:
    facts: CustomerFacts = news.facts
    if facts.is_deleted:
        return find(session, "customer_deleted", facts.id, tenant_id, "", "", clock)
    if facts.currency:
        _fix_currency(session, tenant_id, facts.currency)
    return APPLIED
