"""The life of a subscription at Stripe, told to the site in any order, and what the site must have kept in the end.

Whoever follows an event may be slow: what was fetched is held back while life goes on, and written much later. What
must be kept is computed from Stripe's own tables and the pure rules of terms, past everything that brings it in.
"""

from __future__ import annotations

import copy
import random
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from maturity.billing import applying
from maturity.billing.gateway import StripeRefused
from maturity.billing.ledger import tax_share
from maturity.billing.models import Payment, StripeInvoice, Subscription
from maturity.billing.reconciling import reconcile
from maturity.billing.terms import sold_as, term_of
from maturity.billing.transactions import one_transaction
from maturity.db import every_tenant, writing
from maturity.entitlements.models import PlanTerm
from maturity.extensions import db
from maturity.tenancy.service import ensure_platform
from tests.audit import unguarded
from tests.conftest import NOW
from tests.factories.people import make_user
from tests.factories.portfolios import make_consultancy
from tests.integration.billing.conftest import World
from tests.stripe_server import DECLINED, GOOD
from tests.stripe_server.api import Api
from tests.stripe_server.state import State

#: What can happen, and how much of it: days, seats, or a share of what was paid.
STEPS = ("advance", "seats", "cancel", "resume", "card_fails", "card_works", "refund", "end")


@dataclass(slots=True)
class Held:
    """What somebody fetched and has not written yet."""

    ticket: int
    news: Any


