"""An enterprise's receipts: that its result was counted in a release, once, and how to check it."""

from __future__ import annotations

import uuid

from flask import Response, render_template
from flask.typing import ResponseReturnValue

from maturity.crosswalk.service import published_frameworks
from maturity.extensions import db
from maturity.releases.blueprint import bp
from maturity.releases.keys import public_key
from maturity.releases.receipt import problems
from maturity.releases.receipts import content_of, find_receipt, receipts_of
from maturity.releases.service import correction_of, find_release
from maturity.tenancy.permissions import Permission
from maturity.tenancy.service import Access
from maturity.web.access import requires
from maturity.web.filters import words

BASE = "/t/<uuid:tenant_id>/releases/receipts"


@bp.get(BASE)
@requires(Permission.BENCHMARK_VIEW)
def receipts(access: Access) -> ResponseReturnValue:
    titles = {item.edition.framework: words(item.edition.title) for item in published_frameworks(db.session())}
    return render_template("releases/receipts.html", lines=receipts_of(db.session()), titles=titles)


@bp.get(f"{BASE}/<uuid:receipt_id>")
@requires(Permission.BENCHMARK_VIEW)
def receipt(access: Access, receipt_id: uuid.UUID) -> ResponseReturnValue:
    session = db.session()
    found = find_receipt(session, receipt_id)
    release, key = find_release(session, found.release_id, entrusted=False), public_key(session)
    content = content_of(found)
    wrong = problems(content, bytes.fromhex(key.public) if key else None)
    if content["root"] != release.merkle_root:
        wrong = (*wrong, "root")
    titles = {item.edition.framework: words(item.edition.title) for item in published_frameworks(session)}
    shown = {"correction": correction_of(session, release), "titles": titles, "key": key}
    return render_template(
        "releases/receipt.html", receipt=found, content=content, release=release, wrong=wrong, **shown
    )


@bp.get(f"{BASE}/<uuid:receipt_id>/file")
@requires(Permission.BENCHMARK_VIEW)
def receipt_file(access: Access, receipt_id: uuid.UUID) -> ResponseReturnValue:
    """The very bytes that were signed, to keep and to check without the site."""
    found = find_receipt(db.session(), receipt_id)
    content = content_of(found)
    name = f"receipt-{content['release']['framework']}-{content['release']['period']}-{found.release_id}.json"
    answer = Response(found.document, mimetype="application/json")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
