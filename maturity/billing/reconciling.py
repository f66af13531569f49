"""Comparing with Stripe: what was missed is brought in, what cannot be repaired safely is put before a person.

Everything is listed at Stripe and looked up here, a page at a time: no more than a page is held, and no transaction is
open while Stripe is asked. Each repair is the one way in, `applying.bring_in`, so that an interruption loses nothing
and doing it again changes nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import islice
from typing import TypeVar

from flask import Flask
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session, aliased

from maturity.billing.applying import APPLIED, FOREIGN, FOUND, GONE, SOURCE, bring_in, find, mended
from maturity.billing.events import kind_of
from maturity.billing.following import follow_event, note_outcome, outcome_of
from maturity.billing.gateway import (
    INSTALLATION,
    CheckoutFacts,
    CustomerFacts,
    EventFacts,
    Gateway,
    Gone,
    InvoiceFacts,
    Metadata,
    PaymentFacts,
    SubscriptionFacts,
    gateway_of,
)
from maturity.billing.models import (
    BillingCustomer,
    Checkout,
    Payment,
    StripeEvent,
    StripeInvoice,
    StripeObject,
    Subscription,
)
from maturity.billing.settings import mark_of
from maturity.billing.terms import LIVE, sold_as, term_of
from maturity.billing.transactions import one_transaction
from maturity.billing.webhooks import keep_event
from maturity.clock import LOCAL, Clock
from maturity.db import every_tenant
from maturity.entitlements.service import find_term
from maturity.extensions import db

#: How far back is looked. Stripe keeps events for thirty days.
EVENTS, MONTHS = timedelta(days=30), 13
#: An event that came and was not worked on after this: its job may have failed for good.
UNANSWERED = timedelta(hours=1)
PAGE = 100
Tell = Callable[[int, int], None]
Found = TypeVar("Found")


@dataclass(slots=True)
class Compared:
    """What a comparison came to."""

    looked_at: int = 0
    differed: int = 0
    repaired: int = 0
    foreign: int = 0
    open: int = 0


@dataclass(frozen=True, slots=True)
class _Suspect:
    """An object that is not here as it is there."""

    kind: str
    object_id: str
    ours: str
    theirs: str


@dataclass(slots=True)
class _Sum:
    """What came in a month, and of that what went back, whole minor units."""

    payments: int = 0
    received: int = 0
    returned: int = 0


@dataclass(slots=True)
class _Comparison:
    """One run."""

    app: Flask
    gateway: Gateway
    clock: Clock
    mark: str
    dry_run: bool
    progress: Tell
    found: Compared = field(default_factory=Compared)
    sums: dict[tuple[str, str], _Sum] = field(default_factory=lambda: defaultdict(_Sum))
    live: int = 0


def reconcile(app: Flask, *, dry_run: bool = False, progress: Tell = lambda _done, _all: None) -> Compared:
    """Compare everything; with `dry_run` only count what differs. Raises what the gateway raises: done again, it goes
    on where it was."""
    clock: Clock = app.extensions["clock"]
    with every_tenant(db.session()):
        with one_transaction() as session:
            mark = mark_of(session)
        run = _Comparison(app, gateway_of(app), clock, mark, dry_run, progress)
        since = _month_start(clock.today(), MONTHS)
        _compare_events(run)
        _each(run, run.gateway.customers(), _customer_differs)
        _each(run, run.gateway.subscriptions(), _subscription_differs)
        _each(run, run.gateway.invoices(since), _invoice_differs)
        _each(run, run.gateway.checkouts(clock.now() - EVENTS), _checkout_differs)
        _each(run, run.gateway.payments(since), _payment_differs)
        if not dry_run:
            _compare_subscriptions(run)
            _compare_sums(run)
    return run.found


# What was missed


def _compare_events(run: _Comparison) -> None:
    """Events that never came, and those whose work was never done."""
    for page in _pages(run.gateway.events(run.clock.now() - EVENTS)):
        with one_transaction() as session:
            here = set(session.scalars(select(StripeEvent.id).where(StripeEvent.id.in_([item.id for item in page]))))
        missed = [item for item in page if item.id not in here]
        run.found.looked_at += len(page)
        _catch_up(run, missed)
        run.progress(run.found.looked_at, run.found.looked_at)
    for event in _unanswered(run.clock):
        run.found.differed += 1
        if not run.dry_run:
            outcome = follow_event(run.app, event.id, event.object_kind, event.object_id, event.type)
            _count(run, outcome)


def _catch_up(run: _Comparison, missed: Sequence[EventFacts]) -> None:
    """Write down what was missed and fetch each object once, however many events were about it."""
    outcomes: dict[tuple[str, str], str] = {}
    for event in reversed(missed):
        what = (event.object_kind, event.object_id)
        if not run.dry_run:
            with one_transaction() as session:
                keep_event(session, event, run.clock, missed=True)
        if not event.object_kind:
            continue
        run.found.differed += what not in outcomes
        if run.dry_run:
            outcomes[what] = APPLIED
            continue
        if what not in outcomes:
            outcomes[what] = outcome_of(run.app, *what, event.type)
            _count(run, outcomes[what])
        note_outcome(event.id, event.object_id, event.type, outcomes[what], run.clock)


def _unanswered(clock: Clock) -> list[EventFacts]:
    old = (StripeEvent.state == "waiting", StripeEvent.received_at < clock.now() - UNANSWERED)
    with one_transaction() as session:
        return [
            EventFacts(row.id, row.type, row.created_at, row.object_id, kind_of(row.type), row.subscription_id)
            for row in session.scalars(select(StripeEvent).where(*old).order_by(StripeEvent.received_at))
            if kind_of(row.type)
        ]


def _count(run: _Comparison, outcome: str) -> None:
    """What is another installation's did not differ."""
    run.found.foreign += outcome == FOREIGN
    run.found.differed -= outcome == FOREIGN
    run.found.repaired += outcome not in (FOREIGN, FOUND, GONE)
    run.found.open += outcome == FOUND


