"""Where Stripe sends its events: verified on the raw body, written once, and answered before anything is done."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import stripe
from flask import current_app, request
from flask.typing import ResponseReturnValue
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from maturity.billing.blueprint import bp
from maturity.billing.events import facts_of_event
from maturity.billing.gateway import EventFacts
from maturity.billing.models import StripeEvent
from maturity.clock import Clock
from maturity.db import for_tenant
from maturity.errors import Invalid, NotFound
from maturity.extensions import csrf, db
from maturity.jobs.service import ask_for_job
from maturity.tenancy.service import PLATFORM, ensure_platform
from maturity.web.access import public
from maturity.web.site import site_clock

#: Seconds that a signature holds, against somebody who kept one; the time is that of our clock.
TOLERANCE = 300
LARGEST = 512 * 1024
JOB = "billing_event"


class Refused(Invalid):
    """Stripe did not sign this, or not now."""

    status = 400

    def __init__(self) -> None:
        super().__init__("webhook_refused")


@bp.post("/webhooks/stripe")
@csrf.exempt
@public
def webhook() -> ResponseReturnValue:
    """200 once the event is kept, again for one that came before; 400 for what Stripe did not sign."""
    secrets: tuple[str, ...] = current_app.config["STRIPE_WEBHOOK_SECRETS"]
    if not secrets:
        raise NotFound("webhook")
    body = request.get_data(cache=False) if (request.content_length or 0) <= LARGEST else b""
    if not is_signed(body, request.headers.get("Stripe-Signature", ""), secrets, site_clock().now()):
        current_app.logger.warning("a webhook without a sound signature was refused")
        raise Refused
    try:
        facts = facts_of_event(json.loads(body))
    except ValueError as error:
        raise Refused from error
    keep_event(db.session(), facts, site_clock())
    return "", 200


def is_signed(body: bytes, header: str, secrets: tuple[str, ...], now: datetime) -> bool:
    """Whether one of the secrets signed exactly these bytes within the last minutes."""
    return any(_is_signed(body, header, secret, now) for secret in secrets)


def _is_signed(body: bytes, header: str, secret: str, now: datetime) -> bool:
    try:
        stripe.WebhookSignature.verify_header(body.decode(), header, secret)
        said = dict(part.partition("=")[::2] for part in header.split(","))
        return abs(now.timestamp() - int(said["t"])) <= TOLERANCE
    except (stripe.SignatureVerificationError, UnicodeDecodeError, KeyError, ValueError):
        return False


def keep_event(session: Session, facts: EventFacts, clock: Clock, *, missed: bool = False) -> bool:
    """The event's row and its job, in one transaction; whether it is new. One that came before is counted.

    One that was missed is followed by whoever found it.
    """
    ensure_platform(session, clock)
    with for_tenant(session, PLATFORM):
        if not missed and _counted(session, facts.id):
            return False
        try:
            with session.begin_nested():
                session.add(_row(facts, clock, times=0 if missed else 1))
        except IntegrityError:  # the same event came at the same moment
            if not missed:
                _counted(session, facts.id)
            return False
        if facts.object_kind and not missed:
            payload = {"kind": facts.object_kind, "object_id": facts.object_id, "type": facts.type}
            ask_for_job(session, PLATFORM, JOB, facts.id, payload, actor_id=None, clock=clock)
    return True


def _counted(session: Session, event_id: str) -> bool:
    again = update(StripeEvent).where(StripeEvent.id == event_id).values(times=StripeEvent.times + 1)
    changed: Any = session.execute(again, execution_options={"synchronize_session": False})
    return bool(changed.rowcount == 1)


def _row(facts: EventFacts, clock: Clock, *, times: int) -> StripeEvent:
    return StripeEvent(
        id=facts.id,
        type=facts.type,
        object_id=facts.object_id,
        subscription_id=facts.subscription,
        created_at=facts.created_at,
        received_at=clock.now(),
        times=times,
        state="waiting" if facts.object_kind else "ignored",
    )
