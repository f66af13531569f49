"""Letters about paying, to those who can do something about it, each in their language and once for each cause."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from flask_babel import force_locale, gettext
from flask_babel import lazy_gettext as _
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from maturity.accounts.contacts import contact_of
from maturity.billing.models import BillingLetter
from maturity.billing.words import amount
from maturity.clock import Clock
from maturity.messages.service import post_message
from maturity.people.service import users_who_may
from maturity.tenancy.models import Tenant
from maturity.tenancy.permissions import Permission
from maturity.web.addresses import site_base
from maturity.web.filters import day_prose

#: kind -> subject, text; the text of a mobile number is the subject alone
TEXTS = {
    "payment_failed": (
        _("A payment for %(tenant)s failed"),
        _("Your bank declined invoice %(number)s. With another card it is settled at once."),
    ),
    "payment_action": (
        _("Your bank asks you to confirm a payment for %(tenant)s"),
        _("Invoice %(number)s waits until you confirm it with your bank. Open the plan's page and go on from there."),
    ),
    "payment_recovered": (
        _("The payment for %(tenant)s has arrived"),
        _("Invoice %(number)s is paid. Your plan goes on as before, and there is nothing else to do."),
    ),
    "trial_ending": (
        _("The trial of %(tenant)s ends soon"),
        _("It ends on %(day)s. With a card the plan goes on; without one it closes, and nothing is lost."),
    ),
    "subscription_ended": (
        _("The subscription of %(tenant)s has ended"),
        _("You have the free plan now. Nothing is deleted or hidden, and you can begin again at any time."),
    ),
    "term_ending": (
        _("The plan of %(tenant)s is paid until %(day)s"),
        _(
            "Order %(number)s runs out then and is not renewed by itself. A year that is ordered before is added at "
            "the end, so that you lose no days."
        ),
    ),
    "order_paid": (
        _("Order %(number)s of %(tenant)s is paid"),
        _("%(amount)s has arrived, and the year is open. It stands among your invoices and receipts."),
    ),
    "refunded": (
        _("A refund for %(tenant)s"),
        _("%(amount)s is on its way back to you, the way it was paid. Your bank may need some days."),
    ),
}


def tell(
    session: Session,
    tenant_id: uuid.UUID,
    kind: str,
    clock: Clock,
    *,
    cause: str,
    number: str = "",
    again: datetime | None = None,
    day: datetime | None = None,
    amount_minor: int = 0,
    currency: str = "cny",
) -> int:
    """Write to everybody who may buy for the tenant, unless they were told of this cause; how many letters.

    The session works for the tenant. `number` is of the invoice or order, `again` when a charge is tried the next
    time, `day` when something ends.
    """
    if not _is_news(session, tenant_id, kind, cause, clock):
        return 0
    tenant = session.get_one(Tenant, tenant_id)
    link = f"{site_base()}/t/{tenant_id}/billing"
    readers = [user for user in users_who_may(session, tenant, Permission.BILLING_MANAGE) if user.contact]
    for user in readers:
        contact = contact_of(user.contact)
        with force_locale(user.locale):
            said: dict[str, Any] = {"tenant": tenant.name, "number": number, "amount": amount(amount_minor, currency)}
            said["day"] = day_prose(day) if day is not None else ""
            subject, text = (str(part) % said for part in TEXTS[kind])
            body = "\n\n".join([*filter(None, (text, _next(again))), link])
        if contact.kind == "mobile":
            subject, body = "", subject
        post_message(
            session, contact.message_kind, contact.value, subject=subject, body=body, locale=user.locale, clock=clock
        )
    return len(readers)


def was_told(session: Session, tenant_id: uuid.UUID, kind: str, about: str) -> bool:
    """Whether a letter of this kind was written about something: its causes begin with it."""
    query = select(BillingLetter.id).where(BillingLetter.tenant_id == tenant_id, BillingLetter.kind == kind)
    return session.scalar(query.where(BillingLetter.cause.startswith(f"{kind}:{about}", autoescape=True))) is not None


def _is_news(session: Session, tenant_id: uuid.UUID, kind: str, cause: str, clock: Clock) -> bool:
    """Note the cause; whether nobody had before."""
    key = f"{kind}:{cause}"
    same = select(BillingLetter.id).where(BillingLetter.tenant_id == tenant_id, BillingLetter.cause == key)
    if session.scalar(same) is not None:
        return False
    row = BillingLetter(id=uuid.uuid4(), tenant_id=tenant_id, kind=kind, cause=key, written_at=clock.now())
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:  # somebody else writes it at the same moment
        return False
    return True


def _next(at: datetime | None) -> str:
    return gettext("It is tried again on %(day)s.", day=day_prose(at)) if at is not None else ""
