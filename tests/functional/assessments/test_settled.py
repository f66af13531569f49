"""A level that can no longer change: what is shown while answering, the shortest way, submitting without the rest."""

from __future__ import annotations

import json
import re
from contextlib import suppress
from fractions import Fraction

import pytest
from sqlalchemy.orm import Session

from maturity.assessments.answering import QuestionNotAsked
from maturity.assessments.models import Assessment, Submission
from maturity.assessments.submission import is_genuine, submission_of
from maturity.clock import FixedClock
from maturity.editions.service import framework_by_hash
from maturity.questionnaires.values import to_json
from tests.answers import worst_value
from tests.factories.assessments import DECLARATION, answer, answer_all
from tests.functional.assessments.desk import Desk

SETTLED = {**DECLARATION, "as_settled": "y", "queries_confirmed": "y"}
#: two dimensions whose gates stop the second stage when all of their questions are answered at the lowest
LOW = ("infrastructure", "governance", "security")


def answer_low(session: Session, draft: Assessment, clock: FixedClock) -> None:
    """Answer whole sections at their lowest: the first stage is then certain and much is open."""
    framework = framework_by_hash(session, draft.edition_sha256)
    edition = framework.edition
    names = [name for section in LOW for name in edition.section(section).questions]
    names += ["digital_equipment", "automated_equipment"]
    asked = {"it_operations_5y": "0", "it_total_5y": "10", "staff_total": "420", "it_investment": "1"}
    asked |= {"operating_revenue": "36000", "computers": "1", "it_staff": "0", "staff_trained": "0"}
    asked |= {"staff_relevant": "300", "equipment_digital": "0", "equipment_total": "150"}
    asked |= {"assets_automated": "0", "assets_equipment": "9000"}
    for name in names:
        if name not in edition.questions:
            continue
        facts = edition.questions[name].facts
        changes = {fact: asked.get(fact, to_json(worst_value(edition.facts[fact]))) for fact in facts}
        with suppress(QuestionNotAsked):  # what this enterprise is not asked
            answer(session, draft, name, clock, **changes)
    session.commit()


@pytest.fixture
def settled(session: Session, draft: Assessment, desk: Desk, clock: FixedClock) -> Desk:
    answer_low(session, draft, clock)
    return desk


def submitted(session: Session, draft: Assessment) -> Submission:
    session.expire_all()
    found = submission_of(session, draft)
    assert found is not None
    return found


def test_a_blank_sheet_says_what_is_still_possible_and_offers_the_shortest_way(desk: Desk) -> None:
    page = desk.open("infrastructure")
    assert "Still possible: Initial construction to Innovation" in page.text
    assert f"{desk.base}/shortest" in page.html


def test_the_part_that_is_fetched_after_a_save_says_the_same(desk: Desk, settled: Desk) -> None:
    part = desk.browser.client.get(f"{desk.base}/reachable")
    assert part.status_code == 200
    assert "cannot change your level" in part.get_data(as_text=True)


def test_the_shortest_way_asks_a_few_questions_and_goes_on_where_it_is_shortest(desk: Desk) -> None:
    first = desk.browser.get(f"{desk.base}/shortest")
    asked = first.html.count('name="question"')
    assert asked == 5
    following = desk.send(first)
    assert following.path == f"{desk.base}/shortest"


def test_what_is_wrong_on_the_shortest_way_stays_with_its_message(desk: Desk) -> None:
    shown = desk.browser.get(f"{desk.base}/shortest")
    field = re.findall(r'inputmode="decimal"[^>]* name="([^"]+)"', shown.html)[0]
    page = desk.send(shown, status=422, **{field.replace(".", "__"): "many"})
    assert "Some answers could not be saved" in page.text
    assert 'value="many"' in page.html


def test_a_settled_level_can_be_submitted_only_when_that_is_said(settled: Desk) -> None:
    page = settled.submit(status=422, **DECLARATION)
    assert "Tick that you submit the settled level, or answer the questions left." in page.text


def test_an_unsettled_sheet_cannot_be_submitted_by_ticking(desk: Desk) -> None:
    page = desk.submit(status=422, **SETTLED)
    assert "Before you can submit" in page.text


def test_the_settled_result_is_a_level_with_a_range_and_names_what_is_open(
    session: Session, draft: Assessment, settled: Desk
) -> None:
    page = settled.submit(**SETTLED)
    assert page.path == f"{settled.base}/result"
    assert "The level was settled before everything was answered" in page.text
    submission = submitted(session, draft)
    document = json.loads(submission.document)
    assert submission.level == document["score"]["level"] == 1
    low = Fraction(document["score"]["capability"]["exact"])
    high = Fraction(document["score"]["range"]["capability"]["exact"])
    assert low < high
    assert submission.capability_most is not None
    assert submission.capability <= submission.capability_most
    assert len(document["unanswered"]) > 10
    session.rollback()


def test_a_settled_result_is_scored_again_to_the_same_bytes(session: Session, draft: Assessment, settled: Desk) -> None:
    settled.submit(**SETTLED)
    assert is_genuine(session, submitted(session, draft))
    session.rollback()


def test_what_is_open_cannot_change_the_submitted_level(
    session: Session, draft: Assessment, settled: Desk, clock: FixedClock
) -> None:
    settled.submit(**SETTLED)
    document = json.loads(submitted(session, draft).document)
    session.rollback()
    settled.browser.post(f"{settled.base}/revise", {})
    session.expire_all()
    revision = session.query(Assessment).filter_by(status="draft").one()
    answer_all(session, revision, clock)
    session.commit()
    base = f"/t/{revision.tenant_id}/assessments/{revision.id}"
    session.rollback()
    settled.browser.post(f"{base}/submit", {**DECLARATION, "queries_confirmed": "y"})
    session.expire_all()
    whole = json.loads(session.query(Submission).filter_by(capability_most=None).one().document)
    session.rollback()
    assert whole["score"]["level"] == document["score"]["level"]
    total = Fraction(whole["score"]["capability"]["exact"])
    assert Fraction(document["score"]["capability"]["exact"]) <= total
    assert total <= Fraction(document["score"]["range"]["capability"]["exact"])


def test_a_settled_result_has_no_report_and_no_charts(settled: Desk) -> None:
    settled.submit(**SETTLED)
    assert settled.browser.client.post(f"{settled.base}/documents/report").status_code == 404
    assert settled.browser.client.get(f"{settled.base}/charts/dimensions.svg").status_code == 404
