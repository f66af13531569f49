"""Several workers at the same moment, on the same objects of Stripe's: one row, one movement, the latest state."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from maturity.billing import applying
from maturity.billing.applying import bring_in
from maturity.billing.models import BillingLetter, Order, Payment, StripeObject, Subscription
from maturity.db import every_tenant, writing
from maturity.entitlements.models import PlanTerm
from maturity.extensions import db
from maturity.messages.models import Message
from tests.integration.billing.conftest import World

WORKERS = 4


def at_once(world: World, *works: tuple[str, str]) -> list[str]:
    """Each in a thread of its own, let go together."""
    start = Barrier(len(works))

    def work(what: tuple[str, str]) -> str:
        with world.app.app_context(), world.app.test_request_context():
            writing.set(True)
            start.wait()
            try:
                return bring_in(world.app, *what)
            finally:
                db.session.remove()

    db.session().rollback()
    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(work, works))


def test_a_subscription_brought_in_by_several_at_once_is_one(world: World, session: Session) -> None:
    world.pay(world.choose())
    (item,) = world.gateway.subscriptions()
    outcomes = at_once(world, *[("subscription", item.id)] * WORKERS)
    assert set(outcomes) <= {applying.APPLIED, applying.STALE}
    assert session.scalar(select(func.count()).select_from(Subscription)) == 1
    assert session.scalar(select(func.count()).select_from(PlanTerm)) == 1
    row = session.get_one(StripeObject, item.id)
    assert row.asked == WORKERS
    assert row.applied <= WORKERS


@pytest.mark.parametrize("paying", ["invoice", "order"])
def test_money_told_of_in_several_ways_at_once_is_written_once(world: World, session: Session, paying: str) -> None:
    """The invoice or the page, and its payment, each by two."""
    if paying == "invoice":
        world.pay(world.choose())
        (other,) = ({"kind": "invoice", "id": one.id} for one in world.gateway.invoices())
    else:
        page = world.order()
        world.pay(page, method="alipay")
        other = {"kind": "checkout", "id": page}
    (payment,) = [one.id for one in world.gateway.payments()]
    world.gateway.refund(payment, 7_000, {}, key="one")
    at_once(world, *[(other["kind"], other["id"]), ("payment", payment)] * 2)
    bring_in(world.app, "payment", payment)  # of an invoice, whichever came last
    session.expire_all()
    amounts = sorted(session.scalars(select(Payment.amount_minor)))
    assert amounts == [-7_000, 29_800 if paying == "invoice" else 298_000]
    if paying == "order":
        (order,) = session.scalars(select(Order)).all()
        assert (order.state, order.receipt, order.refunded_minor) == ("paid", "RC-2026-000001", 7_000)
    subjects = list(session.scalars(select(Message.subject)))
    assert len(subjects) == len(set(subjects)) == session.scalar(select(func.count()).select_from(BillingLetter))


def test_the_latest_answer_stays_whoever_writes_last(world: World, session: Session) -> None:
    """Workers fetch and write while the subscription is changed again and again; afterwards it is as at Stripe."""
    world.pay(world.choose())
    (item,) = world.gateway.subscriptions()
    for wanted in (True, False, True):
        world.gateway.cancel_at_end(item.id, wanted)
        at_once(world, *[("subscription", item.id)] * 3)
    theirs = world.gateway.subscription(item.id)
    with every_tenant(session):
        session.rollback()
        row = session.scalars(select(Subscription)).one()
        assert (row.status, row.ends_at) == (theirs.status, theirs.ends_at)
        assert session.scalars(select(PlanTerm.ends_at)).one() == theirs.ends_at
