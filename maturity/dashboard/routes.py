"""The dashboard over HTTP: questions, views with their files, and saved views, which are links."""

from __future__ import annotations

import csv
import hashlib
import io
import re
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote

from flask import Response, flash, jsonify, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from flask_login import current_user
from sqlalchemy.orm import Session

from maturity.adaptive.framework import Framework
from maturity.assessments.models import FRAMEWORK
from maturity.audit.export import BYTE_ORDER_MARK
from maturity.benchmarks.queries import Reader
from maturity.benchmarks.words import industry_words, size_words
from maturity.dashboard import options
from maturity.dashboard.asked import PAGES, REGION_BREAKDOWNS, USES, Asked, saved, to_save
from maturity.dashboard.blueprint import bp
from maturity.dashboard.breakdown import broken_down
from maturity.dashboard.charts import Board
from maturity.dashboard.desk import Desk, open_desk
from maturity.dashboard.figure import figure_json
from maturity.dashboard.forms import RenameForm, ViewForm
from maturity.dashboard.goals import targets
from maturity.dashboard.indicators import indicators_of
from maturity.dashboard.places import compare, level_shares, profile, tile_map
from maturity.dashboard.questions import questions
from maturity.dashboard.scene import Scene, Shown
from maturity.dashboard.service import delete_view, jurisdiction_of, rename_view, save_view, view_of, views_of
from maturity.dashboard.svg import draw, draw_file, draw_png
from maturity.dashboard.times import change, panels, trend
from maturity.dashboard.words import NOT_PUBLISHED, place_words
from maturity.editions.service import current_edition, framework_by_hash
from maturity.errors import NotFound
from maturity.extensions import db
from maturity.reference.regions import provinces, regions
from maturity.tenancy.permissions import Permission
from maturity.tenancy.service import Access
from maturity.web.access import requires
from maturity.web.headers import relax_styles
from maturity.web.ledger import noted_reading
from maturity.web.locale import current_locale
from maturity.web.site import site_clock

FIGURE = re.compile(r"[≥>≈<≤≲+−(]?\s?\d[\d.,–]*\)?( ?[（(].*[）)])?$")
LONGEST_WORD = 16  # letters of what may stand in a column of figures, such as “not published”
BASE = "/t/<uuid:tenant_id>/dashboard"
MAKERS: Mapping[str, Callable[[Scene], Shown]] = {
    "profile": profile,
    "levels": level_shares,
    "compare": compare,
    "map": tile_map,
    "change": change,
    "trend": trend,
    "panels": panels,
    "targets": targets,
}
PAGE_WORDS = {
    "profile": lazy_gettext("Key indicators"),
    "levels": lazy_gettext("Levels"),
    "compare": lazy_gettext("Comparison"),
    "map": lazy_gettext("Map"),
    "change": lazy_gettext("Changes"),
    "trend": lazy_gettext("Trend"),
    "panels": lazy_gettext("Small multiples"),
    "targets": lazy_gettext("Targets"),
}
#: What a page begins with where the address does not say.
BEGINNINGS: Mapping[str, Mapping[str, str]] = {
    "profile": {},
    "levels": {"by": "size"},
    "compare": {"indicator": "cnc_rate", "by": "division"},
    "map": {"indicator": "capability"},
    "change": {"indicator": "capability", "by": "sector"},
    "trend": {"indicator": "capability"},
    "panels": {"indicator": "cnc_rate", "by": "sector"},
    "targets": {"indicator": "cnc_rate"},
}


@dataclass(frozen=True, slots=True)
class Tab:
    label: str
    url: str
    is_current: bool


@dataclass(frozen=True, slots=True)
class Seen:
    """A page's scene and what it shows; both None where nothing is released yet."""

    desk: Desk
    framework: Framework
    scene: Scene | None
    shown: Shown | None
    messages: tuple[str, ...]

    @property
    def chart(self) -> Board | None:
        return self.shown.chart if self.shown else None


