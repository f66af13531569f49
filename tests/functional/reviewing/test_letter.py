"""From verdicts to the recommendation on the pages: result, findings, one letter, corrections, recommendation."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from maturity.certification.cases import Actor, case_for, move
from maturity.certification.models import CaseItem, CaseStep, CertificationCase, Finding
from maturity.clock import FixedClock
from maturity.db import for_tenant
from maturity.reviewing.verdicts import Verdict
from tests.conftest import Browser
from tests.factories.certification_review import Review, judge_all
from tests.factories.people import keep
from tests.functional.reviewing.conftest import SignedIn, choice_question, file_of


def judge_rest(session: Session, clock: FixedClock, review: Review, **other: Verdict) -> None:
    judge_all(session, review, clock, **other)
    keep(session)


def case_now(session: Session, review: Review) -> CertificationCase:
    session.rollback()
    case = session.scalars(select(CertificationCase).where(CertificationCase.id == review.case_id)).one()
    session.expunge_all()
    session.rollback()
    return case


def findings(session: Session, review: Review) -> list[Finding]:
    session.rollback()
    found = list(session.scalars(select(Finding).where(Finding.case_id == review.case_id).order_by(Finding.number)))
    session.expunge_all()
    session.rollback()
    return found


def answered_by_the_enterprise(session: Session, clock: FixedClock, review: Review) -> None:
    with for_tenant(session, review.client_id):
        case = case_for(session, review.case_id, review.client_id)
        for finding in session.scalars(select(Finding).where(Finding.case_id == case.id)):
            finding.state, finding.answer = "answered", "已补齐三个月的台账"
            finding.answered_name, finding.answered_at = "王建国", clock.now()
        session.flush()
        owner = Actor(review.client_owner.id, "王建国", "enterprise", review.client_id)
        move(session, case, "answer_findings", owner, clock)
    keep(session)


def test_the_result_page_shows_what_a_correction_changed(
    session: Session, clock: FixedClock, review: Review, lead: Browser
) -> None:
    name, fact, option = choice_question(review, session)
    before = lead.get(file_of(review, "result"))
    assert "The review confirms level and scores." in before.text
    judge_rest(session, clock, review, **{name: Verdict("corrected", "现场不符", {fact: option}, 0)})
    page = lead.get(file_of(review, "result"))
    assert "Answers that do not stand as declared" in page.text
    assert re.search(r"[+−]\d+\.\d\d", page.text)
    assert "Keep this result" in page.text


def test_while_answers_are_open_the_result_cannot_be_kept(session: Session, review: Review, lead: Browser) -> None:
    assert "Keep this result" not in lead.get(file_of(review, "result")).text
    assert "Judge every answer of the sample first" in lead.post(file_of(review, "result"), status=409).text
    assert case_now(session, review).reviewed_sha256 is None


def test_a_finding_is_drafted_reworded_and_dropped(
    session: Session, clock: FixedClock, review: Review, lead: Browser
) -> None:
    name, _fact, _option = choice_question(review, session)
    judge_rest(session, clock, review, **{name: Verdict("not_evidenced", "没有看到台账", {}, 0)})
    assert "1 verdict has no finding yet" in lead.get(file_of(review, "letter")).text
    page = lead.post(file_of(review, "letter", "drafts"))
    assert "没有看到台账" in page.html
    (finding,) = findings(session, review)
    address = file_of(review, "findings", str(finding.id))
    lead.post(address, {"grade": "minor", "text": "缺少台账", "due_on": ""})
    assert [(item.grade, item.text) for item in findings(session, review)] == [("minor", "缺少台账")]
    lead.post(address, {"drop": "1"})
    assert findings(session, review) == []


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"grade": "minor", "text": "  "}, "Say what is wrong"),
        ({"grade": "none", "text": "缺台账"}, "Choose the grade"),
        ({"grade": "minor", "text": "缺台账", "due_on": "soon"}, "Enter a day such as"),
        ({"grade": "minor", "text": "缺台账", "due_on": "2020-01-01"}, "This day has passed"),
    ],
)
def test_what_was_typed_stays_when_a_finding_is_refused(
    session: Session, review: Review, lead: Browser, fields: dict[str, str], said: str
) -> None:
    page = lead.post(file_of(review, "findings"), fields, status=422)
    assert said in page.text
    assert fields["text"].strip() in page.html
    assert findings(session, review) == []


def test_one_letter_sends_everything_and_the_corrections_come_back_to_be_verified(
    session: Session, clock: FixedClock, review: Review, lead: Browser
) -> None:
    agreed = (clock.today() + timedelta(days=20)).isoformat()
    for text, due in (("台账缺三个月", agreed), ("培训记录不全", "")):
        lead.post(file_of(review, "findings"), {"grade": "minor", "text": text, "due_on": due})
    page = lead.get(file_of(review, "letter"))
    assert "2 findings go out" in page.text
    lead.post(file_of(review, "letter"), {"note": "请按期整改"})
    assert case_now(session, review).state == "correcting"
    assert {(item.state, item.due_on is not None) for item in findings(session, review)} == {("open", True)}
    step = select(CaseStep.note).where(CaseStep.case_id == review.case_id, CaseStep.event == "send_letter")
    assert session.scalars(step).one() == "请按期整改"
    session.rollback()
    answered_by_the_enterprise(session, clock, review)
    assert "已补齐三个月的台账" in lead.get(file_of(review, "letter")).text
    first, second = (str(item.id) for item in findings(session, review))
    empty = lead.post(file_of(review, "findings", first, "verify"), {"seen": " "}, status=422)
    assert "Say what was seen" in empty.text
    lead.post(file_of(review, "findings", first, "verify"), {"seen": "已核对"})
    lead.post(file_of(review, "findings", second, "verify"), {"seen": "仍缺签到", "return": "1"})
    assert [item.state for item in findings(session, review)] == ["closed", "open"]
    assert "1 finding goes out" in lead.get(file_of(review, "letter")).text


def test_a_letter_without_findings_is_refused_in_words(review: Review, lead: Browser) -> None:
    page = lead.post(file_of(review, "letter"), status=409)
    assert 'role="alert"' in page.html


def test_the_lead_recommends_once_everything_is_kept_and_closed(
    session: Session, clock: FixedClock, review: Review, lead: Browser, as_user: SignedIn
) -> None:
    early = lead.post(file_of(review, "recommendation"), {"reason": "certify", "note": "证据充分"}, status=409)
    assert "证据充分" in early.html
    judge_rest(session, clock, review)
    lead.post(file_of(review, "result"))
    colleague = as_user(review.reviewer)
    assert "Grounds for whoever decides" not in colleague.get(file_of(review, "recommendation")).text
    colleague.post(file_of(review, "recommendation"), {"reason": "certify"}, status=403)
    unsaid = lead.post(file_of(review, "recommendation"), {"note": "证据充分"}, status=422)
    assert "证据充分" in unsaid.html
    page = lead.post(file_of(review, "recommendation"), {"reason": "certify", "note": "证据充分"})
    assert "The case waits for the decision" in page.text
    case = case_now(session, review)
    assert (case.state, case.recommendation, case.recommended_by) == ("recommended", "certify", review.lead.id)


def test_after_the_recommendation_nothing_is_judged_any_more(
    session: Session, clock: FixedClock, review: Review, lead: Browser
) -> None:
    judge_rest(session, clock, review)
    lead.post(file_of(review, "result"))
    lead.post(file_of(review, "recommendation"), {"reason": "certify", "note": ""})
    session.rollback()
    name = session.scalars(select(CaseItem.question_id).where(CaseItem.case_id == review.case_id)).first()
    session.rollback()
    lead.post(file_of(review, "items", str(name)), {"version": "1", "verdict": "confirmed", "note": ""}, status=409)
    lead.post(file_of(review, "findings"), {"grade": "minor", "text": "x"}, status=409)