# Object by object


def _each(
    run: _Comparison,
    theirs: Iterable[Found],
    differs: Callable[[Session, _Comparison, Found], _Suspect | None],
) -> None:
    """Look at what is listed page by page, and bring in what differs."""
    for page in _pages(iter(theirs)):
        with one_transaction() as session:
            suspects = [suspect for item in page if (suspect := differs(session, run, item)) is not None]
        run.found.looked_at += len(page)
        for suspect in suspects:
            run.found.differed += 1
            if not run.dry_run:
                _repair(run, suspect)
        run.progress(run.found.looked_at, run.found.looked_at)


def _repair(run: _Comparison, suspect: _Suspect) -> None:
    outcome = bring_in(run.app, suspect.kind, suspect.object_id)
    with one_transaction() as session:
        if outcome not in (FOREIGN, FOUND, GONE) and suspect.kind == "payment":
            outcome = _check_payment(session, suspect, run.clock)
        if outcome not in (FOREIGN, FOUND, GONE):
            owner = session.get(StripeObject, suspect.object_id)
            tenant_id = owner.tenant_id if owner is not None else None
            about = (suspect.object_id, tenant_id, suspect.ours, suspect.theirs)
            find(session, "differed", *about, run.clock, state="repaired")
    _count(run, outcome)


def _check_payment(session: Session, suspect: _Suspect, clock: Clock) -> str:
    """A payment that does not belong to anything we know is for a person: whose money is it?"""
    if _ours_of_payment(session, suspect.object_id) == suspect.theirs:
        mended(session, ("payment_differs",), clock, object_id=suspect.object_id)
        return APPLIED
    owner = session.get(StripeObject, suspect.object_id)
    tenant_id = owner.tenant_id if owner is not None else None
    ours = _ours_of_payment(session, suspect.object_id)
    return find(session, "payment_differs", suspect.object_id, tenant_id, ours, suspect.theirs, clock)


def _customer_differs(session: Session, run: _Comparison, theirs: CustomerFacts) -> _Suspect | None:
    if theirs.is_deleted or not _is_marked(run, theirs.metadata):
        return None
    here = session.scalar(select(BillingCustomer.id).where(BillingCustomer.stripe_id == theirs.id))
    return _Suspect("customer", theirs.id, "", theirs.id) if here is None else None


