"""The installation's own side of billing: one row, made when it is first asked for."""

from __future__ import annotations

import uuid

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from maturity.billing.models import BillingSettings
from maturity.db import for_tenant
from maturity.tenancy.service import PLATFORM


def settings_of(session: Session) -> BillingSettings:
    """The row; unsaved defaults where nothing was said yet, so that reading writes nothing."""
    found = session.get(BillingSettings, 1)
    return found if found is not None else BillingSettings(id=1, **DEFAULTS)


#: Of a row that is not there yet. The mark is made with the row.
DEFAULTS = {
    "seller": "",
    "tax_number": "",
    "address": "",
    "phone": "",
    "bank": "",
    "account": "",
    "swift": "",
    "second_person_cny": 500_000,
    "second_person_usd": 75_000,
    "transfer_days": 30,
    "charges_fees": False,
}


def ensure_settings(session: Session) -> BillingSettings:
    """The row, made now if it is missing. The session may write; the row is the operator's."""
    found = session.get(BillingSettings, 1)
    if found is not None:
        return found
    with for_tenant(session, PLATFORM):
        try:
            with session.begin_nested():
                session.add(BillingSettings(id=1, mark=uuid.uuid4(), **DEFAULTS))
        except IntegrityError:  # somebody else needed it at the same moment
            session.expire_all()
    return session.scalars(select(BillingSettings)).one()


def mark_of(session: Session) -> str:
    """What tells our objects at Stripe from those of another installation."""
    return str(ensure_settings(session).mark)
