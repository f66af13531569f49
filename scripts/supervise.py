"""Serve the site: prepare the data folder and the database, keep web server and worker running until told to stop.

Only the standard library is used, so that a wrong option or a taken port is told before anything is installed.
"""

from __future__ import annotations

import argparse
import http.client
import os
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from preconditions import CannotStart, check_folder, check_port, environment_for, hold_folder

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
LONGEST_PAUSE = 30.0
UP_WITHIN = 60.0
DOWN_WITHIN = 15.0
EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  # only on the wish of the person who starts it


def main(argv: list[str]) -> int:
    options = parse(argv)
    stop = Stop()
    stop.listen()
    # Relative to where ./run was called, not to where it went.
    data = Path(os.environ.get("STARTED_IN", "."), options.data).resolve()
    address = f"http://{bind_of(options)}/"
    try:
        check_folder(data)
        if options.only_check:
            if data.is_dir():
                hold_folder(data, address).close()
            check_port(options.host, options.port)
            return 0
        with hold_folder(data, address):
            check_port(options.host, options.port)
            listening = {"MATURITY_LISTENS_AT": f"http://{reached_at(options)}"}
            return serve(options, listening | environment_for(data, os.environ), stop)
    except CannotStart as error:
        print(f"Cannot start: {error}", file=sys.stderr)
        return 1


def parse(argv: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./run", description="Set everything up and serve the site.")
    parser.add_argument("--port", type=int, default=8000, help="port to listen on (default 8000)")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default 127.0.0.1)")
    parser.add_argument("--data", default=str(ROOT / "var"), help="folder of database, documents and secrets")
    parser.add_argument("--small", action="store_true", help="a small demonstration, made in seconds")
    parser.add_argument("--only-check", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args(argv)
    if not 0 < options.port < 65536:
        parser.error(f"--port {options.port} is not a port; use a number from 1 to 65535")
    if not options.data.strip():
        parser.error("--data is empty; name a folder")
    return options


def bind_of(options: argparse.Namespace) -> str:
    host = f"[{options.host}]" if ":" in options.host else options.host
    return f"{host}:{options.port}"


def reached_at(options: argparse.Namespace) -> str:
    """Where a browser on this machine finds the site."""
    host = EVERYWHERE.get(options.host, options.host)
    return bind_of(argparse.Namespace(host=host, port=options.port))


@dataclass(slots=True)
class Child:
    """A program kept running: started again after a crash, with growing pauses."""

    name: str
    command: list[str]
    process: subprocess.Popen[str] | None = None
    started: float = 0.0
    pause: float = 1.0
    due: float = field(default=0.0)

    def start(self, environment: dict[str, str], stdout: int | None = None) -> subprocess.Popen[str]:
        # A session of its own, so that Ctrl-C reaches only us and we stop the children in order; told to stop by
        # the kernel should we be killed.
        setpriv = shutil.which("setpriv")
        tied = [setpriv, "--pdeathsig", "TERM", "--"] if setpriv else []
        self.process = subprocess.Popen(
            [*tied, *self.command], cwd=ROOT, env=environment, stdout=stdout, text=True, start_new_session=True
        )
        self.started = time.monotonic()
        return self.process

    def ended(self) -> bool:
        return self.process is not None and self.process.poll() is not None

    def tend(self, environment: dict[str, str]) -> None:
        now = time.monotonic()
        if self.process is not None and self.ended():
            self.pause = 1.0 if now - self.started > LONGEST_PAUSE else min(self.pause * 2, LONGEST_PAUSE)
            print(
                f"{self.name} ended with {self.process.returncode}; starting it again in {self.pause:.0f} s", flush=True
            )
            self.sweep()
            self.process, self.due = None, now + self.pause
        if self.process is None and now >= self.due:
            self.start(environment)

    def ask_to_stop(self) -> None:
        if self.process is not None and not self.ended():
            self.process.terminate()

    def stop(self, deadline: float) -> None:
        """Wait for the end that was asked for, then end what is left by force."""
        if self.process is None:
            return
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(timeout=max(0.0, deadline - time.monotonic()))
        self.sweep()
        self.process.wait()

    def sweep(self) -> None:
        """End what the program started itself: workers of a killed server would keep the port."""
        if self.process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)


