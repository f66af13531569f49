"""The wiring of the outbox to the worker, and the page that shows it while the site is only tried out."""

from __future__ import annotations

import threading
from typing import Any

from flask import Blueprint, current_app, render_template
from flask.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue

from maturity.extensions import db
from maturity.messages.sending import gateway_for, open_gateways, send_waiting, sweep
from maturity.messages.service import latest_messages, wake_after_commit
from maturity.web.access import public

bp = Blueprint("messages", __name__)
SWEEP_SECONDS = 30.0
#: Where everybody who can reach the site may read what it would have sent: nowhere that real people use.
OPEN_IN = ("development", "testing")

# Once for the process: the session class is shared by all apps, the queue belongs to the current one.
wake_after_commit(db.session, lambda: current_app.extensions["send_messages"]())


@bp.record_once
def _wire(state: BlueprintSetupState) -> None:
    app: Any = state.app
    open_gateways(app)
    queue = app.extensions["queue"]

    @queue.task(name="send_messages")
    def send_messages() -> None:
        with app.app_context():
            send_waiting(app)

    @queue.on_startup(name="sweep_messages")
    def _sweep_for_ever() -> None:
        threading.Thread(target=_sweeping, args=(app,), daemon=True).start()

    app.extensions["send_messages"] = send_messages
    app.jinja_env.globals["is_sending"] = lambda kind: gateway_for(app, kind).is_on
    app.jinja_env.globals["is_outbox_open"] = app.config["ENVIRONMENT"] in OPEN_IN
    if app.config["ENVIRONMENT"] in OPEN_IN:
        state.add_url_rule("/outbox", "outbox", outbox)


def _sweeping(app: Any) -> None:
    pause = threading.Event()
    while True:
        try:
            with app.app_context():
                sweep(app)
        except Exception:
            app.logger.exception("the outbox could not be swept; it is tried again")
        pause.wait(SWEEP_SECONDS)


@public
def outbox() -> ResponseReturnValue:
    """The latest messages with their links and codes; the route does not exist in production."""
    return render_template("messages/outbox.html", messages=latest_messages(db.session()))
