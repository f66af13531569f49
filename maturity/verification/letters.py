"""Letters about re-checks, to those who answer for the certificate at the body and at the enterprise."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from flask_babel import force_locale, gettext
from sqlalchemy import select
from sqlalchemy.orm import Session

from maturity.accounts.contacts import contact_of
from maturity.accounts.models import User
from maturity.clock import Clock
from maturity.messages.service import post_message
from maturity.tenancy.models import Membership
from maturity.verification.models import SpotCheck
from maturity.verification.words import STATE_WORDS
from maturity.web.filters import day_prose

ROLES = ("owner", "signatory")


def readers_of(session: Session, tenant_id: uuid.UUID) -> Sequence[User]:
    """Owners and signatories of a tenant who can be written to."""
    member = (Membership.tenant_id == tenant_id) & Membership.role.in_(ROLES) & Membership.ended_at.is_(None)
    query = select(User).join(Membership, Membership.user_id == User.id).where(member).order_by(User.id)
    return [user for user in session.scalars(query) if user.contact]


def write_about(session: Session, check: SpotCheck, what: str, reader: User, link: str, clock: Clock) -> None:
    """That a re-check was asked for, or what came of it."""
    contact = contact_of(reader.contact)
    locale = str(reader.locale)
    with force_locale(locale):
        names = {"office": check.office, "number": check.number, "holder": check.holder, "link": link}
        if what == "asked":
            names |= {"due": day_prose(check.due_on) if check.due_on else "", "request": check.request or "—"}
            subject = gettext("%(office)s re-checks certificate %(number)s", **names)
            body = gettext(
                "%(office)s has drawn certificate %(number)s of %(holder)s by lot for a re-check, and asks body and "
                "enterprise to show by %(due)s what it rests on.\n\nIts request:\n%(request)s\n\nRefusing a re-check "
                "is a ground for withdrawing the certificate. %(office)s sees no answers on this platform; what you "
                "show, you show it yourselves.\n\n%(link)s\n",
                **names,
            )
            short = gettext(
                "[Integration Maturity] %(office)s re-checks certificate %(number)s until %(due)s: %(link)s", **names
            )
        else:
            names |= {"result": str(STATE_WORDS[check.state]), "note": check.note or "—"}
            subject = gettext("Re-check of certificate %(number)s: %(result)s", **names)
            body = gettext(
                "%(office)s has concluded the re-check of certificate %(number)s of %(holder)s: %(result)s.\n\n"
                "%(note)s\n\nAfter a deviation or a refusal the certification body decides what becomes of the "
                "certificate and says so on its page.\n\n%(link)s\n",
                **names,
            )
            short = gettext("[Integration Maturity] Re-check of certificate %(number)s: %(result)s. %(link)s", **names)
    is_short = contact.kind == "mobile"
    post_message(
        session,
        contact.message_kind,
        contact.value,
        subject="" if is_short else subject,
        body=short if is_short else body,
        locale=locale,
        clock=clock,
    )
