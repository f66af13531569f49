"""Pages for everybody: landing, methodology, privacy, status."""

from __future__ import annotations

from flask import current_app, jsonify, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user
from sqlalchemy import text

from maturity.assessments.models import FRAMEWORK
from maturity.editions.service import current_edition, current_editions, framework_by_hash
from maturity.errors import NotFound
from maturity.extensions import db
from maturity.installation.service import installation_of
from maturity.public import figure_routes  # noqa: F401  # its views are registered by being imported
from maturity.public.blueprint import bp
from maturity.public.methodology import methodology_of
from maturity.reference.figures import figures
from maturity.web.access import public
from maturity.web.handlers import wants_json
from maturity.web.site import site_clock

__all__ = ["bp"]


@bp.get("/")
@public
def landing() -> ResponseReturnValue:
    framework = framework_by_hash(db.session(), current_edition(db.session(), FRAMEWORK))
    counts = {
        "questions": len(framework.edition.questions),
        "indicators": len(framework.indicators),
        "stages": len(framework.levels),
        "figures": len(figures()),
    }
    return render_template("public/landing.html", is_signed_in=current_user.is_authenticated, counts=counts)


@bp.get("/methodology")
@public
def methodology() -> ResponseReturnValue:
    return _methodology(FRAMEWORK)


@bp.get("/methodology/<framework>")
@public
def methodology_of_framework(framework: str) -> ResponseReturnValue:
    if framework == FRAMEWORK:
        return redirect(url_for(".methodology"))
    return _methodology(framework)


def _methodology(name: str) -> str:
    """Generated from the edition's data, so that it cannot be out of date."""
    hashes = current_editions(db.session()) | {FRAMEWORK: current_edition(db.session(), FRAMEWORK)}
    if name not in hashes:
        raise NotFound("framework", name)
    framework = framework_by_hash(db.session(), hashes[name])
    others = [framework_by_hash(db.session(), sha256) for other, sha256 in hashes.items() if other != name]
    return render_template(
        "public/methodology.html",
        method=methodology_of(framework),
        sha256=hashes[name],
        is_main=name == FRAMEWORK,
        others=sorted(others, key=lambda other: (other.edition.framework != FRAMEWORK, other.edition.framework)),
    )


@bp.get("/privacy")
@public
def privacy() -> ResponseReturnValue:
    return render_template("public/privacy.html", installation=installation_of(db.session()))


@bp.get("/status")
@public
def status() -> ResponseReturnValue:
    """For people a page, for probes JSON; a database that does not answer becomes an error before either."""
    db.session.execute(text("select 1"))
    if wants_json():
        return jsonify(status="ok")
    facts = {"database": db.engine.dialect.name, "limits": "redis" if current_app.config["REDIS_URL"] else "memory"}
    site, is_scanning = installation_of(db.session()), current_app.config["CLAMD"] is not None
    words = {"facts": facts, "now": site_clock().now(), "installation": site, "is_scanning": is_scanning}
    return render_template("public/status.html", **words)
