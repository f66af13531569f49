"""For everybody: the record of processing, the texts people agree to, and the receipt of a deletion."""

from __future__ import annotations

from flask import Response, abort, current_app, render_template
from flask.typing import ResponseReturnValue

from maturity.consents.texts import find_text, versions_of
from maturity.extensions import db
from maturity.rights.blueprint import bp
from maturity.rights.erasure import find_receipt, read_receipt
from maturity.rights.inventory import entry_of
from maturity.rights.processing import activities
from maturity.rights.residency import region_words
from maturity.rights.retention import CLASSES
from maturity.web.access import public
from maturity.web.locale import current_locale


@bp.get("/privacy/processing")
@public
def processing() -> ResponseReturnValue:
    """Generated from the same data that the nightly job works by, so that it cannot be out of date."""
    kept = region_words(current_app.config["DATA_REGION"], current_locale())
    return render_template("rights/processing.html", activities=activities(), classes=CLASSES, kept=kept)


@bp.get("/privacy/texts/<purpose>")
@bp.get("/privacy/texts/<purpose>/<version>")
@public
def text(purpose: str, version: str = "") -> ResponseReturnValue:
    """What somebody agrees to, in every version there has been."""
    known = find_text(purpose, version) if version else next(iter(versions_of(purpose)[-1:]), None)
    if known is None:
        abort(404)
    return render_template("rights/text.html", text=known, versions=versions_of(purpose))


@bp.get("/deletions/<token>")
@public
def receipt(token: str) -> ResponseReturnValue:
    """The receipt, for whoever got the letter."""
    deletion = find_receipt(db.session(), token)
    content = read_receipt(deletion)
    words = {name: entry_of(name).title.to(current_locale()) for name in content["rows"]}
    return render_template("rights/receipt.html", deletion=deletion, receipt=content, words=words, token=token)


@bp.get("/deletions/<token>/receipt.json")
@public
def receipt_file(token: str) -> ResponseReturnValue:
    """The very bytes whose hash stands in the log."""
    deletion = find_receipt(db.session(), token)
    response = Response(deletion.receipt, mimetype="application/json")
    response.headers.set("Content-Disposition", "attachment", filename=f"receipt-{deletion.id}.json")
    return response
