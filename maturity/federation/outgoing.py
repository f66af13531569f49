"""Requests to a provider, whose address an owner typed: they reach the public internet only, quickly, and not for much.

The name is resolved here, every address it has is looked at, and the connection goes to one of those looked at; so a
name that means something else a moment later gains nothing. Nothing is followed elsewhere, and no proxy is asked.
"""

from __future__ import annotations

import ipaddress
import socket
import time
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.util.connection import create_connection

from maturity.errors import Invalid, Unavailable

CONNECT_SECONDS, READ_SECONDS, WHOLE_SECONDS = 5, 10, 20
MOST_BYTES = 512 * 1024
#: Ways to write an IPv4 address inside an IPv6 one that lead to it from some networks: 6to4, NAT64, Teredo.
_WRAPPING = tuple(ipaddress.ip_network(text) for text in ("2002::/16", "64:ff9b::/96", "64:ff9b:1::/48", "2001::/32"))


def is_public(address: str) -> bool:
    """
    >>> [is_public(text) for text in ("93.184.216.34", "10.1.2.3", "127.0.0.1", "169.254.169.254", "100.64.0.1")]
    [True, False, False, False, False]
    >>> [is_public(text) for text in ("2606:4700::1", "::1", "fd00::1", "fe80::1", "::ffff:10.0.0.1", "2002:a00:1::")]
    [True, False, False, False, False, False]
    """
    found = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped is not None:
            found = found.ipv4_mapped
        elif any(found in network for network in _WRAPPING):
            return False
    return found.is_global and not found.is_multicast


def addresses_of(host: str, port: int, *, allow_private: bool) -> list[str]:
    """What the name stands for; `Invalid` where any of it is an inner address."""
    try:
        found = sorted({str(entry[4][0]) for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)})
    except (OSError, UnicodeError) as error:
        raise Unavailable("provider_unreachable", host) from error
    if not allow_private and not all(is_public(address) for address in found):
        raise Invalid("provider_inside", host)
    return found


class _LooksFirst:
    """A connection that goes to an address it has looked at; certificates are still checked against the name."""

    allow_private = False
    host: str
    port: int
    timeout: Any
    socket_options: Any

    def _new_conn(self) -> socket.socket:
        last: OSError | None = None
        for address in addresses_of(self.host, self.port, allow_private=self.allow_private):
            try:
                return create_connection((address, self.port), self.timeout, socket_options=self.socket_options)
            except OSError as error:
                last = error
        raise last or OSError("the name has no address")


class _Adapter(HTTPAdapter):
    """Puts those connections under requests, with a time and a size for every answer."""

    def __init__(self, *, allow_private: bool, allow_plain: bool) -> None:
        self._allow_private, self._allow_plain = allow_private, allow_plain
        super().__init__(max_retries=0)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        mark = {"allow_private": self._allow_private}
        plain: Any = type("Plain", (_LooksFirst, HTTPConnection), mark)
        secure: Any = type("Secure", (_LooksFirst, HTTPSConnection), mark)
        manager: Any = self.poolmanager
        manager.pool_classes_by_scheme = {
            "http": type("PlainPool", (HTTPConnectionPool,), {"ConnectionCls": plain}),
            "https": type("SecurePool", (HTTPSConnectionPool,), {"ConnectionCls": secure}),
        }

    def send(self, request: requests.PreparedRequest, *_args: Any, **_kwargs: Any) -> requests.Response:
        url = str(request.url)
        check_scheme(url, allow_plain=self._allow_plain)
        until = time.monotonic() + WHOLE_SECONDS
        try:
            response = super().send(request, stream=True, timeout=(CONNECT_SECONDS, READ_SECONDS))
            with response:
                if response.is_redirect:
                    raise Unavailable("provider_redirects", url)
                body = _read(response, until)
        except (requests.RequestException, OSError) as error:
            raise Unavailable("provider_unreachable", url) from error
        held: Any = response
        held._content, held._content_consumed = body, True
        return response


def check_scheme(url: str, *, allow_plain: bool) -> None:
    """Only https, or what a trial on one machine may use."""
    try:
        parts = urlsplit(url)
        usable = bool(parts.hostname) and parts.username is None and (parts.port or 1) > 0
    except ValueError as error:
        raise Invalid("provider_not_https", url) from error
    if not usable or parts.scheme not in (("https", "http") if allow_plain else ("https",)):
        raise Invalid("provider_not_https", url)


def _read(response: requests.Response, until: float) -> bytes:
    """The whole body; a provider that says too much or too slowly is as good as down."""
    body = bytearray()
    for chunk in response.iter_content(16 * 1024):
        body += chunk
        if len(body) > MOST_BYTES:
            raise Unavailable("provider_says_too_much")
        if time.monotonic() > until:
            raise Unavailable("provider_unreachable")
    return bytes(body)


def guard(client: requests.Session, *, allow_private: bool, allow_plain: bool) -> None:
    """Let a client reach providers by this way only."""
    client.trust_env = False  # neither a proxy nor credentials from the machine
    client.max_redirects = 0
    client.adapters.clear()
    adapter = _Adapter(allow_private=allow_private, allow_plain=allow_plain)
    for scheme in ("https://", "http://"):
        client.mount(scheme, adapter)
