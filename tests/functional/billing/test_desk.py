"""The operator's pages: every subscription with the news about it, fetching again, findings that a person settles."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from flask_babel import force_locale
from sqlalchemy import select
from sqlalchemy.orm import Session

from maturity.accounts.models import User
from maturity.audit.models import AuditEvent
from maturity.billing.applying import find
from maturity.billing.desk_words import FINDINGS
from maturity.billing.models import BillingFinding, StripeEvent, Subscription
from maturity.billing.stripe_gateway import StripeGateway
from maturity.clock import FixedClock
from maturity.db import for_tenant
from maturity.jobs.models import Job
from maturity.tenancy.models import Tenant
from maturity.tenancy.service import PLATFORM, ensure_platform
from tests.conftest import Browser
from tests.factories.billing import make_subscription
from tests.factories.enterprises import add_member, make_enterprise
from tests.factories.people import make_user, sign_in

DESK = f"/t/{PLATFORM}/billing"


@pytest.fixture
def operator(browser: Browser, session: Session, clock: FixedClock) -> Browser:
    ensure_platform(session, clock)
    user = make_user(session, name="周敏")
    add_member(session, session.get_one(Tenant, PLATFORM), user, "owner", clock)
    session.commit()
    sign_in(browser.client, user)
    return browser


@pytest.fixture
def subscription(session: Session, enterprise: Tenant, clock: FixedClock) -> Subscription:
    row = make_subscription(session, enterprise, clock)
    event = StripeEvent(
        id="evt_1",
        type="customer.subscription.updated",
        object_id=row.stripe_id,
        subscription_id=row.stripe_id,
        created_at=clock.now(),
        received_at=clock.now(),
        times=3,
        state="applied",
        note="stale",
    )
    with for_tenant(session, PLATFORM):
        session.add(event)
        session.flush()
    session.commit()
    return row


def found(session: Session, clock: FixedClock, code: str = "paid_twice", object_id: str = "pi_1") -> uuid.UUID:
    find(session, code, object_id, None, "298000 cny", "", clock)
    number = session.scalars(select(BillingFinding.id).where(BillingFinding.object_id == object_id)).one()
    session.commit()
    return number


def test_the_subscriptions_of_all_tenants_stand_by_their_state(
    operator: Browser, session: Session, subscription: Subscription, clock: FixedClock
) -> None:
    other = make_enterprise(session, make_user(session), clock, name="青岛海纳重工")
    make_subscription(session, other, clock, status="past_due")
    session.commit()
    page = operator.get(f"{DESK}/subscriptions")
    assert "No key of Stripe's is configured" in page.text
    assert "青岛海纳重工" not in page.text
    troubled = operator.get(f"{DESK}/subscriptions?state=troubled")
    assert "青岛海纳重工" in troubled.text
    assert "payment overdue" in troubled.text
    assert "No subscription here" in operator.get(f"{DESK}/subscriptions?q=nobody%25").text


def test_one_subscription_shows_its_news_and_how_often_they_came(
    operator: Browser, subscription: Subscription, session: Session
) -> None:
    page = operator.get(f"{DESK}/subscriptions/{subscription.id}")
    for words in ("customer.subscription.updated", "brought in", "something later was brought in already", "active"):
        assert words in page.text
    assert "Fetch again" not in page.text  # nothing could be fetched


def test_it_is_fetched_again_by_the_worker(
    operator: Browser, subscription: Subscription, session: Session, gateway: StripeGateway
) -> None:
    operator.post(f"{DESK}/subscriptions/{subscription.id}/fetch")
    (job,) = session.scalars(select(Job).where(Job.kind == "billing_fetch")).all()
    assert job.payload == {"kind": "subscription", "object_id": subscription.stripe_id}


def test_without_a_key_nothing_is_fetched(operator: Browser, subscription: Subscription) -> None:
    operator.post(f"{DESK}/subscriptions/{subscription.id}/fetch", status=503)


def test_what_is_nowhere_is_not_found(operator: Browser) -> None:
    operator.get(f"{DESK}/subscriptions/{uuid.uuid4()}", status=404)
    operator.get(f"{DESK}/findings/{uuid.uuid4()}", status=404)


@pytest.mark.parametrize("code", sorted(FINDINGS))
def test_every_finding_says_what_it_is_and_what_to_do(
    operator: Browser, session: Session, clock: FixedClock, code: str
) -> None:
    number = found(session, clock, code)
    with force_locale("en"):
        what, mend = (str(text) for text in FINDINGS[code])
    assert what in operator.get(f"{DESK}/findings").text
    assert mend in operator.get(f"{DESK}/findings/{number}").text


def test_a_finding_is_settled_once_with_a_word(operator: Browser, session: Session, clock: FixedClock) -> None:
    number = found(session, clock)
    page = operator.post(f"{DESK}/findings/{number}", {"note": ""}, status=422)
    assert "Say what you did" in page.text
    page = operator.post(f"{DESK}/findings/{number}", {"note": "Refund re_77 was made."})
    assert "Nothing is to be seen to" in page.text
    assert "Refund re_77" in operator.get(f"{DESK}/findings/{number}").text
    operator.post(f"{DESK}/findings/{number}", {"note": "Once more, please."}, status=409)
    session.expire_all()
    assert session.scalars(select(AuditEvent.event)).all().count("billing.finding_settled") == 1


def test_customers_do_not_see_the_desk(browser: Browser, at: str, owner: User, subscription: Any) -> None:
    for address in (f"{DESK}/subscriptions", f"{at}/subscriptions", f"{at}/findings", f"{DESK}/findings"):
        assert browser.client.get(address).status_code in (403, 404)
