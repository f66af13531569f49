"""Verification for everybody: by number, by the address in the QR code, by the file; as a page, as JSON, as a badge."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any

from flask import Response, current_app, jsonify, redirect, render_template, request, url_for
from flask.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue
from flask_babel import force_locale
from flask_babel import gettext as _
from werkzeug.exceptions import RequestEntityTooLarge

from maturity.certificates.numbering import WrongNumber, read_number
from maturity.errors import Invalid
from maturity.extensions import csrf, db
from maturity.jobs.nightly import wind
from maturity.verification import register_routes, supervision_routes
from maturity.verification.badge import badge_svg
from maturity.verification.blueprint import bp
from maturity.verification.documents import document_of
from maturity.verification.forms import FileForm, NumberForm
from maturity.verification.jobs import plan_figures
from maturity.verification.service import LARGEST_FILE, LONGEST_ASKED, ask_by_number, examine_file
from maturity.verification.statement import Statement
from maturity.verification.words import (
    BODY_WORDS,
    DIFFERENCE_WORDS,
    EVENT_WORDS,
    OUTCOME_WORDS,
    PART_WORDS,
    PROBLEM_WORDS,
    SIGNATURE_WORDS,
    STATUS_KINDS,
    STATUS_WORDS,
    reason_words,
)
from maturity.web.access import public
from maturity.web.filters import day, words
from maturity.web.handlers import error_response
from maturity.web.locale import SHORT
from maturity.web.messages import message_for
from maturity.web.site import site_clock

#: The modules whose routes are the blueprint's, too.
PAGES = (register_routes, supervision_routes)
UPLOADS = ("verification.examine", "verification.examine_json")
#: Badges are asked for by whoever reads a page with one; a change of standing shows within this time.
BADGE_SECONDS = 300


@bp.record_once
def _wire(state: BlueprintSetupState) -> None:
    """The worker plans the nightly figures as long as it runs."""
    wind(state, "plan_body_figures", plan_figures)


@bp.url_value_preprocessor
def _keep_files_in_memory(endpoint: str | None, _values: dict[str, Any] | None) -> None:
    """A file to be verified may be larger than what other pages take, and never touches the disk.

    The library would put what is larger than half a megabyte into a temporary file.
    """
    if endpoint in UPLOADS:
        request.max_content_length = LARGEST_FILE + 64 * 1024
        request._get_file_stream = lambda *_args, **_kwargs: BytesIO()  # type: ignore[method-assign]  # of this request


@bp.errorhandler(RequestEntityTooLarge)
def _too_much(_error: RequestEntityTooLarge) -> ResponseReturnValue:
    return error_response(413, "verify_too_large")


@bp.get("/verify")
@public
def begin() -> ResponseReturnValue:
    """Where a number is typed or a file chosen. A number that can be read leads to its own address."""
    form = NumberForm(request.args)
    text = (form.number.data or "").strip()[:LONGEST_ASKED]
    if not text:
        return render_template("verification/begin.html", number_form=form, file_form=FileForm(formdata=None))
    try:
        return redirect(url_for(".show", number=read_number(text)))
    except WrongNumber:
        return _page(ask_by_number(db.session(), text, site_clock()))


@bp.get("/verify/<number>")
@public
def show(number: str) -> ResponseReturnValue:
    """The address in the QR code."""
    statement = ask_by_number(db.session(), number, site_clock())
    if statement.problem in (None, "not_found") and statement.asked != number:
        return redirect(url_for(".show", number=statement.asked))
    return _page(statement)


def _page(statement: Statement) -> ResponseReturnValue:
    page = render_template(
        "verification/result.html",
        statement=statement,
        told=statement.told,
        file=statement.file,
        number_form=NumberForm(formdata=None, data={"number": statement.asked}),
        file_form=FileForm(formdata=None),
        outcome=OUTCOME_WORDS[statement.outcome],
        problem=PROBLEM_WORDS.get(statement.problem or ""),
        statuses=STATUS_WORDS,
        status_kinds=STATUS_KINDS,
        events=EVENT_WORDS,
        bodies=BODY_WORDS,
        differences=DIFFERENCE_WORDS,
        signatures=SIGNATURE_WORDS,
        part_words=part_words,
        reason_words=reason_words,
    )
    return page, _status(statement)


def part_words(part: str, name: str) -> str:
    return str(PART_WORDS[part]) % {"name": name}


def _status(statement: Statement) -> int:
    """404 of what is unknown, so that a program that looks at nothing else does not take it for good."""
    return 404 if statement.outcome == "unknown" else 200


@bp.get("/verify/<number>.json")
@public
def as_json(number: str) -> ResponseReturnValue:
    return _json(ask_by_number(db.session(), number, site_clock()))


def _json(statement: Statement) -> ResponseReturnValue:
    response = jsonify(document_of(statement))
    response.headers["Content-Disposition"] = "inline"
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response, _status(statement)


@bp.post("/verify/file")
@public
@csrf.exempt  # it changes nothing, and whoever verifies gets no cookie
def examine() -> ResponseReturnValue:
    form = FileForm()
    content = form.file.data.read() if form.file.data else b""
    try:
        return _page(_examined(content, form.number.data or ""))
    except Invalid as error:
        form.file.errors = [message_for(error.code)]
    page = render_template("verification/begin.html", number_form=NumberForm(formdata=None), file_form=form)
    return page, 422


@bp.post("/verify/file.json")
@public
@csrf.exempt  # it changes nothing, and programs have no token
def examine_json() -> ResponseReturnValue:
    form = FileForm()
    content = form.file.data.read() if form.file.data else b""
    try:
        return _json(_examined(content, form.number.data or ""))
    except Invalid as error:
        return jsonify(error=error.code, message=message_for(error.code)), 422


def _examined(content: bytes, number: str) -> Statement:
    data_dir: Path = current_app.config["DATA_DIR"]
    return examine_file(db.session(), data_dir, content, number.strip()[:LONGEST_ASKED], site_clock())


@bp.get("/verify/<number>/badge.svg")
@public
def badge(number: str) -> ResponseReturnValue:
    """A picture for the holder's own pages, in the language the address asks for."""
    statement = ask_by_number(db.session(), number, site_clock())
    with force_locale(SHORT.get(request.args.get("language", ""), "zh_CN")):
        response = Response(_badge(statement), mimetype="image/svg+xml")
    response.headers["Cache-Control"] = f"public, max-age={BADGE_SECONDS}"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Content-Security-Policy"] = "default-src 'none'"
    return response, _status(statement)


def _badge(statement: Statement) -> str:
    name, today = _("Integration maturity"), day(statement.checked_at)
    told = statement.told
    if told is None:
        return badge_svg(
            name=name,
            level=_("No such certificate"),
            standing="unknown",
            standing_words=_("Unknown"),
            dated=today,
        )
    level = _("Level %(number)s, %(title)s", number=told.level, title=words(told.level_title))
    if told.is_synthetic:
        name = _("Integration maturity (demonstration)")
    if told.status == "valid":
        dated = _("valid until %(day)s", day=day(told.valid_until))
    else:
        dated = _("since %(day)s", day=day(told.since))
    return badge_svg(
        name=name, level=level, standing=told.status, standing_words=str(STATUS_WORDS[told.status]), dated=dated
    )
