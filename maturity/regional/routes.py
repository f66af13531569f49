"""Models of regional indices: the list, one model, its editor, and files of models."""

from __future__ import annotations

import json
from collections.abc import Mapping
from fractions import Fraction
from functools import partial
from io import BytesIO
from typing import Any
from uuid import UUID

from flask import flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from maturity.assessments.models import FRAMEWORK
from maturity.benchmarks.definitions import definitions
from maturity.editions.service import current_editions, framework_by_hash
from maturity.extensions import db
from maturity.questionnaires.model import Text
from maturity.reference.regions import provinces
from maturity.regional import figure_routes, result_routes
from maturity.regional.blueprint import MODEL_URL, URL, bp, load, sound, who, years_now
from maturity.regional.forms import changed, field_id, model_document
from maturity.regional.index import printed
from maturity.regional.model import (
    BUILT_IN_PEERS,
    LONGEST_TEXT,
    NORMALISATIONS,
    PROVENANCES,
    PROVINCES,
    Fault,
    ModelRefused,
    faults_of,
    regions_of,
    shown,
)
from maturity.regional.result import published_years
from maturity.regional.service import (
    BUILT_IN_ID,
    OWN,
    Found,
    begin_version,
    copy_model,
    import_model,
    models_of,
    put_in_force,
    remove_draft,
    replaced_ids,
    results_of,
    save_draft,
    versions_of,
)
from maturity.regional.words import (
    DIRECTIONS,
    IMPUTATIONS,
    OWNERS,
    PEERS,
    SOURCES,
    STATES,
    model_fault,
    place_name,
    released_words,
    source_text,
)
from maturity.regional.words import (
    NORMALISATIONS as NORMALISATION_WORDS,
)
from maturity.regional.words import (
    PROVENANCES as PROVENANCE_WORDS,
)
from maturity.tenancy.permissions import Permission
from maturity.tenancy.service import Access
from maturity.web.access import requires
from maturity.web.locale import current_locale

__all__ = ["bp", "figure_routes", "result_routes"]
MOST_TYPED = 500_000


bp.add_app_template_filter(place_name)


@bp.app_template_filter()
def both(pair: Mapping[str, str], locale: str) -> str:
    """A text of a model that may be unfinished, in the language of the page, else in the other one."""
    first, second = ("zh", "en") if locale.startswith("zh") else ("en", "zh")
    return pair.get(first) or pair.get(second) or ""


@bp.app_template_filter()
def figure(value: Fraction | None) -> str:
    """A figure as it was typed; one that stands in for another may not end and is rounded to four places."""
    if value is None:
        return "—"
    text = shown(value)
    return text if "/" not in text else str(printed(value, 4))


@bp.app_template_filter()
def signed(value: Fraction | None, places: int) -> str:
    """A change with its sign, the true minus."""
    if value is None:
        return "—"
    rounded = printed(value, places)
    return f"+{rounded}" if rounded > 0 else str(rounded).replace("-", "−")


@bp.app_template_filter()
def percent(value: Fraction) -> str:
    return str(printed(value * 100, 1))


@bp.app_template_test()
def starting(text: str, beginning: str) -> bool:
    return text.startswith(beginning)


@bp.app_template_filter()
def pairs(words: Mapping[str, tuple[Any, Any]]) -> list[tuple[str, Any]]:
    """Names alone, of words that carry a meaning beside."""
    return [(name, title) for name, (title, _meaning) in words.items()]


@bp.context_processor
def _words() -> dict[str, Any]:
    """Names of the parts of a model, for every page of the feature."""
    return {
        "states": STATES,
        "owners": OWNERS,
        "source_words": SOURCES,
        "normalisation_words": NORMALISATION_WORDS,
        "direction_words": DIRECTIONS,
        "provenance_words": PROVENANCE_WORDS,
        "imputation_words": IMPUTATIONS,
        "peer_words": PEERS,
        "released_words": partial(released_words, titles=(titles := _titles_of_figures())),
        "source_text": partial(source_text, titles=titles),
    }


