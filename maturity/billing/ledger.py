"""The ledger: every movement of money once, whoever tells of it and however often."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from maturity.billing.models import Payment
from maturity.clock import Clock


@dataclass(frozen=True, slots=True)
class Movement:
    """What came, or with a negative amount what went back; `external_id` names it at whoever moved it."""

    source: str  # stripe, transfer
    method: str
    external_id: str
    at: datetime
    item: str
    currency: str
    amount_minor: int
    tax_minor: int
    plan: str = ""
    order_id: uuid.UUID | None = None
    invoice_id: str | None = None
    of_payment: str | None = None


def write_movement(session: Session, tenant_id: uuid.UUID, movement: Movement, clock: Clock) -> bool:
    """Write it unless it stands there; whether it was written. The session works for the tenant."""
    if _find(session, movement.external_id) is not None:
        return False
    row = Payment(
        id=uuid.uuid4(),
        tenant_id=tenant_id,
        kind="payment" if movement.amount_minor > 0 else "refund",
        source=movement.source,
        method=movement.method,
        external_id=movement.external_id,
        of_payment=movement.of_payment,
        at=movement.at,
        item=movement.item,
        plan=movement.plan,
        currency=movement.currency,
        amount_minor=movement.amount_minor,
        tax_minor=movement.tax_minor,
        order_id=movement.order_id,
        invoice_id=movement.invoice_id,
        written_at=clock.now(),
    )
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:  # somebody else wrote it at the same moment
        return False
    return True


def _find(session: Session, external_id: str) -> Payment | None:
    return session.scalar(select(Payment).where(Payment.external_id == external_id))


def tax_share(tax_minor: int, part_minor: int, whole_minor: int) -> int:
    """Of the tax in a whole, that of a part, rounded half up.

    >>> tax_share(16868, 298000, 298000), tax_share(16868, 149000, 298000), tax_share(5, 1, 3)
    (16868, 8434, 2)
    """
    return (2 * tax_minor * part_minor + whole_minor) // (2 * whole_minor) if whole_minor else 0
