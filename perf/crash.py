"""Nothing that was acknowledged is lost when processes are killed: saves over HTTP, and reports being made.

Several people save answers as fast as they can while web processes are killed with SIGKILL at random moments, one
worker or all at once, and on PostgreSQL a process of the database, too; meanwhile reports are asked for and their
worker is killed while it makes them. Afterwards every save that was answered with 200 must stand in the history as it
was sent, and every report that was accepted must be there whole. The exit status is 1 when anything is missing.
"""

from __future__ import annotations

import argparse
import hashlib
import http.client
import os
import random
import signal
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from maturity.assessments.models import Answer, AnswerVersion
from maturity.db import writing
from maturity.jobs.models import Job
from maturity.reports.models import DocumentFile
from perf.client import Client, Reply, UnexpectedReply
from perf.data import EMAIL, PASSWORD, Form, Subject, database_url, prepare
from perf.servers import DATABASES, Web, cluster_processes, installation, worker_of

DOCUMENTS = (("report", "zh"), ("report", "en"), ("answers", "zh"), ("questionnaire", "en"))
PATIENCE = 300.0  # seconds for all documents: a silent worker's lease must run out first
BETWEEN_KILLS = (20, 150)  # acknowledged saves


@dataclass(slots=True)
class Ledger:
    """What the site has promised."""

    saves: list[tuple[str, int, str]] = field(default_factory=list)  # question, version, what was sent
    documents: list[str] = field(default_factory=list)  # what was asked for and accepted
    away: int = 0  # nobody was listening
    unanswered: int = 0  # requests that broke off without a reply
    refused: int = 0  # "busy, try again"
    conflicts: int = 0
    faults: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def acknowledge(self, question: str, version: int, sent: str) -> None:
        with self.lock:
            self.saves.append((question, version, sent))


@dataclass(slots=True)
class Person:
    """Saves answers to the same few questions, each time another number, and tries again as the page does."""

    client: Client
    url: str
    questions: dict[str, tuple[Form, str]]  # question id -> its form and the field that is changed
    ledger: Ledger
    first: int
    versions: dict[str, int] = field(default_factory=dict)

    def work(self, stop: threading.Event) -> None:
        number = self.first
        while not stop.is_set():
            for question in self.questions:
                number += 1
                self.save(question, str(number), stop)

    def save(self, question: str, number: str, stop: threading.Event) -> None:
        form, changed = self.questions[question]
        while not stop.is_set():
            sent = {**form, changed: number, f"version.{question}": str(self.versions.get(question, 1))}
            try:
                reply = self.client.try_post(f"{self.url}/{question}", sent)
            except ConnectionRefusedError:
                self.ledger.away += 1
                time.sleep(0.05)
                continue
            except (OSError, http.client.HTTPException):
                self.ledger.unanswered += 1
                continue
            if reply.status == 200:
                self.versions[question] = int(reply.json()["version"])
                self.ledger.acknowledge(question, self.versions[question], number)
                return
            if reply.status == 409 and "version" in reply.json():
                self.ledger.conflicts += 1
                self.versions[question] = int(reply.json()["version"])
            elif reply.status == 503:
                self.ledger.refused += 1
                time.sleep(0.05)
            else:
                self.ledger.faults.append(f"{question} answered {reply.status}: {reply.body[:200]}")
                return


class Site:
    """Web processes, worker and database of one installation, and the ways to kill them."""

    def __init__(self, environment: dict[str, str], subject: Subject, seed: int) -> None:
        self.environment, self.subject = environment, subject
        self.random = random.Random(seed)
        self.web = Web.of(environment, workers=2)
        self.worker = worker_of(environment)
        self.engine = sa.create_engine(database_url(environment), poolclass=sa.NullPool)
        self.kills: dict[str, int] = {}

    def kill_something_of_the_web(self) -> None:
        ways = [self._all_of_the_web, self._one_web_worker]
        if self.engine.dialect.name == "postgresql":
            ways.append(self._one_process_of_the_database)
        self.random.choice(ways)()

    def _all_of_the_web(self) -> None:
        self.web.kill()
        self.web.start()
        self.web.wait_until_up()
        self._count("web server with its workers")

    def _one_web_worker(self) -> None:
        pids = self.web.children()
        if pids:
            with suppress(ProcessLookupError):
                os.kill(self.random.choice(pids), signal.SIGKILL)
            self._count("one web worker")

    def _one_process_of_the_database(self) -> None:
        """PostgreSQL then stops all its processes at once and recovers from its log."""
        with suppress(ProcessLookupError):
            os.kill(self.random.choice(cluster_processes(self.environment)), signal.SIGKILL)
        self._count("one process of PostgreSQL")

    def kill_worker(self) -> None:
        self.worker.kill()
        at_work = self.is_making_a_document()
        self.worker.start()
        self._count("worker while it made a document" if at_work else "worker just after a document")

    def is_making_a_document(self) -> bool:
        return any(state == "running" for (state,) in self.rows(sa.select(Job.state)))

    def _count(self, what: str) -> None:
        self.kills[what] = self.kills.get(what, 0) + 1

    def rows(self, query: Any) -> list[Any]:
        """Read past the site; a database that is just recovering is asked again."""
        writing.set(False)
        for _ in range(200):
            try:
                with self.engine.connect() as connection:
                    return list(connection.execute(query))
            except sa.exc.OperationalError:
                time.sleep(0.1)
        raise RuntimeError("the database does not come back")

    def client(self) -> Client:
        client = Client(self.web.port)
        client.sign_in(EMAIL, PASSWORD)
        return client


