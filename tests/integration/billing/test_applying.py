"""What Stripe says comes in: once, in whatever order, and nothing of another installation or tenant."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from maturity.billing import applying
from maturity.billing.applying import FOREIGN, FOUND, STALE, bring_in
from maturity.billing.models import (
    BillingFinding,
    Checkout,
    Order,
    Payment,
    StripeEvent,
    StripeInvoice,
    Subscription,
)
from maturity.billing.reconciling import reconcile
from maturity.entitlements.models import PlanTerm
from maturity.entitlements.service import entitlements_of
from maturity.messages.models import Message
from tests.integration.billing.conftest import World
from tests.stripe_server import DECLINED, FAILS_LATER, GOOD


def kept(session: Session) -> dict[str, Any]:
    """Everything that follows from Stripe, as it is kept."""
    session.rollback()
    session.expire_all()
    rows = session.scalars(select(Subscription).order_by(Subscription.stripe_id))
    return {
        "subscriptions": [(row.stripe_id, row.plan, row.seats, row.status, row.period_ends_at) for row in rows],
        "terms": [
            (row.source_id, row.plan, row.seats, row.starts_at, row.ends_at)
            for row in session.scalars(select(PlanTerm).order_by(PlanTerm.source_id))
        ],
        "invoices": [
            (row.stripe_id, row.status, row.total_minor, row.tax_minor, row.paid_minor, row.attempts)
            for row in session.scalars(select(StripeInvoice).order_by(StripeInvoice.stripe_id))
        ],
        "ledger": sorted(
            (row.external_id, row.amount_minor, row.tax_minor, row.plan) for row in session.scalars(select(Payment))
        ),
        "checkouts": [row.state for row in session.scalars(select(Checkout).order_by(Checkout.begun_at))],
    }


def at_stripe(world: World) -> dict[str, Any]:
    """The same from Stripe's own state."""
    invoices = sorted(world.gateway.invoices(), key=lambda invoice: invoice.id)
    intents = world.stripe.state.tables["payment_intents"].values()
    returned = world.stripe.state.tables["refunds"].values()
    return {
        "subscriptions": [
            (item.id, item.seats, item.status, item.period_ends_at)
            for item in sorted(world.gateway.subscriptions(), key=lambda item: item.id)
        ],
        "invoices": [
            (item.id, item.status, item.total_minor, item.tax_minor, item.paid_minor, item.attempts)
            for item in invoices
        ],
        "ledger": sorted(
            [(item["id"], item["amount"]) for item in intents if item["status"] == "succeeded"]
            + [(item["id"], -item["amount"]) for item in returned]
        ),
    }


def assert_same(session: Session, world: World) -> None:
    ours, theirs = kept(session), at_stripe(world)
    assert [(one, seats, status, end) for one, _plan, seats, status, end in ours["subscriptions"]] == theirs[
        "subscriptions"
    ]
    assert ours["invoices"] == theirs["invoices"]
    assert [entry[:2] for entry in ours["ledger"]] == theirs["ledger"]


def test_buying_pro_opens_it_and_writes_the_money_once(world: World, session: Session) -> None:
    world.pay(world.choose())
    world.hear()
    assert_same(session, world)
    found = kept(session)
    ((_id, plan, seats, status, period_end),) = found["subscriptions"]
    assert (plan, seats, status) == ("pro", 1, "active")
    ((_source, _plan, _seats, starts_at, ends_at),) = found["terms"]
    assert starts_at == world.clock.now()
    assert ends_at == period_end + timedelta(days=7)
    ((_payment, amount, tax, sold),) = found["ledger"]
    assert (amount, tax, sold) == (29800, 1687, "pro")
    assert found["checkouts"] == ["complete"]
    assert entitlements_of(session, world.tenant, world.clock).plan.code == "pro"  # type: ignore[union-attr]


