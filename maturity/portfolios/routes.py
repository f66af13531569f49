"""The portfolio page: who needs me today, and what is done with several clients at once."""

from __future__ import annotations

import csv
import io
import threading
import uuid
from dataclasses import dataclass
from typing import Any

from flask import Response, flash, redirect, render_template, request, send_file, url_for
from flask.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user

from maturity.adaptive.framework import Framework
from maturity.assessments.models import FRAMEWORK
from maturity.audit.export import BYTE_ORDER_MARK, harmless
from maturity.consulting.forms import SCOPE_WORDS
from maturity.editions.service import current_edition, framework_by_hash
from maturity.errors import Invalid, NotFound
from maturity.extensions import db
from maturity.portfolios import brand_routes, client_routes, invitation_routes, plan_routes, task_routes, words
from maturity.portfolios.asked import ALL, COLUMNS, TODAY, Asked
from maturity.portfolios.blueprint import bp
from maturity.portfolios.clients import PAGE_SIZE, Choices, Client, choices, chosen_clients, list_clients
from maturity.portfolios.compare import FEWEST, MOST, comparable, compare_chart, dimension_rows
from maturity.portfolios.excel import clients_workbook, file_name
from maturity.portfolios.forms import ReminderForm, ViewForm
from maturity.portfolios.projection import sweep_for_ever
from maturity.portfolios.service import delete_view, remind_clients, reminded_on, save_view, views_of
from maturity.results.charts import Scores
from maturity.results.svg import draw
from maturity.tenancy.permissions import Permission
from maturity.tenancy.service import Access
from maturity.web.access import requires
from maturity.web.addresses import site_url
from maturity.web.filters import industry_name, region_name
from maturity.web.locale import current_locale
from maturity.web.site import site_clock

#: The modules whose routes are the blueprint's, too.
PAGES = (brand_routes, client_routes, invitation_routes, plan_routes, task_routes)
EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True, slots=True)
class Tab:
    label: str
    url: str
    is_current: bool


@bp.record_once
def _wire(state: BlueprintSetupState) -> None:
    """The worker gathers what the portfolios show, beside its jobs."""
    app: Any = state.app

    @app.extensions["queue"].on_startup(name="sweep_portfolios")
    def _start() -> None:
        threading.Thread(target=sweep_for_ever, args=(app,), daemon=True).start()


def framework() -> Framework:
    """For the names of stages and dimensions."""
    return framework_by_hash(db.session(), current_edition(db.session(), FRAMEWORK))


@bp.get("/t/<uuid:tenant_id>/clients")
@requires(Permission.PORTFOLIO_VIEW)
def index(access: Access) -> ResponseReturnValue:
    return _index(access, ViewForm(formdata=None))


def _asked() -> Asked:
    return Asked.of(request.args, tuple(request.args.getlist("columns")))


