"""./run from the first start to the second: what it prints, keeps, brings back and leaves behind.

The tests share two starts and stand in the order of a site's life: running, stopped, running again.
"""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from maturity.demo.service import COLLEAGUE, OWNER, PASSWORD
from tests.system.conftest import Running, alive, start, supervise, wait_until

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("run")]
SECONDS_TO_STOP = 10


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    running = start(tmp_path_factory.mktemp("run") / "data")
    yield running
    running.end()


@dataclass(frozen=True, slots=True)
class Stopped:
    """What a stop left: its exit status and time, the programs still there, and the data."""

    status: int
    seconds: float
    left: list[str]
    rows: dict[str, int]
    secrets: str


@pytest.fixture(scope="module")
def stopped(first: Running) -> Stopped:
    programs = first.programs()
    began = time.monotonic()
    status = first.stop()
    took = time.monotonic() - began
    left = [command for pid, command in programs.items() if alive(pid)]
    return Stopped(status, took, left, first.rows(), (first.data / "secrets.json").read_text())


@pytest.fixture(scope="module")
def second(first: Running, stopped: Stopped) -> Iterator[Running]:
    running = start(first.data)
    yield running
    running.end()


def test_it_prints_the_address_and_the_sign_ins_once_it_serves(first: Running) -> None:
    said = first.said()
    assert f"The site is at http://127.0.0.1:{first.port}/" in said
    assert all(word in said for word in (OWNER, COLLEAGUE, PASSWORD))


@pytest.mark.parametrize("path", ["/", "/sign-in", "/methodology", "/static/css/base.css"])
def test_it_serves_pages_and_their_files(first: Running, path: str) -> None:
    status, body = first.get(path)
    assert status == 200
    assert body


def test_the_secrets_are_for_its_account_alone(first: Running) -> None:
    assert (first.data / "secrets.json").stat().st_mode & 0o777 == 0o600
    assert first.data.stat().st_mode & 0o777 == 0o700


def test_a_second_start_on_the_same_folder_is_refused(first: Running) -> None:
    status, said = supervise("--data", first.data)
    assert status == 1
    assert f"is in use by the site at http://127.0.0.1:{first.port}/ (process {first.process.pid})" in said


def test_a_taken_port_is_told_with_one_that_is_free(first: Running, tmp_path: Path) -> None:
    status, said = supervise("--data", tmp_path / "other", "--port", str(first.port))
    assert status == 1
    assert "Address already in use" in said
    assert "Try ./run --port " in said


def test_a_killed_web_server_comes_back(first: Running) -> None:
    killed = first.web_server()
    os.kill(killed, signal.SIGKILL)
    assert wait_until(lambda: "web server ended with -9" in first.said(), 10)
    assert wait_until(first.answers, 60)
    assert first.web_server() != killed


def test_a_killed_worker_comes_back(first: Running) -> None:
    killed = next(pid for pid, command in first.programs().items() if "flask worker" in command)
    os.kill(killed, signal.SIGKILL)
    assert wait_until(lambda: any("flask worker" in line for line in first.programs().values()), 30)


def test_ctrl_c_stops_it_within_seconds(stopped: Stopped) -> None:
    assert stopped.status == 0
    assert stopped.seconds < SECONDS_TO_STOP


def test_a_stop_leaves_no_program_behind(stopped: Stopped) -> None:
    assert stopped.left == []


#: What the demonstration makes. The worker goes on with its certificates: log, jobs and audit log grow meanwhile.
MADE_ONCE = ("tenants", "users", "enterprises", "assessments", "answers", "submissions", "benchmark_releases")
MADE_ONCE += ("benchmark_cells", "campaigns", "certification_cases", "case_items", "certificates")


def test_a_second_start_keeps_the_data(stopped: Stopped, second: Running) -> None:
    assert stopped.rows["users"] == 5
    now = second.rows()
    assert {name: now[name] for name in MADE_ONCE} == {name: stopped.rows[name] for name in MADE_ONCE}
    assert {name for name, count in stopped.rows.items() if now[name] < count} <= {"audit_unsealed", "outbox"}
    assert json.loads((second.data / "secrets.json").read_text()) == json.loads(stopped.secrets)


def test_a_second_start_makes_no_demonstration(second: Running) -> None:
    assert "Making the demonstration data" not in second.said()
    assert OWNER in second.said()


def test_the_programs_end_when_the_supervisor_is_killed(second: Running) -> None:
    programs = second.programs()
    second.process.kill()
    assert len(programs) >= 2
    assert wait_until(lambda: not any(alive(pid) for pid in programs), 30)
