"""What goes out to a provider: only where it may, not for long, and not for much. Against real servers."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import requests

from maturity.errors import Invalid, MaturityError, Unavailable
from maturity.federation import outgoing
from maturity.federation.outgoing import addresses_of, guard

Answer = Callable[[socket.socket], None]


@contextmanager
def serving(answer: Answer) -> Iterator[int]:
    """A server that answers every connection by hand; the port."""
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(0.1)
    over = threading.Event()

    def serve() -> None:
        while not over.is_set():
            try:
                connection, _peer = listener.accept()
            except TimeoutError:
                continue
            with connection:
                connection.settimeout(5)
                try:
                    connection.recv(65536)
                    answer(connection)
                except OSError:
                    continue

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        over.set()
        thread.join()
        listener.close()


def body(content: bytes) -> Answer:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n"
    return lambda connection: connection.sendall(head + content)


def fetch(url: str, *, allow_private: bool = True) -> requests.Response:
    with requests.Session() as client:
        guard(client, allow_private=allow_private, allow_plain=True)
        return client.get(url)


def refusal(url: str, **allowed: bool) -> MaturityError:
    with pytest.raises(MaturityError) as caught:
        fetch(url, **allowed)
    return caught.value


def test_an_answer_is_read_whole() -> None:
    with serving(body(b'{"issuer": "x"}')) as port:
        assert fetch(f"http://127.0.0.1:{port}/").json() == {"issuer": "x"}


def test_an_inner_address_is_not_even_connected_to() -> None:
    seen: list[int] = []
    with serving(lambda connection: seen.append(1)) as port:
        for host in ("127.0.0.1", "localhost", "[::ffff:127.0.0.1]"):
            assert refusal(f"http://{host}:{port}/", allow_private=False).code == "provider_inside"
    assert not seen


def test_a_name_with_one_inner_address_is_refused_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    found: list[Any] = [(socket.AF_INET, 1, 6, "", (address, 443)) for address in ("93.184.216.34", "10.0.0.1")]
    monkeypatch.setattr(outgoing.socket, "getaddrinfo", lambda *_args, **_more: found)
    with pytest.raises(Invalid, match="provider_inside"):
        addresses_of("two-faced.example", 443, allow_private=False)


def test_a_name_that_means_something_else_a_moment_later_gains_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """The connection goes to the address that was looked at; the name is not resolved again."""
    asked: list[str] = []
    connected: list[Any] = []

    def resolve(host: str, *_args: Any, **_more: Any) -> list[Any]:
        asked.append(host)
        return [(socket.AF_INET, 1, 6, "", ("93.184.216.34" if len(asked) == 1 else "10.0.0.1", 443))]

    def connect(address: Any, *_args: Any, **_more: Any) -> socket.socket:
        connected.append(address)
        raise OSError("nobody is there")

    monkeypatch.setattr(outgoing.socket, "getaddrinfo", resolve)
    monkeypatch.setattr(outgoing, "create_connection", connect)
    assert refusal("http://rebinding.example/", allow_private=False).code == "provider_unreachable"
    assert connected == [("93.184.216.34", 80)]


def test_a_name_that_nobody_knows_is_unreachable() -> None:
    with pytest.raises(Unavailable, match="provider_unreachable"):
        addresses_of("name.invalid", 443, allow_private=False)


def test_an_answer_that_sends_elsewhere_is_not_followed() -> None:
    head = b"HTTP/1.1 302 Found\r\nLocation: http://169.254.169.254/\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    with serving(lambda connection: connection.sendall(head)) as port:
        assert refusal(f"http://127.0.0.1:{port}/").code == "provider_redirects"


def test_an_answer_without_end_is_cut_off() -> None:
    with serving(body(b"x" * (outgoing.MOST_BYTES + 20_000))) as port:
        assert refusal(f"http://127.0.0.1:{port}/").code == "provider_says_too_much"


def test_an_answer_that_unpacks_to_too_much_is_cut_off() -> None:
    import gzip

    packed = gzip.compress(b"x" * (20 * outgoing.MOST_BYTES))
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nConnection: close\r\n\r\n"
    with serving(lambda connection: connection.sendall(head + packed)) as port:
        assert refusal(f"http://127.0.0.1:{port}/").code == "provider_says_too_much"


def test_an_answer_in_drops_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outgoing, "WHOLE_SECONDS", 0.5)

    def drip(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n")
        for _drop in range(30):
            connection.sendall(b"1\r\nx\r\n")
            time.sleep(0.1)

    began = time.monotonic()
    with serving(drip) as port:
        assert refusal(f"http://127.0.0.1:{port}/").code == "provider_unreachable"
        assert time.monotonic() - began < 2.5


def test_silence_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outgoing, "READ_SECONDS", 0.3)
    with serving(lambda _connection: time.sleep(1)) as port:
        assert refusal(f"http://127.0.0.1:{port}/").code == "provider_unreachable"


def test_a_certificate_of_nobody_is_refused() -> None:
    """TLS is spoken, and its certificate checked against the name."""
    with serving(lambda connection: connection.sendall(b"not TLS at all")) as port:
        assert refusal(f"https://127.0.0.1:{port}/").code == "provider_unreachable"


def test_neither_a_proxy_nor_another_scheme_is_a_way_around(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(body(b'{"by": "proxy"}')) as proxy, serving(body(b'{"by": "itself"}')) as port:
        monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{proxy}")
        assert fetch(f"http://127.0.0.1:{port}/").json() == {"by": "itself"}
    with requests.Session() as client:
        guard(client, allow_private=False, allow_plain=False)
        for url in ("http://93.184.216.34/", "file:///etc/passwd", "ftp://93.184.216.34/"):
            with pytest.raises((Invalid, requests.exceptions.InvalidSchema)):
                client.get(url)
