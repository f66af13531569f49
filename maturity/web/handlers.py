"""Errors become pages and JSON here, once: clear, in the user's language, with what to do next."""

from __future__ import annotations

import errno
from contextlib import suppress
from typing import Any

from flask import Flask, current_app, g, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DBAPIError, OperationalError
from werkzeug.exceptions import HTTPException, SecurityError

from maturity.errors import MaturityError
from maturity.extensions import db
from maturity.web.messages import MESSAGES, message_for, title_for

BUSY = ("locked", "busy", "timeout", "could not connect", "connection", "deadlock")
FULL = ("disk is full", "no space left", "disk i/o error")
#: The page for these asks the database nothing, not even who is signed in.
WITHOUT_DATABASE = frozenset({"database_busy", "storage_full"})


def wants_json() -> bool:
    best = request.accept_mimetypes.best_match(["text/html", "application/json"])
    return best == "application/json" and request.accept_mimetypes["application/json"] > 0


def configure(app: Flask) -> None:
    app.register_error_handler(MaturityError, _maturity_error)
    app.register_error_handler(OperationalError, _database_error)
    app.register_error_handler(OSError, _os_error)
    app.register_error_handler(CSRFError, _csrf_error)
    app.register_error_handler(SecurityError, _other_host)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _unexpected)


def _maturity_error(error: MaturityError) -> ResponseReturnValue:
    return error_response(error.status, error.code)


def _csrf_error(_error: CSRFError) -> ResponseReturnValue:
    return error_response(400, "page_expired")


def _other_host(_error: SecurityError) -> ResponseReturnValue:
    """The request names a host that is not ours: no page, because every address on it would name that host."""
    return "400 Bad Request\n", 400, {"Content-Type": "text/plain; charset=utf-8"}


def _http_error(error: HTTPException) -> ResponseReturnValue:
    if error.response is not None or (error.code or 500) < 400:
        return error
    status = error.code or 500
    code = f"http_{status}"
    return error_response(status, code if code in MESSAGES or status >= 500 else "http_400")


def _database_error(error: OperationalError) -> ResponseReturnValue:
    text = str(error.orig).lower()
    if any(part in text for part in FULL):
        return error_response(503, "storage_full")
    if any(part in text for part in BUSY):
        return error_response(503, "database_busy")
    return _unexpected(error)


def _os_error(error: OSError) -> ResponseReturnValue:
    return error_response(503, "storage_full") if error.errno == errno.ENOSPC else _unexpected(error)


def _unexpected(error: Exception) -> ResponseReturnValue:
    current_app.logger.exception("unexpected %s", type(error).__name__)
    return error_response(500, "http_500")


def ask_to_sign_in(*_mechanisms: Any, **_headers: Any) -> ResponseReturnValue:
    """Lead to the sign-in page and back; a script gets 401 with the words instead."""
    if wants_json():
        return error_response(401, "http_401")
    here = request.full_path.rstrip("?") if request.method == "GET" else None
    return redirect(url_for("security.login", next=here))


def error_response(status: int, code: str, **more: Any) -> ResponseReturnValue:
    """The same error as a page or as JSON. The transaction is rolled back first: the page itself reads."""
    with suppress(DBAPIError):
        db.session.rollback()
    if code in WITHOUT_DATABASE:
        g._login_user = current_app.login_manager.anonymous_user()  # type: ignore[attr-defined]  # set by Flask-Login
    message = message_for(code)
    later = {"Retry-After": "5"} if code in WITHOUT_DATABASE else {}
    if wants_json():
        return jsonify(error=code, message=message, **more), status, later
    g.pop("access", None)
    words = {"status": status, "title": title_for(status), "message": message}
    if code in WITHOUT_DATABASE:
        return render_template("errors/plain.html", **words), status, later
    return render_template("errors/error.html", **words), status
