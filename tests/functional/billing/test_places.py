"""People and clients of a consultancy: as many as the plan holds, also for two at once; nobody is locked out."""

from __future__ import annotations

import re
import threading
import uuid
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from maturity.accounts.models import User
from maturity.audit.models import AuditEvent
from maturity.clock import FixedClock
from maturity.consulting import service as consulting
from maturity.consulting.service import register_consultancy
from maturity.db import for_tenant
from maturity.messages.models import Message
from maturity.people import service as joining
from maturity.people.service import open_invitations
from maturity.tenancy.models import Grant, Membership, Tenant
from tests.conftest import Browser
from tests.factories.billing import on_plan
from tests.factories.enterprises import add_member, make_enterprise
from tests.factories.people import keep, make_user, sign_in
from tests.factories.portfolios import give
from tests.integration.assessments.conftest import at_once

WITHOUT_ROOM = "This consultancy cannot take further clients at present"


@pytest.fixture
def adviser(session: Session) -> User:
    return make_user(session, name="陈顾问")


@pytest.fixture
def consultancy(browser: Browser, session: Session, clock: FixedClock, adviser: User) -> Tenant:
    """On the free plan: two people, three clients. Its owner is at the browser."""
    made = register_consultancy(session, "海岳咨询", owner_id=adviser.id, clock=clock)
    session.commit()
    sign_in(browser.client, adviser)
    session.refresh(made)
    keep(session)
    return made


@pytest.fixture
def people(consultancy: Tenant) -> str:
    return f"/t/{consultancy.id}/people"


def invite(browser: Browser, people: str, status: int = 200, contact: str = "") -> Any:
    return browser.post(people, {"contact": contact or f"{uuid.uuid4().hex}@example.com", "role": "viewer"}, status)


def another(session: Session, clock: FixedClock, consultancy: Tenant, count: int) -> None:
    """Colleagues who belong already, whatever the plan says."""
    for _ in range(count):
        add_member(session, session.get_one(Tenant, consultancy.id), make_user(session), "viewer", clock)
    keep(session)


def clients(session: Session, clock: FixedClock, consultancy: Tenant, count: int) -> None:
    for _ in range(count):
        client = make_enterprise(session, make_user(session), clock)
        give(session, client, session.get_one(Tenant, consultancy.id), clock)


# People


def test_the_free_plan_has_two_people_and_the_third_is_told_what_it_takes(browser: Browser, people: str) -> None:
    assert "is on its way" in invite(browser, people).text
    page = invite(browser, people, 402)
    for said in ("One more person", "2 of 2 are in use.", "Consultancy with 3 seats", "Remove somebody", "¥ 594.00"):
        assert said in page.text, said


def test_an_invitation_sent_again_takes_no_second_seat(browser: Browser, people: str) -> None:
    for _ in range(3):
        invite(browser, people, contact="li.mei@example.com")


def test_an_invitation_taken_back_or_run_out_frees_its_seat(
    browser: Browser, session: Session, clock: FixedClock, consultancy: Tenant, people: str
) -> None:
    invite(browser, people)
    (asked,) = open_invitations(session, consultancy.id)
    address = f"/t/{consultancy.id}/invitations/{asked.id}/revoke"
    session.rollback()
    browser.post(address, {})
    invite(browser, people)
    clock.at += timedelta(days=15)
    on_plan(session, consultancy, "consultancy", clock, seats=2)
    keep(session)
    owner = session.scalars(select(User).join(Membership).where(Membership.tenant_id == consultancy.id)).one()
    sign_in(browser.client, owner)
    session.rollback()
    invite(browser, people)


def test_seats_make_room(
    browser: Browser, session: Session, clock: FixedClock, consultancy: Tenant, people: str
) -> None:
    on_plan(session, consultancy, "consultancy", clock, seats=4)
    keep(session)
    for _ in range(3):
        invite(browser, people)
    assert "4 of 4 are in use." in invite(browser, people, 402).text


def test_above_the_limit_nobody_is_locked_out_and_nobody_comes_in(
    app: Any, browser: Browser, session: Session, clock: FixedClock, consultancy: Tenant, people: str
) -> None:
    another(session, clock, consultancy, 4)
    page = invite(browser, people, 402)
    assert "5 of 2 are in use. 3 must go before anything can be added" in page.text
    query = select(User).join(Membership).where(Membership.tenant_id == consultancy.id)
    for user in session.scalars(query).all():
        client: FlaskClient = app.test_client()
        sign_in(client, user)
        session.rollback()
        assert Browser(client).get(f"/t/{consultancy.id}/clients").path.endswith("/clients")


