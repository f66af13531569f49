"""A person's own rights: taking their data away, and closing the account after a month in which it can be cancelled.

What somebody answered for an enterprise is the enterprise's record and stays there without their name. The person's
row stays too, emptied: events and answers refer to its number, which must never come to mean somebody else.
"""

from __future__ import annotations

import io
import json
import uuid
import zipfile
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from flask import render_template
from flask_babel import force_locale
from sqlalchemy import Column, Table, delete, select, update
from sqlalchemy.orm import Session, aliased

from maturity.accounts.attempts import by_account, forget_failures
from maturity.accounts.contacts import contact_of, read_contact
from maturity.accounts.models import SignIn, User
from maturity.accounts.passwords import NO_PASSWORD
from maturity.archives import to_json
from maturity.audit.keys import erase_subject, readable_keys, reveal
from maturity.audit.models import AccountEvent, AuditEvent
from maturity.audit.service import record, record_for_account
from maturity.audit.vocabulary import Personal, subject_of_invitation, subject_of_user, tell
from maturity.clock import Clock
from maturity.consents.models import PersonConsent
from maturity.db import Base
from maturity.errors import Conflict, Invalid, NotFound
from maturity.messages.models import Message
from maturity.people.roles import ROLE_WORDS
from maturity.rights.inventory import is_secret
from maturity.rights.letters import Reader, reader_of, write_letter
from maturity.rights.models import AccountDeletion
from maturity.tenancy.models import Invitation, Membership, Tenant
from maturity.web.filters import day_prose

FORMAT = "maturity-person/1"
GRACE = timedelta(days=30)
REMINDED = timedelta(days=7)
JOB = "account_erasure"
#: What stands where a name stood; both languages at once, because pages of both show it.
CLOSED = "已注销 · closed account"


#: Tables of a person whose rows stand under a key of their own, or hold nothing but hashes of secrets.
TOLD_APART = ("sign_ins", "webauthn", "recovery_codes", "contact_proofs")


# Taking one's data away


def own_data(session: Session, user: User, locale: str) -> dict[str, Any]:
    """Everything kept about a person themselves, with stable keys. The session works across tenants.

    What they did in tenants is listed as events; the contents belong to the tenants.
    """
    row: Any = user
    memberships = session.execute(
        select(Membership, Tenant.name, Tenant.kind)
        .join(Tenant, Tenant.id == Membership.tenant_id)
        .where(Membership.user_id == row.id)
        .order_by(Membership.created_at)
    )
    return {
        "format": FORMAT,
        "account": {
            "number": row.id,
            "name": user.name,
            "email": user.email,
            "mobile": row.us_phone_number,
            "claimed_contact": user.claimed,
            "confirmed_at": _moment(row.confirmed_at),
            "language": user.locale,
            "has_password": user.password not in (None, NO_PASSWORD),
            "has_authenticator_app": bool(row.tf_totp_secret),
            "passkeys": [passkey.name for passkey in row.webauthn],
        },
        "devices": [
            {
                "device": device.device,
                "network": device.address,
                "signed_in_at": _moment(device.created_at),
                "last_seen_at": _moment(device.seen_at),
            }
            for device in session.scalars(select(SignIn).where(SignIn.user_id == row.id).order_by(SignIn.created_at))
        ],
        "memberships": [
            {
                "tenant": name,
                "kind": kind,
                "role": membership.role,
                "since": _moment(membership.created_at),
                "until": _moment(membership.ended_at),
            }
            for membership, name, kind in memberships
        ],
        "consents": [
            {
                "purpose": act.purpose,
                "text_version": act.version,
                "text_sha256": act.text_sha256,
                "given": act.given,
                "at": _moment(act.at),
            }
            for act in session.scalars(
                select(PersonConsent).where(PersonConsent.user_id == row.id).order_by(PersonConsent.at)
            )
        ],
        "signs_in_with": _other_rows(session, row.id),
        "account_events": _events(session, select(AccountEvent).where(AccountEvent.actor_id == row.id), locale),
        "events_in_tenants": _events(session, select(AuditEvent).where(AuditEvent.actor_id == row.id), locale),
    }


