"""Work of every night: one job of the operator's own tenant, which the worker plans as long as it runs."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from datetime import time as time_of_day
from typing import Any

from flask import Flask
from flask.blueprints import BlueprintSetupState
from sqlalchemy.orm import Session

from maturity.clock import LOCAL, Clock
from maturity.db import every_tenant, for_tenant, writing
from maturity.extensions import db
from maturity.jobs.service import ask_for_job
from maturity.tenancy.service import PLATFORM, ensure_platform

PLANNED_EVERY = 600.0  # seconds; the job of a night is asked for many times and made once
Plan = Callable[[Session, Clock], None]


def ask_for_night(session: Session, kind: str, at: time_of_day, clock: Clock) -> None:
    """The job of the coming night, however often it is asked for. The session works across tenants."""
    ensure_platform(session, clock)
    session.flush()
    night = datetime.combine(clock.today(), at)
    if night <= clock.now():
        night += timedelta(days=1)
    with for_tenant(session, PLATFORM):
        key = night.astimezone(LOCAL).date().isoformat()
        ask_for_job(session, PLATFORM, kind, key, {}, actor_id=None, clock=clock, due_at=night)


def wind(state: BlueprintSetupState, name: str, plan: Plan) -> None:
    """Have the worker plan its nights; for a blueprint that is registered, after the queue is there."""
    app: Any = state.app
    queue = app.extensions.get("queue")
    if queue is not None:

        @queue.on_startup(name=name)
        def _plan_for_ever() -> None:
            threading.Thread(target=_planning, args=(app, name, plan), daemon=True).start()


def _planning(app: Flask, name: str, plan: Plan) -> None:
    pause = threading.Event()
    while True:
        try:
            with app.app_context():
                plan_now(app, plan)
        except Exception:
            app.logger.exception("%s failed; it is tried again", name)
        pause.wait(PLANNED_EVERY)


def plan_now(app: Flask, plan: Plan) -> None:
    """See to it that tonight's job is there."""
    writing.set(True)
    with every_tenant(db.session()):
        plan(db.session(), app.extensions["clock"])
        db.session.commit()
    db.session.remove()
