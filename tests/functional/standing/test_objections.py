"""Objecting to a release, from the enterprise's page to the operator's desk and back."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from maturity.audit.models import AuditEvent
from maturity.benchmarks.models import BenchmarkRelease
from maturity.clock import FixedClock
from maturity.messages.models import Message
from maturity.standing.models import Objection
from maturity.tenancy.models import Tenant
from tests.conftest import Browser
from tests.factories.claims import work_off
from tests.factories.enterprises import add_member, make_enterprise
from tests.factories.people import keep, make_user, sign_in
from tests.functional.standing.conftest import DESK, OWN, release
from tests.page import Page

TEXT = "我们是通用设备企业，不应计入电子行业。"
ANSWER = "经核对冻结数据，行业代码登记有误，下一期更正。"


@pytest.fixture
def released(session: Session, clock: FixedClock) -> int:
    return release(session, clock, [(OWN, 140)])


@pytest.fixture
def form(released: int) -> dict[str, Any]:
    return {"release": str(released), "about": "placement", "figure": "", "text": TEXT, "cell": "34~370000~medium"}


def _the_one(session: Session) -> Objection:
    """As it stands; the session holds nothing of it afterwards, which would keep SQLite's lock."""
    session.rollback()
    found = session.scalars(select(Objection)).one()
    session.expunge_all()
    session.rollback()
    return found


def _desk_page(operator: Browser, session: Session) -> str:
    return f"{DESK}/{_the_one(session).id}"


def _letters(session: Session) -> list[str]:
    session.rollback()
    found = list(session.scalars(select(Message.subject).order_by(Message.created_at, Message.id)))
    session.rollback()
    return found


def test_before_a_release_there_is_nothing_to_object_to(browser: Browser, tenant: Tenant, base: str) -> None:
    assert "no release yet that could be objected to" in browser.get(f"{base}/objections").text


def test_an_objection_gets_its_day_a_letter_and_a_line_in_the_log(
    browser: Browser, session: Session, tenant: Tenant, base: str, form: dict[str, Any]
) -> None:
    page = browser.post(f"{base}/objections", form)
    assert "You get a letter with the answer" in page.text
    assert "The operator answers by 2026-12-15" in page.text  # fifteen working days from Tuesday, 24 November
    found = _the_one(session)
    assert (found.state, found.about, found.cell) == ("open", "placement", "34~370000~medium")
    assert _letters(session) == ["Your objection has arrived"]
    assert "objection.raised" in set(session.scalars(select(AuditEvent.event)))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"about": ""}, "Choose what is wrong."),
        ({"text": ""}, "Write what is wrong and what it should be."),
        ({"text": "短"}, "Write 10 to 2000 characters."),
        ({"release": "999"}, "Choose one of the releases."),
        ({"about": "figure"}, "Choose the figure."),
    ],
)
def test_what_is_missing_is_named_and_what_was_typed_is_kept(
    browser: Browser, tenant: Tenant, base: str, form: dict[str, Any], change: dict[str, str], message: str
) -> None:
    page = browser.post(f"{base}/objections", form | change, 422)
    assert message in page.text
    assert change.get("text", TEXT) in page.html
    assert 'value="34~370000~medium"' in page.html


def test_the_address_of_a_figure_fills_the_form(browser: Browser, tenant: Tenant, base: str, released: int) -> None:
    page = browser.get(f"{base}/objections?release={released}&about=figure&figure=cnc_rate&group=34~~medium")
    assert re.search(r'<option selected value="cnc_rate">', page.html)
    assert "Of the group: medium-sized enterprises in general-purpose machinery, all of China" in page.text


def test_an_open_objection_is_taken_back_once(
    browser: Browser, session: Session, tenant: Tenant, base: str, form: dict[str, Any]
) -> None:
    browser.post(f"{base}/objections", form)
    address = f"{base}/objections/{_the_one(session).id}/withdraw"
    assert "taken back" in browser.post(address).text
    assert _the_one(session).state == "withdrawn"
    browser.post(address, status=409)


def test_at_most_five_are_open_at_a_time(browser: Browser, tenant: Tenant, base: str, form: dict[str, Any]) -> None:
    for _ in range(5):
        browser.post(f"{base}/objections", form)
    assert "Five objections are open already" in browser.post(f"{base}/objections", form, 409).text


@pytest.mark.parametrize(("role", "may"), [("signatory", True), ("editor", False), ("viewer", False)])
def test_owner_and_signatory_object_and_others_read(
    app: Any, session: Session, tenant: Tenant, base: str, form: dict[str, Any], clock: FixedClock, role: str, may: bool
) -> None:
    user, number = make_user(session), tenant.id
    add_member(session, session.get_one(Tenant, number), user, role, clock)
    session.commit()
    client = app.test_client()
    sign_in(client, user)
    other = Browser(client)
    assert ("Raise the objection" in other.get(f"{base}/objections").text) == may
    other.post(f"{base}/objections", form, 200 if may else 403)


