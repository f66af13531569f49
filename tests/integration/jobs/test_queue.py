"""The queue only wakes: in a file of its own, or in Redis beyond one machine."""

from __future__ import annotations

import dataclasses
import os
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from huey.api import Huey

from config import Config
from maturity.app import create_app
from maturity.clock import FixedClock
from maturity.extensions import db
from maturity.jobs import routes
from maturity.jobs.worker import Handler
from tests.integration.jobs.conftest import Board

REDIS = os.environ.get("TEST_REDIS_URL")
STORES = [
    pytest.param(None, id="sqlite"),
    pytest.param(REDIS, id="redis", marks=pytest.mark.skipif(not REDIS, reason="TEST_REDIS_URL is not set")),
]


def _own_queue(url: str, worker_id: str) -> str:
    """A database of Redis for each of the processes that run tests side by side."""
    return f"{url.rpartition('/')[0]}/{int(worker_id.removeprefix('gw')) if worker_id != 'master' else 0}"


@pytest.fixture(params=STORES)
def installation(
    request: pytest.FixtureRequest, board: Board, config: Config, clock: FixedClock, tmp_path: Path, worker_id: str
) -> Iterator[Any]:
    """A second process of the same site, as a worker is, with a queue that is empty."""
    url = request.param and _own_queue(request.param, worker_id)
    app = create_app(dataclasses.replace(config, REDIS_URL=url, DATA_DIR=tmp_path), clock=clock)
    queue: Huey = app.extensions["queue"]
    queue.flush()
    yield app
    queue.flush()
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def carried_out(monkeypatch: pytest.MonkeyPatch) -> list[uuid.UUID]:
    """The jobs that the handler got."""
    done: list[uuid.UUID] = []
    handler: Handler = lambda _app, job, _progress: done.append(job.id)  # noqa: E731  # shorter than a function
    monkeypatch.setitem(routes.HANDLERS, "test", handler)
    return done


def work_off(app: Any) -> int:
    """What the consumer does with every message; how many there were."""
    queue: Huey = app.extensions["queue"]
    count = 0
    while (task := queue.dequeue()) is not None:
        queue.execute(task)
        count += 1
    return count


def test_a_message_wakes_a_worker_that_does_the_job(
    installation: Any, board: Board, carried_out: list[uuid.UUID]
) -> None:
    job_id = board.put_up()
    installation.extensions["wake"](job_id)
    assert work_off(installation) == 1
    assert carried_out == [job_id]
    assert board.job(job_id).state == "done"


def test_a_message_too_many_does_nothing(installation: Any, board: Board, carried_out: list[uuid.UUID]) -> None:
    job_id = board.put_up()
    for _ in range(3):
        installation.extensions["wake"](job_id)
    assert work_off(installation) == 3
    assert carried_out == [job_id]


def test_a_lost_message_is_made_good_by_the_sweep(
    installation: Any, board: Board, carried_out: list[uuid.UUID]
) -> None:
    job_id = board.put_up()
    with installation.app_context():
        routes.wake_the_waiting(installation)
    work_off(installation)
    assert carried_out == [job_id]


def test_a_message_for_a_job_that_is_gone_harms_nobody(installation: Any, carried_out: list[uuid.UUID]) -> None:
    installation.extensions["wake"](uuid.uuid4())
    assert work_off(installation) == 1
    assert carried_out == []
