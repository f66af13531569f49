"""Reading a tenant's part of the audit log: filters, pages by position in time, entries in a person's words."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from flask_babel import gettext
from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from maturity.accounts.models import User
from maturity.audit.chain import instant
from maturity.audit.keys import readable_keys, reveal
from maturity.audit.models import AuditEvent, AuditSeal
from maturity.audit.sealer import content_of
from maturity.audit.vocabulary import EVENTS, GROUPS, belongs_to_account, group_of, outline, tell
from maturity.clock import LOCAL
from maturity.tenancy.models import GrantVisit, Membership

PAGE = 50
EXPORT_PAGE = 1000


@dataclass(frozen=True, slots=True)
class Filters:
    """What the reader asked for, as typed; `wrong` says of each part that cannot be used what to do."""

    event: str = ""
    person: str = ""
    since: str = ""
    until: str = ""

    @classmethod
    def of(cls, given: Mapping[str, str]) -> Filters:
        return cls(*(given.get(name, "").strip()[:60] for name in ("event", "person", "since", "until")))

    def asked(self) -> dict[str, str]:
        """The parts that are filled, for an address."""
        parts = {"event": self.event, "person": self.person, "since": self.since, "until": self.until}
        return {name: value for name, value in parts.items() if value}

    def wrong(self) -> dict[str, str]:
        found: dict[str, str] = {}
        if self.event and self.event not in (*EVENTS, *GROUPS):
            found["event"] = gettext("Choose one of the list.")
        if self.person and not (self.person.isascii() and self.person.isdecimal() and len(self.person) < 10):
            found["person"] = gettext("Choose one of the list.")
        for name, value in (("since", self.since), ("until", self.until)):
            if value and _day(value) is None:
                found[name] = gettext("Write the day as 2026-03-31.")
        first, last = _day(self.since), _day(self.until)
        if first and last and last < first:
            found["until"] = gettext("The last day lies before the first. Exchange the two.")
        return found

    def conditions(self) -> Iterator[ColumnElement[bool]]:
        if self.event in GROUPS:
            yield AuditEvent.event.startswith(f"{self.event}.", autoescape=True)
        elif self.event:
            yield AuditEvent.event == self.event
        if self.person:
            yield AuditEvent.actor_id == int(self.person)
        if first := _day(self.since):
            yield AuditEvent.at >= _beginning(first)
        if last := _day(self.until):
            yield AuditEvent.at < _beginning(last + timedelta(days=1))


def _day(text: str) -> date | None:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if 2000 <= found.year < 2200 else None


def _beginning(day: date) -> datetime:
    return datetime.combine(day, time(), LOCAL)


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a page ends; the next one begins after it, whatever has been added meanwhile."""

    at: datetime
    id: uuid.UUID

    def __str__(self) -> str:
        return f"{instant(self.at)}~{self.id}"

    @classmethod
    def parse(cls, text: str) -> Cursor | None:
        at, _, number = text.partition("~")
        try:
            moment = datetime.fromisoformat(at)
            return cls(moment, uuid.UUID(number)) if moment.tzinfo else None
        except ValueError:
            return None


@dataclass(frozen=True, slots=True)
class Entry:
    """One event as the reader sees it; `details` with what is personal made readable, None where it is erased."""

    row: AuditEvent
    seal: AuditSeal | None
    actor: str
    sentence: str
    details: Mapping[str, Any]

    @property
    def local_time(self) -> str:
        return f"{self.row.at.astimezone(LOCAL):%Y-%m-%d %H:%M:%S}"

    @property
    def cursor(self) -> Cursor:
        return Cursor(self.row.at, self.row.id)

    def as_data(self) -> dict[str, Any]:
        """For programs: what a person reads, and beside it exactly what is hashed, so that the seal can be checked."""
        seal = self.seal and {
            "position": self.seal.position,
            "previous": self.seal.previous,
            "hash": self.seal.hash,
            "sealed_at": instant(self.seal.sealed_at),
        }
        read = {"actor": self.actor, "sentence": self.sentence, "details": dict(self.details)}
        return {"event": content_of(self.row), "seal": seal, "read": read}


@dataclass(slots=True)
class LogReader:
    """Reads the log of one tenant in one language. The number of queries does not depend on what is read."""

    session: Session
    tenant_id: uuid.UUID
    locale: str
    people: dict[int, str] = field(init=False)

    def __post_init__(self) -> None:
        self.people = self._people()

    def page(self, filters: Filters, after: Cursor | None = None, limit: int = PAGE) -> tuple[list[Entry], bool]:
        """The newest entries, or those that follow the cursor, and whether there are older ones."""
        query = (
            select(AuditEvent, AuditSeal)
            .outerjoin(AuditSeal, AuditSeal.event_id == AuditEvent.id)
            .where(*filters.conditions())
            .order_by(AuditEvent.at.desc(), AuditEvent.id.desc())
            .limit(limit + 1)
        )
        if after is not None:
            older = or_(AuditEvent.at < after.at, AuditEvent.id < after.id)
            query = query.where(AuditEvent.at <= after.at, older)
        rows = [(event, seal) for event, seal in self.session.execute(query)]
        return self._entries(rows[:limit]), len(rows) > limit

    def everything(self, filters: Filters) -> Iterator[Entry]:
        """All entries, newest first, page by page, so that a long log needs no more memory than a short one.

        They are read while the file is sent, after the request has ended: the session is closed here, by us.
        """
        after, more = None, True
        try:
            while more:
                entries, more = self.page(filters, after, EXPORT_PAGE)
                yield from entries
                after = entries[-1].cursor if entries else None
                self.session.expunge_all()
        finally:
            self.session.close()

    def _entries(self, rows: Sequence[tuple[AuditEvent, AuditSeal | None]]) -> list[Entry]:
        details = self._readable([event for event, _seal in rows])
        return [
            Entry(event, seal, self.name_of(event.actor_id), tell(event.event, read, self.locale), read)
            for (event, seal), read in zip(rows, details, strict=True)
        ]

    def _readable(self, events: Sequence[AuditEvent]) -> list[dict[str, Any]]:
        stored = [value for event in events for value in event.details.values() if isinstance(value, dict)]
        keys = readable_keys(self.session, [value["subject"] for value in stored])
        return [
            {
                name: reveal(keys, event.id, name, value) if isinstance(value, dict) else value
                for name, value in event.details.items()
            }
            for event in events
        ]

    def name_of(self, actor_id: int | None) -> str:
        if actor_id is None:
            return gettext("The system")
        return self.people.get(actor_id) or gettext("Not a member (no. %(number)s)", number=actor_id)

    def _people(self) -> dict[int, str]:
        """Everybody who acted, by name; empty for who neither belonged to the tenant nor came in by a grant."""
        acted = select(AuditEvent.actor_id).distinct()
        member = select(Membership.user_id).where(Membership.tenant_id == self.tenant_id)
        visitor = select(GrantVisit.user_id).where(GrantVisit.tenant_id == self.tenant_id)
        names = select(User.id, User.name, User.email).where(or_(User.id.in_(member), User.id.in_(visitor)))
        known = {number: name or email for number, name, email in self.session.execute(names)}
        numbers = sorted(number for number in self.session.scalars(acted) if number is not None)
        return {number: known.get(number, "") for number in numbers}


def choices(locale: str) -> list[tuple[str, str, list[tuple[str, str]]]]:
    """Group, its words, and its events with theirs, to choose from."""
    return [
        (group, words.to(locale), [(name, outline(name, locale)) for name in EVENTS if group_of(name) == group])
        for group, words in GROUPS.items()
        if not belongs_to_account(f"{group}.")
    ]
