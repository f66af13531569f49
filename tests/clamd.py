"""A server that speaks clamd's INSTREAM, for tests of what stands before it: it finds EICAR, or misbehaves as told."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.factories.files import EICAR

LARGEST_STREAM = 25 * 1024**2  # clamd's own default


class FakeClamd:
    """`answer`, where it is set, is sent instead of the judgement; `silent` never answers."""

    def __init__(self, listener: socket.socket) -> None:
        self.listener = listener
        self.answer: bytes | None = None
        self.silent = False
        self.seen: list[int] = []
        self.over = threading.Event()

    @property
    def address(self) -> str:
        name = self.listener.getsockname()
        return name if isinstance(name, str) else f"{name[0]}:{name[1]}"

    def serve(self) -> None:
        while not self.over.is_set():
            try:
                connection, _peer = self.listener.accept()
            except TimeoutError:
                continue
            with connection:
                connection.settimeout(5)
                self.talk(connection)

    def talk(self, connection: socket.socket) -> None:
        assert _exactly(connection, 10) == b"zINSTREAM\0"
        content = b""
        while length := struct.unpack("!I", _exactly(connection, 4))[0]:
            content += _exactly(connection, length)
            if len(content) > LARGEST_STREAM:
                connection.sendall(b"INSTREAM size limit exceeded. ERROR\0")
                return
        self.seen.append(len(content))
        if self.silent:
            self.over.wait(5)
        elif self.answer is not None:
            connection.sendall(self.answer)
        else:
            connection.sendall(b"stream: Win.Test.EICAR_HDB-1 FOUND\0" if EICAR in content else b"stream: OK\0")


def _exactly(connection: socket.socket, count: int) -> bytes:
    taken = b""
    while len(taken) < count:
        part = connection.recv(count - len(taken))
        if not part:
            raise ConnectionError("the client left")
        taken += part
    return taken


@contextmanager
def running_clamd(socket_path: Path | None = None) -> Iterator[FakeClamd]:
    """Over TCP, or over a Unix socket at the given path."""
    if socket_path is None:
        listener = socket.create_server(("127.0.0.1", 0))
    else:
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(str(socket_path))
        listener.listen()
    listener.settimeout(0.05)
    server = FakeClamd(listener)
    thread = threading.Thread(target=server.serve)
    thread.start()
    try:
        yield server
    finally:
        server.over.set()
        thread.join()
        listener.close()


def nobody_listens() -> str:
    """An address that refuses connections."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    return f"127.0.0.1:{port}"