def _subscription_differs(session: Session, run: _Comparison, theirs: SubscriptionFacts) -> _Suspect | None:
    """The row, and the term that it gives."""
    if not _is_marked(run, theirs.metadata):
        return None
    run.live += theirs.status in LIVE
    row = session.scalar(select(Subscription).where(Subscription.stripe_id == theirs.id))
    said = " ".join((theirs.status, str(theirs.seats), theirs.price, *map(_moment, _moments(theirs))))
    ours = ""
    if row is not None:
        price = f"maturity:{row.plan}:{row.interval}:{row.currency}:{row.version}"
        ours = " ".join((row.status, str(row.seats), price, *map(_moment, _moments(row))))
    if ours == said and row is not None and not _gives_as_it_should(session, row, theirs, run.clock):
        ours = f"{ours} term"
    return _Suspect("subscription", theirs.id, ours, said) if ours != said else None


def _moments(item: SubscriptionFacts | Subscription) -> tuple[datetime | None, ...]:
    return item.started_at, item.period_ends_at, item.trial_ends_at, item.ends_at


def _moment(at: datetime | None) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ") if at is not None else "-"


def _gives_as_it_should(session: Session, row: Subscription, theirs: SubscriptionFacts, clock: Clock) -> bool:
    sold = sold_as(theirs.price)
    if sold is None:
        return True
    should, term = term_of(theirs, sold, clock.now()), find_term(session, row.tenant_id, SOURCE, theirs.id)
    if should is None:
        return term is None or not term.term.covers(clock.now())
    said = (should.plan, should.version, should.seats, should.starts_at, should.ends_at)
    return term is not None and said == (term.plan, term.version, term.seats, term.starts_at, term.ends_at)


def _invoice_differs(session: Session, run: _Comparison, theirs: InvoiceFacts) -> _Suspect | None:
    if not _is_marked(run, theirs.metadata):
        return None
    row = session.scalar(select(StripeInvoice).where(StripeInvoice.stripe_id == theirs.id))
    said, ours = _invoice(theirs), _invoice(row) if row is not None else ""
    here = set(session.scalars(select(Payment.external_id).where(Payment.external_id.in_(theirs.payments))))
    lacking = [payment for payment in theirs.payments if payment not in here]
    if ours == said and not lacking:
        return None
    return _Suspect("invoice", theirs.id, ours, " ".join((said, *lacking)))


def _invoice(item: InvoiceFacts | StripeInvoice) -> str:
    amounts = f"{item.total_minor} {item.tax_minor} {item.paid_minor} {item.currency}"
    return f"{item.number} {item.status} {amounts} {item.attempts} {_moment(item.next_attempt_at)}"


def _checkout_differs(session: Session, run: _Comparison, theirs: CheckoutFacts) -> _Suspect | None:
    if theirs.status == "open" or not _is_marked(run, theirs.metadata):
        return None
    ours = session.scalar(select(Checkout.state).where(Checkout.session_id == theirs.id)) or ""
    return _Suspect("checkout", theirs.id, ours, theirs.status) if ours != theirs.status else None


def _payment_differs(session: Session, run: _Comparison, theirs: PaymentFacts) -> _Suspect | None:
    """Payments carry our mark, or belong to a customer of ours."""
    if theirs.status != "succeeded" or not _is_ours(session, run, theirs):
        return None
    returned = sum(refund.amount_minor for refund in theirs.refunds if refund.status == "succeeded")
    said, ours = f"{theirs.received_minor} {theirs.currency} {returned}", _ours_of_payment(session, theirs.id)
    _add(session, run, theirs, returned)
    return _Suspect("payment", theirs.id, ours, said) if ours != said else None


def _add(session: Session, run: _Comparison, theirs: PaymentFacts, returned: int) -> None:
    """Into the sums of the month in which the ledger has it, or would."""
    row = session.execute(select(Payment.at, Payment.currency).where(Payment.external_id == theirs.id)).first()
    at, currency = row if row is not None else (theirs.succeeded_at or run.clock.now(), theirs.currency)
    total = run.sums[currency, _month(at)]
    total.payments += 1
    total.received += theirs.received_minor
    total.returned += returned


def _ours_of_payment(session: Session, payment: str) -> str:
    row = session.scalar(select(Payment).where(Payment.external_id == payment))
    if row is None:
        return ""
    back = session.scalar(select(func.sum(Payment.amount_minor)).where(Payment.of_payment == payment)) or 0
    return f"{row.amount_minor} {row.currency} {-back}"


def _is_marked(run: _Comparison, metadata: Metadata) -> bool:
    return metadata.get(INSTALLATION) == run.mark