@pytest.mark.parametrize("seed", range(4))
def test_any_order_and_any_repetition_end_in_stripes_own_state(world: World, session: Session, seed: int) -> None:
    """A life of four months: seats, a failed renewal that recovers, a refund, cancelling and taking it back."""
    chance = random.Random(seed)
    world.pay(world.choose("pro"))
    customer = next(iter(world.stripe.state.tables["customers"]))
    world.advance(31)
    world.stripe.set_card(customer, DECLINED)
    world.advance(31)
    world.stripe.set_card(customer, GOOD)
    world.advance(4)
    (item,) = world.gateway.subscriptions()
    world.gateway.cancel_at_end(item.id, True)
    if seed % 2:
        world.gateway.cancel_at_end(item.id, False)
    paid = [one for one in world.stripe.state.tables["payment_intents"].values() if one["status"] == "succeeded"]
    world.gateway.refund(paid[0]["id"], 10_000, {}, key=f"refund-{seed}")
    world.advance(40)
    events = world.take()
    told = [event for event in events for _ in range(chance.randint(1, 3))]
    chance.shuffle(told)
    for start in range(0, len(told), 7):  # the worker works in between
        world.receive(*told[start : start + 7])
        if chance.random() < 0.5:
            world.work()
    world.work()
    assert_same(session, world)
    assert {row.state for row in session.scalars(select(StripeEvent))} <= {"applied", "ignored"}
    assert session.scalars(select(BillingFinding)).all() == []


def test_lost_news_are_made_up_for_by_comparing(world: World, session: Session) -> None:
    world.pay(world.choose())
    world.advance(62)
    world.take()  # all of it is lost
    assert kept(session)["subscriptions"] == []
    compared = reconcile(world.app)
    assert compared.repaired >= 4
    assert_same(session, world)
    assert reconcile(world.app).differed == 0  # done twice it changes nothing


def test_a_dry_run_repairs_nothing(world: World, session: Session) -> None:
    world.pay(world.choose())
    world.take()
    assert reconcile(world.app, dry_run=True).differed > 0
    assert kept(session)["subscriptions"] == []


