"""The letter that invites: from whom, to what, and a link that only its reader has."""

from __future__ import annotations

from flask_babel import force_locale, gettext
from sqlalchemy.orm import Session

from maturity.accounts.contacts import Contact
from maturity.clock import Clock
from maturity.messages.service import post_message


def write_invitation(
    session: Session, contact: Contact, tenant: str, inviter: str, link: str, locale: str, clock: Clock
) -> None:
    """In the inviter's language: that of the invited person is not known, and they work together."""
    with force_locale(locale):
        words = {"inviter": inviter, "tenant": tenant, "link": link}
        if contact.kind == "mobile":
            subject = ""
            body = gettext("[Integration Maturity] %(inviter)s invites you to %(tenant)s: %(link)s", **words)
        else:
            subject = gettext("%(inviter)s invites you to %(tenant)s", inviter=inviter, tenant=tenant)
            body = gettext(
                "%(inviter)s invites you to work on the integration maturity assessment of %(tenant)s.\n\n"
                "Open this link within 14 days, sign in or register with this address, and accept:\n\n%(link)s\n\n"
                "If you do not know the sender, ignore this message: nothing happens.",
                **words,
            )
    post_message(session, contact.message_kind, contact.value, subject=subject, body=body, locale=locale, clock=clock)
