"""People: finding them, confirming how they are reached, changing it, and telling them what happened."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC
from typing import Any

from flask_babel import force_locale
from sqlalchemy import case, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from maturity.accounts.attempts import by_account, forget_failures
from maturity.accounts.contacts import Contact, contact_of
from maturity.accounts.letters import LETTERS, lasting, write_to
from maturity.accounts.models import ContactProof, User
from maturity.accounts.proofs import Asked, ask_for_proof, may_ask
from maturity.audit.service import record_for_account
from maturity.audit.vocabulary import Personal, subject_of_user
from maturity.clock import Clock
from maturity.errors import Conflict

#: How many people a typed contact is looked up for: whoever proved it, then those who claimed it last. Signing in
#: always compares this many passwords, so that its duration tells nothing.
CANDIDATES = 2
#: Our events that the audit log has, and its names for them.
AUDITED = {
    "account.signed_in": "account.signed_in",
    "account.second_factor_added": "account.second_factor_added",
    "account.password_changed": "account.password_changed",
    "account.password_reset": "account.password_changed",
}
_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Links:
    """Addresses on this site for letters: `proof` takes the token; made by the edge, which knows the host."""

    proof: str
    sign_in: str
    reset: str


def name_of(session: Session, user_id: int | None) -> str | None:
    """The name a colleague would recognise, or None."""
    if user_id is None:
        return None
    return session.scalar(select(User.name).where(User.id == user_id))


def change_account(session: Session, user_id: int, *, name: str, locale: str) -> None:
    user = session.get_one(User, user_id)
    user.name, user.locale = name.strip(), locale
    session.flush()


def people_with(session: Session, contact: Contact) -> list[User]:
    """Who may be meant by a contact: its owner first, then who claims it, the latest first."""
    owned = _column(contact) == contact.value
    return list(
        session.scalars(
            select(User)
            .where(or_(owned, User.claimed == contact.value), User.active)
            .order_by(case((owned, 0), else_=1), User.id.desc())
            .limit(CANDIDATES)
        )
    )


def owner_of(session: Session, contact: Contact) -> User | None:
    """The person who has proved this contact, or None."""
    return session.scalar(select(User).where(_column(contact) == contact.value))


def _column(contact: Contact) -> Any:
    return User.email if contact.kind == "email" else User.us_phone_number


# Proving a contact


def ask_to_confirm(session: Session, user: User, contact: Contact, links: Links, clock: Clock) -> bool:
    """Write to a contact that the person claims; whether another message was bearable.

    Somebody else's contact gets a letter, too, which says so; here nobody can tell.
    """
    return _ask(session, user, "confirm" if contact.value == user.claimed else "change", contact, links, clock)


def ask_to_reset(session: Session, contact: Contact, links: Links, clock: Clock) -> None:
    """Write to whoever has or claims this contact. For a contact that nobody has only the proof is made."""
    people = people_with(session, contact)
    if people:
        _ask(session, people[0], "reset", contact, links, clock)
    elif may_ask(session, contact, clock):
        ask_for_proof(session, None, "reset", contact, clock)


def _ask(session: Session, user: User, purpose: str, contact: Contact, links: Links, clock: Clock) -> bool:
    if not may_ask(session, contact, clock):
        return False
    owner = owner_of(session, contact)
    is_taken = owner is not None and owner.id != user.id
    asked = ask_for_proof(session, None if is_taken else user.id, purpose, contact, clock)
    if is_taken and owner is not None:
        details = {"sign_in": links.sign_in, "reset": links.reset}
        write_to(session, contact, owner.locale, "taken", clock, name=owner.name, **details)
    else:
        write_to(session, contact, user.locale, purpose, clock, name=user.name, **_details(asked, links, user.locale))
    return True


def _details(asked: Asked, links: Links, locale: str) -> Mapping[str, str]:
    with force_locale(locale):
        return {"code": asked.secret, "link": links.proof + asked.secret, "lasts": lasting(asked.lasts)}


def accept_proof(session: Session, proof: ContactProof, clock: Clock) -> User:
    """The person has proved a contact: it is theirs from now on. `Conflict` when it became somebody else's meanwhile.

    The proof is used up by then.
    """
    user = session.get_one(User, proof.user_id)
    contact = contact_of(proof.contact)
    former = user.email if contact.kind == "email" else user.us_phone_number
    if former == contact.value:
        return user
    try:
        with session.begin_nested():
            _own(user, contact, clock)
    except IntegrityError as error:
        raise Conflict("contact_taken") from error
    if former:
        write_to(session, contact_of(str(former)), user.locale, "account.contact_changed", clock, name=user.name)
    note_event(session, "account.contact_confirmed", user, clock)
    return user


def _own(user: User, contact: Contact, clock: Clock) -> None:
    if contact.kind == "email":
        user.email = contact.value
    else:
        user.us_phone_number = contact.value
    user.claimed = None
    if user.confirmed_at is None:
        user.confirmed_at = clock.now().astimezone(UTC).replace(tzinfo=None)


def remove_contact(session: Session, user: User, kind: str, clock: Clock) -> None:
    """Drop the e-mail address or the number; `Conflict` when it is the only one."""
    if not (user.email and user.us_phone_number):
        raise Conflict("last_contact")
    contact = contact_of(str(user.email if kind == "email" else user.us_phone_number))
    if kind == "email":
        user.email = None
    else:
        user.us_phone_number = None
    write_to(session, contact, user.locale, "account.contact_changed", clock, name=user.name)
    note_event(session, "account.contact_removed", user, clock)


# What happened to an account


def note_event(session: Session, event: str, user: User, clock: Clock, **details: str) -> None:
    """The one place every event of an account passes: signing in and out, second factors, passwords, contacts.

    What the owner has to know is written to them in the same transaction, and what the audit log knows is recorded.
    `details` are those of the event in the log's vocabulary; `ip` is the network, not the address.
    """
    _logger.info("%s user=%s", event, user.id)
    if event in LETTERS and user.contact:
        write_to(session, contact_of(user.contact), user.locale, event, clock, name=user.name)
    audited = AUDITED.get(event)
    if audited is not None:
        told = {k: Personal(subject_of_user(user.id), v) if k == "ip" else v for k, v in details.items()}
        record_for_account(session, clock, audited, user.id, **told)


def unlock(session: Session, user: User) -> None:
    """After a reset the person may try again at once, with whichever contact."""
    contacts = [value for value in (user.email, user.us_phone_number, user.claimed) if value]
    if contacts:
        forget_failures(session, *(by_account(str(value)) for value in contacts))
