"""Credentials: for the holder what it may hand on, for everybody lists, keys, and checking what was handed on."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask import Blueprint, jsonify, make_response, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from maturity.adaptive.framework import Framework
from maturity.clock import LOCAL
from maturity.credentials.disclosing import DIMENSIONS, HIDDEN, present, type_of
from maturity.credentials.forms import HIDDEN_WORDS, CheckForm, DisclosureForm
from maturity.credentials.service import (
    Shown,
    certificate_of_badge,
    certified_by,
    credential_of,
    did_document,
    framework_named,
    read_shown,
    status_list,
)
from maturity.credentials.status import REFRESH, TOKEN
from maturity.credentials.tokens import NotReadable
from maturity.extensions import db
from maturity.tenancy.permissions import Permission
from maturity.tenancy.service import Access
from maturity.web.access import public, requires
from maturity.web.addresses import site_base
from maturity.web.filters import words
from maturity.web.site import site_clock

bp = Blueprint("credentials", __name__)
BASE = "/t/<uuid:tenant_id>/certificates/<uuid:certificate_id>/credential"


@bp.get("/.well-known/did.json")
@public
def did() -> ResponseReturnValue:
    return _cached(jsonify(did_document(db.session(), site_base())), "application/did+json")


@bp.get("/credentials/status/<int:number>/<any(revocation, suspension, token):purpose>")
@public
def status(number: int, purpose: str) -> ResponseReturnValue:
    """The list as of now. It is the same for whoever asks, and does not show about whom."""
    found = status_list(db.session(), number, purpose, site_base(), site_clock())
    return _cached(make_response(found), "application/statuslist+jwt" if purpose == TOKEN else "application/vc+jwt")


@bp.get("/credentials/types/certificate")
@public
def certificate_type() -> ResponseReturnValue:
    """What the claims of the disclosable credential mean (SD-JWT VC type metadata)."""
    known = {"framework": "Framework", "edition": "Edition", "period": "Reporting period", "level": "Level"}
    claims: list[dict[str, Any]] = [
        {"path": [name], "display": [{"lang": "en", "label": label}], "sd": "never"} for name, label in known.items()
    ]
    claims += [{"path": [name], "sd": "always"} for name in HIDDEN]
    claims.append({"path": ["dimensions", None], "sd": "always"})
    found = {"vct": type_of(site_base()), "name": "Certificate of integration maturity", "claims": claims}
    return _cached(jsonify(found), "application/json")


def _cached(response: Any, media_type: str) -> ResponseReturnValue:
    response.headers["Content-Type"] = media_type
    response.headers["Cache-Control"] = f"public, max-age={int(REFRESH.total_seconds())}"
    response.headers["Access-Control-Allow-Origin"] = "*"  # wallets and verifiers of others read it in the browser
    return response


@bp.get(BASE)
@requires(Permission.CERTIFICATION_VIEW)
def show(access: Access, certificate_id: uuid.UUID) -> ResponseReturnValue:
    return _page(access, certificate_id, DisclosureForm(formdata=None))


@bp.post(BASE)
@requires(Permission.CERTIFICATION_APPLY)
def disclose(access: Access, certificate_id: uuid.UUID) -> ResponseReturnValue:
    """Make what the holder hands on; nothing of it is kept."""
    return _page(access, certificate_id, DisclosureForm(), is_sent=True)


def _page(access: Access, certificate_id: uuid.UUID, form: DisclosureForm, *, is_sent: bool = False) -> Any:
    session = db.session()
    credential, certificate = credential_of(session, certificate_id, access.tenant.id)
    framework = framework_named(session, certificate.framework, certificate.edition)
    certified = certified_by(session, certificate)
    form.offer([(name, words(framework.title(name))) for name in certified.dimensions])
    made = None
    if is_sent and form.validate_on_submit():
        made = present(credential.disclosable, form.shown.data or (), form.dimensions.data or ())
    page = render_template(
        "credentials/show.html",
        certificate=certificate,
        credential=credential,
        form=form,
        made=made,
        framework=framework,
    )
    return page, 422 if is_sent and made is None else 200


@bp.get(f"{BASE}.jwt")
@requires(Permission.CERTIFICATION_VIEW)
def badge(access: Access, certificate_id: uuid.UUID) -> ResponseReturnValue:
    credential, certificate = credential_of(db.session(), certificate_id, access.tenant.id)
    response = make_response(credential.badge)
    response.headers["Content-Type"] = "application/vc+jwt"
    response.headers["Content-Disposition"] = f'attachment; filename="{certificate.number}.jwt"'
    return response


@bp.get("/verify/credential")
@public
def check() -> ResponseReturnValue:
    return render_template("credentials/check.html", form=CheckForm(formdata=None), shown=None, told=None)


@bp.post("/verify/credential")
@public
def read() -> ResponseReturnValue:
    """What a credential says that somebody was handed; nothing of it is kept."""
    form, shown = CheckForm(), None
    if form.validate_on_submit():
        try:
            shown = read_shown(db.session(), form.credential.data or "", site_base(), site_clock())
        except NotReadable:
            form.credential.errors = [
                _("This is no credential of this platform, or it was changed. Ask the enterprise for it again.")
            ]
    told = _told(shown) if shown else None
    return render_template("credentials/check.html", form=form, shown=shown, told=told), 200 if shown else 422


@dataclass(frozen=True, slots=True)
class Told:
    """What a credential says, for people. What was not disclosed is empty."""

    framework: Framework
    edition: str
    level: int
    period: int | None
    since: date
    until: date
    others: Sequence[tuple[str, str]]
    dimensions: Mapping[str, str]
    is_demonstration: bool


def _told(shown: Shown) -> Told:
    """The same of both kinds: a badge names the holder, the other kind what the holder chose."""
    claims, session = shown.claims, db.session()
    dates = {"since": _day(claims["nbf"]), "until": _day(claims["exp"])}
    if shown.kind == "badge":
        return _badge_told(claims, dates)
    others = [(str(HIDDEN_WORDS[name]), str(claims[name])) for name in HIDDEN if claims.get(name)]
    return Told(
        framework_named(session, claims["framework"], claims["edition"]),
        claims["edition"],
        claims["level"],
        claims["period"],
        **dates,
        others=others,
        dimensions=claims.get(DIMENSIONS, {}),
        is_demonstration=bool(claims.get("demonstration")),
    )


def _badge_told(claims: Mapping[str, Any], dates: Mapping[str, date]) -> Told:
    subject = claims["credentialSubject"]
    named = {one["identityType"]: one["identityHash"] for one in subject["identifier"]}
    others = (
        (str(HIDDEN_WORDS["number"]), claims["evidence"][0]["name"]),
        (str(HIDDEN_WORDS["holder"]), named["name"]),
        (str(HIDDEN_WORDS["uscc"]), named["identifier"]),
    )
    certificate = certificate_of_badge(db.session(), claims)
    return Told(
        framework_named(db.session(), certificate.framework, certificate.edition),
        certificate.edition,
        int(subject["result"][0]["value"]),
        certificate.period,
        **dates,
        others=others,
        dimensions={},
        is_demonstration=certificate.is_synthetic,
    )


def _day(moment: int) -> date:
    return datetime.fromtimestamp(moment, LOCAL).date()