def look(access: Access, page: str, purpose: str) -> Seen:
    """Read what the address asks for; what is read is noted before anything of it is shown."""
    with noted_reading(access, current_user.id) as session:
        desk = _desk(session, access, f"dashboard, {page}: {purpose}")
        framework = framework_by_hash(session, current_edition(session, desk.framework))
        scene, messages = _scene(session, desk, framework, page)
        shown = MAKERS[page](scene) if scene is not None else None
    return Seen(desk, framework, scene, shown, messages + (shown.messages if shown else ()))


def _desk(session: Session, access: Access, purpose: str) -> Desk:
    tenant = access.tenant
    reader = Reader(tenant.id, tenant.name, tenant.kind, purpose, site_clock())
    return open_desk(session, reader, request.args.get("framework", ""), FRAMEWORK)


def _scene(session: Session, desk: Desk, framework: Framework, page: str) -> tuple[Scene | None, tuple[str, ...]]:
    indicators = indicators_of(framework)
    asked = Asked.of(request.args, indicators)
    messages = [_wrong(name, value) for name, value in asked.wrong if name in USES.get(page, ())]
    given = request.args.get("framework", "")
    if given and given != desk.framework:
        messages.append(_("There is no release of the framework “%(given)s”. Another one is shown.", given=given[:40]))
    release = desk.release_of(asked.year)
    if release is None:
        return None, tuple(messages)
    if asked.year is not None and asked.year != release.period:
        words = {"year": asked.year, "shown": release.period}
        messages.append(_("There is no release of %(year)s. The one of %(shown)s is shown.", **words))
    jurisdiction = jurisdiction_of(session)
    asked = _begun(asked, page, tuple(indicators), release.period, desk.framework)
    levels = {number: words.title for number, words in framework.levels.items()}
    what = asked.indicator if "indicator" in USES.get(page, ()) else "levels" if page == "levels" else ""
    scene = Scene(desk, asked, release, indicators, levels, current_locale(), "", jurisdiction, what)
    if "region" not in request.args:
        asked = asked.but(region=_own_region(scene, page))
    home = _home(desk, release, jurisdiction)
    if asked.by in ("city", "group") and (asked.industry or asked.size) and page in ("compare", "change", "panels"):
        asked = asked.but(industry="", size="")
        messages.append(_("Cities and groups of places are published over all industries and sizes alone."))
    return replace(scene, asked=asked, home=home), tuple(messages)


def _wrong(name: str, value: str) -> str:
    """What is not known is said and left out; that something is not published is another matter."""
    words = {
        "year": _("year"),
        "industry": _("industry"),
        "region": _("region"),
        "size": _("size"),
        "indicator": _("indicator"),
        "by": _("way to break down"),
        "order": _("order"),
    }
    return _("“%(value)s” is no %(field)s that is known here, and was left out.", value=value, field=words[name])


def _begun(asked: Asked, page: str, indicators: tuple[str, ...], year: int, framework: str) -> Asked:
    """With what a page begins with, as far as the framework has it."""
    begins = dict(BEGINNINGS[page]) if page in BEGINNINGS else {}
    if begins.get("indicator") not in indicators and "indicator" in begins:
        begins["indicator"] = indicators[0]
    missing = {name: value for name, value in begins.items() if not getattr(asked, name)}
    return asked.but(year=year, framework=framework, **missing)


def _own_region(scene: Scene, page: str) -> str:
    """The reader's own, where the page has something to show of it."""
    inside = scene.asked.but(region=scene.home_or_nation)
    if page == "targets":
        return ""  # of most provinces little was published
    if not inside.by:
        return inside.region
    parts = broken_down(inside, inside.by, "").parts
    return inside.region if sum(scene.has(part) for part in parts) > 1 else ""


