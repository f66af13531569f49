"""A deadline evening: 5,000 people signed in, each saving once every two minutes, then all of them at once.

The load is open: a save is due at its time whether or not earlier ones are back, and its latency counts from then. A
save that is refused because the site is busy, or that breaks off, is tried again as the page does. Afterwards every
acknowledged save must stand in the history. The exit status is 1 when one is missing or a target is missed.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import secrets
import sys
import time
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import sqlalchemy as sa
from flask.sessions import SecureCookieSessionInterface
from flask_wtf.csrf import generate_csrf
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from config import from_env
from maturity.accounts.models import SignIn, User
from maturity.accounts.sign_ins import hash_of
from maturity.app import create_app
from maturity.assessments.models import Answer, AnswerVersion, Assessment
from maturity.organisations.models import Enterprise
from maturity.tenancy.models import Membership, Tenant
from perf.data import Form, Subject, database_url, in_app, prepare
from perf.servers import DATABASES, LOCAL, installation, serving

PEOPLE, PERIOD, MINUTES = 5000, 120.0, 10.0
P99_TARGET_S, DRAIN_TARGET_S = 1.0, 120.0
GIVE_UP_S = 60.0
RETRY_S = (3.0, 6.0)  # as static/js/answers.js


@dataclass(slots=True)
class Person:
    """One of the five thousand: where they save, their cookie, and what each question's version is by now."""

    path: str
    cookie: str
    assessment: str
    versions: dict[str, int] = field(default_factory=dict)


@dataclass(slots=True)
class Saves:
    """What came of the saves of one part of the evening."""

    latencies: list[float] = field(default_factory=list)
    acknowledged: list[tuple[str, str, int]] = field(default_factory=list)
    busy: int = 0  # answered with "busy, try again"
    broken: int = 0  # no reply at all
    faults: list[str] = field(default_factory=list)

    def quantile(self, share: float) -> float:
        ordered = sorted(self.latencies)
        return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else float("nan")


def fill(session: Session, subject: Subject, people: int) -> list[tuple[str, str, str]]:
    """That many enterprises with an owner each and a copy of the answered draft; (tenant, draft, cookie's secret)."""
    now = datetime.now(UTC)
    draft = session.get_one(Assessment, subject.draft_id)
    enterprise = session.get_one(Enterprise, draft.enterprise_id)
    kept = ("industry", "region", "headcount", "revenue_wan", "production_type", "is_group", "designs_products")
    rows: dict[Any, list[dict[str, Any]]] = {
        table: [] for table in (User, Tenant, Membership, Enterprise, Assessment, SignIn)
    }
    found = []
    first = 1 + (session.scalar(select(sa.func.max(User.id))) or 0)
    for number in range(people):
        tenant, business, assessment = uuid.uuid4(), uuid.uuid4(), uuid.uuid4()
        person, secret, mark = first + number, secrets.token_urlsafe(32), uuid.uuid4().hex
        name = f"期限企业{number:05}"
        rows[User].append(
            {"id": person, "email": f"d{number}@demo.example", "name": name, "active": True, "fs_uniquifier": mark}
        )
        rows[Tenant].append({"id": tenant, "kind": "enterprise", "name": name, "created_at": now})
        rows[Membership].append({"tenant_id": tenant, "user_id": person, "role": "owner", "created_at": now})
        rows[Enterprise].append(
            {
                "id": business,
                "tenant_id": tenant,
                "name": name,
                "uscc": f"{number:018}",
                "exports": True,
                "created_at": now,
                **{column: getattr(enterprise, column) for column in kept},
            }
        )
        rows[Assessment].append(
            {
                "id": assessment,
                "tenant_id": tenant,
                "enterprise_id": business,
                "edition_sha256": draft.edition_sha256,
                "period": draft.period,
                "profile": draft.profile,
                "status": "draft",
                "started_at": now,
            }
        )
        rows[SignIn].append(
            {
                "secret_hash": hash_of(secret),
                "user_id": person,
                "uniquifier": mark,
                "device": "",
                "address": "",
                "created_at": now,
                "seen_at": now,
            }
        )
        found.append((str(tenant), str(assessment), secret))
    for table, values in rows.items():
        session.execute(insert(table), values)
    for table in (Answer, AnswerVersion):
        _copy(session, table.__table__, subject.draft_id, [row["id"] for row in rows[Assessment]])
    return found