def prove(database: str, *, kills: int, people: int, seed: int) -> bool:
    """Whether everything acknowledged is there after all the killing; prints the count."""
    with installation(database) as environment:
        subject = prepare(environment)
        site = Site(environment, subject, seed)
        site.web.start()
        site.worker.start()
        try:
            site.web.wait_until_up()
            ledger = _disturb(site, subject, kills, people)
            site.web.kill()
            site.web.start()
            site.web.wait_until_up()
            verdict = _judge(site, subject, ledger)
            _tell(database, site, ledger, verdict)
        finally:
            site.web.stop()
            site.worker.stop()
    return verdict.holds


def _disturb(site: Site, subject: Subject, kills: int, people: int) -> Ledger:
    ledger, stop = Ledger(), threading.Event()
    url = subject.path(f"assessments/{subject.draft_id}/answers")
    clients = [site.client() for _ in range(people)]
    threads = [
        threading.Thread(target=Person(client, url, mine, ledger, 1000 + 1_000_000 * number).work, args=(stop,))
        for number, (client, mine) in enumerate(zip(clients, _shares(subject, people), strict=True))
    ]
    reports = threading.Thread(target=_order_documents, args=(site, subject, site.client(), ledger))
    for thread in (*threads, reports):
        thread.start()
    for _ in range(kills):
        _wait_for_saves(ledger, site.random.randint(*BETWEEN_KILLS))
        time.sleep(site.random.uniform(0, 0.05))  # anywhere within a save
        site.kill_something_of_the_web()
    reports.join(timeout=PATIENCE)
    _wait_for_saves(ledger, BETWEEN_KILLS[0])
    stop.set()
    for thread in threads:
        thread.join()
    return ledger


def _wait_for_saves(ledger: Ledger, count: int) -> None:
    """Until so many more are acknowledged; a site that does not come back is a fault."""
    wanted, deadline = len(ledger.saves) + count, time.monotonic() + 60
    while len(ledger.saves) < wanted:
        if time.monotonic() > deadline:
            ledger.faults.append("for a minute nothing could be saved")
            return
        time.sleep(0.01)


def _shares(subject: Subject, people: int) -> list[dict[str, tuple[Form, str]]]:
    """Three questions for each person alone, and one that all of them change."""
    fields = {name: field for name, (form, _) in subject.forms.items() if (field := _number_field(form))}
    names = list(fields)
    forms = {name: (subject.forms[name][0], fields[name]) for name in names}
    shared = names.pop()
    shares = [names[start::people][:3] for start in range(people)]
    return [{name: forms[name] for name in (*share, shared)} for share in shares]


def _number_field(form: Form) -> str | None:
    """The field of a question that is one number; what is computed from two would only become implausible."""
    values = list(form.values())
    return next(iter(form)) if len(form) == 1 and values[0] == "100" else None


def _order_documents(site: Site, subject: Subject, client: Client, ledger: Ledger) -> None:
    """Ask for each document and kill the worker once while it makes it."""
    for kind, language in DOCUMENTS:
        assessment = subject.submitted_id if kind == "report" else subject.floor_id
        language_switched = _insist(client.get, subject.path(f"?lang={language}"), 302)
        path = subject.path(f"assessments/{assessment}/documents/{kind}")
        if not (language_switched and _insist(client.post, path, {}, 302)):
            ledger.faults.append(f"{kind} in {language} could not be asked for")
            continue
        ledger.documents.append(f"{kind} {language}")
        _kill_worker_at_work(site)


def _insist(ask: Callable[..., Reply], *arguments: Any) -> bool:
    """Try until the site replies as it should; while it is killed it may not reply at all."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with suppress(OSError, http.client.HTTPException, UnexpectedReply):
            ask(*arguments)
            return True
        time.sleep(0.2)
    return False


def _kill_worker_at_work(site: Site) -> None:
    deadline = time.monotonic() + PATIENCE / len(DOCUMENTS)
    while time.monotonic() < deadline:
        if site.is_making_a_document():
            time.sleep(site.random.uniform(0, 1.5))
            site.kill_worker()
            return
        time.sleep(0.02)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was promised and is not there, and what else is not as it must be."""

    lost_saves: list[str]
    lost_documents: list[str]
    faults: list[str]

    @property
    def holds(self) -> bool:
        return not (self.lost_saves or self.lost_documents or self.faults)