def _home(desk: Desk, release: Any, jurisdiction: str) -> str:
    """The province whose cities are shown where none is asked for: the reader's, else the first with any published."""
    if jurisdiction in regions():
        return f"{jurisdiction[:2]}0000"
    cities = desk.with_cities(release)
    return next((place.code for place in provinces() if place.code[:2] in cities), provinces()[0].code)


# Pages


@bp.get(BASE)
@requires(Permission.BENCHMARK_READ)
def index(access: Access) -> ResponseReturnValue:
    """Questions first. Nothing is read for it but what there is to read."""
    session = db.session()
    desk = _desk(session, access, "")
    framework = framework_by_hash(session, current_edition(session, desk.framework))
    scene, messages = _scene(session, desk, framework, "")
    return render_template(
        "dashboard/index.html",
        desk=desk,
        scene=scene,
        messages=messages,
        questions=questions(scene) if scene else (),
        views=views_of(session, current_user.id),
        page_words=PAGE_WORDS,
        tabs_of_page=_tabs(access, "", scene),
    )


def _tabs(access: Access, page: str, scene: Scene | None) -> list[Tab]:
    start = Tab(_("Overview"), url_for(".index", tenant_id=access.tenant.id), not page)
    asked = scene.asked if scene and page else Asked()
    carried = asked.but(by="", order="")

    def tab(name: str) -> Tab:
        fields = carried.address(name) if page else {}
        url = url_for(".show", tenant_id=access.tenant.id, page=name, **fields)
        return Tab(str(PAGE_WORDS[name]), url, name == page)

    return [start, *(tab(name) for name in PAGES)]


def _known(page: str) -> str:
    if page not in MAKERS:
        raise NotFound("dashboard_page", page)
    return page


@bp.get(f"{BASE}/<page>")
@requires(Permission.BENCHMARK_READ)
def show(access: Access, page: str) -> ResponseReturnValue:
    return _show(access, _known(page), ViewForm(formdata=None))


def _show(access: Access, page: str, form: ViewForm) -> str:
    seen = look(access, page, "page")
    scene, chart = seen.scene, seen.chart
    if chart is not None:
        relax_styles()
    views = views_of(db.session(), current_user.id)
    return render_template(
        "dashboard/show.html",
        page=page,
        page_words=PAGE_WORDS,
        seen=seen,
        scene=scene,
        chart=chart,
        links=_links(access, seen.shown),
        not_published=NOT_PUBLISHED.to(current_locale()),
        numbers=_numeric_columns(chart) if chart else (),
        wide=_inline(draw(chart)) if chart else "",
        narrow=_inline(draw(chart, narrow=True)) if chart else "",
        filters=_filters(page, scene) if scene else (),
        address=scene.asked.address(page) if scene else {},
        form=form,
        views=views,
        tabs_of_page=_tabs(access, page, scene),
        trail=_trail(access, page, scene),
    )


def _numeric_columns(chart: Board) -> frozenset[int]:
    """Columns that hold figures, which are set right-aligned."""
    rows = chart.table.rows
    return frozenset(
        column
        for column in range(1, len(chart.table.header))
        if any(FIGURE.match(row[column]) for row in rows)
        and all(FIGURE.match(row[column]) or len(row[column]) < LONGEST_WORD for row in rows)
    )


def _inline(svg: str) -> str:
    """The picture inside the page: no request of its own, which would be one more reading of the figures."""
    return "data:image/svg+xml," + quote(svg, safe=":;=()*!.,@~'")


def _links(access: Access, shown: Shown | None) -> tuple[str | None, ...]:
    if shown is None:
        return ()
    return tuple(
        None if link is None else url_for(".show", tenant_id=access.tenant.id, page=link[0], **link[1].address(link[0]))
        for link in shown.links
    )


