"""Style sheets, scripts and pictures are sent compressed. Pages are not: they hold secrets beside what was typed.

The one exception is the methodology, the longest page there is, for visitors who have not signed in: it takes no
input and holds nothing that is not public.
"""

from __future__ import annotations

import gzip

from flask import Flask, Response, request, session

ENDPOINTS = frozenset({"static", "results.plotly_js"})
PUBLIC_PAGES = frozenset({"public.methodology"})
KINDS = frozenset({"text/css", "text/javascript", "image/svg+xml"})
_kept: dict[tuple[str, str], bytes] = {}


def configure(app: Flask) -> None:
    app.after_request(_compress)


def _compress(response: Response) -> Response:
    if response.status_code == 200 and request.endpoint in PUBLIC_PAGES and "_user_id" not in session:
        return _compress_page(response)
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


def _compress_page(response: Response) -> Response:
    response.vary.update(("Accept-Encoding", "Cookie"))
    if request.accept_encodings["gzip"]:
        response.set_data(gzip.compress(response.get_data(), 6, mtime=0))
        response.headers["Content-Encoding"] = "gzip"
    return response


def _compressed(state: tuple[str, str], response: Response) -> bytes:
    """The file's content, compressed once for each state of it and kept."""
    if state not in _kept:
        response.direct_passthrough = False
        _kept[state] = gzip.compress(response.get_data(), 9, mtime=0)
    return _kept[state]