def _judge(site: Site, subject: Subject, ledger: Ledger) -> Verdict:
    history = {
        (question, version): facts
        for question, version, facts in site.rows(
            sa.select(AnswerVersion.question_id, AnswerVersion.version, AnswerVersion.facts).where(
                AnswerVersion.assessment_id == subject.draft_id
            )
        )
    }
    lost = [
        f"{question} version {version} = {sent}"
        for question, version, sent in ledger.saves
        if sent not in (history.get((question, version)) or {}).values()
    ]
    faults = ledger.faults + _torn(site, subject, history)
    twice = len(ledger.saves) - len({save[:2] for save in ledger.saves})
    if twice:
        faults.append(f"{twice} versions were acknowledged to two people")
    return Verdict(lost, _missing_documents(site, subject, ledger), faults)


def _torn(site: Site, subject: Subject, history: dict[tuple[str, int], Any]) -> list[str]:
    """Where an answer and its history do not belong together, or the history has a hole."""
    faults = []
    query = sa.select(Answer.question_id, Answer.version, Answer.facts).where(Answer.assessment_id == subject.draft_id)
    for question, version, facts in site.rows(query):
        versions = sorted(number for name, number in history if name == question)
        if versions != list(range(1, version + 1)) or history[question, version] != facts:
            faults.append(f"{question}: the answer is at version {version}, its history has {versions}")
    return faults


def _missing_documents(site: Site, subject: Subject, ledger: Ledger) -> list[str]:
    """Accepted documents that are not there whole within the time a killed worker's lease takes."""
    states = _states_when_over(site, subject)
    missing = [f"a job ended {state}" for state in states if state != "done"]
    files = site.rows(sa.select(DocumentFile.sha256, DocumentFile.size).where(_belongs_to(subject)))
    if len(files) != len(ledger.documents):
        missing.append(f"{len(ledger.documents)} documents were accepted, {len(files)} are recorded")
    for sha256, size in files:
        path = Path(site.environment["MATURITY_DATA"]) / "documents" / f"{sha256}.pdf"
        content = path.read_bytes() if path.exists() else b""
        if len(content) != size or hashlib.sha256(content).hexdigest() != sha256 or b"%%EOF" not in content[-32:]:
            missing.append(f"the file of document {sha256[:12]} is not whole")
    return missing


def _belongs_to(subject: Subject) -> Any:
    return DocumentFile.tenant_id == subject.tenant_id


def _states_when_over(site: Site, subject: Subject) -> list[str]:
    deadline = time.monotonic() + PATIENCE
    query = sa.select(Job.state).where(Job.tenant_id == subject.tenant_id)
    while time.monotonic() < deadline:
        states = [state for (state,) in site.rows(query)]
        if all(state in ("done", "failed") for state in states):
            break
        time.sleep(0.5)
    return states


def durability(site: Site) -> str:
    """How the database writes. A killed process does not lose what the operating system holds; a power cut would."""
    names = ("fsync", "synchronous_commit", "full_page_writes")
    if site.engine.dialect.name == "sqlite":
        names = ("journal_mode", "synchronous")
        return ", ".join(f"{name}={site.rows(sa.text(f'PRAGMA {name}'))[0][0]}" for name in names)
    return ", ".join(f"{name}={site.rows(sa.text(f'SHOW {name}'))[0][0]}" for name in names)


def _tell(database: str, site: Site, ledger: Ledger, verdict: Verdict) -> None:
    saves, documents = len(ledger.saves), len(ledger.documents)
    lost, undone = len(verdict.lost_saves), len(verdict.lost_documents)
    print(f"{database} ({durability(site)})")
    print("  killed:", ", ".join(f"{what} x{count}" for what, count in sorted(site.kills.items())))
    print(f"  saves: acknowledged {saves}, found {saves - lost}, lost={lost}")
    print(f"  documents: accepted {documents}, found whole {documents - undone}, lost={undone}")
    print(
        f"  on the way: {ledger.unanswered} saves broke off and were sent again, {ledger.away} found nobody listening, "
        f"{ledger.refused} were told to wait, {ledger.conflicts} were shown another's answer"
    )
    print(f"  other faults: {len(verdict.faults)}")
    for fault in (*verdict.lost_saves[:10], *verdict.lost_documents[:10], *verdict.faults[:10]):
        print("   ", fault)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--database", choices=DATABASES, default="sqlite")
    parser.add_argument("--kills", type=int, default=12, help="how often web processes are killed (default 12)")
    parser.add_argument("--people", type=int, default=4, help="how many save at the same time (default 4)")
    parser.add_argument("--seed", type=int, default=int(time.time()), help="for the moments and victims")
    options = parser.parse_args()
    print(f"seed {options.seed}")
    held = prove(options.database, kills=options.kills, people=options.people, seed=options.seed)
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main())
