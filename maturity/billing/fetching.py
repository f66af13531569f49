"""Asking the worker to look at an object of Stripe's: pages never bring anything in themselves, they wait for it."""

from __future__ import annotations

import uuid
from datetime import timedelta

from sqlalchemy import select

from maturity.billing.transactions import one_transaction
from maturity.clock import Clock
from maturity.jobs.models import Job
from maturity.jobs.service import ask_for_job

FETCH = "billing_fetch"
#: One who comes back from Stripe's page asks as often as the page is looked at.
FRESH = timedelta(seconds=5)


def ask_to_bring_in(tenant_id: uuid.UUID, kind: str, object_id: str, clock: Clock) -> None:
    """Have the worker fetch an object of the tenant's; asked again within moments, the first asking does."""
    with one_transaction() as session:
        key = f"{kind}:{object_id}"
        found = session.scalar(select(Job).where(Job.kind == FETCH, Job.key == key))
        if found is not None and found.finished_at is not None and clock.now() - found.finished_at < FRESH:
            return
        payload = {"kind": kind, "object_id": object_id}
        ask_for_job(session, tenant_id, FETCH, key, payload, actor_id=None, clock=clock)