def _filters(page: str, scene: Scene) -> list[tuple[str, str, str, list[options.Group]]]:
    """Name, label, value and groups of options of each filter that the page has."""
    uses, asked, years = USES[page], scene.asked, scene.desk.years
    offered: list[tuple[str, str, Any, Callable[[], list[options.Group]]]] = [
        ("indicator", _("Indicator"), asked.indicator, lambda: options.indicator_options(scene, page)),
        ("by", _("Break down by"), asked.by, lambda: options.breakdown_options(scene)),
        ("industry", _("Branch of industry"), asked.industry, lambda: options.industry_options(scene)),
        ("region", _("Place"), asked.region, lambda: _region_options(page, scene)),
        ("size", _("Size"), asked.size, lambda: options.size_options(scene)),
        ("year", _("Year"), str(asked.year), lambda: options.plain([(str(year), str(year)) for year in years])),
        (
            "order",
            _("Order"),
            asked.order or "value",
            lambda: options.plain([("value", _("By value")), ("place", _("As in the classification"))]),
        ),
    ]
    if len(scene.desk.frameworks) > 1:
        names = [(name, name) for name in scene.desk.frameworks]
        offered.append(("framework", _("Framework"), asked.framework, lambda: options.plain(names)))
    return [(name, label, value, make()) for name, label, value, make in offered if name in uses]


def _region_options(page: str, scene: Scene) -> list[options.Group]:
    return options.target_region_options(scene) if page == "targets" else options.region_options(scene)


def _trail(access: Access, page: str, scene: Scene | None) -> list[tuple[str, str | None]]:
    """From the whole to what is shown, each step a link."""
    if scene is None or page not in ("compare", "map", "profile", "levels", "trend"):
        return []
    asked, steps = scene.asked, []
    whole = asked.but(industry="", region="", size="")
    steps.append((scene.population(whole.key), whole))
    inside = whole
    if asked.province and asked.region != asked.province:
        inside = inside.but(region=asked.province)
        steps.append((scene.population(inside.key), inside))
    if asked.region:
        inside = inside.but(region=asked.region)
        steps.append((scene.words(place_words(asked.region)), inside))
    if asked.industry:
        inside = inside.but(industry=asked.industry)
        steps.append((scene.words(industry_words(asked.industry)), inside))
    if asked.size:
        inside = inside.but(size=asked.size)
        steps.append((scene.words(size_words(asked.size)), inside))
    if len(steps) == 1:
        return []
    last = len(steps) - 1
    return [
        (label, None if place == last else _step_url(access, page, step)) for place, (label, step) in enumerate(steps)
    ]


def _step_url(access: Access, page: str, step: Asked) -> str:
    by = "" if page == "compare" and step.by in REGION_BREAKDOWNS and not step.region else step.by
    return url_for(".show", tenant_id=access.tenant.id, page=page, **step.but(by=by).address(page))


# Files


def _chart(access: Access, page: str, purpose: str) -> Board:
    chart = look(access, _known(page), purpose).chart
    if chart is None:
        raise NotFound("dashboard_chart", page)
    return chart


def _file(content: bytes, kind: str, name: str) -> Response:
    """With a name that says what is in it; the same bytes are not sent twice to one browser."""
    response = send_file(io.BytesIO(content), mimetype=kind, as_attachment=True, download_name=name, max_age=0)
    response.headers["Cache-Control"] = "private, no-cache"
    response.headers["Vary"] = "Cookie"
    response.set_etag(hashlib.sha256(content).hexdigest()[:32])
    response.make_conditional(request)
    return response


@bp.get(f"{BASE}/<page>.svg")
@requires(Permission.BENCHMARK_READ)
def picture(access: Access, page: str) -> ResponseReturnValue:
    chart = _chart(access, page, "SVG")
    return _file(draw_file(chart).encode(), "image/svg+xml", _name(chart, "svg"))


@bp.get(f"{BASE}/<page>.png")
@requires(Permission.BENCHMARK_READ)
def bitmap(access: Access, page: str) -> ResponseReturnValue:
    chart = _chart(access, page, "PNG")
    return _file(draw_png(chart), "image/png", _name(chart, "png"))


