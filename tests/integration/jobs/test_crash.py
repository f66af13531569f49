"""A worker killed in the middle of a report loses nothing but time."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from config import Config
from maturity.clock import FixedClock
from maturity.jobs.models import Job
from maturity.reports.models import DocumentFile
from maturity.reports.service import ask_for_document, folder_of, wanted_document
from tests.factories.results import submit_scenario

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("worker")]

ROOT = Path(__file__).resolve().parents[3]
PATIENCE = 180.0  # seconds; a machine busy with other tests is slow
StartWorker = Callable[[], "subprocess.Popen[bytes]"]


@pytest.fixture
def start_worker(config: Config, tmp_path: Path) -> Iterator[StartWorker]:
    """Starts `flask worker` as an installation does, on the test's database."""
    environment = {
        **os.environ,
        "MATURITY_ENV": "testing",
        "MATURITY_DATA": str(config.DATA_DIR),
        "DATABASE_URL": config.SQLALCHEMY_DATABASE_URI,
        "FLASK_APP": "wsgi",
    }
    started: list[subprocess.Popen[bytes]] = []

    def start() -> subprocess.Popen[bytes]:
        log = (tmp_path / f"worker-{len(started)}.log").open("wb")
        command = [str(Path(sys.executable).parent / "flask"), "worker"]
        started.append(subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log))
        log.close()
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.wait()


@pytest.fixture
def asked(app: Any, config: Config, session: Session, clock: FixedClock) -> Job:
    """The job of a report somebody asked for."""
    assessment = submit_scenario(session, "paper_workshop", clock)
    wanted = wanted_document(session, assessment, "report", "zh_CN")
    folder = folder_of(config.DATA_DIR)
    job = ask_for_document(session, assessment, wanted, folder, actor_id=None, clock=clock)
    assert job is not None
    session.commit()
    session.expunge_all()
    return job


def wait_until(session: Session, holds: Callable[[Job], bool]) -> Job:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        job = session.scalars(select(Job).where(Job.kind == "document")).one()  # the worker makes others of its own
        session.expunge(job)
        session.rollback()  # on SQLite our looking would lock the worker out
        if holds(job):
            return job
        time.sleep(0.05)
    raise TimeoutError(f"the job is {job.state}, step {job.progress_done}")


def test_a_report_is_finished_after_its_worker_was_killed(
    start_worker: StartWorker, session: Session, config: Config, asked: Job
) -> None:
    first = start_worker()
    wait_until(session, lambda job: job.state == "running" and job.progress_done > 2)
    first.send_signal(signal.SIGKILL)
    first.wait()
    killed = wait_until(session, lambda job: True)
    assert (killed.state, killed.attempts) == ("running", 1)
    assert session.scalar(select(DocumentFile.id)) is None
    session.rollback()

    let_time_pass(session)
    start_worker()
    done = wait_until(session, lambda job: job.is_over)
    assert (done.state, done.attempts, done.error) == ("done", 2, None)
    document = session.scalars(select(DocumentFile)).one()
    content = (folder_of(config.DATA_DIR) / f"{document.sha256}.pdf").read_bytes()
    assert hashlib.sha256(content).hexdigest() == document.sha256
    assert content.startswith(b"%PDF-")


def let_time_pass(session: Session) -> None:
    """As if the lease had run out: the next worker need not be waited for."""
    session.execute(update(Job).values(lease_until=datetime.now(UTC) - timedelta(seconds=1)))
    session.commit()
