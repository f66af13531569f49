"""The gateway to a malware scanner: clamd over TCP or a Unix socket, or the null twin where none is configured."""

from __future__ import annotations

import re
import socket
import struct
import time
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Protocol

PATIENCE_SECONDS = 60.0
_CHUNK = 64 * 1024
_LONGEST_REPLY = 4096
_FOUND = re.compile(r"stream: (.{1,200}) FOUND")


class ScannerSilent(RuntimeError):
    """No scanner answered in a way we understand: the file stays unjudged and is scanned again later."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """`state` as in the file's row; `finding` is what the scanner calls what it found."""

    state: str
    finding: str | None = None


class Scanner(Protocol):
    is_configured: bool

    def scan(self, path: Path) -> Verdict: ...

    def answers(self) -> bool: ...


class NoScanner:
    """Scans nothing, and says so."""

    is_configured = False

    def scan(self, path: Path) -> Verdict:
        return Verdict("unscanned")

    def answers(self) -> bool:
        return False


@dataclass(frozen=True, slots=True)
class Clamd:
    """Speaks INSTREAM: the file goes through the socket in chunks, so clamd needs no right to read our folder."""

    address: tuple[str, int] | str  # host and port, or the path of a Unix socket
    patience: float = PATIENCE_SECONDS
    is_configured = True

    def scan(self, path: Path) -> Verdict:
        with path.open("rb") as file:  # that it is gone is no fault of the scanner
            try:
                return self._judge(file)
            except OSError as error:
                raise ScannerSilent(type(error).__name__) from error

    def answers(self, patience: float = 3.0) -> bool:
        """Whether clamd is there."""
        try:
            with self._connect(patience) as connection:
                connection.sendall(b"zPING\0")
                return _read_reply(connection, time.monotonic() + patience) == b"PONG\0"
        except OSError:
            return False

    def _judge(self, file: IO[bytes]) -> Verdict:
        deadline = time.monotonic() + self.patience
        with self._connect() as connection:
            connection.sendall(b"zINSTREAM\0")
            while chunk := file.read(_CHUNK):
                _wait_no_longer_than(connection, deadline)
                connection.sendall(struct.pack("!I", len(chunk)) + chunk)
            connection.sendall(struct.pack("!I", 0))
            return _verdict(_read_reply(connection, deadline))

    def _connect(self, patience: float | None = None) -> socket.socket:
        timeout = patience or self.patience
        if isinstance(self.address, tuple):
            return socket.create_connection(self.address, timeout=timeout)
        connection = socket.socket(socket.AF_UNIX)
        connection.settimeout(timeout)
        try:
            connection.connect(self.address)
        except OSError:
            connection.close()
            raise
        return connection


def _wait_no_longer_than(connection: socket.socket, deadline: float) -> None:
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    connection.settimeout(left)


def _read_reply(connection: socket.socket, deadline: float) -> bytes:
    reply = b""
    while not reply.endswith(b"\0") and len(reply) < _LONGEST_REPLY:
        _wait_no_longer_than(connection, deadline)
        part = connection.recv(_LONGEST_REPLY)
        if not part:
            break
        reply += part
    return reply


def _verdict(reply: bytes) -> Verdict:
    """Nothing but the two answers that judge the stream is an answer; half of one is none.

    >>> _verdict(b"stream: OK\\0"), _verdict(b"stream: Win.Test.EICAR_HDB-1 FOUND\\0")
    (Verdict(state='clean', finding=None), Verdict(state='infected', finding='Win.Test.EICAR_HDB-1'))
    """
    text = reply.decode("utf-8", errors="replace")
    if text == "stream: OK\0":
        return Verdict("clean")
    if found := _FOUND.fullmatch(text.removesuffix("\0")):
        return Verdict("infected", found[1])
    raise ScannerSilent("an answer that is none")


def scanner_for(clamd: str | None) -> Scanner:
    """The scanner of a configuration: `host:port` or `/path/of/socket`."""
    if clamd is None:
        return NoScanner()
    if clamd.startswith("/"):
        return Clamd(clamd)
    host, _, port = clamd.rpartition(":")
    return Clamd((host.strip("[]"), int(port)))
