"""Style sheets, scripts and pictures are sent compressed. Pages are not: they hold secrets beside what was typed."""

from __future__ import annotations

import gzip

from flask import Flask, Response, request

ENDPOINTS = frozenset({"static", "results.plotly_js"})
KINDS = frozenset({"text/css", "text/javascript", "image/svg+xml"})
_kept: dict[tuple[str, str], bytes] = {}


def configure(app: Flask) -> None:
    app.after_request(_compress)


def _compress(response: Response) -> Response:
    if request.endpoint not in ENDPOINTS or response.mimetype not in KINDS or response.status_code != 200:
        return response
    response.vary.add("Accept-Encoding")
    if not request.accept_encodings["gzip"]:
        return response
    etag, _weak = response.get_etag()
    content = _compressed((request.path, str(etag)), response)
    response.direct_passthrough = False
    response.set_data(content)
    response.headers["Content-Encoding"] = "gzip"
    response.set_etag(f"{etag}-gzip")
    return response


def _compressed(state: tuple[str, str], response: Response) -> bytes:
    """The file's content, compressed once for each state of it and kept."""
    if state not in _kept:
        response.direct_passthrough = False
        _kept[state] = gzip.compress(response.get_data(), 9, mtime=0)
    return _kept[state]