def test_what_was_fetched_earlier_never_replaces_what_was_fetched_later(
    world: World, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.pay(world.choose())
    world.hear()
    (item,) = world.gateway.subscriptions()
    fetch = applying._fetch

    def overtaken(gateway: Any, kind: str, object_id: str) -> Any:
        """While this answer is under way, the card is cancelled and somebody else brings that in."""
        old = fetch(gateway, kind, object_id)
        monkeypatch.setattr(applying, "_fetch", fetch)
        world.gateway.cancel_now(item.id)
        bring_in(world.app, "subscription", item.id)
        return old

    monkeypatch.setattr(applying, "_fetch", overtaken)
    assert bring_in(world.app, "subscription", item.id) == STALE
    ((_id, _plan, _seats, status, _end),) = kept(session)["subscriptions"]
    assert status == "canceled"


def test_a_failed_renewal_is_told_at_each_attempt_and_keeps_the_plan_open_until_it_is_over(
    world: World, session: Session
) -> None:
    world.pay(world.choose(), card=FAILS_LATER)
    world.hear()
    world.advance(31)
    world.hear()
    assert kept(session)["subscriptions"][0][3] == "past_due"
    assert entitlements_of(session, world.tenant, world.clock).plan.code == "pro"  # type: ignore[union-attr]
    session.rollback()
    for _ in range(3):
        world.advance(6)
        world.hear()
    subjects = [row.subject for row in session.scalars(select(Message).order_by(Message.created_at))]
    assert len([subject for subject in subjects if "failed" in subject]) == 4
    assert len([subject for subject in subjects if "has ended" in subject]) == 1
    assert kept(session)["subscriptions"][0][3] == "canceled"
    assert entitlements_of(session, world.tenant, world.clock).plan.code == "free"  # type: ignore[union-attr]


def test_a_trial_without_a_card_is_told_of_and_ends_without_a_charge(world: World, session: Session) -> None:
    world.pay(world.choose(trial=True), card=None)
    world.hear()
    assert kept(session)["subscriptions"][0][3] == "trialing"
    world.advance(12)
    world.hear()
    world.receive(*world.stripe.state.events)  # all of it again
    world.work()
    subjects = [row.subject for row in session.scalars(select(Message))]
    assert len([subject for subject in subjects if "trial" in subject]) == 1
    world.advance(3)
    world.hear()
    assert kept(session)["subscriptions"][0][3] == "canceled"
    assert kept(session)["ledger"] == []


@pytest.mark.parametrize("method", ["alipay", "wechat_pay", "card"])
def test_a_year_paid_once_is_settled_once_and_begins_where_the_last_one_ends(
    world: World, session: Session, method: str
) -> None:
    for _ in range(2):
        world.pay(world.order(method), method=method)
        world.receive(times=3)
        world.work()
    orders = session.scalars(select(Order).order_by(Order.created_at, Order.number)).all()
    assert [order.state for order in orders] == ["paid", "paid"]
    assert orders[1].starts_at == orders[0].ends_at
    assert [order.receipt for order in orders] == ["RC-2026-000001", "RC-2026-000002"]
    assert [entry[1] for entry in kept(session)["ledger"]] == [298000, 298000]


def test_a_refund_of_everything_ends_the_year(world: World, session: Session) -> None:
    world.pay(world.order(), method="alipay")
    world.hear()
    (payment,) = session.scalars(select(Payment)).all()
    session.commit()
    world.gateway.refund(payment.external_id, 100_000, {}, key="one")
    world.hear()
    assert entitlements_of(session, world.tenant, world.clock).plan.code == "pro"  # type: ignore[union-attr]
    session.rollback()
    world.gateway.refund(payment.external_id, 198_000, {}, key="two")
    world.hear()
    (order,) = session.scalars(select(Order)).all()
    assert (order.state, order.refunded_minor) == ("refunded", 298000)
    assert entitlements_of(session, world.tenant, world.clock).plan.code == "free"  # type: ignore[union-attr]
    assert sum(entry[1] for entry in kept(session)["ledger"]) == 0
    assert sum(entry[2] for entry in kept(session)["ledger"]) == 0


def test_what_carries_another_mark_is_foreign(world: World, session: Session) -> None:
    world.pay(world.choose())
    (item,) = world.gateway.subscriptions()
    world.stripe.state.tables["subscriptions"][item.id]["metadata"]["maturity_installation"] = "elsewhere"
    assert bring_in(world.app, "subscription", item.id) == FOREIGN
    assert kept(session)["subscriptions"] == []


def test_what_names_another_tenant_is_put_before_a_person(world: World, session: Session) -> None:
    world.pay(world.choose())
    (item,) = world.gateway.subscriptions()
    world.stripe.state.tables["subscriptions"][item.id]["metadata"]["maturity_tenant"] = "somebody else's"
    assert bring_in(world.app, "subscription", item.id) == FOUND
    assert bring_in(world.app, "subscription", item.id) == FOUND
    assert [row.code for row in session.scalars(select(BillingFinding))] == ["other_tenant"]
    assert kept(session)["subscriptions"] == []


def test_money_of_another_amount_than_the_order_settles_nothing(world: World, session: Session) -> None:
    page = world.order()
    world.stripe.state.tables["sessions"][page]["amount_total"] = 1
    world.pay(page, method="alipay")
    world.hear()
    assert [row.code for row in session.scalars(select(BillingFinding))] == ["order_amount"]
    assert [order.state for order in session.scalars(select(Order))] == ["open"]
    assert kept(session)["ledger"] == []


def test_a_ledger_entry_that_stripe_does_not_know_is_put_before_a_person(world: World, session: Session) -> None:
    world.pay(world.choose())
    world.hear()
    world.stripe.state.tables["payment_intents"].clear()
    reconcile(world.app)
    reconcile(world.app)
    assert {row.code for row in session.scalars(select(BillingFinding))} == {"ledger_differs", "sums_differ"}
    assert len(session.scalars(select(BillingFinding)).all()) == 2


@pytest.mark.parametrize("point", ["_fetch", "_write"])
def test_whatever_dies_half_way_is_done_when_it_is_tried_again(
    world: World, session: Session, monkeypatch: pytest.MonkeyPatch, point: str
) -> None:
    world.pay(world.choose())
    work = getattr(applying, point)
    left = [2]

    def dies(*given: Any) -> Any:
        done = work(*given)
        if left[0]:
            left[0] -= 1
            raise RuntimeError("killed")
        return done

    monkeypatch.setattr(applying, point, dies)
    world.hear()
    assert_same(session, world)