def _is_ours(session: Session, run: _Comparison, theirs: PaymentFacts) -> bool:
    if INSTALLATION in theirs.metadata:
        return _is_marked(run, theirs.metadata)
    query = select(BillingCustomer.id).where(BillingCustomer.stripe_id == theirs.customer)
    return theirs.customer is not None and session.scalar(query) is not None


# What is here and not there


def _compare_subscriptions(run: _Comparison) -> None:
    """Where more run here than there, each of ours is asked for: Stripe may know it no more."""
    live = select(Subscription.stripe_id, Subscription.tenant_id).where(Subscription.status.in_(LIVE))
    with one_transaction() as session:
        ours = [(stripe_id, tenant_id) for stripe_id, tenant_id in session.execute(live)]
    if len(ours) <= run.live:
        return
    for stripe_id, tenant_id in ours:
        if bring_in(run.app, "subscription", stripe_id) == GONE:
            with one_transaction() as session:
                find(session, "subscription_gone", stripe_id, tenant_id, stripe_id, "", run.clock)
                run.found.open += 1


def _compare_sums(run: _Comparison) -> None:
    """Month by month and currency by currency. Where they differ, each movement of that month is looked up there."""
    months = [_month_start(run.clock.today(), back) for back in range(MONTHS - 1, -2, -1)]
    for begin, end in zip(months, months[1:], strict=False):
        for currency in ("cny", "usd"):
            theirs = run.sums.get((currency, _month(begin)), _Sum())
            name = f"{currency} {_month(begin)}"
            with one_transaction() as session:
                ours = _ledger_sum(session, currency, begin, end)
                if ours == theirs:
                    mended(session, ("sums_differ",), run.clock, object_id=name)
                    continue
                find(session, "sums_differ", name, None, _said(ours), _said(theirs), run.clock)
            run.found.open += 1
            _look_up_month(run, currency, begin, end)


def _said(total: _Sum) -> str:
    return f"{total.payments}: {total.received} - {total.returned}"


def _ledger_sum(session: Session, currency: str, begin: datetime, end: datetime) -> _Sum:
    """By the month of the payment, also of what went back of it later."""
    mine = _of_month(currency, begin, end)
    count, received = session.execute(select(func.count(), func.sum(Payment.amount_minor)).where(*mine)).one()
    back = aliased(Payment)
    payments = select(Payment.external_id).where(*mine)
    returned = session.scalar(select(func.sum(back.amount_minor)).where(back.of_payment.in_(payments)))
    return _Sum(count, int(received or 0), -int(returned or 0))


def _of_month(currency: str, begin: datetime, end: datetime) -> tuple[ColumnElement[bool], ...]:
    return (
        Payment.source == "stripe",
        Payment.of_payment.is_(None),
        Payment.currency == currency,
        Payment.at >= begin,
        Payment.at < end,
    )


def _look_up_month(run: _Comparison, currency: str, begin: datetime, end: datetime) -> None:
    last = ""
    while True:
        query = select(Payment).where(*_of_month(currency, begin, end), Payment.external_id > last)
        with one_transaction() as session:
            rows = session.scalars(query.order_by(Payment.external_id).limit(PAGE)).all()
            page = [(row.external_id, row.tenant_id, f"{row.amount_minor} {row.currency}") for row in rows]
        if not page:
            return
        for payment, tenant_id, ours in page:
            said = _said_of_payment(run.gateway, payment)
            if said != ours:
                with one_transaction() as session:
                    find(session, "ledger_differs", payment, tenant_id, ours, said, run.clock)
                run.found.open += 1
        last = page[-1][0]


def _said_of_payment(gateway: Gateway, payment: str) -> str:
    try:
        facts = gateway.payment(payment)
    except Gone:
        return ""
    return f"{facts.received_minor} {facts.currency}"


# Months and pages


def _month(at: datetime) -> str:
    return at.astimezone(LOCAL).strftime("%Y-%m")


def _month_start(today: date, back: int) -> datetime:
    """The first moment of the month so many months before that of a day; less than zero is after it."""
    number = today.year * 12 + today.month - 1 - back
    return datetime(number // 12, number % 12 + 1, 1, tzinfo=LOCAL)


def _pages(items: Iterator[Found]) -> Iterator[list[Found]]:
    while page := list(islice(items, PAGE)):
        yield page
