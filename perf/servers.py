"""What every measure starts and stops: a database, the web server, the worker. All on this machine, on free ports."""

from __future__ import annotations

import os
import pwd
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
DATABASES = ("sqlite", "postgresql")
LOCAL = "127.0.0.1"
CLUSTER = "PERF_CLUSTER"  # where the PostgreSQL of the installation has its files


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((LOCAL, 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def installation(database: str) -> Iterator[dict[str, str]]:
    """The environment of a fresh installation on a fresh database; everything is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="maturity-perf-") as name:
        folder = Path(name)
        folder.chmod(0o755)  # PostgreSQL's own account must reach its folder
        data = folder / "data"
        data.mkdir(mode=0o700)
        environment = {
            **os.environ,
            "MATURITY_ENV": "development",
            "MATURITY_DATA": str(data),
            "MATURITY_SECRET_KEY": secrets.token_urlsafe(48),
            "MATURITY_PASSWORD_SALT": secrets.token_urlsafe(48),
        }
        environment.pop("REDIS_URL", None)
        environment.pop("DATABASE_URL", None)
        if database == "sqlite":
            yield environment
        else:
            with _postgresql(folder / "postgresql") as url:
                yield environment | {"DATABASE_URL": url, CLUSTER: str(folder / "postgresql" / "data")}


@contextmanager
def _postgresql(folder: Path) -> Iterator[str]:
    """A cluster of our own with its defaults: an acknowledged commit is on the disk."""
    programs = max(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
    folder.mkdir()
    owner = pwd.getpwnam("postgres") if os.geteuid() == 0 else None  # PostgreSQL refuses to run as root
    if owner is not None:
        os.chown(folder, owner.pw_uid, owner.pw_gid)
    port = free_port()
    settings = f"-p {port} -c listen_addresses={LOCAL} -c unix_socket_directories="

    def run(program: str, *arguments: str) -> None:
        command = [programs / program, "-D", folder / "data", *arguments]
        subprocess.run(command, check=True, cwd="/", user=owner and owner.pw_uid, stdout=subprocess.DEVNULL)

    run("initdb", "-U", "maturity", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8")
    run("pg_ctl", "-s", "-w", "-l", str(folder / "log"), "-o", settings, "start")
    try:
        yield f"postgresql+psycopg://maturity@{LOCAL}:{port}/postgres"
    finally:
        run("pg_ctl", "-s", "-m", "immediate", "stop")


def cluster_processes(environment: dict[str, str]) -> list[int]:
    """The processes that PostgreSQL started: those of connections and those that write."""
    leader = int((Path(environment[CLUSTER]) / "postmaster.pid").read_text().split()[0])
    return children_of(leader)


def children_of(pid: int) -> list[int]:
    with suppress(OSError):
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return []


def flask(environment: dict[str, str], *command: str) -> None:
    """Run a command of the site and wait for it."""
    subprocess.run([BIN / "flask", *command], cwd=ROOT, env=environment, check=True, stdout=subprocess.DEVNULL)


@dataclass(slots=True)
class Program:
    """A program that runs beside us, in a process group of its own."""

    command: list[str]
    environment: dict[str, str]
    log: Path
    process: subprocess.Popen[bytes] = field(init=False)

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command, cwd=ROOT, env=self.environment, stdout=log, stderr=log, start_new_session=True
            )

    def stop(self) -> None:
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """End it and all its children at once, without a word."""
        self._end(signal.SIGKILL)

    def _end(self, number: int) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, number)
        self.process.wait(timeout=30)

    def children(self) -> list[int]:
        return children_of(self.process.pid)

    def cpu_seconds(self) -> float:
        """The processor time of all its processes so far, user and system."""
        return sum(cpu_seconds_of(pid) for pid in (self.process.pid, *self.children()))


def cpu_seconds_of(pid: int) -> float:
    """To the nanosecond from the kernel's clock of the process; from the ticks in /proc where it has none."""
    try:
        return time.clock_gettime((~pid << 3) | 2)  # what clock_getcpuclockid(3) computes
    except OSError:
        after_name = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return (int(after_name[11]) + int(after_name[12])) / os.sysconf("SC_CLK_TCK")


@dataclass(slots=True)
class Web(Program):
    """gunicorn as `./run` starts it, but for the number of workers."""

    port: int = 0

    @classmethod
    def of(cls, environment: dict[str, str], *, application: str = "wsgi:app", workers: int = 1) -> Web:
        port = free_port()
        bind = f"{LOCAL}:{port}"
        options = ["--workers", str(workers), "--bind", bind, "--preload", "--timeout", "60", "--log-level", "warning"]
        log = Path(environment["MATURITY_DATA"]) / "web.log"
        return cls([str(BIN / "gunicorn"), *options, application], environment, log, port)

    def wait_until_up(self) -> None:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and self.process.poll() is None:
            with socket.socket() as probe:
                if probe.connect_ex((LOCAL, self.port)) == 0:
                    return
            time.sleep(0.05)
        raise RuntimeError(f"the web server did not start:\n{self.log.read_text()[-3000:]}")


def worker_of(environment: dict[str, str]) -> Program:
    """The worker as `./run` starts it."""
    return Program([str(BIN / "flask"), "worker"], environment, Path(environment["MATURITY_DATA"]) / "worker.log")


@contextmanager
def serving(environment: dict[str, str], *, application: str = "wsgi:app", workers: int = 1) -> Iterator[Web]:
    web = Web.of(environment, application=application, workers=workers)
    web.start()
    try:
        web.wait_until_up()
        yield web
    finally:
        web.stop()
