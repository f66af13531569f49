"""What must hold before the site can start: a folder to write, held by one start only; a port; the secrets."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import secrets
import shutil
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import TextIO

LEAST_FREE_MB = 500  # the demonstration is written in one transaction, which needs its size twice
SECRETS = ("MATURITY_SECRET_KEY", "MATURITY_PASSWORD_SALT")


class CannotStart(Exception):
    """The site cannot start; the message says what to do."""


def check_folder(data: Path) -> None:
    """The folder can be written or made, and has room. Nothing is made yet."""
    nearest = next(folder for folder in (data, *data.parents) if folder.exists())
    if not nearest.is_dir():
        raise CannotStart(f"{nearest} is a file, not a folder. Choose another with --data")
    if not os.access(nearest, os.W_OK | os.X_OK):
        raise CannotStart(f"the folder {nearest} cannot be written by this account. Choose another with --data")
    free = shutil.disk_usage(nearest).free // 2**20
    if free < LEAST_FREE_MB:
        raise CannotStart(
            f"only {free} MB are free in {nearest}; at least {LEAST_FREE_MB} MB are needed. "
            "Make room, or choose a folder on another disk with --data"
        )


def hold_folder(data: Path, address: str) -> TextIO:
    """Make the folder and keep a second start out of it, which would migrate and seed too, until the file is closed."""
    try:
        data.mkdir(parents=True, exist_ok=True, mode=0o700)
        file = (data / ".lock").open("a+")
    except OSError as error:
        raise CannotStart(
            f"the folder {data} cannot be written ({error.strerror}). Choose another with --data"
        ) from error
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        file.seek(0)
        holder = file.read() or "another start"
        file.close()
        raise CannotStart(
            f"the folder {data} is in use by {holder}. Stop that one, or choose another folder with --data"
        ) from error
    file.truncate(0)
    file.write(f"the site at {address} (process {os.getpid()})")
    file.flush()
    return file


def check_port(host: str, port: int) -> None:
    error = refusal(host, port)
    if error is None:
        return
    reason = f"{host}:{port} cannot be used ({error.strerror})"
    if isinstance(error, socket.gaierror) or error.errno == errno.EADDRNOTAVAIL:
        raise CannotStart(f"{reason}. Use an address of this machine: --host 127.0.0.1, or --host 0.0.0.0 for all")
    if error.errno == errno.EACCES:
        raise CannotStart(f"{reason}. Ports below 1024 belong to the administrator; try ./run --port 8000")
    others = (*range(port + 1, min(port + 50, 65536)), *range(8000, 8050))
    free = next((other for other in others if refusal(host, other) is None), None)
    raise CannotStart(f"{reason}. Try ./run --port {free}" if free else f"{reason}. Choose another with --port")


def refusal(host: str, port: int) -> OSError | None:
    """Why the address cannot be listened on; None when it can."""
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        return error
    return None


def environment_for(data: Path, given: Mapping[str, str]) -> dict[str, str]:
    """The environment of the programs we start. Secrets are made once and kept in the data folder, for us alone."""
    kept = {} if all(name in given for name in SECRETS) else kept_secrets(data)
    environment = {**kept, **given}
    environment.setdefault("MATURITY_ENV", "development")
    environment["MATURITY_DATA"] = str(data)
    environment["PYTHONUNBUFFERED"] = "1"
    return environment


def kept_secrets(data: Path) -> dict[str, str]:
    path = data / "secrets.json"
    if not path.exists():
        if (data / "maturity.db").exists():
            raise CannotStart(
                f"{data} has a database but no secrets.json, without which no password in it can be checked. "
                "Put the file back from a backup, or choose another folder with --data"
            )
        make_secrets(path)
    try:
        kept = json.loads(path.read_text())
        return {name: str(kept[name]) for name in SECRETS}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CannotStart(
            f"{path} is damaged or cannot be read. Put it back from a backup; "
            "with new secrets nobody could sign in with the passwords in the database"
        ) from error


def make_secrets(path: Path) -> None:
    """Written aside and renamed, so that a start killed here leaves no half file."""
    aside = path.with_suffix(".new")
    aside.unlink(missing_ok=True)
    handle = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as file:
        json.dump({name: secrets.token_urlsafe(48) for name in SECRETS}, file)
        file.flush()
        os.fsync(file.fileno())
    aside.replace(path)
