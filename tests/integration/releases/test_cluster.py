"""Releases built on a cluster: the same bytes as in one process, with workers that die, and without a cluster."""

from __future__ import annotations

import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import cloudpickle
import dask
import distributed
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from maturity.benchmarks.build import Built, Earlier, Task, build_release, ground_of
from maturity.benchmarks.models import BenchmarkCell, BenchmarkRelease
from maturity.benchmarks.parameters import load_parameters
from maturity.benchmarks.service import row_of
from maturity.editions.service import canonical
from maturity.jobs.models import Job
from maturity.releases import cluster, computing
from maturity.releases.cluster import ClusterTrouble, cluster_at
from maturity.releases.computing import path_of, verify
from maturity.releases.frozen import Extract, Names, Row, read, write
from maturity.web.messages import MESSAGES
from tests.integration.releases.conftest import Desk

pytestmark = pytest.mark.slow

RULES, SECRET = replace(load_parameters(), least_in_release_for_means=100), b"a secret of the tests"
NAMES = Names(("capability", "cnc_rate", "online_sales_rate"), ("erp", "mes"))
COUNT = 4000


def row(at: int) -> Row:
    """By a formula of its number: industries, cities and sizes of every kind, groups of three, three consultancies."""
    value = (at * 37) % 101
    return Row(
        enterprise=f"{at:032x}",
        group_id=f"g{at // 3 if at % 10 < 3 else at:08}",
        industry=("13", "26", "34", "35", "39")[at % 5],
        city=("370200", "370100", "320500", "330200", "440300")[at // 5 % 5],
        park="370200-a" if at % 50 == 0 else "",
        size=("large", "medium", "small", "micro")[at % 4],
        level=1 + value // 26,
        values={"capability": float(value % 100), "cnc_rate": value / 2}
        | ({"online_sales_rate": value / 4} if at % 3 else {}),
        criteria={"erp": value > 40} | ({"mes": value > 60} if at % 2 else {}),
        reviewed=at % 7 == 0,
        key="0" * 64,
        leaf="0" * 64,
        edition="2026.1",
        coalitions=(f"c{at % 3}",) if at % 40 == 0 else (),
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("extract")


@pytest.fixture(scope="module")
def extract(folder: Path) -> Extract:
    path = folder / "today.parquet"
    return Extract(path, write(path, (row(at) for at in range(COUNT)), NAMES))


@pytest.fixture(scope="module")
def before(folder: Path) -> Earlier:
    """The vintage before, in which some have not been yet."""
    path = folder / "before.parquet"
    write(path, (row(at) for at in range(COUNT) if at % 11), NAMES)
    return Earlier(read(path), build_release(read(path), RULES, secret=SECRET).published)


@pytest.fixture(scope="module")
def local() -> Iterator[Any]:
    with _cluster(2) as found:
        yield found


def _cluster(workers: int) -> Any:
    """A scheduler in this process and workers in theirs. What kills one worker after another is tried on two."""
    with dask.config.set({"distributed.scheduler.allowed-failures": 1}):
        return distributed.LocalCluster(
            n_workers=workers, threads_per_worker=1, processes=True, dashboard_address=":0", host="127.0.0.1"
        )


def in_bytes(built: Built) -> bytes:
    cells = [row_of(cell) for cell in built.cells]
    return canonical({"cells": cells, "withheld": [repr(item) for item in built.withheld], "of": built.population})


def on(address: str, extract: Extract, **known: Any) -> Built:
    with cluster_at(address) as run:
        return build_release(read(extract.path), RULES, secret=SECRET, run=run, source=extract, **known)


def test_a_release_is_byte_identical_with_and_without_a_cluster(extract: Extract, local: Any) -> None:
    alone = build_release(read(extract.path), RULES, secret=SECRET)
    assert any(cell.means for cell in alone.cells)
    assert any(cell.quantiles and cell.shares and cell.levels for cell in alone.cells)
    assert in_bytes(on(local.scheduler_address, extract)) == in_bytes(alone)


def test_it_is_judged_against_the_release_before_all_the_same(extract: Extract, before: Earlier, local: Any) -> None:
    alone = build_release(read(extract.path), RULES, secret=SECRET, earlier=[before])
    assert {item.rule for item in alone.withheld} >= {"R8"}
    assert in_bytes(on(local.scheduler_address, extract, earlier=[before])) == in_bytes(alone)


def test_several_workers_do_the_work_and_keep_no_population(extract: Extract, local: Any) -> None:
    with cluster_at(local.scheduler_address) as run:
        made: list[Any] = list(run(_Where(_held), [Task("share", str(number)) for number in range(8)]))
    seen = {pid for pid, _ in made}
    assert len(seen) == 2
    assert os.getpid() not in seen
    on(local.scheduler_address, extract)
    with distributed.Client(local.scheduler_address, set_as_default=False) as client:
        assert set(client.run(_kept).values()) == {0}


class _Where:
    """Says in which process the work is done."""

    def __init__(self, work: Any) -> None:
        self.work = work

    def __call__(self, task: Task) -> Any:
        return os.getpid(), self.work(task)


def _held(task: Task) -> Any:
    time.sleep(0.2)
    return task.name


def _kept() -> int:
    return ground_of.cache_info().currsize


def test_neither_the_secret_nor_an_enterprise_is_sent(extract: Extract, before: Earlier) -> None:
    sent: list[bytes] = []

    def run(work: Any, tasks: Any) -> Any:
        sent.append(cloudpickle.dumps(work))
        return map(work, tasks)

    build_release(read(extract.path), RULES, secret=SECRET, earlier=[before], run=run, source=extract)
    (work,) = sent
    assert SECRET not in work
    assert f"{17:032x}".encode() not in work
    assert f"{17:032x}".encode("utf-32-le") not in work
    assert len(work) < 8 * COUNT  # not one number for each of them


def test_a_worker_that_is_killed_is_replaced(extract: Extract, local: Any, tmp_path: Path) -> None:
    alone = build_release(read(extract.path), RULES, secret=SECRET)
    mark = tmp_path / "killed"
    with cluster_at(local.scheduler_address) as run:
        built = build_release(
            read(extract.path),
            RULES,
            secret=SECRET,
            run=lambda work, tasks: run(_Killed(work, mark), tasks),
            source=extract,
        )
    assert mark.exists()
    assert in_bytes(built) == in_bytes(alone)


class _Killed:
    """The first worker that comes to the levels dies as if its machine had gone."""

    def __init__(self, work: Any, mark: Path) -> None:
        self.work, self.mark = work, mark

    def __call__(self, task: Task) -> Any:
        if task.kind == "levels" and not self.mark.exists():
            self.mark.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return self.work(task)


def test_work_that_kills_every_worker_fails_the_build(extract: Extract, local: Any, tmp_path: Path) -> None:
    with pytest.raises(ClusterTrouble) as trouble, cluster_at(local.scheduler_address) as run:
        build_release(
            read(extract.path),
            RULES,
            secret=SECRET,
            run=lambda work, tasks: run(_Deadly(), tasks),
            source=extract,
        )
    assert trouble.value.code == "release_cluster_lost"


class _Deadly:
    def __call__(self, task: Task) -> Any:
        os.kill(os.getpid(), signal.SIGKILL)


def test_a_cluster_without_workers_is_not_waited_for_for_ever(
    extract: Extract, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster, "PATIENCE_SECONDS", 1)
    monkeypatch.setattr(cluster, "LOOK_SECONDS", 0.2)
    with _cluster(0) as empty, pytest.raises(ClusterTrouble) as trouble:
        on(empty.scheduler_address, extract)
    assert trouble.value.code == "release_cluster_lost"


def test_a_scheduler_that_goes_away_fails_the_build(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster, "CONNECT_SECONDS", 2)
    monkeypatch.setattr(cluster, "PATIENCE_SECONDS", 2)
    monkeypatch.setattr(cluster, "LOOK_SECONDS", 0.2)
    found = _cluster(1)
    going = threading.Timer(2, found.close)
    going.start()
    try:
        with pytest.raises(ClusterTrouble) as trouble, cluster_at(found.scheduler_address) as run:
            run(_asleep, [Task("share", str(number)) for number in range(100)])
    finally:
        going.join()
    assert trouble.value.code == "release_cluster_lost"


def _asleep(task: Task) -> Any:
    time.sleep(1)


def test_an_extract_that_workers_do_not_see_fails_the_build(extract: Extract, local: Any, tmp_path: Path) -> None:
    for unseen in (replace(extract, path=tmp_path / "elsewhere.parquet"), replace(extract, sha256="0" * 64)):
        with pytest.raises(ClusterTrouble) as trouble, cluster_at(local.scheduler_address) as run:
            build_release(read(extract.path), RULES, secret=SECRET, run=run, source=unseen)
        assert trouble.value.code == "release_cluster_storage"


def test_a_worker_with_another_program_fails_the_build(
    extract: Extract, local: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster, "program", lambda: "of this process alone")
    with pytest.raises(ClusterTrouble) as trouble:
        on(local.scheduler_address, extract)
    assert trouble.value.code == "release_cluster_program"


def test_without_the_package_the_build_is_refused(
    extract: Extract, local: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(ClusterTrouble) as trouble:
        on(local.scheduler_address, extract)
    assert trouble.value.code == "release_cluster_absent"


def test_the_job_builds_on_the_cluster_and_one_process_proves_it(
    desk: Desk, contributors: Any, session: Session, app: Any, local: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "CLUSTER", local.scheduler_address)
    release = session.get_one(BenchmarkRelease, desk.computed(), populate_existing=True)
    assert release.state == "review"
    assert verify(session, release, app.config["DATA_DIR"], desk.clock).is_good


def test_a_cluster_that_cannot_be_reached_fails_the_job_and_leaves_nothing_half_done(
    desk: Desk, contributors: Any, session: Session, app: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as taken:  # bound, and nobody listens
        taken.bind(("127.0.0.1", 0))
        monkeypatch.setattr(cluster, "CONNECT_SECONDS", 1)
        monkeypatch.setitem(app.config, "CLUSTER", f"tcp://127.0.0.1:{taken.getsockname()[1]}")
        number = desk.computed()
    job = session.scalars(select(Job).where(Job.key == str(number))).one()
    assert job.state == "failed"
    assert str(job.error).startswith("release_cluster_unreachable")
    assert is_not_stored(session, desk, number)
    monkeypatch.setitem(app.config, "CLUSTER", None)
    assert path_of(app.config["DATA_DIR"], number).exists()  # the next attempt takes it as it is


@pytest.mark.parametrize("what", ["absent", "unreachable", "lost", "storage", "program"])
def test_each_trouble_has_words_of_its_own_and_stores_nothing(
    desk: Desk, contributors: Any, session: Session, app: Any, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    code = f"release_cluster_{what}"

    def refused(address: str) -> Any:
        raise ClusterTrouble(code, address)

    monkeypatch.setattr(computing, "cluster_at", refused)
    monkeypatch.setitem(app.config, "CLUSTER", "tcp://scheduler.inside:8786")
    number = desk.computed()
    job = session.scalars(select(Job).where(Job.key == str(number))).one()
    assert (job.state, str(job.error).partition(":")[0]) == ("failed", code)
    assert is_not_stored(session, desk, number)
    assert [name for name, words in MESSAGES.items() if words == MESSAGES[code]] == [code]


def is_not_stored(session: Session, desk: Desk, number: int) -> bool:
    cell = session.scalar(select(BenchmarkCell.id).where(BenchmarkCell.release_id == number))
    return cell is None and desk.release(number).state == "computing"
