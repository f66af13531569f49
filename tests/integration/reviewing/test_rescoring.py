"""A correction scores again by the same rules: exactly, to the byte, and never upwards for want of proof."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from maturity.adaptive.settled import find_bounds
from maturity.assessments.models import Answer, Submission
from maturity.certification.cases import case_for
from maturity.certification.models import CaseItem, CertificationCase
from maturity.clock import FixedClock
from maturity.db import for_tenant
from maturity.editions.service import canonical, digest
from maturity.errors import Conflict, NotAllowed
from maturity.questionnaires.model import Question
from maturity.reviewing.opened import ReviewFile
from maturity.reviewing.rescoring import (
    changes_between,
    complete_review,
    document_of,
    reviewed_facts,
    reviewed_result,
    weight_reviewed,
)
from maturity.reviewing.verdicts import Verdict, judge
from tests.factories.certification_review import CONFIRMED, Review, actor, judge_all, make_review, open_file

pytestmark = pytest.mark.database
MISSING = Verdict("not_evidenced", "没有看到台账", {}, 0)


@pytest.fixture
def review(session: Session, clock: FixedClock) -> Review:
    return make_review(session, clock)


@pytest.fixture
def opened(session: Session, clock: FixedClock, review: Review) -> ReviewFile:
    with for_tenant(session, review.client_id):
        return open_file(session, review, review.lead, clock)


@pytest.fixture
def give(session: Session, clock: FixedClock, review: Review) -> Callable[[str, Verdict], CaseItem]:
    def given(name: str, verdict: Verdict) -> CaseItem:
        with for_tenant(session, review.client_id):
            fresh = open_file(session, review, review.lead, clock)
            return judge(session, fresh, name, verdict, actor(review.lead, review.body_id), clock)

    return given


def heaviest(opened: ReviewFile) -> Question:
    """The question with one choice on which most hangs."""
    edition = opened.framework.edition
    found = [
        edition.questions[name]
        for name, item in sorted(opened.items.items(), key=lambda pair: -pair[1].weight)
        if [edition.facts[fact].type for fact in edition.questions[name].facts] == ["choice"]
        and item.reason == "weight"
    ]
    return found[0]


def lower(opened: ReviewFile, question: Question) -> Verdict:
    """A correction to the lowest option."""
    fact = opened.framework.edition.facts[question.facts[0]]
    return Verdict("corrected", "现场与申报不符", {fact.id: fact.option_ids()[0]}, 0)


def documents(opened: ReviewFile) -> tuple[Any, Any]:
    return opened.submitted.document, document_of(opened.submitted, opened.items.values(), opened.case)


def test_with_every_answer_confirmed_the_result_is_what_was_submitted(
    session: Session, clock: FixedClock, review: Review, opened: ReviewFile
) -> None:
    judge_all(session, review, clock)
    before, after = documents(opened)
    for part in ("facts", "score", "explanation"):
        assert canonical(after[part]) == canonical(before[part])
    assert not changes_between(opened.framework, before, after).moved


def test_a_correction_counts_as_if_it_had_been_answered(
    opened: ReviewFile, give: Callable[..., CaseItem], session: Session
) -> None:
    question = heaviest(opened)
    item = give(question.id, lower(opened, question))
    before, after = documents(opened)
    assert item.facts is not None
    assert after["facts"][question.facts[0]] == item.facts[question.facts[0]] != before["facts"][question.facts[0]]
    facts = reviewed_facts(opened.submitted, opened.items.values())
    submitted = opened.submitted
    low = find_bounds(opened.framework, submitted.profile, facts, submitted.on).low
    assert Fraction(after["score"]["capability"]["exact"]) == low.capability
    assert Fraction(after["score"]["capability"]["exact"]) < Fraction(before["score"]["capability"]["exact"])


def test_what_changed_is_shown_value_by_value(opened: ReviewFile, give: Callable[..., CaseItem]) -> None:
    question = heaviest(opened)
    give(question.id, lower(opened, question))
    before, after = documents(opened)
    changes = changes_between(opened.framework, before, after)
    assert changes.moved
    assert changes.capability.change < 0
    assert changes.capability.after == Decimal(after["score"]["capability"]["rounded"])
    moved = [row for row in changes.dimensions if row.change]
    assert len(moved) >= 1


def test_a_gate_that_falls_is_told_with_both_values(
    session: Session, clock: FixedClock, review: Review, opened: ReviewFile
) -> None:
    for name in opened.items:
        with for_tenant(session, review.client_id):
            fresh = open_file(session, review, review.lead, clock)
            judge(session, fresh, name, MISSING, actor(review.lead, review.body_id), clock)
    before, after = documents(opened)
    changes = changes_between(opened.framework, before, after)
    assert changes.level_after < changes.level_before
    fallen = [gate for gate in changes.gates if not gate.passed]
    assert fallen
    assert all(gate.before >= gate.threshold > gate.after for gate in fallen)


def test_an_answer_without_proof_leaves_what_is_certain_without_it(
    opened: ReviewFile, give: Callable[..., CaseItem]
) -> None:
    for name in list(opened.items)[:6]:
        give(name, MISSING)
        before, after = documents(opened)
        assert not set(opened.framework.edition.questions[name].facts) & set(after["facts"])
        assert after["unanswered"]
        assert Fraction(after["score"]["capability"]["exact"]) <= Fraction(before["score"]["capability"]["exact"])


def test_the_enterprises_own_answers_stay_as_they_are(
    session: Session, review: Review, opened: ReviewFile, give: Callable[..., CaseItem]
) -> None:
    question = heaviest(opened)
    with for_tenant(session, review.client_id):
        query = select(Answer).where(Answer.question_id == question.id)
        answer = session.scalars(query).one()
        kept, version = dict(answer.facts), answer.version
        give(question.id, lower(opened, question))
        session.refresh(answer)
        assert (answer.facts, answer.version) == (kept, version)
        submission = session.scalars(select(Submission)).one()
        assert digest(submission.document.encode()) == opened.case.submission_sha256


def complete(session: Session, review: Review, clock: FixedClock, *, by: str = "lead") -> CertificationCase:
    with for_tenant(session, review.client_id):
        user = getattr(review, by)
        complete_review(session, open_file(session, review, user, clock), actor(user, review.body_id), clock)
        return case_for(session, review.case_id, review.client_id)


def test_what_is_kept_is_the_canonical_document_and_can_be_made_again_from_the_rows(
    session: Session, clock: FixedClock, review: Review, opened: ReviewFile
) -> None:
    question = heaviest(opened)
    judge_all(session, review, clock, **{question.id: lower(opened, question)})
    case = complete(session, review, clock)
    assert case.reviewed_document is not None
    with for_tenant(session, review.body_id):
        again = canonical(reviewed_result(session, case))
    assert again == case.reviewed_document.encode()
    assert case.reviewed_sha256 == digest(again)
    document = json.loads(again)
    assert case.level_reviewed == document["score"]["level"]
    assert document["review"]["verdicts"][question.id] == "corrected"
    assert Decimal(document["review"]["weight_reviewed"]) == case.weight_reviewed
    assert document["review"]["seed"] == case.seed


def test_the_result_waits_for_the_last_verdict(
    session: Session, clock: FixedClock, review: Review, opened: ReviewFile, give: Callable[..., CaseItem]
) -> None:
    for name in list(opened.items)[1:]:
        give(name, CONFIRMED)
    with pytest.raises(Conflict, match="review_incomplete"):
        complete(session, review, clock)
    give(next(iter(opened.items)), CONFIRMED)
    assert complete(session, review, clock).reviewed_sha256


def test_the_lead_alone_keeps_the_result(session: Session, clock: FixedClock, review: Review) -> None:
    judge_all(session, review, clock)
    with pytest.raises(NotAllowed, match="lead_only"):
        complete(session, review, clock, by="reviewer")


def test_the_share_that_was_reviewed_is_the_weight_of_what_was_looked_at(
    session: Session, clock: FixedClock, review: Review, opened: ReviewFile
) -> None:
    assert weight_reviewed(opened.items.values()) == 0
    judge_all(session, review, clock)
    total = sum(item.weight for item in opened.items.values())
    assert weight_reviewed(opened.items.values()) == round(total, 2) < 100
