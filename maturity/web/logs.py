"""Logging: one line an event, with the request's id; never a secret, an answer or a query string."""

from __future__ import annotations

import logging
import sys
import time
import uuid

from flask import Flask, Response, g, has_request_context, request

QUIET = ("static", "public.status")


class RequestId(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = g.get("request_id", "-") if has_request_context() else "-"
        return True


def configure(app: Flask) -> None:
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(RequestId())
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s [%(request_id)s] %(name)s: %(message)s"))
    app.logger.handlers = [handler]
    app.logger.setLevel(logging.INFO)

    @app.before_request
    def _name() -> None:
        g.request_id = uuid.uuid4().hex[:12]
        g.started = time.perf_counter()

    @app.after_request
    def _tell(response: Response) -> Response:
        response.headers["X-Request-Id"] = g.get("request_id", "-")
        if request.endpoint not in QUIET:
            took = round(1000 * (time.perf_counter() - g.get("started", time.perf_counter())))
            level = logging.ERROR if response.status_code >= 500 else logging.INFO
            app.logger.log(level, "%s %s %s %sms", request.method, _path(), response.status_code, took)
        return response


def _path() -> str:
    """The path without a token that stands in it, as in those of passkeys and authenticator apps."""
    token = (request.view_args or {}).get("token")
    path = request.path.replace(token, "…") if token else request.path
    # A line break in an address must not begin a line of the log.
    return "".join(sign if sign.isprintable() else "?" for sign in path[:500])