def test_who_is_invited_and_finds_the_last_seat_taken_is_told(
    app: Any, browser: Browser, session: Session, clock: FixedClock, consultancy: Tenant, people: str
) -> None:
    invited = make_user(session, email="li.mei@example.com")
    session.commit()
    client: FlaskClient = app.test_client()
    sign_in(client, invited)
    session.rollback()
    invite(browser, people, contact="li.mei@example.com")
    link = letter_link(session)
    another(session, clock, consultancy, 1)
    page = Browser(client).post(link, {}, 402)
    assert "The team that invited you has no seat left" in page.text
    assert not re.search(r"¥|海岳", page.text), "neither prices nor the team's affairs"
    on_plan(session, consultancy, "consultancy", clock, seats=3)
    keep(session)
    assert "Welcome" in Browser(client).post(link, {}).text, "the invitation is still good"


def letter_link(session: Session) -> str:
    session.rollback()
    body = session.scalars(select(Message.body).order_by(Message.created_at.desc())).first() or ""
    session.rollback()
    return "/" + re.findall(r"https?://[^/]+/(\S+)", body)[0]


def test_enterprises_have_any_number_of_people(
    browser: Browser, session: Session, clock: FixedClock, adviser: User
) -> None:
    tenant = make_enterprise(session, adviser, clock)
    session.commit()
    sign_in(browser.client, adviser)
    address = f"/t/{tenant.id}/people"
    session.rollback()
    for _ in range(6):
        invite(browser, address)


# Clients


@pytest.fixture
def enterprise(app: Any, session: Session, clock: FixedClock) -> Callable[[], tuple[Browser, str]]:
    """A new enterprise with its owner at a browser of their own, and the page where grants are given."""

    def make() -> tuple[Browser, str]:
        owner, client = make_user(session), app.test_client()
        tenant = make_enterprise(session, owner, clock)
        address = f"/t/{tenant.id}/consultants"
        session.commit()
        sign_in(client, owner)
        session.rollback()
        return Browser(client), address

    return make


def grant(browser: Browser, address: str, consultancy: Tenant, status: int = 200) -> Any:
    form = {"code": consultancy.code, "scope": "view", "until": "2027-06-30"}
    return browser.post(address, form, status)


Enterprise = Callable[[], tuple[Browser, str]]


def test_the_fourth_client_learns_that_there_is_no_room_and_nothing_else(
    session: Session, clock: FixedClock, consultancy: Tenant, enterprise: Enterprise
) -> None:
    clients(session, clock, consultancy, 3)
    page = grant(*enterprise(), consultancy, 422)
    assert WITHOUT_ROOM in page.text
    assert not re.search(r"plan|limit|3 of 3|¥", page.html.partition("<main")[2].partition("</main")[0].lower())
    assert consultancy.code in page.html, "what was typed stays"


def test_the_consultancy_hears_of_it_once_in_a_while(
    session: Session, clock: FixedClock, consultancy: Tenant, enterprise: Enterprise
) -> None:
    clients(session, clock, consultancy, 3)
    for _ in range(2):
        grant(*enterprise(), consultancy, 422)
    assert heard(session, consultancy) == (1, ["海岳咨询 has no room for another client"])
    clock.at += timedelta(days=8)
    grant(*enterprise(), consultancy, 422)
    assert heard(session, consultancy)[0] == 2


def heard(session: Session, consultancy: Tenant) -> tuple[int, list[str]]:
    """Entries in the log, and the subjects of the letters."""
    session.rollback()
    with for_tenant(session, consultancy.id):
        events = session.scalars(select(AuditEvent.id).where(AuditEvent.event == "grant.no_room")).all()
    letters = list(session.scalars(select(Message.subject).where(Message.subject.contains("no room"))))
    session.rollback()
    return len(events), letters


def test_seats_make_room_for_ten_clients_each(
    session: Session, clock: FixedClock, consultancy: Tenant, enterprise: Enterprise
) -> None:
    clients(session, clock, consultancy, 3)
    on_plan(session, consultancy, "consultancy", clock)
    keep(session)
    assert "may come in from now on" in grant(*enterprise(), consultancy).text


