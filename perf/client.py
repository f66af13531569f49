"""A browser reduced to what costs the server the same: cookies, the form's token, one request a connection."""

from __future__ import annotations

import http.client
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlencode

from perf.servers import LOCAL

TOKEN = re.compile(r'name="csrf_token"[^>]* value="([^"]+)"')
Form = Mapping[str, str | Sequence[str]]


@dataclass(frozen=True, slots=True)
class Reply:
    status: int
    body: str
    location: str

    def json(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.body)
        return found


class UnexpectedReply(RuntimeError):
    """The site answered otherwise than the measure needs; a figure from it would mean nothing."""


@dataclass(slots=True)
class Client:
    port: int
    cookies: dict[str, str] = field(default_factory=dict)
    token: str = ""

    def get(self, path: str, expect: int = 200) -> Reply:
        return self._expected(self._send("GET", path, None, {}), path, expect)

    def post(self, path: str, form: Form, expect: int = 200) -> Reply:
        return self._expected(self.try_post(path, form), path, expect)

    def try_post(self, path: str, form: Form) -> Reply:
        """Post as the page's script does, and take whatever comes."""
        headers = {
            "Accept": "application/json",
            "Content-Type": "application/x-www-form-urlencoded",
            "X-CSRFToken": self.token,
        }
        return self._send("POST", path, urlencode(form, doseq=True), headers)

    def sign_in(self, email: str, password: str) -> None:
        self.token = self.token_on("/sign-in")
        form = {"email": email, "password": password, "csrf_token": self.token}
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        self._expected(self._send("POST", "/sign-in", urlencode(form), headers), "/sign-in", 302)
        self.token = self.token_on("/account")

    def token_on(self, path: str) -> str:
        found = TOKEN.search(self.get(path).body)
        if found is None:
            raise UnexpectedReply(f"{path} has no form")
        return found[1]

    def _send(self, method: str, path: str, body: str | None, headers: dict[str, str]) -> Reply:
        connection = http.client.HTTPConnection(LOCAL, self.port, timeout=60)
        try:
            cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
            connection.request(method, path, body, headers | ({"Cookie": cookie} if cookie else {}))
            response = connection.getresponse()
            text = response.read().decode()
            for line in response.headers.get_all("Set-Cookie", []):
                self.cookies |= {name: morsel.value for name, morsel in SimpleCookie(line).items()}
            return Reply(response.status, text, response.headers.get("Location", ""))
        finally:
            connection.close()

    @staticmethod
    def _expected(reply: Reply, path: str, expect: int) -> Reply:
        if reply.status != expect:
            raise UnexpectedReply(f"{path} answered {reply.status} instead of {expect}: {reply.body[:300]}")
        return reply
