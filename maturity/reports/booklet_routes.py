"""The questionnaire on paper, for everybody: what there is, having it made, watching that, downloading it."""

from __future__ import annotations

from itertools import product
from pathlib import Path

from flask import Blueprint, current_app, jsonify, redirect, render_template, send_file, url_for
from flask.typing import ResponseReturnValue

from maturity.assessments.models import FRAMEWORK
from maturity.editions.service import framework_by_hash
from maturity.errors import NotFound
from maturity.extensions import db
from maturity.organisations.forms import PRODUCTION_TYPES as PRODUCTION_TYPE_WORDS
from maturity.questionnaires.condition_parsing import PRODUCTION_TYPES
from maturity.reports.booklet import variant_booklet
from maturity.reports.public_booklets import (
    PublicBooklet,
    ask_for_booklet,
    booklet_job,
    booklet_of,
    may_ask_again,
    published_edition,
    ready_booklets,
)
from maturity.reports.service import LOCALES, folder_of, path_of
from maturity.web.access import public
from maturity.web.handlers import wants_json
from maturity.web.locale import LOCALES as LANGUAGES
from maturity.web.site import site_clock

bp = Blueprint("booklets", __name__, url_prefix="/questionnaire")
ONE = "/<edition>/<variant>/<locale>"


@bp.get("")
@public
def index() -> ResponseReturnValue:
    """Every production type and language of the edition in force; nothing where none is published yet."""
    try:
        record = published_edition(db.session(), FRAMEWORK)
    except NotFound:
        return render_template("public/booklets.html", edition=None)
    framework = framework_by_hash(db.session(), record.sha256)
    booklets = {pair: booklet_of(record, *pair) for pair in product(PRODUCTION_TYPES, LOCALES)}
    counts = {name: sum(1 for _ in variant_booklet(framework, name).entries()) for name in PRODUCTION_TYPES}
    return render_template(
        "public/booklets.html",
        edition=framework.edition,
        counts=counts,
        examples={name: example for name, _label, example in PRODUCTION_TYPE_WORDS},
        languages=LANGUAGES,
        ready=ready_booklets(db.session(), booklets, _folder()),
    )


@bp.get(ONE)
@public
def show(edition: str, variant: str, locale: str) -> ResponseReturnValue:
    """How far it is; the page offers the download once it is there."""
    booklet = _wanted(edition, variant, locale)
    document = ready_booklets(db.session(), {0: booklet}, _folder()).get(0)
    job = booklet_job(db.session(), booklet)
    if wants_json():
        if job is None:
            raise NotFound("http_404", variant)
        return jsonify(state=job.state, done=job.progress_done, total=job.progress_total, error=job.error)
    again = job is None or may_ask_again(job, site_clock())
    return render_template("public/booklet.html", booklet=booklet, document=document, job=job, may_ask_again=again)


@bp.post(ONE)
@public
def ask(edition: str, variant: str, locale: str) -> ResponseReturnValue:
    ask_for_booklet(db.session(), _wanted(edition, variant, locale), _folder(), site_clock())
    return redirect(url_for(".show", edition=edition, variant=variant, locale=locale))


@bp.get(f"{ONE}.pdf")
@public
def download(edition: str, variant: str, locale: str) -> ResponseReturnValue:
    booklet = _wanted(edition, variant, locale)
    document = ready_booklets(db.session(), {0: booklet}, _folder()).get(0)
    if document is None:
        raise NotFound("http_404", variant)
    name = f"questionnaire-{edition}-{variant.replace('_', '-')}-{locale}.pdf"
    path = path_of(_folder(), document)
    return send_file(path, mimetype="application/pdf", as_attachment=True, download_name=name)


def _wanted(edition: str, variant: str, locale: str) -> PublicBooklet:
    return booklet_of(published_edition(db.session(), FRAMEWORK, edition), variant, locale)


def _folder() -> Path:
    return folder_of(current_app.config["DATA_DIR"])
