"""The letter with the way to a company's sign-in."""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import force_locale, gettext
from sqlalchemy.orm import Session

from maturity.accounts.contacts import Contact
from maturity.clock import Clock
from maturity.messages.service import post_message


def write_ways_in(
    session: Session, contact: Contact, ways: Sequence[tuple[str, str]], locale: str, clock: Clock
) -> None:
    """`ways` are names of tenants with the addresses of their sign-in. Only the mailbox learns them."""
    with force_locale(locale):
        body = gettext(
            "This is how your company signs in to Integration Maturity:\n\n%(ways)s\n\n"
            "The browser remembers it after the first time. If you did not ask for this, ignore this message.",
            ways="\n\n".join(f"{name}\n{link}" for name, link in ways),
        )
        subject = gettext("Sign in with your company")
    post_message(session, "mail", contact.value, subject=subject, body=body, locale=locale, clock=clock)
