"""The worker's part: an event leads to its object, an object is fetched, and every night everything is compared."""

from __future__ import annotations

import uuid
from datetime import time as time_of_day
from datetime import timedelta

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from maturity.billing import letters
from maturity.billing.applying import bring_in
from maturity.billing.buying import end_checkout
from maturity.billing.following import follow_event, tell_of_trial
from maturity.billing.gateway import gateway_of
from maturity.billing.models import Checkout, Order, Subscription
from maturity.billing.orders import expire_orders
from maturity.billing.reconciling import reconcile
from maturity.billing.transactions import one_transaction
from maturity.clock import LOCAL, Clock
from maturity.db import every_tenant, for_tenant
from maturity.entitlements.models import PlanTerm
from maturity.extensions import db
from maturity.jobs.models import Job
from maturity.jobs.nightly import ask_for_night
from maturity.jobs.worker import Progress

NIGHT = "billing_reconciliation"
AT_NIGHT = time_of_day(4, 0, tzinfo=LOCAL)
#: Days before the end of what was paid once, at which people are reminded; of several that passed, the nearest.
REMINDED = (7, 30)
#: Days before the end of a trial; Stripe says so, too, and whichever comes first is the one letter.
TRIAL = timedelta(days=3)
#: A page that was never made at Stripe is over after this; of one that was, Stripe says what became of it.
UNMADE = timedelta(hours=1)


def apply_event(app: Flask, job: Job, _progress: Progress) -> None:
    """Fetch the object that the event names. The event is called applied once that is written."""
    event_id, payload = job.key, dict(job.payload)
    with app.test_request_context():
        follow_event(app, event_id, payload["kind"], payload["object_id"], payload["type"])


def fetch_object(app: Flask, job: Job, _progress: Progress) -> None:
    """Bring one object in for a page that waits for it."""
    payload = dict(job.payload)
    with app.test_request_context():
        bring_in(app, payload["kind"], payload["object_id"])


def plan_reconciliation(session: Session, clock: Clock) -> None:
    """One job a night, however often it is asked for. The session works across tenants."""
    ask_for_night(session, NIGHT, AT_NIGHT, clock)


def compare_by_night(app: Flask, _job: Job, progress: Progress) -> None:
    """Compare everything with Stripe, close what nobody paid, remind of what ends, and plan the next night."""
    clock: Clock = app.extensions["clock"]
    with every_tenant(db.session()), app.test_request_context():
        with one_transaction() as session:
            plan_reconciliation(session, clock)
            expire_orders(session, clock.today(), clock)
        remind_of_ends(clock)
        give_up_old_checkouts(clock)
        if gateway_of(app).is_on:
            reconcile(app, progress=progress)


# What comes near


def remind_of_ends(clock: Clock) -> None:
    """Letters about years that run out and trials that end, each once; one transaction for each."""
    for kind, tenant_id, source_id in _ending(clock):
        with one_transaction() as session, for_tenant(session, tenant_id):
            if kind == "order":
                _remind_of_order(session, source_id, clock)
            else:
                tell_of_trial(session, source_id, clock)


def _ending(clock: Clock) -> list[tuple[str, uuid.UUID, str]]:
    now = clock.now()
    with one_transaction() as session:
        near = PlanTerm.ends_at.between(now, now + timedelta(days=max(REMINDED)))
        terms = select(PlanTerm.tenant_id, PlanTerm.source_id).where(PlanTerm.source == "order", near)
        trials = select(Subscription.tenant_id, Subscription.stripe_id).where(
            Subscription.status == "trialing", Subscription.trial_ends_at.between(now, now + TRIAL)
        )
        found = [("order", *row) for row in session.execute(terms.order_by(PlanTerm.ends_at))]
        return found + [("trial", *row) for row in session.execute(trials.order_by(Subscription.trial_ends_at))]


def _remind_of_order(session: Session, order_id: str, clock: Clock) -> None:
    """Unless another year follows it already."""
    order = session.scalar(select(Order).where(Order.id == uuid.UUID(order_id)))
    if order is None or order.state != "paid" or order.ends_at is None or _goes_on(session, order):
        return
    left = (order.ends_at - clock.now()).days
    days = next(days for days in REMINDED if left <= days)
    cause = f"{order.id}:{days}"
    letters.tell(session, order.tenant_id, "term_ending", clock, cause=cause, number=order.number, day=order.ends_at)


def _goes_on(session: Session, order: Order) -> bool:
    query = select(PlanTerm.id).where(PlanTerm.tenant_id == order.tenant_id, PlanTerm.plan == order.plan)
    later = (PlanTerm.ends_at > order.ends_at) | PlanTerm.ends_at.is_(None)
    return session.scalar(query.where(later).limit(1)) is not None


def give_up_old_checkouts(clock: Clock) -> None:
    """Ways to Stripe's page that were begun and never made there; nothing can have been paid."""
    with one_transaction() as session:
        old = (Checkout.state == "open", Checkout.session_id.is_(None), Checkout.expires_at < clock.now() - UNMADE)
        found = [(row.tenant_id, row.id) for row in session.scalars(select(Checkout).where(*old))]
    for tenant_id, checkout_id in found:
        with one_transaction() as session, for_tenant(session, tenant_id):
            row = session.get_one(Checkout, checkout_id)
            if row.state == "open" and row.session_id is None:
                end_checkout(session, row, "expired")
