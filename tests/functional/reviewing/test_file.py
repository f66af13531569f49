"""The file of a case: what a reviewer sees and keeps, and who else sees nothing."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from maturity.adaptive.framework import load_framework
from maturity.audit.models import AuditEvent
from maturity.certification.models import CaseItem, CertificationCase
from maturity.clock import FixedClock
from maturity.tenancy.models import ReviewAssignment
from tests.conftest import Browser
from tests.factories.certification_review import Review, make_review_body, make_reviewer
from tests.factories.people import keep
from tests.functional.reviewing.conftest import SignedIn, body_of, file_of

JSON = {"Accept": "application/json"}
EDITION = load_framework("lianghua/2026.1").edition


def items(session: Session, review: Review) -> list[CaseItem]:
    session.rollback()
    found = list(session.scalars(select(CaseItem).where(CaseItem.case_id == review.case_id)))
    let_go(session)
    return found


def case_of(session: Session, review: Review) -> CertificationCase:
    session.rollback()
    case = session.scalars(select(CertificationCase).where(CertificationCase.id == review.case_id)).one()
    let_go(session)
    return case


def let_go(session: Session) -> None:
    """Reading one of these later must not begin a transaction."""
    session.expunge_all()
    session.rollback()


def choice_item(session: Session, review: Review) -> tuple[str, str, str]:
    """A question of the sample with one choice: its id, its fact, and the lowest option."""
    for item in items(session, review):
        question = EDITION.questions[item.question_id]
        fact = EDITION.facts[question.facts[0]]
        if len(question.facts) == 1 and fact.type == "choice":
            return question.id, fact.id, fact.option_ids()[0]
    raise AssertionError("the sample has a question with a choice")


def send(browser: Browser, review: Review, question_id: str, **fields: Any) -> Any:
    data = {"version": "0", "note": ""} | fields
    return browser.client.post(file_of(review, "items", question_id), data=data, headers=JSON)


def test_the_file_shows_each_answer_of_the_sample_with_its_evidence_and_three_verdicts(
    session: Session, review: Review, lead: Browser
) -> None:
    page = lead.get(file_of(review))
    sampled = items(session, review)
    assert page.html.count('data-item="') == len(sampled) > 10
    assert page.html.count('value="not_evidenced"') == len(sampled)


def test_a_verdict_is_kept_with_its_reviewer(session: Session, review: Review, lead: Browser) -> None:
    name = items(session, review)[0].question_id
    reply = send(lead, review, name, verdict="confirmed")
    assert reply.status_code == 200
    assert reply.json["version"] == 1
    item = next(item for item in items(session, review) if item.question_id == name)
    assert (item.verdict, item.judged_name, item.version) == ("confirmed", "赵评审", 1)


def test_the_same_verdict_again_after_a_lost_reply_is_acknowledged(
    session: Session, review: Review, lead: Browser
) -> None:
    name = items(session, review)[0].question_id
    send(lead, review, name, verdict="confirmed")
    again = send(lead, review, name, verdict="confirmed")
    assert (again.status_code, again.json["version"]) == (200, 1)


def test_a_second_reviewer_does_not_overwrite_the_first(
    session: Session, review: Review, lead: Browser, as_user: SignedIn
) -> None:
    name = items(session, review)[0].question_id
    send(lead, review, name, verdict="confirmed")
    other = as_user(review.reviewer)
    reply = send(other, review, name, verdict="not_evidenced", note="没有看到台账")
    assert (reply.status_code, reply.json["version"]) == (409, 1)
    assert "赵评审" in reply.json["message"]
    kept = send(other, review, name, verdict="not_evidenced", note="没有看到台账", version="1")
    assert kept.status_code == 200


def test_a_correction_is_read_as_the_question_reads_its_answers(
    session: Session, review: Review, lead: Browser
) -> None:
    name, fact, option = choice_item(session, review)
    nonsense = send(lead, review, name, verdict="corrected", note="现场不符", **{fact: "no such option"})
    assert nonsense.status_code == 422
    assert fact in nonsense.json["fields"]
    kept = send(lead, review, name, verdict="corrected", note="现场不符", **{fact: option})
    assert kept.status_code == 200
    item = next(item for item in items(session, review) if item.question_id == name)
    assert item.facts == {fact: option}


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"verdict": "not_evidenced"}, "Say what was seen"),
        ({"verdict": "perhaps"}, "Choose confirmed"),
        ({"verdict": "corrected", "note": "why"}, "Fill in every field"),
        ({"verdict": "not_evidenced", "note": "x" * 2001}, "Shorten"),
    ],
)
def test_what_is_no_verdict_is_refused_with_the_mend(
    session: Session, review: Review, lead: Browser, fields: dict[str, str], said: str
) -> None:
    name, _fact, _option = choice_item(session, review)
    reply = send(lead, review, name, **fields)
    assert reply.status_code == 422
    assert said in reply.json["message"]


def test_what_was_typed_stays_on_the_page_without_scripts(session: Session, review: Review, lead: Browser) -> None:
    name, _fact, _option = choice_item(session, review)
    data = {"version": "0", "verdict": "corrected", "note": "门口的设备没有联网"}
    page = lead.post(file_of(review, "items", name), data, status=422)
    assert "门口的设备没有联网" in page.html
    assert "Fill in every field" in page.html


def test_a_file_opened_is_a_visit_in_the_log_of_the_enterprise(session: Session, review: Review, lead: Browser) -> None:
    lead.get(file_of(review))
    lead.get(file_of(review))
    session.rollback()
    opened = select(AuditEvent).where(AuditEvent.event == "review.opened", AuditEvent.tenant_id == review.client_id)
    assert len(session.scalars(opened).all()) == 1
    session.rollback()


def test_nobody_without_a_part_in_the_case_finds_its_file(manager: Browser, review: Review) -> None:
    manager.get(file_of(review), status=404)


def test_a_reviewer_of_another_body_finds_nothing(
    session: Session, clock: FixedClock, review: Review, as_user: SignedIn
) -> None:
    body, _owner = make_review_body(session, clock, name="泰山认证")
    stranger = make_reviewer(session, body, clock, name="外人")
    body_id = body.id
    keep(session)
    browser = as_user(stranger)
    browser.get(file_of(review), status=404)
    browser.get(f"/t/{body_id}/cases/{review.case_id}/review", status=404)
    browser.get(f"/t/{body_id}/cases/{review.case_id}/minutes.pdf", status=404)


def test_the_people_of_the_enterprise_do_not_see_the_file(review: Review, as_user: SignedIn) -> None:
    as_user(review.client_owner).get(file_of(review), status=403)


def test_whoever_decides_reads_the_file_and_judges_nothing(session: Session, review: Review, as_user: SignedIn) -> None:
    decider = as_user(review.decider)
    page = decider.get(file_of(review))
    assert "data-verdict " not in page.html
    name = items(session, review)[0].question_id
    assert send(decider, review, name, verdict="confirmed").status_code == 409


def test_an_answer_is_added_by_hand_for_a_reason(session: Session, review: Review, lead: Browser) -> None:
    page = lead.get(file_of(review))
    rest = page.html.split('name="question">')[1].split("</select>")[0].split('value="')[1].split('"')[0]
    empty = lead.post(file_of(review, "items"), {"question": rest, "reason": " "}, status=422)
    assert "Say why this answer is verified" in empty.html
    lead.post(file_of(review, "items"), {"question": rest, "reason": "与现场介绍不一致"})
    added = next(item for item in items(session, review) if item.question_id == rest)
    assert (added.reason, added.chosen_because) == ("chosen", "与现场介绍不一致")


def test_a_verdict_that_moves_takes_the_kept_result_back(session: Session, review: Review, lead: Browser) -> None:
    for item in items(session, review):
        send(lead, review, item.question_id, verdict="confirmed")
    lead.post(file_of(review, "result"))
    assert case_of(session, review).reviewed_sha256 is not None
    name = items(session, review)[0].question_id
    send(lead, review, name, verdict="not_evidenced", note="没有看到", version="1")
    assert case_of(session, review).reviewed_sha256 is None


def test_a_file_is_closed_when_the_part_is_ended(
    session: Session, review: Review, lead: Browser, manager: Browser
) -> None:
    mine = ReviewAssignment.case_id == review.case_id, ReviewAssignment.user_id == review.lead.id
    assignment_id = session.scalars(select(ReviewAssignment.id).where(*mine)).one()
    session.rollback()
    manager.post(body_of(review, "cases", str(review.case_id), "assignments", str(assignment_id), "end"))
    lead.get(file_of(review), status=404)