def _copy(session: Session, table: Any, draft: uuid.UUID, made: list[uuid.UUID]) -> None:
    """The draft's rows for each of the assessments that were made."""
    drafts = Assessment.__table__
    names = [column.name for column in table.columns]
    own = {"tenant_id": drafts.c.tenant_id, "assessment_id": drafts.c.id}
    for start in range(0, len(made), 500):
        part = made[start : start + 500]
        columns = (own.get(name, table.c[name]) for name in names)
        both = table.join(drafts, drafts.c.id.in_(part))
        query = select(*columns).select_from(both).where(table.c.assessment_id == draft)
        session.execute(insert(table).from_select(names, query))


def sign_all_in(environment: dict[str, str], made: list[tuple[str, str, str]]) -> tuple[list[Person], str]:
    """Their cookies, as a finished sign-in leaves them, and the token that all their pages carry."""
    app = create_app(from_env(environment))
    with app.test_request_context():
        from flask import session as kept

        token = generate_csrf()
        raw = kept["csrf_token"]
    signer = SecureCookieSessionInterface().get_signing_serializer(app)
    assert signer is not None
    name = app.config["SESSION_COOKIE_NAME"]
    now = time.time()

    def cookie(secret: str) -> str:
        content = {"_user_id": secret, "_fresh": True, "fs_paa": now, "csrf_token": raw, "locale": "zh_CN"}
        return f"{name}={signer.dumps(content)}"

    people = [
        Person(f"/t/{tenant}/assessments/{assessment}/answers/", cookie(secret), assessment)
        for tenant, assessment, secret in made
    ]
    return people, token


