"""Asking for a job: one row for one wish, and a worker is woken when the row is there, never before."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from maturity.clock import FixedClock
from maturity.db import every_tenant, writing
from maturity.extensions import db
from maturity.jobs.models import Job
from maturity.jobs.service import ask_for_job, fail_job, finish_job, lease_job
from tests.integration.jobs.conftest import Board


def ask(board: Board, key: str = "k") -> Job:
    return ask_for_job(board.session, board.tenant_id, "test", key, {}, actor_id=None, clock=board.clock)


def test_a_worker_is_woken_by_the_commit(board: Board) -> None:
    job_id = ask(board).id
    assert board.woken == []
    board.session.commit()
    assert board.woken == [job_id]


def test_a_rollback_wakes_nobody(board: Board) -> None:
    ask(board)
    board.session.rollback()
    board.session.commit()
    assert board.woken == []


def test_a_savepoint_wakes_nobody(board: Board) -> None:
    with board.session.begin_nested():
        ask(board)
    assert board.woken == []
    board.session.rollback()
    assert board.woken == []


def test_a_queue_out_of_reach_does_not_spoil_the_request(
    app: Any, board: Board, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_job_id: object) -> None:
        raise ConnectionError("the queue is away")

    monkeypatch.setitem(app.extensions, "wake", broken)
    job_id = board.put_up()
    assert board.job(job_id).state == "queued"


def test_asking_twice_is_one_job(board: Board) -> None:
    assert board.put_up() == board.put_up()
    assert board.session.scalar(select(func.count()).select_from(Job)) == 1


def test_asking_at_the_same_moment_is_one_job(app: Any, board: Board, clock: FixedClock) -> None:
    start = Barrier(4)

    def wish(_number: int) -> Any:
        with app.app_context(), every_tenant(db.session()):
            writing.set(True)
            start.wait()
            job = ask_for_job(db.session(), board.tenant_id, "test", "k", {}, actor_id=None, clock=clock)
            job_id = job.id
            db.session.commit()
            return job_id

    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(wish, range(4)))) == 1


def test_a_running_job_is_not_started_again(board: Board) -> None:
    job_id = board.put_up()
    lease_job(board.session, job_id, board.clock)
    board.session.commit()
    board.woken.clear()
    assert board.put_up() == job_id
    assert board.job(job_id).state == "running"
    assert board.woken == []


@pytest.mark.parametrize("ending", ["done", "failed"])
def test_a_job_that_is_over_starts_afresh(board: Board, session: Session, clock: FixedClock, ending: str) -> None:
    job_id = board.put_up()
    lease = lease_job(session, job_id, clock)
    assert lease is not None
    if ending == "done":
        finish_job(session, lease, clock)
    else:
        fail_job(session, lease, "storage_full", clock, for_good=True)
    session.commit()
    session.expire_all()
    assert board.put_up() == job_id
    job = board.job(job_id)
    assert (job.state, job.attempts, job.error, job.finished_at, job.progress_done) == ("queued", 0, None, None, 0)
    assert board.woken == [job_id, job_id]
