"""The open tasks across all clients."""

from __future__ import annotations

import uuid

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from maturity.extensions import db
from maturity.portfolios.blueprint import bp
from maturity.portfolios.clients import all_clients, find_client
from maturity.portfolios.forms import TaskForm
from maturity.portfolios.service import add_task, colleagues, set_task, tasks_of
from maturity.tenancy.permissions import Permission
from maturity.tenancy.service import Access
from maturity.web.access import requires
from maturity.web.site import site_clock

STATES = ("open", "overdue", "done")


@bp.get("/t/<uuid:tenant_id>/tasks")
@requires(Permission.PORTFOLIO_VIEW)
def tasks(access: Access) -> ResponseReturnValue:
    return _page(access, TaskForm(formdata=None, person=str(current_user.id)))


def _page(access: Access, form: TaskForm) -> str:
    session, clock = db.session(), site_clock()
    state = request.args.get("state", "")
    person = request.args.get("person", "")
    shown = tasks_of(
        session,
        access.tenant.id,
        clock,
        person_id=int(person) if person.isascii() and person.isdigit() and len(person) < 10 else None,
        done=state == "done",
        overdue=state == "overdue",
    )
    return render_template(
        "portfolios/tasks.html",
        tasks=shown,
        form=form,
        state=state if state in STATES else "open",
        person=person,
        colleagues=colleagues(session, access.tenant.id),
        clients=all_clients(session, access.tenant.id, clock),
    )


@bp.post("/t/<uuid:tenant_id>/tasks")
@requires(Permission.PORTFOLIO_EDIT)
def add(access: Access) -> ResponseReturnValue:
    form = TaskForm()
    if not form.validate_on_submit() or (client_id := _chosen(form)) is None:
        return _page(access, form), 422
    clock = site_clock()
    client = find_client(db.session(), access.tenant.id, client_id, clock)
    title = str(form.title.data).strip()
    add_task(db.session(), client, title, form.parsed_due, form.person_id, actor_id=current_user.id, clock=clock)
    flash(_("The task is saved."))
    return redirect(url_for(".tasks", tenant_id=access.tenant.id))


def _chosen(form: TaskForm) -> uuid.UUID | None:
    try:
        return uuid.UUID(str(form.client.data))
    except ValueError:
        form.client.errors = [_("Choose a client.")]
        return None


@bp.post("/t/<uuid:tenant_id>/tasks/<uuid:task_id>")
@requires(Permission.PORTFOLIO_EDIT)
def change_task(access: Access, task_id: uuid.UUID) -> ResponseReturnValue:
    done = request.form.get("done") == "yes"
    set_task(db.session(), access.tenant.id, task_id, done=done, clock=site_clock())
    flash(_("The task is done.") if done else _("The task is open again."))
    return redirect(url_for(".tasks", tenant_id=access.tenant.id))
