"""The letter to a consultancy that could not take another client."""

from __future__ import annotations

from flask_babel import force_locale, gettext
from sqlalchemy.orm import Session

from maturity.accounts.contacts import contact_of
from maturity.clock import Clock
from maturity.messages.service import post_message
from maturity.people.service import users_who_may
from maturity.tenancy.models import Tenant
from maturity.tenancy.permissions import Permission
from maturity.web.addresses import site_url


def write_no_room(session: Session, consultancy: Tenant, clock: Clock) -> None:
    """To everybody who can buy more room; it does not say which enterprise was turned away."""
    link = site_url("billing.show", tenant_id=consultancy.id)
    for user in users_who_may(session, consultancy, Permission.BILLING_MANAGE):
        contact = contact_of(user.contact)
        names = {"consultancy": consultancy.name, "link": link}
        with force_locale(user.locale):
            if contact.kind == "mobile":
                subject = ""
                body = gettext(
                    "[Integration Maturity] %(consultancy)s has no room for another client: %(link)s", **names
                )
            else:
                subject = gettext("%(consultancy)s has no room for another client", **names)
                body = gettext(
                    "An enterprise wanted to let %(consultancy)s in and could not: as many clients as the plan holds "
                    "have let you in already.\n\nAdd seats, or let a grant end that is not needed any more, and tell "
                    "your client to try again:\n\n%(link)s",
                    **names,
                )
        post_message(
            session, contact.message_kind, contact.value, subject=subject, body=body, locale=user.locale, clock=clock
        )
