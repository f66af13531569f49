"""The worker's part: one message after another, each between two short transactions and never inside one."""

from __future__ import annotations

from flask import Flask

from maturity.clock import Clock
from maturity.db import writing
from maturity.extensions import db
from maturity.messages.gateways import Gateway, NotEver, NotNow, Outgoing, mail_gateway, sms_gateway
from maturity.messages.service import (
    forget_old_messages,
    is_anything_due,
    note_failure,
    note_kept,
    note_sent,
    take_message,
)


def open_gateways(app: Flask) -> None:
    """Make the gateways that the configuration asks for, null twins for the rest."""
    config = app.config
    app.extensions["gateways"] = {
        "mail": mail_gateway(config["SMTP_URL"], config["MAIL_FROM"]),
        "sms": sms_gateway(config["SMS_URL"], config["SMS_SECRET"]),
    }


def gateway_for(app: Flask, kind: str) -> Gateway:
    gateway: Gateway = app.extensions["gateways"][kind]
    return gateway


def send_waiting(app: Flask) -> int:
    """Send what is due; how many messages were handed over."""
    sent = 0
    writing.set(False)
    while is_anything_due(db.session(), app.extensions["clock"]):
        taken = _take(app)
        if taken is None:
            break
        sent += _send(app, *taken)
        writing.set(False)
    db.session.rollback()
    return sent


def sweep(app: Flask) -> None:
    """What a lost wake-up left behind, and what has lain for long."""
    send_waiting(app)
    _begin_writing()
    forget_old_messages(db.session(), app.extensions["clock"])
    db.session.commit()


def _take(app: Flask) -> tuple[str, Outgoing] | None:
    _begin_writing()
    taken = take_message(db.session(), app.extensions["clock"])
    db.session.commit()
    return taken


def _send(app: Flask, kind: str, message: Outgoing) -> bool:
    gateway, clock = gateway_for(app, kind), app.extensions["clock"]
    failure = _hand_over(app, gateway, message) if gateway.is_on else None
    _begin_writing()
    _note(message, gateway, failure, clock)
    db.session.commit()
    return gateway.is_on and failure is None


def _hand_over(app: Flask, gateway: Gateway, message: Outgoing) -> NotNow | NotEver | None:
    try:
        gateway.send(message)
    except (NotNow, NotEver) as failure:
        app.logger.warning("message %s was not sent: %s", message.id, failure)
        return failure
    return None


def _note(message: Outgoing, gateway: Gateway, failure: NotNow | NotEver | None, clock: Clock) -> None:
    session = db.session()
    if not gateway.is_on:
        note_kept(session, message.id)
    elif failure is None:
        note_sent(session, message.id, clock)
    else:
        note_failure(session, message.id, str(failure), clock, for_good=isinstance(failure, NotEver))


def _begin_writing() -> None:
    db.session.rollback()
    writing.set(True)
