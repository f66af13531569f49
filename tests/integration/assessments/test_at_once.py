"""Several people, or several tabs, at the same moment: nothing is overwritten and nothing acknowledged is lost."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from config import Config
from maturity.accounts.models import User
from maturity.assessments.models import Answer, AnswerVersion, Assessment, Submission
from maturity.assessments.service import get_assessment
from maturity.clock import FixedClock
from maturity.db import every_tenant
from maturity.tenancy.models import Tenant
from tests.factories import assessments as factory
from tests.factories.assessments import DECLARATION, answer_all, form_of
from tests.integration.assessments.conftest import JSON, at_once

Clients = Callable[[int], list[Any]]


def save(client: Any, base: str, question: str, fields: dict[str, Any], version: int = 0) -> Any:
    data = {f"version.{question}": version, **fields}
    return client.post(f"{base}/answers/{question}", data=data, headers=JSON)


def history(session: Session, question: str) -> list[Any]:
    query = select(AnswerVersion.facts).where(AnswerVersion.question_id == question).order_by(AnswerVersion.version)
    return list(session.scalars(query))


@pytest.mark.parametrize("round_number", range(4))
def test_of_those_who_saw_the_same_version_exactly_one_wins(
    clients: Clients, base: str, session: Session, round_number: int
) -> None:
    tasks = [
        partial(save, tab, base, "it_staff", {"it_staff": str(number)})
        for number, tab in enumerate(clients(6), start=1)
    ]
    replies = at_once(tasks)
    assert Counter(reply.status_code for reply in replies) == {200: 1, 409: 5}
    winner = next(str(number) for number, reply in enumerate(replies, start=1) if reply.status_code == 200)
    assert history(session, "it_staff") == [{"it_staff": winner}]
    assert {reply.json["facts"]["it_staff"] for reply in replies if reply.status_code == 409} == {winner}


def test_exactly_one_wins_over_an_answer_that_stands(clients: Clients, base: str, session: Session) -> None:
    tabs = clients(6)
    save(tabs[0], base, "it_staff", {"it_staff": "100"})
    tasks = [partial(save, tab, base, "it_staff", {"it_staff": str(n)}, 1) for n, tab in enumerate(tabs)]
    replies = at_once(tasks)
    assert Counter(reply.status_code for reply in replies) == {200: 1, 409: 5}
    assert len(history(session, "it_staff")) == 2


def test_the_history_has_both_attempts_in_the_order_in_which_they_won(
    clients: Clients, base: str, session: Session
) -> None:
    first, second = clients(2)
    save(first, base, "it_staff", {"it_staff": "5"})
    seen = save(second, base, "it_staff", {"it_staff": "7"}).json["version"]
    save(second, base, "it_staff", {"it_staff": "7"}, seen)
    assert history(session, "it_staff") == [{"it_staff": "5"}, {"it_staff": "7"}]


def _keep_saving(client: Any, base: str, values: range) -> list[tuple[int, str]]:
    """Save one value after the other, trying again with the version seen; what was acknowledged, by version."""
    acknowledged, version = [], 0
    for value in values:
        reply = save(client, base, "it_staff", {"it_staff": str(value)}, version)
        while reply.status_code == 409:
            version = reply.json["version"]
            reply = save(client, base, "it_staff", {"it_staff": str(value)}, version)
        version = reply.json["version"]
        acknowledged.append((version, str(value)))
    return acknowledged


def test_every_acknowledged_save_is_in_the_history(clients: Clients, base: str, session: Session) -> None:
    tasks = [
        partial(_keep_saving, tab, base, range(start, start + 8))
        for tab, start in zip(clients(3), (0, 100, 200), strict=True)
    ]
    acknowledged = sorted(pair for pairs in at_once(tasks) for pair in pairs)
    rows = session.execute(select(AnswerVersion.version, AnswerVersion.facts)).all()
    assert sorted((version, facts["it_staff"]) for version, facts in rows) == acknowledged
    assert [version for version, _ in acknowledged] == list(range(1, 25))


@pytest.mark.parametrize("round_number", range(3))
def test_different_questions_of_one_assessment_are_saved_at_the_same_time(
    clients: Clients, base: str, framework: Any, session: Session, round_number: int
) -> None:
    section = [name for name in framework.edition.section("governance").questions if not name.startswith("sme_")]
    names = [*section, "it_investment", "cloud_use"]
    tasks = [
        partial(save, tab, base, name, form_of(framework, name))
        for name, tab in zip(names, clients(len(names)), strict=True)
    ]
    assert {reply.status_code for reply in at_once(tasks)} == {200}
    assert set(session.scalars(select(Answer.question_id))) == set(names)


PROCESS = """
import json, sys
from config import from_env
from maturity.app import create_app
from tests.factories.people import sign_in
from types import SimpleNamespace

base, identity, question, values = json.loads(sys.argv[1])
app = create_app(from_env())
app.config["WTF_CSRF_ENABLED"] = False
client = app.test_client()
sign_in(client, SimpleNamespace(fs_uniquifier=identity, locale="en"))
print("ready", flush=True)
sys.stdin.readline()
for version, value in enumerate(values):
    data = {f"version.{question}": version, question: value}
    reply = client.post(f"{base}/answers/{question}", data=data, headers={"Accept": "application/json"})
    assert reply.status_code == 200, reply.text