def test_a_grant_taken_back_or_run_out_makes_room(
    session: Session, clock: FixedClock, consultancy: Tenant, enterprise: Enterprise
) -> None:
    clients(session, clock, consultancy, 3)
    session.scalars(select(Grant)).first().revoked_at = clock.now()  # type: ignore[union-attr]  # there are three
    keep(session)
    assert "may come in" in grant(*enterprise(), consultancy).text
    grant(*enterprise(), consultancy, 422)
    for one in session.scalars(select(Grant)):
        one.until = clock.today() - timedelta(days=1)
    keep(session)
    assert "may come in" in grant(*enterprise(), consultancy).text


def test_a_grant_that_ran_out_comes_back_only_where_there_is_room(
    session: Session, clock: FixedClock, consultancy: Tenant, enterprise: Enterprise
) -> None:
    browser, address = enterprise()
    grant(browser, address, consultancy)
    (number,) = session.scalars(select(Grant.id)).all()
    session.get_one(Grant, number).until = clock.today() - timedelta(days=1)
    keep(session)
    clients(session, clock, consultancy, 3)
    terms = {"scope": "view", "until": "2027-06-30"}
    assert WITHOUT_ROOM in browser.post(f"{address}/{number}", terms, 409).text


def test_above_the_limit_every_client_stays(
    browser: Browser, session: Session, clock: FixedClock, consultancy: Tenant, enterprise: Enterprise
) -> None:
    on_plan(session, consultancy, "consultancy", clock, days=1)
    keep(session)
    clients(session, clock, consultancy, 6)
    clock.at += timedelta(days=2)
    session.rollback()
    page = browser.get(f"/t/{consultancy.id}/clients?view=all")
    assert page.html.count("/clients/") >= 6
    grant(*enterprise(), consultancy, 422)


def test_a_group_takes_in_as_many_subsidiaries_as_it_has(
    session: Session, clock: FixedClock, enterprise: Enterprise
) -> None:
    head = make_enterprise(session, make_user(session), clock)
    head.code = "HEADHEAD"
    session.commit()
    session.refresh(head)
    keep(session)
    for _ in range(5):
        assert "may come in" in grant(*enterprise(), head).text


LIST = "913700001630477270,Shandong Machines,it@example.com"


def test_a_consultancy_without_room_invites_nobody(
    browser: Browser, session: Session, clock: FixedClock, consultancy: Tenant
) -> None:
    address = f"/t/{consultancy.id}/clients/invite"
    clients(session, clock, consultancy, 2)
    assert "on its way" in browser.post(address, {"pasted": LIST}).text
    clients(session, clock, consultancy, 1)
    page = browser.post(address, {"pasted": LIST.replace("913700001630477270", "91110000600037341L")}, 402)
    assert "3 of 3 are in use." in page.text


# Two at once


@pytest.fixture
def wait_for_each_other(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """From then on whoever has asked for room waits a moment for the other: without a lock both would go on."""

    def begin() -> None:
        barrier = threading.Barrier(2)
        for module in (consulting, joining):

            def ask_and_wait(*asked: Any, read: Any = module.require_room, **more: Any) -> None:
                read(*asked, **more)
                with suppress(threading.BrokenBarrierError):
                    barrier.wait(0.5)

            monkeypatch.setattr(module, "require_room", ask_and_wait)

    return begin


def test_two_enterprises_at_once_do_not_share_the_last_place(
    session: Session,
    clock: FixedClock,
    consultancy: Tenant,
    enterprise: Enterprise,
    wait_for_each_other: Callable[[], None],
) -> None:
    clients(session, clock, consultancy, 2)
    sides = [enterprise(), enterprise()]
    wait_for_each_other()
    form = {"code": consultancy.code, "scope": "view", "until": "2027-06-30"}
    replies = at_once([partial(browser.client.post, address, data=form) for browser, address in sides])
    assert Counter(reply.status_code for reply in replies) == {302: 1, 422: 1}


def test_two_invitations_at_once_do_not_share_the_last_seat(
    app: Any, session: Session, adviser: User, people: str, wait_for_each_other: Callable[[], None]
) -> None:
    wait_for_each_other()
    browsers = []
    for _ in range(2):
        client: FlaskClient = app.test_client()
        sign_in(client, session.merge(adviser))
        browsers.append(client)
    session.rollback()
    forms = [{"contact": f"{name}@example.com", "role": "viewer"} for name in ("one", "two")]
    replies = at_once([partial(client.post, people, data=form) for client, form in zip(browsers, forms, strict=True)])
    assert Counter(reply.status_code for reply in replies) == {302: 1, 402: 1}
