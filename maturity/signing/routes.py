"""The installation's public keys, for people, for programs and for those who check certificates without the site."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Blueprint, abort, jsonify, make_response, render_template
from flask.typing import ResponseReturnValue

from maturity.extensions import db
from maturity.signing.keys import list_of, public_keys
from maturity.signing.models import PURPOSES
from maturity.signing.published import certificate_pem, fingerprint, keys_document, public_pem
from maturity.web.access import public
from maturity.web.addresses import site_base
from maturity.web.site import site_clock

bp = Blueprint("signing", __name__)
#: A key that is revoked should be known soon.
REFRESH = timedelta(minutes=5)


@bp.get("/signing-keys")
@public
def index() -> ResponseReturnValue:
    keys = sorted(public_keys(db.session()), key=lambda key: PURPOSES.index(key.purpose))
    return render_template("signing/index.html", keys=keys, fingerprint=fingerprint)


@bp.get("/signing-keys.json")
@public
def as_json() -> ResponseReturnValue:
    found = keys_document(public_keys(db.session()), site_base(), site_clock().now())
    return _kept(jsonify(found), "application/json")


@bp.get("/signing-keys/<name>.pem")
@public
def certificate(name: str) -> ResponseReturnValue:
    """The certificate of a key; of one that has none the public key."""
    key = next((key for key in public_keys(db.session()) if key.key_id == name), None)
    if key is None:
        abort(404)
    response = make_response(certificate_pem(key) or public_pem(key))
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.pem"'
    return _kept(response, "application/x-pem-file")


@bp.get("/signing-keys/<name>.crl")
@public
def revocations(name: str) -> ResponseReturnValue:
    """The revocation list of one of our authorities, made when it is asked for."""
    try:
        found = list_of(db.session(), name, site_clock())
    except LookupError:
        abort(404)
    return _kept(make_response(found), "application/pkix-crl")


def _kept(response: Any, media_type: str) -> ResponseReturnValue:
    response.headers["Content-Type"] = media_type
    response.headers["Cache-Control"] = f"public, max-age={int(REFRESH.total_seconds())}"
    response.headers["Access-Control-Allow-Origin"] = "*"  # the verifier that others host reads it in the browser
    return response
