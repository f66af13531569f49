"""The worker plans the nightly comparison with Stripe as long as it runs."""

from __future__ import annotations

import threading
from typing import Any

from flask import Flask
from flask.blueprints import BlueprintSetupState

from maturity.billing.jobs import plan_reconciliation
from maturity.clock import Clock
from maturity.db import every_tenant, writing
from maturity.extensions import db

PLANNED_EVERY = 600.0  # seconds; the job of a night is asked for many times and made once


def wire(state: BlueprintSetupState) -> None:
    """What a blueprint calls when it is registered, after the queue is there."""
    app: Any = state.app
    queue = app.extensions.get("queue")
    if queue is not None:

        @queue.on_startup(name="plan_billing")
        def _plan_for_ever() -> None:
            threading.Thread(target=_planning, args=(app,), daemon=True).start()


def _planning(app: Flask) -> None:
    pause = threading.Event()
    while True:
        try:
            with app.app_context():
                plan(app)
        except Exception:
            app.logger.exception("the comparison with Stripe could not be planned; it is tried again")
        pause.wait(PLANNED_EVERY)


def plan(app: Flask) -> None:
    """See to it that tonight's job is there."""
    clock: Clock = app.extensions["clock"]
    writing.set(True)
    with every_tenant(db.session()):
        plan_reconciliation(db.session(), clock)
        db.session.commit()
    db.session.remove()