def _titles_of_figures() -> dict[str, Text]:
    """The released figures by name, where there is an edition that has them."""
    session = db.session()
    sha256 = current_editions(session).get(FRAMEWORK)
    return (
        {}
        if sha256 is None
        else {item.id: item.title for item in definitions(framework_by_hash(session, sha256)).values()}
    )


# ---- the list


@bp.get(URL)
@requires(Permission.INDEX_VIEW)
def index(access: Access) -> ResponseReturnValue:
    return _index_page()


def _index_page(typed: str = "", faults: Any = (), error: str = "") -> str:
    session = db.session()
    models = models_of(session)
    results = results_of(session)
    return render_template(
        "regional/index.html",
        models=models,
        counts={found.id: years_now(found) for found in models},
        results=results,
        replaced=replaced_ids(results),
        titles={found.line: found for found in reversed(models)},
        published_years=published_years(),
        built_in_id=BUILT_IN_ID,
        locale=current_locale(),
        typed=typed,
        faults=faults,
        error=error,
    )


@bp.post(f"{URL}/import")
@requires(Permission.INDEX_EDIT)
def import_file(access: Access) -> ResponseReturnValue:
    """A model exported here or elsewhere, as a file or pasted; what is wrong with it is told key by key."""
    file, typed = request.files.get("file"), request.form.get("text", "")[:MOST_TYPED]
    content = file.stream.read() if file and file.filename else typed.encode()
    if not content.strip():
        return _index_page(error=_("Choose a file or paste a model.")), 422
    try:
        document = json.loads(content)
    except (ValueError, RecursionError) as error:
        line = f" ({error.msg}, {error.lineno}:{error.colno})" if isinstance(error, json.JSONDecodeError) else ""
        return _index_page(typed, error=_("This is no JSON.%(where)s", where=line)), 422
    try:
        row = import_model(db.session(), document, who(access))
    except ModelRefused as refused:
        faults = [(fault.key or "—", model_fault(fault)) for fault in refused.faults[:50]]
        return _index_page(typed, faults, _("This model cannot be taken as it is. Nothing was changed.")), 422
    flash(_("The model is here as a draft."))
    return redirect(url_for(".show", tenant_id=access.tenant.id, model_id=row.id))


# ---- one model


@bp.get(MODEL_URL)
@requires(Permission.INDEX_VIEW)
def show(access: Access, model_id: UUID) -> ResponseReturnValue:
    return _model_page(load(model_id))


def _model_page(found: Found, *, copy_error: str = "", typed: dict[str, str] | None = None) -> str:
    session = db.session()
    results = results_of(session, found.line)
    faults = faults_of(dict(found.document)) if found.is_draft else []
    return render_template(
        "regional/show.html",
        found=found,
        model=sound(found),
        versions=versions_of(session, found.line),
        years=years_now(found),
        results=results,
        replaced=replaced_ids(results),
        faults=[(fault.key, model_fault(fault)) for fault in faults],
        is_own=found.owner == OWN,
        built_in_id=BUILT_IN_ID,
        locale=current_locale(),
        copy_error=copy_error,
        typed=typed or {},
    )


@bp.get(f"{MODEL_URL}.json")
@requires(Permission.INDEX_VIEW)
def export(access: Access, model_id: UUID) -> ResponseReturnValue:
    """The model as data, to be read, kept or taken elsewhere."""
    found = load(model_id)
    content = json.dumps(found.document, ensure_ascii=False, indent=2).encode()
    name = f"index-model-{found.version}.json"
    return send_file(BytesIO(content), mimetype="application/json", as_attachment=True, download_name=name)


