"""One set of answers under every framework: results, what is missing, and beginning there with what is known."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from maturity.accounts.models import User
from maturity.assessments.answering import load_sheet
from maturity.assessments.models import Answer, AnswerVersion, Assessment
from maturity.assessments.submission import submission_of
from maturity.clock import FixedClock
from maturity.editions.service import framework_by_hash
from maturity.questionnaires.values import to_json
from maturity.tenancy.models import Tenant
from tests.conftest import Browser
from tests.content.golden import FOLDER, read_scenario
from tests.factories.assessments import DECLARATION, make_assessment, make_result, submit
from tests.factories.billing import on_plan
from tests.factories.enterprises import add_member, make_enterprise
from tests.factories.people import make_user, sign_in
from tests.functional.assessments.desk import Desk


@dataclass(frozen=True, slots=True)
class Place:
    """An enterprise with a submitted assessment, and its owner at the browser."""

    browser: Browser
    tenant_id: Any
    source_id: Any

    @property
    def base(self) -> str:
        return f"/t/{self.tenant_id}/assessments/{self.source_id}"

    def begin(self, framework: str, status: int = 200) -> Any:
        return self.browser.post(f"{self.base}/frameworks/{framework}", {}, status)


@pytest.fixture
def owner(browser: Browser, session: Session) -> User:
    user = make_user(session)
    session.commit()
    sign_in(browser.client, user)
    return user


@pytest.fixture
def tenant(session: Session, clock: FixedClock, owner: User) -> Tenant:
    """On the plan that opens other frameworks."""
    tenant = make_enterprise(session, owner, clock)
    on_plan(session, tenant, "pro", clock)
    session.commit()
    return tenant


@pytest.fixture
def place(browser: Browser, session: Session, clock: FixedClock, tenant: Tenant) -> Place:
    source = make_result(session, tenant, clock)
    session.commit()
    place = Place(browser, tenant.id, source.id)
    session.rollback()
    return place


def started(session: Session, framework: str) -> Assessment:
    session.expire_all()
    return session.scalars(select(Assessment).where(Assessment.framework == framework)).one()


def stored(session: Session, framework: str) -> dict[str, Answer]:
    assessment = started(session, framework)
    rows = session.scalars(select(Answer).where(Answer.assessment_id == assessment.id))
    return {row.question_id: row for row in rows}


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_other_framework_says_what_it_would_take(place: Place, language: str) -> None:
    page = place.browser.get(f"{place.base}/frameworks?lang={language}")
    words = ("SME digitalisation level", "more answers") if language == "en" else ("中小企业数字化水平评测", "再答")
    for said in words:
        assert said in page.text
    assert page.html.count('class="card offer"') == 5


def test_a_framework_whose_level_is_settled_shows_level_and_range(
    browser: Browser, session: Session, clock: FixedClock, owner: User
) -> None:
    """A workshop that runs on paper: whatever it answers to the rest, it reaches no level of two other frameworks."""
    workshop = read_scenario(FOLDER / "lianghua" / "2026.1" / "paper_workshop.yaml")
    given = {name: value for name, value in workshop.enterprise.items() if name != "revenue"}
    tenant = make_enterprise(session, owner, clock, revenue_wan=workshop.enterprise["revenue"], **given)
    on_plan(session, tenant, "pro", clock)
    source = make_assessment(session, tenant, clock, workshop.period)
    framework = framework_by_hash(session, source.edition_sha256)
    common: dict[str, Any] = {"tenant_id": tenant.id, "assessment_id": source.id, "saved_at": clock.now()}
    facts = {name: to_json(value) for name, value in workshop.facts(framework.edition).items()}
    for question in framework.edition.questions.values():
        if known := {name: facts[name] for name in question.facts if name in facts}:
            row = {**common, "question_id": question.id, "facts": known, "state": "answered", "version": 1}
            session.add_all([Answer(**row), AnswerVersion(**row)])
    session.flush()
    submit(session, source, clock)
    session.commit()
    address = f"/t/{tenant.id}/assessments/{source.id}/frameworks"
    session.rollback()
    page = browser.get(address)
    assert page.text.count("The level is settled; what is missing only makes the score exact.") == 2
    for level, score in (("No level", "2.5–80.5 of 100"), ("Below level 1", "1.8–11.3 of 100")):
        assert f"{level} {score} The level is settled" in page.text
    assert "Possible now: Very low to" in page.text


def test_a_draft_has_no_such_page(session: Session, clock: FixedClock, tenant: Tenant, place: Place) -> None:
    draft = make_assessment(session, tenant, clock, period=2026)
    session.commit()
    address = f"/t/{tenant.id}/assessments/{draft.id}/frameworks"
    session.rollback()
    place.browser.get(address, 404)


def test_beginning_elsewhere_puts_what_is_known_forward_and_counts_none_of_it(session: Session, place: Place) -> None:
    page = place.begin("sme")
    assert "to be confirmed" in page.text
    answers = stored(session, "sme")
    assert len(answers) >= 15
    assert {row.state for row in answers.values()} == {"proposed"}
    assert {row.source for row in answers.values()} == {"carried_over", "derived"}
    assert {row.origin for row in answers.values()} == {"lianghua/2026.1@2025"}
    assessment = started(session, "sme")
    sheet = load_sheet(session, assessment, framework_by_hash(session, assessment.edition_sha256))
    assert sheet.facts == {}
    session.rollback()
    assert "0 answered" in page.text


def test_a_page_is_confirmed_at_once_and_only_that_page(session: Session, place: Place) -> None:
    shown = place.begin("sme")
    desk = Desk(place.browser, shown.path.split("/sections")[0])
    desk.send(shown, confirm="1")
    answers = stored(session, "sme")
    states = {name: row.state for name, row in answers.items()}
    edition = framework_by_hash(session, started(session, "sme").edition_sha256).edition
    session.rollback()
    first = {name for name in edition.sections[0].questions if name in states and f'value="{name}"' in shown.html}
    assert first
    assert {states[name] for name in first} == {"answered"}
    assert {state for name, state in states.items() if name not in first} == {"proposed"}  # nobody has seen them


def test_what_is_confirmed_keeps_how_it_came_and_its_history(session: Session, place: Place) -> None:
    shown = place.begin("sme")
    desk = Desk(place.browser, shown.path.split("/sections")[0])
    desk.send(shown, confirm="1")
    row = next(row for row in stored(session, "sme").values() if row.state == "answered")
    query = select(AnswerVersion.state).where(AnswerVersion.question_id == row.question_id)
    query = query.where(AnswerVersion.assessment_id == row.assessment_id).order_by(AnswerVersion.version)
    assert list(session.scalars(query)) == ["proposed", "answered"]
    assert row.source in ("carried_over", "derived")
    session.rollback()


def test_going_on_without_confirming_confirms_nothing(session: Session, place: Place) -> None:
    shown = place.begin("sme")
    desk = Desk(place.browser, shown.path.split("/sections")[0])
    desk.send(shown)
    assert {row.state for row in stored(session, "sme").values()} == {"proposed"}
    session.rollback()


def test_a_proposed_answer_that_is_changed_is_what_was_typed(session: Session, place: Place) -> None:
    shown = place.begin("sme")
    base = shown.path.split("/sections")[0]
    name = framework_by_hash(session, started(session, "sme").edition_sha256).edition.asked_by["equipment_digital"]
    session.rollback()
    reply = Desk(place.browser, base).save(name, {"equipment_digital": "10", "equipment_total": "150"}, version=1)
    assert reply.status_code == 200
    row = next(row for row in stored(session, "sme").values() if row.facts.get("equipment_digital") == "10")
    assert (row.state, row.source) == ("answered", "typed")
    session.rollback()


def test_a_framework_is_begun_once_for_a_period(session: Session, place: Place) -> None:
    place.begin("sme")
    place.begin("sme", 409)
    page = place.browser.get(f"{place.base}/frameworks")
    assert "Continue" in page.text


@pytest.mark.parametrize("framework", ["lianghua", "nonsense"])
def test_there_is_nothing_to_begin_under_the_same_framework_or_none(place: Place, framework: str) -> None:
    place.begin(framework, 404)


def test_the_other_framework_stands_on_the_home_page_and_the_main_one_goes_on(place: Place) -> None:
    place.begin("sme")
    page = place.browser.get(f"/t/{place.tenant_id}/")
    assert "Other frameworks" in page.text
    assert "Start with 2025" not in page.text
    assert "Start with 2026" in page.text


def test_a_viewer_sees_the_page_and_begins_nothing(
    app: Any, session: Session, clock: FixedClock, tenant: Tenant, place: Place
) -> None:
    viewer = make_user(session, name="李梅")
    add_member(session, tenant, viewer, "viewer", clock)
    session.commit()
    browser = Browser(app.test_client())
    sign_in(browser.client, viewer)
    session.rollback()
    page = browser.get(f"{place.base}/frameworks")
    assert "Begin with these answers" not in page.text
    browser.post(f"{place.base}/frameworks/sme", {}, 403)


def test_a_whole_result_under_another_framework(session: Session, place: Place) -> None:
    """The express list: confirm what follows, answer the rest, submit, and read the result."""
    shown = place.begin("dii")
    base = shown.path.split("/sections")[0]
    desk = Desk(place.browser, base)
    assessment = started(session, "dii")
    edition = framework_by_hash(session, assessment.edition_sha256).edition
    session.rollback()
    for question in (edition.questions[name] for name in edition.order):
        fact = edition.facts[question.facts[0]]
        value = "true" if fact.type == "yesno" else fact.option_ids()[-1]
        version = 1 if question.id in stored(session, "dii") else 0
        session.rollback()
        assert desk.save(question.id, {fact.id: value}, version).status_code == 200
    page = desk.submit(**DECLARATION)
    assert page.path == f"{base}/result"
    assert "Very high" in page.text
    found = submission_of(session, started(session, "dii"))
    assert found is not None
    document = json.loads(found.document)
    assert (document["score"]["level"], document["score"]["capability"]["exact"]) == (4, "100")
    session.rollback()
    assert "100.00" in place.browser.get(f"/t/{place.tenant_id}/").text