def _index(access: Access, form: ViewForm) -> str:
    asked, session, clock = _asked(), db.session(), site_clock()
    offered = choices(session, access.tenant.id, clock)
    listed = list_clients(session, access.tenant.id, asked, clock)
    views = views_of(session, current_user.id)
    return render_template(
        "portfolios/index.html",
        asked=asked,
        form=form,
        listed=listed,
        offered=offered,
        view_tabs=_tabs(access, asked, views, offered.count, offered.needing),
        own_view=next((v for v in views if str(v.id) == asked.view and v.owner_id == current_user.id), None),
        pages=-(-listed.total // PAGE_SIZE),
        columns=COLUMNS,
        labels={name: str(label) for name, label in words.COLUMN_WORDS.items()},  # once for the page, not for each row
        **_options(offered),
        scopes=SCOPE_WORDS,
        today=clock.today(),
        words=words,
    )


def _options(offered: Choices) -> dict[str, Any]:
    """What the filters offer, and the words of the stages."""
    locale, levels = current_locale(), framework().levels
    stages = [(str(number), f"{number} {level.title.to(locale)}") for number, level in levels.items()]
    return {
        "levels": levels,
        "stage_options": [*stages, ("0", _("No result yet"))],
        "industry_options": [(code, industry_name(code)) for code in offered.industries],
        "region_options": [(code, region_name(f"{code}0000")) for code in offered.regions],
    }


def _tabs(access: Access, asked: Asked, views: Any, count: int, needing: int) -> list[Tab]:
    def tab(label: str, view: str, other: Asked) -> Tab:
        url = url_for(".index", tenant_id=access.tenant.id, **(other.address() | {"view": view}))
        return Tab(label, url, asked.view == view)

    return [
        tab(_("Who needs me today (%(count)s)", count=needing), TODAY, Asked()),
        tab(_("All (%(count)s)", count=count), ALL, Asked(view=ALL)),
        *(tab(view.name, str(view.id), Asked.saved(view.query)) for view in views),
    ]


@bp.post("/t/<uuid:tenant_id>/clients/views")
@requires(Permission.PORTFOLIO_VIEW)
def keep_view(access: Access) -> ResponseReturnValue:
    """Save the filters, order and columns that the address of the form carries."""
    form = ViewForm()
    if not form.validate_on_submit():
        return _index(access, form), 422
    shared = bool(form.shared.data) and access.can(Permission.PORTFOLIO_EDIT)
    name, asked = str(form.name.data).strip(), _asked()
    who = {"actor_id": current_user.id, "clock": site_clock()}
    view = save_view(db.session(), access.tenant.id, name, asked, shared=shared, **who)
    flash(_("The view is saved and stands among the tabs."))
    address = asked.address() | {"view": str(view.id)}
    return redirect(url_for(".index", tenant_id=access.tenant.id, **address))


@bp.post("/t/<uuid:tenant_id>/clients/views/<uuid:view_id>/delete")
@requires(Permission.PORTFOLIO_VIEW)
def drop_view(access: Access, view_id: uuid.UUID) -> ResponseReturnValue:
    delete_view(db.session(), view_id, actor_id=current_user.id)
    flash(_("The view is deleted."))
    return redirect(url_for(".index", tenant_id=access.tenant.id))


def _chosen(access: Access) -> tuple[Client, ...]:
    """The clients ticked, as far as they hold a live grant; `Invalid` for none."""
    ids = []
    for text in [*request.args.getlist("client"), *request.form.getlist("client")][: 10 * PAGE_SIZE]:
        try:
            ids.append(uuid.UUID(text))
        except ValueError:
            continue
    clients = chosen_clients(db.session(), access.tenant.id, ids, site_clock())
    if not clients:
        raise Invalid("no_client_chosen")
    return clients


@bp.get("/t/<uuid:tenant_id>/clients/export.xlsx")
@requires(Permission.PORTFOLIO_VIEW)
def export(access: Access) -> ResponseReturnValue:
    clients = _chosen(access)
    scopes = {name: str(label) for name, (label, _does) in SCOPE_WORDS.items()}
    content = io.BytesIO(clients_workbook(clients, scopes))
    name = file_name(site_clock().today())
    return send_file(content, mimetype=EXCEL, as_attachment=True, download_name=name)


@bp.get("/t/<uuid:tenant_id>/clients/remind")
@requires(Permission.PORTFOLIO_EDIT)
def remind(access: Access) -> ResponseReturnValue:
    return _remind(access, ReminderForm(formdata=None))


def _remind(access: Access, form: ReminderForm) -> str:
    clients = _chosen(access)
    already = reminded_on(db.session(), [client.id for client in clients], site_clock().today())
    return render_template("portfolios/remind.html", form=form, clients=clients, already=already)


@bp.post("/t/<uuid:tenant_id>/clients/remind")
@requires(Permission.PORTFOLIO_EDIT)
def send_reminders(access: Access) -> ResponseReturnValue:
    form = ReminderForm()
    if not form.validate_on_submit():
        return _remind(access, form), 422
    who: dict[str, Any] = {"actor_id": current_user.id, "clock": site_clock()}
    text = str(form.text.data).strip()
    done = remind_clients(db.session(), access, _chosen(access), text, _home_of, **who)
    if done.told:
        count = len(done.told)
        flash(ngettext("One client is written to.", "%(num)s clients are written to.", count))
    if done.already:
        flash(_("Written to today already: %(names)s", names=_("; ").join(done.already)), "error")
    if done.unreachable:
        flash(_("Nobody can be reached there: %(names)s", names=_("; ").join(done.unreachable)), "error")
    return redirect(url_for(".index", tenant_id=access.tenant.id))


def _home_of(client_id: uuid.UUID) -> str:
    return site_url("assessments.home", tenant_id=client_id)


@bp.get("/t/<uuid:tenant_id>/clients/compare")
@requires(Permission.PORTFOLIO_VIEW)
def compare(access: Access) -> ResponseReturnValue:
    clients = _compared(access)
    locale = current_locale()
    shown = comparable(clients)
    return render_template(
        "portfolios/compare.html",
        clients=clients,
        shown=shown,
        chart=compare_chart(clients, locale),
        dimensions=dimension_rows(shown, framework(), locale),
        levels=framework().levels,
        ids=[str(client.id) for client in clients],
        words=words,
    )


def _compared(access: Access) -> tuple[Client, ...]:
    clients = _chosen(access)
    if not FEWEST <= len(clients) <= MOST:
        raise Invalid("compare_two_to_six")
    return clients


def _chart(access: Access) -> Scores:
    chart = compare_chart(_compared(access), current_locale())
    if chart is None:
        raise NotFound("chart")
    return chart


@bp.get("/t/<uuid:tenant_id>/clients/compare.svg")
@requires(Permission.PORTFOLIO_VIEW)
def compare_picture(access: Access) -> ResponseReturnValue:
    response = Response(draw(_chart(access), narrow="narrow" in request.args), mimetype="image/svg+xml")
    response.headers["Cache-Control"] = "no-store"  # a grant may end at any moment
    return response


@bp.get("/t/<uuid:tenant_id>/clients/compare.csv")
@requires(Permission.PORTFOLIO_VIEW)
def compare_table(access: Access) -> ResponseReturnValue:
    """With a byte-order mark, so that Excel reads the Chinese."""
    chart = _chart(access)
    buffer = io.StringIO()
    rows = (chart.table.header, *chart.table.rows, (), (chart.title,), (chart.source,))
    csv.writer(buffer).writerows([harmless(cell) for cell in row] for row in rows)
    response = Response(BYTE_ORDER_MARK + buffer.getvalue(), mimetype="text/csv")
    response.headers["Content-Disposition"] = 'attachment; filename="compare.csv"'
    return response
