"""A person takes their own data away and closes the account, with a month to think again."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from maturity.accounts.models import SignIn, User
from maturity.audit.keys import readable_keys
from maturity.audit.models import AuditEvent
from maturity.audit.sealer import seal_batch
from maturity.audit.service import record
from maturity.audit.verification import verify_log
from maturity.audit.vocabulary import Personal, subject_of_user
from maturity.clock import FixedClock
from maturity.db import Base
from maturity.messages.models import Message
from maturity.rights.inventory import tenants_tables
from maturity.rights.models import AccountDeletion
from maturity.rights.persons import CLOSED, persons_tables
from maturity.tenancy.models import Membership
from tests.conftest import Browser
from tests.factories.enterprises import add_member
from tests.factories.people import make_user, sign_in
from tests.functional.rights.conftest import Place, Worker, tenant_of
from tests.functional.rights.test_deletion import spend

EMAIL = "li.mei@example.com"


@pytest.fixture
def colleague(app: Any, session: Session, clock: FixedClock, place: Place) -> int:
    """An editor of the enterprise, whom the log names."""
    user = make_user(session, name="李梅", email=EMAIL)
    add_member(session, tenant_of(session, place), user, "editor", clock)
    named: dict[str, Any] = {
        "user_id": str(user.id),
        "name": Personal(subject_of_user(user.id), "李梅"),
        "role": "editor",
    }
    record(session, clock, "member.joined", user.id, place.tenant_id, **named)
    number: int = user.id
    session.commit()
    return number


@pytest.fixture
def theirs(app: Any, session: Session, colleague: int) -> Browser:
    client: FlaskClient = app.test_client()
    sign_in(client, session.get_one(User, colleague))
    session.rollback()
    return Browser(client)


def taken(browser: Browser) -> dict[str, bytes]:
    response = browser.client.post("/account/data/export")
    assert response.status_code == 200
    with zipfile.ZipFile(io.BytesIO(response.data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_everything_about_oneself_is_in_one_file(theirs: Browser, place: Place) -> None:
    data = json.loads(taken(theirs)["data.json"])
    assert (data["account"]["name"], data["account"]["email"]) == ("李梅", EMAIL)
    assert [(item["tenant"], item["role"]) for item in data["memberships"]] == [(place.name, "editor")]
    assert len(data["devices"]) == 1
    assert data["events_in_tenants"][0]["what"] == "李梅 joined as editor."
    assert "account.exported" in {event["event"] for event in data["account_events"]}


def test_nothing_of_others_and_no_secret_is_in_it(theirs: Browser, place: Place) -> None:
    everything = b"".join(taken(theirs).values()).decode()
    assert place.owner_email not in everything
    assert not [word for word in ("fs_uniquifier", "totp_secret", "secret_hash") if word in everything]


def test_the_page_of_it_speaks_the_language_of_the_person(theirs: Browser) -> None:
    theirs.get("/account/data?lang=zh")
    assert "日志中您的操作" in taken(theirs)["index.html"].decode()


@pytest.fixture
def asked(theirs: Browser) -> Browser:
    page = theirs.post("/account/close", {"contact": EMAIL})
    assert "Your account is closed on 24 December 2026" in page.text
    return theirs


def test_what_one_signs_in_with_has_to_be_typed(theirs: Browser) -> None:
    page = theirs.post("/account/close", {"contact": "somebody@example.com"}, status=422)
    assert "with which you sign in" in page.text
    assert 'value="somebody@example.com"' in page.html


def test_a_sole_owner_hands_over_first(browser: Browser, place: Place) -> None:
    assert place.name in browser.get("/account/close").text
    page = browser.post("/account/close", {"contact": place.owner_email}, status=409)
    assert "You are the only owner" in page.text


def test_it_can_be_cancelled(
    asked: Browser, session: Session, clock: FixedClock, worker: Worker, colleague: int
) -> None:
    assert "Your account stays" in asked.post("/account/close/cancel").text
    spend(session, worker, clock, 32)
    assert session.get_one(User, colleague).name == "李梅"


def test_letters_come_at_the_start_a_week_before_and_at_the_end(
    asked: Browser, session: Session, clock: FixedClock, worker: Worker, letters: Any
) -> None:
    assert [subject for to, subject, _body in letters() if to == EMAIL] == [
        "Your account will be closed on 24 December 2026"
    ]
    spend(session, worker, clock, 24)
    assert [body for to, _subject, body in letters() if to == EMAIL and "In a week" in body]
    spend(session, worker, clock, 7)
    assert [subject for to, subject, _body in letters() if to == EMAIL] == ["Your account is closed"]


@pytest.fixture
def closed(asked: Browser, session: Session, clock: FixedClock, worker: Worker) -> Browser:
    spend(session, worker, clock, 31)
    return asked


def test_after_a_month_nothing_names_the_person(session: Session, closed: Browser, colleague: int) -> None:
    row: Any = session.scalars(select(User).where(User.id == colleague).execution_options(populate_existing=True)).one()
    assert (row.name, row.email, row.us_phone_number, row.claimed) == (CLOSED, None, None, None)
    assert (row.active, row.password) == (False, "!")
    for table, column in persons_tables():
        query = select(func.count()).select_from(table).where(column == colleague)
        assert session.connection().execute(query).scalar_one() == 0, table.name
    assert readable_keys(session, [subject_of_user(colleague)]) == {}
    live = select(Membership).where(Membership.user_id == colleague, Membership.ended_at.is_(None))
    assert session.scalars(live).all() == []
    assert session.scalar(select(func.count()).where(SignIn.user_id == colleague)) == 0


def test_only_the_last_letter_names_the_contact(session: Session, closed: Browser) -> None:
    subjects = session.scalars(select(Message.subject).where(Message.recipient == EMAIL)).all()
    assert subjects == ["Your account is closed"]


def test_the_log_keeps_its_chain_and_forgets_the_name(
    app: Any, session: Session, clock: FixedClock, closed: Browser, place: Place
) -> None:
    seal_batch(session, clock)
    session.commit()
    assert verify_log(session).findings == ()
    event = session.scalars(select(AuditEvent).where(AuditEvent.event == "member.joined")).first()
    assert event is not None
    assert "李梅" not in json.dumps(event.details, ensure_ascii=False)
    owner: FlaskClient = app.test_client()
    sign_in(owner, session.get_one(User, place.owner_id))
    session.rollback()
    page = Browser(owner).get(f"/t/{place.tenant_id}/log")
    assert "(erased) joined as editor" in page.text


def test_signing_in_is_over(closed: Browser) -> None:
    assert closed.client.get("/account/data").status_code == 302


def test_who_became_the_only_owner_meanwhile_is_told_and_waits(
    asked: Browser, session: Session, clock: FixedClock, worker: Worker, place: Place, colleague: int, letters: Any
) -> None:
    mine = session.get_one(Membership, (place.tenant_id, colleague))
    session.get_one(Membership, (place.tenant_id, place.owner_id)).role = "viewer"
    mine.role = "owner"
    session.commit()
    spend(session, worker, clock, 33)
    assert session.get_one(User, colleague).name == "李梅"
    assert len([subject for _to, subject, _body in letters() if "cannot be closed yet" in subject]) == 1
    session.get_one(Membership, (place.tenant_id, place.owner_id)).role = "owner"
    session.commit()
    spend(session, worker, clock, 1)
    assert session.get_one(User, colleague).name == CLOSED
    assert session.scalars(select(AccountDeletion.done_at)).one() is not None


def test_every_table_that_names_people_goes_with_them_or_is_known_to_stay(site: Any) -> None:
    """A new table about people has to say by its reference whether it goes with the person."""
    naming = {
        table.name
        for table in Base.metadata.sorted_tables
        if any(key.referred_table.name == "users" for key in table.foreign_key_constraints)
    }
    go = {table.name for table, _column in persons_tables()}
    stay = {"account_deletions", "account_events", "person_consents", "installation", "roles_users", "billing_settings"}
    stay |= {"benchmark_releases", "release_reviews"}  # who asked for and signed what is published for good
    assert naming - go - stay - {table.name for table in tenants_tables()} == set()
