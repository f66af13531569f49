"""Carrying a job out: what succeeds is done, what cannot be done says why, what broke is tried again."""

from __future__ import annotations

import logging
import time
import uuid
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from maturity.clock import FixedClock
from maturity.extensions import db
from maturity.jobs import worker
from maturity.jobs.models import Job
from maturity.jobs.service import LEASE, MAX_ATTEMPTS, lease_job
from maturity.jobs.worker import Handler, JobFailure, Progress, begin_writing, run_one, sweep
from tests.factories.people import make_user
from tests.integration.jobs.conftest import Board

SECRET = "password=hunter2"


def work_off(app: Any, board: Board, job_id: uuid.UUID, handler: Handler) -> bool:
    board.session.rollback()
    with app.app_context():
        return run_one(app, job_id, {"test": handler})


def nothing(_app: Flask, _job: Job, _progress: Progress) -> None: ...


def broken(_app: Flask, _job: Job, _progress: Progress) -> None:
    raise RuntimeError(SECRET)


def test_a_job_carried_out_is_done(app: Any, board: Board) -> None:
    job_id = board.put_up()
    assert work_off(app, board, job_id, nothing)
    job = board.job(job_id)
    assert (job.state, job.lease_until, job.finished_at) == ("done", None, board.clock.now())


def test_a_job_that_is_over_is_not_carried_out_again(app: Any, board: Board) -> None:
    job_id = board.put_up()
    work_off(app, board, job_id, nothing)
    assert not work_off(app, board, job_id, broken)


def test_the_handler_gets_what_was_asked_for(app: Any, board: Board) -> None:
    given: list[Any] = []
    job_id = board.put_up(colour="blue")
    work_off(app, board, job_id, lambda _app, job, _progress: given.append((job.payload, job.tenant_id)))
    assert given == [({"colour": "blue"}, board.tenant_id)]


def test_progress_is_seen_while_the_job_runs(app: Any, board: Board) -> None:
    seen = []
    job_id = board.put_up()

    def handler(_app: Flask, _job: Job, progress: Progress) -> None:
        progress(3, 7)
        job = board.job(job_id)
        seen.append((job.state, job.progress_done, job.progress_total))

    work_off(app, board, job_id, handler)
    assert seen == [("running", 3, 7)]
    assert board.job(job_id).progress_done == 7


def test_what_cannot_be_done_fails_at_once_and_says_why(app: Any, board: Board) -> None:
    def handler(_app: Flask, _job: Job, _progress: Progress) -> None:
        raise JobFailure("glyph_missing", "䶮")

    job_id = board.put_up()
    work_off(app, board, job_id, handler)
    job = board.job(job_id)
    assert (job.state, job.error, job.attempts) == ("failed", "glyph_missing:䶮", 1)


def test_what_broke_is_tried_again_so_many_times(app: Any, board: Board) -> None:
    job_id = board.put_up()
    states = []
    while work_off(app, board, job_id, broken):
        states.append(board.job(job_id).state)
    assert states == ["queued"] * (MAX_ATTEMPTS - 1) + ["failed"]


def test_neither_row_nor_log_repeats_what_an_exception_says(
    app: Any, board: Board, caplog: pytest.LogCaptureFixture
) -> None:
    app.logger.addHandler(caplog.handler)
    job_id = board.put_up()
    work_off(app, board, job_id, broken)
    app.logger.removeHandler(caplog.handler)
    assert board.job(job_id).error == "job_failed"
    assert "RuntimeError" in caplog.text
    assert "in broken" in caplog.text
    assert SECRET not in caplog.text


def test_what_a_handler_wrote_counts_with_its_end(app: Any, board: Board) -> None:
    def handler(_app: Flask, job: Job, progress: Progress) -> None:
        progress(1, 2)
        begin_writing(db.session())
        job.payload = {"the": "result"}

    job_id = board.put_up()
    work_off(app, board, job_id, handler)
    job = board.job(job_id)
    assert (job.state, job.payload) == ("done", {"the": "result"})


def test_others_can_write_while_a_handler_reads(app: Any, board: Board, session: Session) -> None:
    """On SQLite one transaction that may write would lock all the others out."""

    def handler(_app: Flask, job: Job, progress: Progress) -> None:
        progress(1, 2)
        assert job.payload == {}
        make_user(session)
        session.commit()

    assert work_off(app, board, board.put_up(), handler)


def test_what_a_failed_handler_wrote_is_rolled_back(app: Any, board: Board) -> None:
    def handler(_app: Flask, job: Job, _progress: Progress) -> None:
        begin_writing(db.session())
        job.payload = {"half": "done"}
        raise RuntimeError

    job_id = board.put_up(whole="wish")
    work_off(app, board, job_id, handler)
    assert board.job(job_id).payload == {"whole": "wish"}


def test_a_worker_that_was_taken_over_leaves_no_trace(app: Any, board: Board, clock: FixedClock) -> None:
    job_id = board.put_up(whole="wish")

    def slow(_app: Flask, job: Job, _progress: Progress) -> None:
        clock.at += LEASE + timedelta(seconds=1)
        assert lease_job(board.session, job_id, clock) is not None
        board.session.commit()
        begin_writing(db.session())
        job.payload = {"late": "result"}

    assert not work_off(app, board, job_id, slow)
    job = board.job(job_id)
    assert (job.state, job.attempts, job.payload) == ("running", 2, {"whole": "wish"})


def test_the_heart_beats_while_a_long_step_runs(
    app: Any, board: Board, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "BEAT_SECONDS", 0.05)
    job_id = board.put_up()
    until = []

    def handler(_app: Flask, _job: Job, _progress: Progress) -> None:
        clock.at += LEASE / 2
        deadline = time.monotonic() + 10
        while board.job(job_id).lease_until != clock.at + LEASE and time.monotonic() < deadline:
            time.sleep(0.02)
        until.append(board.job(job_id).lease_until)

    assert work_off(app, board, job_id, handler)
    assert until == [clock.at + LEASE]


def test_the_sweep_finds_the_forgotten_and_gives_up_the_hopeless(app: Any, board: Board, clock: FixedClock) -> None:
    forgotten, hopeless = board.put_up("forgotten"), board.put_up("hopeless")
    for _ in range(MAX_ATTEMPTS):
        lease_job(board.session, hopeless, clock)
        board.session.commit()
        clock.at += LEASE + timedelta(seconds=1)
    with app.app_context():
        assert sweep(app) == [forgotten]
    assert board.job(hopeless).state == "failed"


def test_an_unknown_kind_of_job_fails(app: Any, board: Board) -> None:
    job_id = board.put_up()
    board.session.rollback()
    with app.app_context():
        run_one(app, job_id, {})
    assert board.job(job_id).error == "job_failed"


def test_logging_of_the_worker_is_quiet_when_all_is_well(
    app: Any, board: Board, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        work_off(app, board, board.put_up(), nothing)
    assert not caplog.records
