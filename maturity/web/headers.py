"""Security headers, and caching: a static file's address carries its content, so it may be kept for ever."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

from flask import Flask, Response, current_app, g, request
from werkzeug.middleware.proxy_fix import ProxyFix

CSP = (
    "default-src 'self'; script-src 'self'; style-src 'self'{inline}; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'; object-src 'none'"
)
YEAR = 365 * 24 * 3600
LOOPBACK = ("localhost", "127.0.0.1", "[::1]")


def relax_styles() -> None:
    """Allow inline styles on this response: Plotly sets them (ADR 0006). Scripts stay strict."""
    g.relax_styles = True


@cache
def content_hash(path: Path, _changed_at: float) -> str:
    """The file's content in ten characters; the time only tells the cache that the file has changed."""
    return hashlib.sha256(path.read_bytes()).hexdigest()[:10]


def configure(app: Flask) -> None:
    app.after_request(_set_headers)
    app.url_defaults(_name_the_content)
    if (site := app.config["SITE_URL"]) and app.config["ENVIRONMENT"] == "production":
        # A request that names another host is refused: its name would get into redirects. Probes come to the machine.
        app.config["TRUSTED_HOSTS"] = [str(urlsplit(site).hostname), *LOOPBACK]
    if hops := app.config["TRUSTED_PROXIES"]:
        # Behind proxies the visitor's address, which sign-in limits count by, is in a header they set.
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]  # as Flask documents


def _name_the_content(endpoint: str, values: dict[str, object]) -> None:
    if endpoint != "static" or "v" in values or not current_app.static_folder:
        return
    path = Path(current_app.static_folder) / str(values.get("filename", ""))
    if path.is_file():
        values["v"] = content_hash(path, path.stat().st_mtime)


def _set_headers(response: Response) -> Response:
    inline = " 'unsafe-inline'" if g.get("relax_styles") else ""
    response.headers.setdefault("Content-Security-Policy", CSP.format(inline=inline))  # a view may be stricter
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["X-Frame-Options"] = "DENY"  # for what does not know frame-ancestors
    response.headers["Referrer-Policy"] = "same-origin"
    response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
    response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")  # a badge stands on pages of others
    response.headers["Permissions-Policy"] = "camera=(), microphone=(), geolocation=()"
    if current_app.config["ENVIRONMENT"] == "production":
        response.headers["Strict-Transport-Security"] = f"max-age={YEAR}; includeSubDomains"
    if response.mimetype == "application/json":
        response.headers.setdefault("Content-Disposition", 'attachment; filename="data.json"')
    if request.endpoint == "static" and response.status_code < 400:
        kept = f"max-age={YEAR}, immutable" if "v" in request.args else "no-cache"
        response.headers["Cache-Control"] = f"public, {kept}"
    elif "no-store" in response.headers.get("Cache-Control", "no-store"):  # the library writes it as nobody reads it
        response.headers["Cache-Control"] = "no-store"
    return response