"""


@pytest.mark.slow
def test_two_processes_save_into_one_database_at_the_same_time(
    app: Any, config: Config, base: str, owner: User, session: Session
) -> None:
    session.rollback()
    root = Path(__file__).resolve().parents[3]
    environment = {
        **os.environ,
        "MATURITY_ENV": "testing",
        "MATURITY_DATA": str(config.DATA_DIR),
        "DATABASE_URL": config.SQLALCHEMY_DATABASE_URI,
        "PYTHONPATH": str(root),
    }
    work = {"it_department": ["none", "own"] * 6, "cio_level": ["none", "cio"] * 6}
    how: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True, "cwd": root}
    started = [
        subprocess.Popen(
            [sys.executable, "-c", PROCESS, json.dumps([base, owner.fs_uniquifier, question, values])],
            env=environment,
            **how,
        )
        for question, values in work.items()
    ]
    for process in started:
        assert process.stdout
        assert process.stdout.readline() == "ready\n"
    for process in started:
        process.communicate("go\n", timeout=60)
    assert [process.returncode for process in started] == [0, 0]
    for question, values in work.items():
        assert [facts[question] for facts in history(session, question)] == values


def start(client: Any, tenant: Tenant) -> Any:
    return client.post(f"/t/{tenant.id}/assessments", data={"period": "2025"}, headers=JSON)


def test_starting_twice_at_once_starts_one(clients: Clients, tenant: Tenant, session: Session) -> None:
    replies = at_once([partial(start, tab, tenant) for tab in clients(4)])
    assert Counter(reply.status_code for reply in replies) == {302: 1, 409: 3}
    assert session.scalar(select(func.count()).select_from(Assessment)) == 1


@pytest.fixture
def answered(session: Session, draft: Assessment, clock: FixedClock) -> None:
    answer_all(session, draft, clock)
    session.commit()


def submit(client: Any, base: str) -> Any:
    return client.post(f"{base}/submit", data=DECLARATION, headers=JSON)


def test_submitting_twice_at_once_submits_once(clients: Clients, base: str, answered: None, session: Session) -> None:
    replies = at_once([partial(submit, tab, base) for tab in clients(4)])
    assert Counter(reply.status_code for reply in replies) == {302: 1, 409: 3}
    assert session.scalar(select(func.count()).select_from(Submission)) == 1


def test_correcting_twice_at_once_opens_one_revision(
    clients: Clients, base: str, answered: None, session: Session
) -> None:
    tabs = clients(4)
    submit(tabs[0], base)
    replies = at_once([partial(tab.post, f"{base}/revise", headers=JSON) for tab in tabs])
    assert Counter(reply.status_code for reply in replies) == {302: 1, 409: 3}
    assert list(session.scalars(select(Assessment.revision).order_by(Assessment.revision))) == [1, 2]


@pytest.mark.parametrize("round_number", range(4))
def test_what_is_acknowledged_beside_a_submission_is_in_it(
    clients: Clients, base: str, answered: None, session: Session, round_number: int
) -> None:
    first, second = clients(2)
    saved, submitted = at_once(
        [partial(save, first, base, "it_staff", {"it_staff": "77"}, 1), partial(submit, second, base)]
    )
    assert submitted.status_code == 302
    document = json.loads(session.scalars(select(Submission.document)).one())
    assert document["facts"]["it_staff"] == ("77" if saved.status_code == 200 else "6")
    assert saved.status_code in (200, 409)


@pytest.mark.parametrize("address", ["/answers/it_staff", "/sections/governance"])
def test_a_save_that_meets_a_submission_waits_and_is_refused(
    clients: Clients, base: str, session: Session, draft: Assessment, answered: None, clock: FixedClock, address: str
) -> None:
    tab = clients(1)[0]
    data = {"question": "it_staff", "version.it_staff": "1", "it_staff": "77"}
    get_assessment(session, draft.id, hold="alone")
    with ThreadPoolExecutor(1) as pool:
        saving = pool.submit(tab.post, f"{base}{address}", data=data, headers=JSON)
        with pytest.raises(TimeoutError):
            saving.result(timeout=0.5)
        factory.submit(session, draft, clock)
        session.commit()
        reply = saving.result(timeout=20)
    assert (reply.status_code, reply.json["error"]) == (409, "assessment_submitted")
    assert history(session, "it_staff") == [{"it_staff": "6"}]


def test_a_submission_waits_for_the_saves_under_way(app: Any, session: Session, draft: Assessment) -> None:
    """SQLite has one writer; PostgreSQL must be told."""
    if session.get_bind().dialect.name != "postgresql":
        pytest.skip("SQLite has one writer anyway")
    get_assessment(session, draft.id, hold="shared")
    with Session(session.get_bind()) as other, every_tenant(other):
        other.connection().exec_driver_sql("SET LOCAL lock_timeout = '100ms'")
        get_assessment(other, draft.id, hold="shared")
        with pytest.raises(OperationalError, match="lock timeout"):
            get_assessment(other, draft.id, hold="alone")
