"""The sample of a case: drawn once, by a seed that was recorded before and can be drawn by again."""

from __future__ import annotations

import hashlib

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from maturity.audit.models import AuditEvent
from maturity.certification.cases import case_for
from maturity.certification.models import CaseItem, CertificationCase
from maturity.clock import FixedClock
from maturity.db import for_tenant
from maturity.errors import Conflict, Invalid, NotFound
from maturity.reviewing.drawing import add_by_hand, compare_sample, draw, record_seed
from tests.factories.certification_review import Review, actor, make_review, open_file

pytestmark = pytest.mark.database


def case_of(session: Session, review: Review) -> CertificationCase:
    return case_for(session, review.case_id, review.body_id)


def items(session: Session, review: Review) -> list[CaseItem]:
    return list(session.scalars(select(CaseItem).where(CaseItem.case_id == review.case_id)))


def test_a_sample_cannot_be_drawn_before_its_seed_is_on_record(session: Session, clock: FixedClock) -> None:
    review = make_review(session, clock, state="accepted")
    with for_tenant(session, review.body_id), pytest.raises(Conflict, match="sample_without_seed"):
        draw(session, case_of(session, review), actor(review.manager, review.body_id), clock)


def test_a_seed_once_recorded_stays(session: Session, clock: FixedClock) -> None:
    review = make_review(session, clock, state="accepted")
    with for_tenant(session, review.body_id):
        manager = actor(review.manager, review.body_id)
        first = record_seed(session, case_of(session, review), manager, clock)
        assert record_seed(session, case_of(session, review), manager, clock) == first


def test_the_enterprise_gets_the_hash_of_the_seed_and_not_the_seed(session: Session, clock: FixedClock) -> None:
    review = make_review(session, clock, state="planned")
    with for_tenant(session, review.body_id):
        seed = case_of(session, review).seed or ""
        query = select(AuditEvent).where(AuditEvent.event == "review.seed_recorded")
        assert session.scalars(query).one().details["seed"] == seed
    with for_tenant(session, review.client_id):
        told = [row.details for row in session.scalars(select(AuditEvent).where(AuditEvent.event.like("review.%")))]
    assert hashlib.sha256(bytes.fromhex(seed)).hexdigest() in {row.get("sealed") for row in told}
    assert seed not in str(told)


def test_it_is_drawn_once(session: Session, clock: FixedClock) -> None:
    review = make_review(session, clock, state="planned")
    with for_tenant(session, review.body_id), pytest.raises(Conflict, match="sample_drawn_already"):
        draw(session, case_of(session, review), actor(review.manager, review.body_id), clock)


def test_drawn_again_it_is_the_same_and_every_stratum_is_in_it(session: Session, clock: FixedClock) -> None:
    review = make_review(session, clock, state="planned")
    with for_tenant(session, review.body_id):
        assert compare_sample(session, case_of(session, review)).is_same
        assert {"weight", "random"} <= {item.reason for item in items(session, review)}


def test_an_answer_taken_out_or_slipped_in_comes_to_light(session: Session, clock: FixedClock) -> None:
    review = make_review(session, clock, state="planned")
    with for_tenant(session, review.body_id):
        kept = items(session, review)
        gone, changed = kept[0], kept[1]
        changed.reason = "random" if changed.reason == "weight" else "weight"
        session.delete(gone)
        session.flush()
        compared = compare_sample(session, case_of(session, review))
        assert gone.question_id in compared.missing
        assert compared.foreign == (changed.question_id,)


def test_another_seed_draws_another_sample(session: Session, clock: FixedClock) -> None:
    review = make_review(session, clock, state="planned")
    with for_tenant(session, review.body_id):
        case_of(session, review).seed = "0" * 64
        assert not compare_sample(session, case_of(session, review)).is_same


def test_an_answer_added_by_hand_stands_beside_the_sample(session: Session, clock: FixedClock) -> None:
    review = make_review(session, clock)
    with for_tenant(session, review.client_id):
        opened = open_file(session, review, review.lead, clock)
        rest = next(item.id for item in opened.submitted.answered() if item.id not in opened.items)
        lead = actor(review.lead, review.body_id)
        with pytest.raises(Invalid, match="item_reason"):
            add_by_hand(session, opened, rest, "  ", lead, clock)
        with pytest.raises(NotFound):
            add_by_hand(session, opened, "no_such_question", "why", lead, clock)
        add_by_hand(session, opened, rest, "与现场介绍不一致", lead, clock)
        fresh = open_file(session, review, review.lead, clock)
        with pytest.raises(Conflict, match="item_there_already"):
            add_by_hand(session, fresh, rest, "again", lead, clock)
    with for_tenant(session, review.body_id):
        assert compare_sample(session, case_of(session, review)).is_same
