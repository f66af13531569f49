"""Serve the site: prepare the data folder, migrate, seed, keep web server and worker running until told to stop."""

from __future__ import annotations

import argparse
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
LEAST_FREE_MB = 200
WEB_WORKERS = 2
LONGEST_PAUSE = 30.0
SECRETS = ("MATURITY_SECRET_KEY", "MATURITY_PASSWORD_SALT")


class CannotStart(Exception):
    """The site cannot start; the message says what to do."""


def main(argv: list[str]) -> int:
    options = parse(argv)
    try:
        check_port(options.host, options.port)
        data = prepare_folder(Path(options.data).resolve())
        environment = environment_for(data)
        check_font()
        prepare_database(environment)
    except CannotStart as error:
        print(f"Cannot start: {error}", file=sys.stderr)
        return 1
    return serve(options, environment)


def parse(argv: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./run", description="Set everything up and serve the site.")
    parser.add_argument("--port", type=int, default=8000, help="port to listen on (default 8000)")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default 127.0.0.1)")
    parser.add_argument("--data", default=str(ROOT / "var"), help="folder of database, documents and secrets")
    options = parser.parse_args(argv)
    if not 0 < options.port < 65536:
        parser.error(f"--port {options.port} is not a port; use a number from 1 to 65535")
    return options


def check_port(host: str, port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise CannotStart(
                f"{host}:{port} cannot be used ({error.strerror}). Try ./run --port {port + 1}"
            ) from error


def prepare_folder(data: Path) -> Path:
    try:
        data.mkdir(parents=True, exist_ok=True, mode=0o700)
        probe = data / ".writable"
        probe.write_text("")
        probe.unlink()
    except OSError as error:
        raise CannotStart(
            f"the folder {data} cannot be written ({error.strerror}). Choose another with --data"
        ) from error
    free = shutil.disk_usage(data).free // 2**20
    if free < LEAST_FREE_MB:
        raise CannotStart(f"only {free} MB are free in {data}; at least {LEAST_FREE_MB} MB are needed")
    return data


def environment_for(data: Path) -> dict[str, str]:
    """The environment of the programs we start. Secrets are made once and kept in the data folder, for us alone."""
    kept = data / "secrets.json"
    if not kept.exists():
        made = json.dumps({name: secrets.token_urlsafe(48) for name in SECRETS})
        handle = os.open(kept, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w") as file:
            file.write(made)
    environment = {**json.loads(kept.read_text()), **os.environ}
    environment.setdefault("MATURITY_ENV", "development")
    environment["MATURITY_DATA"] = str(data)
    environment["PYTHONUNBUFFERED"] = "1"
    return environment


def check_font() -> None:
    sys.path.insert(0, str(ROOT))
    from maturity.results.fonts import MissingFont, cjk_font_file

    try:
        cjk_font_file()
    except MissingFont as error:
        raise CannotStart(str(error)) from error


def prepare_database(environment: dict[str, str]) -> None:
    for command in (("db", "upgrade"), ("seed",)):
        done = subprocess.run([BIN / "flask", *command], cwd=ROOT, env=environment, stderr=subprocess.PIPE, text=True)
        if done.returncode:
            tail = "\n".join(done.stderr.strip().splitlines()[-3:])
            raise CannotStart(f"`flask {' '.join(command)}` failed:\n{tail}")


@dataclass(slots=True)
class Child:
    """A program kept running: started again after a crash, with growing pauses."""

    name: str
    command: list[str]
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    pause: float = 1.0
    due: float = field(default=0.0)

    def start(self, environment: dict[str, str]) -> None:
        # A session of its own, so that Ctrl-C reaches only us and we stop the children in order.
        self.process = subprocess.Popen(self.command, cwd=ROOT, env=environment, start_new_session=True)
        self.started = time.monotonic()

    def tend(self, environment: dict[str, str]) -> None:
        now = time.monotonic()
        if self.process is not None and self.process.poll() is not None:
            self.pause = 1.0 if now - self.started > LONGEST_PAUSE else min(self.pause * 2, LONGEST_PAUSE)
            print(f"{self.name} ended with {self.process.returncode}; starting it again in {self.pause:.0f} s")
            self.process, self.due = None, now + self.pause
        if self.process is None and now >= self.due:
            self.start(environment)

    def stop(self) -> None:
        if self.process is None or self.process.poll() is not None:
            return
        self.process.terminate()
        try:
            self.process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def serve(options: argparse.Namespace, environment: dict[str, str]) -> int:
    bind = f"{options.host}:{options.port}"
    web = [str(BIN / "gunicorn"), "--workers", str(WEB_WORKERS), "--bind", bind, "--preload", "--timeout", "60"]
    children = [
        Child("web server", [*web, "--log-level", "warning", "wsgi:app"]),
        Child("worker", [str(BIN / "flask"), "worker"]),
    ]
    stopping: list[int] = []

    def stop(number: int, _frame: FrameType | None) -> None:
        stopping.append(number)

    signal.signal(signal.SIGINT, stop)
    signal.signal(signal.SIGTERM, stop)
    for child in children:
        child.start(environment)
    wait_until_up(options.host, options.port, children)
    print(
        f"\nThe site is at http://{bind}/  (Ctrl-C stops it; the data stay in {environment['MATURITY_DATA']})",
        flush=True,
    )
    while not stopping:
        time.sleep(0.3)
        for child in children:
            child.tend(environment)
    print("Stopping …", flush=True)
    for child in children:
        child.stop()
    return 0


def wait_until_up(host: str, port: int, children: list[Child]) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and children[0].process and children[0].process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex((host, port)) == 0:
                return
        time.sleep(0.2)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
