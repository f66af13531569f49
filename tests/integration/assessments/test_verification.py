"""Stored results can be proved, all of them at once and years later."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from maturity.assessments.models import Submission
from maturity.assessments.submission import Implausible, Incomplete, is_genuine, rescore, verify_all
from maturity.clock import FixedClock
from maturity.editions import service as editions
from maturity.errors import Conflict
from maturity.tenancy.models import Tenant
from tests.factories.assessments import answer, answer_all, make_assessment, make_result, submit
from tests.factories.enterprises import make_enterprise
from tests.factories.people import make_user


@pytest.fixture
def two_results(session: Session, tenant: Tenant, clock: FixedClock) -> list[Submission]:
    """A result of each of two enterprises."""
    make_result(session, tenant, clock)
    make_result(session, make_enterprise(session, make_user(session), clock), clock, 2024)
    return list(session.scalars(select(Submission)))


def test_the_proof_covers_every_enterprise(session: Session, two_results: list[Submission]) -> None:
    assert verify_all(session) == (2, [])


def test_no_result_at_all_is_no_fault(session: Session) -> None:
    assert verify_all(session) == (0, [])


def test_one_changed_result_is_named_and_the_rest_still_checked(
    session: Session, two_results: list[Submission]
) -> None:
    two_results[0].document = "nonsense"
    session.flush()
    assert verify_all(session) == (2, [str(two_results[0].id)])


def test_scoring_again_from_the_stored_edition_gives_the_same_bytes(
    session: Session, two_results: list[Submission], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(editions, "_frameworks", {})
    again = editions.canonical(rescore(session, two_results[0]))
    assert again == two_results[0].document.encode()


def test_a_result_on_an_edition_that_was_changed_is_not_genuine(
    session: Session, two_results: list[Submission], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(editions, "_frameworks", {})
    session.execute(editions.EditionRecord.__table__.update().values(bundle="{}"))
    assert not is_genuine(session, two_results[0])
    session.rollback()


def test_the_document_tells_which_remarks_were_confirmed(session: Session, tenant: Tenant, clock: FixedClock) -> None:
    assessment = make_assessment(session, tenant, clock)
    answer_all(session, assessment, clock)
    answer(session, assessment, "first_pass_yield", clock, first_pass_yield={"current": "60", "prior": "95"})
    document = json.loads(submit(session, assessment, clock).document)
    assert document["queries_confirmed"] == ["yield_fell_sharply"]
    assert verify_all(session) == (1, [])


def test_what_is_incomplete_cannot_be_submitted_past_the_page(
    session: Session, tenant: Tenant, clock: FixedClock
) -> None:
    assessment = make_assessment(session, tenant, clock)
    answer_all(session, assessment, clock, but=["it_staff"])
    with pytest.raises(Incomplete) as caught:
        submit(session, assessment, clock)
    assert [question.id for question in caught.value.evaluation.path.unanswered()] == ["it_staff"]


def test_a_contradiction_cannot_be_submitted_past_the_page(session: Session, tenant: Tenant, clock: FixedClock) -> None:
    assessment = make_assessment(session, tenant, clock)
    answer_all(session, assessment, clock)
    answer(session, assessment, "it_staff", clock, it_staff="999")
    with pytest.raises(Implausible) as caught:
        submit(session, assessment, clock)
    assert [finding.rule for finding in caught.value.evaluation.errors] == ["it_staff_within_staff"]


def test_a_submitted_assessment_cannot_be_submitted_again(session: Session, tenant: Tenant, clock: FixedClock) -> None:
    assessment = make_result(session, tenant, clock)
    with pytest.raises(Conflict, match="assessment_submitted"):
        submit(session, assessment, clock)