def _other_rows(session: Session, user_id: int) -> dict[str, list[dict[str, Any]]]:
    """Whatever else belongs to the person, table by table, without what opens a door."""
    found: dict[str, list[dict[str, Any]]] = {}
    for table, column in persons_tables():
        if table.name not in TOLD_APART:
            columns = [item for item in table.columns if not is_secret(item.name)]
            rows = session.connection().execute(select(*columns).where(column == user_id)).mappings()
            found[table.name] = [{name: to_json(value) for name, value in row.items()} for row in rows]
    return found


def _events(session: Session, query: Any, locale: str) -> list[dict[str, Any]]:
    events = list(session.scalars(query.order_by(query.selected_columns.at)))
    stored = [value for event in events for value in event.details.values() if isinstance(value, dict)]
    keys = readable_keys(session, [value["subject"] for value in stored])
    found = []
    for event in events:
        read = {
            name: reveal(keys, event.id, name, value) if isinstance(value, dict) else value
            for name, value in event.details.items()
        }
        tenant_id = getattr(event, "tenant_id", None)
        found.append(
            {
                "event": event.event,
                "at": _moment(event.at),
                "what": tell(event.event, read, locale),
                **({"tenant_id": str(tenant_id)} if tenant_id else {}),
            }
        )
    return found


def _moment(value: Any) -> str | None:
    return value.isoformat() if value else None


def own_archive(data: Mapping[str, Any], locale: str, made_at: Any) -> bytes:
    """A ZIP with the data for programs and a page for the person, in their language."""
    with force_locale(locale):
        page = render_template("reports/person.html", data=data, roles=ROLE_WORDS, made_at=made_at, locale=locale)
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("index.html", page)
        archive.writestr("data.json", json.dumps(data, ensure_ascii=False, indent=1))
    return target.getvalue()


def note_own_export(session: Session, user_id: int, clock: Clock) -> None:
    record_for_account(session, clock, "account.exported", user_id)
    session.flush()


# Closing the account


def ask_to_close(session: Session, user: User, typed: str, *, site: str, clock: Clock) -> AccountDeletion:
    """The person asks, having typed their contact; `Conflict` while they are the only owner of something."""
    row: Any = user
    contact = read_contact(typed)
    if contact is None or contact.value not in (user.email, row.us_phone_number, user.claimed):
        raise Invalid("closing_contact")
    if open_closing(session, row.id) is not None:
        raise Conflict("closing_asked_already")
    if sole_ownerships(session, row.id):
        raise Conflict("closing_sole_owner")
    closing = AccountDeletion(
        id=uuid.uuid4(), user_id=row.id, asked_at=clock.now(), due_on=clock.today() + GRACE, site=site
    )
    session.add(closing)
    record_for_account(session, clock, "account.deletion_requested", row.id, due=closing.due_on)
    session.flush()
    _tell(session, reader_of(user), closing, "account_asked", clock)
    return closing


def cancel_closing(session: Session, user_id: int, clock: Clock) -> None:
    closing = open_closing(session, user_id)
    if closing is None:
        raise NotFound("closing")
    closing.cancelled_at = clock.now()
    record_for_account(session, clock, "account.deletion_cancelled", user_id)
    session.flush()


def open_closing(session: Session, user_id: int) -> AccountDeletion | None:
    return session.scalar(select(AccountDeletion).where(AccountDeletion.user_id == user_id, *_open()))


def _open() -> tuple[Any, ...]:
    return AccountDeletion.cancelled_at.is_(None), AccountDeletion.done_at.is_(None)


def sole_ownerships(session: Session, user_id: int) -> list[Tenant]:
    """The tenants that would be left without an owner."""
    mine = (Membership.user_id == user_id) & (Membership.role == "owner") & Membership.ended_at.is_(None)
    another = aliased(Membership)
    other = (
        select(another.user_id)
        .where(
            another.tenant_id == Tenant.id,
            another.user_id != user_id,
            another.role == "owner",
            another.ended_at.is_(None),
        )
        .exists()
    )
    query = select(Tenant).join(Membership, Membership.tenant_id == Tenant.id).where(mine, ~other)
    return list(session.scalars(query.order_by(Tenant.name)))


def closings_to_announce(session: Session, today: date) -> list[AccountDeletion]:
    near = (AccountDeletion.due_on <= today + REMINDED) & AccountDeletion.reminded_at.is_(None)
    return list(session.scalars(select(AccountDeletion).where(near, *_open())))


