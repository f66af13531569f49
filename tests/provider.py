"""A real OpenID provider for tests: oidc-provider-mock on a port of its own, which signs tokens and is told to fail.

What it lacks stands here: it checks the PKCE verifier, can change its key, and can put something wrong into a token and
sign that, as a broken or hostile provider would.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests
from flask import Response, abort, request
from joserfc import jwt
from joserfc.jwk import RSAKey
from werkzeug.serving import make_server

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # it still uses the part of Authlib that joserfc replaces
    import oidc_provider_mock

Claims = dict[str, Any]


class Provider:
    """The provider as a test sees it; the server's threads read what the test sets."""

    def __init__(self) -> None:
        self.issuer = ""
        self.key = RSAKey.generate_key(2048, {"kid": "first", "use": "sig"})
        #: Changes the claims of the next ID tokens.
        self.tamper: Callable[[Claims], Claims] = lambda claims: claims
        #: Signs the next ID tokens instead of `key`.
        self.signs_with: RSAKey | None = None
        self.is_down = False
        self.description: dict[str, Any] = {}
        self.requests: list[str] = []
        self._challenges: dict[str, str] = {}
        self.app = oidc_provider_mock.app(require_nonce=True)
        self._wrap()

    def rotate(self) -> None:
        """From now on another key signs; the former one is gone from the list."""
        self.key = RSAKey.generate_key(2048, {"kid": "second", "use": "sig"})

    def knows(self, subject: str, **claims: Any) -> None:
        """Somebody whom the provider can sign in."""
        requests.put(f"{self.issuer}/users/{subject}", json=claims, timeout=5).raise_for_status()

    def sign_in(self, url: str, subject: str) -> str:
        """Say at the provider's page who it is; the address that it sends the browser back to."""
        answer = requests.post(url, data={"sub": subject}, allow_redirects=False, timeout=5)
        assert answer.status_code == 302, answer.text
        return answer.headers["Location"]

    def refuse(self, url: str) -> str:
        """Press the button that denies."""
        answer = requests.post(url, data={"action": "deny"}, allow_redirects=False, timeout=5)
        return answer.headers["Location"]

    def _wrap(self) -> None:
        app, views = self.app, self.app.view_functions
        names = {name.rpartition(".")[2]: name for name in views}
        token, description = views[names["issue_token"]], views[names["openid_config"]]

        @app.before_request
        def _note() -> None:
            self.requests.append(request.path)
            if self.is_down:
                abort(503)

        @app.after_request
        def _keep_challenge(response: Response) -> Response:
            code = parse_qs(urlsplit(response.location or "").query).get("code")
            if request.path == "/oauth2/authorize" and code and request.args.get("code_challenge_method") == "S256":
                self._challenges[code[0]] = request.args["code_challenge"]
            return response

        def issue() -> Any:
            made = hashlib.sha256(request.form.get("code_verifier", "").encode()).digest()
            if self._challenges.get(request.form.get("code", "")) != base64.urlsafe_b64encode(made).decode().strip("="):
                return {"error": "invalid_grant"}, 400
            response = app.make_response(token())
            answer = json.loads(response.get_data())
            if "id_token" in answer:
                answer["id_token"] = self._signed(answer["id_token"])
                response.set_data(json.dumps(answer))
            return response

        def describe() -> Any:
            return json.loads(app.make_response(description()).get_data()) | self.description

        views[names["issue_token"]] = issue
        views[names["openid_config"]] = describe
        views[names["jwks"]] = lambda: {"keys": [self.key.as_dict(private=False)]}

    def _signed(self, token: str) -> str:
        claims = json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))
        key = self.signs_with or self.key
        return jwt.encode({"alg": "RS256", "kid": self.key.kid}, self.tamper(claims), key)


@contextmanager
def running_provider() -> Iterator[Provider]:
    provider = Provider()
    server = make_server("localhost", 0, provider.app, threaded=True)
    provider.issuer = f"http://localhost:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        thread.join(5)
        server.server_close()


def subject_of(url: str, name: str) -> str:
    """One parameter of an address."""
    found = re.search(rf"[?&]{name}=([^&]+)", url)
    assert found, url
    return found[1]
