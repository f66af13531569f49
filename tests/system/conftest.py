"""./run as a person meets it: a process on a data folder of its own, what it prints, and what it leaves behind."""

from __future__ import annotations

import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SCRIPTS = ROOT / "scripts"
SUPERVISE = [sys.executable, str(SCRIPTS / "supervise.py")]
UP_WITHIN = 120.0


def clean_environment(**more: str) -> dict[str, str]:
    """Ours without what would point the site to another database or folder."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith(("MATURITY_", "TEST_"))}
    return {name: value for name, value in ours.items() if name not in ("DATABASE_URL", "REDIS_URL")} | more


def supervise(*arguments: str | Path, **environment: str) -> tuple[int, str]:
    """Start and expect an end by itself: the exit status and everything said."""
    return said_by([*SUPERVISE, *map(str, arguments)], clean_environment(**environment))


def said_by(command: list[str], environment: dict[str, str]) -> tuple[int, str]:
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=UP_WITHIN)
    return done.returncode, done.stdout + done.stderr


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def secrets_in(data: Path) -> None:
    data.mkdir(parents=True, exist_ok=True)
    made = {"MATURITY_SECRET_KEY": "k" * 48, "MATURITY_PASSWORD_SALT": "s" * 48}
    (data / "secrets.json").write_text(json.dumps(made))


def alive(pid: int) -> bool:
    """Whether the process runs; one that ended and waits to be collected does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def wait_until(condition: Callable[[], bool], seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.05)
    return condition()


@dataclass(slots=True)
class Running:
    """A started site."""

    data: Path
    port: int
    process: subprocess.Popen[str]

    def said(self) -> str:
        return self.data.with_suffix(".out").read_text()

    def get(self, path: str) -> tuple[int, str]:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=30) as response:
            return response.status, response.read().decode()

    def answers(self) -> bool:
        try:
            return self.get("/status")[0] == 200
        except OSError:
            return False

    def programs(self) -> dict[int, str]:
        """Every process under ours, by id, with its command line."""
        found: dict[int, str] = {}
        waiting = [self.process.pid]
        while waiting:
            pid = waiting.pop()
            try:
                children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
                found[pid] = Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
            except (FileNotFoundError, ProcessLookupError):
                continue
            waiting += [int(child) for child in children]
        found.pop(self.process.pid, None)
        return found

    def web_server(self) -> int:
        return min(pid for pid, command in self.programs().items() if "gunicorn" in command)

    def stop(self) -> int:
        """Ctrl-C, as a terminal sends it: to the whole group."""
        os.killpg(self.process.pid, signal.SIGINT)
        return self.process.wait(timeout=30)

    def end(self) -> None:
        """After the tests: nothing stays, whatever the tests did."""
        left = self.programs()
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        for pid in left:
            if alive(pid):
                os.kill(pid, signal.SIGKILL)

    def rows(self) -> dict[str, int]:
        with sqlite3.connect(f"file:{self.data / 'maturity.db'}?mode=ro", uri=True) as connection:
            tables = [name for (name,) in connection.execute("select name from sqlite_master where type = 'table'")]
            counted = {name: connection.execute(f"select count(*) from {name}").fetchone()[0] for name in tables}
        connection.close()
        return counted


def start(data: Path) -> Running:
    """Start the site with the small demonstration and wait until it says where it is."""
    port = free_port()
    with data.with_suffix(".out").open("w") as out:
        command = [*SUPERVISE, "--port", str(port), "--data", str(data), "--small"]
        process = subprocess.Popen(
            command, env=clean_environment(), stdout=out, stderr=subprocess.STDOUT, text=True, start_new_session=True
        )
    running = Running(data, port, process)
    if not wait_until(lambda: "The site is at" in running.said() or process.poll() is not None, UP_WITHIN):
        running.end()
    assert process.poll() is None, running.said()
    return running


@pytest.fixture
def scripts(monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the scripts, importable."""
    monkeypatch.syspath_prepend(str(SCRIPTS))
    return SCRIPTS