def closings_due(session: Session, today: date) -> list[uuid.UUID]:
    query = select(AccountDeletion.id).where(AccountDeletion.due_on <= today, *_open())
    return list(session.scalars(query.order_by(AccountDeletion.due_on)))


def remind_of_closing(session: Session, closing: AccountDeletion, clock: Clock) -> None:
    _tell(session, reader_of(session.get_one(User, closing.user_id)), closing, "account_near", clock)
    closing.reminded_at = clock.now()
    session.flush()


def _tell(
    session: Session, reader: Reader, closing: AccountDeletion, letter: str, clock: Clock, *, tenant: str = ""
) -> None:
    link, due = f"{closing.site}/account/data", closing.due_on
    write_letter(session, reader, letter, clock, lambda: {"due": day_prose(due), "link": link, "tenant": tenant})


def close_account(session: Session, closing_id: uuid.UUID, clock: Clock) -> bool:
    """Empty the person's row and destroy what leads to them; whether it was done. The session works across tenants.

    Whoever has become the only owner of something meanwhile is told, and the account waits for the next night.
    """
    closing = session.scalar(select(AccountDeletion).where(AccountDeletion.id == closing_id, *_open()))
    if closing is None or closing.due_on > clock.today():
        return False
    user = session.get_one(User, closing.user_id)
    reader = reader_of(user)
    alone = sole_ownerships(session, reader.user_id)
    if alone:
        if closing.due_on == clock.today():  # once is enough
            _tell(session, reader, closing, "account_waits", clock, tenant=alone[0].name)
        return False
    contacts = [str(value) for value in (user.email, user.us_phone_number, user.claimed) if value]
    _end_memberships(session, user, clock)
    record_for_account(session, clock, "account.deletion_done", reader.user_id)
    session.flush()
    _destroy(session, user, contacts, clock)
    closing.done_at = clock.now()
    session.flush()
    done = clock.now()
    write_letter(session, reader, "account_done", clock, lambda: {"day": day_prose(done)})
    return True


def _end_memberships(session: Session, user: User, clock: Clock) -> None:
    row: Any = user
    live = select(Membership).where(Membership.user_id == row.id, Membership.ended_at.is_(None))
    for membership in session.scalars(live):
        membership.ended_at = clock.now()
        details: dict[str, Any] = {"user_id": str(row.id), "name": Personal(subject_of_user(row.id), user.name)}
        record(session, clock, "member.removed", row.id, membership.tenant_id, **details)


def _destroy(session: Session, user: User, contacts: list[str], clock: Clock) -> None:
    """Whatever names the person, opens their account, or was on its way to them."""
    row: Any = user
    for table, column in persons_tables():
        session.connection().execute(delete(table).where(column == row.id))
    forget_failures(session, *(by_account(contact) for contact in contacts))
    session.execute(delete(Message).where(Message.recipient.in_([contact_of(value).value for value in contacts])))
    _forget_invitations(session, contacts, clock)
    erase_subject(session, subject_of_user(row.id), clock)
    users: Any = User.__table__
    emptied = {column.name: None for column in users.columns if column.nullable}
    kept = {"name": CLOSED, "password": NO_PASSWORD, "active": False, "fs_uniquifier": uuid.uuid4().hex}
    session.connection().execute(update(users).where(users.c.id == row.id).values(emptied | kept))
    session.expire_all()


def persons_tables() -> list[tuple[Table, Column[Any]]]:
    """What belongs to a person alone and goes with them: the schema says so of its reference to people."""
    return [
        (table, next(iter(key.columns)))
        for table in reversed(Base.metadata.sorted_tables)
        for key in table.foreign_key_constraints
        if key.referred_table.name == "users" and key.ondelete == "CASCADE"
    ]


def _forget_invitations(session: Session, contacts: list[str], clock: Clock) -> None:
    """Invitations name the contact; those that are over keep their row without it, open ones are taken back."""
    meant = Invitation.contact.in_(contacts)
    for number in session.scalars(select(Invitation.id).where(meant)):
        erase_subject(session, subject_of_invitation(number), clock)
    still_open = Invitation.accepted_at.is_(None) & Invitation.revoked_at.is_(None)
    session.execute(update(Invitation).where(meant, still_open).values(revoked_at=clock.now()))
    session.execute(update(Invitation).where(meant).values(contact=""))