@dataclass(slots=True)
class Evening:
    """The people, the site they save on, and the answers they give in turn."""

    port: int
    token: str
    people: list[Person]
    forms: list[tuple[str, tuple[Form, Form]]]
    turn: int = 0

    async def save(self, person: Person, due: float, saves: Saves) -> None:
        """One save, tried again until it is acknowledged or the evening gives up on it."""
        self.turn += 1
        question, forms = self.forms[self.turn % len(self.forms)]
        seen = person.versions.get(question, 1)
        form = forms[seen % 2] | {f"version.{question}": str(seen)}
        body = urlencode(form, doseq=True).encode()
        while True:
            status, reply = await self._post(person, question, body)
            if status == 200:
                version = int(json.loads(reply)["version"])
                person.versions[question] = version
                saves.acknowledged.append((person.assessment, question, version))
                saves.latencies.append(time.monotonic() - due)
                return
            if status == 409:  # it was saved, and the reply was lost on the way
                person.versions[question] = seen + 1
                saves.acknowledged.append((person.assessment, question, seen + 1))
                saves.latencies.append(time.monotonic() - due)
                return
            if status == 0:
                saves.broken += 1
            elif status in (429, 503):
                saves.busy += 1
            else:
                saves.faults.append(f"{question}: {status} {reply[:120]}")
                return
            if time.monotonic() - due > GIVE_UP_S + DRAIN_TARGET_S:
                saves.faults.append(f"{question}: given up")
                return
            await asyncio.sleep(random.uniform(*RETRY_S))

    async def _post(self, person: Person, question: str, body: bytes) -> tuple[int, str]:
        head = (
            f"POST {person.path}{question} HTTP/1.1\r\nHost: {LOCAL}:{self.port}\r\nConnection: close\r\n"
            f"Accept: application/json\r\nContent-Type: application/x-www-form-urlencoded\r\n"
            f"X-CSRFToken: {self.token}\r\nCookie: {person.cookie}\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        writer = None
        try:
            async with asyncio.timeout(GIVE_UP_S):
                reader, writer = await asyncio.open_connection(LOCAL, self.port)
                writer.write(head.encode() + body)
                await writer.drain()
                answer = (await reader.read()).decode()
        except (OSError, TimeoutError):
            return 0, ""
        finally:
            if writer is not None:
                writer.close()
        if not answer:
            return 0, ""
        return int(answer.split(" ", 2)[1]), answer.partition("\r\n\r\n")[2]

    async def steadily(self, seconds: float) -> Saves:
        """Everybody once every two minutes, spread evenly."""
        saves, running = Saves(), set()
        gap, begun = PERIOD / len(self.people), time.monotonic()
        for number in range(int(seconds / gap)):
            due = begun + number * gap
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            task = asyncio.create_task(self.save(self.people[number % len(self.people)], due, saves))
            running.add(task)
            task.add_done_callback(running.discard)
        while running:
            await asyncio.wait(running)
        return saves

    async def at_once(self) -> tuple[Saves, float]:
        """Everybody in the same moment; and how long it took until the last one was acknowledged."""
        saves, begun = Saves(), time.monotonic()
        await asyncio.gather(*(self.save(person, begun, saves) for person in self.people))
        return saves, time.monotonic() - begun


def missing(url: str, saves: list[Saves]) -> int:
    """How many of the acknowledged saves do not stand in the history."""
    history = AnswerVersion.__table__
    columns = (history.c.assessment_id, history.c.question_id, history.c.version)
    engine = sa.create_engine(url)
    with engine.connect() as connection:
        there = {(str(row[0]), row[1], row[2]) for row in connection.execute(select(*columns).where(columns[2] > 1))}
    engine.dispose()
    return sum(one not in there for part in saves for one in part.acknowledged)


def prove(database: str, people: int, minutes: float, workers: int) -> bool:
    with installation(database) as environment:
        subject = prepare(environment)
        made = in_app(environment, lambda session: fill(session, subject, people))
        crowd, token = sign_all_in(environment, made)
        forms = [(name, pair) for name, pair in subject.forms.items() if pair[0] != pair[1]]
        with serving(environment, workers=workers) as web:
            evening = Evening(web.port, token, crowd, forms)
            steady = asyncio.run(evening.steadily(60 * minutes))
            cpu = web.cpu_seconds()
            burst, drained = asyncio.run(evening.at_once())
            cpu = web.cpu_seconds() - cpu
        lost = missing(database_url(environment), [steady, burst])
    rate = len(steady.latencies) / (60 * minutes)
    print(f"{database}: {people} signed in, {minutes:g} minutes, {workers} workers")
    print(
        f"  steady: {len(steady.latencies)} saves, {rate:.1f} a second; p50 {1000 * steady.quantile(0.5):.0f} ms, "
        f"p95 {1000 * steady.quantile(0.95):.0f} ms, p99 {1000 * steady.quantile(0.99):.0f} ms, "
        f"longest {1000 * max(steady.latencies):.0f} ms; busy {steady.busy}, broken off {steady.broken}"
    )
    print(
        f"  burst: {len(burst.latencies)} saves drained in {drained:.1f} s ({1000 * cpu / people:.1f} ms CPU each); "
        f"busy {burst.busy}, broken off {burst.broken}"
    )
    faults = steady.faults + burst.faults
    print(f"  acknowledged and lost: {lost}; faults: {len(faults)} {faults[:3]}")
    held = lost == 0 and not faults and len(burst.latencies) == people
    if database == "postgresql":
        held = held and steady.quantile(0.99) <= P99_TARGET_S and drained <= DRAIN_TARGET_S
    print(f"  {'held' if held else 'MISSED'}")
    return held


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", choices=DATABASES, default="postgresql")
    parser.add_argument("--people", type=int, default=PEOPLE)
    parser.add_argument("--minutes", type=float, default=MINUTES)
    parser.add_argument("--workers", type=int, default=2, help="of the web server; ./run starts two")
    options = parser.parse_args()
    return 0 if prove(options.database, options.people, options.minutes, options.workers) else 1


if __name__ == "__main__":
    sys.exit(main())