class Stop:
    """Whether a signal told us to stop, and which; a second one makes us hurry."""

    def __init__(self) -> None:
        self.signals: list[int] = []

    def listen(self) -> None:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self.note)

    def note(self, number: int, _frame: FrameType | None) -> None:
        self.signals.append(number)

    def __bool__(self) -> bool:
        return bool(self.signals)


def serve(options: argparse.Namespace, environment: dict[str, str], stop: Stop) -> int:
    """Run until stopped: 0 after a stop, 128 and more when stopped before the site was up."""
    sign_ins = prepare(options, environment, stop)
    children = programs(options)
    try:
        for child in children if not stop else ():
            child.start(environment)
        up = wait_until_up(options.host, options.port, children[0], stop)
        if up:
            told = f"Ctrl-C stops it; the data stay in {environment['MATURITY_DATA']}"
            print(f"\nThe site is at http://{bind_of(options)}/  ({told})\n{sign_ins}", flush=True)
        while up and not stop:
            time.sleep(0.2)
            for child in children:
                child.tend(environment)
    finally:
        stop_all(children, stop)
    if up:
        return 0
    if stop:
        print("Stopped before the site was up. The next start goes on from here.", file=sys.stderr)
        return 128 + stop.signals[0]
    raise CannotStart("the web server did not come up; what it said stands above")


def programs(options: argparse.Namespace) -> list[Child]:
    gunicorn = [str(BIN / "gunicorn"), "--config", str(ROOT / "scripts" / "gunicorn_settings.py")]
    return [
        Child("web server", [*gunicorn, "--bind", bind_of(options), "wsgi:app"]),
        Child("worker", [str(BIN / "flask"), "worker"]),
    ]


def prepare(options: argparse.Namespace, environment: dict[str, str], stop: Stop) -> str:
    """Migrate and seed in a process of its own, whose memory is given back; the sign-ins to show."""
    command = [sys.executable, str(ROOT / "scripts" / "prepare.py"), *(["--small"] if options.small else [])]
    child = Child("preparation", command)
    process = child.start(environment, stdout=subprocess.PIPE)
    said = None
    while said is None and not stop:
        with suppress(subprocess.TimeoutExpired):
            said = process.communicate(timeout=0.2)[0].strip()
    if stop:
        child.ask_to_stop()
        child.stop(time.monotonic() + DOWN_WITHIN)
    elif process.returncode:
        raise CannotStart(said or f"preparing the database ended with {process.returncode}")
    return said or ""


def wait_until_up(host: str, port: int, web: Child, stop: Stop) -> bool:
    deadline = time.monotonic() + UP_WITHIN
    while not stop and not web.ended() and time.monotonic() < deadline:
        if answers(EVERYWHERE.get(host, host), port):
            return True
        time.sleep(0.1)
    return False


def answers(host: str, port: int) -> bool:
    """Whether the site and its database answer."""
    connection = http.client.HTTPConnection(host, port, timeout=UP_WITHIN)
    try:
        connection.request("GET", "/status", headers={"Accept": "application/json"})
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def stop_all(children: list[Child], stop: Stop) -> None:
    if any(child.process for child in children):
        print("Stopping …", flush=True)
    for child in children:
        child.ask_to_stop()
    deadline = time.monotonic() + DOWN_WITHIN
    told = len(stop.signals)
    while time.monotonic() < deadline and len(stop.signals) == told:
        if all(child.process is None or child.ended() for child in children):
            break
        time.sleep(0.05)
    for child in children:
        child.stop(time.monotonic())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