@bp.get(f"{BASE}/<page>.csv")
@requires(Permission.BENCHMARK_READ)
def table(access: Access, page: str) -> ResponseReturnValue:
    """The very table of the page, then finding, mark, notes and source; every word in it is the site's own."""
    chart = _chart(access, page, "CSV")
    buffer = io.StringIO()
    below = [(), *((text,) for text in (chart.title, chart.mark, *chart.notes, chart.source) if text)]
    rows = [chart.table.header, *chart.table.rows, *below]
    csv.writer(buffer).writerows(rows)
    return _file((BYTE_ORDER_MARK + buffer.getvalue()).encode(), "text/csv", _name(chart, "csv"))


@bp.get(f"{BASE}/<page>.json")
@requires(Permission.BENCHMARK_READ)
def figure(access: Access, page: str) -> ResponseReturnValue:
    return jsonify(figure_json(_chart(access, page, "figure")))


def _name(chart: Board, ending: str) -> str:
    year = request.args.get("year", "")
    parts = [chart.file, year if year.isdigit() else "", _("synthetic data") if chart.mark else ""]
    return "-".join(part.replace("/", " ") for part in parts if part) + f".{ending}"


# Saved views


@bp.post(f"{BASE}/<page>/views")
@requires(Permission.BENCHMARK_READ)
def keep_view(access: Access, page: str) -> ResponseReturnValue:
    """Save what the address of the form carries."""
    form = ViewForm()
    if not form.validate_on_submit():
        return _show(access, _known(page), form), 422
    session = db.session()
    desk = _desk(session, access, "")
    framework = framework_by_hash(session, current_edition(session, desk.framework))
    asked = Asked.of(request.args, indicators_of(framework))
    who = {"actor_id": current_user.id, "clock": site_clock()}
    query = to_save(_known(page), asked)
    save_view(session, access.tenant.id, str(form.name.data), page, query, shared=bool(form.shared.data), **who)
    flash(_("The view is saved. You find it under Overview, and its address is a link to it."))
    return redirect(url_for(".show", tenant_id=access.tenant.id, page=page, **saved(query)))


@bp.get(f"{BASE}/views/<uuid:view_id>")
@requires(Permission.BENCHMARK_READ)
def open_view(access: Access, view_id: uuid.UUID) -> ResponseReturnValue:
    view = view_of(db.session(), view_id, current_user.id)
    return redirect(url_for(".show", tenant_id=access.tenant.id, page=view.page, **saved(view.query)))


@bp.get(f"{BASE}/views/<uuid:view_id>/name")
@requires(Permission.BENCHMARK_READ)
def name_page(access: Access, view_id: uuid.UUID) -> ResponseReturnValue:
    view = view_of(db.session(), view_id, current_user.id)
    return _name_page(view, RenameForm(formdata=None, name=view.name))


def _name_page(view: Any, form: RenameForm) -> str:
    return render_template("dashboard/rename.html", view=view, form=form)


@bp.post(f"{BASE}/views/<uuid:view_id>/name")
@requires(Permission.BENCHMARK_READ)
def change_name(access: Access, view_id: uuid.UUID) -> ResponseReturnValue:
    view = view_of(db.session(), view_id, current_user.id)
    form = RenameForm()
    if not form.validate_on_submit():
        return _name_page(view, form), 422
    rename_view(db.session(), view_id, str(form.name.data), actor_id=current_user.id)
    flash(_("The view has its new name."))
    return redirect(url_for(".index", tenant_id=access.tenant.id))


@bp.post(f"{BASE}/views/<uuid:view_id>/delete")
@requires(Permission.BENCHMARK_READ)
def drop_view(access: Access, view_id: uuid.UUID) -> ResponseReturnValue:
    delete_view(db.session(), view_id, actor_id=current_user.id)
    flash(_("The view is deleted."))
    return redirect(url_for(".index", tenant_id=access.tenant.id))
