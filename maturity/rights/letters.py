"""What the site writes about exports and deletions: in the recipient's language, one sentence as a text message."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import LazyString, force_locale, gettext
from flask_babel import lazy_gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from maturity.accounts.contacts import contact_of
from maturity.accounts.models import User
from maturity.clock import Clock
from maturity.messages.service import post_message
from maturity.tenancy.models import Membership

#: letter -> (subject, body, the same as a text message)
LETTERS: Mapping[str, tuple[LazyString, LazyString, LazyString]] = {
    "export_ready": (
        _("The data of %(tenant)s are ready to be downloaded"),
        _(
            "The archive you asked for holds everything of %(tenant)s. Download it by %(until)s; after that it is "
            "removed:\n\n%(link)s\n\nIts SHA-256 is %(sha256)s."
        ),
        _("The data of %(tenant)s are ready until %(until)s: %(link)s"),
    ),
    "deletion_asked": (
        _("%(tenant)s will be deleted on %(due)s"),
        _(
            "%(who)s asked for everything of %(tenant)s to be deleted. On %(due)s results, answers, evidence and "
            "members' access are erased and cannot be brought back.\n\nUntil then every owner can cancel this and take "
            "the data away:\n\n%(link)s"
        ),
        _("%(tenant)s will be deleted on %(due)s. Every owner can cancel this: %(link)s"),
    ),
    "deletion_near": (
        _("%(tenant)s will be deleted on %(due)s"),
        _(
            "In a week, on %(due)s, everything of %(tenant)s is erased and cannot be brought back. If you want to keep "
            "it, take the data away or cancel the deletion now:\n\n%(link)s"
        ),
        _("In a week, on %(due)s, %(tenant)s is erased. Every owner can cancel this: %(link)s"),
    ),
    "deletion_cancelled": (
        _("%(tenant)s stays"),
        _("%(who)s cancelled the deletion of %(tenant)s. Nothing was erased.\n\n%(link)s"),
        _("%(who)s cancelled the deletion of %(tenant)s. Nothing was erased."),
    ),
    "deletion_done": (
        _("%(tenant)s is deleted"),
        _(
            "Everything of %(tenant)s was erased on %(day)s. The receipt says what was erased and proves it by a hash "
            "that stands in the sealed log of this site:\n\n%(link)s\n\nIts SHA-256 is %(sha256)s. The receipt is "
            "kept for %(years)s years."
        ),
        _("Everything of %(tenant)s was erased on %(day)s. Receipt: %(link)s"),
    ),
    "account_asked": (
        _("Your account will be closed on %(due)s"),
        _(
            "You asked for your account to be closed. On %(due)s your name, contact, password and devices are erased. "
            "Until then you can cancel this:\n\n%(link)s\n\nIf it was not you, cancel it and change your password."
        ),
        _("Your account will be closed on %(due)s. You can cancel this: %(link)s"),
    ),
    "account_near": (
        _("Your account will be closed on %(due)s"),
        _("In a week, on %(due)s, your account is closed. You can still cancel this:\n\n%(link)s"),
        _("In a week, on %(due)s, your account is closed. You can cancel this: %(link)s"),
    ),
    "account_waits": (
        _("Your account cannot be closed yet"),
        _(
            "You are the only owner of %(tenant)s. Make somebody else its owner or have it deleted; your account is "
            "closed on the night after.\n\n%(link)s"
        ),
        _("You are the only owner of %(tenant)s. Hand it over first; then your account is closed. %(link)s"),
    ),
    "account_done": (
        _("Your account is closed"),
        _("Your account was closed on %(day)s: name, contact, password, second factors and devices are erased."),
        _("Your account was closed on %(day)s and your data are erased."),
    ),
}
Details = Callable[[], Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Reader:
    """Who a letter goes to, kept apart from the row, which may be emptied before the letter is written."""

    user_id: int
    name: str
    contact: str
    locale: str


def reader_of(user: User) -> Reader:
    row: Any = user
    return Reader(row.id, user.name, user.contact, user.locale)


def owners_of(session: Session, tenant_id: Any) -> list[Reader]:
    """Every owner who can be written to."""
    owns = (Membership.tenant_id == tenant_id) & (Membership.role == "owner") & Membership.ended_at.is_(None)
    query = select(User).join(Membership, Membership.user_id == User.id).where(owns).order_by(User.id)
    return [reader for reader in map(reader_of, session.scalars(query)) if reader.contact]


def write_letter(session: Session, reader: Reader, letter: str, clock: Clock, details: Details) -> None:
    """Put a letter into the outbox; `details` is called in the reader's language."""
    if not reader.contact:
        return
    contact = contact_of(reader.contact)
    subject, body, text = LETTERS[letter]
    with force_locale(reader.locale):
        words = details()
        if contact.kind == "mobile":
            title, said = "", gettext("[Integration Maturity] ") + str(text) % words
        else:
            greeting = gettext("Dear %(name)s,", name=reader.name) if reader.name else gettext("Dear user,")
            closing = gettext("Integration Maturity\nThis message was sent by itself; nobody reads answers to it.")
            title, said = str(subject) % words, f"{greeting}\n\n{str(body) % words}\n\n{closing}\n"
    post_message(
        session, contact.message_kind, contact.value, subject=title, body=said, locale=reader.locale, clock=clock
    )
