"""The site with the local Stripe behind it, its worker's jobs run by hand, and somebody who buys."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from maturity.billing.buying import Addresses, Buyer, begin_order_checkout, begin_subscription, order_year
from maturity.billing.catalogue import sync_catalogue
from maturity.billing.choosing import Choice
from maturity.billing.models import Checkout
from maturity.billing.stripe_gateway import StripeGateway
from maturity.clock import FixedClock
from maturity.db import act_for, every_tenant
from maturity.extensions import db
from maturity.jobs.models import Job
from maturity.jobs.routes import HANDLERS
from maturity.jobs.worker import run_one
from maturity.plans.loader import price_list
from maturity.tenancy.models import Tenant
from maturity.tenancy.service import ensure_platform
from tests.factories.billing import VERSION
from tests.factories.enterprises import make_enterprise
from tests.factories.people import make_user
from tests.stripe_server import GOOD, StripeServer, running_stripe


@dataclass(slots=True)
class World:
    """The installation and its Stripe, whose clocks go together."""

    app: Any
    stripe: StripeServer
    gateway: StripeGateway
    clock: FixedClock
    tenant: Tenant
    buyer: Buyer

    def choose(self, plan: str = "pro", interval: str = "month", seats: int = 1, **given: Any) -> str:
        """Begin a subscription; the number of Stripe's page."""
        choice = Choice(plan, interval, seats, given.get("currency", "cny"), given.get("coupon", ""), "trial" in given)
        way = self._at_home(lambda: begin_subscription(self.gateway, self.buyer, choice, self.clock))
        return self._session_of(way.checkout_id)

    def order(self, method: str = "alipay", plan: str = "pro", currency: str = "cny") -> str:
        """Order a year; the number of Stripe's page."""
        choice = Choice(plan, "year", 1, currency, "", False)

        def begin() -> Any:
            order_id = order_year(self.buyer, choice, method, self.clock)
            return begin_order_checkout(self.gateway, self.buyer, order_id, self.clock)

        return self._session_of(self._at_home(begin).checkout_id)

    def _at_home(self, work: Any) -> Any:
        """As a request of the buyer's tenant would."""
        session = db.session()
        before = dict(session.info)
        session.rollback()
        session.info["every_tenant"] = False
        act_for(session, self.tenant.id, self.buyer.user_id)
        try:
            with self.app.test_request_context():
                return work()
        finally:
            session.rollback()
            session.info.update(before)

    def _session_of(self, checkout_id: Any) -> str:
        with every_tenant(db.session()):
            found = db.session().get_one(Checkout, checkout_id).session_id
            db.session().rollback()
            return str(found)

    def pay(self, session_id: str, *, card: str | None = GOOD, method: str = "card") -> None:
        self.stripe.pay(session_id, card=card, method=method)

    def receive(self, *events: Any, times: int = 1) -> list[int]:
        """Stripe's events come in at the site, signed, and are kept."""
        db.session().rollback()  # an open transaction of the test's would hold SQLite's lock
        client, statuses = self.app.test_client(), []
        waiting = list(events) if events else self.take()
        for event in waiting:
            for _ in range(times):
                body, header = self.stripe.signed(event)
                answer = client.post("/webhooks/stripe", data=body, headers={"Stripe-Signature": header})
                statuses.append(answer.status_code)
        return statuses

    def take(self) -> list[Any]:
        """The events that nobody was told of yet."""
        found = list(self.stripe.pending)
        self.stripe.drop()
        return found

    def work(self) -> None:
        """Run every job of billing that waits, as the worker does."""
        session = db.session()
        while True:
            session.rollback()
            with every_tenant(session):
                query = select(Job.id).where(Job.state == "queued", Job.kind.like("billing_%"), Job.due_at.is_(None))
                waiting = list(session.scalars(query.order_by(Job.created_at, Job.id)))
                session.rollback()
            if not waiting:
                return
            for job_id in waiting:
                run_one(self.app, job_id, HANDLERS)

    def hear(self) -> None:
        """Everything that Stripe has to tell comes in and is worked on."""
        self.receive()
        self.work()

    def advance(self, days: float) -> None:
        """Time goes on at both."""
        self.stripe.advance(days=days)
        self.clock.at = self.stripe.now


@pytest.fixture
def world(app: Any, session: Session, clock: FixedClock, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    ensure_platform(session, clock)
    owner = make_user(session)
    tenant = make_enterprise(session, owner, clock)
    session.commit()
    with running_stripe(clock.now()) as stripe:
        gateway = StripeGateway(stripe.key, stripe.url, retries=0)
        list(sync_catalogue(gateway.catalogue, price_list(VERSION)))
        stripe.drop()
        monkeypatch.setitem(app.extensions, "billing", gateway)
        monkeypatch.setitem(app.config, "STRIPE_WEBHOOK_SECRETS", (stripe.secret,))
        addresses = Addresses(lambda _id: "http://localhost/back", lambda _id: "http://localhost/left")
        yield World(app, stripe, gateway, clock, tenant, Buyer(tenant.id, owner.id, "en", addresses))
