"""One client on one page: facts, grant, results, progress, tasks, notes, timeline and plan."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from flask import current_app, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from maturity.assessments.models import FRAMEWORK
from maturity.assessments.service import get_assessment
from maturity.consulting.forms import SCOPE_WORDS
from maturity.editions.service import current_edition, framework_by_hash
from maturity.errors import Conflict
from maturity.extensions import db
from maturity.portfolios import words
from maturity.portfolios.blueprint import bp
from maturity.portfolios.branding import brand_of
from maturity.portfolios.clients import Client, find_client
from maturity.portfolios.forms import NoteForm, TaskForm
from maturity.portfolios.plans import Plan, find_plan, versions_of
from maturity.portfolios.service import (
    Note,
    Task,
    add_note,
    add_task,
    colleagues,
    delete_note,
    notes_of,
    reminded_on,
    tasks_of,
)
from maturity.portfolios.visits import inside, note_reading
from maturity.reports.service import ask_for_document, folder_of, has_report, wanted_document
from maturity.tenancy.permissions import Permission
from maturity.tenancy.service import Access
from maturity.web.access import requires
from maturity.web.locale import current_locale
from maturity.web.site import site_clock

URL = "/t/<uuid:tenant_id>/clients/<uuid:client_id>"


@dataclass(frozen=True, slots=True)
class Moment:
    """One line of the timeline."""

    at: datetime
    said: str


def who() -> dict[str, Any]:
    return {"actor_id": current_user.id, "clock": site_clock()}


def client_of(access: Access, client_id: uuid.UUID) -> Client:
    return find_client(db.session(), access.tenant.id, client_id, site_clock())


def back(access: Access, client_id: uuid.UUID, anchor: str = "") -> ResponseReturnValue:
    where: dict[str, Any] = {"tenant_id": access.tenant.id, "client_id": client_id}
    return redirect(url_for("portfolios.show", _anchor=anchor or None, **where))


@bp.get(URL)
@requires(Permission.PORTFOLIO_VIEW)
def show(access: Access, client_id: uuid.UUID) -> ResponseReturnValue:
    client = client_of(access, client_id)
    note_reading(db.engine, access, client, current_user.id, site_clock())
    return _page(access, client)


def _page(access: Access, client: Client, note: NoteForm | None = None, task: TaskForm | None = None) -> str:
    session, clock = db.session(), site_clock()
    notes = notes_of(session, client.id)
    tasks = tasks_of(session, access.tenant.id, clock, client_id=client.id)
    done = tasks_of(session, access.tenant.id, clock, client_id=client.id, done=True, limit=20)
    plan = find_plan(session, client.id)
    framework = framework_by_hash(session, current_edition(session, FRAMEWORK))
    return render_template(
        "portfolios/client.html",
        client=client,
        notes=notes,
        tasks=tasks,
        colleagues=colleagues(session, access.tenant.id),
        note_form=note or NoteForm(formdata=None),
        task_form=task or TaskForm(formdata=None, person=str(current_user.id)),
        plan=Plan.of(plan.body) if plan else None,
        plan_row=plan,
        timeline=_timeline(client, notes, done, versions_of(session, client.id)),
        framework=framework,
        levels=framework.levels,
        scopes=SCOPE_WORDS,
        is_reminded=bool(reminded_on(session, [client.id], clock.today())),
        today=clock.today(),
        words=words,
    )


def _timeline(client: Client, notes: list[Note], done: list[Task], versions: list[Any]) -> list[Moment]:
    """What happened with the client, the latest first."""
    moments = [Moment(client.grant.given_at, _("Access granted"))]
    for year in client.row.results if client.row else ():
        said = _("Result for %(period)s submitted, revision %(revision)s", **year)
        moments.append(Moment(datetime.fromisoformat(year["submitted_at"]), said))
    for item in notes:
        said = _("Note shared with the client") if item.note.is_shared else _("Note of the consultancy")
        moments.append(Moment(item.note.written_at, said))
    moments += [
        Moment(item.task.done_at, _("Done: %(task)s", task=item.task.title)) for item in done if item.task.done_at
    ]
    moments += [Moment(one.saved_at, _("Version %(number)s of the plan", number=one.number)) for one in versions]
    return sorted(moments, key=lambda moment: moment.at, reverse=True)[:40]


@bp.post(f"{URL}/notes")
@requires(Permission.PORTFOLIO_EDIT)
def write_note(access: Access, client_id: uuid.UUID) -> ResponseReturnValue:
    client, form = client_of(access, client_id), NoteForm()
    if not form.validate_on_submit():
        return _page(access, client, note=form), 422
    shared = form.shared.data == "yes"
    body = str(form.body.data).strip()
    add_note(db.session(), access, client, body, shared=shared, actor=current_user, clock=site_clock())
    flash(_("The note is saved; the client sees it, too.") if shared else _("The note is saved."))
    return back(access, client_id, "notes")


@bp.post(f"{URL}/notes/<uuid:note_id>/delete")
@requires(Permission.PORTFOLIO_EDIT)
def drop_note(access: Access, client_id: uuid.UUID, note_id: uuid.UUID) -> ResponseReturnValue:
    delete_note(db.session(), access, client_of(access, client_id), note_id, **who())
    flash(_("The note is deleted."))
    return back(access, client_id, "notes")


@bp.post(f"{URL}/tasks")
@requires(Permission.PORTFOLIO_EDIT)
def give_task(access: Access, client_id: uuid.UUID) -> ResponseReturnValue:
    client, form = client_of(access, client_id), TaskForm()
    if not form.validate_on_submit():
        return _page(access, client, task=form), 422
    add_task(db.session(), client, str(form.title.data).strip(), form.parsed_due, form.person_id, **who())
    flash(_("The task is saved."))
    return back(access, client_id, "tasks")


@bp.post(f"{URL}/report")
@requires(Permission.PORTFOLIO_EDIT)
def make_report(access: Access, client_id: uuid.UUID) -> ResponseReturnValue:
    """The client's PDF report with the consultancy's name and logo; made in the client, and in its log."""
    client = client_of(access, client_id)
    if client.row is None or client.row.result_id is None:
        raise Conflict("no_result_yet")
    result_id, brand = client.row.result_id, brand_of(db.session(), access.tenant)
    folder: Path = folder_of(current_app.config["DATA_DIR"])
    with inside(db.session(), access, client, current_user.id, site_clock(), Permission.REPORT_VIEW):
        assessment = get_assessment(db.session(), result_id)
        if not has_report(db.session(), assessment):
            raise Conflict("no_result_yet")
        wanted = wanted_document(db.session(), assessment, "report", current_locale(), brand.digest)
        ask_for_document(db.session(), assessment, wanted, folder, brand=brand, **who())
    where: dict[str, Any] = {"tenant_id": client_id, "assessment_id": result_id, "kind": "report"}
    return redirect(url_for("reports.show", brand=brand.digest, **where))
