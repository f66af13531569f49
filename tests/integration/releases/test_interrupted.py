"""A worker that dies half-way leaves nothing half: the next attempt goes on from the frozen extract."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from maturity.benchmarks.models import BenchmarkCell, WithheldCell
from maturity.jobs.models import Job
from maturity.jobs.service import waiting_jobs
from maturity.releases import jobs
from maturity.releases.computing import path_of, sha256_of
from maturity.releases.models import InclusionReceipt
from tests.integration.releases.conftest import COUNT, Desk


class Killed(BaseException):
    """As if the process had been killed: nothing of the handler catches it."""


def kill(*_args: Any, **_kwargs: Any) -> None:
    raise Killed


def wake(desk: Desk) -> None:
    """The lease runs out, and the sweep finds the job."""
    desk.clock.at += timedelta(minutes=5)
    desk.session.rollback()
    for job_id in waiting_jobs(desk.session, desk.clock):
        desk.session.get_one(Job, job_id).state = "queued"
    desk.session.commit()
    desk.run()


@pytest.mark.parametrize("step", ["build", "tree_of", "store_built"])
def test_a_build_that_was_killed_goes_on_from_its_extract(
    desk: Desk, contributors: Any, session: Session, app: Any, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    number = desk.ask()
    with monkeypatch.context() as patch:
        patch.setattr(jobs, step, kill)
        with pytest.raises(Killed):
            desk.run()
    release = desk.release(number)
    assert release.state == "computing"
    assert session.scalar(select(func.count(BenchmarkCell.id))) == 0
    assert session.scalar(select(func.count(WithheldCell.id))) == 0
    session.rollback()
    frozen = sha256_of(path_of(app.config["DATA_DIR"], number))
    assert frozen == release.input_sha256
    monkeypatch.setattr("maturity.releases.computing.contributors", kill)  # nobody is read a second time
    wake(desk)
    release = desk.release(number)
    assert (release.state, release.input_sha256) == ("review", frozen)


def test_receipts_that_were_interrupted_are_finished_and_nobody_has_two(
    desk: Desk, contributors: list[uuid.UUID], session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = desk.computed()
    desk.sign(number, desk.first)
    desk.sign(number, desk.second)
    issue, batches = jobs.issue, iter(range(9))

    def once(*args: Any) -> None:
        issue(*args)
        if next(batches) == 1:
            raise Killed

    monkeypatch.setattr(jobs, "BATCH", 100)
    with monkeypatch.context() as patch:
        patch.setattr(jobs, "issue", once)
        with pytest.raises(Killed):
            desk.run()
    assert session.scalar(select(func.count(InclusionReceipt.id))) == 100
    wake(desk)
    holders = session.scalars(select(InclusionReceipt.tenant_id)).all()
    assert len(holders) == len(set(holders)) == COUNT == len(contributors)
