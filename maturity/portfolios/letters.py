"""What a consultancy has the site write: to the people of a client, and to enterprises it asks for a grant."""

from __future__ import annotations

from flask_babel import force_locale, gettext
from sqlalchemy.orm import Session

from maturity.accounts.contacts import contact_of
from maturity.accounts.models import User
from maturity.clock import Clock
from maturity.messages.service import post_message


def write_reminder(
    session: Session, user: User, *, consultancy: str, enterprise: str, text: str, link: str, clock: Clock
) -> None:
    """In the recipient's language, but for the consultant's own words; a mobile number gets one sentence."""
    contact = contact_of(user.contact)
    names = {"consultancy": consultancy, "enterprise": enterprise, "link": link}
    with force_locale(user.locale):
        if contact.kind == "mobile":
            subject = ""
            body = gettext("[Integration Maturity] %(consultancy)s reminds you of the assessment: %(link)s", **names)
        else:
            subject = gettext("%(consultancy)s on the assessment of %(enterprise)s", **names)
            body = gettext(
                "%(consultancy)s, whom you let see the assessment of %(enterprise)s, writes:\n\n%(text)s\n\n"
                "To the assessment: %(link)s\n\n"
                "You can take the access back at any time, on the page Consultants.",
                text=text,
                **names,
            )
    post_message(
        session, contact.message_kind, contact.value, subject=subject, body=body, locale=user.locale, clock=clock
    )


def write_invitation(
    session: Session,
    email: str,
    *,
    consultancy: str,
    enterprise: str,
    link: str,
    locale: str,
    clock: Clock,
    is_group: bool = False,
) -> None:
    """In the consultant's language: the recipient's is not known. The head of a group asks its subsidiary."""
    names = {"consultancy": consultancy, "enterprise": enterprise, "link": link}
    with force_locale(locale):
        subject = gettext("%(consultancy)s asks for access to your assessment", **names)
        body = _asked_by_head(names) if is_group else _asked_by_consultancy(names)
    post_message(session, "mail", email, subject=subject, body=body, locale=locale, clock=clock)


def _asked_by_consultancy(names: dict[str, str]) -> str:
    return gettext(
        "%(consultancy)s would like to support %(enterprise)s with the assessment of how far informatization and "
        "industrialization are integrated.\n\n"
        "Open this link, sign in or register, and decide what the consultancy may see and until when:"
        "\n\n%(link)s\n\n"
        "You can take the access back at any time. If you do not know the sender, ignore this message: nothing "
        "happens.",
        **names,
    )


def _asked_by_head(names: dict[str, str]) -> str:
    return gettext(
        "%(consultancy)s, the head of the group, would like to follow how far %(enterprise)s is with the assessment of "
        "how far informatization and industrialization are integrated.\n\n"
        "Open this link, sign in or register, and decide what the head may see and until when:\n\n%(link)s\n\n"
        "You can take the access back at any time. If you do not know the sender, ignore this message: nothing "
        "happens.",
        **names,
    )
