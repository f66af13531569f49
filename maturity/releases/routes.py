"""Pages of releases: for those who prepare and review them, for those counted in them, and for everybody."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from maturity.assessments.service import periods_on
from maturity.benchmarks.cells import CellKey
from maturity.benchmarks.definitions import definitions
from maturity.benchmarks.models import BenchmarkRelease
from maturity.benchmarks.parameters import load_parameters
from maturity.benchmarks.queries import published
from maturity.benchmarks.words import purpose_words
from maturity.crosswalk.service import published_frameworks
from maturity.errors import MaturityError
from maturity.extensions import db
from maturity.releases import receipt_routes
from maturity.releases.blueprint import bp
from maturity.releases.forms import AskForm, ReasonForm
from maturity.releases.keys import public_key
from maturity.releases.review import cells_page, changes, choices_of, summary, withheld_by_rule, withheld_page
from maturity.releases.service import (
    SIGNATURES,
    ask,
    compute_again,
    failed_of,
    find_release,
    is_entrusted,
    names_of_reviewers,
    reads_by,
    releases_for,
    require_entrusted,
    send_back,
    sign,
    standing_of,
    withdraw,
)
from maturity.releases.words import CHOICE_WORDS, RULE_WORDS, STATE_WORDS, cell_name, places_asked, table_name
from maturity.tenancy.permissions import Permission
from maturity.tenancy.service import Access
from maturity.web.access import public, requires
from maturity.web.filters import words
from maturity.web.messages import message_for
from maturity.web.site import site_clock

__all__ = ["bp", "receipt_routes"]
BASE = "/t/<uuid:tenant_id>/releases"


def _who() -> dict[str, Any]:
    return {"actor_id": current_user.id, "clock": site_clock()}


def _titles() -> dict[str, str]:
    """What frameworks are called."""
    return {item.edition.framework: words(item.edition.title) for item in published_frameworks(db.session())}


@bp.get("/releases")
@public
def register() -> ResponseReturnValue:
    """Everything that was published, with what proves it, for everybody."""
    session = db.session()
    found = published(session)
    replaced = {release.replaces_id: release for release in found if release.replaces_id}
    return render_template(
        "releases/register.html", releases=found, replaced=replaced, titles=_titles(), key=public_key(session)
    )


@bp.get(f"{BASE}/")
@requires(Permission.RELEASE_VIEW)
def index(access: Access) -> ResponseReturnValue:
    session = db.session()
    entrusted = is_entrusted(session, access.tenant)
    found = releases_for(session, entrusted=entrusted)
    replaced = {item.replaces_id for item in found if item.replaces_id and item.state == "published"}
    failed = failed_of(session, found) if entrusted else frozenset()
    shown = {"states": STATE_WORDS, "titles": _titles(), "replaced": replaced, "failed": failed}
    return render_template("releases/index.html", releases=found, entrusted=entrusted, **shown)


@bp.get(f"{BASE}/new")
@requires(Permission.RELEASE_PREPARE)
def new(access: Access) -> ResponseReturnValue:
    require_entrusted(db.session(), access.tenant)
    replaces = _replaces()
    year = site_clock().today().year - 1
    data: dict[str, Any] = {"framework": "lianghua", "period": str(year), "cut_off": site_clock().today().isoformat()}
    if replaces is not None:
        data |= {"framework": replaces.framework, "period": str(replaces.period)}
    rules = load_parameters().version
    return _new(AskForm(formdata=None, **data, rules_version=rules), replaces)


def _replaces() -> BenchmarkRelease | None:
    """The published release to be corrected, as the address names it."""
    number = request.args.get("replaces", type=int)
    return find_release(db.session(), number, entrusted=False) if number else None


def _offer(form: AskForm, replaces: BenchmarkRelease | None) -> None:
    periods = sorted({*periods_on(site_clock().today()), *([replaces.period] if replaces else [])})
    form.offer(published_frameworks(db.session()), periods)


def _new(form: AskForm, replaces: BenchmarkRelease | None) -> str:
    _offer(form, replaces)
    return render_template("releases/new.html", form=form, replaces=replaces, titles=_titles())


@bp.post(f"{BASE}/new")
@requires(Permission.RELEASE_PREPARE)
def create(access: Access) -> ResponseReturnValue:
    session = db.session()
    require_entrusted(session, access.tenant)
    form, replaces = AskForm(), _replaces()
    _offer(form, replaces)
    if not form.validate_on_submit():
        return _new(form, replaces), 422
    try:
        release = ask(session, access.tenant, form.request_for(replaces), **_who())
    except MaturityError as error:
        if error.code not in FIELD_OF:
            raise
        getattr(form, FIELD_OF[error.code]).errors = [message_for(error.code)]
        return _new(form, replaces), error.status
    flash(_("The release is being computed. It takes a moment; this page shows when it can be reviewed."))
    return redirect(url_for(".show", tenant_id=access.tenant.id, release_id=release.id))


#: Which field a refusal of the use case is about.
FIELD_OF = {
    "release_framework": "framework",
    "release_period": "period",
    "release_rules": "rules_version",
    "release_cut_off": "cut_off",
    "release_under_way": "period",
    "release_replaces": "period",
    "release_notice": "notice_zh",
}


@bp.get(f"{BASE}/<int:release_id>")
@requires(Permission.RELEASE_VIEW)
def show(access: Access, release_id: int) -> ResponseReturnValue:
    return _show(access, release_id, ReasonForm(formdata=None))


def _show(access: Access, release_id: int, form: ReasonForm) -> str:
    session = db.session()
    entrusted = is_entrusted(session, access.tenant)
    release = find_release(session, release_id, entrusted=entrusted)
    standing = standing_of(session, release, entrusted=entrusted)
    is_computed = release.sha256 is not None
    return render_template(
        "releases/show.html",
        release=release,
        standing=standing,
        entrusted=entrusted,
        form=form,
        states=STATE_WORDS,
        titles=_titles(),
        names=names_of_reviewers(session, standing.reviews),
        needed=SIGNATURES,
        tables=summary(session, release) if is_computed else (),
        withheld=withheld_by_rule(session, release) if is_computed and entrusted else {},
        changes=changes(session, release) if is_computed and entrusted else None,
        rules=RULE_WORDS,
        metrics=_metric_titles(release.framework),
        table_name=table_name,
        cell_name=cell_name,
        is_mine=release.requested_by == current_user.id,
    )


def _metric_titles(framework: str) -> dict[str, str]:
    found = next((item for item in published_frameworks(db.session()) if item.edition.framework == framework), None)
    return {name: words(item.title) for name, item in definitions(found).items()} if found else {}


@bp.get(f"{BASE}/<int:release_id>/cells")
@requires(Permission.RELEASE_REVIEW)
def cells(access: Access, release_id: int) -> ResponseReturnValue:
    """The cells one by one, before they are published; afterwards they are read like everywhere else."""
    session = db.session()
    release = _to_review(access, release_id)
    asked = CellKey(*(request.args.get(name, "*")[:40] for name in ("industry", "region", "size")))
    found = cells_page(session, release, asked, request.args.get("page", 1, type=int))
    shown = {"metrics": _metric_titles(release.framework), "cell_name": cell_name, "titles": _titles()}
    choices = {
        name: [("*", _("Any")), *((code, words(CHOICE_WORDS[name](code))) for code in codes)]
        for name, codes in choices_of(session, release).items()
    }
    return render_template("releases/cells.html", release=release, asked=asked, found=found, choices=choices, **shown)


@bp.get(f"{BASE}/<int:release_id>/withheld")
@requires(Permission.RELEASE_REVIEW)
def withheld(access: Access, release_id: int) -> ResponseReturnValue:
    session = db.session()
    release = _to_review(access, release_id)
    rule = request.args.get("rule", "")
    found = withheld_page(session, release, rule if rule in RULE_WORDS else "", request.args.get("page", 1, type=int))
    counts = withheld_by_rule(session, release)
    shown = {"rules": RULE_WORDS, "metrics": _metric_titles(release.framework), "cell_name": cell_name}
    return render_template(
        "releases/withheld.html", release=release, rule=rule, found=found, counts=counts, titles=_titles(), **shown
    )


def _to_review(access: Access, release_id: int) -> BenchmarkRelease:
    require_entrusted(db.session(), access.tenant)
    return find_release(db.session(), release_id, entrusted=True)


@bp.post(f"{BASE}/<int:release_id>/again")
@requires(Permission.RELEASE_PREPARE)
def again(access: Access, release_id: int) -> ResponseReturnValue:
    compute_again(db.session(), access.tenant, release_id, **_who())
    flash(_("The release is being computed again."))
    return redirect(url_for(".show", tenant_id=access.tenant.id, release_id=release_id))


@bp.post(f"{BASE}/<int:release_id>/signature")
@requires(Permission.RELEASE_REVIEW)
def put_signature(access: Access, release_id: int) -> ResponseReturnValue:
    if sign(db.session(), access.tenant, release_id, **_who()):
        flash(_("The release is published. Those counted get their receipts."))
    else:
        flash(_("You have signed. One more person has to look and sign."))
    return redirect(url_for(".show", tenant_id=access.tenant.id, release_id=release_id))


@bp.post(f"{BASE}/<int:release_id>/return")
@requires(Permission.RELEASE_REVIEW)
def give_back(access: Access, release_id: int) -> ResponseReturnValue:
    form = ReasonForm()
    if not form.validate_on_submit():
        return _show(access, release_id, form), 422
    send_back(db.session(), access.tenant, release_id, form.reason.data or "", **_who())
    flash(_("The release is sent back and will not be published. A new one can be asked for."))
    return redirect(url_for(".show", tenant_id=access.tenant.id, release_id=release_id))


@bp.post(f"{BASE}/<int:release_id>/withdrawal")
@requires(Permission.RELEASE_PREPARE)
def take_back(access: Access, release_id: int) -> ResponseReturnValue:
    form = ReasonForm()
    if not form.validate_on_submit():
        return _show(access, release_id, form), 422
    withdraw(db.session(), access.tenant, release_id, form.reason.data or "", **_who())
    flash(_("The release is withdrawn and will not be published."))
    return redirect(url_for(".show", tenant_id=access.tenant.id, release_id=release_id))


@bp.get(f"{BASE}/reads")
@requires(Permission.RELEASE_VIEW)
def reads(access: Access) -> ResponseReturnValue:
    """What we read: the ledger as those counted in the releases see it."""
    session = db.session()
    found = reads_by(session, access.tenant)
    releases = {release.id: release for release in published(session)}
    shown = {
        "releases": releases,
        "titles": _titles(),
        "places_asked": places_asked,
        "purpose_words": purpose_words,
    }
    return render_template("releases/reads.html", reads=found, **shown)
