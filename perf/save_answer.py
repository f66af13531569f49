"""Saving one answer over HTTP against the same two writes without questionnaire and engine."""

from __future__ import annotations

import itertools
import sys
from collections.abc import Iterator
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.orm import Session

from maturity.assessments.models import Answer, AnswerVersion
from perf.client import Client
from perf.data import EMAIL, PASSWORD, Form, Subject, in_app, prepare
from perf.measure import Comparison, compare, options_of, show
from perf.servers import Web, installation, serving

FLOOR = "session, token, tenant check, the same two writes, commit"
RATIO, CPU_MS = 1.5, 20


class Saver:
    """One person answering: question after question, each save with the version the last one led to."""

    def __init__(self, client: Client, url: str, turns: Iterator[tuple[str, Form]], version: int) -> None:
        self.client, self.url, self.turns = client, url, turns
        self.start = version
        self.versions: dict[str, int] = {}

    def __call__(self) -> None:
        name, form = next(self.turns)
        seen = self.versions.get(name, self.start)
        reply = self.client.post(f"{self.url}/answers/{name}", form | {f"version.{name}": str(seen)})
        self.versions[name] = int(reply.json()["version"])

    def forget(self) -> None:
        self.versions.clear()


def changes(subject: Subject) -> Iterator[tuple[str, Form]]:
    """Every question that has a second answer, again and again, each time with the other answer."""
    pairs = {name: forms for name, forms in subject.forms.items() if forms[0] != forms[1]}
    for turn in itertools.count(1):
        for name, forms in pairs.items():
            yield name, forms[turn % 2]


def first_answers(subject: Subject) -> Iterator[tuple[str, Form]]:
    """The questionnaire from its first question to its last, again and again."""
    for _ in itertools.count():
        for name, forms in subject.forms.items():
            yield name, forms[0]


def measure(database: str, rounds: int, repeats: int) -> list[Comparison]:
    with installation(database) as environment:
        subject = prepare(environment)
        with serving(environment, application="perf.floor:application()") as web:
            client = Client(web.port)
            client.sign_in(EMAIL, PASSWORD)
            return [
                _change(database, web, client, subject, rounds, repeats),
                _first(database, web, client, subject, rounds, environment),
            ]


def _change(database: str, web: Web, client: Client, subject: Subject, rounds: int, repeats: int) -> Comparison:
    """Changing an answer of a questionnaire that is answered whole: the most there ever is to read and to score."""
    return compare(
        f"change an answer, {database}",
        FLOOR,
        Saver(client, subject.path(f"assessments/{subject.draft_id}"), changes(subject), 1),
        Saver(client, subject.path(f"floor/{subject.floor_id}"), changes(subject), 1),
        rounds=rounds,
        repeats=repeats,
        cpu=web.cpu_seconds,
        ratio_target=RATIO,
        cpu_target_ms=CPU_MS,
    )


def _first(
    database: str, web: Web, client: Client, subject: Subject, rounds: int, environment: dict[str, str]
) -> Comparison:
    """Answering a blank questionnaire once from beginning to end."""
    savers = [
        Saver(client, subject.path(rest), first_answers(subject), 0)
        for rest in (f"assessments/{subject.blank_id}", f"floor/{subject.floor_id}")
    ]

    def blank() -> None:
        in_app(environment, lambda session: forget_answers(session, subject.blank_id, subject.floor_id))
        for saver in savers:
            saver.forget()

    return compare(
        f"answer from blank, {database}",
        FLOOR,
        *savers,
        rounds=rounds,
        repeats=len(subject.forms),
        cpu=web.cpu_seconds,
        reset=blank,
        ratio_target=RATIO,
        cpu_target_ms=CPU_MS,
    )


def forget_answers(session: Session, *assessments: UUID) -> None:
    for table in (Answer, AnswerVersion):
        session.execute(delete(table).where(table.assessment_id.in_(assessments)))


def main() -> int:
    options = options_of(__doc__ or "", rounds=40, repeats=20)
    show(measure(options.database, options.rounds, options.repeats))
    return 0


if __name__ == "__main__":
    sys.exit(main())
