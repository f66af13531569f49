"""Between opening the file and writing, others move on: what was read a moment ago decides about nothing.

What somebody else has committed meanwhile is written past the session here, which keeps what it has read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from maturity.certification.cases import Actor
from maturity.certification.models import CaseItem, CertificationCase
from maturity.clock import FixedClock
from maturity.db import for_tenant
from maturity.errors import Conflict
from maturity.reviewing.drawing import add_by_hand
from maturity.reviewing.findings import FindingText, add_finding, draft_findings
from maturity.reviewing.opened import ReviewFile
from maturity.reviewing.rescoring import complete_review
from maturity.reviewing.verdicts import Verdict, judge
from tests.factories.certification_review import CONFIRMED, Review, actor, judge_all, make_review, open_file

pytestmark = pytest.mark.database
Doing = Callable[[Session, ReviewFile, Actor, FixedClock], Any]
NOT_SEEN = Verdict("not_evidenced", "Nothing was shown.", {}, 0)


@pytest.fixture
def review(session: Session, clock: FixedClock) -> Review:
    return make_review(session, clock)


@contextmanager
def file_of(session: Session, review: Review, clock: FixedClock) -> Iterator[tuple[ReviewFile, Actor]]:
    with for_tenant(session, review.client_id):
        yield open_file(session, review, review.lead, clock), actor(review.lead, review.body_id)


def by_somebody_else(session: Session, table: type[Any], *where: Any, **values: Any) -> None:
    statement = update(table).where(*where).values(**values)
    session.execute(statement, execution_options={"synchronize_session": False})


def _judge(session: Session, opened: ReviewFile, who: Actor, clock: FixedClock) -> None:
    judge(session, opened, next(iter(opened.items)), CONFIRMED, who, clock)


def _add_item(session: Session, opened: ReviewFile, who: Actor, clock: FixedClock) -> None:
    question = next(item.id for item in opened.submitted.answered() if item.id not in opened.items)
    add_by_hand(session, opened, question, "It was mentioned.", who, clock)


def _find(session: Session, opened: ReviewFile, who: Actor, clock: FixedClock) -> None:
    add_finding(session, opened, FindingText("major", "No procedure.", None), who, clock)


def _draft(session: Session, opened: ReviewFile, who: Actor, clock: FixedClock) -> None:
    draft_findings(session, opened, lambda item: item.note, who, clock)


@pytest.mark.parametrize("doing", [_judge, _add_item, _find, _draft, complete_review])
def test_nothing_is_written_once_somebody_has_recommended(
    session: Session, clock: FixedClock, review: Review, doing: Doing
) -> None:
    """Or the certificate would say what the verdicts beside it do not."""
    with file_of(session, review, clock) as (opened, who):
        by_somebody_else(session, CertificationCase, CertificationCase.id == review.case_id, state="recommended")
        assert opened.judges, "it was so when the file was opened"
        with pytest.raises(Conflict) as refused:
            doing(session, opened, who, clock)
    assert refused.value.code == "review_closed"


def test_the_result_is_frozen_from_the_verdicts_as_they_stand(
    session: Session, clock: FixedClock, review: Review
) -> None:
    judge_all(session, review, clock)
    with file_of(session, review, clock) as (opened, who):
        question = next(iter(opened.items))
        here = (CaseItem.case_id == review.case_id, CaseItem.question_id == question)
        by_somebody_else(session, CaseItem, *here, verdict="not_evidenced", note=NOT_SEEN.note, version=2)
        complete_review(session, opened, who, clock)
        assert f'"{question}":"not_evidenced"' in (opened.case.reviewed_document or "")


def test_a_result_is_not_frozen_over_an_answer_that_somebody_has_just_added(
    session: Session, clock: FixedClock, review: Review
) -> None:
    judge_all(session, review, clock)
    with file_of(session, review, clock) as (opened, who):
        other = open_file(session, review, review.reviewer, clock)
        _add_item(session, other, actor(review.reviewer, review.body_id), clock)
        with pytest.raises(Conflict) as refused:
            complete_review(session, opened, who, clock)
    assert refused.value.code == "review_incomplete"
