"""Stripe's webhook: what it signed is kept once, all else is refused without a word."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from maturity.billing.models import StripeEvent
from maturity.clock import FixedClock
from maturity.jobs.models import Job
from maturity.tenancy.service import ensure_platform
from tests.stripe_server import StripeServer

EVENT = {
    "id": "evt_1",
    "object": "event",
    "type": "customer.subscription.updated",
    "created": 1_700_000_000,
    "data": {"object": {"id": "sub_1", "object": "subscription"}},
}


@pytest.fixture
def client(app: Any, server: StripeServer, session: Session, clock: FixedClock, monkeypatch: Any) -> Any:
    monkeypatch.setitem(app.config, "STRIPE_WEBHOOK_SECRETS", ("whsec_the_next_one", server.secret))
    ensure_platform(session, clock)
    session.commit()
    return app.test_client()


def send(client: Any, server: StripeServer, event: dict[str, Any], **given: Any) -> int:
    body, header = server.signed(event, **given)
    return int(client.post("/webhooks/stripe", data=body, headers={"Stripe-Signature": header}).status_code)


def test_an_event_is_kept_once_however_often_it_comes(client: Any, server: StripeServer, session: Session) -> None:
    assert [send(client, server, EVENT) for _ in range(3)] == [200, 200, 200]
    (row,) = session.scalars(select(StripeEvent)).all()
    assert (row.times, row.state, row.object_id, row.subscription_id) == (3, "waiting", "sub_1", "sub_1")
    assert [job.key for job in session.scalars(select(Job).where(Job.kind == "billing_event"))] == ["evt_1"]


def test_the_same_event_at_the_same_moment_is_kept_once(
    app: Any, client: Any, server: StripeServer, session: Session
) -> None:
    with ThreadPoolExecutor(4) as pool:
        statuses = list(pool.map(lambda _n: send(app.test_client(), server, EVENT), range(8)))
    assert set(statuses) == {200}
    (row,) = session.scalars(select(StripeEvent)).all()
    assert row.times == 8


def test_what_is_none_of_ours_is_kept_and_left_alone(client: Any, server: StripeServer, session: Session) -> None:
    other = EVENT | {"type": "topup.created", "data": {"object": {"id": "tu_1", "object": "topup"}}}
    assert send(client, server, other) == 200
    assert session.scalars(select(StripeEvent.state)).all() == ["ignored"]
    assert session.scalars(select(Job).where(Job.kind == "billing_event")).all() == []


@pytest.mark.parametrize("given", [{"secret": "whsec_forged"}, {"at": 1_000_000_000}, {"at": 2_000_000_000}])
def test_what_stripe_did_not_sign_now_is_refused(
    client: Any, server: StripeServer, session: Session, given: dict[str, Any]
) -> None:
    assert send(client, server, EVENT, **given) == 400
    assert session.scalars(select(StripeEvent)).all() == []


def test_a_changed_body_is_refused(client: Any, server: StripeServer, session: Session) -> None:
    _body, header = server.signed(EVENT)
    other = json.dumps(EVENT | {"id": "evt_2"})
    for body, signature in ((other, header), ("", header), (other, ""), ("[]", header)):
        answer = client.post("/webhooks/stripe", data=body, headers={"Stripe-Signature": signature})
        assert answer.status_code == 400
    assert session.scalars(select(StripeEvent)).all() == []


def test_without_a_key_there_is_no_such_address(app: Any) -> None:
    assert app.test_client().post("/webhooks/stripe", data=b"{}").status_code == 404
