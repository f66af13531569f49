"""The log for everybody: a page for people, and for programs heads, entries and proofs as JSON, without an account."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

from flask import Blueprint, current_app, jsonify, make_response, render_template, request
from flask.typing import ResponseReturnValue

from maturity.extensions import db
from maturity.signing.keys import public_keys
from maturity.signing.published import keys_document
from maturity.transparency import service
from maturity.transparency.offline import program_in, style_in
from maturity.transparency.statement import head_document, read_instant
from maturity.transparency.words import EVENT_WORDS, STATUS_KINDS, STATUS_WORDS
from maturity.web.access import public
from maturity.web.addresses import site_base
from maturity.web.messages import message_for
from maturity.web.site import site_clock

bp = Blueprint("transparency", __name__)
SHOWN = 10
#: Entries of one answer at most; a whole log is read in several.
MOST_ENTRIES = 1000
#: What can only be added to is the same for ever; the latest head should be seen soon.
FOR_EVER, SOON = timedelta(days=365), timedelta(seconds=30)


class NotThere(LookupError):
    """The log has not what is asked for; `status` is 400 where it cannot be asked like that."""

    def __init__(self, code: str, status: int) -> None:
        super().__init__(code)
        self.code, self.status = code, status


@bp.errorhandler(NotThere)
def _not_there(error: NotThere) -> ResponseReturnValue:
    response = _open(jsonify(error=error.code, message=message_for(error.code)))
    return response, error.status


@bp.get("/log")
@public
def index() -> ResponseReturnValue:
    """What the log is, its latest head and entries, and how to check it."""
    session = db.session()
    head = service.latest_head(session)
    size = head.size if head else 0
    leaves = service.leaves_between(session, max(0, size - SHOWN), size)
    return render_template(
        "transparency/index.html",
        head=head,
        leaves=[(leaf.number, leaf.entry, read_instant(leaf.entry["at"])) for leaf in reversed(leaves)],
        events=EVENT_WORDS,
        statuses=STATUS_WORDS,
        status_kinds=STATUS_KINDS,
        most=MOST_ENTRIES,
        base=site_base(),
    )


@bp.get("/log/head.json")
@public
def latest() -> ResponseReturnValue:
    head = service.latest_head(db.session())
    if head is None:
        raise NotThere("log_empty", 404)
    return _answer(head_document(head), SOON)


@bp.get("/log/heads/<int:size>.json")
@public
def head(size: int) -> ResponseReturnValue:
    try:
        return _answer(head_document(service.head_of(db.session(), size)), FOR_EVER)
    except LookupError as error:
        raise NotThere("log_no_size", 404) from error


@bp.get("/log/entries.json")
@public
def entries() -> ResponseReturnValue:
    """From leaf `from` to before leaf `to`, at most a thousand; without `to`, to the end."""
    session = db.session()
    size = service.size_of(session)
    first, asked = _number("from", 0), _number("to", size)
    end = min(asked, size, first + MOST_ENTRIES)
    if not 0 <= first < end:
        raise NotThere("log_no_entries", 404)
    found = service.entries_document(session, first, end, origin=site_base())
    return _answer(found, FOR_EVER if "to" in request.args and end == asked else SOON)


@bp.get("/log/inclusion.json")
@public
def inclusion() -> ResponseReturnValue:
    """The entry of a leaf with the head of `size` and the proof that it is in; without `size`, the latest head."""
    leaf, size = _number("leaf"), _number("size", None)
    try:
        found = service.proof_document(db.session(), leaf, size, origin=site_base())
    except LookupError as error:
        raise NotThere("log_no_leaf", 404) from error
    return _answer(found, FOR_EVER if size else SOON)


@bp.get("/log/consistency.json")
@public
def consistency() -> ResponseReturnValue:
    """The heads of two sizes and the proof that the newer log begins with the older; without `new`, the latest."""
    session = db.session()
    old, new = _number("old"), _number("new", None)
    try:
        found = service.consistency_document(session, old, new or service.size_of(session), origin=site_base())
    except LookupError as error:
        raise NotThere("log_no_size", 404) from error
    return _answer(found, FOR_EVER if new else SOON)


@bp.get("/log/certificate/<number>.json")
@public
def certificate(number: str) -> ResponseReturnValue:
    """What the log says of a certificate, for whoever has its number as it is printed."""
    try:
        found = service.certificate_document(db.session(), number.strip().upper(), origin=site_base())
    except LookupError as error:
        raise NotThere("log_no_certificate", 404) from error
    return _answer(found, timedelta(0))


@bp.get("/verify/offline")
@public
def verifier() -> ResponseReturnValue:
    """Checks a file in the browser; nothing is sent here."""
    return render_template("transparency/offline.html", keys=_keys())


@bp.get("/verify/offline/verifier.html")
@public
def verifier_file() -> ResponseReturnValue:
    """The same as one file, with the keys of today, for everybody to keep or to host."""
    folder = Path(current_app.static_folder or "")
    parts = {"style": style_in(folder), "program": program_in(folder)}
    response = make_response(render_template("transparency/verifier_file.html", keys=_keys(), **parts))
    response.headers["Content-Disposition"] = 'attachment; filename="maturity-verifier.html"'
    return response


def _keys() -> dict[str, Any]:
    return keys_document(public_keys(db.session()), site_base(), site_clock().now())


def _number(name: str, default: Any = ...) -> Any:
    """A number of the address; with no default it must be there. None stands for one that may be missing."""
    text = request.args.get(name)
    if text is None and default is not ...:
        return default
    if text is None or not (text.isascii() and text.isdecimal() and len(text) <= 10):
        raise NotThere("log_not_a_number", 400)
    return int(text)


def _answer(found: dict[str, Any], kept: timedelta) -> ResponseReturnValue:
    response = _open(jsonify(found))
    seconds = int(kept.total_seconds())
    lasting = ", immutable" if kept == FOR_EVER else ""
    response.headers["Cache-Control"] = f"public, max-age={seconds}{lasting}" if seconds else "no-store"
    return response


def _open(response: Any) -> Any:
    """Programs of others read it, also from a page of theirs."""
    response.headers["Content-Disposition"] = "inline"
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response