@dataclass(slots=True)
class Life:
    """One subscription, and the workers of the site, as an example draws them."""

    world: World
    chance: random.Random
    events: list[Any] = field(default_factory=list)
    held: list[Held] = field(default_factory=list)
    refunds: int = 0

    # At Stripe

    def begin(self, *, trial: bool) -> None:
        given: dict[str, Any] = {"trial": True} if trial else {}
        page = self.world.choose("consultancy", seats=2, **given)
        self.world.pay(page)
        self._listen()

    def step(self, what: str, amount: int) -> None:
        with suppress(StripeRefused):  # where Stripe does not do it in this state, nothing has happened
            getattr(self, f"_{what}")(amount)
        self._listen()

    def _listen(self) -> None:
        self.events += self.world.take()

    def _advance(self, days: int) -> None:
        self.world.advance(days)

    def _seats(self, seats: int) -> None:
        (item,) = self.world.gateway.subscriptions()
        key = f"seats-{len(self.events)}-{self.chance.random()}"
        self.world.gateway.change(item, item.price, 1 + seats % 9, self.world.clock.now(), key=key)

    def _cancel(self, _amount: int) -> None:
        (item,) = self.world.gateway.subscriptions()
        self.world.gateway.cancel_at_end(item.id, True)

    def _resume(self, _amount: int) -> None:
        (item,) = self.world.gateway.subscriptions()
        self.world.gateway.cancel_at_end(item.id, False)

    def _card_fails(self, _amount: int) -> None:
        self._card(DECLINED)

    def _card_works(self, _amount: int) -> None:
        self._card(GOOD)

    def _card(self, card: str) -> None:
        for customer in self.world.stripe.state.tables["customers"]:
            self.world.stripe.set_card(customer, card)

    def _refund(self, share: int) -> None:
        paid = [one for one in self.world.gateway.payments() if one.status == "succeeded"]
        if paid:
            payment = paid[share % len(paid)]
            self.refunds += 1
            amount = max(1, payment.received_minor * (1 + share % 40) // 40)
            self.world.gateway.refund(payment.id, amount, {}, key=f"refund-{self.refunds}")

    def _end(self, _amount: int) -> None:
        (item,) = self.world.gateway.subscriptions()
        self.world.gateway.cancel_now(item.id)

    # At the site

    def hear(self, count: int) -> None:
        """Some events come, in any order and several times; some of them are followed by somebody slow."""
        self.chance.shuffle(self.events)
        told, self.events = self.events[:count], self.events[count:]
        for event in told:
            self.world.receive(event, times=self.chance.choice((1, 1, 2, 3)))
            if self.chance.random() < 0.4:
                self._fetch(event)
        if self.chance.random() < 0.7:
            self.world.work()
        while self.held and self.chance.random() < 0.3:
            self._write()

    def _fetch(self, event: Any) -> None:
        """Somebody goes for the object and is kept from writing it."""
        facts = applying_facts(event)
        if facts is not None:
            db.session().rollback()
            with every_tenant(db.session()):
                ticket = applying._take_ticket(*facts)
                self.held.append(Held(ticket, applying._fetch(self.world.gateway, *facts)))

    def _write(self) -> None:
        held = self.held.pop(self.chance.randrange(len(self.held)))
        with every_tenant(db.session()), self.world.app.test_request_context(), one_transaction() as session:
            applying._write(session, held.news, held.ticket, self.world.clock)

    def hear_the_rest(self) -> None:
        while self.events:
            self.hear(1 + self.chance.randrange(8))
        self.world.work()
        while self.held:
            self._write()

    def lose(self) -> None:
        """Some of what was not told yet never is."""
        self.chance.shuffle(self.events)
        del self.events[: max(1, len(self.events) // 2)]

    def compare(self) -> None:
        with self.world.app.test_request_context():
            reconcile(self.world.app)


def applying_facts(event: Any) -> tuple[str, str] | None:
    """What an event is about, where that is brought in."""
    kinds = {"subscription": "subscription", "invoice": "invoice", "payment_intent": "payment"}
    carried = event["data"]["object"]
    return (kinds[carried["object"]], carried["id"]) if carried["object"] in kinds else None


# What must be kept, and what is


def should_be(world: World) -> dict[str, Any]:
    """From Stripe alone."""
    subscriptions, terms, ledger = [], [], []
    for item in world.gateway.subscriptions():
        sold = sold_as(item.price)
        assert sold is not None
        term = term_of(item, sold, world.clock.now())
        moments = (item.period_ends_at, item.trial_ends_at, item.ends_at)
        subscriptions.append((item.id, sold.plan, item.seats, item.status, item.started_at, *moments))
        if term is not None:
            terms.append((item.id, term.plan, term.seats, term.starts_at, term.ends_at))
    invoices = list(world.gateway.invoices())
    for invoice in invoices:
        for payment in map(world.gateway.payment, invoice.payments):
            tax = tax_share(invoice.tax_minor, payment.received_minor, invoice.total_minor)
            ledger.append((payment.id, payment.received_minor, tax, "consultancy"))
            ledger += [
                (one.id, -one.amount_minor, -tax_share(tax, one.amount_minor, payment.received_minor), "consultancy")
                for one in payment.refunds
            ]
    return {
        "subscriptions": sorted(subscriptions),
        "terms": sorted(terms),
        "invoices": sorted(
            (one.id, one.number, one.status, one.total_minor, one.tax_minor, one.paid_minor, one.attempts)
            for one in invoices
        ),
        "ledger": sorted(ledger),
    }


def is_kept(session: Session) -> dict[str, Any]:
    session.rollback()
    session.expire_all()
    found = {
        "subscriptions": sorted(
            (one.stripe_id, one.plan, one.seats, one.status, one.started_at)
            + (one.period_ends_at, one.trial_ends_at, one.ends_at)
            for one in session.scalars(select(Subscription))
        ),
        "terms": sorted(
            (one.source_id, one.plan, one.seats, one.starts_at, one.ends_at)
            for one in session.scalars(select(PlanTerm).where(PlanTerm.source == applying.SOURCE))
        ),
        "invoices": sorted(
            (one.stripe_id, one.number, one.status, one.total_minor, one.tax_minor, one.paid_minor, one.attempts)
            for one in session.scalars(select(StripeInvoice))
        ),
        "ledger": sorted(
            (one.external_id, one.amount_minor, one.tax_minor, one.plan) for one in session.scalars(select(Payment))
        ),
    }
    session.rollback()
    return found


def assert_kept(session: Session, world: World) -> None:
    kept, should = is_kept(session), should_be(world)
    for name, rows in should.items():
        assert kept[name] == rows, f"{name}: kept {kept[name]}, at Stripe {rows}"


# A new world for each example


@contextmanager
def new_life(world: World, fresh: State, seed: int) -> Iterator[Life]:
    """Nothing has happened yet, here and at Stripe."""
    empty(world.app)
    world.clock.at = NOW
    world.stripe.state = copy.deepcopy(fresh)
    world.stripe.api = Api(world.stripe.state, lambda: world.stripe.url)
    world.stripe._answers.clear()
    world.stripe.drop()
    session = db.session()
    session.rollback()
    with every_tenant(session):
        ensure_platform(session, world.clock)
        owner = make_user(session)
        world.tenant = make_consultancy(session, owner, world.clock)
        world.buyer = type(world.buyer)(world.tenant.id, owner.id, "en", world.buyer.addresses)
        session.commit()
    yield Life(world, random.Random(seed))


def empty(app: Flask) -> None:
    writing.set(True)
    db.session().rollback()
    db.session().expunge_all()
    with db.engine.begin() as connection, unguarded(connection, only="_no_delete"):
        for table in reversed(db.metadata.sorted_tables):
            if table.name != "editions":
                connection.execute(table.delete())
