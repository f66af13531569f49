"""The set-up of a new installation: the operator's account, then step by step, each of which can be resumed."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import UTC
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from maturity.accounts.contacts import Contact
from maturity.accounts.models import User
from maturity.audit.service import record
from maturity.audit.vocabulary import Personal, subject_of_user
from maturity.clock import Clock
from maturity.db import for_tenant
from maturity.editions.models import EditionRecord
from maturity.errors import Conflict, NotFound
from maturity.installation.models import EXTENTS, Installation
from maturity.installation.service import installation_of, use_token
from maturity.jobs.models import Job
from maturity.jobs.service import ask_for_job
from maturity.tenancy.models import Membership
from maturity.tenancy.service import PLATFORM, ensure_platform

STEPS = ("site", "services", "content", "summary")
KIND = "demonstration"


@dataclass(frozen=True, slots=True)
class Account:
    """Who will run the installation."""

    name: str
    contact: Contact
    password_hash: str
    locale: str


def make_operator(session: Session, token: str, account: Account, clock: Clock) -> User:
    """The first account of the operator's staff; the token is void from then on.

    Whoever has the token has the machine's console, so the contact counts as proved. `NotFound` for a token that is not
    the one, or when another account was made a moment ago.
    """
    use_token(session, token, clock)
    now = clock.now()
    by_mail = account.contact.kind == "email"
    user: Any = User(
        email=account.contact.value if by_mail else None,
        us_phone_number=None if by_mail else account.contact.value,
        password=account.password_hash,
        name=account.name.strip(),
        locale=account.locale,
        active=True,
        fs_uniquifier=uuid.uuid4().hex,
        confirmed_at=now.astimezone(UTC).replace(tzinfo=None),
    )
    session.add(user)
    ensure_platform(session, clock)
    session.flush()
    session.add(Membership(tenant_id=PLATFORM, user_id=user.id, role="owner", created_at=now))
    row = session.get_one(Installation, 1)
    row.set_up_by = user.id
    session.flush()
    details: dict[str, Any] = {"user_id": str(user.id), "name": Personal(subject_of_user(user.id), user.name)}
    with for_tenant(session, PLATFORM):
        record(session, clock, "member.joined", user.id, PLATFORM, role="owner", **details)
        session.flush()
    return user


def open_row(session: Session, tenant_id: uuid.UUID) -> Installation:
    """The installation while its set-up goes on; `NotFound` before it began and once it is finished."""
    row = installation_of(session)
    if row is None or tenant_id != PLATFORM or row.set_up_by is None or row.set_up_at is not None:
        raise NotFound("set_up")
    return row


def next_step(row: Installation) -> str:
    """Where the set-up goes on."""
    done = {"site": row.site_at, "services": row.services_at, "content": row.content_at}
    return next((step for step in STEPS if done.get(step) is None), "summary")


def save_site(
    session: Session, row: Installation, *, name: str, address: str, residency: str, actor_id: int, clock: Clock
) -> None:
    """Who operates the site, where it is reached and where its data are kept."""
    row.name, row.address, row.residency = name.strip(), address.strip().rstrip("/"), residency.strip()
    row.site_at = row.site_at or clock.now()
    record(session, clock, "operation.site_changed", actor_id, PLATFORM)
    session.flush()


def note_services(session: Session, row: Installation, clock: Clock) -> None:
    """The operator has seen what sends and scans, and what is switched off."""
    row.services_at = row.services_at or clock.now()
    session.flush()


def editions_of(session: Session) -> list[str]:
    """The editions that are stored, such as `lianghua/2026.1`."""
    query = select(EditionRecord.framework, EditionRecord.edition)
    rows = session.execute(query.order_by(EditionRecord.framework, EditionRecord.edition)).tuples()
    return [f"{framework}/{edition}" for framework, edition in rows]


def choose_content(session: Session, row: Installation, extent: str, *, actor_id: int, clock: Clock) -> Job:
    """Have the worker store the editions and as much of the demonstration as is wanted."""
    if extent not in EXTENTS:
        raise Conflict("set_up_unfinished")
    row.demonstration = extent
    row.content_at = row.content_at or clock.now()
    return ask_for_job(session, PLATFORM, KIND, extent, {"extent": extent}, actor_id=actor_id, clock=clock)


def content_job(session: Session, row: Installation) -> Job | None:
    """The job of what was chosen; the session works for the operator's tenant."""
    wanted = (Job.kind == KIND) & (Job.key == (row.demonstration or ""))
    return session.scalar(select(Job).where(wanted))


def finish(session: Session, row: Installation, *, actor_id: int, clock: Clock) -> None:
    """Close the set-up for good; `Conflict` while a step is not done."""
    if next_step(row) != "summary":
        raise Conflict("set_up_unfinished")
    row.set_up_at = clock.now()
    record(session, clock, "operation.set_up", actor_id, PLATFORM)
    session.flush()
