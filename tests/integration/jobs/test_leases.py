"""One worker at a time has a job, a silent one loses it, and whoever lost it can no longer change it."""

from __future__ import annotations

import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy.orm import Session

from maturity.clock import FixedClock
from maturity.db import every_tenant, writing
from maturity.extensions import db
from maturity.jobs.service import (
    LEASE,
    MAX_ATTEMPTS,
    SWEEP_BATCH,
    Lease,
    LeaseLost,
    ask_for_job,
    fail_job,
    finish_job,
    give_up_on,
    keep_lease,
    lease_job,
    report_progress,
    waiting_jobs,
)
from tests.integration.jobs.conftest import Board

LATER = LEASE + timedelta(seconds=1)


def lease(board: Board, job_id: uuid.UUID) -> Lease:
    taken = lease_job(board.session, job_id, board.clock)
    board.session.commit()
    assert taken is not None
    return taken


@pytest.mark.parametrize("attempt", range(5))
def test_only_one_of_several_workers_gets_a_job(app: Any, board: Board, clock: FixedClock, attempt: int) -> None:
    job_id, start = board.put_up(), Barrier(4)

    def work(_number: int) -> Lease | None:
        with app.app_context(), every_tenant(db.session()):
            writing.set(True)
            start.wait()
            taken = lease_job(db.session(), job_id, clock)
            db.session.commit()
            return taken

    with ThreadPoolExecutor(4) as pool:
        taken = [one for one in pool.map(work, range(4)) if one is not None]
    assert [one.attempt for one in taken] == [1]


def test_a_leased_job_is_nobody_elses(board: Board) -> None:
    job_id = board.put_up()
    lease(board, job_id)
    assert lease_job(board.session, job_id, board.clock) is None
    assert waiting_jobs(board.session, board.clock) == []


def test_a_silent_workers_job_is_found_and_taken_over(board: Board, clock: FixedClock) -> None:
    job_id = board.put_up()
    lease(board, job_id)
    clock.at += LATER
    assert waiting_jobs(board.session, clock) == [job_id]
    assert lease(board, job_id).attempt == 2


def test_a_job_for_later_waits_until_it_is_due(board: Board, clock: FixedClock) -> None:
    due_at = clock.now() + timedelta(days=3)
    how: dict[str, Any] = {"actor_id": None, "clock": clock, "due_at": due_at}
    job_id = ask_for_job(board.session, board.tenant_id, "test", "later", {}, **how).id
    board.session.commit()
    clock.at = due_at - timedelta(seconds=1)
    assert (board.woken, waiting_jobs(board.session, clock)) == ([], [])
    assert lease_job(board.session, job_id, clock) is None
    clock.at = due_at
    assert waiting_jobs(board.session, clock) == [job_id]
    assert lease(board, job_id).job_id == job_id


def test_a_heartbeat_and_progress_keep_the_lease(board: Board, clock: FixedClock) -> None:
    held = lease(board, board.put_up())
    for beat in (
        lambda: keep_lease(board.session, held, clock),
        lambda: report_progress(board.session, held, 1, 9, clock),
    ):
        clock.at += LEASE - timedelta(seconds=1)
        beat()
        board.session.commit()
    assert waiting_jobs(board.session, clock) == []


def test_whoever_lost_the_lease_changes_nothing(board: Board, clock: FixedClock) -> None:
    job_id = board.put_up()
    lost = lease(board, job_id)
    clock.at += LATER
    lease(board, job_id)
    for change in (
        lambda: finish_job(board.session, lost, clock),
        lambda: fail_job(board.session, lost, "job_failed", clock, for_good=True),
        lambda: report_progress(board.session, lost, 1, 2, clock),
        lambda: keep_lease(board.session, lost, clock),
    ):
        with pytest.raises(LeaseLost):
            change()
    assert board.job(job_id).state == "running"


def test_what_ends_without_a_word_is_given_up_after_its_last_attempt(board: Board, clock: FixedClock) -> None:
    job_id = board.put_up()
    for _ in range(MAX_ATTEMPTS):
        lease(board, job_id)
        clock.at += LATER
    assert lease_job(board.session, job_id, clock) is None
    assert waiting_jobs(board.session, clock) == []
    assert give_up_on(board.session, clock) == 1
    board.session.commit()
    job = board.job(job_id)
    assert (job.state, job.error) == ("failed", "job_failed")


def test_a_live_job_is_never_given_up(board: Board, clock: FixedClock) -> None:
    job_id = board.put_up()
    for _ in range(MAX_ATTEMPTS - 1):
        lease(board, job_id)
        clock.at += LATER
    lease(board, job_id)
    assert give_up_on(board.session, clock) == 0


def test_progress_never_passes_its_total(board: Board, clock: FixedClock) -> None:
    held = lease(board, board.put_up())
    report_progress(board.session, held, 12, 9, clock)
    board.session.commit()
    job = board.job(held.job_id)
    assert (job.progress_done, job.progress_total) == (9, 9)


def test_the_oldest_jobs_are_woken_first_and_only_so_many(board: Board, clock: FixedClock, session: Session) -> None:
    ids = []
    for number in range(SWEEP_BATCH + 2):
        clock.at += timedelta(seconds=1)
        ids.append(board.put_up(f"k{number}"))
    assert waiting_jobs(session, clock) == ids[:SWEEP_BATCH]
