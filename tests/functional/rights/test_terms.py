"""How long records are kept, where they lie, and that the record of processing says neither more nor less."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from maturity.accounts.contacts import Contact
from maturity.accounts.models import SignIn
from maturity.audit.keys import readable_keys
from maturity.audit.vocabulary import subject_of_invitation
from maturity.clock import FixedClock
from maturity.db import Base
from maturity.jobs.nightly import plan_now
from maturity.messages.models import Message
from maturity.people.service import invite
from maturity.rights.jobs import plan_night
from maturity.rights.processing import activities
from maturity.rights.retention import CLASSES
from maturity.tenancy.models import Invitation, StaffVisit
from tests.conftest import Browser
from tests.functional.rights.conftest import Place, Worker
from tests.functional.rights.test_deletion import spend


def run(app: Any, *arguments: str) -> str:
    return str(app.test_cli_runner().invoke(args=list(arguments)).output)


def test_every_class_is_named_by_an_activity_and_names_tables_there_are(site: Any) -> None:
    named = {kept for item in activities() for kept in item.classes}
    assert named == set(CLASSES.values())
    assert {table for item in CLASSES.values() for table in item.tables} <= set(Base.metadata.tables)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_record_of_processing_shows_every_activity_and_term(browser: Browser, language: str) -> None:
    locale = {"zh": "zh_CN", "en": "en"}[language]
    browser.get(f"/privacy/processing?lang={language}")
    page = browser.get("/privacy/processing")
    for item in activities():
        assert item.purpose.to(locale) in page.text
        for kept in item.classes:
            assert kept.title.to(locale) in page.text
            assert kept.term.to(locale) in page.text


def test_the_command_says_the_same_as_the_page(app: Any) -> None:
    output = run(app, "retention", "record", "--locale", "en")
    assert all(item.purpose.en in output for item in activities())
    assert "Evidence: by default 6 years after the period" in output


def test_what_is_due_is_shown_and_only_applying_does_away_with_it(
    app: Any, session: Session, clock: FixedClock, place: Place
) -> None:
    session.add(
        Message(
            kind="mail",
            recipient="a@b.cn",
            subject="",
            body="",
            locale="en",
            created_at=clock.now(),
            due_at=clock.now(),
        )
    )
    session.add(
        StaffVisit(
            tenant_id=place.tenant_id, user_id=place.owner_id, reason="x" * 10, since=clock.now(), until=clock.now()
        )
    )
    session.commit()
    clock.at += timedelta(days=31)
    due = json.loads(run(app, "retention", "due", "--json"))
    assert (due["letters"], due["sign_in_devices"], due["staff_visits"], due["evidence"]) == (1, 1, 0, None)
    session.rollback()
    assert session.scalar(select(func.count()).select_from(Message)) == 1
    session.rollback()
    assert "letters: 1" in run(app, "retention", "apply")
    session.rollback()
    assert session.scalar(select(func.count()).select_from(Message)) == 0
    assert session.scalar(select(func.count()).select_from(SignIn)) == 0
    assert session.scalar(select(func.count()).select_from(StaffVisit)) == 1
    assert json.loads(run(app, "retention", "due", "--json"))["letters"] == 0


def test_an_invitation_that_came_to_nothing_is_forgotten_in_the_log_too(
    app: Any, session: Session, clock: FixedClock, place: Place
) -> None:
    person = Contact("email", "guest@example.com")
    invite(session, place.tenant_id, person, "viewer", actor_id=place.owner_id, clock=clock)
    number = session.scalars(select(Invitation.id)).one()
    session.commit()
    subject = subject_of_invitation(number)
    assert readable_keys(session, [subject])
    session.rollback()
    clock.at += timedelta(days=45)
    run(app, "retention", "apply")
    session.rollback()
    assert session.scalar(select(func.count()).select_from(Invitation)) == 0
    assert readable_keys(session, [subject]) == {}


def test_the_worker_plans_each_night_once_and_applies_the_terms(
    app: Any, session: Session, clock: FixedClock, place: Place, worker: Worker
) -> None:
    session.add(
        Message(
            kind="mail",
            recipient="a@b.cn",
            subject="",
            body="",
            locale="en",
            created_at=clock.now(),
            due_at=clock.now(),
        )
    )
    session.commit()
    clock.at += timedelta(days=31)
    for _ in range(3):
        with app.app_context():
            plan_now(app, plan_night)
    spend(session, worker, clock, 2)
    assert session.scalar(select(func.count()).select_from(Message)) == 0


@pytest.mark.parametrize(
    ("kept", "wanted", "is_flagged"),
    [
        ("310000", "310000", False),
        ("310000", "CN", False),
        ("310000", "370000", True),
        ("", "CN", True),
        ("CN", "", False),
    ],
)
def test_a_requirement_that_is_not_met_is_flagged_to_owner_and_operator(
    app: Any, browser: Browser, place: Place, kept: str, wanted: str, is_flagged: bool
) -> None:
    app.config["DATA_REGION"] = kept
    try:
        page = browser.post(f"{place.base}/region", {"region": wanted})
        assert ("Talk to the operator" in page.text) == is_flagged
        result = app.test_cli_runner().invoke(args=["tenant", "residency"])
        assert (result.exit_code == 1, str(place.tenant_id) in result.output) == (is_flagged, is_flagged)
    finally:
        app.config["DATA_REGION"] = ""


def test_a_region_there_is_not_is_refused(browser: Browser, place: Place) -> None:
    assert (
        "Choose one of the regions offered" in browser.post(f"{place.base}/region", {"region": "US"}, status=422).text
    )


def test_the_privacy_page_names_the_region(app: Any, browser: Browser) -> None:
    app.config["DATA_REGION"] = "310000"
    try:
        browser.get("/privacy?lang=en")
        assert "keeps all data in Shanghai" in browser.get("/privacy").text
    finally:
        app.config["DATA_REGION"] = ""
