"""What was lost is found by comparing with Stripe; what cannot be put right safely waits for a person, once."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from maturity.billing import following, reconciling
from maturity.billing.applying import FOREIGN, FOUND, bring_in
from maturity.billing.gateway import Gone
from maturity.billing.jobs import compare_by_night, plan_reconciliation
from maturity.billing.models import BillingCustomer, BillingFinding, Checkout, Order, Payment, StripeEvent, Subscription
from maturity.billing.reconciling import reconcile
from maturity.db import every_tenant, for_tenant
from maturity.entitlements.models import PlanTerm
from maturity.jobs.models import Job
from maturity.messages.models import Message
from maturity.rights.erasure import GONE
from maturity.tenancy.service import PLATFORM
from tests.integration.billing.conftest import World


def findings(session: Session, state: str = "open") -> list[str]:
    session.rollback()
    query = select(BillingFinding.code).where(BillingFinding.state == state).order_by(BillingFinding.code)
    found = list(session.scalars(query))
    session.rollback()
    return found


def tables(world: World, name: str) -> dict[str, Any]:
    found: dict[str, Any] = world.stripe.state.tables[name]
    return found


def letters(session: Session) -> list[str]:
    session.rollback()
    found = list(session.scalars(select(Message.subject).order_by(Message.created_at, Message.id)))
    session.rollback()
    return found


# What was lost


def test_events_that_never_came_are_kept_as_missed(world: World, session: Session) -> None:
    world.pay(world.choose())
    lost = world.take()
    reconcile(world.app)
    rows = session.scalars(select(StripeEvent)).all()
    assert {event["id"] for event in lost} <= {row.id for row in rows}
    assert {row.times for row in rows} == {0}
    assert {row.state for row in rows} == {"applied", "ignored"}
    session.rollback()
    world.receive(lost[0])  # it comes after all
    row = session.get_one(StripeEvent, lost[0]["id"], populate_existing=True)
    assert (row.times, row.state in ("applied", "ignored")) == (1, True)


def test_a_cancellation_whose_news_are_lost_for_ever_is_found(
    world: World, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also after the thirty days that Stripe keeps events."""
    world.pay(world.choose(interval="year"))
    world.hear()
    (item,) = world.gateway.subscriptions()
    world.gateway.cancel_at_end(item.id, True)
    world.take()
    world.stripe.state.events.clear()
    world.stripe.delivered = 0
    compared = reconcile(world.app)
    assert (compared.differed, compared.repaired) == (1, 1)
    row = session.scalars(select(Subscription)).one()
    term = session.scalars(select(PlanTerm)).one()
    assert row.ends_at == row.period_ends_at == term.ends_at
    assert findings(session, "repaired") == ["differed"]
    assert reconcile(world.app).differed == 0


def test_a_term_that_was_changed_by_hand_is_put_right(world: World, session: Session) -> None:
    world.pay(world.choose())
    world.hear()
    should = session.scalars(select(PlanTerm.ends_at)).one()
    assert should is not None
    session.execute(update(PlanTerm).values(ends_at=should.replace(year=2040)))
    session.commit()
    reconcile(world.app)
    session.expire_all()
    assert session.scalars(select(PlanTerm.ends_at)).one() == should


def test_a_payment_that_arrives_after_the_page_settles_its_order(world: World, session: Session) -> None:
    """Alipay may say later that it was paid: by the news of the payment alone, or found by comparing."""
    for lost in (False, True):
        page = world.order()
        world.pay(page, method="alipay")
        (intent,) = [one for one in tables(world, "payment_intents").values() if one["status"] == "succeeded"][-1:]
        intent["status"], tables(world, "sessions")[page]["payment_status"] = "processing", "unpaid"
        world.hear()
        session.rollback()
        assert "paid" not in set(session.scalars(select(Order.state).where(Order.payment_intent == intent["id"])))
        session.rollback()
        intent["status"] = "succeeded"
        if lost:
            world.take()
            world.stripe.state.events.clear()
            world.stripe.delivered = 0
            reconcile(world.app)
        else:
            bring_in(world.app, "payment", intent["id"])
        session.rollback()
        assert session.scalars(select(Order.state).where(Order.payment_intent == intent["id"])).all() == ["paid"]
        session.rollback()
    assert session.scalar(select(func.count()).select_from(Payment)) == 2


def test_a_refund_that_is_lost_is_found(world: World, session: Session) -> None:
    world.pay(world.choose())
    world.hear()
    (payment,) = session.scalars(select(Payment.external_id)).all()
    session.rollback()
    world.gateway.refund(payment, 5000, {}, key="one")
    world.take()
    world.stripe.state.events.clear()
    world.stripe.delivered = 0
    reconcile(world.app)
    assert sorted(session.scalars(select(Payment.amount_minor))) == [-5000, 29800]
    assert len([subject for subject in letters(session) if "refund" in subject]) == 1