@bp.post(f"{MODEL_URL}/copy")
@requires(Permission.INDEX_EDIT)
def make_copy(access: Access, model_id: UUID) -> ResponseReturnValue:
    """A model of one's own that begins as this one."""
    found = load(model_id)
    title = {name: request.form.get(f"title-{name}", "").strip() for name in ("zh", "en")}
    if not all(title.values()) or any(len(text) > LONGEST_TEXT for text in title.values()):
        error = _("Give the new model a title in both languages, of at most 200 characters.")
        return _model_page(found, copy_error=error, typed=title), 422
    row = copy_model(db.session(), found, title, who(access))
    flash(_("The copy is a draft of your own."))
    return redirect(url_for(".edit", tenant_id=access.tenant.id, model_id=row.id))


@bp.post(f"{MODEL_URL}/version")
@requires(Permission.INDEX_EDIT)
def new_version(access: Access, model_id: UUID) -> ResponseReturnValue:
    row = begin_version(db.session(), model_id, who(access))
    flash(_("Version %(version)s is a draft; the one in force stays so until then.", version=row.version))
    return redirect(url_for(".edit", tenant_id=access.tenant.id, model_id=row.id))


@bp.post(f"{MODEL_URL}/remove")
@requires(Permission.INDEX_EDIT)
def remove(access: Access, model_id: UUID) -> ResponseReturnValue:
    remove_draft(db.session(), model_id, who(access))
    flash(_("The draft is deleted."))
    return redirect(url_for(".index", tenant_id=access.tenant.id))


@bp.post(f"{MODEL_URL}/in-force")
@requires(Permission.INDEX_EDIT)
def in_force(access: Access, model_id: UUID) -> ResponseReturnValue:
    """What keeps a draft from being in force is told in the editor, at its fields."""
    try:
        return _in_force_now(access, model_id)
    except ModelRefused as refused:
        found = load(model_id)
        return _editor(found, found.document, list(refused.faults)), 422


def _in_force_now(access: Access, model_id: UUID) -> ResponseReturnValue:
    row = put_in_force(db.session(), model_id, who(access))
    flash(_("Version %(version)s is in force and will not change any more.", version=row.version))
    return redirect(url_for(".show", tenant_id=access.tenant.id, model_id=model_id))


# ---- the editor


@bp.get(f"{MODEL_URL}/edit")
@requires(Permission.INDEX_EDIT)
def edit(access: Access, model_id: UUID) -> ResponseReturnValue:
    found = load(model_id)
    if not found.is_draft:
        return redirect(url_for(".show", tenant_id=access.tenant.id, model_id=model_id))
    return _editor(found, found.document, faults_of(dict(found.document)))


@bp.post(f"{MODEL_URL}/edit")
@requires(Permission.INDEX_EDIT)
def save(access: Access, model_id: UUID) -> ResponseReturnValue:
    """Keeps whatever was typed: a draft may be unfinished. What is still to be mended stands at its field.

    Putting in force from here saves first, so that what is in force is what stood on the page.
    """
    document, do = model_document(request.form), request.form.get("do", "")
    at = changed(document, do)
    save_draft(db.session(), model_id, document, request.form.get("seen", ""), who(access))
    if do == "in-force" and not faults_of(document):
        return _in_force_now(access, model_id)
    if do == "in-force":
        flash(_("Saved, and not in force yet: mend what is named first."), "error")
    elif not at:
        flash(_("Saved."))
    return redirect(url_for(".edit", tenant_id=access.tenant.id, model_id=model_id, _anchor=at or None))


def _editor(found: Found, document: Any, faults: list[Fault]) -> str:
    errors: dict[str, str] = {}
    for fault in faults:
        errors.setdefault(field_id(fault.key), model_fault(fault))
    return render_template(
        "regional/edit.html",
        found=found,
        document=document,
        errors=errors,
        provinces=[(item.code, item.title(current_locale())) for item in provinces() if regions_of(item.code)],
        provinces_scope=PROVINCES,
        provenances=PROVENANCES,
        normalisations=NORMALISATIONS,
        peers=BUILT_IN_PEERS,
        locale=current_locale(),
    )
