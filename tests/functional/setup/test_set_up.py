"""The first start on an empty database: one person with the console's token sets the site up, and nobody else."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from maturity.accounts.models import User
from maturity.audit.models import AuditEvent
from maturity.benchmarks.models import BenchmarkRelease
from maturity.clock import FixedClock
from maturity.db import writing
from maturity.extensions import db
from maturity.installation.models import Installation
from maturity.installation.service import make_token
from maturity.jobs.models import Job
from maturity.jobs.routes import HANDLERS
from maturity.jobs.worker import run_one
from maturity.messages.models import Message
from maturity.messages.sending import send_waiting
from maturity.tenancy.models import Membership, Tenant
from maturity.tenancy.service import PLATFORM
from tests.conftest import Browser
from tests.factories.people import keep, make_user, sign_in

STEPS = f"/t/{PLATFORM}/operation/set-up"
ACCOUNT = {
    "name": "Zhang Wei",
    "email": "zhang@operator.example.cn",
    "password": "seven green lanterns over water",
    "locale": "en",
}
SITE = {
    "name": "青岛市工业互联网平台有限公司",
    "address": "https://maturity.example.cn/",
    "residency": "On our own servers in Qingdao; nothing leaves mainland China.",
}


@pytest.fixture
def token(session: Session, clock: FixedClock) -> str:
    made = make_token(session, clock)
    keep(session)
    return made


@pytest.fixture
def operator(browser: Browser, token: str) -> Browser:
    browser.get("/sign-in?lang=en")
    assert browser.post("/set-up", ACCOUNT | {"token": token}).path == f"{STEPS}/site"
    return browser


def row(session: Session) -> Installation:
    session.rollback()
    session.expire_all()
    return session.scalars(select(Installation)).one()


def test_without_a_token_there_is_no_set_up(browser: Browser, session: Session) -> None:
    browser.get("/set-up", 404)
    browser.post("/set-up", ACCOUNT | {"token": ""}, 404)
    assert session.scalars(select(User.id)).all() == []


def test_the_token_makes_the_first_account_and_signs_it_in(operator: Browser, session: Session) -> None:
    user = session.scalars(select(User)).one()
    assert (user.email, user.name, user.locale, user.confirmed_at is not None) == (
        ACCOUNT["email"],
        ACCOUNT["name"],
        "en",
        True,
    )
    assert session.get_one(Membership, (PLATFORM, user.id)).role == "owner"
    session.rollback()
    assert operator.get("/account").path == "/account"


def test_the_token_is_good_once(app: Any, operator: Browser, token: str, session: Session) -> None:
    other = Browser(app.test_client())
    other.get("/set-up", 404)
    other.post("/set-up", ACCOUNT | {"token": token, "email": "other@example.cn"}, 404)
    assert row(session).token_hash is None


@pytest.mark.parametrize(
    ("field", "typed", "message"),
    [
        ("token", "ABCDE-FGHJK-MNPQR-STVWX-YZ2345", "This token is not right or has run out."),
        ("token", "", "Enter the token of the console."),
        ("name", "", "Enter your name."),
        ("email", "zhang", "Write an e-mail address like name@company.com"),
        ("password", "short", "The password needs at least 12 characters."),
        ("password", "Zhang Wei 2026", "This password is easy to guess."),
    ],
)
def test_what_is_wrong_is_named_and_the_rest_kept(
    browser: Browser, session: Session, token: str, field: str, typed: str, message: str
) -> None:
    browser.get("/sign-in?lang=en")
    page = browser.post("/set-up", ACCOUNT | {"token": token} | {field: typed}, 422)
    assert message in page.text
    if field != "name":
        assert 'value="Zhang Wei"' in page.html
    assert session.scalars(select(User.id)).all() == []


def test_a_contact_that_somebody_has_is_told_only_to_who_has_the_token(
    browser: Browser, session: Session, token: str
) -> None:
    make_user(session, email=ACCOUNT["email"])
    keep(session)
    browser.get("/sign-in?lang=en")
    assert "An account has this contact already" in browser.post("/set-up", ACCOUNT | {"token": token}, 422).text
    assert "An account has this contact" not in browser.post("/set-up", ACCOUNT | {"token": "x"}, 422).text


def test_a_token_runs_out_after_a_day(browser: Browser, token: str, clock: FixedClock) -> None:
    clock.at += timedelta(hours=24)
    browser.get("/sign-in?lang=en")
    assert "has run out" in browser.post("/set-up", ACCOUNT | {"token": token}, 422).text


def test_a_new_token_voids_the_one_before(app: Any, browser: Browser, token: str, session: Session) -> None:
    said = app.test_cli_runner().invoke(args=["operator", "set_up"]).output
    newer = next(line.strip() for line in said.splitlines() if line.startswith("  "))
    session.rollback()
    browser.get("/sign-in?lang=en")
    browser.post("/set-up", ACCOUNT | {"token": token}, 422)
    assert browser.post("/set-up", ACCOUNT | {"token": newer.lower()}).path == f"{STEPS}/site"


def test_the_row_does_not_hold_the_token(session: Session, token: str) -> None:
    kept = row(session)
    assert kept.token_hash
    assert token.replace("-", "") not in kept.token_hash


def test_where_an_operator_exists_no_token_is_made(app: Any, operator: Browser) -> None:
    result = app.test_cli_runner().invoke(args=["operator", "set_up"])
    assert result.exit_code == 1
    assert "operator already" in result.output or "已有" in result.output


def test_the_whole_way_takes_five_steps_and_ends_for_good(operator: Browser, session: Session) -> None:
    assert operator.post(f"{STEPS}/site", SITE).path == f"{STEPS}/services"
    assert operator.post(f"{STEPS}/services").path == f"{STEPS}/content"
    page = operator.post(f"{STEPS}/content", {"extent": "none"})
    assert page.path == f"{STEPS}/summary"
    for word in (SITE["name"], "https://maturity.example.cn", SITE["residency"], "Editions only", ACCOUNT["email"]):
        assert word in page.text, word
    assert operator.post(f"{STEPS}/summary").path == f"/t/{PLATFORM}/operation/"
    for step in ("", "site", "services", "content", "summary"):
        operator.get(f"{STEPS}/{step}", 404)
    operator.post(f"{STEPS}/site", SITE, 404)
    operator.get("/set-up", 404)
    session.rollback()
    told = set(session.scalars(select(AuditEvent.event).where(AuditEvent.tenant_id == PLATFORM)))
    assert told >= {"member.joined", "operation.site_changed", "operation.set_up"}


@pytest.mark.parametrize("done", [0, 1, 2, 3])
def test_interrupted_anywhere_it_goes_on_there(app: Any, operator: Browser, session: Session, done: int) -> None:
    answers: list[tuple[str, dict[str, str]]] = [("site", SITE), ("services", {}), ("content", {"extent": "none"})]
    for step, given in answers[:done]:
        operator.post(f"{STEPS}/{step}", given)
    elsewhere = Browser(app.test_client())
    sign_in(elsewhere.client, session.scalars(select(User)).one())
    assert "The set-up is not finished." in elsewhere.get(f"/t/{PLATFORM}/operation/").text
    wanted = ("site", "services", "content", "summary")[done]
    assert elsewhere.get(f"{STEPS}/").path == f"{STEPS}/{wanted}"


def test_it_cannot_be_finished_before_every_step_is_done(operator: Browser, session: Session) -> None:
    operator.post(f"{STEPS}/summary", status=409)
    assert row(session).set_up_at is None
    assert operator.get(f"{STEPS}/summary").path == f"{STEPS}/site"


@pytest.mark.parametrize(
    ("field", "typed", "message"),
    [
        ("name", "", "Enter the name of the organisation"),
        ("address", "maturity.example.cn", "Write it like https://maturity.example.cn"),
        ("address", "https://maturity.example.cn/path", "without a path"),
        ("address", "javascript:alert(1)", "Write it like"),
        ("residency", "", "Say where the data are kept."),
        ("residency", "x" * 501, "Shorten this to at most 500 characters."),
    ],
)
def test_a_wrong_particular_is_named(operator: Browser, session: Session, field: str, typed: str, message: str) -> None:
    page = operator.post(f"{STEPS}/site", SITE | {field: typed}, 422)
    assert message in page.text
    assert row(session).site_at is None


def test_the_site_says_who_operates_it_and_where_its_data_are(operator: Browser) -> None:
    operator.post(f"{STEPS}/site", SITE)
    for path in ("/privacy", "/status"):
        page = operator.get(path)
        assert SITE["name"] in page.text
        assert SITE["residency"] in page.text


def test_letters_lead_to_the_address_of_the_set_up(operator: Browser, session: Session) -> None:
    operator.post(f"{STEPS}/site", SITE)
    given = {"kind": "regulator", "name": "青岛市工业和信息化局", "contact": "zhao@example.gov.cn"}
    cookie = operator.client.get_cookie("session")
    assert cookie is not None
    operator.client.set_cookie("session", cookie.value, domain="evil.example")
    operator.client.post(f"/t/{PLATFORM}/operation/tenants", data=given, base_url="http://evil.example")
    body = session.scalars(select(Message.body).where(Message.recipient == "zhao@example.gov.cn")).one()
    assert "https://maturity.example.cn/invitations/" in body
    assert "evil.example" not in body


def test_a_test_letter_says_where_it_stands(app: Any, operator: Browser) -> None:
    operator.post(f"{STEPS}/site", SITE)
    page = operator.post(f"{STEPS}/services/letter", {"email": "it@operator.example.cn"})
    assert "i…@operator.example.cn: waiting" in page.text
    with app.app_context():
        send_waiting(app)
        db.session.remove()
    letter = next(link for link in page.links if "/services?letter=" in link)
    assert "no gateway is configured" in operator.get(letter).text


def test_what_is_switched_off_is_said_plainly(operator: Browser) -> None:
    page = operator.get(f"{STEPS}/services")
    assert "Switched off: no letter is sent." in page.text
    assert "Switched off: evidence is kept unscanned and marked so." in page.text


def test_the_worker_fills_the_database_as_chosen_and_makes_no_sign_in(
    app: Any, operator: Browser, session: Session
) -> None:
    operator.post(f"{STEPS}/site", SITE)
    operator.post(f"{STEPS}/services")
    assert "The worker is storing what you chose" in operator.post(f"{STEPS}/content", {"extent": "enterprises"}).text
    job = session.scalars(select(Job.id).where(Job.kind == "demonstration")).one()
    session.rollback()
    with app.app_context():
        writing.set(True)
        assert run_one(app, job, HANDLERS)
        db.session.remove()
    assert session.scalars(select(Job.state).where(Job.id == job)).one() == "done"
    assert session.scalars(select(BenchmarkRelease.id)).all()
    assert session.scalars(select(Tenant.id).where(Tenant.is_synthetic)).all()
    assert session.scalars(select(User.email)).all() == [ACCOUNT["email"]]
    session.rollback()
    assert "The worker is storing" not in operator.get(f"{STEPS}/summary").text


def test_nobody_else_sees_the_steps(app: Any, operator: Browser, session: Session) -> None:
    stranger = make_user(session)
    keep(session)
    other = Browser(app.test_client())
    assert other.get(f"{STEPS}/site").path == "/sign-in"
    sign_in(other.client, stranger)
    other.get(f"{STEPS}/site", 404)


def test_after_the_set_up_the_particulars_can_be_changed(operator: Browser, session: Session) -> None:
    operator.post(f"{STEPS}/site", SITE)
    operator.post(f"{STEPS}/services")
    operator.post(f"{STEPS}/content", {"extent": "none"})
    operator.post(f"{STEPS}/summary")
    page = operator.post(f"/t/{PLATFORM}/operation/site", SITE | {"residency": "In Jinan, on our own servers."})
    assert "The particulars of the site are saved." in page.text
    assert "In Jinan" in operator.get("/privacy").text
