"""Findings: drafted from verdicts by what they cost, sent in one letter with their days, closed by what was seen."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from maturity.certification.cases import Actor, case_for, findings_of, move
from maturity.certification.models import Finding
from maturity.certification.process import the_process
from maturity.clock import FixedClock
from maturity.db import for_tenant
from maturity.errors import Conflict, Invalid, NotFound
from maturity.reviewing.findings import (
    FindingText,
    add_finding,
    close_finding,
    draft_findings,
    drop_draft,
    find_finding,
    grade_of,
    return_finding,
    word_finding,
)
from maturity.reviewing.opened import ReviewFile
from maturity.reviewing.verdicts import Verdict
from tests.factories.certification_review import Review, actor, judge_all, make_review, open_file

pytestmark = pytest.mark.database
MINOR = FindingText("minor", "培训记录不完整", None)


@pytest.fixture
def review(session: Session, clock: FixedClock) -> Review:
    return make_review(session, clock)


@contextmanager
def file_of(session: Session, review: Review, clock: FixedClock) -> Iterator[tuple[ReviewFile, Actor]]:
    with for_tenant(session, review.client_id):
        yield open_file(session, review, review.lead, clock), actor(review.lead, review.body_id)


def enterprise(review: Review) -> Actor:
    return Actor(review.client_owner.id, "王建国", "enterprise", review.client_id)


def send(session: Session, review: Review, clock: FixedClock) -> None:
    with file_of(session, review, clock) as (opened, lead):
        move(session, opened.case, "send_letter", lead, clock)


def answer(session: Session, review: Review, clock: FixedClock) -> None:
    """As the enterprise does on its own page: every finding that was sent, and handed in."""
    with for_tenant(session, review.client_id):
        case = case_for(session, review.case_id, review.client_id)
        for finding in findings_of(session, case):
            if finding.state == "open" and finding.grade != "observation":
                finding.state, finding.answer, finding.answered_at = "answered", "已补齐", clock.now()
        session.flush()
        move(session, case, "answer_findings", enterprise(review), clock)


def test_each_verdict_that_is_no_confirmation_is_drafted_once_and_numbered(
    session: Session, clock: FixedClock, review: Review
) -> None:
    with file_of(session, review, clock) as (opened, lead):
        names = list(opened.items)[:3]
        judge_all(session, review, clock, **{name: Verdict("not_evidenced", "无台账", {}, 0) for name in names})
        fresh = open_file(session, review, review.lead, clock)
        drafted = draft_findings(session, fresh, lambda item: item.note, lead, clock)
        assert [item.number for item in drafted] == [1, 2, 3]
        assert {item.question_id for item in drafted} == set(names)
        assert draft_findings(session, fresh, lambda item: item.note, lead, clock) == []
        assert {item.state for item in drafted} == {"draft"}
    assert findings_of(session, opened.case) == []  # the enterprise sees no drafts


def test_a_verdict_is_graded_by_what_it_alone_costs(session: Session, clock: FixedClock, review: Review) -> None:
    with file_of(session, review, clock) as (opened, _lead):
        names = dict.fromkeys(opened.items, Verdict("not_evidenced", "无台账", {}, 0))
        judge_all(session, review, clock, **names)
        fresh = open_file(session, review, review.lead, clock)
        grades = {item.question_id: grade_of(fresh, item) for item in fresh.items.values()}
    assert set(grades.values()) <= {"major", "minor", "observation"}
    heavy = max(fresh.items.values(), key=lambda item: item.weight)
    assert grades[heavy.question_id] != "observation"


@pytest.mark.parametrize(
    ("given", "code"),
    [
        (FindingText("severe", "x", None), "finding_grade"),
        (FindingText("minor", "  ", None), "finding_text"),
        (FindingText("minor", "x" * 2001, None), "finding_text_long"),
    ],
)
def test_what_is_no_finding_is_refused(
    session: Session, clock: FixedClock, review: Review, given: FindingText, code: str
) -> None:
    with file_of(session, review, clock) as (opened, lead), pytest.raises(Invalid, match=code):
        add_finding(session, opened, given, lead, clock)


def test_a_day_that_has_passed_is_no_deadline(session: Session, clock: FixedClock, review: Review) -> None:
    given = FindingText("minor", "x", clock.today() - timedelta(days=1))
    with file_of(session, review, clock) as (opened, lead), pytest.raises(Invalid, match="finding_due"):
        add_finding(session, opened, given, lead, clock)


def test_a_finding_about_an_answer_outside_the_sample_is_refused(
    session: Session, clock: FixedClock, review: Review
) -> None:
    given = FindingText("minor", "x", None, "no_such_question")
    with file_of(session, review, clock) as (opened, lead), pytest.raises(NotFound):
        add_finding(session, opened, given, lead, clock)


def drafted(session: Session, review: Review, clock: FixedClock, given: FindingText = MINOR) -> uuid.UUID:
    with file_of(session, review, clock) as (opened, lead):
        return add_finding(session, opened, given, lead, clock).id


def found(session: Session, review: Review, finding_id: uuid.UUID) -> Finding:
    return find_finding(session, case_for(session, review.case_id, review.client_id), finding_id)


def test_one_letter_sends_every_draft_with_its_day(session: Session, clock: FixedClock, review: Review) -> None:
    agreed = clock.today() + timedelta(days=20)
    small, own = drafted(session, review, clock), drafted(session, review, clock, FindingText("minor", "约定", agreed))
    large = drafted(session, review, clock, FindingText("major", "停用", None))
    send(session, review, clock)
    periods = the_process()
    with for_tenant(session, review.client_id):
        due = {key: found(session, review, key).due_on for key in (small, own, large)}
        assert due[small] == clock.today() + timedelta(days=periods.period("correction_minor_days"))
        assert due[large] == clock.today() + timedelta(days=periods.period("correction_major_days"))
        assert due[own] == agreed
        case = case_for(session, review.case_id, review.client_id)
        assert (case.state, case.due_on) == ("correcting", max(filter(None, due.values())))
        assert {item.state for item in findings_of(session, case)} == {"open"}


def test_a_letter_without_findings_is_not_sent(session: Session, clock: FixedClock, review: Review) -> None:
    with pytest.raises(Conflict, match="step_findings_open"):
        send(session, review, clock)


def test_what_was_sent_is_neither_reworded_nor_dropped(session: Session, clock: FixedClock, review: Review) -> None:
    one = drafted(session, review, clock)
    send(session, review, clock)
    answer(session, review, clock)
    with file_of(session, review, clock) as (opened, _lead):
        finding = found(session, review, one)
        with pytest.raises(Conflict, match="finding_sent"):
            word_finding(session, opened, finding, FindingText("minor", "other", None), clock)
        with pytest.raises(Conflict, match="finding_sent"):
            drop_draft(session, opened, finding)


def test_while_the_enterprise_corrects_nothing_is_closed(session: Session, clock: FixedClock, review: Review) -> None:
    one = drafted(session, review, clock)
    send(session, review, clock)
    with file_of(session, review, clock) as (opened, lead), pytest.raises(Conflict, match="review_closed"):
        close_finding(session, opened, found(session, review, one), "seen", lead, clock)


def test_a_correction_is_closed_by_what_was_seen(session: Session, clock: FixedClock, review: Review) -> None:
    one = drafted(session, review, clock)
    send(session, review, clock)
    answer(session, review, clock)
    with file_of(session, review, clock) as (opened, lead):
        finding = found(session, review, one)
        with pytest.raises(Invalid, match="finding_seen"):
            close_finding(session, opened, finding, " ", lead, clock)
        close_finding(session, opened, finding, "补齐的记录已核对", lead, clock)
        assert (finding.state, finding.closing, finding.closed_by) == ("closed", "补齐的记录已核对", review.lead.id)


def test_a_correction_that_does_not_hold_goes_out_again(session: Session, clock: FixedClock, review: Review) -> None:
    one = drafted(session, review, clock)
    send(session, review, clock)
    answer(session, review, clock)
    with file_of(session, review, clock) as (opened, lead):
        return_finding(session, opened, found(session, review, one), "仍缺两个月", None, lead, clock)
        assert found(session, review, one).state == "open"
    send(session, review, clock)
    with for_tenant(session, review.client_id):
        assert case_for(session, review.case_id, review.client_id).state == "correcting"


def test_an_unanswered_finding_is_not_closed_but_an_observation_may_be(
    session: Session, clock: FixedClock, review: Review
) -> None:
    one = drafted(session, review, clock)
    seen = drafted(session, review, clock, FindingText("observation", "建议", None))
    send(session, review, clock)
    answer(session, review, clock)
    with file_of(session, review, clock) as (opened, lead):
        return_finding(session, opened, found(session, review, one), "缺", None, lead, clock)
        with pytest.raises(Conflict, match="finding_not_answered"):
            close_finding(session, opened, found(session, review, one), "seen", lead, clock)
        close_finding(session, opened, found(session, review, seen), "已告知", lead, clock)
