"""The tenant as a customer, here and at Stripe."""

from __future__ import annotations

import uuid

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from maturity.billing.gateway import INSTALLATION, TENANT, Gateway
from maturity.billing.models import BillingCustomer
from maturity.billing.settings import mark_of
from maturity.billing.transactions import one_transaction
from maturity.clock import Clock
from maturity.tenancy.models import Tenant


def customer_of(session: Session) -> BillingCustomer | None:
    """Of the tenant that the session works for."""
    return session.scalar(select(BillingCustomer))


def ensure_customer(session: Session, tenant_id: uuid.UUID, clock: Clock, *, lock: bool = False) -> BillingCustomer:
    """The row of the tenant, made now if it is missing; locked, whoever else buys for the tenant waits."""
    query = select(BillingCustomer).where(BillingCustomer.tenant_id == tenant_id)
    query = query.with_for_update().execution_options(populate_existing=True) if lock else query
    found = session.scalar(query)
    if found is not None:
        return found
    try:
        with session.begin_nested():
            session.add(BillingCustomer(id=uuid.uuid4(), tenant_id=tenant_id, changed_at=clock.now()))
    except IntegrityError:  # somebody else bought at the same moment
        session.expire_all()
    return session.scalars(query).one()


def customer_at_stripe(gateway: Gateway, tenant_id: uuid.UUID, clock: Clock) -> str:
    """The tenant's number at Stripe; made there the first time. Holds no transaction while it asks."""
    with one_transaction() as session:
        row = ensure_customer(session, tenant_id, clock)
        if row.stripe_id is not None:
            return row.stripe_id
        name, email = row.title or session.get_one(Tenant, tenant_id).name, row.email
        metadata = {INSTALLATION: mark_of(session), TENANT: str(tenant_id)}
        key = f"customer-{row.id}"
    made = gateway.make_customer(name, email, metadata, key=key)
    with one_transaction() as session:
        row = ensure_customer(session, tenant_id, clock, lock=True)
        row.stripe_id = row.stripe_id or made.id
        return row.stripe_id