def test_an_event_whose_job_failed_for_good_is_followed_at_night(world: World, session: Session) -> None:
    world.pay(world.choose())
    world.receive()
    session.execute(update(Job).where(Job.kind == "billing_event").values(state="failed", attempts=3))
    session.commit()
    world.clock.at = world.stripe.now.replace(hour=5)
    reconcile(world.app)
    assert set(session.scalars(select(StripeEvent.state))) == {"applied", "ignored"}
    assert session.scalars(select(Subscription.status)).all() == ["active"]


def test_when_it_is_interrupted_the_next_run_goes_on(
    world: World, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.pay(world.choose())
    world.advance(62)
    world.take()
    left, work = [3], reconciling.outcome_of

    def dies(*given: Any) -> str:
        left[0] -= 1
        if left[0] == 0:
            raise RuntimeError("killed")
        return work(*given)

    monkeypatch.setattr(reconciling, "outcome_of", dies)
    with pytest.raises(RuntimeError):
        reconcile(world.app)
    world.clock.at = world.clock.at.replace(hour=(world.clock.at.hour + 2) % 24)
    reconcile(world.app)
    assert reconcile(world.app).differed == 0
    assert set(session.scalars(select(StripeEvent.state))) <= {"applied", "ignored"}


# What waits for a person


def test_money_that_belongs_to_nothing_of_ours_waits_for_a_person(world: World, session: Session) -> None:
    world.pay(world.choose())
    world.hear()
    customer = next(iter(tables(world, "customers")))
    stray = world.stripe.state.charge(customer, "cny", 12_345, {}, "card", "4242424242424242")
    reconcile(world.app)
    reconcile(world.app)
    assert findings(session) == ["payment_differs", "sums_differ"]
    del tables(world, "payment_intents")[stray["id"]]
    reconcile(world.app)
    assert findings(session) == [
        "payment_differs"
    ]  # the month is right again; where the money came from is for a person


def test_the_ledger_is_looked_through_where_a_month_differs(world: World, session: Session) -> None:
    world.pay(world.choose())
    world.hear()
    (payment,) = session.scalars(select(Payment.external_id)).all()
    session.rollback()
    tables(world, "payment_intents")[payment]["amount_received"] = 29_700
    reconcile(world.app)
    assert findings(session) == ["ledger_differs", "payment_differs", "sums_differ"]
    tables(world, "payment_intents")[payment]["amount_received"] = 29_800
    reconcile(world.app)
    assert "sums_differ" in findings(session, "repaired")


def test_a_dispute_waits_for_a_person(world: World, session: Session) -> None:
    world.pay(world.choose())
    world.hear()
    (payment,) = session.scalars(select(Payment.external_id)).all()
    session.rollback()
    dispute = {"id": "du_1", "object": "dispute", "payment_intent": payment, "status": "needs_response"}
    event = {"id": "evt_dispute", "object": "event", "type": "charge.dispute.created", "created": 1_790_000_000}
    world.receive(event | {"data": {"object": dispute}}, times=2)
    world.work()
    (row,) = session.scalars(select(BillingFinding)).all()
    assert (row.code, row.object_id, row.tenant_id) == ("dispute", payment, world.tenant.id)


def test_a_second_payment_of_an_order_waits_for_a_person(world: World, session: Session) -> None:
    world.pay(world.order(), method="alipay")
    world.hear()
    (order,) = session.scalars(select(Order)).all()
    customer, metadata = next(iter(tables(world, "customers"))), {"maturity_order": str(order.id)}
    session.rollback()
    again = world.stripe.state.charge(customer, "cny", 298_000, metadata, "alipay", "4242424242424242")
    assert bring_in(world.app, "payment", again["id"]) == FOUND
    assert findings(session) == ["paid_twice"]
    assert session.scalar(select(func.count()).select_from(Payment)) == 1


def test_a_payment_for_an_order_that_was_given_up_settles_nothing(world: World, session: Session) -> None:
    page = world.order()
    session.execute(update(Order).values(state="cancelled"))
    session.commit()
    world.pay(page, method="alipay")
    world.hear()
    assert findings(session) == ["order_not_open"]
    assert session.scalars(select(Order.state)).all() == ["cancelled"]
    assert session.scalars(select(PlanTerm)).all() == []


def test_a_refund_that_comes_back_is_written_and_told_to_a_person(world: World, session: Session) -> None:
    world.pay(world.choose())
    world.hear()
    (payment,) = session.scalars(select(Payment.external_id)).all()
    session.rollback()
    refund = world.gateway.refund(payment, 5000, {}, key="one")
    world.hear()
    tables(world, "refunds")[refund.id]["status"] = "failed"
    for charge in tables(world, "charges").values():
        for row in charge["refunds"]["data"]:
            row["status"] = "failed"
    for _ in range(2):
        bring_in(world.app, "payment", payment)
    assert sorted(session.scalars(select(Payment.amount_minor))) == [-5000, 5000, 29800]
    assert findings(session) == ["refund_failed"]


def test_an_unknown_price_leaves_the_plan_and_an_end_ends_it(world: World, session: Session) -> None:
    world.pay(world.choose())
    world.hear()
    before = session.scalars(select(PlanTerm.ends_at)).one()
    session.rollback()
    (row,) = tables(world, "subscriptions").values()
    key = row["items"]["data"][0]["price"]["lookup_key"]
    row["items"]["data"][0]["price"]["lookup_key"] = "somebody:elses"
    assert bring_in(world.app, "subscription", row["id"]) == FOUND
    assert session.scalars(select(PlanTerm.ends_at)).one() == before
    session.rollback()
    row["items"]["data"][0]["price"]["lookup_key"] = key
    bring_in(world.app, "subscription", row["id"])
    assert (findings(session), findings(session, "repaired")) == ([], ["unknown_price"])
    row["items"]["data"][0]["price"]["lookup_key"] = "somebody:elses"
    world.gateway.cancel_now(row["id"])
    bring_in(world.app, "subscription", row["id"])
    session.expire_all()
    assert session.scalars(select(PlanTerm.ends_at)).one() == world.clock.now()
    assert session.scalars(select(Subscription.status)).one() == "canceled"


def test_without_our_mark_it_is_foreign_even_for_a_customer_of_ours(world: World, session: Session) -> None:
    world.pay(world.choose())
    (row,) = tables(world, "subscriptions").values()
    row["metadata"] = {}
    assert bring_in(world.app, "subscription", row["id"]) == FOREIGN
    assert session.scalars(select(Subscription)).all() == []


def test_a_second_subscription_is_named_and_goes_when_one_is_ended(world: World, session: Session) -> None:
    world.pay(world.choose())
    world.hear()
    (first,) = tables(world, "subscriptions").values()
    item = first["items"]["data"][0]
    second = world.stripe.state.subscribe(
        first["customer"],
        {"price": item["price"]["id"], "quantity": 1, "tax_rates": []},
        {"metadata": first["metadata"]},
        None,
    )
    world.hear()
    assert findings(session) == ["second_subscription"]
    assert session.scalars(select(PlanTerm.plan)).all() == ["pro", "pro"]
    session.rollback()
    world.gateway.cancel_now(second["id"])
    world.hear()
    assert (findings(session), findings(session, "repaired")) == ([], ["second_subscription"])


def test_of_an_erased_tenant_nothing_is_written(world: World, session: Session) -> None:
    world.pay(world.choose())
    for model in (Checkout, BillingCustomer):
        for row in session.scalars(select(model)):
            session.delete(row)
        session.flush()
    world.tenant.name = GONE
    session.commit()
    world.hear()
    reconcile(world.app)
    assert session.scalars(select(Subscription)).all() == []
    assert set(findings(session)) == {"unknown_customer", "sums_differ"}  # money came for which nothing stands here


def test_a_subscription_that_stripe_has_forgotten_is_named(
    world: World, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.pay(world.choose())
    world.hear()
    tables(world, "subscriptions").clear()
    reconcile(world.app)
    assert "subscription_gone" in findings(session)
    with pytest.raises(Gone):
        world.gateway.subscription("sub_nowhere")


# Letters and the night


def test_each_letter_is_written_once_however_often_it_is_told(world: World, session: Session) -> None:
    world.pay(world.choose())
    world.advance(0.1)
    customer = next(iter(tables(world, "customers")))
    world.stripe.set_card(customer, "4000000000000002")
    world.advance(31)
    world.hear()
    world.stripe.set_card(customer, "4242424242424242")
    world.advance(4)
    world.hear()
    world.receive(*world.stripe.state.events)
    world.work()
    reconcile(world.app)
    assert [subject.split(" for ")[0] for subject in letters(session)] == ["A payment", "The payment"]


def test_the_night_reminds_of_what_ends_once_at_each_distance(world: World, session: Session) -> None:
    world.pay(world.order(), method="alipay")
    world.hear()
    written = len(letters(session))
    for days in (300, 37, 1, 20, 3, 1):
        world.advance(days)
        night(world, session)
    reminders = [subject for subject in letters(session)[written:] if "is paid until" in subject]
    assert len(reminders) == 2
    assert "24 November 2027" in reminders[0]


def night(world: World, session: Session) -> None:
    session.rollback()
    with every_tenant(session):
        plan_reconciliation(session, world.clock)
        session.commit()
    with for_tenant(session, PLATFORM):
        compare_by_night(world.app, Job(), lambda _done, _all: None)
    session.rollback()


def test_a_year_that_another_follows_is_not_reminded_of(world: World, session: Session) -> None:
    for _ in range(2):
        world.pay(world.order(), method="alipay")
        world.hear()
    world.advance(350)
    night(world, session)
    assert not [subject for subject in letters(session) if "is paid until" in subject]


def test_the_worker_that_is_killed_after_it_wrote_writes_nothing_twice(
    world: World, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between what was brought in and the end of its job."""
    world.pay(world.choose())
    world.receive()
    note, left = following.note_outcome, [3]

    def dies(*given: Any) -> None:
        if left[0]:
            left[0] -= 1
            raise RuntimeError("killed")
        note(*given)

    monkeypatch.setattr(following, "note_outcome", dies)
    world.work()
    assert session.scalar(select(func.count()).select_from(Payment)) == 1
    assert set(session.scalars(select(StripeEvent.state))) <= {"applied", "ignored"}
