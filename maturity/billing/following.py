"""From an event to what it is about, and back: what became of the event is written at its row."""

from __future__ import annotations

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from maturity.billing import letters
from maturity.billing.applying import APPLIED, FOREIGN, FOUND, GONE, STALE, bring_in, find
from maturity.billing.models import Payment, StripeEvent, StripeInvoice, StripeObject, Subscription
from maturity.billing.transactions import one_transaction
from maturity.clock import Clock
from maturity.db import every_tenant, for_tenant
from maturity.extensions import db

#: What stands at the event afterwards.
STATES = {APPLIED: "applied", STALE: "applied", FOREIGN: "foreign", GONE: "ignored", FOUND: "failed"}
#: Two of Stripe's types say what its objects do not show.
TRIAL_ENDS, TO_CONFIRM = "customer.subscription.trial_will_end", "invoice.payment_action_required"


def follow_event(app: Flask, event_id: str, kind: str, object_id: str, event_type: str) -> str:
    """Bring in what an event is about and note at its row what came of it. No transaction may be open."""
    clock: Clock = app.extensions["clock"]
    outcome = outcome_of(app, kind, object_id, event_type)
    note_outcome(event_id, object_id, event_type, outcome, clock)
    return outcome


def outcome_of(app: Flask, kind: str, object_id: str, event_type: str) -> str:
    """Do what an event asks for."""
    if kind == "dispute":
        return _dispute(object_id, event_type, app.extensions["clock"])
    return bring_in(app, kind, object_id)


def note_outcome(event_id: str, object_id: str, event_type: str, outcome: str, clock: Clock) -> None:
    """At the row of an event, what came of it; and the letters that only an event asks for."""
    with every_tenant(db.session()), one_transaction() as session:
        row = session.get_one(StripeEvent, event_id)
        owner = session.get(StripeObject, object_id)
        row.state, row.applied_at, row.note = STATES[outcome], clock.now(), outcome
        row.tenant_id = owner.tenant_id if owner is not None else None
        session.flush()  # while the session may write it: a tenant may not
        if outcome in (APPLIED, STALE) and row.tenant_id is not None:
            with for_tenant(session, row.tenant_id):
                _tell(session, event_type, object_id, clock)


def _dispute(payment: str, event_type: str, clock: Clock) -> str:
    """A customer takes the money back through the bank: a person answers at Stripe, within days."""
    with every_tenant(db.session()), one_transaction() as session:
        paid = session.scalar(select(Payment).where(Payment.external_id == payment))
        tenant_id = paid.tenant_id if paid is not None else None
        ours = f"{paid.amount_minor} {paid.currency}" if paid is not None else ""
        if tenant_id is None:
            known = session.get(StripeObject, payment)
            tenant_id = known.tenant_id if known is not None else None
        return find(session, "dispute", payment, tenant_id, ours, event_type, clock)


def _tell(session: Session, event_type: str, object_id: str, clock: Clock) -> None:
    if event_type == TRIAL_ENDS:
        tell_of_trial(session, object_id, clock)
    elif event_type == TO_CONFIRM:
        row = session.scalar(select(StripeInvoice).where(StripeInvoice.stripe_id == object_id))
        if row is not None and row.status == "open":
            cause = f"{object_id}:{row.attempts}"
            letters.tell(session, row.tenant_id, "payment_action", clock, cause=cause, number=row.number)


def tell_of_trial(session: Session, stripe_id: str, clock: Clock) -> None:
    """That it ends soon, once. The session works for the tenant."""
    row = session.scalar(select(Subscription).where(Subscription.stripe_id == stripe_id))
    if row is not None and row.status == "trialing":
        day = row.trial_ends_at
        letters.tell(session, row.tenant_id, "trial_ending", clock, cause=stripe_id, day=day)