def test_the_operators_people_are_told_at_once_and_before_the_day(
    app: Any, browser: Browser, session: Session, tenant: Tenant, base: str, form: dict[str, Any], operator: Browser,
    clock: FixedClock,
) -> None:  # fmt: skip
    browser.post(f"{base}/objections", form)
    work_off(app, session, clock)
    told = "Objection to benchmarks, to be answered by 2026-12-15"
    assert _letters(session).count(told) == 1
    clock.at += timedelta(days=18)  # the reminder is for three working days before
    work_off(app, session, clock)
    assert _letters(session).count(told) == 2


def test_nobody_is_reminded_of_what_is_over(
    app: Any, browser: Browser, session: Session, tenant: Tenant, base: str, form: dict[str, Any], operator: Browser,
    clock: FixedClock,
) -> None:  # fmt: skip
    browser.post(f"{base}/objections", form)
    browser.post(f"{base}/objections/{_the_one(session).id}/withdraw")
    clock.at += timedelta(days=18)
    work_off(app, session, clock)
    assert _letters(session) == ["Your objection has arrived"]


def test_the_answer_reaches_the_enterprise(
    browser: Browser, session: Session, tenant: Tenant, base: str, form: dict[str, Any], operator: Browser
) -> None:
    browser.post(f"{base}/objections", form)
    name = "青岛海岳数控机床有限公司"
    assert name in operator.get(DESK).text
    page = operator.get(_desk_page(operator, session))
    assert TEXT in page.text
    operator.post(f"{_desk_page(operator, session)}/answer", {"finding": "founded", "answer": ANSWER})
    assert name not in operator.get(DESK).text
    assert name in operator.get(f"{DESK}?state=answered").text
    shown = browser.get(f"{base}/objections").text
    assert ANSWER in shown
    assert "founded" in shown
    assert "Your objection is answered: founded" in _letters(session)
    events = session.execute(select(AuditEvent.event, AuditEvent.tenant_id)).all()
    assert ("objection.answered", _the_one(session).tenant_id) in {tuple(row) for row in events}


def test_an_answer_needs_finding_and_reasons(
    browser: Browser, session: Session, tenant: Tenant, base: str, form: dict[str, Any], operator: Browser
) -> None:
    browser.post(f"{base}/objections", form)
    page = operator.post(f"{_desk_page(operator, session)}/answer", {"answer": ANSWER}, 422)
    assert "Choose a finding." in page.text
    assert ANSWER in page.html
    assert _the_one(session).state == "open"


def test_an_objection_is_answered_once(
    browser: Browser, session: Session, tenant: Tenant, base: str, form: dict[str, Any], operator: Browser
) -> None:
    browser.post(f"{base}/objections", form)
    operator.post(f"{_desk_page(operator, session)}/answer", {"finding": "unfounded", "answer": ANSWER})
    operator.post(f"{_desk_page(operator, session)}/answer", {"finding": "founded", "answer": ANSWER}, 409)
    browser.post(f"{base}/objections/{_the_one(session).id}/withdraw", status=409)


def test_a_correction_of_that_release_is_named_and_no_other(
    browser: Browser, session: Session, tenant: Tenant, base: str, form: dict[str, Any], operator: Browser,
    clock: FixedClock, released: int,
) -> None:  # fmt: skip
    browser.post(f"{base}/objections", form)
    place = _desk_page(operator, session)
    operator.post(f"{place}/answer", {"finding": "founded", "answer": ANSWER})
    assert "No correction of this release is published yet" in operator.get(place).text
    other = release(session, clock, [(OWN, 130)], period=2024)
    notice = {"zh": "更正行业归类。", "en": "An industry is put right."}
    replaced = session.get_one(BenchmarkRelease, released)
    correction = release(session, clock, [(OWN, 139)], replaces=replaced, notice=notice)
    session.expunge_all()
    operator.post(f"{place}/correction", {"correction": str(other)}, 422)
    operator.post(f"{place}/correction", {"correction": str(correction)})
    assert "Corrected by 2025, release lianghua-2025-" in browser.get(f"{base}/objections").text
    assert "A correction of benchmarks is published" in _letters(session)


def test_an_objection_of_another_enterprise_is_not_there(
    app: Any, browser: Browser, session: Session, tenant: Tenant, base: str, form: dict[str, Any], clock: FixedClock
) -> None:
    browser.post(f"{base}/objections", form)
    stranger = make_user(session)
    other = make_enterprise(session, stranger, clock).id
    client = app.test_client()
    sign_in(client, stranger)
    keep(session)
    page: Page = Browser(client).get(f"/t/{other}/benchmarks/objections")
    assert TEXT not in page.text
    Browser(client).post(f"/t/{other}/benchmarks/objections/{_the_one(session).id}/withdraw", status=404)
